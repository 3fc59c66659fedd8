//! What an objective's indicator makes of it.

use super::{INDICATORS, Indicator, Objective, ObjectiveError, Profile, Samples, Topic, find};
use crate::evidence::LoadModel;

impl Objective {
    /// The indicator it names.
    pub fn indicator(&self) -> Result<&'static dyn Indicator, ObjectiveError> {
        find(&self.indicator).ok_or_else(|| {
            let known: Vec<&str> = INDICATORS.iter().map(|indicator| indicator.profile().name).collect();
            ObjectiveError::UnknownIndicator {
                name: self.indicator.clone(),
                known: known.join(", "),
            }
        })
    }

    /// What its indicator is; `None` where there is none of that name.
    pub fn profile(&self) -> Option<&'static Profile> {
        find(&self.indicator).map(Indicator::profile)
    }

    /// The samples it is about, where they are kept.
    pub fn samples(&self) -> Option<Samples> {
        self.profile()?.samples
    }

    /// Whether its limits are floors.
    pub fn floor(&self) -> bool {
        self.profile().is_some_and(|profile| profile.floor)
    }

    /// What it complains of where it is missed.
    pub fn topic(&self) -> Option<Topic> {
        Some(self.profile()?.topic)
    }

    /// Its statistic as measurements name it: `p95`, `share`.
    pub fn statistic(&self) -> String {
        match (self.quantile, self.statistic) {
            (Some(quantile), _) => quantile.to_string(),
            (None, Some(statistic)) => statistic.name().to_owned(),
            (None, None) => self
                .profile()
                .map_or("share", |profile| profile.unit.statistic())
                .to_owned(),
        }
    }

    /// Whether it is decided on the share of samples over its limit.
    pub fn by_share(&self) -> bool {
        self.profile().is_some_and(|profile| profile.decides_by_share(self))
    }

    /// The objective with its limits against a baseline of that value, in the indicator's unit.
    pub fn against(&self, value: f64) -> Result<Self, ObjectiveError> {
        let kind = self.indicator()?.profile().limit_kind();
        Ok(Self {
            target: self.target.against(value, kind)?,
            acceptable: self.acceptable.against(value, kind)?,
            ..self.clone()
        })
    }

    /// Whether requests of phases of that model count.
    pub fn reads(&self, model: LoadModel) -> bool {
        let usual = || self.profile().and_then(|profile| profile.usual_model);
        self.model.or_else(usual).is_none_or(|own| own == model)
    }
}
