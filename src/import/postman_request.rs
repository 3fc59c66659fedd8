//! A request of a Postman collection: its address, headers, body and authorisation.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use url::Url;

use super::form_part::FormPart;
use super::front_door::{authority, leads_to};
use super::import_result::Attachment;
use super::marker::{literal, reference};
use super::names::{slug, value_name};
use super::postman::{ANY_HOST, Reader, text_of};
use super::request::{Body, Request};

impl Reader<'_> {
    pub(super) fn request(&mut self, item: &Value, inherited: &Value, place: &str) -> Result<Request, String> {
        let request = &item["request"];
        let written = match (&request["url"], request) {
            (_, Value::String(url)) | (Value::String(url), _) => url.clone(),
            (url, _) => url_of(url),
        };
        if written.trim().is_empty() {
            return Err("a request without a URL".to_owned());
        }
        let (base, rest) = self.split(written.trim());
        let url = Url::parse(&base).map_err(|_| "a URL that is not valid".to_owned())?;
        let host = authority(&url).ok_or("a URL of another protocol")?;
        if self.hosts.is_empty() {
            self.hosts.push(host.clone());
        }
        if !leads_to(&url, &self.hosts) {
            return Err(format!("another host ({host})"));
        }
        let mut made = Request::new(place, request["method"].as_str().unwrap_or("GET"), &url)?;
        let rest = rest.split('#').next().unwrap_or_default();
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let own = &request["url"]["variable"];
        let prefix = url.path().trim_end_matches('/');
        let segments: Vec<String> = path
            .split('/')
            .skip(1)
            .map(|segment| self.segment(segment, own))
            .collect();
        made.path = format!("{}/{}", literal(prefix), segments.join("/"));
        if !query.is_empty() {
            made.set_query(&self.filled(&query.replace(' ', "%20")));
        }
        // Pairs that are switched off stand in the text of some versions.
        for pair in request["url"]["query"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|pair| pair["disabled"] == true)
        {
            let name = pair["key"].as_str().unwrap_or_default();
            made.query.retain(|(known, _)| known != name);
        }
        made.name = Some(slug(item["name"].as_str().unwrap_or_default(), '-')).filter(|name| !name.is_empty());
        self.headers(&request["header"], &mut made);
        self.body(&request["body"], &mut made);
        let auth = if request["auth"].is_object() {
            &request["auth"]
        } else {
            inherited
        };
        self.authorise(auth, place, &mut made);
        Ok(made)
    }

    /// A URL with a host that can be read, and its path with the variables still in it.
    fn split(&self, written: &str) -> (String, String) {
        let mut text = written.to_owned();
        // A variable at the beginning is the base.
        if let Some((name, rest)) = text.strip_prefix("{{").and_then(|rest| rest.split_once("}}")) {
            let value = self
                .variables
                .get(name.trim())
                .filter(|value| !value.is_empty())
                .cloned();
            text = format!(
                "{}{rest}",
                value
                    .unwrap_or_else(|| format!("http://{ANY_HOST}"))
                    .trim_end_matches('/')
            );
        }
        if !text.contains("://") {
            text = format!("http://{text}");
        }
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", ""));
        let at = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (host, path) = rest.split_at(at);
        let mut host = host.to_owned();
        while let Some((before, (name, after))) = host
            .split_once("{{")
            .and_then(|(before, rest)| Some((before, rest.split_once("}}")?)))
        {
            let value = self.variables.get(name.trim()).filter(|value| !value.contains("{{"));
            host = format!("{before}{}{after}", value.map_or(ANY_HOST, String::as_str));
        }
        let path = if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("/{path}")
        };
        (format!("{scheme}://{host}"), path)
    }

    fn segment(&mut self, segment: &str, own: &Value) -> String {
        if let Some(name) = segment.strip_prefix(':') {
            let value = own
                .as_array()
                .into_iter()
                .flatten()
                .find(|variable| variable["key"] == name);
            let value = value
                .map(|variable| text_of(&variable["value"]))
                .filter(|value| !value.is_empty());
            return match value {
                Some(value) => self.encoded(&value),
                None => self.refer(name),
            };
        }
        self.encoded(segment)
    }

    /// Text for a path: what a URL cannot hold is encoded, references are not.
    fn encoded(&mut self, text: &str) -> String {
        let filled = self.filled(text);
        let escaped = filled.replace('?', "%3F").replace('#', "%23").replace(' ', "%20");
        escaped
            .chars()
            .map(|letter| if letter.is_control() { '_' } else { letter })
            .collect()
    }

    /// A reference to a variable of the collection, or to a built-in that stands for one of Postman's.
    fn refer(&mut self, name: &str) -> String {
        match name {
            "$guid" | "$randomUUID" => reference("uuid"),
            "$timestamp" => reference("date %s UTC"),
            "$isoTimestamp" => reference("date %Y-%m-%dT%H:%M:%SZ UTC"),
            "$randomInt" => reference("random 0 1000"),
            name => {
                let name = name.trim_start_matches('$');
                self.used.insert(name.to_owned());
                reference(&value_name(name))
            }
        }
    }

    /// Text with references in place of `{{name}}`.
    fn filled(&mut self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, (name, after))) = rest
            .split_once("{{")
            .and_then(|(before, rest)| Some((before, rest.split_once("}}")?)))
        {
            filled.push_str(&literal(before));
            let name = name.trim();
            let is_name = !name.is_empty() && !name.contains(['{', '"', '\n', ':']);
            if is_name {
                let reference = self.refer(name);
                filled.push_str(&reference);
            } else {
                filled.push_str(&literal(&format!("{{{{{name}}}}}")));
            }
            rest = after;
        }
        filled.push_str(&literal(rest));
        filled
    }

    fn headers(&mut self, headers: &Value, made: &mut Request) {
        match headers {
            Value::Array(headers) => {
                for header in headers.iter().filter(|header| header["disabled"] != true) {
                    let value = self.filled(&text_of(&header["value"]));
                    if let Some(name) = header["key"].as_str().filter(|name| !name.is_empty()) {
                        made.set_header(name, &value);
                    }
                }
            }
            Value::String(lines) => {
                for (name, value) in lines.lines().filter_map(|line| line.split_once(':')) {
                    let value = self.filled(value.trim());
                    made.set_header(name.trim(), &value);
                }
            }
            _ => {}
        }
    }

    fn body(&mut self, body: &Value, made: &mut Request) {
        if body["disabled"] == true {
            return;
        }
        match body["mode"].as_str() {
            Some("raw") => {
                let text = body["raw"].as_str().unwrap_or_default();
                let is_json = body["options"]["raw"]["language"] == "json";
                let own = made.header("content-type").map(str::to_owned);
                let mime = own.clone().or_else(|| is_json.then(|| "application/json".to_owned()));
                // Read before variables are replaced by what no JSON holds.
                let plain = Body::read(mime.as_deref(), text);
                made.body = self.filled_body(plain);
                if let (Body::Text(_), None, Some(mime)) = (&made.body, own, mime) {
                    made.set_header("content-type", &mime);
                }
            }
            Some("urlencoded") => {
                let fields =
                    enabled(&body["urlencoded"]).map(|field| (text_of(&field["key"]), text_of(&field["value"])));
                let fields: Vec<(String, String)> = fields.collect();
                let fields = fields
                    .into_iter()
                    .map(|(name, value)| (literal(&name), self.filled(&value)));
                made.body = Body::Form(fields.collect());
            }
            Some("formdata") => {
                let mut parts = Vec::new();
                for field in enabled(&body["formdata"]) {
                    let mut part = FormPart {
                        name: literal(&text_of(&field["key"])),
                        content_type: field["contentType"].as_str().map(str::to_owned),
                        ..FormPart::default()
                    };
                    if field["type"] == "file" {
                        part.file = Some(self.file(&field["src"], made));
                    } else {
                        part.value = self.filled(&text_of(&field["value"]));
                    }
                    parts.push(part);
                }
                made.body = Body::Multipart(parts);
            }
            Some("file") => made.body = Body::File(self.file(&body["file"]["src"], made)),
            Some("graphql") => {
                let variables = body["graphql"]["variables"]
                    .as_str()
                    .and_then(|text| serde_json::from_str(text).ok());
                let mut query = serde_json::Map::new();
                query.insert("query".to_owned(), text_of(&body["graphql"]["query"]).into());
                if let Some(variables @ Value::Object(_)) = variables {
                    query.insert("variables".to_owned(), variables);
                }
                made.body = self.filled_body(Body::Json(query.into()));
            }
            _ => {}
        }
    }

    fn filled_body(&mut self, body: Body) -> Body {
        match body {
            Body::Json(mut json) => {
                self.fill_json(&mut json);
                Body::Json(json)
            }
            Body::Form(fields) => {
                let fields = fields.into_iter().map(|(name, value)| (name, self.filled(&value)));
                Body::Form(fields.collect())
            }
            Body::Text(text) => Body::Text(self.filled(&text)),
            other => other,
        }
    }

    fn fill_json(&mut self, json: &mut Value) {
        match json {
            Value::String(text) => *text = self.filled(text),
            Value::Array(elements) => elements.iter_mut().for_each(|element| self.fill_json(element)),
            Value::Object(members) => members.values_mut().for_each(|member| self.fill_json(member)),
            _ => {}
        }
    }

    /// Path of a file that stands in for one of the machine on which the collection was made.
    fn file(&mut self, source: &Value, made: &mut Request) -> String {
        let source = match source {
            Value::Array(sources) => sources.first().map(text_of).unwrap_or_default(),
            source => text_of(source),
        };
        let name = source.rsplit(['/', '\\']).next().unwrap_or_default();
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "bin"));
        let path = format!(
            "data/{}-{}-{}.{}",
            self.options.name,
            self.files.len() + 1,
            slug(stem, '-'),
            slug(extension, '-')
        );
        made.notes.push(format!(
            "File {path} is empty: the collection names {}. Put the real file there.",
            literal(name)
        ));
        self.files.push(Attachment {
            path: path.clone(),
            content: Vec::new(),
            secret: false,
        });
        path
    }

    fn authorise(&mut self, auth: &Value, place: &str, made: &mut Request) {
        let kind = auth["type"].as_str().unwrap_or("noauth");
        let settings = &auth[kind];
        let setting = |name: &str| match settings {
            Value::Array(pairs) => pairs
                .iter()
                .find(|pair| pair["key"] == name)
                .map(|pair| text_of(&pair["value"])),
            settings => settings.get(name).map(text_of),
        };
        match kind {
            "noauth" => {}
            "bearer" => {
                let token = self.filled(&setting("token").unwrap_or_default());
                made.set_header("authorization", &format!("Bearer {token}"));
            }
            "basic" => {
                let [user, password] = ["username", "password"].map(|name| setting(name).unwrap_or_default());
                if user.contains("{{") || password.contains("{{") {
                    self.account.note(format!(
                        "{place}: Basic authorisation from variables is left out: set `authorization` by hand"
                    ));
                    return;
                }
                let credentials = BASE64_STANDARD.encode(format!("{user}:{password}"));
                made.set_header("authorization", &format!("Basic {credentials}"));
            }
            "apikey" => {
                let (name, value) = (setting("key").unwrap_or_default(), setting("value").unwrap_or_default());
                let value = self.filled(&value);
                if setting("in").as_deref() == Some("query") {
                    made.query.push((slug(&name, '_'), Some(value)));
                } else {
                    made.set_header(&name, &value);
                }
            }
            "oauth2" => {
                let token = self.filled(&setting("accessToken").unwrap_or_else(|| "{{access_token}}".to_owned()));
                made.set_header("authorization", &format!("Bearer {token}"));
            }
            kind => self
                .account
                .note(format!("{place}: authorisation of kind {kind} is left out")),
        }
    }
}

/// The text of a URL that stands in parts.
fn url_of(url: &Value) -> String {
    if let Some(raw) = url["raw"].as_str() {
        return raw.to_owned();
    }
    let joined = |value: &Value, separator: &str| match value {
        Value::Array(parts) => parts.iter().map(text_of).collect::<Vec<_>>().join(separator),
        value => text_of(value),
    };
    let host = joined(&url["host"], ".");
    if host.is_empty() {
        return String::new();
    }
    let protocol = url["protocol"].as_str().unwrap_or("http");
    let host = if host.starts_with("{{") || host.contains("://") {
        host
    } else {
        format!("{protocol}://{host}")
    };
    let query: Vec<String> = enabled(&url["query"])
        .map(|pair| format!("{}={}", text_of(&pair["key"]), text_of(&pair["value"])))
        .collect();
    let query = if query.is_empty() {
        String::new()
    } else {
        format!("?{}", query.join("&"))
    };
    format!("{host}/{}{query}", joined(&url["path"], "/"))
}

fn enabled(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter(|element| element["disabled"] != true)
}
