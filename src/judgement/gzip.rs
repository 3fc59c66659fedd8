//! Files that may be compressed: `FILE.gz` is read if `FILE` does not exist, so that kept evidence takes less space.
//!
//! Compressed files are not trusted: one that unpacks to more than `limit` is refused, so that a file of a few kilobytes
//! cannot fill the memory.

use std::ffi::OsString;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use crate::error::Hint;

/// Bytes that any file may unpack to: the evidence of a run of some minutes.
const SMALL: usize = 64 << 20;
/// Greatest compression ratio of a larger file. Evidence compresses by 2 to 40, zeroes by 1,030.
const GROWTH: usize = 100;

/// A file that could not be read, plain or compressed.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file is not there or could not be read.
    #[error("failed to read {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The file is not a whole gzip file.
    #[error("failed to decompress {}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The file unpacks to more than evidence of its size can.
    #[error("{} unpacks to more than {} MiB: no evidence is compressed that far", path.display(), limit >> 20)]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Bytes that it may unpack to.
        limit: usize,
    },
}

impl Hint for ReadError {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::File { .. } => {
                "take the whole folder from where it was made; each file may be compressed by `gzip`".to_owned()
            }
            Self::Damaged { .. } => {
                "the file was cut short or changed after it was compressed: take it from where it was made".to_owned()
            }
            Self::TooLarge { path, .. } => format!(
                "if you know where it comes from, unpack it: `gunzip {}`; plain files are read whatever their size",
                path.display()
            ),
        })
    }
}

/// The content of the file, or of `FILE.gz` if it does not exist.
pub fn read(path: &Path) -> Result<Vec<u8>, ReadError> {
    let failed = |path: PathBuf| move |source| ReadError::File { path, source };
    let missing = match std::fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => error,
        other => return other.map_err(failed(path.to_owned())),
    };
    let compressed = compressed(path);
    match std::fs::read(&compressed) {
        Ok(content) => unpack(&content, &compressed),
        // The error names the plain file, which the user would look for.
        Err(error) if error.kind() == ErrorKind::NotFound => Err(failed(path.to_owned())(missing)),
        Err(error) => Err(failed(compressed)(error)),
    }
}

/// True if [`read`] finds a file of that name, plain or compressed.
pub fn is_file(path: &Path) -> bool {
    path.is_file() || compressed(path).is_file()
}

fn compressed(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".gz");
    name.into()
}

/// Bytes that a compressed file of that size may unpack to.
fn limit(size: usize) -> usize {
    size.saturating_mul(GROWTH).max(SMALL)
}

fn unpack(content: &[u8], path: &Path) -> Result<Vec<u8>, ReadError> {
    let limit = limit(content.len());
    // Reading one byte more than allowed distinguishes overlong content from content that just fits.
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut unpacked = Vec::new();
    // Concatenated files are one file to `gunzip` (RFC 1952, section 2.2).
    MultiGzDecoder::new(content)
        .take(most)
        .read_to_end(&mut unpacked)
        .map_err(|source| ReadError::Damaged {
            path: path.to_owned(),
            source,
        })?;
    if unpacked.len() > limit {
        return Err(ReadError::TooLarge {
            path: path.to_owned(),
            limit,
        });
    }
    Ok(unpacked)
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn file(folder: &tempfile::TempDir, name: &str, content: &[u8]) -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    #[test]
    fn a_plain_file_comes_before_a_compressed_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.json");
        assert!(!is_file(&path));
        let error = read(&path).unwrap_err();
        assert!(error.to_string().ends_with("plan.json"), "{error}");
        // Two members in a row are one file, as `gzip` has it.
        file(&folder, "plan.json.gz", &[packed(b"comp"), packed(b"ressed")].concat());
        assert!(is_file(&path));
        assert_eq!(read(&path).unwrap(), b"compressed");
        file(&folder, "plan.json", b"plain");
        assert_eq!(read(&path).unwrap(), b"plain");
    }

    #[test]
    fn damage_is_told_with_the_compressed_files_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.json");
        let whole = packed(b"a text that is long enough to be cut");
        let mut flipped = whole.clone();
        *flipped.iter_mut().rev().nth(5).unwrap() ^= 1;
        for content in [
            &whole[..whole.len() - 3],
            &whole[..12],
            &flipped,
            b"no gzip at all",
            b"",
        ] {
            file(&folder, "run.json.gz", content);
            let error = read(&path).unwrap_err();
            assert!(error.to_string().ends_with("run.json.gz"), "{error}");
            assert!(matches!(error, ReadError::Damaged { .. }) && error.source().is_some());
            assert!(error.hint().unwrap().contains("cut short"));
        }
    }

    #[test]
    fn a_small_file_that_unpacks_to_a_huge_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("observations.json");
        file(&folder, "observations.json.gz", &packed(&vec![0; SMALL]));
        assert_eq!(read(&path).unwrap().len(), SMALL);
        file(&folder, "observations.json.gz", &packed(&vec![0; SMALL + 1]));
        let error = read(&path).unwrap_err();
        assert!(error.to_string().contains("unpacks to more than 64 MiB"), "{error}");
        assert!(error.hint().unwrap().contains("`gunzip "), "{:?}", error.hint());
        assert_eq!((limit(1), limit(SMALL)), (SMALL, SMALL * GROWTH));
    }
}
