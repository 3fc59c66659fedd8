//! The distribution of response times over time.

use super::Chart;
use super::plot::{Cell, Plot, limits};
use super::table::ChartTable;
use crate::record::Spread;
use crate::report::words::chart as words;
use crate::report::{Document, HeatColumn, ReportError};
use crate::words::Language;

/// Shades of a cell, the palest first.
const SHADES: u8 = 5;
/// Most rows of the table behind the chart.
const ROWS: usize = 30;

/// A column for each stretch of the run, a cell for each bucket of times: the more requests, the darker.
pub(super) fn chart(document: &Document, language: Language) -> Result<Chart, ReportError> {
    let heat = &document.timeline.heat;
    let step = f64::from(document.timeline.heat_step.max(1));
    let most = heat
        .iter()
        .flat_map(|column| &column.counts)
        .copied()
        .max()
        .unwrap_or(0);
    let cells = heat.iter().flat_map(|column| {
        let from = f64::from(column.second);
        let counts = column.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        counts.map(move |(bucket, count)| Cell {
            x: from..from + step,
            y: Spread::bound_ms(bucket)..Spread::bound_ms(bucket + 1),
            shade: f64::from(shade(*count, most)) / f64::from(SHADES),
        })
    });
    // Answers of the grace period lie beyond the edge of the chart.
    let cells: Vec<Cell> = cells.filter(|cell| cell.x.end <= document.seconds.max(1.0)).collect();
    let low = cells.iter().map(|cell| cell.y.start).fold(f64::INFINITY, f64::min);
    let high = cells.iter().map(|cell| cell.y.end).fold(1.0, f64::max);
    let marks = document
        .request_objective()
        .map(|objective| limits(objective, &(0.0..document.seconds), language))
        .unwrap_or_default();
    let mut plot = Plot::over_time("heat", words::MILLISECONDS, document, marks, language);
    plot.y = low.min(high / 2.0)..high;
    // The buckets are half doublings, which are equally high on this axis.
    plot.logarithmic = true;
    let empty = cells.is_empty();
    plot.cells = cells;
    let caption = words::heat(document.timeline.heat_step, most, language);
    let mut chart = Chart::new("heat", &plot, language.label(words::HEAT), caption)?;
    // The general table lists the highest mark of each stretch, and cells are no marks.
    chart.data = table(heat, step, document.seconds, language);
    chart.description = words::heat_described(heat.len(), language);
    // The limits alone would draw a chart without data.
    if empty {
        chart.svg = None;
    }
    Ok(chart)
}

/// Shade of a cell with that many requests, from 1 to [`SHADES`]: by the root of its share, so that rare times are seen.
fn shade(count: u64, most: u64) -> u8 {
    // The root lifts rare cells: in proportion to the fullest one, a slow tail would have no colour at all.
    let root = (count as f64 / most.max(1) as f64).sqrt();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the number of shades"
    )]
    let shade = (root * f64::from(SHADES)).ceil() as u8;
    // One request is seen as well.
    shade.clamp(1, SHADES)
}

/// Of each stretch of the run: its requests, the shortest and the longest bucket that has any, and the fullest one.
fn table(heat: &[HeatColumn], step: f64, end: f64, language: Language) -> ChartTable {
    let bucket = |bucket: usize| {
        let (from, to) = (Spread::bound_ms(bucket), Spread::bound_ms(bucket + 1));
        format!("{} – {}", language.time(from), language.time(to))
    };
    let mut rows = Vec::new();
    let mut places = Vec::new();
    for stretch in heat.chunks(heat.len().div_ceil(ROWS).max(1)) {
        let (Some(first), Some(last)) = (stretch.first(), stretch.last()) else {
            continue;
        };
        let mut counts: Vec<u64> = Vec::new();
        for column in stretch {
            counts.resize(counts.len().max(column.counts.len()), 0);
            counts
                .iter_mut()
                .zip(&column.counts)
                .for_each(|(sum, count)| *sum += count);
        }
        let lowest = counts.iter().position(|count| *count > 0).unwrap_or(0);
        let fullest = counts.iter().enumerate().max_by_key(|(_, count)| **count);
        let (from, to) = (f64::from(first.second), f64::from(last.second) + step);
        places.push([from, to]);
        rows.push(vec![
            format!("{from:.0} s – {to:.0} s"),
            language.count(counts.iter().sum()),
            bucket(lowest),
            fullest.map_or_else(|| "–".to_owned(), |(fullest, _)| bucket(fullest)),
            bucket(counts.len().saturating_sub(1)),
        ]);
    }
    ChartTable {
        head: words::HEAT_COLUMNS.of(language).map(str::to_owned).to_vec(),
        rows,
        places,
        axis: [0.0, end.max(1.0)],
        unit: language.label(words::HEAT_UNIT).to_owned(),
        summed_up: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_single_slow_request_is_seen_among_many() {
        assert_eq!(shade(1, 10_000), 1);
        assert_eq!(shade(10_000, 10_000), SHADES);
        assert_eq!(shade(0, 0), 1);
    }

    #[test]
    fn every_request_has_a_cell_and_a_row() {
        let document = sample::document();
        let chart = chart(&document, Language::French).unwrap();
        let heat = &document.timeline.heat;
        let requests: u64 = heat.iter().flat_map(|column| &column.counts).sum();
        let all: u64 = document.series.iter().map(|row| row.requests).sum();
        assert!(requests > 0 && requests >= all / 2, "{requests} of {all}");
        let cells = heat
            .iter()
            .flat_map(|column| &column.counts)
            .filter(|count| **count > 0)
            .count();
        // The background of no chart is a rectangle, but phases that are not judged are.
        let drawn = chart.svg.unwrap().matches("<rect").count();
        assert!(drawn >= cells, "{drawn} of {cells}");
        assert!(chart.data.rows.len() <= ROWS && !chart.data.rows.is_empty());
    }
}
