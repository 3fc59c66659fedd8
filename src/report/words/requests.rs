//! Sentences on requests and on the load.

use super::{Language, quoted};
use crate::evidence::LoadModel;
use crate::record::Outcome;
use crate::report::{Document, RequestRow};
use crate::words::unmarked;

/// Load on the system, and its answers.
pub(in crate::report) fn load(document: &Document, language: Language) -> Option<String> {
    let name = document.all()?.name.as_str();
    // One row for each model.
    let rows = || {
        document
            .groups
            .iter()
            .filter(|row| row.name == name && row.requests > 0)
    };
    let sum = |value: fn(&RequestRow) -> u64| rows().map(value).sum::<u64>();
    let requests = Some(sum(|row| row.requests)).filter(|requests| *requests > 0)?;
    let judged = document.plan.load.phases.iter().filter(|phase| phase.judged);
    let seconds: f64 = judged.map(|phase| phase.window.length().as_secs_f64()).sum();
    let told = language.plural(requests, "request", "requête");
    let length = language.decimal(document.judged.length().as_secs_f64(), 0);
    let rate = language.digits(requests as f64 / seconds);
    let errors = language.plural(sum(|row| row.errors), "error", "erreur");
    let limited = sum(|row| row.rate_limited);
    let mut sentence = match language {
        Language::English => format!(
            "{told} in {length} judged seconds ({rate}/s), {errors}, {} rate-limited",
            language.count(limited)
        ),
        Language::French => format!(
            "{told} en {length} s jugées ({rate}/s), {errors}, {} par le limiteur",
            language.plural(limited, "", "refusée")
        ),
    };
    if let Some(pages) = &document.pages
        && let Some(row) = pages.rows.first()
    {
        let loads = match language {
            Language::English => language.plural(row.loads, "page load", ""),
            Language::French => format!("{} de page", language.plural(row.loads, "", "chargement")),
        };
        sentence = match (language, document.plan.load.page_phase()) {
            (Language::English, Some(phase)) => {
                format!("{sentence}; {loads} in a browser, in the phase {} alone", phase.name)
            }
            (Language::English, None) => format!("{sentence}; {loads} in a browser beside them"),
            (Language::French, Some(phase)) => format!(
                "{sentence} ; {loads} dans un navigateur, pendant la seule phase {}",
                quoted(&phase.name)
            ),
            (Language::French, None) => format!("{sentence} ; {loads} dans un navigateur en parallèle"),
        };
    }
    sentence.push('.');
    Some(sentence)
}

/// The judged phases of the closed model, whose load followed the system instead of a schedule.
pub(in crate::report) fn closed(document: &Document, language: Language) -> Option<String> {
    let phases = document.plan.load.phases.iter();
    let closed = phases.filter(|phase| phase.judged && phase.model == LoadModel::Closed);
    let names: Vec<String> = closed
        .map(|phase| format!("{} ({})", quoted(&phase.name), language.wording().amount(phase)))
        .collect();
    let list = language.list(&names);
    (!names.is_empty()).then(|| match language {
        Language::English => format!(
            "Users waited for their answers in {list}: a slower system would have got less load, and response times there leave \
             out whatever did not come meanwhile."
        ),
        Language::French => format!(
            "Les utilisateurs attendaient leurs réponses dans {list} : un système plus lent aurait reçu moins de charge, et les \
             temps de réponse ignorent ce qui n’a pas été demandé pendant ce temps."
        ),
    })
}

impl RequestRow {
    /// The English name for display, with a note if the requests are of the closed model.
    pub fn label(&self) -> String {
        unmarked(&row_label(self, Language::English))
    }
}

/// The name of a row, with a note if the requests are of the closed model.
pub(in crate::report) fn row_label(row: &RequestRow, language: Language) -> String {
    let name = super::series_name(&row.name, language);
    match row.model {
        LoadModel::Open => name,
        LoadModel::Closed => format!("{name} {}", language.say("(closed model)", "(modèle fermé)")),
    }
}

/// An outcome by its name in the document.
pub(in crate::report) fn outcome(name: &str, language: Language) -> String {
    let known = Outcome::ALL.into_iter().find(|outcome| outcome.name() == name);
    known.map_or_else(
        || quoted(name),
        |outcome| language.wording().outcome(outcome).to_owned(),
    )
}

/// Send lag of the generator.
pub(in crate::report) fn send_lag(document: &Document, language: Language) -> String {
    let lag = &document.send_lag;
    let (p50, p99, max) = (
        language.optional(lag.p50),
        language.optional(lag.p99),
        language.optional(lag.max),
    );
    match language {
        Language::English => format!("Send lag of the generator: p50 {p50}, p99 {p99}, longest {max}."),
        Language::French => format!("Retard d’envoi du générateur : p50 {p50}, p99 {p99}, maximum {max}."),
    }
}
