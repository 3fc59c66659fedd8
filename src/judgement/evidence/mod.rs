//! Everything that judging and reporting may look at, as plain data: what was planned, what happened to the requests, what
//! the probes observed and what was done to the stack. Nothing here has an effect.

pub mod browser;
pub mod containers;
pub mod front_door;
pub mod generator;
pub mod image;
pub mod postgres;
pub mod proxy;
pub mod usage;

mod ended;
mod incident;
mod observations;
mod plan;
mod probe_kind;
mod resized;
mod stack;

pub use ended::{Accept, Decision, Ended, Settled};
pub use incident::Incident;
pub use observations::{Observations, OtherHost, ProbeFailure};
pub use plan::{ExpectedEvidence, LoadModel, LoadPlan, PhasePlan, SeriesPlan};
pub use probe_kind::ProbeKind;
pub use resized::{Resized, lacking};
pub use stack::StackRecord;

use crate::record::Recording;

/// What was planned, what the requests saw, what the probes saw.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// What was to happen.
    pub plan: LoadPlan,
    /// What happened to the requests.
    pub recording: Recording,
    /// What was observed beside them.
    pub observations: Observations,
    /// Whether the run was stopped early by the user.
    pub interrupted: bool,
    /// Where it ended before its time because enough was known.
    pub ended: Option<Ended>,
}

impl Evidence {
    /// Why that probe did not deliver, where it was asked for.
    pub fn probe_failure(&self, probe: ProbeKind) -> Option<&ProbeFailure> {
        self.observations.failures.iter().find(|failure| failure.probe == probe)
    }

    /// Whether the phase of that name is judged, and of that model.
    pub fn judged_phase(&self, name: &str, model: LoadModel) -> bool {
        let mut phases = self.plan.phases.iter();
        phases.any(|phase| phase.judged && phase.model == model && phase.name == name)
    }
}
