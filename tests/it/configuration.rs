//! `permdelta.toml`: every mistake at its line, and a change that cannot weaken what it is judged by.

use permdelta::error::Error;
use permdelta::policy::{Config, builtin_rules};
use tempfile::TempDir;

use crate::gate::{self, file};
use crate::ranges::{path, set};
use crate::support::{Report, arg, directory, permdelta, text, write};

const POLICY: &str = "permdelta.toml";

fn mistake(text: &str) -> (u32, String) {
    match Config::read(POLICY, text.as_bytes(), &builtin_rules().expect("rules")) {
        Err(Error::Policy { path, line, message, hint }) => {
            assert!(path == POLICY && !hint.is_empty(), "{text}: {path}, {hint}");
            (line, format!("{message}\n{hint}"))
        }
        Err(other) => panic!("{text}: no policy error: {other}"),
        Ok(_) => panic!("it loads: {text}"),
    }
}

#[test]
fn mistakes_are_named_with_their_line_and_what_would_be_right() {
    let long = format!("[paths]\nexclude = [\"{}\"]", "a".repeat(201));
    let cases: &[(&str, u32, &[&str])] = &[
        ("[rulse]\n", 1, &["rulse", "did you mean `rules`?"]),
        ("[rules]\nview-all-dta = \"low\"", 2, &["view-all-dta", "did you mean `view-all-data`?"]),
        ("[rules]\nhygeine = \"low\"", 2, &["did you mean `hygiene`?"]),
        ("[rules]\nhygiene = \"hihg\"", 2, &["hihg", "did you mean `high`?"]),
        ("[rules]\nhygiene = 3", 2, &["string", "off, note"]),
        ("[rules]\n\ngate = \"off\"", 3, &["gate", "cannot be switched off"]),
        ("[rules]\npolicy-weakened = \"off\"", 2, &["cannot be switched off"]),
        ("[classes]\nintegrations = []", 2, &["did you mean `integration`?"]),
        ("[classes]\nadmin = [\n  \"A\",\n  \"permisionSet:B\"]", 4, &["did you mean `permissionSet`?"]),
        ("[classes]\nadmin = [\"mutingPermissionSet:B\"]", 2, &["muting"]),
        ("[classes]\nadmin = [\"{a\"]", 2, &["{a"]),
        ("[classes]\nadmin = [\"\"]", 2, &["empty"]),
        ("[classes]\nadmin = \"A\"", 2, &["A"]),
        ("[classes]\ncomponent-only = [\"profile:A\"]", 2, &["profile:A", "permission sets"]),
        ("[session]\nprivileged = [\"userPermission/A\"]", 2, &["did you mean `userPermissions`?"]),
        ("[session]\nactivators = [{ holder = \"A\", by = \"B\" }]", 2, &["ticket"]),
        ("[session]\nactivators = [{ holder = \"A\", by = \"\", ticket = \"C\" }]", 2, &["empty"]),
        ("[paths]\nexclude = [\"../x\"]", 2, &["../x", "below the root"]),
        ("[paths]\nexclude = [\"[a\"]", 2, &["[a"]),
        (&long, 2, &["201", "200"]),
        ("[sensitive]\nobject = []", 2, &["did you mean `objects`?"]),
        (
            "[[waiver]]\nrule = \"modify-all-dat\"\nholder = \"A\"\nreason = \"r\"\nowner = \"o\"\nexpires = 2027-03-31",
            2,
            &["did you mean `modify-all-data`?"],
        ),
        (
            "[[waiver]]\nrule = \"modify-all-data\"\nholder = \"A\"\nreason = \"r\"\nowner = \"o\"\nexpires = \"soon\"",
            6,
            &["soon"],
        ),
        ("[[waiver]]\nrule = \"modify-all-data\"\nholder = \"A\"\nreason = \"r\"\nowner = \"o\"", 1, &["expires"]),
        (
            "[[waiver]]\nrule = \"modify-all-data\"\nholder = \"permissionSet:A\"\ngrant = \"userPermission/ModifyAllData\"\n\
             reason = \"r\"\nowner = \"o\"\nexpires = 2027-03-31",
            4,
            &["did you mean `userPermissions`?"],
        ),
        ("[[waiver]]\nexpires = 7", 2, &["no day", "2027-03-31"]),
        ("\n[waiver]\nrule = \"modify-all-data\"", 2, &["[[waiver]]"]),
        ("[rules]\nhygiene = \"HIGH\"", 2, &["did you mean `high`?"]),
        ("[session]\nactivators = [\"A\"]", 2, &["{ holder = "]),
        ("[rules]\nhygiene = ", 2, &[]),
    ];
    let mut complaints = Vec::new();
    for (text, line, words) in cases {
        let (found, whole) = mistake(text);
        if found != *line || !words.iter().all(|word| whole.contains(word)) {
            complaints.push(format!("{text}\n  line {line}, {words:?}, but {found}: {whole}"));
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
    assert!(Config::read(POLICY, &vec![b'#'; 5 << 20], &[]).is_err(), "a limit on its size");
    assert!(Config::read(POLICY, b"[rules]\n\xff", &[]).is_err(), "UTF-8");
}

#[test]
fn a_day_can_stand_in_quotes() {
    let known = builtin_rules().expect("the rules");
    let waiver = |day: &str| {
        let text = format!(
            "[[waiver]]\nrule = \"modify-all-data\"\nholder = \"permissionSet:A\"\nreason = \"r\"\nowner = \"o\"\nexpires = {day}\n"
        );
        Config::read(POLICY, text.as_bytes(), &known)
            .map(|config| format!("{config:?}").contains("expires: 2027-03-31"))
    };
    for day in ["2027-03-31", "\"2027-03-31\"", "'2027-03-31'"] {
        assert!(waiver(day).expect("it loads"), "{day}");
    }
    for day in ["\"31.3.2027\"", "\"2027-02-30\"", "2027-03-31T00:00:00Z", "\"2027-03-31 12:00:00\"", "\"\""] {
        assert!(waiver(day).is_err(), "{day}");
    }
}

type Files<'a> = Vec<(&'a str, Vec<u8>)>;

fn history(base: &Files<'_>, target: &Files<'_>, head: &Files<'_>) -> TempDir {
    let owned = |files: &Files<'_>| files.iter().map(|(path, bytes)| file(path, bytes.clone())).collect();
    gate::history(&owned(base), &owned(target), &owned(head))
}

fn check(dir: &TempDir, more: &[&str]) -> Report {
    Report::of(dir.path(), &[&["check", "main...topic"], more].concat())
}

fn found(report: &Report) -> Vec<String> {
    let findings = report.json["findings"].as_array().expect("findings");
    let mut found: Vec<String> =
        findings.iter().map(|finding| format!("{} {}", text(finding, "severity"), text(finding, "rule"))).collect();
    found.sort();
    found
}

/// What would silence the finding about a new grant, from the change itself and from the target branch.
#[test]
fn a_change_cannot_weaken_what_it_is_judged_by() {
    let a = path("A");
    let policies = [
        "[rules]\nsession = \"off\"\ndata = \"off\"\nescalation = \"off\"\n",
        "[rules]\nsession = \"note\"\ndata = \"note\"\nescalation = \"note\"\n",
        "[paths]\nexclude = [\"force-app/**\"]\n",
    ];
    for policy in policies {
        let (old, new) = ((a.as_str(), set("RunReports")), (a.as_str(), set("ModifyAllData")));
        let file = (POLICY, policy.as_bytes().to_vec());
        let dir = history(&vec![old.clone()], &vec![old.clone()], &vec![new.clone(), file.clone()]);
        let report = check(&dir, &[]);
        assert_eq!(report.status, 1, "{policy}");
        assert!(found(&report).contains(&"critical privileged-access-always-on".to_owned()), "{policy}");
        assert!(found(&report).contains(&"high policy-weakened".to_owned()), "{policy}");
        assert_eq!(text(&report.json["policy"], "from"), "built-in");
        let states = report.json["findings"].as_array().expect("findings").iter().map(|one| text(one, "state"));
        assert!(states.into_iter().all(|state| state == "new"), "{policy}");
        let run = permdelta(dir.path(), &["check", "main...topic"]);
        assert!(run.stderr.contains("after merge: "), "{}", run.stderr);
        let dir_of_target = history(&vec![old.clone()], &vec![old.clone(), file.clone()], &vec![new.clone()]);
        let report = check(&dir_of_target, &[]);
        assert_eq!(report.status, 0, "{policy}: {:?}", found(&report));
        assert_eq!(text(&report.json["policy"], "from"), "target");
        assert!(report.json["policy"]["id"].is_string());
        let report = check(&dir, &["--policy-from", "head"]);
        assert_eq!((report.status, text(&report.json["policy"], "from").as_str()), (0, "head"), "{policy}");
    }
}

/// What only says the same in other words, or less of what exempts, is no finding.
#[test]
fn only_what_is_weaker_is_a_weakening() {
    let cases = [
        ("[paths]\nexclude = [\"archive/**\"]", "[paths]\nexclude = [\"archive/2020/*\", \"archive/A.xml\"]", false),
        ("[paths]\nexclude = [\"archive/**\"]", "[paths]\nexclude = [\"archive/**\", \"archives/**\"]", true),
        ("[paths]\nexclude = [\"archive/*\"]", "[paths]\nexclude = [\"archive/**\"]", true),
        ("[paths]\nexclude = [\"a?/**\"]", "[paths]\nexclude = [\"a*/**\"]", true),
        (
            "[classes]\nintegration = [\"Int_*\"]",
            "[classes]\nintegration = [\"Int_A*\", \"permissionSet:int_b\"]",
            false,
        ),
        ("[classes]\nintegration = [\"Int_*\"]", "[classes]\nintegration = [\"Int*\"]", true),
        ("[classes]\nintegration = [\"profile:Int_*\"]", "[classes]\nintegration = [\"Int_A*\"]", true),
        ("[sensitive]\nobjects = [\"Pay__c\", \"Salary__c\"]", "[sensitive]\nobjects = [\"*__c\"]", false),
        ("[sensitive]\nobjects = [\"*__c\"]", "[sensitive]\nobjects = [\"Pay__c\"]", true),
        ("[sensitive]\nfields = [\"Pay__c.*\"]", "[sensitive]\nfields = [\"Pay__c.Amount__c\"]", true),
    ];
    for (before, after, weaker) in cases {
        let file = |policy: &str| (POLICY, format!("{policy}\n").into_bytes());
        let (old, set) = (file(before), (path("A"), set("RunReports")));
        let with = |policy| vec![(set.0.as_str(), set.1.clone()), policy];
        let report = check(&history(&with(old.clone()), &with(old), &with(file(after))), &[]);
        let found = found(&report);
        assert_eq!(found.contains(&"high policy-weakened".to_owned()), weaker, "{before} -> {after}: {found:?}");
    }
}

#[test]
fn a_renamed_holder_and_a_moved_file_gain_nothing() {
    let policy = (POLICY, b"[classes]\nintegration = [\"Int_*\"]\n[paths]\nexclude = [\"archive/**\"]\n".to_vec());
    let (a, int) = (path("A"), path("Int_A"));
    let archived = "archive/A.permissionset-meta.xml";
    let old = vec![(a.as_str(), set("RunReports")), policy.clone()];
    for (to, also) in [(int.as_str(), Some("medium class-entered")), (archived, Some("high excluded-path-entered"))] {
        let dir = history(&old, &old, &vec![(to, set("ModifyAllData")), policy.clone()]);
        let report = check(&dir, &[]);
        let found = found(&report);
        assert_eq!(report.status, 1, "{to}");
        assert!(found.contains(&"critical privileged-access-always-on".to_owned()), "{to}: {found:?}");
        assert!(also.is_none_or(|also| found.contains(&also.to_owned())), "{to}: {found:?}");
    }
    let old = vec![(int.as_str(), set("RunReports")), policy.clone()];
    let dir = history(&old, &old, &vec![(int.as_str(), set("ModifyAllData")), policy]);
    assert!(found(&check(&dir, &[])).contains(&"high privileged-integration-access".to_owned()));
    assert!(!found(&check(&dir, &[])).contains(&"critical privileged-access-always-on".to_owned()));
}

#[test]
fn without_git_the_base_directory_counts_and_a_file_can_be_named() {
    let a = path("A");
    let off = b"[rules]\nsession = \"off\"\ndata = \"off\"\nescalation = \"off\"\n";
    let (old, new) = (set("RunReports"), set("ModifyAllData"));
    let base = directory(&[(&a, &old)]);
    let head = directory(&[(&a, &new), (POLICY, off)]);
    let run = |more: &[&str]| {
        Report::of(head.path(), &[&["check", "--from", arg(base.path()), "--to", arg(head.path())], more].concat())
    };
    assert_eq!(run(&[]).status, 1);
    assert_eq!(run(&["--policy-from", POLICY]).status, 0);
    assert_eq!(text(&run(&["--policy-from", POLICY]).json["policy"], "from"), "file");
    write(base.path(), POLICY, off);
    let report = run(&[]);
    assert_eq!((report.status, text(&report.json["policy"], "from").as_str()), (0, "base"));
    assert_eq!(found(&Report::of(head.path(), &["audit", "."])), ["low missing-required-right"]);
    write(base.path(), POLICY, b"[rules]\nsesion = \"off\"\n");
    let run = permdelta(head.path(), &["check", "--from", arg(base.path()), "--to", arg(head.path())]);
    assert_eq!(run.status, 3);
    assert!(
        run.stderr.contains("permdelta.toml:2") && run.stderr.contains("did you mean `session`?"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_component_is_judged_by_its_groups() {
    let a = path("CMP_A");
    let policy = (POLICY, b"[classes]\ncomponent-only = [\"CMP_*\"]\n".to_vec());
    let old = vec![(a.as_str(), set("RunReports")), policy.clone()];
    let new = vec![(a.as_str(), set("ViewSetup")), policy];
    assert_eq!(check(&history(&old, &old, &new), &["--no-new-access"]).status, 0);
    assert_eq!(
        check(&history(&old[..1].to_vec(), &old[..1].to_vec(), &new[..1].to_vec()), &["--no-new-access"]).status,
        1
    );
}

#[test]
fn an_activator_is_named_in_the_configuration() {
    let gated = b"<PermissionSet><hasActivationRequired>true</hasActivationRequired><label>B</label></PermissionSet>";
    let dir = directory(&[(&path("Break_Glass"), gated)]);
    let never = "low session-set-never-activated".to_owned();
    assert!(found(&Report::of(dir.path(), &["audit", "."])).contains(&never));
    write(
        dir.path(),
        POLICY,
        b"[session]\nactivators = [{ holder = \"break_glass\", by = \"Vault\", ticket = \"S-1\" }]\n",
    );
    assert!(!found(&Report::of(dir.path(), &["audit", "."])).contains(&never));
}

#[test]
fn a_rule_is_explained_with_the_severity_it_is_set_to() {
    let dir = directory(&[(POLICY, b"[rules]\nmodify-all-records = \"low\"\nhygiene = \"off\"\n")]);
    let first = |rule: &str| {
        let run = permdelta(dir.path(), &["explain", rule]);
        run.stdout.lines().next().map(str::to_owned)
    };
    for line in [
        "modify-all-records  high, here set to low (permdelta.toml)",
        "dead-entry  note, here set to off (permdelta.toml)",
        "modify-all-data  high",
    ] {
        let rule = line.split(' ').next().unwrap_or_default();
        assert_eq!(first(rule).as_deref(), Some(line));
    }
}

/// Each finding has its own line; stderr says the first.
#[test]
fn what_counts_after_a_merge_is_told_briefly() {
    let policy: String = (0..30).map(|at| format!("\"rule-{at:02}/**\", ")).collect();
    let policy = format!("[paths]\nexclude = [{policy}]\n");
    let a = path("A");
    let files = vec![(a.as_str(), set("RunReports"))];
    let head = vec![files[0].clone(), (POLICY, policy.into_bytes())];
    let run = permdelta(history(&files, &files, &head).path(), &["check", "main...topic"]);
    let mut told = run.stderr.lines().filter(|line| line.starts_with("after merge: "));
    let last = told.next_back();
    assert_eq!((told.count(), last), (20, Some("after merge: and 10 more")), "{}", run.stderr);
}
