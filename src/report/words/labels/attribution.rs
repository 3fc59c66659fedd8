//! Labels of the page: attribution.

use crate::report::words::{Columns, label};
use crate::slo::Label;

pub(in crate::report) const WHERE_TIME_WENT: Label = label("Where the time went", "Où passe le temps");
pub(in crate::report) const BUDGET_COLUMNS: Columns<3> = Columns {
    english: ["Series", "Mean", "Parts of a mean request"],
    french: ["Étape", "Moyenne", "Parts d’une requête moyenne"],
};
pub(in crate::report) const BUDGET_NOTE: Label = label(
    "Successful requests of the judged window. Statements are shared out over all requests by their time: which request made \
     which is not known, so that part and the application's are estimates (~).",
    "Requêtes réussies de la fenêtre jugée. Les requêtes SQL sont réparties sur toutes les requêtes au prorata de leur durée : \
     on ignore laquelle a lancé laquelle, si bien que cette part et celle de l’application sont des estimations (~).",
);
pub(in crate::report) const SUSPECT_COLUMNS: Columns<5> = Columns {
    english: ["Suspect", "What happens", "Evidence", "Next", "Weight"],
    french: ["Suspect", "Constat", "Indices", "À faire", "Poids"],
};
