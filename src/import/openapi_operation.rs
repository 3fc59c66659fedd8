//! Operations of an API description.

use std::collections::BTreeMap;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use toml::Table;

use super::account::Account;
use super::form_part::FormPart;
use super::marker::{is_marked, literal, reference};
use super::names::{singular, slug};
use super::openapi_value::{Description, kind, own_value};
use super::request::{Body, Request};

/// Methods of a path item.
const METHODS: [&str; 7] = ["get", "post", "put", "patch", "delete", "head", "options"];
/// Words in paths that end a session.
const LOG_OUTS: [&str; 4] = ["logout", "log-out", "signout", "sign-out"];

/// One operation.
#[derive(Debug, Clone)]
pub(super) struct Operation<'a> {
    pub(super) method: String,
    /// Path with the prefix of the server and `{name}` in it.
    pub(super) path: String,
    /// Name of its step.
    pub(super) id: String,
    pub(super) tag: String,
    /// Its own or the description's security.
    pub(super) security: &'a Value,
    described: &'a Value,
    parameters: Vec<&'a Value>,
}

/// All operations that can become steps.
pub(super) fn operations<'a>(description: Description<'a>, account: &mut Account) -> Vec<Operation<'a>> {
    let prefix = prefix(description.0);
    let mut found = Vec::new();
    for (path, item) in description.0["paths"].as_object().into_iter().flatten() {
        let item = description.resolve(item);
        for method in METHODS {
            let operation = &item[method];
            if !operation.is_object() {
                continue;
            }
            account.read += 1;
            let title = format!("{} {path}", method.to_uppercase());
            if operation["deprecated"] == true {
                account.leave_out("a deprecated operation", &title);
                continue;
            }
            if !path.starts_with('/') {
                account.leave_out("a path that does not begin with `/`", &title);
                continue;
            }
            let shared = item["parameters"].as_array().into_iter().flatten();
            let own = operation["parameters"].as_array().into_iter().flatten();
            let tag = operation["tags"].get(0).and_then(Value::as_str);
            let first = path
                .split('/')
                .find(|segment| !segment.is_empty() && !segment.contains('{'));
            let full = format!("{prefix}{path}");
            found.push(Operation {
                id: match operation["operationId"].as_str() {
                    Some(id) if !slug(id, '-').is_empty() => slug(id, '-'),
                    _ => slug(&format!("{method}-{full}"), '-'),
                },
                method: method.to_uppercase(),
                path: full,
                tag: tag.or(first).unwrap_or("api").to_owned(),
                security: operation.get("security").unwrap_or(&description.0["security"]),
                described: operation,
                // Later ones are the operation's own and count.
                parameters: own
                    .chain(shared)
                    .map(|parameter| description.resolve(parameter))
                    .collect(),
            });
        }
    }
    found
}

/// Path of the first server.
fn prefix(description: &Value) -> String {
    let url = description["servers"][0]["url"].as_str().unwrap_or_default();
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => url,
    };
    let path = path.trim_end_matches('/');
    if path.starts_with('/') && !path.contains('{') {
        path.to_owned()
    } else {
        String::new()
    }
}

impl<'a> Operation<'a> {
    /// `GET /tasks/{id}`, for an account.
    pub(super) fn title(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Order within a journey: lists, creation, reading, changes, the rest, removal from the inside out.
    pub(super) fn order(&self) -> (u8, usize, String) {
        let is_item = self.path.ends_with('}');
        let depth = self.path.matches('{').count();
        let rank = match (self.method.as_str(), is_item) {
            ("GET" | "HEAD", false) if depth == 0 => 0,
            ("POST", _) if depth == 0 => 1,
            ("GET" | "HEAD", _) => 2,
            ("PUT" | "PATCH" | "POST", _) => 3,
            ("DELETE", _) => 5,
            _ => 4,
        };
        (
            rank,
            if rank == 5 { usize::MAX - depth } else { depth },
            self.path.clone(),
        )
    }

    pub(super) fn is_log_out(&self) -> bool {
        let path = self.path.to_ascii_lowercase();
        LOG_OUTS.iter().any(|word| path.contains(word))
    }

    /// The collection that it adds to: one under which a path with one more parameter can lie.
    pub(super) fn creates(&self) -> Option<String> {
        let answers = self.described["responses"].as_object()?;
        let creates = self.method == "POST" && !self.path.ends_with('}') && answers.contains_key("201");
        creates.then(|| self.path.clone())
    }

    /// True if a step before it creates the thing that its path ends with.
    pub(super) fn created_by(&self, known: &BTreeMap<String, String>) -> bool {
        let collection = self.path.rfind("/{").map(|at| &self.path[..at]);
        self.path.ends_with('}')
            && collection.is_some_and(|collection| known.contains_key(&format!("new {collection}")))
    }

    /// Collections whose ids it needs: those in its path, and those that members of its body name (`projectId`).
    pub(super) fn needs(&self, description: Description<'a>) -> Vec<String> {
        let mut found = Vec::new();
        let mut path = String::new();
        for segment in self.path.split('/').skip(1) {
            if let Some(name) = segment.strip_prefix('{') {
                found.push(path.clone());
                // `/tasks/assignee/{userId}`: an id of a user.
                found.extend(stem(name.trim_end_matches('}')).map(|stem| format!("{stem}s")));
            }
            path.extend(["/", segment]);
        }
        let Some((_, schema)) = self.body(description) else {
            return found;
        };
        let required = description.required(schema);
        for (name, _) in description.properties(schema) {
            if let Some(stem) = stem(name).filter(|_| required.contains(&name)) {
                found.push(format!("{stem}s"));
            }
        }
        found
    }

    /// The extraction of the id that a creation answers with.
    pub(super) fn id_of_answer(&self, description: Description<'a>) -> Table {
        let schema = self.answer(description);
        let names = schema.map(|schema| description.properties(schema)).unwrap_or_default();
        let path = |name: &str| format!("$.{name}");
        let found = ["id", "uuid", "_id"]
            .into_iter()
            .find(|id| names.iter().any(|(name, _)| name == id))
            .map(path);
        let inner = || {
            let mut inner = names.iter().filter(|(_, schema)| {
                let members = description.properties(schema);
                members.iter().any(|(name, _)| *name == "id")
            });
            inner.next().map(|(name, _)| format!("$.{name}.id"))
        };
        let mut table = Table::new();
        if let Some(path) = found.or_else(inner) {
            table.insert("json".to_owned(), path.into());
        } else {
            // The description does not say where: the first id of the answer.
            table.insert("pick".to_owned(), "first".into());
            table.insert("json".to_owned(), "$..id".into());
        }
        table
    }

    /// The extraction of the ids of a list.
    pub(super) fn ids_of_list(&self, description: Description<'a>) -> Table {
        let schema = self.answer(description).map(|schema| description.resolve(schema));
        let path = schema.and_then(|schema| {
            if kind(schema) == "array" {
                return Some("$[*].id".to_owned());
            }
            let members = description.properties(schema);
            let list = members
                .iter()
                .find(|(_, schema)| kind(description.resolve(schema)) == "array");
            list.map(|(name, _)| format!("$.{name}[*].id"))
        });
        let mut table = Table::new();
        let plain = path.filter(|path| {
            path.chars()
                .all(|letter| letter.is_ascii_alphanumeric() || "$._[]*".contains(letter))
        });
        if let Some(path) = plain {
            table.insert("json".to_owned(), path.into());
        } else {
            // The description does not say where: the first id of the answer.
            table.insert("pick".to_owned(), "first".into());
            table.insert("json".to_owned(), "$..id".into());
        }
        table
    }

    /// Schema of the answer of a success.
    pub(super) fn answer(&self, description: Description<'a>) -> Option<&'a Value> {
        let answers = self.described["responses"].as_object()?;
        let (_, answer) = answers.iter().find(|(status, _)| status.starts_with('2'))?;
        let content = description.resolve(answer)["content"].as_object()?;
        let (_, media) = content.iter().find(|(mime, _)| mime.contains("json"))?;
        media.get("schema")
    }

    /// Content type and schema of the body.
    pub(super) fn body(&self, description: Description<'a>) -> Option<(&'a str, &'a Value)> {
        let (mime, media) = self.media(description)?;
        Some((mime, media.get("schema")?))
    }

    fn media(&self, description: Description<'a>) -> Option<(&'a str, &'a Value)> {
        let content = description.resolve(&self.described["requestBody"])["content"].as_object()?;
        let preferred = [
            "application/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
        ];
        let named = preferred.iter().find_map(|mime| content.get_key_value(*mime));
        let (mime, media) = named.or_else(|| content.iter().next())?;
        Some((mime, media))
    }

    /// The request, with values for its parameters and its body.
    pub(super) fn request(&self, description: Description<'a>, known: &BTreeMap<String, String>) -> Request {
        let mut request = Request {
            name: Some(self.id.clone()),
            method: self.method.clone(),
            ..Request::default()
        };
        let mut before = String::new();
        let mut segments = Vec::new();
        for segment in self.path.split('/').skip(1) {
            segments.push(self.segment(segment, &before, description, known));
            before.extend(["/", segment]);
        }
        request.path = format!("/{}", segments.join("/"));
        for parameter in &self.parameters {
            let name = parameter["name"].as_str().unwrap_or_default();
            let is_required = parameter["required"] == true;
            if name.is_empty() || !is_required {
                continue;
            }
            let value = text_of(&parameter_value(parameter, name, description));
            match parameter["in"].as_str() {
                Some("query") => {
                    let name = utf8_percent_encode(name, NON_ALPHANUMERIC).to_string();
                    if !request.query.iter().any(|(known, _)| *known == name) {
                        request.query.push((name, Some(encoded(&value))));
                    }
                }
                Some("header") => request.set_header(name, &value),
                _ => {}
            }
        }
        self.fill_body(description, known, &mut request);
        request
    }

    fn segment(
        &self,
        segment: &str,
        before: &str,
        description: Description<'a>,
        known: &BTreeMap<String, String>,
    ) -> String {
        let Some((start, rest)) = segment.split_once('{') else {
            return literal(segment);
        };
        let (name, end) = rest.split_once('}').unwrap_or((rest, ""));
        let of_path = known.get(&format!("new {before}")).or_else(|| known.get(before));
        let value = if let Some(value) = of_path.or_else(|| named(name, known)) {
            reference(value)
        } else {
            let parameter = self
                .parameters
                .iter()
                .find(|parameter| parameter["in"] == "path" && parameter["name"] == name);
            encoded(&text_of(&parameter.map_or(Value::from(1), |parameter| {
                parameter_value(parameter, name, description)
            })))
        };
        format!("{}{value}{}", literal(start), literal(end))
    }

    fn fill_body(&self, description: Description<'a>, known: &BTreeMap<String, String>, request: &mut Request) {
        let Some((mime, media)) = self.media(description) else {
            return;
        };
        let own = own_value(media).cloned();
        let schema = &media["schema"];
        let mut value = own.or_else(|| description.value("body", schema)).unwrap_or(Value::Null);
        if let Value::Object(members) = &mut value {
            for (name, member) in members.iter_mut() {
                if let Some(value) = named(name, known) {
                    let expression = if member.is_number() {
                        format!("number {value}")
                    } else {
                        value.clone()
                    };
                    *member = reference(&expression).into();
                }
            }
        }
        request.body = match (mime, value) {
            (_, Value::Null) => Body::Nothing,
            ("application/x-www-form-urlencoded", Value::Object(members)) => Body::Form(
                members
                    .iter()
                    .map(|(name, value)| (name.clone(), text_of(value)))
                    .collect(),
            ),
            ("multipart/form-data", Value::Object(members)) => {
                let is_file = |name: &str| {
                    let properties = description.properties(schema);
                    let own = properties.iter().find(|(known, _)| *known == name);
                    own.is_some_and(|(_, property)| description.resolve(property)["format"] == "binary")
                };
                let parts = members.iter().map(|(name, value)| FormPart {
                    name: name.clone(),
                    value: text_of(value),
                    file_name: is_file(name).then(|| format!("{name}.txt")),
                    ..FormPart::default()
                });
                Body::Multipart(parts.collect())
            }
            (mime, value) if mime.contains("json") => Body::Json(value),
            (mime, value) => {
                request.set_header("content-type", &literal(mime));
                Body::Text(text_of(&value))
            }
        };
    }
}

/// The value of a parameter.
fn parameter_value(parameter: &Value, name: &str, description: Description<'_>) -> Value {
    if let Some(own) = own_value(parameter) {
        return own.clone();
    }
    let schema = match parameter["content"].as_object() {
        Some(content) => content.values().next().map_or(&Value::Null, |media| &media["schema"]),
        None => &parameter["schema"],
    };
    description.value(name, schema).unwrap_or_else(|| 1.into())
}

/// The value that an id's name stands for, among those of collections.
fn named<'a>(name: &str, known: &'a BTreeMap<String, String>) -> Option<&'a String> {
    let stem = stem(name)?;
    let is_of = |collection: &str| singular(collection).eq_ignore_ascii_case(&stem);
    let mut found = known.iter().filter(|(collection, _)| is_of(collection));
    found.next().map(|(_, value)| value)
}

/// The noun that an id's name holds: `project` of `projectId`.
fn stem(name: &str) -> Option<String> {
    let stem = name
        .strip_suffix("Id")
        .or_else(|| name.strip_suffix("_id"))
        .or_else(|| name.strip_suffix("ID"))?;
    (!stem.is_empty()).then(|| slug(stem, '-'))
}

/// Text of a value where no JSON can stand.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(elements) => elements.iter().map(text_of).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// Percent-encoded text; a reference is encoded when it is filled.
fn encoded(text: &str) -> String {
    if is_marked(text) {
        text.to_owned()
    } else {
        utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
    }
}
