//! Sentences on missing measurements.

use super::hidden_data;
use super::text::{duration, limit};
use crate::slo::Unmeasured;
use crate::words::quoted;

/// Cause of a missing measurement.
pub(super) fn unmeasured(why: &Unmeasured) -> String {
    let text = match why {
        // Texts of errors and of servers exist in their own language only.
        Unmeasured::Invalid(error) => return quoted(error),
        Unmeasured::ProbeFailed { probe, reason } => {
            return format!("la sonde « {probe} » n’a rien livré : {}", quoted(reason));
        }
        Unmeasured::ProbeMissing(probe) => {
            return format!("la sonde « {probe} » ne faisait pas partie de cette campagne");
        }
        Unmeasured::Unseen(hidden) => {
            let text = hidden_data(hidden);
            return format!("{} : pas visible ({})", text.what, text.why);
        }
        Unmeasured::NoRequest => "aucune requête jugée n’en fait partie",
        Unmeasured::NoTransaction => "aucune transaction jugée n’en fait partie",
        Unmeasured::NoLogIn(Some(status)) => {
            return format!(
                "toutes les connexions ont été refusées ({status}), aucune autre requête n’a donc été envoyée"
            );
        }
        Unmeasured::NoLogIn(None) => "toutes les connexions ont échoué, aucune autre requête n’a donc été envoyée",
        Unmeasured::AllInterrupted => "toutes les requêtes jugées ont été interrompues",
        Unmeasured::AllRefused => "toutes les requêtes jugées ont été refusées par le limiteur ou interrompues",
        Unmeasured::NoPageLoad => "aucun chargement de page n’a commencé là où ils sont jugés",
        Unmeasured::NoPageTime(name) => return format!("aucun chargement jugé n’a donné son {name}"),
        Unmeasured::NoPageShare => "aucun chargement jugé ne l’a donné",
        Unmeasured::NoStatement => "PostgreSQL n’a exécuté aucune requête SQL dans la fenêtre jugée",
        Unmeasured::NoEvent(event) => return format!("l’événement « {event} » n’a pas eu lieu"),
        Unmeasured::NotCompared(cause) => {
            return format!("les écritures n’ont pas été comparées avec la base de données : {cause}");
        }
        Unmeasured::NoWrite => "aucune écriture à comparer n’a été confirmée",
        Unmeasured::NoSlice => "aucune tranche de la fenêtre jugée n’a été observée",
        Unmeasured::EmptyWindow => "la fenêtre jugée n’en contient pas",
        Unmeasured::RequestsNotCounted(over) => {
            return format!("les requêtes au-dessus de {} n’ont pas été comptées", limit(*over));
        }
        Unmeasured::ThresholdNotCounted(time) => {
            return format!("les requêtes au-dessus de {} n’ont pas été comptées", duration(*time));
        }
        Unmeasured::ExecutionsNotCounted(over) => {
            return format!("les exécutions au-dessus de {} n’ont pas été comptées", limit(*over));
        }
        Unmeasured::MoreLoggedThanCounted {
            counted,
            logged,
            limit: over,
        } => {
            return format!(
                "PostgreSQL a compté {counted} exécutions mais en a journalisé {logged} au-dessus de {}",
                limit(*over)
            );
        }
        Unmeasured::ResponseTimesNotSummed => "cette campagne n’a pas additionné ses temps de réponse",
        Unmeasured::ExecutionsNotSummed => "les durées des exécutions n’ont pas été additionnées",
        Unmeasured::HistogramBounds => "ses histogrammes n’ont pas les bornes communes à tous les histogrammes",
        Unmeasured::NoQuantile => "l’objectif ne nomme aucun quantile",
        Unmeasured::Verbatim(sentence) => return quoted(sentence),
        Unmeasured::NoThreshold => "il ne nomme aucun seuil",
    };
    text.to_owned()
}
