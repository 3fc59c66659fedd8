//! What a finished step says of its rate.

use crate::report::{Document, Reading};
use crate::sizing::Answer;
use crate::slo::{Accept, Decision, Gate, Verdict};

/// Rules whose breach means that the generator was the limit.
const OF_THE_GENERATOR: [&str; 2] = ["send lag", "generator CPU"];
const DROPPED: &str = "dropped arrivals";
const CONTAINERS: &str = "containers";

/// An answer with its reason, and whether the stack came to harm.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Said {
    pub(super) answer: Answer,
    pub(super) reason: String,
    /// Some container ended or was killed: the stack must be brought up anew.
    pub(super) harmed: bool,
}

/// Validity comes before the verdict, but for two breaches that are the system's own doing: a service that died did not hold,
/// and arrivals that found every user waiting would have waited longer still, so that a miss without them is one with them.
///
/// What is met while the system does not keep up is undecided: its backlog grows, and a longer step would tell.
pub(super) fn answer(document: &Document, reading: &Reading) -> Said {
    let judgement = &document.judgement;
    let broken: Vec<_> = judgement.validity.iter().filter(|check| !check.valid).collect();
    let find = |names: &[&str]| broken.iter().find(|check| names.contains(&check.name.as_str()));
    let missed = missed(document);
    let said = |answer, reason: String| Said {
        answer,
        reason,
        harmed: false,
    };
    if let Some(check) = find(&[CONTAINERS]) {
        return Said {
            harmed: true,
            ..said(
                Answer::Missed,
                format!("a service did not survive it: {}", check.measured),
            )
        };
    }
    if let Some(check) = find(&OF_THE_GENERATOR) {
        let words = format!(
            "the load generator was the limit: {} {} ({})",
            check.name, check.measured, check.threshold
        );
        return said(Answer::Limited, words);
    }
    let beside = beside(document);
    if let Some(words) = beside {
        return said(Answer::Limited, words);
    }
    let mut others = broken.iter().filter(|check| check.name != DROPPED);
    if let Some(check) = others.next() {
        let words = format!(
            "the measurement cannot carry an answer: {} {} ({})",
            check.name, check.measured, check.threshold
        );
        return said(Answer::Limited, words);
    }
    match (missed, find(&[DROPPED])) {
        (Some(reason), _) => said(Answer::Missed, reason),
        (None, Some(check)) => said(
            Answer::Undecided,
            format!("too few users: {} {}", check.name, check.measured),
        ),
        (None, None) => match judgement.gate() {
            Gate::Passed if falls_behind(reading) => said(
                Answer::Undecided,
                format!(
                    "met so far, but {:.3} of {:.3} journeys/s are answered: the backlog grows",
                    reading.throughput, reading.offered
                ),
            ),
            Gate::Passed => said(Answer::Met, "every gating objective met".to_owned()),
            _ => said(Answer::Undecided, undecided(document)),
        },
    }
}

/// The least share of what is offered that must be answered, and how many standard deviations of a Poisson count are noise.
const KEEPS_UP: f64 = 0.97;
const NOISE: f64 = 3.0;

/// Whether fewer journeys were answered than were begun, beyond what chance does to both counts.
fn falls_behind(reading: &Reading) -> bool {
    let begun = reading.offered * reading.seconds;
    let noise = NOISE * (2.0 * begun).sqrt();
    begun > 0.0 && reading.throughput * reading.seconds < KEEPS_UP * begun - noise
}

fn gating(document: &Document) -> impl Iterator<Item = &Verdict> {
    document
        .judgement
        .verdicts
        .iter()
        .filter(|verdict| verdict.objective.gate)
}

fn of_decision(document: &Document, decision: Decision) -> Vec<String> {
    let accept: Accept = document.judgement.accept;
    let found = gating(document).filter(|verdict| verdict.accepted(accept) == decision);
    found
        .map(|verdict| format!("{}: {}", verdict.objective.name, verdict.reason))
        .collect()
}

fn missed(document: &Document) -> Option<String> {
    let missed = of_decision(document, Decision::Missed);
    (!missed.is_empty()).then(|| missed.join("; "))
}

fn undecided(document: &Document) -> String {
    let undecided = of_decision(document, Decision::Undecided);
    if undecided.is_empty() {
        "not decided".to_owned()
    } else {
        undecided.join("; ")
    }
}

/// The greatest share of its cores that a machine may be busy with.
const FULL: f64 = 0.97;
/// The greatest share of a full machine that may go to what is not the stack.
const BESIDE: f64 = 0.35;

/// Says so where the machine was full, and much of it went to the generator, the browser or something else.
fn beside(document: &Document) -> Option<String> {
    let generator = document.generator.as_ref()?;
    let (host, own) = (generator.host_mean?, generator.cpu_mean.unwrap_or(0.0));
    let cores = f64::from(generator.cores);
    if document.containers.is_empty() || host < FULL * cores {
        return None;
    }
    let stack: f64 = document
        .containers
        .iter()
        .filter_map(|container| container.cpu_mean)
        .sum();
    let other = (host - stack - own).max(0.0);
    (own + other > BESIDE * cores).then(|| {
        format!(
            "the machine was the limit: {host:.2} of {cores} cores busy, {own:.2} of them with the load generator and {other:.2} \
             with a browser, the engine's network or other programs"
        )
    })
}
