//! Every sentence of verdicts and reports, made from facts: one module for each language.

pub mod en;
