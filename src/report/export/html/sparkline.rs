//! Values run by run, as a line in a cell of a table.

use maud::{Markup, html};

use super::kit::plain;
use crate::report::ObjectiveHistory;
use crate::report::words::earlier;
use crate::words::Language;

/// Size in CSS pixels, and the margin on each side.
const WIDTH: f64 = 150.0;
const HEIGHT: f64 = 30.0;
const MARGIN: f64 = 4.0;

/// A line of the values from their lowest to their highest, a dot at the last, a vertical line at each change of level, and a cross
/// at the top for a value among failures.
pub(crate) fn sparkline(objective: &ObjectiveHistory, language: Language) -> Markup {
    let finite = || objective.values.iter().flatten().copied();
    let low = finite().fold(f64::INFINITY, f64::min);
    let high = finite().fold(f64::NEG_INFINITY, f64::max);
    let last = objective.values.len().saturating_sub(1);
    let x = |index: usize| MARGIN + (WIDTH - 2.0 * MARGIN) * index as f64 / last.max(1) as f64;
    // A single value, or equal ones, lie in the middle.
    let share = |value: f64| if high > low { (value - low) / (high - low) } else { 0.5 };
    let y = |value: f64| HEIGHT - MARGIN - (HEIGHT - 2.0 * MARGIN) * share(value);
    let points = objective.values.iter().enumerate();
    let known: Vec<(usize, f64)> = points.filter_map(|(index, value)| Some((index, (*value)?))).collect();
    let line: Vec<String> = known
        .iter()
        .map(|(index, value)| format!("{:.1},{:.1}", x(*index), y(*value)))
        .collect();
    let failed = objective.values.iter().enumerate().filter(|(_, value)| value.is_none());
    // Between the last run of the old level and the first of the new one.
    let changes = objective
        .changes
        .iter()
        .map(|change| f64::midpoint(x(change.at), x(change.at.saturating_sub(1))));
    html! {
        svg.spark width=(WIDTH) height=(HEIGHT) viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img"
            aria-label=(plain(&earlier::sparkline(objective, language), language)) {
            @for at in changes { path.level d=(format!("M{at:.1} 0V{HEIGHT}")) {} }
            @if line.len() > 1 { path.line d=(format!("M{}", line.join("L"))) {} }
            @for (index, _) in failed { path.failed d=(format!("M{:.1} 2l4 4m0-4l-4 4", x(index) - 2.0)) {} }
            @if let Some((index, value)) = known.last() {
                circle cx=(format!("{:.1}", x(*index))) cy=(format!("{:.1}", y(*value))) r="2.5" {}
            }
        }
    }
}
