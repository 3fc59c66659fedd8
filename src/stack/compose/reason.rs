//! Reasons for refusing a part of a Compose file.

/// The feature refused, and the advice.
pub(super) type Reason = (String, &'static str);

pub(super) const UNPRIVILEGED: &str =
    "an isolated stack must not reach the host: take it out in an override file listed in `[compose] files`";
pub(super) const OWN: &str =
    "an isolated stack makes its own: declare it without `external` in an override file listed in `[compose] files`";
