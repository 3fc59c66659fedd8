//! Lines of JSON, by a map of fields.

use serde_json::Value;

use super::line::{Fields, Line, LineRejection, any_time, first_address};

/// Fields of a log in JSON: for each, paths of names joined by dots, of which the first that is there counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct JsonFields {
    time: Vec<String>,
    address: Vec<String>,
    agent: Vec<String>,
    method: Vec<String>,
    target: Vec<String>,
    request: Vec<String>,
    status: Vec<String>,
    took: Vec<String>,
    /// Units of `took` in a second.
    scale: u64,
    /// True if the time is that of the start.
    at_start: bool,
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

impl Default for JsonFields {
    /// Names that loggers use.
    fn default() -> Self {
        Self {
            time: owned(&[
                "msec",
                "ts",
                "time",
                "timestamp",
                "@timestamp",
                "time_iso8601",
                "time_local",
                "date",
                "datetime",
            ]),
            address: owned(&[
                "remote_addr",
                "client_ip",
                "remote_ip",
                "clientip",
                "client",
                "ip",
                "remoteAddress",
                "ClientHost",
            ]),
            agent: owned(&["http_user_agent", "user_agent", "userAgent", "agent", "user-agent"]),
            method: owned(&["request_method", "method", "verb", "http.request.method", "httpMethod"]),
            target: owned(&["request_uri", "uri", "url", "path", "target", "url.original"]),
            request: owned(&["request"]),
            status: owned(&[
                "status",
                "status_code",
                "statusCode",
                "response",
                "http.response.status_code",
            ]),
            took: owned(&["request_time", "duration", "response_time", "elapsed", "took"]),
            scale: 1,
            at_start: false,
        }
    }
}

impl JsonFields {
    /// Caddy's: <https://caddyserver.com/docs/logging>.
    pub(super) fn caddy() -> Self {
        Self {
            time: owned(&["ts"]),
            address: owned(&["request.client_ip", "request.remote_ip", "request.remote_addr"]),
            agent: owned(&["request.headers.User-Agent"]),
            method: owned(&["request.method"]),
            target: owned(&["request.uri"]),
            request: Vec::new(),
            status: owned(&["status"]),
            took: owned(&["duration"]),
            scale: 1,
            at_start: false,
        }
    }

    /// Traefik's: durations in nanoseconds, times of the start.
    pub(super) fn traefik() -> Self {
        Self {
            time: owned(&["StartUTC", "StartLocal", "time"]),
            address: owned(&["ClientHost", "ClientAddr"]),
            agent: owned(&["request_User-Agent"]),
            method: owned(&["RequestMethod"]),
            target: owned(&["RequestPath"]),
            request: Vec::new(),
            status: owned(&["DownstreamStatus", "OriginStatus"]),
            took: owned(&["Duration"]),
            scale: 1_000_000_000,
            at_start: true,
        }
    }

    /// Replaces the names of one field: `time=at`, `target=req.path`, `took/1000=ms`.
    pub(super) fn set(&mut self, field: &str, path: &str) -> bool {
        let (field, scale) = field.split_once('/').unwrap_or((field, "1"));
        let place = match field {
            "time" => &mut self.time,
            "address" => &mut self.address,
            "agent" => &mut self.agent,
            "method" => &mut self.method,
            "target" => &mut self.target,
            "request" => &mut self.request,
            "status" => &mut self.status,
            "took" => match scale.parse() {
                Ok(scale) if scale > 0 => {
                    self.scale = scale;
                    &mut self.took
                }
                _ => return false,
            },
            _ => return false,
        };
        *place = vec![path.to_owned()];
        true
    }
}

/// The request of a line of JSON.
pub(super) fn read(text: &str, names: &JsonFields, fields: &Fields) -> Result<Line, LineRejection> {
    let text = text.trim();
    let parsed = serde_json::from_str::<Value>(text).or_else(|error| {
        // Nginx escapes as `\xNN` unless it is told `escape=json`.
        if text.contains("\\x") {
            serde_json::from_str(&text.replace("\\x", "\\u00"))
        } else {
            Err(error)
        }
    });
    let json = parsed.map_err(|_| LineRejection::Unfit)?;
    let one = |path: &Option<String>| path.as_ref().and_then(|path| find(&json, path));
    let any = |paths: &[String]| paths.iter().find_map(|path| find(&json, path));
    let (time, is_exact) = any(&names.time)
        .as_deref()
        .and_then(any_time)
        .ok_or(LineRejection::Unfit)?;
    let took = any(&names.took)
        .and_then(|took| took.parse::<f64>().ok())
        .map(|took| took / names.scale as f64);
    let took = took.filter(|took| (0.0..86_400.0).contains(took));
    let mut line = Line {
        ended: if names.at_start {
            time + took.unwrap_or(0.0)
        } else {
            time
        },
        took,
        is_exact,
        address: first_address(&one(&fields.client).or_else(|| any(&names.address)).unwrap_or_default()),
        agent: any(&names.agent).unwrap_or_default(),
        session: one(&fields.session).filter(|session| !matches!(session.as_str(), "" | "-")),
        status: any(&names.status).and_then(|status| status.parse().ok()).unwrap_or(0),
        ..Line::default()
    };
    let is_request = match (any(&names.method), any(&names.target), any(&names.request)) {
        (Some(method), Some(target), _) => {
            line.method = method;
            line.set_target(&target)
        }
        (_, _, Some(request)) => line.set_request(&request),
        _ => return Err(LineRejection::Unfit),
    };
    if is_request {
        Ok(line)
    } else {
        Err(LineRejection::NoRequest)
    }
}

/// Text at a path of names: one name with dots in it, or names within each other. Of a list, its first element.
fn find(json: &Value, path: &str) -> Option<String> {
    let direct = json.get(path);
    let nested = || path.split('.').try_fold(json, |json, name| json.get(name));
    match direct.or_else(nested)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(elements) => elements.first()?.as_str().map(str::to_owned),
        _ => None,
    }
}
