//! One entry of an HTTP Archive, read leniently: browsers and proxies leave keys out and add their own.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;
use url::Url;

/// Kinds of content that pages are made of, which the browser probe loads.
const STATIC_TYPES: [&str; 7] = [
    "stylesheet",
    "script",
    "image",
    "font",
    "media",
    "manifest",
    "texttrack",
];
/// Beginnings of content types likewise.
const STATIC_MIMES: [&str; 10] = [
    "image/",
    "font/",
    "audio/",
    "video/",
    "text/css",
    "text/javascript",
    "application/javascript",
    "application/x-javascript",
    "application/font",
    "application/wasm",
];
/// Extensions of such files, where nothing else tells.
const STATIC_EXTENSIONS: [&str; 22] = [
    "css",
    "js",
    "mjs",
    "map",
    "png",
    "jpg",
    "jpeg",
    "gif",
    "svg",
    "webp",
    "avif",
    "ico",
    "woff",
    "woff2",
    "ttf",
    "otf",
    "eot",
    "mp4",
    "webm",
    "mp3",
    "wasm",
    "webmanifest",
];

/// One request with its answer.
#[derive(Debug, Clone)]
pub(super) struct HarEntry {
    /// Number in the archive, from 1.
    pub(super) number: usize,
    pub(super) method: String,
    pub(super) url: Url,
    /// Seconds since the epoch.
    pub(super) started: f64,
    pub(super) ended: f64,
    pub(super) headers: Vec<(String, String)>,
    /// The body as the archive holds it: `postData`.
    pub(super) posted: Value,
    /// Length of the body in bytes; negative if it is not known.
    pub(super) body_size: i64,
    pub(super) status: u16,
    pub(super) answer_headers: Vec<(String, String)>,
    pub(super) answer_mime: String,
    /// The answer's body, decoded; `None` if the archive lacks it or it is no text.
    pub(super) answer: Option<String>,
    pub(super) redirect: Option<String>,
    kind: String,
    cached: bool,
    socket: bool,
}

impl HarEntry {
    /// Reads an entry; the reason if it is none. `before` is the start of the entry before it, which stands in for a missing one.
    pub(super) fn read(number: usize, entry: &Value, before: f64) -> Result<Self, String> {
        let (request, response) = (&entry["request"], &entry["response"]);
        let Some(url) = request["url"].as_str() else {
            return Err("an entry without a URL".to_owned());
        };
        let url = Url::parse(url).map_err(|_| "a URL that is not valid".to_owned())?;
        if !matches!(url.scheme(), "http" | "https" | "ws" | "wss") {
            return Err(format!("a `{}:` URL, which is no request", url.scheme()));
        }
        let started = entry["startedDateTime"].as_str().and_then(instant).unwrap_or(before);
        // Some writers leave `time` out, and some write it as text.
        let took = number_of(&entry["time"]).unwrap_or_else(|| timings(&entry["timings"]));
        let answer_headers = headers(&response["headers"]);
        let content = &response["content"];
        let mime = content["mimeType"].as_str().map(str::to_owned);
        let mime = mime.or_else(|| find(&answer_headers, "content-type").map(str::to_owned));
        let redirect = response["redirectURL"]
            .as_str()
            .filter(|url| !url.is_empty())
            .map(str::to_owned);
        let has_messages = entry["_webSocketMessages"].is_array();
        Ok(Self {
            number,
            method: request["method"].as_str().unwrap_or("GET").to_owned(),
            socket: has_messages || url.scheme().starts_with("ws"),
            url,
            started,
            ended: started + (took / 1e3).clamp(0.0, 86_400.0),
            headers: headers(&request["headers"]),
            posted: request["postData"].clone(),
            // The format writes -1 where the size is not known.
            body_size: request["bodySize"].as_i64().unwrap_or(-1),
            status: u16::try_from(response["status"].as_i64().unwrap_or(0)).unwrap_or(0),
            redirect: redirect.or_else(|| find(&answer_headers, "location").map(str::to_owned)),
            answer_headers,
            answer: text_of(content),
            answer_mime: mime.unwrap_or_default().to_ascii_lowercase(),
            kind: entry["_resourceType"].as_str().unwrap_or_default().to_ascii_lowercase(),
            cached: entry["_fromCache"].is_string() || entry["_fromServiceWorker"] == true,
        })
    }

    /// Place for an account.
    pub(super) fn place(&self) -> String {
        format!("entry {}", self.number)
    }

    /// True for a page that a user opens.
    pub(super) fn is_document(&self) -> bool {
        self.kind == "document" || (self.kind.is_empty() && self.answer_mime.starts_with("text/html"))
    }

    /// True for an answer that leads elsewhere.
    pub(super) fn is_redirect(&self) -> bool {
        matches!(self.status, 301 | 302 | 303 | 307 | 308) && self.redirect.is_some()
    }

    /// The reason for which it becomes no step; `None` if it may become one.
    pub(super) fn left_out(&self) -> Option<&'static str> {
        let asks = |name: &str| find(&self.headers, name).is_some();
        if self.socket {
            return Some("a conversation over a WebSocket: write it by hand as `websocket`");
        }
        if self.method.eq_ignore_ascii_case("OPTIONS") && asks("access-control-request-method") {
            return Some("a preflight of CORS, which a browser makes by itself");
        }
        if self.is_static() {
            return Some("a static file, which the browser probe loads");
        }
        if self.answer_mime.starts_with("text/event-stream") || self.kind == "eventsource" {
            return Some("a stream of events");
        }
        if self.cached {
            return Some("answered from the browser's cache");
        }
        (self.status == 0).then_some("a request without an answer: blocked, cancelled or cut off")
    }

    fn is_static(&self) -> bool {
        if STATIC_TYPES.contains(&self.kind.as_str()) {
            return true;
        }
        if self.kind == "document" || !self.method.eq_ignore_ascii_case("GET") {
            return false;
        }
        if STATIC_MIMES.iter().any(|mime| self.answer_mime.starts_with(mime)) {
            return true;
        }
        let unknown = matches!(
            self.answer_mime.as_str(),
            "" | "x-unknown" | "application/octet-stream" | "text/plain"
        );
        unknown && has_static_extension(self.url.path())
    }
}

/// True for a path that ends as static files do.
pub(super) fn has_static_extension(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or_default();
    let extension = file
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_ascii_lowercase());
    extension.is_some_and(|extension| STATIC_EXTENSIONS.contains(&extension.as_str()))
}

/// The value of a header.
pub(super) fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut named = headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
    named.next().map(|(_, value)| value.as_str())
}

/// Pairs of name and value. An object in place of the list of pairs is read too.
fn headers(value: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    match value {
        Value::Array(pairs) => {
            let named = pairs
                .iter()
                .filter_map(|pair| Some((pair["name"].as_str()?.to_owned(), text(&pair["value"]))));
            named.collect()
        }
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), text(value)))
            .collect(),
        _ => Vec::new(),
    }
}

/// Seconds since the epoch. A time without a zone counts as UTC: only differences matter.
fn instant(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(timestamp.as_millisecond() as f64 / 1e3);
    }
    // The format asks for a zone; some proxies write none. UTC keeps at least the distances.
    let civil: DateTime = text.parse().ok()?;
    let timestamp = civil.to_zoned(TimeZone::UTC).ok()?.timestamp();
    Some(timestamp.as_millisecond() as f64 / 1e3)
}

fn number_of(value: &Value) -> Option<f64> {
    let number = match value {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_f64(),
    };
    number.filter(|number| number.is_finite() && *number >= 0.0)
}

/// Milliseconds of all parts of an entry's time.
fn timings(timings: &Value) -> f64 {
    let parts = ["blocked", "dns", "connect", "send", "wait", "receive"];
    parts.iter().filter_map(|part| number_of(&timings[*part])).sum()
}

/// Text of a body, which may be in base64.
fn text_of(content: &Value) -> Option<String> {
    let text = content["text"].as_str()?;
    if content["encoding"]
        .as_str()
        .is_some_and(|encoding| encoding.eq_ignore_ascii_case("base64"))
    {
        let letters: String = text.split_whitespace().collect();
        return String::from_utf8(BASE64_STANDARD.decode(letters).ok()?).ok();
    }
    Some(text.to_owned())
}

/// Text of the body of a request.
pub(super) fn posted_text(posted: &Value) -> Option<String> {
    text_of(posted).filter(|text| !text.is_empty())
}
