//! Result of one gating objective in a step.

use serde::{Deserialize, Serialize};

use crate::evidence::Decision;
use crate::slo::{Unit, Unmeasured};
use crate::words::Language;
use crate::words::en::text;
use crate::words::en::text::percent;

/// One gating objective with the numbers that decided it, in one step or in all steps at its rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectiveFinding {
    /// Name of the objective.
    pub objective: String,
    /// Name of its indicator.
    pub indicator: String,
    /// Decision on the objective.
    pub decision: Decision,
    /// Number of steps at this rate that were decided together.
    pub steps: u32,
    /// Measurement that was compared with the limit.
    pub seen: FindingMeasurement,
    /// Circumstances that explain the decision, apart from the numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caveats: Vec<Caveat>,
}

/// Measurement that an objective was decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum FindingMeasurement {
    /// The share of samples over the limit.
    Count {
        /// Samples over it.
        bad: u64,
        /// All samples.
        total: u64,
        /// The share that may be over it.
        allowed: f64,
        /// The limit in milliseconds; `None` if it is not a time.
        over: Option<f64>,
    },
    /// One number with its interval.
    Value {
        /// The number; `None` if it falls among failures.
        point: Option<f64>,
        /// Its lower bound.
        low: Option<f64>,
        /// Its upper bound.
        high: Option<f64>,
        /// Unit of the numbers and of the limit.
        unit: Unit,
        /// Its limit; `None` if it depends on a baseline that is not known.
        limit: Option<f64>,
        /// True if the limit is the least value allowed, false if values must stay below it.
        floor: bool,
    },
    /// No measurement.
    Nothing {
        /// Cause.
        why: Unmeasured,
    },
}

/// Circumstance that explains a decision, apart from the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Caveat {
    /// Missed if tested alone, but not with certainty as one of several gating objectives (Holm).
    OneOfSeveral,
    /// The level of the measured values drifts.
    NotSteady {
        /// Size of the drift; positive if the level rises.
        change: f64,
        /// Unit of the drift.
        unit: Unit,
    },
    /// The objective must also hold in every window of that length.
    InEvery {
        /// Length of a window in seconds.
        seconds: u64,
    },
    /// The samples come in bursts and are not independent.
    Bursts {
        /// Effective sample size: the number of independent samples that they are worth.
        worth: u64,
    },
    /// There are too few samples to show that the limit is kept.
    TooFew {
        /// Least number of samples needed.
        needed: u64,
    },
    /// Its limit is relative to a baseline that is not known.
    NoBaseline,
}

impl ObjectiveFinding {
    /// In words: `API: missed, 100 of 1,000 over 100 ms (10 %, 5 % allowed)`.
    pub(super) fn words(&self, language: Language) -> String {
        let decision = match self.decision {
            Decision::Met => language.say("met", "tenu"),
            Decision::Missed => language.say("missed", "manqué"),
            Decision::Undecided => language.say("undecided", "indécis"),
        };
        let together = match (self.steps, language) {
            (..=1, _) => String::new(),
            (steps, Language::English) => format!(" with {steps} steps at this rate"),
            (steps, Language::French) => format!(" sur {steps} paliers à ce débit"),
        };
        let seen = self.seen(language);
        let mut words = match language {
            Language::English => format!("{}: {decision}{together}, {seen}", self.objective),
            Language::French => format!("{} : {decision}{together}, {seen}", self.objective),
        };
        for caveat in &self.caveats {
            words += language.say("; ", " ; ");
            words += &caveat.words(language);
        }
        words
    }

    fn seen(&self, language: Language) -> String {
        match &self.seen {
            FindingMeasurement::Count {
                bad,
                total,
                allowed,
                over,
            } => {
                let (bad, all) = (language.count(*bad), language.count(*total));
                let share = |share: f64| language.written(&percent(share));
                let (allowed, found) = (share(*allowed), share(self.share().unwrap_or(0.0)));
                let fault = fault(&self.indicator, *over, language);
                match language {
                    Language::English => format!("{bad} of {all} {fault} ({found}, {allowed} allowed)"),
                    Language::French => format!("{bad} sur {all} {fault} ({found}, {allowed} permis)"),
                }
            }
            FindingMeasurement::Value {
                point,
                low,
                high,
                unit,
                limit,
                floor,
            } => {
                let shown = |number: f64| language.written(&text::value(Some(number), *unit));
                let point = point.map_or_else(|| language.say("∞ (failed)", "∞ (échecs)").to_owned(), shown);
                // A bound alone would read like an interval that ends there.
                let bounds = low.zip(*high);
                let bounds = bounds.map_or_else(String::new, |(low, high)| {
                    format!(" [{} – {}]", shown(low), shown(high))
                });
                let than = if *floor {
                    language.say("at least", "au moins")
                } else {
                    language.say("less than", "moins de")
                };
                let limit = limit.map_or_else(String::new, |limit| format!(", {than} {}", shown(limit)));
                format!("{point}{bounds}{limit}")
            }
            FindingMeasurement::Nothing { why } => match (language, why) {
                // A sentence of another version cannot be translated.
                (Language::French, Unmeasured::Verbatim(_)) => {
                    "non mesuré (le rapport du palier dit pourquoi)".to_owned()
                }
                (Language::French, why) => format!("non mesuré : {}", language.wording().unmeasured(why)),
                (Language::English, why) => format!("not measured: {}", language.wording().unmeasured(why)),
            },
        }
    }

    fn share(&self) -> Option<f64> {
        match self.seen {
            FindingMeasurement::Count { bad, total, .. } if total > 0 => Some(bad as f64 / total as f64),
            _ => None,
        }
    }
}

/// Words for samples over the limit, to follow a count.
fn fault(indicator: &str, over: Option<f64>, language: Language) -> String {
    let fixed = || {
        let fault = crate::slo::find(indicator).and_then(|known| known.profile().fault);
        fault.map_or_else(
            || language.say("over the limit", "hors limite").to_owned(),
            |fault| language.label(fault).to_owned(),
        )
    };
    let time = |over: f64| {
        let time = if over >= 1e3 {
            format!("{} s", over / 1e3)
        } else {
            format!("{over} ms")
        };
        format!("{} {}", language.say("over", "au-delà de"), language.written(&time))
    };
    over.map_or_else(fixed, time)
}

impl Caveat {
    fn words(self, language: Language) -> String {
        match (language, self) {
            (_, Self::OneOfSeveral) => language
                .say(
                    "missed by itself, but not certainly as one of several",
                    "manqué à lui seul, mais pas avec certitude parmi plusieurs",
                )
                .to_owned(),
            (_, Self::NotSteady { change, unit }) => {
                let by = language.written(&text::value(Some(change.abs()), unit));
                let direction = if change > 0.0 {
                    language.say("not steady: its level rises by", "instable : son niveau monte de")
                } else {
                    language.say("not steady: its level falls by", "instable : son niveau baisse de")
                };
                format!("{direction} {by}")
            }
            (Language::English, Self::InEvery { seconds }) => format!("it must hold in every {seconds} s as well"),
            (Language::French, Self::InEvery { seconds }) => {
                format!("il doit aussi tenir dans chaque fenêtre de {seconds} s")
            }
            (Language::English, Self::Bursts { worth }) => format!(
                "they come in bursts and are worth {} independent ones",
                language.count(worth)
            ),
            (Language::French, Self::Bursts { worth }) => format!(
                "ces échantillons viennent par rafales et en valent {} indépendants",
                language.count(worth)
            ),
            (Language::English, Self::TooFew { needed }) => {
                format!("at least {} samples are needed", language.count(needed))
            }
            (Language::French, Self::TooFew { needed }) => {
                format!("il en faut au moins {}", language.count(needed))
            }
            (_, Self::NoBaseline) => language
                .say(
                    "the baseline of its limit is not known",
                    "la référence de sa limite est inconnue",
                )
                .to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(indicator: &str, seen: FindingMeasurement) -> ObjectiveFinding {
        ObjectiveFinding {
            objective: "API".to_owned(),
            indicator: indicator.to_owned(),
            decision: Decision::Undecided,
            steps: 1,
            seen,
            caveats: Vec::new(),
        }
    }

    fn count(bad: u64, over: Option<f64>) -> FindingMeasurement {
        FindingMeasurement::Count {
            bad,
            total: 12_000,
            allowed: 0.05,
            over,
        }
    }

    #[track_caller]
    fn said(finding: &ObjectiveFinding, english: &str, french: &str) {
        assert_eq!(finding.words(Language::English), english);
        assert_eq!(finding.words(Language::French), french);
        let text = serde_json::to_string(finding).unwrap();
        assert_eq!(
            serde_json::from_str::<ObjectiveFinding>(&text).unwrap(),
            *finding,
            "{text}"
        );
    }

    #[test]
    fn counts_are_told_with_what_is_allowed() {
        let mut missed = finding("response-time", count(1_201, Some(100.0)));
        missed.decision = Decision::Missed;
        said(
            &missed,
            "API: missed, 1,201 of 12,000 over 100 ms (10.01 %, 5 % allowed)",
            "API : manqué, 1\u{202f}201 sur 12\u{202f}000 au-delà de 100 ms (10,01 %, 5 % permis)",
        );
        missed.steps = 2;
        missed.seen = count(400, Some(1_500.0));
        missed.decision = Decision::Met;
        said(
            &missed,
            "API: met with 2 steps at this rate, 400 of 12,000 over 1.5 s (3.33 %, 5 % allowed)",
            "API : tenu sur 2 paliers à ce débit, 400 sur 12\u{202f}000 au-delà de 1,5 s (3,33 %, 5 % permis)",
        );
        for (indicator, english, french) in [
            ("error-rate", "failed", "en échec"),
            ("rate-limited", "rate-limited", "refusées par le limiteur"),
            ("uptime", "down", "en panne"),
            ("layout-shift", "shifted by more than 0.1", "décalés de plus de 0,1"),
            ("page-errors", "with errors", "avec erreurs"),
            ("something-new", "over the limit", "hors limite"),
        ] {
            said(
                &finding(indicator, count(6, None)),
                &format!("API: undecided, 6 of 12,000 {english} (0.05 %, 5 % allowed)"),
                &format!("API : indécis, 6 sur 12\u{202f}000 {french} (0,05 %, 5 % permis)"),
            );
        }
    }

    #[test]
    fn numbers_are_told_with_their_interval_and_what_was_not_measured_is_told_so() {
        let value = |point, floor, unit, limit| FindingMeasurement::Value {
            point,
            low: Some(48.1),
            high: Some(49.3),
            unit,
            limit,
            floor,
        };
        said(
            &finding("throughput", value(Some(48.7), true, Unit::PerSecond, Some(45.0))),
            "API: undecided, 48.7/s [48.1/s – 49.3/s], at least 45.0/s",
            "API : indécis, 48,7/s [48,1/s – 49,3/s], au moins 45,0/s",
        );
        said(
            &finding("response-time", value(None, false, Unit::Milliseconds, None)),
            "API: undecided, ∞ (failed) [48.1 ms – 49.3 ms]",
            "API : indécis, ∞ (échecs) [48,1 ms – 49,3 ms]",
        );
        for (why, french) in [
            (
                Unmeasured::NoRequest,
                "non mesuré : aucune requête jugée n’en fait partie",
            ),
            (
                Unmeasured::Verbatim("no judged request belongs to it".to_owned()),
                "non mesuré (le rapport du palier dit pourquoi)",
            ),
        ] {
            said(
                &finding("response-time", FindingMeasurement::Nothing { why }),
                "API: undecided, not measured: no judged request belongs to it",
                &format!("API : indécis, {french}"),
            );
        }
    }

    #[test]
    fn every_caveat_is_told() {
        for (caveat, english, french) in [
            (
                Caveat::OneOfSeveral,
                "missed by itself, but not certainly as one of several",
                "manqué à lui seul, mais pas avec certitude parmi plusieurs",
            ),
            (
                Caveat::NotSteady {
                    change: 32.5,
                    unit: Unit::Milliseconds,
                },
                "not steady: its level rises by 32.5 ms",
                "instable : son niveau monte de 32,5 ms",
            ),
            (
                Caveat::NotSteady {
                    change: -0.035,
                    unit: Unit::Share,
                },
                "not steady: its level falls by 3.5 %",
                "instable : son niveau baisse de 3,5 %",
            ),
            (
                Caveat::InEvery { seconds: 10 },
                "it must hold in every 10 s as well",
                "il doit aussi tenir dans chaque fenêtre de 10 s",
            ),
            (
                Caveat::Bursts { worth: 1_250 },
                "they come in bursts and are worth 1,250 independent ones",
                "ces échantillons viennent par rafales et en valent 1\u{202f}250 indépendants",
            ),
            (
                Caveat::TooFew { needed: 2_995 },
                "at least 2,995 samples are needed",
                "il en faut au moins 2\u{202f}995",
            ),
            (
                Caveat::NoBaseline,
                "the baseline of its limit is not known",
                "la référence de sa limite est inconnue",
            ),
        ] {
            let mut open = finding("response-time", count(600, Some(100.0)));
            open.caveats.push(caveat);
            said(
                &open,
                &format!("API: undecided, 600 of 12,000 over 100 ms (5 %, 5 % allowed); {english}"),
                &format!("API : indécis, 600 sur 12\u{202f}000 au-delà de 100 ms (5 %, 5 % permis) ; {french}"),
            );
        }
    }
}
