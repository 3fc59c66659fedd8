//! Validity rules on judged requests: their number, rate-limited ones, and samples outside the range of histograms.

use std::collections::BTreeMap;

use super::super::{Objective, Samples};
use super::{Facts, FailedLogIns, Fraction, ValidityCheck};
use crate::evidence::Evidence;
use crate::record::{Counters, Outcome};

fn counters(evidence: &Evidence) -> Counters {
    let mut sum = Counters::default();
    for record in evidence.recording.judged(|_| true) {
        sum.add(&record.counters);
    }
    sum
}

/// Rule: at least one request in the judged window.
pub(super) fn judged(evidence: &Evidence) -> ValidityCheck {
    let count = counters(evidence).total();
    ValidityCheck {
        valid: count > 0,
        facts: Facts::JudgedRequests {
            count,
            log_ins: failed_log_ins(evidence),
        },
    }
}

/// The log-ins of a run that was ended because all of them failed: no other request was sent. `None` for any other run.
pub(in crate::slo) fn failed_log_ins(evidence: &Evidence) -> Option<FailedLogIns> {
    evidence.ended.as_ref().filter(|ended| ended.no_log_in)?;
    let kinds = || {
        let series = evidence.recording.series.iter();
        let kinds = series.flat_map(|record| record.answers.kinds());
        kinds.filter(|kind| kind.outcome.is_error() || kind.outcome == Outcome::RateLimited)
    };
    // The most frequent answer is shown: a few time-outs among a thousand 401s are not the reason.
    let most = kinds().max_by_key(|kind| kind.count)?;
    Some(FailedLogIns {
        count: kinds().map(|kind| kind.count).sum(),
        status: most.status,
        outcome: most.outcome,
        example: most.first.clone(),
    })
}

/// Rule: at most 0.1 % of the judged requests are rate-limited; above that the limiter is measured and not the system behind
/// it. The rule holds in any case if a gating objective judges the limiter itself.
pub(super) fn rate_limited(evidence: &Evidence, objectives: &[Objective]) -> ValidityCheck {
    let mut gating = objectives.iter().filter(|objective| objective.gate);
    // Whoever judges refusals has asked for them: they are then the measurement and not a fault of it.
    let own = gating.find(|objective| objective.samples() == Some(Samples::Refusals));
    let counters = counters(evidence);
    let share = Fraction {
        count: counters.of(Outcome::RateLimited),
        total: counters.total(),
    };
    ValidityCheck {
        valid: own.is_some() || share.share() <= Fraction::TOLERATED,
        facts: Facts::RateLimitedRequests {
            share,
            judged_by: own.map(|own| own.name.clone()),
            browser: refused_pages(evidence),
        },
    }
}

/// Requests of the judged page loads that were answered as the limiter answers, by path; most first.
fn refused_pages(evidence: &Evidence) -> Vec<(String, u64)> {
    let window = evidence.plan.page_window();
    let loads = evidence.observations.browser.iter().flat_map(|browser| &browser.loads);
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for load in loads.filter(|load| window.contains_secs(load.at)) {
        for (path, count) in &load.refused {
            *counts.entry(path).or_default() += u64::from(*count);
        }
    }
    let mut counts: Vec<(String, u64)> = counts
        .into_iter()
        .map(|(path, count)| (path.to_owned(), count))
        .collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

/// Rule: no response time is outside the range of the histograms.
pub(super) fn out_of_range(evidence: &Evidence) -> ValidityCheck {
    let count = counters(evidence).out_of_range;
    ValidityCheck {
        valid: count == 0,
        facts: Facts::OutOfRangeSamples { count },
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;
    use crate::words::en;

    #[test]
    fn the_limiters_answers_are_tolerated_up_to_one_in_a_thousand() {
        let checked = |limited| {
            let mut run = fixture::Run::new();
            run.requests("projects.list", Outcome::Success, 50_000, 2_000 - limited);
            run.requests("projects.list", Outcome::RateLimited, 1_000, limited);
            rate_limited(&run.evidence(), &[])
        };
        assert!(checked(2).valid);
        let broken = checked(3);
        assert!(!broken.valid);
        assert_eq!(en::validity::check(&broken).measured, "0.15 % (3 of 2000)");
    }

    #[test]
    fn the_browsers_own_requests_are_told_beside_and_break_nothing() {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 50_000, 1_000);
        run.page_load(2.0, Some(500.0));
        run.page_load(12.0, Some(500.0));
        run.page_load(13.0, None);
        let mut evidence = run.evidence();
        assert_eq!(en::validity::browser_refused(&rate_limited(&evidence, &[]).facts), None);
        let loads = &mut evidence.observations.browser.as_mut().unwrap().loads;
        for (index, paths) in [
            (0, vec![("/warm-up", 9)]),
            (1, vec![("/api/a", 1), ("/api/b", 2)]),
            (2, vec![("/api/b", 3)]),
        ] {
            loads[index].refused = paths
                .into_iter()
                .map(|(path, count)| (path.to_owned(), count))
                .collect();
        }
        let check = rate_limited(&evidence, &[]);
        assert!(check.valid);
        let told = crate::words::unmarked(&en::validity::browser_refused(&check.facts).unwrap());
        assert!(
            told.starts_with("the limiter refused 6 of the browser's own requests: /api/b (5), /api/a (1);"),
            "{told}"
        );
    }

    #[test]
    fn a_limiter_that_is_to_be_measured_breaks_nothing() {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::RateLimited, 1_000, 500);
        let mut limited = fixture::objective("rate-limited", "60 %", "80 %");
        limited.gate = false;
        assert!(!rate_limited(&run.evidence(), &[limited.clone()]).valid);
        limited.gate = true;
        let check = rate_limited(&run.evidence(), &[limited.clone()]);
        assert!(check.valid);
        assert_eq!(
            en::validity::check(&check).threshold,
            format!("judged by `{}`", limited.name)
        );
    }

    #[test]
    fn warm_up_is_not_judged() {
        let mut run = fixture::Run::new();
        run.warm_up("projects.list", Outcome::Success, 50_000, 100);
        run.warm_up("projects.list", Outcome::RateLimited, 1_000, 100);
        assert!(!judged(&run.evidence()).valid);
        assert!(rate_limited(&run.evidence(), &[]).valid);
    }

    #[test]
    fn a_sample_no_histogram_holds_breaks_the_run() {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 50_000, 100);
        let mut evidence = run.evidence();
        assert!(out_of_range(&evidence).valid);
        evidence.recording.series[0].counters.out_of_range = 1;
        assert!(!out_of_range(&evidence).valid);
    }
}
