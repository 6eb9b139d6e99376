//! The source tree keeps its shape: imports go one way, only the outer folders touch the world, files are short and documented.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::source_code::{Code, tokens};
use crate::support::files_below;

/// The stages, in the order data flows. A stage imports from those before it, never from those behind it.
const STAGES: [&str; 6] = ["source", "metadata", "access", "delta", "policy", "report"];
/// Leaves: every folder may use them; each may use the ones before it.
const LEAVES: [&str; 2] = ["text", "error"];
const LONGEST_FILE: usize = 400;

/// What touches the world outside, and who may: everything behind `source` is a pure function of its input.
const OUTSIDE_WORLD: [(&str, &[&str]); 14] = [
    ("std::env", &["cli"]),
    ("std::time", &["cli"]),
    ("SystemTime", &["cli"]),
    ("Instant", &["cli"]),
    ("std::net", &[]),
    ("std::process", &["cli", "main"]),
    ("std::fs", &["source", "cli", "main"]),
    ("read_dir", &["source", "cli"]),
    ("File::open", &["source", "cli"]),
    (".canonicalize", &["source", "cli"]),
    (".is_dir()", &["source", "cli"]),
    (".exists()", &["source", "cli"]),
    ("git2", &["source", "cli"]),
    ("io::stdout", &["cli"]),
];

/// Every file of `src`: its path below `src`, its folder (or its stem right below `src`) and its content.
fn sources() -> Vec<(String, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let rust = files_below(&root).into_iter().filter(|path| path.ends_with(".rs"));
    let all: Vec<_> = rust
        .map(|path| {
            let text = fs::read_to_string(root.join(&path)).expect("a source file");
            let folder = path.split('/').next().expect("a first part").trim_end_matches(".rs").to_owned();
            (path, folder, text)
        })
        .collect();
    assert!(all.len() > 40, "the sources were found");
    all
}

/// The folders that a file of `folder` may import from.
fn may_import(folder: &str) -> BTreeSet<&str> {
    let mut allowed: BTreeSet<&str> = match folder {
        "main" => return BTreeSet::from(["cli"]),
        "lib" => return BTreeSet::new(),
        "cli" => STAGES.into_iter().collect(),
        leaf if LEAVES.contains(&leaf) => {
            return LEAVES.into_iter().take_while(|other| *other != leaf).chain([folder]).collect();
        }
        stage => {
            assert!(STAGES.contains(&stage), "src/{stage} is no stage, no leaf and not cli: where does it belong?");
            STAGES.into_iter().take_while(|other| *other != stage).collect()
        }
    };
    allowed.insert(folder);
    allowed.extend(LEAVES);
    allowed
}

fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn imports_go_one_way() {
    let mut complaints = Vec::new();
    for (path, folder, text) in sources() {
        let allowed = may_import(&folder);
        for import in Code::of(&path, &text).imports() {
            if !allowed.contains(import.as_str()) {
                complaints.push(format!("src/{path} imports crate::{import}; {folder} may use {allowed:?}"));
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn only_the_outer_folders_touch_the_world() {
    let mut complaints = Vec::new();
    for (path, folder, text) in sources() {
        let code = Code::of(&path, &text);
        for (what, allowed) in OUTSIDE_WORLD {
            if !allowed.contains(&folder.as_str()) && code.mentions(what) {
                complaints.push(format!("src/{path} uses {what}; only {allowed:?} may"));
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn files_begin_with_what_they_are_for_and_are_short() {
    let mut complaints = Vec::new();
    for (path, _, text) in sources() {
        if !text.starts_with("//! ") {
            complaints.push(format!("src/{path} does not begin with a `//!` line"));
        }
        let lines = text.lines().count();
        if lines > LONGEST_FILE {
            complaints.push(format!("src/{path} has {lines} lines, more than {LONGEST_FILE}"));
        }
    }
    assert_none(&complaints);
}

/// Compiling a glob can fail by a panic: whatever a repository writes goes through the one place that bounds it.
#[test]
fn globs_are_parsed_in_one_place() {
    let mut complaints = Vec::new();
    for (path, _, text) in sources().into_iter().filter(|(path, ..)| path != "text/glob.rs") {
        let code = Code::of(&path, &text);
        for what in ["GlobBuilder", "Glob::new", ".compile_matcher"] {
            if code.mentions(what) {
                complaints.push(format!("src/{path} uses {what}; text::glob and text::matcher are for that"));
            }
        }
    }
    assert_none(&complaints);
}

/// The checks above would be silent about code that they cannot read, so the reading itself is tested.
#[test]
fn imports_are_found_however_they_are_written() {
    let imports = |path: &str, text: &str| {
        let found = Code::of(path, text).imports();
        found.into_iter().collect::<Vec<_>>().join(" ")
    };
    let file = "delta/plan.rs";
    assert_eq!(imports(file, "use crate::report::Report;"), "report");
    assert_eq!(imports(file, "use crate::{\n    cli::{args, exit},\n    text,\n};"), "cli text");
    assert_eq!(imports(file, "fn f() { crate::policy::judge(&a) }"), "policy");
    assert_eq!(imports(file, "use super::library::Library;"), "delta");
    assert_eq!(imports(file, "use super::super::report::Report;"), "report");
    assert_eq!(imports("delta/mod.rs", "use super::report;"), "report");
    assert_eq!(imports("report/sarif/model.rs", "use super::super::Finding;"), "report");
    assert_eq!(imports("main.rs", "fn main() { permdelta::cli::main() }"), "cli");
    assert_eq!(imports(file, "// crate::report\n/* crate::cli */ const A: &str = \"crate::cli\"; /// crate::a"), "");
    assert_eq!(imports(file, "const Q: char = '\"'; use crate::cli; const R: char = '\"';"), "cli");
    assert_eq!(imports(file, "const R: &str = r#\"a \" crate::cli\"#; pub(crate) fn f<'a>() {}"), "");
    assert_eq!(imports(file, "fn a() {}\n#[cfg(test)]\nmod tests {\n    use crate::cli;\n}\n"), "");
    assert!(Code::of(file, "use std::{env, io};").mentions("std::env"));
    assert!(Code::of(file, "let t = std :: time::Instant::now();").mentions("std::time"));
    assert!(!Code::of(file, "const V: &str = env!(\"std::env\"); my::std::environ();").mentions("std::env"));
    assert_eq!(tokens("a::b(c)"), ["a", "::", "b", "(", "c", ")"]);
}
