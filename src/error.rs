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

/// What to do about a disk that is full, wherever in the chain of causes that is said.
pub fn full_disk(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let kind = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        match kind {
            Some(std::io::ErrorKind::StorageFull) => {
                return Some(
                    "the disk is full: free space there, or let the run write elsewhere by `--out` and TMPDIR"
                        .to_owned(),
                );
            }
            Some(std::io::ErrorKind::QuotaExceeded) => {
                return Some("the quota of this user is used up: free space there, or let the run write elsewhere by `--out` and TMPDIR".to_owned());
            }
            _ => cause = error.source(),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("failed to write report.json")]
    struct Outer(#[source] io::Error);

    #[test]
    fn a_full_disk_is_told_from_however_deep_it_lies() {
        let advice = |number| full_disk(&Outer(io::Error::from_raw_os_error(number)));
        // ENOSPC, EDQUOT, EACCES.
        assert!(advice(28).unwrap().contains("disk is full"));
        assert!(advice(122).unwrap().contains("quota"));
        assert_eq!(advice(13), None);
    }
}
