//! Counts the logged events in constant memory.

use std::collections::{BTreeMap, HashMap};

use super::distribution::Distribution;
use super::log_line::{Event, LoggedEvent};
use crate::evidence::postgres::StepObservation;

/// Fewest expected lines of the sample that allow a conclusion about lost ones.
const ENOUGH_EXPECTED: f64 = 100.0;
/// Most statements whose times are kept separately.
// Applications have some dozens; one that writes values into its statements would otherwise fill the memory.
const MOST_STATEMENTS: usize = 300;

/// Logged times of one kind and, for each limit, the number of longer ones.
#[derive(Debug)]
pub(super) struct LoggedTimes {
    pub(super) over: Vec<u64>,
    pub(super) times: Distribution,
}

impl LoggedTimes {
    fn new(limits: &[u64], times: Distribution) -> Self {
        Self {
            over: vec![0; limits.len()],
            times,
        }
    }

    fn record(&mut self, limits: &[u64], micros: u64) {
        for (over, limit) in self.over.iter_mut().zip(limits) {
            *over += u64::from(micros > *limit);
        }
        self.times.record(micros);
    }
}

/// Executions by duration. At and above the `floor` all are logged, below it a share of `rate`.
#[derive(Debug)]
pub(super) struct ExecutionTally {
    limits: Vec<u64>,
    floor: u64,
    rate: f64,
    executions: LoggedTimes,
    parses: LoggedTimes,
    binds: LoggedTimes,
    statements: HashMap<i64, LoggedTimes>,
    /// Executions over each limit, by the second of the run in which they ended.
    seconds: BTreeMap<u32, Vec<u64>>,
}

impl ExecutionTally {
    /// Times in microseconds, `limits` ascending.
    pub(super) fn new(limits: &[u64], floor: u64, rate: f64) -> Self {
        let timed = || LoggedTimes::new(limits, Distribution::precise(floor));
        Self {
            limits: limits.to_vec(),
            floor,
            rate,
            executions: timed(),
            parses: timed(),
            binds: timed(),
            statements: HashMap::new(),
            seconds: BTreeMap::new(),
        }
    }

    /// Counts an event of the judged window.
    pub(super) fn take(&mut self, entry: &LoggedEvent) {
        match entry.event {
            Event::Execution => self.execution(entry),
            Event::Parse => self.parses.record(&self.limits, entry.micros),
            Event::Bind => self.binds.record(&self.limits, entry.micros),
            Event::Mark(_) => {}
        }
    }

    fn execution(&mut self, entry: &LoggedEvent) {
        self.executions.record(&self.limits, entry.micros);
        // The server writes 0 if it does not know the statement.
        let known = entry.query_id != 0
            && (self.statements.len() < MOST_STATEMENTS || self.statements.contains_key(&entry.query_id));
        if known {
            let new = || LoggedTimes::new(&self.limits, Distribution::small(self.floor));
            let statement = self.statements.entry(entry.query_id).or_insert_with(new);
            statement.record(&self.limits, entry.micros);
        }
    }

    /// Notes an execution that ended in that second of the run, judged or not.
    pub(super) fn ended(&mut self, second: u32, entry: &LoggedEvent) {
        // Seconds hold executions over some limit only. All executions of a second are counted by the statistics.
        let slow = self.limits.first().is_some_and(|lowest| entry.micros > *lowest);
        if entry.event == Event::Execution && slow {
            let over = self.seconds.entry(second).or_insert_with(|| vec![0; self.limits.len()]);
            for (over, limit) in over.iter_mut().zip(&self.limits) {
                *over += u64::from(entry.micros > *limit);
            }
        }
    }

    /// Number of longer executions, for each limit.
    pub(super) fn over(&self) -> &[u64] {
        &self.executions.over
    }

    /// Number of longer parse and bind steps, for each limit.
    pub(super) fn preparations_over(&self) -> Vec<u64> {
        let both = self.parses.over.iter().zip(&self.binds.over);
        both.map(|(parses, binds)| parses + binds).collect()
    }

    /// Number of longer executions that ended in those seconds, for each limit.
    pub(super) fn over_in(&self, seconds: std::ops::Range<u32>) -> Vec<u64> {
        let mut sum = vec![0; self.limits.len()];
        for over in self.seconds.range(seconds).map(|(_, over)| over) {
            for (sum, over) in sum.iter_mut().zip(over) {
                *sum += over;
            }
        }
        sum
    }

    /// Logged times of one statement.
    pub(super) fn statement(&self, query_id: i64) -> Option<&LoggedTimes> {
        self.statements.get(&query_id)
    }

    /// Parse and bind steps.
    pub(super) fn steps(&self) -> Vec<StepObservation> {
        let step = |name: &str, timed: &LoggedTimes| {
            let estimated = timed.times.estimated(self.rate);
            StepObservation {
                step: name.to_owned(),
                logged: timed.times.logged(),
                estimated,
                over: timed.over.clone(),
                percentiles: timed.times.percentiles(estimated),
                max_ms: timed.times.max() as f64 / 1e3,
            }
        };
        vec![step("parse", &self.parses), step("bind", &self.binds)]
    }

    /// A warning if the log held far fewer of `executions` than expected: the counts over a limit are then unreliable too.
    pub(super) fn missing(&self, executions: u64) -> Option<String> {
        let times = &self.executions.times;
        // Only lines below the floor are a sample; those above it are all there.
        let expected = executions.saturating_sub(times.above()) as f64 * self.rate;
        let seen = times.below();
        // Half of at least 100: a binomial sample falls that far short practically never, a broken log always.
        (expected >= ENOUGH_EXPECTED && (seen as f64) < expected / 2.0)
            .then(|| format!("the server's log held {seen} sampled statements where about {expected:.0} were expected"))
    }

    /// Pairs of microseconds and weight, ascending, for `executions` in all.
    pub(super) fn distribution(&self, executions: u64) -> Vec<(u64, f64)> {
        self.executions.times.weighted(executions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(event: Event, query_id: i64, micros: u64) -> LoggedEvent {
        LoggedEvent {
            epoch_millis: 0,
            query_id,
            micros,
            event,
        }
    }

    #[test]
    fn counts_over_each_limit_exactly_and_each_kind_apart() {
        let mut tally = ExecutionTally::new(&[50_000, 150_000], 50_000, 0.1);
        for micros in [49_999, 50_000, 50_001, 150_000, 150_001] {
            tally.take(&entry(Event::Execution, 7, micros));
            tally.take(&entry(Event::Parse, 7, micros + 1));
            tally.take(&entry(Event::Bind, 7, micros - 1));
        }
        assert_eq!(tally.over(), [3, 1], "a time equal to the limit is not over it");
        assert_eq!(tally.steps()[0].over, [4, 2]);
        assert_eq!(tally.steps()[1].over, [2, 0]);
        assert_eq!(tally.preparations_over(), [6, 2]);
        assert_eq!(tally.steps()[1].logged, 5);
    }

    #[test]
    fn each_statement_is_counted_apart() {
        let mut tally = ExecutionTally::new(&[50_000], 50_000, 0.1);
        for (query_id, micros) in [(7, 1_000), (-7, 60_000), (-7, 2_000), (0, 70_000)] {
            tally.take(&entry(Event::Execution, query_id, micros));
        }
        assert_eq!(tally.over(), [2]);
        let of = |query_id| {
            let timed = tally.statement(query_id);
            timed.map(|timed| (timed.over[0], timed.times.logged()))
        };
        assert_eq!([of(7), of(-7), of(0)], [Some((0, 1)), Some((1, 2)), None]);
    }

    #[test]
    fn endless_kinds_of_statements_do_not_fill_the_memory() {
        let mut tally = ExecutionTally::new(&[50_000], 50_000, 0.1);
        for query_id in 1..=1_000 {
            tally.take(&entry(Event::Execution, query_id, 60_000));
        }
        assert_eq!((tally.over()[0], tally.statements.len()), (1_000, MOST_STATEMENTS));
    }

    #[test]
    fn slow_executions_are_counted_by_second() {
        let mut tally = ExecutionTally::new(&[50_000, 150_000], 50_000, 0.1);
        tally.ended(3, &entry(Event::Execution, 7, 50_001));
        tally.ended(3, &entry(Event::Execution, 7, 200_000));
        tally.ended(3, &entry(Event::Execution, 7, 50_000));
        tally.ended(3, &entry(Event::Bind, 7, 200_000));
        tally.ended(5, &entry(Event::Execution, 7, 60_000));
        assert_eq!(
            [tally.over_in(3..4), tally.over_in(4..5), tally.over_in(3..6)],
            [[2, 1], [0, 0], [3, 1]]
        );
    }

    #[test]
    fn a_log_that_lacks_lines_is_noticed() {
        let mut tally = ExecutionTally::new(&[50_000], 50_000, 0.05);
        assert_eq!(tally.missing(1_000), None, "50 expected lines say nothing");
        let words = tally.missing(10_000).unwrap();
        assert_eq!(
            words,
            "the server's log held 0 sampled statements where about 500 were expected"
        );
        for _ in 0..400 {
            tally.take(&entry(Event::Execution, 7, 900));
        }
        assert_eq!(tally.missing(10_000), None);
        assert_eq!(ExecutionTally::new(&[1], 0, 0.0).missing(1 << 40), None);
    }
}
