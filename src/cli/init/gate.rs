//! The gate to paste, for the CI systems a repository uses.

use std::path::Path;

use git2::Repository;

use crate::cli::ci::Platform;

/// What shows that a repository uses a system.
const SIGNS: [(&str, Platform); 6] = [
    (".github", Platform::GitHub),
    (".gitlab-ci.yml", Platform::GitLab),
    ("azure-pipelines.yml", Platform::Azure),
    (".azure-pipelines", Platform::Azure),
    ("bitbucket-pipelines.yml", Platform::Bitbucket),
    ("Jenkinsfile", Platform::Jenkins),
];

/// The systems a repository uses; where none shows, the one of the host it comes from, and on what that guess rests.
pub(super) fn found(root: &Path, repository: Option<&Repository>) -> (Vec<Platform>, Option<String>) {
    let mut gates: Vec<Platform> =
        SIGNS.iter().filter(|(sign, _)| root.join(sign).exists()).map(|(_, gate)| *gate).collect();
    gates.dedup();
    if !gates.is_empty() {
        return (gates, None);
    }
    let remote = repository.and_then(remote);
    let host = remote.as_ref().and_then(|(name, url)| Some((name, host(url)?)));
    let known = host.as_ref().and_then(|(_, host)| Platform::of_host(host));
    let gate = known.unwrap_or(Platform::GitHub);
    let said = match (host, known) {
        (Some((name, host)), Some(_)) => format!("this is for {}, as the remote {name} is on {host}", gate.name()),
        (Some((name, host)), None) => {
            format!("what runs at {host}, where the remote {name} is, is not known: this is for {}", gate.name())
        }
        (None, _) => format!("there is no remote host to go by: this is for {}", gate.name()),
    };
    let guess = format!("No CI file is here, and {said}. The README, section As a gate, has the files for {OTHERS}.");
    (vec![gate], Some(guess))
}

/// The systems there are files for.
const OTHERS: &str = "GitHub Actions, GitLab CI, Azure Pipelines, Bitbucket Pipelines and Jenkins";

/// Name and address of `origin`, else of the only remote.
fn remote(repository: &Repository) -> Option<(String, String)> {
    let names = repository.remotes().ok()?;
    let mut names: Vec<&str> = names.iter().flatten().flatten().collect();
    if names.contains(&"origin") {
        names = vec!["origin"];
    }
    let [name] = names.as_slice() else { return None };
    let url = repository.find_remote(name).ok()?.url().ok()?.to_owned();
    Some(((*name).to_owned(), url))
}

/// The host of a remote's address: `https://user@host:443/path`, `user@host:path`. A path has none.
fn host(url: &str) -> Option<String> {
    let authority = match url.split_once("://") {
        Some(("file", _)) => return None,
        Some((_, rest)) => rest.split(['/', '?', '#']).next()?,
        // A drive or a path is no host.
        None => {
            url.split_once(':').map(|(before, _)| before).filter(|before| before.len() > 1 && !before.contains('/'))?
        }
    };
    // What stands before it can be a password.
    let host = authority.rsplit('@').next()?;
    let host = host.split(':').next()?.trim_end_matches('.').to_lowercase();
    (!host.is_empty()).then_some(host)
}

impl Platform {
    /// What a host runs, by its name: the platforms' own, and their servers at a company.
    fn of_host(host: &str) -> Option<Self> {
        let is_below = |domain: &str| host == domain || host.strip_suffix(domain).is_some_and(|it| it.ends_with('.'));
        if is_below("dev.azure.com") || is_below("visualstudio.com") {
            return Some(Self::Azure);
        }
        // A Bitbucket server of one's own has no pipelines.
        if is_below("bitbucket.org") {
            return Some(Self::Bitbucket);
        }
        let named = [("gitlab", Self::GitLab), ("github", Self::GitHub)];
        let mut labels = host.split(['.', '-']);
        labels.find_map(|label| named.iter().find(|(name, _)| *name == label).map(|(_, gate)| *gate))
    }

    /// The file, or the part of one, to paste.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::GitHub => include_str!("../templates/github.yml"),
            Self::GitLab => include_str!("../templates/gitlab.yml"),
            Self::Azure => include_str!("../templates/azure.yml"),
            Self::Bitbucket => include_str!("../templates/bitbucket.yml"),
            Self::Jenkins => include_str!("../templates/Jenkinsfile"),
        }
    }

    /// What makes it a gate that a change cannot get round.
    pub(super) fn advice(self) -> &'static str {
        match self {
            Self::GitHub => {
                concat!(
                    "Set the repository variable PERMDELTA_REPOSITORY to where you install permdelta from, and make the job a required check; protect the workflow file (a ruleset with a required workflow, or code owners).\n\n",
                    "Where its repository is on the same server, permdelta is an action, which also keeps a comment or a review up to date:\n\n",
                    include_str!("../templates/github-action.yml"),
                )
            }
            Self::GitLab => {
                "Set the CI/CD variable PERMDELTA_REPOSITORY, and let merge requests need a successful pipeline; protect the job (a pipeline execution policy, or an included file of another project)."
            }
            Self::Azure => {
                "Set the pipeline variable PERMDELTA_REPOSITORY, and make the pipeline a required build validation of the branch; keep its file on a protected branch."
            }
            Self::Bitbucket => {
                "Set the repository variable PERMDELTA_REPOSITORY, and let merging need a successful build; protect the file by required approvals of its owners."
            }
            Self::Jenkins => {
                "Set PERMDELTA_REPOSITORY, and let the source code system need the build; take the Jenkinsfile from a trusted branch."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_a_remote_names_its_system() {
        let cases = [
            ("git@gitlab.com:org/github.git", Some("gitlab.com"), Some(Platform::GitLab)),
            ("https://user:secret@gitlab.example.com:8443/a.git", Some("gitlab.example.com"), Some(Platform::GitLab)),
            ("https://org@dev.azure.com/org/project/_git/a", Some("dev.azure.com"), Some(Platform::Azure)),
            ("git@ssh.dev.azure.com:v3/org/project/a", Some("ssh.dev.azure.com"), Some(Platform::Azure)),
            ("https://org.visualstudio.com/project/_git/a", Some("org.visualstudio.com"), Some(Platform::Azure)),
            ("ssh://git@bitbucket.org/org/a.git", Some("bitbucket.org"), Some(Platform::Bitbucket)),
            ("git@GitHub.com:org/gitlab.git", Some("github.com"), Some(Platform::GitHub)),
            ("https://bitbucket.example.com/scm/a.git", Some("bitbucket.example.com"), None),
            ("work:org/a.git", Some("work"), None),
            ("https://git.example.com/gitlab/a.git", Some("git.example.com"), None),
            ("https://notgithub.com/a", Some("notgithub.com"), None),
            ("/srv/gitlab/a.git", None, None),
            ("../gitlab:a", None, None),
            ("C:\\gitlab\\a", None, None),
            ("file:///srv/gitlab/a.git", None, None),
        ];
        for (url, expected, gate) in cases {
            let host = host(url);
            assert_eq!(host.as_deref(), expected, "{url}");
            assert_eq!(host.as_deref().and_then(Platform::of_host), gate, "{url}");
        }
    }
}
