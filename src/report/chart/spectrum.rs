//! Percentile spectrum: the whole distribution, its tail stretched out.

use super::Chart;
use super::plot::{Marks, Plot, Shape, highest, limits};
use crate::report::words::chart as words;
use crate::report::{Document, ReportError, SpectrumPoint};
use crate::words::Language;

pub(super) fn chart(document: &Document, language: Language) -> Result<Chart, ReportError> {
    let group = document.request_group();
    let (name, spectrum, requests) = group.map_or(("*", &[][..], 0), |group| {
        (group.name.as_str(), group.spectrum.as_slice(), group.requests)
    });
    let curve = |value: fn(&SpectrumPoint) -> Option<f64>| {
        let points = spectrum.iter();
        points
            .filter_map(|point| Some(((1.0 / (1.0 - point.quantile)).log10(), value(point)?)))
            .collect::<Vec<_>>()
    };
    let mut marks = vec![
        Marks::new(
            language.label(words::RESPONSE),
            0,
            Shape::Line,
            curve(|point| point.response),
        ),
        Marks::new(
            language.label(words::SERVICE),
            3,
            Shape::Dashes,
            curve(|point| point.service),
        ),
    ];
    // Of n requests the last one stands for the quantile 1 − 1/n: nothing lies beyond.
    let x = 0.0..(requests.max(10) as f64).log10();
    if let Some(objective) = document.request_objective() {
        marks.extend(limits(objective, &x, language));
    }
    let plot = Plot {
        name: "spectrum",
        x_label: language.label(words::QUANTILE_AXIS),
        y_label: language.label(words::MILLISECONDS),
        y: 0.0..highest(&marks) * 1.1,
        x,
        logarithmic: false,
        x_text: percentile,
        row_text: exact_percentile,
        language,
        bands: Vec::new(),
        cells: Vec::new(),
        marks,
    };
    let plot = plot.logarithmic();
    Chart::new(
        "spectrum",
        &plot,
        language.label(words::SPECTRUM),
        words::spectrum(requests, name, language),
    )
}

/// The percentile at a decade of 1/(1−q); between decades the axis stays without text.
fn percentile(decade: f64) -> String {
    let whole = decade.round();
    // Between 90, 99 and 99.9 % the labels would be odd fractions.
    if (decade - whole).abs() > 1e-6 {
        return String::new();
    }
    let percent = 100.0 * (1.0 - 10_f64.powf(-whole));
    format!("{} %", (percent * 1e6).round() / 1e6)
}

/// The percentile at any place.
fn exact_percentile(decade: f64) -> String {
    let percent = 100.0 * (1.0 - 10_f64.powf(-decade));
    format!("{} %", (percent * 1e4).round() / 1e4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decades_are_percentiles() {
        assert_eq!(percentile(0.0), "0 %");
        assert_eq!(percentile(1.0), "90 %");
        assert_eq!(percentile(3.0), "99.9 %");
        assert_eq!(percentile(0.5), "");
        assert_eq!(exact_percentile(0.5), "68.3772 %");
    }
}
