//! A cookie that one client hands over to another.

use std::fmt;
use std::time::Duration;

/// A cookie as its server set it, with the host that set it.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptCookie {
    /// Its name; empty if it has none.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Host that set it, without a port.
    pub host: String,
    /// Domain whose hosts get it; `None` if only `host` does.
    pub domain: Option<String>,
    /// Path below which it is sent.
    pub path: String,
    /// Rest of its life; `None` if it lives as long as the session.
    pub left: Option<Duration>,
    /// True if it is sent over secure connections alone.
    pub secure: bool,
    /// True if scripts do not see it.
    pub http_only: bool,
}

impl fmt::Debug for KeptCookie {
    /// Prints the name only, because the value is a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KeptCookie").field(&self.name).finish()
    }
}
