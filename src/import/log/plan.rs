//! Sessions as journeys: the frequent courses as they were, and one journey that draws its requests for all others.

use std::collections::{HashMap, HashSet};

use toml::{Table, Value};

use super::rules::Rules;
use super::sessions::{LoggedRequest, gap, short};
use super::shapes::Shapes;
use crate::import::account::MOST_PLACES;
use crate::import::draft::{Draft, DraftStep, GroupKind};
use crate::import::steps::{Steps, complete, span};

/// Most courses that become journeys of their own.
const MOST_COURSES: usize = 8;
/// Smallest share of the sessions for that.
const SMALLEST: f64 = 0.01;
/// Longest course; longer sessions are drawn.
const LONGEST: usize = 40;
/// Most kinds of requests that are drawn from.
const MOST_DRAWN: usize = 300;
/// Shortest pause in seconds that is a think time.
const SHORTEST_THINK: f64 = 0.1;
/// Longest think time in seconds.
const LONGEST_THINK: f64 = 60.0;

/// Journeys with their weights.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) journeys: Vec<Draft>,
    pub(super) mix: Vec<(String, f64)>,
    /// Account of every line.
    pub(super) became: Vec<String>,
    /// Requests of kinds too rare to be drawn.
    pub(super) rare: u64,
    /// Numbers of the first of their lines.
    pub(super) rare_lines: Vec<u32>,
    /// Starts of the sessions.
    pub(super) starts: Vec<f64>,
    /// Sum of the lengths of all sessions in seconds, with pauses cut as think times are.
    pub(super) seconds: f64,
}

/// One course of sessions: shapes in order, number of sessions, pauses before each request.
#[derive(Debug, Default)]
struct SessionPattern {
    sessions: u64,
    pauses: Vec<Vec<f32>>,
}

/// Makes journeys of the visits, which are sorted by session and start.
pub(super) fn plan(visits: &[LoggedRequest], shapes: &Shapes, rules: &Rules, name: &str) -> Plan {
    let mut plan = Plan::default();
    let mut courses: HashMap<Vec<u16>, SessionPattern> = HashMap::new();
    let sessions: Vec<&[LoggedRequest]> = visits.chunk_by(|one, other| one.session == other.session).collect();
    for session in &sessions {
        plan.starts.push(session[0].started);
        let took: f64 = session.iter().map(|visit| f64::from(visit.took)).sum();
        let pauses = session.windows(2).map(|pair| gap(pair).clamp(0.0, LONGEST_THINK));
        plan.seconds += took + pauses.sum::<f64>();
        if session.len() <= LONGEST {
            let course = courses
                .entry(session.iter().map(|visit| visit.shape).collect())
                .or_default();
            course.sessions += 1;
            course.pauses.resize(session.len(), Vec::new());
            for (position, pair) in session.windows(2).enumerate() {
                // A sample of the pauses suffices.
                if course.pauses[position + 1].len() < 1_000 {
                    course.pauses[position + 1].push(short(gap(pair)));
                }
            }
        }
    }
    let fewest = (sessions.len() as f64 * SMALLEST).max(2.0);
    let mut frequent: Vec<(Vec<u16>, SessionPattern)> = courses
        .into_iter()
        .filter(|(_, course)| course.sessions as f64 >= fewest)
        .collect();
    frequent.sort_by(|one, other| other.1.sessions.cmp(&one.1.sessions).then_with(|| one.0.cmp(&other.0)));
    frequent.truncate(MOST_COURSES);
    for (number, (course, seen)) in frequent.iter().enumerate() {
        let name = format!("{name}-{}", number + 1);
        plan.add_course(&name, course, seen, shapes, rules);
    }
    let is_frequent = |session: &&&[LoggedRequest]| {
        let shapes = session.iter().map(|visit| visit.shape);
        frequent
            .iter()
            .any(|(course, _)| shapes.clone().eq(course.iter().copied()))
    };
    let others: Vec<&[LoggedRequest]> = sessions
        .iter()
        .filter(|session| !is_frequent(session))
        .copied()
        .collect();
    if !others.is_empty() {
        plan.add_drawn(&format!("{name}-others"), &others, shapes, rules);
    }
    plan
}

impl Plan {
    fn add_course(&mut self, name: &str, course: &[u16], seen: &SessionPattern, shapes: &Shapes, rules: &Rules) {
        let description = format!("{} sessions of the log went this way", seen.sessions);
        let mut draft = Draft::new(name, &description);
        let mut steps = Steps::default();
        for (position, shape) in course.iter().enumerate() {
            let shape = &shapes.list[usize::from(*shape)];
            need(&mut draft, shape.around(rules));
            let mut step = shape.step(rules, &mut steps);
            if let Some(think) = think(&seen.pauses[position]).filter(|_| position > 0) {
                step.set("think", think);
            }
            draft.steps.push(step);
        }
        self.add(draft, seen.sessions as f64, steps.braces, rules);
        self.became.push(format!(
            "{} sessions of {} requests become journey {name}",
            seen.sessions,
            course.len()
        ));
    }

    /// One journey for sessions that have no course in common: as many requests as they have on average, drawn by frequency.
    fn add_drawn(&mut self, name: &str, sessions: &[&[LoggedRequest]], shapes: &Shapes, rules: &Rules) {
        let mut counts: HashMap<u16, u64> = HashMap::new();
        let (mut requests, mut pauses) = (0_u64, Vec::new());
        for session in sessions {
            for visit in *session {
                *counts.entry(visit.shape).or_default() += 1;
                requests += 1;
            }
            if pauses.len() < 100_000 {
                pauses.extend(session.windows(2).map(|pair| short(gap(pair))));
            }
        }
        let mut counts: Vec<(u16, u64)> = counts.into_iter().collect();
        counts.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(&other.0)));
        self.rare = counts.iter().skip(MOST_DRAWN).map(|(_, count)| count).sum();
        let rare: HashSet<u16> = counts.iter().skip(MOST_DRAWN).map(|(shape, _)| *shape).collect();
        let visits = sessions.iter().flat_map(|session| *session);
        let mut lines: Vec<u32> = visits
            .filter(|visit| rare.contains(&visit.shape))
            .map(|visit| visit.line)
            .collect();
        lines.sort_unstable();
        lines.truncate(MOST_PLACES);
        self.rare_lines = lines;
        counts.truncate(MOST_DRAWN);
        let drawn = requests - self.rare;
        let length = (drawn as f64 / sessions.len() as f64).round().max(1.0);
        let description = format!("{} sessions of the log that have no course in common", sessions.len());
        let mut draft = Draft::new(name, &description);
        draft
            .notes
            .push("The order of these requests is drawn: only how often each is made is as in the log.".to_owned());
        let mut steps = Steps::default();
        let mut choice = DraftStep {
            name: steps.group("request"),
            kind: GroupKind::Choice,
            ..DraftStep::default()
        };
        for (shape, count) in counts {
            let shape = &shapes.list[usize::from(shape)];
            need(&mut draft, shape.around(rules));
            choice.branches.push(vec![shape.step(rules, &mut steps)]);
            choice.weights.push(count as f64);
        }
        if let Some(think) = think(&pauses) {
            choice.set("think", think);
        }
        let mut walk = DraftStep {
            name: steps.group("walk"),
            kind: GroupKind::Sequence,
            branches: vec![vec![choice]],
            ..DraftStep::default()
        };
        walk.set(
            "repeat",
            i64::from(crate::units::saturating_u32(length).clamp(1, 100_000)),
        );
        draft.steps.push(walk);
        // The mean length is rounded: the weight keeps the number of requests.
        self.add(draft, drawn as f64 / length, steps.braces, rules);
        self.became.push(format!(
            "{} sessions of {:.1} requests on average become journey {name}, which draws them",
            sessions.len(),
            requests as f64 / sessions.len() as f64
        ));
    }

    fn add(&mut self, mut draft: Draft, weight: f64, braces: bool, rules: &Rules) {
        for (key, value) in &rules.journey {
            draft.keys.entry(key.clone()).or_insert_with(|| value.clone());
        }
        draft
            .notes
            .insert(0, "Written by `diapason import access-log`.".to_owned());
        complete(&mut draft, braces);
        self.mix.push((draft.name.clone(), weight));
        self.journeys.push(draft);
    }
}

/// Adds the keys that a step of another journey needs around it. Of several sessions the first counts, and a note tells the others.
fn need(draft: &mut Draft, around: Option<&Table>) {
    for (key, value) in around.into_iter().flatten() {
        match (draft.keys.get_mut(key), value) {
            (None, value) => draft.set(key, value.clone()),
            (Some(Value::Table(own)), Value::Table(more)) => {
                for (name, value) in more {
                    own.entry(name.clone()).or_insert_with(|| value.clone());
                }
            }
            (Some(own), value) if own == value => {}
            (Some(_), value) => {
                let note = format!("Some of its steps need another {key}: {value}.");
                if !draft.notes.contains(&note) {
                    draft.notes.push(note);
                }
            }
        }
    }
}

/// A think time with the median and the 95th percentile of the pauses; `None` if there is none to speak of.
fn think(pauses: &[f32]) -> Option<Value> {
    let mut pauses: Vec<f64> = pauses
        .iter()
        .map(|pause| f64::from(*pause).clamp(0.0, LONGEST_THINK))
        .collect();
    pauses.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let index = crate::units::saturating_usize((share * (pauses.len() as f64 - 1.0)).round());
        pauses.get(index).copied()
    };
    let (median, p95) = (at(0.5)?, at(0.95)?);
    if median < SHORTEST_THINK {
        return None;
    }
    let text = |seconds: f64| span(std::time::Duration::from_secs_f64(seconds));
    if p95 < median * 1.2 {
        return Some(text(median).into());
    }
    let mut table = Table::new();
    for (key, seconds) in [("median", median), ("p95", p95), ("at-most", LONGEST_THINK)] {
        table.insert(key.to_owned(), text(seconds).into());
    }
    Some(table.into())
}
