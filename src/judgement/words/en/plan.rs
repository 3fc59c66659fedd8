//! Sentences on the plan.

use super::text::plural;
use crate::evidence::PhasePlan;

/// Size of the load of a phase: `780 arrivals`, or `closed model: 50 users`.
pub fn amount(phase: &PhasePlan) -> String {
    match phase.users {
        Some(users) => format!("{} model: {}", phase.model.name(), plural(users.into(), "user")),
        None => plural(phase.arrivals, "arrival"),
    }
}

/// The judged part of a phase: its samples, only its page loads, or nothing.
pub fn judged(phase: &PhasePlan) -> &'static str {
    match (phase.judged, phase.pages) {
        (true, _) => "judged",
        (false, true) => "pages judged",
        (false, false) => "not judged",
    }
}
