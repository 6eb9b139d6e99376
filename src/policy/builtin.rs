//! The rules that come with the program. A test holds the table equal to the directory `rules/`.

use crate::error::Error;
use crate::policy::Rule;
use crate::policy::rule::mistake;

macro_rules! rules {
    ($($path:literal)*) => {
        &[$((concat!("rules/", $path, ".toml"), include_str!(concat!("../../rules/", $path, ".toml")))),*]
    };
}

/// Path and content of each rule file.
const FILES: &[(&str, &str)] = rules! {
    "authentication/authentication-administration"
    "authentication/broad-login-ip-range"
    "authentication/login-ip-ranges-widened"
    "authentication/weak-login"
    "data/broad-reading"
    "data/bulk-hard-delete"
    "data/modify-all-data"
    "data/modify-all-records"
    "data/view-all-data"
    "data/view-all-fields"
    "data/view-all-records"
    "escalation/administrator-equivalence"
    "escalation/assign-permission-sets"
    "escalation/author-apex"
    "escalation/automation-administration"
    "escalation/customize-application"
    "escalation/deploy-metadata"
    "escalation/high-risk-user-permission"
    "escalation/identity-administration"
    "escalation/manage-profiles-permission-sets"
    "escalation/manage-session-activations"
    "escalation/manage-users"
    "escalation/record-access-administration"
    "exfiltration/api-bulk-extraction"
    "exfiltration/integration-administration"
    "exfiltration/mass-data-export"
    "exfiltration/outbound-channel"
    "exfiltration/public-file-links"
    "exfiltration/uninstalled-app-access"
    "external/external-access"
    "external/external-broad-access"
    "external/external-user-administration"
    "external/guest-access"
    "external/guest-changes-data"
    "external/unknown-audience-access"
    "external/unknown-audience-broad-access"
    "gate/class-entered"
    "gate/excluded-path-entered"
    "gate/forceignore-names-permissions"
    "gate/new-access"
    "gate/package-directory-dropped"
    "gate/paths-excluded"
    "gate/permission-files-newly-deployed"
    "gate/policy-weakened"
    "gate/registry-customized"
    "gate/replacement-in-permissions"
    "gate/unknown-access-added"
    "governance/assignment-changed"
    "governance/grants-in-profile"
    "governance/muting-mutes-nothing"
    "governance/muting-removed"
    "governance/muting-without-effect"
    "governance/standard-profile-changed"
    "governance/waiver-expired"
    "governance/waiver-malformed"
    "governance/waiver-requested"
    "governance/waiver-too-broad"
    "governance/waiver-unused"
    "hygiene/conflicting-entries"
    "hygiene/dead-entry"
    "hygiene/duplicate-entries"
    "hygiene/element-newer-than-api-version"
    "hygiene/group-member-missing"
    "hygiene/holder-in-several-files"
    "hygiene/legacy-hidden"
    "hygiene/misplaced-element"
    "hygiene/missing-required-right"
    "hygiene/spelling-unlike-catalogue"
    "hygiene/unknown-user-permission"
    "hygiene/unmodelled-grant"
    "monitoring/change-and-cover"
    "monitoring/forged-history"
    "monitoring/monitoring-data-read"
    "monitoring/monitoring-evaded"
    "sensitive/concealed-data-visible"
    "sensitive/data-protection-administration"
    "sensitive/sensitive-field-access"
    "sensitive/sensitive-object-access"
    "sensitive/sensitive-object-broad-access"
    "session/activation-flow-behind-own-set"
    "session/activation-flow-open-to-outsiders"
    "session/flow-activates-and-deactivates"
    "session/flow-activates-asynchronously"
    "session/flow-activates-missing-set"
    "session/flow-activates-nothing"
    "session/flow-activates-ungated-set"
    "session/flow-activation-unknown"
    "session/flow-newly-activates-set"
    "session/open-via-other-holder"
    "session/privileged-access-always-on"
    "session/privileged-integration-access"
    "session/session-activation-removed"
    "session/session-bypassed-by-group"
    "session/session-set-never-activated"
};

/// The built-in rules, by id.
///
/// # Errors
/// A built-in rule that does not load: a mistake in the program, which a test rules out.
pub fn builtin_rules() -> Result<Vec<Rule>, Error> {
    let mut rules = FILES.iter().map(|(path, text)| Rule::load(path, text)).collect::<Result<Vec<_>, _>>()?;
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(rules)
}

/// The rules of the program and those of a repository, by id: path and content of each file.
///
/// # Errors
/// A mistake in a file, or an id that is taken: nobody changes a rule by giving another its name.
pub fn with_own_rules(files: &[(String, String)]) -> Result<Vec<Rule>, Error> {
    let mut rules = builtin_rules()?;
    for (path, text) in files {
        let rule = Rule::load(path, text)?;
        if let Some(known) = rules.iter().find(|known| known.id == rule.id) {
            let message = format!("the id `{}` is that of {}", rule.id, known.path);
            let at = text.find("id").unwrap_or_default();
            return Err(mistake(path, text, at, &message, "give the rule another id, and its file another name"));
        }
        rules.push(rule);
    }
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(rules)
}
