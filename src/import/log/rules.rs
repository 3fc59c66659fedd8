//! The rule file: how paths, queries and writes of a log become steps.

use std::path::Path;

use serde::Deserialize;
use toml::{Table, Value};

use crate::import::ImportError;

/// A rule file.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Rules {
    /// Keys of every journey: `session`, `headers`, `feeder`, `variables`.
    #[serde(default)]
    pub(super) journey: Table,
    /// The rules; the first that matches counts.
    #[serde(default)]
    pub(super) rule: Vec<Rule>,
}

/// One rule.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Rule {
    /// Path as the log has it: `/tasks/{id}`, with `{uuid}`, `{id}` (a number) or `{any}` for one segment, `{rest}` for all others.
    pub(super) path: String,
    /// Method; any by default.
    pub(super) method: Option<String>,
    /// Names of query values that are kept; others are dropped.
    #[serde(default)]
    pub(super) keep: Vec<String>,
    /// True if the line stands for the log-in of the journeys' session.
    #[serde(default)]
    pub(super) session: bool,
    /// Reason for which such lines are left out.
    pub(super) leave_out: Option<String>,
    /// Name of a journey that is there already, one iteration of which stands for the line.
    pub(super) journey: Option<String>,
    /// Keys of the step: `path` with `{{name}}` in it, `json`, `form`, `extract`, `status` and others.
    #[serde(default)]
    pub(super) step: Table,
}

impl Rules {
    /// Reads a rule file.
    pub(super) fn read(path: &Path) -> Result<Self, ImportError> {
        let text = std::fs::read_to_string(path).map_err(|source| ImportError::Read {
            path: path.to_owned(),
            source,
        })?;
        let rules: Self = toml::from_str(&text).map_err(|source| ImportError::Rules {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        let both = |rule: &&Rule| rule.journey.is_some() && !rule.step.is_empty();
        match rules.rule.iter().find(both) {
            None => Ok(rules),
            Some(rule) => Err(ImportError::Option {
                given: rule.path.clone(),
                expected: "a rule with either a `journey` or a `step`",
            }),
        }
    }

    /// Number of the first rule that matches.
    pub(super) fn find(&self, method: &str, path: &str) -> Option<usize> {
        self.rule.iter().position(|rule| rule.matches(method, path))
    }
}

impl Rule {
    fn matches(&self, method: &str, path: &str) -> bool {
        if self
            .method
            .as_ref()
            .is_some_and(|own| !own.eq_ignore_ascii_case(method))
        {
            return false;
        }
        let mut segments = path.split('/');
        let mut patterns = self.path.split('/');
        loop {
            match (patterns.next(), segments.next()) {
                (Some("{rest}"), Some(_)) | (None, None) => return true,
                (Some(pattern), Some(segment)) if fits(pattern, segment) => {}
                _ => return false,
            }
        }
    }

    /// True if it makes a step of its own, with a path, a body or other keys, or names a journey.
    pub(super) fn makes_step(&self) -> bool {
        !self.step.is_empty() || self.journey.is_some()
    }

    /// The path of its step, if it has one.
    pub(super) fn step_path(&self) -> Option<&str> {
        self.step.get("path").and_then(Value::as_str)
    }
}

fn fits(pattern: &str, segment: &str) -> bool {
    match pattern {
        "{uuid}" => crate::import::names::is_uuid(segment),
        "{id}" => !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit()),
        "{any}" => !segment.is_empty(),
        pattern => pattern == segment,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_that_matches_counts() {
        let rules: Rules = toml::from_str(
            "[[rule]]\npath = '/tasks/{id}'\nmethod = 'GET'\n[[rule]]\npath = '/tasks/{uuid}'\n[[rule]]\npath = '/tasks/{any}'\n\
             [[rule]]\npath = '/admin/{rest}'\nleave-out = 'no user'",
        )
        .unwrap();
        for (method, path, found) in [
            ("GET", "/tasks/17", Some(0)),
            ("DELETE", "/tasks/17", Some(2)),
            ("GET", "/tasks/4b4f1c3e-0000-4000-8000-00000000abcd", Some(1)),
            ("GET", "/tasks/new", Some(2)),
            ("GET", "/tasks", None),
            ("GET", "/tasks/17/x", None),
            ("GET", "/admin/a/b", Some(3)),
        ] {
            assert_eq!(rules.find(method, path), found, "{method} {path}");
        }
        assert!(toml::from_str::<Rules>("[[rule]]\npath = '/'\nkeeep = []").is_err());
    }
}
