//! JSON paths over an answer's body.
//!
//! Paths of names, positions and `[*]`, which are nearly all, are found in one pass over the text without building a document.
//! This is some five times cheaper. Others (filters, slices, `..`) are left to a full JSON path engine.

use serde_json::Value;
use serde_json_path::{JsonPath, PathElement};

use super::KeyError;
use super::scan::MatchedValue;
use super::scan::{self, Node, Selector};

/// Longest path, in bytes. Paths are walked by recursion, and a longer one was not written by hand.
const LONGEST_PATH: usize = 1_024;
/// Deepest nesting of brackets. The engine reads a filter several times, so that the cost multiplies with each level.
const DEEPEST_PATH: usize = 6;
/// Byte order mark of UTF-8. Readers of JSON may ignore it (RFC 8259, section 8.1), and browsers do.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Depth of nested brackets; those in a quoted name count as well.
fn depth(text: &str) -> usize {
    let mut now = 0_usize;
    let depths = text.chars().map(|letter| {
        match letter {
            '[' | '(' => now += 1,
            ']' | ')' => now = now.saturating_sub(1),
            _ => {}
        }
        now
    });
    depths.max().unwrap_or(0)
}

/// All JSON paths of one step, by index in the order they were added.
#[derive(Debug, Default)]
pub(super) struct Queries {
    count: usize,
    scanned: Node,
    full: Vec<(usize, JsonPath)>,
}

impl Queries {
    /// Adds a path and returns its index.
    pub(super) fn add(&mut self, text: &str) -> Result<usize, KeyError> {
        if text.len() > LONGEST_PATH || depth(text) > DEEPEST_PATH {
            return Err(KeyError::Value {
                given: text.chars().take(40).collect(),
                expected: "short enough: a JSON path has at most 1,024 letters and 6 brackets within each other",
            });
        }
        let path = JsonPath::parse(text).map_err(|source| KeyError::JsonPath {
            text: text.to_owned(),
            source: Box::new(source),
        })?;
        let index = self.count;
        self.count += 1;
        // Plain paths are found in one pass over the bytes. Filters and slices need the whole document as a tree.
        match selectors(text) {
            Some(selectors) => self.scanned.add(&selectors, index),
            None => self.full.push((index, path)),
        }
        Ok(index)
    }

    /// True if there is no path at all, so that a body need not be read as JSON.
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Matches of each path, in the order of the document; `None` if the body is not JSON.
    pub(super) fn run<'a>(&self, body: &'a [u8]) -> Option<Vec<Vec<MatchedValue<'a>>>> {
        let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
        let mut found = vec![Vec::new(); self.count];
        if self.full.len() < self.count {
            scan::run(&self.scanned, body, &mut found).ok()?;
        }
        if !self.full.is_empty() {
            let document: Value = serde_json::from_slice(body).ok()?;
            for (index, path) in &self.full {
                found[*index] = located(path, &document, body)?;
            }
        }
        Some(found)
    }
}

/// Matches of a path as the text has them: the engine's document holds numbers that have been changed.
fn located<'a>(path: &JsonPath, document: &Value, body: &'a [u8]) -> Option<Vec<MatchedValue<'a>>> {
    let located = path.query_located(document);
    let mut paths = Node::default();
    for (index, node) in located.iter().enumerate() {
        let selectors: Vec<Selector> = node.location().iter().map(selector).collect();
        paths.add(&selectors, index);
    }
    let mut found = vec![Vec::new(); located.len()];
    scan::run(&paths, body, &mut found).ok()?;
    // Of members with one name, the document has the last.
    found.into_iter().map(|mut values| values.pop()).collect()
}

fn selector(element: &PathElement<'_>) -> Selector {
    match element {
        PathElement::Name(name) => Selector::Name((*name).into()),
        PathElement::Index(index) => Selector::Index(*index),
    }
}

/// Splits the path into names, positions and wildcards; `None` if it has anything else.
fn selectors(text: &str) -> Option<Vec<Selector>> {
    let mut rest = text.trim().strip_prefix('$')?;
    let mut selectors = Vec::new();
    while !rest.is_empty() {
        let (selector, after) = if let Some(after) = rest.strip_prefix("[*]") {
            (Selector::Any, after)
        } else if let Some(after) = rest.strip_prefix('[') {
            let (index, after) = after.split_once(']')?;
            (Selector::Index(index.parse().ok()?), after)
        } else {
            let name = rest.strip_prefix('.')?;
            let end = name
                .find(|character: char| !character.is_alphanumeric() && character != '_')
                .unwrap_or(name.len());
            if end == 0 {
                return None;
            }
            (Selector::Name(name[..end].into()), &name[end..])
        };
        selectors.push(selector);
        rest = after;
    }
    Some(selectors)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DOCUMENT: &str = r#"{"data": [{"id": "a\u00e9", "n": 1, "tags": ["x", "y"]}, {"n": 2.5, "id": "b", "owner": null},
        {"id": "c", "owner": {"id": "o"}}], "meta": {"total": 3, "more": false}, "id": "top"}"#;

    /// The value; of an array or object, that it is one.
    fn shown(found: &MatchedValue<'_>) -> String {
        match found {
            MatchedValue::Container(_) => "container".to_owned(),
            found => found.to_text().map_or_else(|| format!("{found:?}"), String::from),
        }
    }

    fn run(texts: &[&str], body: &str) -> Option<Vec<Vec<String>>> {
        let mut queries = Queries::default();
        for text in texts {
            queries.add(text).unwrap();
        }
        let found = queries.run(body.as_bytes())?;
        Some(
            found
                .iter()
                .map(|matches| matches.iter().map(shown).collect())
                .collect(),
        )
    }

    #[test]
    fn one_pass_finds_what_the_full_engine_finds() {
        let paths = [
            "$",
            "$.data",
            "$.data[*]",
            "$.data[*].id",
            "$.data[1].n",
            "$.data[0].tags[*]",
            "$.meta.total",
            "$.meta.more",
            "$.id",
            "$.data[*].owner",
            "$.data[2].owner.id",
            "$.nothing",
            "$.id[0]",
            "$.data.id",
            "$.data[*].tags[1]",
            "$.data[7]",
        ];
        let scanned = run(&paths, DOCUMENT).unwrap();
        let document: Value = serde_json::from_str(DOCUMENT).unwrap();
        for (path, scanned) in paths.iter().zip(scanned) {
            assert!(selectors(path).is_some(), "{path}");
            let full: Vec<String> = JsonPath::parse(path)
                .unwrap()
                .query(&document)
                .iter()
                .map(|value| MatchedValue::from_value(value))
                .map(|found| shown(&found))
                .collect();
            assert_eq!(scanned, full, "{path}");
        }
    }

    /// A path that is scanned, over names and positions that the documents below have.
    fn simple_path() -> impl Strategy<Value = String> {
        let part = prop::sample::select(&[".a", ".b", ".\u{e9}", "[0]", "[1]", "[*]"][..]);
        prop::collection::vec(part, 0..5).prop_map(|parts| format!("${}", parts.concat()))
    }

    fn document() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "\\PC{0,4}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            let name = prop::sample::select(&["a", "b", "\u{e9}", ""][..]).prop_map(str::to_owned);
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map(name, inner, 0..4).prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn one_pass_finds_what_the_full_engine_finds_in_any_document(
            paths in prop::collection::vec(simple_path(), 1..4),
            document in document(),
        ) {
            let text = document.to_string();
            // As it is read: a number may lose its last digit on the way through text.
            let document: Value = serde_json::from_str(&text).unwrap();
            let mut queries = Queries::default();
            for path in &paths {
                queries.add(path).unwrap();
            }
            prop_assert!(queries.full.is_empty());
            let found = queries.run(text.as_bytes()).unwrap();
            for (path, found) in paths.iter().zip(found) {
                let nodes = JsonPath::parse(path).unwrap();
                let full: Vec<_> = nodes.query(&document).iter().map(|value| MatchedValue::from_value(value)).collect();
                // Several matches come in the order of the document from both.
                prop_assert_eq!(found, full, "{} in {}", path, text);
            }
        }

        #[test]
        fn any_body_is_read_or_is_not_json(body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..100),
            "[\\[\\]{}\",:a1e.-]{0,60}".prop_map(String::into_bytes),
            (1..20_000_usize).prop_map(|deep| "[".repeat(deep).into_bytes()),
            (1..20_000_usize).prop_map(|deep| "{\"a\":".repeat(deep).into_bytes()),
        ]) {
            let mut queries = Queries::default();
            for path in ["$.a[0].a", "$[*][*]", "$..a"] {
                queries.add(path).unwrap();
            }
            let read = queries.run(&body).is_some();
            prop_assert_eq!(read, serde_json::from_slice::<Value>(&body).is_ok());
        }
    }

    #[test]
    fn other_paths_go_to_the_full_engine() {
        for path in [
            "$..id",
            "$.data[?@.n > 1].id",
            "$.data[-1].id",
            "$['id']",
            "$.data[0:2].id",
            "$.*",
        ] {
            assert!(selectors(path).is_none(), "{path}");
        }
        let found = run(&["$.data[?@.n > 1].id", "$.id", "$.data[-1].id"], DOCUMENT).unwrap();
        assert_eq!(found, [["b"], ["top"], ["c"]]);
    }

    #[test]
    fn what_is_not_json_is_told_from_what_does_not_match() {
        assert_eq!(run(&["$.id"], "<html>"), None);
        assert_eq!(run(&["$.id"], "{\"id\": 1"), None);
        assert_eq!(run(&["$.id"], "{\"id\": 1} trailing"), None);
        assert_eq!(run(&["$..id"], ""), None);
        for path in ["$.id", "$..id"] {
            assert_eq!(run(&[path], "\u{feff} {\"id\": \"a\"}\r\n").unwrap(), [["a"]]);
        }
        assert_eq!(run(&["$.id"], "[]").unwrap(), [Vec::<String>::new()]);
    }

    #[test]
    fn a_path_that_does_not_parse_is_refused() {
        assert_eq!(
            Queries::default().add("data.id").unwrap_err().to_string(),
            "`data.id` is not a JSON path"
        );
    }
}
