//! What a finished step says of its rate.

use crate::report::{Document, Reading};
use crate::sizing::Answer;
use crate::slo::{Accept, Count, Decision, Tally, Verdict, percent};
use crate::stats::{ALPHA, holm};

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
///
/// Where there were steps at the same rate `before`, all of them decide together, this one's samples being `own`.
pub(super) fn answer(document: &Document, reading: &Reading, own: &[Tally], before: &[&[Tally]]) -> Said {
    let judgement = &document.judgement;
    let broken: Vec<_> = judgement.validity.iter().filter(|check| !check.valid).collect();
    let find = |names: &[&str]| broken.iter().find(|check| names.contains(&check.name.as_str()));
    let verdicts: Vec<&Verdict> = gating(document).collect();
    let decided = together(&verdicts, judgement.accept, own, before);
    let missed = decided.of(Decision::Missed);
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
        (None, None) => match decided.of(Decision::Undecided) {
            None if falls_behind(reading) => said(
                Answer::Undecided,
                format!(
                    "met so far, but {:.3} of {:.3} journeys/s are answered: the backlog grows",
                    reading.throughput, reading.offered
                ),
            ),
            None => said(Answer::Met, decided.met(before.len() + 1)),
            Some(reason) => said(Answer::Undecided, reason),
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

/// What became of the gating objectives, with the words for it.
struct Decided(Vec<(Decision, String)>);

impl Decided {
    /// The words of those with that decision, if any.
    fn of(&self, decision: Decision) -> Option<String> {
        let found = self.0.iter().filter(|(own, _)| *own == decision);
        let words: Vec<&str> = found.map(|(_, words)| words.as_str()).collect();
        (!words.is_empty()).then(|| words.join("; "))
    }

    fn met(&self, steps: usize) -> String {
        if steps == 1 {
            "every gating objective met".to_owned()
        } else {
            format!(
                "every gating objective met: {}",
                self.of(Decision::Met).unwrap_or_default()
            )
        }
    }
}

/// Each gating objective, decided on the samples of all steps at this rate where they can be put together, and by this step's
/// verdict where not. Misses must be certain together (Holm), as in a run's own judgement.
fn together(verdicts: &[&Verdict], accept: Accept, own: &[Tally], before: &[&[Tally]]) -> Decided {
    let pooled: Vec<Option<Count>> = verdicts.iter().map(|verdict| pooled(verdict, own, before)).collect();
    let count = |(verdict, pooled): (&&Verdict, &Option<Count>)| match (pooled, &verdict.measurement) {
        (Some(pooled), _) => pooled.missed_p(),
        (None, Some(measured)) if accept == Accept::Target => measured.target.missed_p(),
        (None, Some(measured)) => measured.acceptable.missed_p(),
        (None, None) => 1.0,
    };
    let probabilities: Vec<f64> = verdicts.iter().zip(&pooled).map(count).collect();
    let certain = holm(&probabilities, ALPHA);
    let decided = verdicts
        .iter()
        .zip(&pooled)
        .zip(certain)
        .map(|((verdict, pooled), certain)| {
            let name = &verdict.objective.name;
            let Some(pooled) = pooled else {
                return (verdict.accepted(accept), format!("{name}: {}", verdict.reason));
            };
            let (decision, but) = match pooled.decide() {
                Decision::Missed if !certain => (
                    Decision::Undecided,
                    "; missed by itself, but not certainly as one of several",
                ),
                Decision::Met if verdict.drift.is_some() => {
                    (Decision::Undecided, "; met, but not the same from start to end")
                }
                decision => (decision, ""),
            };
            let words = format!(
                "{name}: {} with {} steps at this rate: {} of {} over the limit ({}, {} allowed){but}",
                decision.name(),
                before.len() + 1,
                pooled.bad,
                pooled.total,
                percent(pooled.share().unwrap_or(0.0)),
                percent(pooled.allowed),
            );
            (decision, words)
        });
    Decided(decided.collect())
}

/// The samples of that objective of all steps at this rate; `None` of a first step, and of objectives not decided on shares.
fn pooled(verdict: &Verdict, own: &[Tally], before: &[&[Tally]]) -> Option<Count> {
    if before.is_empty() {
        return None;
    }
    let all = std::iter::once(own).chain(before.iter().copied());
    let found: Option<Vec<&Tally>> = all
        .map(|tallies| tallies.iter().find(|tally| tally.objective == verdict.objective.name))
        .collect();
    Tally::together(&found?)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slo::{Drift, Objective, Unit, Word};
    use crate::stats::trend;

    fn verdict(name: &str, target: Decision) -> Verdict {
        let text = format!(
            "name = '{name}'\nindicator = 'response-time'\nquantile = 'p95'\ntarget = '100ms'\nacceptable = '300ms'"
        );
        let objective: Objective = toml::from_str(&text).unwrap();
        Verdict {
            objective,
            measurement: None,
            word: Word::Inconclusive,
            target,
            acceptable: Decision::Met,
            reason: "by itself".to_owned(),
            worst_window: None,
            drift: None,
        }
    }

    /// A step in which every `every`th second has 20 of 100 over the limit.
    fn tally(name: &str, seconds: usize, every: usize) -> Tally {
        let counts = |second| (if second % every == 0 { 20 } else { 0 }, 100);
        Tally {
            objective: name.to_owned(),
            allowed: 0.05,
            seconds: (0..seconds).map(counts).collect(),
        }
    }

    fn decided(verdicts: &[&Verdict], own: &[Tally], before: &[&[Tally]]) -> Vec<(Decision, String)> {
        together(verdicts, Accept::Target, own, before).0
    }

    #[test]
    fn a_first_step_decides_by_its_verdict_and_later_ones_with_those_before() {
        let open = verdict("API", Decision::Undecided);
        let own = [tally("API", 60, 6)];
        let first = decided(&[&open], &own, &[]);
        assert_eq!(first, [(Decision::Undecided, "API: by itself".to_owned())]);
        let before = [tally("API", 60, 6)];
        let both = decided(&[&open], &own, &[&before]);
        assert_eq!(both[0].0, Decision::Met, "{both:?}");
        let words = "API: met with 2 steps at this rate: 400 of 12000 over the limit (3.33 %, 5 % allowed)";
        assert_eq!(both[0].1, words);
        // What drifts is not met, however the sums stand.
        let mut drifting = verdict("API", Decision::Undecided);
        drifting.drift = Some(Drift {
            unit: Unit::Milliseconds,
            trend: trend(&[(1.0, 1.0); 6]).unwrap(),
        });
        assert_eq!(decided(&[&drifting], &own, &[&before])[0].0, Decision::Undecided);
    }

    #[test]
    fn a_clear_miss_stays_one_beside_others_and_what_has_no_tally_decides_alone() {
        let (slow, other) = (verdict("API", Decision::Undecided), verdict("Errors", Decision::Met));
        let own = [tally("API", 60, 2)];
        let before = [tally("API", 30, 2)];
        let found = decided(&[&slow, &other], &own, &[&before]);
        let decisions: Vec<Decision> = found.iter().map(|(decision, _)| *decision).collect();
        assert_eq!(decisions, [Decision::Missed, Decision::Met]);
        // A step whose samples were not kept.
        assert_eq!(decided(&[&slow], &own, &[&[]])[0].1, "API: by itself");
    }
}
