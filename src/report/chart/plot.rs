//! One plot: axes, shaded phases, marks, limits, and a legend below the axes where it cannot hide any data.

use std::ops::Range;

use plotters::coord::ranged1d::ValueFormatter;
use plotters::coord::types::RangedCoordf64;
use plotters::coord::{Shift, ranged1d::Ranged};
use plotters::prelude::*;
use plotters::series::DashedLineSeries;

use crate::report::{Document, ReportError};

/// Colours that colour-blind people can tell apart (Okabe and Ito, "Color universal design", 2008).
pub(super) const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
];
/// For what failed.
pub(super) const RED: RGBColor = RGBColor(200, 30, 30);
/// For what is context only.
pub(super) const GREY: RGBColor = RGBColor(140, 140, 140);

const WIDTH: u32 = 960;
const HEIGHT: u32 = 300;
const LEGEND_ROW: u32 = 22;
/// Plotters' sizes are not CSS pixels: 15 gives text 12 pixels high.
const FONT: (&str, u32) = ("sans-serif", 15);
/// Mean width of a letter of that font, in pixels; a little too wide, so that texts never touch.
const LETTER: f64 = 6.6;

/// How points are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Line,
    Dots,
    Crosses,
    Dashes,
}

/// Points of one colour with their name in the legend.
pub(super) struct Marks {
    pub label: String,
    pub colour: RGBColor,
    pub shape: Shape,
    pub points: Vec<(f64, f64)>,
}

impl Marks {
    pub(super) fn new(label: impl Into<String>, index: usize, shape: Shape, points: Vec<(f64, f64)>) -> Self {
        Self {
            label: label.into(),
            colour: COLOURS[index % COLOURS.len()],
            shape,
            points,
        }
    }
}

/// A stretch of the horizontal axis that is shaded.
pub(super) struct Band {
    pub label: String,
    pub from: f64,
    pub to: f64,
}

/// Everything a plot shows.
pub(super) struct Plot {
    pub name: &'static str,
    pub x_label: &'static str,
    pub y_label: &'static str,
    pub x: Range<f64>,
    pub y: Range<f64>,
    /// Whether the vertical axis is logarithmic.
    pub logarithmic: bool,
    pub x_text: fn(f64) -> String,
    pub bands: Vec<Band>,
    pub marks: Vec<Marks>,
}

impl Plot {
    /// A plot over the run's time, with the phases that are not judged shaded.
    pub(super) fn over_time(name: &'static str, y_label: &'static str, document: &Document, marks: Vec<Marks>) -> Self {
        let phases = document.plan.load.phases.iter().filter(|phase| !phase.judged);
        Self {
            name,
            x_label: "seconds from the start of load",
            y_label,
            x: 0.0..document.seconds.max(1.0),
            y: 0.0..highest(&marks) * 1.1,
            logarithmic: false,
            x_text: |second| format!("{second:.0}"),
            bands: phases
                .map(|phase| Band {
                    label: format!("{} (not judged)", phase.name),
                    from: phase.window.start.as_secs_f64(),
                    to: phase.window.end.as_secs_f64(),
                })
                .collect(),
            marks,
        }
    }

    /// Makes the vertical axis logarithmic, from the lowest point to the highest.
    pub(super) fn logarithmic(mut self) -> Self {
        let values = self.marks.iter().flat_map(|marks| &marks.points).map(|(_, y)| *y);
        let lowest = values.filter(|y| *y > 0.0).fold(f64::INFINITY, f64::min);
        self.y = (lowest.min(self.y.end / 10.0) * 0.8)..(self.y.end * 1.1);
        self.logarithmic = true;
        self
    }

    /// Draws it; `None` where there is no point to show.
    pub(super) fn draw(&self) -> Result<Option<String>, ReportError> {
        let shown = |marks: &Marks| marks.shape != Shape::Dashes && !marks.points.is_empty();
        if !self.marks.iter().any(shown) {
            return Ok(None);
        }
        let rows = self.legend();
        let rows_height = LEGEND_ROW * u32::try_from(rows.len()).unwrap_or(1);
        let mut svg = String::new();
        self.draw_into(&mut svg, &rows, HEIGHT + rows_height)
            .map_err(|error| ReportError::Draw {
                chart: self.name,
                reason: error.to_string(),
            })?;
        Ok(Some(svg))
    }

    fn draw_into(&self, svg: &mut String, rows: &[Vec<(f64, &Marks)>], height: u32) -> Result<(), DrawError> {
        let root = SVGBackend::with_string(svg, (WIDTH, height)).into_drawing_area();
        let (above, below) = root.split_vertically(HEIGHT);
        if self.logarithmic {
            self.axes(&above, (self.y.clone()).log_scale())?;
        } else {
            let y: RangedCoordf64 = self.y.clone().into();
            self.axes(&above, y)?;
        }
        draw_legend(&below, rows)?;
        root.present()
    }

    fn axes<'a, Y>(
        &self,
        area: &DrawingArea<SVGBackend<'a>, Shift>,
        y: impl plotters::coord::ranged1d::AsRangedCoord<CoordDescType = Y, Value = f64>,
    ) -> Result<(), DrawError>
    where
        Y: Ranged<ValueType = f64> + ValueFormatter<f64>,
    {
        let mut chart = ChartBuilder::on(area)
            .margin(8)
            .margin_right(24)
            .x_label_area_size(46)
            .y_label_area_size(64)
            .build_cartesian_2d(self.x.clone(), y)?;
        for band in &self.bands {
            let corners = [(band.from, self.y.start), (band.to, self.y.end)];
            chart.draw_series([Rectangle::new(corners, BLACK.mix(0.07).filled())])?;
        }
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(BLACK.mix(0.12))
            .axis_style(BLACK.mix(0.6))
            .label_style(FONT)
            .axis_desc_style(FONT)
            .x_desc(self.x_label)
            .y_desc(self.y_label)
            .x_labels(12)
            .y_labels(7)
            .x_label_formatter(&|x| (self.x_text)(*x))
            .y_label_formatter(&|y| axis_number(*y))
            .draw()?;
        for marks in &self.marks {
            draw_marks(&mut chart, marks)?;
        }
        self.name_bands(&mut chart)
    }

    /// Writes the phase's name at the top of its band, where it fits.
    fn name_bands<Y: Ranged<ValueType = f64>>(&self, chart: &mut Context<'_, '_, Y>) -> Result<(), DrawError> {
        let scale = f64::from(WIDTH - 104) / (self.x.end - self.x.start);
        for band in &self.bands {
            if (band.to - band.from) * scale > text_width(&band.label) {
                let place = (band.from, self.y.end);
                chart.draw_series([EmptyElement::at(place) + Text::new(band.label.clone(), (6, 4), FONT)])?;
            }
        }
        Ok(())
    }

    /// Legend entries with their horizontal place, broken into rows.
    fn legend(&self) -> Vec<Vec<(f64, &Marks)>> {
        let mut rows: Vec<Vec<(f64, &Marks)>> = vec![Vec::new()];
        let mut x = 72.0;
        for marks in self.marks.iter().filter(|marks| !marks.points.is_empty()) {
            let width = text_width(&marks.label) + 48.0;
            if x + width > f64::from(WIDTH) && x > 72.0 {
                rows.push(Vec::new());
                x = 72.0;
            }
            if let Some(row) = rows.last_mut() {
                row.push((x, marks));
            }
            x += width;
        }
        rows
    }
}

type DrawError = DrawingAreaErrorKind<std::io::Error>;
type Context<'a, 'b, Y> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, Y>>;

fn draw_marks<Y: Ranged<ValueType = f64>>(chart: &mut Context<'_, '_, Y>, marks: &Marks) -> Result<(), DrawError> {
    let points = marks.points.iter().copied();
    let colour = marks.colour;
    match marks.shape {
        Shape::Line => {
            chart.draw_series(LineSeries::new(points, colour.stroke_width(2)))?;
        }
        Shape::Dashes => {
            chart.draw_series(DashedLineSeries::new(points, 8, 5, colour.stroke_width(2)))?;
        }
        Shape::Dots => {
            chart.draw_series(points.map(|point| Circle::new(point, 3, colour.filled())))?;
        }
        Shape::Crosses => {
            chart.draw_series(points.map(|point| Cross::new(point, 5, colour.stroke_width(2))))?;
        }
    }
    Ok(())
}

fn draw_legend(area: &DrawingArea<SVGBackend<'_>, Shift>, rows: &[Vec<(f64, &Marks)>]) -> Result<(), DrawError> {
    let mut middle = 6;
    for row in rows {
        for (x, marks) in row {
            #[expect(clippy::cast_possible_truncation, reason = "a place within the drawing's width")]
            let left = *x as i32;
            let colour = marks.colour;
            match marks.shape {
                Shape::Line => area.draw(&PathElement::new(
                    vec![(left, middle), (left + 22, middle)],
                    colour.stroke_width(3),
                ))?,
                Shape::Dashes => {
                    for from in [left, left + 13] {
                        let dash = vec![(from, middle), (from + 9, middle)];
                        area.draw(&PathElement::new(dash, colour.stroke_width(2)))?;
                    }
                }
                Shape::Dots => area.draw(&Circle::new((left + 11, middle), 4, colour.filled()))?,
                Shape::Crosses => area.draw(&Cross::new((left + 11, middle), 5, colour.stroke_width(2)))?,
            }
            area.draw(&Text::new(marks.label.clone(), (left + 28, middle - 7), FONT))?;
        }
        middle += i32::try_from(LEGEND_ROW).unwrap_or(0);
    }
    Ok(())
}

fn text_width(text: &str) -> f64 {
    text.chars().count() as f64 * LETTER + 12.0
}

/// Highest point of all marks, at least a little, so that an axis of zeros still has a height.
pub(super) fn highest(marks: &[Marks]) -> f64 {
    let values = marks.iter().flat_map(|marks| &marks.points).map(|(_, y)| *y);
    values.fold(0.0, f64::max).max(0.01)
}

/// A number on an axis: no digits that say nothing.
fn axis_number(value: f64) -> String {
    let rounded = format!("{value:.3}");
    rounded.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Horizontal lines of a latency objective's two tiers, over the whole width.
pub(super) fn limits(objective: &crate::slo::Objective, x: &Range<f64>) -> Vec<Marks> {
    let line = |name: &str, limit: crate::slo::Limit, colour: RGBColor| match limit {
        crate::slo::Limit::Time(span) => Some(Marks {
            label: format!("{name} {}", crate::report::text::limit(objective, limit)),
            colour,
            shape: Shape::Dashes,
            points: vec![(x.start, span.as_millis_f64()), (x.end, span.as_millis_f64())],
        }),
        crate::slo::Limit::Share(_) => None,
    };
    [
        line("target", objective.target, RGBColor(0, 130, 60)),
        line("acceptable", objective.acceptable, RGBColor(200, 90, 0)),
    ]
    .into_iter()
    .flatten()
    .collect()
}
