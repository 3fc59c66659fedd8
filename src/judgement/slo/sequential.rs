//! Deciding while the run goes on, so that a clear answer need not wait for its end.

use super::Objective;
use super::windows::{self, SecondCount};
use crate::evidence::{Accept, Decision, Evidence, LoadPlan, Observations, Settled};
use crate::record::{Counters, Recording, SecondCell, SecondCounts, SeriesRecord};
use crate::stats::e_values;

/// The e-value that decides: by Ville's inequality at most one run in so many is decided wrongly, however often one looks.
const DECIDES: f64 = 50.0;
/// Nothing is decided in fewer judged seconds.
const LEAST_SECONDS: u64 = 10;
/// Batches hold at least this many samples on average, and last at least a second.
const BATCH_SAMPLES: u64 = 20;

/// The gating objectives over requests, followed second by second.
#[derive(Debug)]
pub struct Sequential {
    objectives: Vec<Objective>,
    accept: Accept,
    evidence: Evidence,
    second: u32,
    /// Names of those that a clean run decides in half its time.
    quick: Vec<String>,
}

impl Sequential {
    /// Follows the gating objectives over requests of that plan; `limits` are those the counters count against.
    pub fn new(objectives: &[Objective], plan: &LoadPlan, limits: &[u64], accept: Accept) -> Self {
        let length = plan.judged_window().length().as_secs_f64();
        let followed = objectives.iter().filter(|objective| objective.gate && bets(objective));
        let quick = followed.clone().filter(|objective| follows(objective, accept, length));
        Self {
            quick: quick.map(|objective| objective.name.clone()).collect(),
            objectives: followed.cloned().collect(),
            accept,
            evidence: Evidence {
                plan: plan.clone(),
                recording: Recording {
                    limits: limits.to_vec(),
                    ..Recording::default()
                },
                observations: Observations::default(),
                interrupted: false,
                ended: None,
            },
            second: 0,
        }
    }

    /// Adds one second of the run.
    pub fn add(&mut self, counts: SecondCounts) {
        let limits = self.evidence.recording.limits.len();
        self.second = self.second.max(counts.second);
        for (key, judged, counters) in counts.series.into_iter().filter(|(_, judged, _)| *judged) {
            let records = &mut self.evidence.recording.series;
            let known = records.iter().position(|record| record.key == key);
            let index = known.unwrap_or_else(|| {
                records.push(SeriesRecord::new(key, judged, limits));
                records.len() - 1
            });
            if let Some(record) = records.get_mut(index) {
                record.counters.add(&counters);
                record.seconds.push(cell(counts.second, counters));
            }
        }
    }

    /// What is decided by now.
    pub fn settled(&self) -> Vec<Settled> {
        if self.judged_seconds() < LEAST_SECONDS {
            return Vec::new();
        }
        let settled = self.objectives.iter().filter_map(|objective| self.decide(objective));
        settled.collect()
    }

    /// Whether every objective that can be decided on the way ([`follows`]) is among those decided.
    pub fn complete(&self, settled: &[Settled]) -> bool {
        let mut quick = self.quick.iter();
        quick.all(|name| settled.iter().any(|settled| settled.objective == *name))
    }

    /// Whole seconds of the judged window that are over.
    pub fn judged_seconds(&self) -> u64 {
        let start = self.evidence.plan.judged_window().start.as_secs();
        (u64::from(self.second) + 1).saturating_sub(start)
    }

    fn decide(&self, objective: &Objective) -> Option<Settled> {
        let indicator = objective.indicator().ok()?;
        let limit = objective.limit(self.accept);
        let batches = batches(&indicator.seconds(&self.evidence, objective, limit));
        let found = e_values(&batches, indicator.profile().allowed(objective, limit));
        let (decision, logarithm) = if found.met >= found.missed {
            (Decision::Met, found.met)
        } else {
            (Decision::Missed, found.missed)
        };
        (logarithm >= DECIDES.ln()).then(|| Settled {
            objective: objective.name.clone(),
            decision,
            // What is saved must be finite.
            e_value: logarithm.min(300.0).exp(),
        })
    }
}

/// Whether the shares of batches say how it stands while the run goes on.
fn bets(objective: &Objective) -> bool {
    let over_requests = objective.profile().is_some_and(super::Profile::over_requests);
    over_requests && objective.by_share()
}

/// Whether an objective can be decided on the way of a run of so many judged seconds: it is about requests (probes hand over
/// what they saw at the end only), and a clean run decides it in half that time.
pub fn follows(objective: &Objective, accept: Accept, seconds: f64) -> bool {
    let limit = objective.limit(accept);
    let allowed = objective
        .profile()
        .map_or(0.0, |profile| profile.allowed(objective, limit));
    bets(objective) && seconds_to_decide(allowed) <= seconds / 2.0
}

/// Fewest judged seconds, one batch each, in which a clean run decides an objective that allows the share `allowed`.
fn seconds_to_decide(allowed: f64) -> f64 {
    // Five equal parts of the capital, of which the boldest earns nearly all.
    (5.0 * DECIDES).ln() / (0.95 * allowed / (1.0 - allowed).max(f64::MIN_POSITIVE)).ln_1p()
}

fn cell(second: u32, counters: Counters) -> SecondCell {
    SecondCell {
        second,
        counters,
        p50: 0,
        p95: 0,
        p99: 0,
        max: 0,
    }
}

/// Batches of whole seconds, each as many as it takes to hold 20 samples on average.
fn batches(seconds: &[SecondCount]) -> Vec<(u64, u64)> {
    let by_second: Vec<(u64, u64)> = windows::by_second(seconds)
        .into_iter()
        .map(|(_, counts)| counts)
        .collect();
    let total: u64 = by_second.iter().map(|(_, all)| all).sum();
    let every = (BATCH_SAMPLES * by_second.len() as u64).div_ceil(total.max(1)).max(1);
    let every = usize::try_from(every).unwrap_or(usize::MAX);
    // What is not full yet waits.
    let batches = by_second.chunks_exact(every);
    batches
        .map(|part| {
            part.iter()
                .fold((0, 0), |sum, second| (sum.0 + second.0, sum.1 + second.1))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::record::{Outcome, SeriesKey};

    /// The seconds it takes, of `most`, where `slow` of 50 requests a second take 200 ms.
    fn seconds(slow: u64, most: u32) -> Option<(u64, Decision)> {
        let limits = [100_000, 300_000];
        let mut plan = fixture::plan();
        plan.phases[1].window.end = std::time::Duration::from_secs(600);
        let mut advisory = fixture::objective("error-rate", "0.1 %", "1 %");
        advisory.gate = false;
        let objectives = [fixture::response_time(), advisory];
        let mut following = Sequential::new(&objectives, &plan, &limits, Accept::Target);
        for second in 10..10 + most {
            let mut counters = Counters::new(limits.len());
            for index in 0..50 {
                let micros = if index < slow { 200_000 } else { 50_000 };
                counters.count(Outcome::Success, micros, 0, &limits);
            }
            let key = SeriesKey {
                phase: "steady".to_owned(),
                series: "projects.list".to_owned(),
            };
            following.add(SecondCounts {
                second,
                series: vec![(key, true, counters)],
            });
            let settled = following.settled();
            if following.complete(&settled) {
                return Some((following.judged_seconds(), settled[0].decision));
            }
        }
        None
    }

    #[test]
    fn what_is_clear_is_decided_soon_and_what_is_not_is_not() {
        let (clean, decision) = seconds(0, 200).unwrap();
        assert_eq!(decision, Decision::Met);
        assert!((clean as f64 - seconds_to_decide(0.05)).abs() < 12.0, "{clean}");
        assert_eq!(seconds(20, 200), Some((10, Decision::Missed)));
        // 4 % and 6 % of 5 % allowed: equal batches say it in time, but not soon.
        assert_eq!(seconds(2, 100), None);
        assert_eq!(seconds(3, 40), None);
    }
}
