//! A log read whole: its requests in their sessions, and a journey for each kind of request.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use toml::{Table, Value};

use super::known_step::{add_tags, requests};
use super::rules::Rules;
use super::sessions::LoggedRequest;
use super::shapes::Shape;
use crate::evidence::{ArrivalFit, LeftOutLines};
use crate::import::draft::{Draft, DraftStep};
use crate::import::names::{Names, slug};
use crate::import::print::text;
use crate::import::steps::{Steps, complete};
use crate::import::{Account, names};
use crate::journey::WrittenJourney;
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
    /// Requests that overlapped one before them in their session.
    pub overlapping: u64,
    /// Digest of the lines read, of the rules, and of the selection.
    pub digest: String,
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
    /// Method, and path with `{}` in place of ids; the path is empty if a rule has another one.
    request: (String, String),
    /// The journey whose step it is, unchanged.
    series: Option<String>,
}

impl LogKind {
    pub(super) fn new(shape: &Shape, rules: &Rules) -> Self {
        let named = shape.rule.and_then(|number| rules.rule[number].journey.clone());
        let mut draft = Draft::new(
            &journey_name(shape, rules),
            &format!("{} requests of the log", shape.count),
        );
        let mut steps = Steps::default();
        let known = shape.rule.and_then(|number| {
            let rule = &rules.rule[number];
            // A step that a rule changes is no longer that of the journey.
            rule.known.as_ref().filter(|_| rule.step.is_empty())
        });
        draft.steps.push(DraftStep {
            name: known.map_or_else(|| shape.method.to_ascii_lowercase(), |known| known.step.clone()),
            ..shape.step(rules, &mut steps)
        });
        for (key, value) in shape.around(rules).into_iter().flatten().chain(&rules.journey) {
            draft.keys.entry(key.clone()).or_insert_with(|| value.clone());
        }
        complete(&mut draft, steps.braces);
        Self {
            named,
            is_mapped: shape.rule.is_some(),
            requests: 0,
            statuses: Vec::new(),
            durations: Vec::new(),
            draft,
            request: (shape.method.clone(), shape.path.clone()),
            series: known.map(|known| known.journey.clone()),
        }
    }

    /// Names of the values that its answers give.
    pub(super) fn gives(&self) -> impl Iterator<Item = String> {
        let steps = self.draft.steps.iter().filter(|_| self.named.is_none());
        let tables = steps.flat_map(|step| {
            ["extract", "set"]
                .into_iter()
                .filter_map(|key| step.keys.get(key)?.as_table())
        });
        tables.flat_map(|table| table.keys().cloned())
    }

    /// True if its request needs that value, and nothing of its own gives it.
    pub(super) fn needs(&self, name: &str) -> bool {
        let own = self.draft.keys.get("variables").and_then(Value::as_table);
        let mut request = self.draft.clone();
        for step in &mut request.steps {
            // A removal is filled after the request, also with what its answer gives.
            step.keys.remove("cleanup");
        }
        self.named.is_none() && request.mentions(name) && !own.is_some_and(|own| own.contains_key(name))
    }
}

impl RecordedLog {
    /// Gives the kinds that a step of those journeys asks for as well the tags of that step.
    pub fn tag_like(&mut self, folder: &Path, journeys: &[String]) {
        let known: Vec<Table> = journeys.iter().flat_map(|journey| requests(folder, journey)).collect();
        for kind in self.kinds.iter_mut().filter(|kind| !kind.is_mapped) {
            let (method, path) = &kind.request;
            let alike = known.iter().find(|step| {
                let text = |key| step.get(key).and_then(Value::as_str);
                text("method").unwrap_or("GET") == method && is_alike(text("path").unwrap_or_default(), path)
            });
            let tags = alike.and_then(|step| step.get("tags")).and_then(Value::as_array);
            if let (Some(tags), Some(step)) = (tags, kind.draft.steps.first_mut()) {
                add_tags(&mut step.keys, tags.iter());
            }
        }
    }

    /// For each kind, the journey of one step that makes such a request; `None` where a rule names a journey. The names differ from
    /// those in `taken`.
    pub fn journeys(&self, taken: &[String]) -> Vec<Option<WrittenJourney>> {
        let mut names = Names::default();
        for name in taken {
            names.unique(name, '-');
        }
        let mut series = HashSet::new();
        let journeys = self.kinds.iter().map(|kind| {
            let draft = Some(&kind.draft).filter(|_| kind.named.is_none())?;
            let draft = Draft {
                name: names.unique(&draft.name, '-'),
                ..draft.clone()
            };
            // Of two rules with the same step, the second has series of its own.
            let step = draft.steps.first().map(|step| step.name.clone());
            let own = kind
                .series
                .clone()
                .filter(|journey| series.insert((journey.clone(), step)));
            Some(WrittenJourney {
                text: text(&draft),
                name: draft.name,
                series: own,
            })
        });
        journeys.collect()
    }
}

/// True if a step's path, in which templates stand for values, is that of a kind of requests.
fn is_alike(template: &str, path: &str) -> bool {
    let template = template.split('?').next().unwrap_or_default();
    let mut segments = path.split('/');
    let alike = template.split('/').all(|pattern| match segments.next() {
        Some("{}") => pattern.contains("{{"),
        Some(segment) => segment == pattern,
        None => false,
    });
    alike && segments.next().is_none()
}

/// Counts requests, statuses and durations of each kind. Requests that took no time have no duration unless every line tells it.
pub(super) fn count(kinds: &mut [LogKind], visits: &[LoggedRequest], is_timed: bool) {
    let mut statuses = vec![BTreeMap::<u16, u64>::new(); kinds.len()];
    for visit in visits {
        if let Some(statuses) = statuses.get_mut(usize::from(visit.shape)) {
            *statuses.entry(visit.status()).or_default() += 1;
        }
    }
    let durations = durations(visits, kinds.len(), is_timed);
    for ((kind, statuses), durations) in kinds.iter_mut().zip(statuses).zip(durations) {
        kind.requests = statuses.values().sum();
        kind.statuses = statuses.into_iter().collect();
        kind.durations = durations;
    }
}

/// The kinds that have requests, whose indices in `visits` are changed to theirs.
pub(super) fn only_requested(kinds: Vec<LogKind>, visits: &mut [LoggedRequest]) -> Vec<LogKind> {
    let mut next = 0_u16;
    let indices: Vec<u16> = kinds
        .iter()
        .map(|kind| {
            let index = next;
            next += u16::from(kind.requests > 0);
            index
        })
        .collect();
    for visit in visits {
        visit.shape = indices.get(usize::from(visit.shape)).copied().unwrap_or(visit.shape);
    }
    kinds.into_iter().filter(|kind| kind.requests > 0).collect()
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
fn durations(visits: &[LoggedRequest], shapes: usize, is_timed: bool) -> Vec<Vec<(u64, u64)>> {
    let mut counts = vec![BTreeMap::<u64, u64>::new(); shapes];
    for visit in visits.iter().filter(|visit| is_timed || visit.took > 0.0) {
        let micros = saturating_u64((f64::from(visit.took) * 1e6).round());
        if let Some(counts) = counts.get_mut(usize::from(visit.shape)) {
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
        let mut visit = LoggedRequest::new(1, 200);
        (visit.started, visit.took) = (started, took);
        visit
    }

    #[test]
    fn a_step_is_alike_where_its_templates_stand_for_ids() {
        for (template, path, alike) in [
            ("/api/tasks?page={{random 1 9}}", "/api/tasks", true),
            ("/api/tasks/{{task}}", "/api/tasks/{}", true),
            ("/api/tasks/{{task}}", "/api/tasks/new", false),
            ("/api/tasks/new", "/api/tasks/{}", false),
            ("/api/tasks", "/api/tasks/{}", false),
            ("/api/tasks/{{task}}", "/api/tasks", false),
        ] {
            assert_eq!(is_alike(template, path), alike, "{template} {path}");
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
