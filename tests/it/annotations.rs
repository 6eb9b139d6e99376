//! GitHub annotations: workflow commands as the runner reads them, within what a step shows.

use serde_json::Value;

use crate::support::{FOLDER, Report, arg, directory, permdelta, temp, write};

/// One workflow command, decoded.
#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) level: String,
    pub(crate) properties: Vec<(String, String)>,
    pub(crate) message: String,
}

impl Command {
    fn property(&self, name: &str) -> Option<&str> {
        self.properties.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// The commands of a log, read as the runner does: `::name key=value,key=value::data` at the start of a line.
pub(crate) fn commands(log: &str) -> Vec<Command> {
    let lines = log.lines().filter_map(|line| line.trim_start().strip_prefix("::"));
    lines.map(command).collect()
}

fn command(line: &str) -> Command {
    let (head, data) = line.split_once("::").expect("a command has data");
    let (level, properties) = head.split_once(' ').unwrap_or((head, ""));
    assert!(["error", "warning", "notice"].contains(&level), "{line:?}");
    let property = |text: &str| {
        let (name, value) = text.split_once('=').expect("a property has a value");
        (name.to_owned(), decoded(value, true))
    };
    Command {
        level: level.to_owned(),
        properties: properties.split(',').filter(|text| !text.is_empty()).map(property).collect(),
        message: decoded(data, false),
    }
}

/// The runner's decoding: these and no other sequences, `%25` last.
fn decoded(text: &str, is_property: bool) -> String {
    let text = text.replace("%0D", "\r").replace("%0A", "\n");
    let text = if is_property { text.replace("%3A", ":").replace("%2C", ",") } else { text };
    text.replace("%25", "%")
}

/// A step shows ten of each level.
pub(crate) fn assert_limits(what: &str, commands: &[Command]) {
    for level in ["error", "warning", "notice"] {
        let number = commands.iter().filter(|command| command.level == level).count();
        assert!(number <= 10, "{what}: {number} of level {level}");
    }
}

fn level(severity: &str) -> &'static str {
    match severity {
        "critical" | "high" => "error",
        "medium" => "warning",
        _ => "notice",
    }
}

/// Each finding of the demo, on its line, the worst first.
#[test]
fn findings_are_on_their_lines_worst_first() {
    let dir = temp();
    let report: Value =
        serde_json::from_str(&permdelta(dir.path(), &["demo", "--format", "json"]).stdout).expect("JSON");
    let run = permdelta(dir.path(), &["demo", "--format", "github"]);
    assert_eq!(run.status, 1);
    let commands = commands(&run.stdout);
    let findings = report["findings"].as_array().expect("findings");
    assert_eq!(commands.len(), findings.len());
    for finding in findings {
        let fingerprint = finding["fingerprint"].as_str().expect("a fingerprint");
        let command = commands.iter().find(|command| command.message.ends_with(fingerprint)).expect("an annotation");
        assert_eq!(command.level, level(finding["severity"].as_str().expect("a severity")));
        assert_eq!(command.property("file"), finding["path"].as_str());
        assert_eq!(command.property("line"), Some(finding["line"].to_string().as_str()));
        assert!(command.message.starts_with(finding["message"].as_str().expect("a message")));
        let columns = ["col", "endColumn"].map(|name| command.property(name).and_then(|text| text.parse::<u32>().ok()));
        assert!(columns[0].is_some_and(|column| column >= 1) && columns[0] < columns[1], "{command:?}");
        let title = format!("{}: {}", finding["severity"].as_str().unwrap(), finding["rule"].as_str().unwrap());
        assert_eq!(command.property("title"), Some(title.as_str()));
    }
    let titles: Vec<&str> = commands.iter().filter_map(|command| command.property("title")).collect();
    let rank = |title: &&str| {
        let severity = title.split(':').next().expect("a severity");
        ["critical", "high", "medium", "low", "note"].iter().position(|known| *known == severity)
    };
    assert!(titles.is_sorted_by_key(rank), "{titles:?}");
    assert!(run.stdout.ends_with("7 are high or worse\n"));
}

/// More than a step shows: nine of the level, and a tenth that counts the others.
#[test]
fn what_a_step_would_not_show_is_counted() {
    let (old, new) = (temp(), temp());
    for number in 0..40 {
        let set = "<PermissionSet>\n<userPermissions><enabled>true</enabled><name>ModifyAllData</name></userPermissions>\n</PermissionSet>";
        write(new.path(), &format!("{FOLDER}/S{number}.permissionset-meta.xml"), set.as_bytes());
    }
    write(new.path(), &format!("{FOLDER}/Broken.permissionset-meta.xml"), b"<PermissionSet>\n<label>x");
    let range = ["check", "--from", arg(old.path()), "--to", arg(new.path())];
    let report = Report::of(new.path(), &range);
    let run = permdelta(new.path(), &[&range[..], &["--format", "github"]].concat());
    assert_eq!((run.status, report.status), (2, 2));
    let commands = commands(&run.stdout);
    assert_limits("many", &commands);
    assert!(commands[0].property("title").is_some_and(|title| title.starts_with("incomplete")), "{:?}", commands[0]);
    assert!(commands[0].property("file").is_some_and(|path| path.ends_with("Broken.permissionset-meta.xml")));
    let findings = report.json["findings"].as_array().expect("findings");
    for name in ["error", "warning", "notice"] {
        let mut all =
            findings.iter().filter(|one| level(one["severity"].as_str().expect("a severity")) == name).count();
        all += usize::from(name == "error");
        let own: Vec<&Command> = commands.iter().filter(|command| command.level == name).collect();
        let title = own.last().and_then(|last| last.property("title")).unwrap_or_default();
        let counted = title.split_once(" more ").map_or(0, |(number, _)| number.parse().expect("a number"));
        assert_eq!(own.len() - usize::from(counted > 0) + counted, all, "{name}");
    }
    assert!(run.stdout.contains("\nINCOMPLETE  "));
    assert!(run.stderr.contains("annotations are 9 of "), "{}", run.stderr);
}

/// What a waiver covers is not annotated.
#[test]
fn waived_findings_have_no_annotation() {
    let set = "<PermissionSet>\n<userPermissions><enabled>true</enabled><name>ModifyAllData</name></userPermissions>\n</PermissionSet>";
    let policy = "[[waiver]]\nrule = \"privileged-access-always-on\"\nholder = \"permissionSet:A\"\nreason = \"r\"\nowner = \"o\"\n\
                  ticket = \"T-1\"\ngrant = \"userPermissions/ModifyAllData\"\nexpires = 2999-12-31\n";
    let path = format!("{FOLDER}/A.permissionset-meta.xml");
    let dir = directory(&[(&path, set.as_bytes()), ("permdelta.toml", policy.as_bytes())]);
    let report = Report::of(dir.path(), &["audit", "."]);
    let open = |finding: &&Value| finding["waiver"].is_null();
    let findings = report.json["findings"].as_array().expect("findings");
    let run = permdelta(dir.path(), &["audit", ".", "--format", "github"]);
    assert_eq!(commands(&run.stdout).len(), findings.iter().filter(open).count());
    assert!(findings.iter().any(|finding| !open(&finding)) && run.stdout.contains("1 waived"), "{}", run.stdout);
}
