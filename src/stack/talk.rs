//! Lines of talk while something takes long.

use tokio::sync::mpsc::UnboundedSender;

/// A line of talk while something takes long.
pub type Talk = UnboundedSender<String>;
