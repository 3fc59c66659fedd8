//! t
/// t
#[derive(Debug, thiserror::Error)]
#[error("x")]
pub struct HlogError {}
/// t
pub fn read_hlog() {}
