//! One integration binary: what can be said of the whole program from outside. Its tests stand in three groups, which
//! `ci/test` runs one after the other:
//!
//! | group | needs | runs |
//! |---|---|---|
//! | `quick` | files only | all at once |
//! | `measured` | real clocks and sockets, no engine | alone, one at a time |
//! | `engine` | Docker, as `ci/setup` leaves it | alone, as many at a time as the memory allows |
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and tells by printing"
)]

mod engine;
mod history;
mod measured;
mod quick;
mod repetition;
#[path = "../benches/simulation/mod.rs"]
mod simulation;
mod workspace;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Measurements on the same cores must not overlap: a test that measures holds this.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
