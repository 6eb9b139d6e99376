//! Reviews of changes that git shows as renamed files: any file can be any other one's old name, whatever it held.

use std::path::Path;

use crate::review::{assert_review, places, review};
use crate::review_samples::{Files, Rng, set, user};
use crate::support::{FOLDER, commit, repository, temp, text, write};

fn path(name: &str) -> String {
    format!("{FOLDER}/{name}.permissionset-meta.xml")
}

/// Two commits, then the places that are commented on.
fn reviewed(dir: &Path, base: &Files, head: &Files) -> Vec<(String, String, u64)> {
    let repository = repository(dir, true);
    for files in [base, head] {
        let parent = repository.revparse_single("main").ok().map(|head| head.id());
        let files: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
        commit(&repository, parent, &files);
    }
    assert_review(dir, "main~1..main");
    places(&review(dir, &["check", "main~1..main"]))
}

/// A block that is harmless.
fn page(name: &str) -> String {
    format!(
        "    <pageAccesses>\n        <apexPage>{name}</apexPage>\n        <enabled>true</enabled>\n    </pageAccesses>\n"
    )
}

/// Such blocks, others for each number.
fn filler(number: usize, blocks: usize) -> String {
    (0..blocks).map(|block| page(&format!("Filler{number}Of{block}"))).collect()
}

/// A set of which the risky grant is far from its last block.
fn template(number: usize) -> String {
    set(&(user("ViewAllData", "true") + &filler(number, 12)))
}

/// Each of these was commented on outside of every hunk: what the file was before is none that holds permissions.
#[test]
fn a_file_under_another_name_is_shown_as_that_one() {
    let last = |text: &str| text.replace("</PermissionSet>", &(user("ManageUsers", "true") + "</PermissionSet>"));
    for (before, edit) in [
        (format!("{FOLDER}/Tpl.permissionset-meta.xml.disabled"), None),
        ("templates/Tpl.xml".to_owned(), None),
        ("templates/Tpl.xml".to_owned(), Some(last(&template(1)))),
        ("scripts/any".to_owned(), Some(template(1).replace('\n', "\r\n"))),
    ] {
        let after = edit.unwrap_or_else(|| template(1));
        let base = Files::from([(before.clone(), template(1).into_bytes())]);
        let head = Files::from([(path("Tpl"), after.clone().into_bytes())]);
        let dir = temp();
        let places = reviewed(dir.path(), &base, &head);
        // Other line ends change every line.
        let shown = after.contains("ManageUsers") || after.contains('\r');
        assert_eq!(!places.is_empty(), shown, "{before}: {places:?}");
        assert!(shown == after.contains('\r') || places.iter().all(|(.., line)| *line > 50), "{before}: {places:?}");
    }
}

/// What was there only in part, what is still there, what is another file's already: all of the file is shown.
#[test]
fn a_file_that_is_no_other_one_is_commented_on() {
    let half = set(&filler(1, 3));
    for (before, kept) in [(half.clone(), false), (template(1), true), (set(&filler(2, 12)), false)] {
        let file = ("templates/Tpl.xml".to_owned(), before.into_bytes());
        let base = Files::from([file.clone()]);
        let mut head = Files::from([(path("Tpl"), template(1).into_bytes())]);
        head.extend(Some(file).filter(|_| kept));
        let dir = temp();
        assert_eq!(reviewed(dir.path(), &base, &head).len(), 1);
    }
    // The old file is the copy's, to the byte.
    let base = Files::from([("templates/Tpl.xml".to_owned(), template(1).into_bytes())]);
    let like = template(1).replace("Filler1Of7", "Other");
    let head = Files::from([(path("Like"), like.into_bytes()), ("docs/Tpl.xml".to_owned(), template(1).into_bytes())]);
    let dir = temp();
    assert_eq!(reviewed(dir.path(), &base, &head).len(), 1);
    // Of two that are gone the copy has one, and the other one may be this.
    let mut base = base;
    base.insert("templates/Twin.xml".to_owned(), template(1).into_bytes());
    let dir = temp();
    assert!(reviewed(dir.path(), &base, &head).is_empty());
}

/// What a muting set no longer mutes is on the left, unless its file is another one's beginning.
#[test]
fn a_file_that_is_gone_may_be_another_one() {
    let group = "<PermissionSetGroup>\n<mutingPermissionSets>M</mutingPermissionSets>\n\
                 <permissionSets>S</permissionSets>\n</PermissionSetGroup>\n";
    let exports = set(&(user("ExportReport", "true") + &filler(1, 6)));
    let muting = exports.replace("PermissionSet", "MutingPermissionSet").replace(" xmlns", "\n xmlns");
    let both = [
        (path("S"), set(&user("ExportReport", "true")).into_bytes()),
        ("g/G.permissionsetgroup-meta.xml".to_owned(), group.as_bytes().to_vec()),
    ];
    for (after, comments) in [(muting.replace("Filler1Of5", "Other"), 0), (set(&filler(2, 20)), 1)] {
        let mut base = Files::from(both.clone());
        base.insert("m/M.mutingpermissionset-meta.xml".to_owned(), muting.clone().into_bytes());
        let mut head = Files::from(both.clone());
        head.insert("docs/old.xml".to_owned(), after.into_bytes());
        let dir = temp();
        let left = reviewed(dir.path(), &base, &head).into_iter().filter(|(_, side, _)| side == "LEFT").count();
        assert_eq!(left, comments);
    }
}

/// Files that move between folders where they count and folders where they do not, and change on the way.
#[test]
fn every_comment_is_inside_a_hunk_wherever_files_come_from() {
    let dir = temp();
    let repository = repository(dir.path(), true);
    let mut rng = Rng::new(20_261_127);
    let name = |rng: &mut Rng| {
        let number = rng.below(1_000);
        match rng.below(4) {
            0 => format!("templates/T{number}.xml"),
            1 => format!("{FOLDER}/D{number}.permissionset-meta.xml.disabled"),
            _ => path(&format!("P{number}")),
        }
    };
    let blocks = |rng: &mut Rng| -> Vec<String> {
        let block = |rng: &mut Rng| match rng.below(6) {
            0 => user(["ManageUsers", "ViewAllData", "AuthorApex", "ManageRoles"][rng.below(4)], "true"),
            _ => page(&format!("Filler{}", rng.below(40))),
        };
        (0..2 + rng.below(12)).map(|_| block(rng)).collect()
    };
    let mut files: std::collections::BTreeMap<String, Vec<String>> =
        (0..10).map(|_| (name(&mut rng), blocks(&mut rng))).collect();
    let mut last = None;
    let (mut comments, mut elsewhere) = (0, 0);
    for step in 0..30 {
        let windows = |path: &str, text: String| if path.contains('7') { text.replace('\n', "\r\n") } else { text };
        let written: Vec<(String, String)> =
            files.iter().map(|(path, blocks)| (path.clone(), windows(path, set(&blocks.concat())))).collect();
        let written: Vec<(&str, &[u8])> = written.iter().map(|(path, text)| (path.as_str(), text.as_bytes())).collect();
        last = Some(commit(&repository, last, &written));
        if step > 0 {
            let found = assert_review(dir.path(), "main~1..main");
            (comments, elsewhere) = (comments + found.0, elsewhere + found.1);
        }
        for _ in 0..5 {
            let paths: Vec<String> = files.keys().cloned().collect();
            let old = &paths[rng.below(paths.len())];
            let mut content = files[old].clone();
            let others = blocks(&mut rng);
            let changed = rng.below(content.len() + 1);
            content.splice(..changed, others.into_iter().take(changed));
            if rng.below(4) > 0 {
                files.remove(old);
            }
            files.insert(name(&mut rng), content);
        }
    }
    println!("{comments} comments inside hunks, {elsewhere} findings in bodies");
    assert!(comments > 30 && elsewhere > 15, "{comments} comments, {elsewhere} in bodies");
}

/// Without git nobody knows what else is gone: what is new stands in the body, what changes is commented on.
#[test]
fn without_git_nothing_is_said_on_a_new_file() {
    let dir = temp();
    let (with, without) = (set(&user("ViewAllData", "true")), set(&user("ViewAllData", "false")));
    write(dir.path(), &format!("new/{}", path("Added")), with.as_bytes());
    write(dir.path(), &format!("new/{}", path("Changed")), with.as_bytes());
    write(dir.path(), &format!("old/{}", path("Changed")), without.as_bytes());
    let payload = review(dir.path(), &["check", "--from", "old", "--to", "new"]);
    let places = places(&payload);
    assert!(matches!(places.as_slice(), [(path, ..)] if path.contains("Changed")), "{places:?}");
    assert!(text(&payload, "body").contains("Added"), "{payload:#}");
}

/// What is not committed yet is compared in the same way.
#[test]
fn the_worktree_is_compared_as_a_whole() {
    let dir = temp();
    let repository = repository(dir.path(), false);
    commit(&repository, None, &[("templates/Tpl.xml", template(1).as_bytes())]);
    repository.checkout_head(Some(git2::build::CheckoutBuilder::new().force())).unwrap();
    std::fs::remove_file(dir.path().join("templates/Tpl.xml")).unwrap();
    write(dir.path(), &path("Tpl"), template(1).replace("Filler1Of11", "Other").as_bytes());
    write(dir.path(), &path("Else"), set(&(filler(3, 9) + &user("ManageUsers", "true"))).as_bytes());
    let places = places(&review(dir.path(), &["check", "main"]));
    assert!(matches!(places.as_slice(), [(path, ..)] if path.contains("Else")), "{places:?}");
}
