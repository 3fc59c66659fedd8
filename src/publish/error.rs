//! Errors of a CI server.

use std::path::PathBuf;

use hyper::StatusCode;

use crate::error::Hint;
use crate::wire::{AskError, WireError};

/// Something that could not be published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The environment lacks a value that the CI server sets.
    #[error("{0} is not set")]
    Unset(&'static str),
    /// A URL that is none.
    #[error("not the URL of an API: {0}")]
    Url(String),
    /// The API's host cannot be reached.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// A request without an answer.
    #[error("{call}")]
    Ask {
        /// Method and path.
        call: String,
        /// The cause.
        source: AskError,
    },
    /// A request without an answer in time.
    #[error("{0}: no answer in time")]
    Late(String),
    /// A request that was refused.
    #[error("{call}: {status}{}", said(message))]
    Refused {
        /// Method and path.
        call: String,
        /// Status of the answer.
        status: StatusCode,
        /// Message of the answer; may be empty.
        message: String,
    },
    /// A file that could not be read or written.
    #[error("failed to use {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
}

fn said(message: &str) -> String {
    if message.is_empty() {
        String::new()
    } else {
        format!(": {message}")
    }
}

impl Hint for PublishError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Unset("GITHUB_TOKEN") => Some(
                "give the step `env: GITHUB_TOKEN: ${{ github.token }}`, and the job `permissions: checks: write` and \
                 `pull-requests: write`"
                    .to_owned(),
            ),
            Self::Refused { status, .. } if matches!(status.as_u16(), 401 | 403 | 404) => Some(
                "the token may not do this: the job needs `permissions: checks: write` and `pull-requests: write`; for pull \
                 requests of forks, whose tokens may only read, ci/templates/github-fork.yml publishes afterwards"
                    .to_owned(),
            ),
            Self::Wire(source) => source.hint(),
            _ => None,
        }
    }
}
