//! Everything that an import yields: journeys, their files, a mix.

use super::account::Account;
use super::draft::Draft;

/// A file beside the journeys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Path below the folder with scenarios, journeys and stacks: `data/shop-users.csv`.
    pub path: String,
    /// Its content.
    pub content: Vec<u8>,
    /// True if only its owner may read it.
    pub secret: bool,
}

/// Arrivals of sessions, as far as the source tells them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Load {
    /// Sessions that begin per second.
    pub per_second: f64,
    /// Mean length of a session in seconds; 0 if it is not known.
    pub session_seconds: f64,
    /// True if they came as independent users do.
    pub poisson: bool,
    /// Description of the fit, for a comment.
    pub notes: Vec<String>,
}

/// The yield of an import.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ImportResult {
    /// Journeys; a session journey stands before those that need it.
    pub journeys: Vec<Draft>,
    /// Journeys of the mix with their weights; a scenario is written if there is more than one, or a load.
    pub mix: Vec<(String, f64)>,
    /// Arrivals; `None` if the source does not tell them.
    pub load: Option<Load>,
    /// Files beside the journeys.
    pub files: Vec<Attachment>,
    /// The account of the import.
    pub account: Account,
}
