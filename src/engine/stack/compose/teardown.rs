//! Removes everything with a namespace's label, and verifies that nothing is left.
//!
//! It blocks and runs plain commands, because it also has to work while a panic unwinds or the runtime is gone.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use super::command::tail;
use super::namespace::{NAMESPACE, Namespace, PREFIX, SCRATCH};
use crate::stack::StackError;
use crate::wire::engine;

const ATTEMPTS: usize = 20;
const PAUSE: Duration = Duration::from_millis(500);

/// Kinds of objects of the engine, with the commands that list and remove them.
const KINDS: [(&str, &[&str], &[&str]); 3] = [
    (
        "container",
        &["ps", "--all", "--quiet", "--no-trunc"],
        &["rm", "--force", "--volumes"],
    ),
    ("network", &["network", "ls", "--quiet"], &["network", "rm"]),
    ("volume", &["volume", "ls", "--quiet"], &["volume", "rm", "--force"]),
];

/// Tears a stack down when it is dropped, unless it was torn down or kept before.
#[derive(Debug)]
pub(in crate::stack) struct Guard {
    namespace: Namespace,
    armed: bool,
}

impl Guard {
    /// Guards that namespace from now on.
    pub(super) fn new(namespace: Namespace) -> Self {
        Self { namespace, armed: true }
    }

    /// The namespace that it tears down.
    pub(super) fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// Tears down now; an error says what is left.
    pub(in crate::stack) async fn down(mut self) -> Result<(), StackError> {
        let namespace = self.namespace.name.clone();
        let outcome = tokio::task::spawn_blocking(move || remove(&namespace)).await;
        // If the blocking task itself failed, dropping the guard tries again.
        self.armed = outcome.is_err();
        outcome.unwrap_or(Ok(0)).map(|_| ())
    }

    /// Leaves everything as it is, the scratch folder included: containers mount files from it.
    pub(in crate::stack) fn keep(mut self) {
        self.armed = false;
        self.namespace.keep();
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if self.armed {
            // The error cannot be reported here; `stack ps` lists what is left.
            let _ = remove(&self.namespace.name);
        }
    }
}

/// Removes everything of a namespace; returns the number of objects removed.
pub(in crate::stack) fn remove(namespace: &str) -> Result<usize, StackError> {
    stop_compose(namespace);
    let unknown = |error: StackError| StackError::NotTornDown {
        namespace: namespace.to_owned(),
        left: format!("whatever it had, since the engine does not say: {error}"),
    };
    let mut left = leftovers(namespace).map_err(unknown)?;
    let found = left.len();
    for _ in 0..ATTEMPTS {
        if left.is_empty() {
            return Ok(found);
        }
        for (kind, _, removal) in KINDS {
            let ids: Vec<&str> = left
                .iter()
                .filter(|(of, _)| *of == kind)
                .map(|(_, id)| id.as_str())
                .collect();
            if !ids.is_empty() {
                // A failure shows in the objects left.
                let _ = docker(removal, &ids);
            }
        }
        left = self::leftovers(namespace).map_err(unknown)?;
        if !left.is_empty() {
            sleep(PAUSE);
        }
    }
    Err(StackError::NotTornDown {
        namespace: namespace.to_owned(),
        left: left
            .iter()
            .map(|(kind, id)| format!("{kind} {id}"))
            .collect::<Vec<_>>()
            .join(", "),
    })
}

/// The scratch folder in the labels of a container, if it is one of Diapason's.
pub(in crate::stack) fn scratch_of(labels: &HashMap<String, String>) -> Option<PathBuf> {
    let path = PathBuf::from(labels.get(SCRATCH)?);
    let ours = path.file_name()?.to_str()?.starts_with(PREFIX) && path.join("owner").is_file();
    ours.then_some(path)
}

/// Objects that carry the namespace's label: (kind, id).
fn leftovers(namespace: &str) -> Result<Vec<(&'static str, String)>, StackError> {
    let filter = format!("--filter=label={NAMESPACE}={namespace}");
    let mut left = Vec::new();
    for (kind, listing, _) in KINDS {
        let output = docker(listing, &[&filter])?;
        left.extend(output.lines().map(|id| (kind, id.to_owned())));
    }
    Ok(left)
}

fn docker(command: &[&str], arguments: &[&str]) -> Result<String, StackError> {
    let output = engine::docker()
        .args(command)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| StackError::ComposeMissing {
            problem: error.to_string(),
        })?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(StackError::Command {
            command: format!("docker {}", command.join(" ")),
            output: tail(&String::from_utf8_lossy(&output.stderr)),
        })
    }
}

/// Ends a `docker compose up` of that namespace that outlived a cancelled run: it would go on making containers.
fn stop_compose(namespace: &str) {
    for _ in 0..ATTEMPTS {
        let processes = compose_processes(Path::new("/proc"), namespace);
        if processes.is_empty() {
            return;
        }
        for process in processes {
            let _ = rustix::process::kill_process(process, rustix::process::Signal::TERM);
        }
        sleep(PAUSE);
    }
}

fn compose_processes(proc: &Path, namespace: &str) -> Vec<rustix::process::Pid> {
    let folders = fs::read_dir(proc).into_iter().flatten().flatten();
    folders
        .filter_map(|folder| {
            let pid = folder.file_name().to_str()?.parse().ok()?;
            let line = fs::read(folder.path().join("cmdline")).ok()?;
            let words: Vec<&[u8]> = line.split(|byte| *byte == 0).collect();
            let ours = [b"--project-name".as_slice(), namespace.as_bytes()];
            words
                .windows(2)
                .any(|pair| pair == ours)
                .then(|| rustix::process::Pid::from_raw(pid))?
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_compose_processes_of_the_namespace_are_found() {
        let proc = tempfile::tempdir().unwrap();
        for (pid, line) in [
            ("41", "docker\0compose\0--project-name\0diapason-1\0up\0-d\0"),
            ("42", "docker\0compose\0--project-name\0diapason-12\0up\0-d\0"),
            ("43", "grep\0diapason-1\0"),
            ("self", "docker\0--project-name\0diapason-1\0"),
        ] {
            fs::create_dir(proc.path().join(pid)).unwrap();
            fs::write(proc.path().join(pid).join("cmdline"), line).unwrap();
        }
        let found = compose_processes(proc.path(), "diapason-1");
        assert_eq!(found, [rustix::process::Pid::from_raw(41).unwrap()]);
    }

    #[test]
    fn only_our_own_scratch_folder_is_taken() {
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir().unwrap();
        let labels = [(SCRATCH.to_owned(), folder.path().display().to_string())].into();
        assert_eq!(scratch_of(&labels), None, "it has no owner");
        fs::write(folder.path().join("owner"), "1 0").unwrap();
        assert_eq!(scratch_of(&labels), Some(folder.path().to_owned()));
        assert_eq!(scratch_of(&[(SCRATCH.to_owned(), "/etc".to_owned())].into()), None);
    }
}
