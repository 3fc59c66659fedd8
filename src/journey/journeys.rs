//! All journeys of a scenario, read and compiled together.

use std::path::{Path, PathBuf};

use super::builder::Builder;
use super::callable::Callable;
use super::compiled::{Journey, JourneyId, Yields};
use super::feeder::Feeder;
use super::feeding::Feeding;
use super::file::JourneyFile;
use super::inputs::FeederFile;
use super::scope::Scope;
use super::series::Series;
use super::tables::Tables;
use super::written::Written;
use super::{JourneyError, KeyError, Variables};
use crate::record::SeriesId;
use crate::secrets::Secrets;

/// Part of its lifetime after which a session is renewed.
const RENEWED_AT: f64 = 0.9;

/// All journeys of a scenario, compiled, with the table of their series.
#[derive(Debug, Default)]
pub struct Journeys {
    pub(super) feeders: Vec<Feeder>,
    /// Values that are the same for every user, of all journeys.
    given: Vec<Variables>,
    /// Names of the variables that each user has, by index.
    names: Vec<String>,
    /// Number of variables that each user has.
    pub(super) variables: usize,
    list: Vec<Journey>,
    series: Vec<Series>,
    transactions: Vec<Series>,
    /// The journeys that log users in.
    sessions: Vec<JourneyId>,
}

impl Journeys {
    /// Reads and compiles the named journeys (`NAME.toml` in `folder`) and the session journeys that they need. The session
    /// journeys' series come first. Feeder paths are relative to the journey file. Errors name the file, the step and the key.
    pub fn load(folder: &Path, names: &[String]) -> Result<Self, JourneyError> {
        Self::load_with(folder, names, &Variables::default())
    }

    /// As [`Self::load`], with values of variables that take precedence over those of the journeys.
    pub fn load_with(folder: &Path, names: &[String], variables: &Variables) -> Result<Self, JourneyError> {
        let mut files = Vec::<Written>::new();
        for name in names {
            if !files.iter().any(|source| source.file.name == *name) {
                files.push(Written::read(folder, name)?);
            }
        }
        let mut read = 0;
        while let Some(source) = files.get(read) {
            let called: Vec<(String, String)> = source
                .calls()
                .into_iter()
                .map(|(step, called)| (step.to_owned(), called.to_owned()))
                .collect();
            for (step, name) in called {
                if !files.iter().any(|source| source.file.name == name) {
                    let found = Written::read(folder, &name);
                    let found = found.map_err(|error| files[read].not_called(&step, error))?;
                    files.push(found);
                }
            }
            read += 1;
        }
        let mut loader = Loader {
            variables: variables.clone(),
            ..Loader::default()
        };
        let mut sessions = Vec::new();
        for session in sessions_of(&files) {
            let source = match files.iter().position(|source| source.file.name == session) {
                Some(position) => files.remove(position),
                None => Written::read(folder, &session).map_err(|error| in_session(&files, &session, error))?,
            };
            if source.file.session.is_some() {
                let nested = KeyError::Conflict(format!("`{session}` logs users in and cannot need a session itself"));
                return Err(source.wrong(None, "session", nested));
            }
            let index = loader.sessions.len();
            loader.journeys.sessions.push(JourneyId(index));
            let scope = loader.compile(&source, Role::LogsIn(index))?;
            loader.sessions.push((session, scope));
            sessions.push(source);
        }
        for source in loader.renewals(folder, &mut files)? {
            sessions.push(source);
        }
        let mut order = Vec::with_capacity(files.len());
        for start in 0..files.len() {
            arrange(&files, start, &mut Vec::new(), &mut order)?;
        }
        for position in order {
            let source = &files[position];
            let index = loader.journeys.list.len();
            let scope = loader.compile(source, Role::Plain)?;
            loader.callable.push(Callable {
                name: source.file.name.clone(),
                index,
                session: source.file.session.clone(),
                scope,
            });
        }
        sessions.append(&mut files);
        known_variables(variables, &sessions)?;
        let Tables {
            series,
            transactions,
            variables,
        } = loader.tables;
        if series.len() + transactions.len() > usize::from(u16::MAX) {
            return Err(JourneyError::TooManySteps);
        }
        Ok(Self {
            variables,
            series,
            transactions,
            ..loader.journeys
        })
    }

    /// Feeders with the journeys that take their rows.
    pub fn feedings(&self) -> Vec<Feeding<'_>> {
        let feedings = self.feeders.iter().enumerate().map(|(index, feeder)| Feeding {
            feeder,
            journeys: self
                .list
                .iter()
                .filter(|journey| journey.feeder == Some(index))
                .collect(),
        });
        feedings.collect()
    }

    /// The first feeder of which no row was left for a user; `None` if there is none.
    pub fn exhausted(&self) -> Option<&Feeder> {
        let exhausted = self.feeders.iter().filter(|feeder| feeder.exhausted().is_some());
        exhausted.min_by_key(|feeder| feeder.exhausted())
    }

    /// Names of the variables that each user has, by index.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Every series, in the order of their `SeriesId`.
    pub fn series(&self) -> &[Series] {
        &self.series
    }

    /// Every transaction. They follow the series in the recorder's table.
    pub fn transactions(&self) -> &[Series] {
        &self.transactions
    }

    /// The journey of that index, which another calls.
    pub(super) fn called(&self, index: usize) -> Option<&Journey> {
        self.list.get(index)
    }

    /// Number of a transaction in the recorder's table.
    pub(super) fn transaction_id(&self, transaction: usize) -> SeriesId {
        // The sum was checked when the journeys were read.
        SeriesId(u16::try_from(self.series.len() + transaction).unwrap_or(u16::MAX))
    }

    /// Adds the secrets that the users' rows and the variables hold.
    pub fn learn_secrets(&self, secrets: &mut Secrets) {
        for feeder in &self.feeders {
            feeder.learn_secrets(secrets);
        }
        for variables in &self.given {
            variables.learn_secrets(secrets);
        }
    }

    /// All journeys: those that log users in first.
    pub fn all(&self) -> impl Iterator<Item = &Journey> {
        self.list.iter()
    }

    /// Most connections that a user has at the same time, whichever journey it makes.
    pub fn most_connections(&self) -> u32 {
        let most = self.all().map(Journey::most_connections).max();
        most.and_then(|most| u32::try_from(most).ok()).unwrap_or(1)
    }

    /// The journey of that name.
    pub fn find(&self, name: &str) -> Option<JourneyId> {
        self.list.iter().position(|journey| journey.name == name).map(JourneyId)
    }

    /// The compiled journey of that name.
    pub fn get(&self, name: &str) -> Option<&Journey> {
        self.find(name).map(|id| self.of(id))
    }

    /// The compiled journey.
    pub fn of(&self, id: JourneyId) -> &Journey {
        &self.list[id.0]
    }

    /// True if any of the named journeys needs a logged-in user.
    pub fn need_session(&self, names: &[String]) -> bool {
        names
            .iter()
            .filter_map(|name| self.get(name))
            .any(Journey::needs_session)
    }

    /// The session journeys, which log users in; empty if no journey needs a session.
    pub fn sessions(&self) -> impl ExactSizeIterator<Item = &Journey> {
        self.sessions.iter().map(|id| self.of(*id))
    }

    pub(super) fn session_ids(&self) -> &[JourneyId] {
        &self.sessions
    }
}

/// Adds the journey at that position to `order`, after those that it calls. `trail` holds the journeys that call it.
fn arrange(files: &[Written], at: usize, trail: &mut Vec<usize>, order: &mut Vec<usize>) -> Result<(), JourneyError> {
    if order.contains(&at) {
        return Ok(());
    }
    trail.push(at);
    for (step, name) in files[at].calls() {
        let Some(called) = files.iter().position(|source| source.file.name == name) else {
            continue;
        };
        if trail.contains(&called) {
            let circle = KeyError::Conflict(format!("`{name}` calls this journey, or is it: calls end nowhere"));
            return Err(files[at].wrong(Some(step), "call", circle));
        }
        arrange(files, called, trail, order)?;
    }
    trail.pop();
    order.push(at);
    Ok(())
}

/// Names of the session journeys, each once.
fn sessions_of(files: &[Written]) -> Vec<String> {
    let mut found = Vec::<String>::new();
    for session in files.iter().filter_map(|source| source.file.session.as_ref()) {
        if !found.contains(session) {
            found.push(session.clone());
        }
    }
    found
}

/// The error in its place: the first file that names the session, if there is no such journey.
fn in_session(files: &[Written], session: &str, error: JourneyError) -> JourneyError {
    let mut by = files
        .iter()
        .filter(|source| source.file.session.as_deref() == Some(session));
    match (error, by.next()) {
        (JourneyError::Unknown { name, known, .. }, Some(source)) => {
            source.wrong(None, "session", KeyError::UnknownSession { name, known })
        }
        (error, _) => error,
    }
}

/// The error in its place: the first file that names the journey in `on-status`, if there is no such journey.
fn in_status(files: &[Written], renewal: &str, error: JourneyError) -> JourneyError {
    let mut by = files
        .iter()
        .filter(|source| source.file.on_status.values().any(|name| name == renewal));
    match (error, by.next()) {
        (JourneyError::Unknown { name, known, .. }, Some(source)) => {
            source.wrong(None, "on-status", KeyError::UnknownSession { name, known })
        }
        (error, _) => error,
    }
}

/// Checks that some journey declares or uses each variable of the scenario.
fn known_variables(variables: &Variables, files: &[Written]) -> Result<(), JourneyError> {
    let unknown = variables
        .names()
        .find(|name| !files.iter().any(|source| source.mentions(name)));
    let Some(name) = unknown else { return Ok(()) };
    let known = files.iter().flat_map(|source| source.file.variables.keys().cloned());
    Err(JourneyError::UnknownVariable {
        name: name.to_owned(),
        known: known.collect(),
    })
}

/// Role of a journey.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// It logs users in; its index among the sessions.
    LogsIn(usize),
    /// It renews the session of that index.
    Renews(usize),
    Plain,
}

/// Status of an answer as it is written.
fn status_of(written: &str) -> Result<u16, KeyError> {
    let status = written.parse().ok().filter(|status| (400..=599).contains(status));
    status.ok_or_else(|| KeyError::Value {
        given: written.to_owned(),
        expected: "a status from 400 to 599",
    })
}

#[derive(Default)]
struct Loader {
    journeys: Journeys,
    tables: Tables,
    /// Variables that take precedence over those of the journeys.
    variables: Variables,
    /// Path of each feeder, and how it is read.
    feeder_files: Vec<(PathBuf, FeederFile)>,
    /// The session journeys, each with the names that are known after it.
    sessions: Vec<(String, Scope)>,
    /// The other journeys compiled so far.
    callable: Vec<Callable>,
    /// The journeys that renew sessions: name, index of the session, and the journey.
    renewals: Vec<(String, usize, JourneyId)>,
}

impl Loader {
    /// Compiles one journey and returns the names that are known after its last step.
    fn compile(&mut self, source: &Written, role: Role) -> Result<Scope, JourneyError> {
        source.check()?;
        let file = &source.file;
        let mut scope = Scope::default();
        let feeder = match &file.feeder {
            Some(feeder) => Some(self.feeder(source.folder(), feeder)?),
            None => None,
        };
        if let Some(index) = feeder {
            scope.add_feeder(index, self.journeys.feeders[index].columns());
        }
        self.give(source, &mut scope)?;
        let session = match role {
            Role::Renews(session) => Some(session),
            _ => self.session_of(file),
        };
        if let Some(session) = session {
            scope.add_all(&self.sessions[session].1);
        }
        let renewals = self.renewals_of(source, role, session)?;
        let first_new = self.tables.variables;
        let mut builder = Builder::new(source, &self.callable, &mut self.tables, scope);
        // A renewal gives new values to what the log-in has extracted.
        if let (Role::Renews(_), Some(session)) = (role, session) {
            builder.own_from = self.journeys.list[session].variables.start;
        }
        let nodes = builder.nodes(&file.step)?;
        let (steps, scope) = (builder.steps, builder.scope);
        let yields = Yields::new(&steps, &nodes, &self.journeys.list);
        self.journeys.list.push(Journey {
            name: file.name.clone(),
            description: file.description.clone(),
            steps,
            nodes,
            yields,
            pacing: file.pacing.map(crate::units::Span::get),
            session: match role {
                Role::LogsIn(session) => Some(session),
                _ => session,
            },
            logs_in: matches!(role, Role::LogsIn(_)),
            renews: matches!(role, Role::Renews(_)),
            renewals,
            renewed_after: file.lifetime.map(|lifetime| lifetime.get().mul_f64(RENEWED_AT)),
            variables: first_new..self.tables.variables,
            feeder,
        });
        self.note_names(&scope);
        Ok(scope)
    }

    /// Index of the session of a journey.
    fn session_of(&self, file: &JourneyFile) -> Option<usize> {
        let session = file.session.as_ref()?;
        self.sessions.iter().position(|(known, _)| known == session)
    }

    /// Compiles the journeys that renew sessions, each once for each session, and returns their files.
    fn renewals(&mut self, folder: &Path, files: &mut Vec<Written>) -> Result<Vec<Written>, JourneyError> {
        let mut wanted = Vec::<(String, usize)>::new();
        for source in files.iter() {
            let Some(session) = self.session_of(&source.file) else {
                continue;
            };
            for name in source.file.on_status.values() {
                let known = (name.clone(), session);
                if *name != self.sessions[session].0 && !wanted.contains(&known) {
                    wanted.push(known);
                }
            }
        }
        let mut sources = Vec::new();
        for (name, session) in wanted {
            let source = match files.iter().position(|source| source.file.name == name) {
                Some(position) => files.remove(position),
                None => Written::read(folder, &name).map_err(|error| in_status(files, &name, error))?,
            };
            if source
                .file
                .session
                .as_ref()
                .is_some_and(|own| *own != self.sessions[session].0)
            {
                let other = format!("it renews the session of `{}`", self.sessions[session].0);
                return Err(source.wrong(None, "session", KeyError::Conflict(other)));
            }
            let id = JourneyId(self.journeys.list.len());
            self.compile(&source, Role::Renews(session))?;
            self.renewals.push((name, session, id));
            sources.push(source);
        }
        Ok(sources)
    }

    /// The journeys that renew the session of a journey, by the status that asks for it.
    fn renewals_of(
        &self,
        source: &Written,
        role: Role,
        session: Option<usize>,
    ) -> Result<Box<[(u16, JourneyId)]>, JourneyError> {
        let wrong = |key: &str, error| source.wrong(None, key, error);
        let file = &source.file;
        if file.lifetime.is_some() && !matches!(role, Role::LogsIn(_)) {
            let text = "a `lifetime` is that of a session: it belongs to the journey that logs users in";
            return Err(wrong("lifetime", KeyError::Conflict(text.to_owned())));
        }
        let mut renewals = Vec::with_capacity(file.on_status.len());
        for (written, name) in &file.on_status {
            let status = status_of(written).map_err(|error| wrong("on-status", error))?;
            let Some(session) = session.filter(|_| role == Role::Plain) else {
                let text = "only a journey with a `session` can have it renewed";
                return Err(wrong("on-status", KeyError::Conflict(text.to_owned())));
            };
            let known = self
                .renewals
                .iter()
                .find(|(known, of, _)| known == name && *of == session);
            let renewal = known.map_or(self.journeys.sessions[session], |(_, _, journey)| *journey);
            renewals.push((status, renewal));
        }
        Ok(renewals.into())
    }

    /// Adds the journey's variables to its scope.
    fn give(&mut self, source: &Written, scope: &mut Scope) -> Result<(), JourneyError> {
        let wrong = |(name, error): (String, KeyError)| source.wrong(None, &format!("variables.{name}"), error);
        let mut written = source.file.variables.clone();
        // What is replaced need not be there.
        written.retain(|name, _| self.variables.get(name).is_none());
        let variables = Variables::find(&written, source.folder()).map_err(wrong)?;
        let variables = variables.overridden(&self.variables);
        for (name, variable) in variables.iter() {
            if scope.is_taken(name) {
                let taken = KeyError::Conflict(format!("`{name}` is already the name of something else"));
                return Err(wrong((name.clone(), taken)));
            }
            scope.give(name, &variable.text);
        }
        self.journeys.given.push(variables);
        Ok(())
    }

    fn note_names(&mut self, scope: &Scope) {
        self.journeys.names.resize(self.tables.variables, String::new());
        for (name, slot) in scope.variables() {
            name.clone_into(&mut self.journeys.names[slot]);
        }
    }

    /// Index of a feeder. One that several journeys name alike is read once.
    fn feeder(&mut self, folder: &Path, file: &FeederFile) -> Result<usize, JourneyError> {
        let path = folder.join(&file.file);
        let known = |(known, by): &(PathBuf, FeederFile)| {
            *known == path && (by.order, by.delimiter) == (file.order, file.delimiter)
        };
        if let Some(index) = self.feeder_files.iter().position(known) {
            return Ok(index);
        }
        self.journeys.feeders.push(Feeder::open(&path, file)?);
        self.feeder_files.push((path, file.clone()));
        Ok(self.feeder_files.len() - 1)
    }
}
