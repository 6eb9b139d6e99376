//! Files that are no holders and decide what holders mean: what is read of them, what is said about them, and how a run ends.

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Report, arg, commit, corpora, directory, repository, temp, text};

const NAMESPACE: &str = "http://soap.sforce.com/2006/04/metadata";
const SET: &str = "force-app/main/default/permissionsets/Contracts.permissionset-meta.xml";
const FLOW: &str = "force-app/main/default/flows/Unlock.flow-meta.xml";
const NETWORK: &str = "force-app/main/default/networks/Shop.network-meta.xml";
const PROFILE: &str = "force-app/main/default/profiles/Shop.profile-meta.xml";

fn file(root: &str, inside: &str) -> Vec<u8> {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"{NAMESPACE}\">\n{inside}\n</{root}>\n")
        .into_bytes()
}

fn set(gate: bool) -> Vec<u8> {
    file("PermissionSet", &format!("<hasActivationRequired>{gate}</hasActivationRequired>\n<label>Contracts</label>"))
}

/// A flow with one action; the value that names its set stands on line 6.
fn flow(value: &str, rest: &str) -> Vec<u8> {
    let call = format!(
        "<actionCalls>\n<name>Unlock</name><actionType>activateSessionPermSet</actionType>\n\
         <inputParameters><name>PermSetName</name><value>\n{value}\n</value></inputParameters></actionCalls>\n{rest}"
    );
    file("Flow", &call)
}

const ACTIVE: &str = "<status>Active</status>";
const LITERAL: &str = "<stringValue>Contracts</stringValue>";

fn profile(licence: &str, permission: &str) -> Vec<u8> {
    let licence = if licence.is_empty() { String::new() } else { format!("<userLicense>{licence}</userLicense>\n") };
    let inside =
        format!("{licence}<userPermissions><enabled>true</enabled><name>{permission}</name></userPermissions>");
    file("Profile", &inside)
}

type Files<'a> = &'a [(&'a str, &'a [u8])];

/// A bare repository with two commits, and `check` of the second.
fn checked(before: Files<'_>, after: Files<'_>) -> (TempDir, Report) {
    let dir = temp();
    let repository = repository(dir.path(), true);
    let base = commit(&repository, None, before);
    let head = commit(&repository, Some(base), after);
    let report = Report::of(dir.path(), &["check", &format!("{base}..{head}")]);
    (dir, report)
}

fn audited(files: Files<'_>) -> Report {
    let dir = directory(files);
    Report::of(dir.path(), &["audit", arg(dir.path())])
}

/// `rule kind:name path:line` of each finding.
fn findings(report: &Report) -> Vec<String> {
    let findings = report.json["findings"].as_array().expect("findings is an array");
    let line = |finding: &Value| {
        let subject = &finding["subject"];
        let path = text(finding, "path");
        let file = path.rsplit('/').next().unwrap_or_default().to_owned();
        format!(
            "{} {}:{} {file}:{}",
            text(finding, "rule"),
            text(subject, "kind"),
            text(subject, "name"),
            finding["line"]
        )
    };
    findings.iter().map(line).collect()
}

fn read(report: &Report) -> u64 {
    report.json["summary"]["read"]["blobs"].as_u64().expect("a number")
}

#[test]
fn a_changed_flow_is_judged_with_the_sets_it_names() {
    let (before, after) = (flow(LITERAL, "<status>Draft</status>"), flow(LITERAL, ACTIVE));
    let other = file("PermissionSet", "<label>Other</label>");
    let others = "force-app/main/default/permissionsets/Other.permissionset-meta.xml";
    let (_dir, report) = checked(
        &[(SET, &set(false)), (others, &other), (FLOW, &before)],
        &[(SET, &set(false)), (others, &other), (FLOW, &after)],
    );
    assert_eq!(findings(&report), ["flow-activates-ungated-set flow:Unlock Unlock.flow-meta.xml:6"]);
    // Both versions of the flow and the set it names, not the other set.
    assert_eq!((read(&report), report.status, report.complete()), (3, 0, true));
    let finding = &report.json["findings"][0];
    assert_eq!(
        text(finding, "message"),
        "Flow Unlock activates permission set Contracts, which requires no activation: it works in every session anyway"
    );
    assert_eq!(
        (&finding["grant"], &finding["keys"], text(finding, "state")),
        (&Value::Null, &Value::Array(vec![]), "new".to_owned())
    );

    // The same flow before and after says nothing, whatever else changes in it.
    let relabelled = flow(LITERAL, "<label>Unlock</label><status>Active</status>");
    let (_dir, report) = checked(&[(SET, &set(false)), (FLOW, &after)], &[(SET, &set(false)), (FLOW, &relabelled)]);
    assert_eq!(findings(&report), [] as [String; 0]);
}

#[test]
fn every_way_to_name_a_set_and_both_generations_of_start() {
    let constant = "<constants><name>Set</name><dataType>String</dataType><value><stringValue>Gone</stringValue></value></constants>";
    let lookup = "<recordLookups><name>Get</name><filters><field>Name</field><operator>EqualTo</operator>\
        <value><stringValue>Gone</stringValue></value></filters><object>PermissionSet</object></recordLookups>";
    let old = "<startElementReference>Unlock</startElementReference>";
    let scheduled =
        "<start><schedule><frequency>Daily</frequency></schedule><triggerType>Scheduled</triggerType></start>";
    let cases = [
        ("<stringValue>Gone</stringValue>", old, vec!["flow-activates-missing-set"]),
        ("<elementReference>Set</elementReference>", constant, vec!["flow-activates-missing-set"]),
        ("<elementReference>Get.Name</elementReference>", lookup, vec!["flow-activates-missing-set"]),
        ("<elementReference>Set</elementReference>", old, vec!["flow-activation-unknown"]),
        ("<stringValue></stringValue>", old, vec!["flow-activates-nothing"]),
        (LITERAL, scheduled, vec!["flow-activates-asynchronously", "flow-newly-activates-set"]),
        (LITERAL, old, vec!["flow-newly-activates-set"]),
    ];
    for (value, rest, rules) in cases {
        let after = flow(value, &format!("{rest}{ACTIVE}"));
        let (_dir, report) = checked(&[(SET, &set(true))], &[(SET, &set(true)), (FLOW, &after)]);
        let expected: Vec<String> =
            rules.iter().map(|rule| format!("{rule} flow:Unlock Unlock.flow-meta.xml:6")).collect();
        assert_eq!(findings(&report), expected, "{value} {rest}");
        assert_eq!(report.status, 0, "{}", report.json);
        // A flow is no holder: it has no row, and is no change of access.
        assert_eq!(report.holders(), [] as [Value; 0]);
    }
}

#[test]
fn only_the_active_version_counts_in_the_old_layout() {
    let definition =
        |version: &str| file("FlowDefinition", &format!("<activeVersionNumber>{version}</activeVersionNumber>"));
    let (one, two) = (flow("<stringValue>Gone</stringValue>", ACTIVE), flow(LITERAL, ACTIVE));
    let files = |version: &str| {
        let definition = definition(version);
        move |run: &dyn Fn(Files<'_>) -> Vec<String>| {
            run(&[
                ("src/permissionsets/Contracts.permissionset", &set(true)),
                ("src/flows/Unlock-1.flow", &one.clone()),
                ("src/flows/Unlock-2.flow", &two.clone()),
                ("src/flowDefinitions/Unlock.flowDefinition", &definition.clone()),
            ])
        }
    };
    let audit = |files: Files<'_>| findings(&audited(files));
    assert_eq!(
        files.clone()("1")(&audit),
        [
            "flow-activates-missing-set flow:Unlock Unlock-1.flow:6",
            "session-set-never-activated permissionSet:Contracts Contracts.permissionset:3",
        ]
    );
    assert_eq!(files.clone()("2")(&audit), [] as [String; 0]);
    assert_eq!(files("0")(&audit), ["session-set-never-activated permissionSet:Contracts Contracts.permissionset:3"]);
}

#[test]
fn what_cannot_be_read_counts_where_the_change_touches_it() {
    let broken = b"<Flow xmlns=\"http://soap.sforce.com/2006/04/metadata\"><actionCalls>".as_slice();
    let (_dir, report) = checked(&[(SET, &set(true))], &[(SET, &set(true)), (FLOW, broken)]);
    assert_eq!((report.status, report.complete()), (2, false));
    let problem = &report.problems()[0];
    assert_eq!(
        (problem.side.as_str(), problem.path.as_str(), problem.line, problem.state.as_str()),
        ("head", FLOW, 1, "new")
    );
    assert!(!problem.hint.is_empty() && problem.message.contains("cut off"), "{}", problem.message);
    // Not touched by the change: not read, or, where a gate goes that it may be about, shown and no reason to stop.
    let (_dir, report) = checked(&[(FLOW, broken)], &[(SET, &set(false)), (FLOW, broken)]);
    assert_eq!((report.problems().len(), report.complete()), (0, true));
    let (_dir, report) = checked(&[(SET, &set(true)), (FLOW, broken)], &[(SET, &set(false)), (FLOW, broken)]);
    assert!(report.complete() && report.problems().iter().all(|problem| problem.state == "unchanged"));
    assert_eq!(report.problems().len(), 2, "on both sides");
    // Directories have no ids to tell: it is read on both sides, and is the same.
    let (from, to) = (directory(&[(SET, &set(true)), (FLOW, broken)]), directory(&[(SET, &set(true)), (FLOW, broken)]));
    let report = Report::of_diff(from.path(), to.path());
    let states: Vec<String> = report.problems().into_iter().map(|problem| problem.state).collect();
    assert_eq!((states, report.status), (vec!["unchanged".to_owned(), "unchanged".to_owned()], 0));
    // A change of a flow needs the set it names, broken or not.
    let (draft, active) = (flow(LITERAL, "<status>Draft</status>"), flow(LITERAL, ACTIVE));
    let cut = b"<PermissionSet>".as_slice();
    let (_dir, report) = checked(&[(SET, cut), (FLOW, &draft)], &[(SET, cut), (FLOW, &active)]);
    assert_eq!((report.status, findings(&report)), (2, vec![]));
    for (path, bytes) in [
        (NETWORK, b"<Network>".as_slice()),
        ("useraccesspolicies/P.useraccesspolicy-meta.xml", b"\xff\xfe<\0".as_slice()),
        ("customPermissions/P.customPermission-meta.xml", b"<<<<<<< ours".as_slice()),
    ] {
        let (_dir, report) = checked(&[], &[(path, bytes)]);
        assert_eq!((report.status, report.problems().len()), (2, 1), "{path}");
    }
}

#[test]
fn code_is_read_by_audit_only_and_only_where_a_set_is_session_based() {
    let code = b"insert new SessionPermSetActivation();".as_slice();
    let class = "force-app/main/default/classes/Unlock.cls";
    let report = audited(&[(SET, &set(true)), (class, code)]);
    assert_eq!((findings(&report), read(&report)), (vec![], 2));
    let report = audited(&[(SET, &set(true)), (class, b"// nothing")]);
    assert_eq!(
        findings(&report),
        ["session-set-never-activated permissionSet:Contracts Contracts.permissionset-meta.xml:3"]
    );
    let report = audited(&[(SET, &set(false)), (class, code)]);
    assert_eq!(read(&report), 1);
    let (_dir, report) = checked(&[(SET, &set(true))], &[(SET, &set(true)), (class, code)]);
    assert_eq!((read(&report), report.status), (0, 0));
}

#[test]
fn whoever_a_changed_file_assigns_is_named() {
    let network = |inside: &str| file("Network", &format!("<networkMemberGroups>\n{inside}</networkMemberGroups>"));
    let before = network("<permissionSet>Contracts</permissionSet>\n");
    let after = network("<permissionSet>Orders</permissionSet>\n<profile>Shop</profile>\n");
    let (_dir, report) = checked(&[(NETWORK, &before)], &[(NETWORK, &after)]);
    assert_eq!(
        findings(&report),
        [
            "assignment-changed permissionSet:Contracts Shop.network-meta.xml:2",
            "assignment-changed permissionSet:Orders Shop.network-meta.xml:4",
            "assignment-changed profile:Shop Shop.network-meta.xml:5",
        ]
    );
    let messages: Vec<String> =
        report.json["findings"].as_array().expect("a list").iter().map(|finding| text(finding, "message")).collect();
    assert_eq!(
        messages[..2],
        [
            "Permission set Contracts is concerned: Experience Cloud site Shop, which changes here, no longer makes its users members",
            "Permission set Orders is concerned: Experience Cloud site Shop, which changes here, makes its users members",
        ]
    );
    assert_eq!((report.status, text(&report.json["findings"][0], "severity")), (0, "note".to_owned()));
    // Gone altogether: the line is base's.
    let (_dir, report) = checked(&[(NETWORK, &before)], &[]);
    assert_eq!(findings(&report), ["assignment-changed permissionSet:Contracts Shop.network-meta.xml:4"]);
    // Moved, or with other mail templates: nobody is concerned.
    let same = network("<permissionSet>Contracts</permissionSet>\n<!-- members -->");
    let (_dir, report) = checked(&[(NETWORK, &before)], &[("sites/networks/Shop.network", &same)]);
    assert_eq!((findings(&report), report.status), (vec![], 0));
}

#[test]
fn sites_are_read_where_a_profile_differs() {
    let network = file("Network", "<selfRegProfile>Shop</selfRegProfile>");
    let run = |licence: &str, site: (&str, &[u8])| {
        let (before, after) = (profile(licence, "RunReports"), profile(licence, "ApiEnabled"));
        let (_dir, report) = checked(&[(PROFILE, &before), site], &[(PROFILE, &after), site]);
        let rules: Vec<String> =
            findings(&report).iter().map(|finding| finding.split(' ').next().unwrap_or_default().to_owned()).collect();
        (rules, read(&report), report.status)
    };
    let one = |rule: &str| vec![rule.to_owned()];
    assert_eq!(run("Salesforce", (NETWORK, &network)), (one("external-broad-access"), 3, 1), "whatever the licence");
    assert_eq!(run("Guest User License", (NETWORK, &network)), (one("external-broad-access"), 3, 1));
    assert_eq!(run("", (NETWORK, &network)), (one("external-broad-access"), 3, 1));
    let members = file("Network", "<networkMemberGroups><profile>Shop</profile></networkMemberGroups>");
    assert_eq!(run("", (NETWORK, &members)), (one("unknown-audience-broad-access"), 3, 0), "members may be internal");
    let site = file("CustomSite", "<guestProfile>Shop</guestProfile>");
    assert_eq!(run("Moon", ("sites/Shop.site", &site)), (one("external-broad-access"), 3, 1));
    assert_eq!(run("Salesforce", ("sites/Other.site", &site)), (one("external-broad-access"), 3, 1));
    let other = file("CustomSite", "<guestProfile>Help</guestProfile>");
    assert_eq!(run("Salesforce", ("sites/Help.site", &other)), (one("grants-in-profile"), 3, 0));
}

/// Deploying a tree deletes nothing: who was a guest by a site's file is one without it.
#[test]
fn a_site_whose_file_goes_stays() {
    let [before, after] = ["RunReports", "ApiEnabled"].map(|permission| profile("Salesforce", permission));
    let site = file("CustomSite", "<guestProfile>Shop</guestProfile>");
    let (_dir, report) = checked(&[(PROFILE, &before), ("sites/Shop.site", &site)], &[(PROFILE, &after)]);
    let found = findings(&report);
    assert!(report.status == 1 && found.iter().any(|one| one.starts_with("external-broad-access")), "{found:?}");
}

/// A deployment does not change a licence, so that another line for it makes nobody internal.
#[test]
fn a_licence_that_is_written_otherwise_exempts_nothing() {
    let run = |before: &str, after: &str| {
        let (_dir, report) =
            checked(&[(PROFILE, &profile(before, "RunReports"))], &[(PROFILE, &profile(after, "ApiEnabled"))]);
        (findings(&report)[0].split(' ').next().unwrap_or_default().to_owned(), report.status)
    };
    for guest in ["Guest User License", "Customer Community"] {
        for other in ["Salesforce", "", "Moon"] {
            assert_eq!(run(guest, other), ("external-broad-access".to_owned(), 1), "{guest} {other}");
            assert_eq!(run(other, guest), ("external-broad-access".to_owned(), 1), "{other} {guest}");
        }
    }
    assert_eq!(run("Salesforce", "Salesforce Platform"), ("grants-in-profile".to_owned(), 0));
}

#[test]
fn a_site_that_gives_an_unchanged_profile_to_others_is_judged_with_it() {
    let other = "force-app/main/default/networks/Other.network-meta.xml";
    let (closed, open) = (file("Network", ""), file("Network", "<selfRegProfile>shop</selfRegProfile>"));
    let guests = file("CustomSite", "<guestProfile>Shop</guestProfile>");
    let run = |files: [&[(&str, &[u8])]; 2]| {
        let (_dir, report) = checked(files[0], files[1]);
        let mine = findings(&report).into_iter().filter(|finding| !finding.starts_with("assignment-changed"));
        let without_place = |finding: String| finding.rsplit_once(' ').map(|(found, _)| found.to_owned());
        (mine.filter_map(without_place).collect::<Vec<_>>(), report.status)
    };
    let broad = vec!["external-broad-access profile:Shop".to_owned()];
    for licence in ["", "Salesforce"] {
        let api = profile(licence, "ApiEnabled");
        assert_eq!(
            run([&[(PROFILE, &api), (NETWORK, &closed)], &[(PROFILE, &api), (NETWORK, &open)]]),
            (broad.clone(), 1)
        );
        assert_eq!(run([&[(PROFILE, &api)], &[(PROFILE, &api), (NETWORK, &open)]]), (broad.clone(), 1), "a new site");
        // Moved besides.
        let moved = "other/profiles/Shop.profile-meta.xml";
        assert_eq!(
            run([&[(PROFILE, &api), (NETWORK, &closed)], &[(moved, &api), (NETWORK, &open)]]),
            (broad.clone(), 1)
        );
        // From those who register to those who do not log in.
        let both = [(PROFILE, &api[..]), (NETWORK, &open), ("sites/Shop.site", &guests)];
        assert_eq!(run([&[(PROFILE, &api), (NETWORK, &open)], &both]), (broad.clone(), 1));
        // Another site did before, or this one gives it up.
        let before: [(&str, &[u8]); 3] = [(PROFILE, &api), (other, &open), (NETWORK, &closed)];
        assert_eq!(run([&before, &[(PROFILE, &api), (other, &open), (NETWORK, &open)]]), (vec![], 0));
        assert_eq!(run([&[(PROFILE, &api), (NETWORK, &open)], &[(PROFILE, &api), (NETWORK, &closed)]]), (vec![], 0));
    }
    // Whatever it is that they get now.
    let all = profile("Salesforce", "ModifyAllData");
    let (found, status) = run([&[(PROFILE, &all), (NETWORK, &closed)], &[(PROFILE, &all), (NETWORK, &open)]]);
    assert_eq!((found, status), (vec!["privileged-access-always-on profile:Shop".to_owned()], 1));
    let broken = b"<Profile>".to_vec();
    let (_, status) = run([&[(PROFILE, &broken), (NETWORK, &closed)], &[(PROFILE, &broken), (NETWORK, &open)]]);
    assert_eq!(status, 2, "nobody knows what strangers get");
    let (_, status) = run([&[(PROFILE, &broken), (NETWORK, &open)], &[(PROFILE, &broken), (NETWORK, &closed)]]);
    assert_eq!(status, 0);
}

/// Real repositories: nothing of all this floods, or stops a run that ended well before.
#[test]
fn real_repositories_stay_quiet() {
    let Some(corpora) = corpora("related files") else { return };
    let expected: [(&str, &[&str]); 4] = [
        // The licence of the one is not written down; the other manages external users.
        (
            "NPSP",
            &[
                "unknown-audience-access profile:NPSP_Standard_User NPSP_Standard_User.profile:153",
                "external-user-administration profile:sysadmin_test sysadmin_test.profile:630",
            ],
        ),
        ("crm-nks-base", &[]),
        // The two guest profiles with API access or View All.
        ("ebikes-lwc", &["external-broad-access profile:E-Bikes Profile E-Bikes Profile.profile:350"]),
        ("coral-cloud", &["external-broad-access profile:Coral Cloud Profile Coral Cloud Profile.profile:21"]),
    ];
    let mine = |finding: &&String| {
        ["flow-", "unknown-audience", "external-", "session-set"].iter().any(|rule| finding.starts_with(rule))
    };
    for (folder, expected) in expected {
        let path = corpora.join(folder);
        let all = findings(&Report::of(&path, &["audit", arg(&path)]));
        let own: Vec<&String> = all.iter().filter(mine).collect();
        assert_eq!(own, expected, "{folder}");
    }
}

#[test]
fn a_set_that_loses_its_gate_is_judged_with_the_flows_that_name_it() {
    let (active, other) = (flow(LITERAL, ACTIVE), flow("<stringValue>Elsewhere</stringValue>", ACTIVE));
    let other_flow = "force-app/main/default/flows/Other.flow-meta.xml";
    let (gated, open) = (set(true), set(false));
    let before: Files<'_> = &[(SET, &gated), (FLOW, &active), (other_flow, &other)];
    let (_dir, report) = checked(before, &[(SET, &open), (FLOW, &active), (other_flow, &other)]);
    let found = findings(&report);
    assert!(found.contains(&"flow-activates-ungated-set flow:Unlock Unlock.flow-meta.xml:6".to_owned()), "{found:?}");
    assert_eq!(read(&report), 2 + 2, "the set on both sides, and all flows");

    let relabelled = String::from_utf8(gated.clone()).expect("UTF-8").replace("Contracts<", "Contracts!<").into_bytes();
    let (_dir, report) = checked(before, &[(SET, &relabelled), (FLOW, &active), (other_flow, &other)]);
    assert_eq!((findings(&report), read(&report)), (vec![], 2), "its gate stays");
}
