//! `diapason objectives export|import`.

use super::Exit;
use super::arguments::{ObjectivesCommand, ObjectivesFormat};
use super::output::Output;
use crate::error::Hint;
use crate::openslo::{self, ExportOptions, OpenSloError, RuleOptions};
use crate::scenario::{Plan, PlanOptions, ScenarioError};
use crate::slo::Objective;

#[derive(Debug, thiserror::Error)]
enum FailedObjectives {
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    #[error(transparent)]
    OpenSlo(#[from] OpenSloError),
    #[error("failed to write the objectives as TOML")]
    Toml(#[source] toml::ser::Error),
}

impl Hint for FailedObjectives {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Scenario(source) => source.hint(),
            Self::OpenSlo(source) => source.hint(),
            Self::Toml(_) => None,
        }
    }
}

/// Objectives as a scenario file holds them.
#[derive(serde::Serialize)]
struct ScenarioObjectives {
    objective: Vec<Objective>,
}

pub(super) fn objectives(command: ObjectivesCommand, output: Output) -> Exit {
    match carried_out(command) {
        Ok((text, left_out)) => {
            output.deliver(&text);
            for what in left_out {
                output.say(&format!("left out: {what}"));
            }
            Exit::Met
        }
        Err(error) => output.fail(&error),
    }
}

/// The text, and the list of things left out of it.
fn carried_out(command: ObjectivesCommand) -> Result<(String, Vec<String>), FailedObjectives> {
    match command {
        ObjectivesCommand::Export {
            scenario,
            format,
            metric,
            service,
            window,
        } => {
            let plan = Plan::load(&scenario, PlanOptions::default())?;
            let service = service.unwrap_or_else(|| plan.summary.scenario.clone());
            let objectives = &plan.summary.objectives;
            let exported = match format {
                ObjectivesFormat::Openslo => openslo::export(objectives, &ExportOptions { service, window })?,
                ObjectivesFormat::PrometheusRules => {
                    let metric = metric.unwrap_or_else(|| RuleOptions::METRIC.to_owned());
                    openslo::prometheus_rules(objectives, &RuleOptions { service, metric })?
                }
            };
            Ok((exported.yaml, exported.left_out))
        }
        ObjectivesCommand::Import { file } => {
            let imported = openslo::import(&file)?;
            let objective = imported.objectives;
            let text = toml::to_string(&ScenarioObjectives { objective }).map_err(FailedObjectives::Toml)?;
            Ok((text, imported.left_out))
        }
    }
}
