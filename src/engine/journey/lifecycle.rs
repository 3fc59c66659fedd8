//! Journeys before and after the load.

use super::clean_up::CreatedObject;

/// Names of the journeys that are walked before and after the load.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lifecycle {
    /// Walked once before the load, by user 0.
    pub setup: Option<String>,
    /// Walked once after the load, by user 0.
    pub teardown: Option<String>,
    /// Walked once by each user after its log-in.
    pub user_setup: Option<String>,
    /// Walked once by each user after the load.
    pub user_teardown: Option<String>,
}

impl Lifecycle {
    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        let all = [&self.setup, &self.teardown, &self.user_setup, &self.user_teardown];
        all.into_iter().flatten()
    }

    /// The set-ups in the order in which they are walked; what they extract is known to the other journeys.
    pub(super) fn setups(&self) -> impl Iterator<Item = &String> {
        [&self.setup, &self.user_setup].into_iter().flatten()
    }

    /// Names of the journeys that every user walks.
    pub(super) fn of_users(&self) -> impl Iterator<Item = &String> {
        [&self.user_setup, &self.user_teardown].into_iter().flatten()
    }
}

/// Results of a set-up: values for all users, and what has to be removed at the end.
#[derive(Debug, Clone, Default)]
pub struct SetUpResult {
    /// Values by the index of their variable.
    pub(super) values: Vec<(usize, Box<str>)>,
    pub(super) created: Vec<CreatedObject>,
}

impl SetUpResult {
    /// True if nothing has to be removed at the end.
    pub fn is_empty(&self) -> bool {
        self.created.is_empty()
    }
}
