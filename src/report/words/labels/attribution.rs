//! Labels of the page: attribution.

use crate::report::words::{Columns, label};
use crate::slo::Label;

pub(in crate::report) const WHERE_TIME_WENT: Label = label("Where the time went", "Où passe le temps");
pub(in crate::report) const BUDGET_COLUMNS: Columns<3> = Columns {
    english: ["Series", "Time", "Parts of a mean request, and of one about p95"],
    french: [
        "Étape",
        "Durée",
        "Parts d’une requête moyenne, et d’une requête vers p95",
    ],
};
pub(in crate::report) const BUDGET_NOTE: Label = label(
    "Successful requests of the judged window. Statements are shared out over all requests by their time: which request made \
     which is not known, so that part and the application's are estimates (~). About p95: the mean of the requests from the 93rd to the \
     97th percentile that the proxy's log tells of, from sending to end; statements are in the application's part there.",
    "Requêtes réussies de la fenêtre jugée. Les requêtes SQL sont réparties sur toutes les requêtes au prorata de leur durée : \
     on ignore laquelle a lancé laquelle, si bien que cette part et celle de l’application sont des estimations (~). Vers p95 : moyenne \
     des requêtes du 93e au 97e centile que raconte le journal du proxy, de l’envoi à la fin ; les requêtes SQL y sont dans la part \
     de l’application.",
);
pub(in crate::report) const SUSPECT_COLUMNS: Columns<5> = Columns {
    english: ["Suspect", "What happens", "Evidence", "Next", "Weight"],
    french: ["Suspect", "Constat", "Indices", "À faire", "Poids"],
};
