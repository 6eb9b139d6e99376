//! Snapshots from what was read, and which file of head goes with which of base.

use crate::access::{Holder, HolderFile};
use crate::delta::Library;
use crate::source::{File, HolderKind};

/// The holder that `files` define; `None` if there are none.
pub(crate) fn holder<'l>(kind: HolderKind, files: &[&'l File], library: &'l Library) -> Option<Holder<'l>> {
    let files: Vec<HolderFile<'l>> = files
        .iter()
        .filter_map(|file| Some(HolderFile { file, parsed: library.get(&(file.kind, file.blob.clone()))? }))
        .collect();
    let name = files.first()?.file.name.as_str();
    Some(Holder { kind, name, files })
}

/// Pairs files of one holder: the same path first, then the rest in the order of their paths.
pub(crate) fn pair<'l>(
    base: &[HolderFile<'l>],
    head: &[HolderFile<'l>],
) -> Vec<(Option<HolderFile<'l>>, Option<HolderFile<'l>>)> {
    let twin = |file: &HolderFile<'l>, others: &[HolderFile<'l>]| {
        others.iter().find(|other| other.file.path == file.file.path).copied()
    };
    let mut pairs: Vec<_> =
        head.iter().filter_map(|file| twin(file, base).map(|before| (Some(before), Some(*file)))).collect();
    let mut gone = base.iter().filter(|file| twin(file, head).is_none()).copied();
    let mut come = head.iter().filter(|file| twin(file, base).is_none()).copied();
    loop {
        match (gone.next(), come.next()) {
            (None, None) => return pairs,
            pair => pairs.push(pair),
        }
    }
}

/// Whether both sides say the same, file for file.
pub(crate) fn same_content(base: &Holder<'_>, head: &Holder<'_>) -> bool {
    base.files.len() == head.files.len()
        && pair(&base.files, &head.files).iter().all(|pair| match pair {
            (Some(before), Some(after)) => before.same_content(after),
            _ => false,
        })
}
