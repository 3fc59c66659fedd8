//! Formats of access logs, by name or by Nginx's `log_format`.

use serde_json::Value;

use super::json_line::{JsonFields, read as read_json};
use super::line::{Fields, Line, LineRejection, any_time, common_time, first_address, unescaped};
use crate::import::ImportError;
use crate::nginx::{COMBINED, LogFormat, access_log};

/// Apache's `common` format in Nginx's words.
const COMMON: &str = "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent";
/// Apache's `vhost_combined` likewise.
const VHOST: &str = "$server_name:$server_port $remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" \"$http_user_agent\"";
/// Traefik's own format.
const TRAEFIK: &str = "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" \"$http_user_agent\" $number \"$router\" \"$server\" ${millis}ms";
/// Names of formats.
const NAMES: &str = "a format: auto, combined, common, vhost-combined, caddy, traefik, traefik-json, haproxy, json, or a `log_format` with `$` in it";

/// A format, ready to read lines.
#[derive(Debug, Clone)]
pub(super) enum LineFormat {
    Nginx(Box<LogFormat>),
    HaProxy,
    Json(JsonFields),
}

impl LineFormat {
    /// The format of that name or text; `auto` looks at lines.
    pub(super) fn find(given: &str, lines: &[String]) -> Result<Self, ImportError> {
        Ok(match given {
            "auto" => Self::guess(lines),
            "combined" => Self::nginx(COMBINED),
            "common" => Self::nginx(COMMON),
            "vhost-combined" => Self::nginx(VHOST),
            "traefik" => Self::nginx(TRAEFIK),
            "haproxy" => Self::HaProxy,
            "caddy" => Self::Json(JsonFields::caddy()),
            "traefik-json" => Self::Json(JsonFields::traefik()),
            "json" => Self::Json(JsonFields::default()),
            text if text.contains('$') => Self::nginx(text),
            _ => {
                return Err(ImportError::Option {
                    given: given.to_owned(),
                    expected: NAMES,
                });
            }
        })
    }

    /// The format that Nginx's configuration gives its access log, or the one of that name in it.
    pub(super) fn configured(configuration: &str, name: &str) -> Option<Self> {
        let tree = crate::nginx::directives(configuration);
        let all: Vec<_> = tree.iter().flat_map(crate::nginx::Directive::all).collect();
        let named = all
            .iter()
            .find(|one| one.name == "log_format" && one.arguments.first().is_some_and(|own| own == name));
        let text = match named {
            Some(one) => {
                // Nginx joins the pieces of a format without blanks between them.
                let parts = one.arguments.iter().skip(1).filter(|part| !part.starts_with("escape="));
                parts.cloned().collect()
            }
            None if name == "auto" => access_log(configuration)?.format,
            None => return None,
        };
        Some(Self::nginx(&text))
    }

    fn nginx(text: &str) -> Self {
        Self::Nginx(Box::new(LogFormat::compile(text)))
    }

    fn guess(lines: &[String]) -> Self {
        let first = lines
            .iter()
            .map(|line| line.trim())
            .find(|line| !line.is_empty())
            .unwrap_or_default();
        if let Ok(json @ Value::Object(_)) = serde_json::from_str::<Value>(first) {
            return Self::Json(if json["request"]["uri"].is_string() {
                JsonFields::caddy()
            } else if json["RequestMethod"].is_string() {
                JsonFields::traefik()
            } else {
                JsonFields::default()
            });
        }
        if first.starts_with('{') {
            return Self::Json(JsonFields::default());
        }
        let fits = |format: &Self| {
            let read = lines
                .iter()
                .filter(|line| format.read(line, &Fields::default()).is_ok());
            read.count()
        };
        let known = [
            Self::nginx(TRAEFIK),
            Self::nginx(VHOST),
            Self::HaProxy,
            Self::nginx(COMBINED),
            Self::nginx(COMMON),
        ];
        // Of several that fit as many lines, the first, which reads most of a line.
        let mut best = (0, Self::nginx(COMBINED));
        for format in known {
            let count = fits(&format);
            if count > best.0 {
                best = (count, format);
            }
        }
        best.1
    }

    /// The request of a line.
    pub(super) fn read(&self, text: &str, fields: &Fields) -> Result<Line, LineRejection> {
        match self {
            Self::Nginx(format) => nginx(format, text, fields),
            Self::HaProxy => haproxy(text),
            Self::Json(json) => read_json(text, json, fields),
        }
    }
}

fn nginx(format: &LogFormat, text: &str, fields: &Fields) -> Result<Line, LineRejection> {
    let wanted = [
        "remote_addr",
        "http_user_agent",
        "time_local",
        "time_iso8601",
        "msec",
        "request",
        "request_method",
        "request_uri",
        "uri",
        "args",
        "status",
        "request_time",
        "millis",
        fields.session.as_deref().unwrap_or("\u{0}"),
        fields.client.as_deref().unwrap_or("\u{0}"),
    ];
    let values = format.read(text, wanted).ok_or(LineRejection::Unfit)?;
    let [
        address,
        agent,
        local,
        iso,
        msec,
        request,
        method,
        target,
        path,
        query,
        status,
        took,
        millis,
        session,
        client,
    ] = values;
    let mut line = Line {
        address: first_address(client.filter(|client| *client != "-").or(address).unwrap_or_default()),
        agent: unescaped(agent.unwrap_or_default()),
        session: session.filter(|session| !matches!(*session, "" | "-")).map(unescaped),
        status: status.and_then(|status| status.parse().ok()).unwrap_or(0),
        ..Line::default()
    };
    // `$msec` and an ISO time may stand beside `$time_local`; the exact one counts.
    let time = msec
        .and_then(any_time)
        .or_else(|| iso.and_then(any_time))
        .or_else(|| local.and_then(common_time));
    (line.ended, line.is_exact) = time.ok_or(LineRejection::Unfit)?;
    let seconds = took.and_then(|took| took.parse::<f64>().ok());
    let seconds = seconds.or_else(|| millis.and_then(|millis| Some(millis.parse::<f64>().ok()? / 1e3)));
    line.took = seconds.filter(|took| (0.0..86_400.0).contains(took));
    let is_request = match (request, method) {
        (Some(request), _) => line.set_request(&unescaped(request)),
        (None, Some(method)) => {
            method.clone_into(&mut line.method);
            let own = target.map(unescaped);
            let joined = path.map(|path| match query.filter(|query| !matches!(*query, "" | "-")) {
                Some(query) => unescaped(&format!("{path}?{query}")),
                None => unescaped(path),
            });
            own.or(joined).is_some_and(|target| line.set_target(&target))
        }
        (None, None) => return Err(LineRejection::Unfit),
    };
    if is_request {
        Ok(line)
    } else {
        Err(LineRejection::NoRequest)
    }
}

/// `client:port [accept date] frontend backend/server Tq/Tw/Tc/Tr/Tt status bytes … "request"` (`HAProxy`, section 8.2.3).
fn haproxy(text: &str) -> Result<Line, LineRejection> {
    let start = text.find('[').ok_or(LineRejection::Unfit)?;
    // The process id of syslog stands in brackets as well.
    let opened = if text[start..].starts_with("[0")
        || text[start + 1..].starts_with(|letter: char| letter.is_ascii_digit())
            && text[start..].find('/') < text[start..].find(']')
    {
        start
    } else {
        start + 1 + text[start + 1..].find('[').ok_or(LineRejection::Unfit)?
    };
    let closed = opened + text[opened..].find(']').ok_or(LineRejection::Unfit)?;
    let (accepted, is_exact) = common_time(&text[opened..=closed]).ok_or(LineRejection::Unfit)?;
    let client = text[..opened]
        .split_whitespace()
        .next_back()
        .ok_or(LineRejection::Unfit)?;
    let mut words = text[closed + 1..].split_whitespace();
    let timers = words
        .find(|word| word.matches('/').count() == 4)
        .ok_or(LineRejection::Unfit)?;
    let total = timers
        .rsplit('/')
        .next()
        .and_then(|total| total.trim_start_matches('+').parse::<f64>().ok());
    let status = words
        .next()
        .and_then(|status| status.parse().ok())
        .ok_or(LineRejection::Unfit)?;
    let took = total.map(|total| total.max(0.0) / 1e3);
    let mut line = Line {
        // The date is that of the request's start.
        ended: accepted + took.unwrap_or(0.0),
        took,
        is_exact,
        address: client
            .rsplit_once(':')
            .map_or(client, |(address, _)| address)
            .to_owned(),
        status,
        ..Line::default()
    };
    let request = text.rsplit_once('"').and_then(|(before, _)| before.rsplit_once('"'));
    let is_request = request.is_some_and(|(_, request)| line.set_request(request));
    if is_request {
        Ok(line)
    } else {
        Err(LineRejection::NoRequest)
    }
}
