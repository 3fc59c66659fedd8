//! A judgement in full, for an observer: every check with the value that it reads.

use rand::SeedableRng;
use rand::rngs::SmallRng;

use super::super::answer::Answer;
use super::super::observed::{Actual, CheckResult, ExtractedValue, ObservedStep};
use super::super::scan::MatchedValue;
use super::super::source::{AnswerContext, Reading, Source};
use super::{Check, Expectation};
use crate::record::Outcome;

impl Expectation {
    /// The checks as they are written.
    pub(in super::super) fn written(&self) -> impl Iterator<Item = &str> {
        self.written.iter().map(|(written, _)| &**written)
    }

    /// The names of the values that are extracted.
    pub(in super::super) fn names(&self) -> impl Iterator<Item = &str> {
        self.extractions.iter().map(|extraction| &*extraction.name)
    }

    /// Adds to `observed`: the status, and if it is acceptable every check with the value that it reads, and the values to extract.
    /// Unlike [`Self::judge`], does not end at the first check that fails.
    pub(in super::super) fn explain(
        &self,
        observed: &mut ObservedStep,
        answer: &Answer,
        around: AnswerContext<'_>,
        variables: &[Option<Box<str>>],
    ) {
        let accepted = self.refusal(answer).is_none() && !answer.upgrade_refused;
        observed.status = Some(CheckResult {
            written: self.statuses(),
            holds: accepted,
            actual: Actual::Values(answer.status.as_u16().to_string()),
        });
        if accepted {
            observed.checks = self.explain_checks(answer, around);
            observed.extracted = self.explain_values(answer, around, observed.outcome, variables);
        }
    }

    /// The acceptable statuses.
    pub(in super::super) fn statuses(&self) -> String {
        if self.status.is_empty() {
            return "status 200 to 299".to_owned();
        }
        let listed: Vec<String> = self.status.iter().map(u16::to_string).collect();
        format!("status {}", listed.join(" or "))
    }

    fn explain_checks(&self, answer: &Answer, around: AnswerContext<'_>) -> Vec<CheckResult> {
        let body = answer.plain();
        let reading = body.as_ref().ok().and_then(|body| self.sources.read(body, around));
        let mut rest = &*self.checks;
        let explained = self.written.iter().map(|(written, count)| {
            let (own, others) = rest.split_at(*count);
            rest = others;
            let (holds, actual) = match (&body, &reading) {
                (Err(_), _) => (false, Actual::Undecodable),
                (_, None) => (false, Actual::NotJson),
                (_, Some(reading)) => {
                    let failed = own.iter().find(|check| !check.holds(reading));
                    let shown = failed.or(own.first());
                    let actual = shown.map_or(Actual::Nothing, |check| check.actual(reading));
                    (failed.is_none(), actual)
                }
            };
            CheckResult {
                written: written.as_ref().to_owned(),
                holds,
                actual,
            }
        });
        explained.collect()
    }

    /// The values to extract; those of a successful step are in `variables`.
    fn explain_values(
        &self,
        answer: &Answer,
        around: AnswerContext<'_>,
        outcome: Outcome,
        variables: &[Option<Box<str>>],
    ) -> Vec<ExtractedValue> {
        let body = answer.plain().unwrap_or_default();
        let reading = self.sources.read(&body, around);
        // What would have been drawn does not matter: only if there is a value does.
        let mut random = SmallRng::seed_from_u64(0);
        let values = self.extractions.iter().map(|extraction| {
            let value = if outcome == Outcome::Success {
                variables[extraction.slot].clone()
            } else {
                let reading = reading.as_ref();
                reading.and_then(|reading| extraction.value(reading, &mut random))
            };
            ExtractedValue {
                name: extraction.name.as_ref().to_owned(),
                value: value.map(String::from),
            }
        });
        values.collect()
    }
}

impl Check {
    /// The value that it reads.
    fn actual(&self, reading: &Reading<'_>) -> Actual {
        /// Most values that are shown.
        const MOST: usize = 5;
        match self {
            Self::Contains(_)
            | Self::Lacks(_)
            | Self::Bytes { .. }
            | Self::Part {
                source: Source::Body, ..
            } => Actual::Body {
                bytes: reading.body.len(),
            },
            Self::Status(_) => reading
                .status()
                .map_or(Actual::Nothing, |status| Actual::Values(status.to_string())),
            Self::Url(_) => Actual::Values(reading.url().unwrap_or_default().to_owned()),
            Self::Part { source, .. } => {
                let values = reading.values(source);
                let shown: Vec<String> = values.iter().take(MOST).map(MatchedValue::to_json).collect();
                match values.len() {
                    0 => Actual::Nothing,
                    count if count > MOST => Actual::Values(format!("{}, … ({count} in all)", shown.join(", "))),
                    _ => Actual::Values(shown.join(", ")),
                }
            }
        }
    }
}
