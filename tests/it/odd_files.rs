//! Odd but right permission sets, each with its grants and the line of the element that decides each.

const FRAME: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata">
    <label>Odd</label>
BODY
</PermissionSet>
"#;

/// A file, and its grants with the line of the element that decides each; several lines where any of them would do.
pub(crate) struct Odd {
    pub(crate) what: &'static str,
    pub(crate) bytes: Vec<u8>,
    pub(crate) grants: Vec<(&'static str, &'static [u64])>,
}

fn file(what: &'static str, text: impl Into<Vec<u8>>, grants: &[(&'static str, &'static [u64])]) -> Odd {
    Odd { what, bytes: text.into(), grants: grants.to_vec() }
}

/// These lines inside an otherwise plain file, from line 4 on.
fn inside(what: &'static str, body: &str, grants: &[(&'static str, &'static [u64])]) -> Odd {
    file(what, FRAME.replace("BODY", body), grants)
}

const API: &str =
    "    <userPermissions>\n        <enabled>true</enabled>\n        <name>ApiEnabled</name>\n    </userPermissions>";
const API_KEY: &str = "userPermissions/ApiEnabled";

pub(crate) fn odd_documents() -> Vec<Odd> {
    let plain = FRAME.replace("BODY", API);
    vec![
        file("plain", plain.clone(), &[(API_KEY, &[5])]),
        file("a byte order mark", format!("\u{feff}{plain}"), &[(API_KEY, &[5])]),
        file("Windows line ends", plain.replace('\n', "\r\n"), &[(API_KEY, &[5])]),
        file(
            "a byte order mark and Windows line ends",
            format!("\u{feff}{}", plain.replace('\n', "\r\n")),
            &[(API_KEY, &[5])],
        ),
        file(
            "Windows line ends in one description",
            FRAME.replace("BODY", &format!("    <description>a\r\nb\r\n</description>\n{API}")),
            &[(API_KEY, &[8])],
        ),
        file("no XML declaration", plain.split_once('\n').expect("lines").1, &[(API_KEY, &[4])]),
        file(
            "no namespace",
            plain.replace(" xmlns=\"http://soap.sforce.com/2006/04/metadata\"", ""),
            &[(API_KEY, &[5])],
        ),
        file(
            "a namespace in single quotes",
            plain.replace("\"http://soap.sforce.com/2006/04/metadata\"", "'http://soap.sforce.com/2006/04/metadata'"),
            &[(API_KEY, &[5])],
        ),
        file(
            "another namespace declared too",
            plain.replace("<PermissionSet ", "<PermissionSet xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "),
            &[(API_KEY, &[5])],
        ),
        file(
            "a namespace prefix",
            plain
                .replace("xmlns=", "xmlns:m=")
                .replace("</", "</m:")
                .replace("<P", "<m:P")
                .replace("<l", "<m:l")
                .replace("<u", "<m:u")
                .replace("<e", "<m:e")
                .replace("<n", "<m:n"),
            &[(API_KEY, &[5])],
        ),
        file("an empty set", FRAME.replace("BODY", ""), &[]),
        file("a self-closing root", "<PermissionSet xmlns=\"http://soap.sforce.com/2006/04/metadata\"/>", &[]),
        file(
            "comments around the root",
            format!("{}<!-- the\nend -->\n", plain.replace("?>\n", "?>\n<!-- <PermissionSet> -->\n")),
            &[(API_KEY, &[6])],
        ),
        file("a processing instruction", plain.replace("?>\n", "?>\n<?note x?>\n"), &[(API_KEY, &[6])]),
        file("all on one line", plain.lines().map(str::trim).collect::<String>(), &[(API_KEY, &[1])]),
        file("no line end at the end", plain.trim_end(), &[(API_KEY, &[5])]),
    ]
}

pub(crate) fn odd_values() -> Vec<Odd> {
    let right = |word: &str| {
        format!(
            "    <objectPermissions>
        <allowRead>{word}</allowRead>
        <object>Account</object>
    </objectPermissions>"
        )
    };
    let read = "objectPermissions/Account/allowRead";
    vec![
        inside("True", &right("True"), &[(read, &[5])]),
        inside("TRUE", &right("TRUE"), &[(read, &[5])]),
        inside("true with spaces", &right("true  "), &[(read, &[5])]),
        inside("true on a line of its own", &right("\n            true\n        "), &[(read, &[5])]),
        inside("False", &right(" False "), &[]),
        inside("character references", &right("&#116;&#x72;ue"), &[(read, &[5])]),
        inside("CDATA", &right("<![CDATA[true]]>"), &[(read, &[5])]),
        inside("a comment inside a boolean", &right("tr<!-- false -->ue"), &[(read, &[5])]),
        inside(
            "entities, CDATA and comments inside a name",
            "    <tabSettings>
        <tab>R&amp;D<!-- x --><![CDATA[ <Lab> ]]>&quot;1&quot;</tab>
        <visibility>Visible</visibility>
    </tabSettings>",
            &[("tabSettings/R&D <Lab> \"1\"/Visible", &[6])],
        ),
        inside(
            "white space around a name",
            "    <userPermissions>
        <enabled>true</enabled>
        <name>\n  ApiEnabled </name>
    </userPermissions>",
            &[(API_KEY, &[5])],
        ),
        inside(
            "an attribute",
            "    <userPermissions a=\"&lt;x>\">
        <enabled b='true'>true</enabled>
        <name>ApiEnabled</name>
    </userPermissions>",
            &[(API_KEY, &[5])],
        ),
        inside(
            "space inside tags",
            "    <userPermissions >
        <enabled\n>true</enabled >
        <name>ApiEnabled</name\n>
    </userPermissions\n>",
            &[(API_KEY, &[5])],
        ),
        inside(
            "a line that looks like half a conflict",
            &format!("    <description>Title\n=======\ntext</description>\n{API}"),
            &[(API_KEY, &[8])],
        ),
        inside(
            "grants in a description",
            "    <description>&lt;userPermissions&gt;&lt;enabled&gt;true <![CDATA[<userPermissions><enabled>true</enabled><name>ViewAllData</name></userPermissions>]]></description>",
            &[],
        ),
    ]
}

pub(crate) fn odd_entries() -> Vec<Odd> {
    vec![
        inside(
            "comments between elements",
            &API.replace("<enabled>", "<!-- a -->\n        <!-- b --><enabled>"),
            &[(API_KEY, &[6])],
        ),
        inside(
            "a commented-out grant",
            &format!(
                "    <!-- <userPermissions>
        <enabled>true</enabled>
        <name>ViewAllData</name>
    </userPermissions> -->\n{API}"
            ),
            &[(API_KEY, &[9])],
        ),
        inside(
            "a commented-out boolean",
            &API.replace("<enabled>true</enabled>", "<!-- <enabled>true</enabled> --><enabled>false</enabled>"),
            &[],
        ),
        inside("a self-closing description", &format!("    <description/>\n{API}"), &[(API_KEY, &[6])]),
        inside("a self-closing entry", &format!("    <classAccesses/>\n{API}"), &[(API_KEY, &[6])]),
        inside("a boolean left out", "    <userPermissions><name>ApiEnabled</name></userPermissions>", &[]),
        inside(
            "the name last, and far away",
            "    <objectPermissions>
        <viewAllRecords>true</viewAllRecords>
        <allowRead>true</allowRead>\n\n
        <object>Account</object>
    </objectPermissions>",
            &[("objectPermissions/Account/viewAllRecords", &[5]), ("objectPermissions/Account/allowRead", &[6])],
        ),
        inside(
            "an undocumented right",
            "    <objectPermissions>
        <object>Account</object>
        <viewSetup>true</viewSetup>
        <deleteSetup>false</deleteSetup>
    </objectPermissions>",
            &[("objectPermissions/Account/viewSetup", &[6])],
        ),
        inside(
            "an unlisted section",
            "    <dataspaceScopes>
        <dataspaceScope>default</dataspaceScope>
        <enabled>true</enabled>
    </dataspaceScopes>",
            &[("dataspaceScopes/default/enabled", &[6])],
        ),
        inside(
            "editable alone",
            "    <fieldPermissions>
        <editable>true</editable>
        <field>Case.Origin</field>
    </fieldPermissions>",
            &[("fieldPermissions/Case.Origin/editable", &[5])],
        ),
        inside(
            "a legacy hidden field",
            "    <fieldPermissions>
        <editable>false</editable>
        <field>Case.Origin</field>
        <hidden>true</hidden>
    </fieldPermissions>",
            &[],
        ),
        inside(
            "a profile's word for a tab",
            "    <tabSettings>
        <tab>Case</tab>
        <visibility>DefaultOff</visibility>
    </tabSettings>",
            &[("tabSettings/Case/Available", &[6])],
        ),
        inside(
            "properties and ignored elements",
            "    <fullName>Odd</fullName>
    <hasActivationRequired>true</hasActivationRequired>
    <license>Salesforce</license>
    <enrichments><aiDescriptor><enrichedDescription>x</enrichedDescription></aiDescriptor></enrichments>",
            &[],
        ),
    ]
}

pub(crate) fn odd_repetitions() -> Vec<Odd> {
    let field = |editable: &str| {
        format!(
            "    <fieldPermissions>
        <editable>{editable}</editable>
        <field>Case.Origin</field>
        <readable>true</readable>
    </fieldPermissions>"
        )
    };
    let (edit, readable) = ("fieldPermissions/Case.Origin/editable", "fieldPermissions/Case.Origin/readable");
    vec![
        inside("identical duplicates", &format!("{API}\n{API}"), &[(API_KEY, &[5, 9])]),
        inside(
            "conflicting duplicates, held first",
            &format!("{}\n{}", field("true"), field("false")),
            &[(edit, &[5]), (readable, &[7, 12])],
        ),
        inside(
            "conflicting duplicates, held last",
            &format!("{}\n{}", field("false"), field("true")),
            &[(edit, &[10]), (readable, &[7, 12])],
        ),
        inside(
            "duplicates in another case",
            &format!("{}\n{}", field("false"), field("false").replace("Case.Origin", "case.origin")),
            &[(readable, &[7, 12])],
        ),
        inside(
            "sections taking turns",
            &format!("{API}\n{}\n{}", field("false"), API.replace("ApiEnabled", "RunReports")),
            &[(API_KEY, &[5]), (readable, &[11]), ("userPermissions/RunReports", &[14])],
        ),
    ]
}
