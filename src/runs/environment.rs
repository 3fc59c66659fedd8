//! The machine a run was made on.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::wire::engine::{EngineAddress, docker};

/// Host, kernel and versions, so that two runs can be told apart or compared.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// Version of Diapason.
    pub diapason: String,
    /// Distribution, as it names itself.
    pub system: String,
    /// Kernel name and release.
    pub kernel: String,
    /// Model name of the processor.
    pub processor: String,
    /// Cores the harness may use.
    pub cores: u32,
    /// Bytes of memory.
    pub memory: u64,
    /// Load average over the minute before [`Environment::detect`].
    pub load_average: f64,
    /// Version of the Docker Engine; `None` if none answers.
    pub docker: Option<String>,
}

impl Environment {
    /// Inspects this machine; unknown values stay empty.
    pub fn detect() -> Self {
        let cores = thread::available_parallelism().map_or(0, |cores| u32::try_from(cores.get()).unwrap_or(u32::MAX));
        Self {
            diapason: env!("CARGO_PKG_VERSION").to_owned(),
            system: field("/etc/os-release", "PRETTY_NAME", '=')
                .trim_matches('"')
                .to_owned(),
            kernel: format!(
                "{} {}",
                text("/proc/sys/kernel/ostype"),
                text("/proc/sys/kernel/osrelease")
            ),
            processor: field("/proc/cpuinfo", "model name", ':'),
            cores,
            memory: memory(&field("/proc/meminfo", "MemTotal", ':')),
            load_average: text("/proc/loadavg")
                .split(' ')
                .next()
                .and_then(|minute| minute.parse().ok())
                .unwrap_or(0.0),
            docker: docker_version(),
        }
    }
}

fn text(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}

fn field(path: &str, name: &str, separator: char) -> String {
    text(path)
        .lines()
        .filter_map(|line| line.split_once(separator))
        .find(|(key, _)| key.trim() == name)
        .map(|(_, value)| value.trim().to_owned())
        .unwrap_or_default()
}

/// `24689308 kB` in bytes.
fn memory(written: &str) -> u64 {
    // The kernel writes `kB` and means 1,024 bytes (proc_meminfo(5)).
    let kibibytes: u64 = written.trim_end_matches("kB").trim().parse().unwrap_or_default();
    kibibytes * 1024
}

/// Queries the engine's socket: the `docker` command would take a hundred times as long. An engine that is reached in another way is
/// left to that command.
fn docker_version() -> Option<String> {
    // Other addresses (SSH, TLS) are Docker's matter: its client knows them all.
    let Some(socket) = EngineAddress::current().ok()?.socket() else {
        let mut command = docker();
        command
            .args(["version", "--format", "{{.Server.Version}}"])
            .stdin(Stdio::null());
        let output = command.output().ok().filter(|output| output.status.success())?;
        return Some(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    };
    let mut socket = UnixStream::connect(socket).ok()?;
    // The version is a detail of the report: an engine that does not answer must not delay a run.
    socket.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
    // HTTP/1.0, so that the answer is not chunked and ends with the connection.
    socket
        .write_all(b"GET /version HTTP/1.0\r\nHost: docker\r\n\r\n")
        .ok()?;
    let mut answer = String::new();
    // An answer is some hundred bytes. Something else may listen there that never stops.
    socket.take(1 << 20).read_to_string(&mut answer).ok()?;
    let (_, body) = answer.split_once("\r\n\r\n")?;
    let version: serde_json::Value = serde_json::from_str(body).ok()?;
    Some(version.get("Version")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_described() {
        let here = Environment::detect();
        assert_eq!(here.diapason, env!("CARGO_PKG_VERSION"));
        assert!(here.kernel.starts_with("Linux "), "{}", here.kernel);
        assert!(here.cores >= 1);
        assert!(here.memory > 64 << 20, "{}", here.memory);
    }

    #[test]
    fn memory_is_read_in_bytes() {
        assert_eq!(memory("24689308 kB"), 24_689_308 * 1024);
        assert_eq!(memory(""), 0);
    }
}
