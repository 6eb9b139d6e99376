//! What a deployment takes beside what it took: a second definition, what the policy excludes, what a project below the
//! root names, and what no proof can rest on.

use crate::deployed_as::{Shows, a, case, in_folder, judge, project};
use crate::gate::{Files, file, history, of_rule};
use crate::ranges::{path, set};
use crate::support::{FOLDER, Report, permdelta};

const NEWLY: Shows = Shows::Finding("permission-files-newly-deployed");

fn muting(namespaced: bool, permission: &str) -> Vec<(String, Vec<u8>)> {
    let prefix = if namespaced { "ns__" } else { "" };
    let muting = String::from_utf8(set(permission)).expect("text").replace("PermissionSet", "MutingPermissionSet");
    vec![
        file("sf/sfdx-project.json", r#"{"packageDirectories": [{"path": "app"}], "namespace": "ns"}"#),
        file("sf/app/permissionsets/A.permissionset-meta.xml", set("ModifyAllData")),
        file("sf/app/mutingpermissionsets/M.mutingpermissionset-meta.xml", muting),
        file(
            "sf/app/permissionsetgroups/G.permissionsetgroup-meta.xml",
            format!(
                "<PermissionSetGroup>\n<label>G</label>\n<mutingPermissionSets>{prefix}M</mutingPermissionSets>\n\
                 <permissionSets>{prefix}A</permissionSets>\n</PermissionSetGroup>\n"
            ),
        ),
    ]
}

#[test]
fn a_second_definition_that_joins_is_newly_deployed() {
    let second = || file("docs/A.permissionset-meta.xml", set("ModifyAllData"));
    let ignored = || file("force-app/docs/A.permissionset-meta.xml", set("ModifyAllData"));
    let app = || project(&["force-app"], "");
    let ignore = |line: &str| file(".forceignore", line);
    judge(vec![
        case("a new package", &[a(), second(), app()], &[project(&["force-app", "docs"], "")], NEWLY),
        case("no longer ignored", &[a(), ignored(), app(), ignore("docs/\n")], &[ignore("other/\n")], NEWLY),
        case("another package", &[a(), second(), app()], &[project(&["force-app", "more"], "")], Shows::Nothing),
        case("the same in other words", &[a(), ignored(), ignore("**/docs/**\n")], &[ignore("docs\n")], Shows::Nothing),
    ]);
}

#[test]
fn what_is_excluded_is_deployed_all_the_same() {
    let policy = || file("permdelta.toml", "[paths]\nexclude = [\"archive/**\"]\n");
    let old = || file("archive/Old.permissionset-meta.xml", set("ModifyAllData"));
    let app = || project(&["force-app"], "");
    let replacement =
        r#", "replacements": [{"glob": "archive/*", "stringToReplace": "RunReports", "replaceWithEnv": "X"}]"#;
    judge(vec![
        case("a new package", &[a(), old(), policy(), app()], &[project(&["force-app", "archive"], "")], NEWLY),
        case(
            "a replacement",
            &[a(), old(), policy(), app()],
            &[project(&["force-app"], replacement)],
            Shows::Finding("replacement-in-permissions"),
        ),
    ]);
}

#[test]
fn a_project_below_the_root_has_a_namespace_and_may_lead_out() {
    for namespaced in [false, true] {
        let [before, after] = ["ModifyAllData", "RunReports"].map(|muted| muting(namespaced, muted));
        let report = Report::of(history(&before, &before, &after).path(), &["check", "main...topic"]);
        assert_eq!((report.status, of_rule(&report, "muting-removed").len()), (1, 1), "{namespaced}");
    }
    let up =
        |folder: &str| file("ci/sfdx-project.json", format!(r#"{{"packageDirectories": [{{"path": "{folder}"}}]}}"#));
    judge(vec![
        case("it leads out", &[a()], &[up("../force-app")], Shows::Finding("registry-customized")),
        case("it does not", &[a()], &[up("main/../app")], Shows::Nothing),
    ]);
}

#[test]
fn parts_below_two_sets_and_names_outside_of_the_packages() {
    let main = || in_folder("A/A.permissionset", "RunReports");
    let inner = "A/permissionsets/Nightly.userPermission";
    let bak = "templates/A.permissionset-meta.xml.bak";
    let app = || project(&["force-app"], "");
    judge(vec![
        case(
            "a second permissionsets",
            &[main()],
            &[in_folder(inner, "ModifyAllData")],
            Shows::Problem(format!("{FOLDER}/{inner}-meta.xml")),
        ),
        case("a copy outside", &[a(), app()], &[file(bak, set("ModifyAllData"))], Shows::Nothing),
        case("a copy without a project", &[a()], &[file(bak, set("ModifyAllData"))], Shows::Problem(bak.to_owned())),
    ]);
}

/// Nothing is proven of files that stand as they did, where a deployment may make something else of them.
#[test]
fn no_proof_rests_on_what_a_deployment_decides() {
    let status = |base: &[(String, Vec<u8>)], head: &[(String, Vec<u8>)]| {
        let head: Files = [base, head].concat();
        let dir = history(&base.to_vec(), &base.to_vec(), &head);
        permdelta(dir.path(), &["check", "main...topic", "--no-new-access"]).status
    };
    let note = || file("docs/notes.txt", "x");
    let copy = file(&format!("{}.bak", path("A")), set("ModifyAllData"));
    let registry = project(&["force-app"], r#", "registryCustomizations": {"types": {"x": {}}}"#);
    assert_eq!(status(&[a()], &[note()]), 0);
    assert_eq!(status(&[a(), copy], &[note()]), 2);
    assert_eq!(status(&[a(), registry], &[note()]), 2);
}

/// One part, one problem, though it can be told apart in neither of two ways.
#[test]
fn a_part_in_doubt_is_one_problem() {
    let part = in_folder("A/permissionsets/Nightly/x/y.userPermission", "ModifyAllData");
    let base = vec![in_folder("A/A.permissionset", "RunReports")];
    let head: Files = [base.clone(), vec![part.clone()]].concat();
    let report = Report::of(history(&base, &base, &head).path(), &["check", "main...topic"]);
    assert_eq!(report.problems().iter().map(|problem| problem.path.as_str()).collect::<Vec<_>>(), [part.0]);
}
