//! Wording of rows, the same in every rendering.

use super::fingerprint::Area;
use super::{Comparison, Difference, MeasureKind, Row, Side};
use crate::evidence::LoadModel;
use crate::report::conclusion;
use crate::slo::{Label, Samples, Unit, samples_of};
use crate::words::en::text;
use crate::words::{Language, quoted, unmarked};

/// A text in both languages.
const fn text_of(english: &'static str, french: &'static str) -> Label {
    Label { english, french }
}

pub(super) const BASE: Label = text_of("Base", "Référence");
pub(super) const NEW: Label = text_of("New", "Nouveau");
pub(super) const ALTHOUGH: Label = text_of("Compared although", "Comparé bien que :");
pub(super) const OBJECTIVES: Label = text_of("Objectives", "Objectifs");
pub(super) const SERIES: Label = text_of("Series", "Séries");
pub(super) const ADVISORY: Label = text_of("advisory", "indicatif");
pub(super) const ELSE: Label = text_of("What else differs", "Ce qui diffère par ailleurs");
pub(super) const LEFT_OUT: Label = text_of("left out:", "laissé de côté :");
pub(super) const DRAWN: Label = text_of(
    "Drawn: the shift with its interval; the middle line is no change, the shaded band what would be too little to matter (5 % of \
     the base value, at least 5 ms or 0.1 percentage points).",
    "Dessin : l’écart et son intervalle ; le trait du milieu marque l’absence d’écart, la bande grisée ce qui serait trop peu pour \
     compter (5 % de la valeur de référence, au moins 5 ms ou 0,1 point).",
);

/// Heads of the columns of a table of rows.
pub(super) fn columns(language: Language) -> [&'static str; 7] {
    match language {
        Language::English => ["What", "Statistic", "Base", "New", "Shift, 95 %", "Drawn", "Change"],
        Language::French => [
            "Grandeur",
            "Statistique",
            "Référence",
            "Nouveau",
            "Écart, à 95 %",
            "Dessin",
            "Évolution",
        ],
    }
}

/// `Δp95 = +12.0 ms [+4.00, +21.0]: regressed`.
pub(super) fn sentence(row: &Row, language: Language) -> String {
    let shift = language.shift(row.shift, row.low, row.high, row.unit);
    let (statistic, change) = (
        language.statistic(&row.statistic),
        language.wording().change(row.change),
    );
    match language {
        Language::English => format!("Δ{statistic} = {shift}: {change}"),
        Language::French => format!("Δ {statistic} = {shift} : {change}"),
    }
}

/// A difference between the runs of both sides: `hardware: cores: 2 → 4`.
pub(super) fn difference(difference: &Difference, language: Language) -> String {
    if language == Language::English {
        return difference.to_string();
    }
    let area = match difference.area {
        Area::Scenario => "scénario",
        Area::Stack => "système mesuré",
        Area::Hardware => "matériel",
        Area::Versions => "versions",
    };
    let value = |value: &Option<String>| {
        value
            .as_ref()
            .map_or_else(|| "(aucun)".to_owned(), |value| quoted(value))
    };
    format!(
        "{area} : {} : {} → {}",
        quoted(&difference.name),
        value(&difference.base),
        value(&difference.new)
    )
}

/// `+12.0 ms [+4.00, +21.0]`.
pub(super) fn shift(row: &Row) -> String {
    text::shift(row.shift, row.low, row.high, row.unit)
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
pub(super) fn label(row: &Row, language: Language) -> String {
    let mut label = quoted(&row.name);
    if row.kind == MeasureKind::Series && samples_of(&row.indicator) == Some(Samples::Failures) {
        label.push_str(language.say(" errors", " (erreurs)"));
    }
    if row.model == Some(LoadModel::Closed) {
        label.push_str(language.say(" (closed model)", " (modèle fermé)"));
    }
    label
}

/// The label in English, without marks.
pub(super) fn name(row: &Row) -> String {
    unmarked(&label(row, Language::English))
}

/// Rank test of several runs per side: `p = 0.029, Cliff's δ = +1.00 (large)`.
pub(super) fn ranks(row: &Row, language: Language) -> Option<String> {
    let groups = row.groups.as_ref()?;
    let (p, delta) = (
        language.decimal(groups.p, 3),
        language.written(&format!("{:+.2}", groups.delta)),
    );
    Some(match language {
        Language::English => format!("p = {p}, Cliff's δ = {delta} ({})", groups.dominance),
        Language::French => {
            let size = match groups.dominance.as_str() {
                "negligible" => "négligeable",
                "small" => "faible",
                "medium" => "moyen",
                "large" => "grand",
                other => other,
            };
            format!("p = {p}, δ de Cliff = {delta} ({size})")
        }
    })
}

/// The side's runs in words: a name, or their number.
pub(super) fn side(runs: &[Side], language: Language) -> String {
    match runs {
        [only] => quoted(&only.id),
        several => {
            let names: Vec<String> = several.iter().map(|run| quoted(&run.id)).collect();
            format!(
                "{} ({})",
                language.plural(several.len() as u64, "run", "campagne"),
                language.list(&names)
            )
        }
    }
}

/// The conclusion in one sentence.
pub(super) fn answer(comparison: &Comparison, language: Language) -> String {
    conclusion(&comparison.into(), language)
}

/// The method of the comparison.
pub(super) fn method(comparison: &Comparison, language: Language) -> &'static str {
    if comparison.base.len() > 1 || comparison.new.len() > 1 {
        language.say(
            "Several runs a side: Mann and Whitney's test on one value per run; the shift is the median of all pairwise \
             differences with the test's 95 % interval.",
            "Plusieurs campagnes de chaque côté : test de Mann et Whitney sur une valeur par campagne ; l’écart est la médiane de \
             toutes les différences deux à deux, avec l’intervalle à 95 % de ce test.",
        )
    } else {
        language.say(
            "One run a side: each is resampled 2,000 times with as many draws as its samples are worth; 95 % interval of the \
             differences. It knows nothing of what differs from run to run: several runs a side say more.",
            "Une campagne de chaque côté : chacune est rééchantillonnée 2 000 fois, avec autant de tirages que ses échantillons en \
             valent ; intervalle à 95 % des différences. Ce qui varie d’une campagne à l’autre lui échappe : plusieurs campagnes \
             de chaque côté en disent plus.",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::Change::{self, Improved, Regressed, Undecided};
    use super::*;

    fn row(change: Change, name: &str) -> Row {
        Row {
            kind: MeasureKind::Objective,
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
        assert_eq!(
            sentence(&row, Language::English),
            "Δp95 = +14.4 ms [+4.00, +∞]: regressed"
        );
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
        row.kind = MeasureKind::Series;
        row.indicator = "error-rate".to_owned();
        row.model = Some(LoadModel::Closed);
        assert_eq!(name(&row), "A errors (closed model)");
        assert_eq!(unmarked(&label(&row, Language::French)), "A (erreurs) (modèle fermé)");
    }

    #[test]
    fn the_answer_names_the_worst_that_decides() {
        let said = |rows: Vec<Row>| {
            let comparison = Comparison {
                format: 1,
                scenario: "gate".to_owned(),
                base: Vec::new(),
                new: Vec::new(),
                change: Regressed,
                differences: Vec::new(),
                overruled: Vec::new(),
                left_out: Vec::new(),
                rows,
            };
            unmarked(&answer(&comparison, Language::English))
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
