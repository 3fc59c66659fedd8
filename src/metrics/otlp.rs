//! OpenTelemetry's protocol (OTLP) over HTTP: protocol buffers of `opentelemetry.proto.metrics.v1`, with the fields that are sent.

use prost::Message;

use super::figures::{FigureKind, Figures, Label, Times};

/// Temporality of sums since the start of the run.
const CUMULATIVE: i32 = 2;

#[derive(Clone, PartialEq, Message)]
struct ExportMetricsServiceRequest {
    #[prost(message, repeated, tag = "1")]
    resource_metrics: Vec<ResourceMetrics>,
}

#[derive(Clone, PartialEq, Message)]
struct ResourceMetrics {
    #[prost(message, optional, tag = "1")]
    resource: Option<Resource>,
    #[prost(message, repeated, tag = "2")]
    scope_metrics: Vec<ScopeMetrics>,
}

#[derive(Clone, PartialEq, Message)]
struct Resource {
    #[prost(message, repeated, tag = "1")]
    attributes: Vec<KeyValue>,
}

#[derive(Clone, PartialEq, Message)]
struct KeyValue {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(message, optional, tag = "2")]
    value: Option<AnyValue>,
}

#[derive(Clone, PartialEq, Message)]
struct AnyValue {
    #[prost(string, optional, tag = "1")]
    string_value: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
struct ScopeMetrics {
    #[prost(message, optional, tag = "1")]
    scope: Option<Scope>,
    #[prost(message, repeated, tag = "2")]
    metrics: Vec<Metric>,
}

#[derive(Clone, PartialEq, Message)]
struct Scope {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    version: String,
}

#[derive(Clone, PartialEq, Message)]
struct Metric {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    description: String,
    #[prost(string, tag = "3")]
    unit: String,
    #[prost(message, optional, tag = "5")]
    gauge: Option<Gauge>,
    #[prost(message, optional, tag = "7")]
    sum: Option<Sum>,
    #[prost(message, optional, tag = "9")]
    histogram: Option<Histogram>,
}

#[derive(Clone, PartialEq, Message)]
struct Gauge {
    #[prost(message, repeated, tag = "1")]
    data_points: Vec<NumberDataPoint>,
}

#[derive(Clone, PartialEq, Message)]
struct Sum {
    #[prost(message, repeated, tag = "1")]
    data_points: Vec<NumberDataPoint>,
    #[prost(int32, tag = "2")]
    aggregation_temporality: i32,
    #[prost(bool, tag = "3")]
    is_monotonic: bool,
}

#[derive(Clone, PartialEq, Message)]
struct NumberDataPoint {
    #[prost(fixed64, tag = "2")]
    start_time_unix_nano: u64,
    #[prost(fixed64, tag = "3")]
    time_unix_nano: u64,
    #[prost(double, optional, tag = "4")]
    as_double: Option<f64>,
    #[prost(message, repeated, tag = "7")]
    attributes: Vec<KeyValue>,
}

#[derive(Clone, PartialEq, Message)]
struct Histogram {
    #[prost(message, repeated, tag = "1")]
    data_points: Vec<HistogramDataPoint>,
    #[prost(int32, tag = "2")]
    aggregation_temporality: i32,
}

#[derive(Clone, PartialEq, Message)]
struct HistogramDataPoint {
    #[prost(fixed64, tag = "2")]
    start_time_unix_nano: u64,
    #[prost(fixed64, tag = "3")]
    time_unix_nano: u64,
    #[prost(fixed64, tag = "4")]
    count: u64,
    #[prost(double, optional, tag = "5")]
    sum: Option<f64>,
    #[prost(fixed64, repeated, tag = "6")]
    bucket_counts: Vec<u64>,
    #[prost(double, repeated, tag = "7")]
    explicit_bounds: Vec<f64>,
    #[prost(message, repeated, tag = "9")]
    attributes: Vec<KeyValue>,
}

/// The message; times are nanoseconds since the epoch.
pub(super) fn message(figures: &Figures, started: u64, now: u64) -> Vec<u8> {
    let number = |(labels, value): &(Vec<Label>, f64)| NumberDataPoint {
        start_time_unix_nano: started,
        time_unix_nano: now,
        as_double: Some(*value),
        attributes: attributes(labels),
    };
    let mut metrics: Vec<Metric> = Vec::new();
    for family in &figures.families {
        let data_points: Vec<NumberDataPoint> = family.rows.iter().map(number).collect();
        let mut metric = Metric {
            name: family.dotted.to_owned(),
            description: family.help.to_owned(),
            unit: family.unit.to_owned(),
            ..Metric::default()
        };
        match family.kind {
            FigureKind::Gauge => metric.gauge = Some(Gauge { data_points }),
            FigureKind::Counter => {
                metric.sum = Some(Sum {
                    data_points,
                    aggregation_temporality: CUMULATIVE,
                    is_monotonic: true,
                });
            }
        }
        metrics.push(metric);
    }
    let data_points = figures
        .times
        .iter()
        .map(|times| histogram(times, started, now))
        .collect();
    metrics.push(Metric {
        name: Times::DOTTED.to_owned(),
        description: Times::HELP.to_owned(),
        unit: "s".to_owned(),
        histogram: Some(Histogram {
            data_points,
            aggregation_temporality: CUMULATIVE,
        }),
        ..Metric::default()
    });
    let resource = Resource {
        attributes: vec![
            attribute("service.name", "diapason"),
            attribute("service.version", env!("CARGO_PKG_VERSION")),
            attribute("diapason.scenario", &figures.scenario),
        ],
    };
    let scope = Scope {
        name: "diapason".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let request = ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            resource: Some(resource),
            scope_metrics: vec![ScopeMetrics {
                scope: Some(scope),
                metrics,
            }],
        }],
    };
    request.encode_to_vec()
}

/// Its buckets are counted each by itself, unlike those of Prometheus.
fn histogram(times: &Times, started: u64, now: u64) -> HistogramDataPoint {
    let mut before = 0;
    let mut bucket_counts: Vec<u64> = Vec::new();
    for (_, within) in &times.within {
        // OTLP counts each bucket by itself, Prometheus all up to its bound.
        bucket_counts.push(within.saturating_sub(before));
        before = *within;
    }
    bucket_counts.push(times.count.saturating_sub(before));
    HistogramDataPoint {
        start_time_unix_nano: started,
        time_unix_nano: now,
        count: times.count,
        sum: Some(times.sum),
        bucket_counts,
        explicit_bounds: times.within.iter().map(|(bound, _)| *bound).collect(),
        attributes: attributes(&times.labels),
    }
}

fn attributes(labels: &[Label]) -> Vec<KeyValue> {
    labels.iter().map(|(name, value)| attribute(name, value)).collect()
}

fn attribute(name: &str, value: &str) -> KeyValue {
    KeyValue {
        key: name.to_owned(),
        value: Some(AnyValue {
            string_value: Some(value.to_owned()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_add_up_to_the_count() {
        let times = Times {
            labels: vec![("series", "a.get".to_owned())],
            count: 8,
            sum: 1.2,
            within: vec![(0.1, 2), (0.3, 4)],
        };
        let point = histogram(&times, 1, 2);
        assert_eq!(point.bucket_counts, [2, 2, 4]);
        assert_eq!(point.explicit_bounds, [0.1, 0.3]);
        let figures = Figures {
            scenario: "gate".to_owned(),
            families: Vec::new(),
            times: vec![times],
        };
        let read = ExportMetricsServiceRequest::decode(message(&figures, 1, 2).as_slice()).unwrap();
        let metrics = &read.resource_metrics[0].scope_metrics[0].metrics;
        assert_eq!(metrics[0].name, "diapason.response_time");
        assert_eq!(metrics[0].histogram.as_ref().unwrap().data_points[0].count, 8);
    }
}
