//! Test of whether the measured quantity drifted over the judged window.

use super::{Drift, Indicator, Limit, Objective, Statistic, Unit, windows};
use crate::evidence::{Decision, Evidence};
use crate::stats::trend;

/// Significance level of the trend test.
// Stricter than the 5 % of verdicts: a false drift takes a verdict away, and every objective of every run is tested.
const CERTAIN: f64 = 0.01;
/// Least change of a time or rate that is a drift, as a part of its own level …
const OF_LEVEL: f64 = 0.25;
/// … and as a part of the target; the greater of both applies.
const OF_TARGET: f64 = 0.1;

impl Drift {
    /// The drift of the quantity that the objective measures, if there is one.
    pub(super) fn detect(indicator: &dyn Indicator, evidence: &Evidence, objective: &Objective) -> Option<Self> {
        let judged = indicator.window(&evidence.plan);
        let target = objective.target.fixed()?;
        // A maximum is one sample: its level over time says nothing of all the others.
        if objective.statistic == Some(Statistic::Max) {
            return None;
        }
        let by_share = indicator.profile().decides_by_share(objective);
        // A time is tested at its level: shares over a limit are 0 for long, and a level that doubles below the limit
        // would go unseen.
        let (unit, stretches) = if !by_share {
            let sums = windows::sums(judged, &indicator.sums(evidence, objective));
            (indicator.profile().unit, windows::means(&sums))
        } else if let Limit::Time(_) = target {
            let levels = indicator.levels(evidence, objective);
            (Unit::Milliseconds, windows::levels(judged, &levels))
        } else {
            let seconds = indicator.seconds(evidence, objective, objective.target);
            // Shares are weighted by their samples: a part with three requests must not turn the trend.
            let batches = windows::batches(judged, &seconds).into_iter();
            let shares = batches.map(|(bad, all)| (bad as f64 / all.max(1) as f64, all as f64));
            (Unit::Share, shares.collect())
        };
        let trend = trend(&stretches).filter(|trend| trend.p < CERTAIN)?;
        let level = trend.values.iter().sum::<f64>() / trend.values.len() as f64;
        let enough = match target {
            Limit::Time(span) => (OF_LEVEL * level).max(OF_TARGET * span.as_micros() as f64 / 1e3),
            Limit::Rate(rate) => (OF_LEVEL * level).max(OF_TARGET * rate.get()),
            // The whole distance from 1 that a score may have, as for the allowed share of a share.
            Limit::Share(score) if !by_share => 1.0 - score.get(),
            _ => indicator.profile().allowed(objective, objective.target),
        };
        // A long run finds any trend significant. It matters only if it is large.
        (trend.change.abs() >= enough).then_some(Self { unit, trend })
    }

    /// The decision that stands despite the drift: a limit is not shown met if the quantity got worse over the window, nor
    /// missed if it got better. `falls` is true if lower values are worse.
    pub(super) fn leaves(&self, decision: Decision, falls: bool) -> Decision {
        let worse = if falls { -self.trend.change } else { self.trend.change };
        match decision {
            Decision::Met if worse > 0.0 => Decision::Undecided,
            Decision::Missed if worse < 0.0 => Decision::Undecided,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{VerdictWord, fixture, judge};
    use super::{Drift, Evidence};
    use crate::evidence::Accept;
    use crate::record::Outcome;
    use crate::words::en;

    /// 50 requests a second whose time changes by `step` microseconds a second.
    fn ramp(start: u64, step: i64) -> fixture::Run {
        let mut run = fixture::Run::new();
        for second in 10..70 {
            let micros = start.saturating_add_signed(step * i64::from(second - 10));
            run.requests_at(second, "projects.list", Outcome::Success, micros, 50);
            run.cell_level(second, "projects.list", micros);
        }
        run
    }

    #[test]
    fn a_latency_that_rises_all_the_time_is_not_met() {
        let judgement = judge(
            &ramp(30_000, 1_000).evidence(),
            &[fixture::response_time()],
            Accept::Target,
        );
        let verdict = &judgement.verdicts[0];
        assert_eq!(verdict.word, VerdictWord::Inconclusive, "{:?}", verdict.reason);
        assert!(
            en::reason(verdict).contains("not steady: its level rises by"),
            "{:?}",
            verdict.reason
        );
        assert!(verdict.drift.is_some());
    }

    #[test]
    fn one_that_falls_is_met_and_one_that_hardly_moves_is_steady() {
        for (start, step) in [(90_000, -1_000), (50_000, 100)] {
            let judgement = judge(
                &ramp(start, step).evidence(),
                &[fixture::response_time()],
                Accept::Target,
            );
            assert_eq!(
                judgement.verdicts[0].word,
                VerdictWord::Pass,
                "{:?}",
                judgement.verdicts[0].reason
            );
        }
    }

    #[test]
    fn a_miss_that_is_getting_better_is_not_certain() {
        let judgement = judge(
            &ramp(400_000, -5_000).evidence(),
            &[fixture::response_time()],
            Accept::Target,
        );
        assert_eq!(
            judgement.verdicts[0].word,
            VerdictWord::Inconclusive,
            "{:?}",
            judgement.verdicts[0].reason
        );
    }

    #[test]
    fn pages_of_a_phase_of_their_own_drift_in_it() {
        let mut run = fixture::Run::new();
        for tenth in 0..80_u32 {
            let at = f64::from(tenth) / 10.0;
            run.page_load(1.0 + at, Some(500.0 + 150.0 * at));
        }
        let mut objective = fixture::objective("page-load", "2s", "5s");
        objective.quantile = "p75".parse().ok();
        let mut evidence = run.evidence();
        let drift = |evidence: &Evidence| Drift::detect(objective.indicator().unwrap(), evidence, &objective);
        assert!(drift(&evidence).is_none(), "they are before what is judged");
        evidence.plan.phases[0].pages = true;
        let change = drift(&evidence).unwrap().trend.change;
        assert!((800.0..1_300.0).contains(&change), "{change}");
    }
}
