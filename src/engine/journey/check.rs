//! Checks of an answer against the expectation of its step.

use bytes::Bytes;
use rand::rngs::SmallRng;
use regex::Regex;

use super::answer::Answer;
use super::check_file::{CheckFile, JsonType};
use super::extraction::Extraction;
use super::file::StepFile;
use super::pattern::pattern;
use super::scan::MatchedValue;
use super::scope::Scope;
use super::source::{AnswerContext, ExpectedText, Reading, Source, SourceFile, Sources, Texts};
use super::template::Values;
use super::{KeyError, OnFailure};
use crate::record::Outcome;

mod explain;

/// A plain value to compare with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    Text(String),
    Whole(i64),
    Real(f64),
    Bool(bool),
}

impl Literal {
    fn compile(value: &toml::Value) -> Result<Self, KeyError> {
        match value {
            toml::Value::String(text) => Ok(Self::Text(text.clone())),
            toml::Value::Integer(number) => Ok(Self::Whole(*number)),
            toml::Value::Float(number) if number.is_finite() => Ok(Self::Real(*number)),
            toml::Value::Boolean(value) => Ok(Self::Bool(*value)),
            _ => Err(KeyError::Value {
                given: value.to_string(),
                expected: "a text, a number or a boolean",
            }),
        }
    }

    fn equals(&self, found: &MatchedValue<'_>) -> bool {
        match (self, found) {
            (Self::Text(wanted), MatchedValue::Text(text)) => wanted == text,
            (Self::Whole(wanted), MatchedValue::Number(number)) => is_whole(*wanted, number),
            (Self::Real(wanted), MatchedValue::Number(number)) => number.parse() == Ok(*wanted),
            (Self::Bool(wanted), MatchedValue::Bool(value)) => wanted == value,
            _ => false,
        }
    }

    /// The value as text, for parts of an answer that are nothing but text.
    fn into_text(self) -> Self {
        Self::Text(match self {
            Self::Text(text) => text,
            Self::Whole(number) => number.to_string(),
            Self::Real(number) => number.to_string(),
            Self::Bool(value) => value.to_string(),
        })
    }
}

/// Whole numbers are compared as such; 5 and 5.0 are one number in JSON.
fn is_whole(wanted: i64, number: &str) -> bool {
    /// From here on, a floating-point number may stand for several whole ones.
    const EXACT: u64 = 1 << 53;
    match number.parse::<i128>() {
        Ok(number) => number == i128::from(wanted),
        // `1.0` and `1e0` equal 1. Beyond 2⁵³ a float no longer tells neighbours apart, so only digits count there.
        Err(_) => wanted.unsigned_abs() <= EXACT && number.parse() == Ok(wanted as f64),
    }
}

impl JsonType {
    fn is_of(self, found: &MatchedValue<'_>) -> bool {
        match (self, found) {
            (Self::String, MatchedValue::Text(_))
            | (Self::Number, MatchedValue::Number(_))
            | (Self::Boolean, MatchedValue::Bool(_))
            | (Self::Null, MatchedValue::Null) => true,
            (Self::Integer, MatchedValue::Number(number)) => !number.contains(['.', 'e', 'E']),
            (Self::Array, MatchedValue::Container(text)) => text.starts_with('['),
            (Self::Object, MatchedValue::Container(text)) => text.starts_with('{'),
            _ => false,
        }
    }
}

/// A condition on the matches of one part of an answer.
#[derive(Debug)]
pub(super) enum Condition {
    Equals(Literal),
    /// Equals a text that values of the user fill, however the answer writes it: a number as well as a text.
    Same(ExpectedText),
    Contains(ExpectedText),
    Lacks(ExpectedText),
    Matches(Regex),
    Type(JsonType),
    Count {
        least: usize,
        most: usize,
    },
}

impl Condition {
    /// Compiles the conditions on one text, such as the value of a variable. One that is compared with a number is read as one.
    pub(super) fn for_text(file: &CheckFile, sources: &mut Sources, scope: &Scope) -> Result<Vec<Self>, KeyError> {
        let mut conditions = Vec::new();
        if let Some(value) = &file.equals {
            conditions.push(match Self::equal(value, sources, scope)? {
                Self::Equals(number @ (Literal::Whole(_) | Literal::Real(_))) => Self::Equals(number),
                Self::Equals(other) => Self::Equals(other.into_text()),
                other => other,
            });
        }
        if let Some(text) = &file.contains {
            conditions.push(Self::Contains(sources.add_expected_text(text, scope)?));
        }
        if let Some(text) = &file.lacks {
            conditions.push(Self::Lacks(sources.add_expected_text(text, scope)?));
        }
        if let Some(text) = &file.matches {
            conditions.push(Self::Matches(pattern(text)?));
        }
        Ok(conditions)
    }

    fn count(file: &CheckFile) -> Option<Self> {
        let counts = [file.count, file.min, file.max];
        counts.iter().any(Option::is_some).then(|| Self::Count {
            least: file.count.or(file.min).unwrap_or(0),
            most: file.count.or(file.max).unwrap_or(usize::MAX),
        })
    }

    fn equal(value: &toml::Value, sources: &mut Sources, scope: &Scope) -> Result<Self, KeyError> {
        if let toml::Value::String(text) = value
            && let filled @ ExpectedText::Filled(_) = sources.add_expected_text(text, scope)?
        {
            return Ok(Self::Same(filled));
        }
        Literal::compile(value).map(Self::Equals)
    }

    /// True if it holds for that text alone.
    pub(super) fn holds_for(&self, text: &str, texts: &Texts) -> bool {
        let found = match self {
            Self::Equals(Literal::Whole(_) | Literal::Real(_)) => MatchedValue::Number(text.into()),
            _ => MatchedValue::Text(text.into()),
        };
        self.holds(&[found], texts)
    }

    /// True if it holds. No condition holds of a text that lacks a value.
    fn holds(&self, values: &[MatchedValue<'_>], texts: &Texts) -> bool {
        let any = |text: &str| values.iter().any(|found| found.text().contains(text));
        match self {
            Self::Equals(wanted) => values.iter().any(|found| wanted.equals(found)),
            Self::Same(wanted) => {
                let wanted = wanted.text(texts);
                wanted.is_some_and(|wanted| values.iter().any(|found| found.text() == wanted))
            }
            Self::Contains(wanted) => wanted.text(texts).is_some_and(any),
            Self::Lacks(wanted) => wanted.text(texts).is_some_and(|text| !any(text)),
            Self::Matches(regex) => values.iter().any(|found| regex.is_match(&found.text())),
            Self::Type(wanted) => !values.is_empty() && values.iter().all(|found| wanted.is_of(found)),
            Self::Count { least, most } => (*least..=*most).contains(&values.len()),
        }
    }
}

fn valid_status(status: u16) -> Result<u16, KeyError> {
    if (100..=599).contains(&status) {
        return Ok(status);
    }
    Err(KeyError::Value {
        given: status.to_string(),
        expected: "a status from 100 to 599",
    })
}

#[derive(Debug)]
pub(super) enum Check {
    /// The body contains a text, byte by byte: the common check costs no conversion.
    Contains(ExpectedText),
    Lacks(ExpectedText),
    Bytes {
        least: usize,
        most: usize,
    },
    Status(u16),
    /// Path of the last request, with its query if the text has one.
    Url(ExpectedText),
    Part {
        source: Source,
        conditions: Box<[Condition]>,
    },
}

impl Check {
    /// The check of the body's size, if the file has one.
    fn bytes(file: &CheckFile, of_body: bool) -> Result<Option<Self>, KeyError> {
        if file.min_bytes.is_none() && file.max_bytes.is_none() {
            return Ok(None);
        }
        if !of_body {
            return Err(KeyError::Conflict(
                "`min-bytes` and `max-bytes` are of the body alone".to_owned(),
            ));
        }
        Ok(Some(Self::Bytes {
            least: file.min_bytes.unwrap_or(0),
            most: file.max_bytes.unwrap_or(usize::MAX),
        }))
    }

    /// Compiles it. Names in the texts to compare with must be in `scope`.
    pub(super) fn compile(file: &CheckFile, sources: &mut Sources, scope: &Scope) -> Result<Vec<Self>, KeyError> {
        let conflict = |text: &str| Err(KeyError::Conflict(text.to_owned()));
        if file.value.is_some() {
            return conflict("a check reads an answer: a `value` is for the conditions of `if`, `while` and `until`");
        }
        let status = file.status.map(valid_status).transpose()?;
        let mut checks: Vec<Self> = status.map(Self::Status).into_iter().collect();
        let mut conditions = Vec::new();
        let source = sources.add(SourceFile {
            json: file.json.as_ref(),
            css: file.css.as_ref(),
            attribute: file.attribute.as_ref(),
            header: file.header.as_ref(),
            cookie: file.cookie.as_ref(),
        })?;
        let of_body = matches!(source, Source::Body);
        if let Some(value) = &file.equals {
            let is_json = matches!(source, Source::Json(_));
            conditions.push(match Condition::equal(value, sources, scope)? {
                Condition::Equals(value) if !is_json => Condition::Equals(value.into_text()),
                other => other,
            });
        }
        let mut wanted = |text: &Option<String>| {
            text.as_deref()
                .map(|text| sources.add_expected_text(text, scope))
                .transpose()
        };
        let (contains, lacks) = (wanted(&file.contains)?, wanted(&file.lacks)?);
        if of_body {
            checks.extend(contains.map(Self::Contains));
            checks.extend(lacks.map(Self::Lacks));
        } else {
            conditions.extend(contains.map(Condition::Contains));
            conditions.extend(lacks.map(Condition::Lacks));
        }
        if let Some(text) = &file.matches {
            conditions.push(Condition::Matches(pattern(text)?));
        }
        if let Some(json_type) = file.json_type {
            if file.json.is_none() {
                return conflict("`type` is of what a `json` path finds");
            }
            conditions.push(Condition::Type(json_type));
        }
        let count = Condition::count(file);
        if count.is_some() && of_body {
            return conflict("`count`, `min` and `max` are of the matches of `json`, `css`, `header` or `cookie`");
        }
        conditions.extend(count);
        checks.extend(Self::bytes(file, of_body)?);
        if let Some(url) = &file.url {
            checks.push(Self::Url(sources.add_expected_text(url, scope)?));
        }
        if let Some(text) = &file.url_matches {
            let conditions = Box::new([Condition::Matches(pattern(text)?)]);
            let source = Source::Url;
            checks.push(Self::Part { source, conditions });
        }
        // A part alone asks that it is there.
        if !of_body && conditions.is_empty() {
            conditions.push(Condition::Count {
                least: 1,
                most: usize::MAX,
            });
        }
        if !conditions.is_empty() {
            let conditions = conditions.into();
            checks.push(Self::Part { source, conditions });
        }
        if checks.is_empty() {
            return conflict(
                "a check has one of `json`, `css`, `header`, `cookie`, `status` and `url`, or a condition on the body: \
                 `contains`, `lacks`, `matches`, `equals`, `min-bytes`, `max-bytes`",
            );
        }
        Ok(checks)
    }

    pub(super) fn holds(&self, reading: &Reading<'_>) -> bool {
        let contains = |text: &str| {
            let body = reading.body;
            text.is_empty() || body.windows(text.len()).any(|window| window == text.as_bytes())
        };
        let texts = reading.texts();
        match self {
            Self::Contains(wanted) => wanted.text(texts).is_some_and(contains),
            Self::Lacks(wanted) => wanted.text(texts).is_some_and(|text| !contains(text)),
            Self::Bytes { least, most } => (*least..=*most).contains(&reading.body.len()),
            Self::Status(wanted) => reading.status() == Some(*wanted),
            Self::Url(wanted) => reading.url().zip(wanted.text(texts)).is_some_and(|(url, wanted)| {
                let path = url.split('?').next().unwrap_or_default();
                wanted == if wanted.contains('?') { url } else { path }
            }),
            Self::Part { source, conditions } => {
                let values = reading.values(source);
                conditions.iter().all(|condition| condition.holds(&values, texts))
            }
        }
    }
}

/// Expectation of a step's answer, compiled.
#[derive(Debug)]
pub(super) struct Expectation {
    /// Acceptable statuses; empty for any of 200 to 299.
    status: Box<[u16]>,
    checks: Box<[Check]>,
    /// Each check as it is written, with the number of those that it was compiled to.
    written: Box<[(Box<str>, usize)]>,
    extractions: Box<[Extraction]>,
    sources: Sources,
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
        let mut sources = Sources::default();
        for status in &file.status {
            valid_status(*status).map_err(|error| ("status".to_owned(), error))?;
        }
        let (mut checks, mut written) = (Vec::new(), Vec::new());
        for check in &file.check {
            let compiled = Check::compile(check, &mut sources, scope);
            let compiled = compiled.map_err(|error| ("check".to_owned(), error))?;
            written.push((check.inline().into(), compiled.len()));
            checks.extend(compiled);
        }
        let mut extractions = Vec::new();
        for (name, part) in &file.extract {
            let slot = scope.extract(name, own_from, next);
            let compiled = slot.and_then(|slot| Extraction::compile(name, part, slot, &mut sources));
            extractions.push(compiled.map_err(|error| (format!("extract.{name}"), error))?);
        }
        // Later steps need what this one extracts: without it they would fail for a reason that is not theirs.
        let on_failure = file.on_failure.unwrap_or(if extractions.is_empty() {
            OnFailure::Continue
        } else {
            OnFailure::Stop
        });
        Ok(Self {
            status: file.status.as_slice().into(),
            checks: checks.into(),
            written: written.into(),
            extractions: extractions.into(),
            sources,
            stop_on_failure: on_failure == OnFailure::Stop,
        })
    }

    /// True if the body must be kept, not only counted.
    pub(super) fn reads_body(&self) -> bool {
        self.sources.read_body
    }

    /// The texts that its checks compare with, filled with one user's values.
    pub(super) fn texts(&self, values: &mut Values<'_>) -> Vec<Option<String>> {
        self.sources.texts(values)
    }

    /// True if the answer is read as HTML.
    pub(super) fn reads_html(&self) -> bool {
        self.sources.read_html()
    }

    /// The outcome of a complete answer. Only a success changes `variables`.
    pub(super) fn judge(
        &self,
        answer: &Answer,
        around: AnswerContext<'_>,
        random: &mut SmallRng,
        variables: &mut [Option<Box<str>>],
    ) -> Outcome {
        if let Some(refusal) = self.refusal(answer) {
            return refusal;
        }
        if answer.upgrade_refused {
            return Outcome::CheckFailed;
        }
        if self.checks.is_empty() && self.extractions.is_empty() {
            return Outcome::Success;
        }
        let body = if self.reads_body() {
            answer.plain()
        } else {
            Ok(Bytes::new())
        };
        let Ok(body) = body else {
            return Outcome::Malformed;
        };
        let Some(reading) = self.sources.read(&body, around) else {
            return Outcome::CheckFailed;
        };
        if !self.checks.iter().all(|check| check.holds(&reading)) {
            return Outcome::CheckFailed;
        }
        // All or nothing: a failed step must leave no half of its values behind.
        let values = self.extractions.iter().map(|extraction| {
            let value = extraction.value(&reading, random)?;
            Some((extraction.slot, value))
        });
        let Some(values) = values.collect::<Option<Vec<_>>>() else {
            return Outcome::CheckFailed;
        };
        for (slot, value) in values {
            variables[slot] = Some(value);
        }
        Outcome::Success
    }

    /// The outcome of an answer that has no acceptable status; `None` if it has one.
    pub(super) fn refusal(&self, answer: &Answer) -> Option<Outcome> {
        let (status, limited) = (answer.status, answer.limited);
        // What the step expects goes before everything, the limiter's own answer included.
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
    use hyper::StatusCode;
    use rand::SeedableRng;

    use super::super::jar::{Jar, Site};
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
            ..Answer::status_only(StatusCode::from_u16(status).unwrap(), std::time::Instant::now())
        }
    }

    /// Judges the answer of a user who has the cookie `sid=s1`, to a request for `/app/list?page=2`.
    fn judge(
        expectation: &Expectation,
        answer: &Answer,
        random: &mut SmallRng,
        variables: &mut [Option<Box<str>>],
    ) -> Outcome {
        let site = Site::new("shop.example", true);
        let mut jar = Jar::default();
        jar.store(b"sid=s1; Path=/app", &site, "/");
        jar.store(b"other=o; Path=/other", &site, "/");
        let around = AnswerContext {
            status: answer.status.as_u16(),
            headers: &answer.headers,
            jar: &jar,
            site: &site,
            url: "/app/list?page=2",
            texts: &[],
        };
        expectation.judge(answer, around, random, variables)
    }

    fn judged_answer(step: &str, answer: &Answer) -> (Outcome, Vec<Option<Box<str>>>) {
        let (expectation, slots) = expectation(step).unwrap();
        let mut variables = vec![None; slots];
        let outcome = judge(&expectation, answer, &mut SmallRng::seed_from_u64(5), &mut variables);
        (outcome, variables)
    }

    fn judged(step: &str, status: u16, body: &'static str) -> (Outcome, Vec<Option<Box<str>>>) {
        judged_answer(step, &answer(status, body))
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
    fn every_part_of_an_answer_can_be_checked() {
        let body = r#"<h1 class="t">Tasks</h1><p>12 open</p><p>3 done</p>"#;
        let mut answer = answer(200, body);
        let header = hyper::header::HeaderValue::from_static("nosniff");
        answer.headers.insert("x-content-type-options", header);
        for (check, holds) in [
            ("{ css = 'h1' }", true),
            ("{ css = 'h2' }", false),
            ("{ css = 'h2', count = 0 }", true),
            ("{ css = 'p', count = 2 }", true),
            ("{ css = 'p', max = 1 }", false),
            ("{ css = 'h1', equals = 'Tasks' }", true),
            ("{ css = 'h1', attribute = 'class', equals = 't' }", true),
            ("{ css = 'p', contains = 'done' }", true),
            ("{ css = 'p', lacks = 'done' }", false),
            ("{ css = 'p', matches = '^\\d+ open$' }", true),
            ("{ header = 'X-Content-Type-Options' }", true),
            ("{ header = 'x-content-type-options', equals = 'nosniff' }", true),
            ("{ header = 'server' }", false),
            ("{ header = 'server', count = 0 }", true),
            ("{ cookie = 'sid' }", true),
            ("{ cookie = 'sid', equals = 's1' }", true),
            ("{ cookie = 'SID' }", false),
            ("{ cookie = 'other' }", false),
            ("{ url = '/app/list' }", true),
            ("{ url = '/app/list?page=2' }", true),
            ("{ url = '/app/list?page=1' }", false),
            ("{ url = '/app' }", false),
            ("{ url-matches = '^/app/.*page=\\d' }", true),
            ("{ url-matches = '^/login' }", false),
            ("{ lacks = 'Wrong password' }", true),
            ("{ lacks = 'Tasks' }", false),
            ("{ matches = '\\d+ open' }", true),
            ("{ matches = 'closed' }", false),
            (
                "{ contains = 'Tasks', lacks = 'error', min-bytes = 50, max-bytes = 60 }",
                true,
            ),
            ("{ min-bytes = 1000 }", false),
            ("{ max-bytes = 10 }", false),
        ] {
            let outcome = judged_answer(&format!("check = [{check}]"), &answer).0;
            assert_eq!(outcome == Outcome::Success, holds, "{check}");
        }
    }

    #[test]
    fn json_is_compared_by_its_kind() {
        let body = r#"{"big": 9007199254740993, "price": 10.00, "zero": 0, "n": null, "l": [1], "o": {"a": "x"}, "t": "10", "b": true}"#;
        for (check, holds) in [
            ("{ json = '$.big', equals = 9007199254740993 }", true),
            ("{ json = '$.big', equals = 9007199254740992 }", false),
            ("{ json = '$..big', equals = 9007199254740992 }", false),
            ("{ json = '$.price', equals = 10 }", true),
            ("{ json = '$.price', equals = 10.0 }", true),
            ("{ json = '$.price', matches = '^10\\.00$' }", true),
            ("{ json = '$.t', equals = 10 }", false),
            ("{ json = '$.zero', equals = -0.0 }", true),
            ("{ json = '$.big', type = 'integer' }", true),
            ("{ json = '$.price', type = 'integer' }", false),
            ("{ json = '$.price', type = 'number' }", true),
            ("{ json = '$.n', type = 'null' }", true),
            ("{ json = '$.l', type = 'array' }", true),
            ("{ json = '$.o', type = 'object' }", true),
            ("{ json = '$.t', type = 'string' }", true),
            ("{ json = '$.b', type = 'boolean' }", true),
            ("{ json = '$.missing', type = 'null' }", false),
            ("{ json = '$.missing', count = 0 }", true),
            ("{ json = '$.t', contains = '1' }", true),
        ] {
            let outcome = judged(&format!("check = [{check}]"), 200, body).0;
            assert_eq!(outcome == Outcome::Success, holds, "{check}");
        }
    }

    #[test]
    fn values_are_taken_exactly_as_they_came() {
        let body = r#"{"a": 10.00, "b": 18446744073709551617, "c": 1e3, "l": [{"id": 1.50}, {"id": "x\"y"}], "e": []}"#;
        let taken = |part: &str| judged(&format!("extract = {{ v = {part} }}"), 200, body).1[0].clone();
        for (part, value) in [
            ("'$.a'", "10.00"),
            ("'$.b'", "18446744073709551617"),
            ("'$.c'", "1e3"),
            ("'$..b'", "18446744073709551617"),
            ("'$.l[?@.id == 1.5].id'", "1.50"),
            ("{ json = '$.l[*].id', pick = 'all' }", r#"[1.50,"x\"y"]"#),
            ("{ json = '$.l[*].id', pick = 'first' }", "1.50"),
            ("{ json = '$.l[*].id', pick = 'last' }", "x\"y"),
            ("{ json = '$.l[*].id', index = 1 }", "x\"y"),
            ("{ json = '$.l[*].id', index = -2 }", "1.50"),
            ("{ json = '$.l[*].id', index = 2, default = 'd' }", "d"),
            ("{ json = '$.l[*].id', index = -3, default = 'd' }", "d"),
            ("{ json = '$.missing', default = '' }", ""),
            ("{ json = '$.b', regex = '^1(8+)4' }", "8"),
            ("{ regex = '\"c\": (\\w+)' }", "1e3"),
            ("{ regex = '1\\w3' }", "1e3"),
            ("{ cookie = 'sid' }", "s1"),
        ] {
            assert_eq!(taken(part).as_deref(), Some(value), "{part}");
        }
        for part in [
            "{ json = '$.l[*].id', index = 2 }",
            "{ header = 'location' }",
            "{ json = '$.e[*]', pick = 'all' }",
        ] {
            assert_eq!(taken(part), None, "{part}");
        }
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
                judge(&expectation, &answer, &mut random, &mut variables),
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
        for (step, problem) in [
            ("check = [{}]", "check: a check has one of `json`"),
            ("check = [{ min = 1 }]", "check: `count`, `min` and `max` are of"),
            (
                "check = [{ json = '$.a', css = 'a' }]",
                "check: one part of the answer is read",
            ),
            (
                "check = [{ attribute = 'a', json = '$.a' }]",
                "check: `attribute` is of",
            ),
            (
                "check = [{ header = 'a', type = 'number' }]",
                "check: `type` is of what a `json` path finds",
            ),
            ("check = [{ json = '$', min-bytes = 1 }]", "check: `min-bytes` and"),
            ("check = [{ matches = '(' }]", "check: `(` is not a regular expression"),
            ("check = [{ header = 'a b' }]", "check: `a b` is not a header's name"),
            ("check = [{ css = 'a ~' }]", "check: `a ~` is not a CSS selector"),
            ("extract = { a = {} }", "extract.a: a value is read from `json`"),
            (
                "extract = { a = { css = 'a', pick = 'all', index = 1 } }",
                "extract.a: a match is chosen",
            ),
            (
                "extract = { a = { regex = '[' } }",
                "extract.a: `[` is not a regular expression",
            ),
        ] {
            assert!(told(step).starts_with(problem), "{step}: {}", told(step));
        }
        assert!(told("check = [{ json = '$.a', equals = [1] }]").contains("is not a text, a number or a boolean"));
        assert_eq!(told("check = [{ json = 'a' }]"), "check: `a` is not a JSON path");
        assert_eq!(told("extract = { a = 'a' }"), "extract.a: `a` is not a JSON path");
        assert!(told("extract = { uuid = '$.a' }").starts_with("extract.uuid: `uuid` is already"));
        assert_eq!(told("status = [99]"), "status: `99` is not a status from 100 to 599");
    }
}
