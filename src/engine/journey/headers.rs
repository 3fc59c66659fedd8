//! Headers of a step's request.

use std::collections::BTreeMap;

use hyper::header::{HeaderMap, HeaderName, HeaderValue};

use super::KeyError;
use super::escape::Escape;
use super::file::StepFile;
use super::part::RequestPart;
use super::scope::Scope;

/// Headers, compiled.
pub(super) type Headers = Box<[(HeaderName, RequestPart<HeaderValue>)]>;

/// Compiles the journey's headers and those of the step, which replace the journey's and the `defaults`. A header with an empty value
/// is not sent.
pub(super) fn compile_headers(
    file: &StepFile,
    journey: &BTreeMap<String, String>,
    defaults: [(HeaderName, Option<HeaderValue>); 3],
    scope: &Scope,
) -> Result<Headers, (String, KeyError)> {
    let defaults = defaults
        .into_iter()
        .filter_map(|(name, value)| Some((name, RequestPart::Constant(value?))));
    let mut headers: HeaderMap<RequestPart<HeaderValue>> = defaults.collect();
    for (written, value) in journey.iter().chain(&file.headers) {
        let at = |error| (format!("headers.{written}"), error);
        let name = written.parse::<HeaderName>().map_err(|_| {
            at(KeyError::Value {
                given: written.clone(),
                expected: "a header's name",
            })
        })?;
        let make = |text: &str| HeaderValue::from_str(text).ok();
        let value = RequestPart::compile(value, Escape::None, scope, make, "a header's value").map_err(at)?;
        if matches!(&value, RequestPart::Constant(value) if value.is_empty()) {
            headers.remove(name);
        } else {
            headers.insert(name, value);
        }
    }
    let named = headers.into_iter().filter_map(|(name, value)| Some((name?, value)));
    Ok(named.collect())
}
