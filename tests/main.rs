//! One integration binary: what can be said of the whole program from outside.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod cli;
mod closed;
mod layering;
mod stack;
