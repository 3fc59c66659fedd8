//! `ramping-users`: a number of users that runs in straight lines from stage to stage (closed model).
//!
//! ```toml
//! workload = { executor = "ramping-users", think = "1s..3s", stages = [{ to = 50, over = "30s" }, { to = 50, over = "2m" }] }
//! ```

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Crowd;
use super::crowd::Ramp;
use crate::evidence::Executor;
use crate::journey::Think;
use crate::units::Span;

pub(super) const NAME: &str = "ramping-users";
pub(super) const DESCRIPTION: &str = "a number of users that runs in straight lines from stage to stage (closed model)";

/// One stage, over which the number of users changes linearly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserStage {
    /// Number of users at its end.
    pub to: u32,
    /// Length of the stage.
    pub over: Span,
}

/// Settings of the executor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RampingUsers {
    /// The stages, one after the other; the first starts from no user at all.
    pub stages: Vec<UserStage>,
    /// Think time of a user between two iterations; none by default. Goose draws it, so the seed does not set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub think: Option<Think>,
}

impl RampingUsers {
    pub(super) fn length(&self) -> Span {
        self.stages.iter().map(|stage| stage.over).sum()
    }

    pub(super) fn crowd(&self) -> Crowd {
        let mut from = 0;
        let lines = self.stages.iter().map(|stage| Ramp {
            length: stage.over.get(),
            from: std::mem::replace(&mut from, stage.to),
            to: stage.to,
        });
        Crowd::new(lines.collect(), None, self.think)
    }

    /// The executor as evidence.
    pub(super) fn planned(&self) -> Executor {
        Executor::RampingUsers {
            stages: self.stages.iter().map(|stage| (stage.to, stage.over)).collect(),
            think: self.think.map(Think::range),
        }
    }
}
