//! A Check run: created before the stack comes up, completed with the verdict, or when the run is cancelled.

use std::path::Path;

use hyper::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::GithubContext;
use super::comment::{MOST_CHARACTERS, comment, pull_request};
use crate::publish::api::Api;
use crate::publish::cut::{characters, fit};
use crate::publish::publication::in_repository;
use crate::publish::{AnnotationLevel, Conclusion, Publication, PublishError};

/// Most annotations of a Check run: more would bury the diff.
pub const MOST_ANNOTATIONS: usize = 10;
/// Most characters of an annotation's message; GitHub allows 64 KiB.
const LONGEST_MESSAGE: usize = 2_000;

/// The Check run of one scenario.
#[derive(Debug)]
pub struct Github {
    context: GithubContext,
    api: Api,
    scenario: String,
    /// Id of the Check run; `None` if it could not be created.
    check: Option<u64>,
}

impl Github {
    /// Creates the Check run `in_progress`, or takes over the one that an attempt before this one left so. The second part is the
    /// error of the Check run, without which the rest may still be published.
    pub async fn begin(context: GithubContext, scenario: &str) -> Result<(Self, Option<PublishError>), PublishError> {
        let api = Api::find(&context.api, &context.token).await?;
        let mut github = Self {
            context,
            api,
            scenario: scenario.to_owned(),
            check: None,
        };
        // A token without the right to checks may still comment: the failure is told, and the rest goes on.
        let failed = match github.create().await {
            Ok(check) => {
                github.check = check;
                None
            }
            Err(error) => Some(error),
        };
        Ok((github, failed))
    }

    fn name(&self) -> String {
        format!("diapason / {}", self.scenario)
    }

    fn repository(&self) -> String {
        format!("/repos/{}", self.context.repository)
    }

    async fn create(&self) -> Result<Option<u64>, PublishError> {
        let (repository, head, name) = (self.repository(), &self.context.head, self.name());
        // A job that was started again finds the check it left open, instead of adding a second one.
        let external = format!("{}-{}", self.context.run_id, self.scenario);
        let filter = utf8_percent_encode(&name, NON_ALPHANUMERIC);
        // The default filter leaves out all but the latest check of a name, and the one left open may be older.
        let path = format!("{repository}/commits/{head}/check-runs?check_name={filter}&filter=all");
        let found = self.api.call(Method::GET, &path, None).await?;
        let mut left = found["check_runs"].as_array().into_iter().flatten();
        let left = left.find(|check| {
            check["external_id"].as_str() == Some(external.as_str()) && check["status"].as_str() != Some("completed")
        });
        if let Some(id) = left.and_then(|check| check["id"].as_u64()) {
            return Ok(Some(id));
        }
        let mut body = json!({
            "name": name,
            "head_sha": head,
            "status": "in_progress",
            "external_id": external,
            "output": { "title": "running", "summary": "The stack comes up, then the load is applied." },
        });
        if let Some(run) = &self.context.run {
            body["details_url"] = json!(run);
        }
        let made = self
            .api
            .call(Method::POST, &format!("{repository}/check-runs"), Some(&body))
            .await?;
        Ok(made["id"].as_u64())
    }

    /// Completes the Check run as cancelled: at once, since a cancelled job is soon killed.
    pub async fn cancelled(&self) -> Result<(), PublishError> {
        self.complete(&Publication::cancelled(), None).await
    }

    /// Completes the Check run and updates the comment on the pull request; `scenario` is the path of the scenario's file. Returns
    /// the error of each part that failed.
    pub async fn finish(&self, publication: &Publication, scenario: Option<&Path>) -> Vec<PublishError> {
        let mut errors = Vec::new();
        // The check before the comment: it is what a merge waits for.
        errors.extend(self.complete(publication, scenario).await.err());
        // A cancelled run has nothing new to say.
        if publication.conclusion != Conclusion::Cancelled {
            errors.extend(self.comment(publication).await.err());
        }
        errors
    }

    async fn complete(&self, publication: &Publication, scenario: Option<&Path>) -> Result<(), PublishError> {
        let Some(check) = self.check else { return Ok(()) };
        let path = scenario.zip(self.context.workspace.as_deref());
        let path = path.and_then(|(scenario, root)| in_repository(scenario, root));
        let annotations: Vec<Value> = path.iter().flat_map(|path| annotations(publication, path)).collect();
        let body = json!({
            "status": "completed",
            "conclusion": publication.conclusion.name(),
            "output": {
                "title": publication.title,
                "summary": fit(&publication.sections, MOST_CHARACTERS - 1, characters),
                "annotations": annotations,
            },
        });
        let path = format!("{}/check-runs/{check}", self.repository());
        self.api.call(Method::PATCH, &path, Some(&body)).await.map(drop)
    }

    async fn comment(&self, publication: &Publication) -> Result<(), PublishError> {
        let (context, repository) = (&self.context, self.repository());
        let number = match (context.pull_request, &context.of_branch) {
            (Some(number), _) => Some(number),
            (None, Some((owner, branch))) => pull_request(&self.api, &repository, owner, branch, &context.head).await?,
            (None, None) => None,
        };
        let Some(number) = number else { return Ok(()) };
        comment(
            &self.api,
            &repository,
            number,
            &self.scenario,
            publication,
            context.run.as_deref(),
        )
        .await
    }
}

fn annotations(publication: &Publication, path: &str) -> Vec<Value> {
    let all = publication.annotations.iter().take(MOST_ANNOTATIONS);
    all.map(|annotation| {
        let level = match annotation.level {
            AnnotationLevel::Failure => "failure",
            AnnotationLevel::Warning => "warning",
        };
        json!({
            "path": path,
            "start_line": annotation.line,
            "end_line": annotation.line,
            "annotation_level": level,
            "title": annotation.title,
            "message": annotation.message.chars().take(LONGEST_MESSAGE).collect::<String>(),
        })
    })
    .collect()
}
