//! Security of an API description: which operations need a token, and which one gives it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::marker::reference;
use super::names::value_name;
use super::openapi_operation::Operation;
use super::openapi_value::Description;
use super::request::Request;
use super::vault::is_password;

/// Names of members that hold a token.
const TOKENS: [&str; 7] = [
    "access_token",
    "accessToken",
    "token",
    "jwt",
    "id_token",
    "idToken",
    "authToken",
];
/// Words in the path of an operation that logs in.
const LOG_INS: [&str; 5] = ["login", "log-in", "signin", "sign-in", "token"];

/// The operation by which users log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LogInOperation {
    /// Index of the operation.
    pub(super) operation: usize,
    /// JSON path of the token; `None` if a cookie carries the session.
    pub(super) token: Option<String>,
}

/// Authentication of requests.
#[derive(Debug, Clone, Default)]
pub(super) struct Security {
    schemes: BTreeMap<String, Scheme>,
    pub(super) log_in: Option<LogInOperation>,
    /// True if a cookie carries the session.
    pub(super) is_cookie: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Scheme {
    Bearer,
    Basic,
    Header(String),
    Query(String),
    Cookie,
}

impl Security {
    /// Name of the value that holds the bearer token.
    pub(super) const TOKEN: &'static str = "access_token";
    /// Name of the secret for HTTP Basic.
    const BASIC: &'static str = "basic_credentials";

    /// Reads the schemes, and finds the operation that logs in.
    pub(super) fn read<'a>(description: Description<'a>, operations: &[Operation<'a>]) -> Self {
        let mut schemes = BTreeMap::new();
        for (name, scheme) in description.0["components"]["securitySchemes"]
            .as_object()
            .into_iter()
            .flatten()
        {
            let scheme = description.resolve(scheme);
            let key = scheme["name"].as_str().unwrap_or_default().to_owned();
            let read = match (
                scheme["type"].as_str(),
                scheme["scheme"].as_str(),
                scheme["in"].as_str(),
            ) {
                (Some("http"), Some(kind), _) if kind.eq_ignore_ascii_case("basic") => Scheme::Basic,
                (Some("apiKey"), _, Some("header")) if !key.is_empty() => Scheme::Header(key),
                (Some("apiKey"), _, Some("query")) if !key.is_empty() => Scheme::Query(key),
                (Some("apiKey"), _, Some("cookie")) => Scheme::Cookie,
                _ => Scheme::Bearer,
            };
            schemes.insert(name.clone(), read);
        }
        let log_in = operations.iter().enumerate().find_map(|(index, operation)| {
            let path = operation.path.to_ascii_lowercase();
            let is_log_in = operation.method == "POST" && LOG_INS.iter().any(|word| path.ends_with(word));
            let (_, schema) = operation.body(description).filter(|_| is_log_in)?;
            let members = description.properties(schema);
            members
                .iter()
                .any(|(name, _)| is_password(name))
                .then(|| LogInOperation {
                    operation: index,
                    token: token(operation, description),
                })
        });
        let is_cookie = schemes.values().any(|scheme| *scheme == Scheme::Cookie) && log_in.is_some();
        let uses_token = schemes.values().any(|scheme| *scheme == Scheme::Bearer);
        let log_in = log_in.map(|log_in| LogInOperation {
            // Descriptions often leave the answer of a log-in out.
            token: log_in.token.or_else(|| uses_token.then(|| "$.access_token".to_owned())),
            ..log_in
        });
        Self {
            schemes,
            log_in,
            is_cookie,
        }
    }

    /// Adds what the first of several alternatives asks for.
    pub(super) fn apply(&self, security: &Value, _: Description<'_>, request: &mut Request) {
        let Some(first) = security.as_array().and_then(|alternatives| alternatives.first()) else {
            return;
        };
        for name in first.as_object().into_iter().flat_map(|schemes| schemes.keys()) {
            match self.schemes.get(name) {
                Some(Scheme::Bearer) => {
                    request.set_header("authorization", &format!("Bearer {}", reference(Self::TOKEN)));
                }
                Some(Scheme::Basic) => {
                    request.set_header("authorization", &format!("Basic {}", reference(Self::BASIC)));
                }
                Some(Scheme::Header(key)) => request.set_header(key, &reference(&value_name(key))),
                Some(Scheme::Query(key)) => request.query.push((key.clone(), Some(reference(&value_name(key))))),
                Some(Scheme::Cookie) | None => {}
            }
        }
    }

    /// Names of the secrets that requests may refer to.
    pub(super) fn secrets(&self) -> Vec<String> {
        let names = self.schemes.values().filter_map(|scheme| match scheme {
            Scheme::Bearer => Some(Self::TOKEN.to_owned()),
            Scheme::Basic => Some(Self::BASIC.to_owned()),
            Scheme::Header(key) | Scheme::Query(key) => Some(value_name(key)),
            Scheme::Cookie => None,
        });
        let mut names: Vec<String> = names.collect();
        names.dedup();
        names
    }
}

/// JSON path of the token in the answer.
fn token(operation: &Operation<'_>, description: Description<'_>) -> Option<String> {
    let members = description.properties(operation.answer(description)?);
    let own = TOKENS
        .iter()
        .find(|token| members.iter().any(|(name, _)| name == *token));
    if let Some(own) = own {
        return Some(format!("$.{own}"));
    }
    members.iter().find_map(|(outer, schema)| {
        let members = description.properties(schema);
        let own = TOKENS
            .iter()
            .find(|token| members.iter().any(|(name, _)| name == *token))?;
        Some(format!("$.{outer}.{own}"))
    })
}
