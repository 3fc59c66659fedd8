//! Description of a compiled step.

use super::Pause;
use crate::record::SeriesId;

/// One compiled step, as `check` shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct StepOutline {
    /// Its series.
    pub series: SeriesId,
    /// HTTP method.
    pub method: String,
    /// Path and query as they are written.
    pub path: String,
    /// Key of its body: `json`, `form`; `None` if it has none.
    pub body: Option<&'static str>,
    /// Think time before it.
    pub think: Option<Pause>,
    /// Most redirects that it follows.
    pub redirects: u8,
    /// The acceptable statuses.
    pub status: String,
    /// Its checks as they are written.
    pub checks: Vec<String>,
    /// Names of the values that it extracts.
    pub extracted: Vec<String>,
    /// Method and path of the request that removes what it creates, as they are written; `None` if nothing is removed.
    pub removal: Option<String>,
    /// True if its failure skips the rest of the iteration.
    pub stops: bool,
}
