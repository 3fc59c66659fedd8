//! The final document, which every exporter writes in its format.

use serde::{Deserialize, Serialize};

use super::RunRecord;
use crate::slo::Judgement;

/// A judged run with everything a rendering needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Version of this format.
    pub format: u32,
}

impl Document {
    /// Draws the document up.
    pub fn new(_record: &RunRecord, _judgement: Judgement) -> Self {
        todo!()
    }
}
