//! Compilation of the journeys of a scenario, one after another.

use std::path::{Path, PathBuf};

use super::builder::Builder;
use super::callable::Callable;
use super::compiled::{IterationCounts, Journey};
use super::feeder::Feeder;
use super::file::JourneyFile;
use super::inputs::FeederFile;
use super::journey_id::JourneyId;
use super::journey_source::JourneySource;
use super::journeys::Journeys;
use super::scope::Scope;
use super::tables::Tables;
use super::{JourneyError, KeyError, Variables};

/// Part of its lifetime after which a session is renewed.
const RENEWED_AT: f64 = 0.9;

/// The error in its place: the first file that names the journey in `on-status`, if there is no such journey.
fn in_status(files: &[JourneySource], renewal: &str, error: JourneyError) -> JourneyError {
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

/// The error in its place: the session journey that names the log-out, if there is no such journey.
fn in_log_out(source: &JourneySource, error: JourneyError) -> JourneyError {
    match error {
        JourneyError::Unknown { name, known, .. } => {
            source.wrong(None, "log-out", KeyError::UnknownJourney { name, known })
        }
        error => error,
    }
}

/// Position of the journey of that name.
pub(super) fn position(files: &[JourneySource], name: &str) -> Option<usize> {
    files.iter().position(|source| source.file.name == name)
}

/// Role of a journey.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It logs users in; its index among the sessions.
    LogsIn(usize),
    /// It renews the session of that index.
    Renews(usize),
    /// It logs users of the session of that index out.
    LogsOut(usize),
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
pub(super) struct Loader {
    pub(super) journeys: Journeys,
    pub(super) tables: Tables,
    /// Variables that take precedence over those of the journeys.
    pub(super) variables: Variables,
    /// Path of each feeder, and how it is read.
    pub(super) feeder_files: Vec<(PathBuf, FeederFile)>,
    /// The session journeys, each with the names that are known after it.
    pub(super) sessions: Vec<(String, Scope)>,
    /// The other journeys compiled so far.
    pub(super) callable: Vec<Callable>,
    /// Names of values that set-ups have extracted.
    pub(super) given: Scope,
    /// Names of values that the journeys of a record share.
    pub(super) shared: Scope,
    /// The journeys that renew sessions: name, index of the session, and the journey.
    pub(super) renewals: Vec<(String, usize, JourneyId)>,
}

impl Loader {
    /// Compiles one journey and returns the names that are known after its last step.
    pub(super) fn compile(&mut self, source: &JourneySource, role: Role) -> Result<Scope, JourneyError> {
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
        self.add_variables(source, &mut scope)?;
        let session = match role {
            Role::Renews(session) | Role::LogsOut(session) => Some(session),
            _ => self.session_of(file),
        };
        if let Some(session) = session {
            scope.add_all(&self.sessions[session].1);
        }
        scope.add_all(&self.given);
        if source.is_recorded {
            scope.add_all(&self.shared);
        }
        let renewals = self.renewals_of(source, role, session)?;
        let first_new = self.tables.variables;
        let mut builder = Builder::new(source, (&self.callable, &self.sessions), &mut self.tables, scope);
        builder.id = JourneyId(self.journeys.list.len());
        builder.stops = matches!(role, Role::LogsIn(_) | Role::Renews(_));
        // A renewal gives new values to what the log-in has extracted.
        if let (Role::Renews(_), Some(session)) = (role, session) {
            builder.own_from = self.journeys.list[session].variables.start;
        }
        if source.is_recorded {
            builder.own_from = self.journeys.shared.start;
        }
        let nodes = builder.nodes(&file.step)?;
        let (steps, scope) = (builder.steps, builder.scope);
        let yields = IterationCounts::new(&steps, &nodes, &self.journeys.list);
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
            logs_out: matches!(role, Role::LogsOut(_)),
            renews: matches!(role, Role::Renews(_)),
            renewals,
            renewed_after: file.lifetime.map(|lifetime| lifetime.get().mul_f64(RENEWED_AT)),
            variables: first_new..self.tables.variables,
            log_out: None,
            feeder,
        });
        self.note_names(&scope);
        Ok(scope)
    }

    /// Finds a variable for each value that the journeys of a record extract: what one extracts, any other may use.
    pub(super) fn share(&mut self, files: &[JourneySource]) {
        let first = self.tables.variables;
        for name in files
            .iter()
            .filter(|source| source.is_recorded)
            .flat_map(JourneySource::extracted)
        {
            // A name that is that of a built-in is refused with its place when the journey is compiled.
            let _ = self.shared.extract(name, first, &mut self.tables.variables);
        }
        self.journeys.shared = first..self.tables.variables;
        let shared = std::mem::take(&mut self.shared);
        self.note_names(&shared);
        self.shared = shared;
    }

    /// Index of the session of a journey.
    fn session_of(&self, file: &JourneyFile) -> Option<usize> {
        let session = file.session.as_ref()?;
        self.sessions.iter().position(|(known, _)| known == session)
    }

    /// Compiles the journeys that renew sessions, each once for each session, and returns their files.
    pub(super) fn renewals(
        &mut self,
        folder: &Path,
        files: &mut Vec<JourneySource>,
    ) -> Result<Vec<JourneySource>, JourneyError> {
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
                None => JourneySource::read(folder, &name).map_err(|error| in_status(files, &name, error))?,
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
        source: &JourneySource,
        role: Role,
        session: Option<usize>,
    ) -> Result<Box<[(u16, JourneyId)]>, JourneyError> {
        let wrong = |key: &str, error| source.wrong(None, key, error);
        let file = &source.file;
        if file.lifetime.is_some() && !matches!(role, Role::LogsIn(_)) {
            let text = "a `lifetime` is that of a session: it belongs to the journey that logs users in";
            return Err(wrong("lifetime", KeyError::Conflict(text.to_owned())));
        }
        // A session journey may be walked like any other as well, and then nobody logs out.
        if file.log_out.is_some() && file.session.is_some() {
            let text = "`log-out` belongs to the journey that logs users in";
            return Err(wrong("log-out", KeyError::Conflict(text.to_owned())));
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

    /// Compiles the journeys that log users out, each once for each session, and returns their files.
    pub(super) fn log_outs(
        &mut self,
        folder: &Path,
        sessions: &[JourneySource],
        files: &mut Vec<JourneySource>,
    ) -> Result<Vec<JourneySource>, JourneyError> {
        let mut sources = Vec::new();
        for source in sessions {
            let Some(name) = &source.file.log_out else { continue };
            let session = self.sessions.iter().position(|(known, _)| *known == source.file.name);
            let Some(session) = session else {
                let text = "`log-out` belongs to a session journey, which logs users in";
                return Err(source.wrong(None, "log-out", KeyError::Conflict(text.to_owned())));
            };
            let written = match position(files, name) {
                Some(position) => files.remove(position),
                None => JourneySource::read(folder, name).map_err(|error| in_log_out(source, error))?,
            };
            if written
                .file
                .session
                .as_ref()
                .is_some_and(|own| *own != source.file.name)
            {
                let text = format!("it logs out of the session of `{}`", source.file.name);
                return Err(written.wrong(None, "session", KeyError::Conflict(text)));
            }
            let id = JourneyId(self.journeys.list.len());
            self.compile(&written, Role::LogsOut(session))?;
            self.journeys.list[session].log_out = Some(id);
            sources.push(written);
        }
        Ok(sources)
    }

    /// For each session journey, true if one of those journeys needs its session.
    pub(super) fn everyones(&self, names: &[&String]) -> Vec<bool> {
        let journeys = &self.journeys;
        let needs = |session| {
            let mut journeys = names.iter().filter_map(|name| journeys.get(name));
            journeys.any(|journey| journey.session == Some(session))
        };
        (0..self.sessions.len()).map(needs).collect()
    }

    /// Adds the journey's variables to its scope.
    fn add_variables(&mut self, source: &JourneySource, scope: &mut Scope) -> Result<(), JourneyError> {
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
            scope.add_constant(name, &variable.text);
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
