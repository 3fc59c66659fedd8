//! One compiled journey.

use std::ops::Range;
use std::time::Duration;

use super::StepOutline;
use super::flow::Node;
use super::step::Step;
use super::times::Times;
use crate::record::SeriesId;

/// One of the journeys that [`Journeys`](super::Journeys) holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JourneyId(pub(super) usize);

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
    /// True if it renews the session of that index.
    pub(super) renews: bool,
    /// The variables that its steps extract into.
    pub(super) variables: Range<usize>,
    /// Journeys that renew the session, by the status that asks for it.
    pub(super) renewals: Box<[(u16, JourneyId)]>,
    /// Time after which a session is renewed, if it is a session journey.
    pub(super) renewed_after: Option<Duration>,
    /// Index of the feeder whose rows it takes.
    pub(super) feeder: Option<usize>,
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
            if let Node::Request(step) = node {
                requests.push((self.steps[*step].series, times));
            }
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
            if let Node::Request(step) = node {
                paths.push((self.steps[*step].path(), times.most));
            }
        });
        paths
    }

    /// Descriptions of its requests, in the order in which they are written.
    pub fn outline(&self) -> impl Iterator<Item = StepOutline> + '_ {
        self.steps.iter().map(Step::outline)
    }

    /// The session that its users have, by the index of its session journey in [`Journeys::sessions`](super::Journeys::sessions).
    pub fn session(&self) -> Option<usize> {
        self.session.filter(|_| !self.logs_in)
    }

    /// Mean think time of one complete iteration, in seconds.
    pub fn thinking(&self) -> f64 {
        let mut seconds = 0.0;
        self.visit(&mut |node, times| {
            let think = match node {
                Node::Request(step) => self.steps[*step].think,
                Node::Group(group) => group.think,
            };
            seconds += think.map_or(0.0, |think| think.mean().as_secs_f64() * times.expected);
        });
        seconds
    }

    /// True if it is a session journey, which logs users in.
    pub fn logs_in(&self) -> bool {
        self.logs_in
    }

    /// True if its users must be logged in.
    pub fn needs_session(&self) -> bool {
        self.session.is_some() && !self.logs_in
    }

    /// True if it renews sessions.
    pub fn renews(&self) -> bool {
        self.renews
    }

    fn visit<'a>(&'a self, visit: &mut dyn FnMut(&'a Node, Times)) {
        self.nodes.iter().for_each(|node| node.visit(Times::ONCE, visit));
    }
}
