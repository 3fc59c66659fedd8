//! The comparison as text for a terminal.

use std::fmt::Write;

use super::{Change, Comparison, MeasureKind, Row, wording};
use crate::slo::{Samples, samples_of};
use crate::words::en::{self, text};
use crate::words::{Language, unmarked};

/// Statistic that the terminal shows of every series; the other renderings show all statistics.
const SHOWN: &str = "p95";

/// Conclusion, differences between the runs, objectives and series, ready to print; ends with a line break.
pub fn terminal(comparison: &Comparison, colour: bool) -> String {
    let mut out = String::new();
    // Writing into a string cannot fail.
    let _ = writeln!(
        out,
        "{}  {}: {}\n",
        painted(&comparison.change.name().to_uppercase(), comparison.change, colour),
        comparison.scenario,
        unmarked(&wording::answer(comparison, Language::English))
    );
    let _ = writeln!(
        out,
        "base  {}",
        unmarked(&wording::side(&comparison.base, Language::English))
    );
    let _ = writeln!(
        out,
        "new   {}\n",
        unmarked(&wording::side(&comparison.new, Language::English))
    );
    for reason in &comparison.overruled {
        let _ = writeln!(out, "compared although {reason}");
    }
    for difference in comparison.differences.iter().filter(|difference| !difference.blocks) {
        let _ = writeln!(out, "differs: {difference}");
    }
    for what in &comparison.left_out {
        let _ = writeln!(out, "left out: {what}");
    }
    let objectives: Vec<&Row> = comparison.of(MeasureKind::Objective).collect();
    table(&mut out, "objective", &objectives, colour);
    // A series' error row is shown unless its shift is zero.
    let series = comparison.of(MeasureKind::Series).filter(|row| {
        row.statistic == SHOWN
            || row.change == Change::Regressed
            || (samples_of(&row.indicator) == Some(Samples::Failures) && row.shift != Some(0.0))
    });
    table(&mut out, "series", &series.collect::<Vec<_>>(), colour);
    let _ = writeln!(out, "\n{}", wording::method(comparison, Language::English));
    out
}

fn table(out: &mut String, title: &str, rows: &[&Row], colour: bool) {
    if rows.is_empty() {
        return;
    }
    let header = [title, "stat", "base", "new", "Δ [95 %]", "", "change"].map(str::to_owned);
    let cells: Vec<([String; 7], Option<Change>)> = std::iter::once((header, None))
        .chain(rows.iter().map(|row| (cells(row), Some(row.change))))
        .collect();
    let widths: Vec<usize> = (0..7)
        .map(|column| {
            let cells = cells.iter().filter_map(|(cells, _)| cells.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let _ = writeln!(out);
    for (cells, change) in &cells {
        let mut line = String::new();
        for (column, (cell, width)) in cells.iter().zip(&widths).enumerate() {
            let pad = " ".repeat(width - cell.chars().count());
            match (column, change) {
                (6, Some(change)) => line.push_str(&painted(cell, *change, colour)),
                // Numbers are aligned on their last digit.
                (2 | 3 | 5, _) => line.extend([&pad, cell.as_str(), "  "]),
                _ => line.extend([cell.as_str(), &pad, "  "]),
            }
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    for row in rows {
        let ranks = wording::ranks(row, Language::English).into_iter();
        for note in row.notes.iter().map(en::remark).chain(ranks) {
            let _ = writeln!(
                out,
                "  {} {}: {}",
                wording::name(row),
                row.statistic,
                text::sentence(&note)
            );
        }
    }
}

fn cells(row: &Row) -> [String; 7] {
    let advisory = if row.kind == MeasureKind::Objective && !row.gate {
        " (advisory)"
    } else {
        ""
    };
    [
        wording::name(row),
        row.statistic.clone(),
        wording::value(row.base, row.unit),
        wording::value(row.new, row.unit),
        wording::shift(row),
        wording::relative(row),
        format!("{}{advisory}", row.change.name()),
    ]
}

fn painted(text: &str, change: Change, colour: bool) -> String {
    let code = match change {
        Change::Regressed => "1;31",
        Change::Undecided => "1;36",
        Change::Similar => "36",
        Change::Unchanged => "1;32",
        Change::Improved => "1;34",
    };
    if colour {
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}
