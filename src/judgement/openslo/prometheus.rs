//! Export of objectives as alerting rules of Prometheus: the same objectives, watched in production by the rate at which they burn
//! their error budget.

use serde_json::{Value, json};

use super::{OpenSloError, OpenSloExport};
use crate::slo::{Limit, Objective, Samples};

/// Windows and burn rates of a budget of 30 days: the Site Reliability Workbook, chapter 5, table 5-8 (multiwindow, multi-burn-rate).
const BURN_RATES: [(&str, &str, f64, &str); 3] = [
    ("1h", "5m", 14.4, "page"),
    ("6h", "30m", 6.0, "page"),
    ("3d", "6h", 1.0, "ticket"),
];

/// Names of what is watched in production.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleOptions {
    /// Value of the label `job`.
    pub service: String,
    /// Name of the histogram of request durations in seconds, with the label `http_response_status_code`: by default that of
    /// OpenTelemetry's semantic conventions.
    pub metric: String,
}

impl RuleOptions {
    /// Name of the histogram in OpenTelemetry's semantic conventions, as Prometheus writes it.
    pub const METRIC: &'static str = "http_server_request_duration_seconds";
}

/// Writes a group of alerting rules, several for each objective.
pub fn prometheus_rules(objectives: &[Objective], options: &RuleOptions) -> Result<OpenSloExport, OpenSloError> {
    let (mut rules, mut left_out) = (Vec::new(), Vec::new());
    for objective in objectives {
        match ErrorRatio::new(objective, options) {
            Ok(watched) => {
                if let Some(selector) = &objective.of {
                    // The rule is exported all the same: it watches the whole service, which is told.
                    left_out.push(format!(
                        "{}: its selector `{}` is no label of production: add a matcher of your own",
                        objective.name, selector.0
                    ));
                }
                rules.extend(watched.rules(objective));
            }
            Err(why) => left_out.push(format!("{}: {why}", objective.name)),
        }
    }
    let file = json!({ "groups": [{ "name": format!("diapason-{}", options.service), "rules": rules }] });
    let yaml = serde_norway::to_string(&file).map_err(|error| OpenSloError::Write(error.to_string()))?;
    Ok(OpenSloExport { yaml, left_out })
}

/// The matcher of the bucket with that bound in seconds. `le` is a label and compared as text, so the bound must be one of the
/// histogram's own. Prometheus 3 writes whole numbers as `1.0`, earlier versions as they come.
fn bucket(bound: f64) -> String {
    if bound.fract() == 0.0 {
        format!("le=~\"{bound}([.]0)?\"")
    } else {
        format!("le=\"{bound}\"")
    }
}

/// The share of bad requests over a window, and the share that the objective allows.
struct ErrorRatio {
    /// An expression of `PromQL`, with `WINDOW` in place of the window.
    bad: String,
    allowed: f64,
}

impl ErrorRatio {
    fn new(objective: &Objective, options: &RuleOptions) -> Result<Self, String> {
        let metric = &options.metric;
        // PromQL's double-quoted strings take the escapes of JSON.
        let job = format!("job={}", json!(options.service));
        let all = format!("sum(rate({metric}_count{{{job}}}[WINDOW]))");
        match (objective.samples(), objective.target, objective.quantile) {
            (Some(Samples::ResponseTimes), Limit::Time(target), Some(quantile)) => {
                // Prometheus' base unit of time is the second.
                let bound = bucket(target.get().as_secs_f64());
                Ok(Self {
                    bad: format!("1 - sum(rate({metric}_bucket{{{job},{bound}}}[WINDOW])) / {all}"),
                    allowed: quantile.allowed_above(),
                })
            }
            (Some(Samples::Failures), Limit::Share(target), _) => Ok(Self {
                bad: format!("sum(rate({metric}_count{{{job},http_response_status_code=~\"5..\"}}[WINDOW])) / {all}"),
                allowed: target.get(),
            }),
            (_, _, _) if objective.is_relative() => Err("production has no baseline".to_owned()),
            _ => Err(
                "only quantiles of response times and error rates are watched by a histogram of requests".to_owned(),
            ),
        }
    }

    /// A rule for each burn rate that a share can reach.
    fn rules(&self, objective: &Objective) -> Vec<Value> {
        let reachable = BURN_RATES.iter().filter(|(_, _, rate, _)| rate * self.allowed < 1.0);
        let rules = reachable.map(|(long, short, rate, severity)| {
            let over = |window: &str| format!("({}) > {rate} * {}", self.bad.replace("WINDOW", window), self.allowed);
            json!({
                "alert": format!("{} burns its budget", objective.name),
                // The short window ends the alert soon after the burning has ended (same chapter).
                "expr": format!("{} and {}", over(long), over(short)),
                "labels": { "severity": severity, "objective": objective.name, "window": long },
                "annotations": {
                    "summary": format!("{} ({}) burns its error budget {rate} times too fast over {long}", objective.name, objective.target),
                },
            })
        });
        rules.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slo::fixture;

    fn exported(objectives: &[Objective]) -> (Value, Vec<String>) {
        let options = RuleOptions {
            service: "shop".to_owned(),
            metric: RuleOptions::METRIC.to_owned(),
        };
        let exported = prometheus_rules(objectives, &options).unwrap();
        (serde_norway::from_str(&exported.yaml).unwrap(), exported.left_out)
    }

    #[test]
    fn limits_and_quantiles_become_burn_rates() {
        let (rules, _) = exported(&[
            fixture::response_time(),
            fixture::objective("error-rate", "0.1 %", "1 %"),
        ]);
        let rules = rules["groups"][0]["rules"].as_array().unwrap();
        assert_eq!(rules.len(), 6);
        assert_eq!(
            rules[0]["expr"],
            "(1 - sum(rate(http_server_request_duration_seconds_bucket{job=\"shop\",le=\"0.1\"}[1h])) / \
             sum(rate(http_server_request_duration_seconds_count{job=\"shop\"}[1h]))) > 14.4 * 0.05 and \
             (1 - sum(rate(http_server_request_duration_seconds_bucket{job=\"shop\",le=\"0.1\"}[5m])) / \
             sum(rate(http_server_request_duration_seconds_count{job=\"shop\"}[5m]))) > 14.4 * 0.05"
        );
        assert_eq!(bucket(2.0), "le=~\"2([.]0)?\"");
        let errors = rules[5]["expr"].as_str().unwrap();
        assert!(
            errors.contains("http_response_status_code=~\"5..\"}[3d]") && errors.ends_with("> 1 * 0.001"),
            "{errors}"
        );
    }

    #[test]
    fn what_no_histogram_watches_is_named_and_what_cannot_burn_that_fast_is_no_rule() {
        let mut median = fixture::response_time();
        median.quantile = "p50".parse().ok();
        let (rules, left_out) = exported(&[median, fixture::objective("uptime", "99.9 %", "99 %")]);
        // Half of the requests may be slower: only a burn rate of 1 is below all of them.
        assert_eq!(rules["groups"][0]["rules"].as_array().unwrap().len(), 1);
        assert!(
            left_out.iter().any(|why| why.contains("only quantiles")),
            "{left_out:?}"
        );
    }
}
