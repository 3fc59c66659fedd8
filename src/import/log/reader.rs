//! Reads the lines of a log, and makes sessions of them.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;
use sha2::{Digest, Sha256};

use super::clock::Clock;
use super::files::{Lines, LogFile};
use super::fit::{as_load, fit};
use super::kind::no_user;
use super::lacking::SharedValues;
use super::line::{Fields, Line, LineRejection};
use super::line_format::LineFormat;
use super::plan::plan;
use super::recorded::{LogKind, RecordedLog, count, only_requested, spread_within_seconds};
use super::rules::Rules;
use super::sessions::{LogSessions, LoggedRequest, mark_overlaps, short};
use super::shapes::Shapes;
use crate::evidence::{LeftOutLines, LeftOutReason};
use crate::import::{Account, ImportError, ImportResult};
use crate::words::en::left_out;

/// Most requests that are kept: 24 bytes each.
const MOST_VISITS: usize = 12_000_000;
/// Addresses of a log at or below which its clients are behind another proxy.
const FEW_ADDRESSES: usize = 2;
/// Fewest lines from which few addresses are told.
const MANY_LINES: u64 = 100;

static ESCAPED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\\x").ok());

/// Settings of the import.
#[derive(Debug, Clone, PartialEq)]
pub struct LogOptions {
    /// The files, in any order.
    pub files: Vec<PathBuf>,
    /// Beginning of the journeys' names.
    pub name: String,
    /// Name of a format, or a `log_format`; `auto` looks at the lines.
    pub format: String,
    /// Fields of a log in JSON: `time=at`, `took/1000=ms`.
    pub fields: Vec<(String, String)>,
    /// Nginx's configuration, whose `log_format` is taken.
    pub nginx_conf: Option<PathBuf>,
    /// The rule file.
    pub rules: Option<PathBuf>,
    /// Folder of the journeys that rules name.
    pub journeys: PathBuf,
    /// Share of the sessions that is imported, 0 to 1.
    pub sample: f64,
    /// Field that names the session; address and agent by default.
    pub session: Option<String>,
    /// Field of the client's address.
    pub client: Option<String>,
}

/// Makes journeys, a mix and arrivals of a log.
pub fn access_log(options: &LogOptions) -> Result<ImportResult, ImportError> {
    Ok(read(options)?.finish())
}

/// Reads a log whole, for a replay of its requests. If `alone`, each is made by any user, without what earlier requests of its session
/// gave.
pub fn recorded_log(options: &LogOptions, alone: bool) -> Result<RecordedLog, ImportError> {
    let first = options.files.first().cloned().unwrap_or_default();
    let log = read(options)?.record(alone);
    if log.visits.is_empty() {
        let reasons = log.account.lines("lines");
        return Err(ImportError::Nothing { path: first, reasons });
    }
    Ok(log)
}

fn read(options: &LogOptions) -> Result<Reader<'_>, ImportError> {
    let first = options.files.first().cloned().unwrap_or_default();
    let rules = options
        .rules
        .as_deref()
        .map(|path| Rules::read(path, &options.journeys))
        .transpose()?
        .unwrap_or_default();
    let mut files = Vec::new();
    for path in &options.files {
        files.push(LogFile::open(path)?);
    }
    // The format is that of all files together: the first may be nearly empty after a rotation.
    let head: Vec<String> = files.iter().flat_map(|file| file.head.clone()).collect();
    let format = format(options, &head)?;
    let fields = Fields {
        session: options.session.clone(),
        client: options.client.clone(),
    };
    // Rotated files are often named the other way round.
    let time_of = |file: &LogFile| {
        let mut lines = file.head.iter().filter_map(|line| format.read(line, &fields).ok());
        lines.next().map_or(f64::INFINITY, |line| line.ended)
    };
    files.sort_by(|one, other| time_of(one).total_cmp(&time_of(other)));
    let mut reader = Reader::new(options, rules, format, fields);
    for file in &files {
        reader.file(&file.path)?;
    }
    if reader.visits.is_empty() {
        return Err(ImportError::Nothing {
            path: first,
            reasons: reader.account.lines("lines"),
        });
    }
    Ok(reader)
}

fn format(options: &LogOptions, head: &[String]) -> Result<LineFormat, ImportError> {
    let mut format = match &options.nginx_conf {
        None => LineFormat::find(&options.format, head)?,
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|source| ImportError::Read {
                path: path.clone(),
                source,
            })?;
            LineFormat::configured(&text, &options.format).ok_or_else(|| ImportError::Option {
                given: options.format.clone(),
                expected: "a `log_format` of that configuration",
            })?
        }
    };
    for (field, path) in &options.fields {
        let is_set = match &mut format {
            LineFormat::Json(json) => json.set(field, path),
            _ => false,
        };
        if !is_set {
            return Err(ImportError::Option {
                given: format!("{field}={path}"),
                expected: "a field of a log in JSON: time, address, agent, method, target, request, status, took or took/1000",
            });
        }
    }
    Ok(format)
}

/// A file that was read: where its lines are among all.
struct FilePart {
    /// Number of the lines read before it.
    before: u64,
    name: String,
    /// Numbers of its lines that are empty, and not among those read.
    blank: Vec<u64>,
}

impl FilePart {
    /// Place of the line of that number among all lines read.
    fn place(&self, line: u64) -> String {
        let mut number = line - self.before;
        for blank in &self.blank {
            number += u64::from(*blank <= number);
        }
        format!("{}:{number}", self.name)
    }
}

struct Reader<'a> {
    options: &'a LogOptions,
    rules: Rules,
    format: LineFormat,
    fields: Fields,
    account: Account,
    left_out: Vec<LeftOutLines>,
    shapes: Shapes,
    sessions: LogSessions,
    visits: Vec<LoggedRequest>,
    clock: Clock,
    addresses: HashSet<String>,
    /// Lines that are requests, and those of them without an exact time or a duration.
    requests: u64,
    coarse: u64,
    untimed: u64,
    escaped: u64,
    digest: Sha256,
    places: Vec<FilePart>,
}

impl<'a> Reader<'a> {
    fn new(options: &'a LogOptions, rules: Rules, format: LineFormat, fields: Fields) -> Self {
        Self {
            options,
            rules,
            format,
            fields,
            account: Account::default(),
            left_out: Vec::new(),
            shapes: Shapes::default(),
            sessions: LogSessions::default(),
            visits: Vec::new(),
            clock: Clock::default(),
            addresses: HashSet::new(),
            requests: 0,
            coarse: 0,
            untimed: 0,
            escaped: 0,
            digest: Sha256::new(),
            places: Vec::new(),
        }
    }

    fn file(&mut self, path: &Path) -> Result<(), ImportError> {
        let mut lines = Lines::open(path)?;
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let mut number = 0_u64;
        self.places.push(FilePart {
            before: self.account.read,
            name: name.clone(),
            blank: Vec::new(),
        });
        loop {
            let text = match lines.next() {
                Ok(Some(text)) => text,
                Ok(None) => return Ok(()),
                Err(error) => {
                    self.account
                        .note(format!("{name} cannot be read after line {number}: {error}"));
                    return Ok(());
                }
            };
            number += 1;
            if text.trim().is_empty() {
                if let Some(part) = self.places.last_mut() {
                    part.blank.push(number);
                }
                continue;
            }
            self.account.read += 1;
            self.digest.update(text.as_bytes());
            self.digest.update(b"\n");
            let place = || format!("{name}:{number}");
            if let Err(reason) = self.line(&text, &place) {
                self.leave_out(reason, &place());
            }
        }
    }

    /// Place of the line of that number among all lines read.
    fn place(&self, line: u32) -> String {
        let line = u64::from(line);
        let part = self.places.iter().rev().find(|part| part.before < line);
        part.map_or_else(String::new, |part| part.place(line))
    }

    fn leave_out(&mut self, reason: LeftOutReason, place: &str) {
        self.account.leave_out(&left_out(&reason), place);
        match self.left_out.iter_mut().find(|known| known.reason == reason) {
            Some(known) => known.lines += 1,
            None => self.left_out.push(LeftOutLines {
                reason,
                lines: 1,
                first: Some(place.to_owned()).filter(|place| !place.is_empty()),
            }),
        }
    }

    /// Takes one line; the reason if it is left out.
    fn line(&mut self, text: &str, place: &dyn Fn() -> String) -> Result<(), LeftOutReason> {
        // Nginx escapes bytes as `\xNN`, also in a log of JSON, where that is not valid.
        self.escaped += u64::from(ESCAPED.as_ref().is_some_and(|escaped| escaped.is_match(text)));
        let line = match self.format.read(text, &self.fields) {
            Ok(line) => line,
            Err(LineRejection::Unfit) => return Err(LeftOutReason::Unfit),
            Err(LineRejection::NoRequest) => return Err(LeftOutReason::NoRequest),
        };
        self.note(&line, place);
        let path = line.target.split('?').next().unwrap_or_default();
        let number = self.rules.find(&line.method, path, line.status);
        let rule = number.map(|number| &self.rules.rule[number]);
        if let Some(reason) = rule.and_then(|rule| rule.leave_out.clone()) {
            return Err(LeftOutReason::Rule(reason));
        }
        if rule.is_none()
            && let Some(reason) = no_user(&line, path)
        {
            return Err(reason);
        }
        let client = LogSessions::client(&line);
        // By client and not by line: a session is replayed whole or not at all.
        if self.options.sample < 1.0 && !LogSessions::is_sampled(client, self.options.sample) {
            return Err(LeftOutReason::NotSampled);
        }
        if rule.is_some_and(|rule| rule.session) {
            self.account.mapped += 1;
            return Ok(());
        }
        // Bounded memory: 24 bytes each.
        if self.visits.len() >= MOST_VISITS {
            return Err(LeftOutReason::TooMany(MOST_VISITS as u64));
        }
        let shape = self.shapes.find(&line, &self.rules, number)?;
        let session = self.sessions.number(client, &line);
        let number = u32::try_from(self.account.read).unwrap_or(u32::MAX);
        let mut visit = LoggedRequest::new(number, line.status);
        (visit.session, visit.shape) = (session, shape);
        (visit.started, visit.took) = (line.started(), short(line.took.unwrap_or(0.0)));
        self.visits.push(visit);
        Ok(())
    }

    fn note(&mut self, line: &Line, place: &dyn Fn() -> String) {
        self.requests += 1;
        self.coarse += u64::from(!line.is_exact);
        self.untimed += u64::from(line.took.is_none());
        self.clock.see(line.ended, place);
        if self.addresses.len() <= FEW_ADDRESSES && !self.addresses.contains(&line.address) {
            self.addresses.insert(line.address.clone());
        }
    }

    fn finish(mut self) -> ImportResult {
        self.visits.sort_by(|one, other| {
            let order = one.session.cmp(&other.session);
            order.then(one.started.total_cmp(&other.started))
        });
        let overlapping = mark_overlaps(&mut self.visits);
        let plan = plan(&self.visits, &self.shapes, &self.rules, &self.options.name);
        // A line that a rule gave a step is mapped; others are replayed as they are.
        let by_rule = self
            .visits
            .iter()
            .filter(|visit| self.shapes.list[usize::from(visit.shape)].rule.is_some());
        let by_rule = by_rule.count() as u64;
        let all = self.visits.len() as u64;
        // Rare kinds may be of either; they are taken off what is replayed first.
        let replayed = all - by_rule;
        let rare = plan.rare.min(all);
        self.account.replayed = replayed.saturating_sub(rare);
        self.account.mapped += by_rule - rare.saturating_sub(replayed).min(by_rule);
        let reason = "a kind of request too rare to be drawn: rules map them to fewer";
        let mut places = plan.rare_lines.iter().map(|line| self.place(*line)).collect::<Vec<_>>();
        let first = places.drain(..places.len().min(1)).next().unwrap_or_default();
        self.account.leave_out_many(reason, rare, &first);
        self.account.add_places(reason, places);
        self.account.became = plan.became;
        let mut load = as_load(&fit(&plan.starts));
        load.session_seconds = plan.seconds / plan.starts.len().max(1) as f64;
        if overlapping > 0 {
            self.account.note(format!(
                "{overlapping} requests overlapped one before them in their session: they follow it"
            ));
        }
        self.add_warnings();
        for note in &load.notes {
            self.account.note(note.clone());
        }
        ImportResult {
            journeys: plan.journeys,
            mix: plan.mix,
            load: Some(load),
            files: Vec::new(),
            account: self.account,
        }
    }

    fn record(mut self, alone: bool) -> RecordedLog {
        let is_coarse = self.coarse == self.requests;
        if is_coarse {
            // Times of whole seconds would make each second begin with a burst that never was.
            spread_within_seconds(&mut self.visits);
        }
        self.visits.sort_by(|one, other| {
            let order = one.session.cmp(&other.session);
            order.then(one.started.total_cmp(&other.started))
        });
        mark_overlaps(&mut self.visits);
        let shapes = self.shapes.list.iter();
        let mut kinds: Vec<LogKind> = shapes.map(|shape| LogKind::new(shape, &self.rules)).collect();
        self.leave_out_lacking(&kinds, alone);
        // Of requests that overlapped, the first may have been left out.
        let overlapping = mark_overlaps(&mut self.visits);
        count(&mut kinds, &self.visits, self.untimed == 0);
        let kinds = only_requested(kinds, &mut self.visits);
        let sessions = self.visits.chunk_by(|one, other| one.session == other.session);
        let starts: Vec<f64> = sessions.map(|session| session[0].started).collect();
        let by_rule: u64 = kinds
            .iter()
            .filter(|kind| kind.is_mapped)
            .map(|kind| kind.requests)
            .sum();
        self.account.replayed = self.visits.len() as u64 - by_rule;
        self.account.mapped += by_rule;
        self.add_warnings();
        RecordedLog {
            kinds,
            arrivals: fit(&starts),
            digest: self.digest(),
            visits: self.visits,
            left_out: self.left_out,
            account: self.account,
            coarse: self.coarse,
            untimed: self.untimed,
            overlapping,
        }
    }

    fn leave_out_lacking(&mut self, kinds: &[LogKind], alone: bool) {
        let shared = SharedValues::new(kinds, &self.rules);
        for (visit, name) in shared.take_lacking(&mut self.visits, alone) {
            let place = self.place(visit.line);
            self.leave_out(LeftOutReason::NoValue(name.to_owned()), &place);
        }
    }

    /// Digest of all that decides on the requests and their times in the log.
    fn digest(&self) -> String {
        let options = self.options;
        let rules = options.rules.as_deref().and_then(|path| std::fs::read(path).ok());
        let selection = format!("{} {:?} {:?}", options.sample, options.session, options.client);
        let mut digest = self.digest.clone();
        digest.update(rules.unwrap_or_default());
        digest.update(selection);
        data_encoding::HEXLOWER.encode(&digest.finalize()[..16])
    }

    /// Points that make a log mislead.
    fn add_warnings(&mut self) {
        let share = self.account.replayed as f64 / self.account.read.max(1) as f64 * 100.0;
        self.account
            .note(format!("{share:.1} % of the lines are replayed as they are"));
        let count = self.addresses.len();
        if count <= FEW_ADDRESSES && self.requests >= MANY_LINES && self.fields.session.is_none() {
            self.account.note(format!(
                "all lines come from {count} address(es), as behind a balancer: sessions are not told apart; `--client FIELD` or \
                 `--session-field FIELD` names the field that does"
            ));
        }
        if self.coarse > 0 {
            self.account.note(format!(
                "{} lines have times of whole seconds: starts are known to ±1 s",
                self.coarse
            ));
        }
        if self.untimed > 0 {
            self.account.note(format!(
                "{} lines do not tell how long the request took: their starts are the times of the lines, and pauses are too long by it",
                self.untimed
            ));
        }
        if self.escaped > 0 {
            self.account.note(format!(
                "{} lines hold bytes escaped as \\xNN, which is no JSON: they were decoded",
                self.escaped
            ));
        }
        if let Some((place, by)) = &self.clock.first {
            let backs = self.clock.backs;
            self.account.note(format!(
                "the clock steps back {backs} time(s), first by {by:.0} s at {place}"
            ));
        }
        if self.shapes.dropped > 0 {
            self.account.note(format!(
                "query values of {} lines are dropped: a rule with `keep` keeps them",
                self.shapes.dropped
            ));
        }
        if self.shapes.open > 0 {
            self.account.note(format!(
                "{} lines have ids in their paths, which are drawn from those of the log: a rule maps them to values that your data has",
                self.shapes.open
            ));
        }
    }
}
