//! Tests that need files only: no engine, no clock, no server.

mod ab;
pub(crate) mod capacity;
mod cli;
pub(crate) mod closed;
mod compare;
mod compose;
mod dashboard;
mod doctor;
mod dossier;
mod exits;
mod flakiness;
mod golden;
mod history;
mod import;
mod lacks;
mod layering;
mod objectives;
mod reference;
mod repetition;
mod robustness;
mod set_up;
pub(crate) mod statistics;
mod templates;
mod trial;
