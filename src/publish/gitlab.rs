//! Files for the widgets of GitLab's merge requests.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::evidence::Decision;
use crate::report::{Document, Percentiles};
use crate::slo::Unit;

/// Files for GitLab's `artifacts: reports`, as (name, content): `metrics.txt` for `metrics`, `browser_performance.json` for
/// `browser_performance`, `load_performance.json` for `load_performance`. The browser's is left out of runs without page loads.
pub fn widgets(document: &Document) -> Vec<(&'static str, String)> {
    let mut files = vec![
        ("metrics.txt", metrics(document)),
        ("load_performance.json", pretty(&load(document))),
    ];
    files.extend(browser(document).map(|value| ("browser_performance.json", pretty(&value))));
    files
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// `OpenMetrics` text, which the widget compares between the branches: a line for each objective that was measured.
fn metrics(document: &Document) -> String {
    let mut text = String::new();
    for verdict in &document.judgement.verdicts {
        let Some(measurement) = &verdict.measurement else {
            continue;
        };
        let Some(value) = measurement.point else { continue };
        let unit = match measurement.unit {
            Unit::Milliseconds => "_ms",
            _ => "",
        };
        let (name, objective) = (plain(&verdict.objective.indicator), label(&verdict.objective.name));
        let statistic = label(&measurement.statistic);
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{name}{unit}{{scenario=\"{}\",objective=\"{objective}\",statistic=\"{statistic}\"}} {value}",
            label(&document.plan.scenario)
        );
    }
    text
}

/// A metric's name: letters, digits and underscores.
fn plain(name: &str) -> String {
    name.chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' })
        .collect()
}

fn label(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Summary of k6, by whose names the widget finds its figures.
fn load(document: &Document) -> Value {
    let Some(all) = document.all() else {
        return json!({ "metrics": {} });
    };
    let times = |times: &Percentiles| json!({ "med": times.p50, "max": times.max, "p(90)": times.p90, "p(95)": times.p95, "p(99)": times.p99 });
    let gating = || {
        document
            .judgement
            .verdicts
            .iter()
            .filter(|verdict| verdict.objective.gate)
    };
    let met = gating()
        .filter(|verdict| verdict.accepted(document.judgement.accept) == Decision::Met)
        .count();
    json!({
        "metrics": {
            "http_req_duration": times(&all.response),
            "http_req_waiting": times(&all.first_byte),
            "http_reqs": { "count": all.requests, "rate": all.per_second },
            "http_req_failed": { "value": all.errors as f64 / all.requests.max(1) as f64 },
            "checks": { "passes": met, "fails": gating().count() - met },
        }
    })
}

/// The format of GitLab's plug-in for sitespeed.io: a list of subjects, each with its metrics.
fn browser(document: &Document) -> Option<Value> {
    let pages = document.pages.as_ref()?;
    let subjects = pages.rows.iter().map(|row| {
        let times = [
            ("First contentful paint, median (ms)", row.fcp),
            ("Largest contentful paint, p75 (ms)", row.lcp_p75),
            ("Load event, p75 (ms)", row.load_p75),
        ];
        let metrics = times
            .into_iter()
            .filter_map(|(name, value)| Some(json!({ "name": name, "value": value?, "desiredSize": "smaller" })));
        let subject = if row.page == "*" { "all pages" } else { &row.page };
        json!({ "subject": subject, "metrics": metrics.collect::<Vec<Value>>() })
    });
    Some(Value::Array(subjects.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn each_widget_finds_its_figures() {
        let files = widgets(&sample::document());
        let file = |name: &str| {
            files
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, text)| text.as_str())
        };
        let metrics = file("metrics.txt").unwrap();
        for line in metrics.lines() {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(name.ends_with('}') && value.parse::<f64>().is_ok(), "{line}");
        }
        assert!(
            metrics.starts_with("response_time_ms{scenario=\"gate\",objective=\"API response time\""),
            "{metrics}"
        );
        let load: Value = serde_json::from_str(file("load_performance.json").unwrap()).unwrap();
        for pointer in [
            "/metrics/http_reqs/rate",
            "/metrics/http_req_waiting/p(95)",
            "/metrics/checks/passes",
        ] {
            assert!(
                load.pointer(pointer).is_some_and(Value::is_number),
                "{pointer} in {load}"
            );
        }
        let browser: Value = serde_json::from_str(file("browser_performance.json").unwrap()).unwrap();
        assert!(
            browser[0]["subject"].is_string() && browser[0]["metrics"][0]["value"].is_number(),
            "{browser}"
        );
        assert_eq!(widgets(&sample::empty_document()).len(), 2);
    }
}
