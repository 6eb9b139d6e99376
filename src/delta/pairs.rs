//! Snapshots from what was read, and which definition of head goes with which of base.

use std::collections::BTreeMap;

use crate::access::{Definition, Holder, HolderFile};
use crate::delta::plan::HolderFiles;
use crate::delta::{Library, Side, problems};
use crate::source::{File, FileKind, HolderKind, set_folder};

/// The holder that `files` define; `None` if there are none.
pub(crate) fn holder<'l>(kind: HolderKind, files: &[&'l File], library: &'l Library) -> Option<Holder<'l>> {
    let mut units: BTreeMap<&'l str, Vec<HolderFile<'l>>> = BTreeMap::new();
    let folders: Vec<&str> = files.iter().filter_map(|file| part_of(file)).collect();
    for file in files {
        let Some(parsed) = library.get(&(file.kind, file.blob.clone())) else { continue };
        let beside = file.path.rsplit_once('/').map(|(folder, _)| folder).filter(|folder| folders.contains(folder));
        let unit = part_of(file).or(beside).unwrap_or(&file.path);
        units.entry(unit).or_default().push(HolderFile { file, parsed });
    }
    let definitions: Vec<Definition<'l>> = units.into_values().map(Definition::new).collect();
    let name = definitions.first()?.main().file.name.as_str();
    Some(Holder { kind, name, definitions })
}

/// The holder that files of a comparison define on one side.
///
/// What lies outside of all package directories, as a fixture, does not count beside a definition that is deployed:
/// the org has only the latter. In head that goes for one that base had, too; one that is new or differs counts.
pub(crate) fn holder_on<'l>(
    side: Side,
    kind: HolderKind,
    files: &HolderFiles<'l>,
    library: &'l Library,
) -> Option<Holder<'l>> {
    let mut holder = holder(kind, files.of(side), library)?;
    let deployed = |side: Side, file: &HolderFile<'_>| library.deploys(side, &file.file.path);
    let is_deployed = |definition: &Definition<'_>| definition.files().iter().any(|file| deployed(side, file));
    if holder.definitions.len() < 2 || !holder.definitions.iter().any(is_deployed) {
        return Some(holder);
    }
    let known = |file: &HolderFile<'_>| {
        let same = |base: &&File| base.path == file.file.path && problems::same_content(base, file.file, library);
        files.of(Side::Base).iter().any(same) && !deployed(Side::Base, file)
    };
    for definition in &mut holder.definitions {
        if !is_deployed(definition) && (side == Side::Base || definition.files().iter().all(known)) {
            definition.does_not_count();
        }
    }
    Some(holder)
}

/// The folder of the decomposed set a file is a part of.
pub(crate) fn part_of(file: &File) -> Option<&str> {
    set_folder(&file.path, &file.name).filter(|_| file.kind == FileKind::PermissionSetPart)
}

/// A definition of base and the one of head it became.
pub(crate) type Pair<'l> = (Option<Definition<'l>>, Option<Definition<'l>>);

/// Pairs definitions of one holder: the same path first, then the rest in the order of their paths.
pub(crate) fn pair<'l>(base: &[Definition<'l>], head: &[Definition<'l>]) -> Vec<Pair<'l>> {
    let twin = |one: &Definition<'l>, others: &[Definition<'l>]| {
        others.iter().find(|other| other.main().file.path == one.main().file.path).cloned()
    };
    let mut pairs: Vec<Pair<'l>> =
        head.iter().filter_map(|after| twin(after, base).map(|before| (Some(before), Some(after.clone())))).collect();
    let mut gone = base.iter().filter(|before| twin(before, head).is_none()).cloned();
    let mut come = head.iter().filter(|after| twin(after, base).is_none()).cloned();
    loop {
        match (gone.next(), come.next()) {
            (None, None) => return pairs,
            pair => pairs.push(pair),
        }
    }
}

/// Whether both sides say the same, definition for definition.
pub(crate) fn same_content(base: &Holder<'_>, head: &Holder<'_>) -> bool {
    base.definitions.len() == head.definitions.len()
        && pair(&base.definitions, &head.definitions).iter().all(|pair| match pair {
            (Some(before), Some(after)) => before.same_content(after),
            _ => false,
        })
}
