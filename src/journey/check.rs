//! Checks of an answer against the expectation of its step, and extraction of values.

use hyper::StatusCode;
use rand::Rng;
use rand::rngs::SmallRng;
use serde_json::Number;

use super::answer::Answer;
use super::file::{CheckFile, StepFile};
use super::query::Queries;
use super::scan::Found;
use super::scope::Scope;
use super::{KeyError, OnFailure};
use crate::record::Outcome;

/// A plain value to compare with.
#[derive(Debug, Clone, PartialEq)]
enum Plain {
    Text(String),
    Number(Number),
    Bool(bool),
}

impl Plain {
    fn compile(value: &toml::Value) -> Result<Self, KeyError> {
        let refused = || KeyError::Value {
            given: value.to_string(),
            expected: "a text, a number or a boolean",
        };
        match value {
            toml::Value::String(text) => Ok(Self::Text(text.clone())),
            toml::Value::Integer(number) => Ok(Self::Number((*number).into())),
            toml::Value::Float(number) => Number::from_f64(*number).map(Self::Number).ok_or_else(refused),
            toml::Value::Boolean(value) => Ok(Self::Bool(*value)),
            _ => Err(refused()),
        }
    }

    fn equals(&self, found: &Found<'_>) -> bool {
        match (self, found) {
            (Self::Text(wanted), Found::Text(text)) => wanted == text,
            // 5 and 5.0 are one number in JSON.
            (Self::Number(wanted), Found::Number(number)) => wanted == number || wanted.as_f64() == number.as_f64(),
            (Self::Bool(wanted), Found::Bool(value)) => wanted == value,
            _ => false,
        }
    }
}

#[derive(Debug)]
enum Check {
    Contains(Box<str>),
    AtLeast { query: usize, count: usize },
    Equals { query: usize, value: Plain },
}

impl Check {
    fn compile(file: &CheckFile, queries: &mut Queries) -> Result<Self, KeyError> {
        match (&file.json, &file.contains, &file.equals, file.min) {
            (None, Some(text), None, None) => Ok(Self::Contains(text.as_str().into())),
            (Some(path), None, None, min) => Ok(Self::AtLeast {
                query: queries.add(path)?,
                count: min.unwrap_or(1),
            }),
            (Some(path), None, Some(value), None) => Ok(Self::Equals {
                query: queries.add(path)?,
                value: Plain::compile(value)?,
            }),
            _ => Err(KeyError::Conflict(
                "a check has `json`, alone or with `equals` or `min`, or it has `contains`".to_owned(),
            )),
        }
    }

    fn holds(&self, body: &[u8], found: &[Vec<Found<'_>>]) -> bool {
        match self {
            Self::Contains(text) => text.is_empty() || body.windows(text.len()).any(|window| window == text.as_bytes()),
            Self::AtLeast { query, count } => found[*query].len() >= *count,
            Self::Equals { query, value } => found[*query].iter().any(|found| value.equals(found)),
        }
    }
}

/// A single check, for a WebSocket message.
#[derive(Debug)]
pub(super) struct Condition {
    check: Check,
    queries: Queries,
}

impl Condition {
    pub(super) fn compile(file: &CheckFile) -> Result<Self, KeyError> {
        let mut queries = Queries::default();
        let check = Check::compile(file, &mut queries)?;
        Ok(Self { check, queries })
    }

    pub(super) fn holds(&self, text: &[u8]) -> bool {
        let found = if self.queries.is_empty() {
            Some(Vec::new())
        } else {
            self.queries.run(text)
        };
        found.is_some_and(|found| self.check.holds(text, &found))
    }
}

#[derive(Debug)]
struct Extraction {
    slot: usize,
    query: usize,
}

/// Expectation of a step's answer, compiled.
#[derive(Debug)]
pub(super) struct Expectation {
    /// Acceptable statuses; empty for any of 200 to 299.
    status: Box<[u16]>,
    checks: Box<[Check]>,
    extractions: Box<[Extraction]>,
    queries: Queries,
    /// True if a failure skips the rest of the iteration.
    pub(super) stop_on_failure: bool,
}

impl Expectation {
    /// Compiles a step's checks and extractions. Errors come with the key that they concern.
    pub(super) fn compile(
        file: &StepFile,
        scope: &mut Scope,
        own_from: usize,
        next: &mut usize,
    ) -> Result<Self, (String, KeyError)> {
        let mut queries = Queries::default();
        if let Some(status) = file.status.iter().find(|status| !(100..=599).contains(*status)) {
            let given = status.to_string();
            let expected = "a status from 100 to 599";
            return Err(("status".to_owned(), KeyError::Value { given, expected }));
        }
        let checks = file.check.iter().map(|check| Check::compile(check, &mut queries));
        let checks = checks
            .collect::<Result<_, _>>()
            .map_err(|error| ("check".to_owned(), error))?;
        let extractions = file.extract.iter().map(|(name, path)| {
            let compiled = queries.add(path).and_then(|query| {
                let slot = scope.extract(name, own_from, next)?;
                Ok(Extraction { slot, query })
            });
            compiled.map_err(|error| (format!("extract.{name}"), error))
        });
        let extractions: Box<[Extraction]> = extractions.collect::<Result<_, _>>()?;
        let on_failure = file.on_failure.unwrap_or(if extractions.is_empty() {
            OnFailure::Continue
        } else {
            OnFailure::Stop
        });
        Ok(Self {
            status: file.status.as_slice().into(),
            checks,
            extractions,
            queries,
            stop_on_failure: on_failure == OnFailure::Stop,
        })
    }

    /// True if the body must be kept, not only counted.
    pub(super) fn reads_body(&self) -> bool {
        !self.checks.is_empty() || !self.extractions.is_empty()
    }

    /// The outcome of a complete answer. Only a success changes `variables`.
    pub(super) fn judge(&self, answer: &Answer, random: &mut SmallRng, variables: &mut [Option<Box<str>>]) -> Outcome {
        if let Some(refusal) = self.refusal(answer.status, answer.limited) {
            return refusal;
        }
        if answer.upgrade_refused {
            return Outcome::CheckFailed;
        }
        if !self.reads_body() {
            return Outcome::Success;
        }
        let Ok(body) = answer.plain() else {
            return Outcome::Malformed;
        };
        let Some(found) = self.read(&body) else {
            return Outcome::CheckFailed;
        };
        if !self.checks.iter().all(|check| check.holds(&body, &found)) {
            return Outcome::CheckFailed;
        }
        let values = self.extractions.iter().map(|extraction| {
            let matches = &found[extraction.query];
            let picked = match matches.len() {
                0 | 1 => matches.first(),
                several => matches.get(random.random_range(0..several)),
            };
            Some((extraction.slot, picked?.to_text()?))
        });
        let Some(values) = values.collect::<Option<Vec<_>>>() else {
            return Outcome::CheckFailed;
        };
        for (slot, value) in values {
            variables[slot] = Some(value);
        }
        Outcome::Success
    }

    fn read<'a>(&self, body: &'a [u8]) -> Option<Vec<Vec<Found<'a>>>> {
        if self.queries.is_empty() {
            Some(Vec::new())
        } else {
            self.queries.run(body)
        }
    }

    fn refusal(&self, status: StatusCode, limited: bool) -> Option<Outcome> {
        let listed = self.status.contains(&status.as_u16());
        if listed {
            None
        } else if limited {
            Some(Outcome::RateLimited)
        } else if status.is_success() && self.status.is_empty() {
            None
        } else if status.is_client_error() {
            Some(Outcome::ClientError)
        } else if status.is_server_error() {
            Some(Outcome::ServerError)
        } else {
            Some(Outcome::CheckFailed)
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use rand::SeedableRng;

    use super::*;

    fn expectation(step: &str) -> Result<(Expectation, usize), String> {
        let file: StepFile = toml::from_str(&format!("name = 's'\npath = '/'\n{step}")).unwrap();
        let mut next = 0;
        let compiled = Expectation::compile(&file, &mut Scope::default(), 0, &mut next);
        let compiled = compiled.map_err(|(key, error)| format!("{key}: {error}"))?;
        Ok((compiled, next))
    }

    fn answer(status: u16, body: &'static str) -> Answer {
        Answer {
            limited: status == 429,
            body: Bytes::from_static(body.as_bytes()),
            bytes: body.len() as u64,
            ..Answer::bare(StatusCode::from_u16(status).unwrap(), std::time::Instant::now())
        }
    }

    fn judged(step: &str, status: u16, body: &'static str) -> (Outcome, Vec<Option<Box<str>>>) {
        let (expectation, slots) = expectation(step).unwrap();
        let mut variables = vec![None; slots];
        let outcome = expectation.judge(&answer(status, body), &mut SmallRng::seed_from_u64(5), &mut variables);
        (outcome, variables)
    }

    #[test]
    fn statuses_fall_into_their_classes() {
        for (step, status, outcome) in [
            ("", 200, Outcome::Success),
            ("", 204, Outcome::Success),
            ("", 302, Outcome::CheckFailed),
            ("", 404, Outcome::ClientError),
            ("", 429, Outcome::RateLimited),
            ("", 503, Outcome::ServerError),
            ("status = [201]", 200, Outcome::CheckFailed),
            ("status = [201, 404]", 404, Outcome::Success),
            ("status = [429]", 429, Outcome::Success),
        ] {
            assert_eq!(judged(step, status, "").0, outcome, "{step} {status}");
        }
    }

    #[test]
    fn checks_look_into_the_body() {
        let body = r#"{"data": [{"s": "A"}, {"s": "B"}], "total": 2}"#;
        for (check, holds) in [
            ("{ json = '$.data' }", true),
            ("{ json = '$.datum' }", false),
            ("{ json = '$.data[*]', min = 2 }", true),
            ("{ json = '$.data[*]', min = 3 }", false),
            ("{ json = '$.data[*].s', equals = 'B' }", true),
            ("{ json = '$.data[*].s', equals = 'C' }", false),
            ("{ json = '$.total', equals = 2 }", true),
            ("{ json = '$.total', equals = 2.0 }", true),
            ("{ json = '$.total', equals = '2' }", false),
            ("{ contains = '\"total\"' }", true),
            ("{ contains = 'TOTAL' }", false),
        ] {
            let outcome = judged(&format!("check = [{check}]"), 200, body).0;
            assert_eq!(outcome == Outcome::Success, holds, "{check}");
            assert!(holds || outcome == Outcome::CheckFailed, "{check}");
        }
        assert_eq!(
            judged("check = [{ json = '$.a' }]", 200, "<html>").0,
            Outcome::CheckFailed
        );
        assert_eq!(
            judged("check = [{ json = '$.a' }]", 500, "<html>").0,
            Outcome::ServerError
        );
    }

    #[test]
    fn of_several_matches_each_is_picked_alike() {
        let (expectation, _) = expectation("extract = { id = '$[*].id' }").unwrap();
        let answer = answer(200, r#"[{"id": 0}, {"id": 1}, {"id": 2}, {"id": 3}]"#);
        let mut random = SmallRng::seed_from_u64(1);
        let mut picked = [0; 4];
        for _ in 0..4000 {
            let mut variables = vec![None];
            assert_eq!(
                expectation.judge(&answer, &mut random, &mut variables),
                Outcome::Success
            );
            picked[variables[0].as_ref().unwrap().parse::<usize>().unwrap()] += 1;
        }
        // Binomial(4000, 1/4): mean 1000, standard deviation 27.
        assert!(picked.iter().all(|count| (860..1140).contains(count)), "{picked:?}");
    }

    #[test]
    fn nothing_to_extract_is_a_failed_check_and_changes_nothing() {
        let step = "extract = { a = '$.a', b = '$.b' }";
        assert_eq!(
            judged(step, 200, r#"{"a": "x", "b": true}"#),
            (Outcome::Success, vec![Some("x".into()), Some("true".into())])
        );
        for body in [r#"{"a": "x"}"#, r#"{"a": "x", "b": null}"#, r#"{"a": "x", "b": [1]}"#] {
            assert_eq!(
                judged(step, 200, body),
                (Outcome::CheckFailed, vec![None, None]),
                "{body}"
            );
        }
    }

    #[test]
    fn a_step_that_extracts_stops_on_failure_unless_told_otherwise() {
        let stops = |step: &str| expectation(step).unwrap().0.stop_on_failure;
        assert!(!stops(""));
        assert!(stops("extract = { a = '$.a' }"));
        assert!(!stops("extract = { a = '$.a' }\non_failure = 'continue'"));
        assert!(stops("on_failure = 'stop'"));
    }

    #[test]
    fn nonsense_is_refused_with_its_key() {
        let told = |step: &str| expectation(step).unwrap_err();
        assert!(told("check = [{ min = 1 }]").starts_with("check: a check has `json`"));
        assert!(told("check = [{ json = '$.a', contains = 'a' }]").starts_with("check: a check has `json`"));
        assert!(told("check = [{ json = '$.a', equals = [1] }]").contains("is not a text, a number or a boolean"));
        assert_eq!(told("check = [{ json = 'a' }]"), "check: `a` is not a JSON path");
        assert_eq!(told("extract = { a = 'a' }"), "extract.a: `a` is not a JSON path");
        assert!(told("extract = { uuid = '$.a' }").starts_with("extract.uuid: `uuid` is already"));
        assert_eq!(told("status = [99]"), "status: `99` is not a status from 100 to 599");
    }
}
