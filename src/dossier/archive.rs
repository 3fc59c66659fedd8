//! Files as a gzip-compressed tar archive, and back. Equal files give equal archives.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Read, Write};
use std::path::{Component, Path};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use futures_util::StreamExt;
use tokio::io::AsyncReadExt;
use tokio_tar::{Archive, Builder, Header};

use super::DossierError;

/// Contents by path, with `/` between folders.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// Bytes that any archive may unpack to.
const SMALL: u64 = 256 << 20;
/// Greatest compression ratio of a larger archive. Evidence compresses by 2 to 40, zeroes by 1,030.
const GROWTH: u64 = 100;

/// The archive of those files in a folder of that name. Times, owners and modes are the same for all: an archive tells of its
/// files' contents only.
pub(super) async fn written(folder: &str, files: &Files) -> Result<Vec<u8>, Error> {
    let mut builder = Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = Header::new_gnu();
        header.set_size(content.len() as u64);
        // Fixed: permissions differ between machines and are no part of a run.
        header.set_mode(0o644);
        // The same run gives the same bytes, so that its hash can be compared.
        header.set_mtime(0);
        builder
            .append_data(&mut header, format!("{folder}/{path}"), content.as_slice())
            .await?;
    }
    let tar = builder.into_inner().await?;
    // A default header of gzip holds neither name nor time, so that equal content stays equal.
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&tar)?;
    gzip.finish()
}

/// The files of an archive, without the folder that they lie in. Whatever is no plain file in one folder is refused.
pub(super) async fn read(path: &Path, compressed: &[u8]) -> Result<Files, DossierError> {
    let unpack = |source| DossierError::Unpack {
        path: path.to_owned(),
        source,
    };
    // A dossier comes from somebody else: a small archive could else fill the memory.
    let limit = (compressed.len() as u64).saturating_mul(GROWTH).max(SMALL);
    let mut tar = Vec::new();
    // A gzip file may have several members (RFC 1952, section 2.2), as parallel compressors write them.
    MultiGzDecoder::new(compressed)
        // One byte more than allowed tells overlong content from content that just fits.
        .take(limit.saturating_add(1))
        .read_to_end(&mut tar)
        .map_err(unpack)?;
    if tar.len() as u64 > limit {
        let told = format!("it unpacks to more than {} MiB", limit >> 20);
        return Err(unpack(Error::new(ErrorKind::InvalidData, told)));
    }
    let mut archive = Archive::new(tar.as_slice());
    let mut entries = archive.entries().map_err(unpack)?;
    let mut files = Files::new();
    while let Some(entry) = entries.next().await {
        let mut entry = entry.map_err(unpack)?;
        let name = entry.path().map_err(unpack)?.into_owned();
        let foreign = || DossierError::Foreign {
            path: path.to_owned(),
            what: name.display().to_string(),
        };
        let inside = inside(&name).ok_or_else(foreign)?;
        // Links and devices in an archive of somebody else could lead outside of the folder it is unpacked into.
        if !entry.header().entry_type().is_file() {
            return Err(foreign());
        }
        let mut content = Vec::new();
        entry.read_to_end(&mut content).await.map_err(unpack)?;
        // Of two files with one name only the last would be judged, and the first be seen by other tools.
        if files.insert(inside, content).is_some() {
            return Err(foreign());
        }
    }
    Ok(files)
}

/// The path below the archive's folder; `None` if it leads elsewhere.
fn inside(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path
        .components()
        .map(|component| match component {
            Component::Normal(name) => name.to_str(),
            _ => None,
        })
        .collect();
    match parts?.split_first() {
        Some((_, inside)) if !inside.is_empty() => Some(inside.join("/")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn files_come_back_as_they_were_and_equal_ones_make_equal_archives() {
        let long = format!("evidence/{}", "a".repeat(180));
        let files: Files = [("a.json".to_owned(), b"{}".to_vec()), (long, vec![0, 255, 10])].into();
        let archive = written("run", &files).await.unwrap();
        assert_eq!(archive, written("run", &files).await.unwrap());
        assert_eq!(read(Path::new("a.tar.gz"), &archive).await.unwrap(), files);
    }

    #[tokio::test]
    async fn what_is_cut_short_or_no_archive_is_an_error() {
        let files: Files = [("a.json".to_owned(), vec![7; 4_000])].into();
        let archive = written("run", &files).await.unwrap();
        for broken in [&archive[..archive.len() / 2], b"no archive"] {
            let error = read(Path::new("a.tar.gz"), broken).await.unwrap_err();
            assert!(matches!(error, DossierError::Unpack { .. }), "{error}");
        }
    }

    #[test]
    fn a_path_that_leads_elsewhere_is_refused() {
        assert_eq!(inside(Path::new("run/evidence/a")).unwrap(), "evidence/a");
        for path in ["/etc/passwd", "run/../../a", "../a", "run", ""] {
            assert_eq!(inside(Path::new(path)), None, "{path}");
        }
    }
}
