//! Compilation of one journey: its steps, and the order in which they are made.

use super::condition::Conditions;
use super::escape::Escape;
use super::file::{CheckFile, OnFailure, StepFile};
use super::flow::{Flow, Group, Node};
use super::scope::Scope;
use super::series::Series;
use super::step::{Step, Surroundings};
use super::template::Template;
use super::times::Times;
use super::written::Written;
use super::{JourneyError, KeyError};
use crate::record::SeriesId;

/// Most passes of a group; more is a slip of the keyboard.
const MOST_PASSES: u32 = 100_000;
/// Deepest groups within groups.
const DEEPEST: usize = 16;
/// Name of the element of a list, if the journey gives it none.
const ITEM: &str = "item";

/// The tables that all journeys of a scenario share.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) series: Vec<Series>,
    pub(super) transactions: Vec<Series>,
    /// Number of variables.
    pub(super) variables: usize,
}

/// Steps of which one has given the last answer.
#[derive(Debug, Clone, Default)]
struct Last(Vec<usize>);

impl Last {
    /// The steps of either.
    fn or(mut self, other: &Self) -> Self {
        let new: Vec<usize> = other.0.iter().copied().filter(|step| !self.0.contains(step)).collect();
        self.0.extend(new);
        self
    }
}

/// A journey being compiled.
pub(super) struct Builder<'a> {
    written: &'a Written,
    tables: &'a mut Tables,
    /// Names known at this point.
    pub(super) scope: Scope,
    /// Index of the first variable that is the journey's own.
    pub(super) own_from: usize,
    pub(super) steps: Vec<Step>,
    last: Last,
    /// Names of the elements of the lists around this point.
    items: Vec<String>,
    depth: usize,
}

impl<'a> Builder<'a> {
    /// Begins with the names of `scope`.
    pub(super) fn new(written: &'a Written, tables: &'a mut Tables, scope: Scope) -> Self {
        Self {
            own_from: tables.variables,
            written,
            tables,
            scope,
            steps: Vec::new(),
            last: Last::default(),
            items: Vec::new(),
            depth: 0,
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
        self.check_keys(file)?;
        if self.depth >= DEEPEST {
            let text = format!("groups lie within each other {DEEPEST} deep at most");
            return Err(self.conflict(file, "step", text));
        }
        let Some(loops) = looping(file) else {
            return if file.path.is_some() {
                self.request(file)
            } else {
                self.transaction(file)
            };
        };
        let before = self.last.clone();
        let (flow, passes) = match loops {
            "repeat" => self.repeat(file)?,
            "while" => self.conditional(file, "while")?,
            "if" => self.conditional(file, "if")?,
            _ => self.for_each(file)?,
        };
        let nodes = if file.path.is_some() {
            vec![self.request(file)?]
        } else {
            self.within(file)?
        };
        if loops == "for-each" {
            self.items.pop();
        }
        match &flow {
            Flow::Repeat(_) => {}
            Flow::While { conditions, .. } => {
                // Further passes look at what the pass before has seen.
                self.look_at(conditions);
                self.last = before.or(&self.last);
            }
            Flow::If(_) | Flow::ForEach { .. } => self.last = before.or(&self.last),
        }
        Ok(Node::Group(Box::new(Group {
            // The think time of a request belongs to each pass.
            think: file.think.filter(|_| file.path.is_none()),
            flow,
            passes,
            transaction: None,
            contains_failure: file.path.is_none() && file.on_failure == Some(OnFailure::Continue),
            nodes,
        })))
    }

    /// Checks that the keys go together.
    fn check_keys(&self, file: &StepFile) -> Result<(), JourneyError> {
        if file.path.is_none() && file.step.is_empty() {
            let text = "a step has a `path`, or is a group with steps of its own: `[[step.step]]`";
            return Err(self.conflict(file, "path", text));
        }
        if file.path.is_some() && !file.step.is_empty() {
            let text = "a step has a `path` or steps of its own, not both";
            return Err(self.conflict(file, "step", text));
        }
        let given: Vec<&str> = loop_keys(file).collect();
        if let [first, second, ..] = given[..] {
            let text = format!("a step has `{first}` or `{second}`: put one of them into a group around it");
            return Err(self.conflict(file, second, text));
        }
        let has = |keys: &[&str]| given.iter().any(|key| keys.contains(key));
        if file.at_most.is_some() && !has(&["while", "for-each"]) {
            return Err(self.conflict(file, "at-most", "`at-most` belongs to `while` and `for-each`"));
        }
        if file.expected.is_some() && !has(&["while", "for-each", "if"]) {
            return Err(self.conflict(file, "expected", "`expected` belongs to `while`, `for-each` and `if`"));
        }
        if file.as_.is_some() && !has(&["for-each"]) {
            return Err(self.conflict(file, "as", "`as` names the element of a `for-each`"));
        }
        if let Some(key) = of_requests(file).filter(|_| file.path.is_none()) {
            let text = format!("`{key}` belongs to a request, and this step is a group: it has no `path`");
            return Err(self.conflict(file, key, text));
        }
        if file.path.is_none() && !given.is_empty() && !file.tags.is_empty() {
            let text = "a loop has no series of its own: tag its steps, or put a group around it";
            return Err(self.conflict(file, "tags", text));
        }
        Ok(())
    }

    fn request(&mut self, file: &StepFile) -> Result<Node, JourneyError> {
        let (journey, written) = (&self.written.file, self.written);
        let around = Surroundings {
            series: SeriesId(add(&mut self.tables.series, self.written, file)?),
            headers: &journey.headers,
            folder: written.folder(),
            cookies: journey.cookies.unwrap_or(true),
            own_from: self.own_from,
        };
        let step = Step::compile(file, &around, &mut self.scope, &mut self.tables.variables);
        let step = step.map_err(|(key, error)| written.wrong(Some(&file.name), &key, error))?;
        let index = self.steps.len();
        self.steps.push(step);
        self.last = Last(vec![index]);
        Ok(Node::Request(index))
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
        self.depth += 1;
        let nodes = self.nodes(&file.step);
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
            }
        }
    }

    fn for_each(&mut self, file: &StepFile) -> Result<(Flow, Times), JourneyError> {
        let name = file.for_each.as_deref().unwrap_or_default();
        let (at_most, passes) = self.declared(file, "for-each")?;
        let list = Template::compile(&format!("{{{{{name}}}}}"), Escape::None, &self.scope);
        let list = list.map_err(|error| self.wrong(file, "for-each", error))?;
        let item = file.as_.as_deref().unwrap_or(ITEM);
        if self.items.iter().any(|outer| outer == item) {
            let text = format!("`{item}` is the element of the list around it: name this one by `as`");
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

/// Adds a row for that step to a table of series, and returns its number.
fn add(table: &mut Vec<Series>, written: &Written, step: &StepFile) -> Result<u16, JourneyError> {
    let number = u16::try_from(table.len()).map_err(|_| JourneyError::TooManySteps)?;
    let journey = &written.file;
    let mut tags = journey.tags.clone();
    tags.extend(step.tags.iter().filter(|tag| !journey.tags.contains(tag)).cloned());
    table.push(Series {
        name: format!("{}.{}", journey.name, step.name),
        tags,
    });
    Ok(number)
}

/// The key of a step that makes it a loop; `None` if it is none.
fn looping(file: &StepFile) -> Option<&'static str> {
    loop_keys(file).next()
}

fn loop_keys(file: &StepFile) -> impl Iterator<Item = &'static str> {
    let keys = [
        ("repeat", file.repeat.is_some()),
        ("while", file.while_.is_some()),
        ("if", file.if_.is_some()),
        ("for-each", file.for_each.is_some()),
    ];
    keys.into_iter().filter(|(_, given)| *given).map(|(key, _)| key)
}

/// A key of the step that belongs to a request; `None` if it has none.
fn of_requests(file: &StepFile) -> Option<&'static str> {
    let keys = [
        ("method", file.method != "GET"),
        ("headers", !file.headers.is_empty()),
        ("cookies", file.cookies.is_some()),
        ("json", file.json.is_some()),
        ("body", file.body.is_some()),
        ("form", file.form.is_some()),
        ("multipart", file.multipart.is_some()),
        ("file", file.file.is_some()),
        ("graphql", file.graphql.is_some()),
        ("timeout", file.timeout.is_some()),
        ("redirects", file.redirects > 0),
        ("websocket", file.websocket.is_some()),
        ("status", !file.status.is_empty()),
        ("check", !file.check.is_empty()),
        ("extract", !file.extract.is_empty()),
    ];
    keys.into_iter().find(|(_, given)| *given).map(|(key, _)| key)
}
