//! A check as it is written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One check of an answer, or one condition of the flow. It reads one part, `json`, `css`, `header` or `cookie`, or else the body,
/// and holds if that part exists and meets every condition: `{ json = "$.data[*]", min = 1 }`, `{ cookie = "sid" }`,
/// `{ lacks = "Wrong password" }`. The texts of `equals`, `contains`, `lacks` and `url` may hold values: `{ css = "h1", equals = "{{title}}" }`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CheckFile {
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
    /// Name of a cookie that the user has after the answer, for the path that was asked for last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cookie: Option<String>,
    /// Status of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Text with `{{name}}` in it that is read instead of an answer; only in conditions of the flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Path that was asked for last, redirects included; with its query if the text has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Regular expression that the path and query asked for last must match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url_matches: Option<String>,
    /// Text, number or boolean that at least one match must equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Value>")]
    pub equals: Option<toml::Value>,
    /// Text that at least one match must contain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
    /// Text that no match may contain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lacks: Option<String>,
    /// Regular expression that at least one match must match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matches: Option<String>,
    /// Type that every match of `json` must have.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub json_type: Option<JsonType>,
    /// Number of matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<usize>,
    /// Fewest matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<usize>,
    /// Most matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<usize>,
    /// Fewest bytes of the decoded body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_bytes: Option<usize>,
    /// Most bytes of the decoded body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<usize>,
}

impl CheckFile {
    /// The check as an inline table of TOML, its keys in the order of the reference.
    pub(super) fn inline(&self) -> String {
        let members = serde_json::to_value(self).unwrap_or_default();
        let members = members.as_object().into_iter().flatten();
        let members: Vec<String> = members.map(|(key, value)| format!("{key} = {value}")).collect();
        format!("{{ {} }}", members.join(", "))
    }
}

/// Type of a JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum JsonType {
    /// Text.
    String,
    /// Any number.
    Number,
    /// A number without a fraction or exponent.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// `null`.
    Null,
    /// An array.
    Array,
    /// An object.
    Object,
}
