//! Prometheus' remote write, version 1.0: protocol buffers, compressed by Snappy.

use std::collections::BTreeMap;

use prost::Message;

use super::figures::{Figures, Label, Times};
use super::text::series;

/// Messages of `prometheus/prompb`, with the fields that are sent.
#[derive(Clone, PartialEq, Message)]
struct WriteRequest {
    #[prost(message, repeated, tag = "1")]
    timeseries: Vec<TimeSeries>,
}

#[derive(Clone, PartialEq, Message)]
struct TimeSeries {
    #[prost(message, repeated, tag = "1")]
    labels: Vec<LabelPair>,
    #[prost(message, repeated, tag = "2")]
    samples: Vec<Sample>,
}

#[derive(Clone, PartialEq, Message)]
struct LabelPair {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    value: String,
}

#[derive(Clone, PartialEq, Message)]
struct Sample {
    #[prost(double, tag = "1")]
    value: f64,
    /// Milliseconds since the epoch.
    #[prost(int64, tag = "2")]
    timestamp: i64,
}

/// The compressed message; `None` if it is too large for Snappy (4 GiB).
pub(super) fn message(figures: &Figures, millis: i64) -> Option<Vec<u8>> {
    let mut timeseries = Vec::new();
    let mut push = |name: &str, labels: &[Label], bound: Option<&str>, value: f64| {
        // Sorted by name, as the protocol asks for.
        let mut all: BTreeMap<String, String> = labels
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        all.insert("__name__".to_owned(), name.to_owned());
        // Whoever pushes has no scrape that would add a job.
        all.insert("job".to_owned(), "diapason".to_owned());
        all.extend(bound.map(|bound| ("le".to_owned(), bound.to_owned())));
        timeseries.push(TimeSeries {
            labels: all.into_iter().map(|(name, value)| LabelPair { name, value }).collect(),
            samples: vec![Sample {
                value,
                timestamp: millis,
            }],
        });
    };
    for family in &figures.families {
        for (labels, value) in &family.rows {
            push(family.name, labels, None, *value);
        }
    }
    for times in &figures.times {
        series(times, |suffix, bound, value| {
            push(&format!("{}{suffix}", Times::NAME), &times.labels, bound, value);
        });
    }
    let bytes = WriteRequest { timeseries }.encode_to_vec();
    snap::raw::Encoder::new().compress_vec(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::super::MetricsPlan;
    use super::super::totals::Totals;
    use super::*;

    #[test]
    fn every_series_has_its_sample_and_its_labels_in_order() {
        let totals = Totals::new(MetricsPlan {
            scenario: "gate".to_owned(),
            phases: vec![("steady".to_owned(), true)],
            series: vec!["a.get".to_owned()],
            limits: vec!["100ms".parse().unwrap()],
        });
        let figures = totals.figures();
        let bytes = message(&figures, 1_700_000_000_000).unwrap();
        let bytes = snap::raw::Decoder::new().decompress_vec(&bytes).unwrap();
        let read = WriteRequest::decode(bytes.as_slice()).unwrap();
        // Two buckets, sum and count.
        let rows: usize = figures.families.iter().map(|family| family.rows.len()).sum();
        assert_eq!(read.timeseries.len(), rows + 4);
        for series in &read.timeseries {
            assert!(
                series.labels.is_sorted_by(|one, next| one.name < next.name),
                "{series:?}"
            );
            assert_eq!(series.samples.len(), 1);
            assert_eq!(series.samples[0].timestamp, 1_700_000_000_000);
        }
        let bucket = read.timeseries.iter().any(|series| {
            let has = |name: &str, value: &str| {
                series
                    .labels
                    .iter()
                    .any(|label| label.name == name && label.value == value)
            };
            has("__name__", "diapason_response_time_seconds_bucket") && has("le", "0.1")
        });
        assert!(bucket);
    }
}
