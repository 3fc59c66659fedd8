//! Draws a plot, with its legend below the axes so that it cannot hide any data.

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::series::DashedLineSeries;

use super::axis::{Vertical, number};
use super::plot::{Band, COLOURS, EVENT, Marks, Plot, Shape, Stretch};
use crate::report::ReportError;
use crate::report::words::chart::LOGARITHMIC;

const WIDTH: u32 = 960;
const HEIGHT: u32 = 300;
const LEGEND_ROW: u32 = 22;
/// Horizontal place at which the axes and the legend begin.
const LEFT: f64 = 72.0;
/// Horizontal place at which the axes end: the width without the right margin.
const RIGHT: f64 = 936.0;
/// Height of a row of names inside the axes; names of phases stand in the first, those of events below.
const NAME_ROW: i32 = 15;
/// Most rows of names of events: further names that overlap others are left to the list below the charts.
const MOST_NAME_ROWS: usize = 4;
/// The library's sizes are not CSS pixels: 15 gives text 12 pixels high.
const FONT: (&str, u32) = ("sans-serif", 15);
/// Mean width of a letter of that font in pixels; a little too wide, so that texts never touch.
const LETTER: f64 = 6.6;

type DrawError = DrawingAreaErrorKind<std::io::Error>;
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Axes<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, Vertical>>;
/// A legend entry with its horizontal place.
type Entry<'a> = (f64, &'a Marks);

impl Plot {
    /// Draws the plot; `None` if there is no point to show.
    pub(crate) fn draw(&self) -> Result<Option<String>, ReportError> {
        // Limits alone are no data.
        let shown = |marks: &Marks| marks.shape != Shape::Dashes && !marks.points.is_empty();
        if !self.marks.iter().any(shown) && self.cells.is_empty() {
            return Ok(None);
        }
        let mut svg = String::new();
        self.draw_into(&mut svg).map_err(|error| ReportError::Draw {
            chart: self.name,
            reason: error.to_string(),
        })?;
        Ok(Some(self.typeset(&svg)))
    }

    /// The drawing with its texts, which the library puts on lines of their own, in the typography of the language.
    fn typeset(&self, svg: &str) -> String {
        // The drawing library writes each text on a line of its own, between lines of tags.
        let lines = svg.lines().map(|line| {
            if line.starts_with('<') {
                line.to_owned()
            } else {
                self.language.typeset(line)
            }
        });
        lines.collect::<Vec<_>>().join("\n") + "\n"
    }

    /// The label of the vertical axis, with its scale if that is logarithmic.
    fn y_title(&self) -> String {
        if self.logarithmic {
            format!("{} ({})", self.y_label, self.language.label(LOGARITHMIC))
        } else {
            self.y_label.to_owned()
        }
    }

    fn draw_into(&self, svg: &mut String) -> Result<(), DrawError> {
        let legend = legend(&self.marks);
        let below = LEGEND_ROW * u32::try_from(legend.len()).unwrap_or(1);
        let root = SVGBackend::with_string(svg, (WIDTH, HEIGHT + below)).into_drawing_area();
        let (above, below) = root.split_vertically(HEIGHT);
        self.draw_axes(&above)?;
        draw_legend(&below, &legend)?;
        root.present()
    }

    fn draw_axes(&self, area: &Area<'_>) -> Result<(), DrawError> {
        let vertical = Vertical {
            range: self.y.clone(),
            logarithmic: self.logarithmic,
        };
        let mut axes = ChartBuilder::on(area)
            .margin(8)
            .margin_right(24)
            .x_label_area_size(46)
            .y_label_area_size(64)
            .build_cartesian_2d(self.x.clone(), vertical)?;
        // Bands first: the mesh and the marks lie over them.
        for band in &self.bands {
            self.draw_band(&mut axes, band)?;
        }
        axes.configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(BLACK.mix(0.12))
            .axis_style(BLACK.mix(0.6))
            .label_style(FONT)
            .axis_desc_style(FONT)
            .x_desc(self.x_label)
            .y_desc(self.y_title())
            .x_labels(12)
            .y_labels(7)
            .x_label_formatter(&|x| self.language.written(&(self.x_text)(*x)))
            .y_label_formatter(&|y| self.language.written(&number(*y)))
            .draw()?;
        for cell in &self.cells {
            let corners = [(cell.x.start, cell.y.start), (cell.x.end, cell.y.end)];
            axes.draw_series([Rectangle::new(corners, COLOURS[0].mix(cell.shade).filled())])?;
        }
        for marks in &self.marks {
            self.draw_marks(&mut axes, marks)?;
        }
        self.name_bands(&mut axes)
    }

    fn draw_band(&self, axes: &mut Axes<'_, '_>, band: &Band) -> Result<(), DrawError> {
        // The last phase may end, and an event may go on, beyond the edge of the chart.
        let inside = |x: f64| x.clamp(self.x.start, self.x.end);
        let (from, to) = (inside(band.from), inside(band.to));
        let corners = [(from, self.y.start), (to, self.y.end)];
        let begin = vec![(from, self.y.start), (from, self.y.end)];
        match band.stretch {
            Stretch::Unjudged => {
                axes.draw_series([Rectangle::new(corners, BLACK.mix(0.07).filled())])?;
            }
            Stretch::Judged => {
                axes.draw_series([PathElement::new(begin, BLACK.mix(0.25).stroke_width(1))])?;
            }
            Stretch::Event => {
                axes.draw_series([Rectangle::new(corners, EVENT.mix(0.14).filled())])?;
                axes.draw_series([PathElement::new(begin, EVENT.stroke_width(2))])?;
            }
        }
        Ok(())
    }

    fn draw_marks(&self, axes: &mut Axes<'_, '_>, marks: &Marks) -> Result<(), DrawError> {
        // Points in the grace period after the load lie over the edge of the chart and are left out.
        let inside = |(x, _): &(f64, f64)| *x >= self.x.start && *x <= self.x.end;
        let points = marks.points.iter().copied().filter(inside);
        let colour = marks.colour;
        match marks.shape {
            Shape::Line => {
                axes.draw_series(LineSeries::new(points, colour.stroke_width(2)))?;
            }
            Shape::Dashes => {
                axes.draw_series(DashedLineSeries::new(points, 8, 5, colour.stroke_width(2)))?;
            }
            Shape::Dots => {
                axes.draw_series(points.map(|point| Circle::new(point, 3, colour.filled())))?;
            }
            Shape::Crosses => {
                axes.draw_series(points.map(|point| Cross::new(point, 5, colour.stroke_width(2))))?;
            }
        }
        Ok(())
    }

    /// Writes the phase's name at the top of its band, if it fits, and names of events below, where they do not overlap.
    fn name_bands(&self, axes: &mut Axes<'_, '_>) -> Result<(), DrawError> {
        let scale = (RIGHT - LEFT) / (self.x.end - self.x.start);
        let is_event = |band: &&Band| band.stretch == Stretch::Event;
        for band in self.bands.iter().filter(|band| !is_event(band)) {
            // A name wider than its phase would stand in the next one.
            if (band.to - band.from) * scale > text_width(&band.label) {
                let label = Text::new(band.label.clone(), (6, 4), FONT);
                axes.draw_series([EmptyElement::at((band.from, self.y.end)) + label])?;
            }
        }
        let place = |band: &Band| LEFT + (band.from.clamp(self.x.start, self.x.end) - self.x.start) * scale;
        let mut names: Vec<(f64, &Band)> = self
            .bands
            .iter()
            .filter(is_event)
            .map(|band| (place(band), band))
            .collect();
        // From left to right, because a row is free where the name before it has ended.
        names.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        let widths: Vec<(f64, f64)> = names.iter().map(|(x, band)| (*x, text_width(&band.label))).collect();
        for ((_, band), row) in names.iter().zip(name_rows(&widths)) {
            let Some((row, left)) = row else { continue };
            let down = 4 + NAME_ROW * i32::try_from(row + 1).unwrap_or(1);
            let label = Text::new(band.label.clone(), (left, down), FONT);
            let at = band.from.clamp(self.x.start, self.x.end);
            axes.draw_series([EmptyElement::at((at, self.y.end)) + label])?;
        }
        Ok(())
    }
}

/// Row of each name and its shift from the line it names, in pixels; `None` for one that no row has room for. Names come as their
/// place and width, from the left. A name that would leave the axes on the right stands left of its line.
fn name_rows(names: &[(f64, f64)]) -> Vec<Option<(usize, i32)>> {
    // Names that find no row are left out: events close together would else cover the whole chart. The description in
    // words tells them all.
    let mut ends = [f64::NEG_INFINITY; MOST_NAME_ROWS];
    let placed = names.iter().map(|(x, width)| {
        let fits = x + width <= RIGHT;
        // A name at the right edge stands before its mark instead of being cut off.
        let from = if fits { *x } else { x - width };
        let row = ends.iter().position(|end| *end <= from)?;
        if let Some(end) = ends.get_mut(row) {
            *end = from + width;
        }
        #[expect(clippy::cast_possible_truncation, reason = "a width within the drawing's")]
        let left = if fits { 6 } else { -(*width as i32) };
        Some((row, left))
    });
    placed.collect()
}

/// One entry for all marks that have points, broken into rows.
fn legend(marks: &[Marks]) -> Vec<Vec<Entry<'_>>> {
    let mut rows: Vec<Vec<Entry<'_>>> = vec![Vec::new()];
    let mut x = LEFT;
    for marks in marks.iter().filter(|marks| !marks.points.is_empty()) {
        let width = text_width(&marks.label) + 48.0;
        if x + width > f64::from(WIDTH) && x > LEFT {
            rows.push(Vec::new());
            x = LEFT;
        }
        if let Some(row) = rows.last_mut() {
            row.push((x, marks));
        }
        x += width;
    }
    rows
}

fn draw_legend(area: &Area<'_>, rows: &[Vec<Entry<'_>>]) -> Result<(), DrawError> {
    let mut middle = 6;
    for row in rows {
        for (x, marks) in row {
            #[expect(clippy::cast_possible_truncation, reason = "a place within the drawing's width")]
            let left = *x as i32;
            draw_key(area, marks, (left, middle))?;
            area.draw(&Text::new(marks.label.clone(), (left + 28, middle - 7), FONT))?;
        }
        middle += i32::try_from(LEGEND_ROW).unwrap_or(0);
    }
    Ok(())
}

/// Draws the key of a legend entry in the style of its marks.
fn draw_key(area: &Area<'_>, marks: &Marks, (left, middle): (i32, i32)) -> Result<(), DrawError> {
    let line = |from: i32, to: i32, width| {
        let ends = vec![(left + from, middle), (left + to, middle)];
        PathElement::new(ends, marks.colour.stroke_width(width))
    };
    match marks.shape {
        Shape::Line => area.draw(&line(0, 22, 3)),
        Shape::Dashes => area.draw(&line(0, 9, 2)).and_then(|()| area.draw(&line(13, 22, 2))),
        Shape::Dots => area.draw(&Circle::new((left + 11, middle), 4, marks.colour.filled())),
        Shape::Crosses => area.draw(&Cross::new((left + 11, middle), 5, marks.colour.stroke_width(2))),
    }
}

fn text_width(text: &str) -> f64 {
    text.chars().count() as f64 * LETTER + 12.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn both_axes_are_written_in_the_language_of_the_chart() {
        let drawn = |language| {
            let plot = Plot {
                name: "small",
                x_label: "x",
                y_label: "y",
                x: 0.0..1.0,
                y: 0.0..0.5,
                logarithmic: false,
                x_text: number,
                row_text: number,
                language,
                bands: Vec::new(),
                cells: Vec::new(),
                marks: vec![Marks::new("points", 0, Shape::Dots, vec![(0.5, 0.25)])],
            };
            let svg = plot.draw().unwrap().unwrap();
            // The library puts each text on a line of its own.
            let is_number = |line: &&str| line.starts_with(|letter: char| letter.is_ascii_digit());
            let lines = svg.lines().filter(is_number).map(str::to_owned);
            lines.collect::<Vec<_>>()
        };
        let (english, french) = (drawn(Language::English), drawn(Language::French));
        // 0.5 stands on both axes.
        assert_eq!(english.iter().filter(|text| *text == "0.5").count(), 2, "{english:?}");
        assert_eq!(french.iter().filter(|text| *text == "0,5").count(), 2, "{french:?}");
        assert!(french.iter().all(|text| !text.contains('.')), "{french:?}");
    }

    #[test]
    fn names_of_events_do_not_overlap_and_stay_inside() {
        // Two far apart share a row; one close to another goes below; one at the right edge stands left of its line.
        let rows = name_rows(&[(100.0, 90.0), (130.0, 90.0), (300.0, 90.0), (900.0, 90.0)]);
        assert_eq!(rows, [Some((0, 6)), Some((1, 6)), Some((0, 6)), Some((0, -90))]);
        let crowded = name_rows(&[(100.0, 90.0); 6]);
        assert_eq!(crowded.iter().flatten().count(), MOST_NAME_ROWS);
    }

    #[test]
    fn long_legends_are_broken_into_rows_that_fit() {
        let marks: Vec<Marks> = (0..9)
            .map(|index| Marks::new("a rather long name of a series", index, Shape::Line, vec![(0.0, 1.0)]))
            .collect();
        let rows = legend(&marks);
        assert!(rows.len() > 1);
        assert_eq!(rows.iter().map(Vec::len).sum::<usize>(), 9);
        for (x, marks) in rows.iter().flatten() {
            assert!(x + text_width(&marks.label) <= f64::from(WIDTH));
        }
    }
}
