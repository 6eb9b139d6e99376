//! The gate to paste, for the CI systems a repository uses.

use std::path::Path;

/// A CI system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gate {
    GitHub,
    GitLab,
    Azure,
    Bitbucket,
    Jenkins,
}

/// What shows that a repository uses a system.
const SIGNS: [(&str, Gate); 6] = [
    (".github", Gate::GitHub),
    (".gitlab-ci.yml", Gate::GitLab),
    ("azure-pipelines.yml", Gate::Azure),
    (".azure-pipelines", Gate::Azure),
    ("bitbucket-pipelines.yml", Gate::Bitbucket),
    ("Jenkinsfile", Gate::Jenkins),
];

/// The systems a repository uses; GitHub Actions, where none shows.
pub(super) fn found(root: &Path) -> Vec<Gate> {
    let mut gates: Vec<Gate> =
        SIGNS.iter().filter(|(sign, _)| root.join(sign).exists()).map(|(_, gate)| *gate).collect();
    gates.dedup();
    if gates.is_empty() {
        gates.push(Gate::GitHub);
    }
    gates
}

impl Gate {
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
