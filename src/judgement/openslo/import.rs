//! Import of objectives from `OpenSLO`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::OpenSloError;
use super::object::{AnyObject, IndicatorSpec, Metadata, Metric, SLI, SLO, SloSpec, Threshold, VERSION, rounded};
use crate::slo::Objective;

/// Keys of a metric source that are not settings: the objective states them elsewhere, or does not need them.
const STATED_ELSEWHERE: [&str; 5] = ["tier", "unit", "count", "objective", "query"];

/// Objectives, with the parts of the file that were not imported.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenSloImport {
    /// The objectives, in the file's order.
    pub objectives: Vec<Objective>,
    /// Parts of the file that were not imported, in words.
    pub left_out: Vec<String>,
}

/// A tier of an objective, from one SLO or one of its thresholds.
struct ObjectiveTier {
    /// Name of the tier: `target` or `acceptable`; any other is ignored.
    name: Option<String>,
    /// The limit as in a scenario: `100ms`, `99.9 %`.
    limit: String,
    /// Sort key of tiers: the lower, the stricter.
    looseness: f64,
}

/// An objective whose tiers are still being collected.
struct Draft {
    name: String,
    settings: Map<String, Value>,
    tiers: Vec<ObjectiveTier>,
}

/// Reads a file of `OpenSLO` v1 objects.
pub fn import(path: &Path) -> Result<OpenSloImport, OpenSloError> {
    let text = std::fs::read_to_string(path).map_err(|source| OpenSloError::Read {
        path: path.to_owned(),
        source,
    })?;
    let parse = |source| OpenSloError::Parse {
        path: path.to_owned(),
        source,
    };
    let mut left_out = Vec::new();
    let (mut slos, mut indicators) = (Vec::new(), BTreeMap::new());
    // A file may hold many objects, parted by `---`.
    for document in serde_norway::Deserializer::from_str(&text) {
        // A `---` at the beginning or the end leaves an empty document.
        let Some(object) = Option::<AnyObject>::deserialize(document).map_err(parse)? else {
            continue;
        };
        let name = object.metadata["name"].as_str().unwrap_or("?").to_owned();
        if object.api_version != VERSION {
            let version = &object.api_version;
            left_out.push(format!(
                "{} `{name}`, which is of `{version}` and not of `{VERSION}`",
                object.kind
            ));
            continue;
        }
        let malformed = |error: serde_json::Error| OpenSloError::slo(&name, error.to_string());
        match object.kind.as_str() {
            SLO => {
                let spec: SloSpec = serde_json::from_value(object.spec).map_err(malformed)?;
                let metadata: Metadata = serde_json::from_value(object.metadata).map_err(malformed)?;
                slos.push((metadata, spec));
            }
            SLI => {
                let spec: IndicatorSpec = serde_json::from_value(object.spec).map_err(malformed)?;
                indicators.insert(name, spec);
            }
            kind => left_out.push(format!("{kind} `{name}`")),
        }
    }
    if slos.is_empty() {
        let path = path.to_owned();
        return Err(OpenSloError::None { path, left_out });
    }
    let mut drafts: Vec<Draft> = Vec::new();
    for (metadata, spec) in &slos {
        draft(metadata, spec, &indicators, &mut drafts)?;
        left_out.extend(unused_parts(metadata, spec));
    }
    let objectives = drafts.into_iter().map(finished).collect::<Result<_, _>>()?;
    Ok(OpenSloImport { objectives, left_out })
}

/// Parts of an SLO that a run does not use.
fn unused_parts(metadata: &Metadata, spec: &SloSpec) -> Vec<String> {
    let window = (!spec.time_window.is_empty()).then_some("its time window: a run's is the judged phases");
    let alerts = (!spec.alert_policies.is_empty()).then_some("its alert policies");
    let parts = window.into_iter().chain(alerts);
    parts.map(|part| format!("of SLO `{}` {part}", metadata.name)).collect()
}

/// Adds an SLO's tiers to the objective it belongs to.
fn draft(
    metadata: &Metadata,
    spec: &SloSpec,
    indicators: &BTreeMap<String, IndicatorSpec>,
    drafts: &mut Vec<Draft>,
) -> Result<(), OpenSloError> {
    let refuse = |problem: &str| OpenSloError::slo(&metadata.name, problem);
    let no_indicator = |problem: &str| OpenSloError::no_indicator(&metadata.name, problem);
    let indicator = match (&spec.indicator, &spec.indicator_ref) {
        (Some(own), _) => &own.spec,
        (None, Some(name)) => indicators
            .get(name)
            .ok_or_else(|| no_indicator(&format!("its indicator `{name}` is not in the file")))?,
        (None, None) => return Err(no_indicator("it has no indicator")),
    };
    let (source, quantile, tiers) = match (&indicator.threshold_metric, &indicator.ratio_metric) {
        (Some(metric), None) => {
            let (quantile, tier) = time(metadata, metric, &spec.objectives)?;
            (metric, Some(quantile), vec![tier])
        }
        (None, Some(ratio)) => {
            // Each of them carries the same settings; which ones there are depends on the indicator.
            let metric = ratio.good.as_ref().or(ratio.bad.as_ref()).or(ratio.total.as_ref());
            let metric = metric.ok_or_else(|| no_indicator("a raw ratio does not say which indicator it is"))?;
            (metric, None, shares(metadata, metric, &spec.objectives)?)
        }
        _ => {
            return Err(no_indicator(
                "its indicator needs either a thresholdMetric or a ratioMetric",
            ));
        }
    };
    let given = &source.metric_source.spec;
    let named = given.get("objective").and_then(Value::as_str).map(str::to_owned);
    let name = named
        .or(metadata.display_name.clone())
        .unwrap_or_else(|| metadata.name.clone());
    let mut settings = given.clone();
    settings.retain(|key, _| !STATED_ELSEWHERE.contains(&key.as_str()));
    if let Some(quantile) = quantile {
        settings.insert("quantile".to_owned(), json!(quantile));
    }
    match drafts.iter_mut().find(|draft| draft.name == name) {
        // A time comes as two SLOs of one name, each with its tier: so the export writes it.
        Some(known) if known.settings == settings => known.tiers.extend(tiers),
        Some(_) => {
            return Err(refuse(&format!(
                "another SLO is about `{name}` too, with other settings"
            )));
        }
        None => drafts.push(Draft { name, settings, tiers }),
    }
    Ok(())
}

fn indicator_of<'a>(metadata: &Metadata, metric: &'a Metric) -> Result<&'a str, OpenSloError> {
    let named = metric.metric_source.spec.get("indicator").and_then(Value::as_str);
    named.ok_or_else(|| OpenSloError::no_indicator(&metadata.name, "its metric source names no indicator of Diapason"))
}

fn target(metadata: &Metadata, threshold: &Threshold) -> Result<f64, OpenSloError> {
    let target = threshold
        .target
        // `OpenSLO` allows either form, `target: 0.99` or `targetPercent: 99`.
        .or(threshold.target_percent.map(|percent| percent / 100.0));
    target.ok_or_else(|| OpenSloError::slo(&metadata.name, "a threshold needs `target` or `targetPercent`"))
}

/// Reads a latency SLO: the quantile, and the tier with its time.
fn time(
    metadata: &Metadata,
    metric: &Metric,
    thresholds: &[Threshold],
) -> Result<(String, ObjectiveTier), OpenSloError> {
    let refuse = |problem: &str| OpenSloError::slo(&metadata.name, problem);
    indicator_of(metadata, metric)?;
    let [threshold] = thresholds else {
        return Err(refuse("a thresholdMetric takes exactly one threshold"));
    };
    // Times are continuous, so that both come to the same.
    if !matches!(threshold.op.as_deref(), Some("lt" | "lte")) {
        return Err(refuse("a time is kept from above: `op` must be lt or lte"));
    }
    let value = threshold.value.ok_or_else(|| refuse("its threshold has no `value`"))?;
    let spec = &metric.metric_source.spec;
    let millis = match spec.get("unit").and_then(Value::as_str) {
        Some("milliseconds" | "ms") | None => value,
        Some("seconds" | "s") => value * 1e3,
        Some(unit) => {
            return Err(refuse(&format!(
                "`{unit}` is no unit of time known here: milliseconds, seconds"
            )));
        }
    };
    let percent = rounded(target(metadata, threshold)? * 100.0);
    let tier = spec.get("tier").and_then(Value::as_str).map(str::to_owned);
    Ok((
        format!("p{percent}"),
        ObjectiveTier {
            name: tier,
            limit: format!("{}ms", rounded(millis)),
            looseness: millis,
        },
    ))
}

/// Reads a ratio SLO: one tier for each threshold. Its targets are shares of good samples; the limit is 1 minus the target if
/// the indicator counts bad ones.
fn shares(metadata: &Metadata, metric: &Metric, thresholds: &[Threshold]) -> Result<Vec<ObjectiveTier>, OpenSloError> {
    let name = indicator_of(metadata, metric)?;
    let floor = crate::slo::find(name).is_some_and(|known| known.profile().floor);
    let tiers = thresholds.iter().map(|threshold| {
        let good = target(metadata, threshold)?;
        let share = if floor { good } else { 1.0 - good };
        Ok(ObjectiveTier {
            name: threshold.display_name.clone(),
            limit: format!("{} %", rounded(share * 100.0)),
            // The higher the share of good samples, the stricter.
            looseness: -good,
        })
    });
    tiers.collect()
}

/// Makes an objective of one or two tiers. Tiers named `target` and `acceptable` are taken as such; without names the
/// stricter is the target.
fn finished(mut draft: Draft) -> Result<Objective, OpenSloError> {
    let name = draft.name;
    draft
        .tiers
        .sort_by(|one, other| one.looseness.total_cmp(&other.looseness));
    if draft.tiers.is_empty() {
        return Err(OpenSloError::slo(&name, "it has no threshold"));
    }
    if draft.tiers.len() > 2 {
        return Err(OpenSloError::slo(
            &name,
            "an objective has two tiers, target and acceptable, not more",
        ));
    }
    let called = |word: &str| draft.tiers.iter().position(|tier| tier.name.as_deref() == Some(word));
    // A single tier is at both places: it is the target and what is acceptable.
    let last = draft.tiers.len() - 1;
    // Where one is named, the other is the other.
    let (target, acceptable) = match (called("target"), called("acceptable")) {
        (Some(target), Some(acceptable)) => (target, acceptable),
        (Some(target), None) => (target, last - target),
        (None, Some(acceptable)) => (last - acceptable, acceptable),
        (None, None) => (0, last),
    };
    let (target, acceptable) = (&draft.tiers[target], &draft.tiers[acceptable]);
    let mut settings = draft.settings;
    settings.insert("name".to_owned(), json!(name));
    settings.insert("target".to_owned(), json!(target.limit));
    settings.insert("acceptable".to_owned(), json!(acceptable.limit));
    let objective: Objective = serde_json::from_value(Value::Object(settings))
        .map_err(|error| OpenSloError::slo(&name, format!("its metric source makes no objective: {error}")))?;
    objective
        .validate()
        .map_err(|source| OpenSloError::Objective { name, source })?;
    Ok(objective)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_tiers_one_name_is_enough() {
        let tier = |name: Option<&str>, percent: f64| ObjectiveTier {
            name: name.map(str::to_owned),
            limit: format!("{percent} %"),
            looseness: percent,
        };
        for (strict, loose) in [
            (None, None),
            (Some("target"), None),
            (None, Some("acceptable")),
            (Some("target"), Some("acceptable")),
            (Some("gold"), Some("acceptable")),
        ] {
            let draft = Draft {
                name: "errors".to_owned(),
                settings: Map::from_iter([("indicator".to_owned(), json!("error-rate"))]),
                tiers: vec![tier(loose, 1.0), tier(strict, 0.5)],
            };
            let objective = finished(draft).unwrap();
            let limits = (objective.target.to_string(), objective.acceptable.to_string());
            assert_eq!(limits, ("0.5 %".to_owned(), "1 %".to_owned()), "{strict:?} {loose:?}");
        }
        // Names the wrong way round are refused, and not dropped.
        let draft = Draft {
            name: "errors".to_owned(),
            settings: Map::from_iter([("indicator".to_owned(), json!("error-rate"))]),
            tiers: vec![tier(Some("target"), 1.0), tier(None, 0.5)],
        };
        assert!(finished(draft).is_err());
    }
}
