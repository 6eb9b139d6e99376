//! What a deployment takes files for: where that is more than their names say here, a change does not pass in silence.

use git2::{Index, Oid, Repository};
use serde_json::Value;

use crate::gate::{Files, file, history};
use crate::ranges::{path, set};
use crate::support::{FOLDER, Report, blob_entry, commit, repository, temp, text};

const PROJECT: &str = "sfdx-project.json";

/// What a change has to show for itself.
pub(crate) enum Shows {
    /// A finding of a rule, new.
    Finding(&'static str),
    /// A problem in a file, new.
    Problem(String),
    Nothing,
}

pub(crate) struct Case {
    name: &'static str,
    base: Files,
    head: Files,
    shows: Shows,
}

pub(crate) fn case(name: &'static str, base: &[(String, Vec<u8>)], head: &[(String, Vec<u8>)], shows: Shows) -> Case {
    Case { name, base: base.to_vec(), head: [base, head].concat(), shows }
}

/// The project file with more keys.
pub(crate) fn project(folders: &[&str], more: &str) -> (String, Vec<u8>) {
    let folders: Vec<String> = folders.iter().map(|folder| format!("{{\"path\": \"{folder}\"}}")).collect();
    file(PROJECT, format!("{{\"packageDirectories\": [{}]{more}}}", folders.join(", ")))
}

pub(crate) fn a() -> (String, Vec<u8>) {
    (path("A"), set("RunReports"))
}

pub(crate) fn in_folder(name: &str, permission: &str) -> (String, Vec<u8>) {
    file(&format!("{FOLDER}/{name}-meta.xml"), set(permission))
}

pub(crate) fn judge(cases: Vec<Case>) {
    for Case { name, base, head, shows } in cases {
        // The last of a path counts.
        let last = |files: &Files| -> Files {
            let is_last = |at: usize| files[at + 1..].iter().all(|(path, _)| *path != files[at].0);
            (0..files.len()).filter(|at| is_last(*at)).map(|at| files[at].clone()).collect()
        };
        let (base, head) = (last(&base), last(&head));
        let report = Report::of(history(&base, &base, &head).path(), &["check", "main...topic"]);
        let list = |name: &str| report.json[name].as_array().expect("a list").clone();
        let (findings, problems) = (list("findings"), list("problems"));
        let is_new = |one: &&Value| text(one, "state") == "new";
        match &shows {
            Shows::Finding(rule) => {
                assert_eq!(report.status, 1, "{name}: {findings:?} {problems:?}");
                assert!(findings.iter().filter(is_new).any(|one| one["rule"] == *rule), "{name}: {findings:?}");
            }
            Shows::Problem(path) => {
                assert_eq!(report.status, 2, "{name}: {findings:?} {problems:?}");
                assert!(problems.iter().filter(is_new).any(|one| one["path"] == *path), "{name}: {problems:?}");
            }
            Shows::Nothing => assert_eq!(report.status, 0, "{name}: {findings:?} {problems:?}"),
        }
        // On the target branch it is nobody's change.
        let later = [head.clone(), vec![file("docs/notes.txt", "a change elsewhere")]].concat();
        let report = Report::of(history(&head, &head, &later).path(), &["check", "main...topic"]);
        assert_eq!(report.status, 0, "{name}, once it is there: {}", report.json["problems"]);
    }
}

#[test]
fn a_name_that_goes_on_behind_the_suffix() {
    let mut cases = Vec::new();
    for ending in [".bak", ".txt", "~", "_old", ".orig", ".disabled-meta.xml2"] {
        let odd = format!("{}{ending}", path("A"));
        cases.push(case("a copy", &[a()], &[file(&odd, set("ModifyAllData"))], Shows::Problem(odd.clone())));
    }
    let flow = "force-app/flows/Unlock.flow-meta.xml.bak";
    cases.push(case("a flow", &[a()], &[file(flow, "<Flow/>")], Shows::Problem(flow.to_owned())));
    let part = format!("{FOLDER}/A/userPermissions/x.userPermission-meta.xml.txt");
    cases.push(case("a part", &[a()], &[file(&part, set("ModifyAllData"))], Shows::Problem(part.clone())));
    let layout = "force-app/layouts/A.layout-meta.xml.bak";
    cases.push(case("a layout", &[a()], &[file(layout, "x")], Shows::Nothing));
    let other = format!("{FOLDER}/A.permissionset.bak");
    cases.push(case("no source format", &[a()], &[file(&other, set("ModifyAllData"))], Shows::Nothing));
    judge(cases);
}

#[test]
fn parts_count_for_the_set_that_is_deployed() {
    let main = |name: &str| in_folder(&format!("{name}/{name}.permissionset"), "RunReports");
    let part = |path: &str, permission: &str| in_folder(&format!("{path}.userPermission"), permission);
    let privileged = || Shows::Finding("privileged-access-always-on");
    let at = |path: &str| Shows::Problem(format!("{FOLDER}/{path}-meta.xml"));
    judge(vec![
        case("the only file of a set", &[a()], &[part("B", "ModifyAllData")], privileged()),
        case(
            "a set named like a section",
            &[main("userPermissions")],
            &[part("userPermissions/x", "ModifyAllData")],
            privileged(),
        ),
        case("a deeper folder", &[main("My")], &[part("My/Nightly_Sync/x", "ModifyAllData")], privileged()),
        case(
            "a deeper set of its own",
            &[main("My")],
            &[part("My/Evil/Evil", "ViewSetup")],
            at("My/Evil/Evil.userPermission"),
        ),
        case("a folder of nobody", &[a()], &[part("My/Evil/x", "ViewSetup")], at("My/Evil/x.userPermission")),
        case("a part where parts are", &[main("My")], &[part("My/userPermissions/x", "ViewSetup")], Shows::Nothing),
        case(
            "a file that is no part",
            &[main("My")],
            &[in_folder("My/Evil/x.layout", "ModifyAllData")],
            Shows::Nothing,
        ),
    ]);
    // Beside the whole set it is a second writing of it: both count.
    let report = Report::of(
        history(&vec![a()], &vec![a()], &vec![a(), part("A", "ModifyAllData")]).path(),
        &["check", "main...topic"],
    );
    assert_eq!(report.status, 2);
    let found = report.json["findings"].as_array().expect("findings");
    assert!(found.iter().any(|one| one["rule"] == "privileged-access-always-on"), "{found:?}");
}

#[test]
fn a_waiver_for_a_deeper_folder_is_none_for_the_set() {
    let waiver = "[[waiver]]\nrule = \"privileged-access-always-on\"\nholder = \"permissionSet:Nightly_Sync\"\n\
                  grant = \"userPermissions/ModifyAllData\"\nreason = \"r\"\nowner = \"o\"\nexpires = 2999-12-31\n";
    let base = vec![in_folder("My/My.permissionset", "RunReports"), file("permdelta.toml", waiver)];
    let part = in_folder("My/Nightly_Sync/x.userPermission", "ModifyAllData");
    let report =
        Report::of(history(&base, &base, &[base.clone(), vec![part]].concat()).path(), &["check", "main...topic"]);
    let found = report.json["findings"].as_array().expect("findings");
    let own = found.iter().find(|one| one["rule"] == "privileged-access-always-on").expect("a finding");
    assert_eq!((report.status, &own["subject"]["name"], &own["waiver"]), (1, &Value::from("My"), &Value::Null));
}

#[test]
fn replacements_reach_what_they_reach_in_a_deployment() {
    let base = [a(), project(&["force-app"], "")];
    let with = |target: &str| {
        project(
            &["force-app"],
            &format!(", \"replacements\": [{{{target}, \"stringToReplace\": \"a\", \"replaceWithEnv\": \"B\"}}]"),
        )
    };
    let of = |name, target: &str, shows| case(name, &base, &[with(target)], shows);
    let found = || Shows::Finding("replacement-in-permissions");
    let nested = format!("\"glob\": \"{}b{}\"", "{a,".repeat(125), "}".repeat(125));
    judge(vec![
        of("the end of a path", "\"filename\": \"A.permissionset-meta.xml\"", found()),
        of("part of a name", "\"filename\": \".permissionset-meta.xml\"", found()),
        of("a glob from any folder", "\"glob\": \"permissionsets/*\"", found()),
        of("a glob of names", "\"glob\": \"*.permissionset-meta.xml\"", found()),
        of("both, and the glob is for it", "\"filename\": \"x.cls\", \"glob\": \"**/*.xml\"", found()),
        of("both, and the name is for it", "\"filename\": \"A.permissionset-meta.xml\", \"glob\": \"x.cls\"", found()),
        of("more braces than anybody writes", &nested, found()),
        of("another file", "\"filename\": \"B.permissionset-meta.xml\"", Shows::Nothing),
        of("a glob of other files", "\"glob\": \"**/*.cls\"", Shows::Nothing),
    ]);
}

#[test]
fn a_registry_of_the_projects_own() {
    let base = [a(), project(&["force-app"], "")];
    let with = |more: &str| project(&["force-app"], more);
    let found = || Shows::Finding("registry-customized");
    let custom = ", \"registryCustomizations\": {\"suffixes\": {\"grants\": \"permissionset\"}}";
    let changed = [a(), with(", \"registryCustomizations\": {\"suffixes\": {\"other\": \"layout\"}}")];
    judge(vec![
        case("a new suffix", &base, &[with(custom)], found()),
        case("another suffix", &changed, &[with(custom)], found()),
        case("an option of tomorrow", &base, &[with(", \"sourceBehaviorOptions\": [\"decomposeX\"]")], found()),
        case("an option by its former key", &base, &[with(", \"registryPresets\": [\"decomposeX\"]")], found()),
        case("nothing customized", &base, &[with(", \"registryCustomizations\": {}")], Shows::Nothing),
        case(
            "a known option",
            &base,
            &[with(", \"sourceBehaviorOptions\": [\"decomposePermissionSetBeta2\"]")],
            Shows::Nothing,
        ),
    ]);
}

#[test]
fn package_directories_by_any_spelling() {
    let old = file("docs/permissionsets/E.permissionset-meta.xml", set("ModifyAllData"));
    let base = [a(), old, project(&["force-app"], "")];
    let found = || Shows::Finding("permission-files-newly-deployed");
    let mut cases: Vec<Case> =
        ["docs/.", "./docs", "docs//permissionsets/", "a/../docs", "docs\\\\", ".", "./", "../x", "/docs"]
            .into_iter()
            .map(|folder| case("a spelling", &base, &[project(&["force-app", folder], "")], found()))
            .collect();
    cases.push(case("another folder", &base, &[project(&["force-app", "docs/hr"], "")], Shows::Nothing));
    cases.push(case("the same folder", &base, &[project(&["./force-app/."], "")], Shows::Nothing));
    judge(cases);
}

#[test]
fn a_project_below_the_root_is_one() {
    let nested = |(path, bytes): (String, Vec<u8>)| (format!("sf/{path}"), bytes);
    let old = nested(file("docs/permissionsets/E.permissionset-meta.xml", set("ModifyAllData")));
    let base = [nested(a()), old, nested(project(&["force-app"], ""))];
    let of = |name, head: (String, Vec<u8>), shows| case(name, &base, &[nested(head)], shows);
    let replaced = |glob: &str| {
        let more = format!(
            ", \"replacements\": [{{\"glob\": \"{glob}\", \"stringToReplace\": \"a\", \"replaceWithEnv\": \"B\"}}]"
        );
        project(&["force-app"], &more)
    };
    let custom =
        project(&["force-app"], ", \"registryCustomizations\": {\"suffixes\": {\"grants\": \"permissionset\"}}");
    let ignored = case(
        "no longer ignored",
        &[base.to_vec(), vec![nested(file(".forceignore", "A.*\n"))]].concat(),
        &[nested(file(".forceignore", "# A.*\n"))],
        Shows::Finding("permission-files-newly-deployed"),
    );
    judge(vec![
        of("a replacement", replaced("force-app/**/*.xml"), Shows::Finding("replacement-in-permissions")),
        of("a replacement elsewhere", replaced("**/*.cls"), Shows::Nothing),
        of("a registry", custom, Shows::Finding("registry-customized")),
        of("a folder more", project(&["force-app", "docs"], ""), Shows::Finding("permission-files-newly-deployed")),
        of("another version", project(&["force-app"], ", \"sourceApiVersion\": \"64.0\""), Shows::Nothing),
        of("no JSON", file(PROJECT, "{"), Shows::Problem(format!("sf/{PROJECT}"))),
        case(
            "a project where none was",
            &base[..2],
            &[nested(project(&["docs"], ""))],
            Shows::Finding("permission-files-newly-deployed"),
        ),
        case(
            "a nearer list of ignored files that ignores nothing",
            &[a(), file(".forceignore", "A.*\n")],
            &[file("force-app/.forceignore", "# nothing\n")],
            Shows::Finding("permission-files-newly-deployed"),
        ),
        case(
            "a nearer list of ignored files that ignores the same",
            &[a(), file(".forceignore", "A.*\n")],
            &[file("force-app/.forceignore", "A.*\n")],
            Shows::Nothing,
        ),
        case("a project with nothing in it", &[a()], &[file("web/sfdx-project.json", "{}")], Shows::Nothing),
        ignored,
    ]);
}

/// Commits files, and links and submodules by their modes.
fn step(repository: &Repository, parent: Option<Oid>, files: &Files, others: &[(&str, u32)]) -> Oid {
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    let id = commit(repository, parent, &files);
    let whole = repository.find_commit(id).expect("a commit");
    let mut index = Index::new().expect("an index in memory");
    index.read_tree(&whole.tree().expect("a tree")).expect("the files");
    for (path, mode) in others {
        let target = repository.blob(b"/elsewhere").expect("a blob");
        let mut entry = blob_entry(path, target);
        entry.mode = *mode;
        index.add(&entry).expect("an index entry");
    }
    let tree = repository.find_tree(index.write_tree_to(repository).expect("a tree")).expect("the tree");
    whole.amend(None, None, None, None, None, Some(&tree)).expect("a commit")
}

#[test]
fn links_and_submodules_that_become_part_of_a_package() {
    const LINK: u32 = 0o120_000;
    const SUBMODULE: u32 = 0o160_000;
    let files = |project: (String, Vec<u8>)| vec![a(), project];
    let here = || files(project(&["force-app"], ""));
    let below = |project: (String, Vec<u8>)| vec![a(), (format!("sf/{}", project.0), project.1)];
    for (name, base, before, head, after, status) in [
        (
            "a new folder",
            here(),
            vec![("ext", SUBMODULE)],
            files(project(&["force-app", "ext"], "")),
            vec![("ext", SUBMODULE)],
            2,
        ),
        ("all of it", here(), vec![("zzz", LINK)], files(project(&["./"], "")), vec![("zzz", LINK)], 2),
        (
            "a new link in all of it",
            files(project(&["./"], "")),
            vec![],
            files(project(&["./"], "")),
            vec![("zzz", LINK)],
            2,
        ),
        (
            "in a name that permissions have",
            here(),
            vec![("ext/profiles", LINK)],
            files(project(&["force-app", "ext"], "")),
            vec![("ext/profiles", LINK)],
            2,
        ),
        (
            "of a project below",
            below(project(&["app"], "")),
            vec![("sf/ext", LINK)],
            below(project(&["app", "ext"], "")),
            vec![("sf/ext", LINK)],
            2,
        ),
        (
            "it was there",
            files(project(&["."], "")),
            vec![("ext", LINK)],
            files(project(&["./"], "")),
            vec![("ext", LINK)],
            0,
        ),
        ("by a name that goes on", here(), vec![], here(), vec![("x/A.profile-meta.xml.bak", LINK)], 2),
        (
            "another folder",
            here(),
            vec![("ext", LINK)],
            files(project(&["force-app", "other"], "")),
            vec![("ext", LINK)],
            0,
        ),
    ] {
        let dir = temp();
        let repository = repository(dir.path(), false);
        let main = step(&repository, None, &base, &before);
        let topic = step(&repository, Some(main), &head, &after);
        repository.reference("refs/heads/topic", topic, true, "a branch").expect("a branch");
        repository.reference("refs/heads/main", main, true, "a branch").expect("a branch");
        let report = Report::of(dir.path(), &["check", "main...topic"]);
        assert_eq!(report.status, status, "{name}: {}", report.json["problems"]);
    }
}
