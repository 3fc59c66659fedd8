//! Verifies a dossier: its files are those of the manifest, and judging them again gives the manifest's answer.

use std::fmt;
use std::path::Path;

use super::archive::{Files, read};
use super::manifest::{NAME, sha256};
use super::pack::write_files;
use super::{DossierError, JudgedAnswer, Manifest, ObjectiveAnswer};
use crate::run::judge_again;
use crate::slo::VerdictWord;
use crate::words::en::text;

/// A dossier that was read and judged again.
#[derive(Debug)]
pub struct VerifiedDossier {
    /// Its manifest.
    pub manifest: Manifest,
    /// Differences from the manifest; a dossier without any is as it was made.
    pub faults: Vec<Fault>,
}

/// A difference between a dossier and its manifest.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// The archive is not the one of that SHA-256; its own.
    Archive(String),
    /// A file of the manifest is not in the archive.
    Missing(String),
    /// A file is in the archive and not in the manifest.
    Added(String),
    /// A file has another content.
    Changed(String),
    /// The run cannot be judged; the reason.
    NotJudged(String),
    /// The overall word is another.
    Overall {
        /// In the manifest.
        packed: VerdictWord,
        /// Judged again.
        again: VerdictWord,
    },
    /// The exit code is another.
    Exit {
        /// In the manifest.
        packed: u8,
        /// Judged again.
        again: u8,
    },
    /// Another number of rules of validity is broken.
    Validity {
        /// In the manifest.
        packed: usize,
        /// Judged again.
        again: usize,
    },
    /// The answer on an objective is another, or only one side has it.
    Objective {
        /// In the manifest.
        packed: Option<ObjectiveAnswer>,
        /// Judged again.
        again: Option<ObjectiveAnswer>,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let objective = |answer: &Option<ObjectiveAnswer>| match answer {
            Some(ObjectiveAnswer {
                word,
                unit: Some(unit),
                point,
                ..
            }) => format!("{} {}", word.name(), text::value(*point, *unit)),
            Some(answer) => format!("{}, not measured", answer.word.name()),
            None => "nothing".to_owned(),
        };
        match self {
            Self::Archive(found) => write!(f, "another archive: its SHA-256 is {found}"),
            Self::Missing(path) => write!(f, "missing: {path}"),
            Self::Added(path) => write!(f, "added: {path}"),
            Self::Changed(path) => write!(f, "changed: {path}"),
            Self::NotJudged(reason) => write!(f, "cannot be judged: {reason}"),
            Self::Overall { packed, again } => write!(f, "verdict: {} → {}", packed.name(), again.name()),
            Self::Exit { packed, again } => write!(f, "exit code: {packed} → {again}"),
            Self::Validity { packed, again } => write!(f, "broken rules of validity: {packed} → {again}"),
            Self::Objective { packed, again } => {
                let name = packed
                    .as_ref()
                    .or(again.as_ref())
                    .map_or("", |answer| answer.name.as_str());
                write!(f, "{name}: {} → {}", objective(packed), objective(again))
            }
        }
    }
}

/// Reads a dossier, checks every hash, judges the run in a folder of its own and compares the answer. With `expected`, the
/// archive itself must have that SHA-256: who signed it has signed the manifest too.
pub async fn verify(path: &Path, expected: Option<&str>) -> Result<VerifiedDossier, DossierError> {
    let compressed = std::fs::read(path).map_err(|source| DossierError::File {
        action: "read",
        path: path.to_owned(),
        source,
    })?;
    let mut files = read(path, &compressed).await?;
    let manifest = files.remove(NAME).ok_or_else(|| DossierError::Foreign {
        path: path.to_owned(),
        what: format!("no {NAME}"),
    })?;
    let manifest = Manifest::parse(&manifest)?;
    // The hash of the archive comes by another way than the archive, else it proves nothing; the manifest's own hashes
    // find accidents.
    let found = sha256(&compressed);
    // Tools print hashes in either case, and a copied line has a blank or a line end.
    let is_other = expected.is_some_and(|expected| !expected.trim().eq_ignore_ascii_case(&found));
    let mut faults: Vec<Fault> = is_other.then_some(Fault::Archive(found)).into_iter().collect();
    faults.extend(content(&manifest, &files));
    let scratch = tempfile::tempdir().map_err(|source| DossierError::File {
        action: "make a folder for",
        path: path.to_owned(),
        source,
    })?;
    // On disk, since a run is judged from its folder; the folder goes away with the verification.
    write_files(scratch.path(), &files)?;
    // Also with files that changed: whether the answer still comes out tells how much the change matters.
    match judge_again(scratch.path(), manifest.accept) {
        Ok(document) => faults.extend(differences(&manifest.answer, &JudgedAnswer::from_document(&document))),
        Err(error) => faults.push(Fault::NotJudged(crate::error::one_line(&error))),
    }
    Ok(VerifiedDossier { manifest, faults })
}

/// Files that differ from the manifest.
fn content(manifest: &Manifest, files: &Files) -> Vec<Fault> {
    let listed = manifest.files.iter().filter_map(|file| match files.get(&file.path) {
        None => Some(Fault::Missing(file.path.clone())),
        Some(content) if sha256(content) != file.sha256 => Some(Fault::Changed(file.path.clone())),
        Some(_) => None,
    });
    let is_listed = |path: &str| manifest.files.iter().any(|file| file.path == path);
    let added = files.keys().filter(|path| !is_listed(path));
    listed.chain(added.map(|path| Fault::Added(path.clone()))).collect()
}

/// Differences between two answers.
fn differences(packed: &JudgedAnswer, again: &JudgedAnswer) -> Vec<Fault> {
    let mut faults = Vec::new();
    if packed.overall != again.overall {
        faults.push(Fault::Overall {
            packed: packed.overall,
            again: again.overall,
        });
    }
    if packed.exit_code != again.exit_code {
        faults.push(Fault::Exit {
            packed: packed.exit_code,
            again: again.exit_code,
        });
    }
    if packed.broken_rules != again.broken_rules {
        faults.push(Fault::Validity {
            packed: packed.broken_rules,
            again: again.broken_rules,
        });
    }
    let objectives = packed.objectives.len().max(again.objectives.len());
    for index in 0..objectives {
        let (one, other) = (packed.objectives.get(index), again.objectives.get(index));
        if one != other {
            faults.push(Fault::Objective {
                packed: one.cloned(),
                again: other.cloned(),
            });
        }
    }
    faults
}
