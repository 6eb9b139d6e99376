//! Ways for a pull request to talk its way round its own gate: none works, and what may be done on the target branch does.

use std::slice::from_ref;

use git2::{Oid, Repository, Signature, Time};
use serde_json::Value;

use crate::gate::{Files, file, history, of_rule};
use crate::ranges::{path, set};
use crate::support::{FOLDER, Report, commit, permdelta, repository, temp, text};

const POLICY: &str = "permdelta.toml";
const PRIVILEGED: &str = "privileged-access-always-on";

/// One way round the gate.
struct Attempt {
    name: &'static str,
    /// What `main` and `topic` have in common.
    base: Files,
    /// What `topic` makes of it.
    head: Files,
    /// What is still found, and new.
    rule: &'static str,
    /// What `main` has besides where the same may be done: `check` then passes.
    twin: Option<Files>,
}

fn of(name: &str, permission: &str) -> (String, Vec<u8>) {
    (path(name), set(permission))
}

fn inside(body: &str) -> Vec<u8> {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PermissionSet xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n{body}</PermissionSet>\n").into_bytes()
}

fn named(name: &str) -> Vec<u8> {
    inside(&format!(
        "    <label>A</label>\n    <userPermissions>\n        <enabled>true</enabled>\n        <name>{name}</name>\n    </userPermissions>\n"
    ))
}

fn waiver() -> String {
    format!(
        "[[waiver]]\nrule = \"{PRIVILEGED}\"\nholder = \"permissionSet:A\"\ngrant = \"userPermissions/ModifyAllData\"\n\
         reason = \"migration\"\nowner = \"data-team\"\nticket = \"SEC-1\"\nexpires = 2999-12-31\n"
    )
}

/// A rule of the repository's own.
fn own_rule(id: &str, permission: &str) -> String {
    format!(
        "id = \"{id}\"\ntitle = \"T\"\nseverity = \"high\"\nscope = \"holder\"\nwhy = \"W.\"\nfix = \"F.\"\nreferences = [\"R\"]\n\
         message = \"{{holder}} holds {{grant}}\"\n[match]\non = \"effective\"\ngrant = [\"userPermissions/{permission}\"]\n"
    )
}

fn attempts() -> Vec<Attempt> {
    let old = || vec![of("A", "RunReports")];
    let with = |files: Files, more: &[(String, Vec<u8>)]| [files, more.to_vec()].concat();
    let new = || vec![of("A", "ModifyAllData")];
    let own = "[paths]\nrules = [\"security/rules\"]\n";
    let off = file(POLICY, "[rules]\nsession = \"off\"\ndata = \"off\"\nescalation = \"off\"\n");
    let exclude = file(POLICY, "[paths]\nexclude = [\"force-app/**\"]\n");
    let strict = file(POLICY, "[rules]\nmanage-users = \"critical\"\nadministrator-equivalence = \"note\"\n");
    let attempt = |name, base, head, rule, twin| Attempt { name, base, head, rule, twin };
    vec![
        attempt("disable the rule", old(), with(new(), from_ref(&off)), PRIVILEGED, Some(vec![off])),
        attempt(
            "add a waiver",
            old(),
            with(new(), &[file(POLICY, waiver())]),
            PRIVILEGED,
            Some(vec![file(POLICY, waiver())]),
        ),
        attempt(
            "rename the policy file",
            with(old(), from_ref(&strict)),
            vec![of("A", "ManageUsers"), (format!("{POLICY}.bak"), strict.1.clone())],
            "manage-users",
            None,
        ),
        attempt("exclude the path", old(), with(new(), from_ref(&exclude)), PRIVILEGED, Some(vec![exclude])),
        attempt(
            "shadow the id of a rule",
            with(
                old(),
                &[file(POLICY, own), file("security/rules/data/own-rule.toml", own_rule("own-rule", "ViewSetup"))],
            ),
            with(
                new(),
                &[
                    file(POLICY, own),
                    file(&format!("security/rules/session/{PRIVILEGED}.toml"), own_rule(PRIVILEGED, "ViewSetup")),
                ],
            ),
            PRIVILEGED,
            None,
        ),
        attempt(
            "blunt a rule of the repository's own",
            with(old(), &[file(POLICY, own), file("security/rules/own-rule.toml", own_rule("own-rule", "ViewSetup"))]),
            vec![
                of("A", "ViewSetup"),
                file(POLICY, own),
                file("security/rules/own-rule.toml", own_rule("own-rule", "RunFlow")),
            ],
            "own-rule",
            Some(vec![file("security/rules/own-rule.toml", own_rule("own-rule", "RunFlow"))]),
        ),
        attempt(
            "move to another package directory",
            old(),
            vec![file("packages/x/permissionsets/A.permissionset-meta.xml", set("ModifyAllData"))],
            PRIVILEGED,
            None,
        ),
        attempt(
            "move to another folder",
            old(),
            vec![file("docs/A.permissionset-meta.xml", set("ModifyAllData"))],
            PRIVILEGED,
            None,
        ),
        attempt(
            "write it in metadata API format",
            old(),
            vec![file("src/permissionsets/A.permissionset", set("ModifyAllData"))],
            PRIVILEGED,
            None,
        ),
        attempt(
            "put the grant into a second file of the same name",
            old(),
            with(old(), &[file("packages/x/permissionsets/A.permissionset-meta.xml", set("ModifyAllData"))]),
            PRIVILEGED,
            None,
        ),
        attempt(
            "convert the layout",
            old(),
            vec![
                file(&format!("{FOLDER}/A/A.permissionset-meta.xml"), inside("    <label>A</label>\n")),
                file(&format!("{FOLDER}/A/A.userPermission-meta.xml"), named("ModifyAllData")),
            ],
            PRIVILEGED,
            None,
        ),
        attempt(
            "rename the holder into an exempt class",
            with(old(), &[file(POLICY, "[classes]\nintegration = [\"Int_*\"]\n")]),
            vec![of("Int_A", "ModifyAllData"), file(POLICY, "[classes]\nintegration = [\"Int_*\"]\n")],
            PRIVILEGED,
            None,
        ),
        attempt("change the case of the name", old(), vec![file(&path("a"), named("MODIFYalldata"))], PRIVILEGED, None),
        attempt(
            "hide the name behind a comment",
            old(),
            vec![file(&path("A"), named("Modify<!-- RunReports -->AllData"))],
            PRIVILEGED,
            None,
        ),
        attempt(
            "hide the name behind an entity",
            old(),
            vec![file(&path("A"), named("&#77;odifyAll&#x44;ata"))],
            PRIVILEGED,
            None,
        ),
        attempt(
            "hide the name in CDATA",
            old(),
            vec![file(&path("A"), named("<![CDATA[ModifyAllData]]>"))],
            PRIVILEGED,
            None,
        ),
        attempt(
            "say no to it in a second entry",
            old(),
            vec![file(
                &path("A"),
                inside(
                    "    <label>A</label>\n    <userPermissions>\n        <enabled>true</enabled>\n        <name>ModifyAllData</name>\n    </userPermissions>\n    <userPermissions>\n        <enabled>false</enabled>\n        <name>ModifyAllData</name>\n    </userPermissions>\n",
                ),
            )],
            PRIVILEGED,
            None,
        ),
    ]
}

#[test]
fn no_change_talks_its_way_round_the_gate() {
    for Attempt { name, base, head, rule, twin } in attempts() {
        let dir = history(&base, &base, &head);
        let report = Report::of(dir.path(), &["check", "main...topic"]);
        assert_eq!(report.status, 1, "{name}: {}", report.json["problems"]);
        let found = of_rule(&report, rule);
        assert!(!found.is_empty(), "{name}: {}", report.json["findings"]);
        assert!(found.iter().all(|finding| text(finding, "state") == "new" && finding["waiver"].is_null()), "{name}");
        // What may be decided on the target branch counts when it stands there.
        let Some(twin) = twin else { continue };
        let kept = base.iter().filter(|(path, _)| twin.iter().all(|(other, _)| other != path)).cloned();
        let target: Files = kept.chain(twin.clone()).collect();
        let dir = history(&base, &target, &head);
        let report = Report::of(dir.path(), &["check", "main...topic"]);
        let open: Vec<_> = of_rule(&report, rule).into_iter().filter(|finding| finding["waiver"].is_null()).collect();
        assert!(open.is_empty(), "{name}, on the target branch: {open:?}");
    }
}

#[test]
fn what_is_there_on_the_target_branch_is_not_new() {
    for Attempt { name, head, .. } in attempts() {
        if name == "shadow the id of a rule" {
            continue;
        }
        let more = file("docs/notes.txt", "a change elsewhere");
        let dir = history(&head, &head, &[head.clone(), vec![more]].concat());
        let report = Report::of(dir.path(), &["check", "main...topic"]);
        assert_eq!(report.json["findings"], Value::Array(vec![]), "{name}");
    }
}

#[test]
fn what_cannot_be_read_is_not_clean() {
    let old = vec![of("A", "RunReports")];
    for broken in [&set("ModifyAllData")[..60], b"<PermissionSet>", b"", b"\xff\xfe<\0P\0", b"<<<<<<< HEAD\n"] {
        let dir = history(&old, &old, &vec![file(&path("A"), broken)]);
        let report = Report::of(dir.path(), &["check", "main...topic"]);
        assert_eq!(report.status, 2, "{broken:?}");
        assert_eq!(text(&report.json, "verdict"), "incomplete");
    }
}

#[test]
fn a_policy_of_head_that_does_not_load_is_a_finding_and_judges_nothing() {
    let old = vec![of("A", "RunReports")];
    let head = vec![of("A", "ModifyAllData"), file(POLICY, "[rules]\nsesion = \"off\"\n")];
    let report = Report::of(history(&old, &old, &head).path(), &["check", "main...topic"]);
    assert_eq!(report.status, 1);
    assert_eq!(of_rule(&report, PRIVILEGED).len(), 1);
    let weakened = of_rule(&report, "policy-weakened");
    assert_eq!((text(weakened[0], "path").as_str(), &weakened[0]["line"]), (POLICY, &Value::from(2)));
    assert!(text(weakened[0], "message").contains("does not load"), "{weakened:?}");
}

/// Merges in both directions leave several best common ancestors, and each hides what the other side took away.
#[test]
fn of_several_merge_bases_none_hides_what_comes_back() {
    let dir = temp();
    let repository = repository(dir.path(), false);
    let (a, b) = (path("A"), path("B"));
    let (with, without) = (set("ModifyAllData"), set("RunReports"));
    let make = |parents: &[Oid], files: &[(&str, &[u8])]| merge(&repository, parents, files);
    let start = make(&[], &[(&a, &with)]);
    let topic = make(&[start], &[(&a, &with), (&b, &without)]);
    let main = make(&[start], &[(&a, &without)]);
    let merged = make(&[main, topic], &[(&a, &without), (&b, &without)]);
    let head = make(&[topic, main], &[(&a, &with), (&b, &without)]);
    repository.reference("refs/heads/topic", head, true, "a branch").expect("a branch");
    repository.reference("refs/heads/main", merged, true, "a branch").expect("a branch");
    assert_eq!(repository.merge_bases(merged, head).expect("bases").len(), 2);
    let report = Report::of(dir.path(), &["check", "main...topic"]);
    assert_eq!((report.status, of_rule(&report, PRIVILEGED).len()), (1, 1));
    let run = permdelta(dir.path(), &["check", "main...topic"]);
    assert!(run.stderr.contains("several merge bases"), "{}", run.stderr);
}

/// A commit with any number of parents.
fn merge(repository: &Repository, parents: &[Oid], files: &[(&str, &[u8])]) -> Oid {
    let tree = repository.find_commit(commit(repository, None, files)).expect("a commit").tree().expect("a tree");
    let parents: Vec<_> = parents.iter().map(|id| repository.find_commit(*id).expect("a parent")).collect();
    let author = Signature::new("A", "a@example.com", &Time::new(1_767_603_600, 0)).expect("a signature");
    repository.commit(None, &author, &author, "m", &tree, &parents.iter().collect::<Vec<_>>()).expect("a commit")
}

/// Whoever may push a tag must not choose what a gate compares with.
#[test]
fn a_tag_of_the_name_of_a_remote_branch_is_refused() {
    let dir = history(&vec![of("A", "RunReports")], &vec![of("A", "RunReports")], &vec![of("A", "ModifyAllData")]);
    let repository = Repository::open(dir.path()).expect("the repository");
    let id = |name: &str| repository.revparse_single(name).expect("a revision").id();
    repository.reference("refs/remotes/origin/main", id("main"), true, "fetched").expect("a branch");
    assert_eq!(permdelta(dir.path(), &["check", "origin/main...topic"]).status, 1);
    repository.reference("refs/tags/origin/main", id("topic"), true, "a tag").expect("a tag");
    let run = permdelta(dir.path(), &["check", "origin/main...topic"]);
    assert!(run.status == 3 && run.stderr.contains("refs/remotes/origin/main"), "{}", run.stderr);
}
