//! Jenkins.

use super::*;

#[test]
fn a_change_is_compared_from_where_it_left_its_target_merged_or_not() {
    let forked = forked();
    let variables = [("JENKINS_URL", "https://ci.example.com/"), ("BRANCH_NAME", "PR-7"), ("CHANGE_TARGET", "main")];
    let chosen = forked.place.chosen(&variables);
    assert_eq!((chosen.base, chosen.target), (forked.fork, forked.target));
    assert_eq!(chosen.how, "the merge base of origin/main and HEAD; Jenkins: CHANGE_TARGET");
    // Jenkins merges the target into the change.
    forked.merge(forked.source, forked.target);
    let chosen = forked.place.chosen(&variables);
    assert_eq!(chosen.base, forked.target);
    assert_eq!(forked.place.changed(&chosen), request());
}

#[test]
fn a_build_is_compared_with_the_last_successful_one() {
    let forked = forked();
    let (fork, target, source) = (id(forked.fork), id(forked.target), id(forked.source));
    let mut variables = vec![("BUILD_TAG", "jenkins-permissions-12"), ("GIT_PREVIOUS_COMMIT", target.as_str())];
    let chosen = forked.place.chosen(&variables);
    assert_eq!((chosen.base, chosen.target), (forked.target, forked.target));
    variables.push(("GIT_PREVIOUS_SUCCESSFUL_COMMIT", &fork));
    let chosen = forked.place.chosen(&variables);
    assert_eq!(chosen.base, forked.fork);
    assert!(chosen.how.ends_with("Jenkins: GIT_PREVIOUS_SUCCESSFUL_COMMIT"), "{}", chosen.how);
    // A failed build, started again.
    let again = [("BUILD_TAG", "jenkins-x-1"), ("GIT_PREVIOUS_COMMIT", source.as_str()), ("BRANCH_NAME", "feature")];
    assert_eq!(forked.place.chosen(&again).base, forked.fork);
    let odd = [("BUILD_TAG", "jenkins-x-1"), ("GIT_PREVIOUS_COMMIT", "HEAD~2")];
    assert!(forked.place.refused(&odd).0.contains("GIT_PREVIOUS_COMMIT"));
}

#[test]
fn a_first_build_is_compared_from_where_the_branch_left_the_default_branch() {
    let forked = forked();
    let mut variables = vec![("JENKINS_URL", "https://ci.example.com/"), ("BRANCH_NAME", "feature")];
    assert_eq!(forked.place.chosen(&variables).base, forked.fork);
    variables.push(("BRANCH_IS_PRIMARY", "true"));
    assert_eq!(forked.place.chosen(&variables).base_name, "HEAD^1");

    // The remote's HEAD goes before custom.
    let trunk = forked.place.commit("trunk", &[forked.source]);
    let repository = forked.place.repository.borrow();
    repository.reference("refs/remotes/origin/trunk", trunk, true, "").unwrap();
    repository.reference_symbolic("refs/remotes/origin/HEAD", "refs/remotes/origin/trunk", true, "").unwrap();
    let chosen = forked.place.chosen(&variables[..2]);
    assert_eq!(chosen.base_name, "merge-base(origin/trunk, HEAD)");
}
