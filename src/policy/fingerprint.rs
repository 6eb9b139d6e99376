//! The identity of a finding across revisions.

use sha2::{Digest, Sha256};

/// The first 16 hex digits of SHA-256 over `1\0rule\0kind\0name\0subject`, the name case-folded.
///
/// No path, line, order or commit: moving a block, a file or a line changes no fingerprint.
pub fn fingerprint(rule: &str, kind: &str, name: &str, subject: &str) -> String {
    let text = format!("1\0{rule}\0{kind}\0{}\0{subject}", name.to_lowercase());
    Sha256::digest(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_fixed_for_all_time() {
        let of = |name| fingerprint("modify-all-data", "permissionSet", name, "userPermissions/ModifyAllData");
        assert_eq!(of("Data_Migration"), of("DATA_migration"));
        assert_eq!(of("Data_Migration"), "5946222ba794ff95");
    }
}
