//! Serialised forms of validity checks, verdicts and findings: the facts, with their English sentences for readers of the file.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::en;
use super::en::validity::{hint, measured, threshold};
use crate::evidence::{CheckFinding, Decision, FindingFact, FindingGroup, FindingVerdict};
use crate::slo::{
    Circumstances, Drift, Facts, Measurement, Objective, Reason, Rule, Unmeasured, ValidityCheck, Verdict, VerdictWord,
};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedCheck {
    name: Rule,
    valid: bool,
    measured: String,
    threshold: String,
    hint: String,
    /// Absent in files written before the facts were saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    facts: Option<Facts>,
}

impl Serialize for ValidityCheck {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let verbatim = matches!(self.facts, Facts::Verbatim { .. });
        let saved = SavedCheck {
            name: self.rule(),
            valid: self.valid,
            measured: measured(&self.facts),
            threshold: threshold(&self.facts),
            hint: hint(&self.facts),
            // Sentences of another version are written once, as they were; as facts they would stand there twice.
            facts: (!verbatim).then(|| self.facts.clone()),
        };
        saved.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ValidityCheck {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let saved = SavedCheck::deserialize(deserializer)?;
        Ok(Self {
            valid: saved.valid,
            facts: saved.facts.unwrap_or(Facts::Verbatim {
                rule: saved.name,
                measured: saved.measured,
                threshold: saved.threshold,
                hint: saved.hint,
            }),
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedVerdict {
    objective: Objective,
    measurement: Option<Measurement>,
    word: VerdictWord,
    target: Decision,
    acceptable: Decision,
    reason: String,
    /// Absent in files written before the facts were saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    circumstances: Option<Circumstances>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unmeasured: Option<Unmeasured>,
    worst_window: Option<(u32, f64)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    drift: Option<Drift>,
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let saved = SavedVerdict {
            objective: self.objective.clone(),
            measurement: self.measurement.clone(),
            word: self.word,
            target: self.target,
            acceptable: self.acceptable,
            // Written for readers of the file, and read back only where the facts are missing.
            reason: en::reason(self),
            circumstances: match &self.reason {
                Reason::Facts(circumstances) => Some(circumstances.clone()),
                Reason::Verbatim(_) => None,
            },
            unmeasured: self.unmeasured.clone(),
            worst_window: self.worst_window,
            drift: self.drift.clone(),
        };
        saved.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Verdict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let saved = SavedVerdict::deserialize(deserializer)?;
        Ok(Self {
            objective: saved.objective,
            measurement: saved.measurement,
            word: saved.word,
            target: saved.target,
            acceptable: saved.acceptable,
            reason: saved
                .circumstances
                .map_or(Reason::Verbatim(saved.reason), Reason::Facts),
            unmeasured: saved.unmeasured,
            worst_window: saved.worst_window,
            drift: saved.drift,
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedFinding {
    group: FindingGroup,
    check: String,
    word: FindingVerdict,
    evidence: String,
    /// Absent in files written before the facts were saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fact: Option<FindingFact>,
}

impl Serialize for CheckFinding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let verbatim = matches!(self.fact, FindingFact::Verbatim { .. });
        let saved = SavedFinding {
            group: self.group,
            check: self.check.clone(),
            word: self.word,
            evidence: en::finding::finding(&self.fact),
            fact: (!verbatim).then(|| self.fact.clone()),
        };
        saved.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for CheckFinding {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let saved = SavedFinding::deserialize(deserializer)?;
        Ok(Self {
            group: saved.group,
            check: saved.check,
            word: saved.word,
            // Examinations of format 1 hold sentences alone.
            fact: saved.fact.unwrap_or(FindingFact::Verbatim { said: saved.evidence }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Accept;
    use crate::record::Outcome;
    use crate::slo::{fixture, judge};

    #[test]
    fn what_is_saved_is_read_back() {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 50_000, 1_000);
        let mut objective = fixture::response_time();
        objective.in_every = "10s".parse().ok();
        let judgement = judge(&run.evidence(), &[objective], Accept::Target);
        for check in judgement.validity {
            let text = serde_json::to_string(&check).unwrap();
            assert_eq!(serde_json::from_str::<ValidityCheck>(&text).unwrap(), check, "{text}");
        }
        let verdict = &judgement.verdicts[0];
        let text = serde_json::to_string(verdict).unwrap();
        assert_eq!(serde_json::from_str::<Verdict>(&text).unwrap(), *verdict, "{text}");
    }

    #[test]
    fn a_verdict_without_circumstances_keeps_its_sentence() {
        let judgement = judge(
            &fixture::Run::new().evidence(),
            &[fixture::response_time()],
            Accept::Target,
        );
        let mut saved = serde_json::to_value(&judgement.verdicts[0]).unwrap();
        let saved = saved.as_object_mut().unwrap();
        saved.remove("circumstances").unwrap();
        saved.insert("reason".to_owned(), "so it was told".into());
        let read: Verdict = serde_json::from_value(saved.clone().into()).unwrap();
        assert_eq!(read.reason, Reason::Verbatim("so it was told".to_owned()));
        assert_eq!(en::reason(&read), "so it was told");
    }

    #[test]
    fn files_without_facts_keep_their_sentences() {
        let text = r#"{"name":"send lag","valid":false,"measured":"p99 12 ms","threshold":"at most 10 ms","hint":"h"}"#;
        let check: ValidityCheck = serde_json::from_str(text).unwrap();
        assert_eq!((check.rule(), check.valid), (Rule::SendLag, false));
        assert_eq!(serde_json::to_string(&check).unwrap(), text);
    }
}
