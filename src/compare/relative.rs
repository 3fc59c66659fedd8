//! Objectives whose limits are relative to a baseline.

use std::path::Path;

use super::difference::median;
use super::{BaselineOptions, CompareError, Digest, Fingerprint, Kind, Measure, differences};
use crate::report::RunRecord;
use crate::scenario::Plan;
use crate::slo::Objective;

impl BaselineOptions {
    /// Puts the baseline's values into the plan's relative limits and says what became of each; `scenario` is the plan's file.
    ///
    /// Without a baseline a gating objective is refused, unless this run becomes one: then it is advisory for this once.
    pub fn resolve(&self, plan: &mut Plan, scenario: &Path) -> Result<Vec<String>, CompareError> {
        let relative = |objective: &&Objective| objective.is_relative();
        if !plan.summary.objectives.iter().any(|objective| relative(&objective)) {
            return Ok(Vec::new());
        }
        let mut said = Vec::new();
        let mut objectives = plan.summary.objectives.clone();
        if let Some(base) = &self.baseline {
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
                objective.gate = false;
                said.push(format!(
                    "advisory: {} is relative to a baseline, and this run becomes one",
                    objective.name
                ));
            }
        } else if let Some(objective) = objectives.iter().filter(relative).find(|objective| objective.gate) {
            return Err(CompareError::NoBaseline {
                objective: objective.name.clone(),
            });
        }
        let revised = plan.revise(scenario, objectives);
        revised.map_err(|source| CompareError::Scenario(Box::new(source)))?;
        Ok(said)
    }

    /// What nothing can be compared with is no measure either.
    fn refuse_unfit(&self, base: &[Digest]) -> Result<(), CompareError> {
        let unfit = base.iter().flat_map(|digest| {
            let reasons = digest.unfit.iter();
            reasons.map(|reason| format!("run {} cannot carry a conclusion: {reason}", digest.id))
        });
        let unfit: Vec<String> = unfit.collect();
        if unfit.is_empty() || self.anyway {
            Ok(())
        } else {
            Err(CompareError::NotComparable(unfit))
        }
    }

    /// Takes the baseline's values back out of a run that turned out not to be comparable with it: such limits say nothing.
    pub fn withdraw(&self, record: &mut RunRecord) {
        let Some(base) = self.baseline.as_ref().filter(|_| !self.anyway) else {
            return;
        };
        if !record.plan.objectives.iter().any(Objective::is_relative) {
            return;
        }
        let own = Fingerprint::of(record);
        let blocks = |digest: &Digest| differences(&digest.fingerprint, &own).iter().any(|found| found.blocks);
        if base.iter().any(blocks) {
            for objective in &mut record.plan.objectives {
                *objective = objective.without_baseline();
            }
        }
    }
}

/// The objective against what the baseline's runs measured of it: their median.
fn against(objective: &Objective, base: &[Digest]) -> Result<Objective, CompareError> {
    let own = |measure: &&Measure| {
        measure.kind == Kind::Objective
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
    let value = median(&values.collect::<Result<Vec<f64>, _>>()?);
    let resolved = objective.against(value);
    resolved.map_err(|source| CompareError::Limit {
        objective: objective.name.clone(),
        source: Box::new(source),
    })
}
