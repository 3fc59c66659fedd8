//! Tests that run the program against small servers on this machine, on real clocks.

mod accuracy;
mod capacity;
mod closed;
pub(crate) mod compare;
mod history;
mod statistics;
