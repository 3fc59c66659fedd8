//! One compiled journey.

use std::ops::Range;

use super::flow::Node;
use super::step::Step;
use super::times::Times;
use crate::record::SeriesId;

/// A compiled journey: its steps, and the session that a user may need before the first.
#[derive(Debug)]
pub struct Journey {
    pub(super) name: String,
    pub(super) description: String,
    /// Its requests.
    pub(super) steps: Vec<Step>,
    /// The order in which they are made.
    pub(super) nodes: Vec<Node>,
    /// The session that its users have, by the index of its session journey; `None` if it needs none.
    pub(super) session: Option<usize>,
    /// True if it is the session journey of that index, which logs users in.
    pub(super) logs_in: bool,
    /// The variables that its steps extract into.
    pub(super) variables: Range<usize>,
}

impl Journey {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its description.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The series of its requests, each with the number of samples that one complete iteration yields.
    pub fn requests(&self) -> Vec<(SeriesId, Times)> {
        let mut requests = Vec::with_capacity(self.steps.len());
        self.visit(&mut |node, times| {
            requests.extend(node.step().map(|step| (self.steps[step].series, times)));
        });
        requests
    }

    /// Its transactions, by their index in [`Journeys::transactions`](super::Journeys::transactions), each with the number of
    /// samples that one complete iteration yields.
    pub fn transactions(&self) -> Vec<(usize, Times)> {
        let mut transactions = Vec::new();
        self.visit(&mut |node, times| {
            if let Node::Group(group) = node {
                transactions.extend(group.transaction.map(|transaction| (transaction, times)));
            }
        });
        transactions
    }

    /// Example paths of its requests, without a query, each with the greatest number of times that an iteration asks for it.
    pub fn paths(&self) -> Vec<(String, f64)> {
        let mut paths = Vec::with_capacity(self.steps.len());
        self.visit(&mut |node, times| {
            paths.extend(node.step().map(|step| (self.steps[step].path(), times.most)));
        });
        paths
    }

    /// Mean time that a user thinks, or waits between the tries of polls, in one complete iteration, in seconds.
    pub fn thinking(&self) -> f64 {
        self.nodes.iter().map(|node| node.thinking(&self.steps)).sum()
    }

    /// True if its users must be logged in.
    pub fn needs_session(&self) -> bool {
        self.session.is_some() && !self.logs_in
    }

    fn visit<'a>(&'a self, visit: &mut dyn FnMut(&'a Node, Times)) {
        self.nodes.iter().for_each(|node| node.visit(Times::ONCE, visit));
    }
}
