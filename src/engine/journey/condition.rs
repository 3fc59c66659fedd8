//! Conditions of the flow: on the last answer, in the forms of checks, or on a value.

use bytes::Bytes;
use hyper::header::HeaderMap;

use super::KeyError;
use super::answer::Answer;
use super::check::{Check, Condition};
use super::check_file::CheckFile;
use super::escape::Escape;
use super::jar::{Jar, Site};
use super::scope::Scope;
use super::source::{AnswerContext, Sources, Texts};
use super::template::{Template, Values};

/// Conditions that hold together.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    checks: Vec<Check>,
    sources: Sources,
    values: Vec<(Template, Vec<Condition>)>,
}

/// The last answer, kept for the conditions that follow.
#[derive(Debug)]
pub(super) struct LastAnswer {
    status: u16,
    headers: HeaderMap,
    /// The decoded body; `None` if it cannot be decoded.
    body: Option<Bytes>,
    /// Path and query of the request.
    url: Box<str>,
}

impl LastAnswer {
    pub(super) fn new(answer: &Answer, url: &str) -> Self {
        Self {
            status: answer.status.as_u16(),
            headers: answer.headers.clone(),
            body: answer.plain().ok(),
            url: url.into(),
        }
    }

    /// Everything but the body.
    pub(super) fn around<'a>(&'a self, jar: &'a Jar, site: &'a Site, texts: &'a Texts) -> AnswerContext<'a> {
        AnswerContext {
            status: self.status,
            headers: &self.headers,
            jar,
            site,
            url: &self.url,
            texts,
        }
    }

    /// The decoded body; `None` if it cannot be decoded.
    pub(super) fn body(&self) -> Option<&[u8]> {
        self.body.as_deref()
    }
}

impl Conditions {
    /// Compiles conditions; names in values must be in `scope`.
    pub(super) fn compile(files: &[CheckFile], scope: &Scope) -> Result<Self, KeyError> {
        let mut conditions = Self::default();
        if files.is_empty() {
            return Err(KeyError::Conflict("there is no condition in it".to_owned()));
        }
        for file in files {
            let Some(value) = &file.value else {
                let checks = Check::compile(file, &mut conditions.sources, scope)?;
                conditions.checks.extend(checks);
                continue;
            };
            // Everything that is known of a value; whatever else is written concerns an answer.
            let known = CheckFile {
                value: file.value.clone(),
                equals: file.equals.clone(),
                contains: file.contains.clone(),
                lacks: file.lacks.clone(),
                matches: file.matches.clone(),
                ..CheckFile::default()
            };
            let compiled = Condition::for_text(file, &mut conditions.sources, scope)?;
            if known != *file || compiled.is_empty() {
                let text = "a `value` is compared by `equals`, `contains`, `lacks` or `matches`";
                return Err(KeyError::Conflict(text.to_owned()));
            }
            let value = Template::compile(value, Escape::None, scope)?;
            conditions.values.push((value, compiled));
        }
        Ok(conditions)
    }

    /// True if some condition is on an answer.
    pub(super) fn read_answer(&self) -> bool {
        !self.checks.is_empty()
    }

    /// True if some condition reads the body of an answer.
    pub(super) fn read_body(&self) -> bool {
        self.sources.read_body
    }

    /// True if the conditions on the last answer hold; without an answer none does.
    pub(super) fn hold_for(&self, seen: Option<&LastAnswer>, jar: &Jar, site: &Site, texts: &Texts) -> bool {
        self.checks.is_empty()
            || seen.is_some_and(|seen| {
                let body = seen.body();
                body.is_some_and(|body| self.hold_in(body, seen.around(jar, site, texts)))
            })
    }

    /// True if the conditions on an answer hold for this one.
    pub(super) fn hold_in(&self, body: &[u8], around: AnswerContext<'_>) -> bool {
        let reading = self.sources.read(body, around);
        reading.is_some_and(|reading| self.checks.iter().all(|check| check.holds(&reading)))
    }

    /// The texts that the conditions compare with, filled with one user's values.
    pub(super) fn texts(&self, values: &mut Values<'_>) -> Vec<Option<String>> {
        self.sources.texts(values)
    }

    /// True if the conditions on values hold; one on a value that no answer has given does not.
    pub(super) fn hold_of(&self, values: &mut Values<'_>, texts: &Texts) -> bool {
        self.values.iter().all(|(value, conditions)| {
            let mut text = String::new();
            // A value that no answer has given meets no condition.
            let known = value.render(values, &mut text).is_ok();
            known && conditions.iter().all(|condition| condition.holds_for(&text, texts))
        })
    }
}
