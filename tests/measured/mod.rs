//! Tests that run the program against small servers on this machine, on real clocks.

mod accuracy;
pub(crate) mod bench;
mod capacity;
mod closed;
mod compare;
mod metrics;
mod publish;
mod replay;
mod statistics;
