//! The interval log on disk, in the format of HdrHistogram's own tools: one line per second, series and kind of time,
//! tagged `phase/series/TIMING` (`response`, `service`, `send-lag`, ...), values in microseconds.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::interval_log::{IntervalLogIterator, IntervalLogWriterBuilder, LogEntry, Tag};
use hdrhistogram::serialization::{Deserializer, V2DeflateSerializer};
use jiff::Timestamp;

use super::{SeriesInterval, SeriesKey, Timing};
use crate::error::Hint;

/// The interval log's file name in the evidence folder.
pub(super) const FILE: &str = "recording.hlog";

/// A recording that could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum HlogError {
    /// The file could not be written or read.
    #[error("failed to {action}: {}", path.display())]
    File {
        /// `write interval log`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("not a recording: {}: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The collector's thread could not be started.
    #[error("failed to start the collector thread")]
    Thread(#[source] std::io::Error),
    /// The collector's thread panicked.
    #[error("the collector thread died")]
    Collector,
    /// Two histograms had different bounds.
    #[error("histograms of different bounds cannot be merged")]
    Bounds,
}

impl HlogError {
    pub(super) fn thread(source: std::io::Error) -> Self {
        Self::Thread(source)
    }

    pub(super) fn malformed(path: &Path, reason: impl std::fmt::Display) -> Self {
        Self::Malformed {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}

impl Hint for HlogError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::File { .. } => {
                Some("check that the run folder exists, can be written, and has space left".to_owned())
            }
            Self::Malformed { .. } => Some("the run may have been killed before it was saved; run it again".to_owned()),
            _ => None,
        }
    }
}

/// Appends seconds to an interval log.
pub(super) struct HlogWriter {
    path: PathBuf,
    file: BufWriter<File>,
    serializer: V2DeflateSerializer,
    start: SystemTime,
    begun: bool,
}

impl HlogWriter {
    pub(super) fn create(folder: &Path, start: Timestamp) -> Result<Self, HlogError> {
        let path = folder.join(FILE);
        let file = File::create(&path).map_err(|source| HlogError::File {
            action: "create interval log",
            path: path.clone(),
            source,
        })?;
        Ok(Self {
            path,
            file: BufWriter::new(file),
            serializer: V2DeflateSerializer::new(),
            start: start.into(),
            begun: false,
        })
    }

    pub(super) fn write(&mut self, second: u32, key: &SeriesKey, interval: &SeriesInterval) -> Result<(), HlogError> {
        for timing in Timing::ALL {
            if let Some(histogram) = interval.timings.get(timing) {
                let tag = format!("{}/{}/{}", key.phase, key.series, timing.name());
                self.line(second, &tag, histogram)?;
            }
        }
        Ok(())
    }

    fn line(&mut self, second: u32, tag: &str, histogram: &Histogram<u64>) -> Result<(), HlogError> {
        // The crate's writer borrows file and serializer and repeats its header, so each line is made in memory.
        let mut text = Vec::new();
        let mut builder = IntervalLogWriterBuilder::new();
        builder
            .add_comment("Diapason recording; values in microseconds")
            .with_start_time(self.start)
            .with_max_value_divisor(1_000.0);
        let start = Duration::from_secs(u64::from(second));
        let written = builder
            .begin_log_with(&mut text, &mut self.serializer)
            .map_err(|error| error.to_string())
            .and_then(|mut writer| {
                writer
                    .write_histogram(histogram, start, Duration::from_secs(1), Tag::new(tag))
                    .map_err(|error| format!("{error:?}"))
            });
        written.map_err(|reason| HlogError::malformed(&self.path, reason))?;
        let skip = if self.begun { last_line(&text) } else { 0 };
        self.begun = true;
        let path = &self.path;
        self.file.write_all(&text[skip..]).map_err(|source| HlogError::File {
            action: "write interval log",
            path: path.clone(),
            source,
        })
    }

    pub(super) fn finish(mut self) -> Result<(), HlogError> {
        self.file.flush().map_err(|source| HlogError::File {
            action: "write interval log",
            path: self.path,
            source,
        })
    }
}

/// Where the last line of the text begins.
fn last_line(text: &[u8]) -> usize {
    let body = text.strip_suffix(b"\n").unwrap_or(text);
    body.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)
}

/// Reads an interval log and gives each interval's tag and histogram, in microseconds, to `each`: a histogram takes 170 kB,
/// too much to hold them all. A last line cut short by a crash is left out.
pub fn read_hlog(
    path: &Path,
    mut each: impl FnMut(&str, &Histogram<u64>) -> Result<(), HlogError>,
) -> Result<(), HlogError> {
    let text = std::fs::read(path).map_err(|source| HlogError::File {
        action: "read interval log",
        path: path.to_owned(),
        source,
    })?;
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let mut deserializer = Deserializer::new();
    for entry in IntervalLogIterator::new(&text[..whole]) {
        let entry = entry.map_err(|error| HlogError::malformed(path, format!("{error:?}")))?;
        let LogEntry::Interval(line) = entry else { continue };
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(line.encoded_histogram())
            .map_err(|error| HlogError::malformed(path, error))?;
        let histogram = deserializer
            .deserialize::<u64, _>(&mut bytes.as_slice())
            .map_err(|error| HlogError::malformed(path, error))?;
        each(line.tag().map_or("", |tag| tag.as_str()), &histogram)?;
    }
    Ok(())
}
