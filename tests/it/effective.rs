//! Effective access of thousands of generated orgs: the program and the naive computation agree on every row.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::Path;

use serde_json::Value;
use zip::CompressionMethod::Stored;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::naive_access::{ANY_FIELD, Access, Delta, Keys, NOWHERE, Row, Snapshot, snapshot, starts, universe};
use crate::naive_requirements::Requirements;
use crate::org_chance::Chance;
use crate::orgs::{Kind, Mark, Org};
use crate::support::{Report, fold, temp, text};

/// What each line of each file states, by path.
pub(crate) type Marks = BTreeMap<String, Vec<Mark>>;

/// Writes orgs into one archive, which is quicker than thousands of files; what its manifest deletes are all their
/// deleted holders.
pub(crate) fn write_orgs(to: &Path, orgs: &[Org], seed: u64) -> Marks {
    let mut archive = ZipWriter::new(fs::File::create(to).expect("an archive"));
    let mut write = |path: &str, text: &str| {
        archive.start_file(path, SimpleFileOptions::default().compression_method(Stored)).expect("a file");
        archive.write_all(text.as_bytes()).expect("its content");
    };
    let mut marks = Marks::new();
    for file in orgs.iter().flat_map(|org| &org.files) {
        let (text, stated) = file.written(seed);
        write(&file.path(), &text);
        marks.insert(file.path(), stated);
    }
    let mut types = String::new();
    for (kind, name) in orgs.iter().flat_map(|org| &org.deleted) {
        types += &format!("<types><members>{name}</members><name>{}</name></types>\n", kind.root());
    }
    if !types.is_empty() {
        write("destructiveChangesPost.xml", &format!("<Package>\n{types}</Package>\n"));
    }
    archive.finish().expect("a whole archive");
    marks
}

/// The report on pairs of orgs, all in one run, and what the lines of the heads state.
pub(crate) fn compared(pairs: &[(Org, Org)], seed: u64) -> (Report, Marks) {
    let dir = temp();
    let [from, to] = ["base.zip", "head.zip"].map(|name| dir.path().join(name));
    let (bases, heads): (Vec<Org>, Vec<Org>) = pairs.iter().cloned().unzip();
    write_orgs(&from, &bases, seed);
    let marks = write_orgs(&to, &heads, seed);
    let report = Report::of(dir.path(), &["diff", "--from", "base.zip", "--to", "head.zip"]);
    assert!(report.complete(), "{:?}", report.problems().first());
    (report, marks)
}

/// The effective delta of each holder of a report that has one, by kind and case-folded name.
pub(crate) fn deltas(report: &Report) -> BTreeMap<(String, String), Value> {
    let mut deltas = BTreeMap::new();
    for holder in report.holders() {
        let lists = ["gained", "lost", "moved", "unknown"];
        let is_empty = |list: &str| holder["effective"][list].as_array().is_none_or(Vec::is_empty);
        if !lists.into_iter().all(is_empty) {
            let name = (text(holder, "kind"), fold(&text(holder, "name")));
            assert!(deltas.insert(name, holder["effective"].clone()).is_none(), "one row has it: {holder}");
        }
    }
    deltas
}

/// A reported grant as a key of the universe: a pattern as what it says of what no file mentions.
pub(crate) fn as_key(grant: &str) -> String {
    let pattern = [
        ("/*.*/", format!("/{NOWHERE}.{ANY_FIELD}/")),
        (".*/", format!(".{ANY_FIELD}/")),
        ("/*/", format!("/{NOWHERE}/")),
    ];
    pattern.iter().fold(fold(grant), |grant, (from, to)| grant.replace(from, to))
}

/// Whether a key is one of those that a reported key, as of [`as_key`], stands for.
pub(crate) fn covers(reported: &str, key: &str) -> bool {
    let parts = |key: &str| key.split('/').map(str::to_owned).collect::<Vec<_>>();
    match (&parts(reported)[..], &parts(key)[..]) {
        ([section, name, right], [of, about, other]) if section == of && right == other => {
            let object =
                name.strip_suffix(ANY_FIELD).filter(|object| *object == "nowhere." || about.starts_with(*object));
            name == about || name == NOWHERE || object.is_some()
        }
        _ => reported == key,
    }
}

fn reported_rows(effective: &Value) -> BTreeSet<Row> {
    const WORDS: [&str; 11] = [
        "new",
        "implied",
        "unmuted",
        "gate-removed",
        "new-holder",
        "removed",
        "muted",
        "gate-added",
        "undeclared",
        "session",
        "always-on",
    ];
    let word = |row: &Value, key: &str| WORDS.into_iter().find(|word| row[key] == *word).unwrap_or_default();
    let mut rows = BTreeSet::new();
    for list in ["gained", "lost", "moved"] {
        for row in effective[list].as_array().into_iter().flatten() {
            rows.insert((list, as_key(&text(row, "grant")), word(row, "gate"), word(row, "class")));
        }
    }
    rows
}

/// The naive answer for one org and what is wrong with the program's.
struct Judge<'a> {
    snapshots: [Snapshot; 2],
    universe: Keys,
    requirements: &'a Requirements,
    deltas: &'a BTreeMap<(String, String), Value>,
    marks: &'a Marks,
    org: &'a (Org, Org),
    complaints: Vec<String>,
    rows: usize,
}

impl<'a> Judge<'a> {
    fn new(
        org: &'a (Org, Org),
        requirements: &'a Requirements,
        deltas: &'a BTreeMap<(String, String), Value>,
        marks: &'a Marks,
    ) -> Judge<'a> {
        let universe = universe([&org.0, &org.1]);
        let snapshots = [&org.0, &org.1].map(|side| snapshot(side, &universe, requirements));
        Judge { snapshots, universe, requirements, deltas, marks, org, complaints: vec![], rows: 0 }
    }

    fn judge(&mut self) {
        let holders: BTreeSet<(Kind, String)> = self.snapshots.iter().flat_map(|side| side.keys().cloned()).collect();
        for holder in holders {
            let complaints = self.complaints_about(&holder);
            self.complaints.extend(complaints.into_iter().map(|complaint| format!("{holder:?}: {complaint}")));
        }
    }

    fn complaints_about(&mut self, holder: &(Kind, String)) -> Vec<String> {
        let [base, head] = [0, 1].map(|side| self.snapshots[side].get(holder));
        let deleted = self.org.1.deleted.iter().any(|(kind, name)| (*kind, fold(name)) == *holder);
        let delta = Delta { kind: holder.0, base, head, deleted, requirements: self.requirements };
        let expected = delta.rows(&self.universe);
        self.rows += expected.len();
        let effective = self.deltas.get(&(holder.0.word().to_owned(), holder.1.clone())).unwrap_or(&Value::Null);
        let found = reported_rows(effective);
        let mut complaints: Vec<String> =
            found.difference(&expected).map(|row| format!("reported, and not so: {row:?}")).collect();
        let is_said = |row: &&Row| found.iter().any(|said| said.0 == row.0 && covers(&said.1, &row.1));
        complaints.extend(expected.iter().filter(|row| !is_said(row)).map(|row| format!("not reported: {row:?}")));
        if let Some(head) = head {
            complaints.extend(unknown_complaint(base, head, effective));
            complaints.extend(self.path_complaints(holder, head, effective));
        }
        complaints
    }

    /// The derivations of what is gained or moved: exactly the members and entries that confer it, on their lines.
    fn path_complaints(&self, holder: &(Kind, String), head: &Access, effective: &Value) -> Vec<String> {
        let rows = ["gained", "moved"].into_iter().flat_map(|list| effective[list].as_array().into_iter().flatten());
        let mut complaints = Vec::new();
        for row in rows {
            let key = as_key(&text(row, "grant"));
            let mut ways = BTreeSet::new();
            for path in row["paths"].as_array().expect("paths") {
                match self.way(holder, path.as_array().expect("steps"), &key) {
                    Ok(way) => ways.extend(way),
                    Err(error) => complaints.push(format!("{key}: {error}: {path}")),
                }
            }
            if ways != head.paths(&key) {
                complaints.push(format!("{key}: paths {ways:?}, not {:?}", head.paths(&key)));
            }
        }
        complaints
    }

    /// The member and the stated keys a path leads to.
    fn way(
        &self,
        holder: &(Kind, String),
        steps: &[Value],
        key: &str,
    ) -> Result<BTreeSet<(String, String)>, &'static str> {
        let at = |step: &Value| -> Keys {
            let marks = self.marks.get(&text(step, "path")).into_iter().flatten();
            marks.filter(|(_, line)| step["line"] == *line).map(|(mark, _)| mark.clone()).collect()
        };
        let (member, entry) = match (holder.0, steps) {
            (Kind::Group, [group, entry]) => {
                let member = fold(&text(entry, "name"));
                let names_it = at(group).contains(&format!("permissionSet/{member}"));
                let is_group = text(group, "kind") == "permissionSetGroup" && fold(&text(group, "name")) == holder.1;
                if !(names_it && is_group) {
                    return Err("the first line does not name the member");
                }
                (member, entry)
            }
            (Kind::Group, _) | (_, [] | [_, _, ..]) => return Err("the wrong number of steps"),
            (_, [entry]) => (String::new(), entry),
        };
        let stated: BTreeSet<(String, String)> = at(entry)
            .iter()
            .filter_map(|mark| mark.strip_suffix("=true"))
            .filter(|stated| starts(key).contains(*stated))
            .map(|stated| (member.clone(), stated.to_owned()))
            .collect();
        if stated.is_empty() { Err("the last line states no source") } else { Ok(stated) }
    }
}

fn unknown_complaint(base: Option<&Access>, head: &Access, effective: &Value) -> Option<String> {
    let mut expected = BTreeSet::new();
    for (kind, name) in &head.unknown {
        let before = base.is_some_and(|base| base.unknown.contains(&(*kind, name.clone())));
        expected.insert((kind.word().to_owned(), name.clone(), if before { "unchanged" } else { "new" }.to_owned()));
    }
    let rows = effective["unknown"].as_array().into_iter().flatten();
    let found: BTreeSet<_> =
        rows.map(|row| (text(row, "kind"), fold(&text(row, "name")), text(row, "state"))).collect();
    let unchanged = effective.is_null() && expected.iter().all(|(_, _, state)| state == "unchanged");
    (found != expected && !unchanged).then(|| format!("unknown members {found:?}, not {expected:?}"))
}

/// How many orgs: PERMDELTA_ORGS, or a number that takes a few seconds.
pub(crate) fn number_of_orgs() -> usize {
    std::env::var("PERMDELTA_ORGS").ok().and_then(|number| number.parse().ok()).unwrap_or(1000)
}

#[test]
fn the_program_and_the_naive_computation_agree_on_generated_orgs() {
    const AT_ONCE: usize = 250;
    let requirements = Requirements::new();
    let seed = std::env::var("PERMDELTA_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let (mut rows, mut wrong) = (0, Vec::new());
    for batch in (0..number_of_orgs()).collect::<Vec<_>>().chunks(AT_ONCE) {
        let orgs: Vec<(Org, Org)> =
            batch.iter().map(|number| Chance::new(seed, *number, &requirements).pair()).collect();
        let (report, marks) = compared(&orgs, 0);
        let deltas = deltas(&report);
        for (number, org) in batch.iter().zip(&orgs) {
            let mut judge = Judge::new(org, &requirements, &deltas, &marks);
            judge.judge();
            rows += judge.rows;
            if !judge.complaints.is_empty() {
                wrong.push((org.0.files.len() + org.1.files.len(), *number, judge.complaints, org.clone()));
            }
        }
        wrong.sort_by_key(|(size, number, _, _)| (*size, *number));
        if let Some((_, number, complaints, (base, head))) = wrong.first() {
            let all: Vec<String> =
                wrong.iter().map(|(_, number, complaints, _)| format!("org {number}: {}", complaints[0])).collect();
            panic!(
                "{} of {} orgs are wrong:\n{}\norg {number}: {complaints:#?}\n{base:#?}\n{head:#?}",
                wrong.len(),
                batch.len(),
                all.join("\n")
            );
        }
    }
    println!("{} orgs, {rows} rows", number_of_orgs());
    assert!(rows > 3 * number_of_orgs(), "the orgs differ: {rows} rows");
}
