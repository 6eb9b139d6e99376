//! The Markdown comment: what stands in it and where, its limit, and that nothing is left out silently.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::gfm::{Piece, html, pieces, tables};
use crate::support::{FOLDER, Report, Run, arg, commit_worktree, directory, permdelta, repository, temp, text, write};

const MOST_BYTES: usize = 60_000;

/// A report as Markdown and as JSON.
struct Both {
    markdown: String,
    stderr: String,
    json: Value,
}

impl Both {
    fn of(dir: &std::path::Path, args: &[&str]) -> Self {
        let run = permdelta(dir, &[args, &["--format", "markdown"]].concat());
        assert!(run.status < 3, "{}", run.stderr);
        assert_sound(&run.stdout);
        Self { markdown: run.stdout, stderr: run.stderr, json: Report::of(dir, args).json }
    }

    /// Open findings but the notes.
    fn findings(&self) -> impl Iterator<Item = &Value> {
        let all = self.json["findings"].as_array().expect("findings").iter();
        all.filter(|finding| finding["waiver"].is_null() && finding["severity"] != "note")
    }

    /// Lines outside of what is folded.
    fn unfolded(&self) -> String {
        let mut depth = 0;
        let mut lines = Vec::new();
        for line in self.markdown.lines() {
            depth += line.matches("<details>").count();
            if depth == 0 {
                lines.push(line);
            }
            depth -= line.matches("</details>").count();
        }
        lines.join("\n")
    }

    /// The number in `*12 more findings not listed*`; 0 where nothing is left out.
    fn left_out(&self, noun: &str) -> usize {
        let line = self.markdown.lines().filter_map(|line| line.strip_prefix('*')).find(|line| {
            let number = line.split(' ').next().is_some_and(|word| word.parse::<usize>().is_ok());
            number && line.contains(&format!("more {noun}"))
        });
        line.map_or(0, |line| line.split(' ').next().and_then(|word| word.parse().ok()).expect("a number"))
    }
}

/// What holds of every comment: its size, its tables, its tags, its first line and its last.
fn assert_sound(markdown: &str) {
    assert!(markdown.len() <= MOST_BYTES, "{} bytes", markdown.len());
    assert!(markdown.starts_with("<!-- permdelta") && markdown.ends_with("</sub>\n"), "{markdown}");
    assert!(!markdown.contains("\n\n\n") && !markdown.contains("http"), "{markdown}");
    for table in tables(markdown) {
        assert!(table.len() > 2 && table.iter().all(|row| row.len() == table[0].len()), "{table:#?}");
    }
    let html = html(markdown);
    assert_eq!(html.matches("<table>").count(), tables(markdown).len(), "{markdown}");
    let mut open: Vec<String> = Vec::new();
    for piece in pieces(&html) {
        let Piece::Tag { name, .. } = piece else { continue };
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop().as_deref(), Some(name), "{markdown}"),
            None if ["br", "wbr", "br/"].contains(&name.as_str()) => {}
            None => open.push(name),
        }
    }
    assert_eq!(open, [""; 0], "{markdown}");
}

/// `number` permission sets with a risky permission each, beside as many notes.
fn many(dir: &std::path::Path, count: usize) {
    for number in 0..count {
        let set = format!(
            "<PermissionSet>\n<label>Set number {number}</label>\n<objectPermissions>\n<object>Object_{number}__c</object>\n\
             <viewAllRecords>true</viewAllRecords>\n</objectPermissions>\n<userPermissions><enabled>true</enabled>\n\
             <name>ModifyAllData</name>\n</userPermissions>\n<userPermissions><enabled>true</enabled>\n<name>ModifyAllData</name>\n\
             </userPermissions>\n</PermissionSet>\n"
        );
        write(dir, &format!("{FOLDER}/Set_{number}.permissionset-meta.xml"), set.as_bytes());
    }
}

#[test]
fn the_marker_is_the_first_line() {
    let dir = temp();
    let first = |args: &[&str]| {
        let run = permdelta(dir.path(), &[&["demo", "--format", "markdown"], args].concat());
        run.stdout.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(first(&[]), "<!-- permdelta -->");
    for id in ["a_B.9-x", "a--b-", "x"] {
        assert_eq!(first(&["--comment-id", id]), format!("<!-- permdelta: {id} -->"));
    }
    for wrong in ["", "a b", "-->", "ä", &"x".repeat(41)] {
        let run = permdelta(dir.path(), &["demo", "--format", "markdown", "--comment-id", wrong]);
        assert_eq!((run.status, run.stdout.as_str()), (3, ""), "{wrong:?}: {}", run.stderr);
    }
    let file = dir.path().join("comment.md");
    let report = format!("markdown={}", arg(&file));
    permdelta(dir.path(), &["demo", "--report", &report, "--comment-id", "two"]);
    assert!(std::fs::read_to_string(&file).expect("a file").starts_with("<!-- permdelta: two -->\n"));
}

/// Each finding has its message, place and fingerprint, and below its rule the reason, the advice and the command.
#[test]
fn every_finding_of_the_demo_is_there_worst_first() {
    let dir = temp();
    let both = Both::of(dir.path(), &["demo"]);
    let rules: Vec<Value> =
        serde_json::from_str(&permdelta(dir.path(), &["rules", "--format", "json"]).stdout).expect("JSON");
    let mut places = Vec::new();
    for finding in both.findings() {
        let (fingerprint, severity) = (text(finding, "fingerprint"), text(finding, "severity"));
        let line = both.markdown.lines().find(|line| line.contains(&format!("`{fingerprint}`"))).expect("a line");
        assert!(line.contains(&format!("{}:{}", text(finding, "path"), finding["line"])), "{line}");
        let rule = rules.iter().find(|rule| rule["id"] == finding["rule"]).expect("its rule");
        let behind =
            both.markdown[both.markdown.find(line).expect("the line")..].replace("<code>", "").replace("</code>", "");
        let at = |what: &str| behind.find(what).unwrap_or_else(|| panic!("{what} is not behind {line}"));
        let start = |key: &str| text(rule, key).chars().take(20).collect::<String>();
        assert!(at(&start("why")) < at(&start("fix")), "{line}");
        assert!(at(&start("fix")) < at(&format!("permdelta waive {fingerprint} ")), "{line}");
        let rank = ["critical", "high", "medium", "low"].iter().position(|known| *known == severity);
        places.push((both.markdown.find(line), rank));
    }
    places.sort_unstable();
    assert!(places.len() > 10 && places.is_sorted_by_key(|(_, rank)| *rank), "{places:?}");
}

/// In the table stands who gains and loses what; what was held before, and texts, do not.
#[test]
fn the_table_says_what_users_get() {
    let dir = temp();
    let both = Both::of(dir.path(), &["demo"]);
    let table = tables(&both.unfolded()).remove(0);
    let row = |name: &str| {
        let name = format!("<code>{name}</code>");
        table.iter().find(|row| row[0].contains(&name)).map(|row| row.join(" | ")).unwrap_or_default()
    };
    assert_eq!(table[0], ["Holder, worst finding", "Gain", "Lose"]);
    for (name, words) in [
        ("Data_Migration", &["critical · <strong>new</strong> permission set", "Modify All Data", "every object"][..]),
        (
            "Contract_Manager",
            &["🟠&nbsp;<strong>", "high · permission set", "+3:", "Delete, View All Records, Modify All Records"],
        ),
        ("Employment_Contracts", &["session gate removed", "14 without session activation now"]),
        ("Contract_Desk", &["own file unchanged", "+1 no longer muted:", "Export Reports"]),
        ("Field_Team", &["adds member", "Conference_<wbr>Room_<wbr>Mobile", "+4:"]),
        ("HR_Recruiter", &["+3:", "−1:", "InterviewScheduler"]),
        ("Support_Agent", &["−2:", "API Enabled", "View All Records"]),
    ] {
        for word in words {
            assert!(row(name).contains(word), "{word} is not in {name}: {}", row(name));
        }
    }
    for name in ["Reporting_Analyst", "Meeting_Room_Viewer", "Contract_Desk_Muting", "Field_Service_Mobile"] {
        assert_eq!(row(name), "", "{name}");
    }
    for words in ["implied: a broader grant held before gives it", "held before, another way", "Meeting_Room_Viewer"] {
        assert!(both.markdown.contains(words) && !both.unfolded().contains(words), "{words}");
    }
}

/// Two thousand findings and hundreds of holders: each is there or counted, and the comment stays within its limit.
#[test]
fn what_does_not_fit_is_counted() {
    let (old, new) = (temp(), temp());
    many(new.path(), 500);
    let range = ["--from", arg(old.path()), "--to", arg(new.path())];
    for command in
        [&[&["check"], &range[..]].concat(), &[&["diff"], &range[..]].concat(), &vec!["audit", arg(new.path())]]
    {
        let both = Both::of(new.path(), command);
        assert!(both.markdown.len() > 20_000, "{command:?}: the room is used");
        let listed =
            both.findings().filter(|one| both.markdown.contains(&format!("`{}`", text(one, "fingerprint")))).count();
        let all = both.findings().count();
        assert!(listed < all || all == 0, "{command:?}");
        assert_eq!(listed + both.left_out("finding"), all, "{command:?}");
        let rows: usize = tables(&both.unfolded()).iter().map(|table| table.len() - 2).sum();
        let holders = both.json["holders"].as_array().expect("holders").len();
        assert_eq!(rows + both.left_out("holder"), holders, "{command:?}");
        assert!(both.markdown.contains("**Cut to fit a comment**"), "{command:?}");
        assert!(both.stderr.contains("Markdown lists "), "{command:?}: {}", both.stderr);
        let verdict = both.markdown.lines().nth(1).expect("a verdict");
        assert!(verdict.starts_with("## "), "{verdict}");
    }
}

/// Every severity that is left out is less bad than those that are listed.
#[test]
fn the_least_important_is_cut() {
    let (old, new) = (temp(), temp());
    many(new.path(), 150);
    let both = Both::of(new.path(), &["check", "--from", arg(old.path()), "--to", arg(new.path())]);
    let rank =
        |finding: &&Value| ["low", "medium", "high", "critical"].iter().position(|known| finding["severity"] == *known);
    let is_listed = |finding: &&Value| both.markdown.contains(&format!("`{}`", text(finding, "fingerprint")));
    let worst_cut = both.findings().filter(|finding| !is_listed(finding)).map(|finding| rank(&finding)).max();
    let least_listed = both.findings().filter(is_listed).map(|finding| rank(&finding)).min();
    assert!(worst_cut.is_some() && least_listed >= worst_cut, "{least_listed:?} {worst_cut:?}");
}

/// What could not be read stands before all else and is never folded, however much there is of it.
#[test]
fn problems_are_neither_hidden_nor_folded() {
    let (old, new) = (temp(), temp());
    many(new.path(), 40);
    for number in 0..300 {
        let set = format!(
            "<PermissionSet>\n<userPermissions><enabled>perhaps {number}</enabled><name>A</name></userPermissions>\n</PermissionSet>"
        );
        write(new.path(), &format!("{FOLDER}/Bad_{number}.permissionset-meta.xml"), set.as_bytes());
    }
    write(new.path(), &format!("{FOLDER}/Cut.permissionset-meta.xml"), b"<PermissionSet>\n<label>");
    let both = Both::of(new.path(), &["check", "--from", arg(old.path()), "--to", arg(new.path())]);
    let unfolded = both.unfolded();
    assert!(unfolded.lines().nth(1).is_some_and(|line| line.contains("INCOMPLETE")), "{unfolded}");
    let at = |what: &str| unfolded.find(what).unwrap_or_else(|| panic!("{what} is not there"));
    assert!(at("\n### Incomplete: 301 files could not be read") < at("\n### What users gain and lose"));
    let listed = unfolded.matches(" (head)").count();
    let all = both.json["problems"].as_array().expect("problems").len();
    assert_eq!(listed + both.left_out("problem"), all);
    assert!(both.findings().count() > 0 && at("\n### Findings") > 0);
}

/// Of a file that could not be read nothing is claimed, least of all that it differs in layout only.
#[test]
fn what_could_not_be_read_is_not_called_harmless() {
    let path = format!("{FOLDER}/Cut.permissionset-meta.xml");
    let (old, new) =
        (directory(&[(&path, b"<PermissionSet></PermissionSet>")]), directory(&[(&path, b"<PermissionSet>")]));
    let both = Both::of(new.path(), &["check", "--from", arg(old.path()), "--to", arg(new.path())]);
    assert!(both.markdown.contains("INCOMPLETE") && !both.markdown.contains("layout"), "{}", both.markdown);
    let fine = Both::of(old.path(), &["check", "--from", arg(old.path()), "--to", arg(old.path())]);
    assert!(fine.markdown.contains("**No new findings.**<br>**No access change.**<br>"), "{}", fine.markdown);
}

#[test]
fn no_access_change_is_said_in_one_line() {
    let set = |label: &str, extra: &str| format!("<PermissionSet>{extra}<label>{label}</label></PermissionSet>");
    let path = format!("{FOLDER}/A.permissionset-meta.xml");
    for (before, after, said) in [
        (set("A", ""), set("B", ""), "**No access change: 1 holder differs in texts only.**"),
        (set("A", ""), set("A", "\n"), "**No access change: 1 holder differs in order, layout or comments only.**"),
        (set("A", ""), set("A", ""), "**No access change.**"),
    ] {
        let (old, new) = (directory(&[(&path, before.as_bytes())]), directory(&[(&path, after.as_bytes())]));
        for command in ["check", "diff"] {
            let both = Both::of(new.path(), &[command, "--from", arg(old.path()), "--to", arg(new.path())]);
            assert!(both.markdown.contains(said) && both.markdown.len() < 900, "{}", both.markdown);
            assert_eq!(both.markdown.contains("✅ permdelta: PASS"), command == "check", "{}", both.markdown);
            assert!(!both.unfolded().contains('|'), "{}", both.markdown);
        }
    }
}

/// Waived findings are folded and marked, and notes are counted by rule.
#[test]
fn waived_findings_and_notes_are_folded() {
    let dir = temp();
    many(dir.path(), 12);
    let policy = "[[waiver]]\nrule = \"privileged-access-always-on\"\nholder = \"permissionSet:Set_3\"\nreason = \"the migration\"\n\
                  owner = \"data-team\"\nticket = \"SEC-9\"\ngrant = \"userPermissions/ModifyAllData\"\nexpires = 2999-12-31\n";
    write(dir.path(), "permdelta.toml", policy.as_bytes());
    let both = Both::of(dir.path(), &["audit", "."]);
    let said = "until 2999-12-31 by data-team (SEC-9): the migration";
    assert!(
        both.markdown.contains("<strong>waived</strong> critical") && both.markdown.contains(said),
        "{}",
        both.markdown
    );
    assert!(!both.unfolded().contains(said), "{}", both.markdown);
    let notes =
        both.json["findings"].as_array().expect("findings").iter().filter(|one| one["severity"] == "note").count();
    let table = tables(&both.markdown).pop().expect("the table of notes");
    let counted: usize = table[2..].iter().map(|row| row[1].split(' ').next().unwrap().parse::<usize>().unwrap()).sum();
    assert!(notes >= 12 && counted == notes, "{table:#?}");
}

/// The command a finding shows does what it says.
#[test]
fn the_waive_command_works_as_it_stands() {
    let dir = temp();
    let repository = repository(dir.path(), false);
    let path = format!("{FOLDER}/A.permissionset-meta.xml");
    let set = |name: &str| {
        format!(
            "<PermissionSet>\n<userPermissions><enabled>true</enabled>\n<name>{name}</name></userPermissions>\n</PermissionSet>"
        )
    };
    let base = commit_worktree(&repository, None, &[(&path, set("RunReports").as_bytes())]);
    repository.reference("refs/remotes/origin/main", base, true, "").expect("the remote's branch");
    commit_worktree(&repository, Some(base), &[(&path, set("ViewAllData").as_bytes())]);
    let both = Both::of(dir.path(), &["check"]);
    let commands: Vec<&str> = both.markdown.lines().filter_map(|line| line.strip_prefix("permdelta waive ")).collect();
    let findings: BTreeSet<String> = both.findings().map(|finding| text(finding, "fingerprint")).collect();
    assert_eq!(commands.len(), findings.len());
    for command in commands {
        let command = command.replace("YYYY-MM-DD", "2999-12-31").replace('\'', "");
        let args: Vec<&str> = ["waive"].into_iter().chain(command.split(' ')).collect();
        let Run { status, stderr, .. } = permdelta(dir.path(), &args);
        assert_eq!(status, 0, "{command}: {stderr}");
    }
    let judged = Report::of(dir.path(), &["audit"]).json;
    assert!(
        judged["findings"]
            .as_array()
            .expect("findings")
            .iter()
            .all(|finding| !finding["waiver"].is_null() || !findings.contains(&text(finding, "fingerprint")))
    );
}

/// Every way in which access comes and goes has its own words.
#[test]
fn each_way_of_gaining_and_losing_is_named() {
    let permission =
        |name: &str| format!("<userPermissions><enabled>true</enabled><name>{name}</name></userPermissions>");
    let set = |body: &str| format!("<PermissionSet>{body}</PermissionSet>").into_bytes();
    let gate = |required: bool| format!("<hasActivationRequired>{required}</hasActivationRequired>");
    let group = |body: &str| {
        format!("<PermissionSetGroup>{body}<label>One</label><permissionSets>Big</permissionSets></PermissionSetGroup>")
            .into_bytes()
    };
    let (big, small) = (permission("ExportReport") + &permission("ManageUsers"), permission("RunReports"));
    let tab = |shown: &str| format!("<tabSettings><tab>A</tab><visibility>{shown}</visibility></tabSettings>");
    let profile = |body: &str| format!("<Profile>{body}</Profile>").into_bytes();
    let old = directory(&[
        ("p/Big.permissionset", &set(&big)),
        ("p/Gone.permissionset", &set(&small)),
        ("p/Gated.permissionset", &set(&(gate(false) + &small))),
        ("p/Tabs.permissionset", &set(&tab("None"))),
        ("p/Less.permissionset", &set(&small)),
        ("p/Some.profile", &profile(&permission("ApiEnabled"))),
        ("p/Muted.permissionsetgroup", &group("")),
    ]);
    let muting = format!("<MutingPermissionSet>{}</MutingPermissionSet>", permission("ExportReport"));
    let new = directory(&[
        ("p/Big.permissionset", &set(&big)),
        ("p/Gated.permissionset", &set(&(gate(true) + &small + &permission("ViewSetup")))),
        ("p/Tabs.permissionset", &set(&tab("Visible"))),
        ("p/Less.permissionset", &set("")),
        (
            "p/Some.profile",
            &profile(
                "<loginIpRanges><startAddress>0.0.0.0</startAddress><endAddress>9.0.0.0</endAddress></loginIpRanges>",
            ),
        ),
        ("p/Muted.permissionsetgroup", &group("<mutingPermissionSets>Mute</mutingPermissionSets>")),
        ("p/Unknown.permissionsetgroup", &group("<permissionSets>pkg__Other</permissionSets>")),
        ("p/Mute.mutingpermissionset", muting.as_bytes()),
    ]);
    let both = Both::of(new.path(), &["check", "--from", arg(old.path()), "--to", arg(new.path())]);
    let table = tables(&both.unfolded()).remove(0);
    for (name, words) in [
        (
            "Gone",
            "<strong>file removed</strong> | – | <strong>1 no longer declared, which revokes nothing:</strong> Run Reports",
        ),
        ("Gated", "session gate added | <strong>+1 in activated sessions:</strong>"),
        ("Gated", "<strong>1 only in activated sessions now:</strong> Run Reports"),
        ("Less", "permission set | – | <strong>−1:</strong> Run Reports"),
        ("Some", "settings differ: <code>loginIpRanges</code>"),
        ("Muted", "adds muting set <code>Mute</code> | – | <strong>−1 muted now:</strong> Export Reports"),
        ("Unknown", "<strong>not among the files</strong>: <code>pkg__Other</code>"),
    ] {
        let name = format!("<strong><code>{name}</code></strong>");
        let row = table.iter().map(|row| row.join(" | ")).find(|row| row.contains(&name)).unwrap_or_default();
        assert!(row.contains(words), "{words} is not in {row}");
    }
    assert!(both.markdown.contains("**2 holders gain access, 3 lose access.**"), "{}", both.markdown);
    assert!(both.markdown.contains("shown now: tab <code>A</code>") && !both.unfolded().contains("<code>Tabs</code>"));
}
