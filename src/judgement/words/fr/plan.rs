//! Sentences on the plan.

use super::text::plural;
use crate::evidence::{LoadModel, PhasePlan};

/// Size of the load of a phase.
pub(super) fn amount(phase: &PhasePlan) -> String {
    let model = match phase.model {
        LoadModel::Open => "modèle ouvert",
        LoadModel::Closed => "modèle fermé",
    };
    match phase.users {
        Some(users) => format!("{model} : {}", plural(users.into(), "utilisateur")),
        None => plural(phase.arrivals, "arrivée"),
    }
}

/// The judged part of a phase.
pub(super) fn judged(phase: &PhasePlan) -> &'static str {
    match (phase.judged, phase.pages) {
        (true, _) => "jugée",
        (false, true) => "pages jugées",
        (false, false) => "non jugée",
    }
}
