//! One integration binary: what can be said of the whole program from outside. Its tests stand in three groups; in
//! `ci/test` those of the engine that measure nothing run beside the compiler, and what measures runs last:
//!
//! | group | needs | runs |
//! |---|---|---|
//! | `quick` | files only | all at once |
//! | `measured` | real clocks and sockets, no engine | those that measure alone, the others side by side |
//! | `engine` | Docker, as `ci/setup` leaves it | those of `engine::measuring` alone, the others as many at a time as the memory allows |
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

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

static CORES: RwLock<()> = RwLock::new(());

/// Measurements on the same cores must not overlap: a test that measures holds this.
fn alone() -> RwLockWriteGuard<'static, ()> {
    CORES.write().unwrap_or_else(PoisonError::into_inner)
}

/// Held by a test that runs the program on a real clock and would say the same if it were slower: others of them run beside it.
fn beside() -> RwLockReadGuard<'static, ()> {
    CORES.read().unwrap_or_else(PoisonError::into_inner)
}
