//! Origin of a run: its commit, branch, pull request and CI run, as tags.

use std::path::Path;
use std::process::{Command, Stdio};

/// Origin of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// Hash of the commit.
    pub commit: Option<String>,
    /// The branch; that of a pull request is its head.
    pub branch: Option<String>,
    /// Number of the pull or merge request.
    pub pull_request: Option<String>,
    /// The CI run.
    pub run: Option<String>,
}

/// Variables of GitHub, GitLab, Jenkins and Azure, in this order; the first that is set counts.
const COMMIT: [&str; 4] = ["GITHUB_SHA", "CI_COMMIT_SHA", "GIT_COMMIT", "BUILD_SOURCEVERSION"];
const BRANCH: [&str; 8] = [
    "GITHUB_HEAD_REF",
    "GITHUB_REF_NAME",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
    "CI_COMMIT_REF_NAME",
    "CHANGE_BRANCH",
    "BRANCH_NAME",
    "SYSTEM_PULLREQUEST_SOURCEBRANCH",
    "BUILD_SOURCEBRANCHNAME",
];
const PULL_REQUEST: [&str; 3] = [
    "CI_MERGE_REQUEST_IID",
    "CHANGE_ID",
    "SYSTEM_PULLREQUEST_PULLREQUESTNUMBER",
];
const RUN: [&str; 4] = ["GITHUB_RUN_ID", "CI_PIPELINE_ID", "BUILD_TAG", "BUILD_BUILDID"];

impl Origin {
    /// Reads it from the variables of a CI server.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let first = |names: &[&str]| names.iter().find_map(|name| variable(name));
        // `refs/pull/12/merge`
        let of_ref = variable("GITHUB_REF").and_then(|name| {
            let number = name.strip_prefix("refs/pull/")?.split('/').next()?;
            Some(number.to_owned())
        });
        // Azure gives the full name of a reference, the others that of the branch.
        let branch = first(&BRANCH).map(|name| name.trim_start_matches("refs/heads/").to_owned());
        Self {
            commit: first(&COMMIT),
            branch,
            pull_request: of_ref.or_else(|| first(&PULL_REQUEST)),
            run: first(&RUN),
        }
    }

    /// Adds commit and branch of the repository that holds `folder`, where the environment does not say them.
    #[must_use]
    pub fn or_git(self, folder: &Path) -> Self {
        Self {
            commit: self.commit.or_else(|| git(folder, &["rev-parse", "HEAD"])),
            branch: self
                .branch
                .or_else(|| git(folder, &["symbolic-ref", "--short", "-q", "HEAD"])),
            ..self
        }
    }

    /// It as tags of a run, but for those that `given` has.
    pub fn tags(self, given: &[(String, String)]) -> Vec<(String, String)> {
        let all = [
            ("commit", self.commit),
            ("branch", self.branch),
            ("pull-request", self.pull_request),
            ("ci-run", self.run),
        ];
        let known = all
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value?)));
        known
            // What the user says of the origin goes before what the environment says.
            .filter(|(key, _)| !given.iter().any(|(own, _)| own == key))
            .collect()
    }
}

fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .stdin(Stdio::null())
        // Outside of a repository git complains, and that is no fault of a run.
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let said = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !said.is_empty()).then_some(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_tagged_with_where_it_comes_from() {
        let read = |variables: &[(&str, &str)]| {
            Origin::read(|name| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        let github = read(&[
            ("GITHUB_SHA", "abc"),
            ("GITHUB_REF", "refs/pull/12/merge"),
            ("GITHUB_REF_NAME", "12/merge"),
            ("GITHUB_HEAD_REF", "feature"),
            ("GITHUB_RUN_ID", "77"),
        ]);
        let tags = github.tags(&[("commit".to_owned(), "own".to_owned())]);
        let tags: Vec<String> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(tags, ["branch=feature", "pull-request=12", "ci-run=77"]);
        let gitlab = read(&[
            ("CI_COMMIT_SHA", "abc"),
            ("CI_COMMIT_REF_NAME", "main"),
            ("CI_PIPELINE_ID", "5"),
        ]);
        assert_eq!(gitlab.pull_request, None);
        assert_eq!(gitlab.branch.as_deref(), Some("main"));
        let azure = read(&[("SYSTEM_PULLREQUEST_SOURCEBRANCH", "refs/heads/fix/a")]);
        assert_eq!(azure.branch.as_deref(), Some("fix/a"));
    }

    #[test]
    fn git_says_what_the_environment_does_not() {
        let nowhere = tempfile::tempdir().unwrap();
        assert_eq!(Origin::default().or_git(nowhere.path()), Origin::default());
        let run = |arguments: &[&str]| {
            let status = Command::new("git")
                .arg("-C")
                .arg(nowhere.path())
                .args(arguments)
                .status();
            assert!(status.unwrap().success(), "{arguments:?}");
        };
        run(&["init", "-q", "-b", "trunk"]);
        run(&[
            "-c",
            "user.name=n",
            "-c",
            "user.email=e@example.org",
            "commit",
            "-q",
            "--allow-empty",
            "-m",
            "m",
        ]);
        let found = Origin::default().or_git(nowhere.path());
        assert_eq!(found.branch.as_deref(), Some("trunk"));
        assert_eq!(found.commit.unwrap().len(), 40);
    }
}
