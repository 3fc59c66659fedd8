//! Answer of a finished step about its rate.

use super::findings::findings;
use crate::evidence::{Decision, LoadModel, PhasePlan};
use crate::report::{Document, ObjectiveFinding, StepFigures, StepReason};
use crate::sizing::StepVerdict;
use crate::slo::{ContainerIncident, Facts, Rule, Tally, ValidityCheck, Verdict};

/// An answer with its reason, and the state of the stack.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct StepAnswer {
    pub(super) answer: StepVerdict,
    pub(super) reason: StepReason,
    /// True if some container ended or was killed, so that the stack must be brought up anew.
    pub(super) harmed: bool,
}

/// Decides the answer of a step. Validity comes before the verdict, except for two breaches that the system itself causes. A
/// service that died is a miss. Dropped arrivals found every user waiting and would have waited longer still, so a miss
/// without them is also a miss with them.
///
/// A machine that is full of other work is the limit only where it can be the reason: a rate that holds on it holds on an idle one as
/// well, and a service that gets its own processor limit gets no more there.
///
/// Objectives met while the system falls behind leave the step undecided: its backlog grows, and a longer step would show it.
///
/// Samples of this step (`own`) are pooled with those of steps at the same rate `before`.
pub(super) fn answer(document: &Document, reading: &StepFigures, own: &[Tally], before: &[&[Tally]]) -> StepAnswer {
    let judgement = &document.judgement;
    let broken: Vec<_> = judgement.validity.iter().filter(|check| !check.valid).collect();
    let breaks = |rule: Rule| broken.iter().any(|check| check.rule() == rule);
    let verdicts: Vec<&Verdict> = gating(document).collect();
    let findings = findings(&verdicts, judgement.accept, own, before);
    let said = |answer, reason: StepReason| StepAnswer {
        answer,
        reason,
        harmed: false,
    };
    // The order of these checks is the order of certainty: a lost service is the system's fault whatever else
    // happened; next come reasons why this machine can give no answer; only then do the objectives speak.
    let fallen: Vec<_> = judgement.validity.iter().filter_map(fallen).flatten().collect();
    if !fallen.is_empty() || breaks(Rule::Containers) {
        let incidents = fallen.into_iter().cloned().collect();
        return StepAnswer {
            harmed: true,
            ..said(StepVerdict::Missed, StepReason::ServiceLost(incidents))
        };
    }
    if let Some(check) = broken.iter().find(|check| check.rule().blames_generator()) {
        return said(StepVerdict::Limited, StepReason::GeneratorFull((*check).into()));
    }
    let holds = findings.iter().all(|finding| finding.decision == Decision::Met)
        && !breaks(Rule::DroppedArrivals)
        && !reading.falls_behind();
    if !holds
        && !at_own_limit(document)
        && let Some(full) = machine_full(document)
    {
        return said(StepVerdict::Limited, full);
    }
    let mut others = broken.iter().filter(|check| check.rule() != Rule::DroppedArrivals);
    if let Some(check) = others.next() {
        return said(StepVerdict::Limited, StepReason::Invalid((*check).into()));
    }
    let any = |decision| findings.iter().any(|finding| finding.decision == decision);
    if any(Decision::Missed) {
        return said(
            StepVerdict::Missed,
            StepReason::Missed(with_decision(findings, Decision::Missed)),
        );
    }
    // After the misses: with the dropped arrivals a miss would only be worse, but a pass might not hold.
    if breaks(Rule::DroppedArrivals) {
        return said(StepVerdict::Undecided, too_few_users(document));
    }
    if any(Decision::Undecided) {
        return said(
            StepVerdict::Undecided,
            StepReason::Undecided(with_decision(findings, Decision::Undecided)),
        );
    }
    if reading.falls_behind() {
        let reason = StepReason::FallsBehind {
            answered: reading.throughput,
            begun: reading.offered,
        };
        return said(StepVerdict::Undecided, reason);
    }
    said(StepVerdict::Met, StepReason::Met(findings))
}

/// Incidents of containers, from outside or their own; `None` for another rule.
fn fallen(check: &ValidityCheck) -> Option<impl Iterator<Item = &ContainerIncident>> {
    match &check.facts {
        Facts::Containers { incidents, own, .. } => Some(incidents.iter().chain(own)),
        _ => None,
    }
}

fn with_decision(findings: Vec<ObjectiveFinding>, decision: Decision) -> Vec<ObjectiveFinding> {
    findings
        .into_iter()
        .filter(|finding| finding.decision == decision)
        .collect()
}

/// The arrivals of the judged open phases that found no idle user.
fn too_few_users(document: &Document) -> StepReason {
    let judged = |phase: &&PhasePlan| phase.judged && phase.model == LoadModel::Open;
    let (mut dropped, mut planned) = (0, 0);
    for phase in document.plan.load.phases.iter().filter(judged) {
        for totals in document.load.iter().filter(|totals| totals.phase == phase.name) {
            dropped += totals.dropped;
            planned += totals.planned;
        }
    }
    StepReason::TooFewUsers { dropped, planned }
}

fn gating(document: &Document) -> impl Iterator<Item = &Verdict> {
    document
        .judgement
        .verdicts
        .iter()
        .filter(|verdict| verdict.objective.gate)
}

/// Share of busy cores from which on the machine is full.
// Not 1: the kernel counts in ticks, and a saturated machine shows a little idle time.
const FULL: f64 = 0.97;
/// The greatest share of a full machine's cores that may be busy with anything but the stack.
// Generator and probes need some cores at any rate; beyond a third, the rate found would say more of them than of the
// stack.
const BESIDE: f64 = 0.35;

/// The reason if the machine was full and much of it went to the generator, the browser or something else; else `None`.
fn machine_full(document: &Document) -> Option<StepReason> {
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
    // Never negative: host and containers are read at slightly different instants.
    let other = (host - stack - own).max(0.0);
    (own + other > BESIDE * cores).then_some(StepReason::MachineFull {
        busy: host,
        cores,
        generator: own,
        other,
    })
}

/// Share of its own processor limit from which on a service waits for that limit.
const AT_LIMIT: f64 = 0.9;

/// True if a service used the processor time that its own limit allows.
fn at_own_limit(document: &Document) -> bool {
    document.containers.iter().any(|container| {
        let limit = container.observed.cpu_limit;
        limit
            .zip(container.cpu_mean)
            .is_some_and(|(limit, used)| used >= AT_LIMIT * limit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Incident;
    use crate::report::sample;
    use crate::slo::{ContainerIncident, ValidityCheck};

    /// A document that breaks those rules.
    fn breaking(rules: &[Rule]) -> Document {
        let mut document = sample::document();
        for rule in rules {
            document.judgement.validity.push(ValidityCheck {
                valid: false,
                facts: Facts::Verbatim {
                    rule: rule.clone(),
                    measured: "1".to_owned(),
                    threshold: "0".to_owned(),
                    hint: String::new(),
                },
            });
        }
        document
    }

    fn said(document: &Document) -> StepAnswer {
        answer(document, &StepFigures::default(), &[], &[])
    }

    fn decided(document: &mut Document, index: usize, decision: Decision) {
        document.judgement.verdicts[index].target = decision;
    }

    fn names(findings: &[ObjectiveFinding]) -> Vec<&str> {
        findings.iter().map(|finding| finding.objective.as_str()).collect()
    }

    #[test]
    fn what_the_gating_objectives_say_is_the_answer_where_nothing_stands_before_it() {
        let mut document = breaking(&[]);
        let met = said(&document);
        let StepReason::Met(findings) = &met.reason else {
            panic!("{met:?}");
        };
        assert_eq!(met.answer, StepVerdict::Met);
        // The fourth objective is advisory and not listed.
        assert_eq!(
            names(findings),
            [
                "API response time",
                "Frontend load time",
                "Database query time",
                "Error rate"
            ]
        );
        decided(&mut document, 1, Decision::Undecided);
        let undecided = said(&document);
        assert!(
            matches!(&undecided.reason, StepReason::Undecided(open) if names(open) == ["Frontend load time"]),
            "{undecided:?}"
        );
        decided(&mut document, 4, Decision::Missed);
        let missed = said(&document);
        assert!(
            missed.answer == StepVerdict::Missed
                && matches!(&missed.reason, StepReason::Missed(over) if names(over) == ["Error rate"]),
            "{missed:?}"
        );
    }

    #[test]
    fn a_system_that_does_not_keep_up_is_undecided_with_both_rates() {
        let reading = StepFigures {
            seconds: 60.0,
            offered: 64.0,
            throughput: 50.0,
            ..StepFigures::default()
        };
        let said = answer(&breaking(&[]), &reading, &[], &[]);
        let reason = StepReason::FallsBehind {
            answered: 50.0,
            begun: 64.0,
        };
        assert_eq!((said.answer, said.reason), (StepVerdict::Undecided, reason));
    }

    #[test]
    fn dropped_arrivals_leave_a_step_undecided_with_their_number_unless_it_misses_all_the_same() {
        let mut document = breaking(&[Rule::DroppedArrivals]);
        let planned = document.plan.load.phases[1].name.clone();
        for totals in &mut document.load {
            totals.dropped = if totals.phase == planned { 12 } else { 500 };
            totals.planned = 3_000;
        }
        let short = said(&document);
        let reason = StepReason::TooFewUsers {
            dropped: 12,
            planned: 3_000,
        };
        assert_eq!((short.answer, short.reason), (StepVerdict::Undecided, reason));
        decided(&mut document, 0, Decision::Missed);
        assert_eq!(said(&document).answer, StepVerdict::Missed);
    }

    #[test]
    fn broken_rules_come_before_the_objectives_in_their_order() {
        let rule = |said: &StepAnswer| match &said.reason {
            StepReason::GeneratorFull(breach) | StepReason::Invalid(breach) => Some(breach.rule()),
            _ => None,
        };
        let invalid = said(&breaking(&[Rule::RateLimitedRequests]));
        assert!(matches!(invalid.reason, StepReason::Invalid(_)), "{invalid:?}");
        assert_eq!(
            (invalid.answer, rule(&invalid)),
            (StepVerdict::Limited, Some(Rule::RateLimitedRequests))
        );
        let late = said(&breaking(&[Rule::RateLimitedRequests, Rule::SendLag]));
        assert!(matches!(late.reason, StepReason::GeneratorFull(_)), "{late:?}");
        assert_eq!((late.answer, rule(&late)), (StepVerdict::Limited, Some(Rule::SendLag)));
        let mut document = breaking(&[Rule::SendLag]);
        document.judgement.validity.push(ValidityCheck {
            valid: false,
            facts: Facts::Containers {
                observed: Some(3),
                incidents: vec![ContainerIncident {
                    service: "api".to_owned(),
                    what: Incident::Removed,
                }],
                own: Vec::new(),
            },
        });
        let lost = said(&document);
        assert_eq!((lost.answer, lost.harmed), (StepVerdict::Missed, true));
        assert!(
            matches!(&lost.reason, StepReason::ServiceLost(all) if all.len() == 1 && all[0].what == Incident::Removed),
            "{lost:?}"
        );
    }

    /// A document of a machine that something else fills.
    fn on_a_full_machine(rules: &[Rule]) -> Document {
        let mut document = breaking(rules);
        if let Some(generator) = &mut document.generator {
            (generator.cores, generator.host_mean, generator.cpu_mean) = (10, Some(9.75), Some(1.5));
        }
        for container in &mut document.containers {
            container.observed.cpu_limit = None;
        }
        document
    }

    #[test]
    fn a_machine_full_of_something_else_is_the_limit_of_whatever_does_not_hold() {
        let dropping = on_a_full_machine(&[Rule::DroppedArrivals]);
        for decision in [Decision::Missed, Decision::Undecided] {
            let mut document = on_a_full_machine(&[]);
            decided(&mut document, 1, decision);
            let full = said(&document);
            assert_eq!(full.answer, StepVerdict::Limited, "{decision:?}");
            let StepReason::MachineFull {
                busy,
                cores,
                generator,
                other,
            } = full.reason
            else {
                panic!("{full:?}");
            };
            assert_eq!((busy, cores, generator), (9.75, 10.0, 1.5));
            let own: f64 = document
                .containers
                .iter()
                .filter_map(|container| container.cpu_mean)
                .sum();
            assert!((other - (9.75 - own - 1.5)).abs() < 1e-9);
        }
        assert_eq!(said(&dropping).answer, StepVerdict::Limited);
        let behind = StepFigures {
            seconds: 60.0,
            offered: 64.0,
            throughput: 50.0,
            ..StepFigures::default()
        };
        let behind = answer(&on_a_full_machine(&[]), &behind, &[], &[]);
        assert_eq!(behind.answer, StepVerdict::Limited);
    }

    #[test]
    fn a_full_machine_is_no_reason_where_the_rate_holds_or_a_service_is_at_its_own_limit() {
        assert_eq!(said(&on_a_full_machine(&[])).answer, StepVerdict::Met);
        for (limit, expected) in [(1.0, StepVerdict::Missed), (1.2, StepVerdict::Limited)] {
            let mut document = on_a_full_machine(&[]);
            decided(&mut document, 1, Decision::Missed);
            let container = &mut document.containers[0];
            (container.cpu_mean, container.observed.cpu_limit) = (Some(0.95), Some(limit));
            assert_eq!(said(&document).answer, expected, "{limit}");
        }
    }
}
