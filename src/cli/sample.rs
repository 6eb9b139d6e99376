//! The sample repository, as files inside the program. A test holds the table equal to `sample-repo/`.

macro_rules! files {
    ($revision:literal: $($path:literal)*) => {
        &[$(($path, include_str!(concat!("../../sample-repo/", $revision, "/", $path)))),*]
    };
}

/// Path and content.
pub(crate) type Files = &'static [(&'static str, &'static str)];

/// The state before: the whole project.
pub(crate) const BASE: Files = files! { "base":
    "force-app/main/default/customPermissions/Approve_Contract_Amendments.customPermission-meta.xml"
    "force-app/main/default/flows/Activate_Employment_Contracts.flow-meta.xml"
    "force-app/main/default/mutingpermissionsets/Contract_Desk_Muting.mutingpermissionset-meta.xml"
    "force-app/main/default/permissionsetgroups/Contract_Desk.permissionsetgroup-meta.xml"
    "force-app/main/default/permissionsetgroups/Field_Team.permissionsetgroup-meta.xml"
    "force-app/main/default/permissionsetgroups/Recruiting.permissionsetgroup-meta.xml"
    "force-app/main/default/permissionsets/Conference_Room_Mobile.permissionset-meta.xml"
    "force-app/main/default/permissionsets/Contract_Manager.permissionset-meta.xml"
    "force-app/main/default/permissionsets/Employment_Contracts.permissionset-meta.xml"
    "force-app/main/default/permissionsets/Field_Service_Mobile.permissionset-meta.xml"
    "force-app/main/default/permissionsets/HR_Interviewer.permissionset-meta.xml"
    "force-app/main/default/permissionsets/HR_Recruiter.permissionset-meta.xml"
    "force-app/main/default/permissionsets/Meeting_Room_Viewer.permissionset-meta.xml"
    "force-app/main/default/permissionsets/Release_Deployer.permissionset-meta.xml"
    "force-app/main/default/permissionsets/Reporting_Analyst.permissionset-meta.xml"
    "force-app/main/default/permissionsets/Support_Agent.permissionset-meta.xml"
    "force-app/main/default/profiles/Procurement User.profile-meta.xml"
    "integrations/main/default/permissionsets/Integration_ERP_Sync.permissionset-meta.xml"
    "sfdx-project.json"
};

/// The files the pull request adds or changes.
pub(crate) const PULL_REQUEST: Files = files! { "pull-request":
    "force-app/main/default/mutingpermissionsets/Contract_Desk_Muting.mutingpermissionset-meta.xml"
    "force-app/main/default/permissionsetgroups/Field_Team.permissionsetgroup-meta.xml"
    "force-app/main/default/permissionsets/Contract_Manager.permissionset-meta.xml"
    "force-app/main/default/permissionsets/Employment_Contracts.permissionset-meta.xml"
    "force-app/main/default/permissionsets/Field_Service_Mobile.permissionset-meta.xml"
    "force-app/main/default/permissionsets/HR_Interviewer.permissionset-meta.xml"
    "force-app/main/default/permissionsets/HR_Recruiter.permissionset-meta.xml"
    "force-app/main/default/permissionsets/Meeting_Room_Viewer.permissionset-meta.xml"
    "force-app/main/default/permissionsets/Reporting_Analyst.permissionset-meta.xml"
    "force-app/main/default/permissionsets/Support_Agent.permissionset-meta.xml"
    "integrations/main/default/permissionsets/Data_Migration.permissionset-meta.xml"
};
