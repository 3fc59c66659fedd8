//! `constant-arrival-rate`: iterations start at a constant rate, whatever the system under test does (open model).

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::Executor;
use crate::schedule::{Profile, Spacing};
use crate::units::Rate;

pub(super) const NAME: &str = "constant-arrival-rate";
pub(super) const DESCRIPTION: &str = "iterations start at a constant rate, whatever the system under test does";

/// Settings of the executor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConstantArrivalRate {
    /// Iterations started per second.
    pub rate: Rate,
    /// Spacing of the arrivals.
    #[serde(default)]
    pub spacing: Spacing,
}

impl ConstantArrivalRate {
    pub(super) fn schedule(&self, length: Duration) -> (Profile, Spacing) {
        (Profile::constant(self.rate.get(), length), self.spacing)
    }

    /// The executor as evidence.
    pub(super) fn planned(&self) -> Executor {
        Executor::ConstantArrivalRate {
            rate: self.rate,
            poisson: self.spacing == Spacing::Poisson,
        }
    }
}
