//! The name that everything of one isolated stack carries, and the labels by which it is found again.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::TempDir;

use crate::stack::StackError;

/// Label with the namespace, on every container, network and volume.
pub(in crate::stack) const NAMESPACE: &str = "io.diapason.namespace";
/// Label with the name of the stack file.
pub(in crate::stack) const STACK: &str = "io.diapason.stack";
/// Label with the process that made it.
pub(in crate::stack) const OWNER: &str = "io.diapason.owner-pid";
/// Label with the start of that process, because process ids come again.
pub(in crate::stack) const OWNER_START: &str = "io.diapason.owner-start";
/// Label with the folder of the rewritten files.
pub(in crate::stack) const SCRATCH: &str = "io.diapason.scratch";
/// Label with the container's port that is the front door, on its container.
pub(in crate::stack) const ENTRY_PORT: &str = "io.diapason.entry-port";

/// Start of every namespace.
pub(in crate::stack) const PREFIX: &str = "diapason-";

/// A namespace and its scratch folder of the same name.
#[derive(Debug)]
pub(super) struct Namespace {
    pub(super) name: String,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) scratch: TempDir,
}

impl Namespace {
    /// A new one for that stack; the folder's name makes it unique on this host.
    pub(super) fn new(stack: &str) -> Result<Self, StackError> {
        // The standard library's hasher is seeded at random.
        let random = RandomState::new().build_hasher().finish() & 0x00ff_ffff;
        let name = format!("{PREFIX}{random:06x}");
        let scratch = tempfile::Builder::new()
            .prefix(&name)
            .rand_bytes(0)
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir()
            .map_err(|source| StackError::Scratch {
                path: std::env::temp_dir().join(&name),
                source,
            })?;
        let pid = std::process::id();
        let labels = [
            (NAMESPACE, name.clone()),
            (STACK, stack.to_owned()),
            (OWNER, pid.to_string()),
            (OWNER_START, process_start(pid).unwrap_or_default()),
            (SCRATCH, scratch.path().display().to_string()),
        ];
        Ok(Self {
            name,
            labels: labels.map(|(key, value)| (key.to_owned(), value)).into(),
            scratch,
        })
    }

    /// Writes a file into the scratch folder.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<std::path::PathBuf, StackError> {
        let path = self.scratch.path().join(name);
        fs::write(&path, text).map_err(|source| StackError::Scratch {
            path: path.clone(),
            source,
        })?;
        Ok(path)
    }
}

/// When a process started, in the kernel's ticks; `None` where it does not run or cannot be asked.
pub(in crate::stack) fn process_start(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat")).ok()?;
    // The second field is the command's name, in parentheses, and may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_whitespace().nth(19).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_carries_its_name_and_owner() {
        let namespace = Namespace::new("reference").unwrap();
        assert_eq!(namespace.name.len(), "diapason-000000".len());
        assert!(namespace.scratch.path().ends_with(&namespace.name));
        assert_eq!(namespace.labels[NAMESPACE], namespace.name);
        let mode = fs::metadata(namespace.scratch.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "its files hold passwords");
        assert_eq!(namespace.labels[OWNER], std::process::id().to_string());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_has_a_start() {
        let own = process_start(std::process::id()).unwrap();
        assert!(own.parse::<u64>().unwrap() > 0);
        assert_eq!(process_start(u32::MAX), None);
    }
}
