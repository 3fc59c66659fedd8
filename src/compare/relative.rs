//! Objectives whose limits are relative to a baseline.

use std::path::Path;

use super::{BaselineOptions, CompareError, Digest, Fingerprint, Measure, MeasureKind, differences};
use crate::runs::RunRecord;
use crate::scenario::Plan;
use crate::slo::Objective;
use crate::stats::median;
use crate::words::en;

impl BaselineOptions {
    /// Puts the baseline's values into the plan's relative limits and reports each in words; `scenario` is the plan's file.
    ///
    /// Without a baseline a gating objective is refused, unless this run is saved as one: the objective is then advisory.
    pub fn resolve(&self, plan: &mut Plan, scenario: &Path) -> Result<Vec<String>, CompareError> {
        let relative = |objective: &&Objective| objective.is_relative();
        if !plan.summary.objectives.iter().any(|objective| relative(&objective)) {
            return Ok(Vec::new());
        }
        let mut said = Vec::new();
        let mut objectives = plan.summary.objectives.clone();
        if let Some(base) = &self.baseline {
            // Before the run: an unfit baseline would give a verdict that nobody can stand by.
            self.refuse_unfit(base)?;
            for objective in objectives.iter_mut().filter(|objective| objective.is_relative()) {
                *objective = against(objective, base)?;
                said.push(format!(
                    "{}: target {}, acceptable {}",
                    objective.name, objective.target, objective.acceptable
                ));
            }
        } else if self.save_as.is_some() {
            for objective in objectives.iter_mut().filter(|objective| objective.is_relative()) {
                // Nothing to compare with yet: the run that makes the baseline must not fail for want of one.
                objective.gate = false;
                said.push(format!(
                    "advisory: {} is relative to a baseline, and this run becomes one",
                    objective.name
                ));
            }
        } else if let Some(objective) = objectives.iter().filter(relative).find(|objective| objective.gate) {
            // A limit without its baseline would be left out of the gate without a word.
            return Err(CompareError::NoBaseline {
                objective: objective.name.clone(),
            });
        }
        let revised = plan.revise(scenario, objectives);
        revised.map_err(|source| CompareError::Scenario(Box::new(source)))?;
        Ok(said)
    }

    /// Refuses a baseline whose runs are unfit for a comparison.
    fn refuse_unfit(&self, base: &[Digest]) -> Result<(), CompareError> {
        let unfit = base.iter().flat_map(|digest| {
            let reasons = digest.unfit.iter();
            reasons.map(|reason| {
                format!(
                    "run {} cannot carry a conclusion: {}",
                    digest.id,
                    en::exclusion_reason(reason)
                )
            })
        });
        let unfit: Vec<String> = unfit.collect();
        if unfit.is_empty() || self.anyway {
            Ok(())
        } else {
            Err(CompareError::NotComparable(unfit))
        }
    }

    /// True if a run has limits relative to a baseline that it proved not comparable with: such limits are meaningless.
    pub fn withdraws(&self, record: &RunRecord) -> bool {
        let Some(base) = self.baseline.as_ref().filter(|_| !self.anyway) else {
            return false;
        };
        if !record.plan.objectives.iter().any(Objective::is_relative) {
            return false;
        }
        let own = Fingerprint::from_record(record);
        let blocks = |digest: &Digest| differences(&digest.fingerprint, &own).iter().any(|found| found.blocks);
        base.iter().any(blocks)
    }
}

/// The objective with the median of the baseline runs' values as its reference.
fn against(objective: &Objective, base: &[Digest]) -> Result<Objective, CompareError> {
    let own = |measure: &&Measure| {
        measure.kind == MeasureKind::Objective
            && measure.name == objective.name
            && measure.indicator == objective.indicator
            && measure.statistic == objective.statistic()
    };
    let values = base.iter().map(|digest| {
        let measure = digest.measures.iter().find(own);
        let value = measure.map(|measure| digest.value(measure));
        value.ok_or_else(|| CompareError::NoMeasure {
            objective: objective.name.clone(),
            statistic: objective.statistic(),
            run: digest.id.clone(),
        })
    });
    let value = median(&values.collect::<Result<Vec<f64>, _>>()?).unwrap_or(f64::INFINITY);
    let resolved = objective.against(value);
    resolved.map_err(|source| CompareError::Limit {
        objective: objective.name.clone(),
        source: Box::new(source),
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{digest, fingerprint, known, millis};
    use super::*;
    use crate::report::sample;
    use crate::scenario::PlanOptions;
    use crate::slo::{ExclusionReason, Limit};

    fn limit(text: &str) -> Limit {
        Limit::try_from(text.to_owned()).unwrap()
    }

    /// The sample's first objective, which is the p95 of `fixture::millis`.
    fn objective(target: &str, acceptable: &str) -> Objective {
        let mut objective = sample::document().plan.objectives.remove(0);
        objective.quantile = Some("p95".parse().unwrap());
        (objective.target, objective.acceptable) = (limit(target), limit(acceptable));
        objective
    }

    fn base(points: &[f64]) -> Vec<Digest> {
        let run =
            |(index, point): (usize, &f64)| digest(&format!("run-{index}"), vec![millis("API response time", *point)]);
        points.iter().enumerate().map(run).collect()
    }

    #[test]
    fn a_relative_limit_comes_to_the_median_of_the_baselines_runs_and_its_margin() {
        let value = |points: &[f64], target: &str| {
            let resolved = against(&objective(target, "baseline + 900ms"), &base(points)).unwrap();
            (resolved.target.value().unwrap(), resolved.acceptable.value().unwrap())
        };
        for (points, target, expected) in [
            (&[40.0][..], "baseline + 10 %", (44.0, 940.0)),
            (&[40.0], "baseline + 20ms", (60.0, 940.0)),
            (&[40.0, 50.0], "baseline + 20ms", (65.0, 945.0)),
            (&[40.0, 50.0, 900.0], "baseline + 20ms", (70.0, 950.0)),
            // A fixed limit stays unchanged.
            (&[40.0], "100ms", (100.0, 940.0)),
        ] {
            assert_eq!(value(points, target), expected, "{points:?} {target}");
        }
    }

    #[test]
    fn a_baseline_must_have_measured_the_very_objective() {
        let own = objective("baseline + 10 %", "baseline + 20 %");
        for change in [
            (|measure: &mut Measure| measure.statistic = "p99".to_owned()) as fn(&mut Measure),
            |measure| measure.indicator = "page-load".to_owned(),
            |measure| measure.name = "Response time".to_owned(),
            |measure| measure.kind = MeasureKind::Series,
        ] {
            let mut runs = base(&[40.0, 50.0]);
            change(&mut runs[1].measures[0]);
            let error = against(&own, &runs).unwrap_err();
            assert_eq!(
                error.to_string(),
                "the objective `API response time` is relative to a baseline, and the run run-1 has no such objective with the \
                 statistic p95"
            );
        }
        // No limit can be computed from a value among failures.
        let mut failing = base(&[40.0]);
        failing[0].measures[0].sample = known(f64::INFINITY, 0.0, 0.0);
        assert!(matches!(against(&own, &failing), Err(CompareError::Limit { .. })));
    }

    #[test]
    fn limits_of_a_run_that_is_not_comparable_are_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut record = sample::record(folder.path());
        record.plan.objectives = vec![objective("baseline + 10 %", "900ms")];
        let resolved = against(&record.plan.objectives[0], &base(&[40.0])).unwrap();
        record.plan.objectives = vec![resolved];
        let mut alike = base(&[40.0]);
        alike[0].fingerprint = Fingerprint::from_record(&record);
        let mut other = base(&[40.0]);
        other[0].fingerprint = fingerprint(&[("hardware", "cores", "64", true)]);
        for (baseline, anyway, left) in [
            (Some(alike.clone()), false, Some(44.0)),
            (Some(other.clone()), false, None),
            // One run that is not comparable makes the group incomparable.
            (Some([alike, other.clone()].concat()), false, None),
            (Some(other), true, Some(44.0)),
            (None, false, Some(44.0)),
        ] {
            let mut record = record.clone();
            let options = BaselineOptions {
                baseline,
                anyway,
                save_as: None,
            };
            record.baseline_withdrawn = options.withdraws(&record);
            let record = record.corrected();
            let found = &record.plan.objectives[0];
            assert_eq!((found.target.value(), found.acceptable.value()), (left, Some(900.0)));
        }
    }

    /// A plan whose only objective is relative, and its file.
    fn plan(folder: &Path, gate: bool) -> (Plan, std::path::PathBuf) {
        std::fs::create_dir_all(folder.join("journeys")).unwrap();
        let journey = "name = \"get\"\ndescription = \"d\"\n[[step]]\nname = \"get\"\npath = \"/\"\n";
        std::fs::write(folder.join("journeys/get.toml"), journey).unwrap();
        let text = format!(
            "name = \"short\"\ndescription = \"d\"\nseed = 7\n[stack]\nuse = \"none\"\n[users]\ncount = 100\n[journeys]\nget = 1\n\
             [[phase]]\nname = \"steady\"\nduration = \"10s\"\n\
             workload = {{ executor = \"constant-arrival-rate\", rate = \"100/s\" }}\n\
             [[objective]]\nname = \"API response time\"\nindicator = \"response-time\"\nquantile = \"p95\"\n\
             target = \"baseline + 10 %\"\nacceptable = \"baseline + 50 %\"\ngate = {gate}\n"
        );
        let path = folder.join("short.toml");
        std::fs::write(&path, text).unwrap();
        let options = PlanOptions {
            target: Some("http://127.0.0.1:1".to_owned()),
            ..PlanOptions::default()
        };
        (Plan::load(&path, options).unwrap(), path)
    }

    #[test]
    fn a_plan_gets_its_limits_before_any_load_or_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let resolved = |options: &BaselineOptions, gate| {
            let (mut plan, path) = plan(folder.path(), gate);
            let said = options.resolve(&mut plan, &path)?;
            let objective = plan.summary.objectives.remove(0);
            Ok::<_, CompareError>((said, objective.target.value(), objective.gate))
        };
        let with = |baseline: Vec<Digest>, anyway| BaselineOptions {
            baseline: Some(baseline),
            anyway,
            save_as: None,
        };
        let (said, target, gate) = resolved(&with(base(&[40.0]), false), true).unwrap();
        assert_eq!((target, gate), (Some(44.0), true));
        assert_eq!(
            said,
            ["API response time: target 44ms (baseline 40ms + 10 %), acceptable 60ms (baseline 40ms + 50 %)"]
        );
        // The run that becomes the baseline is not judged against it.
        let becoming = BaselineOptions {
            save_as: Some((folder.path().join(super::super::BASELINES), "main".to_owned())),
            ..BaselineOptions::default()
        };
        let (said, target, gate) = resolved(&becoming, true).unwrap();
        assert_eq!((target, gate), (None, false));
        assert_eq!(
            said,
            ["advisory: API response time is relative to a baseline, and this run becomes one"]
        );
        // Without a baseline a gating objective is refused, an advisory one is not.
        let none = BaselineOptions::default();
        assert!(
            matches!(resolved(&none, true), Err(CompareError::NoBaseline { objective }) if objective == "API response time")
        );
        assert_eq!(resolved(&none, false).unwrap(), (Vec::new(), None, false));
        // A broken run cannot be a reference.
        let mut unfit = base(&[40.0]);
        unfit[0].unfit.push(ExclusionReason::Interrupted);
        let Err(CompareError::NotComparable(reasons)) = resolved(&with(unfit.clone(), false), true) else {
            panic!("an interrupted baseline is taken");
        };
        assert_eq!(reasons, ["run run-0 cannot carry a conclusion: it was interrupted"]);
        assert_eq!(resolved(&with(unfit, true), true).unwrap().1, Some(44.0));
    }
}
