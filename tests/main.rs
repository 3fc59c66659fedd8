//! One integration binary: what can be said of the whole program from outside.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and tells by printing"
)]

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

/// Does it again, twice at most, while it comes to nothing: a run during which the machine stood still decides nothing, and whoever
/// gets such an answer runs once more. Any other answer stands.
fn decided<T>(undecided: impl Fn(&T) -> bool, mut run: impl FnMut() -> T) -> T {
    for _ in 0..2 {
        let answer = run();
        if !undecided(&answer) {
            return answer;
        }
        eprintln!("undecided: once more");
    }
    run()
}

/// Measurements on the same cores must not overlap: a test that measures holds this.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
