//! Postman collections (2.0 and 2.1): a journey for each folder, with inherited authorisation and variables.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use url::Url;

use super::account::Account;
use super::conceal::hide;
use super::draft::Draft;
use super::error::ImportError;
use super::form_part::FormPart;
use super::front_door::{authority, leads_to};
use super::imported::{Attachment, Imported};
use super::marker::{literal, reference};
use super::names::{Names, slug, value_name};
use super::request::{Body, Request};
use super::steps::{Steps, complete};
use super::vault::{Vault, is_secret};

/// Deepest folders.
const DEEPEST: usize = 32;
/// Value of a variable that the collection names and does not have.
const UNKNOWN: &str = "REPLACE-ME";
/// Host in place of a variable that the collection does not have.
const ANY_HOST: &str = "front-door.invalid";

/// Settings of the import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostmanOptions {
    /// The file, for errors.
    pub path: PathBuf,
    /// Beginning of the journeys' names.
    pub name: String,
    /// Hosts of the front door; by default that of the first request.
    pub hosts: Vec<String>,
}

/// Makes a journey for each folder at the top of a collection, and one for the requests outside of folders.
pub fn postman(text: &str, options: &PostmanOptions) -> Result<Imported, ImportError> {
    let wrong = |problem: String| ImportError::Format {
        path: options.path.clone(),
        expected: "a Postman collection 2.0 or 2.1",
        problem,
    };
    let text = text.trim_start_matches('\u{feff}');
    let collection: Value = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    // Postman's own service wraps it.
    let collection = if collection["collection"].is_object() {
        &collection["collection"]
    } else {
        &collection
    };
    let Some(items) = collection["item"].as_array() else {
        return Err(wrong("it has no list `item`".to_owned()));
    };
    let mut variables = BTreeMap::new();
    for variable in collection["variable"].as_array().into_iter().flatten() {
        let name = variable["key"].as_str().or_else(|| variable["id"].as_str());
        if let Some(name) = name.filter(|_| variable["disabled"] != true) {
            variables.insert(name.to_owned(), text_of(&variable["value"]));
        }
    }
    let mut reader = Reader {
        options,
        variables,
        used: BTreeSet::new(),
        hosts: options.hosts.clone(),
        account: Account::default(),
        folders: Vec::new(),
        files: Vec::new(),
    };
    reader.events(collection, "the collection");
    reader.items(items, None, &collection["auth"], 0);
    reader.finish()
}

struct Reader<'a> {
    options: &'a PostmanOptions,
    variables: BTreeMap<String, String>,
    /// Names of variables that requests refer to.
    used: BTreeSet<String>,
    hosts: Vec<String>,
    account: Account,
    /// Folders at the top with their requests.
    folders: Vec<(String, Vec<Request>)>,
    files: Vec<Attachment>,
}

impl Reader<'_> {
    fn items(&mut self, items: &[Value], folder: Option<&str>, auth: &Value, depth: usize) {
        for item in items {
            let name = item["name"].as_str().unwrap_or_default();
            let own = if item["auth"].is_object() { &item["auth"] } else { auth };
            if let Some(inner) = item["item"].as_array() {
                self.events(item, name);
                if depth < DEEPEST {
                    self.items(inner, Some(folder.unwrap_or(name)), own, depth + 1);
                } else {
                    self.account
                        .note(format!("folder {name} lies too deep and is left out"));
                }
                continue;
            }
            self.account.read += 1;
            self.events(item, name);
            let place = if name.is_empty() {
                format!("item {}", self.account.read)
            } else {
                name.to_owned()
            };
            match self.request(item, own, &place) {
                Ok(request) => {
                    let folder = folder.unwrap_or_default();
                    match self.folders.iter_mut().find(|(known, _)| known == folder) {
                        Some((_, requests)) => requests.push(request),
                        None => self.folders.push((folder.to_owned(), vec![request])),
                    }
                }
                Err(reason) => self.account.leave_out(&reason, &place),
            }
        }
    }

    /// Scripts are told: they are programs, which a journey has not.
    fn events(&mut self, item: &Value, name: &str) {
        for event in item["event"].as_array().into_iter().flatten() {
            let script = &event["script"]["exec"];
            let lines = match script {
                Value::Array(lines) => lines
                    .iter()
                    .filter_map(Value::as_str)
                    .any(|line| !line.trim().is_empty()),
                script => script.as_str().is_some_and(|script| !script.trim().is_empty()),
            };
            if lines {
                let listen = event["listen"].as_str().unwrap_or("some");
                self.account.note(format!(
                    "{name}: its {listen} script is not run: write its checks and extractions into the step"
                ));
            }
        }
    }

    fn request(&mut self, item: &Value, inherited: &Value, place: &str) -> Result<Request, String> {
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

    fn finish(mut self) -> Result<Imported, ImportError> {
        if self.folders.is_empty() {
            return Err(ImportError::Nothing {
                path: self.options.path.clone(),
                reasons: self.account.lines("requests"),
            });
        }
        let (mut names, mut vault) = (Names::default(), Vault::default());
        // Names of the collection's variables are taken.
        for name in &self.used {
            names.unique(&value_name(name), '_');
        }
        let mut journeys = Vec::new();
        let mut mix = Vec::new();
        let mut taken = Names::default();
        for (folder, requests) in &mut self.folders {
            let slug = slug(folder, '-');
            let name = if slug.is_empty() {
                self.options.name.clone()
            } else {
                format!("{}-{slug}", self.options.name)
            };
            let name = taken.unique(&name, '-');
            let mut draft = Draft::new(
                &name,
                &format!("Imported from a Postman collection: {}", literal(folder)),
            );
            draft
                .notes
                .push("Written by `diapason import postman`. Scripts are not run: no value is extracted.".to_owned());
            let mut steps = Steps::default();
            for request in requests {
                hide(request, &mut vault, &mut names);
                let step = steps.step(request);
                let what = format!(
                    "{}: {} becomes step {} of {name}",
                    request.place, request.method, step.name
                );
                self.account.became.push(what);
                self.account.replayed += 1;
                draft.steps.push(step);
            }
            complete(&mut draft, steps.braces);
            mix.push((name, 1.0));
            journeys.push(draft);
        }
        self.declare(&mut journeys);
        let secrets = vault.declare(&mut journeys, &self.options.name);
        self.files.extend(secrets);
        Ok(Imported {
            journeys,
            mix,
            load: None,
            files: self.files,
            account: self.account,
        })
    }

    /// Declares the variables that requests refer to. A secret goes into a file of its own.
    fn declare(&mut self, journeys: &mut [Draft]) {
        for name in &self.used {
            let own = self.variables.get(name).filter(|value| !value.is_empty());
            let variable = value_name(name);
            let value = own.map_or(UNKNOWN, String::as_str);
            if own.is_none() {
                self.account.note(format!(
                    "variable {name} has no value in the collection: {variable} is {UNKNOWN}"
                ));
            }
            let path = format!("data/{}-{variable}.secret", self.options.name);
            let mut is_used = false;
            for journey in journeys.iter_mut().filter(|journey| journey.mentions(&variable)) {
                is_used = true;
                if is_secret(name) {
                    let mut table = toml::Table::new();
                    table.insert("file".to_owned(), format!("../{path}").into());
                    journey.set_in("variables", &variable, table);
                } else {
                    journey.set_in("variables", &variable, value);
                }
            }
            if is_used && is_secret(name) && !self.files.iter().any(|file| file.path == path) {
                self.files.push(Attachment {
                    path,
                    content: value.as_bytes().to_vec(),
                    secret: true,
                });
            }
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

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        // A segment of a path may be an object.
        Value::Object(members) => members
            .get("value")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        other => other.to_string(),
    }
}
