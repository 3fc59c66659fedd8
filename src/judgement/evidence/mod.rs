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
mod consistency;
mod correction;
mod early_end;
mod examination;
mod finding_fact;
mod incident;
mod limitation;
mod load;
mod observations;
mod plan;
mod probe_kind;
mod replay;
mod request_event;
mod rewrite;
mod size_change;
mod stack;
mod stack_event;

pub use consistency::ConsistencyObservation;
pub use correction::Correction;
pub use early_end::{Accept, BurntBudget, Decision, EarlyEnd, SettledObjective};
pub use examination::{CheckFinding, Examination, FindingGroup, FindingVerdict};
pub use finding_fact::{
    AllowedOrigins, BucketKey, EncryptionFact, ExposureFact, FindingFact, FirstRefusal, HealthFact, KeepingFact,
    LimitFact, LimiterForecast, ResourceFault, ServiceFact, SizeFact, UnseenReason,
};
pub use incident::Incident;
pub use limitation::Limitation;
pub use load::{Executor, PlannedLoad};
pub use observations::{Observations, OtherHost, ProbeFailure};
pub use plan::{ExpectedEvidence, LoadModel, LoadPlan, PhasePlan, SeriesPlan};
pub use probe_kind::ProbeKind;
pub use replay::{
    ArrivalFit, Dispersion, FoundSpacing, LeftOutLines, LeftOutReason, RecordedKind, ReplayPlan, ReplayStarts,
};
pub use request_event::{RequestEvent, RequestEventKind};
pub use rewrite::{PartKind, Rewrite};
pub use size_change::{SizeChange, lacking};
pub use stack::StackRecord;
pub use stack_event::{AddressChange, StackAction, StackEvent};

use std::ops::Range;
use std::time::Duration;

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
    pub ended: Option<EarlyEnd>,
    /// Corrections that were made of what was recorded; empty until [`Self::corrected`].
    pub corrections: Vec<Correction>,
    /// Whole seconds of planned events that were taken out of the samples; empty in evidence as it was recorded.
    pub left_out: Vec<Range<u32>>,
}

impl Evidence {
    /// True if samples of that second were taken out.
    pub fn is_left_out(&self, second: u32) -> bool {
        self.left_out.iter().any(|seconds| seconds.contains(&second))
    }

    /// Failure of that probe; `None` if it delivered or was not asked for.
    pub fn probe_failure(&self, probe: ProbeKind) -> Option<&ProbeFailure> {
        self.observations.failures.iter().find(|failure| failure.probe == probe)
    }

    /// True if the phase of that name is judged and of that load model.
    pub fn judged_phase(&self, name: &str, model: LoadModel) -> bool {
        let mut phases = self.plan.phases.iter();
        phases.any(|phase| phase.judged && phase.model == model && phase.name == name)
    }

    /// The evidence with its corrections, which [`Self::corrections`] lists. Correcting it again changes nothing, so that runs
    /// saved with their corrections made are read like others.
    #[must_use]
    pub fn corrected(mut self) -> Self {
        if let Some(proxy) = &self.observations.proxy {
            // Refusals first: they move requests between outcomes over the whole recording, also behind a cut.
            let requests = self.recording.limiter_refused(&proxy.refused);
            if requests > 0 {
                self.corrections.push(Correction::LimiterRefusals { requests });
            }
        }
        if let Some(ended) = &self.ended {
            // A copy to compare with: an end behind the last phase changes nothing, and no correction is to be reported
            // then.
            let planned = self.plan.clone();
            // A run that ended early planned more than it made: without the cut its arrivals would look dropped and its
            // windows empty.
            self.plan.cut(Duration::from_secs_f64(ended.at), &self.recording.load);
            if self.plan != planned {
                self.corrections.push(Correction::CutAt { seconds: ended.at });
            }
        }
        // What an event of the scenario did to a service is no fault of it.
        let incidents = self.observations.set_planned_aside();
        if incidents > 0 {
            self.corrections.push(Correction::PlannedIncidents { incidents });
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::proxy::ProxyObservation;
    use crate::evidence::{Accept, EarlyEnd};
    use crate::record::Outcome;
    use crate::slo::fixture;

    #[test]
    fn what_other_parts_of_the_evidence_tell_is_corrected_once() {
        let mut run = fixture::Run::new();
        run.requests_at(20, "projects.list", Outcome::ServerError, 50_000, 6);
        let mut recorded = run.evidence();
        recorded.observations.proxy = Some(ProxyObservation {
            refused: vec![(20, 4)],
            ..ProxyObservation::default()
        });
        let end = recorded.plan.end().as_secs_f64();
        recorded.ended = Some(EarlyEnd::without_log_in(end - 5.0, Accept::Target));
        let corrected = recorded.clone().corrected();
        assert_eq!(
            corrected.corrections,
            [
                Correction::LimiterRefusals { requests: 4 },
                Correction::CutAt { seconds: end - 5.0 }
            ]
        );
        let counters = &corrected.recording.series[0].counters;
        assert_eq!(
            (counters.of(Outcome::ServerError), counters.of(Outcome::RateLimited)),
            (2, 4)
        );
        assert!((corrected.plan.end().as_secs_f64() - (end - 5.0)).abs() < 1e-9);
        let mut read = corrected.clone();
        read.corrections.clear();
        let again = read.corrected();
        assert_eq!(again.corrections, [], "they were made before it was saved");
        assert_eq!(again.plan, corrected.plan);
    }
}
