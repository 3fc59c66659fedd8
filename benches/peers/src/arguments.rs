//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// What the user wants.
#[derive(Debug, Parser)]
#[command(
    name = "run",
    about = "Runs whichever load generators are installed next to Diapason and prints Markdown tables",
    args_conflicts_with_subcommands = true
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// What to measure; everything where not said.
    #[arg(value_enum)]
    part: Vec<Part>,
    /// How often each generator has its turn; tables show medians.
    #[arg(long, default_value_t = 5)]
    pub(crate) rounds: usize,
    /// How long each turn of `closed` (10), `rate` (10) and `memory` (2) is, in whole seconds; at most 60.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=60))]
    pub(crate) seconds: Option<u32>,
    /// The rates of `rate`, in requests a second.
    #[arg(long, value_delimiter = ',', default_value = "1000")]
    pub(crate) rates: Vec<u32>,
    /// Only these generators.
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub(crate) only: Vec<String>,
    /// The `diapason` program.
    #[arg(long, value_name = "PATH")]
    pub(crate) diapason: Option<PathBuf>,
    /// The folder with the scenarios, scripts and configurations of this benchmark.
    #[arg(long, value_name = "DIR", default_value = env!("CARGO_MANIFEST_DIR"))]
    pub(crate) folder: PathBuf,
    /// Keep what the generators wrote here instead of throwing it away.
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs one command and writes what it used; the driver calls this.
    #[command(hide = true)]
    Measure {
        /// The file to write to.
        usage: PathBuf,
        /// The command.
        #[arg(last = true, required = true)]
        command: Vec<OsString>,
    },
}

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// 64 connections as fast as they go: CPU per request.
    Closed,
    /// A constant rate: precision as the server sees it, CPU per request.
    Rate,
    /// A server that freezes for 1 s in every 5 s: reported quantiles.
    Stall,
    /// Peak memory with 64 and 5,000 connections.
    Memory,
    /// A server with scripted delays: reported quantiles against what it did.
    Oracle,
}

impl Arguments {
    pub(crate) fn parts(&self) -> Vec<Part> {
        if self.part.is_empty() {
            Part::value_variants().to_vec()
        } else {
            self.part.clone()
        }
    }
}
