//! Labels of the page: the run among earlier ones.

use crate::report::words::{Columns, label};
use crate::slo::Label;

pub(in crate::report) const SINCE_LAST: Label = label(
    "Since the last comparable run",
    "Depuis la dernière campagne comparable",
);
pub(in crate::report) const SINCE_COLUMNS: Columns<6> = Columns {
    english: [
        "Objective",
        "Change",
        "Then",
        "Now",
        "Difference, 95 % interval",
        "Run by run",
    ],
    french: [
        "Objectif",
        "Évolution",
        "Avant",
        "Maintenant",
        "Écart, intervalle à 95 %",
        "De campagne en campagne",
    ],
};
pub(in crate::report) const BASELINE: Label = label("Against the baseline", "Par rapport à la référence");
pub(in crate::report) const BASELINE_COLUMNS: Columns<5> = Columns {
    english: [
        "Objective",
        "Change",
        "Baseline",
        "This run",
        "Difference, 95 % interval",
    ],
    french: [
        "Objectif",
        "Évolution",
        "Référence",
        "Cette campagne",
        "Écart, intervalle à 95 %",
    ],
};
pub(in crate::report) const BASELINE_NOTE: Label = label(
    "A regression needs an interval that excludes 0 and a size of 5 % (at least 5 ms, or 0.1 percentage points).",
    "Une dégradation demande un intervalle qui exclut 0 et un écart de 5 % (au moins 5 ms, ou 0,1 point).",
);
pub(in crate::report) const WHOLE_COMPARISON: Label = label(
    "The whole comparison, with every step.",
    "La comparaison entière, avec chaque étape.",
);
pub(in crate::report) const SINCE_NOTE: Label = label(
    "Comparable: the same load, stack and machine. A change needs an interval that excludes 0 and a size of 5 % (at least 5 ms, \
     or 0.1 percentage points). A vertical line marks a run from which on the level is another (E-Divisive, p < 0.05); a cross, \
     a run in which the figure falls among failures.",
    "Comparable : même charge, même système, même machine. Une évolution demande un intervalle qui exclut 0 et un écart de 5 % \
     (au moins 5 ms, ou 0,1 point). Un trait vertical marque la campagne à partir de laquelle le niveau est autre (E-Divisive, \
     p < 0,05) ; une croix, une campagne où la valeur se situe parmi les échecs.",
);
