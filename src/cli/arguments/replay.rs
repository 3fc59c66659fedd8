//! Arguments of `diapason replay`.

use std::path::PathBuf;

use clap::Args;

use super::import::LogArguments;
use super::run::RunArguments;
use crate::units::Rate;

#[derive(Debug, Args)]
pub(in crate::cli) struct ReplayArguments {
    /// The access log, plain or compressed by gzip.
    #[arg(value_name = "LOG")]
    pub(in crate::cli) first: PathBuf,
    /// A further file of the log, such as a rotated one; files are read in order of time.
    #[arg(long = "log", value_name = "LOG")]
    pub(in crate::cli) more: Vec<PathBuf>,
    /// Factor by which time runs faster than in the log; requests take as long as the system needs.
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    pub(in crate::cli) speed: f64,
    /// Start each request at its own time, instead of after the answer before it in its session.
    #[arg(long)]
    pub(in crate::cli) open: bool,
    /// Start sessions, drawn from the log, by a Poisson process with the log's rate of each minute, instead of at their times.
    #[arg(long, conflicts_with = "open")]
    pub(in crate::cli) fit: bool,
    /// Refuse a log that has more requests than that in a second: `200/s`.
    #[arg(long, value_name = "RATE")]
    pub(in crate::cli) max_rate: Option<Rate>,
    #[command(flatten)]
    pub(in crate::cli) log: LogArguments,
    #[command(flatten)]
    pub(in crate::cli) run: RunArguments,
}
