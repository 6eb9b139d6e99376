//! The plainest child, `<name>text</name>`, recognised without the general reader.
//!
//! Three of four elements of a permission file are such children, and nearly all are written alike. What is
//! not is left to the general reader; what is recognised here, it would have read the same way.

/// A child with text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Leaf<'a> {
    pub(crate) name: &'a str,
    /// Trimmed.
    pub(crate) value: &'a str,
    /// Offset of its `<`.
    pub(crate) start: usize,
    /// Offset behind its end tag.
    pub(crate) end: usize,
}

/// The child that `text` starts with, behind white space: a name of ASCII letters and no attributes, text
/// without markup or references, and the end tag. `None` does not mean that anything is wrong.
pub(crate) fn leaf(text: &str) -> Option<Leaf<'_>> {
    let start = text.bytes().position(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))?;
    let tag = text[start..].strip_prefix('<')?;
    let (name, _) =
        tag.split_at(tag.bytes().position(|byte| !byte.is_ascii_alphabetic()).filter(|length| *length > 0)?);
    let content = tag[name.len()..].strip_prefix('>')?;
    let (value, end_tag) = content.split_at(memchr::memchr2(b'<', b'&', content.as_bytes())?);
    let rest = end_tag.strip_prefix("</")?.strip_prefix(name)?.strip_prefix('>')?;
    Some(Leaf { name, value: value.trim(), start, end: text.len() - rest.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_children_only() {
        let found = leaf("\n    <field> Case.Größe__c\t</field>\n").unwrap();
        assert_eq!((found.name, found.value, found.start, found.end), ("field", "Case.Größe__c", 5, 37));
        assert_eq!(leaf("<a></a>").map(|found| found.value), Some(""));
        for other in [
            "",
            "x<a>b</a>",
            "<a/>",
            "<a b=''>c</a>",
            "<a >b</a>",
            "<a>b</a >",
            "<a>b</A>",
            "<a>b</aa>",
            "<a>b",
            "<a",
            "<a>&lt;</a>",
            "<a><![CDATA[b]]></a>",
            "<a>b<!-- c --></a>",
            "<a><b>c</b></a>",
            "</a>",
            "<>b</>",
            "<ä>b</ä>",
            "<x:a>b</x:a>",
            "<!-- c -->",
            "\u{a0}<a>b</a>",
        ] {
            assert_eq!(leaf(other), None, "{other}");
        }
    }
}
