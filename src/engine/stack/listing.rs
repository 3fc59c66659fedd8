//! The stacks that run on this engine, found by their labels, and their removal by name.

use std::collections::{BTreeMap, HashMap};
use std::fs;

use super::StackError;
use super::compose::{self, ENTRY_PORT, ENTRY_SCHEME, Engine, NAMESPACE, OWNER, OWNER_START, SERVICE, STACK};

/// A stack made by a run or by `stack up` that is still on the engine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedStack {
    /// Its namespace.
    pub namespace: String,
    /// Name of its stack file.
    pub stack: String,
    /// Base URL of its front door; `None` unless that runs.
    pub front_door: Option<String>,
    /// Id of the process that made it; `None` if that has ended.
    pub owner: Option<u32>,
    /// True if it was kept by `stack up` or `--keep-stack`. A stack with neither owner nor this was left by a killed run.
    pub kept: bool,
    /// Service and state of each container, such as `Up 3 minutes (healthy)`; empty if only data or a network is left.
    pub services: Vec<(String, String)>,
}

impl ListedStack {
    /// Learns whose it is from the labels of a container, a network or a volume.
    fn learn(&mut self, labels: &HashMap<String, String>) {
        let label = |key: &str| labels.get(key).cloned().unwrap_or_default();
        self.namespace = label(NAMESPACE);
        self.stack = label(STACK);
        self.owner = owner(labels);
        self.kept = compose::scratch_of(labels).is_some_and(|scratch| compose::is_kept(&scratch));
    }
}

/// Every stack made by Diapason on this engine.
pub async fn list_running() -> Result<Vec<ListedStack>, StackError> {
    let mut stacks: BTreeMap<String, ListedStack> = BTreeMap::new();
    let engine = Engine::connect().await?;
    // A stack that is just starting has networks and volumes before containers.
    for labels in engine.parts().await? {
        let namespace = labels.get(NAMESPACE).cloned().unwrap_or_default();
        stacks.entry(namespace).or_default().learn(&labels);
    }
    for container in engine.containers(None).await? {
        let labels = container.labels.unwrap_or_default();
        let label = |key: &str| labels.get(key).cloned().unwrap_or_default();
        let stack = stacks.entry(label(NAMESPACE)).or_default();
        stack.learn(&labels);
        let entry_port = labels.get(ENTRY_PORT).and_then(|port| port.parse::<u16>().ok());
        let ports = container.ports.unwrap_or_default();
        let published = ports.iter().find(|port| Some(port.private_port) == entry_port);
        if let Some(port) = published.and_then(|port| port.public_port) {
            let scheme = labels.get(ENTRY_SCHEME).map_or("http", String::as_str);
            stack.front_door = Some(format!("{scheme}://127.0.0.1:{port}"));
        }
        stack
            .services
            .push((label(SERVICE), container.status.unwrap_or_default()));
    }
    let mut stacks: Vec<_> = stacks.into_values().collect();
    for stack in &mut stacks {
        stack.services.sort();
    }
    Ok(stacks)
}

/// Removes everything of that namespace and verifies that nothing of it is left.
pub async fn remove(namespace: &str) -> Result<(), StackError> {
    let containers = Engine::connect().await?.containers(Some(namespace)).await?;
    let scratch = containers
        .iter()
        .find_map(|container| compose::scratch_of(container.labels.as_ref()?));
    let name = namespace.to_owned();
    let removed = tokio::task::spawn_blocking(move || compose::remove(&name)).await;
    let removed = removed.unwrap_or(Ok(0))?;
    if removed == 0 {
        return Err(StackError::NoSuchStack {
            namespace: namespace.to_owned(),
        });
    }
    if let Some(path) = scratch {
        fs::remove_dir_all(&path).map_err(|source| StackError::Scratch { path, source })?;
    }
    Ok(())
}

/// Removes every stack without a running owner, and the scratch folders of killed runs in the folder for temporary files.
/// Returns their names.
pub async fn remove_idle() -> Result<Vec<String>, StackError> {
    let mut removed = Vec::new();
    for stack in list_running().await?.into_iter().filter(|stack| stack.owner.is_none()) {
        remove(&stack.namespace).await?;
        removed.push(stack.namespace);
    }
    for path in compose::abandoned() {
        removed.extend(path.file_name().map(|name| name.to_string_lossy().into_owned()));
        fs::remove_dir_all(&path).map_err(|source| StackError::Scratch { path, source })?;
    }
    Ok(removed)
}

/// The process that made it; `None` if it has ended, or if its id now belongs to another process.
fn owner(labels: &HashMap<String, String>) -> Option<u32> {
    let pid = labels.get(OWNER)?.parse().ok()?;
    let start = compose::process_start(pid)?;
    (labels.get(OWNER_START) == Some(&start)).then_some(pid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn an_owner_is_told_by_its_start_too() {
        let pid = std::process::id();
        let labels = |start: &str| {
            HashMap::from([
                (OWNER.to_owned(), pid.to_string()),
                (OWNER_START.to_owned(), start.to_owned()),
            ])
        };
        let start = compose::process_start(pid).unwrap();
        assert_eq!(owner(&labels(&start)), Some(pid));
        assert_eq!(owner(&labels("1")), None);
        // A network is enough: its stack is starting.
        let mut listed = ListedStack::default();
        listed.learn(&labels(&start));
        assert_eq!(listed.owner, Some(pid));
    }
}
