//! Files that come inside the program, so that it runs the gate of the reference stack without a checkout: the scenarios, the
//! stack's sources, and the script that prepares a machine.

mod error;
mod files;
mod setup;

pub use error::ShippedError;
pub use files::{WrittenFiles, write};
pub use setup::set_up;
