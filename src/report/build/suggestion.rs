//! Where a finding goes away with one line of head.

use crate::access::{Definition, required_by};
use crate::delta::Comparison;
use crate::metadata::{Held, Names};
use crate::policy::{Change, Finding, SubjectKind, What};
use crate::source::HolderKind;

/// What the line of a finding can be replaced by: `true` by `false`, or for a session gate the other way round.
///
/// Only where that line alone decides: one definition, one entry, the element alone on its line; and where no other
/// right requires what it takes away. Not in files with Windows line ends, which an applied suggestion would mix.
pub(super) fn suggestion(finding: &Finding<'_>, comparison: &Comparison<'_>, names: &Names) -> Option<String> {
    let SubjectKind::Holder(kind) = finding.subject.kind else { return None };
    let mut pairs = comparison.pairs.iter().filter_map(|(_, head)| head.as_ref());
    let holder = pairs.find(|holder| holder.kind == kind && holder.name == finding.subject.name)?;
    let [definition] = holder.definitions.as_slice() else { return None };
    if memchr::memchr(b'\r', finding.bytes).is_some() {
        return None;
    }
    let (from, to) = match &finding.rule.matching.what {
        What::Change(changes) if changes.contains(&Change::GateRemoved) => {
            is_only_gate(definition).then_some(("false", "true"))?
        }
        What::Grants | What::Combination(_) if matches!(kind, HolderKind::PermissionSet | HolderKind::Profile) => {
            decides(finding, definition, names).then_some(("true", "false"))?
        }
        _ => return None,
    };
    replaced(line(finding)?, from, to)
}

/// The whole line a finding is on.
fn line<'l>(finding: &Finding<'l>) -> Option<&'l str> {
    let at = finding.span.start as usize;
    let start = memchr::memrchr(b'\n', finding.bytes.get(..at)?).map_or(0, |end| end + 1);
    let length = memchr::memchr(b'\n', &finding.bytes[at..]).map_or(finding.bytes.len() - at, |end| end);
    std::str::from_utf8(&finding.bytes[start..at + length]).ok()
}

/// The line with the other value, if it is one element of one value and nothing else.
fn replaced(line: &str, from: &str, to: &str) -> Option<String> {
    let element = line.trim();
    let name = element.strip_prefix('<')?.split_once('>')?.0;
    let is_name = !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric());
    let whole = is_name && element == format!("<{name}>{from}</{name}>");
    whole.then(|| line.replacen(&format!(">{from}<"), &format!(">{to}<"), 1))
}

fn is_only_gate(definition: &Definition<'_>) -> bool {
    let written = |bytes: &[u8]| memchr::memmem::find_iter(bytes, b"<hasActivationRequired").count();
    definition.files().iter().map(|file| written(&file.parsed.bytes)).sum::<usize>() == 1
}

/// Whether the element of a finding about one grant is all that gives it, and nothing the holder has requires it.
fn decides(finding: &Finding<'_>, definition: &Definition<'_>, names: &Names) -> bool {
    let entries =
        || definition.files().iter().flat_map(|file| file.parsed.entries.iter().map(move |entry| (file, entry)));
    let here = entries().find(|(file, entry)| {
        file.file.path == finding.path && entry.decided_at == finding.span.start && entry.held == Held::Yes
    });
    let (Some((_, here)), [_]) = (here, finding.keys.as_slice()) else { return false };
    let held = || entries().map(|(_, entry)| entry).filter(|entry| entry.held != Held::No);
    let is_required = held()
        .any(|entry| required_by(entry.key, names).iter().any(|needed| needed.key(entry.key, names) == Some(here.key)));
    held().filter(|entry| entry.key == here.key).count() == 1 && !is_required
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn only_an_element_alone_on_its_line_is_replaced() {
        let off = |line| replaced(line, "true", "false");
        assert_eq!(off("\t<enabled>true</enabled>").as_deref(), Some("\t<enabled>false</enabled>"));
        assert_eq!(off("    <enabled>true</enabled> ").as_deref(), Some("    <enabled>false</enabled> "));
        for other in [
            "<enabled>true</enabled><name>A</name>",
            "<enabled>True</enabled>",
            "<enabled> true</enabled>",
            "<a b=\"c\">true</a>",
            "<enabled>true</enabled><!-- ``` -->",
            "",
        ] {
            assert_eq!(off(other), None, "{other}");
        }
    }
}
