//! Files and folders of the host inside an isolated stack: read-only or copied, and writable only if the stack file allows it.

use std::fs;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::namespace::Namespace;
use super::value::{entries, items, text};
use crate::stack::reach::{OutsideResource, PathContents};
use crate::stack::{StackError, StackFile};

/// Files by which the data folders of common databases are recognized.
const OF_DATABASES: [&str; 6] = [
    "PG_VERSION",
    "ibdata1",
    "WiredTiger",
    "dump.rdb",
    "appendonlydir",
    "CLUSTER_ID",
];

/// Mount points at which the images of common databases keep their data.
const DATA_OF_DATABASES: [&str; 6] = [
    "/var/lib/postgresql",
    "/var/lib/mysql",
    "/var/lib/clickhouse",
    "/var/lib/rabbitmq",
    "/usr/share/elasticsearch/data",
    "/data/db",
];

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
    pub(super) fn from_file(file: &StackFile) -> Self {
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

    /// The way in which a mount reaches the host that the stack file does not allow; `None` if it reaches nothing.
    pub(super) fn reach(&self, mount: &Value) -> Option<OutsideResource> {
        let source = source(mount);
        match text(mount, "type") {
            "bind" => self.reach_of_bind(&real(&source), mount),
            "volume" | "tmpfs" | "image" => None,
            kind => Some(OutsideResource::MountType { kind: kind.to_owned() }),
        }
    }

    fn reach_of_bind(&self, source: &Path, mount: &Value) -> Option<OutsideResource> {
        let path = source.to_owned();
        let is_socket = fs::metadata(source).is_ok_and(|file| file.file_type().is_socket());
        let named_so = [source, Path::new(text(mount, "target"))]
            .iter()
            .any(|path| path.file_name().is_some_and(|name| name == "docker.sock"));
        if (is_socket || named_so) && !self.sockets.iter().any(|socket| socket == source) {
            let is_engine = named_so || self.engines.iter().any(|engine| engine == source);
            // Whoever has the engine's socket is root on the host, so it is told apart from other sockets.
            return Some(if is_engine {
                OutsideResource::EngineSocket { path }
            } else {
                OutsideResource::Socket { path }
            });
        }
        if is_socket || named_so {
            return None;
        }
        if let Some(socket) = self.engines.iter().find(|engine| engine.starts_with(source)) {
            let socket = socket.clone();
            return Some(OutsideResource::SocketFolder { folder: path, socket });
        }
        if ["shared", "rshared"].contains(&text(&mount["bind"], "propagation")) {
            return Some(OutsideResource::SharedMount { folder: path });
        }
        if self.copied.iter().any(|path| path == source) {
            return None;
        }
        if mount["read_only"] != true {
            let listed = self.writable.iter().any(|path| source.starts_with(path));
            let holds = holds(source, text(mount, "target"));
            return (!listed).then_some(OutsideResource::Writable { path, holds });
        }
        let below = |path: &&PathBuf| path.starts_with(source) && path.as_path() != source;
        let below = self.mounted.iter().find(below).cloned();
        below.map(|path| OutsideResource::WritableBelow { path })
    }
}

/// Contents of a path of the host that is mounted there.
pub(super) fn holds(source: &Path, target: &str) -> PathContents {
    let is_of_database = OF_DATABASES.iter().any(|name| {
        let below = fs::read_dir(source).into_iter().flatten().flatten();
        // The files may lie one folder below the mount point.
        source.join(name).exists() || below.into_iter().any(|folder| folder.path().join(name).exists())
    });
    let is_target = DATA_OF_DATABASES.iter().any(|data| Path::new(target).starts_with(data));
    match fs::symlink_metadata(source) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => PathContents::Nothing,
        // A database's configuration is a file; its data is a folder, perhaps one that only root may look into.
        Ok(file) if file.is_dir() && (is_of_database || is_target) => PathContents::Database,
        _ => PathContents::Files { bytes: size(source) },
    }
}

/// Bytes of the files below a path, as far as they can be read. Links are not followed.
fn size(path: &Path) -> u64 {
    match fs::symlink_metadata(path) {
        Ok(file) if file.is_dir() => {
            let inside = fs::read_dir(path).into_iter().flatten().flatten();
            inside.map(|entry| size(&entry.path())).sum()
        }
        Ok(file) => file.len(),
        Err(_) => 0,
    }
}

/// Copies the mounts listed as copied into the scratch folder: (path on the host, its copy).
pub(super) fn copy(
    file: &StackFile,
    original: &Value,
    namespace: &Namespace,
) -> Result<Vec<(PathBuf, PathBuf)>, StackError> {
    let host = Host::from_file(file);
    let mut copies: Vec<(PathBuf, PathBuf)> = Vec::new();
    let mounts = entries(original, "services").flat_map(|(_, service)| items(service, "volumes"));
    for mount in mounts.filter(|mount| text(mount, "type") == "bind") {
        let path = real(&source(mount));
        if !host.copied.contains(&path) || copies.iter().any(|(of, _)| *of == path) {
            continue;
        }
        let copy = namespace.scratch.path().join(format!("copy-{}", copies.len()));
        // Owners and modes are kept: the service expects them.
        // `--` ends the options: a path may begin with a dash.
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
    // Compose prints a dollar sign doubled.
    PathBuf::from(text(mount, "source").replace("$$", "$"))
}

/// The path with links followed, if it exists; otherwise unchanged.
pub(super) fn real(path: &Path) -> PathBuf {
    // A link must not hide where a mount really leads.
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
        let host = Host::from_file(&file);
        let [copied, writable, other] = &names;
        assert_eq!(host.reach(&bind(copied, false)), None);
        assert_eq!(host.reach(&bind(&writable.join("deep"), false)), None);
        assert_eq!(host.reach(&bind(other, true)), None);
        let holds = PathContents::Files { bytes: 0 };
        let path = real(other);
        assert_eq!(
            host.reach(&bind(other, false)),
            Some(OutsideResource::Writable { path, holds })
        );
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
        let mut host = Host::from_file(&file);
        host.engines = vec![real(&socket)];
        for source in [&socket, &link] {
            let path = real(&socket);
            assert_eq!(
                host.reach(&bind(source, true)),
                Some(OutsideResource::EngineSocket { path })
            );
        }
        let (folder, socket_in_it) = (real(folder.path()), real(&socket));
        let reach = OutsideResource::SocketFolder {
            folder: folder.clone(),
            socket: socket_in_it,
        };
        assert_eq!(host.reach(&bind(&folder, true)), Some(reach));
        file.isolation.sockets = vec![socket.clone()];
        assert_eq!(Host::from_file(&file).reach(&bind(&socket, true)), None);
    }

    #[test]
    fn a_read_only_folder_with_mounts_below_is_not_read_only() {
        let host = Host {
            mounted: vec!["/srv".into(), "/srv/data/live".into()],
            ..Host::default()
        };
        assert_eq!(host.reach(&bind(Path::new("/srv/other"), true)), None);
        let path = "/srv/data/live".into();
        assert_eq!(
            host.reach(&bind(Path::new("/srv/data"), true)),
            Some(OutsideResource::WritableBelow { path })
        );
    }

    #[test]
    fn a_running_database_is_not_copied_and_what_is_not_there_neither() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        assert_eq!(holds(&data, "/uploads"), PathContents::Nothing);
        fs::create_dir(&data).unwrap();
        fs::write(data.join("a.bin"), [0; 300]).unwrap();
        assert_eq!(holds(&data, "/uploads"), PathContents::Files { bytes: 300 });
        assert_eq!(holds(&data, "/var/lib/mysql"), PathContents::Database);
        assert_eq!(
            holds(&data.join("a.bin"), "/var/lib/mysql/my.cnf"),
            PathContents::Files { bytes: 300 }
        );
        fs::create_dir(data.join("17")).unwrap();
        fs::write(data.join("17/PG_VERSION"), "17").unwrap();
        assert_eq!(holds(&data, "/somewhere"), PathContents::Database);
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
