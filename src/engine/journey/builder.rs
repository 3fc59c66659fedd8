//! Compilation of one journey: its steps, and the order in which they are made.

use std::sync::Arc;

use super::callable::Callable;
use super::condition::Conditions;
use super::escape::Escape;
use super::extraction::Link;
use super::file::{OnFailure, StepFile};
use super::flow::{Call, Flow, Group, Node, Pagination, Poll};
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

mod branch_scope;
mod branches;
mod loops;

use branch_scope::BranchScope;

/// Deepest groups within groups.
const DEEPEST: usize = 16;

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
    sessions: &'a [(String, Scope)],
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

impl<'a> Builder<'a> {
    /// Begins with the names of `scope`.
    pub(super) fn new(
        written: &'a JourneySource,
        (callable, sessions): (&'a [Callable], &'a [(String, Scope)]),
        tables: &'a mut Tables,
        scope: Scope,
    ) -> Self {
        Self {
            callable,
            sessions,
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
            let session = self.removal_session(file, cleanup.session.as_deref())?;
            let removal = Removal::compile(cleanup, self.id, session, &around, &self.scope);
            let removal = removal.map_err(|(key, error)| written.wrong(Some(&file.name), &key, error))?;
            step.removal = Some(Arc::new(removal));
        }
        if let Some(writes) = &file.writes {
            let identity = Template::compile(writes, Escape::None, &self.scope);
            step.writes = Some(identity.map_err(|error| written.wrong(Some(&file.name), "writes", error))?);
        }
        let index = self.steps.len();
        self.steps.push(step);
        self.last = LastSteps(vec![index]);
        self.note_names(file)?;
        self.repeated(file, index)
    }

    /// The session journey of that name with its index, and the names that it extracts.
    fn removal_session(&self, file: &StepFile, name: Option<&str>) -> Result<Option<(usize, &'a Scope)>, JourneyError> {
        let Some(name) = name else { return Ok(None) };
        let mut sessions = self.sessions.iter().enumerate();
        match sessions.find(|(_, (known, _))| known == name) {
            Some((index, (_, scope))) => Ok(Some((index, scope))),
            // Session journeys are compiled one after another, before all others.
            None => Err(self.conflict(
                file,
                "cleanup.session",
                "what a log-in creates is removed with its own session",
            )),
        }
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
        Ok(Node::Pages(Box::new(Pagination {
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
}
