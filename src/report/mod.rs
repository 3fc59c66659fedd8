//! From a judged run to files: the final document, and one exporter per format.
//!
//! The [`Document`] is made once; every rendering, the terminal's table included, reads nothing else.

mod capacity;
pub(crate) mod chart;
mod document;
mod error;
mod export;
mod percentile;
#[cfg(test)]
pub(crate) mod sample;
pub mod summary;
#[cfg(test)]
mod tests;
mod words;

#[cfg(test)]
pub(crate) use capacity::fixture as capacity_sample;

pub use capacity::{
    Breach, CAPACITY_FORMATS, CapacityDocument, CapacityFolder, Case, Caveat, ClosedRun, ExpectedAnswer, ExpectedLoad,
    FindingMeasurement, ObjectiveFinding, Step, StepFigures, StepReason, StopCause, Usage, UserCapacity, UslFit,
    capacity_renderings, capacity_terminal,
};
pub use document::{
    Attribution, BaselineComparison, CalibrationRow, CallRow, ChangeSinceLast, ComparedObjective, Database, Document,
    EarlierRun, EarlierRuns, EventEffect, ExitMeaning, FailedRow, Fidelity, HeatColumn, Identity, IdentitySum, KindRow,
    LatencyPoint, LevelChange, LoadConditions, LoadPoint, ObjectiveHistory, PageLoadComparison, PageRow, Pages,
    Percentiles, Quantity, RequestRow, Seconds, SeriesLine, ShiftRow, SpectrumPoint, Spike, SuspectRow, Timeline,
    TimesRow, Trend,
};
pub use error::ReportError;
pub use export::{EXPORTERS, Exporter, Rendering, exporter, render_into, standard};
pub(crate) use export::{
    badge, change_badge, change_class, class, examination_page, head, kit, localized, other_languages,
    other_languages_of, skip_link, sparkline,
};
#[cfg(test)]
pub(crate) use export::{checklist_checks, examination_sample, named_checks};
pub(crate) use words::baseline::conclusion;
pub(crate) use words::run::{day, moment};
