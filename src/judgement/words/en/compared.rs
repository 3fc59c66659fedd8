//! Sentences on runs that are compared.

use super::validity;
use crate::slo::{Change, ComparedSide, ExclusionReason, Remark};

/// Reason not to compare a run: `send lag p99 12 ms; threshold: at most 10 ms`.
pub fn exclusion_reason(reason: &ExclusionReason) -> String {
    match reason {
        ExclusionReason::Broken(check) => {
            let check = validity::check(check);
            format!("{} {}; threshold: {}", check.rule, check.measured, check.threshold)
        }
        ExclusionReason::Interrupted => "it was interrupted".to_owned(),
        ExclusionReason::Verbatim(sentence) => sentence.clone(),
    }
}

/// Conclusion on a difference.
pub(super) fn change(change: Change) -> &'static str {
    change.name()
}

/// Remark on a difference.
pub fn remark(remark: &Remark) -> String {
    match remark {
        Remark::FailsNow => "falls among failed samples now".to_owned(),
        Remark::FailedBefore => "fell among failed samples before".to_owned(),
        Remark::FailsOnBothSides => "falls among failed samples on both sides".to_owned(),
        Remark::FewSamples { side, effective } => {
            let side = match side {
                ComparedSide::Base => "base",
                ComparedSide::New => "new",
            };
            format!("the {side} run's samples are worth only {effective:.0} independent ones")
        }
        Remark::FewRuns { base, new } => format!(
            "{base} and {new} runs cannot show a difference at 95 %, however large it is: 4 and 4, or 3 and 5, can"
        ),
    }
}
