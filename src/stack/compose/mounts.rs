//! Files and folders of the host inside an isolated stack: read-only or copied, and writable only if the stack file allows it.

use std::fs;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::namespace::Namespace;
use super::reason::{Reason, UNPRIVILEGED};
use super::value::{entries, items, text};
use crate::stack::{StackError, StackFile};

const READ_ONLY: &str = "mount it `:ro` or use a named volume in an override file listed in `[compose] files`, or name it in \
                         `[isolation] copied` of the stack file: the run then writes to a copy";
const SOCKET: &str = "take it out in an override file listed in `[compose] files`, or accept it by naming the socket in \
                      `[isolation] sockets` of the stack file";
const UNDER_IT: &str = "mount only what is needed, `:ro`: what is mounted below it stays writable";

/// Sockets on which engines listen, in addition to that of `DOCKER_HOST`.
const ENGINES: [&str; 4] = [
    "/run/docker.sock",
    "/var/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/podman/podman.sock",
];

/// Access to files of the host that the stack file allows.
#[derive(Debug, Default)]
pub(super) struct Host {
    copied: Vec<PathBuf>,
    writable: Vec<PathBuf>,
    sockets: Vec<PathBuf>,
    engines: Vec<PathBuf>,
    mounted: Vec<PathBuf>,
}

impl Host {
    /// This host, with the exceptions of the stack file.
    pub(super) fn of(file: &StackFile) -> Self {
        let absolute = |paths: &[PathBuf]| paths.iter().map(|path| real(&file.folder.join(path))).collect();
        let engine = std::env::var("DOCKER_HOST").unwrap_or_default();
        let engines = ENGINES.into_iter().chain(engine.strip_prefix("unix://"));
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        Self {
            copied: absolute(&file.isolation.copied),
            writable: absolute(&file.isolation.writable),
            sockets: absolute(&file.isolation.sockets),
            engines: engines.map(|path| real(Path::new(path))).collect(),
            mounted: mounts
                .lines()
                .filter_map(|line| line.split(' ').nth(4))
                .map(PathBuf::from)
                .collect(),
        }
    }

    /// True if the run writes to a copy of that path.
    pub(super) fn copies(&self, source: &Path) -> bool {
        self.copied.contains(&real(source))
    }

    /// Refuses a mount that reaches the host in a way that the stack file does not allow.
    pub(super) fn check(&self, mount: &Value) -> Result<(), Reason> {
        let source = source(mount);
        match text(mount, "type") {
            "bind" => self.check_bind(&real(&source), mount),
            "volume" | "tmpfs" => Ok(()),
            other => Err((format!("it has a mount of type `{other}`"), UNPRIVILEGED)),
        }
    }

    fn check_bind(&self, source: &Path, mount: &Value) -> Result<(), Reason> {
        let is_socket = fs::metadata(source).is_ok_and(|file| file.file_type().is_socket());
        let named_so = [source, Path::new(text(mount, "target"))]
            .iter()
            .any(|path| path.file_name().is_some_and(|name| name == "docker.sock"));
        if (is_socket || named_so) && !self.sockets.iter().any(|socket| socket == source) {
            let of = if named_so || self.engines.iter().any(|engine| engine == source) {
                "the engine's socket"
            } else {
                "a socket of the host"
            };
            return Err((format!("it mounts {of}, {}", source.display()), SOCKET));
        }
        if is_socket || named_so {
            return Ok(());
        }
        if let Some(engine) = self.engines.iter().find(|engine| engine.starts_with(source)) {
            let feature = format!(
                "it mounts {}, which holds the engine's socket {}",
                source.display(),
                engine.display()
            );
            return Err((feature, SOCKET));
        }
        if ["shared", "rshared"].contains(&text(&mount["bind"], "propagation")) {
            let feature = format!("what it mounts below {} would appear on the host", source.display());
            return Err((feature, READ_ONLY));
        }
        if self.copied.iter().any(|path| path == source) {
            return Ok(());
        }
        if mount["read_only"] != true {
            let listed = self.writable.iter().any(|path| source.starts_with(path));
            let feature = format!("it may write to {} on the host", source.display());
            return if listed { Ok(()) } else { Err((feature, READ_ONLY)) };
        }
        let below = |path: &&PathBuf| path.starts_with(source) && path.as_path() != source;
        match self.mounted.iter().find(below) {
            Some(path) => Err((format!("it may write to {} on the host", path.display()), UNDER_IT)),
            None => Ok(()),
        }
    }
}

/// Copies the mounts listed as copied into the scratch folder: (path on the host, its copy).
pub(super) fn copy(
    file: &StackFile,
    original: &Value,
    namespace: &Namespace,
) -> Result<Vec<(PathBuf, PathBuf)>, StackError> {
    let host = Host::of(file);
    let mut copies: Vec<(PathBuf, PathBuf)> = Vec::new();
    let mounts = entries(original, "services").flat_map(|(_, service)| items(service, "volumes"));
    for mount in mounts.filter(|mount| text(mount, "type") == "bind") {
        let path = real(&source(mount));
        if !host.copied.contains(&path) || copies.iter().any(|(of, _)| *of == path) {
            continue;
        }
        let copy = namespace.scratch.path().join(format!("copy-{}", copies.len()));
        // Owners and modes are kept: the service expects them.
        let output = Command::new("cp").args(["-a", "--"]).arg(&path).arg(&copy).output();
        let failed = match output {
            Ok(output) if output.status.success() => None,
            Ok(output) => Some(std::io::Error::other(
                String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            )),
            Err(error) => Some(error),
        };
        if let Some(source) = failed {
            return Err(StackError::Scratch { path: copy, source });
        }
        copies.push((path, copy));
    }
    Ok(copies)
}

/// The path on the host; in the configuration `$` is doubled.
pub(super) fn source(mount: &Value) -> PathBuf {
    PathBuf::from(text(mount, "source").replace("$$", "$"))
}

/// The path with links followed, if it exists; otherwise unchanged.
pub(super) fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use serde_json::json;

    use super::*;

    fn bind(source: &Path, read_only: bool) -> Value {
        json!({ "type": "bind", "source": source, "target": "/inside", "read_only": read_only })
    }

    #[test]
    fn only_what_the_stack_file_names_may_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let names = ["copied", "writable", "other"].map(|name| folder.path().join(name));
        for path in &names {
            fs::create_dir(path).unwrap();
        }
        let mut file = StackFile::attached("http://127.0.0.1");
        file.folder = folder.path().to_owned();
        file.isolation.copied = vec!["copied".into()];
        file.isolation.writable = vec![names[1].clone()];
        let host = Host::of(&file);
        let [copied, writable, other] = &names;
        host.check(&bind(copied, false)).unwrap();
        host.check(&bind(&writable.join("deep"), false)).unwrap();
        host.check(&bind(other, true)).unwrap();
        assert!(host.check(&bind(other, false)).unwrap_err().0.contains("may write to"));
        assert!(host.copies(copied) && !host.copies(other));
    }

    #[test]
    fn sockets_are_found_behind_links_and_in_folders() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("app.socket");
        let _listener = UnixListener::bind(&socket).unwrap();
        let link = folder.path().join("harmless");
        std::os::unix::fs::symlink(&socket, &link).unwrap();
        let mut file = StackFile::attached("http://127.0.0.1");
        let mut host = Host::of(&file);
        host.engines = vec![real(&socket)];
        for source in [&socket, &link] {
            let (feature, _) = host.check(&bind(source, true)).unwrap_err();
            assert!(feature.contains("the engine's socket"), "{feature}");
        }
        let (feature, _) = host.check(&bind(folder.path(), true)).unwrap_err();
        assert!(feature.contains("which holds the engine's socket"), "{feature}");
        file.isolation.sockets = vec![socket.clone()];
        Host::of(&file).check(&bind(&socket, true)).unwrap();
    }

    #[test]
    fn a_read_only_folder_with_mounts_below_is_not_read_only() {
        let host = Host {
            mounted: vec!["/srv".into(), "/srv/data/live".into()],
            ..Host::default()
        };
        host.check(&bind(Path::new("/srv/other"), true)).unwrap();
        let (feature, _) = host.check(&bind(Path::new("/srv/data"), true)).unwrap_err();
        assert!(feature.contains("/srv/data/live"), "{feature}");
    }

    #[test]
    fn a_copy_is_made_once_with_all_in_it() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("uploads")).unwrap();
        fs::write(folder.path().join("uploads/a.txt"), "a").unwrap();
        let mut file = StackFile::attached("http://127.0.0.1");
        file.folder = folder.path().to_owned();
        file.isolation.copied = vec!["uploads".into()];
        let mount = bind(&folder.path().join("uploads"), false);
        let original = json!({ "services": { "a": { "volumes": [mount] }, "b": { "volumes": [mount] } } });
        let namespace = Namespace::new("shop").unwrap();
        let copies = copy(&file, &original, &namespace).unwrap();
        assert_eq!(copies.len(), 1);
        assert_eq!(fs::read_to_string(copies[0].1.join("a.txt")).unwrap(), "a");
    }
}
