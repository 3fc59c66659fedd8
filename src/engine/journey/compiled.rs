//! One compiled journey.

use std::ops::Range;
use std::time::Duration;

use super::StepOutline;
use super::flow::{Flow, Node};
use super::journey_id::JourneyId;
use super::siblings::CONNECTIONS;
use super::step::Step;
use super::times::Times;
use crate::record::SeriesId;

/// Requests and times that one complete iteration of a journey yields, with the journeys that it calls.
#[derive(Debug, Default)]
pub(super) struct IterationCounts {
    requests: Vec<(SeriesId, Times)>,
    transactions: Vec<(usize, Times)>,
    paths: Vec<(String, f64)>,
    thinking: f64,
}

impl IterationCounts {
    /// Counts the requests of those nodes; `list` holds the journeys that they may call.
    pub(super) fn new(steps: &[Step], nodes: &[Node], list: &[Journey]) -> Self {
        let thinking: Vec<f64> = list.iter().map(Journey::thinking).collect();
        let mut yields = Self {
            thinking: nodes.iter().map(|node| node.thinking(steps, &thinking)).sum(),
            ..Self::default()
        };
        for node in nodes {
            node.visit(Times::ONCE, &mut |node, times| yields.add(node, times, steps, list));
        }
        yields
    }

    fn add(&mut self, node: &Node, times: Times, steps: &[Step], list: &[Journey]) {
        match node {
            Node::Group(group) => self.transactions.extend(group.transaction.map(|index| (index, times))),
            Node::Call(call) => {
                let Some(called) = list.get(call.journey) else { return };
                let known = &called.yields;
                self.requests
                    .extend(known.requests.iter().map(|(series, own)| (*series, *own * times)));
                self.transactions
                    .extend(known.transactions.iter().map(|(index, own)| (*index, *own * times)));
                self.paths
                    .extend(known.paths.iter().map(|(path, most)| (path.clone(), most * times.most)));
            }
            request => {
                let Some(step) = request.step().and_then(|step| steps.get(step)) else {
                    return;
                };
                // Evidence cannot count on requests of which a cache may answer all but the first.
                let times = if step.caches { times.or_none() } else { times };
                self.requests.push((step.series, times));
                self.paths.push((step.path(), times.most));
            }
        }
    }
}

/// A compiled journey: its steps, and the session that a user may need before the first.
#[derive(Debug)]
pub struct Journey {
    pub(super) name: String,
    pub(super) description: String,
    /// Its requests.
    pub(super) steps: Vec<Step>,
    /// The order in which they are made.
    pub(super) nodes: Vec<Node>,
    /// Shortest time between the starts of two iterations of a user of the closed model.
    pub(super) pacing: Option<Duration>,
    /// The session that its users have, by the index of its session journey; `None` if it needs none.
    pub(super) session: Option<usize>,
    /// True if it is the session journey of that index, which logs users in.
    pub(super) logs_in: bool,
    /// True if it logs users out of the session of that index.
    pub(super) logs_out: bool,
    pub(super) yields: IterationCounts,
    /// True if it renews the session of that index.
    pub(super) renews: bool,
    /// The variables that its steps extract into.
    pub(super) variables: Range<usize>,
    /// Journeys that renew the session, by the status that asks for it.
    pub(super) renewals: Box<[(u16, JourneyId)]>,
    /// Time after which a session is renewed, if it is a session journey.
    pub(super) renewed_after: Option<Duration>,
    /// The journey that logs users out, if it is a session journey that declares one.
    pub(super) log_out: Option<JourneyId>,
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
    pub fn requests(&self) -> &[(SeriesId, Times)] {
        &self.yields.requests
    }

    /// Its transactions, by their index in [`Journeys::transactions`](super::Journeys::transactions), each with the number of
    /// samples that one complete iteration yields.
    pub fn transactions(&self) -> &[(usize, Times)] {
        &self.yields.transactions
    }

    /// Most connections that a user has at the same time over HTTP/1.1; over HTTP/2 it has one.
    pub(super) fn most_connections(&self) -> usize {
        let mut most = 1;
        let mut widen = |node: &Node, _| {
            if let Node::Group(group) = node
                && let Flow::Parallel(branches) = &group.flow
            {
                most = most.max(branches.len().min(CONNECTIONS));
            }
        };
        self.nodes
            .iter()
            .for_each(|node| node.visit(Times::share(1.0), &mut widen));
        most
    }

    /// Example paths of its requests, without a query, each with the greatest number of times that an iteration asks for it.
    pub fn paths(&self) -> &[(String, f64)] {
        &self.yields.paths
    }

    /// Descriptions of its requests, in the order in which they are written.
    pub fn outline(&self) -> impl Iterator<Item = StepOutline> + '_ {
        self.steps.iter().map(Step::outline)
    }

    /// The session that its users have, by the index of its session journey in [`Journeys::sessions`](super::Journeys::sessions).
    pub fn session(&self) -> Option<usize> {
        self.session.filter(|_| !self.logs_in)
    }

    /// Mean time that a user thinks, or waits between the tries of polls, in one complete iteration, in seconds.
    pub fn thinking(&self) -> f64 {
        self.yields.thinking
    }

    /// Shortest time between the starts of two iterations of a user of the closed model; `None` if there is none.
    pub fn pacing(&self) -> Option<Duration> {
        self.pacing
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
}
