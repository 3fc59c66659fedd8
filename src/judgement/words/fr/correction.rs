//! Sentences on corrections of what was recorded.

use super::text::{plural, written};
use crate::evidence::Correction;

/// Correction of what was recorded.
pub(super) fn correction(made: &Correction) -> String {
    match made {
        Correction::LimiterRefusals { requests } => {
            let (recorded, count) = if *requests < 2 {
                ("enregistrée", "compte")
            } else {
                ("enregistrées", "comptent")
            };
            format!(
                "{} {recorded} comme erreur du serveur {count} comme limitée en débit, d’après le journal du proxy",
                plural(*requests, "requête")
            )
        }
        Correction::CutAt { seconds } => {
            written(&format!("le plan est ramené aux {seconds:.1} s réellement exécutées"))
        }
        Correction::PlannedIncidents { incidents } => format!(
            "{} de conteneurs dû aux événements prévus : aucun service n’est tombé",
            plural(*incidents, "incident")
        ),
        Correction::BaselineWithdrawn => {
            "les limites relatives à la référence ne sont pas jugées : la campagne ne lui est pas comparable".to_owned()
        }
    }
}
