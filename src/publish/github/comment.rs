//! One comment on a pull request, found again by its marker.

use hyper::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::publish::api::Api;
use crate::publish::cut::{characters, fit};
use crate::publish::{Publication, PublishError};

/// Most characters of a comment.
pub const MOST_CHARACTERS: usize = 65_536;
const PAGE: usize = 100;
/// Most pages of comments that are searched.
const MOST_PAGES: usize = 30;

/// Invisible first line of the comment of that scenario.
fn marker(scenario: &str) -> String {
    // Two dashes would end the HTML comment.
    format!("<!-- diapason: {} -->", scenario.replace("--", "- -"))
}

/// Writes the comment, or updates the one that is there.
pub(super) async fn comment(
    api: &Api,
    repository: &str,
    number: u64,
    scenario: &str,
    publication: &Publication,
    run: Option<&str>,
) -> Result<(), PublishError> {
    let body = json!({ "body": text(scenario, publication, run) });
    let (method, path) = match find(api, repository, number, &marker(scenario)).await? {
        Some(id) => (Method::PATCH, format!("{repository}/issues/comments/{id}")),
        None => (Method::POST, format!("{repository}/issues/{number}/comments")),
    };
    api.call(method, &path, Some(&body)).await.map(drop)
}

fn text(scenario: &str, publication: &Publication, run: Option<&str>) -> String {
    let first = marker(scenario) + "\n\n";
    let last = run.map_or_else(String::new, |run| format!("\n[The run]({run}) has the whole report.\n"));
    // Marker and link count as well, and must not be cut: without the marker the next run would add a second comment.
    let room = MOST_CHARACTERS - characters(&first) - characters(&last);
    first + &fit(&publication.sections, room, characters) + &last
}

/// Id of the comment with that marker, by somebody who may write to the repository: anybody can copy a marker.
async fn find(api: &Api, repository: &str, number: u64, marker: &str) -> Result<Option<u64>, PublishError> {
    let is_ours = |comment: &&Value| {
        let begins = comment["body"].as_str().is_some_and(|body| body.starts_with(marker));
        // The marker is searched in comments that anybody may write.
        let association = comment["author_association"].as_str().unwrap_or("");
        // Anybody may write the marker into a comment on a public repository; only these have a hand in it.
        let trusted = matches!(association, "OWNER" | "MEMBER" | "COLLABORATOR");
        begins && (trusted || comment["user"]["type"].as_str() == Some("Bot"))
    };
    for page in 1..=MOST_PAGES {
        let path = format!("{repository}/issues/{number}/comments?per_page={PAGE}&page={page}");
        let comments = api.call(Method::GET, &path, None).await?;
        let comments = comments.as_array().map_or(&[][..], Vec::as_slice);
        if let Some(ours) = comments.iter().find(is_ours) {
            return Ok(ours["id"].as_u64());
        }
        // A page that is not full is the last one, which saves asking for an empty one.
        if comments.len() < PAGE {
            break;
        }
    }
    Ok(None)
}

/// Number of the open pull request whose head is that commit of that branch.
pub(super) async fn pull_request(
    api: &Api,
    repository: &str,
    owner: &str,
    branch: &str,
    head: &str,
) -> Result<Option<u64>, PublishError> {
    let of = utf8_percent_encode(&format!("{owner}:{branch}"), NON_ALPHANUMERIC).to_string();
    let path = format!("{repository}/pulls?state=open&head={of}");
    let pulls = api.call(Method::GET, &path, None).await?;
    let mut pulls = pulls.as_array().into_iter().flatten();
    // A branch that has moved on has another head: the result is not of what the pull request shows now.
    let found = pulls.find(|pull| pull["head"]["sha"].as_str() == Some(head));
    Ok(found.and_then(|pull| pull["number"].as_u64()))
}
