//! Headings, columns and notes of the page.

use super::{Columns, label};
use crate::slo::Label;

// The frame.
pub(in crate::report) const SKIP: Label = label("Skip to the content", "Aller au contenu");
pub(in crate::report) const OTHER_LANGUAGE: Label = label("Read in English", "Lire en français");
pub(in crate::report) const DATA: Label = label(
    "everything on this page is in report.json",
    "toutes les données de cette page sont dans report.json",
);
pub(in crate::report) const LANGUAGE: Label = label("Language", "Langue");
pub(in crate::report) const RUN: Label = label("run", "campagne");
pub(in crate::report) const YES: Label = label("yes", "oui");
pub(in crate::report) const NO: Label = label("no", "non");
pub(in crate::report) const NONE: Label = label("none", "aucun");

// The first screen.
pub(in crate::report) const EXIT_CODE: Label = label("Exit code", "Code de sortie");
pub(in crate::report) const RELEASE: Label = label("Release", "Version");
pub(in crate::report) const NO_RELEASE: Label = label(
    "not named (`--tag release=…`, `--tag commit=…`)",
    "non précisée (`--tag release=…`, `--tag commit=…`)",
);
pub(in crate::report) const DATE: Label = label("Date", "Date");
pub(in crate::report) const LENGTH: Label = label("Length", "Durée");
pub(in crate::report) const MACHINE: Label = label("Machine", "Machine");
pub(in crate::report) const SYSTEM: Label = label("System under test", "Système mesuré");
pub(in crate::report) const CERTAINTY: Label = label("Certainty", "Fiabilité");
pub(in crate::report) const AT_A_GLANCE: Label = label("Objectives at a glance", "Les objectifs en un coup d’œil");
pub(in crate::report) const GLANCE: Columns<5> = Columns {
    english: ["Objective", "Verdict", "Target", "Measured", "Error budget"],
    french: ["Objectif", "Verdict", "Cible", "Mesuré", "Budget d’erreur"],
};
pub(in crate::report) const WORD_MEANS: Label = label("means", "signifie que");

// Objectives.
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

// Validity.
pub(in crate::report) const TRUST: Label = label("Can the measurement be trusted?", "Peut-on se fier à la mesure ?");
pub(in crate::report) const UNVERIFIED: Label = label("UNVERIFIED", "NON VÉRIFIÉ");
pub(in crate::report) const ALL_RULES: Label = label("All rules and sums", "Toutes les règles et les sommes");
pub(in crate::report) const RULE_COLUMNS: Columns<4> = Columns {
    english: ["Rule", "Measured", "Threshold", "Holds"],
    french: ["Règle", "Mesuré", "Seuil", "Respectée"],
};
pub(in crate::report) const DOES_NOT_ADD_UP: Label = label("does not add up", "ne concorde pas");
pub(in crate::report) const NOT_MEASURED: Label = label("Not measured", "Ce qui n’a pas été mesuré");

// Attribution.
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

// Charts and time.
pub(in crate::report) const OVER_TIME: Label = label("Response times over time", "Temps de réponse au fil du temps");
pub(in crate::report) const SHADED: Label = label(
    "Shaded: phases that are recorded and not judged.",
    "En grisé : les phases enregistrées mais non jugées.",
);
pub(in crate::report) const GROWTH: Label = label("Does anything grow?", "Quelque chose augmente-t-il ?");
pub(in crate::report) const GROWTH_COLUMNS: Columns<5> = Columns {
    english: [
        "What",
        "At the start",
        "Change an hour",
        "95 % interval",
        "Reaches its limit",
    ],
    french: [
        "Grandeur",
        "Au début",
        "Variation par heure",
        "Intervalle à 95 %",
        "Limite atteinte",
    ],
};
pub(in crate::report) const GROWS: Label = label("grows", "augmente");
pub(in crate::report) const GROWTH_NOTE: Label = label(
    "The slope of Theil and Sen over 30 batches of the judged window, each summed up by its median. Told as growing where the \
     interval lies above 0 and a day at that pace adds a quarter or more (1 GiB for the disk).",
    "Pente de Theil et Sen sur 30 tranches de la fenêtre jugée, chacune résumée par sa médiane. Une grandeur est dite en \
     augmentation si l’intervalle est au-dessus de 0 et si une journée à ce rythme y ajoute un quart ou plus (1 Gio pour le \
     disque).",
);
pub(in crate::report) const SPIKES: Label = label("Spikes", "Pics de charge");

// Throughput and errors.
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

// Requests, step by step.
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

// Pages.
pub(in crate::report) const PAGES: Label = label("Page loads in the browser", "Chargements de page dans le navigateur");
pub(in crate::report) const BROWSER: Label = label("Browser", "Navigateur");
pub(in crate::report) const CONDITIONS: Label = label("Conditions", "Conditions");
pub(in crate::report) const BROWSER_ITSELF: Label = label("The browser itself", "Le navigateur lui-même");
pub(in crate::report) const NOT_CALIBRATED: Label = label("not calibrated", "non étalonné");
pub(in crate::report) const STARTED_AGAIN: Label = label("Started again", "Redémarré");
pub(in crate::report) const SKIPPED: Label = label("Skipped", "Omis");
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

// Database.
pub(in crate::report) const DATABASE: Label = label("Database", "Base de données");
pub(in crate::report) const NOT_SHOWN: Label = label("Not shown by the server", "Ce que le serveur ne montre pas");
pub(in crate::report) const UNSEEN_COLUMNS: Columns<3> = Columns {
    english: ["What", "Why", "To see it"],
    french: ["Donnée", "Cause", "Pour y remédier"],
};
pub(in crate::report) const EXECUTIONS: Label = label("Executions", "Exécutions");
pub(in crate::report) const EXACT_OVER: Label = label("Over limits, exact", "Au-dessus des limites, compte exact");
pub(in crate::report) const SAMPLED: Label = label("Percentiles, sampled", "Centiles, sur échantillon");
pub(in crate::report) const LOGGED: Label = label("logged", "journalisées");
pub(in crate::report) const PARSE_STEPS: Label = label("Parse steps", "Analyses");
pub(in crate::report) const BIND_STEPS: Label = label("Bind and plan steps", "Liaisons et planifications");
pub(in crate::report) const EXACT_STEPS: Label =
    label("Parse and bind steps, exact", "Analyses et liaisons, compte exact");
pub(in crate::report) const ABOUT: Label = label("about", "environ");
pub(in crate::report) const OVER_LIMIT: Label = label("over", "au-dessus de");
pub(in crate::report) const STATEMENT_TIME: Label = label("Time in all statements", "Durée de toutes les requêtes SQL");
pub(in crate::report) const PEAK_CONNECTIONS: Label = label("Peak connections", "Connexions, maximum");
pub(in crate::report) const ROWS: Label = label("Rows", "Lignes");
pub(in crate::report) const SERVER_TRANSACTIONS: Label = label("Transactions", "Transactions");
pub(in crate::report) const CACHE_HITS: Label = label("Buffers found in the cache", "Blocs trouvés dans le cache");
pub(in crate::report) const TEMPORARY: Label = label("Temporary files", "Fichiers temporaires");
pub(in crate::report) const CHECKPOINTS: Label = label("Checkpoints", "Points de contrôle");
pub(in crate::report) const WRITE_AHEAD: Label = label("Write-ahead log", "Journal des transactions (WAL)");
pub(in crate::report) const ESTIMATES: Label = label("(estimates of the server)", "(estimations du serveur)");
pub(in crate::report) const STATEMENTS: Label = label(
    "Statements by their share of the database's time",
    "Requêtes SQL par part du temps de la base de données",
);
pub(in crate::report) const STATEMENT_COLUMNS: Columns<9> = Columns {
    english: [
        "Statement",
        "Share",
        "Total",
        "Calls",
        "Mean",
        "p50",
        "p95",
        "p99",
        "Longest",
    ],
    french: [
        "Requête SQL",
        "Part",
        "Total",
        "Appels",
        "Moyenne",
        "p50",
        "p95",
        "p99",
        "Maximum",
    ],
};
pub(in crate::report) const BUFFER_COLUMNS: Columns<4> = Columns {
    english: ["Rows", "Cache hits", "Read", "Temporary"],
    french: ["Lignes", "Trouvé en cache", "Lu", "Temporaire"],
};
pub(in crate::report) const STATEMENTS_NOTE: Label = label(
    "Judged window. Percentiles come from the log and are left out where it holds too few lines of a statement; a longest marked \
     with * is that since the server's statistics began. Read and Temporary count buffers.",
    "Fenêtre jugée. Les centiles viennent du journal et manquent lorsqu’il contient trop peu de lignes d’une requête ; un maximum \
     marqué * remonte au début des statistiques du serveur. « Lu » et « Temporaire » comptent des blocs.",
);
pub(in crate::report) const PLANS: Label = label("Their plans", "Leurs plans d’exécution");
pub(in crate::report) const NO_PLAN: Label = label("no plan,", "pas de plan :");
pub(in crate::report) const PLANS_NOTE: Label = label(
    "Made for unknown parameters and without executing anything: the server may plan otherwise for known ones.",
    "Établis pour des paramètres inconnus et sans rien exécuter : le serveur peut en choisir d’autres pour des paramètres connus.",
);
pub(in crate::report) const INDEXES: Label = label("Missing indexes", "Index manquants");
pub(in crate::report) const INDEX_COLUMNS: Columns<2> = Columns {
    english: ["What was seen", "The plan's words"],
    french: ["Constat", "Extrait du plan"],
};
pub(in crate::report) const INDEXES_NOTE: Label = label(
    "Tables that were read from end to end in the judged window, by statements whose plan keeps few of the rows. An index also has \
     to be written: measure with it before keeping it.",
    "Tables lues en entier dans la fenêtre jugée, par des requêtes dont le plan garde peu de lignes. Un index se paie aussi à \
     l’écriture : mesurez avec lui avant de le garder.",
);
pub(in crate::report) const LOCKS: Label = label("Waits for locks", "Attentes de verrous");
pub(in crate::report) const LOCK_COLUMNS: Columns<7> = Columns {
    english: [
        "Waiting",
        "Held by the session of",
        "Table",
        "Lock",
        "Waits",
        "In all",
        "Longest",
    ],
    french: [
        "En attente",
        "Tenu par la session de",
        "Table",
        "Verrou",
        "Attentes",
        "Durée totale",
        "Maximum",
    ],
};
pub(in crate::report) const LOCKS_NOTE: Label = label(
    "Looked at twice a second: shorter waits may be missed, and each is known up to half a second.",
    "Relevé deux fois par seconde : des attentes plus courtes peuvent échapper, et chacune est connue à une demi-seconde près.",
);
pub(in crate::report) const TABLES: Label = label("Tables", "Tables");
pub(in crate::report) const TABLE_COLUMNS: Columns<8> = Columns {
    english: [
        "Table",
        "Live rows",
        "Sequential scans",
        "Rows read by them",
        "Index scans",
        "Inserted",
        "Updated",
        "Deleted",
    ],
    french: [
        "Table",
        "Lignes vivantes",
        "Lectures séquentielles",
        "Lignes ainsi lues",
        "Lectures par index",
        "Insertions",
        "Mises à jour",
        "Suppressions",
    ],
};

// Proxy, containers, front door, generator.
pub(in crate::report) const PROXY: Label = label("Time seen by the proxy:", "Temps vu par le proxy :");
pub(in crate::report) const CONTAINERS: Label = label("Containers", "Conteneurs");
pub(in crate::report) const CONTAINERS_NOTE: Label = label(
    "Judged window, CPU in cores. Throttled: share of the scheduling periods in which the CPU limit held the service back, which \
     does not show in its CPU use, and the time its tasks lost by it, summed over processors. Memory without the page cache that \
     the kernel would give up first. Behind a limit: what production's table says.",
    "Fenêtre jugée, processeur en cœurs. Bridage : part des périodes d’ordonnancement où la limite a retenu le service, ce que sa \
     consommation ne montre pas, et temps ainsi perdu par ses tâches, additionné sur les processeurs. Mémoire hors du cache que \
     le noyau libérerait d’abord. À côté d’une limite : celle que prévoit le tableau de production.",
);
pub(in crate::report) const MOVED_NOTE: Label = label(
    "Waited: share of the time in which some task of the service waited for a processor, for memory, for a disk (pressure stall \
     information). Page faults: those that had to wait for a disk are major. –: nobody counts it here, as recent kernels do not \
     count disks in cgroup v1.",
    "Attente : part du temps où une tâche du service attendait un processeur, de la mémoire ou un disque (informations de \
     pression du noyau). Défauts de page : ceux qui ont dû attendre un disque sont majeurs. – : non compté ici, les noyaux récents \
     ne comptant pas les disques en cgroup v1.",
);
pub(in crate::report) const FRONT_DOOR: Label =
    label("Availability of the front door", "Disponibilité de la porte d’entrée");
pub(in crate::report) const SECOND: Label = label("second", "seconde");
pub(in crate::report) const NO_ANSWER: Label = label("no answer", "aucune réponse");
pub(in crate::report) const GENERATOR: Label = label("The generator itself", "Le générateur lui-même");
pub(in crate::report) const GENERATOR_CORES: Label = label("Cores it may use", "Cœurs à sa disposition");
pub(in crate::report) const GENERATOR_CPU: Label = label("CPU of the harness, mean", "Processeur de Diapason, moyenne");
pub(in crate::report) const LOAD_THREAD: Label =
    label("Load thread, busiest second", "Fil de charge, seconde la plus chargée");
pub(in crate::report) const RUN_QUEUE: Label = label(
    "Load thread waiting for a processor, mean",
    "Fil de charge en attente d’un processeur, moyenne",
);
pub(in crate::report) const HOST_CPU: Label = label(
    "CPU of the whole host, mean",
    "Processeur de toute la machine hôte, moyenne",
);
pub(in crate::report) const STEAL: Label = label("Taken by the hypervisor, mean", "Pris par l’hyperviseur, moyenne");
pub(in crate::report) const RUNNABLE: Label = label(
    "Processes running or ready on the host, most",
    "Processus actifs ou prêts sur la machine hôte, maximum",
);
pub(in crate::report) const RETRANSMITS: Label = label("TCP segments sent again", "Segments TCP renvoyés");
pub(in crate::report) const GENERATOR_MEMORY: Label = label("Memory, highest", "Mémoire, maximum");

// Appendix.
pub(in crate::report) const PLAN: Label = label("Plan", "Plan de la campagne");
pub(in crate::report) const SCENARIO: Label = label("Scenario", "Scénario");
pub(in crate::report) const SEED: Label = label("Seed", "Graine");
pub(in crate::report) const OVERRIDES: Label = label("Overrides (`--set`)", "Valeurs imposées (`--set`)");
pub(in crate::report) const TAGS: Label = label("Tags (`--tag`)", "Étiquettes (`--tag`)");
pub(in crate::report) const EXPECTED: Label =
    label("Evidence the plan was to yield", "Mesures que le plan devait fournir");
pub(in crate::report) const EXPECTED_COLUMNS: Columns<4> = Columns {
    english: ["Objective", "Samples planned", "Needed for a pass", "Can be decided"],
    french: [
        "Objectif",
        "Échantillons prévus",
        "Nécessaires pour réussir",
        "Peut être tranché",
    ],
};
pub(in crate::report) const NOT_KNOWN_BEFORE: Label = label("not known before", "inconnu d’avance");
pub(in crate::report) const STACK_AND_MACHINE: Label = label("Stack and machine", "Pile et machine");
pub(in crate::report) const STACK: Label = label("Stack", "Pile");
pub(in crate::report) const NAMESPACE: Label = label("Namespace", "Espace de noms");
pub(in crate::report) const STACK_ENVIRONMENT: Label = label("Environment overrides", "Environnement imposé");
pub(in crate::report) const SEEDED: Label = label("Seeded rows", "Lignes d’amorçage");
pub(in crate::report) const BRINGING_UP: Label = label("Bringing it up", "Mise en route");
pub(in crate::report) const MEMORY: Label = label("Memory", "Mémoire");
pub(in crate::report) const OPERATING_SYSTEM: Label = label("System", "Système d’exploitation");
pub(in crate::report) const DOCKER: Label = label("Docker Engine", "Moteur Docker");
pub(in crate::report) const NO_DOCKER: Label = label("none answered", "aucun n’a répondu");
pub(in crate::report) const LOAD_AVERAGE: Label = label("Load average before", "Charge moyenne avant");
pub(in crate::report) const REWRITTEN: Label = label(
    "Rewritten to run apart from everything else on the host",
    "Modifié pour s’exécuter à l’écart du reste de la machine",
);
pub(in crate::report) const NOT_REWRITTEN: Label = label("Nothing was rewritten.", "Rien n’a été modifié.");
pub(in crate::report) const IMAGES: Label = label("Images", "Images");
pub(in crate::report) const IMAGE_COLUMNS: Columns<3> = Columns {
    english: ["Service", "Image", "Id"],
    french: ["Service", "Image", "Identifiant"],
};
pub(in crate::report) const GLOSSARY: Label = label("Words of this report", "Vocabulaire de ce rapport");
pub(in crate::report) const TERMS: [(Label, Label); 6] = [
    (
        label("judged window", "fenêtre jugée"),
        label(
            "the part of the load whose samples decide; a warm-up is recorded and not judged",
            "partie de la charge dont les échantillons décident ; la mise en température est enregistrée mais non jugée",
        ),
    ),
    (
        label("p95", "p95"),
        label(
            "95th percentile: 95 % of the requests were at least as fast",
            "95e centile : 95 % des requêtes ont été au moins aussi rapides",
        ),
    ),
    (
        label("target, acceptable limit", "cible, limite acceptable"),
        label(
            "what is wanted, and what is still tolerated",
            "ce qui est voulu, et ce qui reste toléré",
        ),
    ),
    (
        label("error budget", "budget d’erreur"),
        label(
            "share of samples that the target lets miss its limit; what this run left of it",
            "part des échantillons que la cible laisse dépasser sa limite, et ce que cette campagne en a laissé",
        ),
    ),
    (
        label("open model, closed model", "modèle ouvert, modèle fermé"),
        label(
            "users come at their own rate; users wait for an answer before they go on",
            "les utilisateurs arrivent à leur propre rythme ; les utilisateurs attendent une réponse avant de continuer",
        ),
    ),
    (
        label("rate-limited", "refus du limiteur"),
        label(
            "turned away by the stack's own limiter: neither success nor error",
            "requête écartée par le limiteur de la pile : ni réussite ni erreur",
        ),
    ),
];
