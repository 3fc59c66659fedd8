//! Contents of a plot: its axes, shaded phases, and marks.

use std::ops::Range;

use plotters::style::RGBColor;

use crate::report::Document;
use crate::report::words::chart as words;
use crate::slo::{Label, Limit, Objective};
use crate::words::Language;

/// Colours that colour-blind people can tell apart (Okabe and Ito, "Color universal design", 2008).
pub(in crate::report) const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
];
/// Colour of failures.
pub(crate) const RED: RGBColor = RGBColor(200, 30, 30);
/// Colour of marks that are context only.
pub(in crate::report) const GREY: RGBColor = RGBColor(140, 140, 140);

/// Style in which points are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Line,
    Dots,
    Crosses,
    Dashes,
}

/// Points of one colour with their name in the legend.
pub(crate) struct Marks {
    pub label: String,
    pub colour: RGBColor,
    pub shape: Shape,
    pub points: Vec<(f64, f64)>,
}

impl Marks {
    pub(crate) fn new(label: impl Into<String>, index: usize, shape: Shape, points: Vec<(f64, f64)>) -> Self {
        Self {
            label: label.into(),
            colour: COLOURS[index % COLOURS.len()],
            shape,
            points,
        }
    }
}

/// A stretch of the horizontal axis that is shaded.
pub(crate) struct Band {
    pub label: String,
    pub from: f64,
    pub to: f64,
}

/// Everything a plot shows.
pub(crate) struct Plot {
    pub name: &'static str,
    pub x_label: &'static str,
    pub y_label: &'static str,
    pub x: Range<f64>,
    pub y: Range<f64>,
    /// True if the vertical axis is logarithmic.
    pub logarithmic: bool,
    /// Text at a place of the horizontal axis, in English.
    pub x_text: fn(f64) -> String,
    /// Text of a place of the horizontal axis in the table behind the plot, in English.
    pub row_text: fn(f64) -> String,
    /// The language that numbers on both axes are written in.
    pub language: Language,
    pub bands: Vec<Band>,
    pub marks: Vec<Marks>,
}

impl Plot {
    /// A plot over the run's time, with the phases that are not judged shaded.
    pub(in crate::report) fn over_time(
        name: &'static str,
        y_label: Label,
        document: &Document,
        marks: Vec<Marks>,
        language: Language,
    ) -> Self {
        let phases = document.plan.load.phases.iter().filter(|phase| !phase.judged);
        Self {
            name,
            x_label: language.label(words::SECONDS),
            y_label: language.label(y_label),
            x: 0.0..document.seconds.max(1.0),
            y: 0.0..highest(&marks) * 1.1,
            logarithmic: false,
            x_text: |second| format!("{second:.0}"),
            row_text: |second| format!("{second:.0} s"),
            language,
            bands: phases
                .map(|phase| Band {
                    label: phase.name.clone(),
                    from: phase.window.start.as_secs_f64(),
                    to: phase.window.end.as_secs_f64(),
                })
                .collect(),
            marks,
        }
    }

    /// Description of each line or set of points with its least and greatest value, for people who do not see the chart.
    pub(crate) fn described(&self) -> String {
        let told = self.marks.iter().filter(|marks| !marks.points.is_empty());
        let told = told.map(|marks| {
            let values = || marks.points.iter().map(|(_, value)| *value);
            let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max));
            (marks.label.clone(), marks.points.len(), low, high)
        });
        words::described(&told.collect::<Vec<_>>(), self.y_label, self.language)
    }

    /// Makes the vertical axis logarithmic, from the lowest point to the highest.
    pub(in crate::report) fn logarithmic(mut self) -> Self {
        let values = self.marks.iter().flat_map(|marks| &marks.points).map(|(_, y)| *y);
        let lowest = values.filter(|y| *y > 0.0).fold(f64::INFINITY, f64::min);
        self.y = (lowest.min(self.y.end / 10.0) * 0.8)..(self.y.end * 1.4);
        self.logarithmic = true;
        self
    }
}

/// Highest point of all marks, at least 0.01, so that an axis of zeros still has a height.
pub(in crate::report) fn highest(marks: &[Marks]) -> f64 {
    let values = marks.iter().flat_map(|marks| &marks.points).map(|(_, y)| *y);
    values.fold(0.0, f64::max).max(0.01)
}

/// Horizontal lines of a latency objective's two tiers, over the whole width.
pub(in crate::report) fn limits(objective: &Objective, x: &Range<f64>, language: Language) -> Vec<Marks> {
    let line = |name: &str, limit: Limit, colour: RGBColor| match limit.fixed() {
        Some(Limit::Time(span)) => Some(Marks {
            label: format!("{name} {}", language.limit(objective, limit)),
            colour,
            shape: Shape::Dashes,
            points: vec![(x.start, span.as_millis_f64()), (x.end, span.as_millis_f64())],
        }),
        _ => None,
    };
    [
        line(language.say("target", "cible"), objective.target, RGBColor(0, 130, 60)),
        line("acceptable", objective.acceptable, RGBColor(200, 90, 0)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn limits_are_named_in_the_language_of_the_chart() {
        let mut verdicts = sample::judgement().verdicts;
        let mut objective = verdicts.remove(0).objective;
        objective.target = "62.5ms".to_owned().try_into().unwrap();
        let labels = |objective: &Objective, language| {
            let marks = limits(objective, &(0.0..1.0), language);
            marks.into_iter().map(|marks| marks.label).collect::<Vec<_>>()
        };
        assert_eq!(
            labels(&objective, Language::English),
            ["target < 62.5 ms", "acceptable < 300 ms"]
        );
        assert_eq!(
            labels(&objective, Language::French),
            ["cible < 62,5 ms", "acceptable < 300 ms"]
        );
        objective.target = "baseline + 10 %".to_owned().try_into().unwrap();
        objective.acceptable = "baseline + 50 %".to_owned().try_into().unwrap();
        let relative = objective.against(37.5).unwrap();
        assert_eq!(
            labels(&relative, Language::French)[0],
            "cible < 41,25 ms (référence 37,5ms + 10 %)"
        );
    }
}
