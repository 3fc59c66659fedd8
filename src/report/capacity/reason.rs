//! Reason for the answer of a step, or of a run of the closed model.

use serde::{Deserialize, Serialize};

use super::{Breach, Language, ObjectiveFinding};
use crate::slo::ContainerIncident;

/// Reason for an answer; saved as data, so that it can be worded in either language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum StepReason {
    /// Every gating objective is met: these.
    Met(Vec<ObjectiveFinding>),
    /// These gating objectives are missed.
    Missed(Vec<ObjectiveFinding>),
    /// These gating objectives are not decided.
    Undecided(Vec<ObjectiveFinding>),
    /// Met so far, but the system does not keep up.
    FallsBehind {
        /// Journeys per second that were answered.
        answered: f64,
        /// Journeys per second that were begun.
        begun: f64,
    },
    /// Arrivals were dropped because every user was busy.
    TooFewUsers {
        /// Arrivals that found no idle user.
        dropped: u64,
        /// All arrivals that were planned.
        planned: u64,
    },
    /// A container ended, or was killed.
    ServiceLost(Vec<ContainerIncident>),
    /// The load generator was the limit, by the rule of validity that was broken.
    GeneratorFull(Breach),
    /// The CPU of the machine was saturated, and much of it was used outside the system.
    MachineFull {
        /// Cores that were busy.
        busy: f64,
        /// Cores there are.
        cores: f64,
        /// Cores busy with the load generator.
        generator: f64,
        /// Cores busy with neither the generator nor the system.
        other: f64,
    },
    /// The measurement cannot support an answer, by the rule of validity that was broken.
    Invalid(Breach),
}

impl StepReason {
    /// In words, without a capital and a full stop: it stands alone and inside sentences.
    pub fn words(&self, language: Language) -> String {
        match (language, self) {
            (_, Self::Met(findings)) => met(findings, language),
            (_, Self::Missed(findings) | Self::Undecided(findings)) => all(findings, language),
            (Language::English, Self::FallsBehind { answered, begun }) => format!(
                "met so far, but {} of {} journeys/s are answered: the backlog grows",
                language.number(*answered),
                language.number(*begun)
            ),
            (Language::French, Self::FallsBehind { answered, begun }) => format!(
                "tenu jusqu’ici, mais {} parcours/s aboutissent sur {} commencés : le retard s’accumule",
                language.number(*answered),
                language.number(*begun)
            ),
            (Language::English, Self::TooFewUsers { dropped, planned }) => format!(
                "too few users: {} of {} arrivals found nobody idle",
                language.count(*dropped),
                language.count(*planned)
            ),
            (Language::French, Self::TooFewUsers { dropped, planned }) => format!(
                "trop peu d’utilisateurs : {} arrivées sur {} n’ont trouvé personne de libre",
                language.count(*dropped),
                language.count(*planned)
            ),
            (_, Self::ServiceLost(incidents)) => {
                let incidents: Vec<String> = incidents
                    .iter()
                    .map(|incident| language.wording().container_incident(incident))
                    .collect();
                let begin = language.say("a service did not survive it: ", "un service n’y a pas survécu : ");
                begin.to_owned() + &incidents.join(language.say("; ", " ; "))
            }
            (_, Self::GeneratorFull(breach)) => {
                let begin = language.say(
                    "the load generator was the limit: ",
                    "le générateur de charge était la limite : ",
                );
                begin.to_owned() + &breach.words(language)
            }
            (
                _,
                Self::MachineFull {
                    busy,
                    cores,
                    generator,
                    other,
                },
            ) => machine_full(*busy, *cores, *generator, *other, language),
            (_, Self::Invalid(breach)) => {
                let begin = language.say(
                    "the measurement cannot carry an answer: ",
                    "la mesure ne permet pas de conclure : ",
                );
                begin.to_owned() + &breach.words(language)
            }
        }
    }
}

/// Lists the findings only if several steps were decided together; the report of a single step has its own.
fn met(findings: &[ObjectiveFinding], language: Language) -> String {
    let met = language.say("every gating objective met", "tous les objectifs décisifs sont tenus");
    if findings.iter().all(|finding| finding.steps <= 1) {
        return met.to_owned();
    }
    format!("{met}{}{}", language.say(": ", " : "), all(findings, language))
}

fn all(findings: &[ObjectiveFinding], language: Language) -> String {
    let words: Vec<String> = findings.iter().map(|finding| finding.words(language)).collect();
    words.join(language.say("; ", " ; "))
}

fn machine_full(busy: f64, cores: f64, generator: f64, other: f64, language: Language) -> String {
    let number = |cores: f64| language.written(&format!("{cores:.2}"));
    let (busy, generator, other) = (number(busy), number(generator), number(other));
    let cores = language.written(&cores.to_string());
    match language {
        Language::English => format!(
            "the machine was the limit: {busy} of {cores} cores busy, {generator} of them with the load generator and {other} with a \
             browser, the engine's network or other programs"
        ),
        Language::French => format!(
            "la machine était la limite : {busy} de ses {cores} cœurs occupés, dont {generator} par le générateur de charge et {other} par \
             un navigateur, le réseau du moteur de conteneurs ou d’autres programmes"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Decision, Incident};
    use crate::report::capacity::{FindingMeasurement, fixture};
    use crate::slo::{Facts, Fraction, Lag};

    #[track_caller]
    fn said(reason: &StepReason, english: &str, french: &str) {
        assert_eq!(reason.words(Language::English), english);
        assert_eq!(reason.words(Language::French), french);
        let text = serde_json::to_string(reason).unwrap();
        assert_eq!(serde_json::from_str::<StepReason>(&text).unwrap(), *reason, "{text}");
    }

    #[test]
    fn what_the_objectives_decided_is_told_and_saved() {
        let missed = fixture::finding("API", Decision::Missed, 1);
        let open = ObjectiveFinding {
            seen: FindingMeasurement::Nothing {
                why: crate::slo::Unmeasured::NoPageLoad,
            },
            ..fixture::finding("Pages", Decision::Undecided, 1)
        };
        let met = fixture::finding("API", Decision::Met, 1);
        said(
            &StepReason::Met(vec![met]),
            "every gating objective met",
            "tous les objectifs décisifs sont tenus",
        );
        said(
            &StepReason::Met(vec![fixture::finding("API", Decision::Met, 2)]),
            "every gating objective met: API: met with 2 steps at this rate, 125 of 1,000 over 100 ms (12.5 %, 5 % allowed)",
            "tous les objectifs décisifs sont tenus : API : tenu sur 2 paliers à ce débit, 125 sur 1\u{202f}000 au-delà de 100 ms \
             (12,5 %, 5 % permis)",
        );
        said(
            &StepReason::Missed(vec![missed.clone(), fixture::finding("Errors", Decision::Missed, 1)]),
            "API: missed, 125 of 1,000 over 100 ms (12.5 %, 5 % allowed); Errors: missed, 125 of 1,000 over 100 ms (12.5 %, 5 % allowed)",
            "API : manqué, 125 sur 1\u{202f}000 au-delà de 100 ms (12,5 %, 5 % permis) ; Errors : manqué, 125 sur 1\u{202f}000 au-delà \
             de 100 ms (12,5 %, 5 % permis)",
        );
        said(
            &StepReason::Undecided(vec![open]),
            "Pages: undecided, not measured: no page load began where they are judged",
            "Pages : indécis, non mesuré : aucun chargement de page n’a commencé là où ils sont jugés",
        );
    }

    #[test]
    fn what_stands_beside_the_objectives_is_told_and_saved() {
        said(
            &StepReason::FallsBehind {
                answered: 58.25,
                begun: 64.1,
            },
            "met so far, but 58.2 of 64.1 journeys/s are answered: the backlog grows",
            "tenu jusqu’ici, mais 58,2 parcours/s aboutissent sur 64,1 commencés : le retard s’accumule",
        );
        said(
            &StepReason::TooFewUsers {
                dropped: 12,
                planned: 3_000,
            },
            "too few users: 12 of 3,000 arrivals found nobody idle",
            "trop peu d’utilisateurs : 12 arrivées sur 3\u{202f}000 n’ont trouvé personne de libre",
        );
        let incident = |what| ContainerIncident {
            service: "api".to_owned(),
            what,
        };
        said(
            &StepReason::ServiceLost(vec![
                incident(Incident::Exited {
                    code: Some(137),
                    at: Some(31.2),
                }),
                incident(Incident::Killed),
            ]),
            "a service did not survive it: api exited with code 137 at 31.2 s; api was killed for want of memory",
            "un service n’y a pas survécu : api (sortie avec le code 137 à 31,2 s) ; api (tué faute de mémoire)",
        );
        said(
            &StepReason::GeneratorFull(
                Facts::SendLag {
                    lag: Lag::P99(12.5),
                    limit_ms: Some(10.0),
                }
                .into(),
            ),
            "the load generator was the limit: send lag p99 12.50 ms (at most 10 ms, 10 % of the tightest \
             response-time target)",
            "le générateur de charge était la limite : retard d’envoi, p99 12,50 ms (au plus 10 ms, 10 % de la cible de \
             temps de réponse la plus stricte)",
        );
        said(
            &StepReason::MachineFull {
                busy: 1.987,
                cores: 2.0,
                generator: 0.5,
                other: 0.3,
            },
            "the machine was the limit: 1.99 of 2 cores busy, 0.50 of them with the load generator and 0.30 with a browser, the engine's \
             network or other programs",
            "la machine était la limite : 1,99 de ses 2 cœurs occupés, dont 0,50 par le générateur de charge et 0,30 par un navigateur, le \
             réseau du moteur de conteneurs ou d’autres programmes",
        );
        said(
            &StepReason::Invalid(
                Facts::RateLimitedRequests {
                    share: Fraction { count: 3, total: 2_000 },
                    judged_by: None,
                    browser: Vec::new(),
                }
                .into(),
            ),
            "the measurement cannot carry an answer: rate-limited requests 0.15 % (3 of 2000) (at most 0.1 %)",
            "la mesure ne permet pas de conclure : requêtes refusées par le limiteur, 0,15 % (3 sur 2000) (au plus 0,1 %)",
        );
    }
}
