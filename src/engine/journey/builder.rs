//! Compilation of one journey: its steps, and the order in which they are made.

use std::sync::Arc;

use rand::distr::weighted::WeightedIndex;

use super::callable::Callable;
use super::check_file::CheckFile;
use super::condition::Conditions;
use super::escape::Escape;
use super::extraction::Link;
use super::file::{OnFailure, StepFile};
use super::flow::{Call, Flow, Group, Node, Pages, Poll};
use super::journey_id::JourneyId;
use super::journey_source::JourneySource;
use super::scope::Scope;
use super::step::{Removal, Step, StepContext};
use super::step_keys::{check_keys, looping};
use super::tables::{Tables, add, add_named};
use super::template::Template;
use super::times::Times;
use super::{JourneyError, KeyError};
use crate::record::SeriesId;

/// Most passes of a group; more is a slip of the keyboard.
const MOST_PASSES: u32 = 100_000;
/// Deepest groups within groups.
const DEEPEST: usize = 16;
/// Name of the element of a list, if the journey gives it none.
const ITEM: &str = "item";

/// Steps of which one has given the last answer.
#[derive(Debug, Clone, Default)]
struct LastSteps(Vec<usize>);

impl LastSteps {
    /// The steps of either.
    fn or(mut self, other: &Self) -> Self {
        let new: Vec<usize> = other.0.iter().copied().filter(|step| !self.0.contains(step)).collect();
        self.0.extend(new);
        self
    }
}

/// A journey being compiled.
pub(super) struct Builder<'a> {
    written: &'a JourneySource,
    callable: &'a [Callable],
    tables: &'a mut Tables,
    /// Names known at this point.
    pub(super) scope: Scope,
    /// Index of the first variable that is the journey's own.
    pub(super) own_from: usize,
    /// True if a step that fails stops the journey unless it says otherwise: a session without one of its steps is none.
    pub(super) stops: bool,
    pub(super) steps: Vec<Step>,
    last: LastSteps,
    /// Names of the elements of the lists around this point.
    items: Vec<String>,
    depth: usize,
    /// The branches beside this one, in a parallel group.
    beside: Option<BranchScope>,
    /// Number of the branch under way.
    branch: usize,
    /// The journey itself.
    pub(super) id: JourneyId,
}

/// Names around a branch that runs beside others.
struct BranchScope {
    /// Names known before the group.
    outer: Scope,
    /// Names that the branches extract, each with the number of its branch.
    taken: Vec<(usize, String)>,
}

impl<'a> Builder<'a> {
    /// Begins with the names of `scope`.
    pub(super) fn new(
        written: &'a JourneySource,
        callable: &'a [Callable],
        tables: &'a mut Tables,
        scope: Scope,
    ) -> Self {
        Self {
            callable,
            own_from: tables.variables,
            stops: false,
            written,
            tables,
            scope,
            steps: Vec::new(),
            last: LastSteps::default(),
            items: Vec::new(),
            depth: 0,
            beside: None,
            branch: 0,
            id: JourneyId(0),
        }
    }

    /// Compiles steps that follow one another.
    pub(super) fn nodes(&mut self, files: &[StepFile]) -> Result<Vec<Node>, JourneyError> {
        files.iter().map(|file| self.node(file)).collect()
    }

    fn wrong(&self, file: &StepFile, key: &str, error: KeyError) -> JourneyError {
        self.written.wrong(Some(&file.name), key, error)
    }

    fn conflict(&self, file: &StepFile, key: &str, text: impl Into<String>) -> JourneyError {
        self.wrong(file, key, KeyError::Conflict(text.into()))
    }

    fn node(&mut self, file: &StepFile) -> Result<Node, JourneyError> {
        check_keys(file).map_err(|(key, text)| self.conflict(file, key, text))?;
        if self.depth >= DEEPEST {
            let text = format!("groups lie within each other {DEEPEST} deep at most");
            return Err(self.conflict(file, "step", text));
        }
        let Some(loops) = looping(file) else {
            return if file.path.is_some() {
                self.request(file)
            } else if file.call.is_some() {
                self.call(file)
            } else {
                self.transaction(file)
            };
        };
        match loops {
            "choice" => return self.choice(file),
            "parallel" => return self.parallel(file),
            _ => {}
        }
        let before = self.last.clone();
        let (flow, passes) = match loops {
            "repeat" => self.repeat(file)?,
            "while" => self.conditional(file, "while")?,
            "if" => self.conditional(file, "if")?,
            _ => self.for_each(file)?,
        };
        let nodes = if file.path.is_some() {
            vec![self.request(file)?]
        } else if file.call.is_some() {
            vec![self.call(file)?]
        } else {
            self.within(file)?
        };
        if loops == "for-each" {
            self.items.pop();
        }
        match &flow {
            Flow::Repeat(_) | Flow::Choice { .. } | Flow::Parallel(_) => {}
            Flow::While { conditions, .. } => {
                // Further passes look at what the pass before has seen.
                self.look_at(conditions);
                self.last = before.or(&self.last);
            }
            Flow::If(_) | Flow::ForEach { .. } => self.last = before.or(&self.last),
        }
        Ok(Node::Group(Box::new(Group {
            // The think time of a request belongs to each pass.
            think: file.think.filter(|_| file.path.is_none() && file.call.is_none()),
            flow,
            passes,
            transaction: None,
            contains_failure: file.path.is_none()
                && file.call.is_none()
                && file.on_failure == Some(OnFailure::Continue),
            nodes,
        })))
    }

    fn request(&mut self, file: &StepFile) -> Result<Node, JourneyError> {
        let (journey, written) = (&self.written.file, self.written);
        let around = StepContext {
            series: SeriesId(add(&mut self.tables.series, self.written, file)?),
            headers: &journey.headers,
            folder: written.folder(),
            cookies: journey.cookies.unwrap_or(true),
            auth: journey.auth.as_ref(),
            own_from: self.own_from,
        };
        let step = Step::compile(file, &around, &mut self.scope, &mut self.tables.variables);
        let mut step = step.map_err(|(key, error)| written.wrong(Some(&file.name), &key, error))?;
        step.expectation.stop_on_failure |= self.stops && file.on_failure.is_none();
        if let Some(cleanup) = &file.cleanup {
            let series = SeriesId(add_named(
                &mut self.tables.series,
                written,
                &format!("{}.cleanup", file.name),
            )?);
            let around = StepContext { series, ..around };
            let removal = Removal::compile(cleanup, self.id, &around, &self.scope);
            let removal = removal.map_err(|(key, error)| written.wrong(Some(&file.name), &key, error))?;
            step.removal = Some(Arc::new(removal));
        }
        let index = self.steps.len();
        self.steps.push(step);
        self.last = LastSteps(vec![index]);
        self.note_names(file)?;
        self.repeated(file, index)
    }

    /// The step of that index with its repetitions.
    fn repeated(&mut self, file: &StepFile, index: usize) -> Result<Node, JourneyError> {
        let given = [
            ("poll", file.poll.is_some()),
            ("pages", file.pages.is_some()),
            ("retries", file.retries > 0),
            ("websocket", file.websocket.is_some()),
        ];
        let given: Vec<&str> = given.iter().filter(|(_, given)| *given).map(|(key, _)| *key).collect();
        match given[..] {
            [] | ["websocket"] => Ok(Node::Request(index)),
            ["poll"] => self.poll(file, index),
            ["pages"] => self.pages(file, index),
            ["retries"] | ["retries", "websocket"] => Ok(Node::Retried {
                step: index,
                retries: file.retries,
            }),
            [first, second, ..] => {
                let text = format!("a step has `{first}` or `{second}`, not both");
                Err(self.conflict(file, first, text))
            }
            [other] => Err(self.conflict(file, other, "a step is repeated by `poll`, `pages` or `retries`")),
        }
    }

    fn poll(&mut self, file: &StepFile, step: usize) -> Result<Node, JourneyError> {
        let Some(poll) = &file.poll else {
            return Ok(Node::Request(step));
        };
        let until = Conditions::compile(&poll.until, &self.scope);
        let until = until.map_err(|error| self.wrong(file, "poll.until", error))?;
        let (every, at_most) = (poll.every.get(), poll.at_most.get());
        if every.is_zero() || at_most < every {
            let text = "a poll tries again `every` 500ms or so, for a time `at-most` that is longer";
            return Err(self.conflict(file, "poll.every", text));
        }
        let most = (at_most.as_secs_f64() / every.as_secs_f64()).floor() + 1.0;
        let tries = self.mean(file, "poll.expected", poll.expected, most)?;
        self.steps[step].keeps_body |= until.read_body();
        Ok(Node::Poll(Box::new(Poll {
            step,
            until,
            every,
            at_most,
            tries,
        })))
    }

    fn pages(&mut self, file: &StepFile, step: usize) -> Result<Node, JourneyError> {
        let Some(pages) = &file.pages else {
            return Ok(Node::Request(step));
        };
        let next = Link::compile(&pages.next).map_err(|error| self.wrong(file, "pages.next", error))?;
        self.passes(file, "pages.at-most", pages.at_most)?;
        let times = self.mean(file, "pages.expected", pages.expected, f64::from(pages.at_most))?;
        self.steps[step].keeps_answer = true;
        self.steps[step].keeps_body = true;
        Ok(Node::Pages(Box::new(Pages {
            step,
            next,
            at_most: pages.at_most,
            times,
        })))
    }

    /// The times of something that is made once at least, `expected` times on average and `most` times at most.
    fn mean(&self, file: &StepFile, key: &str, expected: f64, most: f64) -> Result<Times, JourneyError> {
        if expected >= 1.0 && expected <= most {
            return Ok(Times::up_to(expected, most));
        }
        let text = format!("`{expected}` is not a mean number between 1 and the most there can be, {most}");
        Err(self.conflict(file, key, text))
    }

    /// The steps of another journey.
    fn call(&mut self, file: &StepFile) -> Result<Node, JourneyError> {
        let name = file.call.as_deref().unwrap_or_default();
        if self.beside.is_some() {
            let text = "a branch of a parallel group calls no other journey";
            return Err(self.conflict(file, "call", text));
        }
        let Some(called) = self.callable.iter().find(|callable| callable.name == name) else {
            let text = format!("`{name}` logs users in: name it as the `session` of a journey");
            return Err(self.conflict(file, "call", text));
        };
        if called.session.is_some() && called.session != self.written.file.session {
            let text = format!("`{name}` has another session than this journey");
            return Err(self.conflict(file, "call", text));
        }
        let journey = called.index;
        self.scope.add_all(&called.scope);
        self.last = LastSteps::default();
        Ok(Node::Call(Call {
            journey,
            think: file.think,
            contains_failure: file.on_failure == Some(OnFailure::Continue),
        }))
    }

    /// Branches of which one is made.
    fn choice(&mut self, file: &StepFile) -> Result<Node, JourneyError> {
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
    fn parallel(&mut self, file: &StepFile) -> Result<Node, JourneyError> {
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
    fn note_names(&mut self, file: &StepFile) -> Result<(), JourneyError> {
        let Some(beside) = &mut self.beside else { return Ok(()) };
        for name in file.extract.keys() {
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

    /// A plain group.
    fn transaction(&mut self, file: &StepFile) -> Result<Node, JourneyError> {
        let transaction = usize::from(add(&mut self.tables.transactions, self.written, file)?);
        let nodes = self.within(file)?;
        Ok(Node::Group(Box::new(Group {
            think: file.think,
            flow: Flow::Repeat(1),
            passes: Times::ONCE,
            transaction: Some(transaction),
            contains_failure: file.on_failure == Some(OnFailure::Continue),
            nodes,
        })))
    }

    fn within(&mut self, file: &StepFile) -> Result<Vec<Node>, JourneyError> {
        self.deeper(&file.step)
    }

    fn deeper(&mut self, files: &[StepFile]) -> Result<Vec<Node>, JourneyError> {
        self.depth += 1;
        let nodes = self.nodes(files);
        self.depth -= 1;
        nodes
    }

    fn repeat(&self, file: &StepFile) -> Result<(Flow, Times), JourneyError> {
        let count = file.repeat.unwrap_or_default();
        self.passes(file, "repeat", count)?;
        Ok((Flow::Repeat(count), Times::exactly(f64::from(count))))
    }

    /// Checks a number of passes.
    fn passes(&self, file: &StepFile, key: &str, count: u32) -> Result<(), JourneyError> {
        if (1..=MOST_PASSES).contains(&count) {
            return Ok(());
        }
        let error = KeyError::Value {
            given: count.to_string(),
            expected: "a number of passes: 1 to 100,000",
        };
        Err(self.wrong(file, key, error))
    }

    /// The declared numbers of passes of a loop that has no count.
    fn declared(&self, file: &StepFile, key: &str) -> Result<(u32, Times), JourneyError> {
        let (Some(at_most), Some(expected)) = (file.at_most, file.expected) else {
            let missing = if file.at_most.is_none() { "at-most" } else { "expected" };
            let text = format!(
                "a `{key}` says how often it goes round, so that a run can be planned: `at-most = 10` and `expected = 3` \
                 (`{missing}` is missing)"
            );
            return Err(self.conflict(file, key, text));
        };
        self.passes(file, "at-most", at_most)?;
        if !(expected >= 0.0 && expected <= f64::from(at_most)) {
            let error = KeyError::Value {
                given: expected.to_string(),
                expected: "a mean number of passes: 0 to `at-most`",
            };
            return Err(self.wrong(file, "expected", error));
        }
        Ok((at_most, Times::up_to(expected, f64::from(at_most))))
    }

    fn conditional(&mut self, file: &StepFile, key: &str) -> Result<(Flow, Times), JourneyError> {
        let written: &[CheckFile] = match key {
            "while" => file.while_.as_deref().unwrap_or_default(),
            _ => file.if_.as_deref().unwrap_or_default(),
        };
        let conditions = Conditions::compile(written, &self.scope).map_err(|error| self.wrong(file, key, error))?;
        if conditions.read_answer() && self.last.0.is_empty() {
            let text = "there is no answer before it to look at: let a request come first, or look at a `value`";
            return Err(self.conflict(file, key, text));
        }
        self.look_at(&conditions);
        if key == "while" {
            let (at_most, passes) = self.declared(file, key)?;
            return Ok((Flow::While { conditions, at_most }, passes));
        }
        let share = file.expected.ok_or_else(|| {
            let text =
                "an `if` says how often it holds, so that a run can be planned: `expected = 0.3` for 3 of 10 times";
            self.conflict(file, key, text)
        })?;
        if !(0.0..=1.0).contains(&share) {
            let error = KeyError::Value {
                given: share.to_string(),
                expected: "a share from 0 to 1",
            };
            return Err(self.wrong(file, "expected", error));
        }
        Ok((Flow::If(conditions), Times::share(share)))
    }

    /// Lets the steps that may have given the last answer keep it.
    fn look_at(&mut self, conditions: &Conditions) {
        if conditions.read_answer() {
            for step in &self.last.0 {
                self.steps[*step].keeps_answer = true;
                self.steps[*step].keeps_body |= conditions.read_body();
            }
        }
    }

    fn for_each(&mut self, file: &StepFile) -> Result<(Flow, Times), JourneyError> {
        let name = file.for_each.as_deref().unwrap_or_default();
        let (at_most, passes) = self.declared(file, "for-each")?;
        let list = Template::compile(&format!("{{{{{name}}}}}"), Escape::None, &self.scope);
        let list = list.map_err(|error| self.wrong(file, "for-each", error))?;
        let item = file.as_.as_deref().unwrap_or(ITEM);
        let outside = self
            .beside
            .as_ref()
            .is_some_and(|beside| beside.outer.find(item).is_some());
        if outside || self.items.iter().any(|outer| outer == item) {
            let text = format!("`{item}` is the element of another list: name this one by `as`");
            return Err(self.conflict(file, "for-each", text));
        }
        let slot = self.scope.extract(item, self.own_from, &mut self.tables.variables);
        let slot = slot.map_err(|error| self.wrong(file, "as", error))?;
        self.items.push(item.to_owned());
        let flow = Flow::ForEach {
            list,
            item: slot,
            at_most,
        };
        Ok((flow, passes))
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
