//! Finding the values of several simple JSON paths in one pass over the text.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

/// A value that a path matched.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Found<'a> {
    Text(Cow<'a, str>),
    Number(Number),
    Bool(bool),
    Null,
    /// An array or object: it exists, but is no value to compare or keep.
    Container,
}

impl Found<'_> {
    /// The value as it goes into a template; `None` for null, arrays and objects.
    pub(super) fn to_text(&self) -> Option<Box<str>> {
        match self {
            Self::Text(text) => Some(text.as_ref().into()),
            Self::Number(number) => Some(number.to_string().into()),
            Self::Bool(value) => Some(value.to_string().into()),
            Self::Null | Self::Container => None,
        }
    }

    pub(super) fn of(value: &Value) -> Found<'static> {
        match value {
            Value::String(text) => Found::Text(Cow::Owned(text.clone())),
            Value::Number(number) => Found::Number(number.clone()),
            Value::Bool(value) => Found::Bool(*value),
            Value::Null => Found::Null,
            Value::Array(_) | Value::Object(_) => Found::Container,
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
pub(super) fn run<'de>(paths: &Node, body: &'de [u8], found: &mut [Vec<Found<'de>>]) -> Result<(), serde_json::Error> {
    let mut text = serde_json::Deserializer::from_slice(body);
    let nodes = &[paths];
    Scan { nodes, found }.deserialize(&mut text)?;
    text.end()
}

/// Visitor of the value at the position that all of `nodes` have led to.
struct Scan<'s, 'n, 'de> {
    nodes: &'s [&'n Node],
    found: &'s mut [Vec<Found<'de>>],
}

impl<'n, 'de> Scan<'_, 'n, 'de> {
    fn end(&mut self, value: &Found<'de>) {
        for index in self.nodes.iter().flat_map(|node| &node.ends) {
            self.found[*index].push(value.clone());
        }
    }

    fn children(&self) -> impl Iterator<Item = &'n (Selector, Node)> {
        self.nodes.iter().flat_map(|node| &node.children)
    }
}

impl<'de> DeserializeSeed<'de> for Scan<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Scan<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_borrowed_str<E>(mut self, value: &'de str) -> Result<(), E> {
        self.end(&Found::Text(Cow::Borrowed(value)));
        Ok(())
    }

    fn visit_str<E>(mut self, value: &str) -> Result<(), E> {
        self.end(&Found::Text(Cow::Owned(value.to_owned())));
        Ok(())
    }

    fn visit_u64<E>(mut self, value: u64) -> Result<(), E> {
        self.end(&Found::Number(value.into()));
        Ok(())
    }

    fn visit_i64<E>(mut self, value: i64) -> Result<(), E> {
        self.end(&Found::Number(value.into()));
        Ok(())
    }

    fn visit_f64<E>(mut self, value: f64) -> Result<(), E> {
        self.end(&Number::from_f64(value).map_or(Found::Null, Found::Number));
        Ok(())
    }

    fn visit_bool<E>(mut self, value: bool) -> Result<(), E> {
        self.end(&Found::Bool(value));
        Ok(())
    }

    fn visit_unit<E>(mut self) -> Result<(), E> {
        self.end(&Found::Null);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<(), A::Error> {
        self.end(&Found::Container);
        let mut next = Vec::new();
        for position in 0.. {
            next.clear();
            next.extend(self.children().filter_map(|(selector, node)| match selector {
                Selector::Index(index) if *index == position => Some(node),
                Selector::Any => Some(node),
                _ => None,
            }));
            let more = if next.is_empty() {
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

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        self.end(&Found::Container);
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
