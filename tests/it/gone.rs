//! Findings whose element is gone: they anchor where head still has something, and say where base had it.

use serde_json::Value;

use crate::support::{FOLDER, commit, permdelta, repository, temp, text};

const GROUP: &str = "permissionsetgroups/G.permissionsetgroup";
const MUTING: &str = "mutingpermissionsets/M.mutingpermissionset";
const POLICY: &str = "permdelta.toml";
const ASSIGNER: &str = "userAccessPolicies/P.useraccesspolicy-meta.xml";

type Files<'a> = Vec<(&'a str, &'a str)>;

/// The results of a check between two states.
fn results(before: &Files<'_>, after: &Files<'_>) -> Vec<Value> {
    let dir = temp();
    let repository = repository(dir.path(), true);
    let mut parent = None;
    for side in [before, after] {
        let files: Vec<(&str, &[u8])> = side.iter().map(|(path, text)| (*path, text.as_bytes())).collect();
        parent = Some(commit(&repository, parent, &files));
    }
    let run = permdelta(dir.path(), &["check", "main~1..main", "--format", "sarif", "--sarif-profile", "full"]);
    let log: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stderr));
    log["runs"][0]["results"].as_array().expect("results").clone()
}

/// Line and text of what is gone, of the one finding of a rule.
fn gone(rule: &str, before: &Files<'_>, after: &Files<'_>) -> Option<(u64, String)> {
    let results = results(before, after);
    let of_rule: Vec<&Value> = results.iter().filter(|result| text(result, "ruleId") == rule).collect();
    let [one] = of_rule.as_slice() else { panic!("one finding of {rule}: {results:#?}") };
    let region = &one["relatedLocations"][0]["physicalLocation"]["region"];
    Some((region["startLine"].as_u64()?, text(&region["snippet"], "text")))
}

#[test]
fn what_is_gone_is_found_in_base() {
    let set = format!("{FOLDER}/S.permissionset-meta.xml");
    let flag =
        "<PermissionSet>\n<label>S</label>\n<hasActivationRequired>true</hasActivationRequired>\n</PermissionSet>\n";
    let without = "<PermissionSet>\n<label>S</label>\n</PermissionSet>\n";
    let off = flag.replace("true", "false");
    let removed = "session-activation-removed";
    let expected = Some((3, "<hasActivationRequired>true</hasActivationRequired>".to_owned()));
    assert_eq!(gone(removed, &vec![(&set, flag)], &vec![(&set, without)]), expected);
    assert_eq!(gone(removed, &vec![(&set, flag)], &vec![(&set, &off)]), None, "it is there, and false");
    // The file moved: it is the only one on both sides.
    assert_eq!(gone(removed, &vec![(&set, flag)], &vec![("src/permissionsets/S.permissionset", without)]), expected);

    let exporter = "<PermissionSet><userPermissions><enabled>true</enabled><name>ExportReport</name></userPermissions></PermissionSet>";
    let muting = "<MutingPermissionSet>\n<userPermissions>\n<enabled>true</enabled>\n<name>ExportReport</name>\n</userPermissions>\n</MutingPermissionSet>";
    let empty = "<MutingPermissionSet>\n</MutingPermissionSet>";
    let group = "<PermissionSetGroup>\n<mutingPermissionSets>M</mutingPermissionSets>\n<permissionSets>S</permissionSets>\n</PermissionSetGroup>";
    let unmuted = group.replace("<mutingPermissionSets>M</mutingPermissionSets>\n", "");
    let before = vec![(set.as_str(), exporter), (MUTING, muting), (GROUP, group)];
    let entry = Some((3, "<enabled>true</enabled>".to_owned()));
    assert_eq!(gone("muting-removed", &before, &vec![(&set, exporter), (MUTING, empty), (GROUP, group)]), entry);
    assert_eq!(
        gone("muting-removed", &before, &vec![(&set, exporter), (GROUP, group)]),
        entry,
        "the muting set is deleted"
    );
    let named = Some((2, "<mutingPermissionSets>M</mutingPermissionSets>".to_owned()));
    assert_eq!(gone("muting-removed", &before, &vec![(&set, exporter), (MUTING, muting), (GROUP, &unmuted)]), named);

    let profile = |ranges: &str| format!("<Profile>\n<custom>true</custom>\n{ranges}</Profile>\n");
    let range =
        "<loginIpRanges>\n<endAddress>10.0.0.9</endAddress>\n<startAddress>10.0.0.1</startAddress>\n</loginIpRanges>\n";
    let (bound, free) = (profile(range), profile(""));
    let path = "profiles/P.profile-meta.xml";
    let found = gone("login-ip-ranges-widened", &vec![(path, &bound)], &vec![(path, &free)]).expect("the range");
    assert_eq!(found.0, 3, "{found:?}");
}

#[test]
fn what_a_policy_no_longer_says_is_found_in_the_one_that_counts() {
    let plain = (POLICY, "[sensitive]\nobjects = [\"Contract\"]\n");
    let found = gone("policy-weakened", &vec![plain], &vec![(POLICY, "[sensitive]\n")]);
    assert_eq!(found.expect("the line").0, 2);
    let raised = (POLICY, "# ours\n[rules]\nview-all-fields = \"critical\"\n");
    let found = gone("policy-weakened", &vec![raised], &vec![(POLICY, "[rules]\n")]);
    assert_eq!(found.expect("the line").0, 3);
    let off = (POLICY, "[rules]\nview-all-fields = \"off\"\n");
    assert_eq!(gone("policy-weakened", &vec![raised], &vec![off]), None, "head says so itself");
}

#[test]
fn what_no_longer_assigns_is_found_in_base() {
    let policy = |set: &str| {
        format!(
            "<UserAccessPolicy>\n<userAccessPolicyActions>\n<action>Grant</action>\n<target>{set}</target>\n<type>PermissionSet</type>\n</userAccessPolicyActions>\n<status>Active</status>\n</UserAccessPolicy>\n"
        )
    };
    let path = format!("{FOLDER}/S.permissionset-meta.xml");
    let set = "<PermissionSet></PermissionSet>";
    let (named, other) = (policy("S"), policy("Other").replace("Grant", "Revoke"));
    let results = results(&vec![(&path, set), (ASSIGNER, &named)], &vec![(&path, set), (ASSIGNER, &other)]);
    let about = |result: &&Value| text(&result["message"], "text").contains("Permission set S");
    let found = results.iter().find(about).expect("a finding about the set it no longer names");
    assert_eq!(found["relatedLocations"][0]["physicalLocation"]["region"]["startLine"], 4, "{found:#}");
}
