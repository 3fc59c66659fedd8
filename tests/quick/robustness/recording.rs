//! The interval log and the counts beside it. The log is also read by a reader of our own making that knows only what is
//! documented of the format: that it is HdrHistogram's, and not merely what one library writes and reads.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::{GzEncoder, ZlibEncoder};
use proptest::prelude::*;

use diapason::error::Hint;
use diapason::record::{
    Collector, CollectorSettings, HlogError, LoadTotals, Outcome, Parts, Recording, Sample, SeriesId, Timing, read_hlog,
};
use diapason::timer::RunClock;

use super::damage::damaged;
use super::{cases, is_described};

/// What a run leaves: the recording, its two files, and the seconds since 1970 at which it began.
struct Run {
    recording: Recording,
    log: Vec<u8>,
    counts: Vec<u8>,
    start: f64,
}

static RUN: LazyLock<Run> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let clock = RunClock::starting_in(Duration::ZERO);
    let settings = CollectorSettings {
        transactions: Vec::new(),
        followed: Vec::new(),
        origin: clock.origin(),
        wall: clock.wall(),
        limits: vec![100_000],
        phases: vec![("warm-up".to_owned(), false), ("steady".to_owned(), true)],
        series: vec!["tasks.list".to_owned(), "tâches.liste".to_owned()],
        folder: folder.path().to_owned(),
    };
    let (collector, mut recorder) = Collector::start(settings, <_>::default()).unwrap();
    for count in 0..150_u64 {
        let intended = clock.at(Duration::from_millis(count * 20));
        let sample = Sample {
            series: SeriesId(u16::try_from(count % 2).unwrap()),
            intended,
            sent: intended + Duration::from_micros(count % 30),
            finished: intended + Duration::from_micros(300 + count * 7_919 % 90_000),
            outcome: if count % 50 == 0 {
                Outcome::ServerError
            } else {
                Outcome::Success
            },
            status: None,
            bytes: 100,
            parts: Parts {
                first_byte: Some(Duration::from_micros(200 + count)),
                ..Parts::default()
            },
        };
        recorder.record(usize::from(count >= 70), &sample);
    }
    drop(recorder);
    let mut recording = collector.join().unwrap();
    recording.load = vec![LoadTotals {
        phase: "steady".to_owned(),
        planned: 80,
        started: 80,
        completed: 80,
        ..LoadTotals::default()
    }];
    recording.save(folder.path()).unwrap();
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    Run {
        recording,
        log: read("recording.hlog"),
        counts: read("recording.json"),
        start: clock.wall().as_millisecond() as f64 / 1e3,
    }
});

fn load(log: &[u8], counts: &[u8]) -> Result<Recording, HlogError> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("recording.hlog"), log).unwrap();
    std::fs::write(folder.path().join("recording.json"), counts).unwrap();
    Recording::load(folder.path())
}

fn survives(log: &[u8], counts: &[u8]) -> bool {
    match load(log, counts) {
        // What is read can be added up.
        Ok(recording) => recording
            .series
            .iter()
            .all(|record| record.counters.total() >= record.counters.errors()),
        Err(error) => is_described(&error),
    }
}

/// The same of compressed files.
fn survives_compressed(log: &[u8], counts: &[u8]) -> bool {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("recording.hlog.gz"), log).unwrap();
    std::fs::write(folder.path().join("recording.json.gz"), counts).unwrap();
    match Recording::load(folder.path()) {
        Ok(_) => true,
        Err(error) => is_described(&error) && error.hint().is_some(),
    }
}

fn compressed(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// What is told of a log with one line, whose histogram is this.
fn refused(histogram: &[u8]) -> String {
    let line = format!(
        "Tag=steady/tasks.list/response,0.000,1.000,1.000,{}\n",
        STANDARD.encode(histogram)
    );
    load(line.as_bytes(), &RUN.counts)
        .unwrap_err()
        .to_string()
        .rsplit("recording.hlog: ")
        .next()
        .unwrap()
        .to_owned()
}

/// A histogram of version 2, deflated: header and counts as given.
fn histogram(length: u32, digits: u32, high: u64, counts: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    for word in [0x1c84_9313, length, 0, digits] {
        plain.extend(word.to_be_bytes());
    }
    plain.extend(1_u64.to_be_bytes());
    plain.extend(high.to_be_bytes());
    plain.extend(1_f64.to_be_bytes());
    plain.extend(counts);
    let mut deflated = ZlibEncoder::new(Vec::new(), Compression::default());
    deflated.write_all(&plain).unwrap();
    let deflated = deflated.finish().unwrap();
    let mut all = 0x1c84_9314_u32.to_be_bytes().to_vec();
    all.extend(u32::try_from(deflated.len()).unwrap().to_be_bytes());
    all.extend(deflated);
    all
}

#[test]
fn a_histogram_is_not_believed_what_it_says_of_its_size() {
    const HIGH: u64 = 600_000_000;
    let of_tag = |reason: &str| format!("a histogram of `steady/tasks.list/response` {reason}");
    assert_eq!(
        refused(&histogram(u32::MAX, 3, HIGH, &[2])),
        of_tag("says that it has 4294967295 bytes of counts and has 1")
    );
    assert_eq!(
        refused(&histogram(1, 5, u64::MAX, &[2])),
        of_tag("has other bounds than ours: 1 to 18446744073709551615 with 5 digits")
    );
    // A bomb: megabytes of nothing, of which no more than a whole histogram is inflated.
    let bomb = histogram(1 << 22, 3, HIGH, &vec![0; 1 << 22]);
    assert!(bomb.len() < 1 << 16, "{}", bomb.len());
    assert_eq!(refused(&bomb), of_tag("has more counts than its bounds allow"));
    assert_eq!(
        refused(&histogram(9, 3, HIGH, &[0xff; 9])),
        of_tag("has a count that no run can reach")
    );
    assert_eq!(
        refused(&[0x1c, 0x84]),
        of_tag("is not in the deflated form of version 2")
    );
    let whole = histogram(1, 3, HIGH, &[2]);
    assert!(refused(&whole[..whole.len() - 8]).contains("cannot be inflated"));
    let line = "Tag=steady/tasks.list/response,0.000,1.000,1.000,";
    load(format!("{line}{}\n", STANDARD.encode(whole)).as_bytes(), &RUN.counts).unwrap();
}

#[test]
fn compressed_files_are_read_as_they_would_be_plain() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("recording.hlog.gz"), compressed(&RUN.log)).unwrap();
    std::fs::write(folder.path().join("recording.json"), &RUN.counts).unwrap();
    let read = Recording::load(folder.path()).unwrap();
    let plain = load(&RUN.log, &RUN.counts).unwrap();
    assert_eq!(format!("{read:?}"), format!("{plain:?}"));
    // A bomb: 128 MiB of nothing, of which no more is unpacked than so small a file may hold.
    std::fs::write(folder.path().join("recording.hlog.gz"), compressed(&vec![0; 1 << 27])).unwrap();
    let error = Recording::load(folder.path()).unwrap_err();
    assert!(error.to_string().contains("unpacks to more than 64 MiB"), "{error}");
    assert!(error.hint().unwrap().contains("gunzip"), "{:?}", error.hint());
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let told = |log: &str| load(log.as_bytes(), &RUN.counts).unwrap_err().to_string();
    assert!(told("#[Histogram log format version 1.3]\nnonsense\n").ends_with("line 2 is not one of an interval log"));
    assert!(told("Tag=a,0.0,1.0,1.0,é\n").contains("a histogram of `a` is not base 64"));
    let counts = String::from_utf8(RUN.counts.clone()).unwrap().replacen(
        "\"out_of_range\":0",
        "\"out_of_range\":18446744073709551615",
        1,
    );
    let error = load(&RUN.log, counts.as_bytes()).unwrap_err().to_string();
    assert!(error.ends_with("its counts are too large to be added up"), "{error}");
}

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..300)
}

/// A line of a log with anything in the histogram's place, or a histogram with anything for counts.
fn any_line() -> impl Strategy<Value = Vec<u8>> {
    let counted =
        any_bytes().prop_map(|counts| histogram(u32::try_from(counts.len()).unwrap(), 3, 600_000_000, &counts));
    let headed = (any::<[u32; 2]>(), any::<u64>(), any_bytes())
        .prop_map(|([length, digits], high, counts)| histogram(length, digits % 7, high, &counts));
    prop_oneof![any_bytes(), counted, headed].prop_map(|histogram| {
        format!(
            "Tag=steady/tasks.list/response,0.000,1.000,1.000,{}\n",
            STANDARD.encode(histogram)
        )
        .into_bytes()
    })
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn any_log_is_read_or_refused(log in prop_oneof![any_bytes(), any_line()]) {
        prop_assert!(survives(&log, &RUN.counts));
    }

    #[test]
    fn a_damaged_log_is_read_or_refused(log in damaged(RUN.log.clone())) {
        prop_assert!(survives(&log, &RUN.counts));
    }

    #[test]
    fn damaged_compressed_files_are_read_or_refused(
        log in prop_oneof![3 => damaged(compressed(&RUN.log)), 1 => damaged(RUN.log.clone()).prop_map(|log| compressed(&log))],
        counts in prop_oneof![1 => damaged(compressed(&RUN.counts)), 1 => Just(compressed(&RUN.counts))],
    ) {
        prop_assert!(survives_compressed(&log, &counts));
    }

    #[test]
    fn damaged_counts_are_read_or_refused(counts in prop_oneof![2 => damaged(RUN.counts.clone()), 1 => any_bytes()]) {
        prop_assert!(survives(&RUN.log, &counts));
    }
}

/// One line of a log, as documented: `Tag=`, seconds since the start, seconds long, largest value over the divisor.
struct Line {
    tag: String,
    start: f64,
    length: f64,
    largest: f64,
    counts: Vec<(u64, u64)>,
}

/// A number with three decimals, as the format has them.
fn decimal(text: &str) -> f64 {
    let (whole, fraction) = text.split_once('.').unwrap();
    assert!(!whole.is_empty() && fraction.len() == 3, "{text}");
    text.parse().unwrap()
}

fn line(text: &str) -> Line {
    let fields: Vec<&str> = text.split(',').collect();
    let [tag, start, length, largest, histogram] = fields[..] else {
        panic!("not five fields: {text}");
    };
    let tag = tag.strip_prefix("Tag=").unwrap();
    assert!(!tag.contains(char::is_whitespace));
    Line {
        tag: tag.to_owned(),
        start: decimal(start),
        length: decimal(length),
        largest: decimal(largest),
        counts: counts(&STANDARD.decode(histogram).unwrap()),
    }
}

/// The values that were counted and how often, from the deflated form of version 2: big-endian header, then LEB128 numbers
/// in zig-zag, of which a negative one stands for so many zeroes.
fn counts(encoded: &[u8]) -> Vec<(u64, u64)> {
    let word = |bytes: &[u8], at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    let long = |bytes: &[u8], at: usize| u64::from_be_bytes(bytes[at..at + 8].try_into().unwrap());
    assert_eq!(word(encoded, 0), 0x1c84_9314);
    assert_eq!(word(encoded, 4) as usize, encoded.len() - 8);
    let mut plain = Vec::new();
    ZlibDecoder::new(&encoded[8..]).read_to_end(&mut plain).unwrap();
    assert_eq!(word(&plain, 0), 0x1c84_9313);
    assert_eq!(word(&plain, 4) as usize, plain.len() - 40);
    assert_eq!(
        [word(&plain, 8), word(&plain, 12)],
        [0, 3],
        "normalizing offset, digits"
    );
    assert_eq!([long(&plain, 16), long(&plain, 24)], [1, 600_000_000], "bounds");
    assert_eq!(long(&plain, 32), 1_f64.to_bits(), "ratio");
    let mut numbers = plain[40..].iter().copied();
    let (mut index, mut found) = (0_u64, Vec::new());
    while let Some(first) = numbers.next() {
        let (mut number, mut byte, mut shift) = (u64::from(first & 0x7f), first, 7);
        while byte & 0x80 != 0 {
            byte = numbers.next().unwrap();
            number |= u64::from(byte & 0x7f) << shift;
            shift += 7;
        }
        let half = number >> 1;
        if number & 1 == 1 {
            index += half + 1;
        } else {
            if half > 0 {
                found.push((value(index), half));
            }
            index += 1;
        }
    }
    found
}

/// The lowest value at that index: 2,048 values one by one, then 1,024 for each doubling.
fn value(index: u64) -> u64 {
    match (index / 1_024).saturating_sub(1) {
        0 => index,
        doublings => (index - doublings * 1_024) << doublings,
    }
}

#[test]
fn the_log_is_what_is_documented_of_the_format() {
    let text = String::from_utf8(RUN.log.clone()).unwrap();
    let (header, lines): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with('#'));
    assert_eq!(header[0], "#[Histogram log format version 1.3]");
    let start = header
        .iter()
        .find_map(|line| line.strip_prefix("#[StartTime: "))
        .unwrap();
    let seconds: f64 = start.split(' ').next().unwrap().parse().unwrap();
    assert!(
        (seconds - RUN.start).abs() < 0.01 && start.contains("seconds since epoch"),
        "{start}"
    );
    assert!(header.contains(&"#[MaxValueDivisor: 1000.000]"), "{header:?}");
    let legend = "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"";
    assert_eq!(lines[0], legend);

    let mut seen = BTreeMap::<String, u64>::new();
    for line in lines.iter().skip(1).copied().map(line) {
        let total: u64 = line.counts.iter().map(|(_, count)| count).sum();
        *seen.entry(line.tag.clone()).or_default() += total;
        assert!(
            (0.0..6.0).contains(&line.start) && line.start.fract() == 0.0,
            "{}",
            line.start
        );
        assert!((line.length - 1.0).abs() < 1e-9);
        // The largest value is told within the histogram's precision, in milliseconds.
        let largest = line.counts.last().unwrap().0 as f64 / 1e3;
        assert!(
            (line.largest - largest).abs() <= largest * 1e-3 + 1e-3,
            "{} for {largest}",
            line.largest
        );
    }
    for record in &RUN.recording.series {
        for timing in Timing::ALL {
            let tag = format!("{}/{}/{}", record.key.phase, record.key.series, timing.name());
            assert_eq!(seen.remove(&tag).unwrap_or(0), record.timings.of(timing).len(), "{tag}");
        }
    }
    assert!(seen.is_empty(), "{seen:?}");
}

#[test]
fn that_reader_and_ours_see_the_same_values() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording.hlog");
    std::fs::write(&path, &RUN.log).unwrap();
    let mut ours = Vec::new();
    read_hlog(Path::new(&path), |tag, histogram| {
        let counts = histogram.iter_recorded().map(|step| {
            let value = step.value_iterated_to();
            (histogram.lowest_equivalent(value), step.count_at_value())
        });
        ours.push((tag.to_owned(), counts.collect::<Vec<_>>()));
        Ok(())
    })
    .unwrap();
    let text = String::from_utf8(RUN.log.clone()).unwrap();
    let lines = text.lines().filter(|line| line.starts_with("Tag="));
    let theirs: Vec<_> = lines.map(line).map(|line| (line.tag, line.counts)).collect();
    assert_eq!(theirs, ours);
}
