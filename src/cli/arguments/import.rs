//! Arguments of `diapason import`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ImportCommand {
    /// A journey from command lines of curl, as browsers' developer tools copy them.
    Curl {
        /// The file; `-` is standard input.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Quoting of the command lines.
        #[arg(long, value_name = "SHELL", default_value = "auto")]
        shell: Quoting,
        /// A host that is the front door; the first one of the file by default.
        #[arg(long = "host", value_name = "HOST")]
        hosts: Vec<String>,
        #[command(flatten)]
        out: ImportOutArguments,
    },
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ImportOutArguments {
    /// Name of everything written; made from the name of the source where not said.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) name: Option<String>,
    /// The stack that a written scenario uses.
    #[arg(long, value_name = "NAME", default_value = "reference")]
    pub(in crate::cli) stack: String,
    /// The folder with scenarios, journeys and stacks.
    #[arg(short, long, default_value = "scenarios", value_name = "DIR")]
    pub(in crate::cli) out: PathBuf,
    /// Replace files that are there already.
    #[arg(long)]
    pub(in crate::cli) force: bool,
}

/// Quoting of command lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Quoting {
    /// Recognised by the text.
    Auto,
    /// As bash and other POSIX shells.
    Posix,
    /// As the Windows command processor.
    Cmd,
}
