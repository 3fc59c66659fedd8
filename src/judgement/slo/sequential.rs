//! Sequential decision of objectives during the run, so that a clear answer ends it early.

use super::Objective;
use super::windows::{self, SecondCount};
use crate::evidence::{Accept, Decision, Evidence, LoadPlan, Observations, SettledObjective};
use crate::record::{Counters, Recording, SecondCell, SecondCounts, SeriesRecord};
use crate::stats::{ALPHA, BATCHES, EffectiveSampleSize, Proportion, ShareDecision, e_values};

/// E-value at which an objective is decided. By Ville's inequality at most one run in 50 is decided wrongly, however often
/// the e-value is looked at.
// Between the 20 and the 100 that were simulated (docs/measurements/gate-errors.md).
const DECIDES: f64 = 50.0;
/// Fewest judged seconds before a decision.
// A burst at the start would fill a shorter look, and look like the whole run.
const LEAST_SECONDS: u64 = 10;
/// Fewest samples in a batch on average; batches last at least a second.
// Shares of fewer samples take few values, and bets on them earn little.
const BATCH_SAMPLES: u64 = 20;

/// Ratio of the share of bad samples to the allowed one from which an objective is far beyond its limit. Its inverse is far
/// within.
const FAR: f64 = 2.0;
/// Least ratio of the samples in the later half of the judged time to those in the earlier half: requests that are not answered
/// yet are no bad samples, so that a system that stops answering looks good for a while.
const KEEPS_ANSWERING: f64 = 0.7;

/// Gating objectives over requests that are decided on a share, followed second by second.
#[derive(Debug)]
pub struct Sequential {
    objectives: Vec<Objective>,
    accept: Accept,
    evidence: Evidence,
    second: u32,
    /// Names of the objectives that a clean run decides in at most half its time.
    quick: Vec<String>,
}

impl Sequential {
    /// Follows the gating objectives over requests of that plan. `limits` are those that the counters count against, in
    /// microseconds.
    pub fn new(objectives: &[Objective], plan: &LoadPlan, limits: &[u64], accept: Accept) -> Self {
        let length = plan.judged_window().length().as_secs_f64();
        let followed = objectives.iter();
        let followed =
            // An acknowledged miss must not end the run: the other objectives still want their evidence.
            followed.filter(|objective| objective.gate && objective.acknowledged().is_none() && bets(objective));
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
                corrections: Vec::new(),
                left_out: Vec::new(),
            },
            second: 0,
        }
    }

    /// Adds the counts of one second of the run.
    pub fn add(&mut self, counts: SecondCounts) {
        let limits = self.evidence.recording.limits.len();
        // Set-up and warm-up seconds count as well: the clock of the judged window runs whether or not requests were
        // judged.
        self.second = self.second.max(counts.second);
        let recording = &mut self.evidence.recording;
        for (records, counted) in [
            (&mut recording.series, counts.series),
            (&mut recording.transactions, counts.transactions),
        ] {
            for (key, judged, counters) in counted.into_iter().filter(|(_, judged, _)| *judged) {
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
    }

    /// Objectives decided so far.
    pub fn settled(&self) -> Vec<SettledObjective> {
        if self.judged_seconds() < LEAST_SECONDS {
            return Vec::new();
        }
        let settled = self.objectives.iter().filter_map(|objective| self.decide(objective));
        settled.collect()
    }

    /// True if every objective that can be decided before the end of the run ([`follows`]) is in `settled`.
    pub fn complete(&self, settled: &[SettledObjective]) -> bool {
        let mut quick = self.quick.iter();
        quick.all(|name| settled.iter().any(|settled| settled.objective == *name))
    }

    /// `Missed` once some objective is far beyond its limit, `Met` once all are far within theirs; `None` if neither is clear
    /// yet. "Far" is a bound of the share of bad samples, at 95 %, that is twice the allowed share or half of it; without any bad
    /// sample, the allowed share itself.
    ///
    /// Unlike [`Self::settled`], this is looked at again and again without a correction: it suits a decision that is repeated
    /// later, such as the growth of a search, not a verdict.
    pub fn clear(&self) -> Option<Decision> {
        if self.judged_seconds() < LEAST_SECONDS {
            return None;
        }
        let far: Vec<Decision> = self.objectives.iter().map(|objective| self.far(objective)).collect();
        if far.contains(&Decision::Missed) {
            return Some(Decision::Missed);
        }
        let all_within = !far.is_empty() && far.iter().all(|decision| *decision == Decision::Met);
        (all_within && self.keeps_answering()).then_some(Decision::Met)
    }

    fn far(&self, objective: &Objective) -> Decision {
        let Ok(indicator) = objective.indicator() else {
            return Decision::Undecided;
        };
        let limit = objective.limit(self.accept);
        let allowed = indicator.profile().allowed(objective, limit);
        let counts = windows::by_second(&indicator.seconds(&self.evidence, objective, limit));
        let sum = |parts: &[(u32, (u64, u64))]| {
            let counts = parts.iter().map(|(_, counts)| counts);
            counts.fold((0, 0), |sum, (bad, all)| (sum.0 + bad, sum.1 + all))
        };
        let batches: Vec<(u64, u64)> = counts.chunks(counts.len().div_ceil(BATCHES).max(1)).map(sum).collect();
        let (bad, total) = sum(&counts);
        let Some(effective) = EffectiveSampleSize::estimate(&batches) else {
            return Decision::Undecided;
        };
        let seen = Proportion::new(bad, total);
        // A count of none is reached once only: looks before it take nothing from it.
        let within = if bad == 0 { allowed } else { allowed / FAR };
        // Half of what is not allowed counts as far where twice the allowed share would be everything.
        let beyond = (allowed * FAR).min(f64::midpoint(allowed, 1.0));
        if effective.decide(seen, beyond, ALPHA) == ShareDecision::Above {
            Decision::Missed
        } else if objective.in_every.is_none()
            && effective.decide(seen, within, ALPHA) == ShareDecision::Below
            && (limit.micros().is_none() || stays_within(batches, allowed))
        {
            // A window of an objective that must be met in every one may still be missed.
            Decision::Met
        } else {
            Decision::Undecided
        }
    }

    /// True if as many requests were answered in the later half of the judged time as in the earlier, but for noise.
    fn keeps_answering(&self) -> bool {
        let start = self.evidence.plan.judged_window().start.as_secs();
        let middle = start + self.judged_seconds() / 2;
        // An odd second in the middle belongs to neither half.
        let later = start + self.judged_seconds().div_ceil(2);
        let cells = self.evidence.recording.series.iter().flat_map(|record| &record.seconds);
        let (mut before, mut after) = (0, 0);
        for cell in cells {
            let second = u64::from(cell.second);
            if second < middle {
                before += cell.counters.total();
            } else if second >= later {
                after += cell.counters.total();
            }
        }
        after as f64 >= KEEPS_ANSWERING * before as f64
    }

    /// True if the decisions are made from requests as they are answered, so that [`Self::clear`] speaks for the objective.
    pub fn covers(objective: &Objective) -> bool {
        bets(objective)
    }

    /// Whole seconds of the judged window that have passed.
    pub fn judged_seconds(&self) -> u64 {
        let start = self.evidence.plan.judged_window().start.as_secs();
        (u64::from(self.second) + 1).saturating_sub(start)
    }

    fn decide(&self, objective: &Objective) -> Option<SettledObjective> {
        let indicator = objective.indicator().ok()?;
        let limit = objective.limit(self.accept);
        let batches = batches(&indicator.seconds(&self.evidence, objective, limit));
        // All batches are bet on anew each second. The capital after batch j depends on batches before j only, so the
        // result is that of a running product, and nothing has to be kept in step with pairs that are joined later.
        let found = e_values(&batches, indicator.profile().allowed(objective, limit));
        // Logarithms, because the product of thousands of bets overflows a float.
        let (decision, logarithm) = if found.met >= found.missed {
            (Decision::Met, found.met)
        } else {
            (Decision::Missed, found.missed)
        };
        (logarithm >= DECIDES.ln()).then(|| SettledObjective {
            objective: objective.name.clone(),
            decision,
            // Bounded because saved numbers must be finite.
            e_value: logarithm.min(300.0).exp(),
        })
    }
}

/// True if one more bad sample in the last batch would leave the share below the allowed one. The slowest request is the last to be
/// answered: it is still on its way when a step ends early, and counts when the step is judged.
fn stays_within(mut batches: Vec<(u64, u64)>, allowed: f64) -> bool {
    if let Some((bad, all)) = batches.last_mut() {
        *bad = (*bad + 1).min(*all);
    }
    let (bad, total) = batches
        .iter()
        .fold((0, 0), |sum, batch| (sum.0 + batch.0, sum.1 + batch.1));
    let effective = EffectiveSampleSize::estimate(&batches);
    effective
        .is_some_and(|effective| effective.decide(Proportion::new(bad, total), allowed, ALPHA) == ShareDecision::Below)
}

/// True if the objective reads requests and is decided on a share of samples, as the e-values require.
fn bets(objective: &Objective) -> bool {
    let over_requests = objective.profile().is_some_and(super::Profile::over_requests);
    over_requests && objective.by_share() && objective.during.is_none()
}

/// True if the objective can be decided during a run of that many judged seconds: it reads requests (probes deliver their
/// observations only at the end), and a clean run decides it in at most half that time.
pub fn follows(objective: &Objective, accept: Accept, seconds: f64) -> bool {
    let limit = objective.limit(accept);
    let allowed = objective
        .profile()
        .map_or(0.0, |profile| profile.allowed(objective, limit));
    // Half of the time: an objective that a perfect run barely decides would keep every real run to its end.
    bets(objective) && seconds_to_decide(allowed) <= seconds / 2.0
}

/// Fewest judged seconds, one batch each, in which a clean run decides an objective that allows the share `allowed`.
fn seconds_to_decide(allowed: f64) -> f64 {
    // The capital is split equally over five bets. In a clean run the boldest, 0.95 of the greatest, earns nearly all.
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

/// Batches of whole seconds, each of as many seconds as hold 20 samples on average.
fn batches(seconds: &[SecondCount]) -> Vec<(u64, u64)> {
    let by_second: Vec<(u64, u64)> = windows::by_second(seconds)
        .into_iter()
        .map(|(_, counts)| counts)
        .collect();
    let total: u64 = by_second.iter().map(|(_, all)| all).sum();
    let every = (BATCH_SAMPLES * by_second.len() as u64).div_ceil(total.max(1)).max(1);
    let every = usize::try_from(every).unwrap_or(usize::MAX);
    // Seconds that do not fill a batch yet are left for a later call.
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

    const LIMITS: [u64; 2] = [100_000, 300_000];

    /// A run that judges p95 < 100 ms.
    fn following() -> Sequential {
        let mut plan = fixture::plan();
        plan.phases[1].window.end = std::time::Duration::from_secs(600);
        let mut advisory = fixture::objective("error-rate", "0.1 %", "1 %");
        advisory.gate = false;
        let objectives = [fixture::response_time(), advisory];
        Sequential::new(&objectives, &plan, &LIMITS, Accept::Target)
    }

    /// A second in which `slow` of `all` requests take 200 ms.
    fn second_of(second: u32, slow: u64, all: u64) -> SecondCounts {
        let mut counters = Counters::new(LIMITS.len());
        for index in 0..all {
            let micros = if index < slow { 200_000 } else { 50_000 };
            counters.count(Outcome::Success, micros, 0, &LIMITS);
        }
        let key = SeriesKey {
            phase: "steady".to_owned(),
            series: "projects.list".to_owned(),
        };
        SecondCounts {
            transactions: Vec::new(),
            second,
            series: vec![(key, true, counters)],
        }
    }

    /// Judged seconds to the decision, at most `most`, if `slow` of 50 requests a second take 200 ms.
    fn seconds(slow: u64, most: u32) -> Option<(u64, Decision)> {
        let mut following = following();
        for second in 10..10 + most {
            following.add(second_of(second, slow, 50));
            let settled = following.settled();
            if following.complete(&settled) {
                return Some((following.judged_seconds(), settled[0].decision));
            }
        }
        None
    }

    /// Judged seconds until it is clear, at most 60, with (slow, all) requests in each second.
    fn clear(of: impl Fn(u32) -> (u64, u64)) -> Option<(u64, Decision)> {
        let mut following = following();
        (0..60).find_map(|second| {
            let (slow, all) = of(second);
            following.add(second_of(10 + second, slow, all));
            Some((following.judged_seconds(), following.clear()?))
        })
    }

    #[test]
    fn what_is_far_from_its_limit_is_clear_after_ten_seconds() {
        // 5 % may be slow: none, 20 %, and what lies between half of it and twice as much.
        // 500 samples of which one more may be slow are a few too few.
        assert_eq!(clear(|_| (0, 50)), Some((11, Decision::Met)));
        assert_eq!(clear(|_| (0, 60)), Some((10, Decision::Met)));
        assert_eq!(clear(|_| (10, 50)), Some((10, Decision::Missed)));
        assert_eq!(clear(|_| (2, 50)), None);
        assert_eq!(clear(|_| (4, 50)), None);
        // 59 samples show that fewer than 5 % are slow if none is; and yet the one that is still on its way may be slow.
        assert_eq!(clear(|_| (0, 5)), None);
        let (seconds, decision) = clear(|_| (0, 24)).unwrap();
        assert!(decision == Decision::Met && seconds > 10, "{seconds} s");
        // 1 in 2,000 is within half of what is allowed.
        assert_eq!(clear(|second| (u64::from(second == 3), 200)), Some((10, Decision::Met)));
    }

    #[test]
    fn a_system_that_stops_answering_is_not_within_its_limit() {
        assert_eq!(clear(|second| (0, if second < 5 { 200 } else { 0 })), None);
        // It goes on, and what waited was slow.
        let stalls = |second| match second {
            5..14 => (0, 0),
            14 => (450, 450),
            _ => (0, 50),
        };
        assert_eq!(clear(stalls).map(|(_, decision)| decision), Some(Decision::Missed));
    }

    #[test]
    fn what_is_clear_is_decided_soon_and_what_is_not_is_not() {
        let (clean, decision) = seconds(0, 200).unwrap();
        assert_eq!(decision, Decision::Met);
        assert!((clean as f64 - seconds_to_decide(0.05)).abs() < 12.0, "{clean}");
        assert_eq!(seconds(20, 200), Some((10, Decision::Missed)));
        // 4 % and 6 % at 5 % allowed: the decision takes longer than this.
        assert_eq!(seconds(2, 100), None);
        assert_eq!(seconds(3, 40), None);
    }
}
