//! Errors of comparisons.

use std::path::PathBuf;

use crate::error::Hint;
use crate::record::HlogError;
use crate::report::ReportError;
use crate::runs::RunsError;
use crate::scenario::ScenarioError;
use crate::slo::ObjectiveError;

/// A comparison that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// A run could not be read, or a rendering could not be written.
    #[error(transparent)]
    Runs(#[from] RunsError),
    /// A rendering failed.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// A run's interval log could not be read.
    #[error(transparent)]
    Record(HlogError),
    /// There is neither a run folder nor a baseline of that name.
    #[error("neither a run folder nor a saved baseline: {name}")]
    Unknown {
        /// Name that was asked for.
        name: String,
        /// Existing baselines.
        known: Vec<String>,
    },
    /// A baseline could not be read or written.
    #[error("failed to {action} the baseline {}", path.display())]
    File {
        /// `read`, `write`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A baseline with invalid content, or in the format of a later version.
    #[error("failed to read a baseline")]
    Baseline(#[source] RunsError),
    /// A name that a baseline cannot have.
    #[error("`{0}` cannot be the name of a baseline: use letters, digits, `.`, `-` and `_`")]
    Name(String),
    /// A run that later runs should not be compared with.
    #[error("this run is no baseline: {reasons}")]
    Unfit {
        /// The reasons.
        reasons: String,
    },
    /// The runs differ in facts that must agree.
    #[error("these runs cannot be compared:\n{}", list(.0))]
    NotComparable(Vec<String>),
    /// A side without a run.
    #[error("there is no run to compare on the side {0}")]
    Empty(&'static str),
    /// Both sides have no measure in common.
    #[error("these runs have no measure in common")]
    NothingInCommon,
    /// A gating objective is relative to a baseline, and no baseline is named.
    #[error("the objective `{objective}` is relative to a baseline, and no baseline is named")]
    NoBaseline {
        /// The objective.
        objective: String,
    },
    /// A baseline lacks the measure that an objective is relative to.
    #[error(
        "the objective `{objective}` is relative to a baseline, and the run {run} has no such objective with the statistic {statistic}"
    )]
    NoMeasure {
        /// The objective.
        objective: String,
        /// Its statistic.
        statistic: String,
        /// The baseline's run.
        run: String,
    },
    /// A limit cannot be computed from the baseline's value.
    #[error("objective `{objective}`")]
    Limit {
        /// The objective.
        objective: String,
        /// The cause.
        #[source]
        source: Box<ObjectiveError>,
    },
    /// The plan does not accept the limits from its baseline.
    #[error(transparent)]
    Scenario(Box<ScenarioError>),
    /// The comparison could not be written as JSON.
    #[error("failed to write the comparison as JSON")]
    Json(#[source] serde_json::Error),
}

fn list(reasons: &[String]) -> String {
    let lines: Vec<String> = reasons.iter().map(|reason| format!("  {reason}")).collect();
    lines.join("\n")
}

impl Hint for CompareError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Runs(source) => source.hint(),
            Self::Report(source) => source.hint(),
            Self::Record(source) => source.hint(),
            Self::Unknown { known, .. } if known.is_empty() => {
                Some("`diapason run … --save-baseline NAME` saves one; run folders are in `reports/`".to_owned())
            }
            Self::Unknown { known, .. } => Some(format!("the baselines there are: {}", known.join(", "))),
            Self::Baseline(_) => Some("save it again: `diapason run … --save-baseline NAME`".to_owned()),
            Self::Unfit { .. } => Some("a baseline must be a valid run that was not interrupted".to_owned()),
            Self::NotComparable(_) => Some(
                "run both on the same machine with the same scenario, or compare nevertheless with `--anyway`"
                    .to_owned(),
            ),
            Self::NothingInCommon => Some("do they share an objective or a series?".to_owned()),
            Self::NoBaseline { .. } => Some(
                "run once with `--save-baseline NAME` on what is known to be good, and from then on with `--baseline NAME`; \
                 or set `gate = false` on the objective"
                    .to_owned(),
            ),
            Self::NoMeasure { .. } => Some(
                "save the baseline again with this scenario: `diapason run … --save-baseline NAME`".to_owned(),
            ),
            Self::Limit { source, .. } => source.hint(),
            Self::Scenario(source) => source.hint(),
            Self::File { .. } | Self::Name(_) | Self::Empty(_) | Self::Json(_) => None,
        }
    }
}
