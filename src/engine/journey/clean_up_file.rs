//! Removal of what a step creates, as it is written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Request that removes what a step has created. It is made by the same user after the load, outside the judged window: the
/// latest first. Address and body are filled when the step has succeeded, headers when the request is made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CleanUpFile {
    /// HTTP method; by default DELETE.
    #[serde(default = "delete")]
    pub method: String,
    /// Path and query below the front door; values that the step extracts are known.
    pub path: String,
    /// Session journey of a role that may remove it, if the journey's own role may not. The user logs in by it when it first removes
    /// something after the load, and names that both sessions extract have the values of this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Headers; they override the journey's and the default ones.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// JSON body. Values from templates are escaped within its strings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Value>")]
    pub json: Option<toml::Value>,
    /// Fields of an HTML form, by name. Values from templates are encoded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeMap<String, serde_json::Value>>")]
    pub form: Option<toml::Table>,
    /// Acceptable statuses; by default any of 200 to 299, 302, 303, 404 and 410: what is gone need not be removed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<u16>,
}

fn delete() -> String {
    "DELETE".to_owned()
}
