//! Files of a log: plain or compressed by gzip, in order of time.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use crate::import::ImportError;

/// Longest line in bytes; the rest of a longer one is skipped, and it fits no format.
const LONGEST: usize = 64 << 10;
/// Lines of each file that are looked at before it is read.
const HEAD: usize = 20;

/// A file with its first lines.
#[derive(Debug, Clone)]
pub(super) struct LogFile {
    pub(super) path: PathBuf,
    pub(super) head: Vec<String>,
}

/// The lines of one file.
pub(super) struct Lines {
    reader: Box<dyn BufRead>,
    buffer: Vec<u8>,
}

impl LogFile {
    /// Opens a file and reads its first lines.
    pub(super) fn open(path: &Path) -> Result<Self, ImportError> {
        let mut head = Vec::new();
        let mut lines = Lines::open(path)?;
        while head.len() < HEAD {
            match lines.next() {
                Ok(Some(line)) => head.push(line),
                // An error is told when the file is read.
                Ok(None) | Err(_) => break,
            }
        }
        Ok(Self {
            path: path.to_owned(),
            head,
        })
    }
}

impl Lines {
    /// Opens a file; one that begins as gzip does is decompressed.
    pub(super) fn open(path: &Path) -> Result<Self, ImportError> {
        let failed = |source| ImportError::Read {
            path: path.to_owned(),
            source,
        };
        let mut file = BufReader::with_capacity(1 << 16, File::open(path).map_err(failed)?);
        // By its content: rotated logs are compressed under all kinds of names.
        let is_gzip = file.fill_buf().map_err(failed)?.starts_with(&[0x1f, 0x8b]);
        let reader: Box<dyn BufRead> = if is_gzip {
            Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(file)))
        } else {
            Box::new(file)
        };
        Ok(Self {
            reader,
            buffer: Vec::new(),
        })
    }

    /// The next line without its end; bytes that are no UTF-8 are replaced.
    pub(super) fn next(&mut self) -> io::Result<Option<String>> {
        self.buffer.clear();
        let mut limited = self.reader.by_ref().take(LONGEST as u64);
        if limited.read_until(b'\n', &mut self.buffer)? == 0 {
            return Ok(None);
        }
        if self.buffer.last() != Some(&b'\n') && self.buffer.len() >= LONGEST {
            // The rest of an overlong line is no line of its own.
            self.skip()?;
        }
        while self.buffer.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
            self.buffer.pop();
        }
        Ok(Some(String::from_utf8_lossy(&self.buffer).into_owned()))
    }

    fn skip(&mut self) -> io::Result<()> {
        loop {
            let available = self.reader.fill_buf()?;
            if available.is_empty() {
                return Ok(());
            }
            let end = available.iter().position(|byte| *byte == b'\n');
            let used = end.map_or(available.len(), |end| end + 1);
            self.reader.consume(used);
            if end.is_some() {
                return Ok(());
            }
        }
    }
}
