//! The sentence that opens each section of the page: what it shows, and whether it is good.

use super::{Language, attribution, host, over_time, requests, summary};
use crate::report::{Document, RequestRow};

/// Can the measurement be trusted?
pub(in crate::report) fn trust(document: &Document, language: Language) -> String {
    let checks = &document.judgement.validity;
    let (all, broken) = (checks.len(), checks.iter().filter(|check| !check.valid).count());
    match (language, broken) {
        (Language::English, 0) => format!("All {all} validity rules held: the figures say what they seem to say."),
        (Language::English, _) => format!("{} of {all} validity rules held.", all - broken),
        (Language::French, 0) => {
            format!("Les {all} règles de validité sont respectées : les chiffres disent bien ce qu’ils semblent dire.")
        }
        (Language::French, 1) => format!("Une règle de validité sur {all} n’est pas respectée."),
        (Language::French, _) => format!("{broken} règles de validité sur {all} ne sont pas respectées."),
    }
}

/// Response times over time.
pub(in crate::report) fn latency(document: &Document, language: Language) -> Option<String> {
    let row = document.request_group().filter(|row| row.requests > 0)?;
    let within = [
        (row.response.p50, language.say("half", "la moitié")),
        (row.response.p95, language.say("95 %", "95 %")),
        (row.response.p99, language.say("99 %", "99 %")),
    ];
    // A percentile among failed requests is no time.
    let within: Vec<String> = within
        .into_iter()
        .filter_map(|(value, share)| {
            let time = language.time(value?);
            Some(match language {
                Language::English => format!("{share} within {time}"),
                Language::French => format!("{share} en {time} au plus"),
            })
        })
        .collect();
    let name = requests::row_label(row, language);
    let grows = over_time::growing(document, language);
    let list = language.list(&within);
    let text = match (language, within.is_empty()) {
        (Language::English, false) => format!("Judged requests ({name}) were answered: {list}."),
        (Language::English, true) => format!("Of the judged requests ({name}) less than half succeeded."),
        (Language::French, false) => format!("Requêtes jugées ({name}), réponse obtenue : {list}."),
        (Language::French, true) => format!("Moins de la moitié des requêtes jugées ({name}) ont réussi."),
    };
    Some(summary::paragraph(std::iter::once(text).chain(grows)))
}

/// Throughput and errors.
pub(in crate::report) fn throughput(document: &Document, language: Language) -> Option<String> {
    let sentences: Vec<String> = requests::load(document, language)
        .into_iter()
        .chain(requests::closed(document, language))
        .collect();
    (!sentences.is_empty()).then(|| summary::paragraph(sentences))
}

/// Containers: what disturbed them, or that nothing did.
pub(in crate::report) fn containers(document: &Document, language: Language) -> Vec<String> {
    let found = host::disturbances(document, language);
    if !found.is_empty() {
        return found;
    }
    let quiet = language.say(
        "No container stopped, was held back by its limits or came near its memory limit.",
        "Aucun conteneur ne s’est arrêté, n’a été bridé par ses limites ni n’a approché sa limite de mémoire.",
    );
    vec![quiet.to_owned()]
}

/// The generator: it kept its schedule, or did not.
pub(in crate::report) fn generator(document: &Document, language: Language) -> String {
    let lag = requests::send_lag(document, language);
    let own = document
        .judgement
        .validity
        .iter()
        .filter(|check| check.rule().blames_generator());
    let good = own.clone().all(|check| check.valid);
    let verdict = if good {
        language.say(
            "Diapason kept its schedule and had processor time to spare.",
            "Diapason a tenu son calendrier et gardait du processeur en réserve.",
        )
    } else {
        language.say(
            "Diapason itself was short of something: its own delay is part of the times.",
            "Diapason a lui-même manqué de ressources : son propre retard entre dans les temps mesurés.",
        )
    };
    format!("{verdict} {lag}")
}

/// Every step: how many there are, and the slowest.
pub(in crate::report) fn steps(document: &Document, language: Language) -> Option<String> {
    let rows = document.series.iter().filter(|row| row.requests > 0);
    let p95 = |row: &RequestRow| row.response.p95.unwrap_or(f64::INFINITY);
    let slowest = rows.clone().max_by(|one, other| p95(one).total_cmp(&p95(other)))?;
    let count = rows.count() as u64;
    let name = requests::row_label(slowest, language);
    let time = language.percentile(slowest.response.p95, slowest.requests);
    Some(match language {
        Language::English => format!(
            "{} had requests in the judged window; by p95 the slowest is {name} ({time}).",
            language.plural(count, "step", "")
        ),
        Language::French => format!(
            "{} dans la fenêtre jugée ; par le p95, la plus lente est {name} ({time}).",
            language.plural(count, "", "étape sollicitée")
        ),
    })
}

/// Opening of the attribution: the busiest part of a mean request, or the cause where the time was not split.
pub(in crate::report) fn time(document: &Document, language: Language) -> String {
    let all = document.attribution.budgets.first();
    let Some((budget, busiest)) = all.and_then(|budget| Some((budget, budget.busiest()?))) else {
        return language.wording().cause(&document.attribution.cause());
    };
    let (mean, share) = (language.time(budget.mean_ms), language.portion(budget.share(busiest)));
    let part = language.wording().part(busiest);
    let mut sentence = match language {
        Language::English => format!("A mean request takes {mean}; the largest part is {part}, {share}."),
        Language::French => format!("Une requête moyenne prend {mean} ; sa plus grande part : {part}, {share}."),
    };
    if let Some(slow) = budget.slow.as_ref().and_then(|slow| attribution::slow(slow, language)) {
        sentence.push(' ');
        sentence.push_str(&slow);
    }
    sentence
}
