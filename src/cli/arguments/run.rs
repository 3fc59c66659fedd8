//! Arguments of `diapason run`, and those it shares with other commands.

use std::path::PathBuf;

use clap::Args;

use super::choices::{CiServer, Column, ProgressForm};
use super::pair::pair;
use crate::metrics::Target;
use crate::words::Language;

#[derive(Debug, Args)]
pub(in crate::cli) struct PlanArguments {
    /// Attach to this front door instead of bringing a stack up; on another host only with `--i-own` or `allowed-hosts`.
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) target: Option<String>,
    /// A host that is yours to load, even if what answers there looks like production.
    #[arg(long = "i-own", value_name = "HOST")]
    pub(in crate::cli) own_hosts: Vec<String>,
    /// Hold the stack to that machine, a `[profile.NAME]` of its stack file: `minimum`, `recommended`.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) profile: Option<String>,
    /// Shrink the CPU limits of a profile that is larger than this machine in proportion, instead of refusing it; memory limits stay.
    #[arg(long, requires = "profile")]
    pub(in crate::cli) scale_profile: bool,
    /// Override any value of the scenario, recorded in the report: `phase.steady.duration=30s`.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = pair)]
    pub(in crate::cli) overrides: Vec<(String, String)>,
    /// Seed of every random choice.
    #[arg(long, value_name = "N")]
    pub(in crate::cli) seed: Option<u64>,
    /// A label to find the run by.
    #[arg(long = "tag", value_name = "K=V", value_parser = pair)]
    pub(in crate::cli) tags: Vec<(String, String)>,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(in crate::cli) struct RunArguments {
    /// Scenario files, run one after the other.
    #[arg(required = true, value_name = "SCENARIO")]
    pub(in crate::cli) scenarios: Vec<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) plan: PlanArguments,
    /// The folder that run folders are made in.
    #[arg(short, long, default_value = "reports", value_name = "DIR")]
    pub(in crate::cli) out: PathBuf,
    /// Write one more rendering; `-` is standard output.
    #[arg(long, value_name = "FORMAT[=PATH]")]
    pub(in crate::cli) export: Vec<String>,
    /// Languages of the report's page, over the scenario's `lang`: `en`, `fr`, or `fr,en` for one file each.
    #[arg(long, value_name = "LANG", value_delimiter = ',')]
    pub(in crate::cli) lang: Vec<Language>,
    /// Column of the objectives that gates.
    #[arg(long, default_value = "target")]
    pub(in crate::cli) accept: Column,
    /// End the run as soon as a gating objective is certainly missed.
    #[arg(long)]
    pub(in crate::cli) abort_on_miss: bool,
    /// Apply the load even if the proxy's rate limiter is known to refuse more than 0.1 % of the judged requests.
    #[arg(long)]
    pub(in crate::cli) despite_limiter: bool,
    /// Examine the system before the load as `check --live` does, and show the findings with the deployment and security checklists.
    #[arg(long)]
    pub(in crate::cli) examine: bool,
    /// Leave the stack running; `diapason stack down` removes it.
    #[arg(long)]
    pub(in crate::cli) keep_stack: bool,
    /// If the run fails, leave what is up as it is and say how to look into it; `diapason stack down` removes it.
    #[arg(long)]
    pub(in crate::cli) keep_failed: bool,
    #[command(flatten)]
    pub(in crate::cli) baselines: BaselineArguments,
    /// The history the run is added to: a file or a `postgres://` URL; `DIAPASON_HISTORY`, or `history.sqlite` beside the
    /// run folders, where not said.
    #[arg(long, value_name = "FILE|URL")]
    pub(in crate::cli) history: Option<String>,
    /// Exit as `git bisect run` understands it: 0 good, 1 bad, 125 could not be tested.
    #[arg(long)]
    pub(in crate::cli) bisect: bool,
    /// The CI server to tell: a Check run, a comment and a step summary of GitHub, files for the widgets of GitLab; the run is
    /// tagged with its commit, branch and pull request.
    #[arg(long, default_value = "auto", value_name = "SERVER")]
    pub(in crate::cli) ci: CiServer,
    /// Export the figures every second while the load is applied: `listen=127.0.0.1:9464`,
    /// `pushgateway=URL`, `prometheus-remote-write=URL`, `otlp=URL`.
    #[arg(long, value_name = "KIND=PLACE")]
    pub(in crate::cli) metrics: Vec<Target>,
    /// Form of the progress on standard error.
    #[arg(long, default_value = "auto", value_name = "FORM")]
    pub(in crate::cli) progress: ProgressForm,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct BaselineArguments {
    /// Compare the run with this baseline: a saved one by name, a run folder, or several separated by commas.
    #[arg(long, value_name = "NAME|PATH", value_delimiter = ',')]
    pub(in crate::cli) baseline: Vec<String>,
    /// Save the run as a baseline of that name, in `baselines/` of the folder that run folders are made in.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) save_baseline: Option<String>,
    /// Exit 1 where a gating objective regressed against the baseline, 3 where the run cannot be compared with it.
    #[arg(long, requires = "baseline")]
    pub(in crate::cli) fail_on_regression: bool,
    /// Compare with the baseline even if the two are not comparable.
    #[arg(long, requires = "baseline")]
    pub(in crate::cli) anyway: bool,
}
