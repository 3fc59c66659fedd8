//! A trial as an HTTP Archive, which browsers' developer tools open (HAR 1.2).

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use url::Url;

use super::entry::{MaskedExchange, Request, Response, TrialStep};

/// An archive of the requests of a trial, in the order in which their steps ended.
#[derive(Debug, Default)]
pub struct Har {
    pages: Vec<Value>,
    entries: Vec<Value>,
}

impl Har {
    /// Adds a step. Each iteration of a user is a page.
    pub fn add(&mut self, entry: &TrialStep) {
        let page = format!("user-{}-iteration-{}", entry.user, entry.iteration);
        // A step whose request could not be built sent nothing that an archive could hold.
        let Some(first) = entry.turns.first() else { return };
        if self.pages.last().is_none_or(|last| last["id"] != page) {
            self.pages.push(json!({
                "startedDateTime": started(first.sent),
                "id": page,
                "title": format!("user {}, iteration {}", entry.user, entry.iteration),
                "pageTimings": {},
            }));
        }
        // The parts of a step are those of its one request; with redirects they belong to none of them alone.
        let alone = entry.turns.len() == 1;
        self.entries
            .extend(entry.turns.iter().map(|turn| archived(entry, turn, &page, alone)));
    }

    /// The archive as JSON.
    pub fn json(&self) -> String {
        let archive = json!({ "log": {
            "version": "1.2",
            "creator": { "name": "diapason", "version": env!("CARGO_PKG_VERSION") },
            "pages": self.pages,
            "entries": self.entries,
        } });
        format!("{archive:#}\n")
    }
}

fn archived(entry: &TrialStep, turn: &MaskedExchange, page: &str, alone: bool) -> Value {
    let timings = timings(entry, turn, alone);
    let time: f64 = ["connect", "send", "wait", "receive"]
        .iter()
        .filter_map(|part| timings[part].as_f64().filter(|time| *time > 0.0))
        .sum();
    let version = turn.response.as_ref().map_or("HTTP/1.1", |response| &response.version);
    let mut archived = json!({
        "pageref": page,
        "startedDateTime": started(turn.sent),
        "time": time,
        "request": request(&turn.request, version),
        "response": response(turn.response.as_ref().ok()),
        "cache": {},
        "timings": timings,
        "comment": format!("{}: {}", entry.series, entry.outcome.name()),
    });
    if !turn.messages.is_empty() {
        let messages = turn.messages.iter().map(|message| {
            json!({
                "type": if message.sent { "send" } else { "receive" },
                "opcode": if message.text.is_some() { 1 } else { 2 },
                "data": message.text.clone().unwrap_or_default(),
            })
        });
        // Chromium's extension of HAR 1.2, which its developer tools show as messages.
        archived["_webSocketMessages"] = messages.collect();
    }
    archived
}

fn started(at: Timestamp) -> String {
    // HAR asks for ISO 8601 with fractions of a second.
    format!("{at:.3}")
}

fn millis(time: Duration) -> f64 {
    // HAR counts in milliseconds; microseconds are as fine as they were measured.
    (time.as_secs_f64() * 1e6).round() / 1e3
}

/// Parts of the time. Those of a step are known; of several requests in one step only their lengths are.
fn timings(entry: &TrialStep, turn: &MaskedExchange, alone: bool) -> Value {
    let parts = if alone { entry.parts } else { <_>::default() };
    let dialled = parts.connect.unwrap_or_default() + parts.tls.unwrap_or_default();
    let first_byte = parts
        .first_byte
        .unwrap_or(turn.took)
        .clamp(dialled, turn.took.max(dialled));
    let or_none = |time: Option<Duration>| time.map_or(-1.0, millis);
    json!({
        "blocked": -1,
        // -1 is HAR's "does not apply": no request waits for a pool, and look-ups are not timed apart.
        "dns": -1,
        "connect": or_none(parts.connect.map(|_| dialled)),
        "ssl": or_none(parts.tls),
        // Not measured apart from the wait; HAR demands a number of 0 or more.
        "send": 0,
        "wait": millis(first_byte.saturating_sub(dialled)),
        "receive": millis(turn.took.saturating_sub(first_byte)),
    })
}

fn headers(headers: &[(String, String)]) -> Value {
    let headers = headers.iter();
    headers
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect()
}

fn cookies(headers: &[(String, String)], header: &str) -> Value {
    let values = headers.iter().filter(|(name, _)| name == header);
    let pairs = values.flat_map(|(_, value)| {
        // Attributes follow the first pair of an answer's cookie.
        let most = if header == "cookie" { usize::MAX } else { 1 };
        value.split(';').take(most)
    });
    let pairs = pairs.filter_map(|pair| pair.trim().split_once('='));
    pairs
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect()
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut named = headers.iter().filter(|(known, _)| known == name);
    named.next().map(|(_, value)| value.as_str())
}

fn request(request: &Request, version: &str) -> Value {
    let url = Url::parse(&request.url).ok();
    let query = url.as_ref().map(Url::query_pairs).into_iter().flatten();
    let query: Value = query
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    let mut archived = json!({
        "method": request.method,
        "url": request.url,
        "httpVersion": version,
        "cookies": cookies(&request.headers, "cookie"),
        "headers": headers(&request.headers),
        "queryString": query,
        "headersSize": -1,
        "bodySize": request.bytes,
    });
    if request.bytes > 0 {
        let mime = find(&request.headers, "content-type").unwrap_or_default();
        archived["postData"] = match &request.body {
            Some(body) if mime.starts_with("application/x-www-form-urlencoded") => {
                let fields = url::form_urlencoded::parse(body.as_bytes());
                let params: Value = fields
                    .map(|(name, value)| json!({ "name": name, "value": value }))
                    .collect();
                json!({ "mimeType": mime, "params": params, "text": body })
            }
            body => json!({ "mimeType": mime, "params": [], "text": body.clone().unwrap_or_default() }),
        };
    }
    archived
}

fn response(response: Option<&Response>) -> Value {
    // An answer that never came has the status 0, as browsers write it.
    let Some(response) = response else {
        return json!({
            "status": 0, "statusText": "", "httpVersion": "", "cookies": [], "headers": [],
            "content": { "size": 0, "mimeType": "" }, "redirectURL": "", "headersSize": -1, "bodySize": -1,
        });
    };
    let reason = hyper::StatusCode::from_u16(response.status).ok();
    let mut content = json!({
        "size": response.size,
        "mimeType": find(&response.headers, "content-type").unwrap_or_default(),
    });
    if let Some(body) = &response.body {
        content["text"] = body.as_str().into();
    }
    json!({
        "status": response.status,
        "statusText": reason.and_then(|status| status.canonical_reason()).unwrap_or_default(),
        "httpVersion": response.version,
        "cookies": cookies(&response.headers, "set-cookie"),
        "headers": headers(&response.headers),
        "content": content,
        "redirectURL": find(&response.headers, "location").unwrap_or_default(),
        "headersSize": -1,
        // As transferred; `content.size` is the size after decompression (HAR 1.2).
        "bodySize": response.bytes,
    })
}
