//! Completions and manual pages: made from the definitions of the arguments, so they name every command and option there is.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use crate::support::{arg, files_below, permdelta, temp};

const SHELLS: [&str; 5] = ["bash", "elvish", "fish", "powershell", "zsh"];

/// The commands that `permdelta --help` lists.
fn commands() -> Vec<String> {
    let help = permdelta(temp().path(), &["--help"]).stdout;
    let (_, list) = help.split_once("Commands:\n").expect("a list of commands");
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    let names: Vec<String> = names.filter(|name| *name != "help").map(str::to_owned).collect();
    assert!(names.len() >= 10 && names.iter().any(|name| name == "check"), "{names:?}");
    names
}

/// The long options that a command's `--help` lists.
fn options(command: &str) -> Vec<String> {
    let help = permdelta(temp().path(), &[command, "--help"]).stdout;
    let words = help.lines().flat_map(|line| line.split_whitespace().take(2)).filter(|word| word.starts_with("--"));
    let options: Vec<String> = words.map(|word| word.trim_end_matches(',').to_owned()).collect();
    assert!(options.iter().any(|option| option == "--color"), "{command}: {options:?}");
    options
}

#[test]
fn completions_name_every_command_and_option() {
    let (commands, options) = (commands(), options("check"));
    for shell in SHELLS {
        let run = permdelta(temp().path(), &["completions", shell]);
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{shell}");
        for word in commands.iter().chain(&options) {
            let bare = word.trim_start_matches('-');
            assert!(run.stdout.contains(bare), "{shell}: {word} is not completed");
        }
    }
    let unknown = permdelta(temp().path(), &["completions", "sh"]);
    assert_eq!(unknown.status, 3, "{}", unknown.stderr);
}

/// bash reads its script and completes with it.
#[test]
#[cfg(unix)]
fn bash_completes() {
    let script = permdelta(temp().path(), &["completions", "bash"]).stdout;
    let asked = "\nfor words in 'permdelta ch' 'permdelta check --no-' 'permdelta check --color n'; do\n  \
                 COMP_WORDS=($words) COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMPREPLY=()\n  \
                 _permdelta permdelta \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD-1]}\"\n  \
                 printf '%s\\n' \"${COMPREPLY[*]}\"\ndone\n";
    let started = Command::new("bash").arg("--norc").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut bash) = started else {
        println!("bash_completes: skipped, there is no bash");
        return;
    };
    bash.stdin.take().expect("its input").write_all((script + asked).as_bytes()).expect("it reads");
    let output = bash.wait_with_output().expect("it ends");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "check\n--no-new-access\nnever\n");
}

#[test]
fn every_command_has_a_manual_page() {
    let dir = temp();
    let pages = dir.path().join("share/man1");
    let run = permdelta(dir.path(), &["man", arg(&pages)]);
    assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    let written = files_below(&pages);
    for command in commands() {
        assert!(written.contains(&format!("permdelta-{command}.1")), "{command}: {written:?}");
        let page = fs::read_to_string(pages.join(format!("permdelta-{command}.1"))).expect("a page");
        for option in options(&command) {
            // A hyphen that is to be copied stands as \- on a page.
            assert!(page.contains(&option.replace('-', "\\-")), "{command}: {option} is not on its page");
        }
    }
    let main = fs::read_to_string(pages.join("permdelta.1")).expect("the main page");
    assert!(main.contains("Exit codes: 0 nothing to stop for"), "{main}");
    assert_eq!(permdelta(dir.path(), &["man"]).stdout, main, "without a directory the main page is printed");
    assert!(main.contains("permdelta 0.") && !main.contains("202"), "a version and no day");
}

#[test]
fn a_place_that_cannot_be_written_is_an_error() {
    let dir = temp();
    fs::write(dir.path().join("file"), "").expect("a file");
    let run = permdelta(dir.path(), &["man", "file"]);
    assert_eq!(run.status, 3);
    assert!(run.stderr.contains("file"), "{}", run.stderr);
}
