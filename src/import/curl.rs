//! Command lines of curl, as browsers' developer tools copy them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::account::Account;
use super::cmd::{cmd, is_cmd};
use super::conceal::hide;
use super::curl_options::{Effect, long, short};
use super::draft::Draft;
use super::error::ImportError;
use super::form_part::FormPart;
use super::front_door::{authority, leads_to};
use super::import_result::{Attachment, ImportResult};
use super::marker;
use super::names::Names;
use super::request::{Body, Request};
use super::shell::{CommandLine, posix};
use super::steps::{Steps, complete};
use super::vault::Vault;

/// Quoting of command lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Shell {
    /// Recognised by the text.
    #[default]
    Auto,
    /// As bash and other POSIX shells.
    Posix,
    /// As the Windows command processor.
    Cmd,
}

/// Settings of the import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CurlOptions {
    /// The file, for errors; `-` is standard input.
    pub path: PathBuf,
    /// Name of the journey.
    pub name: String,
    /// Hosts of the front door; by default that of the first command.
    pub hosts: Vec<String>,
    /// Quoting.
    pub shell: Shell,
    /// Folder from which the paths of files start.
    pub folder: PathBuf,
}

/// Makes one journey of all command lines. Secrets go into files of their own.
pub fn curl(text: &str, options: &CurlOptions) -> Result<ImportResult, ImportError> {
    // Windows editors begin a file with a byte order mark.
    let text = text.trim_start_matches('\u{feff}');
    let is_cmd = match options.shell {
        Shell::Auto => is_cmd(text),
        Shell::Posix => false,
        Shell::Cmd => true,
    };
    let commands = if is_cmd { cmd(text) } else { posix(text) };
    let mut reader = Reader {
        options,
        account: Account::default(),
        files: Vec::new(),
        requests: Vec::new(),
        hosts: options.hosts.clone(),
    };
    for command in &commands {
        reader.command(command);
    }
    reader.finish()
}

struct Reader<'a> {
    options: &'a CurlOptions,
    account: Account,
    files: Vec<Attachment>,
    requests: Vec<Request>,
    hosts: Vec<String>,
}

/// One request as the options of its command line make it.
#[derive(Default)]
struct Parts {
    urls: Vec<String>,
    method: Option<String>,
    headers: Vec<(String, String)>,
    /// Data, joined by `&`.
    data: Vec<String>,
    data_file: Option<String>,
    is_json: bool,
    form: Vec<FormPart>,
    query: Vec<String>,
    is_get: bool,
    is_head: bool,
    cookies: Vec<String>,
    timeout: Option<Duration>,
    redirects: u8,
    retries: u8,
    notes: Vec<String>,
}

impl Reader<'_> {
    fn command(&mut self, command: &CommandLine) {
        let place = format!("line {}", command.line);
        let mut words = command.words.iter();
        // Variables before the command, and the path that leads to it.
        let is_assignment = |word: &&String| word.split_once('=').is_some_and(|(name, _)| !name.contains(['/', ':']));
        let first = words.by_ref().find(|word| !is_assignment(word) && *word != "$");
        let program = first.map(|word| word.rsplit(['/', '\\']).next().unwrap_or(word));
        if !program.is_some_and(|program| matches!(program.to_ascii_lowercase().as_str(), "curl" | "curl.exe")) {
            self.account.read += 1;
            self.account.leave_out("a command other than curl", &place);
            return;
        }
        for problem in &command.problems {
            self.account.note(format!("{place}: {problem}"));
        }
        let mut parts = Parts::default();
        let rest: Vec<&String> = words.collect();
        let mut position = 0;
        let mut only_urls = false;
        while let Some(word) = rest.get(position) {
            position += 1;
            let mut value = || {
                let value = rest.get(position).map(|word| word.as_str());
                position += 1;
                value
            };
            if only_urls || !word.starts_with('-') || word.as_str() == "-" {
                parts.urls.push((*word).clone());
            } else if word.as_str() == "--" {
                only_urls = true;
            } else if let Some(name) = word.strip_prefix("--") {
                match long(name) {
                    None => self
                        .account
                        .note(format!("{place}: option --{name} is not known and is left out")),
                    Some((true, effect)) => match value() {
                        Some(value) => self.apply(effect, name, value, &mut parts, &place),
                        None => self.account.note(format!("{place}: option --{name} has no value")),
                    },
                    Some((false, Effect::Next)) => self.request(std::mem::take(&mut parts), &place),
                    Some((false, effect)) => self.apply(effect, name, "", &mut parts, &place),
                }
            } else {
                let mut letters = word[1..].chars();
                while let Some(letter) = letters.next() {
                    let name = letter.to_string();
                    match short(letter) {
                        None => {
                            self.account
                                .note(format!("{place}: option -{letter} is not known and is left out"));
                            break;
                        }
                        Some((true, effect)) => {
                            let rest = letters.as_str();
                            let given = if rest.is_empty() { value() } else { Some(rest) };
                            match given {
                                Some(given) => self.apply(effect, &name, given, &mut parts, &place),
                                None => self.account.note(format!("{place}: option -{letter} has no value")),
                            }
                            break;
                        }
                        Some((false, Effect::Next)) => self.request(std::mem::take(&mut parts), &place),
                        Some((false, effect)) => self.apply(effect, &name, "", &mut parts, &place),
                    }
                }
            }
        }
        self.request(parts, &place);
    }

    fn apply(&mut self, effect: Effect, name: &str, value: &str, parts: &mut Parts, place: &str) {
        match effect {
            Effect::Url => parts.urls.push(value.to_owned()),
            Effect::Method => parts.method = Some(value.to_owned()),
            Effect::Header => match value.split_once([':', ';']) {
                // `Name:` removes a header of curl's own, `Name;` sends an empty one: a journey's own are others.
                Some((_, rest)) if rest.trim().is_empty() => {}
                Some((name, rest)) if name.eq_ignore_ascii_case("cookie") => parts.cookies.push(rest.trim().to_owned()),
                Some((name, rest)) => parts.headers.push((name.trim().to_owned(), rest.trim().to_owned())),
                None => self
                    .account
                    .note(format!("{place}: header `{}` has no colon", shown(value))),
            },
            Effect::Data | Effect::DataBinary => match value.strip_prefix('@') {
                Some(path) => parts.data_file = self.file(path, place),
                None => parts.data.push(value.to_owned()),
            },
            // Unlike `--data`, an `@` at its beginning is a letter and names no file.
            Effect::DataRaw => parts.data.push(value.to_owned()),
            Effect::DataUrlencode => match urlencoded(value) {
                Some(pair) => parts.data.push(pair),
                None => self.account.note(format!(
                    "{place}: the content of a file in --data-urlencode is left out"
                )),
            },
            Effect::Json => {
                parts.is_json = true;
                match value.strip_prefix('@') {
                    Some(path) => parts.data_file = self.file(path, place),
                    None => parts.data.push(value.to_owned()),
                }
            }
            Effect::Form => {
                let part = self.part(value, place);
                parts.form.extend(part);
            }
            Effect::FormString => {
                let (name, value) = value.split_once('=').unwrap_or((value, ""));
                parts.form.push(FormPart {
                    name: marker::literal(name),
                    value: marker::literal(value),
                    ..FormPart::default()
                });
            }
            Effect::Get => parts.is_get = true,
            Effect::Head => parts.is_head = true,
            Effect::Cookie if value.contains('=') => parts.cookies.push(value.to_owned()),
            Effect::Cookie => self.account.note(format!("{place}: the file of cookies is not read")),
            Effect::User => {
                let credentials = BASE64_STANDARD.encode(value);
                parts
                    .headers
                    .push(("authorization".to_owned(), format!("Basic {credentials}")));
            }
            Effect::Bearer => parts
                .headers
                .push(("authorization".to_owned(), format!("Bearer {value}"))),
            Effect::Agent => parts.headers.push(("user-agent".to_owned(), value.to_owned())),
            Effect::Referer => parts.headers.push(("referer".to_owned(), value.to_owned())),
            Effect::Range => parts.headers.push(("range".to_owned(), format!("bytes={value}"))),
            Effect::Location => parts.redirects = 10,
            Effect::Time => match value
                .parse::<f64>()
                .ok()
                .and_then(|time| Duration::try_from_secs_f64(time).ok())
            {
                // 0 is curl's "no limit".
                Some(time) if !time.is_zero() => parts.timeout = Some(time.min(Duration::from_secs(86_400))),
                _ => self.account.note(format!("{place}: `{}` is not a time", shown(value))),
            },
            Effect::Retry => parts.retries = value.parse().unwrap_or(0),
            Effect::Upload => {
                parts.data_file = self.file(value, place);
                // Only where no `-X` names another, as in curl.
                parts.method.get_or_insert_with(|| "PUT".to_owned());
            }
            Effect::Query => parts.query.extend(urlencoded(value)),
            Effect::Told => {
                let dash = if name.chars().count() > 1 { "--" } else { "-" };
                self.account.note(format!("{place}: option {dash}{name} is left out"));
            }
            Effect::Next | Effect::Ignored => {}
        }
    }

    /// The path of a copy of that file, whose content is sent; `None` if it cannot be read.
    fn file(&mut self, path: &str, place: &str) -> Option<String> {
        let name = Path::new(path)
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let content = std::fs::read(self.options.folder.join(path)).ok();
        let (Some(name), Some(content)) = (name, content) else {
            self.account
                .note(format!("{place}: file {} cannot be read and is left out", shown(path)));
            return None;
        };
        let path = format!("data/{}-{}", self.options.name, file_name(&name));
        if !self.files.iter().any(|file| file.path == path) {
            self.files.push(Attachment {
                path: path.clone(),
                content,
                secret: false,
            });
        }
        Some(path)
    }

    /// A part `name=value`, `name=@file;type=…;filename=…` or `name=<file`.
    fn part(&mut self, text: &str, place: &str) -> Option<FormPart> {
        let (name, value) = text.split_once('=')?;
        let mut part = FormPart {
            name: marker::literal(name),
            ..FormPart::default()
        };
        let mut pieces = value.split(';');
        let content = pieces.next().unwrap_or_default();
        let mut rest = String::new();
        for piece in pieces {
            match piece.trim().split_once('=') {
                Some(("type", value)) => part.content_type = Some(value.to_owned()),
                Some(("filename", value)) => part.file_name = Some(marker::literal(value.trim_matches('"'))),
                _ => rest.extend([";", piece]),
            }
        }
        match content.strip_prefix(['@', '<']) {
            Some(path) => {
                part.file = Some(self.file(path.trim_matches('"'), place)?);
                if content.starts_with('@') && part.file_name.is_none() {
                    let own = Path::new(path).file_name()?.to_string_lossy();
                    part.file_name = Some(marker::literal(&own));
                }
            }
            None => part.value = marker::literal(&format!("{content}{rest}")),
        }
        Some(part)
    }

    fn request(&mut self, parts: Parts, place: &str) {
        self.account.read += 1;
        let [written] = &parts.urls[..] else {
            if let [first, others @ ..] = &parts.urls[..] {
                self.account.note(format!(
                    "{place}: {} more URLs or words are left out: {}",
                    others.len(),
                    shown(&others.join(" "))
                ));
                let parts = Parts {
                    urls: vec![first.clone()],
                    ..parts
                };
                self.account.read -= 1;
                return self.request(parts, place);
            }
            return self.account.leave_out("a command without a URL", place);
        };
        let with_scheme = if written.contains("://") {
            written.clone()
        } else {
            format!("http://{written}")
        };
        let Ok(url) = Url::parse(&with_scheme) else {
            return self.account.leave_out("a URL that is not valid", place);
        };
        let Some(host) = authority(&url) else {
            return self.account.leave_out("a URL of another protocol", place);
        };
        if self.hosts.is_empty() {
            self.hosts.push(host.clone());
        }
        if !leads_to(&url, &self.hosts) {
            return self.account.leave_out(&format!("another host ({host})"), place);
        }
        match request_of(parts, &url, place) {
            Ok(request) => self.requests.push(request),
            Err(reason) => self.account.leave_out(&reason, place),
        }
    }

    fn finish(mut self) -> Result<ImportResult, ImportError> {
        if self.requests.is_empty() {
            return Err(ImportError::Nothing {
                path: self.options.path.clone(),
                reasons: self.account.lines("requests"),
            });
        }
        let (mut names, mut vault) = (Names::default(), Vault::default());
        for request in &mut self.requests {
            hide(request, &mut vault, &mut names);
        }
        let mut draft = Draft::new(&self.options.name, "Imported from command lines of curl");
        let mut steps = Steps::default();
        for request in &self.requests {
            let step = steps.step(request);
            let what = format!("{}: {} becomes step {}", request.place, request.line(), step.name);
            self.account.became.push(what);
            draft.steps.push(step);
        }
        self.account.replayed = self.requests.len() as u64;
        draft.notes = vec![
            "Written by `diapason import curl`. Answers are not known to curl's command line: no value is extracted, and".to_owned(),
            "any status from 200 to 299 is expected.".to_owned(),
        ];
        complete(&mut draft, steps.braces);
        if vault.len() > 0 {
            self.account.note(format!(
                "{} secrets (cookies, tokens, passwords) are in data/{}-*.secret: they expire, and belong in no repository",
                vault.len(),
                self.options.name
            ));
        }
        let mut journeys = vec![draft];
        self.files.extend(vault.declare(&mut journeys, &self.options.name));
        Ok(ImportResult {
            mix: vec![(self.options.name.clone(), 1.0)],
            journeys,
            load: None,
            files: self.files,
            account: self.account,
        })
    }
}

/// The request that these options make.
fn request_of(parts: Parts, url: &Url, place: &str) -> Result<Request, String> {
    let has_data = !parts.data.is_empty() || parts.data_file.is_some() || !parts.form.is_empty();
    let method = match &parts.method {
        Some(method) => method.as_str(),
        None if parts.is_head => "HEAD",
        None if has_data && !parts.is_get => "POST",
        None => "GET",
    };
    let mut request = Request::new(place, method, url)?;
    let query = if parts.is_get {
        [&parts.query[..], &parts.data[..]].concat()
    } else {
        parts.query
    };
    if !query.is_empty() {
        let own = url.query().map(|query| format!("{query}&")).unwrap_or_default();
        let mut joined = url.clone();
        // The URL encodes what a query may not hold.
        joined.set_query(Some(&format!("{own}{}", query.join("&"))));
        request.set_query(joined.query().unwrap_or_default());
    }
    for (name, value) in &parts.headers {
        request.set_header(name, &marker::literal(value));
    }
    if !parts.cookies.is_empty() {
        request.set_header("cookie", &marker::literal(&parts.cookies.join("; ")));
    }
    if parts.is_json {
        for name in ["content-type", "accept"] {
            if request.header(name).is_none() {
                request.set_header(name, "application/json");
            }
        }
    }
    let content_type = request.header("content-type").map(str::to_owned);
    request.body = if let Some(path) = parts.data_file {
        if content_type.is_none() {
            request.set_header("content-type", "application/x-www-form-urlencoded");
        }
        Body::File(path)
    } else if !parts.form.is_empty() {
        request.remove_header("content-type");
        Body::Multipart(parts.form)
    } else if parts.is_get || parts.data.is_empty() {
        Body::Nothing
    } else {
        let joined = if parts.is_json {
            parts.data.concat()
        } else {
            parts.data.join("&")
        };
        let usual = "application/x-www-form-urlencoded";
        let body = Body::read(Some(content_type.as_deref().unwrap_or(usual)), &joined);
        if content_type.is_none() && matches!(body, Body::Text(_)) {
            request.set_header("content-type", usual);
        }
        body
    };
    if let Some((user, password)) = Some((url.username(), url.password())).filter(|(user, _)| !user.is_empty()) {
        let credentials = BASE64_STANDARD.encode(format!("{user}:{}", password.unwrap_or_default()));
        request.set_header("authorization", &format!("Basic {credentials}"));
    }
    request.timeout = parts.timeout;
    request.redirects = parts.redirects;
    request.retries = parts.retries;
    request.notes = parts.notes;
    Ok(request)
}

/// A pair of `--data-urlencode`; `None` if it names a file.
fn urlencoded(text: &str) -> Option<String> {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    match text.find(['=', '@']) {
        Some(at) if text[at..].starts_with('@') => None,
        Some(0) => Some(encoded(&text[1..])),
        Some(at) => Some(format!("{}={}", &text[..at], encoded(&text[at + 1..]))),
        None => Some(encoded(text)),
    }
}

/// A name of a file in lower-case letters, digits and dots.
fn file_name(name: &str) -> String {
    let parts = name.rsplit_once('.');
    match parts {
        Some((stem, extension)) => format!(
            "{}.{}",
            super::names::slug(stem, '-'),
            super::names::slug(extension, '-')
        ),
        None => super::names::slug(name, '-'),
    }
}

/// The beginning of a text, for a message.
fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}
