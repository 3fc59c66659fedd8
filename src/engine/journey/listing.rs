//! The journeys that lie in a folder, of both kinds.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::JourneyError;

/// Kind of a journey: made of requests or of page loads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JourneyKind {
    /// Virtual users, by requests (`[[step]]`).
    Requests,
    /// The browser probe, by page loads (`[[page]]`).
    Pages,
}

/// A row of `diapason list journeys`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JourneyListing {
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Its kind.
    pub kind: JourneyKind,
    /// Names of its steps or pages, in order.
    pub parts: Vec<String>,
}

/// Keys that both kinds of file share. Each kind has a strict reader of its own.
#[derive(Debug, Deserialize)]
struct Outline {
    name: String,
    description: String,
    #[serde(default)]
    step: Vec<Part>,
    #[serde(default)]
    page: Vec<Part>,
}

#[derive(Debug, Deserialize)]
struct Part {
    name: String,
}

/// Every journey file (`*.toml`) in a folder, sorted by file name.
pub fn names_in(folder: &Path) -> Result<Vec<JourneyListing>, JourneyError> {
    files_in(folder)?.iter().map(|path| listing(path)).collect()
}

/// True if the text is a journey of page loads.
pub(super) fn is_of_pages(text: &str) -> bool {
    toml::from_str::<Outline>(text).is_ok_and(|outline| !outline.page.is_empty())
}

/// The journey files in a folder, sorted.
pub(super) fn files_in(folder: &Path) -> Result<Vec<PathBuf>, JourneyError> {
    let failed = |source| JourneyError::Read {
        path: folder.to_owned(),
        source,
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn listing(path: &Path) -> Result<JourneyListing, JourneyError> {
    let text = std::fs::read_to_string(path).map_err(|source| JourneyError::Read {
        path: path.to_owned(),
        source,
    })?;
    let outline: Outline = toml::from_str(&text).map_err(|source| JourneyError::Parse {
        path: path.to_owned(),
        source: source.into(),
    })?;
    let (kind, parts) = if outline.page.is_empty() {
        (JourneyKind::Requests, outline.step)
    } else {
        (JourneyKind::Pages, outline.page)
    };
    Ok(JourneyListing {
        name: outline.name,
        description: outline.description,
        kind,
        parts: parts.into_iter().map(|part| part.name).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_are_listed_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write(
            "web.toml",
            "name = 'web'\ndescription = 'd'\nagain_from = 'b'\n[[page]]\nname = 'b'\npath = '/'\nready = 'main'\n",
        );
        write(
            "api.toml",
            "name = 'api'\ndescription = 'd'\nsession = 'x'\n[[step]]\nname = 'a'\npath = '/'\n",
        );
        write("notes.txt", "not a journey");
        let listed = names_in(folder.path()).unwrap();
        let rows: Vec<_> = listed
            .iter()
            .map(|row| (row.name.as_str(), row.kind, row.parts[0].as_str()))
            .collect();
        assert_eq!(
            rows,
            [("api", JourneyKind::Requests, "a"), ("web", JourneyKind::Pages, "b")]
        );
        assert!(matches!(
            names_in(Path::new("/nowhere")),
            Err(JourneyError::Read { .. })
        ));
    }
}
