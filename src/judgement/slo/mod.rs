//! Judgement: indicators measure the evidence, objectives compare the measurements with limits, and a broken validity rule
//! outranks every verdict.
//!
//! This module sees the evidence only. It must not import `workload`, `journey`, `probe` or `stack`.

mod acknowledgement;
mod change;
mod decide;
mod disturbance;
mod drift;
mod error;
mod event_verdict;
mod event_window;
mod every;
mod exclusion_reason;
mod gate;
mod indicator;
mod judge;
mod known;
mod limit;
mod note;
mod objective;
mod overall;
mod reason;
mod remark;
mod rules;
mod selector;
mod sequential;
mod tally;
mod unit;
mod unmeasured;
mod validity;
mod verdict;
mod windows;

#[cfg(test)]
pub(crate) mod fixture;

pub use acknowledgement::Acknowledgement;
pub use change::Change;
pub use disturbance::{Disturbance, RequestSum, RequestSums, whole_second};
pub use error::ObjectiveError;
pub use event_window::EventWindow;
pub use exclusion_reason::ExclusionReason;
pub use gate::Gate;
pub use indicator::{
    ERROR_RATE, INDICATORS, Indicator, Label, Profile, RESPONSE_TIME, Samples, TRANSACTION_TIME, TimeOrigin, Topic,
    find, samples_of,
};
pub use judge::{Judgement, judge};
pub use known::first_latency_objective;
pub use limit::{Limit, Relative};
pub use note::Note;
pub use objective::{Objective, Statistic};
pub use reason::{Circumstances, EarlyDecision, MissedWindows, Reason, SlowedBrowser};
pub use remark::{ComparedSide, Remark};
pub use selector::Selector;
pub use sequential::{Sequential, follows};
pub use tally::Tally;
pub use unit::{LimitKind, Unit};
pub use unmeasured::Unmeasured;
pub use validity::{
    BrokenIdentity, ContainerIncident, Facts, FailedLogIns, Fraction, GeneratorCpu, Lag, Rule, ValidityCheck,
};
pub use verdict::{Count, Drift, Measurement, Ruling, Verdict, VerdictWord};
