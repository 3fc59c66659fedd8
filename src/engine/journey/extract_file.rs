//! An extraction as it is written.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::pause::or_text;

/// One value to extract, from a JSON path, a CSS selector, a header or a cookie, or by a regular expression from one of these or
/// from the body. In a journey, a text alone is a JSON path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, transform = or_text)]
pub struct ExtractFile {
    /// A JSON path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<String>,
    /// A CSS selector; the text of its matches is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub css: Option<String>,
    /// Attribute that is read of the matches of `css`, instead of their text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// Name of a header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// Name of a cookie that the user has after the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cookie: Option<String>,
    /// Regular expression; its first group is the value, or the whole match if it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regex: Option<String>,
    /// Choice among several matches; by default `random` for a JSON path, else `first`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pick: Option<Pick>,
    /// Number of the match that is taken, from 0; negative from the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<i64>,
    /// Value if there is no match; without it, the step has failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

/// Choice among several matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Pick {
    /// The first.
    First,
    /// The last.
    Last,
    /// One at random.
    Random,
    /// All of them, as a JSON array.
    All,
}

/// [`ExtractFile`] as a table; serde reads either this or a text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExtractTable {
    json: Option<String>,
    css: Option<String>,
    attribute: Option<String>,
    header: Option<String>,
    cookie: Option<String>,
    regex: Option<String>,
    pick: Option<Pick>,
    index: Option<i64>,
    default: Option<String>,
}

impl From<ExtractTable> for ExtractFile {
    fn from(table: ExtractTable) -> Self {
        Self {
            json: table.json,
            css: table.css,
            attribute: table.attribute,
            header: table.header,
            cookie: table.cookie,
            regex: table.regex,
            pick: table.pick,
            index: table.index,
            default: table.default,
        }
    }
}

impl<'de> Deserialize<'de> for ExtractFile {
    /// A text or a table. By hand, because errors of an untagged enum do not say which key is wrong.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrTable;
        impl<'de> Visitor<'de> for TextOrTable {
            type Value = ExtractFile;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON path, or a table with `json`, `css`, `header`, `cookie` or `regex`")
            }

            fn visit_str<E>(self, text: &str) -> Result<ExtractFile, E> {
                Ok(ExtractFile {
                    json: Some(text.to_owned()),
                    ..ExtractFile::default()
                })
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<ExtractFile, A::Error> {
                let table = ExtractTable::deserialize(MapAccessDeserializer::new(members));
                table.map(ExtractFile::from)
            }
        }
        deserializer.deserialize_any(TextOrTable)
    }
}
