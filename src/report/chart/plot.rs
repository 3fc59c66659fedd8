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
/// Colour of planned events.
pub(in crate::report) const EVENT: RGBColor = RGBColor(122, 47, 143);
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

/// Kind of a named stretch of the horizontal axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stretch {
    /// A phase that is recorded and not judged: shaded.
    Unjudged,
    /// A judged phase: a line where it begins.
    Judged,
    /// A planned event: tinted, with a line where it begins.
    Event,
}

/// A named stretch of the horizontal axis.
pub(crate) struct Band {
    pub label: String,
    pub from: f64,
    pub to: f64,
    pub stretch: Stretch,
}

/// A filled rectangle of a heat map.
pub(crate) struct Cell {
    pub x: Range<f64>,
    pub y: Range<f64>,
    /// From 0 for none to 1 for the darkest.
    pub shade: f64,
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
    pub cells: Vec<Cell>,
    pub marks: Vec<Marks>,
}

impl Plot {
    /// A plot over the run's time, with its phases and planned events marked.
    pub(in crate::report) fn over_time(
        name: &'static str,
        y_label: Label,
        document: &Document,
        marks: Vec<Marks>,
        language: Language,
    ) -> Self {
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
            bands: bands(document, language),
            cells: Vec::new(),
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
        let events = self.bands.iter().filter(|band| band.stretch == Stretch::Event);
        let events: Vec<(&str, f64, f64)> = events.map(|band| (band.label.as_str(), band.from, band.to)).collect();
        words::described(&told.collect::<Vec<_>>(), self.y_label, self.language)
            + &words::marked(&events, self.language)
    }

    /// Makes the vertical axis logarithmic, from the lowest point to the highest.
    pub(in crate::report) fn logarithmic(mut self) -> Self {
        let values = self.marks.iter().flat_map(|marks| &marks.points).map(|(_, y)| *y);
        // 0 has no place on a logarithmic axis.
        let lowest = values.filter(|y| *y > 0.0).fold(f64::INFINITY, f64::min);
        // A decade at least: equal values would otherwise fill the chart with their noise.
        self.y = (lowest.min(self.y.end / 10.0) * 0.8)..(self.y.end * 1.4);
        self.logarithmic = true;
        self
    }
}

/// The phases of the load and the planned events that began, in order of time each.
fn bands(document: &Document, language: Language) -> Vec<Band> {
    let phases = document.plan.load.phases.iter().map(|phase| Band {
        label: phase.name.clone(),
        from: phase.window.start.as_secs_f64(),
        to: phase.window.end.as_secs_f64(),
        stretch: if phase.judged {
            Stretch::Judged
        } else {
            Stretch::Unjudged
        },
    });
    let events = document.events.iter().filter_map(|effect| {
        let from = effect.event.begun?;
        Some(Band {
            label: words::event(&effect.event, language),
            from,
            to: effect.event.ended.unwrap_or(from),
            stretch: Stretch::Event,
        })
    });
    phases.chain(events).collect()
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
    fn events_that_began_are_marked_drawn_and_told() {
        use crate::evidence::{StackAction, StackEvent};
        use crate::report::EventEffect;
        let effect = |name: &str, begun: Option<f64>, failure: Option<&str>| EventEffect {
            event: StackEvent {
                name: name.to_owned(),
                service: "api".to_owned(),
                action: StackAction::Restart,
                planned: 30.0,
                begun,
                ended: begun.map(|begun| begun + 4.0),
                failure: failure.map(str::to_owned),
                moved: None,
            },
            downtime: None,
            failed: 0,
            requests: 0,
            slow: 0,
            recovery: None,
            watched: 0.0,
            budget: None,
            stale_address: false,
        };
        let mut document = sample::document();
        document.events.clear();
        let plain = Plot::over_time("x", words::PER_SECOND, &document, Vec::new(), Language::English);
        assert!(plain.bands.iter().all(|band| band.stretch != Stretch::Event) && !plain.described().contains("Event"));
        document.events = vec![
            effect("restart", Some(30.0), None),
            effect("stop", Some(50.0), Some("exit code 1")),
            effect("never", None, None),
        ];
        let marks = || vec![Marks::new("a", 0, Shape::Line, vec![(0.0, 1.0), (60.0, 2.0)])];
        let plot = |language| Plot::over_time("x", words::PER_SECOND, &document, marks(), language);
        let told = plot(Language::French).described();
        assert!(
            told.ends_with("Événement restart : de 30 s à 34 s. Événement stop (en échec) : de 50 s à 54 s."),
            "{told}"
        );
        let svg = plot(Language::English).draw().unwrap().unwrap();
        assert!(svg.contains("restart") && svg.contains("stop (failed)") && !svg.contains("never"));
        // A rectangle and a line for each of the two.
        assert_eq!(svg.matches("#7A2F8F").count(), 4);
        let other = plain
            .bands
            .iter()
            .filter(|band| band.stretch == Stretch::Judged)
            .count();
        assert!(other > 0, "judged phases are marked too");
    }

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
