//! The run in plain sentences, for people who do not read tables.

use super::super::text;
use super::Document;
use crate::slo::{Accept, Verdict, Word};

/// What happened, the most important first.
pub(super) fn summary(document: &Document) -> Vec<String> {
    let mut sentences = vec![answer(document)];
    sentences.extend(causes(document));
    sentences.extend(load(document));
    sentences.extend(disturbances(document));
    sentences
}

/// The answer to "may this release go out?".
fn answer(document: &Document) -> String {
    let judgement = &document.judgement;
    let gating = judgement
        .verdicts
        .iter()
        .filter(|verdict| verdict.objective.gate)
        .count() as u64;
    if document.interrupted {
        return "The run was stopped early, so it says nothing about the release.".to_owned();
    }
    match (judgement.overall, judgement.accept) {
        (Word::Pass, _) if gating == 0 => "Nothing was asked of this run: no objective gates.".to_owned(),
        (Word::Pass, _) => format!(
            "The release may go out: {}.",
            if gating == 1 {
                "the gating objective meets its target".to_owned()
            } else {
                format!("all {gating} gating objectives meet their targets")
            }
        ),
        (Word::Warn, Accept::Acceptable) => format!(
            "The release may go out within the acceptable limits; {} the target.",
            miss(&names(document, Word::Warn))
        ),
        (Word::Warn, Accept::Target) => format!(
            "The release may not go out: {} the target, though within the acceptable limit.",
            miss(&names(document, Word::Warn))
        ),
        (Word::Fail, _) => format!(
            "The release may not go out: {} the acceptable limit.",
            miss(&names(document, Word::Fail))
        ),
        (Word::Inconclusive, _) => format!(
            "This run does not decide: too few samples for {}.",
            text::list(&names(document, Word::Inconclusive))
        ),
        (Word::Invalid, _) => "This run carries no verdict: the measurement itself is not valid.".to_owned(),
    }
}

fn miss(names: &[String]) -> String {
    format!(
        "{} {}",
        text::list(names),
        if names.len() == 1 { "misses" } else { "miss" }
    )
}

fn names(document: &Document, word: Word) -> Vec<String> {
    let gating = |verdict: &&Verdict| verdict.objective.gate && verdict.word == word;
    let verdicts = document.judgement.verdicts.iter().filter(gating);
    verdicts.map(|verdict| verdict.objective.name.clone()).collect()
}

/// Why the answer is not a plain yes.
fn causes(document: &Document) -> Vec<String> {
    let broken = document.judgement.validity.iter().filter(|check| !check.valid);
    let mut causes: Vec<String> = broken
        .map(|check| {
            format!(
                "Not valid: {} is {}, {}. {}",
                check.name, check.measured, check.threshold, check.hint
            )
        })
        .collect();
    for verdict in &document.judgement.verdicts {
        if verdict.objective.gate && !matches!(verdict.word, Word::Pass | Word::Invalid) {
            causes.push(format!("{}: {}", verdict.objective.name, sentence(&verdict.reason)));
        }
    }
    for failure in &document.failures {
        causes.push(format!(
            "The {} probe did not deliver: {}",
            failure.probe,
            sentence(&failure.reason)
        ));
    }
    causes
}

fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// How much was asked of the system and how it answered.
fn load(document: &Document) -> Option<String> {
    let all = document.all().filter(|all| all.requests > 0)?;
    let mut sentence = format!(
        "{} in {:.0} judged seconds ({}/s), {}, {} rate-limited",
        text::plural(all.requests, "request"),
        document.judged.length().as_secs_f64(),
        text::digits(all.per_second),
        text::plural(all.errors, "error"),
        text::count(all.rate_limited),
    );
    if let Some(pages) = &document.pages
        && let Some(row) = pages.rows.first()
    {
        sentence.push_str(&format!(
            "; {} in a browser beside them",
            text::plural(row.loads, "page load")
        ));
    }
    sentence.push('.');
    Some(sentence)
}

/// Containers that did not stay up or were held back.
fn disturbances(document: &Document) -> Vec<String> {
    let mut sentences = Vec::new();
    for container in &document.containers {
        let observed = &container.observed;
        if observed.oom_killed {
            sentences.push(format!("{} was killed for want of memory.", observed.service));
        }
        for incident in &observed.incidents {
            sentences.push(format!("{} {}.", observed.service, incident.trim_end_matches('.')));
        }
        if let Some(throttled) = container.throttled
            && throttled >= 0.05
        {
            sentences.push(format!(
                "{} was held back by its CPU limit in {} of its scheduling periods.",
                observed.service,
                text::share(throttled)
            ));
        }
    }
    sentences
}

/// What this run says nothing about.
pub(super) fn not_measured(document: &Document) -> Vec<String> {
    let mut sentences: Vec<String> = document
        .judgement
        .verdicts
        .iter()
        .filter(|verdict| verdict.measurement.is_none())
        .map(|verdict| format!("{}: {}", verdict.objective.name, sentence(&verdict.reason)))
        .collect();
    let idle: Vec<String> = document
        .series
        .iter()
        .filter(|series| series.requests == 0)
        .map(|series| series.name.clone())
        .collect();
    if !idle.is_empty() {
        sentences.push(format!("No request in the judged window: {}.", text::list(&idle)));
    }
    if document.pages.is_none() {
        sentences.push("No page was loaded in a browser.".to_owned());
    }
    if document.database.is_none() {
        sentences.push("Statement times of the database were not observed.".to_owned());
    }
    if document.containers.is_empty() {
        sentences.push("Resource use of the containers was not observed.".to_owned());
    }
    if document.front_door.is_none() {
        sentences.push("Availability of the front door was not observed.".to_owned());
    }
    sentences
}
