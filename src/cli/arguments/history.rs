//! Arguments of `diapason history`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::pair::pair;
use crate::words::Language;

#[derive(Debug, Args)]
pub(in crate::cli) struct HistoryArguments {
    #[command(subcommand)]
    pub(in crate::cli) command: Option<HistoryCommand>,
    #[command(flatten)]
    pub(in crate::cli) filter: HistoryFilter,
    /// The history: a file or a `postgres://` URL; `DIAPASON_HISTORY`, or `history.sqlite` beside the run folders, by
    /// default.
    #[arg(long, value_name = "FILE|URL", global = true)]
    pub(in crate::cli) history: Option<String>,
    /// The folder that run folders are made in.
    #[arg(short, long, default_value = "reports", value_name = "DIR", global = true)]
    pub(in crate::cli) out: PathBuf,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct HistoryFilter {
    /// Runs of that scenario.
    #[arg(long, value_name = "NAME", global = true)]
    pub(in crate::cli) scenario: Option<String>,
    /// Runs with that label.
    #[arg(long = "tag", value_name = "K=V", value_parser = pair, global = true)]
    pub(in crate::cli) tags: Vec<(String, String)>,
    /// Runs since then: a span before now such as `7d`, or a date such as `2026-03-01`.
    #[arg(long, value_name = "WHEN", global = true)]
    pub(in crate::cli) since: Option<String>,
    /// Runs judged so: pass, warn, inconclusive, fail, invalid.
    #[arg(long, value_name = "WORD", global = true)]
    pub(in crate::cli) verdict: Option<String>,
    /// At most N runs, the newest first.
    #[arg(long, value_name = "N", global = true)]
    pub(in crate::cli) last: Option<usize>,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum HistoryCommand {
    /// Show how a number went from run to run, and where it changed.
    Trend {
        /// Name of an objective, an indicator or a series.
        #[arg(value_name = "INDICATOR")]
        what: String,
        /// Only that statistic: p50, p95, p99, share.
        #[arg(long, value_name = "NAME")]
        statistic: Option<String>,
        /// Also runs that are not comparable with the newest.
        #[arg(long)]
        all: bool,
        /// Write the chart as html or svg instead; `-` is standard output.
        #[arg(long, value_name = "FORMAT[=PATH]")]
        export: Option<String>,
        /// Languages of the html: `en`, `fr`, or `fr,en` for one file each.
        #[arg(long, value_name = "LANG", value_delimiter = ',', default_value = "en")]
        lang: Vec<Language>,
    },
    /// Write the pages of all runs, `index.html` and `index.fr.html`, into the folder that run folders are made in.
    Page,
    /// Write the history as one flat table, a row for each number.
    Export {
        /// Format of the table.
        #[arg(long, default_value = "csv")]
        format: Table,
        /// The file; standard output by default.
        #[arg(value_name = "PATH")]
        path: Option<PathBuf>,
    },
    /// Add a remark to a run, which its page and that of all runs show: who accepted a WARN, and why.
    Note {
        /// The run folder, or its name in the folder that run folders are made in.
        #[arg(value_name = "RUN")]
        run: PathBuf,
        /// The remark.
        #[arg(value_name = "TEXT")]
        text: String,
        /// Name of its author.
        #[arg(long, value_name = "NAME")]
        by: String,
    },
    /// Take old runs in.
    Index {
        /// Run folders, or folders that hold some.
        #[arg(required = true, value_name = "DIR")]
        folders: Vec<PathBuf>,
    },
    /// Remove old runs and their folders, never baselines.
    Prune(PruneArguments),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct PruneArguments {
    /// Runs before that: a span before now such as `90d`, or a date.
    #[arg(long, value_name = "WHEN")]
    pub(in crate::cli) older_than: String,
    /// Keep the newest N of each scenario, whatever their age.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(in crate::cli) keep: usize,
    /// Do not ask.
    #[arg(long)]
    pub(in crate::cli) yes: bool,
    /// Show what would go.
    #[arg(long, conflicts_with = "yes")]
    pub(in crate::cli) dry_run: bool,
}

/// Format of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Table {
    /// Comma-separated values with a header.
    Csv,
    /// An array of flat objects.
    Json,
}
