//! Labels of the page: requests, step by step.

use crate::report::words::{Columns, label};
use crate::slo::Label;

pub(in crate::report) const STEPS: Label = label("Every step", "Toutes les étapes");
pub(in crate::report) const RESPONSE_TIME: Label = label("Response time", "Temps de réponse");
pub(in crate::report) const RESPONSE_NOTE: Label = label(
    "From the intended start, so that waiting behind a slow answer counts.",
    "Compté depuis le début prévu, afin que l’attente derrière une réponse lente soit prise en compte.",
);
pub(in crate::report) const FAILED_MARK_NOTE: Label = label(
    "the percentile falls among failed requests.",
    "le centile se situe parmi les requêtes en échec.",
);
pub(in crate::report) const SERVICE_TIME: Label = label(
    "Service time: from sending to the end of the answer",
    "Temps de service : de l’envoi à la fin de la réponse",
);
pub(in crate::report) const PARTS: Label = label("First byte, connecting and TLS", "Premier octet, connexion et TLS");
pub(in crate::report) const PARTS_NOTE: Label = label(
    "From sending to the first byte of the answer; what follows it is the download. Connecting and TLS are parts of it, for the \
     requests that had to open a connection.",
    "De l’envoi au premier octet de la réponse ; la suite est le téléchargement. La connexion et TLS en font partie, pour les \
     requêtes qui ont dû ouvrir une connexion.",
);
pub(in crate::report) const TIME_COLUMNS: Columns<8> = Columns {
    english: [
        "Series",
        "Requests",
        "Per second",
        "p50",
        "p90",
        "p95",
        "p99",
        "Longest",
    ],
    french: [
        "Étape",
        "Requêtes",
        "Par seconde",
        "p50",
        "p90",
        "p95",
        "p99",
        "Maximum",
    ],
};
pub(in crate::report) const PART_COLUMNS: Columns<9> = Columns {
    english: [
        "Series",
        "First byte p50",
        "First byte p95",
        "Connections",
        "Connect p50",
        "Connect p95",
        "TLS handshakes",
        "TLS p50",
        "TLS p95",
    ],
    french: [
        "Étape",
        "Premier octet p50",
        "Premier octet p95",
        "Connexions",
        "Connexion p50",
        "Connexion p95",
        "Négociations TLS",
        "TLS p50",
        "TLS p95",
    ],
};
pub(in crate::report) const TRANSACTIONS: Label = label("Transactions", "Transactions");
pub(in crate::report) const TRANSACTIONS_NOTE: Label = label(
    "Groups of steps, from the intended start of the group to the end of its last step, think times within it included. They are \
     no requests and count in no other table.",
    "Groupes d’étapes, du début prévu du groupe à la fin de sa dernière étape, temps de réflexion compris. Ce ne sont pas des \
     requêtes, et aucun autre tableau ne les compte.",
);
pub(in crate::report) const TRANSACTION_COLUMNS: Columns<8> = Columns {
    english: [
        "Transaction",
        "Made",
        "Not successful",
        "p50",
        "p90",
        "p95",
        "p99",
        "Longest",
    ],
    french: [
        "Transaction",
        "Effectuées",
        "Sans succès",
        "p50",
        "p90",
        "p95",
        "p99",
        "Maximum",
    ],
};
pub(in crate::report) const OVER_LIMITS: Label = label(
    "Exact counts over each latency limit",
    "Comptes exacts au-dessus de chaque limite de temps",
);
pub(in crate::report) const OVER: Label = label("Over", "Plus de");
pub(in crate::report) const SERIES: Label = label("Series", "Étape");
pub(in crate::report) const BESIDE: Label = label(
    "Did the browser disturb the requests?",
    "Le navigateur a-t-il perturbé les requêtes ?",
);
pub(in crate::report) const BESIDE_COLUMNS: Columns<5> = Columns {
    english: ["Judged seconds", "Seconds", "Requests", "Typical slowest", "Slowest"],
    french: [
        "Secondes jugées",
        "Secondes",
        "Requêtes",
        "Plus lente, typiquement",
        "Plus lente",
    ],
};
pub(in crate::report) const WITH_PAGE: Label = label("with a page loading", "pendant un chargement de page");
pub(in crate::report) const WITHOUT_PAGE: Label = label("with none", "hors chargement de page");
pub(in crate::report) const BESIDE_NOTE: Label = label(
    "A page load is real load for the servers; the browser itself runs at idle priority on the same machine. Typical slowest: \
     median, over these seconds, of the second's slowest request.",
    "Un chargement de page est une vraie charge pour les serveurs ; le navigateur, lui, tourne en priorité basse sur la même \
     machine. « Plus lente, typiquement » : médiane, sur ces secondes, de la requête la plus lente de chacune.",
);
pub(in crate::report) const LOAD: Label = label("Load, by phase", "Charge, phase par phase");
pub(in crate::report) const LOAD_COLUMNS: Columns<9> = Columns {
    english: [
        "Phase",
        "Model",
        "Length",
        "Planned",
        "Started",
        "Dropped",
        "Completed",
        "Failed",
        "Interrupted",
    ],
    french: [
        "Phase",
        "Modèle",
        "Durée",
        "Prévues",
        "Commencées",
        "Abandonnées",
        "Achevées",
        "Échouées",
        "Interrompues",
    ],
};
pub(in crate::report) const OPEN: Label = label("open", "ouvert");
pub(in crate::report) const CLOSED: Label = label("closed", "fermé");
