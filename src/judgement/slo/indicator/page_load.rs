//! Indicators on the times of page loads in a real browser.

use super::super::windows::SecondSum;
use super::super::{Limit, Measurement, Note, Objective, Statistic, Unit};
use super::reading::{EffectiveSizes, Indicator, missing};
use super::{Label, Profile, Samples, TimeOrigin, Topic, latency, means};
use crate::evidence::browser::PageLoad;
use crate::evidence::{Evidence, ExpectedEvidence, LoadPlan, ProbeKind};
use crate::record::Window;
use crate::slo::Unmeasured;
use crate::slo::windows::SecondCount;

/// A time that the browser measures of each page load. A load that failed is over every limit.
pub(super) struct PageTime {
    profile: Profile,
    /// Reads the time of a load that did not fail, in milliseconds; `None` if the load has no such time.
    value: fn(&PageLoad) -> Option<f64>,
    /// True if every load has such a time. If false, successful loads without one are no samples.
    of_every_load: bool,
}

/// Profile of a time of page loads, from the fields in which these indicators differ.
const fn profile(
    name: &'static str,
    label: Label,
    describe: &'static str,
    timed_from: TimeOrigin,
    samples: Option<Samples>,
) -> Profile {
    Profile {
        name,
        label,
        describe,
        fault: None,
        unit: Unit::Milliseconds,
        floor: false,
        statistics: &[Statistic::Mean, Statistic::Max],
        by_share: true,
        needs_threshold: false,
        needs_event: false,
        usual_model: None,
        timed_from: Some(timed_from),
        samples,
        probe: Some(ProbeKind::Browser),
        topic: Topic::Pages,
    }
}

/// Page load time: from navigation start to the end of the load event.
pub(super) static PAGE_LOAD: PageTime = PageTime {
    profile: profile(
        "page-load",
        Label {
            english: "page load time",
            french: "temps de chargement des pages",
        },
        "Page load time in a real browser, from navigation start to the end of the load event.",
        TimeOrigin::Navigation,
        Some(Samples::PageLoads),
    ),
    value: |load| load.load_ms,
    of_every_load: true,
};

/// Time from navigation start until the page has loaded and shows its data.
pub(super) static PAGE_SHOWN: PageTime = PageTime {
    profile: profile(
        "page-shown",
        Label {
            english: "time until a page shows its data",
            french: "temps d’affichage des pages",
        },
        "Time in a real browser from navigation start until the page has loaded and shows its data.",
        TimeOrigin::Navigation,
        None,
    ),
    value: PageLoad::shown_ms,
    of_every_load: true,
};

/// Largest contentful paint, a core web vital (web.dev/articles/lcp).
pub(super) static LARGEST_PAINT: PageTime = PageTime {
    profile: profile(
        "largest-contentful-paint",
        Label {
            english: "largest contentful paint",
            french: "plus grand élément affiché (LCP)",
        },
        "Time in a real browser from navigation start until the largest text or image is painted.",
        TimeOrigin::Navigation,
        None,
    ),
    value: |load| load.lcp_ms,
    of_every_load: false,
};

/// Interaction to next paint, a core web vital (web.dev/articles/inp).
pub(super) static INTERACTION: PageTime = PageTime {
    profile: profile(
        "interaction-to-next-paint",
        Label {
            english: "interaction to next paint",
            french: "délai d’interaction (INP)",
        },
        "The longest of a page's scripted interactions in a real browser, from input to the next paint.",
        TimeOrigin::Event,
        None,
    ),
    value: |load| load.inp_ms,
    of_every_load: false,
};

/// Total blocking time, in which a page cannot answer (web.dev/articles/tbt).
pub(super) static BLOCKING: PageTime = PageTime {
    profile: profile(
        "blocking-time",
        Label {
            english: "total blocking time",
            french: "temps de blocage total (TBT)",
        },
        "Total blocking time of a page in a real browser: what tasks after the first paint take over 50 ms each.",
        TimeOrigin::Event,
        None,
    ),
    value: |load| load.blocking_ms,
    of_every_load: false,
};

pub(in crate::slo) fn judged(evidence: &Evidence) -> impl Iterator<Item = &PageLoad> {
    let window = evidence.plan.page_window();
    let browser = evidence.observations.browser.iter();
    browser.flat_map(move |browser| browser.judged(window))
}

/// Second of the run in which the load began.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds of a run, not negative inside the judged window"
)]
pub(super) fn second(load: &PageLoad) -> u32 {
    load.at as u32
}

impl PageTime {
    /// Loads that are samples, each with its time; `None` for a failed load.
    fn samples<'a>(&'a self, evidence: &'a Evidence) -> impl Iterator<Item = (&'a PageLoad, Option<f64>)> {
        let timed = judged(evidence).map(|load| (load, (self.value)(load).filter(|_| load.failure.is_none())));
        // A page without an interaction has no interaction time: that is no bad sample, unless the load failed.
        timed.filter(|(load, time)| self.of_every_load || time.is_some() || load.failure.is_some())
    }
}

fn over(time: Option<f64>, limit: Limit) -> bool {
    let micros = limit.micros().map_or(0.0, |micros| micros as f64);
    time.is_none_or(|millis| millis * 1e3 > micros)
}

impl Indicator for PageTime {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn window(&self, plan: &LoadPlan) -> Window {
        plan.page_window()
    }

    fn expected_samples(&self, _plan: &LoadPlan, expected: &ExpectedEvidence, _objective: &Objective) -> Option<u64> {
        // How many loads will have such a time is not known before the run.
        expected.page_loads.filter(|_| self.of_every_load)
    }

    fn measure(&self, evidence: &Evidence, objective: &Objective) -> Result<Measurement, Unmeasured> {
        let Some(browser) = &evidence.observations.browser else {
            return Err(missing(evidence, ProbeKind::Browser));
        };
        let samples: Vec<Option<f64>> = self.samples(evidence).map(|(_, time)| time).collect();
        let mut times: Vec<f64> = samples.iter().copied().flatten().collect();
        // Page loads are few, so their own times serve as order statistics; no histogram rounds them.
        times.sort_by(f64::total_cmp);
        let count = |limit: Limit| {
            limit.fixed()?;
            Some(samples.iter().filter(|time| over(**time, limit)).count() as u64)
        };
        let over = latency::OverLimits {
            target: count(objective.target),
            acceptable: count(objective.acceptable),
            total: samples.len() as u64,
        };
        if judged(evidence).next().is_none() {
            return Err(Unmeasured::NoPageLoad);
        }
        if times.is_empty() && !self.of_every_load {
            return Err(Unmeasured::NoPageTime(self.profile.name.to_owned()));
        }
        let failed = over.total - times.len() as u64;
        let slow = [over.target, over.acceptable];
        let mut measurement = match objective.statistic {
            Some(Statistic::Mean) => means::measurement(
                self,
                evidence,
                objective,
                over.total,
                slow.map(|over| over.unwrap_or(0)),
            )?,
            Some(Statistic::Max) => {
                // A failed load ranks above every time, so there is no longest one among failures.
                let longest = times.last().copied().filter(|_| failed == 0);
                means::maximum(objective, longest, over.total, slow)
            }
            None => {
                let effective = EffectiveSizes::new(self, evidence, objective);
                latency::measurement(objective, &over, &effective, over.total, |rank| {
                    let index = usize::try_from(rank).ok()?.checked_sub(1)?;
                    times.get(index).copied()
                })?
            }
        };
        if failed > 0 {
            measurement.notes.push(Note::FailedLoads {
                loads: failed,
                as_time_out: objective.statistic == Some(Statistic::Mean),
            });
        }
        let skipped = u64::from(browser.skipped);
        if skipped > 0 {
            measurement.notes.push(Note::SkippedLoads { loads: skipped });
        }
        Ok(measurement)
    }

    fn seconds(&self, evidence: &Evidence, _objective: &Objective, limit: Limit) -> Vec<SecondCount> {
        if limit.fixed().is_none() {
            return Vec::new();
        }
        let samples = self.samples(evidence);
        let counts = samples.map(|(load, time)| (second(load), u64::from(over(time, limit)), 1));
        counts.collect()
    }

    fn sums(&self, evidence: &Evidence, _objective: &Objective) -> Vec<SecondSum> {
        let times = self.samples(evidence).filter_map(|(_, time)| time);
        // As long as the slowest success at least: a failure must not shorten the mean.
        let failed = times.fold(evidence.plan.timeout.as_millis_f64(), f64::max);
        let samples = self.samples(evidence);
        samples
            .map(|(load, time)| (second(load), time.unwrap_or(failed), 1.0))
            .collect()
    }

    fn levels(&self, evidence: &Evidence, _objective: &Objective) -> Vec<(u32, f64, f64)> {
        let samples = self.samples(evidence);
        samples
            .filter_map(|(load, time)| Some((second(load), time?, 1.0)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;
    use crate::evidence::Decision;
    use crate::evidence::browser::{Cache, JudgedCache};
    use crate::words::en;

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
        let found = PAGE_LOAD.measure(&run.evidence(), &objective()).unwrap();
        assert_eq!((found.samples, found.target.bad), (11, 0));
        // ⌈0.75 · 11⌉ = 9, and with 11 loads the longest is the upper bound (0.75¹¹ = 0.042).
        assert_eq!((found.point, found.high), (Some(508.0), Some(510.0)));
        assert_eq!(found.target.decide(), Decision::Met);
    }

    #[test]
    fn loads_of_a_phase_of_their_own_are_judged_there() {
        let mut run = fixture::Run::new();
        for tenth in 0..11_u32 {
            run.page_load(0.5 + f64::from(tenth) / 10.0, Some(500.0));
        }
        for second in 2..8_u32 {
            run.page_load(f64::from(second), Some(3_000.0));
        }
        // In the judged phase, where none should be.
        run.page_load(20.0, Some(9_000.0));
        let mut evidence = run.evidence();
        evidence.plan.phases[0].pages = true;
        let found = PAGE_LOAD.measure(&evidence, &objective()).unwrap();
        assert_eq!((found.samples, found.target.bad), (17, 6));
        assert_eq!(PAGE_LOAD.worst_window(&evidence, &objective()), Some((0, 6.0 / 17.0)));
        // Eleven fast ones together and six slow ones after them: fewer than 17 independent ones.
        let worth = found.target.effective.unwrap();
        assert!(worth.samples < 17, "{worth:?}");
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
        let found = PAGE_LOAD.measure(&run.evidence(), &objective()).unwrap();
        assert_eq!((found.target.bad, found.acceptable.bad, found.point), (10, 10, None));
        // The 18 are worth 16: P(X ≥ 8) = 0.027 for Binomial(16, 0.25).
        assert_eq!(found.acceptable.decide(), Decision::Missed);
        assert_eq!(
            PAGE_LOAD.worst_window(&run.evidence(), &objective()),
            Some((30, 2.0 / 3.0))
        );
    }

    #[test]
    fn a_mean_counts_failed_loads_with_the_time_out_and_a_maximum_has_no_bound() {
        let mut run = fixture::Run::new();
        for index in 0..9_u32 {
            run.page_load(12.0 + 4.0 * f64::from(index), Some(500.0 + f64::from(index)));
        }
        let mut objective = fixture::objective("page-load", "1s", "5s");
        objective.statistic = Some(Statistic::Mean);
        let found = PAGE_LOAD.measure(&run.evidence(), &objective).unwrap();
        assert!((found.point.unwrap() - 504.0).abs() < 1e-9, "{found:?}");
        assert_eq!(found.target.decide(), Decision::Met);
        // The scenario's time-out is 1 s.
        run.page_load(50.0, None);
        let found = PAGE_LOAD.measure(&run.evidence(), &objective).unwrap();
        assert!((found.point.unwrap() - 553.6).abs() < 1e-9, "{found:?}");
        objective.statistic = Some(Statistic::Max);
        let found = PAGE_LOAD.measure(&run.evidence(), &objective).unwrap();
        assert_eq!((found.point, found.target.decide()), (None, Decision::Missed));
    }

    #[test]
    fn without_a_browser_there_is_no_number() {
        let mut run = fixture::Run::new();
        let absent = PAGE_LOAD.measure(&run.evidence(), &objective()).unwrap_err();
        assert_eq!(absent, Unmeasured::ProbeMissing(ProbeKind::Browser));
        run.probe_failure(ProbeKind::Browser, "failed to start chromedriver");
        let failed = PAGE_LOAD.measure(&run.evidence(), &objective()).unwrap_err();
        assert_eq!(
            en::unmeasured(&failed),
            "the browser probe did not deliver: failed to start chromedriver"
        );
    }

    #[test]
    fn loads_without_that_time_are_no_samples_of_it() {
        let mut run = fixture::Run::new();
        for index in 0..12_u32 {
            run.page_load(12.0 + f64::from(index), Some(500.0));
        }
        run.page_load(30.0, None);
        let mut objective = objective();
        objective.indicator = "interaction-to-next-paint".to_owned();
        let none = INTERACTION.measure(&run.evidence(), &objective).unwrap_err();
        assert_eq!(none, Unmeasured::NoPageTime("interaction-to-next-paint".to_owned()));
        for load in run.browser().loads.iter_mut().take(3) {
            load.inp_ms = Some(3_000.0);
        }
        let found = INTERACTION.measure(&run.evidence(), &objective).unwrap();
        // Three with a time, all over 2 s, and the one that failed.
        assert_eq!((found.samples, found.target.bad, found.acceptable.bad), (4, 4, 1));
    }

    #[test]
    fn only_loads_with_the_judged_cache_count() {
        let mut run = fixture::Run::new();
        for index in 0..10_u32 {
            run.page_load(
                12.0 + f64::from(index),
                Some(if index % 2 == 0 { 3_000.0 } else { 500.0 }),
            );
        }
        run.browser().conditions.judged = JudgedCache::Warm;
        for load in run.browser().loads.iter_mut().step_by(2) {
            load.cache = Cache::Cold;
        }
        let found = PAGE_LOAD.measure(&run.evidence(), &objective()).unwrap();
        assert_eq!((found.samples, found.target.bad), (5, 0));
    }
}
