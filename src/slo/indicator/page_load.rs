//! How long pages took to load in a real browser.

use super::super::wording::counted;
use super::super::{Evidence, ExpectedEvidence, Limit, LoadPlan, Measurement, Objective};
use super::{Indicator, LimitKind, SecondCount, Unmeasured, Worth, latency, missing};
use crate::probe::browser::PageLoad;

/// From navigation start to the end of the load event. A load that failed is over every limit.
pub(super) struct PageLoadTime;

fn judged(evidence: &Evidence) -> impl Iterator<Item = &PageLoad> {
    let window = evidence.plan.judged_window();
    let loads = evidence.observations.browser.iter().flat_map(|browser| &browser.loads);
    loads.filter(move |load| window.contains_secs(load.at))
}

/// The judged time, `None` for a load that failed.
fn load_time(load: &PageLoad) -> Option<f64> {
    load.load_ms.filter(|_| load.failure.is_none())
}

fn over(load: &PageLoad, limit: Limit) -> bool {
    let micros = limit.micros().map_or(0.0, |micros| micros as f64);
    load_time(load).is_none_or(|millis| millis * 1e3 > micros)
}

impl Indicator for PageLoadTime {
    fn name(&self) -> &'static str {
        "page-load"
    }

    fn describe(&self) -> &'static str {
        "Page load time in a real browser, from navigation start to the end of the load event."
    }

    fn limit_kind(&self) -> LimitKind {
        LimitKind::Time
    }

    fn probe(&self) -> Option<&'static str> {
        Some("browser")
    }

    fn expected_samples(&self, _plan: &LoadPlan, expected: &ExpectedEvidence, _objective: &Objective) -> Option<u64> {
        expected.page_loads
    }

    fn measure(&self, evidence: &Evidence, objective: &Objective) -> Result<Measurement, Unmeasured> {
        let Some(browser) = &evidence.observations.browser else {
            return Err(missing(evidence, "browser"));
        };
        let mut times: Vec<f64> = judged(evidence).filter_map(load_time).collect();
        times.sort_by(f64::total_cmp);
        let count = |limit| judged(evidence).filter(|load| over(load, limit)).count() as u64;
        let over = latency::Over {
            target: count(objective.target),
            acceptable: count(objective.acceptable),
            total: judged(evidence).count() as u64,
        };
        if over.total == 0 {
            return Err(Unmeasured("no page load began in the judged window".to_owned()));
        }
        let mut measurement = latency::measurement(
            objective,
            &over,
            &Worth::of(self, evidence, objective),
            over.total,
            |rank| {
                let index = usize::try_from(rank).ok()?.checked_sub(1)?;
                times.get(index).copied()
            },
        )?;
        let failed = over.total - times.len() as u64;
        for (count, what) in [
            (failed, "that failed counts as longer than any other"),
            (u64::from(browser.skipped), "left out: the one before still ran"),
        ] {
            if count > 0 {
                measurement
                    .notes
                    .push(format!("{} {what}", counted(count, "page load")));
            }
        }
        Ok(measurement)
    }

    fn seconds(&self, evidence: &Evidence, _objective: &Objective, limit: Limit) -> Vec<SecondCount> {
        let counts = judged(evidence).map(|load| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "seconds of a run, not negative inside the judged window"
            )]
            let second = load.at as u32;
            (second, u64::from(over(load, limit)), 1)
        });
        counts.collect()
    }

    fn levels(&self, evidence: &Evidence, _objective: &Objective) -> Vec<(u32, f64, f64)> {
        let loads = judged(evidence).filter_map(|load| Some((load.at, load_time(load)?)));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "seconds of a run, not negative inside the judged window"
        )]
        loads.map(|(at, millis)| (at as u32, millis, 1.0)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{Decision, fixture};
    use super::*;

    fn objective() -> Objective {
        let mut objective = fixture::objective("page-load", "2s", "5s");
        objective.quantile = "p75".parse().ok();
        objective
    }

    #[test]
    fn eleven_fast_loads_are_enough_for_p75() {
        let mut run = fixture::Run::new();
        for index in 0..11_u32 {
            run.page_load(12.0 + 4.0 * f64::from(index), Some(500.0 + f64::from(index)));
        }
        run.page_load(5.0, Some(9_000.0));
        run.page_load(70.0, Some(9_000.0));
        let found = PageLoadTime.measure(&run.evidence(), &objective()).unwrap();
        assert_eq!((found.samples, found.target.bad), (11, 0));
        // ⌈0.75 · 11⌉ = 9, and with 11 loads the longest is the upper bound (0.75¹¹ = 0.042).
        assert_eq!((found.point, found.high), (Some(508.0), Some(510.0)));
        assert_eq!(found.target.decide(), Decision::Met);
    }

    #[test]
    fn a_failed_load_is_over_every_limit() {
        let mut run = fixture::Run::new();
        for index in 0..8_u32 {
            run.page_load(11.0 + 6.0 * f64::from(index), Some(600.0));
        }
        for index in 0..10_u32 {
            run.page_load(14.0 + 5.0 * f64::from(index), None);
        }
        let found = PageLoadTime.measure(&run.evidence(), &objective()).unwrap();
        assert_eq!((found.target.bad, found.acceptable.bad, found.point), (10, 10, None));
        // The 18 are worth 16: P(X ≥ 8) = 0.027 for Binomial(16, 0.25).
        assert_eq!(found.acceptable.decide(), Decision::Missed);
        assert_eq!(
            PageLoadTime.worst_window(&run.evidence(), &objective()),
            Some((30, 2.0 / 3.0))
        );
    }

    #[test]
    fn without_a_browser_there_is_no_number() {
        let mut run = fixture::Run::new();
        let absent = PageLoadTime.measure(&run.evidence(), &objective()).unwrap_err();
        assert_eq!(absent.to_string(), "the browser probe was not part of this run");
        run.probe_failure("browser", "failed to start chromedriver");
        let failed = PageLoadTime.measure(&run.evidence(), &objective()).unwrap_err();
        assert_eq!(
            failed.to_string(),
            "the browser probe did not deliver: failed to start chromedriver"
        );
    }
}
