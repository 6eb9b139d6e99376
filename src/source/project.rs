//! `sfdx-project.json`: the package directories.

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Project {
    #[serde(default)]
    package_directories: Vec<PackageDirectory>,
}

#[derive(Deserialize)]
struct PackageDirectory {
    path: String,
}

/// The package directories a project file lists, longest first; none if it cannot be read.
pub fn package_directories(json: &[u8]) -> Vec<String> {
    let project: Project = match serde_json::from_slice(json) {
        Ok(project) => project,
        Err(_) => return Vec::new(),
    };
    let clean = |path: &str| path.trim_start_matches("./").trim_matches('/').to_owned();
    let mut paths: Vec<String> = project.package_directories.iter().map(|directory| clean(&directory.path)).collect();
    paths.sort_by_key(|path| std::cmp::Reverse(path.len()));
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longest_first_and_clean() {
        let json = br#"{"packageDirectories":[{"path":"./force-app/"},{"path":"force-app/main/hr","default":true}]}"#;
        assert_eq!(package_directories(json), ["force-app/main/hr", "force-app"]);
        assert!(package_directories(b"{").is_empty());
    }
}
