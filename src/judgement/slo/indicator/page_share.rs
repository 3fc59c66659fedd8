//! Indicators on the share of page loads that shifted in layout or had errors.

use super::super::{Limit, Measurement, Objective, Unit};
use super::page_load::{judged, second};
use super::reading::{EffectiveSizes, Indicator, missing};
use super::{Label, Profile, Topic, shares};
use crate::evidence::browser::PageLoad;
use crate::evidence::{Evidence, ExpectedEvidence, LoadPlan, ProbeKind};
use crate::record::Window;
use crate::slo::Unmeasured;
use crate::slo::windows::SecondCount;

/// Greatest cumulative layout shift of a good page (web.dev/articles/cls).
const GOOD_SHIFT: f64 = 0.1;

/// The share of page loads that are bad.
pub(super) struct PageShare {
    profile: Profile,
    /// True if the load is bad; `None` if the browser does not report it.
    bad: fn(&PageLoad) -> Option<bool>,
}

/// Cumulative layout shift, a core web vital, as the share of loads that are not good: at most 25 % is equivalent to p75 of
/// at most 0.1.
pub(super) static LAYOUT_SHIFT: PageShare = PageShare {
    profile: Profile {
        name: "layout-shift",
        label: Label {
            english: "layout shift",
            french: "décalage de mise en page",
        },
        describe: "Share of page loads in a real browser that failed or whose layout shifted by more than 0.1 in a burst.",
        fault: Some(Label {
            english: "shifted by more than 0.1",
            french: "décalés de plus de 0,1",
        }),
        unit: Unit::Share,
        floor: false,
        statistics: &[],
        by_share: true,
        needs_threshold: false,
        needs_event: false,
        usual_model: None,
        timed_from: None,
        samples: None,
        probe: Some(ProbeKind::Browser),
        topic: Topic::Pages,
    },
    bad: |load| match load.failure {
        Some(_) => Some(true),
        None => load.layout_shift.map(|shift| shift > GOOD_SHIFT),
    },
};

/// Failed loads, failed requests and console errors, which load times do not show.
pub(super) static PAGE_ERRORS: PageShare = PageShare {
    profile: Profile {
        name: "page-errors",
        label: Label {
            english: "page errors",
            french: "erreurs de page",
        },
        describe: "Share of page loads in a real browser that failed, had a request that failed, or wrote an error to the console.",
        fault: Some(Label {
            english: "with errors",
            french: "avec erreurs",
        }),
        unit: Unit::Share,
        floor: false,
        statistics: &[],
        by_share: true,
        needs_threshold: false,
        needs_event: false,
        usual_model: None,
        timed_from: None,
        samples: None,
        probe: Some(ProbeKind::Browser),
        topic: Topic::Pages,
    },
    bad: |load| {
        let errors = [load.failed_requests, load.console_errors];
        match load.failure {
            Some(_) => Some(true),
            // A browser that reports neither leaves the load out, since unknown is not free of errors.
            None if errors.iter().all(Option::is_none) => None,
            None => Some(errors.iter().flatten().any(|count| *count > 0)),
        }
    },
};

impl Indicator for PageShare {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn window(&self, plan: &LoadPlan) -> Window {
        plan.page_window()
    }

    fn expected_samples(&self, _plan: &LoadPlan, expected: &ExpectedEvidence, _objective: &Objective) -> Option<u64> {
        expected.page_loads
    }

    fn measure(&self, evidence: &Evidence, objective: &Objective) -> Result<Measurement, Unmeasured> {
        if evidence.observations.browser.is_none() {
            return Err(missing(evidence, ProbeKind::Browser));
        }
        let told: Vec<bool> = judged(evidence).filter_map(self.bad).collect();
        if told.is_empty() {
            return Err(Unmeasured::NoPageShare);
        }
        let bad = told.iter().filter(|bad| **bad).count();
        let effective = EffectiveSizes::new(self, evidence, objective);
        Ok(shares::measurement(
            self,
            objective,
            &effective,
            bad as u64,
            told.len() as u64,
        ))
    }

    fn seconds(&self, evidence: &Evidence, _objective: &Objective, _limit: Limit) -> Vec<SecondCount> {
        let told = judged(evidence).filter_map(|load| Some((second(load), u64::from((self.bad)(load)?), 1)));
        told.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;

    #[test]
    fn shares_are_of_the_loads_that_tell() {
        let mut run = fixture::Run::new();
        for index in 0..20_u32 {
            run.page_load(12.0 + f64::from(index), Some(500.0));
        }
        run.page_load(40.0, None);
        let loads = &mut run.browser().loads;
        for load in loads.iter_mut().take(15) {
            (load.layout_shift, load.failed_requests, load.console_errors) = (Some(0.1), Some(0), Some(0));
        }
        loads[0].layout_shift = Some(0.11);
        loads[1].console_errors = Some(2);
        loads[2].failed_requests = Some(1);
        let measure = |indicator: &PageShare| {
            let objective = fixture::objective(indicator.profile.name, "25 %", "50 %");
            indicator.measure(&run.evidence(), &objective).unwrap()
        };
        // 15 loads report it, and one more failed.
        let shift = measure(&LAYOUT_SHIFT);
        assert_eq!((shift.target.bad, shift.samples), (2, 16));
        let errors = measure(&PAGE_ERRORS);
        assert_eq!((errors.target.bad, errors.samples), (3, 16));
    }

    #[test]
    fn what_no_load_tells_is_not_measured() {
        let mut run = fixture::Run::new();
        run.page_load(12.0, Some(500.0));
        let objective = fixture::objective("layout-shift", "25 %", "50 %");
        assert!(LAYOUT_SHIFT.measure(&run.evidence(), &objective).is_err());
    }
}
