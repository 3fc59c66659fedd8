//! Export of objectives to `OpenSLO`.

use serde_json::{Map, Value, json};

use super::OpenSloError;
use super::object::{
    BudgetingMethod, Indicator, IndicatorSpec, Metadata, Metric, MetricSource, RatioMetric, SLO, SOURCE, Slo, SloSpec,
    Threshold, VERSION, rounded,
};
use crate::slo::{Indicator as Known, Limit, Objective, Samples};

/// One second, as a number of minutes: the shorthand of `OpenSLO` has no seconds.
const SECOND: f64 = 1.0 / 60.0;

/// Data of the export that objectives do not hold.
#[derive(Debug, Clone, Default)]
pub struct ExportOptions {
    /// Name of the service that the objectives are about.
    pub service: String,
    /// Rolling time window such as `28d`; `None` for no window.
    pub window: Option<String>,
}

/// An exported file, with the objectives that it does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSloExport {
    /// YAML, one document for each object.
    pub yaml: String,
    /// Objectives that `OpenSLO` cannot express, each with the reason.
    pub left_out: Vec<String>,
}

/// Writes objectives as objects of kind `SLO`.
pub fn export(objectives: &[Objective], options: &ExportOptions) -> Result<OpenSloExport, OpenSloError> {
    let mut exported = OpenSloExport {
        yaml: String::new(),
        left_out: Vec::new(),
    };
    for objective in objectives {
        match objects(objective, options) {
            Ok(slos) => {
                for slo in slos {
                    let text = serde_norway::to_string(&slo).map_err(|error| OpenSloError::Write(error.to_string()))?;
                    exported.yaml.push_str("---\n");
                    exported.yaml.push_str(&text);
                }
            }
            Err(why) => exported.left_out.push(format!("{}: {why}", objective.name)),
        }
    }
    Ok(exported)
}

/// The `SLO` objects of an objective, or the reason why it has none.
fn objects(objective: &Objective, options: &ExportOptions) -> Result<Vec<Slo>, String> {
    let known = objective.indicator().map_err(|error| error.to_string())?;
    if objective.is_relative() {
        // Left out and told, instead of exported with the value of some baseline, which would no longer follow it.
        return Err("OpenSLO has no limits relative to a baseline".to_owned());
    }
    if !objective.by_share() {
        return Err("OpenSLO knows shares, and times with a quantile".to_owned());
    }
    match (objective.target, objective.acceptable, objective.quantile) {
        (Limit::Time(target), Limit::Time(acceptable), Some(quantile)) => {
            let tier = |tier: &str, limit: crate::units::Span| {
                let threshold = Threshold {
                    display_name: Some(tier.to_owned()),
                    op: Some("lte".to_owned()),
                    value: Some(limit.as_millis_f64()),
                    target: Some(rounded(1.0 - quantile.allowed_above())),
                    ..Threshold::default()
                };
                let mut spec = settings(objective);
                spec.insert("tier".to_owned(), json!(tier));
                spec.insert("unit".to_owned(), json!("milliseconds"));
                let metric = IndicatorSpec {
                    description: Some(known.profile().describe.to_owned()),
                    threshold_metric: Some(source(spec)),
                    ratio_metric: None,
                };
                let name = format!("{}-{tier}", slug(&objective.name));
                slo(
                    &name,
                    objective,
                    options,
                    metric,
                    BudgetingMethod::Occurrences,
                    vec![threshold],
                )
            };
            Ok(vec![tier("target", target), tier("acceptable", acceptable)])
        }
        (Limit::Share(target), Limit::Share(acceptable), None) => {
            let slices = known.profile().samples == Some(Samples::Slices);
            let threshold = |tier: &str, share: f64| Threshold {
                display_name: Some(tier.to_owned()),
                target: Some(rounded(if known.profile().floor { share } else { 1.0 - share })),
                // A slice is one request a second: it is good as a whole or not at all.
                time_slice_target: slices.then_some(1.0),
                time_slice_window: slices.then(|| json!(SECOND)),
                ..Threshold::default()
            };
            let thresholds = vec![
                threshold("target", target.get()),
                threshold("acceptable", acceptable.get()),
            ];
            let method = if slices {
                BudgetingMethod::Timeslices
            } else {
                BudgetingMethod::Occurrences
            };
            let name = slug(&objective.name);
            Ok(vec![slo(
                &name,
                objective,
                options,
                ratio(objective, known),
                method,
                thresholds,
            )])
        }
        _ => Err("OpenSLO knows shares, and times with a quantile".to_owned()),
    }
}

/// Ratio metric: good to all samples if the share is a lower bound, bad to all if it is an upper bound.
fn ratio(objective: &Objective, known: &dyn Known) -> IndicatorSpec {
    let part = |count: &str| {
        let mut spec = settings(objective);
        spec.insert("count".to_owned(), json!(count));
        Some(source(spec))
    };
    let floor = known.profile().floor;
    IndicatorSpec {
        description: Some(known.profile().describe.to_owned()),
        threshold_metric: None,
        ratio_metric: Some(RatioMetric {
            counter: Some(true),
            good: if floor { part("good") } else { None },
            bad: if floor { None } else { part("bad") },
            total: part("total"),
            ..RatioMetric::default()
        }),
    }
}

/// Fields of the objective that no other part of the object holds.
fn settings(objective: &Objective) -> Map<String, Value> {
    let mut spec = match serde_json::to_value(objective) {
        Ok(Value::Object(spec)) => spec,
        _ => Map::new(),
    };
    for stated in ["target", "acceptable", "quantile"] {
        // `OpenSLO` has fields of its own for these: twice in a file they could contradict each other.
        spec.shift_remove(stated);
    }
    if let Some(name) = spec.shift_remove("name") {
        spec.insert("objective".to_owned(), name);
    }
    spec
}

fn source(spec: Map<String, Value>) -> Metric {
    Metric {
        metric_source: MetricSource {
            reference: None,
            kind: Some(SOURCE.to_owned()),
            spec,
        },
    }
}

fn slo(
    name: &str,
    objective: &Objective,
    options: &ExportOptions,
    indicator: IndicatorSpec,
    method: BudgetingMethod,
    objectives: Vec<Threshold>,
) -> Slo {
    let metadata = |name: String| Metadata {
        name,
        display_name: Some(objective.name.clone()),
        labels: None,
        annotations: None,
    };
    let window = options.window.iter();
    Slo {
        api_version: VERSION,
        kind: SLO,
        metadata: metadata(name.to_owned()),
        spec: SloSpec {
            description: None,
            service: Some(slug(&options.service)),
            indicator: Some(Indicator {
                metadata: Some(metadata(format!("{name}-sli"))),
                spec: indicator,
            }),
            indicator_ref: None,
            time_window: window
                .map(|duration| json!({ "duration": duration, "isRolling": true }))
                .collect(),
            budgeting_method: method,
            objectives,
            alert_policies: Vec::new(),
        },
    }
}

/// A name as `OpenSLO` requires it (RFC 1123): lower-case letters, digits and dashes, at most 63.
fn slug(name: &str) -> String {
    let letters = name.chars().map(|letter| {
        let letter = letter.to_ascii_lowercase();
        if letter.is_ascii_alphanumeric() { letter } else { '-' }
    });
    let mut slug = String::new();
    for letter in letters {
        if letter != '-' || !(slug.is_empty() || slug.ends_with('-')) {
            slug.push(letter);
        }
    }
    // Leaves space for the suffixes `-acceptable` and `-sli` within 63 characters.
    slug.truncate(48);
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() {
        "objective".to_owned()
    } else {
        slug.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_openslo_has_no_words_for_is_left_out_by_name() {
        let objective = |text: &str| -> Objective {
            toml::from_str(&format!("name = \"x\"\nacceptable = \"40 %\"\n{text}")).unwrap()
        };
        for (text, why) in [
            (
                "indicator = \"apdex\"\nthreshold = \"1s\"\ntarget = \"0.9\"",
                "x: OpenSLO knows shares, and times with a quantile",
            ),
            (
                "indicator = \"response-time\"\nstatistic = \"mean\"\ntarget = \"1s\"",
                "x: OpenSLO knows shares, and times with a quantile",
            ),
            (
                "indicator = \"throughput\"\ntarget = \"50/s\"",
                "x: OpenSLO knows shares, and times with a quantile",
            ),
            (
                "indicator = \"error-rate\"\ntarget = \"baseline + 10 %\"",
                "x: OpenSLO has no limits relative to a baseline",
            ),
        ] {
            let exported = export(&[objective(text)], &ExportOptions::default()).unwrap();
            assert_eq!(
                (exported.yaml.as_str(), exported.left_out.as_slice()),
                ("", &[why.to_owned()][..])
            );
        }
    }
}
