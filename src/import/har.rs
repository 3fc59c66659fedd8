//! HTTP Archives (HAR 1.2), as browsers and proxies record them.

use std::path::{Path, PathBuf};

use serde_json::Value;
use url::Url;

use super::account::Account;
use super::answer::{Answer, MASKED};
use super::arrange::arrange;
use super::conceal::hide;
use super::correlate::{Correlation, correlate};
use super::draft::Draft;
use super::error::ImportError;
use super::exchange::Exchange;
use super::front_door::{authority, leads_to};
use super::har_body::{Uploads, body};
use super::har_entry::HarEntry;
use super::import_result::{Attachment, ImportResult};
use super::log_in::LogIn;
use super::marker::literal;
use super::names::Names;
use super::request::Request;
use super::steps::{Steps, complete};
use super::vault::Vault;

/// Most redirects of a chain, as browsers have it.
const MOST_REDIRECTS: u8 = 20;

/// Settings of the import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HarOptions {
    /// The file, for errors.
    pub path: PathBuf,
    /// Beginning of the journeys' names.
    pub name: String,
    /// Hosts of the front door; by default that of the first page.
    pub hosts: Vec<String>,
}

/// Makes a journey of a recording; a second recording of the same walk tells which values change. Where a user logs in, a session
/// journey of its own does so.
pub fn har(first: &str, second: Option<(&Path, &str)>, options: &HarOptions) -> Result<ImportResult, ImportError> {
    let mut account = Account::default();
    let mut uploads = Uploads::new(&options.name);
    let mut hosts = options.hosts.clone();
    let mut exchanges = read(first, &options.path, &mut hosts, &mut account, &mut uploads)?;
    if exchanges.is_empty() {
        return Err(ImportError::Nothing {
            path: options.path.clone(),
            reasons: account.lines("requests"),
        });
    }
    let other = match second {
        None => None,
        Some((path, text)) => {
            // The other recording only confirms: its own account is not the import's.
            let mut aside = (Account::default(), Uploads::new(&options.name));
            Some(read(text, path, &mut hosts, &mut aside.0, &mut aside.1)?)
        }
    };
    let mut names = Names::default();
    let log_in = LogIn::find(&mut exchanges, &mut names, &options.name);
    let Correlation { notes } = correlate(&mut exchanges, other.as_deref(), &mut names);
    for note in notes {
        account.note(note);
    }
    let mut vault = Vault::default();
    for exchange in &mut exchanges {
        hide(&mut exchange.request, &mut vault, &mut names);
    }
    let mut journeys = journeys(&exchanges, log_in.as_ref(), options, &mut account);
    let mut files = uploads.files;
    if let Some(log_in) = log_in {
        account.note(format!(
            "{} has the credentials of the recording, one row: add the users of your test data",
            log_in.file.path
        ));
        if log_in
            .file
            .content
            .windows(MASKED.len())
            .any(|part| part == MASKED.as_bytes())
        {
            account.note(format!(
                "the recorder masked the credentials: put the real ones into {}",
                log_in.file.path
            ));
        }
        files.push(log_in.file);
    }
    if vault.len() > 0 {
        account.note(format!(
            "{} secrets that no earlier answer holds are in data/{}-*.secret: they may expire, and belong in no repository",
            vault.len(),
            options.name
        ));
    }
    let secrets: Vec<Attachment> = vault.declare(&mut journeys, &options.name);
    files.extend(secrets);
    account.replayed = exchanges.len() as u64;
    Ok(ImportResult {
        mix: vec![(options.name.clone(), 1.0)],
        journeys,
        load: None,
        files,
        account,
    })
}

/// The journeys: the session's, if a user logs in before something else, and the main one.
fn journeys(exchanges: &[Exchange], log_in: Option<&LogIn>, options: &HarOptions, account: &mut Account) -> Vec<Draft> {
    let mut steps = Steps::default();
    let groups = arrange(exchanges);
    // The group in which the user logs in, if it is alone there and others follow.
    let split = log_in.and_then(|log_in| {
        let position = groups.iter().position(|group| group.contains(log_in.exchange))?;
        (groups[position].is_single() && position + 1 < groups.len()).then_some(position + 1)
    });
    let mut all = Vec::new();
    for group in &groups {
        let step = group.step(exchanges, &mut steps, account);
        all.push(step);
    }
    let rest = all.split_off(split.unwrap_or(0));
    let mut main = Draft::new(&options.name, "Imported from a recording of a browser");
    main.notes = vec![
        "Written by `diapason import har`. Values marked as heuristic were found by their names or looks; import a second".to_owned(),
        "recording of the same walk to compare them.".to_owned(),
    ];
    main.steps = rest;
    let mut journeys = Vec::new();
    if split.is_some() {
        let name = format!("{}-login", options.name);
        let mut session = Draft::new(&name, "Logs in, imported from a recording of a browser");
        session.steps = all;
        session.notes =
            vec!["Written by `diapason import har`: what the recording did until the user was logged in.".to_owned()];
        main.set("session", name.as_str());
        journeys.push(session);
    }
    journeys.push(main);
    if let (Some(log_in), Some(first)) = (log_in, journeys.first_mut()) {
        first.set("feeder", format!("../{}", log_in.file.path));
    }
    for journey in &mut journeys {
        if let Some(first) = journey.steps.first_mut() {
            // An iteration begins with its first request; time before it would only delay the start.
            first.keys.remove("think");
        }
        complete(journey, steps.braces);
    }
    journeys
}

/// The exchanges of an archive that go to the front door, in order of time.
fn read(
    text: &str,
    path: &Path,
    hosts: &mut Vec<String>,
    account: &mut Account,
    uploads: &mut Uploads,
) -> Result<Vec<Exchange>, ImportError> {
    let wrong = |problem: String| ImportError::Format {
        path: path.to_owned(),
        expected: "an HTTP Archive",
        problem,
    };
    // HAR 1.2 allows a byte order mark, which is no JSON.
    let text = text.trim_start_matches('\u{feff}');
    let archive: Value = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    // Some exporters write the content of `log` alone.
    let entries = [&archive["log"]["entries"], &archive["entries"]]
        .into_iter()
        .find_map(Value::as_array);
    let Some(entries) = entries else {
        return Err(wrong("it has no list `log.entries`".to_owned()));
    };
    account.read += entries.len() as u64;
    let mut read = Vec::new();
    let mut before = 0.0;
    for (index, entry) in entries.iter().enumerate() {
        match HarEntry::read(index + 1, entry, before) {
            Ok(entry) => {
                before = entry.started;
                read.push(entry);
            }
            Err(reason) => account.leave_out(&reason, &format!("entry {}", index + 1)),
        }
    }
    // The order of a file is that of the answers for some browsers.
    read.sort_by(|one, other| one.started.total_cmp(&other.started));
    // A browser talks to many hosts; that of the first page is the application's.
    if hosts.is_empty() {
        let page = read.iter().find(|entry| entry.is_document()).or(read.first());
        hosts.extend(page.and_then(|entry| authority(&entry.url)));
    }
    read.retain(|entry| {
        if leads_to(&entry.url, hosts) {
            return true;
        }
        let host = authority(&entry.url).unwrap_or_default();
        account.leave_out(&format!("another host ({host})"), &entry.place());
        false
    });
    read.retain(|entry| match entry.left_out() {
        None => true,
        Some(reason) => {
            account.leave_out(reason, &entry.place());
            false
        }
    });
    Ok(chains(&read, hosts, account, uploads))
}

/// Exchanges of entries; one that a redirect led to is one with the entry before it.
fn chains(entries: &[HarEntry], hosts: &[String], account: &mut Account, uploads: &mut Uploads) -> Vec<Exchange> {
    let mut taken = vec![false; entries.len()];
    let mut exchanges = Vec::new();
    for index in 0..entries.len() {
        if taken[index] {
            continue;
        }
        let first = &entries[index];
        let mut request = match Request::new(&first.place(), &first.method, &first.url) {
            Ok(request) => request,
            Err(reason) => {
                account.leave_out(&reason, &first.place());
                continue;
            }
        };
        // The user's own jar keeps the cookies.
        let headers = first
            .headers
            .iter()
            .filter(|(name, _)| !name.eq_ignore_ascii_case("cookie"));
        request.headers = headers.map(|(name, value)| (name.clone(), literal(value))).collect();
        request.body = body(first, &mut request.notes, uploads);
        let mut last = index;
        while let Some(target) = target(&entries[last], hosts).filter(|_| request.redirects < MOST_REDIRECTS) {
            let next =
                (last + 1..entries.len()).find(|next| !taken[*next] && is_same_resource(&entries[*next].url, &target));
            let Some(next) = next else {
                request
                    .notes
                    .push("The recording lacks the page that this redirect leads to.".to_owned());
                break;
            };
            taken[next] = true;
            last = next;
            request.redirects += 1;
            account.mapped += 1;
        }
        let end = &entries[last];
        if !(200..300).contains(&end.status) && end.status != 304 {
            request.status = vec![end.status];
            if end.status >= 400 {
                request
                    .notes
                    .push(format!("The recording has the status {}.", end.status));
            }
        }
        if end.answer.is_none() && end.answer_mime.contains("json") && end.status != 204 {
            request
                .notes
                .push("The recording lacks the body of the answer: nothing is extracted from it.".to_owned());
        }
        exchanges.push(Exchange {
            answer: Answer::new(&all_headers(entries, index, last), end.answer.as_deref()),
            request,
            started: first.started,
            ended: end.ended.max(first.started),
            needs: Vec::new(),
        });
    }
    exchanges
}

/// Headers of the last answer, with the cookies of all of a chain.
fn all_headers(entries: &[HarEntry], first: usize, last: usize) -> Vec<(String, String)> {
    let mut headers = entries[last].answer_headers.clone();
    if first < last {
        let cookies = entries[first].answer_headers.iter();
        headers.extend(
            cookies
                .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
                .cloned(),
        );
    }
    headers
}

/// The address that a redirect leads to, if it is the front door's.
fn target(entry: &HarEntry, hosts: &[String]) -> Option<Url> {
    if !entry.is_redirect() {
        return None;
    }
    let target = entry.url.join(entry.redirect.as_deref()?).ok()?;
    leads_to(&target, hosts).then_some(target)
}

fn is_same_resource(one: &Url, other: &Url) -> bool {
    one.path() == other.path() && one.query() == other.query()
}
