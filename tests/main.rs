//! One integration binary: what can be said of the whole program from outside.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod accuracy;
mod blame;
mod capacity;
mod cli;
mod closed;
mod compare;
mod containers;
mod database;
mod flakiness;
mod history;
mod isolation;
mod layering;
mod live;
mod objectives;
mod own;
mod proxy;
mod robustness;
#[path = "../benches/simulation/mod.rs"]
mod simulation;
mod stack;
mod statistics;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Measurements on the same cores must not overlap: a test that measures holds this.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
