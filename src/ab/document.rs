//! Result of a comparison in turns.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Reading, SideName};
use crate::runs::Environment;
use crate::slo::{ExclusionReason, Unit};
use crate::units::Span;
use crate::words::Language;

/// The single source of every rendering, saved as `ab.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AbDocument {
    /// Version of this format.
    pub format: u32,
    /// Name of the folder.
    pub id: String,
    /// Start of the comparison.
    pub started: Timestamp,
    /// Name of the scenario.
    pub scenario: String,
    /// Its description.
    pub description: String,
    /// The scenario file.
    pub path: PathBuf,
    /// Its text, secrets masked.
    pub text: String,
    /// `--set`, of both sides.
    pub overrides: Vec<(String, String)>,
    /// `--tag` labels.
    pub tags: Vec<(String, String)>,
    /// The sides: A, B.
    pub sides: [SideVersion; 2],
    /// Seed of the first pair.
    pub seed: u64,
    /// Judged seconds of each run.
    pub run_seconds: f64,
    /// Longest time under load.
    pub at_most_time: Span,
    /// Risk of each interval to leave the mean difference out at any look, both ends together.
    pub alpha: f64,
    /// Names of the objectives that decide the exit code.
    pub deciding: Vec<String>,
    /// The objectives that a run had a value of.
    pub measures: Vec<ComparedMeasure>,
    /// The pairs that count, in their order.
    pub pairs: Vec<Pair>,
    /// Runs that did not count: warm-ups excepted.
    pub discarded: Vec<Discarded>,
    /// Seconds since both stacks were up.
    pub seconds: f64,
    /// End of the comparison; `None` while it goes on.
    pub end: Option<AbEnd>,
    /// Languages of the page.
    pub languages: Vec<Language>,
    /// The machine.
    pub environment: Environment,
}

/// One side's version.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SideVersion {
    /// Settings of `--a` or `--b`, secrets masked.
    pub settings: Vec<(String, String)>,
    /// The git revision as given; `None` for the working tree.
    pub revision: Option<String>,
    /// The commit that it is.
    pub commit: Option<String>,
    /// Service, image and image id of each container.
    pub images: Vec<(String, String, String)>,
}

/// Two neighbouring runs, one on each side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// The side that ran first.
    pub first: SideName,
    /// The runs: A, B.
    pub runs: [TurnRun; 2],
}

/// One run of a pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TurnRun {
    /// Its folder, relative to that of the comparison.
    pub run: String,
    /// A reading of each of the document's measures, in their order.
    pub readings: Vec<Reading>,
}

/// A run that did not count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discarded {
    /// Its side.
    pub side: SideName,
    /// Its folder, relative to that of the comparison.
    pub run: String,
    /// The reasons.
    pub reasons: Vec<ExclusionReason>,
}

/// End of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AbEnd {
    /// The deciding objectives were decided.
    Decided,
    /// The time was over.
    TimeUp,
    /// The runs of one side could not be made valid; the last of [`AbDocument::discarded`] says why.
    Invalid(SideName),
    /// The user interrupted it.
    Interrupted,
}

/// Conclusion on one objective, from worst to best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// B is worse: the interval excludes zero, and the shift matters.
    Regressed,
    /// Neither this nor the others: more pairs would tell.
    Undecided,
    /// B is not worse by as much as would matter; it may be better.
    NotWorse,
    /// The whole interval lies within shifts that are too small to matter.
    Unchanged,
    /// B is better: the interval excludes zero, and the shift matters.
    Improved,
}

/// One objective on both sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparedMeasure {
    /// Name of the objective.
    pub name: String,
    /// Name of the indicator.
    pub indicator: String,
    /// `p95`, `share`.
    pub statistic: String,
    /// Unit of all values; a share is a fraction from 0 to 1.
    pub unit: Unit,
    /// True if more is better.
    pub floor: bool,
    /// True if it decides the exit code.
    pub gate: bool,
    /// Median of the runs of A; `None` if it falls among failures, or without a sample.
    pub a: Option<f64>,
    /// Median of the runs of B.
    pub b: Option<f64>,
    /// Mean of b − a over the pairs; `None` if a value falls among failures, or without a pair.
    pub shift: Option<f64>,
    /// Lower end of its interval; `None` while it is unbounded.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// The least shift that matters.
    pub matters: f64,
    /// Number of pairs with a value on both sides.
    pub pairs: usize,
    /// The conclusion.
    pub outcome: Outcome,
}

impl AbDocument {
    /// Version of the format, incremented when a field changes its meaning.
    pub const FORMAT: u32 = 1;

    /// The worst outcome of the deciding objectives; one without a value is undecided.
    pub fn outcome(&self) -> Outcome {
        let outcomes = self.outcomes();
        outcomes.into_iter().min().unwrap_or(Outcome::Undecided)
    }

    /// True if more pairs would not change the exit code: a regression is certain, or every deciding objective is decided.
    pub fn is_decided(&self) -> bool {
        self.outcome() != Outcome::Undecided
    }

    fn outcomes(&self) -> Vec<Outcome> {
        let of = |name: &String| {
            let mut measures = self.measures.iter();
            let measure = measures.find(|measure| measure.name == *name);
            measure.map_or(Outcome::Undecided, |measure| measure.outcome)
        };
        self.deciding.iter().map(of).collect()
    }

    /// The deciding objectives of which no run had a value.
    pub fn unmeasured(&self) -> Vec<&str> {
        let known = |name: &&String| self.measures.iter().any(|measure| measure.name == **name);
        let names = self.deciding.iter().filter(|name| !known(name));
        names.map(String::as_str).collect()
    }

    /// Languages of the page, each once, in the order of their tags; English if none is asked for.
    pub fn page_languages(&self) -> Vec<Language> {
        let mut languages = self.languages.clone();
        languages.sort_unstable();
        languages.dedup();
        if languages.is_empty() {
            languages.push(Language::English);
        }
        languages
    }
}
