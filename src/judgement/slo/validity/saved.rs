//! Serialised form of checks: the facts, with their English sentences for readers of the file.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Facts, Rule, ValidityCheck};
use crate::slo::wording::{self, Language};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
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
        let saved = Saved {
            name: self.rule(),
            valid: self.valid,
            measured: wording::measured(&self.facts, Language::English),
            threshold: wording::threshold(&self.facts, Language::English),
            hint: wording::hint(&self.facts),
            facts: (!verbatim).then(|| self.facts.clone()),
        };
        saved.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ValidityCheck {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let saved = Saved::deserialize(deserializer)?;
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

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::super::check;
    use super::*;
    use crate::record::Outcome;

    #[test]
    fn what_is_saved_is_read_back() {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 50_000, 1_000);
        for check in check(&run.evidence(), &[fixture::response_time()]) {
            let text = serde_json::to_string(&check).unwrap();
            assert_eq!(serde_json::from_str::<ValidityCheck>(&text).unwrap(), check, "{text}");
        }
    }

    #[test]
    fn files_without_facts_keep_their_sentences() {
        let text = r#"{"name":"send lag","valid":false,"measured":"p99 12 ms","threshold":"at most 10 ms","hint":"h"}"#;
        let check: ValidityCheck = serde_json::from_str(text).unwrap();
        assert_eq!((check.rule(), check.valid), (Rule::SendLag, false));
        assert_eq!(serde_json::to_string(&check).unwrap(), text);
    }
}
