//! A journey file as it was found: its path, its text and its content.

use std::path::{Path, PathBuf};

use super::excerpt::Excerpt;
use super::file::{JourneyFile, StepFile};
use super::{FilePosition, JourneyError, KeyError, WrittenJourney, listing};

/// A journey file, its path and its text.
pub(super) struct JourneySource {
    pub(super) path: PathBuf,
    text: String,
    pub(super) file: JourneyFile,
    /// Beginning of the names of its series: its own name, or that of the journey whose step it has.
    pub(super) series: String,
    /// True if it stands for a kind of request of a record, and shares what it extracts with others of that record.
    pub(super) is_recorded: bool,
}

impl JourneySource {
    /// Reads `NAME.toml` in that folder.
    pub(super) fn read(folder: &Path, name: &str) -> Result<Self, JourneyError> {
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
        Self::parse(folder, name, text)
    }

    /// Reads the text of a journey as if it were `NAME.toml` in that folder.
    pub(super) fn parse(folder: &Path, name: &str, text: String) -> Result<Self, JourneyError> {
        let path = folder.join(format!("{name}.toml"));
        let file: JourneyFile = toml::from_str(&text).map_err(|source| JourneyError::Parse {
            path: path.clone(),
            source: source.into(),
        })?;
        let written = Self {
            path,
            text,
            series: file.name.clone(),
            file,
            is_recorded: false,
        };
        if written.file.name == name {
            Ok(written)
        } else {
            let misnamed = format!("`{}` is not the file's name", written.file.name);
            Err(written.wrong(None, "name", KeyError::Conflict(misnamed)))
        }
    }

    /// Reads a journey that a replay has made of its record.
    pub(super) fn recorded(folder: &Path, journey: &WrittenJourney) -> Result<Self, JourneyError> {
        let mut source = Self::parse(folder, &journey.name, journey.text.clone())?;
        if let Some(series) = &journey.series {
            source.series.clone_from(series);
        }
        source.is_recorded = true;
        Ok(source)
    }

    /// Names of the values that its steps extract or set.
    pub(super) fn extracted(&self) -> impl Iterator<Item = &String> {
        let steps = all(&self.file.step).into_iter();
        steps.flat_map(|step| step.extracted().chain(step.set.keys()))
    }

    /// Folder of the file, from which the paths in it start.
    pub(super) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }

    /// The error in a call of a journey that cannot be read.
    pub(super) fn not_called(&self, step: &str, error: JourneyError) -> JourneyError {
        match error {
            JourneyError::Unknown { name, known, .. } => {
                self.wrong(Some(step), "call", KeyError::UnknownJourney { name, known })
            }
            other => other,
        }
    }

    /// The error in that key of that step, or of the journey itself, with its line.
    pub(super) fn wrong(&self, step: Option<&str>, key: &str, source: KeyError) -> JourneyError {
        JourneyError::Key {
            place: Box::new(FilePosition {
                path: self.path.clone(),
                step: step.map(str::to_owned),
                key: key.to_owned(),
            }),
            excerpt: Excerpt::find(&self.text, step, key, source.fragment()).map(Box::new),
            source,
        }
    }

    /// True if the text holds that name as a word.
    pub(super) fn mentions(&self, name: &str) -> bool {
        let mut words = self
            .text
            .split(|letter: char| !(letter.is_alphanumeric() || "_-".contains(letter)));
        words.any(|word| word == name)
    }

    /// The sessions that its removals have instead of the journey's own, each with the name of the step.
    pub(super) fn removal_sessions(&self) -> impl Iterator<Item = (&str, &str)> {
        let steps = all(&self.file.step).into_iter();
        steps.filter_map(|step| Some((step.name.as_str(), step.cleanup.as_ref()?.session.as_deref()?)))
    }

    /// The journeys that it calls, each with the name of the step.
    pub(super) fn calls(&self) -> Vec<(&str, &str)> {
        let steps = all(&self.file.step);
        let calls = steps
            .into_iter()
            .filter_map(|step| Some((step.name.as_str(), step.call.as_deref()?)));
        calls.collect()
    }

    /// Checks that there is a step, that the first has no think time, and that all names are valid and unique.
    pub(super) fn check(&self) -> Result<(), JourneyError> {
        let conflict =
            |step: Option<&str>, key, text: &str| Err(self.wrong(step, key, KeyError::Conflict(text.to_owned())));
        let Some(first) = self.file.step.first() else {
            return conflict(None, "step", "a journey has at least one step");
        };
        if first.think.is_some() {
            return conflict(
                Some(&first.name),
                "think",
                "the first step begins when the schedule says",
            );
        }
        // Journey and step name tag lines of the interval log, and a selector lists several of them by commas.
        let unfit =
            |name: &str| name.is_empty() || name.contains(|letter: char| letter.is_whitespace() || letter == ',');
        if unfit(&self.file.name) {
            return conflict(None, "name", "a name has no blanks or commas in it");
        }
        let mut seen = Vec::new();
        for step in all(&self.file.step) {
            if unfit(&step.name) {
                return conflict(Some(&step.name), "name", "a name has no blanks or commas in it");
            }
            if seen.contains(&&step.name) {
                return conflict(Some(&step.name), "name", "two steps of this journey have this name");
            }
            seen.push(&step.name);
        }
        Ok(())
    }
}

/// The steps and those within them, in the order in which they are written.
fn all(steps: &[StepFile]) -> Vec<&StepFile> {
    let mut found = Vec::new();
    for step in steps {
        found.push(step);
        step.inner().for_each(|steps| found.extend(all(steps)));
    }
    found
}

fn stems(paths: &[PathBuf]) -> Vec<String> {
    let stems = paths.iter().filter_map(|path| path.file_stem());
    stems.map(|stem| stem.to_string_lossy().into_owned()).collect()
}
