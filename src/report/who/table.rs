//! `who` as a table: a block a holder, always-on ones first, then what the run says as a whole.

use std::collections::BTreeMap;

use anstyle::AnsiColor;

use crate::report::table::{BOLD, DIM, Layout, line, painted, problems};
use crate::report::terminal::{kind_words, labelled, plain, telling_label, wrap};
use crate::report::{Step, WhoMatch, WhoMuted, WhoReport, WhoUnknown};
use crate::text::{clip, count};

/// Grants of one holder, or paths of one grant, before the table says how many more there are.
const LISTED: usize = 12;

/// What is said about one holder.
#[derive(Default)]
pub(in crate::report) struct Block<'r> {
    label: Option<&'r str>,
    matches: Vec<&'r WhoMatch>,
    muted: Vec<&'r WhoMuted>,
    unknown: Vec<&'r WhoUnknown>,
}

/// Of the order of blocks: what works always comes first, what may work last.
type Place<'r> = (u8, &'static str, &'r str);

/// The report as text that ends with a line feed.
pub fn render(report: &WhoReport, layout: Layout) -> String {
    let mut text = String::new();
    problems(&report.problems, layout, &mut text);
    for ((_, kind, name), block) in blocks(report) {
        block.render(kind, name, layout, &mut text);
        text.push('\n');
    }
    line(&mut text, &wrap(&closing(report), layout.width.map(usize::from), 2));
    text
}

fn blocks(report: &WhoReport) -> BTreeMap<Place<'_>, Block<'_>> {
    let mut blocks: BTreeMap<(&'static str, &str), (&'static str, Block<'_>)> = BTreeMap::new();
    for one in &report.matches {
        let (gate, block) = blocks.entry((one.kind, &one.name)).or_default();
        (*gate, block.label) = (one.gate, one.label.as_deref());
        block.matches.push(one);
    }
    for one in &report.muted {
        let (gate, block) = blocks.entry((one.kind, &one.name)).or_default();
        (*gate, block.label) = (one.gate, one.label.as_deref());
        block.muted.push(one);
    }
    for one in &report.unknown {
        let (gate, block) = blocks.entry((one.kind, &one.name)).or_default();
        (*gate, block.label) = (one.gate, one.label.as_deref());
        block.unknown.push(one);
    }
    let mut placed = BTreeMap::new();
    for ((kind, name), (gate, block)) in blocks {
        let rank = match (block.matches.is_empty(), block.muted.is_empty()) {
            (false, _) if gate == "always-on" => 0,
            (false, _) => 1,
            (true, false) => 2,
            (true, true) => 3,
        };
        placed.insert((rank, kind, name), block);
    }
    placed
}

impl<'r> Block<'r> {
    /// All there is to say about one holder.
    pub(in crate::report) fn new(
        label: Option<&'r str>,
        matches: &'r [WhoMatch],
        muted: &'r [WhoMuted],
        unknown: &'r [WhoUnknown],
    ) -> Self {
        Self {
            label,
            matches: matches.iter().collect(),
            muted: muted.iter().collect(),
            unknown: unknown.iter().collect(),
        }
    }

    fn render(&self, kind: &str, name: &str, layout: Layout, text: &mut String) {
        let gate = match self.matches.first() {
            Some(one) if one.gate == "session" => painted(AnsiColor::Cyan.on_default(), "in session"),
            Some(one) => painted(AnsiColor::Yellow.on_default(), one.gate),
            None if self.muted.is_empty() => painted(DIM, "not known"),
            None => painted(AnsiColor::Green.on_default(), "muted"),
        };
        let label = telling_label(name, self.label);
        let label = label.map(|label| painted(DIM, &format!("  \"{}\"", plain(&clip(label))))).unwrap_or_default();
        line(text, &format!("{gate}  {}  {}{label}", painted(BOLD, &plain(name)), kind_words(kind)));
        self.body(layout, text);
    }

    /// Grants with their paths, and what is muted or not known.
    pub(in crate::report) fn body(&self, layout: Layout, text: &mut String) {
        let listed = |all: usize| if layout.verbose { all } else { all.min(LISTED) };
        let certain: Vec<&&WhoMuted> = self.muted.iter().filter(|one| !one.perhaps).collect();
        let matches = self.together();
        for same in matches.iter().take(listed(matches.len())) {
            let first = same[0];
            let grants: Vec<&str> = same.iter().map(|one| one.grant.as_str()).collect();
            headline("", &grants, first.through.as_deref(), layout, text);
            paths(&first.paths, layout, text);
            let same = |one: &&WhoMuted| (&one.grant, &one.through) == (&first.grant, &first.through);
            for muted in self.muted.iter().copied().filter(|one| one.perhaps && same(one)) {
                muted_by("perhaps muted", muted, layout, text);
            }
        }
        more(matches.len() - listed(matches.len()), "grant", "  ", text);
        for one in certain.iter().take(listed(certain.len())) {
            headline("muted: ", &[&one.grant], one.through.as_deref(), layout, text);
            muted_by("muted", one, layout, text);
            paths(&one.paths, layout, text);
        }
        more(certain.len() - listed(certain.len()), "muted grant", "  ", text);
        self.doubts(layout, text);
    }

    /// What is held itself, each by itself, then what a broader key gives, together.
    fn together(&self) -> Vec<Vec<&WhoMatch>> {
        let mut matches: Vec<&WhoMatch> = self.matches.clone();
        matches.sort_by_key(|one| &one.through);
        let same = |a: &&WhoMatch, b: &&WhoMatch| a.through.is_some() && a.through == b.through;
        matches.chunk_by(same).map(<[_]>::to_vec).collect()
    }

    /// What is not known, once for all members.
    fn doubts(&self, layout: Layout, text: &mut String) {
        let (muting, members): (Vec<&WhoUnknown>, Vec<&WhoUnknown>) =
            self.unknown.iter().partition(|one| one.member_kind == Some("mutingPermissionSet"));
        for (unknown, what, does) in [(members, "may confer it", "grant"), (muting, "perhaps muted", "mute")] {
            if unknown.is_empty() {
                continue;
            }
            let names: Vec<_> = unknown.iter().filter_map(|one| one.member.as_deref()).map(plain).collect();
            let why = match names.as_slice() {
                [] => "not all of it could be read".to_owned(),
                [one] => format!("what {one} {does}s is not known"),
                all => format!("what {} {does} is not known", all.join(", ")),
            };
            line(text, &format!("  {}", wrap(&format!("{what}: {why}"), layout.width.map(usize::from), 4)));
            for one in unknown {
                let at = one.line.map(|line| format!(":{line}")).unwrap_or_default();
                line(text, &format!("    {}{at}", plain(&one.path)));
            }
        }
    }
}

/// The grants, and the held key they come through: behind one, before several.
fn headline(before: &str, grants: &[&str], through: Option<&str>, layout: Layout, text: &mut String) {
    let listed = grants.iter().map(|grant| labelled(grant)).collect::<Vec<_>>().join(", ");
    let said = match through.map(labelled) {
        None => format!("{before}{listed}"),
        Some(key) if grants.len() == 1 => format!("{before}{listed} through {key}"),
        Some(key) => format!("{before}through {key}: {listed}"),
    };
    line(text, &format!("  {}", wrap(&said, layout.width.map(usize::from), 4)));
}

fn muted_by(how: &str, muted: &WhoMuted, layout: Layout, text: &mut String) {
    let held = muted.through.as_ref().unwrap_or(&muted.grant);
    let what = if muted.perhaps {
        format!(": it mutes {}, which this requires", plain(&muted.key))
    } else if muted.key.eq_ignore_ascii_case(held) {
        String::new()
    } else {
        format!(": it mutes {}, which this takes", plain(&muted.key))
    };
    let by = format!("{how} by {}{what}", plain(&muted.by.name));
    line(text, &format!("    {}", wrap(&by, layout.width.map(usize::from), 6)));
    place(&muted.by, "      ", text);
}

fn paths(paths: &[Vec<Step>], layout: Layout, text: &mut String) {
    let listed = if layout.verbose { paths.len() } else { paths.len().min(LISTED) };
    for path in &paths[..listed] {
        let by: Vec<_> = path.iter().skip(1).map(|step| plain(&step.name)).collect();
        let indent = if by.is_empty() { "    " } else { "      " };
        if !by.is_empty() {
            line(text, &format!("    as member {}", by.join(", ")));
        }
        for step in path {
            place(step, indent, text);
        }
    }
    more(paths.len() - listed, "path", "    ", text);
}

pub(in crate::report) fn place(step: &Step, indent: &str, text: &mut String) {
    line(text, &format!("{indent}{}:{}", plain(&step.path), step.line));
}

fn more(number: usize, noun: &str, indent: &str, text: &mut String) {
    if number > 0 {
        let nouns = if number == 1 { noun.to_owned() } else { format!("{noun}s") };
        line(text, &format!("{indent}and {number} more {nouns}, listed with -v"));
    }
}

/// The last line: how many confer it, and how sure that is.
fn closing(report: &WhoReport) -> String {
    let holders = |gate: &str| {
        let mut all: Vec<_> =
            report.matches.iter().filter(|one| one.gate == gate).map(|one| (one.kind, &one.name)).collect();
        all.dedup();
        all.len()
    };
    let (always, session) = (holders("always-on"), holders("session"));
    let grant = labelled(&report.grant);
    let mut said = match (always, session) {
        (0, 0) => format!("nobody confers {grant}"),
        (always, 0) => format!("{} {grant}, always-on", confer(always)),
        (0, session) => format!("{} {grant}, in session only", confer(session)),
        (always, session) => {
            format!("{} {grant}: {always} always-on, {session} in session only", confer(always + session))
        }
    };
    let mut groups: Vec<_> = report.muted.iter().filter(|one| !one.perhaps).map(|one| &one.name).collect();
    groups.dedup();
    if !groups.is_empty() {
        said.push_str(&format!("; muted in {}", count(groups.len(), "group")));
    }
    let doubtful = report.unknown.iter().filter(|one| one.member_kind != Some("mutingPermissionSet"));
    let mut doubtful: Vec<_> = doubtful.map(|one| (one.kind, &one.name)).collect();
    doubtful.dedup();
    if !doubtful.is_empty() {
        said.push_str(&format!("; of {} it is not known", count(doubtful.len(), "holder")));
    }
    if !report.complete {
        said.push_str("; not everything could be read");
    }
    said
}

fn confer(holders: usize) -> String {
    if holders == 1 { "1 holder confers".to_owned() } else { format!("{holders} holders confer") }
}
