//! Reads the interval log. Files are not trusted: a histogram is decoded only if its header and its length are those of the
//! histograms that this program writes, so that a damaged file takes no more memory than an intact one.

use std::io::Read;
use std::path::Path;

use base64::Engine as _;
use flate2::read::ZlibDecoder;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;
use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry, LogIteratorError};

use super::{HIGHEST_MICROS, HlogError, LOWEST_MICROS, SIGNIFICANT_DIGITS, new_histogram};
use crate::gzip;

/// First word of a deflated histogram of the second version, and of the inflated one.
const DEFLATED: u32 = 0x1c84_9314;
const INFLATED: u32 = 0x1c84_9313;
/// Words, bounds and ratio before the counts.
const HEADER: usize = 40;
/// Most bytes of one encoded count; nine bytes of ones are a count that no run can reach.
const LONGEST_COUNT: usize = 9;

/// Reads an interval log and passes each interval's tag and histogram, in microseconds, to `each`: a histogram takes 170 kB,
/// too much to hold them all. A last line cut short by a crash is ignored. `FILE.gz` is read if `FILE` does not exist.
pub fn read_hlog(
    path: &Path,
    mut each: impl FnMut(&str, &Histogram<u64>) -> Result<(), HlogError>,
) -> Result<(), HlogError> {
    read_hlog_seconds(path, |_, tag, histogram| each(tag, histogram))
}

/// As [`read_hlog`], with the whole seconds from the run's zero at which each interval begins.
pub fn read_hlog_seconds(
    path: &Path,
    mut each: impl FnMut(u32, &str, &Histogram<u64>) -> Result<(), HlogError>,
) -> Result<(), HlogError> {
    let text = gzip::read(path)?;
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let text = text.get(..whole).unwrap_or_default();
    let mut decoder = Decoder::new();
    for entry in IntervalLogIterator::new(text) {
        let entry = entry.map_err(|LogIteratorError::ParseError { offset }| {
            let before = text.iter().take(offset).filter(|byte| **byte == b'\n').count();
            HlogError::malformed(path, format!("line {} is not one of an interval log", before + 1))
        })?;
        let LogEntry::Interval(line) = entry else { continue };
        let tag = line.tag().map_or("", |tag| tag.as_str());
        let histogram = decoder
            .decode(line.encoded_histogram())
            .map_err(|reason| HlogError::malformed(path, format!("a histogram of `{tag}` {reason}")))?;
        let second = u32::try_from(line.start_timestamp().as_secs()).unwrap_or(u32::MAX);
        each(second, tag, &histogram)?;
    }
    Ok(())
}

struct Decoder {
    deserializer: Deserializer,
    longest: usize,
    inflated: Vec<u8>,
}

impl Decoder {
    fn new() -> Self {
        Self {
            deserializer: Deserializer::new(),
            longest: HEADER + new_histogram().distinct_values() * LONGEST_COUNT,
            inflated: Vec::new(),
        }
    }

    fn decode(&mut self, text: &str) -> Result<Histogram<u64>, String> {
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(text)
            .map_err(|error| format!("is not base 64: {error}"))?;
        let mut rest = bytes.as_slice();
        if word(&mut rest) != Some(DEFLATED) || word(&mut rest).is_none() {
            return Err("is not in the deflated form of version 2".to_owned());
        }
        self.inflated.clear();
        // Reading one byte more than allowed distinguishes an overlong histogram from one that just fits.
        let most = u64::try_from(self.longest).unwrap_or(u64::MAX).saturating_add(1);
        ZlibDecoder::new(rest)
            .take(most)
            .read_to_end(&mut self.inflated)
            .map_err(|error| format!("cannot be inflated: {error}"))?;
        if self.inflated.len() > self.longest {
            return Err("has more counts than its bounds allow".to_owned());
        }
        check(&self.inflated)?;
        self.deserializer
            .deserialize(&mut self.inflated.as_slice())
            .map_err(|error| format!("cannot be decoded: {error}"))
    }
}

/// Checks that header and length are those of a histogram that this program writes.
fn check(histogram: &[u8]) -> Result<(), String> {
    let mut rest = histogram;
    let cut = || "is cut short".to_owned();
    if word(&mut rest) != Some(INFLATED) {
        return Err("is not of version 2".to_owned());
    }
    let length = word(&mut rest).ok_or_else(cut)?;
    let _normalizing_offset = word(&mut rest).ok_or_else(cut)?;
    let digits = word(&mut rest).ok_or_else(cut)?;
    let (low, high) = (long(&mut rest).ok_or_else(cut)?, long(&mut rest).ok_or_else(cut)?);
    let _ratio = long(&mut rest).ok_or_else(cut)?;
    if (digits, low, high) != (u32::from(SIGNIFICANT_DIGITS), LOWEST_MICROS, HIGHEST_MICROS) {
        return Err(format!(
            "has other bounds than ours: {low} to {high} with {digits} digits"
        ));
    }
    if usize::try_from(length) != Ok(rest.len()) {
        return Err(format!(
            "says that it has {length} bytes of counts and has {}",
            rest.len()
        ));
    }
    if rest
        .windows(LONGEST_COUNT)
        .any(|bytes| bytes.iter().all(|byte| *byte == u8::MAX))
    {
        return Err("has a count that no run can reach".to_owned());
    }
    Ok(())
}

fn word(bytes: &mut &[u8]) -> Option<u32> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(u32::from_be_bytes(*first))
}

fn long(bytes: &mut &[u8]) -> Option<u64> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(u64::from_be_bytes(*first))
}
