//! The name of everything in one isolated stack, and the labels by which it is found again.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::stack::StackError;

/// Label with the namespace, on every container, network and volume.
pub(in crate::stack) const NAMESPACE: &str = "io.diapason.namespace";
/// Label with the name of the stack file.
pub(in crate::stack) const STACK: &str = "io.diapason.stack";
/// Label with the process that made it.
pub(in crate::stack) const OWNER: &str = "io.diapason.owner-pid";
/// Label with the start time of that process, because process ids are reused.
pub(in crate::stack) const OWNER_START: &str = "io.diapason.owner-start";
/// Label with the folder of the rewritten files.
pub(in crate::stack) const SCRATCH: &str = "io.diapason.scratch";
/// Label with the container's port that is the front door, on its container.
pub(in crate::stack) const ENTRY_PORT: &str = "io.diapason.entry-port";

/// Label with the front door's scheme, `http` or `https`, on its container.
pub(in crate::stack) const ENTRY_SCHEME: &str = "io.diapason.entry-scheme";

/// Start of every namespace.
pub(in crate::stack) const PREFIX: &str = "diapason-";

/// File in the scratch folder with the process that made it and the start time of that process.
const OWNED: &str = "owner";
/// File in the scratch folder of a stack that is kept.
const KEPT: &str = "kept";

/// A namespace and its scratch folder of the same name.
#[derive(Debug)]
pub(super) struct Namespace {
    pub(super) name: String,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) scratch: TempDir,
}

impl Namespace {
    /// A new namespace for that stack; the folder's name makes it unique on this host.
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
        let start = process_start(pid).unwrap_or_default();
        let labels = [
            (NAMESPACE, name.clone()),
            (STACK, stack.to_owned()),
            (OWNER, pid.to_string()),
            (OWNER_START, start.clone()),
            (SCRATCH, scratch.path().display().to_string()),
        ];
        let namespace = Self {
            name,
            labels: labels.map(|(key, value)| (key.to_owned(), value)).into(),
            scratch,
        };
        namespace.write(OWNED, &format!("{pid} {start}"))?;
        Ok(namespace)
    }

    /// Marks the stack as kept, so that it does not count as a leftover.
    pub(super) fn keep(&mut self) {
        // If the file cannot be written, the stack is offered for removal, no more.
        let _ = self.write(KEPT, "");
        self.scratch.disable_cleanup(true);
    }

    /// Writes a file into the scratch folder that only its owner may read.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<PathBuf, StackError> {
        self.write_as(name, text, 0o600)
    }

    /// Writes a file that a container's own user may read; on the host, only the owner can enter the folder.
    pub(super) fn write_for_container(&self, name: &str, text: &str) -> Result<PathBuf, StackError> {
        self.write_as(name, text, 0o644)
    }

    fn write_as(&self, name: &str, text: &str, mode: u32) -> Result<PathBuf, StackError> {
        let path = self.scratch.path().join(name);
        let write = || -> std::io::Result<()> {
            let mut options = fs::OpenOptions::new();
            let mut file = options.write(true).create(true).truncate(true).mode(mode).open(&path)?;
            file.write_all(text.as_bytes())
        };
        write().map_err(|source| StackError::Scratch {
            path: path.clone(),
            source,
        })?;
        Ok(path)
    }
}

/// True if the stack with that scratch folder is kept.
pub(in crate::stack) fn is_kept(scratch: &Path) -> bool {
    scratch.join(KEPT).is_file()
}

/// Scratch folders of processes that have ended, unless they are kept.
pub(in crate::stack) fn abandoned() -> Vec<PathBuf> {
    let folders = fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten();
    let folders = folders.filter(|folder| folder.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX)));
    let is_abandoned = |path: &PathBuf| {
        let owner = fs::read_to_string(path.join(OWNED)).ok();
        let gone = owner.as_deref().and_then(|owner| {
            let (pid, start) = owner.split_once(' ')?;
            Some(process_start(pid.parse().ok()?).is_none_or(|now| now != start))
        });
        gone == Some(true) && !is_kept(path)
    };
    folders.map(|folder| folder.path()).filter(is_abandoned).collect()
}

/// Start time of a process, in the kernel's ticks; `None` if it does not run or cannot be read.
pub(in crate::stack) fn process_start(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat")).ok()?;
    // The second field is the command's name, in parentheses, and may contain any character.
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
        let written = namespace.write("compose.json", "{}").unwrap();
        assert_eq!(fs::metadata(written).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!abandoned().iter().any(|path| path == namespace.scratch.path()));
        fs::write(namespace.scratch.path().join(OWNED), "1 0").unwrap();
        assert!(abandoned().iter().any(|path| path == namespace.scratch.path()));
        fs::write(namespace.scratch.path().join(KEPT), "").unwrap();
        assert!(!abandoned().iter().any(|path| path == namespace.scratch.path()));
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
