//! The figures of a run as `OpenMetrics` text (version 1.0).

use std::fmt::Write;

use super::{Exporter, Rendering};
use crate::report::{Document, Percentiles, ReportError, RequestRow};
use crate::slo::Unit;

/// `metrics.om`.
pub(super) struct OpenMetrics;

impl Exporter for OpenMetrics {
    fn name(&self) -> &'static str {
        "openmetrics"
    }

    fn describe(&self) -> &'static str {
        "metrics.om: objectives, requests and times in seconds as OpenMetrics text, for Prometheus and its friends"
    }

    fn standard(&self) -> bool {
        false
    }

    fn render(&self, document: &Document) -> Result<Vec<Rendering>, ReportError> {
        let mut text = String::new();
        let scenario = label("scenario", &document.plan.scenario);
        family(&mut text, "diapason_run", "info", None, "The run.");
        let _ = writeln!(
            text,
            "diapason_run_info{{{scenario},{},{}}} 1",
            label("run", &document.id),
            label("verdict", document.judgement.overall.name())
        );
        family(&mut text, "diapason_exit_code", "gauge", None, "Exit code of the run.");
        let _ = writeln!(text, "diapason_exit_code{{{scenario}}} {}", document.exit.code);
        objectives(&mut text, document, &scenario);
        requests(&mut text, document, &scenario);
        // Required as the last line (OpenMetrics 1.0), so that a reader notices a text that was cut short.
        text.push_str("# EOF\n");
        Ok(vec![Rendering::new("metrics.om", text)])
    }
}

// Writing into a string cannot fail.
fn family(text: &mut String, name: &str, kind: &str, unit: Option<&str>, help: &str) {
    let _ = writeln!(text, "# TYPE {name} {kind}");
    if let Some(unit) = unit {
        let _ = writeln!(text, "# UNIT {name} {unit}");
    }
    let _ = writeln!(text, "# HELP {name} {help}");
}

/// A label with its value escaped.
fn label(name: &str, value: &str) -> String {
    let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("{name}=\"{value}\"")
}

fn objectives(text: &mut String, document: &Document, scenario: &str) {
    // Times in seconds, as the base unit asks for; shares, rates and scores as they are.
    let base = |value: f64, unit: Unit| if unit == Unit::Milliseconds { value / 1e3 } else { value };
    family(
        text,
        "diapason_objective",
        "gauge",
        None,
        "Measured value of an objective: seconds, a share, a rate per second or a score.",
    );
    for verdict in &document.judgement.verdicts {
        let Some(measurement) = &verdict.measurement else {
            continue;
        };
        let Some(value) = measurement.point else { continue };
        let _ = writeln!(
            text,
            "diapason_objective{{{scenario},{},{},{}}} {}",
            label("objective", &verdict.objective.name),
            label("indicator", &verdict.objective.indicator),
            label("statistic", &measurement.statistic),
            base(value, measurement.unit)
        );
    }
    family(
        text,
        "diapason_objective_verdict",
        "stateset",
        None,
        "Verdict on an objective.",
    );
    for verdict in &document.judgement.verdicts {
        let name = label("objective", &verdict.objective.name);
        let gate = label("gate", if verdict.objective.gate { "true" } else { "false" });
        // A state set has a sample for every state, of which one is 1 (OpenMetrics 1.0).
        for word in ["PASS", "WARN", "INCONCLUSIVE", "FAIL", "INVALID"] {
            let is = u8::from(verdict.word.name() == word);
            let state = label("diapason_objective_verdict", word);
            let _ = writeln!(
                text,
                "diapason_objective_verdict{{{scenario},{name},{gate},{state}}} {is}"
            );
        }
    }
}

fn requests(text: &mut String, document: &Document, scenario: &str) {
    let rows = || document.series.iter();
    family(
        text,
        "diapason_requests",
        "counter",
        None,
        "Judged requests by outcome.",
    );
    for row in rows() {
        for (outcome, count) in &row.outcomes {
            let (series, outcome) = (label("series", &row.name), label("outcome", outcome));
            let model = label("model", row.model.name());
            let _ = writeln!(
                text,
                "diapason_requests_total{{{scenario},{series},{model},{outcome}}} {count}"
            );
        }
    }
    let response: fn(&RequestRow) -> &Percentiles = |row| &row.response;
    let service: fn(&RequestRow) -> &Percentiles = |row| &row.service;
    let kinds = [
        (
            "diapason_response_time_seconds",
            "Response times from the intended start.",
            response,
        ),
        (
            "diapason_service_time_seconds",
            "Times from sending to the end.",
            service,
        ),
    ];
    for (name, help, times) in kinds {
        family(text, name, "gauge", Some("seconds"), help);
        for row in rows() {
            let times = times(row);
            for (quantile, value) in [
                ("0.5", times.p50),
                ("0.9", times.p90),
                ("0.95", times.p95),
                ("0.99", times.p99),
            ] {
                let Some(value) = value else { continue };
                let (series, model) = (label("series", &row.name), label("model", row.model.name()));
                let quantile = label("quantile", quantile);
                let _ = writeln!(text, "{name}{{{scenario},{series},{model},{quantile}}} {}", value / 1e3);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn families_are_whole_and_the_text_ends_as_it_must() {
        let mut document = sample::document();
        document.judgement.verdicts[0].objective.name = "a \"b\"\nc\\".to_owned();
        let text = OpenMetrics.render(&document).unwrap().remove(0).content;
        assert!(
            text.ends_with("# EOF\n") && text.contains(r#"objective="a \"b\"\nc\\""#),
            "{text}"
        );
        let mut family = "";
        for line in text.lines().filter(|line| *line != "# EOF") {
            if let Some(named) = line.strip_prefix("# TYPE ") {
                family = named.split(' ').next().unwrap();
            }
            let own = line
                .trim_start_matches("# TYPE ")
                .trim_start_matches("# UNIT ")
                .trim_start_matches("# HELP ");
            assert!(own.starts_with(family), "{line} among {family}");
        }
        let count: u64 = text
            .lines()
            .filter(|line| line.starts_with("diapason_requests_total"))
            .filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok())
            .sum();
        assert_eq!(count, document.series.iter().map(|row| row.requests).sum::<u64>());
    }
}
