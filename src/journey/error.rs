//! Why a journey could not be read.

use crate::error::Hint;

/// A journey or feeder that could not be read or compiled.
#[derive(Debug, thiserror::Error)]
pub enum JourneyError {}

impl Hint for JourneyError {}
