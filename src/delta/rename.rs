//! Renames, as a label only: a new API name is a new holder, and it is judged as one.

use crate::access::Holder;
use crate::metadata::Key;

/// How much of two holders' grants must be the same; git's own threshold for files.
const ALIKE: f64 = 0.5;
/// Beyond this many pairs only the nearest in size would be worth comparing; none is.
const MOST_PAIRS: usize = 10_000;

/// Pairs of removed and added holders that look alike, best first, each used once.
///
/// Likeness is the Jaccard index of the grant keys; holders of the same content are alike even without grants.
pub(crate) fn pairs(removed: &[Holder<'_>], added: &[Holder<'_>]) -> Vec<(usize, usize)> {
    if removed.len().saturating_mul(added.len()) > MOST_PAIRS {
        return Vec::new();
    }
    let keys = |holders: &[Holder<'_>]| -> Vec<Vec<Key>> {
        holders.iter().map(|holder| holder.grants().iter().map(|grant| grant.entry.key).collect()).collect()
    };
    let (before, after) = (keys(removed), keys(added));
    let mut alike: Vec<(f64, usize, usize)> = Vec::new();
    for (from, old) in before.iter().enumerate() {
        for (to, new) in after.iter().enumerate() {
            let same_kind = removed[from].kind == added[to].kind;
            let likeness = if same_content(&removed[from], &added[to]) { 2.0 } else { jaccard(old, new) };
            if same_kind && likeness >= ALIKE {
                alike.push((likeness, from, to));
            }
        }
    }
    // Holders come sorted by name, so equal likeness is decided by name.
    alike.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    let mut chosen: Vec<(usize, usize)> = Vec::new();
    for (_, from, to) in alike {
        if chosen.iter().all(|(used_from, used_to)| *used_from != from && *used_to != to) {
            chosen.push((from, to));
        }
    }
    chosen
}

fn same_content(one: &Holder<'_>, other: &Holder<'_>) -> bool {
    one.definitions.len() == other.definitions.len()
        && one.definitions.iter().zip(&other.definitions).all(|(a, b)| a.same_content(b))
}

/// The share of common keys among all keys of two sorted runs; 0 if both are empty.
fn jaccard(one: &[Key], other: &[Key]) -> f64 {
    let most = one.len().min(other.len()) as f64 / one.len().max(other.len()).max(1) as f64;
    if most < ALIKE {
        return 0.0;
    }
    let common = one.iter().filter(|key| other.binary_search(key).is_ok()).count();
    common as f64 / (one.len() + other.len() - common).max(1) as f64
}
