//! A request of a recording with its answer and its times.

use super::answer::Answer;
use super::request::Request;

/// A request with its answer; redirects that the browser followed are one with it.
#[derive(Debug, Clone, Default)]
pub(super) struct Exchange {
    pub(super) request: Request,
    pub(super) answer: Answer,
    /// Seconds since the epoch.
    pub(super) started: f64,
    pub(super) ended: f64,
    /// Exchanges whose answers its request needs, by index.
    pub(super) needs: Vec<usize>,
}
