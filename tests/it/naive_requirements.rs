//! What requires what for deployment, read the naive way from a table.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::naive_access::Keys;
use crate::support::fold;

/// Rows of `held,required,confidence`; only `high` is certain in every org.
const REQUIREMENTS: &str = include_str!("../cases/requirements.csv");

/// The requirements: what is held, what it requires, and whether that is certain.
pub(crate) struct Requirements {
    rows: Vec<(String, String, bool)>,
    /// What was asked before, since it is asked often.
    reached: RefCell<BTreeMap<String, Rc<Keys>>>,
}

impl Requirements {
    /// The rows about concrete keys, and those about rights on one object or field, the latter with `<O>` for its name.
    pub(crate) fn new() -> Requirements {
        let mut rows = Vec::new();
        for line in REQUIREMENTS.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let [held, required, confidence] = cells[..] else { panic!("{line}") };
            for (held, required) in
                keys(held).iter().flat_map(|held| keys(required).into_iter().map(move |to| (held.clone(), to)))
            {
                rows.push((held, required, confidence == "high"));
            }
        }
        Requirements { rows, reached: RefCell::default() }
    }

    /// What a key requires in one step, and whether that is certain; rights on every object have `*` for the name.
    pub(crate) fn of(&self, key: &str) -> BTreeSet<(String, bool)> {
        let (template, name) = template(key);
        let rows = self.rows.iter().filter(|(held, _, _)| held == key || *held == template);
        rows.map(|(_, required, certain)| (required.replace("<o>", &name), *certain)).collect()
    }

    /// What a key is or requires, step by step.
    fn all_of(&self, key: &str) -> Rc<Keys> {
        let known = self.reached.borrow().get(key).cloned();
        known.unwrap_or_else(|| {
            let (mut reached, mut open) = (Keys::new(), vec![key.to_owned()]);
            while let Some(key) = open.pop() {
                if reached.insert(key.clone()) {
                    open.extend(self.of(&key).into_iter().map(|(required, _)| required));
                }
            }
            self.reached.borrow_mut().entry(key.to_owned()).or_insert(Rc::new(reached)).clone()
        })
    }

    /// The keys of `muted` that a key is or requires, step by step.
    pub(crate) fn muted_by(&self, key: &str, muted: &Keys) -> Keys {
        if muted.is_empty() {
            return Keys::new();
        }
        let reached = self.all_of(key);
        let on_every_object =
            |key: &str| key.starts_with("objectpermissions/") && reached.contains(&template(key).0.replace("<o>", "*"));
        muted.iter().filter(|key| reached.contains(*key) || on_every_object(key)).cloned().collect()
    }

    /// The rows about single keys.
    pub(crate) fn concrete(&self) -> impl Iterator<Item = (&str, &str)> {
        let rows = self.rows.iter().map(|(held, required, _)| (held.as_str(), required.as_str()));
        rows.filter(|(held, required)| !held.contains('<') && !required.contains('*'))
    }
}

/// The grant keys of one cell: `object:Case.allowRead+allowEdit`; none for what stands for something unnamed.
fn keys(cell: &str) -> Vec<String> {
    let (kind, rest) = cell.split_once(':').expect("kind:what");
    match (kind, rest.rsplit_once('.')) {
        ("user", _) if !rest.contains('<') => vec![fold(&format!("userPermissions/{rest}"))],
        ("field", Some(("<F>", right))) => vec![fold(&format!("fieldPermissions/<o>/{right}"))],
        ("object", Some((name, rights))) if !name.contains('<') || name == "<O>" => {
            rights.split('+').map(|right| fold(&format!("objectPermissions/{name}/{right}"))).collect()
        }
        _ => vec![],
    }
}

/// A key with `<o>` for the name of its object or field, and that name.
pub(crate) fn template(key: &str) -> (String, String) {
    match key.split('/').collect::<Vec<_>>()[..] {
        [section, name, right] => (format!("{section}/<o>/{right}"), name.to_owned()),
        _ => (key.to_owned(), String::new()),
    }
}

/// Whether a required key, `*` for all objects, is this one.
pub(crate) fn is_required(required: &str, key: &str) -> bool {
    let (template, _) = template(key);
    required == key || (template.starts_with("objectpermissions/") && required == template.replace("<o>", "*"))
}
