//! Outside the systems that are known, nothing changes.

use super::*;

#[test]
fn nothing_is_chosen_outside_the_systems_that_are_known() {
    let Forked { place, .. } = forked();
    assert!(place.choose(&[]).unwrap().is_none());
    assert!(place.choose(&[("CI", "true"), ("GITHUB_BASE_REF", "main"), ("BRANCH_NAME", "x")]).unwrap().is_none());
    for off in ["", "false", "0"] {
        let variables = [("GITHUB_ACTIONS", off), ("GITLAB_CI", off), ("TF_BUILD", off), ("JENKINS_URL", "")];
        assert!(place.choose(&variables).unwrap().is_none());
    }
}

#[test]
fn errors_outside_ci_keep_their_hint() {
    let error = with_line_to_add(Error::source("x", git::SHALLOW), &|_| None);
    assert_eq!(error.hint(), git::SHALLOW);
    let error = with_line_to_add(Error::usage("x", "y"), &|_| Some("true".to_owned()));
    assert_eq!(error.hint(), "y");
}
