//! The manifest of a dossier.

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{DossierError, JudgedAnswer};
use crate::evidence::Accept;

/// Name of the manifest in the archive.
pub(super) const NAME: &str = "manifest.json";
/// Version of the manifest's format.
pub(super) const FORMAT: u32 = 1;

/// Content of `manifest.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of this format.
    pub format: u32,
    /// Version of Diapason that judged the run.
    pub diapason: String,
    /// Name of the run: `20260301-081500-gate`.
    pub run: String,
    /// Wall-clock time of the run's zero.
    pub started: Timestamp,
    /// True if pictures, answers' bodies and other examples were left out.
    pub redacted: bool,
    /// The column of limits that gates.
    pub accept: Accept,
    /// The answer that judging these files gave.
    pub answer: JudgedAnswer,
    /// Every other file of the archive, by path.
    pub files: Vec<PackedFile>,
}

/// One file of the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackedFile {
    /// Path inside the run folder, with `/` between folders.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its content in hexadecimal digits.
    pub sha256: String,
}

impl PackedFile {
    pub(super) fn new(path: &str, content: &[u8]) -> Self {
        Self {
            path: path.to_owned(),
            bytes: content.len() as u64,
            sha256: sha256(content),
        }
    }
}

impl Manifest {
    pub(super) fn parse(content: &[u8]) -> Result<Self, DossierError> {
        let understand = |source| DossierError::Understand {
            name: NAME.to_owned(),
            source,
        };
        // The format is checked first, because the fields of a later format may not parse.
        let value: serde_json::Value = serde_json::from_slice(content).map_err(understand)?;
        let found = value.get("format").and_then(serde_json::Value::as_u64).unwrap_or(0);
        // A number too large is of a later format as well, and refused as one.
        let found = u32::try_from(found).unwrap_or(u32::MAX);
        if found > FORMAT {
            return Err(DossierError::Newer { found, known: FORMAT });
        }
        serde_json::from_value(value).map_err(understand)
    }

    pub(super) fn text(&self) -> Result<Vec<u8>, DossierError> {
        let mut text = serde_json::to_vec_pretty(self).map_err(|source| DossierError::Understand {
            name: NAME.to_owned(),
            source,
        })?;
        // A text file ends with a line end, which tools for text expect.
        text.push(b'\n');
        Ok(text)
    }
}

/// SHA-256 in hexadecimal digits.
pub(super) fn sha256(content: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(content))
}
