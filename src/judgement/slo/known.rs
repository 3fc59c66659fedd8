//! Properties of an objective that come from its indicator.

use super::{INDICATORS, Indicator, Objective, ObjectiveError, Profile, Samples, Topic, find};
use crate::evidence::{LoadModel, LoadPlan, SeriesPlan};

impl Objective {
    /// The indicator that it names.
    pub fn indicator(&self) -> Result<&'static dyn Indicator, ObjectiveError> {
        find(&self.indicator).ok_or_else(|| {
            let known: Vec<&str> = INDICATORS.iter().map(|indicator| indicator.profile().name).collect();
            ObjectiveError::UnknownIndicator {
                name: self.indicator.clone(),
                known: known.join(", "),
            }
        })
    }

    /// Profile of its indicator; `None` if no indicator has that name.
    pub fn profile(&self) -> Option<&'static Profile> {
        find(&self.indicator).map(Indicator::profile)
    }

    /// Samples that are kept of its indicator, if any are.
    pub fn samples(&self) -> Option<Samples> {
        self.profile()?.samples
    }

    /// True if it is about transactions, not requests.
    pub fn over_transactions(&self) -> bool {
        self.samples() == Some(Samples::Transactions)
    }

    /// The series that it selects from: those of requests, or of transactions.
    pub fn series_of<'a>(&self, plan: &'a LoadPlan) -> &'a [SeriesPlan] {
        if self.over_transactions() {
            &plan.transactions
        } else {
            &plan.series
        }
    }

    /// True if its limits are lower bounds.
    pub fn floor(&self) -> bool {
        self.profile().is_some_and(|profile| profile.floor)
    }

    /// Subject of its complaint if it is missed.
    pub fn topic(&self) -> Option<Topic> {
        Some(self.profile()?.topic)
    }

    /// Its statistic, as named in measurements: `p95`, `share`.
    pub fn statistic(&self) -> String {
        match (self.quantile, self.statistic) {
            (Some(quantile), _) => quantile.to_string(),
            (None, Some(statistic)) => statistic.name().to_owned(),
            (None, None) => self
                .profile()
                .map_or("share", |profile| {
                    if profile.needs_event {
                        "event"
                    } else {
                        profile.unit.statistic()
                    }
                })
                .to_owned(),
        }
    }

    /// True if it is decided on the share of bad samples.
    pub fn by_share(&self) -> bool {
        self.profile().is_some_and(|profile| profile.decides_by_share(self))
    }

    /// Fewest samples that can show its target met; `None` if no number can.
    pub fn needed_samples(&self) -> Option<u64> {
        find(&self.indicator)?.needed_samples(self, self.target)
    }

    /// The objective with its limits resolved against a baseline of that value, in the unit of the indicator.
    pub fn against(&self, value: f64) -> Result<Self, ObjectiveError> {
        let kind = self.indicator()?.profile().limit_kind();
        Ok(Self {
            target: self.target.against(value, kind)?,
            acceptable: self.acceptable.against(value, kind)?,
            ..self.clone()
        })
    }

    /// True if requests of phases of that load model count.
    pub fn reads(&self, model: LoadModel) -> bool {
        let usual = || self.profile().and_then(|profile| profile.usual_model);
        self.model.or_else(usual).is_none_or(|own| own == model)
    }
}

/// The first of these objectives on a quantile of those samples, gating ones first.
pub fn first_latency_objective<'a>(
    objectives: impl Iterator<Item = &'a Objective>,
    samples: Samples,
) -> Option<&'a Objective> {
    let latency = objectives.filter(|objective| {
        // The effect of one event says nothing of the calm before and after it.
        objective.samples() == Some(samples) && objective.quantile.is_some() && objective.during.is_none()
    });
    // Of equals the first is kept.
    latency.min_by_key(|objective| !objective.gate)
}
