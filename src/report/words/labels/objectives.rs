//! Labels of the page: objectives.

use crate::report::words::{Columns, label};
use crate::slo::Label;

pub(in crate::report) const OBJECTIVES: Label = label("Objectives", "Objectifs");
pub(in crate::report) const OBJECTIVE_COLUMNS: Columns<6> = Columns {
    english: [
        "Objective",
        "Verdict",
        "Measured, 95 % bounds",
        "Samples",
        "Target",
        "Acceptable",
    ],
    french: [
        "Objectif",
        "Verdict",
        "Mesuré, intervalle à 95 %",
        "Échantillons",
        "Cible",
        "Acceptable",
    ],
};
pub(in crate::report) const OBJECTIVES_NOTE: Label = label(
    "Decided by exact counts of samples over each limit; a failed request counts as over every time limit.",
    "Décision prise sur le compte exact des échantillons au-dessus de chaque limite ; une requête en échec compte comme \
     au-dessus de toutes les limites de temps.",
);
pub(in crate::report) const GATED_ON_TARGET: Label = label(
    "Gated on the target; advisory objectives are shown and do not decide.",
    "La cible est décisive ; les objectifs indicatifs sont affichés sans peser sur le verdict.",
);
pub(in crate::report) const GATED_ON_ACCEPTABLE: Label = label(
    "Gated on the acceptable limit; advisory objectives are shown and do not decide.",
    "La limite acceptable est décisive ; les objectifs indicatifs sont affichés sans peser sur le verdict.",
);
pub(in crate::report) const ADVISORY: Label = label("advisory", "indicatif");
pub(in crate::report) const NOT_MEASURED_CELL: Label = label("not measured", "non mesuré");
pub(in crate::report) const OF_REQUESTS: Label = label("Of the requests", "Sur les requêtes");
pub(in crate::report) const OF_TRANSACTIONS: Label = label("Of the transactions", "Sur les transactions");
