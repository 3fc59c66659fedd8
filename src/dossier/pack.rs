//! Packs a run folder into a dossier.

use std::path::{Path, PathBuf};

use super::archive::{Files, written};
use super::manifest::{FORMAT, NAME, sha256};
use super::redaction::redact;
use super::{DossierError, JudgedAnswer, Manifest, PackedFile};
use crate::evidence::Accept;
use crate::gzip;
use crate::run::{judge_again, report_again};
use crate::runs::{RunFolder, write_atomically};

/// Folder of the evidence inside a run folder.
const EVIDENCE: &str = "evidence/";
/// Files of a run beside its evidence; all others are made from them.
const SOURCES: [&str; 11] = [
    "scenario.toml",
    "plan.json",
    "environment.json",
    "stack.json",
    "run.json",
    "earlier.json",
    // A baseline may be gone, so these cannot be made again.
    "comparison.json",
    "comparison.html",
    "comparison.fr.html",
    "examination.json",
    "notes.json",
];

/// Options of packing.
#[derive(Debug, Clone, Default)]
pub struct PackOptions {
    /// The archive to write; `NAME.dossier.tar.gz` in the current folder by default.
    pub out: Option<PathBuf>,
    /// True to leave out pictures, bodies of answers and other examples.
    pub redact: bool,
    /// The column of limits that gates.
    pub accept: Accept,
}

/// A dossier that was written.
#[derive(Debug)]
pub struct PackedDossier {
    /// The archive.
    pub path: PathBuf,
    /// Its length in bytes.
    pub bytes: u64,
    /// SHA-256 of the archive in hexadecimal digits: what a signature covers.
    pub sha256: String,
    /// Its manifest.
    pub manifest: Manifest,
}

/// Judges a run again and packs it. The run folder is only read; a redacted dossier is rendered anew from what is left.
pub async fn pack(run: &Path, options: &PackOptions) -> Result<PackedDossier, DossierError> {
    let folder = RunFolder::open(run)?;
    let name = folder
        .path()
        .file_name()
        .map_or_else(|| "run".into(), |name| name.to_string_lossy().into_owned());
    let mut files = gathered(folder.path())?;
    // Lives as long as the redacted run is read from it.
    let scratch = tempfile::tempdir().map_err(|source| file("copy", folder.path(), source))?;
    let mut judged = folder.path().to_owned();
    if options.redact {
        judged = scratch.path().join(&name);
        redacted(files, &judged, options.accept)?;
        files = gathered(&judged)?;
    }
    // Judged from the very files that are packed, so that the receiver can come to the same answer.
    let document = judge_again(&judged, options.accept)?;
    let manifest = Manifest {
        format: FORMAT,
        diapason: env!("CARGO_PKG_VERSION").to_owned(),
        run: document.id.clone(),
        started: document.started,
        redacted: options.redact,
        accept: options.accept,
        answer: JudgedAnswer::from_document(&document),
        files: files
            .iter()
            .map(|(path, content)| PackedFile::new(path, content))
            .collect(),
    };
    files.insert(NAME.to_owned(), manifest.text()?);
    let archive = written(&name, &files)
        .await
        .map_err(|source| file("pack", folder.path(), source))?;
    let path = options
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from(format!("{name}.dossier.tar.gz")));
    // A dossier that was cut short would be taken for one that was tampered with.
    write_atomically(&path, &archive)?;
    Ok(PackedDossier {
        path,
        bytes: archive.len() as u64,
        sha256: sha256(&archive),
        manifest,
    })
}

/// Writes what judging needs of those files into `to`, without examples, and renders it.
fn redacted(mut files: Files, to: &Path, accept: Accept) -> Result<(), DossierError> {
    files.retain(|path, _| {
        let plain = path.strip_suffix(".gz").unwrap_or(path);
        path.starts_with(EVIDENCE) || SOURCES.contains(&plain)
    });
    // The folder of the run stays as it was: only the copy is redacted.
    redact(&mut files)?;
    write_files(to, &files)?;
    // Rendered anew from what is left: pages made before may show what was taken out.
    report_again(to, accept, &[])?;
    Ok(())
}

/// Writes the files into a folder.
pub(super) fn write_files(folder: &Path, files: &Files) -> Result<(), DossierError> {
    for (path, content) in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|source| file("make folder", parent, source))?;
        }
        std::fs::write(&path, content).map_err(|source| file("write", &path, source))?;
    }
    Ok(())
}

/// Every plain file of a run folder, evidence decompressed so that a dossier is the same however the run was kept.
fn gathered(folder: &Path) -> Result<Files, DossierError> {
    let mut files = Files::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inside) = folders.pop() {
        let entries = std::fs::read_dir(&inside).map_err(|source| file("read", &inside, source))?;
        for entry in entries {
            let path = entry.map_err(|source| file("read", &inside, source))?.path();
            // A link may lead to anything on this machine.
            if path.is_symlink() {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let plain = match path.to_str().and_then(|text| text.strip_suffix(".gz")) {
                Some(plain) => PathBuf::from(plain),
                None => path,
            };
            let content = gzip::read(&plain).map_err(crate::runs::RunsError::from)?;
            let name = plain
                .strip_prefix(folder)
                .unwrap_or(&plain)
                .to_string_lossy()
                .into_owned();
            files.insert(name, content);
        }
    }
    // An unpacked dossier is a run folder too; its manifest would list itself when it is packed again.
    files.remove(NAME);
    Ok(files)
}

fn file(action: &'static str, path: &Path, source: std::io::Error) -> DossierError {
    DossierError::File {
        action,
        path: path.to_owned(),
        source,
    }
}
