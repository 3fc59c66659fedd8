//! Expected evidence, known before the run: the samples that the plan yields for each objective, and if they can decide it.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::{ExpectedEvidence, LoadPlan};
use crate::probe::ProbeSettings;
use crate::slo::{Objective, ObjectiveError};

/// Expected evidence for one objective.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceExpectation {
    /// Name of the objective.
    pub objective: String,
    /// Samples that the plan will yield; `None` if this cannot be known before.
    pub samples: Option<u64>,
    /// Fewest samples that a pass needs, with none of them over the limit.
    pub needed: u64,
    /// True if the objective gates.
    pub gate: bool,
    /// True if the plan can decide it, also if the number of samples cannot be known before.
    pub decidable: bool,
}

/// Expectation for each objective. One that names no indicator, which the cross-checks refuse, is left out.
pub(super) fn expect(objectives: &[Objective], plan: &LoadPlan, probes: &ProbeSettings) -> Vec<EvidenceExpectation> {
    let expected = observed(plan, probes);
    objectives
        .iter()
        .filter_map(|objective| EvidenceExpectation::new(objective, plan, &expected).ok())
        .collect()
}

/// Evidence that the probes will yield while they are judged; the number of statements cannot be known before.
fn observed(plan: &LoadPlan, probes: &ProbeSettings) -> ExpectedEvidence {
    let seconds = plan.judged_window().length().as_secs();
    let pages = plan.page_window().length().as_nanos();
    let loads = |every: Duration| u64::try_from(pages / every.as_nanos().max(1)).ok();
    ExpectedEvidence {
        page_loads: probes
            .browser
            .as_ref()
            .and_then(|browser| Some(browser.judged_of(loads(browser.every.get())?))),
        // The number of statements of a request is the application's matter and known only from a run.
        statements: None,
        slices: probes.front_door.as_ref().map(|_| seconds),
    }
}

impl EvidenceExpectation {
    /// Computes the expectation for that objective's target.
    pub fn new(objective: &Objective, plan: &LoadPlan, expected: &ExpectedEvidence) -> Result<Self, ObjectiveError> {
        let indicator = objective.indicator()?;
        let of_event = objective.during.is_some();
        // The length of an event's window is not known before, and each of its samples counts.
        let samples = indicator.expected_samples(plan, expected, objective);
        let samples = samples.filter(|_| !of_event || indicator.profile().needs_event);
        let needed = indicator.needed_samples(objective, objective.target);
        let needed = if of_event { needed.map(|_| 1) } else { needed };
        Ok(Self {
            objective: objective.name.clone(),
            samples,
            // A target that no number of samples can show, such as not one failure ever: no plan decides it.
            needed: needed.unwrap_or(u64::MAX),
            gate: objective.gate,
            // An unknown number gets the benefit of the doubt: the verdict says afterwards if it was too small.
            decidable: needed.is_some_and(|needed| samples.is_none_or(|samples| samples >= needed)),
        })
    }

    /// True if the plan must be refused: it gates on an objective that it cannot decide.
    pub fn refuses(&self) -> bool {
        self.gate && !self.decidable
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{LoadModel, PhasePlan, SeriesPlan};
    use crate::probe::browser::BrowserSettings;
    use crate::record::Window;
    use crate::slo::Limit;

    fn limit(text: &str) -> Limit {
        Limit::try_from(text.to_owned()).unwrap()
    }

    fn objective(indicator: &str, quantile: Option<&str>, target: &str) -> Objective {
        Objective {
            name: indicator.to_owned(),
            indicator: indicator.to_owned(),
            of: None,
            model: None,
            quantile: quantile.map(|text| text.parse().unwrap()),
            statistic: None,
            threshold: None,
            during: None,
            in_every: None,
            target: limit(target),
            acceptable: limit(target),
            gate: true,
            acknowledge: None,
        }
    }

    fn plan(requests: f64) -> LoadPlan {
        LoadPlan {
            replay: None,
            transactions: Vec::new(),
            timeout: crate::units::Span::from_millis(10_000),
            phases: vec![PhasePlan {
                name: "steady".to_owned(),
                judged: true,
                pages: false,
                window: Window {
                    start: Duration::from_secs(10),
                    end: Duration::from_secs(70),
                },
                model: LoadModel::Open,
                users: None,
                arrivals: 600,
                load: crate::evidence::PlannedLoad::Verbatim("constant-arrival-rate 10/s".to_owned()),
            }],
            series: vec![SeriesPlan {
                least: None,
                name: "projects.list".to_owned(),
                tags: vec!["api".to_owned()],
                expected: requests,
                models: vec![LoadModel::Open],
            }],
        }
    }

    fn expected(objective: &Objective, requests: f64) -> EvidenceExpectation {
        let expected = ExpectedEvidence {
            page_loads: Some(15),
            statements: None,
            slices: Some(60),
        };
        EvidenceExpectation::new(objective, &plan(requests), &expected).unwrap()
    }

    #[test]
    fn the_plan_is_held_against_the_fewest_samples_that_can_pass() {
        let errors = objective("error-rate", None, "0.1 %");
        assert_eq!(expected(&errors, 2_995.0).needed, 2_995);
        assert!(expected(&errors, 2_995.0).decidable);
        let short = expected(&errors, 2_400.0);
        assert!(short.refuses());
    }

    #[test]
    fn uptime_at_three_nines_takes_fifty_minutes() {
        let mut uptime = objective("uptime", None, "99.9 %");
        let expectation = expected(&uptime, 3_000.0);
        assert_eq!((expectation.samples, expectation.needed), (Some(60), 2_995));
        assert!(expectation.refuses());
        uptime.gate = false;
        assert!(!expected(&uptime, 3_000.0).refuses());
    }

    #[test]
    fn probes_yield_what_their_settings_say() {
        let mut loads = objective("page-load", Some("p75"), "2s");
        loads.gate = false;
        let mut probes = ProbeSettings {
            browser: Some(BrowserSettings::new("frontend", "5s".parse().unwrap())),
            ..ProbeSettings::default()
        };
        let samples = |probes: &ProbeSettings| expect(std::slice::from_ref(&loads), &plan(1.0), probes)[0].samples;
        // 60 s / 5 s
        assert_eq!(samples(&probes), Some(12));
        // Every second load is a cold one, and the warm ones are judged.
        probes.browser.as_mut().unwrap().cache = crate::evidence::browser::CacheUse::Both;
        assert_eq!(samples(&probes), Some(6));
        probes.browser = None;
        assert_eq!(samples(&probes), None);
    }

    #[test]
    fn latencies_by_their_quantile_and_the_unknown_is_not_refused() {
        assert_eq!(
            expected(&objective("response-time", Some("p95"), "100ms"), 59.0).needed,
            59
        );
        let loads = expected(&objective("page-load", Some("p75"), "2s"), 0.0);
        assert_eq!((loads.samples, loads.needed, loads.decidable), (Some(15), 11, true));
        let queries = expected(&objective("query-time", Some("p95"), "50ms"), 0.0);
        assert_eq!((queries.samples, queries.decidable), (None, true));
        assert!(
            EvidenceExpectation::new(
                &objective("speed", None, "1s"),
                &plan(1.0),
                &ExpectedEvidence::default()
            )
            .is_err()
        );
    }
}
