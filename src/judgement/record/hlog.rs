//! The interval log on disk, in the format of HdrHistogram's own tools: one line per second, series and kind of time,
//! tagged `phase/series/TIMING` (`response`, `service`, `send-lag`, ...), values in microseconds.

use std::fmt;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use hdrhistogram::Histogram;
use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{IntervalLogWriterBuilder, Tag};
use jiff::Timestamp;

use super::error::HlogError;
use super::{SeriesInterval, SeriesKey, Timing};

/// The interval log's file name in the evidence folder.
pub(super) const FILE: &str = "recording.hlog";

/// The names of the columns, as HdrHistogram's own writer gives them.
const LEGEND: &[u8] = b"\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n";

/// Appends seconds to an interval log, `recording.hlog`.
pub struct HlogWriter {
    path: PathBuf,
    file: BufWriter<File>,
    serializer: V2DeflateSerializer,
    start: SystemTime,
    begun: bool,
}

impl fmt::Debug for HlogWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HlogWriter")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl HlogWriter {
    /// Creates the log in that folder; seconds count from `start`, the run's zero on the wall clock.
    pub fn create(folder: &Path, start: Timestamp) -> Result<Self, HlogError> {
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

    /// Appends one second of one series: a line for each of its times that has a value. The names may not hold commas or blanks.
    pub fn write(&mut self, second: u32, key: &SeriesKey, interval: &SeriesInterval) -> Result<(), HlogError> {
        for timing in Timing::ALL {
            if let Some(histogram) = interval.timings.get(timing) {
                let tag = format!("{}/{}/{}", key.phase, key.series, timing.name());
                self.line(second, &tag, histogram)?;
            }
        }
        Ok(())
    }

    fn line(&mut self, second: u32, tag: &str, histogram: &Histogram<u64>) -> Result<(), HlogError> {
        let Some(name) = Tag::new(tag) else {
            let reason = format!("`{tag}` cannot be a tag: it has blanks or commas in it");
            return Err(HlogError::malformed(&self.path, reason));
        };
        // The crate's writer borrows file and serializer and repeats its header, so each line is first written to memory.
        let mut text = Vec::new();
        let mut builder = IntervalLogWriterBuilder::new();
        builder
            .add_comment("[Histogram log format version 1.3]")
            .add_comment("Diapason recording; values in microseconds")
            .with_start_time(self.start)
            // The values are microseconds; tools show the maximum of an interval in milliseconds.
            .with_max_value_divisor(1_000.0);
        let start = Duration::from_secs(u64::from(second));
        let written = builder
            .begin_log_with(&mut text, &mut self.serializer)
            .map_err(|error| error.to_string())
            .and_then(|mut writer| {
                writer
                    .write_histogram(histogram, start, Duration::from_secs(1), Some(name))
                    .map_err(|error| format!("{error:?}"))
            });
        written.map_err(|reason| HlogError::malformed(&self.path, reason))?;
        let (header, line) = text.split_at(last_line(&text));
        let begun = std::mem::replace(&mut self.begun, true);
        let (header, legend) = if begun { (&[][..], &[][..]) } else { (header, LEGEND) };
        let file = &mut self.file;
        let mut parts = [header, legend, line].into_iter();
        parts
            .try_for_each(|part| file.write_all(part))
            .map_err(|source| HlogError::File {
                action: "write interval log",
                path: self.path.clone(),
                source,
            })
    }

    /// Writes what is still in memory.
    pub fn finish(mut self) -> Result<(), HlogError> {
        self.file.flush().map_err(|source| HlogError::File {
            action: "write interval log",
            path: self.path,
            source,
        })
    }
}

/// Offset at which the last line of the text begins.
fn last_line(text: &[u8]) -> usize {
    let body = text.strip_suffix(b"\n").unwrap_or(text);
    body.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)
}
