//! Why a run could not be saved, read or rendered.

use crate::error::Hint;

/// A run folder or rendering that could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {}

impl Hint for ReportError {}
