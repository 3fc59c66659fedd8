//! Journeys of a scenario: read with all that they need, and compiled in an order in which each knows what it names.

use std::path::Path;

use super::callable::Callable;
use super::journey_id::JourneyId;
use super::journey_source::JourneySource;
use super::journeys::Journeys;
use super::loader::{Loader, Role, position};
use super::tables::Tables;
use super::{JourneyError, KeyError, Lifecycle, Variables, WrittenJourney};

impl Journeys {
    /// Reads and compiles the named journeys (`NAME.toml` in `folder`) and the session journeys that they need. The session
    /// journeys' series come first. Feeder paths are relative to the journey file. Errors name the file, the step and the key.
    pub fn load(folder: &Path, names: &[String]) -> Result<Self, JourneyError> {
        Self::load_with(folder, names, &Variables::default())
    }

    /// As [`Self::load`], with values of variables that take precedence over those of the journeys.
    pub fn load_with(folder: &Path, names: &[String], variables: &Variables) -> Result<Self, JourneyError> {
        Self::load_around(folder, names, &Lifecycle::default(), variables)
    }

    /// As [`Self::load_around`], with more journeys than those of the folder, which share what they extract. Variables that no
    /// journey uses are let pass.
    pub fn load_more(
        folder: &Path,
        names: &[String],
        more: &[WrittenJourney],
        occasions: &Lifecycle,
        variables: &Variables,
    ) -> Result<Self, JourneyError> {
        let files = read_all(folder, more, occasions.names().chain(names))?;
        Self::compile(folder, files, names, occasions, variables, false)
    }

    /// As [`Self::load_with`], with the journeys that are walked before and after the load. Values that a set-up extracts can be
    /// used in all others but those of sessions.
    pub fn load_around(
        folder: &Path,
        names: &[String],
        occasions: &Lifecycle,
        variables: &Variables,
    ) -> Result<Self, JourneyError> {
        let files = read_all(folder, &[], occasions.names().chain(names))?;
        Self::compile(folder, files, names, occasions, variables, true)
    }

    /// Reads and compiles one session journey alone. Variables that it does not use are let pass.
    pub fn load_session(folder: &Path, name: &str, variables: &Variables) -> Result<Self, JourneyError> {
        let files = vec![JourneySource::read(folder, name)?];
        let sessions = vec![name.to_owned()];
        Self::compile_with(folder, (files, sessions), &[], &Lifecycle::default(), variables, false)
    }

    fn compile(
        folder: &Path,
        files: Vec<JourneySource>,
        names: &[String],
        occasions: &Lifecycle,
        variables: &Variables,
        all_known: bool,
    ) -> Result<Self, JourneyError> {
        let sessions = sessions_of(&files);
        Self::compile_with(folder, (files, sessions), names, occasions, variables, all_known)
    }

    fn compile_with(
        folder: &Path,
        (mut files, session_names): (Vec<JourneySource>, Vec<String>),
        names: &[String],
        occasions: &Lifecycle,
        variables: &Variables,
        all_known: bool,
    ) -> Result<Self, JourneyError> {
        let mut loader = Loader {
            variables: variables.clone(),
            ..Loader::default()
        };
        let mut sessions = Vec::new();
        for session in session_names {
            let source = match files.iter().position(|source| source.file.name == session) {
                Some(position) => files.remove(position),
                None => JourneySource::read(folder, &session).map_err(|error| in_session(&files, &session, error))?,
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
        for source in loader.log_outs(folder, &sessions, &mut files)? {
            sessions.push(source);
        }
        own_series(&mut files, &sessions);
        loader.share(&files);
        let mut order = Vec::with_capacity(files.len());
        let setups = occasions.setups().filter_map(|setup| position(&files, setup));
        for start in setups.chain(0..files.len()) {
            arrange(&files, start, &mut Vec::new(), &mut order)?;
        }
        for position in order {
            let source = &files[position];
            let index = loader.journeys.list.len();
            let scope = loader.compile(source, Role::Plain)?;
            let is_setup = occasions.setups().any(|setup| *setup == source.file.name);
            if is_setup && names.contains(&source.file.name) {
                let text = "it is a set-up, which is walked once, and cannot be in the mix as well";
                return Err(source.wrong(None, "name", KeyError::Conflict(text.to_owned())));
            }
            if is_setup {
                let variables = &loader.journeys.list[index].variables;
                loader.given.add_all(&scope.restricted_to(variables));
            }
            loader.callable.push(Callable {
                name: source.file.name.clone(),
                index,
                session: source.file.session.clone(),
                scope,
            });
        }
        sessions.append(&mut files);
        if all_known {
            known_variables(variables, &sessions)?;
        }
        loader.journeys.everyones = loader.everyones(&names.iter().chain(occasions.of_users()).collect::<Vec<_>>());
        loader.journeys.occasions = occasions.clone();
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
}

/// Adds the journey at that position to `order`, after those that it calls. `trail` holds the journeys that call it.
fn arrange(
    files: &[JourneySource],
    at: usize,
    trail: &mut Vec<usize>,
    order: &mut Vec<usize>,
) -> Result<(), JourneyError> {
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

/// Lets series that would have names of another journey's be called after their own.
fn own_series(files: &mut [JourneySource], sessions: &[JourneySource]) {
    let others = files.iter().filter(|source| !source.is_recorded).chain(sessions);
    let taken: Vec<String> = others.map(|source| source.file.name.clone()).collect();
    for source in files.iter_mut().filter(|source| taken.contains(&source.series)) {
        source.series.clone_from(&source.file.name);
    }
}

/// Names of the session journeys, each once.
fn sessions_of(files: &[JourneySource]) -> Vec<String> {
    let mut found = Vec::<String>::new();
    let own = files.iter().filter_map(|source| source.file.session.as_deref());
    let of_removals = files.iter().flat_map(JourneySource::removal_sessions);
    for session in own.chain(of_removals.map(|(_, session)| session)) {
        if !found.iter().any(|known| known == session) {
            found.push(session.to_owned());
        }
    }
    found
}

/// The error in its place: the first file that names the session, if there is no such journey.
fn in_session(files: &[JourneySource], session: &str, error: JourneyError) -> JourneyError {
    let JourneyError::Unknown { name, known, .. } = &error else {
        return error;
    };
    let unknown = || KeyError::UnknownSession {
        name: name.clone(),
        known: known.clone(),
    };
    for source in files {
        if source.file.session.as_deref() == Some(session) {
            return source.wrong(None, "session", unknown());
        }
        let mut removals = source.removal_sessions();
        if let Some((step, _)) = removals.find(|(_, name)| *name == session) {
            return source.wrong(Some(step), "cleanup.session", unknown());
        }
    }
    error
}

/// Checks that some journey declares or uses each variable of the scenario.
fn known_variables(variables: &Variables, files: &[JourneySource]) -> Result<(), JourneyError> {
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

/// Reads those journeys, from `more` or their files, and those that they call.
fn read_all<'a>(
    folder: &Path,
    more: &[WrittenJourney],
    names: impl Iterator<Item = &'a String>,
) -> Result<Vec<JourneySource>, JourneyError> {
    let mut files = Vec::<JourneySource>::new();
    for name in names {
        if !files.iter().any(|source| source.file.name == *name) {
            files.push(match more.iter().find(|journey| journey.name == *name) {
                Some(journey) => JourneySource::recorded(folder, journey)?,
                None => JourneySource::read(folder, name)?,
            });
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
                let found = JourneySource::read(folder, &name);
                let found = found.map_err(|error| files[read].not_called(&step, error))?;
                files.push(found);
            }
        }
        read += 1;
    }
    Ok(files)
}
