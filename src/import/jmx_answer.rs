//! Extractors and assertions of a `JMeter` plan, as keys of a step.

use roxmltree::Node;
use toml::{Table, Value};

use super::jmx_element::Element;
use super::jmx_text::Texts;
use super::marker;
use super::names::value_name;

/// Bits of the kind of an assertion.
const NOT: u32 = 4;
const EQUALS: u32 = 8;
const SUBSTRING: u32 = 16;

/// Values or checks that an element reads from the answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reads {
    /// Values by name.
    Values(Vec<(String, Table)>),
    /// Checks.
    Checks(Vec<Table>),
    /// Statuses that are expected.
    Statuses(Vec<u16>),
    /// Something that journeys cannot.
    Nothing,
}

/// Values or checks that this element reads from the answer; `None` if it is of another kind.
pub(super) fn reads(element: &Element<'_>, texts: &mut Texts) -> Option<Reads> {
    Some(match element.kind() {
        "JSONPostProcessor" => json(element),
        "RegexExtractor" => regex(element),
        "BoundaryExtractor" => boundaries(element),
        "HtmlExtractor" => css(element),
        "ResponseAssertion" => assertion(element, texts),
        "JSONPathAssertion" => json_assertion(element, texts),
        "SizeAssertion" | "DurationAssertion" | "XPathExtractor" | "XPath2Extractor" | "XPathAssertion"
        | "HTMLAssertion" | "MD5HexAssertion" | "JMESPathExtractor" | "JMESPathAssertion" => Reads::Nothing,
        _ => return None,
    })
}

fn table(pairs: &[(&str, &str)]) -> Table {
    let pairs = pairs.iter().filter(|(_, value)| !value.is_empty());
    pairs
        .map(|(key, value)| ((*key).to_owned(), Value::String((*value).to_owned())))
        .collect()
}

/// Adds the choice among several matches, and the default.
fn chosen(mut table: Table, number: &str, default: &str) -> Table {
    match number.trim().parse::<i64>() {
        Ok(0) => {
            table.insert("pick".to_owned(), "random".into());
        }
        Ok(-1) => {
            table.insert("pick".to_owned(), "all".into());
        }
        Ok(number @ 2..) => {
            table.insert("index".to_owned(), Value::Integer(number - 1));
        }
        _ => {
            table.insert("pick".to_owned(), "first".into());
        }
    }
    // JMeter's own word for a value that was not found is none to go on with.
    if !default.is_empty() && !default.to_ascii_lowercase().contains("not_found") && !default.contains("NOT FOUND") {
        table.insert("default".to_owned(), default.into());
    }
    table
}

fn json(element: &Element<'_>) -> Reads {
    let parts = |name| element.text(name).split(';').map(str::trim);
    let (mut numbers, mut defaults) = (
        parts("JSONPostProcessor.match_numbers"),
        parts("JSONPostProcessor.defaultValues"),
    );
    let pairs = parts("JSONPostProcessor.referenceNames").zip(parts("JSONPostProcessor.jsonPathExprs"));
    let values = pairs.filter(|(name, _)| !name.is_empty()).map(|(name, path)| {
        let number = numbers.next().filter(|number| !number.is_empty()).unwrap_or("1");
        let default = defaults.next().unwrap_or_default();
        (value_name(name), chosen(table(&[("json", path)]), number, default))
    });
    Reads::Values(values.collect())
}

fn regex(element: &Element<'_>) -> Reads {
    let pattern = element.text("RegexExtractor.regex");
    // Other templates put several groups together.
    if !matches!(element.text("RegexExtractor.template").trim(), "" | "$1$" | "$0$")
        || ::regex::Regex::new(pattern).is_err()
    {
        return Reads::Nothing;
    }
    let found = table(&[("regex", pattern)]);
    one(
        element,
        "RegexExtractor.refname",
        found,
        "RegexExtractor.match_number",
        "RegexExtractor.default",
    )
}

fn boundaries(element: &Element<'_>) -> Reads {
    let [left, right] =
        ["BoundaryExtractor.lboundary", "BoundaryExtractor.rboundary"].map(|name| ::regex::escape(element.text(name)));
    let found = table(&[("regex", &format!("{left}(.*?){right}"))]);
    one(
        element,
        "BoundaryExtractor.refname",
        found,
        "BoundaryExtractor.match_number",
        "BoundaryExtractor.default",
    )
}

fn css(element: &Element<'_>) -> Reads {
    let found = table(&[
        ("css", element.text("HtmlExtractor.expr")),
        ("attribute", element.text("HtmlExtractor.attribute")),
    ]);
    one(
        element,
        "HtmlExtractor.refname",
        found,
        "HtmlExtractor.match_number",
        "HtmlExtractor.default",
    )
}

fn one(element: &Element<'_>, name: &str, found: Table, number: &str, default: &str) -> Reads {
    let name = element.text(name);
    if name.is_empty() || found.is_empty() {
        return Reads::Nothing;
    }
    let found = chosen(found, element.text(number), element.text(default));
    Reads::Values(vec![(value_name(name), found)])
}

fn assertion(element: &Element<'_>, texts: &mut Texts) -> Reads {
    // The name of the collection is misspelt in JMeter's own files.
    let patterns: Vec<&str> = element
        .items("Asserion.test_strings")
        .into_iter()
        .filter_map(|item: Node<'_, '_>| item.text())
        .collect();
    let kind = element
        .number("Assertion.test_type")
        .map_or(SUBSTRING, crate::units::saturating_u32);
    let is_not = kind & NOT != 0;
    let field = element.text("Assertion.test_field");
    if field.ends_with("response_code") {
        let statuses: Vec<u16> = patterns.iter().filter_map(|text| text.trim().parse().ok()).collect();
        let is_plain = !is_not && statuses.len() == patterns.len() && !statuses.is_empty();
        return if is_plain {
            Reads::Statuses(statuses)
        } else {
            Reads::Nothing
        };
    }
    if !field.ends_with("response_data") {
        return Reads::Nothing;
    }
    let check = |pattern: &str, texts: &mut Texts| {
        let mut braces = false;
        let plain = marker::template(&texts.read(pattern), &mut braces);
        if kind & SUBSTRING != 0 {
            return Some(table(&[(if is_not { "lacks" } else { "contains" }, &plain)]));
        }
        // `matches` is a regular expression that anything may be around.
        let is_regex = !is_not && kind & EQUALS == 0 && ::regex::Regex::new(pattern).is_ok();
        is_regex.then(|| table(&[("matches", pattern)]))
    };
    let checks: Vec<Table> = patterns.iter().filter_map(|pattern| check(pattern, texts)).collect();
    if checks.is_empty() {
        Reads::Nothing
    } else {
        Reads::Checks(checks)
    }
}

fn json_assertion(element: &Element<'_>, texts: &mut Texts) -> Reads {
    let mut check = table(&[("json", element.text("JSON_PATH"))]);
    if check.is_empty() || element.is_true("INVERT") {
        return Reads::Nothing;
    }
    if element.is_true("JSONVALIDATION") {
        let expected = element.text("EXPECTED_VALUE");
        if element.is_true("ISREGEX") {
            check.insert("matches".to_owned(), expected.into());
        } else {
            let mut braces = false;
            let text = marker::template(&texts.read(expected), &mut braces);
            let value = match (text.parse::<i64>(), text.parse::<bool>()) {
                (Ok(number), _) => Value::Integer(number),
                (_, Ok(boolean)) => Value::Boolean(boolean),
                _ => Value::String(text),
            };
            check.insert("equals".to_owned(), value);
        }
    }
    Reads::Checks(vec![check])
}
