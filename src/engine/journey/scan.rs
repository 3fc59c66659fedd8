//! Finding the values of several simple JSON paths in one pass over the text.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// A value that a path matched.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum MatchedValue<'a> {
    Text(Cow<'a, str>),
    /// A number exactly as it came: `10.00`, `1e3`, more digits than any number type holds.
    Number(Cow<'a, str>),
    Bool(bool),
    Null,
    /// An array or object, as JSON.
    Container(Cow<'a, str>),
}

/// Elements of a JSON array, as they go into templates: texts without quotes, everything else as it is written. `None` if the
/// text is no JSON array.
pub(super) fn elements(text: &str) -> Option<Vec<Box<str>>> {
    let raws: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    let elements = raws.into_iter().map(|raw| {
        let found = MatchedValue::from_raw(raw.get()).ok()?;
        Some(found.to_text().unwrap_or_else(|| raw.get().into()))
    });
    elements.collect()
}

impl<'a> MatchedValue<'a> {
    /// The value as text, arrays and objects as JSON.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) | Self::Number(text) | Self::Container(text) => Cow::Borrowed(text),
            Self::Bool(_) | Self::Null => Cow::Owned(self.to_json()),
        }
    }

    /// The value as it goes into a template; `None` for null, arrays and objects.
    pub(super) fn to_text(&self) -> Option<Box<str>> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(text.as_ref().into()),
            Self::Bool(value) => Some(value.to_string().into()),
            Self::Null | Self::Container(_) => None,
        }
    }

    /// The value as JSON.
    pub(super) fn to_json(&self) -> String {
        match self {
            Self::Text(text) => Value::from(text.as_ref()).to_string(),
            Self::Number(text) | Self::Container(text) => text.as_ref().to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Null => "null".to_owned(),
        }
    }

    /// Reads the text of one valid JSON value.
    pub(super) fn from_raw(raw: &'a str) -> Result<Self, serde_json::Error> {
        Ok(match raw.as_bytes().first() {
            Some(b'"') if raw.contains('\\') => Self::Text(Cow::Owned(serde_json::from_str(raw)?)),
            // Without an escape the text is a part of the body: nothing is copied.
            Some(b'"') => Self::Text(Cow::Borrowed(raw.trim_matches('"'))),
            Some(b'{' | b'[') => Self::Container(Cow::Borrowed(raw)),
            Some(b't') => Self::Bool(true),
            Some(b'f') => Self::Bool(false),
            Some(b'n') | None => Self::Null,
            Some(_) => Self::Number(Cow::Borrowed(raw)),
        })
    }

    #[cfg(test)]
    pub(super) fn from_value(value: &Value) -> MatchedValue<'static> {
        match value {
            Value::String(text) => MatchedValue::Text(Cow::Owned(text.clone())),
            Value::Number(number) => MatchedValue::Number(number.to_string().into()),
            Value::Bool(value) => MatchedValue::Bool(*value),
            Value::Null => MatchedValue::Null,
            Value::Array(_) | Value::Object(_) => MatchedValue::Container(value.to_string().into()),
        }
    }
}

/// One part of a simple path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Selector {
    /// `.name`
    Name(Box<str>),
    /// `[3]`
    Index(usize),
    /// `[*]`, of arrays and objects alike
    Any,
}

/// A tree of paths; each path ends at a node that holds its index.
#[derive(Debug, Default)]
pub(super) struct Node {
    children: Vec<(Selector, Node)>,
    ends: Vec<usize>,
}

impl Node {
    /// Adds the path with that index.
    pub(super) fn add(&mut self, path: &[Selector], index: usize) {
        let Some((first, rest)) = path.split_first() else {
            self.ends.push(index);
            return;
        };
        let position = self.children.iter().position(|(selector, _)| selector == first);
        let position = position.unwrap_or_else(|| {
            self.children.push((first.clone(), Self::default()));
            self.children.len() - 1
        });
        self.children[position].1.add(rest, index);
    }
}

/// Reads `body` as JSON and adds the matches of each path to `found`, at the index of the path.
pub(super) fn run<'de>(
    paths: &Node,
    body: &'de [u8],
    found: &mut [Vec<MatchedValue<'de>>],
) -> Result<(), serde_json::Error> {
    let mut text = serde_json::Deserializer::from_slice(body);
    let nodes = &[paths];
    Scan { nodes, found }.deserialize(&mut text)?;
    text.end()
}

/// Visitor of the value at the position that all of `nodes` have led to.
struct Scan<'s, 'n, 'de> {
    nodes: &'s [&'n Node],
    found: &'s mut [Vec<MatchedValue<'de>>],
}

impl<'n> Scan<'_, 'n, '_> {
    fn children(&self) -> impl Iterator<Item = &'n (Selector, Node)> {
        self.nodes.iter().flat_map(|node| &node.children)
    }
}

impl<'de> DeserializeSeed<'de> for Scan<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.nodes.iter().all(|node| node.ends.is_empty()) {
            return deserializer.deserialize_any(self);
        }
        // The text itself is kept: a number type would change what does not fit it.
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        let value = MatchedValue::from_raw(raw).map_err(D::Error::custom)?;
        for index in self.nodes.iter().flat_map(|node| &node.ends) {
            self.found[*index].push(value.clone());
        }
        if self.nodes.iter().any(|node| !node.children.is_empty()) {
            let mut inside = serde_json::Deserializer::from_str(raw);
            inside.deserialize_any(self).map_err(D::Error::custom)?;
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for Scan<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let mut next = Vec::new();
        for position in 0.. {
            next.clear();
            next.extend(self.children().filter_map(|(selector, node)| match selector {
                Selector::Index(index) if *index == position => Some(node),
                Selector::Any => Some(node),
                _ => None,
            }));
            let more = if next.is_empty() {
                // The parser skips what no path leads to, without a value for it.
                elements.next_element::<IgnoredAny>()?.is_some()
            } else {
                let (nodes, found) = (&next[..], &mut *self.found);
                elements.next_element_seed(Scan { nodes, found })?.is_some()
            };
            if !more {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut next = Vec::new();
        loop {
            next.clear();
            let name = Name {
                nodes: self.nodes,
                next: &mut next,
            };
            if members.next_key_seed(name)?.is_none() {
                return Ok(());
            }
            if next.is_empty() {
                members.next_value::<IgnoredAny>()?;
            } else {
                let (nodes, found) = (&next[..], &mut *self.found);
                members.next_value_seed(Scan { nodes, found })?;
            }
        }
    }
}

/// Visitor of a member's name: collects the nodes that it leads to.
struct Name<'s, 'n> {
    nodes: &'s [&'n Node],
    next: &'s mut Vec<&'n Node>,
}

impl<'de> DeserializeSeed<'de> for Name<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_str<E>(self, name: &str) -> Result<(), E> {
        let children = self.nodes.iter().flat_map(|node| &node.children);
        self.next.extend(children.filter_map(|(selector, node)| match selector {
            Selector::Name(wanted) if **wanted == *name => Some(node),
            Selector::Any => Some(node),
            _ => None,
        }));
        Ok(())
    }
}
