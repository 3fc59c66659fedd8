//! What every error of this crate can do beyond saying what happened: suggest the next move.

/// An error that may know what the user can do about it.
///
/// Each room has one error enum (`thiserror`) and implements this for it; the room above delegates for what it wraps.
/// Only `cli` prints: `error:` with the cause chain, then one `hint:`.
pub trait Hint: std::error::Error {
    /// One sentence with the next move, or `None` where there is nothing useful to say.
    fn hint(&self) -> Option<String> {
        None
    }
}
