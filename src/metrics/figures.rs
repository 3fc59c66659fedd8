//! The figures at a moment, in no format yet.

use super::totals::Totals;
use crate::record::Outcome;

/// A label and its value.
pub(super) type Label = (&'static str, String);

/// Kind of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FigureKind {
    /// It only grows.
    Counter,
    /// It goes up and down.
    Gauge,
}

/// Figures of one name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Family {
    /// Name in Prometheus.
    pub(super) name: &'static str,
    /// Name in OpenTelemetry.
    pub(super) dotted: &'static str,
    /// Unit in OpenTelemetry, which is UCUM's.
    pub(super) unit: &'static str,
    pub(super) kind: FigureKind,
    pub(super) help: &'static str,
    pub(super) rows: Vec<(Vec<Label>, f64)>,
}

/// Response times of one phase and series, in seconds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Times {
    pub(super) labels: Vec<Label>,
    /// Requests that ended, however they ended.
    pub(super) count: u64,
    /// Sum of the times that count.
    pub(super) sum: f64,
    /// Limits of the objectives, and the requests that succeeded within each: exact.
    pub(super) within: Vec<(f64, u64)>,
}

impl Times {
    /// Name in Prometheus.
    pub(super) const NAME: &'static str = "diapason_response_time_seconds";
    /// Name in OpenTelemetry.
    pub(super) const DOTTED: &'static str = "diapason.response_time";
    pub(super) const HELP: &'static str = "Response times from the intended start; requests that did not succeed are above every limit, and not in the sum.";
}

/// All figures at a moment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Figures {
    pub(super) scenario: String,
    pub(super) families: Vec<Family>,
    pub(super) times: Vec<Times>,
}

impl Totals {
    /// The figures now; zeros included, from the beginning.
    pub(super) fn figures(&self) -> Figures {
        let scenario = || ("scenario", self.plan.scenario.clone());
        let family = |name, dotted, unit, kind, help| Family {
            name,
            dotted,
            unit,
            kind,
            help,
            rows: Vec::new(),
        };
        let mut seconds = family(
            "diapason_seconds_total",
            "diapason.seconds",
            "s",
            FigureKind::Counter,
            "Seconds of the run that were counted.",
        );
        seconds.rows.push((
            vec![scenario()],
            self.second.map_or(0.0, |second| f64::from(second) + 1.0),
        ));
        let mut requests = family(
            "diapason_requests_total",
            "diapason.requests",
            "{request}",
            FigureKind::Counter,
            "Requests that ended, by outcome.",
        );
        let mut bytes = family(
            "diapason_received_bytes_total",
            "diapason.received",
            "By",
            FigureKind::Counter,
            "Body bytes received.",
        );
        let mut objectives = family(
            "diapason_objective_so_far",
            "diapason.objective.so_far",
            "",
            FigureKind::Gauge,
            "Value of an objective over the judged phases so far: seconds, or a share.",
        );
        let own = self.objectives.iter();
        objectives.rows = own
            .map(|(name, value)| (vec![scenario(), ("objective", name.clone())], *value))
            .collect();
        let mut times = Vec::new();
        for ((phase, series), counters) in &self.counters {
            let judged = self.plan.phases.iter().any(|(name, judged)| name == phase && *judged);
            let labels = || {
                vec![
                    scenario(),
                    ("phase", phase.clone()),
                    ("judged", judged.to_string()),
                    ("series", series.clone()),
                ]
            };
            for outcome in Outcome::ALL {
                let mut labels = labels();
                labels.push(("outcome", outcome.name().to_owned()));
                requests.rows.push((labels, counters.of(outcome) as f64));
            }
            bytes.rows.push((labels(), counters.bytes as f64));
            let count = counters.total();
            let limits = self.plan.limits.iter().zip(&counters.over);
            times.push(Times {
                labels: labels(),
                count,
                sum: counters.micros as f64 / 1e6,
                within: limits
                    // Buckets of Prometheus are cumulative: each counts all that are no longer than its bound.
                    .map(|(limit, over)| (limit.get().as_secs_f64(), count.saturating_sub(*over)))
                    .collect(),
            });
        }
        let mut families = vec![seconds, requests, bytes, objectives];
        // A family without a row would be a heading without a value in the text format.
        families.retain(|family| !family.rows.is_empty());
        Figures {
            scenario: self.plan.scenario.clone(),
            families,
            times,
        }
    }
}
