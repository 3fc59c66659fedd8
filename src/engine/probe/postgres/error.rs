//! Errors of the probe on a server that does not answer as it must.

use crate::evidence::ProbeKind;
use crate::probe::ProbeError;

const NAME: ProbeKind = ProbeKind::Postgres;

/// Error of a statement of the probe's own.
pub(super) fn query_failed(error: tokio_postgres::Error) -> ProbeError {
    ProbeError::failed(NAME, "ask the server", error)
}

/// Error of a feature that the probe needs and the server lacks.
pub(super) fn unavailable(reason: &str, hint: &str) -> ProbeError {
    ProbeError::Unavailable {
        probe: NAME,
        reason: reason.to_owned(),
        hint: hint.to_owned(),
    }
}
