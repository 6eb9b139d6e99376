//! Waivers: what they cover, until when, and what is said about them.

use serde_json::Value;
use tempfile::TempDir;

use crate::gate::{Files, file, history, of_rule};
use crate::ranges::{path, set};
use crate::support::{Report, directory, permdelta, text};

const POLICY: &str = "permdelta.toml";
const PRIVILEGED: &str = "privileged-access-always-on";

struct Waiver {
    rule: &'static str,
    holder: &'static str,
    grant: Option<&'static str>,
    owner: &'static str,
    expires: &'static str,
}

const RIGHT: Waiver = Waiver {
    rule: PRIVILEGED,
    holder: "permissionSet:A",
    grant: Some("userPermissions/ModifyAllData"),
    owner: "data-team",
    expires: "2027-03-31",
};

fn written(waivers: &[Waiver]) -> String {
    let stanza = |waiver: &Waiver| {
        let grant = waiver.grant.map(|grant| format!("grant = \"{grant}\"\n")).unwrap_or_default();
        let Waiver { rule, holder, owner, expires, .. } = waiver;
        format!(
            "[[waiver]]\nrule = \"{rule}\"\nholder = \"{holder}\"\n{grant}reason = \"migration\"\nowner = \"{owner}\"\nticket = \"SEC-1\"\nexpires = {expires}\n"
        )
    };
    waivers.iter().map(stanza).collect()
}

fn object(name: &str, right: &str) -> String {
    format!(
        "<objectPermissions><allowRead>true</allowRead><object>{name}</object><{right}>true</{right}></objectPermissions>\n"
    )
}

fn objects(names: &[&str], right: &str) -> (String, Vec<u8>) {
    let body: String = names.iter().map(|name| object(name, right)).collect();
    file(&path("A"), format!("<PermissionSet>\n<label>A</label>\n{body}</PermissionSet>\n"))
}

/// `main` has the waivers, `topic` takes `base` to `head`.
fn gate(waivers: &[Waiver], base: Files, head: Files) -> TempDir {
    let policy = file(POLICY, written(waivers));
    let with = |files: Files| [files, vec![policy.clone()]].concat();
    let (base, head) = (with(base), with(head));
    history(&base, &base, &head)
}

fn check(dir: &TempDir, today: &str) -> Report {
    Report::of(dir.path(), &["check", "main...topic", "--today", today])
}

fn one(permission: &str) -> Files {
    vec![file(&path("A"), set(permission))]
}

#[test]
fn what_is_accepted_passes_and_stays_visible() {
    let dir = gate(&[RIGHT], one("RunReports"), one("ModifyAllData"));
    let report = check(&dir, "2027-03-31");
    assert_eq!((report.status, report.json["verdict"].as_str()), (0, Some("pass")));
    let finding = of_rule(&report, PRIVILEGED)[0];
    let waiver = &finding["waiver"];
    assert_eq!(text(finding, "state"), "new");
    let expected = serde_json::json!({
        "reason": "migration", "owner": "data-team", "ticket": "SEC-1", "expires": "2027-03-31",
        "grant": "userPermissions/ModifyAllData", "path": POLICY, "line": 1,
    });
    assert_eq!(waiver, &expected);
    assert_eq!(
        (&report.json["summary"]["findings"]["critical"], &report.json["summary"]["waived"]),
        (&0.into(), &1.into())
    );
    let table = permdelta(dir.path(), &["check", "main...topic", "--today", "2027-03-31"]).stdout;
    assert!(
        table.contains("waived  critical  privileged-access-always-on  A\n  userPermissions/ModifyAllData (Modify All Data)\n  until 2027-03-31 by data-team (SEC-1): migration\n"),
        "{table}"
    );
    assert!(table.contains("  waived userPermissions/ModifyAllData\n"), "at risk, and accepted: {table}");
    let markdown =
        permdelta(dir.path(), &["check", "main...topic", "--today", "2027-03-31", "--format", "markdown"]).stdout;
    assert!(
        markdown.contains("<code>A</code> <code>userPermissions/ModifyAllData</code>: until 2027-03-31"),
        "{markdown}"
    );
    let sarif = permdelta(dir.path(), &["check", "main...topic", "--today", "2027-03-31", "--format", "sarif"]).stdout;
    let sarif: Value = serde_json::from_str(&sarif).expect("SARIF");
    let ids: Vec<&Value> =
        sarif["runs"][0]["results"].as_array().expect("results").iter().map(|one| &one["ruleId"]).collect();
    assert!(!ids.contains(&&Value::from(PRIVILEGED)), "platforms show what is suppressed as open: {ids:?}");
}

#[test]
fn its_last_day_counts_and_the_next_does_not() {
    let dir = gate(&[RIGHT], one("RunReports"), one("ModifyAllData"));
    let report = check(&dir, "2027-04-01");
    assert_eq!(report.status, 1);
    assert!(of_rule(&report, PRIVILEGED)[0]["waiver"].is_null());
    let expired = of_rule(&report, "waiver-expired");
    assert_eq!((text(expired[0], "path").as_str(), &expired[0]["line"]), (POLICY, &Value::from(8)));
    assert_eq!(expired[0]["subject"], serde_json::json!({ "kind": "policy", "name": POLICY }));
}

#[test]
fn an_expired_waiver_turns_no_old_finding_new() {
    let changed = vec![file(&path("A"), [set("ModifyAllData"), b"<!-- -->".to_vec()].concat())];
    let dir = gate(&[RIGHT], one("ModifyAllData"), changed);
    let report = check(&dir, "2028-01-01");
    assert_eq!((report.status, of_rule(&report, PRIVILEGED).len()), (0, 0));
    let other = vec![file(&path("A"), set("ModifyAllData")), file(&path("B"), set("RunReports"))];
    let dir = gate(&[RIGHT], one("ModifyAllData"), other);
    assert_eq!(of_rule(&check(&dir, "2028-01-01"), "waiver-expired").len(), 0, "the change does not touch its holder");
}

#[test]
fn it_is_for_one_holder_one_rule_and_the_grants_it_names() {
    let cases = [
        (RIGHT, true),
        (Waiver { holder: "permissionSet:a", grant: Some("userPermissions/modifyalldata"), ..RIGHT }, true),
        (Waiver { grant: Some("userPermissions/{ViewAllData,ModifyAllData}"), ..RIGHT }, true),
        (Waiver { grant: None, ..RIGHT }, true),
        (Waiver { holder: "profile:A", ..RIGHT }, false),
        (Waiver { holder: "permissionSet:B", ..RIGHT }, false),
        (Waiver { rule: "modify-all-data", ..RIGHT }, false),
        (Waiver { grant: Some("userPermissions/ViewAllData"), ..RIGHT }, false),
        (Waiver { holder: "permissionSet:*", ..RIGHT }, false),
        (Waiver { owner: " ", ..RIGHT }, false),
    ];
    for (waiver, covers) in cases {
        let what = written(std::slice::from_ref(&waiver));
        let dir = gate(&[waiver], one("RunReports"), one("ModifyAllData"));
        let report = check(&dir, "2027-01-01");
        assert_eq!(report.status, i32::from(!covers), "{what}");
        assert_eq!(of_rule(&report, PRIVILEGED)[0]["waiver"].is_object(), covers, "{what}");
    }
}

#[test]
fn grants_that_are_reported_together_are_accepted_one_by_one() {
    let rule = "modify-all-records";
    let waiver = Waiver { rule, grant: Some("objectPermissions/{B__c,C__c}/modifyAllRecords"), ..RIGHT };
    let head = || vec![objects(&["A__c", "B__c", "C__c"], "modifyAllRecords")];
    let dir = gate(&[waiver], one("RunReports"), head());
    let report = check(&dir, "2027-01-01");
    assert_eq!(report.status, 1);
    let found = of_rule(&report, rule);
    let keys = |at: usize| found[at]["keys"].to_string();
    let (open, accepted) = if found[0]["waiver"].is_null() { (0, 1) } else { (1, 0) };
    assert_eq!(keys(open), r#"["objectPermissions/A__c/modifyAllRecords"]"#);
    assert_eq!(
        keys(accepted),
        r#"["objectPermissions/B__c/modifyAllRecords","objectPermissions/C__c/modifyAllRecords"]"#
    );
    assert_ne!(text(found[0], "fingerprint"), text(found[1], "fingerprint"));
    let all = Waiver { rule, grant: Some("objectPermissions/{A__c,B__c,C__c}/modifyAllRecords"), ..RIGHT };
    let whole = of_rule(&check(&gate(&[all], one("RunReports"), head()), "2027-01-01"), rule).len();
    assert_eq!(whole, 1);
    let unwaived = check(&gate(&[], one("RunReports"), head()), "2027-01-01");
    let before = text(of_rule(&unwaived, rule)[0], "fingerprint");
    let all = Waiver { rule, grant: Some("objectPermissions/{A__c,B__c,C__c}/modifyAllRecords"), ..RIGHT };
    let waived = check(&gate(&[all], one("RunReports"), head()), "2027-01-01");
    assert_eq!(text(of_rule(&waived, rule)[0], "fingerprint"), before, "what accepts a finding does not rename it");
}

#[test]
fn an_audit_tells_all_that_is_wrong_with_the_register() {
    let waivers = [
        RIGHT,
        Waiver { holder: "permissionSet:Gone", ..RIGHT },
        Waiver { expires: "2026-01-01", ..RIGHT },
        Waiver { holder: "A", ..RIGHT },
        Waiver { grant: Some("userPermissions/*"), ..RIGHT },
        Waiver { rule: "modify-all-records", grant: None, ..RIGHT },
    ];
    let a = path("A");
    let dir = directory(&[(&a, &set("ModifyAllData")), (POLICY, written(&waivers).as_bytes())]);
    let report = Report::of(dir.path(), &["audit", ".", "--today", "2027-01-01"]);
    let lines = |rule: &str| -> Vec<u64> {
        of_rule(&report, rule).iter().map(|finding| finding["line"].as_u64().expect("a line")).collect()
    };
    assert_eq!(lines("waiver-unused"), [9, 33, 41], "gone; a second one for the same; a rule that finds nothing there");
    assert_eq!(lines("waiver-expired"), [24]);
    assert_eq!(lines("waiver-malformed"), [27]);
    assert_eq!(lines("waiver-too-broad"), [33, 41]);
    assert_eq!(report.json["summary"]["waived"], 1);
}

/// What is clipped of a message is what one needs least: names, never what is wrong with them.
#[test]
fn a_finding_about_a_waiver_says_why_however_long_its_names_are() {
    let holder = format!("permissionset:{}", "Long_".repeat(40));
    let waiver = format!(
        "[[waiver]]\nrule = \"{PRIVILEGED}\"\nholder = \"{holder}\"\ngrant = \"userPermissions/{{ModifyAllData,ViewAllData,ManageUsers,AuthorApex,CustomizeApplication}}\"\nreason = \"r\"\nowner = \"o\"\nexpires = 2027-03-31\n"
    );
    let of = |waiver: &str, rule: &str| {
        let dir = directory(&[(&path("A"), &set("RunReports")), (POLICY, waiver.as_bytes())]);
        let report = Report::of(dir.path(), &["audit", ".", "--today", "2027-04-01"]);
        text(of_rule(&report, rule)[0], "message")
    };
    let message = of(&waiver, "waiver-malformed");
    assert!(message.ends_with("its holder has no kind `permissionset`; did you mean `permissionSet`?"), "{message}");
    assert!(message.len() < 500 && message.contains(PRIVILEGED), "{message}");
    let message = of(&waiver.replace("permissionset:", "permissionSet:"), "waiver-expired");
    assert!(message.ends_with("its last day was 2027-03-31"), "{message}");
}

#[test]
fn the_guarantee_is_a_proof_and_cannot_be_waived() {
    let waiver = Waiver { rule: "new-access", ..RIGHT };
    let dir = gate(&[waiver], one("RunReports"), one("ModifyAllData"));
    let run = permdelta(dir.path(), &["check", "main...topic", "--no-new-access"]);
    assert_eq!(run.status, 3);
    assert!(run.stderr.contains("permdelta.toml:2") && run.stderr.contains("proof"), "{}", run.stderr);
    let dir = gate(&[RIGHT], one("RunReports"), one("ModifyAllData"));
    assert_eq!(
        Report::of(dir.path(), &["check", "main...topic", "--no-new-access", "--today", "2027-01-01"]).status,
        1
    );
}

#[test]
fn what_guards_the_gate_cannot_be_waived() {
    let policy = "policy:permdelta.toml";
    let cases = [
        ("policy-weakened", Some("rules/hygiene"), Some("guards the gate")),
        ("paths-excluded", None, Some("guards the gate")),
        ("waiver-too-broad", None, Some("about a waiver")),
        ("waiver-requested", None, Some("about a waiver")),
        ("excluded-path-entered", None, Some("name one in `grant`")),
        ("excluded-path-entered", Some("paths/exclude/archive/Old.permissionset-meta.xml"), None),
    ];
    for (rule, grant, word) in cases {
        let dir = gate(&[Waiver { rule, holder: policy, grant, ..RIGHT }], one("RunReports"), one("ExportReport"));
        let run = permdelta(dir.path(), &["check", "main...topic", "--today", "2027-01-01"]);
        match word {
            Some(word) => assert!(run.status == 3 && run.stderr.contains(word), "{rule}: {}", run.stderr),
            None => assert!(run.status < 2, "{rule}: {}", run.stderr),
        }
    }
}

/// A combination is accepted with the grants it was accepted with; what comes later is new.
#[test]
fn a_combination_is_accepted_for_the_grants_it_has() {
    let rule = "api-bulk-extraction";
    let permissions = |names: &[&str]| {
        let body: String = names
            .iter()
            .map(|name| format!("<userPermissions><enabled>true</enabled><name>{name}</name></userPermissions>"))
            .collect();
        file(&path("A"), format!("<PermissionSet><label>A</label>{body}</PermissionSet>"))
    };
    let accepted = || Waiver { rule, grant: Some("{userPermissions/{ApiEnabled,ViewAllData}}"), ..RIGHT };
    let api = permissions(&["ApiEnabled"]);
    let both = permissions(&["ApiEnabled", "ViewAllData"]);
    let more = permissions(&["ApiEnabled", "ExportReport", "ViewAllData"]);
    for (base, head, covers) in
        [(&api, &both, Some(true)), (&both, &more, Some(false)), (&both, &both, None), (&more, &both, None)]
    {
        let report = check(&gate(&[accepted()], vec![base.clone()], vec![head.clone()]), "2027-01-01");
        let found: Vec<bool> = of_rule(&report, rule).iter().map(|finding| finding["waiver"].is_object()).collect();
        assert_eq!(found, covers.into_iter().collect::<Vec<_>>(), "{}", report.json["findings"]);
    }
    // Without grants it accepts what comes, and that is said; what single grants are is said all the same.
    let all = Waiver { rule, grant: None, ..RIGHT };
    let report = check(&gate(&[all], vec![both], vec![more]), "2027-01-01");
    assert!(of_rule(&report, rule)[0]["waiver"].is_object());
    assert_eq!(
        (of_rule(&report, "waiver-too-broad").len(), of_rule(&report, "high-risk-user-permission").len()),
        (1, 1)
    );
}

#[test]
fn what_muting_sets_free_is_accepted_for_the_grants_it_frees() {
    let group = "force-app/main/default/permissionsetgroups/Desk.permissionsetgroup-meta.xml";
    let muting = "force-app/main/default/mutingpermissionsets/Quiet.mutingpermissionset-meta.xml";
    let right = |names: &[&str]| -> String {
        names
            .iter()
            .map(|name| format!("<userPermissions><enabled>true</enabled><name>{name}</name></userPermissions>"))
            .collect()
    };
    let files = |muted: &[&str]| {
        vec![
            file(&path("A"), format!("<PermissionSet>{}</PermissionSet>", right(&["ExportReport", "ManageUsers"]))),
            file(muting, format!("<MutingPermissionSet>{}</MutingPermissionSet>", right(muted))),
            file(
                group,
                "<PermissionSetGroup><mutingPermissionSets>Quiet</mutingPermissionSets>\
                 <permissionSets>A</permissionSets></PermissionSetGroup>",
            ),
        ]
    };
    let rule = "muting-removed";
    let waiver = |grant| Waiver { rule, holder: "permissionSetGroup:Desk", grant, ..RIGHT };
    let both = ["ExportReport", "ManageUsers"];
    for (grant, covered, broad) in [
        (Some("userPermissions/ExportReport"), [true, false], 0),
        (Some("{userPermissions/ExportReport,userPermissions/ManageUsers}"), [true, true], 0),
        (None, [true, true], 1),
    ] {
        for (muted, covered) in [(&both[1..], covered[0]), (&[][..], covered[1])] {
            let report = check(&gate(&[waiver(grant)], files(&both), files(muted)), "2027-01-01");
            let found = of_rule(&report, rule);
            assert_eq!((found.len(), found[0]["waiver"].is_object()), (1, covered), "{grant:?} {muted:?}");
            assert_eq!(of_rule(&report, "waiver-too-broad").len(), broad, "{grant:?}");
            let alone = of_rule(&report, "high-risk-user-permission").len();
            assert_eq!(
                alone,
                usize::from(covered),
                "what is accepted names no other rule: {}",
                report.json["findings"]
            );
        }
    }
}

#[test]
fn only_what_will_count_is_a_request() {
    let ask = |policy: &[Waiver], head: &[Waiver]| {
        let (policy, head) = (file(POLICY, written(policy)), file(POLICY, written(head)));
        let base = [one("RunReports"), vec![policy]].concat();
        let report = check(&history(&base, &base, &[one("RunReports"), vec![head]].concat()), "2027-01-01");
        (of_rule(&report, "waiver-requested").len(), of_rule(&report, "waiver-too-broad").len())
    };
    let old = Waiver { expires: "2026-12-31", ..RIGHT };
    let malformed = Waiver { owner: " ", ..RIGHT };
    assert_eq!(ask(&[], &[RIGHT]), (1, 0));
    assert_eq!(ask(&[], &[old]), (0, 0), "it is over already");
    assert_eq!(ask(&[], &[malformed]), (0, 0));
    assert_eq!(ask(&[Waiver { owner: " ", ..RIGHT }], &[RIGHT]), (1, 0), "mended, it counts");
    assert_eq!(ask(&[RIGHT], &[RIGHT]), (0, 0));
    assert_eq!(ask(&[], &[Waiver { grant: Some("userPermissions/*a*"), ..RIGHT }]), (1, 1));
}

#[test]
fn a_day_is_a_day() {
    for wrong in ["tomorrow", "2027-3-1", "2027-02-30", "2027-03-31T00:00:00Z", ""] {
        let run = permdelta(directory(&[]).path(), &["audit", ".", "--today", wrong]);
        assert!(run.status == 3 && run.stderr.contains("2027-03-31"), "{wrong}: {}", run.stderr);
    }
}
