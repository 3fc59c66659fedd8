//! Titles, captions and legends of the charts.

use super::{Columns, Language, label, quoted};
use crate::evidence::StackEvent;
use crate::report::Document;
use crate::slo::Label;

pub(in crate::report) const SECONDS: Label = label(
    "seconds from the start of load",
    "secondes depuis le début de la charge",
);
pub(in crate::report) const MILLISECONDS: Label = label("milliseconds", "millisecondes");
pub(in crate::report) const PER_SECOND: Label = label("requests per second", "requêtes par seconde");
pub(in crate::report) const CPU_SHARE: Label = label("% of the CPU limit", "% de la limite de processeur");
pub(in crate::report) const MEBIBYTES: Label = label("MiB", "Mio");
pub(in crate::report) const SESSIONS_AXIS: Label = label("sessions", "sessions");
pub(in crate::report) const QUANTILE_AXIS: Label =
    label("percentile (log of 1/(1−q))", "centile (échelle log. de 1/(1−q))");
pub(in crate::report) const CORES: Label = label("cores", "cœurs");

/// Unit of a table's values.
pub(in crate::report) fn unit(axis: &str, language: Language) -> String {
    match language {
        Language::English => format!("Values: {axis}."),
        Language::French => format!("Valeurs : {axis}."),
    }
}

pub(in crate::report) const LATENCY: Label = label("Response time over time", "Temps de réponse au fil du temps");
pub(in crate::report) const SERIES: Label = label(
    "p95 of the busiest series over time",
    "p95 des étapes les plus sollicitées au fil du temps",
);
pub(in crate::report) const LOAD: Label = label("Response time against load", "Temps de réponse selon la charge");
pub(in crate::report) const HEAT: Label = label("Every response time", "Tous les temps de réponse");
pub(in crate::report) const HEAT_UNIT: Label = label(
    "Times in steps of √2 from 1 ms; the first step holds shorter ones as well.",
    "Durées par paliers de √2 à partir de 1 ms ; le premier palier contient aussi les plus courtes.",
);
pub(in crate::report) const HEAT_COLUMNS: Columns<5> = Columns {
    english: ["seconds", "Requests", "Shortest", "Most frequent", "Longest"],
    french: [
        "secondes",
        "Requêtes",
        "Plus courtes",
        "Les plus fréquentes",
        "Plus longues",
    ],
};
pub(in crate::report) const UNJUDGED: Label =
    label("p95 of a second that is not judged", "p95 d’une seconde non jugée");
pub(in crate::report) const JUDGED_P95: Label = label("p95 of a judged second", "p95 d’une seconde jugée");
pub(in crate::report) const SPECTRUM: Label = label("Percentile spectrum", "Spectre des centiles");
pub(in crate::report) const THROUGHPUT: Label = label("Throughput over time", "Débit au fil du temps");
pub(in crate::report) const ERRORS: Label = label("Errors over time", "Erreurs au fil du temps");
pub(in crate::report) const PAGES: Label = label("Page loads over time", "Chargements de page au fil du temps");
pub(in crate::report) const DATABASE: Label = label(
    "Database sessions over time",
    "Sessions de la base de données au fil du temps",
);
pub(in crate::report) const CPU: Label = label("Container CPU over time", "Processeur des conteneurs au fil du temps");
pub(in crate::report) const MEMORY: Label =
    label("Container memory over time", "Mémoire des conteneurs au fil du temps");
pub(in crate::report) const GENERATOR: Label = label("The generator's own CPU", "Processeur du générateur lui-même");

pub(in crate::report) const SLOWEST: Label = label("slowest request", "requête la plus lente");
pub(in crate::report) const RESPONSE: Label = label("response time (judged)", "temps de réponse (jugé)");
pub(in crate::report) const SERVICE: Label = label("service time", "temps de service");
pub(in crate::report) const ENDED: Label = label("requests that ended", "requêtes terminées");
pub(in crate::report) const ERROR_LINE: Label = label("errors", "erreurs");
pub(in crate::report) const LIMITED: Label = label("rate-limited", "refus du limiteur");
pub(in crate::report) const FAILED: Label = label("failed (no time)", "échec (sans durée)");
pub(in crate::report) const CONNECTED: Label = label("connected", "connectées");
pub(in crate::report) const EXECUTING: Label = label("executing", "en exécution");
pub(in crate::report) const IDLE: Label = label("idle in a transaction", "inactives dans une transaction");
pub(in crate::report) const WAITING: Label = label("waiting:", "en attente :");
pub(in crate::report) const HOST: Label = label("whole host", "machine hôte entière");
pub(in crate::report) const HARNESS: Label = label("harness", "Diapason");
pub(in crate::report) const LOAD_THREAD: Label = label("its load thread", "son fil de charge");
pub(in crate::report) const LOGARITHMIC: Label = label("log", "échelle log.");
pub(in crate::report) const DATA_TABLE: Label = label("The chart as a table", "Le graphique sous forme de tableau");
pub(in crate::report) const SUMMED_UP: Label = label(
    "A row is a stretch of the axis, with the highest value in it.",
    "Une ligne est un intervalle de l’axe, avec la plus haute valeur qui s’y trouve.",
);
pub(in crate::report) const NO_DATA: Label = label("no data", "aucune donnée");

pub(in crate::report) const THROUGHPUT_CAPTION: Label = label(
    "Requests of all series by the second in which they ended, however they ended.",
    "Requêtes de toutes les étapes, à la seconde où elles se sont terminées, quelle qu’en soit l’issue.",
);
pub(in crate::report) const ERRORS_CAPTION: Label = label(
    "Failed requests, and requests the stack's own rate limiter turned away, which are a class of their own.",
    "Requêtes en échec, et requêtes écartées par le limiteur de débit de la pile, comptées à part.",
);
pub(in crate::report) const PAGES_CAPTION: Label = label(
    "Full page loads in a real browser, from navigation start to the end of the load event. Logarithmic scale.",
    "Chargements complets dans un vrai navigateur, du début de la navigation à la fin de l’événement `load`. Échelle \
     logarithmique.",
);
pub(in crate::report) const DATABASE_CAPTION: Label = label(
    "Looked at twice a second. Those waiting are among those executing; Lock is another session's row or table lock, LWLock the \
     server's own, IO its disk, Client the application that does not take the answer.",
    "Relevé deux fois par seconde. Les sessions en attente comptent parmi celles en exécution ; `Lock` : verrou de ligne ou de \
     table d’une autre session ; `LWLock` : verrou interne du serveur ; `IO` : disque ; `Client` : l’application ne prend pas la \
     réponse.",
);
pub(in crate::report) const MEMORY_CAPTION: Label = label(
    "Memory in use, page cache left out.",
    "Mémoire occupée, hors cache de pages.",
);

/// `second by second`, or the worst of each step of a long run.
fn per(step: u32, language: Language) -> String {
    match (language, step) {
        (Language::English, ..=1) => "second by second".to_owned(),
        (Language::English, _) => format!("worst second of every {step}"),
        (Language::French, ..=1) => "seconde par seconde".to_owned(),
        (Language::French, _) => format!("pire seconde sur {step}"),
    }
}

/// Caption of the response times of all requests together.
pub(in crate::report) fn latency(document: &Document, language: Language) -> String {
    let per = per(document.timeline.step, language);
    let selector = document.request_objective().and_then(|objective| objective.of.as_ref());
    let some = document.request_series().len() < document.plan.load.series.len();
    let selected = selector.filter(|_| some).map(|selector| match language {
        Language::English => format!(" The limits are those of {} only.", quoted(&selector.0)),
        Language::French => format!(" Les limites ne sont que celles de {}.", quoted(&selector.0)),
    });
    let text = match language {
        Language::English => format!("Successful requests of all series together, {per}. Logarithmic scale."),
        Language::French => format!("Requêtes réussies de toutes les étapes ensemble, {per}. Échelle logarithmique."),
    };
    text + &selected.unwrap_or_default()
}

/// Caption of the response times of the busiest series.
pub(in crate::report) fn series(step: u32, shown: usize, all: usize, language: Language) -> String {
    let per = per(step, language);
    match language {
        Language::English => format!(
            "Successful requests, {per}: the {shown} busiest of {all} series. With few requests a second, p95 is the slowest of them. \
             Logarithmic scale."
        ),
        Language::French => format!(
            "Requêtes réussies, {per} : les {shown} étapes les plus sollicitées sur {all}. Avec peu de requêtes par seconde, le p95 \
             est la plus lente d’entre elles. Échelle logarithmique."
        ),
    }
}

/// Caption of the heat map, of whose cells the fullest has `most` requests.
pub(in crate::report) fn heat(step: u32, most: u64, language: Language) -> String {
    let most = language.plural(most, "request", "requête");
    match (language, step) {
        (Language::English, ..=1) => format!(
            "Successful requests, second by second: the darker a cell, the more requests took that long, up to {most}. A band that splits is two kinds \
             of requests; a cloud above it is waiting. Logarithmic scale."
        ),
        (Language::English, _) => format!(
            "Successful requests, {step} seconds a column: the darker a cell, the more requests took that long, up to {most}. A band that splits is \
             two kinds of requests; a cloud above it is waiting. Logarithmic scale."
        ),
        (Language::French, ..=1) => format!(
            "Requêtes réussies, seconde par seconde : plus une case est foncée, plus de requêtes ont pris ce temps, jusqu’à {most}. Une bande qui se \
             dédouble révèle deux sortes de requêtes ; un nuage au-dessus, de l’attente. Échelle logarithmique."
        ),
        (Language::French, _) => format!(
            "Requêtes réussies, {step} secondes par colonne : plus une case est foncée, plus de requêtes ont pris ce temps, jusqu’à {most}. Une bande \
             qui se dédouble révèle deux sortes de requêtes ; un nuage au-dessus, de l’attente. Échelle logarithmique."
        ),
    }
}

/// Description of the heat map for people who do not see it.
pub(in crate::report) fn heat_described(columns: usize, language: Language) -> String {
    match language {
        Language::English => format!(
            "Heat map of {columns} columns. The table below tells the shortest, the most frequent and the longest times."
        ),
        Language::French => format!(
            "Carte de chaleur de {columns} colonnes. Le tableau ci-dessous indique les durées les plus courtes, les plus fréquentes et les plus \
             longues."
        ),
    }
}

/// Caption of the response times against the load.
pub(in crate::report) fn load(step: u32, language: Language) -> String {
    let point = match (language, step) {
        (Language::English, ..=1) => "Each point is one second".to_owned(),
        (Language::English, _) => format!("Each point is {step} seconds, with the p95 of the worst of them"),
        (Language::French, ..=1) => "Chaque point est une seconde".to_owned(),
        (Language::French, _) => {
            format!("Chaque point représente {step} secondes, avec le p95 de la pire d’entre elles")
        }
    };
    match language {
        Language::English => format!(
            "{point}: the requests that ended in it, and the p95 of those that succeeded. A cloud that rises to the right is a system \
             near its capacity. Logarithmic scale."
        ),
        Language::French => format!(
            "{point} : les requêtes terminées pendant ce temps, et le p95 de celles qui ont réussi. Un nuage qui monte vers la droite \
             est le signe d’un système proche de sa capacité. Échelle logarithmique."
        ),
    }
}

/// Name of a planned event in charts.
pub(in crate::report) fn event(event: &StackEvent, language: Language) -> String {
    match event.failure {
        Some(_) => format!("{} ({})", event.name, language.say("failed", "en échec")),
        None => event.name.clone(),
    }
}

/// The planned events of a chart for people who do not see it, as further sentences; empty without one.
pub(in crate::report) fn marked(events: &[(&str, f64, f64)], language: Language) -> String {
    let told = events.iter().map(|(name, from, to)| {
        let (from, to) = (language.decimal(*from, 0), language.decimal(*to, 0));
        match language {
            Language::English => format!(" Event {name}: from {from} s to {to} s."),
            Language::French => format!(" Événement {name} : de {from} s à {to} s."),
        }
    });
    told.collect()
}

/// Caption of the percentile spectrum.
pub(in crate::report) fn spectrum(requests: u64, name: &str, language: Language) -> String {
    let which = if name == "*" {
        language.say("all series", "toutes les étapes").to_owned()
    } else {
        quoted(name)
    };
    match language {
        Language::English => format!(
            "{} of the judged window ({which}): this share of requests was at least as fast. Failed requests are slower than any: \
             where a curve ends before the right edge, the rest failed. The gap between the curves is time requests waited in the \
             generator.",
            language.plural(requests, "request", "")
        ),
        Language::French => format!(
            "{} de la fenêtre jugée ({which}) : part des requêtes au moins aussi rapides. Les requêtes en échec comptent comme plus \
             lentes que toutes les autres : là où une courbe s’arrête avant le bord droit, le reste a échoué. L’écart entre les \
             courbes est l’attente dans le générateur.",
            language.plural(requests, "", "requête")
        ),
    }
}

/// Caption of the CPU of containers.
pub(in crate::report) fn cpu(cores: f64, language: Language) -> String {
    match language {
        Language::English => format!(
            "Each service against its own limit in cores, or against the {cores} cores of the host where it has none. Near 100 % it is \
             held back, and so is everything behind it."
        ),
        Language::French => format!(
            "Chaque service rapporté à sa propre limite, ou aux {cores} cœurs de la machine hôte s’il n’en a pas. Près de 100 %, il \
             est bridé, et avec lui tout ce qui l’attend."
        ),
    }
}

/// Caption of the CPU of the generator.
pub(in crate::report) fn generator(cores: u32, language: Language) -> String {
    match language {
        Language::English => format!(
            "The host has {cores} cores. A load thread near 1 core could not send in time; a host at {cores} makes everything on it \
             wait."
        ),
        Language::French => format!(
            "La machine hôte a {cores} cœurs. Un fil de charge proche de 1 cœur ne peut plus envoyer à l’heure ; une machine à {cores} \
             fait attendre tout ce qu’elle porte."
        ),
    }
}

/// A service with its limit in the legend.
pub(in crate::report) fn limited(service: &str, limit: Option<String>, language: Language) -> String {
    match (limit, language) {
        (Some(limit), Language::English) => format!("{service} (limit {limit})"),
        (Some(limit), Language::French) => format!("{service} (limite {limit})"),
        (None, Language::English) => format!("{service} (no limit)"),
        (None, Language::French) => format!("{service} (sans limite)"),
    }
}

/// Description of a chart for people who do not see it: what each line or set of points shows, and between which values.
pub(in crate::report) fn described(marks: &[(String, usize, f64, f64)], y: &str, language: Language) -> String {
    let told: Vec<String> = marks
        .iter()
        .map(|(name, count, low, high)| {
            let (low, high) = (language.digits(*low), language.digits(*high));
            match language {
                Language::English if low == high => format!("{name}: {count} points at {high}"),
                Language::English => format!("{name}: {count} points from {low} to {high}"),
                Language::French if low == high => format!("{name} : {count} points à {high}"),
                Language::French => format!("{name} : {count} points de {low} à {high}"),
            }
        })
        .collect();
    format!("{y}. {}.", told.join(language.say("; ", " ; ")))
}
