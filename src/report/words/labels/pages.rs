//! Labels of the page: pages.

use crate::report::words::{Columns, label};
use crate::slo::Label;

pub(in crate::report) const PAGES: Label = label("Page loads in the browser", "Chargements de page dans le navigateur");
pub(in crate::report) const BROWSER: Label = label("Browser", "Navigateur");
pub(in crate::report) const CONDITIONS: Label = label("Conditions", "Conditions");
pub(in crate::report) const BROWSER_ITSELF: Label = label("The browser itself", "Le navigateur lui-même");
pub(in crate::report) const NOT_CALIBRATED: Label = label("not calibrated", "non étalonné");
pub(in crate::report) const STARTED_AGAIN: Label = label("Started again", "Redémarré");
pub(in crate::report) const SKIPPED: Label = label("Skipped", "Omis");
pub(in crate::report) const PAGE: Label = label("Page", "Page");
pub(in crate::report) const EACH_LOAD: Label = label("How long each load took", "Durée de chaque chargement");
pub(in crate::report) const EACH_LOAD_NOTE: Label = label(
    "Each dot is a judged load that did not fail, all pages on one scale; the line across is the 75th percentile.",
    "Chaque point est un chargement jugé qui n’a pas échoué, toutes les pages à la même échelle ; le trait vertical est le 75e \
     centile.",
);
pub(in crate::report) const VITALS: Label = label("What users felt", "Ce que les utilisateurs ont ressenti");
pub(in crate::report) const GOOD: Label = label("good", "bon");
pub(in crate::report) const NEEDS_WORK: Label = label("needs work", "à améliorer");
pub(in crate::report) const POOR: Label = label("poor", "mauvais");
pub(in crate::report) const BANDS_NOTE: Label = label(
    "Good is LCP up to 2.5 s, INP up to 200 ms, CLS up to 0.1; poor is LCP over 4 s, INP over 500 ms, CLS over 0.25 (Core Web Vitals).",
    "Est bon un LCP d’au plus 2,5 s, un INP d’au plus 200 ms, un CLS d’au plus 0,1 ; est mauvais un LCP de plus de 4 s, un INP de \
     plus de 500 ms, un CLS de plus de 0,25 (Core Web Vitals).",
);
pub(in crate::report) const VITALS_NOTE: Label = label(
    "Judged window. Load: navigation start to the end of the load event, failed loads ranking above all. LCP (largest contentful \
     paint), INP (the longest scripted interaction) and CLS (cumulative layout shift) are 75th percentiles, data shown is a median \
     of successful loads.",
    "Fenêtre jugée. Chargement : du début de la navigation à la fin de l’événement `load`, les chargements échoués comptant comme \
     les plus longs. Le LCP (affichage du plus grand élément), l’INP (interaction la plus longue) et le CLS (décalages de mise \
     en page) sont des 75es centiles ; « données affichées » est la médiane des chargements réussis.",
);
pub(in crate::report) const VITAL_COLUMNS: Columns<10> = Columns {
    english: [
        "Page",
        "Loads",
        "Failed",
        "Load p50",
        "Load p75",
        "Longest",
        "Data shown",
        "LCP",
        "INP",
        "CLS",
    ],
    french: [
        "Page",
        "Chargements",
        "Échecs",
        "Chargement p50",
        "Chargement p75",
        "Maximum",
        "Données affichées",
        "LCP",
        "INP",
        "CLS",
    ],
};
pub(in crate::report) const PAGE_TIME: Label = label("Where the time goes", "Décomposition du temps");
pub(in crate::report) const PAGE_TIME_NOTE: Label = label(
    "Medians. Look-up, connecting and TLS are lengths, the others are reached at that time after navigation start.",
    "Médianes. Résolution, connexion et TLS sont des durées ; les autres colonnes donnent l’instant atteint depuis le début de la \
     navigation.",
);
pub(in crate::report) const PAGE_TIME_COLUMNS: Columns<10> = Columns {
    english: [
        "Page",
        "Look-up",
        "Connect",
        "TLS",
        "First byte",
        "Interactive",
        "DOM content",
        "First paint",
        "Load",
        "Data shown",
    ],
    french: [
        "Page",
        "Résolution du nom",
        "Connexion",
        "TLS",
        "Premier octet",
        "Page interactive",
        "Contenu DOM",
        "Premier affichage",
        "Chargement",
        "Données affichées",
    ],
};
pub(in crate::report) const FETCHED: Label =
    label("What is fetched, and what it costs", "Ce qui est chargé, et son coût");
pub(in crate::report) const FETCHED_NOTE: Label = label(
    "Medians; failed requests and console errors are added up. Waiting for the API: share of the time until the page was there \
     during which its scripts waited for what they had asked for. Blocking: what tasks after the first paint take over 50 ms each.",
    "Médianes ; les requêtes échouées et les erreurs de console sont additionnées. Attente de l’API : part du temps jusqu’à \
     l’affichage pendant laquelle les scripts attendaient une réponse. Blocage : ce que les tâches prennent au-delà de 50 ms \
     chacune après le premier affichage.",
);
pub(in crate::report) const FETCHED_COLUMNS: Columns<8> = Columns {
    english: [
        "Page",
        "Requests",
        "Transferred",
        "Waiting for the API",
        "Long tasks",
        "Blocking",
        "Failed requests",
        "Console errors",
    ],
    french: [
        "Page",
        "Requêtes",
        "Volume transféré",
        "Attente de l’API",
        "Tâches longues",
        "Blocage",
        "Requêtes échouées",
        "Erreurs de console",
    ],
};
pub(in crate::report) const CALLS: Label = label("What pages ask the API for", "Ce que les pages demandent à l’API");
pub(in crate::report) const CALLS_NOTE: Label = label(
    "Of the page's time: their length added up, as a share of the time until the page was there; what overlaps counts twice.",
    "Part du temps de la page : leurs durées additionnées, rapportées au temps jusqu’à l’affichage ; ce qui se chevauche compte \
     deux fois.",
);
pub(in crate::report) const CALL_COLUMNS: Columns<6> = Columns {
    english: [
        "Asked for by scripts",
        "Per load",
        "p50",
        "Longest",
        "Of the page's time",
        "Failed",
    ],
    french: [
        "Demandé par les scripts",
        "Par chargement",
        "p50",
        "Maximum",
        "Part du temps de la page",
        "Échecs",
    ],
};
pub(in crate::report) const MESSAGES: Label = label(
    "Failed loads, failed requests and console errors",
    "Chargements échoués, requêtes échouées et erreurs de console",
);
pub(in crate::report) const MESSAGE_COLUMNS: Columns<3> = Columns {
    english: ["Page", "Told by", "Message"],
    french: ["Page", "Signalé par", "Message"],
};
pub(in crate::report) const PICTURES: Label = label(
    "How the pages looked once they were measured",
    "Aspect des pages une fois mesurées",
);
pub(in crate::report) const SLOWEST_WATERFALL: Label =
    label("Waterfall of the slowest load", "Cascade du chargement le plus lent");
pub(in crate::report) const OTHER_WATERFALLS: Label = label(
    "Waterfalls of the other loads that are shown",
    "Cascades des autres chargements présentés",
);
pub(in crate::report) const WATERFALL_KEY: Label = label(
    "Pale: waiting and connecting, full: waiting for the answer, dark: receiving it; red: failed. Lines:",
    "Clair : attente et connexion ; moyen : attente de la réponse ; foncé : réception ; rouge : échec. Traits :",
);
pub(in crate::report) const FIRST_PAINT: Label = label("first paint", "premier affichage");
pub(in crate::report) const DOM_CONTENT: Label = label("DOM content", "contenu DOM");
pub(in crate::report) const LOADED: Label = label("load", "chargement");
pub(in crate::report) const DATA_SHOWN: Label = label("data shown", "données affichées");
pub(in crate::report) const FROM_CACHE: Label = label("from the cache", "depuis le cache");
