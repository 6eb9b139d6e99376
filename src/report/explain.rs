//! One finding in full: what it says, why, what to do, and how what it is about comes to be.

use crate::report::table::{BOLD, DIM, Layout, accepted, colour, line, painted};
use crate::report::terminal::{labelled, plain, telling_label, wrap};
use crate::report::who::{Block, place};
use crate::report::{Finding, RuleText, Step, WhoMatch, WhoMuted, WhoUnknown};
use crate::text::clip;

/// A finding with its derivations.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The finding.
    pub finding: Finding,
    /// Its rule.
    pub rule: RuleText,
    /// What base says of the holder; `None` without base, or if the holder is not there.
    pub base: Option<AccountText>,
    /// What head says of it.
    pub head: Option<AccountText>,
}

/// What one side says of a holder.
#[derive(Debug, Clone)]
pub struct AccountText {
    /// Kind of the holder.
    pub kind: &'static str,
    /// API name.
    pub name: String,
    /// Label.
    pub label: Option<String>,
    /// `always-on` or `session`.
    pub gate: &'static str,
    /// The element that decides the gate.
    pub flag: Option<Step>,
    /// What confers the keys of the finding.
    pub matches: Vec<WhoMatch>,
    /// What is muted of them.
    pub muted: Vec<WhoMuted>,
    /// Members that are not known.
    pub unknown: Vec<WhoUnknown>,
    /// Keys that nothing there confers.
    pub without: Vec<String>,
    /// Members the finding is about.
    pub members: Vec<MemberText>,
}

/// A member of a group and its own gate.
#[derive(Debug, Clone)]
pub struct MemberText {
    /// The element that names it.
    pub step: Step,
    /// `always-on` or `session`; `None` if it is not known.
    pub gate: Option<&'static str>,
    /// The element that decides that.
    pub flag: Option<Step>,
}

/// A finding as text. `base` and `head` name the states that were compared; without `base` it is an audit's.
pub fn render(explanation: &Explanation, base: Option<&str>, head: &str, layout: Layout) -> String {
    let mut text = String::new();
    let width = layout.width.map(usize::from);
    said(explanation, width, &mut text);
    for (title, body) in [("Why it matters", &explanation.rule.why), ("What to do", &explanation.rule.fix)] {
        line(&mut text, &format!("\n{}\n  {}", painted(BOLD, title), wrap(&plain(body), width, 2)));
    }
    let sides = [(base, &explanation.base, "Before, in"), (Some(head), &explanation.head, "How it comes to be, in")];
    if explanation.base.is_none() && explanation.head.is_none() {
        return text;
    }
    for (name, account, title) in sides.into_iter().rev() {
        let Some(name) = name else { continue };
        line(&mut text, &format!("\n{}", painted(BOLD, &format!("{title} {}", plain(name)))));
        match account {
            Some(account) => account.render(layout, &mut text),
            None => line(&mut text, "  it is not there"),
        }
    }
    text
}

/// The finding itself.
fn said(explanation: &Explanation, width: Option<usize>, text: &mut String) {
    let Explanation { finding, rule, .. } = explanation;
    let severity = painted(colour(finding.severity), finding.severity.as_str());
    let label = telling_label(&finding.subject.name, finding.label.as_deref());
    let label = label.map(|label| painted(DIM, &format!("  \"{}\"", plain(&clip(label))))).unwrap_or_default();
    line(text, &format!("{severity}  {}  {}{label}", painted(BOLD, &finding.rule), plain(&finding.subject.name)));
    line(text, &format!("  {}", wrap(&plain(&finding.message), width, 2)));
    line(text, &format!("  {}:{}", plain(&finding.path), finding.line));
    if !finding.place.snippet.is_empty() {
        line(text, &format!("    {}", plain(&clip(&finding.place.snippet))));
    }
    let state = finding.state.map(|state| format!("  {state}")).unwrap_or_default();
    let also = if finding.also.is_empty() { String::new() } else { format!("  also {}", finding.also.join(", ")) };
    line(text, &painted(DIM, &format!("  {}{state}{also}", finding.fingerprint)));
    if let Some(waiver) = &finding.waiver {
        line(text, &format!("  waived {}", wrap(&plain(&accepted(waiver, true)), width, 2)));
    }
    if !rule.tags.is_empty() {
        line(text, &painted(DIM, &format!("  {}", wrap(&rule.tags.join(", "), width, 2))));
    }
}

impl AccountText {
    fn render(&self, layout: Layout, text: &mut String) {
        let width = layout.width.map(usize::from);
        let said = format!("{}: {}", plain(&self.name), gate(Some(self.gate), self.flag.is_some()));
        line(text, &format!("  {}", wrap(&said, width, 4)));
        flag(self.flag.as_ref(), text);
        for member in &self.members {
            let own = gate(member.gate, member.flag.is_some());
            let said = format!("its member {}, by itself: {own}", plain(&member.step.name));
            line(text, &format!("  {}", wrap(&said, width, 4)));
            place(&member.step, "    ", text);
            flag(member.flag.as_ref(), text);
        }
        Block::new(self.label.as_deref(), &self.matches, &self.muted, &self.unknown).body(layout, text);
        for key in &self.without {
            line(text, &format!("  {}: not conferred", labelled(key)));
        }
    }
}

/// When a holder works, and the element that says so.
fn gate(gate: Option<&str>, said: bool) -> &'static str {
    match (gate, said) {
        (None, _) => "not among the files, or not readable",
        (Some("session"), _) => "works only while activated in the user's session, hasActivationRequired is true",
        (Some(_), true) => "works in every session, hasActivationRequired is false",
        (Some(_), false) => "works in every session, there is no hasActivationRequired",
    }
}

fn flag(flag: Option<&Step>, text: &mut String) {
    if let Some(flag) = flag {
        place(flag, "    ", text);
    }
}
