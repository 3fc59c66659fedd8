//! Repetition of a group: its rule, and the number of its passes.

use super::super::check_file::CheckFile;
use super::super::condition::Conditions;
use super::super::escape::Escape;
use super::super::file::StepFile;
use super::super::flow::Flow;
use super::super::template::Template;
use super::super::times::Times;
use super::super::{JourneyError, KeyError};
use super::Builder;

/// Most passes of a group; more is a slip of the keyboard.
const MOST_PASSES: u32 = 100_000;
/// Name of the element of a list, if the journey gives it none.
const ITEM: &str = "item";

impl Builder<'_> {
    pub(super) fn repeat(&self, file: &StepFile) -> Result<(Flow, Times), JourneyError> {
        let count = file.repeat.unwrap_or_default();
        self.passes(file, "repeat", count)?;
        Ok((Flow::Repeat(count), Times::exactly(f64::from(count))))
    }

    /// Checks a number of passes.
    pub(super) fn passes(&self, file: &StepFile, key: &str, count: u32) -> Result<(), JourneyError> {
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
    pub(super) fn declared(&self, file: &StepFile, key: &str) -> Result<(u32, Times), JourneyError> {
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

    pub(super) fn conditional(&mut self, file: &StepFile, key: &str) -> Result<(Flow, Times), JourneyError> {
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
    pub(super) fn look_at(&mut self, conditions: &Conditions) {
        if conditions.read_answer() {
            for step in &self.last.0 {
                self.steps[*step].keeps_answer = true;
                self.steps[*step].keeps_body |= conditions.read_body();
            }
        }
    }

    pub(super) fn for_each(&mut self, file: &StepFile) -> Result<(Flow, Times), JourneyError> {
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
