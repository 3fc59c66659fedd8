//! What the probe says when the server does not answer as it must.

use crate::evidence::ProbeKind;
use crate::probe::ProbeError;

const NAME: ProbeKind = ProbeKind::Postgres;

/// A statement of the probe's own that failed.
pub(super) fn query_failed(error: tokio_postgres::Error) -> ProbeError {
    ProbeError::failed(NAME, "ask the server", error)
}

/// Something that the probe needs and the server does not offer.
pub(super) fn unavailable(reason: &str, hint: &str) -> ProbeError {
    ProbeError::Unavailable {
        probe: NAME,
        reason: reason.to_owned(),
        hint: hint.to_owned(),
    }
}
