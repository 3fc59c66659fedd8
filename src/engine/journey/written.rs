//! A journey that no file of the folder holds.

/// A journey beside those of a folder: one that a replay makes of its record, for one kind of request.
///
/// Values that one of them extracts are known to all others: a user keeps them for as long as it walks one session of the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenJourney {
    /// Its name.
    pub name: String,
    /// Its text, as that of `NAME.toml` in the folder.
    pub text: String,
    /// The journey of the folder that its series are called after, because its step is one of that journey; `None` for its own name.
    pub series: Option<String>,
}
