//! Reasons not to conclude anything from a run.

use serde::{Deserialize, Serialize};

use super::{Judgement, ValidityCheck};

/// A reason not to compare a run with others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExclusionReason {
    /// A validity rule does not hold.
    Broken(ValidityCheck),
    /// The run was interrupted.
    Interrupted,
    /// The sentence of a baseline that was saved before the facts were.
    Verbatim(String),
}

impl ExclusionReason {
    /// Every reason not to conclude anything from a run with that judgement; none from a run that carries a verdict.
    pub fn reasons(judgement: &Judgement) -> Vec<Self> {
        // The verdicts do not matter here: a run that misses its objectives is as comparable as one that meets them.
        let broken = judgement.validity.iter().filter(|check| !check.valid);
        let mut reasons: Vec<Self> = broken.cloned().map(Self::Broken).collect();
        if judgement.interrupted {
            reasons.push(Self::Interrupted);
        }
        reasons
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slo::{Facts, Rule};

    #[test]
    fn reasons_are_read_as_they_were_saved() {
        let broken = ValidityCheck {
            valid: false,
            facts: Facts::Verbatim {
                rule: Rule::SendLag,
                measured: "p99 12 ms".to_owned(),
                threshold: "at most 10 ms".to_owned(),
                hint: "h".to_owned(),
            },
        };
        let reasons = [
            ExclusionReason::Broken(broken),
            ExclusionReason::Interrupted,
            ExclusionReason::Verbatim("it was interrupted".to_owned()),
        ];
        let text = serde_json::to_string(&reasons).unwrap();
        assert_eq!(
            serde_json::from_str::<[ExclusionReason; 3]>(&text).unwrap(),
            reasons,
            "{text}"
        );
    }
}
