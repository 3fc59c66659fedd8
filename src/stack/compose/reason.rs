//! Why a part of a Compose file is refused.

/// What it is, and what to do about it.
pub(super) type Reason = (String, &'static str);

pub(super) const UNPRIVILEGED: &str =
    "an isolated stack must not reach the host: take it out in an override file listed in `[compose] files`";
pub(super) const OWN: &str =
    "an isolated stack makes its own: declare it without `external` in an override file listed in `[compose] files`";
