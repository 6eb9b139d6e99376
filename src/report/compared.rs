//! Which states a report is about, and whose policy judged them.

use crate::report::{Report, Source};

/// Which states were compared; `name` writes a name for the document it is in.
pub(super) fn states(report: &Report, name: impl Fn(&str) -> String) -> String {
    match &report.base {
        Some(base) => format!("Compared: {} → {}", source(base, &name), source(&report.head, &name)),
        None => format!("Audited: {}", source(&report.head, &name)),
    }
}

fn source(source: &Source, name: impl Fn(&str) -> String) -> String {
    match (source.kind, &source.id) {
        ("index" | "worktree", _) => format!("the {}", source.kind),
        (_, Some(id)) if *id != source.name => format!("{} ({})", name(&source.name), name(short(id))),
        (_, Some(id)) => name(short(id)),
        (_, None) => name(&source.name),
    }
}

/// The first ten digits of a commit.
fn short(id: &str) -> &str {
    id.get(..10).unwrap_or(id)
}

/// Whose policy judged; `None` where nothing was judged.
pub(super) fn judged(report: &Report, name: impl Fn(&str) -> String) -> Option<String> {
    report.verdict.as_ref()?;
    let whose = match report.policy.from {
        "built-in" => return Some("Judged by the built-in rules".to_owned()),
        "target" => "the target branch",
        "file" => return Some("Judged by the file that --policy-from names".to_owned()),
        "head" if report.base.is_none() => "the same state",
        "head" => "the change itself",
        other => other,
    };
    let id = report.policy.id.as_deref().map(|id| format!(" ({})", name(short(id)))).unwrap_or_default();
    Some(format!("Judged by {} of {whose}{id}", name("permdelta.toml")))
}
