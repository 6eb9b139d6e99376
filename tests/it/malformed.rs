//! Fails closed: a file that cannot be understood is named with its line, its neighbour is still read, and the exit code is 2.

use crate::bad_files::{Bad, GOOD, broken_blocks, broken_documents, broken_entries, not_well_formed};
use crate::slow_reading;
use crate::support::{FOLDER, Report, arg, commit, directory, permdelta, repository, temp};

/// Everything that is not as it should be about one bad file.
fn complaints(bad: &Bad) -> Vec<String> {
    let empty = temp();
    let bad_path = format!("{FOLDER}/Bad.permissionset-meta.xml");
    let good_path = format!("{FOLDER}/Good.permissionset-meta.xml");
    let dir = directory(&[(&bad_path, &bad.bytes), (&good_path, GOOD.as_bytes())]);
    let report = Report::of_diff(empty.path(), dir.path());
    let problems = report.problems();
    let mut complaints = Vec::new();
    let mut expect = |right: bool, complaint: String| {
        if !right {
            complaints.push(format!("{}: {complaint}", bad.what));
        }
    };
    expect(report.status == 2, format!("exit {}", report.status));
    expect(!report.complete(), "said to be complete".to_owned());
    expect(!problems.is_empty(), "no problem".to_owned());
    expect(
        problems.is_empty() || problems.iter().any(|problem| bad.lines.contains(&problem.line)),
        format!("no problem on lines {:?}: {problems:?}", bad.lines),
    );
    for problem in problems {
        expect(problem.path == bad_path, format!("another path: {problem:?}"));
        expect(problem.side == "head", format!("not head's: {problem:?}"));
        expect(problem.state == "new", format!("not new: {problem:?}"));
        expect(!problem.message.is_empty() && !problem.hint.is_empty(), format!("says too little: {problem:?}"));
    }
    let good: Vec<_> = report.rows("gained").into_iter().filter(|row| row.path == good_path).collect();
    let good: Vec<_> = good.iter().map(|row| (row.grant.as_str(), row.line)).collect();
    expect(good == [("userPermissions/ApiEnabled", 5)], format!("the neighbour: {good:?}"));
    complaints
}

fn assert_all_are_problems(all: &[Bad]) {
    let complaints: Vec<String> = all.iter().flat_map(complaints).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn a_broken_document_is_a_problem() {
    assert_all_are_problems(&broken_documents());
}

#[test]
fn a_broken_entry_is_a_problem() {
    assert_all_are_problems(&broken_entries());
}

#[test]
fn a_broken_block_is_a_problem() {
    assert_all_are_problems(&broken_blocks());
}

#[test]
fn what_is_not_well_formed_is_a_problem() {
    assert_all_are_problems(&not_well_formed());
}

#[test]
fn the_slow_reading_reads_none_of_them_either() {
    for bad in [broken_entries(), broken_blocks(), not_well_formed()].into_iter().flatten() {
        assert!(slow_reading::read(&bad.bytes).is_err(), "{}", bad.what);
    }
}

#[test]
fn a_problem_on_one_side_is_told_from_one_on_both() {
    let path = format!("{FOLDER}/Bad.permissionset-meta.xml");
    let whole = directory(&[(&path, GOOD.as_bytes())]);
    let broken = directory(&[(&path, b"<PermissionSet>\n<label>")]);
    let report = Report::of_diff(broken.path(), whole.path());
    assert_eq!(report.status, 2, "what was lost is not known");
    assert!(
        report.problems().iter().any(|problem| problem.side == "base" && problem.line == 2),
        "{:?}",
        report.problems()
    );
    assert!(!report.complete());
}

#[test]
fn control_characters_never_reach_a_terminal() {
    let (empty, dir) = (temp(), temp());
    let mut files = vec![("permissionsets/Na\u{1b}[2Jme.permissionset-meta.xml".to_owned(), GOOD.as_bytes().to_vec())];
    for (at, bad) in broken_entries().into_iter().enumerate() {
        files.push((format!("permissionsets/Bad_{at}.permissionset-meta.xml"), bad.bytes));
    }
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    let tip = commit(&repository(dir.path(), true), None, &files).to_string();
    let run = permdelta(dir.path(), &["diff", "--from", arg(empty.path()), "--to", &tip, "--format", "table"]);
    assert_eq!(run.status, 2);
    for output in [run.stdout, run.stderr] {
        assert!(!output.chars().any(|char| char.is_control() && char != '\n'), "{output:?}");
    }
}
