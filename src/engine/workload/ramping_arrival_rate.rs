//! `ramping-arrival-rate`: iterations start at a rate that runs in straight lines from stage to stage (open model).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::Executor;
use crate::schedule::{Profile, Segment, Spacing};
use crate::units::{Rate, Span};

pub(super) const NAME: &str = "ramping-arrival-rate";
pub(super) const DESCRIPTION: &str = "iterations start at a rate that runs in straight lines from stage to stage";

/// One stage, over which the rate changes linearly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Iterations started per second at its end.
    pub to: Rate,
    /// Length of the stage.
    pub over: Span,
}

/// Settings of the executor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RampingArrivalRate {
    /// Iterations started per second at the beginning.
    pub from: Rate,
    /// The stages, one after the other.
    pub stages: Vec<Stage>,
    /// Spacing of the arrivals.
    #[serde(default)]
    pub spacing: Spacing,
}

impl RampingArrivalRate {
    pub(super) fn length(&self) -> Span {
        self.stages.iter().map(|stage| stage.over).sum()
    }

    pub(super) fn schedule(&self) -> (Profile, Spacing) {
        let mut from = self.from.get();
        let segments = self.stages.iter().map(|stage| {
            let start = std::mem::replace(&mut from, stage.to.get());
            Segment {
                length: stage.over.get(),
                from: start,
                to: stage.to.get(),
            }
        });
        (Profile::new(segments.collect()), self.spacing)
    }

    /// The executor as evidence.
    pub(super) fn planned(&self) -> Executor {
        Executor::RampingArrivalRate {
            from: self.from,
            stages: self.stages.iter().map(|stage| (stage.to, stage.over)).collect(),
            poisson: self.spacing == Spacing::Poisson,
        }
    }
}
