//! A job of GitHub Actions, from its environment.

use std::path::PathBuf;

use serde_json::Value;

use crate::publish::PublishError;

/// A job of GitHub Actions.
#[derive(Clone, PartialEq, Eq)]
pub struct GithubContext {
    /// URL of the API; another one for GitHub Enterprise.
    pub api: String,
    /// `owner/name` of the repository.
    pub repository: String,
    /// The token that GitHub gave to the job.
    pub token: String,
    /// The commit that is checked: of a pull request its head, not the merge that is built.
    pub head: String,
    /// Number of the pull request.
    pub pull_request: Option<u64>,
    /// Owner and branch whose pull request it is, where the event does not know the number.
    pub of_branch: Option<(String, String)>,
    /// Page of the CI run.
    pub run: Option<String>,
    /// Id of the CI run, by which a second attempt finds what the first one left.
    pub run_id: String,
    /// The folder that the repository is checked out in.
    pub workspace: Option<PathBuf>,
    /// True if the event is the end of another workflow: what that left is not to be trusted.
    pub afterwards: bool,
}

impl std::fmt::Debug for GithubContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GithubContext")
            .field("repository", &self.repository)
            .field("head", &self.head)
            // The token is left out of whatever prints it.
            .finish_non_exhaustive()
    }
}

impl GithubContext {
    /// Reads the variables of GitHub Actions and the event that they name.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, PublishError> {
        let event = match variable("GITHUB_EVENT_PATH") {
            Some(path) => {
                let text = std::fs::read(&path).map_err(|source| PublishError::File {
                    path: path.into(),
                    source,
                })?;
                // The variables alone still serve, for checks without a pull request.
                serde_json::from_slice(&text).unwrap_or_default()
            }
            None => Value::Null,
        };
        Self::from_event(variable, &event)
    }

    fn from_event(variable: impl Fn(&str) -> Option<String>, event: &Value) -> Result<Self, PublishError> {
        let needed = |name: &'static str| variable(name).ok_or(PublishError::Unset(name));
        let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let repository = needed("GITHUB_REPOSITORY")?;
        let run_id = variable("GITHUB_RUN_ID").unwrap_or_default();
        let server = variable("GITHUB_SERVER_URL").unwrap_or_else(|| "https://github.com".to_owned());
        let before = event.get("workflow_run").is_some();
        // `GITHUB_SHA` of a pull request is a merge commit that nobody sees in its list of checks.
        let head = text("/workflow_run/head_sha").or_else(|| text("/pull_request/head/sha"));
        Ok(Self {
            // GitHub Enterprise sets its own address.
            api: variable("GITHUB_API_URL").unwrap_or_else(|| "https://api.github.com".to_owned()),
            token: needed("GITHUB_TOKEN")?,
            head: match head {
                Some(head) => head,
                None => needed("GITHUB_SHA")?,
            },
            pull_request: event.pointer("/pull_request/number").and_then(Value::as_u64),
            of_branch: text("/workflow_run/head_repository/owner/login").zip(text("/workflow_run/head_branch")),
            run: text("/workflow_run/html_url")
                .or_else(|| (!run_id.is_empty()).then(|| format!("{server}/{repository}/actions/runs/{run_id}"))),
            run_id,
            workspace: variable("GITHUB_WORKSPACE").map(PathBuf::from),
            afterwards: before,
            repository,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(more: &[(&str, &str)], event: &Value) -> Result<GithubContext, PublishError> {
        let own = [
            ("GITHUB_REPOSITORY", "o/r"),
            ("GITHUB_SHA", "merge"),
            ("GITHUB_RUN_ID", "77"),
        ];
        let variable = |name: &str| {
            let mut all = more.iter().chain(&own);
            all.find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        };
        GithubContext::from_event(variable, event)
    }

    #[test]
    fn the_head_of_a_pull_request_is_checked_and_not_its_merge() {
        let token = ("GITHUB_TOKEN", "hush");
        let pushed = read(&[token], &Value::Null).unwrap();
        assert_eq!((pushed.head.as_str(), pushed.pull_request), ("merge", None));
        assert_eq!(pushed.api, "https://api.github.com");
        assert_eq!(pushed.run.as_deref(), Some("https://github.com/o/r/actions/runs/77"));
        let event = json!({ "pull_request": { "number": 12, "head": { "sha": "tip" } } });
        let asked = read(&[token, ("GITHUB_API_URL", "https://ghe.example/api/v3")], &event).unwrap();
        assert_eq!((asked.head.as_str(), asked.pull_request), ("tip", Some(12)));
        assert_eq!(asked.api, "https://ghe.example/api/v3");
        assert!(!format!("{asked:?}").contains("hush"));
        let refused = read(&[], &event).unwrap_err();
        assert_eq!(refused.to_string(), "GITHUB_TOKEN is not set");
    }

    #[test]
    fn after_another_workflow_its_commit_counts() {
        let event = json!({ "workflow_run": { "head_sha": "theirs", "head_branch": "fix", "html_url": "https://h/1",
            "head_repository": { "owner": { "login": "stranger" } } } });
        let found = read(&[("GITHUB_TOKEN", "hush")], &event).unwrap();
        assert!(found.afterwards);
        assert_eq!(found.head, "theirs");
        assert_eq!(found.of_branch, Some(("stranger".to_owned(), "fix".to_owned())));
        assert_eq!(found.run.as_deref(), Some("https://h/1"));
    }
}
