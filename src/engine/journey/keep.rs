//! Part of an answer's body that is kept.

use super::event_stream::EventLimit;

/// Part of an answer's body that is kept; it is counted in any case.
#[derive(Debug, Clone, Copy)]
pub(super) enum Keep<'a> {
    Nothing,
    Body,
    /// Data of server-sent events; the answer ends with the last of them.
    Events(&'a EventLimit),
}
