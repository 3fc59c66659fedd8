//! Finds the container of a service, and its published port.

use super::engine::Engine;
use super::health;
use crate::stack::{ContainerEndpoint, StackError};

/// The container of a service.
pub(super) fn find<'a>(containers: &'a [ContainerEndpoint], service: &str) -> Option<&'a ContainerEndpoint> {
    containers.iter().find(|container| container.service == service)
}

pub(super) async fn host_port(
    engine: &Engine,
    containers: &[ContainerEndpoint],
    service: &str,
    port: u16,
) -> Result<u16, StackError> {
    let mut published = None;
    if let Some(container) = find(containers, service) {
        published = engine.host_port(&container.id, port).await?;
        if published.is_none() {
            // A container that has ended publishes no port; then its end is reported instead.
            health::check_alive(engine, container, &engine.state(&container.id).await?).await?;
        }
    }
    published.ok_or_else(|| StackError::Contradiction {
        stack: service.to_owned(),
        problem: format!("the engine did not publish port {port}: is its network internal?"),
    })
}
