//! Tests that need files only: no engine, no clock, no server.

mod cli;
mod flakiness;
mod golden;
mod layering;
mod objectives;
mod robustness;
