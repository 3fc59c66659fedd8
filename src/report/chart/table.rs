//! The points of a plot as a table, for those who do not see it or want its numbers.

use super::axis::number;
use super::plot::{Marks, Plot, Shape};
use crate::report::words::chart as words;

/// Most rows of a table; with more places on the axis, stretches of it are summed up.
const ROWS: usize = 30;
/// Points of a straight line, which is a limit or a guide and no data.
const GUIDE: usize = 2;

/// A table of a plot's points.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::report) struct ChartTable {
    /// Heads of the columns: the horizontal axis, then each line.
    pub head: Vec<String>,
    /// One row a place or stretch of the axis; a dash where a line has no point.
    pub rows: Vec<Vec<String>>,
    /// First and last place on the axis of each row.
    pub places: Vec<[f64; 2]>,
    /// First and last place of the axis.
    pub axis: [f64; 2],
    /// Unit of the values, as a sentence.
    pub unit: String,
    /// True if a row is a stretch of the axis and shows the highest value in it.
    pub summed_up: bool,
}

impl Plot {
    /// The points as a table with at most 30 rows. Of a stretch of the axis the highest value is kept: extremes are not lost.
    pub(in crate::report) fn table(&self) -> ChartTable {
        let is_data = |marks: &&Marks| {
            let is_guide = marks.shape == Shape::Dashes && marks.points.len() <= GUIDE;
            !is_guide && !marks.points.is_empty() && !marks.label.is_empty()
        };
        let lines: Vec<&Marks> = self.marks.iter().filter(is_data).collect();
        let mut places: Vec<f64> = lines
            .iter()
            .flat_map(|marks| &marks.points)
            .map(|(x, _)| *x)
            .filter(|x| *x >= self.x.start && *x <= self.x.end)
            .collect();
        places.sort_by(f64::total_cmp);
        places.dedup();
        let summed_up = places.len() > ROWS;
        let text = |x: f64| self.language.written(&(self.row_text)(x));
        let stretches = places.chunks(places.len().div_ceil(ROWS).max(1));
        let stretches: Vec<[f64; 2]> = stretches
            .filter_map(|stretch| Some([*stretch.first()?, *stretch.last()?]))
            .collect();
        let rows = stretches.iter().map(|[first, last]| {
            let (first, last) = (*first, *last);
            let (from, to) = (text(first), text(last));
            let name = if from == to { from } else { format!("{from} – {to}") };
            let cells = lines.iter().map(|marks| {
                let within = marks.points.iter().filter(|(x, _)| *x >= first && *x <= last);
                // The highest of a stretch and not the mean: percentiles cannot be averaged, and a peak must not
                // vanish.
                let highest = within.map(|(_, y)| *y).max_by(f64::total_cmp);
                highest.map_or_else(|| "–".to_owned(), |y| self.language.written(&number(y)))
            });
            std::iter::once(name).chain(cells).collect()
        });
        ChartTable {
            head: std::iter::once(self.x_label.to_owned())
                .chain(lines.iter().map(|marks| marks.label.clone()))
                .collect(),
            rows: rows.collect(),
            places: stretches.clone(),
            axis: [self.x.start, self.x.end],
            unit: words::unit(self.y_label, self.language),
            summed_up,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    fn plot(points: Vec<(f64, f64)>) -> Plot {
        Plot {
            name: "small",
            x_label: "seconde",
            y_label: "ms",
            x: 0.0..100.0,
            y: 0.0..50.0,
            logarithmic: false,
            x_text: number,
            row_text: number,
            language: Language::French,
            bands: Vec::new(),
            cells: Vec::new(),
            marks: vec![
                Marks::new("p95", 0, Shape::Line, points),
                Marks::new("p50", 0, Shape::Dashes, vec![(1.0, 1.25), (2.0, 1.5), (2.5, 1.75)]),
                Marks::new("cible", 0, Shape::Dashes, vec![(0.0, 9.0), (100.0, 9.0)]),
            ],
        }
    }

    #[test]
    fn each_place_is_a_row_and_a_guide_is_no_column() {
        let table = plot(vec![(1.0, 3.5), (2.0, 4.0), (101.0, 9.0)]).table();
        assert_eq!(table.head, ["seconde", "p95", "p50"]);
        assert_eq!(
            table.rows,
            [["1", "3,5", "1,25"], ["2", "4", "1,5"], ["2,5", "–", "1,75"]].map(|row| row.map(str::to_owned).to_vec())
        );
        assert_eq!((table.unit.as_str(), table.summed_up), ("Valeurs : ms.", false));
    }

    #[test]
    fn of_a_stretch_the_highest_value_is_kept() {
        let table = plot((0..=90).map(|x| (f64::from(x), f64::from(x % 7))).collect()).table();
        assert!(table.rows.len() <= ROWS && table.summed_up);
        let highest = table.rows.iter().filter(|row| row[1] == "6").count();
        // Every seventh value is the highest of all, and none of the thirteen is lost.
        assert_eq!(highest, 13);
    }
}
