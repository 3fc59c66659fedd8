//! Sentences on runs that are compared.

use super::validity;
use crate::slo::{Change, ComparedSide, ExclusionReason, Remark};
use crate::words::quoted;

/// Reason not to compare a run: `retard d’envoi p99 12 ms ; seuil : au plus 10 ms`.
pub(super) fn exclusion_reason(reason: &ExclusionReason) -> String {
    match reason {
        ExclusionReason::Broken(check) => format!(
            "{} {} ; seuil : {}",
            validity::rule(&check.rule()),
            validity::measured(&check.facts),
            validity::threshold(&check.facts)
        ),
        ExclusionReason::Interrupted => "elle a été interrompue".to_owned(),
        ExclusionReason::Verbatim(sentence) => quoted(sentence),
    }
}

/// Conclusion on a difference.
pub(super) fn change(change: Change) -> &'static str {
    match change {
        Change::Regressed => "dégradé",
        Change::Undecided => "indécis",
        Change::Similar => "semblable",
        Change::Unchanged => "inchangé",
        Change::Improved => "amélioré",
    }
}

/// Remark on a difference.
pub(super) fn remark(remark: &Remark) -> String {
    match remark {
        Remark::FailsNow => "se situe désormais parmi les échantillons en échec".to_owned(),
        Remark::FailedBefore => "se situait auparavant parmi les échantillons en échec".to_owned(),
        Remark::FailsOnBothSides => "se situe des deux côtés parmi les échantillons en échec".to_owned(),
        Remark::FewSamples { side, effective } => {
            let side = match side {
                ComparedSide::Base => "de la campagne de référence",
                ComparedSide::New => "de la nouvelle campagne",
            };
            format!("les échantillons {side} n’en valent que {effective:.0} indépendants")
        }
        Remark::FewRuns { base, new } => format!(
            "{base} et {new} campagnes ne peuvent pas établir de différence à 95 %, si grande soit-elle : 4 et 4, ou 3 et 5, le peuvent"
        ),
    }
}
