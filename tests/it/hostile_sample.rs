//! The hostile fixture: a history whose names, labels, texts, file names, waivers and rules try what other tools have fallen for.

use std::path::Path;

use git2::Repository;
use tempfile::TempDir;

use crate::support::{FOLDER, Run, commit, permdelta, repository, temp};

/// A label no one should write and XML allows: 8-bit controls, bidirectional overrides, tags, line ends, a link, mentions, references,
/// commands of CI systems, and text that other sinks take for markup.
pub(crate) const HOSTILE: &str = concat!(
    "::error::Pwned \u{7f}\u{9b}31m \u{202e}esrever\u{2066} \u{e0041}\u{ad} a|b\\|c `c` ``` @org/team #1 GH-7 $1 ~bug %m !2 &1 ^alert ",
    "[x](http://evil) ![y](https://evil/y.png) www.evil.example evil@evil.example xmpp:e@evil.example <img src=x onerror=1> ",
    "<!-- -- --> <script>1</script> </code></td></table></details> *b* __i__ ~~s~~ $x^2$ :smile: [^1] \\@org ",
    "0123456789abcdef0123456789abcdef01234567 =cmd|'/C calc'!A0 %0A%1b \u{feff}\u{200b}\n/approve\r\n",
    "::add-mask::secret\n##[error]x\n##vso[task.setvariable variable=x]y\n| a | b |\n|---|---|\n> [!CAUTION]\n# h\n- x\n```"
);
/// The same as far as the name of a class, an object or a member can: no control character, one line.
pub(crate) const HOSTILE_NAME: &str = "/approve ::error::N @org/team a|b\\|c `c` #1 [x](http://evil) <img src=x onerror=1> --> </code> \
                                       *b* __i__ ~~s~~ www.evil.example =cmd|'/C calc'!A0 %0A \u{202e}esrever GH-7 e@evil.example";
/// As far as a file name can, escape sequences among it; some percent-encoded, as Salesforce's tools do.
pub(crate) const HOSTILE_FILE: &str =
    "::error::a\u{1b}[2J\u{202e}b%0A::error::c%1b[31m[x](http%3A%2F%2Fevil) <img>%252F%0d|`@org%2Fteam #1 --> *b*,d";
/// As far as the name of a branch can.
pub(crate) const HOSTILE_BRANCH: &str = "x/|<img>@org/team#1`$(id)`-->|";

pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A set whose texts are hostile; `granted` decides its risky grants.
fn set(text: &str, granted: &str) -> Vec<u8> {
    let (text, name) = (escaped(text), escaped(HOSTILE_NAME));
    let object = "[x](http://evil) ::error::o";
    format!(
        "<PermissionSet>\n<classAccesses><apexClass>{name}</apexClass><enabled>{granted}</enabled></classAccesses>\n\
         <description>{text} {granted}</description>\n\
         <fieldPermissions><editable>{granted}</editable><field>{name}.F</field><readable>{granted}</readable></fieldPermissions>\n\
         <label>{text}</label>\n\
         <objectPermissions>\n<modifyAllRecords>{granted}</modifyAllRecords>\n<object>{object}</object>\n</objectPermissions>\n\
         <objectPermissions><viewAllRecords>{granted}</viewAllRecords><object>{name}</object></objectPermissions>\n\
         <userPermissions><enabled>{granted}</enabled>\n<name>ModifyAllData</name></userPermissions>\n\
         <userPermissions><enabled>{granted}</enabled><name>{name}</name></userPermissions>\n</PermissionSet>\n"
    )
    .into_bytes()
}

/// A group that holds the sets, and gains a member that nobody knows.
fn group(granted: &str) -> Vec<u8> {
    let (text, name) = (escaped(HOSTILE), escaped(HOSTILE_NAME));
    let unknown = if granted == "true" { format!("<permissionSets>{name}</permissionSets>\n") } else { String::new() };
    format!(
        "<PermissionSetGroup>\n<description>{text} {granted}</description>\n<label>{text}</label>\n\
         <permissionSets>Plain</permissionSets>\n{unknown}<status>Updated</status>\n</PermissionSetGroup>\n"
    )
    .into_bytes()
}

fn quoted(text: &str) -> String {
    let escape = |character: char| match character {
        '"' | '\\' => format!("\\{character}"),
        other if other.is_control() => format!("\\U{:08x}", u32::from(other)),
        other => other.to_string(),
    };
    format!("\"{}\"", text.chars().map(escape).collect::<String>())
}

/// A configuration that accepts one finding in hostile words, with a waiver that is over, and rules of its own.
fn policy() -> String {
    let text = quoted(HOSTILE);
    let waiver = |rule: &str, expires: &str| {
        format!(
            "[[waiver]]\nrule = \"{rule}\"\nholder = \"permissionSet:Plain\"\nreason = {text}\nowner = {text}\nticket = {text}\n\
             expires = {expires}\n"
        )
    };
    let waivers = [waiver("modify-all-records", "2999-12-31"), waiver("view-all-records", "2020-01-01")];
    format!("[paths]\nrules = [\"security/rules\"]\n{}", waivers.concat())
}

/// A rule whose every text is hostile.
fn rule() -> String {
    let text = quoted(HOSTILE);
    format!(
        "id = \"own-rule\"\ntitle = {text}\nseverity = \"high\"\nscope = \"holder\"\nwhy = {text}\nfix = {text}\n\
         references = [{text}]\nmessage = {}\n[match]\non = \"declared\"\ngrant = [\"classAccesses/*\"]\n",
        quoted(&format!("{{holder}}: {{grant}} {HOSTILE}"))
    )
}

/// The configuration and its rule, by path.
pub(crate) fn policy_files() -> [(&'static str, String); 2] {
    [("permdelta.toml", policy()), ("security/rules/own-rule.toml", rule())]
}

/// Two commits that grant what hostile texts stand around: `main~1` and `main`, which a branch of a hostile name names, too.
fn history(dir: &Path) -> Repository {
    let repository = repository(dir, true);
    let files = |granted: &str| {
        let mut files = vec![
            (format!("{FOLDER}/{HOSTILE_FILE}.permissionset-meta.xml"), set(HOSTILE, granted)),
            (format!("{FOLDER}/Plain.permissionset-meta.xml"), set(HOSTILE, granted)),
            (format!("permissionsetgroups/{HOSTILE_FILE}.permissionsetgroup-meta.xml"), group(granted)),
        ];
        files.extend(policy_files().map(|(path, text)| (path.to_owned(), text.into_bytes())));
        files
    };
    let [before, after] = ["false", "true"].map(files);
    let base = commit(&repository, None, &borrowed(&before));
    let head = commit(&repository, Some(base), &borrowed(&after));
    repository.reference(&format!("refs/heads/{HOSTILE_BRANCH}"), head, true, "").expect("a branch");
    repository
}

fn borrowed(files: &[(String, Vec<u8>)]) -> Vec<(&str, &[u8])> {
    files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect()
}

/// A third commit whose problems quote hostile text: a name, a value, an element, a root, a path.
fn with_problems(repository: &Repository) {
    let bad = [
        ("name", "<userPermissions><enabled>true</enabled><name>HOSTILE</name></userPermissions>".to_owned()),
        ("escape", "<label>\u{1b}]8;;http://evil\u{7}HOSTILE\u{1b}[2J</label>".to_owned()),
        ("value", "<userPermissions><enabled>HOSTILE</enabled><name>A</name></userPermissions>".to_owned()),
        ("element", "<a\u{202e}b\u{9b}><b>HOSTILE</b></a\u{202e}b\u{9b}>".to_owned()),
        ("text", "HOSTILE".to_owned()),
        (HOSTILE_FILE, "&\u{1b}[2Jevil;".to_owned()),
        ("entity", "<label>&HOSTILE;</label>".to_owned()),
    ];
    let mut files: Vec<(String, Vec<u8>)> = bad
        .into_iter()
        .map(|(name, body)| {
            let body = body.replace("HOSTILE", &escaped(HOSTILE));
            (format!("{FOLDER}/{name}.permissionset-meta.xml"), format!("<PermissionSet>{body}</PermissionSet>").into())
        })
        .collect();
    files.extend(policy_files().map(|(path, text)| (path.to_owned(), text.into_bytes())));
    let head = repository.revparse_single("main").expect("the head").id();
    commit(repository, Some(head), &borrowed(&files));
}

/// The history with its problems: what is granted is `main~2..main~1`.
pub(crate) fn hostile() -> TempDir {
    let dir = temp();
    with_problems(&history(dir.path()));
    dir
}

/// Every command that prints metadata, with these arguments besides.
pub(crate) fn runs(dir: &Path, more: &[&str]) -> Vec<(String, Run)> {
    let branch = format!("main~2..{HOSTILE_BRANCH}");
    let commands = [
        &["check", "main~2..main~1"][..],
        &["check", &branch],
        &["check", "main~1..main~2"],
        &["check", "main~1..main"],
        &["diff", "main~2..main~1"],
        &["diff", "main~1..main"],
        &["audit", "main~1"],
        &["audit", "main"],
    ];
    let run = |command: &[&str]| (command.join(" "), permdelta(dir, &[command, more].concat()));
    commands.into_iter().map(run).collect()
}
