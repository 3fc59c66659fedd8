//! Merges the recorder's seconds into the recording, writes the interval log and publishes progress: a thread of its own
//! at low priority, so that none of it happens on the load thread.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Instant;

use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

use super::hlog::HlogWriter;
use super::progress::{FollowedObjective, Progress, RecentSeconds};
use super::{
    Counters, HlogError, Interval, Recorder, Recording, SecondCell, SeriesInterval, SeriesKey, SeriesRecord, Spread,
    Timing, new_histogram,
};

/// Settings of the collector, from the plan.
#[derive(Debug, Clone)]
pub struct CollectorSettings {
    /// The run's time zero.
    pub origin: Instant,
    /// The same on the wall clock.
    pub wall: Timestamp,
    /// Latency limits in microseconds.
    pub limits: Vec<u64>,
    /// Name of each phase, and true if it is judged.
    pub phases: Vec<(String, bool)>,
    /// Names of the series, in the order of their ids.
    pub series: Vec<String>,
    /// Names of the transactions, whose ids follow those of the series. They are no requests and are recorded apart.
    pub transactions: Vec<String>,
    /// Objectives whose figures are shown during the run.
    pub followed: Vec<FollowedObjective>,
    /// The folder that gets `recording.hlog`.
    pub folder: PathBuf,
}

/// The counts of one second, for following a run in progress.
#[derive(Debug, Clone, PartialEq)]
pub struct SecondCounts {
    /// Whole seconds since the run's zero.
    pub second: u32,
    /// Each series of each phase that had requests, true if the phase is judged, and the counts.
    pub series: Vec<(SeriesKey, bool, Counters)>,
    /// The same of each transaction.
    pub transactions: Vec<(SeriesKey, bool, Counters)>,
}

impl CollectorSettings {
    /// Number of series and transactions.
    fn width(&self) -> usize {
        self.series.len() + self.transactions.len()
    }

    /// True if the samples of that slot are transactions.
    fn is_transaction(&self, slot: usize) -> bool {
        slot % self.width() >= self.series.len()
    }
}

/// The merging thread. It ends when the recorder is dropped.
#[derive(Debug)]
pub struct Collector {
    thread: JoinHandle<Result<Recording, HlogError>>,
}

impl Collector {
    /// Starts the thread and returns the recorder that feeds it.
    pub fn start(
        settings: CollectorSettings,
        progress: watch::Sender<Progress>,
    ) -> Result<(Self, Recorder), HlogError> {
        Self::with_followers(settings, progress, Vec::new())
    }

    /// As [`Self::start`], and sends every second to each of `follow`.
    pub fn with_followers(
        settings: CollectorSettings,
        progress: watch::Sender<Progress>,
        follow: Vec<UnboundedSender<SecondCounts>>,
    ) -> Result<(Self, Recorder), HlogError> {
        let (recorder, incoming, cleared) = wired(&settings);
        let log = HlogWriter::create(&settings.folder, settings.wall)?;
        let thread = std::thread::Builder::new()
            // The name shows in `top -H` and in a panic.
            .name("collector".to_owned())
            .spawn(move || Merge::new(settings, log, progress, follow).run(&incoming, &cleared))
            .map_err(HlogError::thread)?;
        Ok((Self { thread }, recorder))
    }

    /// Waits until everything is merged and written.
    pub fn join(self) -> Result<Recording, HlogError> {
        self.thread.join().unwrap_or(Err(HlogError::Collector))
    }
}

/// A recorder, the receiver of its seconds, and the sender that returns cleared ones to it.
fn wired(settings: &CollectorSettings) -> (Recorder, Receiver<Interval>, Sender<SeriesInterval>) {
    // Unbounded: the load thread must never wait for the collector. One message a second bounds what can pile up.
    let (intervals, incoming) = channel();
    let (cleared, spare) = channel();
    let recorder = Recorder::new(
        settings.origin,
        Arc::from(settings.limits.as_slice()),
        settings.phases.len(),
        settings.width(),
        intervals,
        spare,
    );
    (recorder, incoming, cleared)
}

/// A collector without a thread, for simulated time: it merges on [`Self::merge`].
#[derive(Debug)]
pub struct ThreadlessCollector {
    merge: Merge,
    incoming: Receiver<Interval>,
    cleared: Sender<SeriesInterval>,
}

impl ThreadlessCollector {
    /// A collector that sends each second it merges to `follow`, and the recorder whose samples it merges.
    pub fn with_followers(
        settings: CollectorSettings,
        follow: UnboundedSender<SecondCounts>,
    ) -> Result<(Self, Recorder), HlogError> {
        let (recorder, incoming, cleared) = wired(&settings);
        let log = HlogWriter::create(&settings.folder, settings.wall)?;
        let merge = Merge::new(settings, log, watch::Sender::default(), vec![follow]);
        let merging = Self {
            merge,
            incoming,
            cleared,
        };
        Ok((merging, recorder))
    }

    /// Merges the seconds received so far.
    pub fn merge(&mut self) -> Result<(), HlogError> {
        while let Ok(interval) = self.incoming.try_recv() {
            self.merge.take(interval, &self.cleared)?;
        }
        Ok(())
    }
}

#[derive(Debug)]
struct Merge {
    settings: CollectorSettings,
    log: HlogWriter,
    progress: watch::Sender<Progress>,
    follow: Vec<UnboundedSender<SecondCounts>>,
    records: BTreeMap<usize, SeriesRecord>,
    seconds: Vec<SecondCell>,
    spread: Spread,
    busy: Vec<(u32, u32)>,
    following: RecentSeconds,
}

impl Merge {
    fn new(
        settings: CollectorSettings,
        log: HlogWriter,
        progress: watch::Sender<Progress>,
        follow: Vec<UnboundedSender<SecondCounts>>,
    ) -> Self {
        Self {
            settings,
            log,
            progress,
            follow,
            records: BTreeMap::new(),
            seconds: Vec::new(),
            spread: Spread::default(),
            busy: Vec::new(),
            following: RecentSeconds::default(),
        }
    }

    fn run(mut self, incoming: &Receiver<Interval>, cleared: &Sender<SeriesInterval>) -> Result<Recording, HlogError> {
        // Merging yields to the load thread and to the system under test; a refusal by the kernel is ignored.
        let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), 15);
        for interval in incoming {
            self.take(interval, cleared)?;
        }
        self.finish()
    }

    fn take(&mut self, interval: Interval, cleared: &Sender<SeriesInterval>) -> Result<(), HlogError> {
        // The sums over all series come first: they read the histograms that are cleared at the end of this function.
        self.sum(&interval);
        self.publish(&interval);
        self.busy.extend(interval.busy.map(|users| (interval.second, users)));
        for series in &interval.series {
            self.merge(interval.second, series)?;
        }
        let settings = &self.settings;
        let progress = self.following.progress(
            &interval,
            &self.records,
            &settings.followed,
            settings.series.len(),
            settings.width(),
        );
        // Replaced, not queued: whoever shows progress wants the newest figures only.
        self.progress.send_replace(progress);
        for mut series in interval.series {
            series.clear();
            // The recorder may be gone already; the spare is then not needed.
            let _ = cleared.send(series);
        }
        Ok(())
    }

    fn finish(self) -> Result<Recording, HlogError> {
        self.log.finish()?;
        let (transactions, series): (Vec<_>, Vec<_>) = self
            .records
            .into_iter()
            .partition(|(slot, _)| self.settings.is_transaction(*slot));
        let records = |of: Vec<(usize, SeriesRecord)>| of.into_iter().map(|(_, record)| record).collect();
        Ok(Recording {
            limits: self.settings.limits,
            series: records(series),
            transactions: records(transactions),
            // The load thread counts arrivals and iterations itself; they are added once it has ended.
            load: Vec::new(),
            seconds: self.seconds,
            spread: self.spread,
            busy: self.busy,
        })
    }

    /// Adds that second over all series.
    fn sum(&mut self, interval: &Interval) {
        let mut all = new_histogram();
        let mut counters = Counters::default();
        // A transaction is made of requests that are counted already.
        let is_request = |series: &&SeriesInterval| !self.settings.is_transaction(series.slot);
        for series in interval.series.iter().filter(is_request) {
            if let Some(response) = series.timings.get(Timing::Response) {
                // Same bounds everywhere: adding cannot fail.
                let _ = all.add(response);
            }
            counters.add(&series.counters);
        }
        self.spread.add(interval.second, &all);
        // Seconds without a request are left out: a run of a day with a pause would else be full of zeros.
        if counters.total() > 0 {
            self.seconds
                .push(SecondCell::new(interval.second, counters, Some(&all)));
        }
    }

    fn publish(&self, interval: &Interval) {
        if self.follow.is_empty() {
            return;
        }
        let counts = |transactions: bool| {
            let of_kind = interval
                .series
                .iter()
                .filter(|series| self.settings.is_transaction(series.slot) == transactions);
            of_kind
                .map(|series| {
                    let (key, judged) = self.key(series.slot);
                    (key, judged, series.counters.clone())
                })
                .collect()
        };
        let counts = SecondCounts {
            second: interval.second,
            series: counts(false),
            transactions: counts(true),
        };
        for follow in &self.follow {
            // A receiver that is gone is no error.
            let _ = follow.send(counts.clone());
        }
    }

    /// The series and phase of a slot, and true if the phase is judged.
    fn key(&self, slot: usize) -> (SeriesKey, bool) {
        let settings = &self.settings;
        let (phase, judged) = settings.phases[slot / settings.width()].clone();
        let number = slot % settings.width();
        let transaction = || &settings.transactions[number - settings.series.len()];
        let series = settings.series.get(number).unwrap_or_else(transaction).clone();
        (SeriesKey { phase, series }, judged)
    }

    fn merge(&mut self, second: u32, interval: &SeriesInterval) -> Result<(), HlogError> {
        let (key, judged) = self.key(interval.slot);
        let limits = self.settings.limits.len();
        let record = self.records.entry(interval.slot);
        let record = record.or_insert_with(|| SeriesRecord::new(key, judged, limits));
        // Written second by second, so that a run that is killed leaves what it has measured so far.
        self.log.write(second, &record.key, interval)?;
        record.counters.add(&interval.counters);
        record.answers.add(&interval.answers);
        record.timings.add(&interval.timings).map_err(|_| HlogError::Bounds)?;
        let cell = SecondCell::new(
            second,
            interval.counters.clone(),
            interval.timings.get(Timing::Response),
        );
        record.seconds.push(cell);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::record::{Outcome, Parts, Sample, SeriesId};

    /// Records `count` samples of pseudo-random response times over several seconds; returns the recording and the times.
    fn recorded(folder: &std::path::Path, count: u64) -> (Recording, Vec<u64>) {
        let origin = Instant::now();
        let settings = CollectorSettings {
            origin,
            wall: Timestamp::now(),
            limits: vec![100_000, 300_000],
            phases: vec![("warm-up".to_owned(), false), ("steady".to_owned(), true)],
            series: vec!["login.submit".to_owned(), "projects.list".to_owned()],
            transactions: vec!["projects.open".to_owned()],
            followed: Vec::new(),
            folder: folder.to_owned(),
        };
        let (collector, mut recorder) = Collector::start(settings, watch::Sender::default()).unwrap();
        let mut times = Vec::new();
        for index in 0..count {
            // A multiplicative hash spreads the times over five orders of magnitude.
            let micros = 50 + (index * 2_654_435_761 % 1_000_003) * (1 + index % 7) / 3;
            let intended = origin + Duration::from_millis(index);
            recorder.record(
                1,
                &Sample {
                    series: SeriesId(1),
                    intended,
                    sent: intended + Duration::from_micros(20),
                    finished: intended + Duration::from_micros(micros),
                    outcome: if index % 50 == 0 {
                        Outcome::ServerError
                    } else {
                        Outcome::Success
                    },
                    status: Some(if index % 50 == 0 { 500 } else { 200 }),
                    bytes: 10,
                    parts: Parts {
                        connect: (index % 100 == 0).then_some(Duration::from_micros(90)),
                        first_byte: Some(Duration::from_micros(micros / 2)),
                        ..Parts::default()
                    },
                },
            );
            if index % 50 != 0 {
                times.push(micros);
            }
        }
        drop(recorder);
        times.sort_unstable();
        (collector.join().unwrap(), times)
    }

    #[test]
    fn quantiles_match_a_sorted_oracle_within_the_histogram_s_precision() {
        let folder = tempfile::tempdir().unwrap();
        let (recording, times) = recorded(folder.path(), 20_000);
        let record = &recording.series[0];
        for quantile in [0.01, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1.0] {
            // Nearest rank: the smallest time that at least that share of them does not exceed.
            let enough = |rank: &usize| *rank as f64 >= quantile * times.len() as f64;
            let rank = (1..=times.len()).find(enough).unwrap();
            let (exact, seen) = (
                times[rank - 1] as f64,
                record.timings.of(Timing::Response).value_at_quantile(quantile) as f64,
            );
            assert!(
                (seen - exact).abs() <= exact * 1e-3 + 1.0,
                "p{quantile}: {seen} for {exact}"
            );
        }
    }

    #[test]
    fn counters_are_exact_and_failures_are_over_every_limit() {
        let folder = tempfile::tempdir().unwrap();
        let (recording, times) = recorded(folder.path(), 20_000);
        let record = &recording.series[0];
        let over = |limit: u64| 400 + times.iter().filter(|micros| **micros > limit).count() as u64;
        assert_eq!(record.counters.over, [over(100_000), over(300_000)]);
        assert_eq!(record.counters.of(Outcome::ServerError), 400);
        assert_eq!(record.counters.total(), 20_000);
        assert_eq!(record.timings.of(Timing::Response).len(), times.len() as u64);
        let by_second: u64 = record.seconds.iter().map(|cell| cell.counters.total()).sum();
        assert_eq!(by_second, 20_000);
        assert!(record.seconds.len() > 15, "20 s of samples");
        assert_eq!(recording.seconds, record.seconds, "one series is all of them");
    }

    #[test]
    fn transactions_are_no_requests() {
        let folder = tempfile::tempdir().unwrap();
        let origin = Instant::now();
        let settings = CollectorSettings {
            origin,
            wall: Timestamp::now(),
            limits: vec![100_000],
            phases: vec![("warm-up".to_owned(), false), ("steady".to_owned(), true)],
            series: vec!["projects.list".to_owned()],
            transactions: vec!["projects.open".to_owned()],
            followed: Vec::new(),
            folder: folder.path().to_owned(),
        };
        let (follow, mut followed) = tokio::sync::mpsc::unbounded_channel();
        let (collector, mut recorder) =
            Collector::with_followers(settings, watch::Sender::default(), vec![follow]).unwrap();
        for (series, millis, outcome) in [
            (0, 20, Outcome::Success),
            (0, 30, Outcome::ServerError),
            (1, 200, Outcome::Success),
            (1, 50, Outcome::ServerError),
        ] {
            let sample = Sample {
                series: SeriesId(series),
                intended: origin,
                sent: origin,
                finished: origin + Duration::from_millis(millis),
                outcome,
                status: None,
                bytes: 0,
                parts: Parts::default(),
            };
            recorder.record(1, &sample);
        }
        drop(recorder);
        let recording = collector.join().unwrap();
        assert_eq!(recording.series.len(), 1);
        assert_eq!(recording.series[0].counters.total(), 2);
        let all = &recording.seconds[0];
        assert_eq!(all.counters.total(), 2);
        assert!(all.max < 21_000, "the success of 20 ms is the longest: {}", all.max);
        let told = followed.try_recv().unwrap();
        assert_eq!((told.series.len(), told.transactions.len()), (1, 1));
        recording.save(folder.path()).unwrap();
        let loaded = Recording::load(folder.path()).unwrap();
        assert_eq!(loaded.series.len(), 1);
        for recording in [recording, loaded] {
            let transaction = &recording.transactions[0];
            assert_eq!(transaction.key.series, "projects.open");
            assert!(transaction.judged);
            assert_eq!((transaction.counters.total(), transaction.counters.over[0]), (2, 2));
            let times = transaction.timings.of(Timing::Response);
            assert!(times.equivalent(times.max(), 200_000), "{}", times.max());
        }
    }

    #[test]
    fn what_is_saved_is_what_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let (recording, _) = recorded(folder.path(), 5_000);
        recording.save(folder.path()).unwrap();
        let loaded = Recording::load(folder.path()).unwrap();
        assert_eq!(recording.seconds, loaded.seconds);
        assert_eq!(recording.spread, loaded.spread);
        assert!(recording.spread.seconds().count() > 0);
        let (saved, loaded) = (&recording.series[0], &loaded.series[0]);
        assert_eq!(saved.key, loaded.key);
        assert_eq!(saved.counters, loaded.counters);
        assert_eq!(saved.answers, loaded.answers);
        assert_eq!(
            saved.answers.kinds().map(|kind| kind.count).collect::<Vec<_>>(),
            [100, 4_900]
        );
        assert_eq!(saved.seconds, loaded.seconds);
        for timing in Timing::ALL {
            assert_eq!(saved.timings.of(timing), loaded.timings.of(timing), "{}", timing.name());
        }
        assert_eq!(
            saved.timings.of(Timing::Connect).len(),
            5_000 / 100,
            "every 100th had to connect"
        );
        assert!(saved.timings.get(Timing::Tls).is_none());
    }

    #[test]
    fn a_log_cut_short_by_a_crash_is_read_to_its_last_whole_line() {
        let folder = tempfile::tempdir().unwrap();
        recorded(folder.path(), 5_000);
        let path = folder.path().join(super::super::hlog::FILE);
        let intervals = || {
            let mut count = 0;
            let read = super::super::read_hlog(&path, |_, _| {
                count += 1;
                Ok(())
            });
            read.map(|()| count).unwrap()
        };
        let whole = intervals();
        let text = std::fs::read(&path).unwrap();
        std::fs::write(&path, &text[..text.len() - 7]).unwrap();
        assert_eq!(intervals(), whole - 1);
    }
}
