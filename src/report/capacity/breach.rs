//! A rule of validity that did not hold.

use serde::{Deserialize, Serialize};

use super::Language;
use crate::slo::ValidityCheck;

/// Rules, and what they are called in French.
const RULES: [(&str, &str); 6] = [
    ("judged requests", "requêtes jugées"),
    ("send lag", "retard d’envoi"),
    ("generator CPU", "processeur du générateur"),
    ("rate-limited requests", "requêtes refusées par le limiteur"),
    ("out-of-range samples", "échantillons hors échelle"),
    ("browser calibration", "étalonnage du navigateur"),
];

/// English of those rules' measures and thresholds, and the French of it; the longer of two that overlap comes first.
const PHRASES: [(&str, &str); 20] = [
    (
        "no schedule: the judged phases are of the closed model",
        "pas de calendrier : les phases jugées suivent le modèle fermé",
    ),
    ("no request was sent", "aucune requête envoyée"),
    ("no response-time objective", "aucun objectif de temps de réponse"),
    (
        " of the tightest response-time target",
        " de la cible de temps de réponse la plus stricte",
    ),
    ("not observed", "non observé"),
    ("load thread ", "fil de charge "),
    (" cores, process ", " cœur, processus "),
    (" cores (host ", " cœurs (hôte "),
    (
        " of what it was given, on average",
        " de ce qui lui est donné, en moyenne",
    ),
    ("none above 10 minutes", "aucun au-delà de 10 minutes"),
    ("judged by", "jugé par"),
    (
        "the harness's own page loads at most ",
        "la page témoin charge au plus ",
    ),
    (
        " times slower, or no verdict hangs on it",
        " fois plus lentement, ou aucun verdict n’en dépend",
    ),
    (": no verdict hangs on it", " : aucun verdict n’en dépend"),
    (
        " before the load, too few loads during it to tell",
        " avant la charge, trop peu de chargements pendant elle pour conclure",
    ),
    (" before the load", " avant la charge"),
    (" during it (median of ", " pendant elle (médiane de "),
    ("at most ", "au plus "),
    ("at least ", "au moins "),
    (" of ", " sur "),
];

/// A rule of validity that a step broke, with what it measured in English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Breach {
    /// The rule: `send lag`.
    pub rule: String,
    /// What was measured: `p99 12.00 ms`.
    pub measured: String,
    /// The threshold: `at most 10 ms`.
    pub threshold: String,
}

impl From<&ValidityCheck> for Breach {
    fn from(check: &ValidityCheck) -> Self {
        Self {
            rule: check.name.clone(),
            measured: check.measured.clone(),
            threshold: check.threshold.clone(),
        }
    }
}

impl Breach {
    /// In words: `send lag p99 12.00 ms (at most 10 ms)`.
    pub(super) fn words(&self, language: Language) -> String {
        let english = || format!("{} {} ({})", self.rule, self.measured, self.threshold);
        match language {
            Language::English => english(),
            Language::French => self.french().unwrap_or_else(english),
        }
    }

    /// `None` of a rule that has no French yet.
    fn french(&self) -> Option<String> {
        // What a probe lacked is an error's own text.
        if let Some(probe) = self.rule.strip_suffix(" probe") {
            return Some(format!(
                "sonde « {probe} » en défaut (le rapport du palier dit pourquoi)"
            ));
        }
        if self.rule == "identities" {
            return Some(
                "des sommes ne concordent pas, un défaut de Diapason (le rapport du palier dit lesquelles)".to_owned(),
            );
        }
        let (_, rule) = RULES.iter().find(|(rule, _)| *rule == self.rule)?;
        let french = |text: &str| {
            let said = |text: String, (english, french): &(&str, &str)| text.replace(english, french);
            Language::French.written(&PHRASES.iter().fold(text.to_owned(), said))
        };
        Some(format!(
            "{rule}, {} ({})",
            french(&self.measured),
            french(&self.threshold)
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Accept;
    use crate::report::sample;
    use crate::slo::judge;

    #[test]
    fn known_rules_are_told_in_french() {
        for (rule, measured, threshold, french) in [
            ("judged requests", "0", "at least 1", "requêtes jugées, 0 (au moins 1)"),
            (
                "send lag",
                "p99 12.50 ms",
                "at most 10 ms, 10 % of the tightest response-time target",
                "retard d’envoi, p99 12,50 ms (au plus 10 ms, 10 % de la cible de temps de réponse la plus stricte)",
            ),
            (
                "send lag",
                "no request was sent",
                "no response-time objective",
                "retard d’envoi, aucune requête envoyée (aucun objectif de temps de réponse)",
            ),
            (
                "generator CPU",
                "load thread 0.95 cores, process 1.20 of 2 cores (host 1.99)",
                "at most 90 % of what it was given, on average",
                "processeur du générateur, fil de charge 0,95 cœur, processus 1,20 sur 2 cœurs (hôte 1,99) (au plus 90 % de ce qui lui \
                 est donné, en moyenne)",
            ),
            (
                "rate-limited requests",
                "0.15 % (3 of 2000)",
                "at most 0.1 %",
                "requêtes refusées par le limiteur, 0,15 % (3 sur 2000) (au plus 0,1 %)",
            ),
            (
                "out-of-range samples",
                "3",
                "none above 10 minutes",
                "échantillons hors échelle, 3 (aucun au-delà de 10 minutes)",
            ),
            (
                "browser calibration",
                "50 ms before the load, 80 ms during it (median of 60)",
                "the harness's own page loads at most 1.5 times slower, or no verdict hangs on it",
                "étalonnage du navigateur, 50 ms avant la charge, 80 ms pendant elle (médiane de 60) (la page témoin charge au plus 1,5 \
                 fois plus lentement, ou aucun verdict n’en dépend)",
            ),
            (
                "browser probe",
                "failed to start chromedriver",
                "delivers, because a gating objective needs it",
                "sonde « browser » en défaut (le rapport du palier dit pourquoi)",
            ),
            (
                "identities",
                "steady: no totals",
                "planned = started + dropped",
                "des sommes ne concordent pas, un défaut de Diapason (le rapport du palier dit lesquelles)",
            ),
        ] {
            let breach = Breach {
                rule: rule.to_owned(),
                measured: measured.to_owned(),
                threshold: threshold.to_owned(),
            };
            assert_eq!(breach.words(Language::French), french);
            let english = format!("{rule} {measured} ({threshold})");
            assert_eq!(breach.words(Language::English), english);
        }
    }

    #[test]
    fn no_rule_of_a_judgement_is_left_in_english() {
        let folder = tempfile::tempdir().unwrap();
        let record = sample::record(folder.path());
        let judgement = judge(&record.evidence, &record.plan.objectives, Accept::Target);
        let answered_elsewhere = ["dropped arrivals", "containers"];
        let rules = judgement.validity.iter();
        let rules: Vec<Breach> = rules
            .filter(|check| !answered_elsewhere.contains(&check.name.as_str()))
            .map(Breach::from)
            .collect();
        assert!(rules.len() >= 6, "{rules:?}");
        for breach in rules {
            let french = breach.words(Language::French);
            let left: Vec<&str> = french
                .split(|letter: char| !letter.is_alphabetic())
                .filter(|word| {
                    [
                        "of", "at", "most", "least", "the", "no", "none", "not", "cores", "host", "load", "above",
                        "target", "during", "before", "requests", "probe",
                    ]
                    .contains(word)
                })
                .collect();
            assert!(left.is_empty(), "{left:?} in {french}");
        }
    }
}
