//! Progress messages of long operations.

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Sends progress messages, with or without a receiver. Clones send to the same receiver.
#[derive(Debug, Clone)]
pub struct ProgressSender(UnboundedSender<String>);

impl ProgressSender {
    /// A sender, and the receiver of its messages, which ends once every clone is dropped.
    pub fn channel() -> (Self, UnboundedReceiver<String>) {
        let (sender, lines) = unbounded_channel();
        (Self(sender), lines)
    }

    /// Sends a message; it is lost if there is no receiver.
    pub fn say(&self, line: impl Into<String>) {
        let _ = self.0.send(line.into());
    }
}
