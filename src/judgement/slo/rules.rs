//! Checks of an objective before it is judged. They are made here and nowhere else.

use std::collections::BTreeSet;

use super::{Indicator, Objective, ObjectiveError, Selector, Statistic};
use crate::evidence::{LoadModel, LoadPlan, SeriesPlan};

impl Objective {
    /// Checks everything that does not depend on a plan.
    pub fn validate(&self) -> Result<(), ObjectiveError> {
        limits_and_settings(self.indicator()?, self)?;
        if let Some(acknowledged) = &self.acknowledge
            && (acknowledged.reason.trim().is_empty() || acknowledged.by.trim().is_empty())
        {
            return Err(ObjectiveError::AcknowledgedByNobody);
        }
        if let Some(every) = self.in_every {
            if self.statistic == Some(Statistic::Max) {
                return Err(ObjectiveError::MaximumInWindows);
            }
            // Samples are counted by the whole second, so a window must begin and end on a whole second.
            if every.get().as_secs() == 0 || every.get().subsec_nanos() > 0 {
                return Err(ObjectiveError::Windows(every));
            }
        }
        self.of.as_ref().map_or(Ok(()), Selector::validate)
    }

    /// Checks everything, for a run of that plan.
    pub fn validate_for(&self, plan: &LoadPlan) -> Result<(), ObjectiveError> {
        self.validate()?;
        let series = self.series_of(plan);
        if self.over_transactions() && series.is_empty() {
            return Err(ObjectiveError::NoTransaction);
        }
        if let Some(selector) = &self.of {
            // A name that fits transactions only was meant for another indicator; that error says more than "selects
            // nothing".
            let valid = selector.validate_for(series);
            if valid.is_err() && !self.over_transactions() && selector.validate_for(&plan.transactions).is_ok() {
                return Err(ObjectiveError::OfTransaction(selector.0.clone()));
            }
            valid?;
        }
        self.validate_model(series)
    }

    /// Checks that the judged phases make requests of a load model that counts, if they make any that it selects.
    fn validate_model(&self, series: &[SeriesPlan]) -> Result<(), ObjectiveError> {
        let selected = series.iter().filter(|series| self.selects(series));
        let made: BTreeSet<LoadModel> = selected.flat_map(|series| series.models.iter().copied()).collect();
        match made.first() {
            Some(other) if !made.iter().any(|model| self.reads(*model)) => {
                let read = match other {
                    LoadModel::Open => LoadModel::Closed,
                    LoadModel::Closed => LoadModel::Open,
                };
                Err(ObjectiveError::OtherModel {
                    made: other.name(),
                    read: read.name(),
                })
            }
            _ => Ok(()),
        }
    }
}

fn limits_and_settings(indicator: &dyn Indicator, objective: &Objective) -> Result<(), ObjectiveError> {
    let name = indicator.profile().name;
    let (target, acceptable) = (objective.target, objective.acceptable);
    for limit in [target, acceptable] {
        if limit
            .kind()
            .is_some_and(|kind| kind != indicator.profile().limit_kind())
        {
            return Err(ObjectiveError::WrongLimit {
                indicator: name,
                expected: indicator.profile().limit_kind(),
                given: limit.to_string(),
            });
        }
    }
    statistic(indicator, objective)?;
    if objective.of.is_some() && !indicator.profile().over_requests() {
        return Err(ObjectiveError::SelectorUnused(name));
    }
    if objective.model.is_some() && !indicator.profile().over_requests() {
        return Err(ObjectiveError::ModelUnused(name));
    }
    for limit in [target, acceptable] {
        if indicator.profile().decides_by_share(objective) && indicator.profile().allowed(objective, limit) <= 0.0 {
            return Err(ObjectiveError::NothingAllowed {
                indicator: name,
                limit: limit.to_string(),
            });
        }
    }
    // Two margins of an unknown baseline cannot be ordered yet. They are when the baseline is resolved.
    if objective.lacks_baseline() {
        return Ok(());
    }
    let reversed = if indicator.profile().floor {
        target.value() < acceptable.value()
    } else {
        target.value() > acceptable.value()
    };
    if reversed {
        return Err(ObjectiveError::TiersReversed {
            target: target.to_string(),
            acceptable: acceptable.to_string(),
        });
    }
    Ok(())
}

/// Checks that quantile, statistic, event and threshold fit the indicator, and that a quantile and a statistic are not both given.
fn statistic(indicator: &dyn Indicator, objective: &Objective) -> Result<(), ObjectiveError> {
    let name = indicator.profile().name;
    if let Some(statistic) = objective.statistic {
        if objective.quantile.is_some() {
            return Err(ObjectiveError::StatisticTwice);
        }
        if !indicator.profile().statistics.contains(&statistic) {
            return Err(ObjectiveError::StatisticUnused {
                indicator: name,
                statistic: statistic.name(),
            });
        }
    } else if indicator.profile().needs_quantile() && objective.quantile.is_none() {
        return Err(ObjectiveError::QuantileMissing(name));
    }
    if objective.quantile.is_some() && !indicator.profile().needs_quantile() {
        return Err(ObjectiveError::QuantileUnused(name));
    }
    match (indicator.profile().needs_event, &objective.during) {
        (true, None) => return Err(ObjectiveError::EventMissing(name)),
        (false, Some(_)) if !indicator.splits() => return Err(ObjectiveError::EventUnused(name)),
        (_, Some(_)) if objective.in_every.is_some() => return Err(ObjectiveError::EventInWindows),
        _ => {}
    }
    match (indicator.profile().needs_threshold, objective.threshold.is_some()) {
        (true, false) => Err(ObjectiveError::ThresholdMissing(name)),
        (false, true) => Err(ObjectiveError::ThresholdUnused(name)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Selector, fixture};
    use super::*;

    #[test]
    fn what_cannot_be_judged_is_refused_before_the_run() {
        let plan = fixture::plan();
        let good = fixture::response_time();
        assert_eq!(good.validate_for(&plan), Ok(()));
        let wrong = |change: fn(&mut Objective)| {
            let mut objective = fixture::response_time();
            change(&mut objective);
            objective.validate_for(&plan).unwrap_err().to_string()
        };
        assert_eq!(wrong(|o| o.indicator = "speed".into()), "there is no indicator `speed`");
        assert_eq!(wrong(|o| o.quantile = None), "`response-time` needs a quantile");
        assert_eq!(
            wrong(|o| o.target = fixture::limit("1 %")),
            "a limit of `response-time` is a time, not `1 %`"
        );
        assert_eq!(
            wrong(|o| o.target = fixture::limit("400ms")),
            "the target 400ms is looser than the acceptable limit 300ms"
        );
        assert_eq!(
            wrong(|o| o.of = Some(Selector("#aip".into()))),
            "`#aip` selects no request of this plan"
        );
    }

    #[test]
    fn windows_are_of_whole_seconds_and_not_for_a_maximum() {
        let windows = |length: &str, statistic| {
            let objective = Objective {
                in_every: length.parse().ok(),
                quantile: if statistic == Some(Statistic::Max) {
                    None
                } else {
                    "p95".parse().ok()
                },
                statistic,
                ..fixture::response_time()
            };
            objective.validate()
        };
        assert_eq!((windows("10s", None), windows("1m", None)), (Ok(()), Ok(())));
        for length in ["1500ms", "500ms", "1ms"] {
            let refused = windows(length, None);
            assert_eq!(refused, Err(ObjectiveError::Windows(length.parse().unwrap())));
        }
        assert_eq!(
            windows("10s", Some(Statistic::Max)),
            Err(ObjectiveError::MaximumInWindows)
        );
    }

    #[test]
    fn an_event_is_named_where_there_is_something_of_it_to_judge() {
        let effect = || Objective {
            during: Some("restart".to_owned()),
            ..fixture::objective("downtime", "5s", "10s")
        };
        assert_eq!(effect().validate(), Ok(()));
        let changed = |change: fn(&mut Objective)| {
            let mut objective = effect();
            change(&mut objective);
            objective.validate().unwrap_err()
        };
        assert_eq!(
            changed(|objective| objective.during = None),
            ObjectiveError::EventMissing("downtime")
        );
        assert_eq!(
            changed(|objective| objective.in_every = "10s".parse().ok()),
            ObjectiveError::EventInWindows
        );
        assert_eq!(
            changed(|objective| objective.quantile = "p95".parse().ok()),
            ObjectiveError::QuantileUnused("downtime")
        );
        let mut requests = fixture::response_time();
        requests.during = Some("restart".to_owned());
        assert_eq!(requests.validate(), Ok(()));
        requests.indicator = "query-time".to_owned();
        assert_eq!(requests.validate(), Err(ObjectiveError::EventUnused("query-time")));
    }

    #[test]
    fn a_selector_is_read_without_a_plan_and_fitted_with_one() {
        let of = |selector: &str| Objective {
            of: Some(Selector(selector.to_owned())),
            ..fixture::response_time()
        };
        assert_eq!(of("nothing.like.it").validate(), Ok(()));
        assert!(of("nothing.like.it").validate_for(&fixture::plan()).is_err());
        assert_eq!(of("#").validate(), Err(ObjectiveError::Selector("#".to_owned())));
    }

    #[test]
    fn response_times_of_the_closed_model_are_judged_on_request_only() {
        let (open, mut run) = (fixture::plan(), fixture::Run::new());
        run.closed();
        let closed = run.evidence().plan;
        let mut both = closed.clone();
        both.series[0].models.push(LoadModel::Open);
        let objective = |model| Objective {
            model,
            ..fixture::response_time()
        };
        let other = |made, read| Err(ObjectiveError::OtherModel { made, read });
        for (model, plan, expected) in [
            (None, &open, Ok(())),
            (None, &both, Ok(())),
            (None, &closed, other("closed", "open")),
            (Some(LoadModel::Open), &closed, other("closed", "open")),
            (Some(LoadModel::Closed), &closed, Ok(())),
            (Some(LoadModel::Closed), &both, Ok(())),
            (Some(LoadModel::Closed), &open, other("open", "closed")),
        ] {
            assert_eq!(objective(model).validate_for(plan), expected, "{model:?}");
        }
        // Error rates read requests of both load models.
        let errors = fixture::objective("error-rate", "0.1 %", "1 %");
        assert_eq!(errors.validate_for(&closed), Ok(()));
        let mut uptime = fixture::objective("uptime", "99.9 %", "99 %");
        uptime.model = Some(LoadModel::Closed);
        assert_eq!(uptime.validate_for(&closed), Err(ObjectiveError::ModelUnused("uptime")));
    }

    #[test]
    fn shares_that_allow_nothing_and_settings_that_do_nothing_are_refused() {
        let plan = fixture::plan();
        let text = |objective: Objective| objective.validate_for(&plan).unwrap_err().to_string();
        assert_eq!(
            text(fixture::objective("error-rate", "0 %", "1 %")),
            "no number of samples can show that `error-rate` keeps 0 %"
        );
        assert_eq!(
            text(fixture::objective("uptime", "100 %", "99 %")),
            "no number of samples can show that `uptime` keeps 100 %"
        );
        // Uptime is a floor: the stricter share is the higher one.
        assert_eq!(
            text(fixture::objective("uptime", "99 %", "99.9 %")),
            "the target 99 % is looser than the acceptable limit 99.9 %"
        );
        let mut uptime = fixture::objective("uptime", "99.9 %", "99 %");
        uptime.of = Some(Selector("*".into()));
        assert_eq!(text(uptime), "`uptime` takes no `of`: it does not look at requests");
        let mut errors = fixture::objective("error-rate", "0.1 %", "1 %");
        errors.quantile = "p95".parse().ok();
        assert_eq!(text(errors), "`error-rate` takes no quantile");
    }
}
