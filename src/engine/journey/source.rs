//! Parts of an answer that checks and extractions read.

use std::borrow::Cow;

use hyper::header::{HeaderMap, HeaderName, HeaderValue};

use super::KeyError;
use super::escape::Escape;
use super::html::HtmlSelectors;
use super::jar::{Jar, Site};
use super::query::Queries;
use super::scan::MatchedValue;
use super::scope::Scope;
use super::template::{Template, Values};

/// A part of an answer, compiled.
#[derive(Debug)]
pub(super) enum Source {
    /// The whole body as text.
    Body,
    /// Matches of the JSON path of that index.
    Json(usize),
    /// Matches of the CSS selector of that index.
    Css(usize),
    /// Values of a header.
    Header(HeaderName),
    /// Value of a cookie that the user has after the answer.
    Cookie(Box<str>),
    /// Path and query of the last request, redirects included.
    Url,
}

/// A part of an answer as it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct SourceFile<'a> {
    pub(super) json: Option<&'a String>,
    pub(super) css: Option<&'a String>,
    pub(super) attribute: Option<&'a String>,
    pub(super) header: Option<&'a String>,
    pub(super) cookie: Option<&'a String>,
}

/// A text to compare with.
#[derive(Debug)]
pub(super) enum ExpectedText {
    Constant(Box<str>),
    /// The template of that index, filled with the values of the user.
    Filled(usize),
}

/// Filled templates, in the order in which the sources know them; `None` for one that lacks a value.
pub(super) type Texts = [Option<String>];

/// Everything that one step reads from its answer.
#[derive(Debug, Default)]
pub(super) struct Sources {
    queries: Queries,
    pages: HtmlSelectors,
    texts: Vec<Template>,
    /// True if something reads the body.
    pub(super) read_body: bool,
}

/// Surroundings of a body: the head of its answer, and the user after it.
#[derive(Debug, Clone, Copy)]
pub(super) struct AnswerContext<'a> {
    pub(super) status: u16,
    pub(super) headers: &'a HeaderMap,
    pub(super) jar: &'a Jar,
    pub(super) site: &'a Site,
    /// Path and query of the last request.
    pub(super) url: &'a str,
    /// Texts to compare with, as [`Sources::texts`] fills them.
    pub(super) texts: &'a Texts,
}

/// An answer, read for one step.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    pub(super) body: &'a [u8],
    json: Vec<Vec<MatchedValue<'a>>>,
    pages: Vec<Vec<String>>,
    texts: &'a Texts,
    around: Option<AnswerContext<'a>>,
}

impl Sources {
    /// Adds what is written; the body if it names nothing.
    pub(super) fn add(&mut self, file: SourceFile<'_>) -> Result<Source, KeyError> {
        if file.attribute.is_some() && file.css.is_none() {
            return Err(KeyError::Conflict(
                "`attribute` is of an element that `css` finds".to_owned(),
            ));
        }
        let source = match (file.json, file.css, file.header, file.cookie) {
            (None, None, None, None) => Source::Body,
            (Some(path), None, None, None) => Source::Json(self.queries.add(path)?),
            (None, Some(selector), None, None) => {
                let attribute = file.attribute.map(String::as_str);
                Source::Css(self.pages.add(selector, attribute)?)
            }
            (None, None, Some(name), None) => Source::Header(name.parse().map_err(|_| KeyError::Value {
                given: name.clone(),
                expected: "a header's name",
            })?),
            (None, None, None, Some(name)) => Source::Cookie(name.as_str().into()),
            _ => {
                let one = "one part of the answer is read: `json`, `css`, `header` or `cookie`";
                return Err(KeyError::Conflict(one.to_owned()));
            }
        };
        self.read_body |= matches!(source, Source::Body | Source::Json(_) | Source::Css(_));
        Ok(source)
    }

    /// Adds a text to compare with, of which names must be in `scope`.
    pub(super) fn add_expected_text(&mut self, text: &str, scope: &Scope) -> Result<ExpectedText, KeyError> {
        if !text.contains("{{") {
            return Ok(ExpectedText::Constant(text.into()));
        }
        self.texts.push(Template::compile(text, Escape::None, scope)?);
        Ok(ExpectedText::Filled(self.texts.len() - 1))
    }

    /// The texts to compare with, filled with one user's values; without templates nothing is allocated.
    pub(super) fn texts(&self, values: &mut Values<'_>) -> Vec<Option<String>> {
        let filled = self.texts.iter().map(|template| {
            let mut text = String::new();
            template.render(values, &mut text).ok().map(|()| text)
        });
        filled.collect()
    }

    /// True if the answer is read as HTML.
    pub(super) fn read_html(&self) -> bool {
        !self.pages.is_empty()
    }

    /// Reads the body of an answer; `None` if it should be JSON and is not.
    pub(super) fn read<'a>(&self, body: &'a [u8], around: AnswerContext<'a>) -> Option<Reading<'a>> {
        self.reading(body, around.texts, Some(around))
    }

    /// Reads a message, which has nothing around it; `None` if it should be JSON and is not.
    pub(super) fn read_message<'a>(&self, text: &'a [u8], texts: &'a Texts) -> Option<Reading<'a>> {
        self.reading(text, texts, None)
    }

    fn reading<'a>(&self, body: &'a [u8], texts: &'a Texts, around: Option<AnswerContext<'a>>) -> Option<Reading<'a>> {
        let json = if self.queries.is_empty() {
            Vec::new()
        } else {
            self.queries.run(body)?
        };
        let pages = if self.pages.is_empty() {
            Vec::new()
        } else {
            self.pages.run(body)
        };
        Some(Reading {
            body,
            json,
            pages,
            texts,
            around,
        })
    }
}

impl<'a> Reading<'a> {
    /// Values of that part, in order. Text that is not UTF-8 is read as far as it goes.
    pub(super) fn values(&self, source: &Source) -> Cow<'_, [MatchedValue<'_>]> {
        match source {
            Source::Json(index) => Cow::Borrowed(&self.json[*index]),
            Source::Css(index) => self.pages[*index]
                .iter()
                .map(|text| MatchedValue::Text(text.into()))
                .collect(),
            Source::Body => Cow::Owned(vec![MatchedValue::Text(String::from_utf8_lossy(self.body))]),
            Source::Header(name) => {
                let values = self.around.iter().flat_map(|around| around.headers.get_all(name));
                values.map(|value| MatchedValue::Text(text_of(value))).collect()
            }
            Source::Cookie(name) => {
                let cookie = self.around.and_then(|around| {
                    let path = around.url.split('?').next().unwrap_or_default();
                    around.jar.get(name, around.site, path)
                });
                cookie.into_iter().map(|text| MatchedValue::Text(text.into())).collect()
            }
            Source::Url => self
                .url()
                .into_iter()
                .map(|url| MatchedValue::Text(url.into()))
                .collect(),
        }
    }

    /// The filled templates.
    pub(super) fn texts(&self) -> &'a Texts {
        self.texts
    }

    /// Status of the answer; `None` for a message of a WebSocket.
    pub(super) fn status(&self) -> Option<u16> {
        self.around.map(|around| around.status)
    }

    /// Path and query of the last request; `None` for a message of a WebSocket.
    pub(super) fn url(&self) -> Option<&'a str> {
        self.around.map(|around| around.url)
    }
}

impl ExpectedText {
    /// The text; `None` if it lacks a value.
    pub(super) fn text<'a>(&'a self, texts: &'a Texts) -> Option<&'a str> {
        match self {
            Self::Constant(text) => Some(text),
            Self::Filled(index) => texts.get(*index)?.as_deref(),
        }
    }
}

fn text_of(value: &HeaderValue) -> Cow<'_, str> {
    String::from_utf8_lossy(value.as_bytes())
}
