//! Errors of metrics.

use std::net::SocketAddr;

use crate::error::Hint;
use crate::wire::WireError;

/// Metrics that cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// The address cannot be listened on.
    #[error("failed to listen on {address} for metrics")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The cause.
        source: std::io::Error,
    },
    /// The host that metrics go to is not found.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// A URL that is none.
    #[error("not a URL that metrics can be sent to: {0}")]
    Url(String),
}

impl Hint for MetricsError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Listen { .. } => Some("choose a free port, such as `--metrics listen=127.0.0.1:9464`".to_owned()),
            Self::Wire(source) => source.hint(),
            Self::Url(_) => Some("write it with its scheme: `--metrics pushgateway=http://127.0.0.1:9091`".to_owned()),
        }
    }
}
