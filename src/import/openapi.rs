//! API descriptions (`OpenAPI` 3.0 and 3.1) as skeleton journeys, one for each tag.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use super::account::Account;
use super::draft::Draft;
use super::error::ImportError;
use super::import_result::{Attachment, ImportResult};
use super::marker::{literal, reference};
use super::names::{singular, slug, value_name};
use super::openapi_documents::Documents;
use super::openapi_operation::{Operation, operations};
use super::openapi_security::{LogInOperation, Security};
use super::openapi_value::Description;
use super::request::{Body, Request};
use super::steps::{Steps, complete};

/// Settings of the import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenApiOptions {
    /// The file, for errors.
    pub path: PathBuf,
    /// Beginning of the journeys' names.
    pub name: String,
}

impl OpenApiOptions {
    fn wrong(&self, problem: String) -> ImportError {
        ImportError::Format {
            path: self.path.clone(),
            expected: "an OpenAPI 3.0 or 3.1 description",
            problem,
        }
    }

    /// The description as the first of its documents, in JSON or YAML.
    pub fn documents(&self, text: &str) -> Result<Documents, ImportError> {
        Documents::new(&self.path.to_string_lossy(), text).map_err(|problem| self.wrong(problem))
    }
}

/// Makes a journey for each tag of a description, in JSON or YAML. Files that it refers to are read.
pub fn openapi(text: &str, options: &OpenApiOptions) -> Result<ImportResult, ImportError> {
    let mut documents = options.documents(text)?;
    documents.read_files();
    openapi_of(documents, options)
}

/// As [`openapi`], of documents that have been read.
pub fn openapi_of(documents: Documents, options: &OpenApiOptions) -> Result<ImportResult, ImportError> {
    let wrong = |problem: String| options.wrong(problem);
    let (description, missing) = documents.whole();
    let version = description["openapi"].as_str().unwrap_or_default();
    if !version.starts_with("3.") {
        let problem = match description["swagger"].as_str() {
            Some(version) => format!("it is Swagger {version}: convert it first"),
            None => "it has no key `openapi: 3.…`".to_owned(),
        };
        return Err(wrong(problem));
    }
    let description = Description(&description);
    let mut account = Account::default();
    for (location, reason) in missing {
        account.note(format!(
            "{} cannot be read, and references to it lead nowhere: {reason}",
            literal(&location)
        ));
    }
    let operations = operations(description, &mut account);
    if operations.is_empty() {
        return Err(ImportError::Nothing {
            path: options.path.clone(),
            reasons: account.lines("operations"),
        });
    }
    let security = Security::read(description, &operations);
    let mut writer = Writer {
        description,
        operations: &operations,
        security: &security,
        options,
        account,
        files: Vec::new(),
        journeys: Vec::new(),
        mix: Vec::new(),
    };
    writer.write();
    Ok(ImportResult {
        journeys: writer.journeys,
        mix: writer.mix,
        load: None,
        files: writer.files,
        account: writer.account,
    })
}

struct Writer<'a> {
    description: Description<'a>,
    operations: &'a [Operation<'a>],
    security: &'a Security,
    options: &'a OpenApiOptions,
    account: Account,
    files: Vec<Attachment>,
    journeys: Vec<Draft>,
    mix: Vec<(String, f64)>,
}

/// Values that are known at one point of a journey: the collection of each, and its name.
type KnownValues = BTreeMap<String, String>;

impl<'a> Writer<'a> {
    fn write(&mut self) {
        let security = self.security;
        if let Some(log_in) = &security.log_in {
            self.log_in(log_in);
        }
        let mut tags: BTreeMap<String, Vec<&Operation<'a>>> = BTreeMap::new();
        for (index, operation) in self.operations.iter().enumerate() {
            let is_log_in = self
                .security
                .log_in
                .as_ref()
                .is_some_and(|log_in| log_in.operation == index);
            if !is_log_in {
                tags.entry(operation.tag.clone()).or_default().push(operation);
            }
        }
        for (tag, mut operations) in tags {
            operations.sort_by_key(|operation| operation.order());
            self.journey(&tag, &operations);
        }
    }

    /// The session journey, by the operation that answers with a token.
    fn log_in(&mut self, log_in: &LogInOperation) {
        let operation = &self.operations[log_in.operation];
        let name = format!("{}-login", self.options.name);
        let mut request = operation.request(self.description, &BTreeMap::new());
        let mut columns = Vec::new();
        if let Body::Json(Value::Object(members)) = &mut request.body {
            for (member, value) in members.iter_mut().filter(|(_, value)| value.is_string()) {
                let column = value_name(member);
                columns.push((column.clone(), plain(value)));
                *value = reference(&column).into();
            }
        }
        let path = format!("data/{}-users.csv", self.options.name);
        let mut csv = csv::Writer::from_writer(Vec::new());
        let rows = csv
            .write_record(columns.iter().map(|(name, _)| name))
            .and_then(|()| csv.write_record(columns.iter().map(|(_, value)| value)));
        let mut draft = Draft::new(&name, "Logs in, imported from an API description");
        if let (Ok(()), Ok(content), false) = (rows, csv.into_inner(), columns.is_empty()) {
            draft.set("feeder", format!("../{path}"));
            self.files.push(Attachment {
                path: path.clone(),
                content,
                secret: true,
            });
            self.account
                .note(format!("{path} has made-up credentials: put your test users there"));
        }
        if let Some(json) = &log_in.token {
            let mut table = toml::Table::new();
            table.insert("json".to_owned(), json.as_str().into());
            request.extract.push((Security::TOKEN.to_owned(), table));
        }
        draft.notes.push("Written by `diapason import openapi`.".to_owned());
        let mut steps = Steps::default();
        let step = steps.step(&request);
        self.account.became.push(format!(
            "{} becomes step {} of {name}, the session",
            operation.title(),
            step.name
        ));
        self.account.replayed += 1;
        draft.steps.push(step);
        complete(&mut draft, steps.braces);
        self.journeys.push(draft);
    }

    fn journey(&mut self, tag: &str, operations: &[&Operation<'a>]) {
        let slug = slug(tag, '-');
        let name = format!("{}-{}", self.options.name, if slug.is_empty() { "api" } else { &slug });
        let name = if self.journeys.iter().any(|journey| journey.name == name) {
            format!("{name}-{}", self.journeys.len())
        } else {
            name
        };
        let mut draft = Draft::new(
            &name,
            &format!("Operations of {}, imported from an API description", literal(tag)),
        );
        draft.notes.push(
            "Written by `diapason import openapi`: values come from examples, defaults, formats and enums.".to_owned(),
        );
        let mut steps = Steps::default();
        let mut known = KnownValues::new();
        let mut requests: Vec<Request> = Vec::new();
        for operation in operations {
            if operation.is_log_out() {
                self.account
                    .leave_out("an operation that ends the session", &operation.title());
                continue;
            }
            if operation.method == "DELETE" && !operation.created_by(&known) {
                self.account
                    .leave_out("an operation that removes what no step creates", &operation.title());
                continue;
            }
            self.look_up(operation, &mut known, &mut requests);
            let mut request = operation.request(self.description, &known);
            if let Some(collection) = operation.creates() {
                let value = value_name(&format!("{}_id", singular(&collection)));
                let value = format!("new_{value}");
                request
                    .extract
                    .push((value.clone(), operation.id_of_answer(self.description)));
                known.insert(format!("new {collection}"), value);
            }
            self.security.apply(operation.security, self.description, &mut request);
            request.tags = vec![if slug.is_empty() {
                "api".to_owned()
            } else {
                slug.clone()
            }];
            request.place = operation.title();
            requests.push(request);
        }
        drop_unused(&mut requests);
        for request in &requests {
            let step = steps.step(request);
            if !request.place.is_empty() {
                self.account
                    .became
                    .push(format!("{} becomes step {} of {name}", request.place, step.name));
                self.account.replayed += 1;
            }
            draft.steps.push(step);
        }
        if draft.steps.is_empty() {
            return;
        }
        complete(&mut draft, steps.braces);
        if self.security.log_in.is_some() && draft.mentions(Security::TOKEN) || self.security.is_cookie {
            draft.set("session", format!("{}-login", self.options.name));
        }
        self.declare(&mut draft);
        self.mix.push((name, 1.0));
        self.journeys.push(draft);
    }

    /// Steps before an operation that find the ids it needs: of its own collection, and of those that its body names.
    fn look_up(&self, operation: &Operation<'a>, known: &mut KnownValues, requests: &mut Vec<Request>) {
        for collection in operation.needs(self.description) {
            if known.contains_key(&collection) || known.contains_key(&format!("new {collection}")) {
                continue;
            }
            let is_list = |list: &&Operation<'_>| {
                list.method == "GET" && list.path == collection
                    || list.method == "GET"
                        && !list.path.contains('{')
                        && list.path.ends_with(&format!("/{collection}"))
            };
            // Of several, the one below the same prefix.
            let lists = self.operations.iter().filter(is_list);
            let near = |list: &&Operation<'_>| {
                let pairs = list.path.split('/').zip(operation.path.split('/'));
                pairs.take_while(|(one, other)| one == other).count()
            };
            let Some(list) = lists.rev().max_by_key(near) else {
                continue;
            };
            let value = value_name(&format!("{}_id", singular(&collection)));
            // The list itself may be a step already.
            let own = requests
                .iter_mut()
                .find(|request| request.method == "GET" && request.name.as_deref() == Some(list.id.as_str()));
            let extraction = (value.clone(), list.ids_of_list(self.description));
            if let Some(request) = own {
                request.extract.push(extraction);
            } else {
                let mut request = list.request(self.description, known);
                self.security.apply(list.security, self.description, &mut request);
                request.extract.push(extraction);
                request.name = Some(format!("find-{}", slug(&singular(&collection), '-')));
                request.notes.push("Finds an id that a later step needs.".to_owned());
                requests.push(request);
            }
            known.insert(collection, value);
        }
    }

    /// Declares the secrets that a journey uses and no session gives.
    fn declare(&mut self, draft: &mut Draft) {
        for name in self.security.secrets() {
            let has_session = name == Security::TOKEN && self.security.log_in.is_some();
            if has_session || !draft.mentions(&name) {
                continue;
            }
            let path = format!("data/{}-{name}.secret", self.options.name);
            let mut table = toml::Table::new();
            table.insert("file".to_owned(), format!("../{path}").into());
            draft.set_in("variables", &name, table);
            if !self.files.iter().any(|file| file.path == path) {
                self.account.note(format!(
                    "{path} has a made-up secret: put yours there, and keep it out of the repository"
                ));
                self.files.push(Attachment {
                    path,
                    content: b"REPLACE-ME".to_vec(),
                    secret: true,
                });
            }
        }
    }
}

/// Drops the ids of new things that no other request refers to: an answer without one is no failure then.
fn drop_unused(requests: &mut [Request]) {
    let texts: Vec<String> = requests
        .iter()
        .map(|request| {
            format!(
                "{} {:?} {:?} {:?}",
                request.path, request.query, request.headers, request.body
            )
        })
        .collect();
    for request in requests {
        request
            .extract
            .retain(|(name, _)| !name.starts_with("new_") || texts.iter().any(|text| text.contains(name.as_str())));
    }
}

/// Text of a made-up value, without references.
fn plain(value: &Value) -> String {
    let text = value.as_str().unwrap_or_default();
    text.split('\u{e000}')
        .enumerate()
        .map(|(index, part)| match (index, part.split_once('\u{e001}')) {
            (0, _) | (_, None) => part.to_owned(),
            (_, Some((_, rest))) => format!("1{rest}"),
        })
        .collect()
}
