//! Branches of a group: one of them by weight, or all at the same time.

use rand::distr::weighted::WeightedIndex;

use super::super::JourneyError;
use super::super::file::{OnFailure, StepFile};
use super::super::flow::{Flow, Group, Node};
use super::super::tables::add;
use super::super::times::Times;
use super::branch_scope::BranchScope;
use super::{Builder, LastSteps};

impl Builder<'_> {
    /// Branches of which one is made.
    pub(super) fn choice(&mut self, file: &StepFile) -> Result<Node, JourneyError> {
        let weights: Vec<f64> = file.choice.iter().map(|choice| choice.weight).collect();
        let sum: f64 = weights.iter().sum();
        let Ok(index) = WeightedIndex::new(&weights) else {
            let text = "each branch has a `weight` of 0 or more, and one of them is more than 0";
            return Err(self.conflict(file, "choice", text));
        };
        let (before, mut after) = (self.last.clone(), LastSteps::default());
        let mut branches = Vec::with_capacity(weights.len());
        for choice in &file.choice {
            self.last = before.clone();
            let nodes = self.deeper(&choice.step)?;
            branches.push((choice.weight / sum, nodes));
            after = after.or(&self.last);
        }
        self.last = after;
        let flow = Flow::Choice {
            weights: index,
            branches,
        };
        Ok(branching(file, flow, None))
    }

    /// Branches that are made at the same time. A name that one extracts is not known in the others, whose order is open.
    pub(super) fn parallel(&mut self, file: &StepFile) -> Result<Node, JourneyError> {
        if self.beside.is_some() {
            let text = "a branch of a parallel group has no parallel group in it";
            return Err(self.conflict(file, "parallel", text));
        }
        let transaction = usize::from(add(&mut self.tables.transactions, self.written, file)?);
        let before = self.scope.clone();
        let mut after = before.clone();
        self.beside = Some(BranchScope {
            outer: before.clone(),
            taken: Vec::new(),
        });
        let mut branches = Vec::with_capacity(file.parallel.len());
        for branch in &file.parallel {
            self.scope = before.clone();
            self.last = LastSteps::default();
            self.branch += 1;
            if branch.step.is_empty() {
                return Err(self.conflict(file, "parallel", "a branch has at least one step"));
            }
            branches.push(self.deeper(&branch.step)?);
            after.add_all(&self.scope);
        }
        self.beside = None;
        self.scope = after;
        // Which of the branches ends last is open.
        self.last = LastSteps::default();
        Ok(branching(file, Flow::Parallel(branches), Some(transaction)))
    }

    /// Notes the names that a step extracts beside other branches; each must be new.
    pub(super) fn note_names(&mut self, file: &StepFile) -> Result<(), JourneyError> {
        let Some(beside) = &mut self.beside else { return Ok(()) };
        for name in file.extracted() {
            let other = beside
                .taken
                .iter()
                .any(|(branch, taken)| taken == name && *branch != self.branch);
            if other || beside.outer.find(name).is_some() {
                let text = format!(
                    "`{name}` is known outside of this branch: branches run at the same time, so give it a name of its own"
                );
                return Err(self.conflict(file, &format!("extract.{name}"), text));
            }
            beside.taken.push((self.branch, name.clone()));
        }
        Ok(())
    }
}

/// A group of branches.
fn branching(file: &StepFile, flow: Flow, transaction: Option<usize>) -> Node {
    Node::Group(Box::new(Group {
        think: file.think,
        flow,
        passes: Times::ONCE,
        transaction,
        contains_failure: file.on_failure == Some(OnFailure::Continue),
        nodes: Vec::new(),
    }))
}
