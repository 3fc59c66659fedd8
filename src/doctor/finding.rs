//! One thing that a run needs, as it is here.

use serde::Serialize;

/// Word on one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckStatus {
    /// As a run needs it.
    Ok,
    /// A run works, but with less than it could have.
    Warn,
    /// A run cannot work.
    Missing,
}

impl CheckStatus {
    /// The word as it is printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Missing => "missing",
        }
    }
}

/// One thing that a run needs, as it is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Finding {
    /// The thing: `engine`.
    pub name: &'static str,
    /// The word on it.
    pub word: CheckStatus,
    /// Its state, in words.
    pub found: String,
    /// Next move; `None` if all is well.
    pub remedy: Option<String>,
}

impl Finding {
    /// A requirement of a run that this machine meets.
    pub(super) fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self {
            name,
            word: CheckStatus::Ok,
            found: found.into(),
            remedy: None,
        }
    }

    /// A thing without which a run has less than it could have.
    pub(super) fn warn(name: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            word: CheckStatus::Warn,
            remedy: Some(remedy.into()),
            ..Self::ok(name, found)
        }
    }

    /// A thing without which a run cannot work.
    pub(super) fn missing(name: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            word: CheckStatus::Missing,
            ..Self::warn(name, found, remedy)
        }
    }
}
