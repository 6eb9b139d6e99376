//! Files that cannot be understood in full, each with the lines on which a problem may point at what is wrong.

use std::ops::RangeInclusive;

/// What a file beside a bad one says: one grant, decided on line 5.
pub(crate) const GOOD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata">
    <label>Good</label>
    <userPermissions>
        <enabled>true</enabled>
        <name>ApiEnabled</name>
    </userPermissions>
</PermissionSet>
"#;

/// Root tag on line 2, label on line 3, `LINES` from line 4 on.
const FRAME: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata">
    <label>Bad</label>
LINES
</PermissionSet>
"#;

/// A file that is wrong, and the lines on which a problem may point at what is wrong.
pub(crate) struct Bad {
    pub(crate) what: &'static str,
    pub(crate) bytes: Vec<u8>,
    pub(crate) lines: RangeInclusive<u64>,
}

/// A file of its own.
fn file(what: &'static str, lines: RangeInclusive<u64>, bytes: impl Into<Vec<u8>>) -> Bad {
    Bad { what, bytes: bytes.into(), lines }
}

/// These lines inside an otherwise good file, from line 4 on.
fn inside(what: &'static str, lines: RangeInclusive<u64>, body: &str) -> Bad {
    file(what, lines, FRAME.replace("LINES", body))
}

/// One entry on line 4.
fn entry(what: &'static str, body: &str) -> Bad {
    inside(what, 4..=4, body)
}

fn utf16(text: &str, mark: char, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    format!("{mark}{text}").encode_utf16().flat_map(bytes).collect()
}

/// What cannot be XML of the right kind, or not all of it.
pub(crate) fn broken_documents() -> Vec<Bad> {
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    let root = GOOD.find("<PermissionSet").expect("a root");
    let mut no_utf8 = FRAME.replace("LINES", "    <description>LINES</description>").into_bytes();
    let at = no_utf8.windows(5).position(|bytes| bytes == b"LINES").expect("a place");
    no_utf8[at] = 0xff;
    vec![
        file("empty", 1..=1, ""),
        file("white space only", 1..=4, "\n\n\n"),
        file("14 bytes that are not XML", 1..=1, "hello, world!\n"),
        file("an XML declaration and no root", 1..=2, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"),
        file(
            "cut off inside a value",
            5..=5,
            "<?xml version=\"1.0\"?>\n<PermissionSet>\n<label>Bad</label>\n<userPermissions>\n<enabled>tr",
        ),
        file(
            "cut off inside a tag",
            5..=5,
            "<?xml version=\"1.0\"?>\n<PermissionSet>\n<label>Bad</label>\n<userPermissions>\n<enab",
        ),
        file("cut off between entries", 2..=7, GOOD.strip_suffix("\n</PermissionSet>\n").expect("an end tag")),
        file(
            "cut off inside a comment",
            4..=4,
            "<?xml version=\"1.0\"?>\n<PermissionSet>\n<label>Bad</label>\n<!-- never closed </PermissionSet>",
        ),
        file("a second root", 9..=9, format!("{GOOD}{}", &GOOD[root..])),
        file("text after the root", 9..=9, format!("{GOOD}left over\n")),
        file("the root of another kind", 2..=2, GOOD.replace("PermissionSet", "Profile")),
        file("an unknown root", 2..=2, GOOD.replace("PermissionSet", "Permissions")),
        file("a space in the namespace", 2..=2, GOOD.replace("=\"http://soap", "=\" http://soap")),
        file("a foreign namespace", 2..=2, GOOD.replace("soap.sforce.com", "example.com")),
        file("a DOCTYPE", 2..=2, GOOD.replace("?>\n", "?>\n<!DOCTYPE PermissionSet [<!ENTITY x \"y\">]>\n")),
        file(
            "an LFS pointer",
            1..=3,
            "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n",
        ),
        file("UTF-16, little end first", 1..=1, utf16(GOOD, '\u{feff}', u16::to_le_bytes)),
        file("UTF-16, big end first", 1..=1, utf16(GOOD, '\u{feff}', u16::to_be_bytes)),
        file("bytes that are not UTF-8", 4..=4, no_utf8),
        inside("nested too deep", 4..=4, &deep),
        inside(
            "conflict markers",
            4..=4,
            "<<<<<<< HEAD
    <description>a</description>\n=======
    <description>b</description>\n>>>>>>> feature",
        ),
        inside("a conflict marker left behind", 5..=5, "    <description>b</description>\n>>>>>>> feature"),
        inside(
            "a conflict marker left behind in a block",
            5..=5,
            "    <description>\n>>>>>>> feature\n    b</description>",
        ),
    ]
}

/// One entry that is wrong in an otherwise good file.
pub(crate) fn broken_entries() -> Vec<Bad> {
    vec![
        entry("an unknown entity", "    <description>&bogus;</description>"),
        entry(
            "an unknown entity in a name",
            "    <userPermissions><enabled>true</enabled><name>Api&bogus;Enabled</name></userPermissions>",
        ),
        entry(
            "the wrong end tag",
            "    <userPermissions><enabled>true</enabled><name>ApiEnabled</d></userPermissions>",
        ),
        entry("an end tag too many", "    </userPermissions>"),
        entry("an ampersand by itself", "    <description>Research & Development</description>"),
        entry("a less-than sign by itself", "    <description>a < b</description>"),
        entry(
            "a boolean that is neither",
            "    <userPermissions><enabled>yes</enabled><name>ApiEnabled</name></userPermissions>",
        ),
        entry("an empty boolean", "    <userPermissions><enabled></enabled><name>ApiEnabled</name></userPermissions>"),
        entry(
            "a right that is no boolean",
            "    <objectPermissions><allowRead>1</allowRead><object>Account</object></objectPermissions>",
        ),
        entry(
            "a boolean with children",
            "    <userPermissions><enabled><b>true</b></enabled><name>ApiEnabled</name></userPermissions>",
        ),
        entry(
            "a visibility that is none",
            "    <tabSettings><tab>Case</tab><visibility>Sometimes</visibility></tabSettings>",
        ),
        entry("an unknown scalar", "    <colour>red</colour>"),
        entry(
            "an unknown block with two names",
            "    <newAccesses><one>a</one><two>b</two><enabled>true</enabled></newAccesses>",
        ),
        entry(
            "an unknown block with depth",
            "    <newAccesses><name>a</name><enabled><now>true</now></enabled></newAccesses>",
        ),
        entry("rights without an object", "    <objectPermissions><allowRead>true</allowRead></objectPermissions>"),
        entry(
            "a right with an empty name",
            "    <userPermissions><enabled>true</enabled><name> </name></userPermissions>",
        ),
        entry(
            "a control character in a name",
            "    <userPermissions><enabled>true</enabled><name>Api\u{1}Enabled</name></userPermissions>",
        ),
        entry(
            "an escape sequence in a name",
            "    <userPermissions><enabled>true</enabled><name>Api\u{1b}[2JEnabled</name></userPermissions>",
        ),
        entry(
            "NUL in a name",
            "    <userPermissions><enabled>true</enabled><name>Api\0Enabled</name></userPermissions>",
        ),
        entry(
            "a control character by reference",
            "    <userPermissions><enabled>true</enabled><name>Api&#1;Enabled</name></userPermissions>",
        ),
    ]
}

/// One entry whose parts do not fit together in an otherwise good file.
pub(crate) fn broken_blocks() -> Vec<Bad> {
    let unlisted = "<dataspaceScope>default</dataspaceScope><enabled>true</enabled></dataspaceScopes>";
    vec![
        inside(
            "booleans without a field",
            4..=7,
            "    <fieldPermissions>
        <editable>true</editable>
        <readable>true</readable>
    </fieldPermissions>",
        ),
        inside(
            "a bad boolean on its own line",
            7..=7,
            "    <objectPermissions>
        <object>Account</object>
        <allowRead>true</allowRead>
        <allowEdit>ja</allowEdit>
    </objectPermissions>",
        ),
        inside(
            "a field without a name among others",
            5..=5,
            "    <fieldPermissions><field>Case.Origin</field><readable>true</readable></fieldPermissions>
    <fieldPermissions><readable>true</readable></fieldPermissions>",
        ),
        entry("text between entries", "    true"),
        entry(
            "text inside an entry",
            "    <userPermissions>x<enabled>true</enabled><name>ApiEnabled</name></userPermissions>",
        ),
        entry(
            "a child that stands twice",
            "    <userPermissions><enabled>false</enabled><enabled>true</enabled><name>A</name></userPermissions>",
        ),
        entry(
            "a name that stands twice",
            "    <userPermissions><enabled>true</enabled><name>A</name><name>B</name></userPermissions>",
        ),
        entry(
            "an unknown child",
            "    <userPermissions><enabled>true</enabled><name>A</name><colour>red</colour></userPermissions>",
        ),
        entry(
            "a byte order mark inside a boolean",
            "    <userPermissions><enabled>\u{feff}true</enabled><name>ApiEnabled</name></userPermissions>",
        ),
        entry(
            "a byte order mark before the pieces of a boolean",
            "    <userPermissions><enabled>\u{feff}t<!-- -->rue</enabled><name>ApiEnabled</name></userPermissions>",
        ),
        entry("text in an unlisted section", &format!("    <dataspaceScopes>x{unlisted}")),
        entry("a character reference in an unlisted section", &format!("    <dataspaceScopes>&#x74;{unlisted}")),
        entry("CDATA in an unlisted section", &format!("    <dataspaceScopes><![CDATA[x]]>{unlisted}")),
        entry("an unknown entity in an unlisted section", &format!("    <dataspaceScopes>&bogus;{unlisted}")),
    ]
}

/// What XML forbids though a forgiving parser reads on.
pub(crate) fn not_well_formed() -> Vec<Bad> {
    let api = |name: &str| format!("    <userPermissions><enabled>true</enabled>{name}</userPermissions>");
    vec![
        entry("an attribute without quotes", &api("<name a=b>ApiEnabled</name>")),
        entry("an attribute that stands twice", &api("<name a=\"1\" a=\"2\">ApiEnabled</name>")),
        entry("a less-than sign in an attribute", &api("<name a=\"<\">ApiEnabled</name>")),
        entry("an unknown entity in an attribute", &api("<name a=\"&bogus;\">ApiEnabled</name>")),
        entry("a control character in an attribute's name", &api("<name a\u{1}=\"\">ApiEnabled</name>")),
        entry("an end of CDATA in text", &api("<name>Api]]>Enabled</name>")),
        entry("a comment opened inside a comment", "    <!-- old <!-- older -->"),
        entry("a control character in a comment", "    <!-- \u{1} -->"),
        file("a second XML declaration", 2..=2, GOOD.replacen("?>\n", "?>\n<?xml version=\"1.0\"?>\n", 1)),
        file("an XML declaration without a version", 1..=1, GOOD.replace("version=\"1.0\" ", "")),
        file("a space before the XML declaration", 1..=1, format!(" {GOOD}")),
        file("an instruction without a name", 2..=2, GOOD.replacen("?>\n", "?>\n<??x?>\n", 1)),
        file("a misspelt encoding in the XML declaration", 1..=1, GOOD.replace("encoding=", "encod=")),
        file("no space in the XML declaration", 1..=1, GOOD.replace("\" encoding", "\"encoding")),
        file("an XML declaration cut to pieces", 1..=1, GOOD.replace("version=", "version=x")),
    ]
}
