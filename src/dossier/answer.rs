//! The answer of a judged run, reduced to what must come out again.

use serde::{Deserialize, Serialize};

use crate::report::Document;
use crate::slo::{Unit, VerdictWord};

/// Answer of a judged run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JudgedAnswer {
    /// The overall word.
    pub overall: VerdictWord,
    /// Exit code of the run.
    pub exit_code: u8,
    /// Rules of validity that did not hold.
    pub broken_rules: usize,
    /// Every objective.
    pub objectives: Vec<ObjectiveAnswer>,
}

/// Answer on one objective.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectiveAnswer {
    /// Its name.
    pub name: String,
    /// Its verdict.
    pub word: VerdictWord,
    /// Unit of the figures; `None` if nothing was measured.
    pub unit: Option<Unit>,
    /// The point estimate; `None` if it falls among failures, or if nothing was measured.
    pub point: Option<f64>,
    /// Lower 95 % bound, if there is one.
    pub low: Option<f64>,
    /// Upper 95 % bound, if there is one.
    pub high: Option<f64>,
    /// Number of samples.
    pub samples: u64,
}

impl JudgedAnswer {
    /// The answer that the document gives.
    pub fn from_document(document: &Document) -> Self {
        let judgement = &document.judgement;
        let objectives = judgement.verdicts.iter().map(|verdict| {
            let measured = verdict.measurement.as_ref();
            ObjectiveAnswer {
                name: verdict.objective.name.clone(),
                word: verdict.word,
                unit: measured.map(|measured| measured.unit),
                // Numbers are compared for equality later: judging has no clock and no chance of its own, so that the
                // same evidence gives them again.
                point: measured.and_then(|measured| measured.point),
                low: measured.and_then(|measured| measured.low),
                high: measured.and_then(|measured| measured.high),
                samples: measured.map_or(0, |measured| measured.samples),
            }
        });
        Self {
            overall: judgement.overall,
            exit_code: document.exit.code,
            broken_rules: judgement.validity.iter().filter(|check| !check.valid).count(),
            objectives: objectives.collect(),
        }
    }
}
