//! One second of a run, for programs that follow it.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use crate::evidence::LoadPlan;
use crate::record::{Figure, Progress};

/// Version of the format; it grows when a field changes its meaning.
const FORMAT: u32 = 1;

/// One second of a run, as `--progress json` prints it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct ProgressLine {
    /// Version of this format.
    pub format: u32,
    /// Name of the scenario.
    pub scenario: String,
    /// Whole seconds since the start of the load; the figures are of the second that began then.
    pub second: u32,
    /// Planned seconds of load.
    pub seconds: f64,
    /// Name of the phase that the second ends in; null after the last one.
    pub phase: Option<String>,
    /// True if that phase is judged.
    pub judged: bool,
    /// Arrivals a second that the phase offers on average; null in the closed model.
    pub offered: Option<f64>,
    /// Requests that ended in the second.
    pub requests: u64,
    /// Of these, those that count as errors.
    pub errors: u64,
    /// Of these, those that the rate limiter refused.
    pub rate_limited: u64,
    /// 95th percentile of the response times of the last ten seconds, in milliseconds; null if it falls among failures.
    pub p95_ms: Option<f64>,
    /// Objectives on requests, over the judged phases so far.
    pub objectives: Vec<InterimValue>,
}

/// Value of an objective so far.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct InterimValue {
    /// Its name, with its statistic.
    pub name: String,
    /// Milliseconds, or a share from 0 to 1; null if a quantile falls among failures.
    pub value: Option<f64>,
    /// Unit of the value.
    pub unit: InterimUnit,
}

/// Unit of an objective's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InterimUnit {
    /// Milliseconds.
    Ms,
    /// A share from 0 to 1.
    Share,
}

impl ProgressLine {
    /// The line of a second of that load.
    pub fn new(scenario: &str, load: &LoadPlan, progress: &Progress) -> Self {
        let end = f64::from(progress.second) + 1.0;
        // By the end of the second, which is when its counts are known.
        let phase = load.phases.iter().find(|phase| phase.window.end.as_secs_f64() >= end);
        let open = phase.filter(|phase| phase.users.is_none());
        let objectives = progress.figures.iter().map(|(name, figure)| {
            let (value, unit) = match figure {
                Figure::Millis(value) => (*value, InterimUnit::Ms),
                Figure::Share(share) => (Some(*share), InterimUnit::Share),
            };
            InterimValue {
                name: name.clone(),
                value,
                unit,
            }
        });
        Self {
            format: FORMAT,
            scenario: scenario.to_owned(),
            second: progress.second,
            seconds: load.end().as_secs_f64(),
            phase: phase.map(|phase| phase.name.clone()),
            judged: phase.is_some_and(|phase| phase.judged),
            // Closed users offer whatever the system lets them; a rate of theirs is a result.
            offered: open.map(|phase| phase.arrivals as f64 / phase.window.length().as_secs_f64()),
            requests: progress.requests,
            errors: progress.errors,
            rate_limited: progress.rate_limited,
            p95_ms: progress.p95_ms,
            objectives: objectives.collect(),
        }
    }

    /// JSON Schema (draft 2020-12) of a line.
    pub fn schema() -> Schema {
        let settings = SchemaSettings::draft2020_12().for_serialize();
        settings.into_generator().into_root_schema_for::<Self>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_what_its_schema_says_and_nothing_else() {
        let load = crate::report::sample::document().plan.load;
        let progress = Progress {
            second: 11,
            requests: 48,
            p95_ms: Some(75.5),
            figures: vec![("Errors".to_owned(), Figure::Share(0.002))],
            ..Progress::default()
        };
        let line = ProgressLine::new("gate", &load, &progress);
        let line = serde_json::to_value(line).unwrap();
        assert_eq!(line["phase"], "steady");
        assert_eq!(line["offered"].as_f64().map(f64::round), Some(16.0));
        assert_eq!(line["objectives"][0]["unit"], "share");
        let schema = ProgressLine::schema();
        let known = schema.as_value()["properties"].as_object().unwrap();
        let keys: Vec<&String> = line.as_object().unwrap().keys().collect();
        assert!(
            keys.iter().all(|key| known.contains_key(*key)) && keys.len() == known.len(),
            "{keys:?}"
        );
    }
}
