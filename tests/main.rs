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
mod measured;
mod quick;
mod repetition;
#[path = "../benches/simulation/mod.rs"]
mod simulation;

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

static MACHINE: RwLock<()> = RwLock::new(());

/// Measurements on the same cores must not overlap: a test that measures holds this.
fn alone() -> RwLockWriteGuard<'static, ()> {
    MACHINE.write().unwrap_or_else(PoisonError::into_inner)
}

/// For tests that bring containers up and measure nothing: others of their kind may run beside them.
#[expect(dead_code, reason = "no test holds it yet")]
fn beside_others() -> RwLockReadGuard<'static, ()> {
    MACHINE.read().unwrap_or_else(PoisonError::into_inner)
}
