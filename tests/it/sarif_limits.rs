//! SARIF within the limits of the platforms, whatever rules and files hold.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::sarif_samples::{FULL, SARIF, many};
use crate::support::{FOLDER, Run, directory, permdelta, text};

/// GitHub and GitLab read no larger document.
const MOST_BYTES: usize = 10_000_000;

/// Findings in files far down a tree: the document stays as small as the platforms want it, and says what it leaves out.
#[test]
fn a_document_is_never_larger_than_the_platforms_read() {
    let folder = format!("{}/", "d".repeat(120)).repeat(8);
    let (run, log) = many(625, &folder, SARIF);
    assert!(run.stdout.len() <= MOST_BYTES && run.stdout.len() > MOST_BYTES / 2, "{}", run.stdout.len());
    let run_of = &log["runs"][0];
    let kept = run_of["results"].as_array().expect("results").len();
    let said = text(&run_of["invocations"][0]["toolExecutionNotifications"][0]["message"], "text");
    assert!(kept < 5_000 && said.contains(&format!("lists {kept} of ")), "{kept}: {said}");
    assert!(run.stderr.contains(&said), "{}", run.stderr);
    let (_, full) = many(625, &folder, FULL);
    assert!(full["runs"][0]["results"].as_array().expect("results").len() > kept, "the other profile has all");
}

/// A repository's own rule can say anything at any length, and its name can be as long as a file's.
#[test]
fn texts_of_own_rules_fit() {
    let id = format!("own-{}", "x".repeat(230));
    let long = |text: &str| text.repeat(2_000);
    let tags: Vec<String> =
        (0..14).map(|number| format!("\"T-{number}\"")).chain(["\"security\"".to_owned()]).collect();
    let rule = format!(
        "id = \"{id}\"\ntitle = \"{}\"\nseverity = \"critical\"\nscope = \"holder\"\nwhy = \"{}\"\nfix = \"f\"\n\
         references = [\"r\"]\ntags = [{}]\nmessage = \"{{holder}} {}\"\n[match]\non = \"effective\"\n\
         grant = [\"userPermissions/ViewAllData\"]\n\
         [[example]]\ntitle = \"a\"\nafter = \"<userPermissions><enabled>true</enabled><name>ViewAllData</name></userPermissions>\"\nfires = [\"userPermissions/ViewAllData\"]\n\
         [[example]]\ntitle = \"b\"\nafter = \"\"\nfires = []\n",
        long("é"),
        long("w"),
        tags.join(", "),
        long("[]"),
    );
    let set = "<PermissionSet><userPermissions><enabled>true</enabled><name>ViewAllData</name></userPermissions></PermissionSet>";
    let groups: Vec<(String, String)> = (0..12)
        .map(|number| {
            let group = "<PermissionSetGroup><permissionSets>A</permissionSets></PermissionSetGroup>".to_owned();
            (format!("g/{}{number}.permissionsetgroup", "G".repeat(80)), group)
        })
        .collect();
    let (rule_path, set_path) = (format!("own/{id}.toml"), format!("{FOLDER}/A.permissionset-meta.xml"));
    let mut files: Vec<(&str, &[u8])> = vec![
        ("permdelta.toml", b"[paths]\nrules = [\"own\"]\n"),
        (&rule_path, rule.as_bytes()),
        (&set_path, set.as_bytes()),
    ];
    files.extend(groups.iter().map(|(path, group)| (path.as_str(), group.as_bytes())));
    let dir = directory(&files);
    for format in [SARIF, FULL] {
        let Run { stdout, stderr, .. } = permdelta(dir.path(), &[&["audit", "."], format].concat());
        let log: Value = serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stderr}"));
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
        let own = rules.iter().find(|rule| text(rule, "id") == id).expect("the rule");
        assert!(text(own, "name").chars().count() <= 255);
        for key in ["shortDescription", "fullDescription"] {
            assert!(text(&own[key], "text").chars().count() <= 1_024, "{key}");
        }
        let tags: Vec<&str> =
            own["properties"]["tags"].as_array().expect("tags").iter().filter_map(Value::as_str).collect();
        let different: BTreeSet<&&str> = tags.iter().collect();
        assert!(tags.len() <= 10 && different.len() == tags.len() && tags[0] == "security", "{tags:?}");
        let results = run["results"].as_array().expect("results");
        let own: Vec<String> =
            results.iter().filter(|one| text(one, "ruleId") == id).map(|one| text(&one["message"], "text")).collect();
        assert_eq!(own.len(), 13);
        assert!(own.iter().all(|message| message.chars().count() <= 2_048), "{own:?}");
    }
}

/// Not read is not clean, however much it is.
#[test]
fn many_problems_leave_room_for_findings() {
    let broken = "<PermissionSet><userPermissions><enabled>maybe</enabled><name>ViewAllData</name></userPermissions>";
    let paths: Vec<String> = (0..1_200).map(|number| format!("{FOLDER}/S{number}.permissionset-meta.xml")).collect();
    let whole = format!("{broken}</PermissionSet>");
    let mut files: Vec<(&str, &[u8])> = paths.iter().map(|path| (path.as_str(), broken.as_bytes())).collect();
    files.push(("permissionsets/Whole.permissionset", whole.as_bytes()));
    let dir = directory(&files);
    let run = permdelta(dir.path(), &[&["audit", "."], SARIF].concat());
    assert_eq!(run.status, 2);
    let log: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let invocation = &log["runs"][0]["invocations"][0];
    let notifications = invocation["toolExecutionNotifications"].as_array().expect("notifications");
    assert_eq!((invocation["executionSuccessful"].as_bool(), notifications.len()), (Some(false), 1_001));
    let said = text(&notifications[1_000]["message"], "text");
    assert!(said.contains("1000 of 2401 problems") && run.stderr.contains(&said), "{said}\n{}", run.stderr);
    assert_eq!(log["runs"][0]["results"].as_array().expect("results").len(), 1);
}
