//! Prometheus' text format, version 0.0.4.

use std::fmt::Write;

use super::figures::{FigureKind, Figures, Label, Times};

/// Media type of the text.
pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// All figures as text. Buckets are at the limits of the objectives, and exact: what did not succeed is in `+Inf` only.
pub(super) fn text(figures: &Figures) -> String {
    let mut text = String::new();
    for family in &figures.families {
        let kind = match family.kind {
            FigureKind::Counter => "counter",
            FigureKind::Gauge => "gauge",
        };
        head(&mut text, family.name, kind, family.help);
        for (labels, value) in &family.rows {
            row(&mut text, family.name, labels, None, *value);
        }
    }
    head(&mut text, Times::NAME, "histogram", Times::HELP);
    for times in &figures.times {
        series(times, |suffix, bound, value| {
            let name = format!("{}{suffix}", Times::NAME);
            row(&mut text, &name, &times.labels, bound, value);
        });
    }
    text
}

/// Calls `each` with every series that Prometheus makes of a histogram: suffix of its name, its bound, its value.
pub(super) fn series(times: &Times, mut each: impl FnMut(&str, Option<&str>, f64)) {
    for (bound, within) in &times.within {
        each("_bucket", Some(&bound.to_string()), *within as f64);
    }
    // The format demands this bucket, and that it equals the count.
    each("_bucket", Some("+Inf"), times.count as f64);
    each("_sum", None, times.sum);
    each("_count", None, times.count as f64);
}

// Writing into a string cannot fail.
fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn row(text: &mut String, name: &str, labels: &[Label], bound: Option<&str>, value: f64) {
    let labels = labels.iter().map(|(name, value)| label(name, value));
    let labels: Vec<String> = labels.chain(bound.map(|bound| label("le", bound))).collect();
    let _ = writeln!(text, "{name}{{{}}} {value}", labels.join(","));
}

fn label(name: &str, value: &str) -> String {
    let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("{name}=\"{value}\"")
}

#[cfg(test)]
mod tests {
    use super::super::MetricsPlan;
    use super::super::totals::Totals;
    use super::*;
    use crate::record::{Counters, Figure, Outcome, Progress, SecondCounts, SeriesKey};
    use crate::units::Span;

    fn totals() -> Totals {
        Totals::new(MetricsPlan {
            scenario: "gate".to_owned(),
            phases: vec![("warm-up".to_owned(), false), ("steady".to_owned(), true)],
            series: vec!["a.get".to_owned(), "b\"c".to_owned()],
            limits: vec![Span::from_millis(100), Span::from_millis(300)],
        })
    }

    #[test]
    fn everything_is_there_from_the_beginning_as_zero() {
        let text = text(&totals().figures());
        assert!(text.contains("diapason_seconds_total{scenario=\"gate\"} 0"), "{text}");
        let zeros = text.lines().filter(|line| !line.starts_with('#'));
        assert!(zeros.clone().all(|line| line.ends_with(" 0")), "{text}");
        // Four of each: outcomes, bytes, three buckets, sum, count.
        assert_eq!(zeros.count(), 1 + 4 * (Outcome::ALL.len() + 6), "{text}");
        assert!(text.contains(r#"series="b\"c""#), "{text}");
    }

    #[test]
    fn buckets_are_exact_at_the_limits() {
        let mut totals = totals();
        let key = || SeriesKey {
            phase: "steady".to_owned(),
            series: "a.get".to_owned(),
        };
        for second in [0, 1] {
            let mut counters = Counters::new(2);
            for (outcome, micros) in [
                (Outcome::Success, 100_000),
                (Outcome::Success, 100_001),
                (Outcome::Success, 400_000),
                (Outcome::ServerError, 1_000),
            ] {
                counters.count(outcome, micros, 10, &[100_000, 300_000]);
            }
            totals.add(SecondCounts {
                second,
                series: vec![(key(), true, counters)],
                transactions: Vec::new(),
            });
        }
        totals.show(&Progress {
            figures: vec![
                ("p95".to_owned(), Figure::Millis(Some(250.0))),
                ("none yet".to_owned(), Figure::Millis(None)),
                ("errors".to_owned(), Figure::Share(0.25)),
            ],
            ..Progress::default()
        });
        let text = text(&totals.figures());
        let labels = r#"scenario="gate",phase="steady",judged="true",series="a.get""#;
        for line in [
            "diapason_seconds_total{scenario=\"gate\"} 2".to_owned(),
            format!("diapason_requests_total{{{labels},outcome=\"success\"}} 6"),
            format!("diapason_requests_total{{{labels},outcome=\"server-error\"}} 2"),
            format!("diapason_received_bytes_total{{{labels}}} 80"),
            format!("diapason_response_time_seconds_bucket{{{labels},le=\"0.1\"}} 2"),
            format!("diapason_response_time_seconds_bucket{{{labels},le=\"0.3\"}} 4"),
            format!("diapason_response_time_seconds_bucket{{{labels},le=\"+Inf\"}} 8"),
            format!("diapason_response_time_seconds_sum{{{labels}}} 1.200002"),
            format!("diapason_response_time_seconds_count{{{labels}}} 8"),
            "diapason_objective_so_far{scenario=\"gate\",objective=\"p95\"} 0.25".to_owned(),
            "diapason_objective_so_far{scenario=\"gate\",objective=\"errors\"} 0.25".to_owned(),
        ] {
            assert!(text.lines().any(|own| own == line), "no {line} in\n{text}");
        }
        assert!(!text.contains("none yet"), "{text}");
    }
}
