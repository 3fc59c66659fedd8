//! Parts of a request: constant text, or a template that one user's values fill.

use bytes::Bytes;
use hyper::header::HeaderValue;

use super::KeyError;
use super::escape::Escape;
use super::scope::Scope;
use super::template::{MissingValue, Template, Values};

/// A part of a request; made once if it is the same for every request.
#[derive(Debug)]
pub(super) enum RequestPart<T> {
    Constant(T),
    Template(Template),
}

impl<T> RequestPart<T> {
    pub(super) fn compile(
        text: &str,
        escape: Escape,
        scope: &Scope,
        make: impl FnOnce(&str) -> Option<T>,
        expected: &'static str,
    ) -> Result<Self, KeyError> {
        let template = Template::compile(text, escape, scope)?;
        match template.constant() {
            None => Ok(Self::Template(template)),
            Some(text) => make(text).map(Self::Constant).ok_or_else(|| KeyError::Value {
                given: text.to_owned(),
                expected,
            }),
        }
    }
}

impl<T> RequestPart<T> {
    /// Indices of the variables that fill it.
    pub(super) fn slots(&self) -> impl Iterator<Item = usize> {
        let template = match self {
            Self::Constant(_) => None,
            Self::Template(template) => Some(template),
        };
        template.into_iter().flat_map(Template::slots)
    }
}

pub(super) fn filled(template: &Template, values: &mut Values<'_>) -> Result<Bytes, MissingValue> {
    // Room for a token, so that most are written without growing.
    let mut text = String::with_capacity(256);
    template.render(values, &mut text)?;
    Ok(Bytes::from(text))
}

/// The text, filled with one user's values.
pub(super) fn rendered(text: &RequestPart<Bytes>, values: &mut Values<'_>) -> Result<Bytes, MissingValue> {
    match text {
        RequestPart::Constant(text) => Ok(text.clone()),
        RequestPart::Template(template) => filled(template, values),
    }
}

pub(super) fn header_value(
    value: &RequestPart<HeaderValue>,
    values: &mut Values<'_>,
) -> Result<HeaderValue, MissingValue> {
    match value {
        RequestPart::Constant(value) => Ok(value.clone()),
        RequestPart::Template(template) => {
            HeaderValue::from_maybe_shared(filled(template, values)?).map_err(|_| MissingValue)
        }
    }
}

pub(super) fn json_of(value: &toml::Value) -> serde_json::Value {
    match value {
        toml::Value::String(text) => text.as_str().into(),
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Float(number) => (*number).into(),
        toml::Value::Boolean(value) => (*value).into(),
        toml::Value::Datetime(time) => time.to_string().into(),
        toml::Value::Array(elements) => elements.iter().map(json_of).collect(),
        toml::Value::Table(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), json_of(value)))
            .collect(),
    }
}
