//! The run in plain sentences, for people who do not read tables.

use std::collections::{BTreeMap, BTreeSet};

use super::super::way;
use super::{Database, Document, RequestRow};
use crate::evidence::{Accept, Decision, LoadModel, OtherHost};
use crate::slo::{Gate, Verdict, Word};
use crate::words::Language;
use crate::words::en::{self, text};

/// Most sentences about the database in a summary; the report has them all.
const MOST_FINDINGS: usize = 3;

/// Summary of the run, the most important sentence first.
pub(super) fn summary(document: &Document) -> Vec<String> {
    let mut sentences = vec![answer(document)];
    sentences.extend(causes(document));
    sentences.push(document.attribution.sentence.clone());
    sentences.extend(document.attribution.next.iter().map(|next| format!("Next: {next}")));
    sentences.extend(document.proxy.as_ref().and_then(way::sentence));
    let grows = document.trends.iter().filter(|trend| trend.grows);
    sentences.extend(grows.map(|trend| text::sentence(&trend.sentence())));
    sentences.extend(document.spikes.iter().map(|spike| text::sentence(&spike.sentence())));
    sentences.extend(load(document));
    sentences.extend(document.pages.as_ref().and_then(super::Pages::sentence));
    sentences.extend(closed(document));
    sentences.extend(disturbances(document));
    sentences.extend(
        document
            .database
            .iter()
            .flat_map(Database::findings)
            .take(MOST_FINDINGS),
    );
    if document.stack.unverified {
        sentences.push(
            "Nobody knows whose front door this was: its certificate was not verified (`tls.insecure`).".to_owned(),
        );
    }
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
    if judgement.interrupted {
        let when = if judgement.interrupted_before_judging() {
            "before anything was judged"
        } else {
            "early"
        };
        return format!("The run was stopped {when}, so it says nothing about the release.");
    }
    let missed = || miss(&names(document, Decision::Missed));
    match (judgement.gate(), judgement.accept) {
        (Gate::NothingGates, _) => Language::English.wording().nothing_gates().to_owned(),
        (Gate::Passed, accept) => {
            let tier = match accept {
                Accept::Target => "target",
                Accept::Acceptable => "acceptable limit",
            };
            if gating == 1 {
                format!("The release may go out: the gating objective meets its {tier}.")
            } else {
                format!("The release may go out: all {gating} gating objectives meet their {tier}s.")
            }
        }
        (Gate::Missed, _) if judgement.failed_log_ins().is_some() => {
            "The release may not go out: nobody could log in, so nothing else was asked.".to_owned()
        }
        (Gate::Missed, accept) if !judgement.misses(accept) => {
            let fallen = judgement.deaths().iter().map(|death| death.service.clone());
            let fallen: BTreeSet<String> = fallen.collect();
            let fallen: Vec<String> = fallen.into_iter().collect();
            format!(
                "The release may not go out: {} did not survive the load.",
                text::list(&fallen)
            )
        }
        (Gate::Missed, _) if judgement.overall == Word::Warn => format!(
            "The release may not go out: {} the target, though within the acceptable limit.",
            missed()
        ),
        (Gate::Missed, Accept::Target) => format!("The release may not go out: {} the target.", missed()),
        (Gate::Missed, Accept::Acceptable) => {
            format!("The release may not go out: {} the acceptable limit.", missed())
        }
        (Gate::Undecided, _) => format!(
            "This run does not decide: too little evidence for {}.",
            text::list(&names(document, Decision::Undecided))
        ),
        (Gate::Invalid, _) => "This run carries no verdict: the measurement itself is not valid.".to_owned(),
    }
}

fn miss(names: &[String]) -> String {
    format!(
        "{} {}",
        text::list(names),
        if names.len() == 1 { "misses" } else { "miss" }
    )
}

/// Names of the gating objectives with that decision in the column that gates.
fn names(document: &Document, decision: Decision) -> Vec<String> {
    let judgement = &document.judgement;
    let decided = |verdict: &&Verdict| verdict.objective.gate && verdict.accepted(judgement.accept) == decision;
    let verdicts = judgement.verdicts.iter().filter(decided);
    verdicts.map(|verdict| verdict.objective.name.clone()).collect()
}

/// Causes for which the answer is not a plain yes.
fn causes(document: &Document) -> Vec<String> {
    let broken = document.judgement.validity.iter().filter(|check| !check.valid);
    let mut causes: Vec<String> = broken
        .map(en::validity::check)
        .map(|check| {
            let outweighed = document.judgement.overall != Word::Invalid;
            format!(
                "{}: {} {}; threshold: {}. {}",
                if outweighed {
                    "Not valid by itself, but the verdict does not hang on it"
                } else {
                    "Not valid"
                },
                check.rule,
                check.measured,
                check.threshold,
                text::sentence(&check.hint)
            )
        })
        .collect();
    for verdict in &document.judgement.verdicts {
        if verdict.objective.gate && !matches!(verdict.word, Word::Pass | Word::Invalid) {
            causes.push(format!(
                "{}: {}",
                verdict.objective.name,
                text::sentence(&en::reason(verdict))
            ));
        }
    }
    for failure in &document.failures {
        causes.push(format!(
            "The {} probe did not deliver: {}",
            failure.probe,
            text::sentence(&failure.reason)
        ));
    }
    causes
}

/// Load on the system, and its answers.
fn load(document: &Document) -> Option<String> {
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
    let mut sentence = format!(
        "{} in {:.0} judged seconds ({}/s), {}, {} rate-limited",
        text::plural(requests, "request"),
        document.judged.length().as_secs_f64(),
        text::digits(requests as f64 / seconds),
        text::plural(sum(|row| row.errors), "error"),
        text::count(sum(|row| row.rate_limited)),
    );
    if let Some(pages) = &document.pages
        && let Some(row) = pages.rows.first()
    {
        let loads = text::plural(row.loads, "page load");
        sentence = match document.plan.load.page_phase() {
            Some(phase) => format!("{sentence}; {loads} in a browser, in the phase {} alone", phase.name),
            None => format!("{sentence}; {loads} in a browser beside them"),
        };
    }
    sentence.push('.');
    Some(sentence)
}

/// The judged phases of the closed model, whose load followed the system instead of a schedule.
fn closed(document: &Document) -> Option<String> {
    let phases = document.plan.load.phases.iter();
    let closed = phases.filter(|phase| phase.judged && phase.model == LoadModel::Closed);
    let names: Vec<String> = closed
        .map(|phase| format!("{} ({})", phase.name, en::amount(phase)))
        .collect();
    (!names.is_empty()).then(|| {
        format!(
            "Users waited for their answers in {}: a slower system would have got less load, and response times there leave \
             out whatever did not come meanwhile.",
            text::list(&names)
        )
    })
}

/// Containers that stopped, were throttled or came near their memory limit, and a host with its CPU fully used.
fn disturbances(document: &Document) -> Vec<String> {
    let mut sentences = Vec::new();
    if let Some(generator) = &document.generator
        && let Some(busy) = generator.host_mean
        && busy >= 0.9 * f64::from(generator.cores)
    {
        sentences.push(format!(
            "The host was fully used ({busy:.2} of {} cores on average), so everything on it had to wait.",
            generator.cores
        ));
    }
    for container in &document.containers {
        let observed = &container.observed;
        if observed.oom_killed {
            sentences.push(format!("{} was killed for want of memory.", observed.service));
        }
        for incident in &observed.incidents {
            sentences.push(format!(
                "{} {}.",
                observed.service,
                en::incident(incident).trim_end_matches('.')
            ));
        }
        let totals = observed.totals.as_ref();
        let exact = totals.map(|totals| totals.throttled_periods as f64 / totals.periods.max(1) as f64);
        if let Some(throttled) = exact.or(container.throttled)
            && throttled >= 0.05
        {
            sentences.push(format!(
                "{} was held back by its CPU limit in {} of its scheduling periods.",
                observed.service,
                text::share(throttled)
            ));
        }
        if let (Some(limit), Some(memory)) = (observed.memory_limit, container.memory_max)
            && memory as f64 >= 0.9 * limit as f64
        {
            sentences.push(format!(
                "{} used {} of its {} of memory.",
                observed.service,
                text::bytes(memory as f64),
                text::bytes(limit as f64)
            ));
        }
    }
    sentences
}

/// Things that this run did not measure.
pub(super) fn not_measured(document: &Document) -> Vec<String> {
    let mut sentences: Vec<String> = document
        .judgement
        .verdicts
        .iter()
        .filter(|verdict| verdict.measurement.is_none())
        .map(|verdict| format!("{}: {}", verdict.objective.name, text::sentence(&en::reason(verdict))))
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
    sentences.extend(document.pages.iter().flat_map(|pages| pages.untold.clone()));
    match &document.database {
        None => sentences.push("Statement times of the database were not observed.".to_owned()),
        Some(database) => sentences.extend(database.unseen()),
    }
    if document.containers.is_empty() {
        sentences.push("Resource use of the containers was not observed.".to_owned());
    }
    if document.front_door.is_none() {
        sentences.push("Availability of the front door was not observed.".to_owned());
    }
    sentences
}
/// One sentence for each other host, which was not measured.
pub(super) fn elsewhere(hosts: &[OtherHost]) -> Vec<String> {
    let ways = |redirect: bool| hosts.iter().filter(move |host| host.redirect == redirect);
    let sentence = |redirect, what: &str| {
        let mut origins: BTreeMap<&str, (u64, Vec<String>)> = BTreeMap::new();
        for host in ways(redirect) {
            let (count, from) = origins.entry(&host.origin).or_default();
            *count += host.count;
            from.push(host.from.clone());
        }
        let sentences = origins.into_iter().map(|(origin, (count, from))| {
            let times = if count == 1 {
                "once".to_owned()
            } else {
                format!("{count} times")
            };
            format!("{origin}: {what} {times} by {}.", text::list(&from))
        });
        sentences.collect::<Vec<_>>()
    };
    let redirects = sentence(true, "another host; redirects there were not followed,");
    let assets = sentence(false, "another host; what pages wanted from there was not fetched,");
    [redirects, assets].concat()
}
