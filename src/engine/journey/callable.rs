//! A journey that others may call.

use super::scope::Scope;

/// A compiled journey that others may call.
#[derive(Debug)]
pub(super) struct Callable {
    pub(super) name: String,
    /// Its index among all journeys.
    pub(super) index: usize,
    pub(super) session: Option<String>,
    /// Names that are known after it.
    pub(super) scope: Scope,
}
