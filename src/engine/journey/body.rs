//! The body of a request in each of its forms.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use hyper::header::HeaderValue;
use rand::rngs::SmallRng;
use rand::{RngCore, SeedableRng};

use super::KeyError;
use super::escape::Escape;
use super::file::{GraphqlFile, PartFile, StepFile};
use super::part::{RequestPart, json_of, rendered};
use super::scope::Scope;
use super::template::{MissingValue, Template, Values};
use crate::units;

/// Separator of the parts of a `multipart/form-data` body, as browsers make them; lengthened until no part holds it.
const BOUNDARY: &str = "----DiapasonFormBoundary";

/// Name of a made-up file that has none.
const MADE_UP: &str = "file.bin";
/// Most bytes of a made-up file.
const LARGEST: usize = 1 << 30;

/// A body, compiled.
#[derive(Debug)]
pub(super) enum Body {
    /// One text, or none.
    Whole(RequestPart<Bytes>),
    /// Texts and files in turn.
    Pieces(Box<[RequestPart<Bytes>]>),
}

/// Kind of a body, which decides the content type and what is accepted as an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content {
    /// Value of `content-type`; `None` if there is no body or its type is not known.
    pub(super) content_type: Option<HeaderValue>,
    /// True if a browser sends it by leaving a page.
    pub(super) is_form: bool,
}

impl Body {
    /// Compiles a step's body. Paths of files are relative to `folder`. Errors come with the key that they concern.
    pub(super) fn compile(
        file: &StepFile,
        folder: &Path,
        scope: &Scope,
    ) -> Result<(Self, Content), (String, KeyError)> {
        let given: Vec<&str> = file.body_keys().collect();
        let key = match given[..] {
            [] => return Ok((Self::Whole(RequestPart::Constant(Bytes::new())), content(None, false))),
            [key] => key,
            [first, second, ..] => {
                let error = KeyError::Conflict(format!("a step has `{first}` or `{second}`, not both"));
                return Err((second.to_owned(), error));
            }
        };
        let compiled = if let Some(json) = &file.json {
            json_body(&json_of(json), scope)
        } else if let Some(graphql) = &file.graphql {
            json_body(&graphql_json(graphql), scope)
        } else if let Some(fields) = &file.form {
            form(fields, scope)
        } else if let Some(parts) = &file.multipart {
            multipart(parts, folder, scope)
        } else if let Some(path) = &file.file {
            read(folder, path).map(|bytes| {
                (
                    Self::Whole(RequestPart::Constant(bytes)),
                    content(type_of(path).as_deref(), false),
                )
            })
        } else {
            let text = file.body.as_deref().unwrap_or_default();
            text_part(text, Escape::None, scope).map(|body| (Self::Whole(body), content(None, false)))
        };
        compiled.map_err(|error| (key.to_owned(), error))
    }

    /// Indices of the variables that fill it.
    pub(super) fn slots(&self) -> impl Iterator<Item = usize> {
        let parts = match self {
            Self::Whole(part) => std::slice::from_ref(part),
            Self::Pieces(pieces) => pieces,
        };
        parts.iter().flat_map(RequestPart::slots)
    }

    /// The body, filled with one user's values.
    pub(super) fn rendered(&self, values: &mut Values<'_>) -> Result<Bytes, MissingValue> {
        match self {
            Self::Whole(part) => rendered(part, values),
            Self::Pieces(pieces) => {
                let mut whole = Vec::new();
                for piece in pieces {
                    whole.extend_from_slice(&rendered(piece, values)?);
                }
                Ok(whole.into())
            }
        }
    }
}

fn content(content_type: Option<&str>, is_form: bool) -> Content {
    Content {
        content_type: content_type.and_then(|text| HeaderValue::from_str(text).ok()),
        is_form,
    }
}

fn text_part(text: &str, escape: Escape, scope: &Scope) -> Result<RequestPart<Bytes>, KeyError> {
    let make = |text: &str| Some(Bytes::copy_from_slice(text.as_bytes()));
    RequestPart::compile(text, escape, scope, make, "a body")
}

fn json_body(json: &serde_json::Value, scope: &Scope) -> Result<(Body, Content), KeyError> {
    let body = text_part(&json.to_string(), Escape::Json, scope)?;
    Ok((Body::Whole(body), content(Some("application/json"), false)))
}

fn graphql_json(file: &GraphqlFile) -> serde_json::Value {
    let mut members = serde_json::Map::new();
    members.insert("query".to_owned(), file.query.as_str().into());
    if let Some(variables) = &file.variables {
        let variables = json_of(&toml::Value::Table(variables.clone()));
        members.insert("variables".to_owned(), variables);
    }
    if let Some(operation) = &file.operation {
        members.insert("operationName".to_owned(), operation.as_str().into());
    }
    members.into()
}

fn form(fields: &toml::Table, scope: &Scope) -> Result<(Body, Content), KeyError> {
    let mut whole = Template::default();
    for (name, value) in fields {
        let values = match value {
            toml::Value::Array(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        for value in values {
            let text = match value {
                toml::Value::String(text) => text.clone(),
                toml::Value::Integer(_)
                | toml::Value::Float(_)
                | toml::Value::Boolean(_)
                | toml::Value::Datetime(_) => value.to_string(),
                toml::Value::Array(_) | toml::Value::Table(_) => {
                    return Err(KeyError::Value {
                        given: value.to_string(),
                        expected: "a field of a form: a text, a number, a boolean or a list of these",
                    });
                }
            };
            if !whole.is_empty() {
                whole.append(Template::literal("&"));
            }
            // Names of fields are not templates: a server's field may be called `{{x}}`.
            whole.append(Template::compile_escaped(name, Escape::Form, &Scope::default())?);
            whole.append(Template::literal("="));
            whole.append(Template::compile_escaped(&text, Escape::Form, scope)?);
        }
    }
    let body = match whole.constant() {
        Some(text) => RequestPart::Constant(Bytes::copy_from_slice(text.as_bytes())),
        None => RequestPart::Template(whole),
    };
    Ok((
        Body::Whole(body),
        content(Some("application/x-www-form-urlencoded"), true),
    ))
}

fn multipart(parts: &[PartFile], folder: &Path, scope: &Scope) -> Result<(Body, Content), KeyError> {
    let mut contents = Vec::with_capacity(parts.len());
    for part in parts {
        contents.push(match (&part.value, &part.file, part.size) {
            (Some(text), None, None) => text_part(text, Escape::None, scope)?,
            (None, Some(path), None) => RequestPart::Constant(read(folder, path)?),
            (None, None, Some(size)) => RequestPart::Constant(made_up(size)?),
            _ => {
                let text = format!("part `{}` has a `value`, a `file` or a `size`", part.name);
                return Err(KeyError::Conflict(text));
            }
        });
    }
    let mut boundary = BOUNDARY.to_owned();
    let holds = |part: &RequestPart<Bytes>, boundary: &str| match part {
        RequestPart::Constant(bytes) => bytes
            .windows(boundary.len())
            .any(|window| window == boundary.as_bytes()),
        RequestPart::Template(_) => false,
    };
    while contents.iter().any(|part| holds(part, &boundary)) {
        // RFC 2046, 5.1.1: no part may hold the boundary. What a template fills in is known only later, and hardly
        // holds this name.
        boundary.push('0');
    }
    let mut pieces = Vec::with_capacity(2 * parts.len() + 1);
    let mut between = format!("--{boundary}\r\n");
    for (part, content) in parts.iter().zip(contents) {
        between.push_str(&head_of(part)?);
        pieces.push(RequestPart::Constant(Bytes::from(std::mem::take(&mut between))));
        pieces.push(content);
        between = format!("\r\n--{boundary}\r\n");
    }
    pieces.push(RequestPart::Constant(Bytes::from(match parts {
        [] => format!("--{boundary}--\r\n"),
        _ => format!("\r\n--{boundary}--\r\n"),
    })));
    let content_type = format!("multipart/form-data; boundary={boundary}");
    Ok((Body::Pieces(pieces.into()), content(Some(&content_type), true)))
}

/// Head of one part, with names quoted as browsers do (HTML, multipart/form-data encoding algorithm).
fn head_of(part: &PartFile) -> Result<String, KeyError> {
    // As browsers do (HTML standard, multipart/form-data): quotes and line breaks would end the header.
    let quoted = |text: &str| text.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
    let mut head = format!("Content-Disposition: form-data; name=\"{}\"", quoted(&part.name));
    let own = part
        .file
        .as_deref()
        .and_then(Path::file_name)
        .map(|name| name.to_string_lossy());
    let made_up = part.size.map(|_| MADE_UP);
    if let Some(name) = part.file_name.as_deref().or(own.as_deref()).or(made_up) {
        head.extend(["; filename=\"", &quoted(name), "\""]);
    }
    let path = part.file.as_deref();
    let path = path.or(part.size.and(part.file_name.as_deref()).map(Path::new));
    let is_file = part.file.is_some() || part.size.is_some();
    let guessed = is_file.then(|| {
        let known = path.and_then(type_of);
        known.unwrap_or_else(|| "application/octet-stream".to_owned())
    });
    if let Some(content_type) = part.content_type.clone().or(guessed) {
        if HeaderValue::from_str(&content_type).is_err() {
            return Err(KeyError::Value {
                given: content_type,
                expected: "a content type",
            });
        }
        head.extend(["\r\nContent-Type: ", &content_type]);
    }
    head.push_str("\r\n\r\n");
    Ok(head)
}

/// Bytes that look random.
fn made_up(size: units::Bytes) -> Result<Bytes, KeyError> {
    let length = usize::try_from(size.get()).ok().filter(|length| *length <= LARGEST);
    let length = length.ok_or_else(|| KeyError::Value {
        given: size.to_string(),
        expected: "a size of at most 1 GB: every request under way holds it in memory",
    })?;
    let mut bytes = vec![0; length];
    SmallRng::seed_from_u64(size.get()).fill_bytes(&mut bytes);
    Ok(bytes.into())
}

fn type_of(path: &Path) -> Option<String> {
    mime_guess::from_path(path)
        .first()
        .map(|mime| mime.essence_str().to_owned())
}

fn read(folder: &Path, path: &PathBuf) -> Result<Bytes, KeyError> {
    let path = folder.join(path);
    match std::fs::read(&path) {
        Ok(bytes) => Ok(bytes.into()),
        Err(source) => Err(KeyError::File { path, source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Body and content type of a step; `{{token}}` is `a b&c="é"`, `{{id}}` is `10.00`.
    fn sent(step: &str) -> Result<(String, String), String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("me.png"), b"\x89PNG").unwrap();
        std::fs::write(folder.path().join("odd"), format!("x{BOUNDARY}y")).unwrap();
        let mut scope = Scope::default();
        for (slot, name) in ["token", "id"].iter().enumerate() {
            scope.extract(name, 0, &mut { slot }).unwrap();
        }
        let file: StepFile = toml::from_str(&format!("name = 's'\npath = '/'\n{step}")).unwrap();
        let compiled = Body::compile(&file, folder.path(), &scope);
        let (body, content) = compiled.map_err(|(key, error)| format!("{key}: {error}"))?;
        let body = body.rendered(&mut Values {
            feeders: &[],
            rows: &[],
            variables: &[Some("a b&c=\"é\"".into()), Some("10.00".into())],
            user: 0,
            iteration: 0,
            random: &mut SmallRng::seed_from_u64(1),
            origin: "https://shop.example",
        });
        let content_type = content.content_type.map(|value| value.to_str().unwrap().to_owned());
        let body = String::from_utf8_lossy(&body.unwrap()).into_owned();
        Ok((body, content_type.unwrap_or_default()))
    }

    #[test]
    fn a_form_is_encoded_as_browsers_do() {
        let (body, content_type) =
            sent("form = { _token = '{{token}}', 'a[]' = ['x y', 'é*~'], n = 5, on = true, none = '' }").unwrap();
        let mut fields: Vec<&str> = body.split('&').collect();
        fields.sort_unstable();
        assert_eq!(
            fields,
            [
                "_token=a+b%26c%3D%22%C3%A9%22",
                "a%5B%5D=%C3%A9*%7E",
                "a%5B%5D=x+y",
                "n=5",
                "none=",
                "on=true"
            ]
        );
        assert_eq!(content_type, "application/x-www-form-urlencoded");
        assert_eq!(sent("form = { a = 'b' }").unwrap().0, "a=b");
        assert_eq!(sent("form = {}").unwrap().0, "");
        assert!(
            sent("form = { a = {} }")
                .unwrap_err()
                .starts_with("form: `{}` is not a field")
        );
    }

    #[test]
    fn files_and_fields_are_parts() {
        let (body, content_type) = sent(
            "multipart = [{ name = 'title \"x\"', value = '{{token}}' }, { name = 'file', file = 'me.png' }, \
             { name = 'file', file = 'odd', file-name = 'a.txt', type = 'text/plain' }]",
        )
        .unwrap();
        let boundary = format!("{BOUNDARY}0");
        assert_eq!(content_type, format!("multipart/form-data; boundary={boundary}"));
        let expected = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"title %22x%22\"\r\n\r\na b&c=\"é\"\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"me.png\"\r\n\
             Content-Type: image/png\r\n\r\n\u{fffd}PNG\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\
             Content-Type: text/plain\r\n\r\nx{BOUNDARY}y\r\n--{boundary}--\r\n"
        );
        assert_eq!(body, expected);
        for (step, told) in [
            (
                "multipart = [{ name = 'a' }]",
                "multipart: part `a` has a `value`, a `file` or a `size`",
            ),
            (
                "multipart = [{ name = 'a', value = 'b', size = '1K' }]",
                "multipart: part `a` has a `value`, a `file` or a `size`",
            ),
            (
                "multipart = [{ name = 'a', size = '2G' }]",
                "multipart: `2 GB` is not a size",
            ),
            (
                "multipart = [{ name = 'a', file = 'none' }]",
                "multipart: failed to read",
            ),
            ("file = 'none'", "file: failed to read"),
            (
                "multipart = []\nform = {}",
                "multipart: a step has `form` or `multipart`",
            ),
        ] {
            assert!(sent(step).unwrap_err().starts_with(told), "{step}");
        }
    }

    #[test]
    fn a_file_of_a_size_is_made_up() {
        let step =
            "multipart = [{ name = 'photo', size = '300K', file-name = 'a.png' }, { name = 'raw', size = '1K' }]";
        let scope = Scope::default();
        let file: StepFile = toml::from_str(&format!("name = 's'\npath = '/'\n{step}")).unwrap();
        let rendered = || {
            let (body, _) = Body::compile(&file, Path::new(""), &scope).unwrap();
            let Body::Pieces(pieces) = body else { panic!("{body:?}") };
            let whole = pieces.iter().map(|piece| match piece {
                RequestPart::Constant(bytes) => bytes.clone(),
                RequestPart::Template(_) => panic!("{piece:?}"),
            });
            whole.collect::<Vec<Bytes>>()
        };
        let pieces = rendered();
        assert_eq!((pieces[1].len(), pieces[3].len()), (300 << 10, 1 << 10));
        assert_eq!(pieces, rendered(), "the same for every request");
        let mut seen = [0_u32; 256];
        pieces[1].iter().for_each(|byte| seen[usize::from(*byte)] += 1);
        // 300 KiB hold each byte 1,200 times on average, with a standard deviation of 35.
        assert!(seen.iter().all(|count| (1_000..1_400).contains(count)), "{seen:?}");
        let heads = String::from_utf8([&pieces[0][..], &pieces[2]].concat()).unwrap();
        assert!(
            heads.contains("name=\"photo\"; filename=\"a.png\"\r\nContent-Type: image/png"),
            "{heads}"
        );
        assert!(
            heads.contains("name=\"raw\"; filename=\"file.bin\"\r\nContent-Type: application/octet-stream"),
            "{heads}"
        );
    }

    #[test]
    fn values_are_numbers_where_the_journey_says_so() {
        let json = |text: &str| sent(&format!("json = {text}")).map(|(body, _)| body);
        assert_eq!(
            json("{ a = '{{number id}}', b = '{{id}}' }").unwrap(),
            r#"{"a":10.00,"b":"10.00"}"#
        );
        assert_eq!(
            json("['{{number random 7 7}}', 'x{{id}}y']").unwrap(),
            r#"[7,"x10.00y"]"#
        );
        assert_eq!(json("{ a = '{{token}}' }").unwrap(), r#"{"a":"a b&c=\"é\""}"#);
        assert!(
            json("{ a = 'x{{number id}}' }")
                .unwrap_err()
                .contains("alone in a text")
        );
        assert!(sent("body = '{{number id}}'").unwrap_err().contains("alone in a text"));
    }

    #[test]
    fn a_file_and_a_query_have_their_types() {
        assert_eq!(sent("file = 'odd'").unwrap(), (format!("x{BOUNDARY}y"), String::new()));
        assert_eq!(sent("file = 'me.png'").unwrap().1, "image/png");
        let (body, content_type) =
            sent("graphql = { query = 'query Q($id: ID) { task(id: $id) { title }}', variables = { id = '{{id}}' } }")
                .unwrap();
        assert_eq!(
            body,
            r#"{"query":"query Q($id: ID) { task(id: $id) { title }}","variables":{"id":"10.00"}}"#
        );
        assert_eq!(content_type, "application/json");
    }
}
