//! The order in which the steps of a journey are made.

use std::time::Duration;

use rand::distr::weighted::WeightedIndex;

use super::Pause;
use super::condition::Conditions;
use super::extraction::Link;
use super::step::Step;
use super::template::Template;
use super::times::Times;

/// A part of a journey.
#[derive(Debug)]
pub(super) enum Node {
    /// The step of that index.
    Request(usize),
    /// The step of that index, made again while it does not succeed.
    Retried { step: usize, retries: u8 },
    /// A request that is repeated until something is done.
    Poll(Box<Poll>),
    /// A request that is repeated for further pages.
    Pages(Box<Pagination>),
    /// Steps that belong together.
    Group(Box<Group>),
    /// The steps of another journey.
    Call(Call),
}

/// The steps of another journey.
#[derive(Debug)]
pub(super) struct Call {
    /// Its index among all journeys.
    pub(super) journey: usize,
    pub(super) think: Option<Pause>,
    /// True if the iteration goes on after it where one of its steps stops.
    pub(super) contains_failure: bool,
}

/// A request that is repeated until something is done.
#[derive(Debug)]
pub(super) struct Poll {
    pub(super) step: usize,
    pub(super) until: Conditions,
    pub(super) every: Duration,
    /// Time after the start of the first try in which another may begin.
    pub(super) at_most: Duration,
    pub(super) tries: Times,
}

/// A request that is repeated for further pages.
#[derive(Debug)]
pub(super) struct Pagination {
    pub(super) step: usize,
    pub(super) next: Link,
    pub(super) at_most: u32,
    pub(super) times: Times,
}

/// Steps that belong together, made once or several times.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) think: Option<Pause>,
    pub(super) flow: Flow,
    /// Number of passes.
    pub(super) passes: Times,
    /// Index of the transaction that it is; `None` if it is none.
    pub(super) transaction: Option<usize>,
    /// True if the iteration goes on after it where one of its steps stops.
    pub(super) contains_failure: bool,
    /// The steps of each pass; empty if there are branches.
    pub(super) nodes: Vec<Node>,
}

/// Rule by which the passes of a group follow one another.
#[derive(Debug)]
pub(super) enum Flow {
    /// A counted number of passes.
    Repeat(u32),
    /// Passes while the conditions hold.
    While { conditions: Conditions, at_most: u32 },
    /// One pass if the conditions hold.
    If(Conditions),
    /// A pass for each element of a list, which is in the variable `item` meanwhile.
    ForEach { list: Template, item: usize, at_most: u32 },
    /// One of several branches, each with its share.
    Choice {
        weights: WeightedIndex<f64>,
        branches: Vec<(f64, Vec<Node>)>,
    },
    /// Branches that are made at the same time.
    Parallel(Vec<Vec<Node>>),
}

impl Node {
    /// Calls `visit` with every part of it and the number of times that each is made.
    pub(super) fn visit<'a>(&'a self, times: Times, visit: &mut dyn FnMut(&'a Self, Times)) {
        let made = match self {
            Self::Request(_) | Self::Group(_) | Self::Call(_) => times,
            Self::Retried { retries, .. } => times * Times::retried(*retries),
            Self::Poll(poll) => times * poll.tries,
            Self::Pages(pages) => times * pages.times,
        };
        visit(self, made);
        let Self::Group(group) = self else { return };
        let times = times * group.passes;
        group.nodes.iter().for_each(|node| node.visit(times, visit));
        match &group.flow {
            Flow::Choice { branches, .. } => {
                for (share, nodes) in branches {
                    for node in nodes {
                        node.visit(times * Times::share(*share), visit);
                    }
                }
            }
            Flow::Parallel(branches) => {
                let mut nodes = branches.iter().flatten();
                nodes.by_ref().for_each(|node| node.visit(times, visit));
            }
            Flow::Repeat(_) | Flow::While { .. } | Flow::If(_) | Flow::ForEach { .. } => {}
        }
    }

    /// The step that it makes; `None` if it is a group.
    pub(super) fn step(&self) -> Option<usize> {
        match self {
            Self::Request(step) | Self::Retried { step, .. } => Some(*step),
            Self::Poll(poll) => Some(poll.step),
            Self::Pages(pages) => Some(pages.step),
            Self::Group(_) | Self::Call(_) => None,
        }
    }

    /// Mean time in seconds that a user thinks or waits in it; of branches made at the same time, the longest counts. `called` gives
    /// that time of every journey.
    pub(super) fn thinking(&self, steps: &[Step], called: &[f64]) -> f64 {
        let mean = |think: Option<Pause>| think.map_or(0.0, |think| think.mean().as_secs_f64());
        let all = |nodes: &[Self]| nodes.iter().map(|node| node.thinking(steps, called)).sum::<f64>();
        match self {
            Self::Request(step) | Self::Retried { step, .. } => mean(steps[*step].think),
            Self::Poll(poll) => {
                mean(steps[poll.step].think) + poll.every.as_secs_f64() * (poll.tries.expected - 1.0).max(0.0)
            }
            Self::Pages(pages) => mean(steps[pages.step].think) * pages.times.expected,
            Self::Call(call) => mean(call.think) + called.get(call.journey).copied().unwrap_or_default(),
            Self::Group(group) => {
                let pass = match &group.flow {
                    Flow::Choice { branches, .. } => branches.iter().map(|(share, nodes)| share * all(nodes)).sum(),
                    Flow::Parallel(branches) => branches.iter().map(|nodes| all(nodes)).fold(0.0, f64::max),
                    _ => all(&group.nodes),
                };
                mean(group.think) + group.passes.expected * pass
            }
        }
    }
}
