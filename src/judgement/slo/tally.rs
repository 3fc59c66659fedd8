//! Pooled decision of one objective over several runs of the same load, which together tell more than each alone.

use serde::{Deserialize, Serialize};

use super::{Count, Objective};
use crate::evidence::{Accept, Evidence};
use crate::stats::{BATCHES, EffectiveSampleSize};

/// Samples of one objective second by second, counted against the limit that gates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// Name of the objective.
    pub objective: String,
    /// Share of samples that may be over the limit.
    pub allowed: f64,
    /// (over the limit, all) of each second of the judged window; samples that ended after it belong to the last second.
    pub seconds: Vec<(u64, u64)>,
}

impl Tally {
    /// Tally of that run; `None` if the objective is not decided on a share, its samples have no times, or it
    /// has `in-every`.
    pub fn count(evidence: &Evidence, objective: &Objective, accept: Accept) -> Option<Self> {
        let indicator = objective.indicator().ok()?;
        let limit = objective.limit(accept);
        let counts = indicator.seconds(evidence, objective, limit);
        if counts.is_empty() || !indicator.profile().decides_by_share(objective) || objective.in_every.is_some() {
            return None;
        }
        let judged = indicator.window(&evidence.plan);
        let length = usize::try_from(judged.length().as_secs().max(1)).ok()?;
        let mut seconds = vec![(0, 0); length];
        for (second, bad, all) in counts {
            let into = u64::from(second).saturating_sub(judged.start.as_secs());
            let index = usize::try_from(into).map_or(length - 1, |into| into.min(length - 1));
            if let Some(sum) = seconds.get_mut(index) {
                sum.0 += bad;
                sum.1 += all;
            }
        }
        Some(Self {
            objective: objective.name.clone(),
            allowed: indicator.profile().allowed(objective, limit),
            seconds,
        })
    }

    /// Pools the tallies as one window of about 30 batches, none of which spans two runs.
    pub fn pooled(tallies: &[&Self]) -> Option<Count> {
        let length: usize = tallies.iter().map(|tally| tally.seconds.len()).sum();
        // The length of a batch is the same in all runs: batches of unequal length would weigh their variances
        // unequally.
        let every = length.div_ceil(BATCHES).max(1);
        let parts = tallies.iter().flat_map(|tally| tally.seconds.chunks(every));
        let batches: Vec<(u64, u64)> = parts
            .map(|part| {
                part.iter()
                    .fold((0, 0), |sum, second| (sum.0 + second.0, sum.1 + second.1))
            })
            .collect();
        let (bad, total) = batches
            .iter()
            .fold((0, 0), |sum, batch| (sum.0 + batch.0, sum.1 + batch.1));
        Some(Count {
            bad,
            total,
            allowed: tallies.first()?.allowed,
            effective: EffectiveSampleSize::estimate(&batches),
            ruling: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Limit, fixture};
    use super::*;
    use crate::evidence::Decision;
    use crate::record::Outcome;

    #[test]
    fn a_run_is_counted_by_seconds_against_the_limit_that_gates() {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 50_000, 90);
        run.requests("projects.list", Outcome::Success, 200_000, 10);
        let evidence = run.evidence();
        let sum = |accept| {
            let tally = Tally::count(&evidence, &fixture::response_time(), accept).unwrap();
            assert_eq!(
                tally.seconds.len() as u64,
                evidence.plan.judged_window().length().as_secs()
            );
            tally
                .seconds
                .iter()
                .fold((0, 0), |sum, second| (sum.0 + second.0, sum.1 + second.1))
        };
        assert_eq!(sum(Accept::Target), (10, 100));
        assert_eq!(sum(Accept::Acceptable), (0, 100));
        let mut windows = fixture::response_time();
        windows.in_every = "10s".parse().ok();
        assert_eq!(Tally::count(&evidence, &windows, Accept::Target), None);
        windows.in_every = None;
        windows.target = Limit::Time("120ms".parse().unwrap());
        assert_eq!(Tally::count(&evidence, &windows, Accept::Target), None, "not counted");
    }

    #[test]
    fn pages_of_a_phase_of_their_own_are_counted_by_its_seconds() {
        let mut run = fixture::Run::new();
        run.page_load(2.5, Some(500.0));
        run.page_load(7.5, Some(3_000.0));
        let mut evidence = run.evidence();
        evidence.plan.phases[0].pages = true;
        let mut objective = fixture::objective("page-load", "2s", "5s");
        objective.quantile = "p75".parse().ok();
        let seconds = Tally::count(&evidence, &objective, Accept::Target).unwrap().seconds;
        assert_eq!((seconds.len(), seconds[2], seconds[7]), (10, (0, 1), (1, 1)));
    }

    #[test]
    fn runs_that_cannot_decide_alone_may_together() {
        // A burst in every sixth second, 20 of 100 bad in it: 3.3 % overall, 5 % allowed.
        let run = |seconds: usize| Tally {
            objective: "API".to_owned(),
            allowed: 0.05,
            seconds: (0..seconds)
                .map(|second| (if second % 6 == 0 { 20 } else { 0 }, 100))
                .collect(),
        };
        let (short, long) = (run(30), run(60));
        let decide = |tallies: &[&Tally]| Tally::pooled(tallies).unwrap().decide();
        assert_eq!(decide(&[&short]), Decision::Undecided);
        assert_eq!(decide(&[&short, &long, &long]), Decision::Met);
        let pooled = Tally::pooled(&[&short, &long]).unwrap();
        assert_eq!((pooled.bad, pooled.total), (300, 9_000));
        assert!(Tally::pooled(&[]).is_none());
    }
}
