//! What a group gives by a member it takes in: the finding stands on the grant, marks and comments on the group's line.

use std::path::Path;

use serde_json::Value;

use crate::annotations::commands;
use crate::review::{assert_review, places, review};
use crate::review_samples::{set, user};
use crate::support::{FOLDER, Report, commit, permdelta, repository, temp, text};

const GROUP: &str = "force-app/main/default/permissionsetgroups/Desk.permissionsetgroup-meta.xml";

fn path(name: &str) -> String {
    format!("{FOLDER}/{name}.permissionset-meta.xml")
}

/// Each member on a line of its own, from the second line on; `flag` stands far below.
fn group(members: &[&str], flag: &str) -> String {
    let members: String = members.iter().map(|name| format!("<permissionSets>{name}</permissionSets>\n")).collect();
    format!("<PermissionSetGroup>\n{members}{}{flag}\n</PermissionSetGroup>\n", "\n".repeat(10))
}

/// Sets that do not change, and the group before and after.
fn changed(dir: &Path, sets: &[(&str, &str)], before: &str, after: &str) {
    let repository = repository(dir, true);
    let sets: Vec<(String, &str)> = sets.iter().map(|(name, text)| (path(name), *text)).collect();
    let mut last = None;
    for group in [before, after] {
        let mut files: Vec<(&str, &[u8])> = sets.iter().map(|(path, text)| (path.as_str(), text.as_bytes())).collect();
        files.push((GROUP, group.as_bytes()));
        last = Some(commit(&repository, last, &files));
    }
}

fn json(dir: &Path, format: &str) -> Value {
    let run = permdelta(dir, &["check", "main~1..main", "--format", format]);
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stderr))
}

fn findings(dir: &Path) -> Vec<Value> {
    Report::of(dir, &["check", "main~1..main"]).json["findings"].as_array().expect("findings").clone()
}

/// `path:line` of each mark by fingerprint, as three formats with one line have it.
fn marks(dir: &Path, fingerprint: &str) -> [String; 3] {
    let log = permdelta(dir, &["check", "main~1..main", "--format", "github"]).stdout;
    let commands = commands(&log);
    let command = commands.iter().find(|command| command.message.ends_with(fingerprint)).expect("an annotation");
    let of = |name: &str| command.properties.iter().find(|(own, _)| own == name).expect("a property").1.clone();
    let entries = json(dir, "gitlab");
    let entry = entries.as_array().expect("entries").iter().find(|entry| entry["fingerprint"] == fingerprint);
    let location = &entry.expect("an entry")["location"];
    let calls = json(dir, "bitbucket");
    let mut all =
        calls["annotations"].as_array().expect("calls").iter().flat_map(|call| call.as_array().expect("a call"));
    let annotation = all.find(|one| one["external_id"] == fingerprint).expect("an annotation");
    [
        format!("{}:{}", of("file"), of("line")),
        format!("{}:{}", text(location, "path"), location["lines"]["begin"]),
        format!("{}:{}", text(annotation, "path"), annotation["line"]),
    ]
}

/// Only the group's file differs: the line that causes it all is the new member's.
#[test]
fn a_new_member_is_marked_where_the_group_names_it() {
    let dir = temp();
    let risky = set(&(user("ModifyAllData", "true") + &user("ManageUsers", "true")));
    // The same content under another name is another set's.
    let sets = [("Copy", risky.as_str()), ("Risky", &risky), ("Calm", &set(&user("RunReports", "true")))];
    changed(dir.path(), &sets, &group(&["Calm"], ""), &group(&["Calm", "Risky"], ""));
    let findings = findings(dir.path());
    assert!(findings.len() >= 2, "{findings:#?}");
    let here = format!("{GROUP}:3");
    for finding in &findings {
        assert_eq!(text(finding, "path"), path("Risky"), "the finding stands on the grant: {finding:#}");
        let fingerprint = text(finding, "fingerprint");
        assert_eq!(marks(dir.path(), &fingerprint), [here.clone(), here.clone(), here.clone()], "{finding:#}");
    }
    let (comments, elsewhere) = assert_review(dir.path(), "main~1..main");
    assert_eq!((comments, elsewhere), (1, 0));
    let payload = review(dir.path(), &["check", "main~1..main"]);
    assert_eq!(places(&payload), [(GROUP.to_owned(), "RIGHT".to_owned(), 3)]);
    let body = text(&payload["comments"][0], "body");
    assert!(body.contains(&format!("Granted at <code>{}:3</code>.", path("Risky"))), "{body}");
    assert!(!body.contains("suggestion"), "{body}");
    // Code scanning: on the grant, with the group's line beside it; in the state after the merge as well.
    for command in [&["check", "main~1..main"][..], &["audit", "main"]] {
        let log = permdelta(dir.path(), &[command, &["--format", "sarif"]].concat()).stdout;
        let log: Value = serde_json::from_str(&log).expect("JSON");
        let results = log["runs"][0]["results"].as_array().expect("results");
        let of_group = results.iter().filter(|one| text(&one["message"], "text").contains("group Desk"));
        let mut seen = 0;
        for result in of_group {
            let uri = |place: &Value| text(&place["physicalLocation"]["artifactLocation"], "uri");
            assert_eq!(uri(&result["locations"][0]), path("Risky"));
            let [related] = result["relatedLocations"].as_array().expect("one").as_slice() else { panic!("one") };
            assert_eq!(
                (uri(related).as_str(), &related["physicalLocation"]["region"]["startLine"]),
                (GROUP, &3.into())
            );
            assert_eq!(related["message"]["text"], "the group takes the member in here");
            assert!(text(&result["message"], "text").contains("[line 3 of its own file](1)"), "{result:#}");
            seen += 1;
        }
        assert_eq!(seen, findings.len(), "{command:?}");
    }
}

/// Grants of an old member and of a new one: the finding stands on the old one's, and the new one makes it.
#[test]
fn what_members_give_together_is_marked_at_the_new_one() {
    let dir = temp();
    let sets = [
        ("Programs", set(&user("ApiEnabled", "true"))),
        ("Reader", set(&user("ViewAllData", "true").replace("ViewAllData", "ViewAllUsers"))),
        ("Zealous", set(&user("ViewAllData", "true"))),
    ];
    let sets: Vec<(&str, &str)> = sets.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let (before, after) = (["Programs", "Reader"], ["Programs", "Reader", "Zealous"]);
    changed(dir.path(), &sets, &group(&before, ""), &group(&after, ""));
    let findings = findings(dir.path());
    let together = findings.iter().find(|finding| finding["rule"] == "api-bulk-extraction").expect("a combination");
    assert_eq!(text(together, "path"), path("Programs"), "by the order of keys");
    let fingerprint = text(together, "fingerprint");
    let here = format!("{GROUP}:4");
    assert_eq!(marks(dir.path(), &fingerprint), [here.clone(), here.clone(), here]);
    assert_eq!(assert_review(dir.path(), "main~1..main"), (1, 0));
    assert_eq!(places(&review(dir.path(), &["check", "main~1..main"])), [(GROUP.to_owned(), "RIGHT".to_owned(), 4)]);
}

/// Where the set changes, too, the grant's own line is the cause; where only the gate goes, no member is.
#[test]
fn a_changed_set_and_an_old_member_keep_their_lines() {
    let dir = temp();
    let repository = repository(dir.path(), true);
    let risky = |granted: &str| set(&user("ModifyAllData", granted)).into_bytes();
    let (before, after) = (group(&[], ""), group(&["Risky"], ""));
    let first = commit(&repository, None, &[(&path("Risky"), &risky("false")), (GROUP, before.as_bytes())]);
    commit(&repository, Some(first), &[(&path("Risky"), &risky("true")), (GROUP, after.as_bytes())]);
    let of_group = |finding: &&Value| finding["subject"]["name"] == "Desk";
    let all = findings(dir.path());
    let finding = all.iter().find(of_group).expect("the group's");
    let here = format!("{}:3", path("Risky"));
    assert_eq!(marks(dir.path(), &text(finding, "fingerprint")), [here.clone(), here.clone(), here.clone()]);
    assert_review(dir.path(), "main~1..main");
    let on_grant = |(path, _, line): &(String, String, u64)| format!("{path}:{line}") == here;
    assert!(places(&review(dir.path(), &["check", "main~1..main"])).iter().all(on_grant));

    let dir = temp();
    let flag = |value: &str| format!("<hasActivationRequired>{value}</hasActivationRequired>");
    let text_of = set(&user("ModifyAllData", "true"));
    let sets = [("Risky", text_of.as_str())];
    changed(dir.path(), &sets, &group(&["Risky"], &flag("true")), &group(&["Risky"], &flag("false")));
    let all = findings(dir.path());
    let finding = all.iter().find(|finding| finding["rule"] == "privileged-access-always-on").expect("the group's");
    assert_eq!(marks(dir.path(), &text(finding, "fingerprint")), [here.clone(), here.clone(), here]);
    assert_eq!(assert_review(dir.path(), "main~1..main"), (1, 1), "the gate's line, and one without any");
}
