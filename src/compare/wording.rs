//! Wording of rows, the same in every rendering.

use super::Change::{Improved, Regressed, Undecided};
use super::{Comparison, Kind, Row, Side};
use crate::evidence::LoadModel;
use crate::slo::{Samples, Unit, samples_of};
use crate::words::en::text;

/// `Δp95 = +12.0 ms [+4.00, +21.0]: regressed`.
pub(super) fn sentence(row: &Row) -> String {
    format!("Δ{} = {}: {}", row.statistic, shift(row), row.change.name())
}

/// `+12.0 ms [+4.00, +21.0]`.
pub(super) fn shift(row: &Row) -> String {
    let Some(point) = row.shift else {
        return "–".to_owned();
    };
    let (point, unit) = signed(point, row.unit);
    let bound =
        |bound: Option<f64>, open: &str| bound.map_or_else(|| open.to_owned(), |bound| signed(bound, row.unit).0);
    format!("{point}{unit} [{}, {}]", bound(row.low, "−∞"), bound(row.high, "+∞"))
}

/// A difference with its sign, and its unit with the preceding blank.
fn signed(value: f64, unit: Unit) -> (String, &'static str) {
    let (value, unit) = if unit == Unit::Share {
        (value * 100.0, " pp")
    } else if unit == Unit::Milliseconds {
        (value, " ms")
    } else {
        (value, "")
    };
    let digits = match value.abs() {
        small if small < 0.000_05 => "0".to_owned(),
        small if small < 0.1 => {
            let text = format!("{small:.4}");
            text.trim_end_matches('0').to_owned()
        }
        size => text::digits(size),
    };
    let sign = match digits.as_str() {
        "0" => "",
        _ if value < 0.0 => "−",
        _ => "+",
    };
    (format!("{sign}{digits}"), unit)
}

/// The relative shift, if the base value allows one: `+36 %`.
pub(super) fn relative(row: &Row) -> String {
    match (row.shift, row.base) {
        (Some(shift), Some(base)) if base > 0.0 && row.unit != Unit::Share => {
            let percent = (shift / base * 100.0).round();
            let sign = if percent < 0.0 { "−" } else { "+" };
            let sign = if percent == 0.0 { "" } else { sign };
            format!("{sign}{:.0} %", percent.abs())
        }
        _ => String::new(),
    }
}

/// A side's value.
pub(super) fn value(value: Option<f64>, unit: Unit) -> String {
    text::value(value, unit)
}

/// `projects.list`, `projects.list errors`, `projects.list (closed model)`.
pub(super) fn label(row: &Row) -> String {
    let mut label = row.name.clone();
    if row.kind == Kind::Series && samples_of(&row.indicator) == Some(Samples::Failures) {
        label.push_str(" errors");
    }
    if row.model == Some(LoadModel::Closed) {
        label.push_str(" (closed model)");
    }
    label
}

/// Rank test of several runs per side: `p = 0.029, Cliff's δ = +1.00 (large)`.
pub(super) fn ranks(row: &Row) -> Option<String> {
    let groups = row.groups.as_ref()?;
    Some(format!(
        "p = {:.3}, Cliff's δ = {:+.2} ({})",
        groups.p, groups.delta, groups.dominance
    ))
}

/// The side's runs in words: a name, or their number.
pub(super) fn side(runs: &[Side]) -> String {
    match runs {
        [only] => only.id.clone(),
        several => {
            let names: Vec<String> = several.iter().map(|run| run.id.clone()).collect();
            format!("{} runs ({})", several.len(), text::list(&names))
        }
    }
}

/// The conclusion in one sentence.
pub(super) fn answer(comparison: &Comparison) -> String {
    let of = |change| -> Vec<String> {
        let rows = comparison.deciding().filter(|row| row.change == change);
        rows.map(|row| format!("{} {}", label(row), row.statistic)).collect()
    };
    let (regressed, undecided, improved) = (of(Regressed), of(Undecided), of(Improved));
    if !regressed.is_empty() {
        format!("regressed: {}", text::list(&regressed))
    } else if !undecided.is_empty() {
        format!("no regression shown; undecided: {}", text::list(&undecided))
    } else if !improved.is_empty() {
        format!("no regression; improved: {}", text::list(&improved))
    } else {
        "no regression".to_owned()
    }
}

/// The method of the comparison.
pub(super) fn method(comparison: &Comparison) -> &'static str {
    if comparison.base.len() > 1 || comparison.new.len() > 1 {
        "Several runs a side: Mann and Whitney's test on one value per run; the shift is the median of all pairwise \
         differences with the test's 95 % interval."
    } else {
        "One run a side: each is resampled 2,000 times with as many draws as its samples are worth; 95 % interval of the \
         differences. It knows nothing of what differs from run to run: several runs a side say more."
    }
}

#[cfg(test)]
mod tests {
    use super::super::Change;
    use super::*;

    #[test]
    fn differences_carry_their_sign_and_unit() {
        assert_eq!(signed(12.04, Unit::Milliseconds), ("+12.0".to_owned(), " ms"));
        assert_eq!(signed(-0.5, Unit::Milliseconds), ("−0.50".to_owned(), " ms"));
        assert_eq!(signed(0.0, Unit::Milliseconds), ("0".to_owned(), " ms"));
        assert_eq!(signed(0.000_31, Unit::Share), ("+0.031".to_owned(), " pp"));
    }

    fn row(change: Change, name: &str) -> Row {
        Row {
            kind: Kind::Objective,
            name: name.to_owned(),
            indicator: "response-time".to_owned(),
            statistic: "p95".to_owned(),
            model: None,
            unit: Unit::Milliseconds,
            floor: false,
            gate: true,
            base: Some(40.0),
            new: Some(54.4),
            shift: Some(14.4),
            low: Some(4.0),
            high: None,
            matters: 5.0,
            groups: None,
            change,
            notes: Vec::new(),
        }
    }

    #[test]
    fn a_row_is_told_with_its_interval_and_its_share() {
        let mut row = row(Regressed, "A");
        assert_eq!(sentence(&row), "Δp95 = +14.4 ms [+4.00, +∞]: regressed");
        for (shift, base, unit, expected) in [
            (Some(14.4), Some(40.0), Unit::Milliseconds, "+36 %"),
            (Some(-14.4), Some(40.0), Unit::Milliseconds, "−36 %"),
            (Some(0.1), Some(40.0), Unit::Milliseconds, "0 %"),
            (Some(14.4), Some(0.0), Unit::Milliseconds, ""),
            (None, Some(40.0), Unit::Milliseconds, ""),
            // A percentage of a percentage could be mistaken for percentage points.
            (Some(0.01), Some(0.02), Unit::Share, ""),
        ] {
            (row.shift, row.base, row.unit) = (shift, base, unit);
            assert_eq!(relative(&row), expected, "{shift:?} of {base:?}");
        }
        row.shift = None;
        assert_eq!(shift(&row), "–");
        row.kind = Kind::Series;
        row.indicator = "error-rate".to_owned();
        row.model = Some(LoadModel::Closed);
        assert_eq!(label(&row), "A errors (closed model)");
    }

    #[test]
    fn the_answer_names_the_worst_that_decides() {
        let said = |rows: Vec<Row>| {
            answer(&Comparison {
                format: 1,
                scenario: "gate".to_owned(),
                base: Vec::new(),
                new: Vec::new(),
                change: Regressed,
                differences: Vec::new(),
                overruled: Vec::new(),
                left_out: Vec::new(),
                rows,
            })
        };
        let mut advisory = row(Regressed, "advisory");
        advisory.gate = false;
        let three = || vec![row(Improved, "C"), row(Undecided, "B"), advisory.clone()];
        assert_eq!(
            said([three(), vec![row(Regressed, "A"), row(Regressed, "D")]].concat()),
            "regressed: A p95 and D p95"
        );
        assert_eq!(said(three()), "no regression shown; undecided: B p95");
        assert_eq!(
            said(vec![row(Improved, "C"), advisory]),
            "no regression; improved: C p95"
        );
        assert_eq!(said(Vec::new()), "no regression");
    }
}
