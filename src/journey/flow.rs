//! The order in which the steps of a journey are made.

use super::Think;
use super::condition::Conditions;
use super::template::Template;
use super::times::Times;

/// A part of a journey.
#[derive(Debug)]
pub(super) enum Node {
    /// The step of that index.
    Request(usize),
    /// Steps that belong together.
    Group(Box<Group>),
}

/// Steps that belong together, made once or several times.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) think: Option<Think>,
    pub(super) flow: Flow,
    /// Number of passes.
    pub(super) passes: Times,
    /// Index of the transaction that it is; `None` if it is none.
    pub(super) transaction: Option<usize>,
    /// True if the iteration goes on after it where one of its steps stops.
    pub(super) contains_failure: bool,
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
}

impl Node {
    /// Calls `visit` with every part of it and the number of times that each is begun.
    pub(super) fn visit<'a>(&'a self, times: Times, visit: &mut dyn FnMut(&'a Self, Times)) {
        visit(self, times);
        if let Self::Group(group) = self {
            for node in &group.nodes {
                node.visit(times * group.passes, visit);
            }
        }
    }
}
