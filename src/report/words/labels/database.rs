//! Labels of the page: database.

use crate::report::words::{Columns, label};
use crate::slo::Label;

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
