//! A log read whole: its requests in their sessions, and a journey for each kind of request.

use std::collections::BTreeMap;

use super::rules::Rules;
use super::sessions::LoggedRequest;
use super::shapes::Shape;
use crate::evidence::{ArrivalFit, LeftOutLines};
use crate::import::draft::{Draft, DraftStep};
use crate::import::names::{Names, slug};
use crate::import::print::text;
use crate::import::steps::{Steps, complete};
use crate::import::{Account, names};
use crate::units::saturating_u64;

/// Digits to which durations are counted.
const DIGITS: u32 = 3;
/// Longest name of a journey.
const LONGEST: usize = 60;

/// A log read whole.
#[derive(Debug)]
pub struct RecordedLog {
    /// Its requests, sorted by session and start. Those of a session are in order of time.
    pub visits: Vec<LoggedRequest>,
    /// The kinds of requests, which `visits` name by index.
    pub kinds: Vec<LogKind>,
    /// Arrivals of the sessions.
    pub arrivals: ArrivalFit,
    /// The account of the reading.
    pub account: Account,
    /// Lines that were left out, by reason.
    pub left_out: Vec<LeftOutLines>,
    /// Lines with times of whole seconds. If all lines are such, those of a second are spread over it evenly.
    pub coarse: u64,
    /// Lines without a duration.
    pub untimed: u64,
    /// Requests that overlapped the one before them in their session.
    pub overlapping: u64,
}

/// One kind of requests: a method and a path with its ids left open, or what a rule made of it.
#[derive(Debug, Clone)]
pub struct LogKind {
    /// Name of a journey that a rule names; `None` if the log yields one.
    pub named: Option<String>,
    /// True if a rule gave it its request.
    pub is_mapped: bool,
    /// Its requests.
    pub requests: u64,
    /// Number of its answers by status.
    pub statuses: Vec<(u16, u64)>,
    /// Durations in microseconds and how many requests took them, ascending.
    pub durations: Vec<(u64, u64)>,
    draft: Draft,
}

impl LogKind {
    pub(super) fn new(shape: &Shape, rules: &Rules, durations: Vec<(u64, u64)>) -> Self {
        let named = shape.rule.and_then(|number| rules.rule[number].journey.clone());
        let mut draft = Draft::new(
            &journey_name(shape, rules),
            &format!("{} requests of the log", shape.count),
        );
        let mut steps = Steps::default();
        draft.steps.push(DraftStep {
            name: shape.method.to_ascii_lowercase(),
            ..shape.step(rules, &mut steps)
        });
        for (key, value) in &rules.journey {
            draft.set(key, value.clone());
        }
        complete(&mut draft, steps.braces);
        Self {
            named,
            is_mapped: shape.rule.is_some(),
            requests: shape.count,
            statuses: shape.statuses.iter().map(|(status, count)| (*status, *count)).collect(),
            durations,
            draft,
        }
    }
}

impl RecordedLog {
    /// For each kind, name and text of the journey of one step that makes such a request; `None` where a rule names a journey.
    /// The names differ from those in `taken`.
    pub fn journeys(&self, taken: &[String]) -> Vec<Option<(String, String)>> {
        let mut names = Names::default();
        for name in taken {
            names.unique(name, '-');
        }
        let journeys = self.kinds.iter().map(|kind| {
            let draft = Some(&kind.draft).filter(|_| kind.named.is_none())?;
            let draft = Draft {
                name: names.unique(&draft.name, '-'),
                ..draft.clone()
            };
            Some((draft.name.clone(), text(&draft)))
        });
        journeys.collect()
    }
}

/// A name such as `api-tasks-id`, from the path of the request that is made.
fn journey_name(shape: &Shape, rules: &Rules) -> String {
    let own = shape.rule.and_then(|number| rules.rule[number].step_path());
    let path = own.unwrap_or(&shape.path).split('?').next().unwrap_or_default();
    let words = path.split('/').filter(|segment| !segment.is_empty()).map(|segment| {
        if segment.contains("{}") || segment.contains("{{") || names::is_id(segment) {
            "id".to_owned()
        } else {
            slug(segment, '-')
        }
    });
    let words: Vec<String> = words.filter(|word| !word.is_empty()).collect();
    // Slugs are ASCII.
    let name: String = words.join("-").chars().take(LONGEST).collect();
    match name.trim_end_matches('-') {
        "" => "root".to_owned(),
        name => name.to_owned(),
    }
}

/// Spreads requests whose lines have the same whole second over it, in their order: such lines were written somewhen within it.
/// `visits` are in the order of the lines.
pub(super) fn spread_within_seconds(visits: &mut [LoggedRequest]) {
    let second = |visit: &LoggedRequest| (visit.started + f64::from(visit.took)).round();
    for visits in visits.chunk_by_mut(|one, other| second(one).total_cmp(&second(other)).is_eq()) {
        let count = visits.len() as f64;
        for (position, visit) in visits.iter_mut().enumerate() {
            visit.started += (position as f64 + 0.5) / count;
        }
    }
}

/// Durations of the requests of each shape in microseconds, to [`DIGITS`] digits, with their numbers. Requests that took no time
/// have none unless every line tells its duration.
pub(super) fn durations(visits: &[LoggedRequest], shapes: usize, is_timed: bool) -> Vec<Vec<(u64, u64)>> {
    let mut counts = vec![BTreeMap::<u64, u64>::new(); shapes];
    for visit in visits.iter().filter(|visit| is_timed || visit.took > 0.0) {
        let micros = saturating_u64((f64::from(visit.took) * 1e6).round());
        if let Some(counts) = counts.get_mut(visit.shape as usize) {
            *counts.entry(rounded(micros)).or_default() += 1;
        }
    }
    counts.into_iter().map(|counts| counts.into_iter().collect()).collect()
}

/// The number to [`DIGITS`] digits.
fn rounded(value: u64) -> u64 {
    let digits = value.checked_ilog10().unwrap_or(0) + 1;
    let unit = 10_u64.pow(digits.saturating_sub(DIGITS));
    (value.saturating_add(unit / 2)) / unit * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(started: f64, took: f32) -> LoggedRequest {
        LoggedRequest {
            session: 0,
            shape: 0,
            started,
            took,
        }
    }

    #[test]
    fn lines_of_one_second_are_spread_over_it_in_their_order() {
        let mut visits = [
            visit(100.0, 0.0),
            visit(99.75, 0.25),
            visit(101.0, 0.0),
            visit(100.5, 0.5),
        ];
        spread_within_seconds(&mut visits);
        let started: Vec<f64> = visits.iter().map(|visit| visit.started).collect();
        assert_eq!(started, [100.25, 100.5, 101.25, 101.25]);
    }

    #[test]
    fn durations_are_counted_to_three_digits() {
        for (value, round) in [
            (0, 0),
            (7, 7),
            (999, 999),
            (1_234, 1_230),
            (1_235, 1_240),
            (999_600, 1_000_000),
        ] {
            assert_eq!(rounded(value), round);
        }
        let visits = [visit(0.0, 0.012_34), visit(0.0, 0.012_3), visit(0.0, 0.0)];
        assert_eq!(durations(&visits, 1, true), [[(0, 1), (12_300, 2)]]);
        assert_eq!(durations(&visits, 1, false), [[(12_300, 2)]]);
    }
}
