//! The certificates that a stack issues for its own front door.

use std::path::PathBuf;

use super::containers::find;
use super::engine::Engine;
use super::namespace::Namespace;
use crate::stack::{ContainerEndpoint, StackError, StackFile};

/// File of the scratch folder with the certificates of the front door.
pub(super) const CERTIFICATE: &str = "certificate.pem";

/// Copies to the host the certificates from that path in the container of the entry, the first of those services, or of another one
/// in the same network: the proxy may live in the network of the service that publishes its port.
pub(super) async fn copy(
    file: &StackFile,
    services: &[&str],
    inside: &str,
    engine: &Engine,
    containers: &[ContainerEndpoint],
    namespace: &Namespace,
) -> Result<PathBuf, StackError> {
    let mut problems = Vec::new();
    for service in services {
        let Some(container) = find(containers, service) else {
            continue;
        };
        let read = engine.output(&container.id, &["cat", inside]).await;
        // Read inside the container: the proxy may have made the certificate itself at its start.
        match read {
            Ok(read) if read.exit_code == 0 => return namespace.write(CERTIFICATE, &read.output),
            Ok(read) => problems.push(format!("service `{service}`: {}", read.errors.trim())),
            // An image without `cat`, such as that of a tunnel.
            Err(error) => problems.push(format!("service `{service}`: {error}")),
        }
    }
    if problems.is_empty() {
        problems.push(format!("there is no service `{}`", services.join("`, `")));
    }
    Err(StackError::Contradiction {
        stack: file.name.clone(),
        problem: format!("[entry] certificate {inside}: {}", problems.join("; ")),
    })
}
