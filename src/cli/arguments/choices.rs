//! Values that arguments can be given.

use clap::ValueEnum;

use crate::evidence::Accept;
use crate::reference::FileKind;

/// A kind of things that `list` can list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Kind {
    /// Scenario files.
    Scenarios,
    /// Journey files.
    Journeys,
    /// Stack files.
    Stacks,
    /// Indicators of objectives.
    Indicators,
    /// Formats of the report.
    Exporters,
    /// Ways to apply load.
    Executors,
    /// Probes beside the requests.
    Probes,
}

/// Form of a run's progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ProgressForm {
    /// A line that is drawn over on a terminal, `plain` elsewhere.
    Auto,
    /// A line every ten seconds.
    Plain,
    /// A JSON object every second (`diapason schema progress`).
    Json,
    /// None.
    None,
}

/// A schema that `schema` can print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum SchemaKind {
    /// Scenario files.
    Scenario,
    /// Journey files.
    Journey,
    /// Stack files.
    Stack,
    /// A line of `run --progress json`.
    Progress,
}

impl SchemaKind {
    /// The kind of file; `None` for what no file holds.
    pub(in crate::cli) fn file(self) -> Option<FileKind> {
        match self {
            Self::Scenario => Some(FileKind::Scenario),
            Self::Journey => Some(FileKind::Journey),
            Self::Stack => Some(FileKind::Stack),
            Self::Progress => None,
        }
    }
}

/// Form of exported objectives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ObjectivesFormat {
    /// `OpenSLO` v1.
    Openslo,
    /// Alerting rules of Prometheus, by the rate at which the error budget burns.
    PrometheusRules,
}

/// The CI server to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum CiServer {
    /// The one whose variables are set.
    Auto,
    /// GitHub Actions.
    Github,
    /// GitLab CI.
    Gitlab,
    /// None.
    None,
}

/// Form of the findings of `doctor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum DoctorFormat {
    /// One line each.
    Text,
    /// An array of objects.
    Json,
}

/// Column of the objectives that gates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Column {
    /// The target must be met.
    Target,
    /// The acceptable limit suffices.
    Acceptable,
}

impl From<Column> for Accept {
    fn from(column: Column) -> Self {
        match column {
            Column::Target => Self::Target,
            Column::Acceptable => Self::Acceptable,
        }
    }
}
