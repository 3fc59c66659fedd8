//! All journeys of a scenario, read and compiled together.

use std::path::{Path, PathBuf};

use super::builder::{Builder, Callable, Tables};
use super::compiled::{Journey, Yields};
use super::feeder::Feeder;
use super::scope::Scope;
use super::series::Series;
use super::written::Written;
use super::{JourneyError, KeyError};
use crate::record::SeriesId;
use crate::secrets::Secrets;

/// One of the journeys that [`Journeys`] holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JourneyId(usize);

/// All journeys of a scenario, compiled, with the table of their series.
#[derive(Debug, Default)]
pub struct Journeys {
    pub(super) feeders: Vec<Feeder>,
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
        let mut loader = Loader::default();
        for session in sessions_of(&files) {
            let source = match files.iter().position(|source| source.file.name == session) {
                Some(position) => files.remove(position),
                None => Written::read(folder, &session)?,
            };
            if source.file.session.is_some() {
                let nested = KeyError::Conflict(format!("`{session}` logs users in and cannot need a session itself"));
                return Err(source.wrong(None, "session", nested));
            }
            let index = loader.sessions.len();
            loader.journeys.sessions.push(JourneyId(index));
            let scope = loader.compile(&source, Some(index))?;
            loader.sessions.push((session, scope));
        }
        let mut order = Vec::with_capacity(files.len());
        for start in 0..files.len() {
            arrange(&files, start, &mut Vec::new(), &mut order)?;
        }
        for position in order {
            let source = &files[position];
            let index = loader.journeys.list.len();
            let scope = loader.compile(source, None)?;
            loader.callable.push(Callable {
                name: source.file.name.clone(),
                index,
                session: source.file.session.clone(),
                scope,
            });
        }
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

    /// Adds the secrets that the users' rows hold.
    pub fn learn_secrets(&self, secrets: &mut Secrets) {
        for feeder in &self.feeders {
            feeder.learn_secrets(secrets);
        }
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

#[derive(Default)]
struct Loader {
    journeys: Journeys,
    tables: Tables,
    feeder_paths: Vec<PathBuf>,
    /// The session journeys, each with the names that are known after it.
    sessions: Vec<(String, Scope)>,
    /// The other journeys compiled so far.
    callable: Vec<Callable>,
}

impl Loader {
    /// Compiles one journey and returns the names that are known after its last step. `logs_in` is the index of a session
    /// journey.
    fn compile(&mut self, source: &Written, logs_in: Option<usize>) -> Result<Scope, JourneyError> {
        source.check()?;
        let file = &source.file;
        let mut scope = Scope::default();
        if let Some(feeder) = &file.feeder {
            let index = self.feeder(source.folder().join(feeder))?;
            scope.add_feeder(index, self.journeys.feeders[index].columns());
        }
        let session = file
            .session
            .as_ref()
            .and_then(|session| self.sessions.iter().position(|(known, _)| known == session));
        if let Some(session) = session {
            scope.add_all(&self.sessions[session].1);
        }
        let own_from = self.tables.variables;
        let mut builder = Builder::new(source, &self.callable, &mut self.tables, scope);
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
            session: logs_in.or(session),
            logs_in: logs_in.is_some(),
            variables: own_from..self.tables.variables,
        });
        Ok(scope)
    }

    /// Index of the feeder at `path`. A file that several journeys name is read once.
    fn feeder(&mut self, path: PathBuf) -> Result<usize, JourneyError> {
        if let Some(index) = self.feeder_paths.iter().position(|known| *known == path) {
            return Ok(index);
        }
        self.journeys.feeders.push(Feeder::read(&path)?);
        self.feeder_paths.push(path);
        Ok(self.feeder_paths.len() - 1)
    }
}
