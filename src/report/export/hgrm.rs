//! Percentile distributions as `HdrHistogram`'s tools print and plot them.

use std::fmt::Write;

use super::{Exporter, Rendering};
use crate::report::{Document, ReportError, RequestRow};

/// `latency.hgrm`.
pub(super) struct Hgrm;

impl Exporter for Hgrm {
    fn name(&self) -> &'static str {
        "hgrm"
    }

    fn describe(&self) -> &'static str {
        "latency.hgrm and service.hgrm: response and service times by percentile, for HdrHistogram's plotter"
    }

    fn standard(&self) -> bool {
        false
    }

    fn render(&self, document: &Document) -> Result<Vec<Rendering>, ReportError> {
        let group = document.request_group();
        Ok(vec![
            Rendering::new("latency.hgrm", distribution(group, |point| point.response)),
            Rendering::new("service.hgrm", distribution(group, |point| point.service)),
        ])
    }
}

/// A line for each point of the spectrum, in milliseconds. Percentiles that fall among failures have no value, and are left out.
fn distribution(group: Option<&RequestRow>, value: fn(&crate::report::SpectrumPoint) -> Option<f64>) -> String {
    let mut text = format!(
        "{:>12} {:>14} {:>10} {:>14}\n\n",
        "Value", "Percentile", "TotalCount", "1/(1-Percentile)"
    );
    let total = group.map_or(0, |group| group.requests);
    let points = group.iter().flat_map(|group| &group.spectrum);
    let mut max: Option<f64> = None;
    for point in points {
        // The format has no word for a percentile among failures.
        let Some(time) = value(point) else { continue };
        max = Some(time);
        let share = point.quantile;
        let count = (share * total as f64).ceil();
        // Writing into a string cannot fail.
        let _ = writeln!(
            text,
            "{time:>12.3} {share:>14.12} {count:>10.0} {:>14.2}",
            1.0 / (1.0 - share)
        );
    }
    let _ = writeln!(
        text,
        "#[Max     = {:>12.3}, Total count    = {total:>12}]",
        max.unwrap_or(0.0)
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn percentiles_and_values_rise_together() {
        let text = Hgrm.render(&sample::document()).unwrap().remove(0).content;
        let rows: Vec<[f64; 4]> = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| {
                let numbers: Option<Vec<f64>> = line.split_whitespace().map(|word| word.parse().ok()).collect();
                numbers?.try_into().ok()
            })
            .collect();
        assert!(rows.len() > 10, "{text}");
        for column in 0..4 {
            assert!(
                rows.is_sorted_by(|one, next| one[column] <= next[column]),
                "{column}: {text}"
            );
        }
        let half = rows.iter().find(|row| row[1] >= 0.5).unwrap();
        let median = sample::document().request_group().unwrap().response.p50.unwrap();
        assert!((half[0] - median).abs() <= 0.2 * median, "{half:?} {median}");
        assert!(text.lines().last().unwrap().starts_with("#[Max"), "{text}");
    }
}
