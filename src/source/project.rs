//! `sfdx-project.json`: what a source project says about all of its files.
//!
//! Salesforce's tools read strict JSON: no comments, no trailing commas. What they would refuse is a problem
//! here too, but a byte order mark is taken off, and keys that mean nothing to access are not looked at.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::{Cause, Problem};

/// Largest project file read, in bytes; real ones have a few kilobytes.
const LARGEST: usize = 1 << 20;
/// Most replacements; each is held against every permission file.
const MOST_REPLACEMENTS: usize = 2_000;

/// What a project file says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Project {
    package_directories: Vec<PackageDirectory>,
    namespace: Option<String>,
    source_api_version: Option<String>,
    source_behavior_options: Vec<String>,
    registry_presets: Vec<String>,
    registry_customizations: Option<serde_json::Value>,
    #[serde(skip)]
    leaves_its_folder: bool,
    replacements: Vec<Replacement>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct PackageDirectory {
    path: String,
}

/// What a deployment writes into files on their way to the org.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Replacement {
    filename: Option<String>,
    glob: Option<String>,
    /// What is replaced, and by what: another text is another replacement.
    #[serde(flatten)]
    texts: BTreeMap<String, serde_json::Value>,
}

impl Replacement {
    /// How the path of a file it is for ends, as written.
    pub fn filename(&self) -> Option<&str> {
        self.filename.as_deref()
    }

    /// The glob of the files it is for, as written. A replacement can have both, and then is for either.
    pub fn glob(&self) -> Option<&str> {
        self.glob.as_deref()
    }
}

impl Project {
    /// Reads a project file.
    ///
    /// # Errors
    /// Why Salesforce's tools would not take it.
    pub fn read(json: &[u8]) -> Result<Self, Problem> {
        if json.len() > LARGEST {
            return Err(Problem { at: None, cause: Cause::TooLarge(json.len() as u64) });
        }
        let text = json.strip_prefix("\u{feff}".as_bytes()).unwrap_or(json);
        let shift = json.len() - text.len();
        let mut project: Self = serde_json::from_slice(text).map_err(|error| {
            let at = shift + offset(text, error.line(), error.column());
            Problem { at: Some(at as u32), cause: Cause::Project(error.to_string()) }
        })?;
        // A list of all fields would pass for one, too.
        if !text.trim_ascii_start().starts_with(b"{") {
            return Err(Problem { at: Some(shift as u32), cause: Cause::Project("it is no JSON object".to_owned()) });
        }
        if project.replacements.len() > MOST_REPLACEMENTS {
            return Err(Problem { at: None, cause: Cause::TooLarge(json.len() as u64) });
        }
        project.namespace = project.namespace.filter(|namespace| !namespace.is_empty());
        for directory in &mut project.package_directories {
            project.leaves_its_folder |= leaves(&directory.path);
            directory.path = package_path(&directory.path);
        }
        project.package_directories.sort_by_key(|directory| std::cmp::Reverse(directory.path.len()));
        Ok(project)
    }

    /// The package directories, longest first, normalized; `.` is all of the project.
    pub fn package_directories(&self) -> impl Iterator<Item = &str> {
        self.package_directories.iter().map(|directory| directory.path.as_str())
    }

    /// Whether a package directory lies outside of the project's folder.
    pub fn leaves_its_folder(&self) -> bool {
        self.leaves_its_folder
    }

    /// The package directory a path lies in; `None` outside of all.
    pub fn package(&self, path: &str) -> Option<&str> {
        let inside =
            |package: &&str| *package == "." || path.strip_prefix(*package).is_some_and(|rest| rest.starts_with('/'));
        self.package_directories().find(inside)
    }

    /// Whether a path is in a package directory, or one lies below it.
    pub fn is_about_packages(&self, path: &str) -> bool {
        let below = |upper: &str, lower: &str| {
            upper == "." || lower.strip_prefix(upper).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.package_directories().any(|package| below(package, path) || below(path, package))
    }

    /// Whether a deployment of the project takes a file.
    pub fn deploys(&self, path: &str) -> bool {
        self.package_directories.is_empty() || self.package(path).is_some()
    }

    /// The namespace the project's own components get.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// The API version sources are deployed with, as a number; `None` where none is given, or one that is none.
    pub fn source_api_version(&self) -> Option<u32> {
        let (major, minor) = self.source_api_version.as_deref()?.trim().split_once('.')?;
        major.parse().ok().filter(|_| minor.bytes().all(|digit| digit == b'0'))
    }

    /// Switches of the source format, as `decomposePermissionSetBeta2`, by their present and their former key.
    pub fn source_behavior_options(&self) -> impl Iterator<Item = &str> {
        self.source_behavior_options.iter().chain(&self.registry_presets).map(String::as_str)
    }

    /// What the project says about metadata types and their suffixes, in place of what Salesforce's tools know.
    pub fn registry_customizations(&self) -> Option<&serde_json::Value> {
        let says = |value: &&serde_json::Value| value.as_object().is_none_or(|object| !object.is_empty());
        self.registry_customizations.as_ref().filter(says)
    }

    /// What a deployment replaces in files.
    pub fn replacements(&self) -> &[Replacement] {
        &self.replacements
    }

    /// The name a component of this project has in its files, where `member` names it as an org does: `X` for
    /// `ns__X`, if `ns` is the project's namespace. Any other name is left as it is.
    pub fn local_name<'n>(&self, member: &'n str) -> &'n str {
        let own = |namespace: &str| self.namespace().is_some_and(|own| own.eq_ignore_ascii_case(namespace));
        match namespaced(member) {
            Some((namespace, name)) if own(namespace) => name,
            _ => member,
        }
    }
}

/// Splits `ns__X`: no developer name of a set holds two underscores in a row, so what stands before the first
/// two is a namespace.
pub fn namespaced(member: &str) -> Option<(&str, &str)> {
    member.split_once("__").filter(|(namespace, name)| !namespace.is_empty() && !name.is_empty())
}

/// Whether a package directory leads out of the project's folder.
fn leaves(path: &str) -> bool {
    let path = path.replace('\\', "/");
    let mut depth = 0_i64;
    let climbs = path.split('/').any(|part| {
        depth += match part {
            "" | "." => 0,
            ".." => -1,
            _ => 1,
        };
        depth < 0
    });
    climbs || path.starts_with('/') || path.as_bytes().get(1) == Some(&b':')
}

/// A package directory as `@salesforce/core` understands it, below the root of the project. One that leads elsewhere, or
/// that it would refuse, can hold anything: all of the project counts.
fn package_path(path: &str) -> String {
    const EVERYTHING: &str = ".";
    let path = path.replace('\\', "/");
    let drive = path.as_bytes().get(1) == Some(&b':');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.pop().is_none() => return EVERYTHING.to_owned(),
            ".." => {}
            part => parts.push(part),
        }
    }
    if path.starts_with('/') || drive || parts.is_empty() {
        return EVERYTHING.to_owned();
    }
    parts.join("/")
}

/// The byte at a 1-based line and column, as `serde_json` counts them.
fn offset(text: &[u8], line: usize, column: usize) -> usize {
    let line_start = match line {
        0 | 1 => 0,
        _ => memchr::memchr_iter(b'\n', text).nth(line - 2).map_or(text.len(), |at| at + 1),
    };
    (line_start + column.saturating_sub(1)).min(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(json: &str) -> Project {
        Project::read(json.as_bytes()).unwrap()
    }

    #[test]
    fn packages_are_clean_and_the_longest_counts() {
        let read = project(
            r#"{"packageDirectories":[{"path":"./force-app/"},{"path":"force-app/main/hr","default":true}],"x":{}}"#,
        );
        assert_eq!(read.package_directories().collect::<Vec<_>>(), ["force-app/main/hr", "force-app"]);
        assert_eq!(read.package("force-app/main/hr/a"), Some("force-app/main/hr"));
        assert_eq!(read.package("force-app/main/hrx/a"), Some("force-app"));
        assert_eq!(read.package("force-apps/a"), None);
        assert_eq!(project(r#"{"packageDirectories":[{"path":"."}]}"#).package("anywhere/a"), Some("."));
    }

    #[test]
    fn package_directories_are_normalized_and_in_doubt_everything() {
        for (path, clean) in [
            ("force-app", "force-app"),
            ("docs/.", "docs"),
            ("./docs//hr/", "docs/hr"),
            ("a/../docs", "docs"),
            ("docs\\\\hr", "docs/hr"),
            ("docs/x/..", "docs"),
            (".docs", ".docs"),
            ("", "."),
            (".", "."),
            ("./", "."),
            ("a/..", "."),
            ("../docs", "."),
            ("a/../../docs", "."),
            ("/docs", "."),
            ("C:/docs", "."),
        ] {
            let read = project(&format!(r#"{{"packageDirectories":[{{"path":"{path}"}}]}}"#));
            assert_eq!(read.package_directories().collect::<Vec<_>>(), [clean], "{path}");
        }
    }

    #[test]
    fn what_is_not_said_is_nothing() {
        let empty = project("{}");
        assert_eq!(empty, Project::default());
        assert_eq!((empty.namespace(), empty.source_api_version()), (None, None));
        let template =
            project("\u{feff}{\"namespace\": \"\", \"sourceApiVersion\": \"62.0\", \"packageDirectories\": []}");
        assert_eq!((template.namespace(), template.source_api_version()), (None, Some(62)));
        for odd in ["62", "62.5", "v62.0", "", "-1.0", "99999999999.0"] {
            assert_eq!(project(&format!("{{\"sourceApiVersion\": \"{odd}\"}}")).source_api_version(), None, "{odd}");
        }
    }

    #[test]
    fn own_members_lose_their_namespace() {
        let own = project(r#"{"namespace": "acme"}"#);
        for (member, name) in [
            ("acme__Sales", "Sales"),
            ("ACME__Sales", "Sales"),
            ("acme__Sales__c", "Sales__c"),
            ("other__Sales", "other__Sales"),
            ("acme__", "acme__"),
            ("acme_Sales", "acme_Sales"),
            ("__Sales", "__Sales"),
            ("Sales", "Sales"),
        ] {
            assert_eq!(own.local_name(member), name);
        }
        assert_eq!(Project::default().local_name("acme__Sales"), "acme__Sales");
    }

    #[test]
    fn replacements_name_a_file_or_a_glob() {
        let read = project(
            r#"{"replacements": [{"filename": "a.xml", "stringToReplace": "x", "replaceWithEnv": "Y"},
                {"glob": "**/*.xml", "regexToReplace": "a", "replaceWithFile": "b"}, {"stringToReplace": "x"}],
                "sourceBehaviorOptions": ["decomposePermissionSetBeta2"]}"#,
        );
        let targets: Vec<_> = read.replacements().iter().map(|one| (one.filename(), one.glob())).collect();
        assert_eq!(targets, [(Some("a.xml"), None), (None, Some("**/*.xml")), (None, None)]);
        assert_eq!(read.source_behavior_options().collect::<Vec<_>>(), ["decomposePermissionSetBeta2"]);
        assert_eq!(read.registry_customizations(), None);
    }

    #[test]
    fn what_the_tools_refuse_is_named_with_its_place() {
        for (json, at) in [
            ("", 0),
            ("{\n  \"namespace\": \"a\",\n}", 22),
            ("{ // comment\n}", 2),
            ("{\"namespace\": 1}", 14),
            ("[]", 0),
            ("{\"packageDirectories\": [{}]}", 25),
            ("\u{feff}{", 3),
        ] {
            let problem = Project::read(json.as_bytes()).unwrap_err();
            assert!(matches!(problem.cause, Cause::Project(_)), "{json}");
            assert_eq!(problem.at, Some(at), "{json}: {:?}", problem.cause);
        }
        let large = vec![b' '; LARGEST + 1];
        assert_eq!(Project::read(&large).unwrap_err().cause, Cause::TooLarge(LARGEST as u64 + 1));
        let many = |count: usize| format!("{{\"replacements\": [{}]}}", vec!["{}"; count].join(","));
        assert!(Project::read(many(MOST_REPLACEMENTS).as_bytes()).is_ok());
        let most = many(MOST_REPLACEMENTS + 1);
        assert_eq!(Project::read(most.as_bytes()).unwrap_err().cause, Cause::TooLarge(most.len() as u64));
        let deep = "[".repeat(100_000);
        assert!(Project::read(format!("{{\"x\": {deep}").as_bytes()).is_err());
    }
}
