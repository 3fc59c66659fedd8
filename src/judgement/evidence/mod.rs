//! Input of judging and reporting, as plain data: the planned load, the recorded requests, the observations of the probes and
//! the changes to the stack. Nothing here has an effect.

pub mod browser;
pub mod containers;
pub mod front_door;
pub mod generator;
pub mod image;
pub mod postgres;
pub mod proxy;
pub mod usage;

mod conditions;
mod correction;
mod ended;
mod incident;
mod load;
mod observations;
mod plan;
mod probe_kind;
mod request_event;
mod resized;
mod rewrite;
mod stack;

pub use correction::Correction;
pub use ended::{Accept, Decision, Ended, Settled};
pub use incident::Incident;
pub use load::{Executor, PlannedLoad};
pub use observations::{Observations, OtherHost, ProbeFailure};
pub use plan::{ExpectedEvidence, LoadModel, LoadPlan, PhasePlan, SeriesPlan};
pub use probe_kind::ProbeKind;
pub use request_event::{RequestEvent, RequestEventKind};
pub use resized::{Resized, lacking};
pub use rewrite::{PartKind, Rewrite};
pub use stack::StackRecord;

use crate::record::Recording;

/// Evidence of one run: its plan, its requests and the observations of its probes.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// The planned load.
    pub plan: LoadPlan,
    /// The recorded requests.
    pub recording: Recording,
    /// Observations of the probes.
    pub observations: Observations,
    /// True if the run was stopped early by the user.
    pub interrupted: bool,
    /// Present if the run ended before its time because enough objectives were decided.
    pub ended: Option<Ended>,
    /// Corrections that were made of what was recorded; empty until [`Self::corrected`].
    pub corrections: Vec<Correction>,
}

impl Evidence {
    /// Failure of that probe; `None` if it delivered or was not asked for.
    pub fn probe_failure(&self, probe: ProbeKind) -> Option<&ProbeFailure> {
        self.observations.failures.iter().find(|failure| failure.probe == probe)
    }

    /// True if the phase of that name is judged and of that load model.
    pub fn judged_phase(&self, name: &str, model: LoadModel) -> bool {
        let mut phases = self.plan.phases.iter();
        phases.any(|phase| phase.judged && phase.model == model && phase.name == name)
    }
}
