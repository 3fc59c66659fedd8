//! Lines of talk while something takes long.

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Says lines while something takes long; nobody has to listen. Clones say theirs to the same listener.
#[derive(Debug, Clone)]
pub struct Talk(UnboundedSender<String>);

impl Talk {
    /// One who says lines, and where they arrive until every clone is gone.
    pub fn channel() -> (Self, UnboundedReceiver<String>) {
        let (sender, lines) = unbounded_channel();
        (Self(sender), lines)
    }

    /// Says a line; it is lost where nobody listens.
    pub fn say(&self, line: impl Into<String>) {
        let _ = self.0.send(line.into());
    }
}
