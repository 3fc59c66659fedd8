//! The run in plain sentences, for people who do not read tables.

use std::collections::BTreeMap;

use super::{
    Language, answer, browser, database, fidelity, host, label, over_time, proxy, quoted, requests, run, sentence,
};
use crate::evidence::OtherHost;
use crate::record::Outcome;
use crate::report::Document;

/// Most sentences about the database in a summary; the report has them all.
const MOST_FINDINGS: usize = 3;

/// Summary of the run, the most important sentence first.
pub(in crate::report) fn summary(document: &Document, language: Language) -> Vec<String> {
    let words = language.wording();
    let mut sentences = vec![answer::answer(document, language)];
    sentences.extend(answer::acknowledgements(document, language));
    sentences.extend(answer::causes(document, language));
    let cause = document.attribution.cause();
    sentences.push(words.cause(&cause));
    sentences.extend(cause.suspects.first().map(|suspect| run::next(suspect, language)));
    sentences.extend(document.proxy.as_ref().and_then(|seen| proxy::sentence(seen, language)));
    sentences.extend(fidelity::summary(document, language));
    sentences.extend(over_time::growing(document, language));
    sentences.extend(over_time::events(document, language));
    sentences.extend(over_time::spikes(document, language));
    sentences.extend(requests::load(document, language));
    sentences.extend(
        document
            .pages
            .as_ref()
            .and_then(|pages| browser::sentence(pages, language)),
    );
    sentences.extend(requests::closed(document, language));
    sentences.extend(host::disturbances(document, language));
    sentences.extend(
        document
            .database
            .iter()
            .flat_map(|seen| database::findings(seen, language))
            .take(MOST_FINDINGS),
    );
    sentences.extend(unverified(document, language));
    sentences.extend(words.request_events(&document.request_events));
    sentences.extend(expired_sessions(document, language));
    sentences
}

/// Requests of the judged window that were refused because the session had expired, with their share.
pub(in crate::report) fn expired_sessions(document: &Document, language: Language) -> Option<String> {
    let name = Outcome::SessionExpired.name();
    // One row for each model of load.
    let all: Vec<_> = document.groups.iter().filter(|row| row.name == "*").collect();
    let outcomes = all.iter().flat_map(|row| &row.outcomes);
    let expired = outcomes
        .filter(|(outcome, _)| outcome == name)
        .map(|(_, count)| *count)
        .sum();
    let requests = all.iter().map(|row| row.requests).sum();
    (expired > 0).then(|| language.wording().expired_sessions(expired, requests))
}

/// A front door whose certificate was not verified.
pub(in crate::report) fn unverified(document: &Document, language: Language) -> Option<String> {
    let text = label(
        "Nobody knows whose front door this was: its certificate was not verified (`tls.insecure`).",
        "On ignore à qui appartient la porte d’entrée mesurée : son certificat n’a pas été vérifié (`tls.insecure`).",
    );
    document.stack.unverified.then(|| language.label(text).to_owned())
}

/// Things that this run did not measure.
pub(in crate::report) fn not_measured(document: &Document, language: Language) -> Vec<String> {
    let mut sentences = answer::unmeasured(document, language);
    let idle: Vec<String> = document
        .series
        .iter()
        .filter(|series| series.requests == 0 && document.is_judged(&series.name))
        .map(|series| quoted(&series.name))
        .collect();
    if !idle.is_empty() {
        let list = language.list(&idle);
        sentences.push(match language {
            Language::English => format!("No request in the judged window: {list}."),
            Language::French => format!("Aucune requête dans la fenêtre jugée : {list}."),
        });
    }
    let missing = |english, french| language.say(english, french).to_owned();
    if document.pages.is_none() {
        sentences.push(missing(
            "No page was loaded in a browser.",
            "Aucune page n’a été chargée dans un navigateur.",
        ));
    }
    let untold = document.pages.iter().flat_map(|pages| &pages.untold);
    sentences.extend(untold.map(|limitation| language.wording().limitation(limitation)));
    match &document.database {
        None => sentences.push(missing(
            "Statement times of the database were not observed.",
            "Les durées des requêtes SQL n’ont pas été observées.",
        )),
        Some(seen) => sentences.extend(database::not_offered(seen, language)),
    }
    if document.containers.is_empty() {
        sentences.push(missing(
            "Resource use of the containers was not observed.",
            "Les ressources des conteneurs n’ont pas été observées.",
        ));
    }
    if document.front_door.is_none() {
        sentences.push(missing(
            "Availability of the front door was not observed.",
            "La disponibilité de la porte d’entrée n’a pas été observée.",
        ));
    }
    sentences.extend(elsewhere(&document.elsewhere, language));
    sentences
}

/// One sentence for each other host, which was not measured.
fn elsewhere(hosts: &[OtherHost], language: Language) -> Vec<String> {
    let told = |redirect: bool| {
        let mut origins: BTreeMap<&str, (u64, Vec<String>)> = BTreeMap::new();
        for host in hosts.iter().filter(|host| host.redirect == redirect) {
            let (count, from) = origins.entry(&host.origin).or_default();
            *count += host.count;
            from.push(quoted(&host.from));
        }
        let sentences = origins.into_iter().map(|(origin, (count, from))| {
            let (origin, from) = (quoted(origin), language.list(&from));
            match (language, redirect) {
                (Language::English, _) => {
                    let what = if redirect {
                        "another host; redirects there were not followed,"
                    } else {
                        "another host; what pages wanted from there was not fetched,"
                    };
                    let times = if count == 1 {
                        "once".to_owned()
                    } else {
                        format!("{count} times")
                    };
                    format!("{origin}: {what} {times} by {from}.")
                }
                (Language::French, true) => format!(
                    "{origin} : autre hôte, dont les redirections n’ont pas été suivies ({} fois, par {from}).",
                    language.count(count)
                ),
                (Language::French, false) => format!(
                    "{origin} : autre hôte, dont rien n’a été chargé ({} fois, demandé par {from}).",
                    language.count(count)
                ),
            }
        });
        sentences.collect::<Vec<_>>()
    };
    [told(true), told(false)].concat()
}

/// Joins sentences of the page into one paragraph.
pub(in crate::report) fn paragraph(sentences: impl IntoIterator<Item = String>) -> String {
    let sentences: Vec<String> = sentences.into_iter().map(|words| sentence(&words)).collect();
    sentences.join(" ")
}
