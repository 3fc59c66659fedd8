//! A rule of validity that did not hold.

use serde::{Deserialize, Serialize};

use crate::slo::{Facts, Rule, ValidityCheck};
use crate::words::Language;
use crate::words::en;

/// A rule of validity that a step broke.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "SavedBreach", into = "SavedBreach")]
pub struct Breach(Facts);

/// A breach as saved: the facts, with their English sentences for readers of the file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedBreach {
    rule: Rule,
    measured: String,
    threshold: String,
    facts: Facts,
}

impl From<Breach> for SavedBreach {
    fn from(Breach(facts): Breach) -> Self {
        Self {
            rule: facts.rule(),
            measured: en::validity::measured(&facts),
            threshold: en::validity::threshold(&facts),
            facts,
        }
    }
}

impl From<SavedBreach> for Breach {
    fn from(saved: SavedBreach) -> Self {
        Self(saved.facts)
    }
}

impl From<Facts> for Breach {
    fn from(facts: Facts) -> Self {
        Self(facts)
    }
}

impl From<&ValidityCheck> for Breach {
    fn from(check: &ValidityCheck) -> Self {
        Self(check.facts.clone())
    }
}

impl Breach {
    /// The rule.
    pub fn rule(&self) -> Rule {
        self.0.rule()
    }

    /// In words: `send lag p99 12.00 ms (at most 10 ms)`.
    pub(super) fn words(&self, language: Language) -> String {
        language.wording().breach(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::evidence::{Accept, ProbeKind};
    use crate::report::sample;
    use crate::runs::v0;
    use crate::slo::{Fraction, GeneratorCpu, Lag, judge};

    #[track_caller]
    fn told(cases: impl IntoIterator<Item = (Facts, &'static str, &'static str)>) {
        for (facts, english, french) in cases {
            let breach = Breach(facts);
            assert_eq!(breach.words(Language::French), french);
            assert_eq!(breach.words(Language::English), english);
            let text = serde_json::to_string(&breach).unwrap();
            assert_eq!(serde_json::from_str::<Breach>(&text).unwrap(), breach, "{text}");
        }
    }

    #[test]
    fn rules_about_the_load_are_told_in_both_languages() {
        told([
            (
                Facts::JudgedRequests {
                    count: 0,
                    log_ins: None,
                },
                "judged requests 0 (at least 1)",
                "requêtes jugées, 0 (au moins 1)",
            ),
            (
                Facts::SendLag {
                    lag: Lag::P99(12.5),
                    limit_ms: Some(10.0),
                },
                "send lag p99 12.50 ms (at most 10 ms, 10 % of the tightest response-time target)",
                "retard d’envoi, p99 12,50 ms (au plus 10 ms, 10 % de la cible de temps de réponse la plus stricte)",
            ),
            (
                Facts::SendLag {
                    lag: Lag::Unknown,
                    limit_ms: None,
                },
                "send lag no request was sent (no response-time objective)",
                "retard d’envoi, aucune requête envoyée (aucun objectif de temps de réponse)",
            ),
            (
                Facts::GeneratorCpu(Some(GeneratorCpu {
                    thread: 0.95,
                    process: 1.2,
                    cores: 2.0,
                    host: 1.99,
                })),
                "generator CPU load thread 0.95 cores, process 1.20 of 2 cores (host 1.99) (at most 90 % of what it was given, on average)",
                "processeur du générateur, fil de charge 0,95 cœur, processus 1,20 sur 2 cœurs (hôte 1,99) (au plus 90 % de ce qui lui \
                 est donné, en moyenne)",
            ),
        ]);
    }

    #[test]
    fn rules_about_what_was_measured_are_told_in_both_languages() {
        told([
            (
                Facts::RateLimitedRequests {
                    share: Fraction { count: 3, total: 2_000 },
                    judged_by: None,
                    browser: Vec::new(),
                },
                "rate-limited requests 0.15 % (3 of 2000) (at most 0.1 %)",
                "requêtes refusées par le limiteur, 0,15 % (3 sur 2000) (au plus 0,1 %)",
            ),
            (
                Facts::OutOfRangeSamples { count: 3 },
                "out-of-range samples 3 (none above 10 minutes)",
                "échantillons hors échelle, 3 (aucun au-delà de 10 minutes)",
            ),
            (
                Facts::BrowserCalibration {
                    before_ms: 50.0,
                    during: Some((Some(80.0), 60)),
                    limit: 1.5,
                    spared: false,
                },
                "browser calibration 50 ms before the load, 80 ms during it (median of 60) (the harness's own page loads at most 1.5 \
                 times slower, or no verdict hangs on it)",
                "étalonnage du navigateur, 50 ms avant la charge, 80 ms pendant elle (médiane de 60) (la page témoin charge au plus 1,5 \
                 fois plus lentement, ou aucun verdict n’en dépend)",
            ),
            (
                Facts::Probe {
                    probe: ProbeKind::Browser,
                    failure: Some("failed to start chromedriver".to_owned()),
                },
                "browser probe failed to start chromedriver (delivers, because a gating objective needs it)",
                "sonde « browser » en défaut (le rapport du palier dit pourquoi)",
            ),
        ]);
        let sums = Breach(Facts::Identities(Vec::new())).words(Language::French);
        assert_eq!(
            sums,
            "des sommes ne concordent pas, un défaut de Diapason (le rapport du palier dit lesquelles)"
        );
    }

    #[test]
    fn a_search_saved_without_facts_keeps_its_sentences() {
        for rule in ["send lag", "moon phase"] {
            let mut old = json!({ "rule": rule, "measured": "p99 12 ms", "threshold": "at most 10 ms" });
            v0::capacity(&mut old);
            let breach: Breach = serde_json::from_value(old.clone()).unwrap();
            let told = format!("{rule} p99 12 ms (at most 10 ms)");
            assert_eq!(breach.words(Language::English), told);
            assert_eq!(breach.words(Language::French), crate::words::quoted(&told));
            assert_eq!(serde_json::to_value(&breach).unwrap(), old);
        }
    }

    #[test]
    fn no_rule_of_a_judgement_is_left_in_english() {
        let folder = tempfile::tempdir().unwrap();
        let record = sample::record(folder.path());
        let judgement = judge(&record.evidence, &record.plan.objectives, Accept::Target);
        let rules: Vec<Breach> = judgement.validity.iter().map(Breach::from).collect();
        assert!(rules.len() >= 8, "{rules:?}");
        for breach in rules {
            let french = breach.words(Language::French);
            let left: Vec<&str> = french
                .split(|letter: char| !letter.is_alphabetic())
                .filter(|word| {
                    [
                        "of", "at", "most", "least", "the", "no", "none", "not", "cores", "host", "load", "above",
                        "target", "during", "before", "requests", "probe", "up", "exit",
                    ]
                    .contains(word)
                })
                .collect();
            assert!(left.is_empty(), "{left:?} in {french}");
        }
    }
}
