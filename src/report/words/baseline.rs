//! Sentences on a run held against its baseline.

use super::{Language, quoted};
use crate::report::{BaselineComparison, ComparedObjective};
use crate::slo::Change;

/// The conclusion, as a clause: `regressed: API response time p95`.
pub(crate) fn conclusion(comparison: &BaselineComparison, language: Language) -> String {
    let of = |change| -> Vec<String> {
        let named = comparison.deciding(change);
        let named = named
            .map(|row: &ComparedObjective| format!("{} {}", quoted(&row.name), language.statistic(&row.statistic)));
        named.collect()
    };
    let list = |names: &[String]| language.list(names);
    let (regressed, undecided, improved) = (of(Change::Regressed), of(Change::Undecided), of(Change::Improved));
    match language {
        Language::English if !regressed.is_empty() => format!("regressed: {}", list(&regressed)),
        Language::English if !undecided.is_empty() => format!("no regression shown; undecided: {}", list(&undecided)),
        Language::English if !improved.is_empty() => format!("no regression; improved: {}", list(&improved)),
        Language::English => "no regression".to_owned(),
        Language::French if !regressed.is_empty() => format!("dégradé : {}", list(&regressed)),
        Language::French if !undecided.is_empty() => {
            format!("aucune dégradation établie ; indécis : {}", list(&undecided))
        }
        Language::French if !improved.is_empty() => format!("aucune dégradation ; amélioré : {}", list(&improved)),
        Language::French => "aucune dégradation".to_owned(),
    }
}

/// The section in one sentence: `Held against 20260301-081500-gate: no regression.`
pub(in crate::report) fn opening(comparison: &BaselineComparison, language: Language) -> String {
    let names: Vec<String> = comparison.base.iter().map(|name| quoted(name)).collect();
    let (base, conclusion) = (language.list(&names), conclusion(comparison, language));
    let sentence = match language {
        Language::English => format!("Held against {base}: {conclusion}."),
        Language::French => format!("Comparé à {base} : {conclusion}."),
    };
    if comparison.overruled == 0 {
        return sentence;
    }
    let although = match language {
        Language::English => "The runs differ in what makes them incomparable, which was overruled.",
        Language::French => {
            "Les campagnes diffèrent sur des points qui les rendent incomparables, ce qui a été ignoré."
        }
    };
    format!("{sentence} {although}")
}

/// Values of an objective: the baseline's, this run's, and the difference with its interval.
pub(in crate::report) fn values(row: &ComparedObjective, language: Language) -> [String; 3] {
    [
        language.value(row.base, row.unit),
        language.value(row.new, row.unit),
        language.shift(row.shift, row.low, row.high, row.unit),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slo::Unit;
    use crate::words::unmarked;

    fn row(change: Change, name: &str, gate: bool) -> ComparedObjective {
        ComparedObjective {
            name: name.to_owned(),
            statistic: "p95".to_owned(),
            unit: Unit::Milliseconds,
            gate,
            base: Some(40.0),
            new: Some(54.4),
            shift: Some(14.4),
            low: Some(4.0),
            high: None,
            change,
        }
    }

    fn said(rows: Vec<ComparedObjective>, overruled: usize) -> [String; 2] {
        let comparison = BaselineComparison {
            base: vec!["main-1".to_owned()],
            change: Change::Regressed,
            overruled,
            objectives: rows,
        };
        Language::ALL.map(|language| unmarked(&opening(&comparison, language)))
    }

    #[test]
    fn the_opening_names_the_worst_that_decides() {
        let three = || {
            vec![
                row(Change::Improved, "C", true),
                row(Change::Undecided, "B", true),
                row(Change::Regressed, "advisory", false),
            ]
        };
        assert_eq!(
            said(
                [
                    three(),
                    vec![row(Change::Regressed, "A", true), row(Change::Regressed, "D", true)]
                ]
                .concat(),
                0
            ),
            [
                "Held against main-1: regressed: A p95 and D p95.",
                "Comparé à main-1 : dégradé : A p95 et D p95."
            ]
        );
        assert_eq!(
            said(three(), 0)[0],
            "Held against main-1: no regression shown; undecided: B p95."
        );
        assert_eq!(
            said(vec![row(Change::Improved, "C", true)], 0)[0],
            "Held against main-1: no regression; improved: C p95."
        );
        let [english, french] = said(Vec::new(), 2);
        assert!(
            english.starts_with("Held against main-1: no regression. The runs differ"),
            "{english}"
        );
        assert!(
            french.contains("aucune dégradation. Les campagnes diffèrent"),
            "{french}"
        );
    }
}
