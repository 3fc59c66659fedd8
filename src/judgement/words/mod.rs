//! Sentences of reports, made from facts: one module for each language. No other room makes one of those it makes.

pub mod en;

mod language;

pub use crate::slo::Language;
