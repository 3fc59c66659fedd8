//! Percentile spectrum: the whole distribution, its tail stretched out.

use super::Chart;
use super::plot::{Marks, Plot, Shape, highest, limits};
use crate::report::{Document, ReportError, SpectrumPoint};
use crate::words::Language;

pub(super) fn chart(document: &Document) -> Result<Chart, ReportError> {
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
        Marks::new("response time (judged)", 0, Shape::Line, curve(|point| point.response)),
        Marks::new("service time", 3, Shape::Dashes, curve(|point| point.service)),
    ];
    let x = 0.0..(requests.max(10) as f64).log10();
    if let Some(objective) = document.request_objective() {
        marks.extend(limits(objective, &x, Language::English));
    }
    let plot = Plot {
        name: "spectrum",
        x_label: "percentile (log of 1/(1−q))",
        y_label: "milliseconds (log)",
        y: 0.0..highest(&marks) * 1.1,
        x,
        logarithmic: false,
        x_text: percentile,
        language: Language::English,
        bands: Vec::new(),
        marks,
    };
    Ok(Chart {
        name: "spectrum",
        title: "Percentile spectrum",
        caption: format!(
            "{} of the judged window ({}): this share of requests was at least as fast. Failed requests are slower than \
             any: where a curve ends before the right edge, the rest failed. The gap between the curves is time requests \
             waited in the generator.",
            crate::words::en::text::plural(requests, "request"),
            if name == "*" { "all series" } else { name }
        ),
        svg: plot.logarithmic().draw()?,
    })
}

/// The percentile at a decade of 1/(1−q); between decades the axis stays without text.
fn percentile(decade: f64) -> String {
    let whole = decade.round();
    if (decade - whole).abs() > 1e-6 {
        return String::new();
    }
    let percent = 100.0 * (1.0 - 10_f64.powf(-whole));
    format!("{} %", (percent * 1e6).round() / 1e6)
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
    }
}
