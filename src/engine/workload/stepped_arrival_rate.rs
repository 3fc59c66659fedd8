//! `stepped-arrival-rate`: iterations start at a rate that goes up or down in equal steps (open model).

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::Executor;
use crate::schedule::{Profile, Segment, Spacing};
use crate::units::Rate;

pub(super) const NAME: &str = "stepped-arrival-rate";
pub(super) const DESCRIPTION: &str = "iterations start at a rate that goes up or down in equal steps";

/// Settings of the executor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SteppedArrivalRate {
    /// Iterations started per second on the first step.
    pub from: Rate,
    /// Iterations started per second on the last step.
    pub to: Rate,
    /// Number of steps of equal length.
    pub steps: std::num::NonZeroU32,
    /// Spacing of the arrivals.
    #[serde(default)]
    pub spacing: Spacing,
}

impl SteppedArrivalRate {
    pub(super) fn schedule(&self, length: Duration) -> (Profile, Spacing) {
        let steps = self.steps.get();
        // n steps have n − 1 rises between them; a single one has none.
        let rise = (self.to.get() - self.from.get()) / f64::from(steps.saturating_sub(1).max(1));
        let segments = (0..steps).map(|step| {
            let rate = self.from.get() + rise * f64::from(step);
            Segment {
                length: length / steps,
                from: rate,
                to: rate,
            }
        });
        (Profile::new(segments.collect()), self.spacing)
    }

    /// The executor as evidence.
    pub(super) fn planned(&self) -> Executor {
        Executor::SteppedArrivalRate {
            from: self.from,
            to: self.to,
            steps: self.steps.get(),
            poisson: self.spacing == Spacing::Poisson,
        }
    }
}
