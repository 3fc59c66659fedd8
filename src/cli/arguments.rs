//! The command line.

mod ab;
mod choices;
mod dossier;
mod history;
mod import;
mod pair;
mod replay;
mod run;

pub(super) use ab::AbArguments;
pub(super) use choices::{CiServer, Column, DoctorFormat, Kind, ObjectivesFormat, ProgressForm, SchemaKind};
pub(super) use dossier::{PackArguments, VerifyArguments};
pub(super) use history::{HistoryArguments, HistoryCommand, HistoryFilter, PruneArguments, Table};

pub(super) use import::{AccessLogArguments, ImportCommand, ImportOutArguments, LogArguments, Quoting};
pub(super) use replay::ReplayArguments;
pub(super) use run::{PlanArguments, RunArguments};

use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand};

use pair::pair;

use crate::stack::KEPT_PROJECTS;
use crate::units::{Rate, Span};
use crate::words::Language;

const EXIT_CODES: &str = "Exit codes:
  0    every gating objective met
  1    an objective missed, or a regression where asked to fail on one
  2    could not do it: usage, bad scenario, stack did not start, report not written
  3    it ran, but the measurement cannot carry a verdict: inconclusive, invalid, or nothing gates
  125  with --bisect: this version could not be tested
  130  interrupted: partial evidence saved, stack torn down";

const COMPARE_EXIT_CODES: &str = "Exit codes:
  0    no gating objective regressed
  1    one regressed
  2    could not compare: unknown runs, not comparable, not written
  125  with --bisect: could not compare, or undecided";

const AB_EXIT_CODES: &str = "Exit codes:
  0    B is not worse in any gating objective
  1    B is worse in one
  2    could not do it: usage, bad scenario, a stack did not start, report not written
  3    undecided when the time was over, or the runs of a side were invalid
  130  interrupted: what was measured is saved, both stacks torn down";

const TRY_EXIT_CODES: &str = "Exit codes:
  0    every step succeeded
  1    a step failed: a status, a check, an extraction, a connection
  2    could not do it: usage, bad journey, stack did not start
  130  interrupted";

/// May this release go out? Brings up a production stack, drives it, measures every tier, judges it.
#[derive(Debug, Parser)]
#[command(name = "diapason", version, after_help = EXIT_CODES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
    /// Print only the final summary.
    #[arg(short, long, global = true)]
    pub(super) quiet: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Bring the stack up, apply load, judge, write a run folder (the gate).
    Run(Box<RunArguments>),
    /// Replay an access log as the load of a scenario, judge, write a run folder.
    Replay(Box<ReplayArguments>),
    /// Search for the highest load at which the objectives hold, and say what limits it.
    Capacity(CapacityArguments),
    /// Compare two versions of a stack in turns on this machine, until it is decided.
    #[command(after_help = AB_EXIT_CODES)]
    Ab(Box<AbArguments>),
    /// Walk one journey once and print every request, answer, check and extracted value.
    #[command(after_help = TRY_EXIT_CODES)]
    Try(TryArguments),
    /// Validate a scenario; show the plan and the evidence it will yield; with `--live`, examine the stack.
    Check(CheckArguments),
    /// Write a stack file, a scenario and a first journey for your own Compose stack.
    Init(InitArguments),
    /// Write journeys from recordings, access logs, API descriptions, collections and command lines.
    #[command(subcommand)]
    Import(ImportCommand),
    /// Judge and render finished runs again; render searches for capacity again.
    Report(ReportArguments),
    /// Pack a run into one archive with the SHA-256 of every file and the answer that judging them gave.
    Pack(PackArguments),
    /// Check every file of such an archive, judge it again and compare the answers; exit 1 where anything differs.
    Verify(VerifyArguments),
    /// Publish finished runs on GitHub, from a workflow that may write: a Check run and a comment each.
    Publish {
        /// Folders that `run` wrote.
        #[arg(required = true, value_name = "RUN")]
        runs: Vec<PathBuf>,
    },
    /// Compare two runs, or two groups of runs.
    #[command(after_help = COMPARE_EXIT_CODES)]
    Compare(CompareArguments),
    /// List runs and trends.
    History(HistoryArguments),
    /// Objectives as `OpenSLO` v1, to and from YAML.
    #[command(subcommand)]
    Objectives(ObjectivesCommand),
    /// The stack alone.
    #[command(subcommand)]
    Stack(StackCommand),
    /// Install and start what a run needs: the engine with Compose, the reference stack's base images, the browser.
    Setup {
        /// Only these parts.
        #[arg(value_name = "PART", value_parser = super::setup::PARTS)]
        parts: Vec<String>,
    },
    /// Look at what this machine has of what a run needs; exit 2 where a run cannot work.
    Doctor {
        /// The form of the findings.
        #[arg(long, default_value = "text")]
        format: DoctorFormat,
    },
    /// List what there is to choose from.
    List {
        /// Kind of things to list.
        kind: Kind,
        /// The folder with scenarios, journeys and stacks.
        #[arg(long, default_value = "scenarios", value_name = "DIR")]
        scenarios: PathBuf,
    },
    /// Print the JSON Schema of a kind of file, or of a line of progress; with `--markdown`, its reference.
    Schema {
        /// The kind of file.
        kind: SchemaKind,
        /// Print every key with type, default and meaning, in Markdown.
        #[arg(long)]
        markdown: bool,
    },
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page; with `--out`, write one for each command.
    Man {
        /// The folder that the pages are written to: `diapason.1`, `diapason-run.1` and so on.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum ObjectivesCommand {
    /// Write a scenario's objectives as `OpenSLO` objects, or as alerting rules of Prometheus.
    Export {
        /// The scenario file.
        #[arg(value_name = "SCENARIO")]
        scenario: PathBuf,
        /// The form of the objectives.
        #[arg(long, default_value = "openslo")]
        format: ObjectivesFormat,
        /// For alerting rules: the histogram of request durations in seconds; that of OpenTelemetry's conventions where not said.
        #[arg(long, value_name = "METRIC")]
        metric: Option<String>,
        /// The service they are about; the scenario's name where not said.
        #[arg(long, value_name = "NAME")]
        service: Option<String>,
        /// A rolling time window for tools that need one, such as `28d`.
        #[arg(long, value_name = "DURATION")]
        window: Option<String>,
    },
    /// Write `OpenSLO` objects as objectives of a scenario file.
    Import {
        /// A YAML file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(super) struct CompareArguments {
    /// Base to compare with: a run folder, a saved baseline's name, or several separated by commas.
    #[arg(value_name = "BASE", required_unless_present = "base_runs")]
    pub(super) base: Option<String>,
    /// Run to compare: a run folder, a saved baseline's name, or several separated by commas.
    #[arg(value_name = "NEW", required_unless_present = "base_runs")]
    pub(super) new: Option<String>,
    /// The runs to compare with, as a shell expands them: `--base runs/a* --new runs/b*`.
    #[arg(long = "base", value_name = "RUN", num_args = 1.., requires = "new_runs", conflicts_with = "base")]
    pub(super) base_runs: Vec<String>,
    /// The runs to compare.
    #[arg(long = "new", value_name = "RUN", num_args = 1.., requires = "base_runs")]
    pub(super) new_runs: Vec<String>,
    /// Compare even if the runs are not comparable, and say why they are not.
    #[arg(long)]
    pub(super) anyway: bool,
    /// Write the comparison as html, json or markdown; `-` is standard output.
    #[arg(long, value_name = "FORMAT[=PATH]")]
    pub(super) export: Vec<String>,
    /// Languages of the html: `en`, `fr`, or `fr,en` for one file each.
    #[arg(long, value_name = "LANG", value_delimiter = ',', default_value = "en")]
    pub(super) lang: Vec<Language>,
    /// The folder that holds `baselines/`.
    #[arg(short, long, default_value = "reports", value_name = "DIR")]
    pub(super) out: PathBuf,
    /// Exit as `git bisect run` understands it: 0 good, 1 bad, 125 could not be tested.
    #[arg(long)]
    pub(super) bisect: bool,
}

#[derive(Debug, Args)]
pub(super) struct CapacityArguments {
    /// The scenario whose phases are the search's steps.
    #[arg(default_value = "scenarios/capacity.toml", value_name = "SCENARIO")]
    pub(super) scenario: PathBuf,
    /// Go on with the search in that folder; its scenario and settings are taken from there.
    #[arg(long, value_name = "RUN", conflicts_with_all = ["scenario", "expect", "sweep", "max_rate"])]
    pub(super) resume: Option<PathBuf>,
    /// The highest rate to try, over the scenario's.
    #[arg(long, value_name = "RATE")]
    pub(super) max_rate: Option<Rate>,
    /// Longest time of the search, over the scenario's; the values of a sweep share it.
    #[arg(long, value_name = "TIME")]
    pub(super) at_most_time: Option<Span>,
    /// A load that must hold: exit 1 where it does not. `300 users` or `85/s`.
    #[arg(long, value_name = "LOAD")]
    pub(super) expect: Option<String>,
    /// Search once for each value of a key: `stack.limits.api.cpus=1,2,4`, `stack.replicas.api=1,2,3`.
    #[arg(long, value_name = "KEY=VALUE,…")]
    pub(super) sweep: Option<String>,
    #[command(flatten)]
    pub(super) plan: PlanArguments,
    /// Leave the stack up where it does not come up or a step cannot be made, and say how to look in and how to take it down.
    #[arg(long)]
    pub(super) keep_failed: bool,
    /// The folder that searches' folders are made in.
    #[arg(short, long, default_value = "reports", value_name = "DIR")]
    pub(super) out: PathBuf,
    /// Languages of the search's page, over the scenario's `lang`: `en`, `fr`, or `fr,en` for one file each.
    #[arg(long, value_name = "LANG", value_delimiter = ',')]
    pub(super) lang: Vec<Language>,
    /// Column of the objectives that must hold; the target, or that of the search which is resumed, where not said.
    #[arg(long)]
    pub(super) accept: Option<Column>,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("system").required(true).multiple(true).args(["target", "scenario"]))]
pub(super) struct TryArguments {
    /// Name of a journey in the scenario's `journeys` folder, or a path to its file.
    #[arg(value_name = "JOURNEY")]
    pub(super) journey: String,
    /// Walk it on the stack of that scenario, which is brought up, with its settings.
    #[arg(long, value_name = "FILE")]
    pub(super) scenario: Option<PathBuf>,
    /// Walk it on that copy of the scenario's stack, which `stack up` or `--keep-stack` left running, and leave it so.
    #[arg(long, value_name = "NAMESPACE", requires = "scenario", conflicts_with_all = ["target", "keep_stack"])]
    pub(super) stack: Option<String>,
    /// Walk it on the system that answers there; on another host only with `--i-own` or `allowed-hosts`.
    #[arg(long, value_name = "URL")]
    pub(super) target: Option<String>,
    /// A host that is yours to load, even if what answers there looks like production.
    #[arg(long = "i-own", value_name = "HOST")]
    pub(super) own_hosts: Vec<String>,
    /// Number of users, who walk one after another.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(super) users: u32,
    /// Iterations of each user; it logs in once.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(super) iterations: u32,
    /// Write an HTTP Archive (HAR 1.2) of the requests; `-` is standard output, in place of the transcript.
    #[arg(long, value_name = "FILE")]
    pub(super) har: Option<PathBuf>,
    /// Override any value of the scenario: `stack.env.LOG_LEVEL=debug`.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = pair)]
    pub(super) overrides: Vec<(String, String)>,
    /// Seed of every random choice.
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// Leave the stack running; `diapason stack down` removes it.
    #[arg(long)]
    pub(super) keep_stack: bool,
    /// The folder with scenarios, journeys and stacks, where no scenario is named.
    #[arg(long, default_value = "scenarios", value_name = "DIR")]
    pub(super) scenarios: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// The scenario file.
    #[arg(default_value = "scenarios/gate.toml", value_name = "SCENARIO")]
    pub(super) scenario: PathBuf,
    /// Bring the stack up (or attach with `--target`) and examine it without load: health, limits, production readiness.
    #[arg(long)]
    pub(super) live: bool,
    /// Print the lines of the stack file that answer everything in the Compose files that an isolated stack refuses.
    #[arg(long, conflicts_with = "live")]
    pub(super) fix: bool,
    /// With `--live`: write the findings as html, json or junit; `-` is standard output, in place of the list.
    #[arg(long, value_name = "FORMAT[=PATH]", requires = "live")]
    pub(super) export: Vec<String>,
    /// Languages of the html: `en`, `fr`, or `fr,en` for one file each.
    #[arg(long, value_name = "LANG", value_delimiter = ',', default_value = "en")]
    pub(super) lang: Vec<Language>,
    #[command(flatten)]
    pub(super) plan: PlanArguments,
}

#[derive(Debug, Args)]
pub(super) struct InitArguments {
    /// Compose files, later ones over earlier ones.
    #[arg(long, required_unless_present = "example", value_name = "FILE")]
    pub(super) compose: Vec<PathBuf>,
    /// Write the reference stack and all scenarios that come with the program instead; names the one to run first, such as `gate`.
    #[arg(long, value_name = "SCENARIO", conflicts_with_all = ["compose", "env_files", "name"])]
    pub(super) example: Option<String>,
    /// Files with environment for Compose; their values are not copied.
    #[arg(long = "env-file", value_name = "FILE")]
    pub(super) env_files: Vec<PathBuf>,
    /// Name of everything written; the Compose project's where not said.
    #[arg(long, value_name = "NAME")]
    pub(super) name: Option<String>,
    /// The folder with scenarios, journeys and stacks; `scenarios` by default. With `--example` the folder for a folder `scenarios`
    /// and one `stack`; this one by default.
    #[arg(short, long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Replace files that are there already.
    #[arg(long)]
    pub(super) force: bool,
}

#[derive(Debug, Args)]
pub(super) struct ReportArguments {
    /// Folders that `run` or `capacity` wrote.
    #[arg(default_value = "reports/latest", value_name = "RUN")]
    pub(super) runs: Vec<PathBuf>,
    /// Write one more rendering; `-` is standard output. A search for capacity has no `junit`.
    #[arg(long, value_name = "FORMAT[=PATH]")]
    pub(super) export: Vec<String>,
    /// Languages of the page of a run, over those it was made with: `en`, `fr`, or `fr,en` for one file each.
    #[arg(long, value_name = "LANG", value_delimiter = ',')]
    pub(super) lang: Vec<Language>,
    /// Place the runs anew among the earlier runs of that history (a file or a `postgres://` URL), not as they were when they
    /// were judged.
    #[arg(long, value_name = "FILE|URL")]
    pub(super) history: Option<String>,
    /// Add the findings of `check --live --export json=FILE` to the run: its report shows them with the checklists.
    #[arg(long, value_name = "FILE")]
    pub(super) examination: Option<PathBuf>,
    /// Column of the objectives that gates; `target` by default. The result of a search for capacity is not judged again.
    #[arg(long)]
    pub(super) accept: Option<Column>,
}

#[derive(Debug, Subcommand)]
pub(super) enum StackCommand {
    /// Bring a stack up in a namespace of its own and leave it running.
    Up {
        /// Name of a stack file in `scenarios/stacks/`, or a path to one.
        #[arg(default_value = "reference")]
        stack: String,
        /// Environment for Compose, over the stack file's own.
        #[arg(long = "env", value_name = "KEY=VALUE", value_parser = pair)]
        environment: Vec<(String, String)>,
        /// If it does not come up, leave what is up as it is and say how to look into it.
        #[arg(long)]
        keep_failed: bool,
        /// The folder with scenarios, journeys and stacks.
        #[arg(long, default_value = "scenarios", value_name = "DIR")]
        scenarios: PathBuf,
    },
    /// Remove what `stack up`, `run --keep-stack` or `--keep-failed` left running.
    Down {
        /// Its namespace, as `stack ps` shows it.
        #[arg(required_unless_present = "all")]
        namespace: Option<String>,
        /// Every stack that no running process owns: what was kept, and what killed runs left; then as `stack prune`.
        #[arg(long, conflicts_with = "namespace")]
        all: bool,
    },
    /// List the stacks of ours that are there, the images built for them, and folders that killed runs left.
    Ps,
    /// Remove images built for stacks, except those of the projects built last, and folders that killed runs left.
    Prune {
        /// Number of projects that keep their images.
        #[arg(long, value_name = "N", default_value_t = KEPT_PROJECTS)]
        keep: usize,
    },
}

#[cfg(test)]
impl Arguments {
    /// Those of a command line whose words hold no blanks.
    pub(super) fn parse_line(line: &str) -> Result<Self, clap::Error> {
        Self::try_parse_from(std::iter::once("diapason").chain(line.split_whitespace()))
    }
}

#[cfg(test)]
mod tests;
