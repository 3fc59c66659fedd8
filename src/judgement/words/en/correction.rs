//! Sentences on corrections of what was recorded.

use super::text::plural;
use crate::evidence::Correction;

/// Correction of what was recorded.
pub fn correction(made: &Correction) -> String {
    match made {
        Correction::LimiterRefusals { requests } => format!(
            "{} recorded as server errors count as rate-limited, by the proxy's log",
            plural(*requests, "request")
        ),
        Correction::CutAt { seconds } => format!("the plan is cut to the {seconds:.1} s that were carried out"),
        Correction::PlannedIncidents { incidents } => format!(
            "{} of containers that planned events caused: no service fell",
            plural(*incidents, "incident")
        ),
        Correction::BaselineWithdrawn => {
            "limits relative to the baseline are not judged: the run is not comparable with it".to_owned()
        }
    }
}
