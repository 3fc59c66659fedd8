//! `constant-users`: a fixed number of users, each waiting for its answers before it goes on (closed model).
//!
//! ```toml
//! workload = { executor = "constant-users", users = 50, hatch-every = "100ms", think = "1s..3s" }
//! ```

use std::num::NonZeroU32;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Crowd;
use super::crowd::Ramp;
use crate::evidence::Executor;
use crate::journey::Think;
use crate::units::Span;

pub(super) const NAME: &str = "constant-users";
pub(super) const DESCRIPTION: &str = "a fixed number of users, each going on once it has its answers (closed model)";

/// Settings of the executor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ConstantUsers {
    /// Number of users.
    pub users: NonZeroU32,
    /// Time between the starts of two users; by default all start at once, which is 10,000 a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hatch_every: Option<Span>,
    /// Think time of a user between two iterations; none by default. Goose draws it, so the seed does not set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub think: Option<Think>,
}

impl ConstantUsers {
    /// Time until the last user has begun.
    pub(super) fn hatching(&self) -> Duration {
        self.hatch_every.map_or(Duration::ZERO, Span::get) * (self.users.get() - 1)
    }

    pub(super) fn crowd(&self, length: Duration) -> Crowd {
        let users = self.users.get();
        let line = Ramp {
            length,
            from: users,
            to: users,
        };
        Crowd::new(vec![line], self.hatch_every, self.think)
    }

    /// The executor as evidence.
    pub(super) fn planned(&self) -> Executor {
        Executor::ConstantUsers {
            users: self.users.get(),
            hatch_every: self.hatch_every,
            think: self.think.map(Think::range),
        }
    }
}
