//! The rule file: how paths, queries and writes of a log become steps.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use toml::{Table, Value};

use super::known_step::{KnownStep, extracted};
use crate::import::ImportError;

/// A rule file.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Rules {
    /// Keys of every journey: `session`, `headers`, `feeder`, `variables`.
    #[serde(default)]
    pub(super) journey: Table,
    /// Tags of the requests that match: `api = ["/api/{rest}"]`, `write = ["POST /api/{rest}"]`.
    #[serde(default)]
    tags: BTreeMap<String, Vec<String>>,
    /// The rules; the first that matches counts.
    #[serde(default)]
    pub(super) rule: Vec<Rule>,
    /// Names of the values that sessions give.
    #[serde(skip)]
    pub(super) of_sessions: Vec<String>,
}

/// One rule.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Rule {
    /// Path as the log has it: `/tasks/{id}`, with `{uuid}`, `{id}` (a number) or `{any}` for one segment, `{rest}` for all others.
    pub(super) path: String,
    /// Method; any by default.
    pub(super) method: Option<String>,
    /// Statuses of the answers; any by default.
    #[serde(default)]
    status: Vec<u16>,
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
    /// A step of a journey that is there already, which stands for the line: `tasks.create`. Keys of `step` replace its own.
    #[serde(rename = "as")]
    as_: Option<String>,
    /// That step.
    #[serde(skip)]
    pub(super) known: Option<KnownStep>,
    /// Keys of the step: `path` with `{{name}}` in it, `json`, `form`, `extract`, `status` and others.
    #[serde(default)]
    pub(super) step: Table,
}

impl Rules {
    /// Reads a rule file. The journeys that rules name are in `journeys`.
    pub(super) fn read(path: &Path, journeys: &Path) -> Result<Self, ImportError> {
        let text = std::fs::read_to_string(path).map_err(|source| ImportError::Read {
            path: path.to_owned(),
            source,
        })?;
        let mut rules: Self = toml::from_str(&text).map_err(|source| ImportError::Rules {
            path: path.to_owned(),
            source: Box::new(source.into()),
        })?;
        let both = |rule: &&Rule| rule.journey.is_some() && (!rule.step.is_empty() || rule.as_.is_some());
        if let Some(rule) = rules.rule.iter().find(both) {
            return Err(ImportError::Option {
                given: rule.path.clone(),
                expected: "a rule with a `journey`, or with a step by `as` and `step`",
            });
        }
        let mut sessions: Vec<String> = session_of(&rules.journey).into_iter().collect();
        for rule in &mut rules.rule {
            if let Some(named) = &rule.as_ {
                let known = KnownStep::read(journeys, named)?;
                sessions.extend(session_of(&known.around));
                rule.known = Some(known);
            }
        }
        sessions.sort();
        sessions.dedup();
        let given = sessions.iter().flat_map(|session| extracted(journeys, session));
        rules.of_sessions = given.collect();
        Ok(rules)
    }

    /// Number of the first rule that matches.
    pub(super) fn find(&self, method: &str, path: &str, status: u16) -> Option<usize> {
        self.rule.iter().position(|rule| rule.matches(method, path, status))
    }

    /// The tags of requests with that method and path.
    pub(super) fn tags(&self, method: &str, path: &str) -> Vec<String> {
        let is_tagged = |pattern: &String| match pattern.split_once(' ') {
            Some((own, pattern)) => own.eq_ignore_ascii_case(method) && fits_path(pattern.trim(), path),
            None => fits_path(pattern, path),
        };
        let tagged = self.tags.iter().filter(|(_, patterns)| patterns.iter().any(is_tagged));
        tagged.map(|(tag, _)| tag.clone()).collect()
    }
}

fn session_of(keys: &Table) -> Option<String> {
    keys.get("session").and_then(Value::as_str).map(str::to_owned)
}

impl Rule {
    fn matches(&self, method: &str, path: &str, status: u16) -> bool {
        let is_method = self.method.as_ref().is_none_or(|own| own.eq_ignore_ascii_case(method));
        let is_status = self.status.is_empty() || self.status.contains(&status);
        is_method && is_status && fits_path(&self.path, path)
    }

    /// True if it makes a step of its own, with a path, a body or other keys, or names a journey or a step of one.
    pub(super) fn makes_step(&self) -> bool {
        !self.step.is_empty() || self.journey.is_some() || self.known.is_some()
    }

    /// Names of the values that the answers to its step give.
    pub(super) fn gives(&self) -> Vec<String> {
        let tables = [Some(&self.step), self.known.as_ref().map(|known| &known.keys)];
        let tables = tables.into_iter().flatten();
        let given = tables.flat_map(|keys| {
            ["extract", "set"]
                .into_iter()
                .filter_map(|key| keys.get(key)?.as_table())
        });
        given.flat_map(|table| table.keys().cloned()).collect()
    }

    /// The path of its step, if it has one.
    pub(super) fn step_path(&self) -> Option<&str> {
        let known = self.known.as_ref().and_then(|known| known.keys.get("path"));
        self.step.get("path").or(known).and_then(Value::as_str)
    }
}

/// True if a path fits a pattern, segment by segment.
fn fits_path(pattern: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    let mut patterns = pattern.split('/');
    loop {
        match (patterns.next(), segments.next()) {
            (Some("{rest}"), Some(_)) | (None, None) => return true,
            (Some(pattern), Some(segment)) if fits(pattern, segment) => {}
            _ => return false,
        }
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
            assert_eq!(rules.find(method, path, 200), found, "{method} {path}");
        }
        assert!(toml::from_str::<Rules>("[[rule]]\npath = '/'\nkeeep = []").is_err());
    }

    #[test]
    fn a_rule_may_be_for_some_statuses_and_tags_come_from_all_patterns() {
        let rules: Rules = toml::from_str(
            "[tags]\napi = ['/api/{rest}']\nread = ['GET /api/{rest}', '/tasks']\n\
             [[rule]]\npath = '/tasks'\nstatus = [401, 403]\n[[rule]]\npath = '/tasks'",
        )
        .unwrap();
        for (status, found) in [(200, 1), (401, 0), (403, 0), (404, 1)] {
            assert_eq!(rules.find("GET", "/tasks", status), Some(found), "{status}");
        }
        assert_eq!(rules.tags("GET", "/api/a/b"), ["api", "read"]);
        assert_eq!(rules.tags("POST", "/api/a"), ["api"]);
        assert_eq!(rules.tags("POST", "/tasks"), ["read"]);
        assert!(rules.tags("GET", "/apis").is_empty());
    }
}
