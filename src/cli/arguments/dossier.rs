//! Arguments of `diapason pack` and `diapason verify`.

use std::path::PathBuf;

use clap::Args;

use super::choices::Column;

#[derive(Debug, Args)]
pub(in crate::cli) struct PackArguments {
    /// The folder that `run` wrote.
    #[arg(default_value = "reports/latest", value_name = "RUN")]
    pub(in crate::cli) run: PathBuf,
    /// The archive; `NAME.dossier.tar.gz` in the current folder by default.
    #[arg(short, long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,
    /// Leave out pictures, bodies of answers, console messages and log lines.
    #[arg(long)]
    pub(in crate::cli) redact: bool,
    /// Column of the objectives that gates.
    #[arg(long, default_value = "target")]
    pub(in crate::cli) accept: Column,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct VerifyArguments {
    /// The archive that `pack` wrote.
    #[arg(value_name = "PACK")]
    pub(in crate::cli) pack: PathBuf,
    /// SHA-256 that the archive must have, as `pack` printed it.
    #[arg(long, value_name = "HEX")]
    pub(in crate::cli) sha256: Option<String>,
}
