//! Hints: the next action that an error suggests.

/// An error that may suggest to the user what to do about it.
///
/// Each room has one error enum (`thiserror`) and implements this for it; the room above delegates for the errors it wraps.
/// Only `cli` prints: `error:` with the cause chain, then one `hint:`.
pub trait Hint: std::error::Error {
    /// One sentence with the next action; `None` if there is none to suggest.
    fn hint(&self) -> Option<String> {
        None
    }
}

/// The error and its causes, outermost first.
pub fn chain<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

/// The error and its causes in one line, outermost first: `failed to read a.toml: permission denied`.
pub fn one_line(error: &(dyn std::error::Error + 'static)) -> String {
    let causes: Vec<String> = chain(error).map(ToString::to_string).collect();
    causes.join(": ")
}

/// Hint for a full disk or an exceeded quota, found anywhere in the chain of causes.
pub fn full_disk(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    let mut kinds = chain(error).filter_map(|cause| cause.downcast_ref().map(std::io::Error::kind));
    kinds.find_map(|kind| match kind {
        std::io::ErrorKind::StorageFull => {
            Some("the disk is full: free space there, or let the run write elsewhere by `--out` and TMPDIR".to_owned())
        }
        std::io::ErrorKind::QuotaExceeded => Some(
            "the quota of this user is used up: free space there, or let the run write elsewhere by `--out` and TMPDIR"
                .to_owned(),
        ),
        _ => None,
    })
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
