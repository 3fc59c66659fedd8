//! Labels of the page: throughput and errors.

use crate::report::words::{Columns, label};
use crate::slo::Label;

pub(in crate::report) const THROUGHPUT: Label = label("Throughput and errors", "Débit et erreurs");
pub(in crate::report) const OUTCOMES: Label = label("How requests ended", "Issue des requêtes");
pub(in crate::report) const ERROR_RATE: Label = label("Error rate", "Taux d’erreur");
pub(in crate::report) const RECEIVED: Label = label("Received", "Reçu");
pub(in crate::report) const OUTCOMES_NOTE: Label = label(
    "Rate-limited requests (429, or the proxy's own answer where the stack declares it) are a class of their own: neither success \
     nor error.",
    "Les requêtes refusées par le limiteur (429, ou la réponse du proxy que la pile déclare comme telle) forment une classe à \
     part : ni réussite ni erreur.",
);
pub(in crate::report) const FAILED_ANSWERS: Label =
    label("What failed requests were answered", "Réponses aux requêtes en échec");
pub(in crate::report) const FAILED_COLUMNS: Columns<7> = Columns {
    english: [
        "Series",
        "Phase",
        "Answer",
        "Requests",
        "Seconds",
        "First example",
        "Last example",
    ],
    french: [
        "Étape",
        "Phase",
        "Réponse",
        "Requêtes",
        "Secondes",
        "Premier exemple",
        "Dernier exemple",
    ],
};
pub(in crate::report) const FAILED_NOTE: Label = label(
    "Beginning of the answer's body; values that look secret are masked.",
    "Début du corps de la réponse ; les valeurs qui semblent secrètes sont masquées.",
);
pub(in crate::report) const NOT_JUDGED: Label = label("(not judged)", "(non jugée)");
pub(in crate::report) const LAST_LINES: Label = label("Last log lines of", "Dernières lignes du journal de");
