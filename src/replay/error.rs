//! Errors of a replay.

use crate::error::Hint;
use crate::import::ImportError;
use crate::units::Rate;

/// A log that cannot be replayed as asked.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The log could not be read.
    #[error(transparent)]
    Log(#[from] ImportError),
    /// A speed that is none.
    #[error("`{0}` is not a speed: a number above 0 and at most 1000")]
    Speed(f64),
    /// The log has more requests per second than are allowed.
    #[error("at speed {speed} the log has up to {peak} requests per second, and at most {most} are allowed")]
    TooFast {
        /// The speed.
        speed: f64,
        /// Requests in its busiest second.
        peak: u64,
        /// The limit.
        most: Rate,
    },
}

impl Hint for ReplayError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Log(source) => source.hint(),
            Self::Speed(_) => Some("use `--speed 2` for twice as fast, `--speed 0.5` for half as fast".to_owned()),
            Self::TooFast { speed, peak, most } => {
                let part = most.get() / *peak as f64;
                // Rounded down, so that what is suggested is below the limit.
                let (speed, percent) = (speed * part * 100.0, (part * 100.0).floor().max(1.0));
                Some(format!(
                    "replay it at `--speed {}` or so, a part of its sessions with `--sample \"{percent} %\"`, or raise `--max-rate`",
                    (speed.floor() / 100.0).max(0.01)
                ))
            }
        }
    }
}
