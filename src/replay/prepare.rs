//! From a log to the load of a scenario.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::error::ReplayError;
use super::fitted::{drawn, profile};
use super::peak::{busiest_second, most_at_once};
use super::recorded::{ReplaySessions, first_start, lines, sessions};
use crate::evidence::{RecordedKind, ReplayPlan, ReplayStarts};
use crate::import::{LogOptions, RecordedLog, recorded_log};
use crate::journey::WrittenJourney;
use crate::scenario::{ReplayLoad, nearest};
use crate::units::Rate;
use crate::workload::RecordedSessions;

/// Name of the phase.
const PHASE: &str = "replay";
/// Largest speed.
const FASTEST: f64 = 1_000.0;
/// Time after the last recorded end, for sessions that a slower system shifts: a part of the whole, within bounds.
const TAIL: f64 = 0.05;
const SHORTEST_TAIL: Duration = Duration::from_secs(1);
const LONGEST_TAIL: Duration = Duration::from_secs(10);

/// Settings of a replay.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplayOptions {
    /// The log.
    pub log: LogOptions,
    /// Rule by which requests start.
    pub starts: ReplayStarts,
    /// Factor by which time runs faster than in the log, above 0. The time that requests take is the system's own.
    pub speed: f64,
    /// Most requests per second; a log with more in a second is refused.
    pub max_rate: Option<Rate>,
    /// Seed of a fitted process.
    pub seed: u64,
}

/// A log, ready to be replayed.
#[derive(Debug)]
pub struct Replay {
    /// The load of a plan.
    pub load: ReplayLoad,
    /// The account of the reading, in lines.
    pub account: Vec<String>,
}

/// Reads a log for a replay with that scenario. Requests of one kind are one journey, unless a rule names another one for them. Kinds
/// that a step of the scenario's journeys asks for as well have the tags of that step.
pub fn prepare(scenario: &Path, options: &ReplayOptions) -> Result<Replay, ReplayError> {
    if !(options.speed > 0.0 && options.speed <= FASTEST) {
        return Err(ReplayError::Speed(options.speed));
    }
    let folder = nearest(scenario.parent().unwrap_or(Path::new(".")), "journeys");
    let settings = LogOptions {
        journeys: folder.clone(),
        ..options.log.clone()
    };
    // Single lines are replayed without sessions, and so need none of what tells sessions apart.
    let mut log = recorded_log(&settings, options.starts == ReplayStarts::Lines)?;
    log.tag_like(&folder, &own_journeys(scenario));
    let written: Vec<Option<WrittenJourney>> = log.journeys(&known_journeys(&folder));
    let names = log.kinds.iter().zip(&written).map(|(kind, written)| match written {
        Some(journey) => journey.name.clone(),
        None => kind.named.clone().unwrap_or_default(),
    });
    let names: Vec<String> = names.collect();
    let replayed = replayed(&log, options);
    let peak = busiest_second(replayed.list.iter().flat_map(|session| {
        let first = session.first as usize;
        let requests = &replayed.requests[first..first + session.count as usize];
        requests
            .iter()
            .map(move |request| session.start + Duration::from_micros(request.at))
    }));
    if let Some(most) = options.max_rate.filter(|most| peak as f64 > most.get()) {
        let speed = options.speed;
        return Err(ReplayError::TooFast { speed, peak, most });
    }
    let ends = replayed.list.iter().map(|session| session.start + session.length);
    let end = ends.max().unwrap_or_default();
    let recorded = RecordedSessions {
        length: end + end.mul_f64(TAIL).clamp(SHORTEST_TAIL, LONGEST_TAIL),
        sessions: replayed
            .list
            .iter()
            .map(|session| (session.first, session.count))
            .collect(),
        requests: replayed.requests,
        journeys: names.clone(),
    };
    let under_way = replayed
        .list
        .iter()
        .map(|session| (session.start, session.start + session.length));
    let users_needed = most_at_once(under_way);
    let starts = replayed.list.iter().map(|session| session.start).collect();
    let plan = facts(&log, &names, &recorded, options);
    Ok(Replay {
        account: log.account.lines("lines"),
        load: ReplayLoad {
            journeys: written.into_iter().flatten().collect(),
            recorded: Arc::new(recorded),
            starts,
            users_needed,
            plan,
        },
    })
}

fn replayed(log: &RecordedLog, options: &ReplayOptions) -> ReplaySessions {
    let speed = options.speed;
    // Each kind has the journey of its own index.
    let journey = u32::from;
    match options.starts {
        ReplayStarts::Sessions => sessions(&log.visits, speed, journey),
        ReplayStarts::Lines => lines(&log.visits, speed, journey),
        ReplayStarts::Fitted => drawn(
            &sessions(&log.visits, speed, journey),
            profile(&log.arrivals, speed),
            options.seed,
        ),
    }
}

/// Names of the journeys that the scenario mixes; none if it cannot be read, which is told when it is planned.
fn own_journeys(scenario: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(scenario).unwrap_or_default();
    let written: toml::Table = toml::from_str(&text).unwrap_or_default();
    let phases = written
        .get("phase")
        .and_then(toml::Value::as_array)
        .into_iter()
        .flatten();
    let tables = phases.filter_map(toml::Value::as_table).chain([&written]);
    let mixes = tables.filter_map(|table| table.get("journeys")?.as_table());
    mixes.flat_map(|mix| mix.keys().cloned()).collect()
}

/// Names of the journeys in that folder.
fn known_journeys(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let stems = entries.filter_map(|entry| entry.path().file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    stems.collect()
}

fn facts(log: &RecordedLog, names: &[String], recorded: &RecordedSessions, options: &ReplayOptions) -> ReplayPlan {
    let planned = recorded.counts();
    // Several kinds may have one journey by rules.
    let mut kinds: BTreeMap<&str, RecordedKind> = BTreeMap::new();
    for ((kind, journey), planned) in log.kinds.iter().zip(names).zip(&planned) {
        let all = kinds.entry(journey).or_default();
        all.journey.clone_from(journey);
        all.mapped |= kind.is_mapped;
        all.requests += kind.requests;
        all.planned += planned;
        merge(&mut all.statuses, &kind.statuses);
        merge(&mut all.durations, &kind.durations);
    }
    let mut kinds: Vec<RecordedKind> = kinds.into_values().collect();
    kinds.sort_by(|one, other| {
        other
            .requests
            .cmp(&one.requests)
            .then_with(|| one.journey.cmp(&other.journey))
    });
    let last = log
        .visits
        .iter()
        .map(|visit| visit.started)
        .fold(f64::NEG_INFINITY, f64::max);
    ReplayPlan {
        phase: PHASE.to_owned(),
        read: log.account.read,
        replayed: log.account.replayed,
        mapped: log.account.mapped,
        left_out: log.left_out.clone(),
        starts: options.starts,
        speed: options.speed,
        recorded_seconds: last - first_start(&log.visits),
        sessions: log.arrivals.sessions,
        requests: planned.iter().sum(),
        coarse: log.coarse,
        untimed: log.untimed,
        overlapping: log.overlapping,
        digest: log.digest.clone(),
        arrivals: Some(log.arrivals.clone()),
        kinds,
    }
}

/// Adds counts to others; both ascend by their keys.
fn merge<K: Copy + Ord>(counts: &mut Vec<(K, u64)>, more: &[(K, u64)]) {
    let mut all: BTreeMap<K, u64> = counts.drain(..).collect();
    for (key, count) in more {
        *all.entry(*key).or_default() += count;
    }
    counts.extend(all);
}
