//! Load and measurement of a run: brings a stack up, drives it through its front door and observes every tier. Knows neither
//! objectives nor reports.
//!
//! A room imports only rooms of a layer above its own in this list, and rooms of `diapason-judgement` below its own layer in
//! the list of the whole program:
//!
//! | layer | rooms |
//! |---|---|
//! | 0 | `nginx`, the syntax of its files |
//! | 1 | `schedule` (pure); `timer`, the clock of the load thread: real, or simulated for unit tests |
//! | 2 | `wire`, the ways to the front door and to PostgreSQL |
//! | 3 | `stack` |
//! | 4 | `journey`, `probe`, `maintenance` (planned events on services): they know where the stack answers |
//! | 5 | `workload` |

#[cfg(test)]
use diapason_judgement::words;
use diapason_judgement::{error, evidence, record, secrets, stats, units};

pub mod journey;
pub mod maintenance;
pub mod nginx;
pub mod probe;
pub mod schedule;
pub mod stack;
pub mod timer;
pub mod wire;
pub mod workload;
