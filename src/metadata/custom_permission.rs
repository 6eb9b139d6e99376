//! `CustomPermission`: what code asks for, and which other custom permissions it requires.

use crate::error::Problem;
use crate::metadata::tree;
use crate::text::Span;

/// A custom permission.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomPermission {
    /// The label people see in Setup.
    pub label: Option<String>,
    /// The custom permissions it requires, in the order of the file.
    pub required: Vec<RequiredPermission>,
}

/// One `requiredPermission`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredPermission {
    /// The API name of the other custom permission.
    pub name: String,
    /// Whether it is a dependency, as the file says.
    pub dependency: bool,
    /// The element.
    pub span: Span,
}

/// Reads one file.
///
/// # Errors
/// The problem that ended reading.
pub(crate) fn read(bytes: &[u8]) -> Result<CustomPermission, Problem> {
    let mut permission = CustomPermission::default();
    tree::children(bytes, "CustomPermission", |node| {
        match node.name {
            "label" => permission.label = Some(node.text.into_owned()),
            "requiredPermission" => permission.required.push(RequiredPermission {
                name: node.text_of("customPermission").to_owned(),
                dependency: node.text_of("dependency").eq_ignore_ascii_case("true"),
                span: node.span,
            }),
            _ => {}
        }
        Ok(())
    })?;
    Ok(permission)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_and_required_permissions() {
        let xml = "<CustomPermission xmlns=\"http://soap.sforce.com/2006/04/metadata\">\
            <isLicensed>false</isLicensed><label>Approve</label>\
            <requiredPermission><customPermission>Review</customPermission><dependency>true</dependency></requiredPermission>\
            </CustomPermission>";
        let permission = read(xml.as_bytes()).unwrap();
        assert_eq!(permission.label.as_deref(), Some("Approve"));
        let required: Vec<_> = permission.required.iter().map(|one| (one.name.as_str(), one.dependency)).collect();
        assert_eq!(required, [("Review", true)]);
        let at = permission.required[0].span;
        assert!(xml[at.start as usize..at.end as usize].starts_with("<requiredPermission>"));
        assert!(read(b"<CustomPermission><label>").is_err());
    }
}
