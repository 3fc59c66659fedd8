//! Text with `{{name}}` in it, compiled once into pieces.

use jiff::Timestamp;
use rand::Rng;
use rand::rngs::SmallRng;
use serde_json::value::RawValue;

use super::escape::Escape;
use super::feeder::Feeder;
use super::filter::{FILTERS, Filter, FilterValue};
use super::moment::Moment;
use super::scope::BUILT_INS;
use super::scope::{Origin, Scope};
use super::{KeyError, escape};

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Text(Box<str>),
    Value(Origin),
    User,
    Iteration,
    Random {
        low: i64,
        high: i64,
    },
    Pick(Box<[Box<str>]>),
    Uuid,
    Today,
    Origin,
    /// A value that is the same for every user.
    Given(Box<str>),
    Date(Moment),
    /// A number or a boolean in JSON, without quotes.
    Raw(Box<Piece>),
    /// A value that goes through filters, each with its key.
    Filtered(Box<Piece>, Box<[(Filter, Option<Piece>)]>),
}

/// Values that fill a template: the state of one user at one moment.
#[derive(Debug)]
pub struct Values<'a> {
    /// The feeders, in the order in which the scope knows them.
    pub feeders: &'a [Feeder],
    /// The user's row of each feeder, in the same order.
    pub rows: &'a [usize],
    /// Values extracted from answers or set; `None` if the answer did not come or did not hold it.
    pub variables: &'a [Option<Box<str>>],
    /// The user's number, from 0.
    pub user: u32,
    /// Iterations the user has completed.
    pub iteration: u64,
    /// Generator of the random choices.
    pub random: &'a mut SmallRng,
    /// Scheme, host and port of the front door: `https://shop.example`.
    pub origin: &'a str,
}

/// A value that a template needs and no answer has given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a value that no answer has given")]
pub struct MissingValue;

/// Text with `{{name}}` in it, compiled: filling it in copies pieces and looks nothing up by name.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
    escape: Escape,
}

impl Template {
    /// Compiles `text`; each name must be in `scope` or be a built-in.
    pub fn compile(text: &str, escape: Escape, scope: &Scope) -> Result<Self, KeyError> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find("{{") {
            if start > 0 {
                pieces.push(Piece::Text(rest[..start].into()));
            }
            let inside = &rest[start + 2..];
            let end = inside.find("}}").ok_or(KeyError::Unclosed)?;
            let before = &rest[..start];
            let after = &inside[end + 2..];
            let piece = Piece::compile(inside[..end].trim(), scope)?;
            rest = after;
            if matches!(piece, Piece::Raw(_)) {
                // The quotes of the text that it is alone in are not sent.
                let opened = before.ends_with('"') && !before.ends_with("\\\"");
                let alone = escape == Escape::Json && opened && after.starts_with('"');
                if !(alone && strip_quote(&mut pieces)) {
                    return Err(KeyError::Arguments {
                        given: inside[..end].trim().to_owned(),
                        expected: "alone in a text of a JSON body",
                    });
                }
                rest = &after[1..];
            }
            pieces.push(piece);
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.into()));
        }
        Ok(Self { pieces, escape })
    }

    /// Compiles `text`, of which everything is escaped, not only the values.
    pub(super) fn compile_escaped(text: &str, escape: Escape, scope: &Scope) -> Result<Self, KeyError> {
        let mut template = Self::compile(text, escape, scope)?;
        for piece in &mut template.pieces {
            if let Piece::Text(text) = piece {
                let mut escaped = String::new();
                escape::push(text, escape, &mut escaped);
                *text = escaped.into();
            }
        }
        Ok(template)
    }

    /// Text as it is.
    pub(super) fn literal(text: &str) -> Self {
        Self {
            pieces: vec![Piece::Text(text.into())],
            escape: Escape::default(),
        }
    }

    /// True if it is nothing at all.
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Adds another template at the end. Values of the whole are escaped as those of `other`.
    pub(super) fn append(&mut self, other: Self) {
        self.escape = other.escape;
        for piece in other.pieces {
            match (self.pieces.last_mut(), piece) {
                (Some(Piece::Text(before)), Piece::Text(text)) => *before = [&**before, &*text].concat().into(),
                (_, piece) => self.pieces.push(piece),
            }
        }
    }

    /// The text, if it is the same for every request; else `None`.
    pub fn constant(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Indices of the variables that fill it.
    pub(super) fn slots(&self) -> impl Iterator<Item = usize> {
        self.pieces.iter().flat_map(Piece::slots)
    }

    /// Example of the filled template; values of feeders and answers are shown as `1`.
    pub fn example(&self) -> String {
        self.pieces.iter().map(Piece::example).collect()
    }

    /// Appends the filled template to `out`.
    pub fn render(&self, values: &mut Values<'_>, out: &mut String) -> Result<(), MissingValue> {
        self.pieces
            .iter()
            .try_for_each(|piece| piece.render(self.escape, values, out))
    }
}

impl Piece {
    /// Indices of the variables that fill it.
    fn slots(&self) -> Vec<usize> {
        match self {
            Self::Value(Origin::Variable(slot)) => vec![*slot],
            Self::Raw(piece) => piece.slots(),
            Self::Filtered(piece, filters) => {
                let keys = filters.iter().filter_map(|(_, key)| key.as_ref());
                piece.slots().into_iter().chain(keys.flat_map(Self::slots)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn example(&self) -> String {
        match self {
            Self::Text(text) | Self::Given(text) => text.as_ref().to_owned(),
            Self::Value(_) => "1".to_owned(),
            Self::User | Self::Iteration => "0".to_owned(),
            Self::Random { low, .. } => low.to_string(),
            Self::Pick(words) => words.first().map(|word| word.as_ref().to_owned()).unwrap_or_default(),
            Self::Uuid => "00000000-0000-4000-8000-000000000000".to_owned(),
            Self::Today => "2025-01-01".to_owned(),
            Self::Origin => "http://localhost".to_owned(),
            Self::Raw(piece) | Self::Filtered(piece, _) => piece.example(),
            Self::Date(moment) => moment.text(Timestamp::UNIX_EPOCH).unwrap_or_default(),
        }
    }

    /// Compiles what stands between the braces: a value, and the filters that it goes through.
    fn compile(expression: &str, scope: &Scope) -> Result<Self, KeyError> {
        let parts = parts_of(expression);
        let [value, filters @ ..] = parts.as_slice() else {
            return Self::compile_value("", scope);
        };
        if filters.is_empty() {
            return Self::compile_value(value, scope);
        }
        // `{{number x | filter}}` is the number of what is filtered.
        if let Some((kind @ ("number" | "boolean"), rest)) = value.split_once(char::is_whitespace) {
            let rest = [&[rest.trim().to_owned()], filters].concat().join(" | ");
            return Self::compile_value(&format!("{kind} {rest}"), scope);
        }
        let piece = Self::compile_value(value, scope)?;
        let filters = filters.iter().map(|filter| Self::compile_filter(filter, scope));
        let filters: Vec<_> = filters.collect::<Result<_, _>>()?;
        Ok(Self::Filtered(Box::new(piece), filters.into()))
    }

    fn compile_filter(text: &str, scope: &Scope) -> Result<(Filter, Option<Self>), KeyError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let (name, arguments) = words.split_first().unwrap_or((&"", &[]));
        let usage = |expected| KeyError::Arguments {
            given: text.to_owned(),
            expected,
        };
        let (key, arguments) = match (*name, arguments) {
            ("hmac", [key, rest @ ..]) => (Some(Self::compile_value(key, scope)?), rest),
            ("hmac", []) => return Err(usage("`hmac KEY` with the name of a value")),
            _ => (None, arguments),
        };
        let filter = Filter::compile(name, arguments).ok_or_else(|| KeyError::UnknownFilter {
            name: (*name).to_owned(),
            known: FILTERS.iter().map(|(name, _)| (*name).to_owned()).collect(),
        })?;
        Ok((filter.map_err(usage)?, key))
    }

    fn compile_value(expression: &str, scope: &Scope) -> Result<Self, KeyError> {
        let mut words = expression.split_whitespace();
        let name = words.next().unwrap_or_default();
        let arguments: Vec<&str> = words.collect();
        let expected = |expected| KeyError::Arguments {
            given: expression.to_owned(),
            expected,
        };
        let alone = |piece: Self| match arguments.len() {
            0 => Ok(piece),
            _ => Err(expected("a name alone: this one takes nothing after it")),
        };
        // Before the names: alone, these two may be names of values.
        if let ("number" | "boolean", Some(rest)) = (name, expression.split_once(char::is_whitespace)) {
            return Ok(Self::Raw(Box::new(Self::compile(rest.1.trim(), scope)?)));
        }
        match scope.find(name) {
            Some(Origin::Given(index)) => return alone(Self::Given(scope.constant(index).into())),
            Some(origin) => return alone(Self::Value(origin)),
            None => {}
        }
        match name {
            "user" => alone(Self::User),
            "iteration" => alone(Self::Iteration),
            "uuid" => alone(Self::Uuid),
            "today" => alone(Self::Today),
            "date" => Moment::compile(&arguments).map(Self::Date).ok_or_else(|| {
                expected("`date` with a span, a format and a zone, each if wanted: `date +2d %d.%m.%Y Europe/Paris`")
            }),
            "origin" => alone(Self::Origin),
            "random" => {
                let range = || expected("`random LOW HIGH` with two whole numbers in order");
                let [low, high] = arguments[..] else {
                    return Err(range());
                };
                let (low, high) = (low.parse().map_err(|_| range())?, high.parse().map_err(|_| range())?);
                (low <= high).then_some(Self::Random { low, high }).ok_or_else(range)
            }
            "pick" if arguments.is_empty() => Err(expected("`pick A B C` with words to pick from")),
            "pick" => Ok(Self::Pick(arguments.into_iter().map(Into::into).collect())),
            _ => Err(KeyError::UnknownName {
                name: name.to_owned(),
                known: usable_names(scope),
            }),
        }
    }

    fn render(&self, escape: Escape, values: &mut Values<'_>, out: &mut String) -> Result<(), MissingValue> {
        match self {
            Self::Text(text) => out.push_str(text),
            Self::Value(origin) => escape::push(find(*origin, values)?, escape, out),
            Self::User => push_display(values.user, out),
            Self::Iteration => push_display(values.iteration, out),
            Self::Random { low, high } => push_display(values.random.random_range(*low..=*high), out),
            Self::Pick(words) => {
                let word = &words[values.random.random_range(0..words.len())];
                escape::push(word, escape, out);
            }
            Self::Uuid => push_uuid(values.random.random(), out),
            Self::Raw(piece) => {
                let start = out.len();
                piece.render(Escape::None, values, out)?;
                // Written into the body as it is: whatever is not a number or a boolean would change the structure of
                // the JSON.
                let value = serde_json::from_str::<&RawValue>(&out[start..]).map_err(|_| MissingValue)?;
                // Text, lists and objects are neither numbers nor booleans.
                if value.get().starts_with(['"', '[', '{', 'n']) {
                    return Err(MissingValue);
                }
            }
            Self::Origin => escape::push(values.origin, escape, out),
            Self::Today => push_display(Timestamp::now().strftime("%Y-%m-%d"), out),
            Self::Given(text) => escape::push(text, escape, out),
            Self::Date(moment) => escape::push(&moment.text(Timestamp::now()).ok_or(MissingValue)?, escape, out),
            Self::Filtered(piece, filters) => {
                let mut text = String::new();
                // Filters work on the value itself. What comes out of them is escaped at the end.
                piece.render(Escape::None, values, &mut text)?;
                let unix = u64::try_from(Timestamp::now().as_second()).unwrap_or(0);
                let mut flow = FilterValue::Text(text);
                for (filter, key) in filters {
                    let mut text = String::new();
                    if let Some(key) = key {
                        key.render(Escape::None, values, &mut text)?;
                    }
                    flow = filter.apply(&flow, &text, unix).ok_or(MissingValue)?;
                }
                escape::push(&flow.into_text(), escape, out);
            }
        }
        Ok(())
    }
}

/// The value and the filters of an expression, which `|` separates. A word that `pick` chooses from may hold one.
fn parts_of(expression: &str) -> Vec<String> {
    let spaced = if expression.starts_with("pick ") {
        expression.to_owned()
    } else {
        expression.replace('|', " | ")
    };
    let words: Vec<&str> = spaced.split_whitespace().collect();
    words.split(|word| *word == "|").map(|words| words.join(" ")).collect()
}

/// Removes the quote at the end of the last piece; false if there is none.
fn strip_quote(pieces: &mut Vec<Piece>) -> bool {
    let Some(Piece::Text(text)) = pieces.pop() else {
        return false;
    };
    let Some(rest) = text.strip_suffix('"') else {
        return false;
    };
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.into()));
    }
    true
}

fn usable_names(scope: &Scope) -> Vec<String> {
    let built_in = BUILT_INS.iter().map(|(_, usage)| (*usage).to_owned());
    let wrapped = ["number NAME", "boolean NAME", "NAME | FILTER"].map(str::to_owned);
    scope.names().into_iter().chain(built_in).chain(wrapped).collect()
}

fn find<'a>(origin: Origin, values: &Values<'a>) -> Result<&'a str, MissingValue> {
    match origin {
        Origin::Cell { feeder, column } => values
            .feeders
            .get(feeder)
            .and_then(|table| table.cell(*values.rows.get(feeder)?, column)),
        Origin::Variable(slot) => values.variables.get(slot).and_then(Option::as_deref),
        // Compiled as the text itself.
        Origin::Given(_) => None,
    }
    .ok_or(MissingValue)
}

fn push_display(value: impl std::fmt::Display, out: &mut String) {
    use std::fmt::Write;
    // Writing to a string cannot fail.
    let _ = write!(out, "{value}");
}

/// Version 4, variant 1 (RFC 9562), from the user's own generator so that a seed repeats it.
fn push_uuid(bits: u128, out: &mut String) {
    // RFC 9562, 5.4: version 4 in four bits, the variant in two.
    let bits = bits & !(0xf << 76) & !(0b11 << 62) | (4 << 76) | (0b10 << 62);
    push_display(
        format_args!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            bits >> 96,
            bits >> 80 & 0xffff,
            bits >> 64 & 0xffff,
            bits >> 48 & 0xffff,
            bits & 0xffff_ffff_ffff
        ),
        out,
    );
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn scope() -> Scope {
        let mut scope = Scope::default();
        scope.extract("token", 0, &mut 0).unwrap();
        scope.extract("title", 0, &mut 1).unwrap();
        scope
    }

    fn rendered(text: &str, escape: Escape, variables: &[Option<Box<str>>]) -> Result<String, MissingValue> {
        let mut out = String::new();
        let mut values = Values {
            feeders: &[],
            rows: &[],
            variables,
            user: 7,
            iteration: 3,
            random: &mut SmallRng::seed_from_u64(1),
            origin: "https://shop.example",
        };
        Template::compile(text, escape, &scope())
            .unwrap()
            .render(&mut values, &mut out)?;
        Ok(out)
    }

    #[test]
    fn names_are_replaced_and_escaped_for_their_place() {
        let variables = [Some("abc".into()), Some("a \"b\"/é\n".into())];
        let text = "x{{token}}-{{ title }}-{{user}}-{{iteration}}y";
        assert_eq!(
            rendered(text, Escape::None, &variables).unwrap(),
            "xabc-a \"b\"/é\n-7-3y"
        );
        assert_eq!(
            rendered(text, Escape::Url, &variables).unwrap(),
            "xabc-a%20%22b%22%2F%C3%A9%0A-7-3y"
        );
        assert_eq!(
            rendered(text, Escape::Json, &variables).unwrap(),
            "xabc-a \\\"b\\\"/é\\n-7-3y"
        );
        assert_eq!(rendered(text, Escape::None, &[None, None]), Err(MissingValue));
    }

    #[test]
    fn built_ins_draw_from_the_users_generator() {
        let first = rendered("{{random 1 100}} {{pick a b c}} {{uuid}}", Escape::None, &[]).unwrap();
        let again = rendered("{{random 1 100}} {{pick a b c}} {{uuid}}", Escape::None, &[]).unwrap();
        assert_eq!(first, again);
        let words: Vec<&str> = first.split(' ').collect();
        assert!((1..=100).contains(&words[0].parse::<i64>().unwrap()));
        assert!(["a", "b", "c"].contains(&words[1]));
        let uuid: Vec<&str> = words[2].split('-').collect();
        assert_eq!(uuid.iter().map(|part| part.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
        assert!(uuid[2].starts_with('4') && uuid[3].starts_with(['8', '9', 'a', 'b']));
        assert_eq!(rendered("{{today}}", Escape::None, &[]).unwrap().len(), 10);
    }

    #[test]
    fn only_text_is_constant() {
        let compile = |text: &str| Template::compile(text, Escape::None, &scope()).unwrap();
        assert_eq!(compile("/api").constant(), Some("/api"));
        assert_eq!(compile("").constant(), Some(""));
        assert_eq!(compile("{{user}}").constant(), None);
    }

    #[test]
    fn values_go_through_filters_before_they_are_escaped() {
        let variables = [Some("k&1".into()), Some("a b".into())];
        let rendered = |text: &str, escape| rendered(text, escape, &variables).unwrap();
        assert_eq!(rendered("x{{ title | base64 }}y", Escape::None), "xYSBiy");
        assert_eq!(rendered("{{title|urlencode}}", Escape::Url), "a%2520b");
        assert_eq!(
            rendered("{{title | hmac token sha1}}", Escape::None),
            // `printf 'a b' | openssl dgst -sha1 -hmac 'k&1'`
            "942c5c359329e02c4fd112b945edc0b70ee52ba9"
        );
        assert_eq!(rendered("{{pick a|b}}", Escape::None), "a|b");
        assert_eq!(rendered("{{date %Y UTC | base64}}", Escape::None).len(), 8);
        let told = |text: &str| Template::compile(text, Escape::None, &scope()).unwrap_err().to_string();
        assert_eq!(told("{{title | md5}}"), "`md5` is not a filter");
        assert!(told("{{title | totp x}}").contains("totp [DIGITS]"));
        assert!(told("{{title | hmac}}").contains("`hmac KEY`"));
        assert_eq!(told("{{title | hmac tokn}}"), "`{{tokn}}` names nothing known here");
        assert!(told("{{date +2x}}").contains("`date +2d"));
    }

    #[test]
    fn what_is_wrong_is_told_when_it_is_compiled() {
        let told = |text: &str| Template::compile(text, Escape::None, &scope()).unwrap_err().to_string();
        assert_eq!(told("a {{tokn}}"), "`{{tokn}}` names nothing known here");
        assert_eq!(told("{{}}"), "`{{}}` names nothing known here");
        assert_eq!(told("{{token"), "`{{` is never closed by `}}`");
        assert!(told("{{token 3}}").ends_with("takes nothing after it"));
        for text in [
            "{{random}}",
            "{{random 5}}",
            "{{random 5 1}}",
            "{{random a b}}",
            "{{random 1 2 3}}",
        ] {
            assert!(told(text).contains("`random LOW HIGH`"), "{text}");
        }
        assert!(told("{{pick}}").contains("`pick A B C`"));
    }
}
