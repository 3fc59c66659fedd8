//! All journeys of a scenario, read and compiled together.

use std::path::{Path, PathBuf};

use super::compiled::{Journey, JourneyId};
use super::excerpt::Excerpt;
use super::feeder::Feeder;
use super::feeding::Feeding;
use super::file::{JourneyFile, StepFile};
use super::inputs::FeederFile;
use super::scope::Scope;
use super::series::Series;
use super::step::{Step, Surroundings};
use super::{JourneyError, KeyError, Place, Variables, listing};
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
        let mut files = Vec::<Source>::new();
        for name in names {
            if !files.iter().any(|source| source.file.name == *name) {
                files.push(Source::read(folder, name)?);
            }
        }
        let mut loader = Loader {
            variables: variables.clone(),
            ..Loader::default()
        };
        let mut sessions = Vec::new();
        for session in sessions_of(&files) {
            let source = match files.iter().position(|source| source.file.name == session) {
                Some(position) => files.remove(position),
                None => Source::read(folder, &session).map_err(|error| in_session(&files, &session, error))?,
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
        for source in &files {
            loader.compile(source, Role::Plain)?;
        }
        sessions.append(&mut files);
        known_variables(variables, &sessions)?;
        Ok(loader.journeys)
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

/// Names of the session journeys, each once.
fn sessions_of(files: &[Source]) -> Vec<String> {
    let mut found = Vec::<String>::new();
    for session in files.iter().filter_map(|source| source.file.session.as_ref()) {
        if !found.contains(session) {
            found.push(session.clone());
        }
    }
    found
}

/// The error in its place: the first file that names the session, if there is no such journey.
fn in_session(files: &[Source], session: &str, error: JourneyError) -> JourneyError {
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
fn in_status(files: &[Source], renewal: &str, error: JourneyError) -> JourneyError {
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
fn known_variables(variables: &Variables, files: &[Source]) -> Result<(), JourneyError> {
    let unknown = variables.names().find(|name| {
        let uses = |source: &Source| {
            let mut words = source
                .text
                .split(|letter: char| !(letter.is_alphanumeric() || "_-".contains(letter)));
            words.any(|word| word == *name)
        };
        !files.iter().any(uses)
    });
    let Some(name) = unknown else { return Ok(()) };
    let known = files.iter().flat_map(|source| source.file.variables.keys().cloned());
    Err(JourneyError::UnknownVariable {
        name: name.to_owned(),
        known: known.collect(),
    })
}

/// A journey file, its path and its text.
struct Source {
    path: PathBuf,
    text: String,
    file: JourneyFile,
}

impl Source {
    fn read(folder: &Path, name: &str) -> Result<Self, JourneyError> {
        let path = folder.join(format!("{name}.toml"));
        let text = match std::fs::read_to_string(&path) {
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => {
                return Err(JourneyError::Unknown {
                    name: name.to_owned(),
                    folder: folder.to_owned(),
                    known: stems(&listing::files_in(folder)?),
                });
            }
            read => read.map_err(|source| JourneyError::Read {
                path: path.clone(),
                source,
            })?,
        };
        if listing::is_of_pages(&text) {
            return Err(JourneyError::Browser { path });
        }
        let file: JourneyFile = toml::from_str(&text).map_err(|source| JourneyError::Parse {
            path: path.clone(),
            source: Box::new(source),
        })?;
        let source = Self { path, text, file };
        if source.file.name == name {
            Ok(source)
        } else {
            let misnamed = format!("`{}` is not the file's name", source.file.name);
            Err(source.wrong(None, "name", KeyError::Conflict(misnamed)))
        }
    }

    fn wrong(&self, step: Option<&StepFile>, key: &str, source: KeyError) -> JourneyError {
        JourneyError::Key {
            place: Box::new(Place {
                path: self.path.clone(),
                step: step.map(|step| step.name.clone()),
                key: key.to_owned(),
            }),
            excerpt: Excerpt::find(&self.text, step.map(|step| step.name.as_str()), key, source.fragment())
                .map(Box::new),
            source,
        }
    }

    /// Checks that there is a step, that the first has no think time, and that all names are valid and unique.
    fn check_steps(&self) -> Result<(), JourneyError> {
        let conflict = |step, key, text: &str| Err(self.wrong(step, key, KeyError::Conflict(text.to_owned())));
        let steps = &self.file.step;
        let Some(first) = steps.first() else {
            return conflict(None, "step", "a journey has at least one step");
        };
        if first.think.is_some() {
            return conflict(Some(first), "think", "the first step begins when the schedule says");
        }
        // Journey and step name tag lines of the interval log, and a selector lists several of them by commas.
        let unfit =
            |name: &str| name.is_empty() || name.contains(|letter: char| letter.is_whitespace() || letter == ',');
        if unfit(&self.file.name) {
            return conflict(None, "name", "a name has no blanks or commas in it");
        }
        for (position, step) in steps.iter().enumerate() {
            if unfit(&step.name) {
                return conflict(Some(step), "name", "a name has no blanks or commas in it");
            }
            if steps[..position].iter().any(|earlier| earlier.name == step.name) {
                return conflict(Some(step), "name", "two steps of this journey have this name");
            }
        }
        Ok(())
    }
}

fn stems(paths: &[PathBuf]) -> Vec<String> {
    let stems = paths.iter().filter_map(|path| path.file_stem());
    stems.map(|stem| stem.to_string_lossy().into_owned()).collect()
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
    /// Variables that take precedence over those of the journeys.
    variables: Variables,
    /// Path of each feeder, and how it is read.
    feeder_files: Vec<(PathBuf, FeederFile)>,
    /// The session journeys, each with the names that are known after it.
    sessions: Vec<(String, Scope)>,
    /// The journeys that renew sessions: name, index of the session, and the journey.
    renewals: Vec<(String, usize, JourneyId)>,
}

impl Loader {
    /// Compiles one journey and returns the names that are known after its last step.
    fn compile(&mut self, source: &Source, role: Role) -> Result<Scope, JourneyError> {
        source.check_steps()?;
        let file = &source.file;
        let folder = source.path.parent().unwrap_or(Path::new("."));
        let mut scope = Scope::default();
        let feeder = match &file.feeder {
            Some(feeder) => Some(self.feeder(folder, feeder)?),
            None => None,
        };
        if let Some(index) = feeder {
            scope.add_feeder(index, self.journeys.feeders[index].columns());
        }
        self.give(source, folder, &mut scope)?;
        let session = match role {
            Role::Renews(session) => Some(session),
            _ => self.session_of(file),
        };
        if let Some(session) = session {
            scope.add_all(&self.sessions[session].1);
        }
        // A renewal gives new values to what the log-in has extracted.
        let own_from = match (role, session) {
            (Role::Renews(_), Some(session)) => self.journeys.list[session].variables.start,
            _ => self.journeys.variables,
        };
        let first_new = self.journeys.variables;
        let renewals = self.renewals_of(source, role, session)?;
        let mut steps = Vec::with_capacity(file.step.len());
        for step in &file.step {
            let around = Surroundings {
                series: self.add_series(file, step)?,
                headers: &file.headers,
                folder,
                cookies: file.cookies.unwrap_or(true),
                own_from,
            };
            let compiled = Step::compile(step, &around, &mut scope, &mut self.journeys.variables);
            steps.push(compiled.map_err(|(key, error)| source.wrong(Some(step), &key, error))?);
        }
        self.journeys.list.push(Journey {
            name: file.name.clone(),
            description: file.description.clone(),
            steps,
            session: match role {
                Role::LogsIn(session) => Some(session),
                _ => session,
            },
            logs_in: matches!(role, Role::LogsIn(_)),
            renews: matches!(role, Role::Renews(_)),
            renewals,
            renewed_after: file.lifetime.map(|lifetime| lifetime.get().mul_f64(RENEWED_AT)),
            variables: first_new..self.journeys.variables,
            feeder,
        });
        self.note_names(&scope);
        Ok(scope)
    }

    fn add_series(&mut self, journey: &JourneyFile, step: &StepFile) -> Result<SeriesId, JourneyError> {
        let id = u16::try_from(self.journeys.series.len()).map_err(|_| JourneyError::TooManySteps)?;
        let mut tags = journey.tags.clone();
        tags.extend(step.tags.iter().filter(|tag| !journey.tags.contains(tag)).cloned());
        self.journeys.series.push(Series {
            name: format!("{}.{}", journey.name, step.name),
            tags,
        });
        Ok(SeriesId(id))
    }

    /// Index of the session of a journey.
    fn session_of(&self, file: &JourneyFile) -> Option<usize> {
        let session = file.session.as_ref()?;
        self.sessions.iter().position(|(known, _)| known == session)
    }

    /// Compiles the journeys that renew sessions, each once for each session, and returns their files.
    fn renewals(&mut self, folder: &Path, files: &mut Vec<Source>) -> Result<Vec<Source>, JourneyError> {
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
                None => Source::read(folder, &name).map_err(|error| in_status(files, &name, error))?,
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
        source: &Source,
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
    fn give(&mut self, source: &Source, folder: &Path, scope: &mut Scope) -> Result<(), JourneyError> {
        let wrong = |(name, error): (String, KeyError)| source.wrong(None, &format!("variables.{name}"), error);
        let mut written = source.file.variables.clone();
        // What is replaced need not be there.
        written.retain(|name, _| self.variables.get(name).is_none());
        let variables = Variables::find(&written, folder).map_err(wrong)?;
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
        self.journeys.names.resize(self.journeys.variables, String::new());
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
