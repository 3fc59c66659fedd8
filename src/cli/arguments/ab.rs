//! Arguments of `diapason ab`.

use std::path::PathBuf;

use clap::Args;

use super::pair::pair;
use crate::units::Span;
use crate::words::Language;

#[derive(Debug, Args)]
pub(in crate::cli) struct AbArguments {
    /// The scenario whose phases are the load of every run.
    #[arg(value_name = "SCENARIO")]
    pub(in crate::cli) scenario: PathBuf,
    /// Version compared with: a setting such as `stack.image.api=shop/api:1.4`, or a git revision of the Compose files; the scenario
    /// as it is where not said.
    #[arg(long, value_name = "KEY=VALUE|REVISION")]
    pub(in crate::cli) a: Vec<String>,
    /// Version compared; as `--a`.
    #[arg(long, value_name = "KEY=VALUE|REVISION")]
    pub(in crate::cli) b: Vec<String>,
    /// Longest time under load, counted from when both stacks are up.
    #[arg(long, default_value = "10m", value_name = "TIME")]
    pub(in crate::cli) at_most_time: Span,
    /// Length of each judged phase; the scenario's own where not said. More short runs tell more than a few long ones.
    #[arg(long, value_name = "TIME")]
    pub(in crate::cli) run_length: Option<Span>,
    /// The folder that the comparison's folder is made in.
    #[arg(short, long, default_value = "reports", value_name = "DIR")]
    pub(in crate::cli) out: PathBuf,
    /// Languages of the page, over the scenario's `lang`: `en`, `fr`, or `fr,en` for one file each.
    #[arg(long, value_name = "LANG", value_delimiter = ',')]
    pub(in crate::cli) lang: Vec<Language>,
    /// Hold both stacks to that machine, a `[profile.NAME]` of the stack file.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) profile: Option<String>,
    /// Override any value of the scenario for both sides: `phase.warm-up.duration=3s`.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = pair)]
    pub(in crate::cli) overrides: Vec<(String, String)>,
    /// Seed of every random choice of the first pair.
    #[arg(long, value_name = "N")]
    pub(in crate::cli) seed: Option<u64>,
    /// A label to find the comparison by.
    #[arg(long = "tag", value_name = "K=V", value_parser = pair)]
    pub(in crate::cli) tags: Vec<(String, String)>,
}
