//! Saved runs that are changed as a whole: counters, seconds and histograms together, so that their sums still agree.

use std::collections::BTreeMap;
use std::path::Path;

use diapason::evidence::Accept;
use diapason::record::{
    Counters, HlogWriter, LoadTotals, Outcome, SeriesInterval, SeriesKey, SeriesRecord, Timing, Timings, new_histogram,
    read_hlog_seconds,
};
use diapason::report::Document;
use diapason::runs::{RunFolder, RunRecord};
use diapason::slo::judge;

/// Microseconds and how many requests took them, ascending.
type Times = Vec<(u64, u64)>;

/// A saved run with the response times of each second, which its record only has as histograms of whole phases.
#[derive(Clone)]
pub(super) struct Run {
    pub(super) record: RunRecord,
    times: BTreeMap<(SeriesKey, u32), Times>,
}

impl Run {
    pub(super) fn load(folder: &Path) -> Self {
        let folder = RunFolder::open(folder).unwrap();
        let record = folder.load().unwrap();
        let keys: BTreeMap<String, SeriesKey> = record
            .evidence
            .recording
            .series
            .iter()
            .map(|series| (tag(&series.key, Timing::Response), series.key.clone()))
            .collect();
        let mut times: BTreeMap<(SeriesKey, u32), Times> = BTreeMap::new();
        read_hlog_seconds(&folder.evidence().join("recording.hlog"), |second, tag, histogram| {
            if let Some(key) = keys.get(tag) {
                let buckets = histogram.iter_recorded();
                let seen = buckets.map(|bucket| (bucket.value_iterated_to(), bucket.count_since_last_iteration()));
                times.entry((key.clone(), second)).or_default().extend(seen);
            }
            Ok(())
        })
        .unwrap();
        Self { record, times }
    }

    /// Saves it in that folder, reads it from there and judges it.
    pub(super) fn judged_again(&self, base: &Path) -> Document {
        let folder = RunFolder::create(base, "altered").unwrap();
        let mut log = HlogWriter::create(&folder.evidence(), self.record.started).unwrap();
        for series in &self.record.evidence.recording.series {
            // One line for all seconds: a report only reads their sum.
            let interval = SeriesInterval {
                slot: 0,
                timings: series.timings.clone(),
                counters: series.counters.clone(),
                answers: series.answers.clone(),
            };
            log.write(0, &series.key, &interval).unwrap();
        }
        log.finish().unwrap();
        folder.save(&self.record).unwrap();
        let record = RunFolder::open(folder.path()).unwrap().load().unwrap();
        let judgement = judge(&record.evidence, &record.plan.objectives, Accept::Target);
        Document::new(&record, judgement)
    }

    /// The run in which that share of the successes failed instead, evenly over all seconds and all times.
    pub(super) fn with_failures(&self, share: f64) -> Self {
        let mut run = self.clone();
        let limits = self.record.evidence.recording.limits.clone();
        for series in &mut run.record.evidence.recording.series {
            let mut failing = Spread::new(share);
            for cell in &mut series.seconds {
                let success = cell.counters.of(Outcome::Success);
                let key = (series.key.clone(), cell.second);
                let times = run.times.entry(key).or_default();
                let mut failed = 0;
                for (_, count) in times.iter_mut() {
                    let fails = failing.of(*count);
                    *count -= fails;
                    failed += fails;
                }
                let failed = failed.min(success);
                cell.counters.outcomes[Outcome::Success.index()] -= failed;
                cell.counters.outcomes[Outcome::ServerError.index()] += failed;
                cell.counters.micros -= cell.counters.micros * failed / success.max(1);
                count_over(&mut cell.counters, times, &limits);
            }
            keep_of_all(series, 1.0 - share);
        }
        run.summed_up()
    }

    /// The run in which every request took that many times as long.
    pub(super) fn slower(&self, factor: f64) -> Self {
        let mut run = self.clone();
        let limits = self.record.evidence.recording.limits.clone();
        for series in &mut run.record.evidence.recording.series {
            for cell in &mut series.seconds {
                let times = run.times.entry((series.key.clone(), cell.second)).or_default();
                for (micros, _) in times.iter_mut() {
                    *micros = scaled(*micros, factor);
                }
                for micros in [
                    &mut cell.p50,
                    &mut cell.p95,
                    &mut cell.p99,
                    &mut cell.max,
                    &mut cell.counters.micros,
                ] {
                    *micros = scaled(*micros, factor);
                }
                count_over(&mut cell.counters, times, &limits);
            }
            for timing in [Timing::Service, Timing::FirstByte] {
                let mut slower = new_histogram();
                for bucket in series.timings.of(timing).iter_recorded() {
                    slower.saturating_record_n(
                        scaled(bucket.value_iterated_to(), factor),
                        bucket.count_since_last_iteration(),
                    );
                }
                *series.timings.get_mut(timing) = slower;
            }
        }
        for cell in &mut run.record.evidence.recording.seconds {
            for micros in [&mut cell.p50, &mut cell.p95, &mut cell.p99, &mut cell.max] {
                *micros = scaled(*micros, factor);
            }
        }
        run.summed_up()
    }

    /// The run of a load that was so many times smaller, and in which no kind of failure came to nothing.
    pub(super) fn thinned(&self, by: u64) -> Self {
        let mut run = self.clone();
        let recording = &mut run.record.evidence.recording;
        // The highest limit first: who is over it is over the others.
        let mut order: Vec<usize> = (0..recording.limits.len()).collect();
        order.sort_by_key(|at| std::cmp::Reverse(recording.limits[*at]));
        let part = 1.0 / by as f64;
        for series in &mut recording.series {
            let mut thinning = Thinning::new(by, order.len());
            for cell in &mut series.seconds {
                thinning.thin(&mut cell.counters, &order);
                let mut keep = Spread::new(part);
                let times = run.times.entry((series.key.clone(), cell.second)).or_default();
                for (_, count) in times.iter_mut() {
                    *count = keep.of(*count);
                }
            }
            keep_of_all(series, part);
        }
        let thin = |count: &mut u64| *count = count.div_ceil(by);
        for load in &mut recording.load {
            let LoadTotals {
                dropped,
                completed,
                failed,
                interrupted,
                ..
            } = load;
            [dropped, completed, failed, interrupted].into_iter().for_each(thin);
            load.started = load.completed + load.failed + load.interrupted;
            load.planned = load.started + load.dropped;
        }
        let planned: BTreeMap<String, u64> = recording
            .load
            .iter()
            .map(|load| (load.phase.clone(), load.planned))
            .collect();
        let plan = &mut run.record.plan.load;
        for phase in plan.phases.iter_mut().filter(|phase| phase.users.is_none()) {
            phase.arrivals = planned.get(&phase.name).copied().unwrap_or(0);
        }
        plan.series.iter_mut().for_each(|series| series.expected *= part);
        run.summed_up()
    }

    /// Brings the sums up to date: of the seconds of each series, of all series in each second, and of the times of each second.
    fn summed_up(mut self) -> Self {
        let limits = self.record.evidence.recording.limits.len();
        let recording = &mut self.record.evidence.recording;
        for series in &mut recording.series {
            series.counters = Counters::new(limits);
            let mut response = new_histogram();
            for cell in &series.seconds {
                series.counters.add(&cell.counters);
                for (micros, count) in self.times.get(&(series.key.clone(), cell.second)).into_iter().flatten() {
                    response.saturating_record_n(*micros, *count);
                }
            }
            *series.timings.get_mut(Timing::Response) = response;
        }
        for cell in &mut recording.seconds {
            cell.counters = Counters::new(limits);
            let series = recording.series.iter().flat_map(|series| &series.seconds);
            for own in series.filter(|own| own.second == cell.second) {
                cell.counters.add(&own.counters);
            }
        }
        self.record.evidence.plan = self.record.plan.load.clone();
        self
    }
}

fn tag(key: &SeriesKey, timing: Timing) -> String {
    format!("{}/{}/{}", key.phase, key.series, timing.name())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a time of at most hours, in microseconds"
)]
fn scaled(micros: u64, factor: f64) -> u64 {
    (micros as f64 * factor).round() as u64
}

/// Counts again what is over each limit: failures, and successes by their times; never fewer than were counted exactly.
fn count_over(counters: &mut Counters, times: &Times, limits: &[u64]) {
    let failed = counters.total() - counters.of(Outcome::Success);
    for (over, limit) in counters.over.iter_mut().zip(limits) {
        let slow = times.iter().filter(|(micros, _)| micros > limit);
        let slow: u64 = slow.map(|(_, count)| count).sum();
        *over = (*over).max(failed + slow);
    }
}

/// Leaves that share of the other times of the successes.
fn keep_of_all(series: &mut SeriesRecord, share: f64) {
    let mut kept = Timings::default();
    for timing in Timing::ALL {
        let mut keep = Spread::new(share);
        for bucket in series.timings.of(timing).iter_recorded() {
            let count = keep.of(bucket.count_since_last_iteration());
            if count > 0 {
                kept.get_mut(timing)
                    .saturating_record_n(bucket.value_iterated_to(), count);
            }
        }
    }
    series.timings = kept;
}

/// Takes a share of counts, as evenly as whole numbers allow.
struct Spread {
    share: f64,
    seen: f64,
}

impl Spread {
    fn new(share: f64) -> Self {
        Self {
            share,
            seen: 0.5 / share,
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a part of a count"
    )]
    fn of(&mut self, count: u64) -> u64 {
        let before = (self.seen * self.share).floor();
        self.seen += count as f64;
        ((self.seen * self.share).floor() - before) as u64
    }
}

/// Divides the counts of one series second by second, so that the sums are divided as well: what is bad is rounded up.
struct Thinning {
    by: u64,
    /// Requests that failed, by outcome.
    failed: [u64; Outcome::ALL.len()],
    /// Successes between two limits, the slowest first, and those within all.
    slow: Vec<u64>,
    fast: u64,
}

impl Thinning {
    fn new(by: u64, limits: usize) -> Self {
        Self {
            by,
            failed: [0; Outcome::ALL.len()],
            slow: vec![0; limits],
            fast: 0,
        }
    }

    fn thin(&mut self, counters: &mut Counters, order: &[usize]) {
        let by = self.by;
        let up = |seen: &mut u64, count: u64| {
            let before = seen.div_ceil(by);
            *seen += count;
            seen.div_ceil(by) - before
        };
        let success = counters.of(Outcome::Success);
        let failures = counters.total() - success;
        let mut thin = Counters::new(order.len());
        for outcome in Outcome::ALL.into_iter().filter(|outcome| *outcome != Outcome::Success) {
            let at = outcome.index();
            thin.outcomes[at] = up(&mut self.failed[at], counters.outcomes[at]);
        }
        let failed = thin.total();
        let (mut above, mut slow) = (0, 0);
        for (at, seen) in order.iter().zip(&mut self.slow) {
            let over = counters.over[*at].saturating_sub(failures);
            slow += up(seen, over.saturating_sub(above));
            above = over;
            thin.over[*at] = failed + slow;
        }
        let fast = self.fast / by;
        self.fast += success.saturating_sub(above);
        thin.outcomes[Outcome::Success.index()] = slow + self.fast / by - fast;
        thin.out_of_range = counters.out_of_range.div_ceil(by);
        thin.bytes = counters.bytes / by;
        thin.micros = counters.micros / success.max(1) * thin.of(Outcome::Success);
        *counters = thin;
    }
}
