//! Sentences of reports, made from facts: one module for each language. No other module makes the same sentences.

pub mod en;

mod language;

pub use crate::slo::Language;
