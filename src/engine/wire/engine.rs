//! The container engine: the one that the `docker` command uses, found once, for the API and for `docker` alike.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::{env, fs};

use serde::Deserialize;
use testcontainers::bollard::errors::Error;
use testcontainers::bollard::models::{SystemInfo, SystemInfoCgroupDriverEnum};
use testcontainers::bollard::{API_DEFAULT_VERSION, Docker};
use url::{Host, Url};

use crate::error::Hint;

const DEFAULT: &str = "unix:///var/run/docker.sock";
/// Seconds that the engine may take to answer a request.
const PATIENCE: u64 = 120;

/// An engine that cannot be found or connected to.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The context of the `docker` command could not be read.
    #[error("failed to read the context of the `docker` command: {problem}")]
    Context {
        /// The cause, in words.
        problem: String,
    },
    /// An address that only the `docker` command understands.
    #[error("the engine is reached through {host}: only sockets and TCP are spoken here")]
    Scheme {
        /// The address.
        host: String,
    },
    /// An engine on another machine, whose published ports this machine does not have.
    #[error("the engine at {host} is on another machine: the front door of an isolated stack would be published there")]
    Elsewhere {
        /// The address.
        host: String,
    },
    /// No connection.
    #[error("failed to connect to the engine at {host}")]
    Connect {
        /// The address.
        host: String,
        /// The cause.
        source: Box<Error>,
    },
}

impl Hint for EngineError {
    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Context { .. } => {
                "`docker context ls` lists the contexts; DOCKER_HOST and DOCKER_CONTEXT choose another engine"
            }
            Self::Scheme { .. } | Self::Elsewhere { .. } => {
                "run diapason on that machine, or choose an engine of this one: `docker context use default`, DOCKER_CONTEXT or \
                 DOCKER_HOST"
            }
            Self::Connect { host, .. } if !host.starts_with("unix:") => {
                "see that the engine listens there; over TLS it needs DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH, a folder with ca.pem, cert.pem \
                 and key.pem"
            }
            Self::Connect { .. } => {
                "start the engine and see that you may use it: `diapason setup docker` does both, and `diapason doctor` shows what else is missing"
            }
        };
        Some(text.to_owned())
    }
}

/// Address of a container engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineAddress {
    /// URL: `unix:///run/user/1000/docker.sock`, `tcp://127.0.0.1:2375`.
    pub host: String,
    /// Folder with `ca.pem`, `cert.pem` and `key.pem`; `None` for a connection without TLS.
    tls: Option<PathBuf>,
    /// Context of the `docker` command that it is from; `None` for `DOCKER_HOST` and for the default socket.
    context: Option<String>,
}

/// The context as `docker context inspect` prints it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Context {
    name: String,
    endpoints: Endpoints,
    storage: Storage,
}

#[derive(Deserialize)]
struct Endpoints {
    docker: Endpoint,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Endpoint {
    host: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Storage {
    #[serde(rename = "TLSPath")]
    tls_path: PathBuf,
}

impl EngineAddress {
    /// The engine that the `docker` command uses: that of `DOCKER_HOST`, of `DOCKER_CONTEXT`, of the context in use, or at the
    /// default socket. It is found once per process, so that a context changed meanwhile splits no run.
    pub fn current() -> Result<&'static Self, EngineError> {
        static CURRENT: OnceLock<EngineAddress> = OnceLock::new();
        if let Some(address) = CURRENT.get() {
            return Ok(address);
        }
        // An empty variable counts as not set, as it does for the `docker` command.
        let found = Self::find(|name| env::var_os(name).filter(|value| !value.is_empty()), inspect)?;
        Ok(CURRENT.get_or_init(|| found))
    }

    fn find(
        variable: impl Fn(&str) -> Option<OsString>,
        inspect: impl Fn() -> Result<String, String>,
    ) -> Result<Self, EngineError> {
        let text = |name: &str| variable(name).map(|value| value.to_string_lossy().into_owned());
        let home = || variable("HOME").map(PathBuf::from).unwrap_or_default();
        let folder = variable("DOCKER_CONFIG").map_or_else(|| home().join(".docker"), PathBuf::from);
        // In the order of the `docker` command: this variable overrides every context.
        if let Some(host) = text("DOCKER_HOST") {
            let tls = variable("DOCKER_TLS_VERIFY").or_else(|| variable("DOCKER_TLS"));
            let tls = tls.map(|_| variable("DOCKER_CERT_PATH").map_or(folder, PathBuf::from));
            return Ok(Self {
                host,
                tls,
                context: None,
            });
        }
        let chosen = text("DOCKER_CONTEXT").or_else(|| in_use(&folder));
        if chosen.is_none_or(|name| name == "default") {
            let host = DEFAULT.to_owned();
            return Ok(Self {
                host,
                tls: None,
                context: None,
            });
        }
        let broken = |problem: String| EngineError::Context { problem };
        let context: Context = inspect()
            .and_then(|output| serde_json::from_str(&output).map_err(|error| error.to_string()))
            .map_err(broken)?;
        let tls = context.storage.tls_path.join("docker");
        Ok(Self {
            host: context.endpoints.docker.host,
            // Every context names such a folder, also one without TLS.
            tls: tls.join("cert.pem").is_file().then_some(tls),
            context: Some(context.name),
        })
    }

    /// Opens a connection, which is made with the first request.
    pub fn connect(&self) -> Result<Docker, EngineError> {
        let host = self.host.as_str();
        let connected = match (host.split_once("://").map_or("unix", |(scheme, _)| scheme), &self.tls) {
            ("unix", _) => Docker::connect_with_unix(host, PATIENCE, API_DEFAULT_VERSION),
            ("tcp" | "http" | "https", Some(folder)) => {
                // The client of the API takes the process's default, and rustls chooses none where several are compiled in. One that
                // is there already stays.
                rustls::crypto::ring::default_provider().install_default().ok();
                let file = |name: &str| folder.join(name);
                let [key, certificate, authority] = ["key.pem", "cert.pem", "ca.pem"].map(file);
                Docker::connect_with_ssl(host, &key, &certificate, &authority, PATIENCE, API_DEFAULT_VERSION)
            }
            ("tcp" | "http", None) => Docker::connect_with_http(host, PATIENCE, API_DEFAULT_VERSION),
            _ => return Err(EngineError::Scheme { host: host.to_owned() }),
        };
        connected.map_err(|source| EngineError::Connect {
            host: host.to_owned(),
            source: Box::new(source),
        })
    }

    /// Refuses an engine of another machine.
    pub fn check_here(&self) -> Result<(), EngineError> {
        let host = self.host.clone();
        match Url::parse(&self.host) {
            Ok(url) if matches!(url.scheme(), "tcp" | "http" | "https") => {
                let here = match url.host() {
                    // `tcp` is no special scheme of the URL standard: its addresses are parsed as names.
                    Some(Host::Domain(name)) => {
                        name == "localhost"
                            || name
                                .parse()
                                .is_ok_and(|address: std::net::IpAddr| address.is_loopback())
                    }
                    Some(Host::Ipv4(address)) => address.is_loopback(),
                    Some(Host::Ipv6(address)) => address.is_loopback(),
                    None => false,
                };
                if here {
                    Ok(())
                } else {
                    Err(EngineError::Elsewhere { host })
                }
            }
            Ok(url) if url.scheme() == "ssh" => Err(EngineError::Elsewhere { host }),
            _ => Ok(()),
        }
    }

    /// The path of its socket; `None` if it is reached in another way.
    pub fn socket(&self) -> Option<&Path> {
        self.host.strip_prefix("unix://").map(Path::new)
    }

    /// Environment by which a `docker` command uses this engine, in addition to its own.
    pub fn environment(&self) -> Option<(&'static str, &str)> {
        self.context.as_deref().map(|name| ("DOCKER_CONTEXT", name))
    }
}

/// Use that an engine makes of the kernel's control groups. A rootless engine has only those that are delegated to its user, and
/// ignores limits by the others without a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ControlGroups {
    /// True if each container has groups of its own, by which its use of the machine is counted.
    pub per_container: bool,
    /// True if CPU limits have an effect.
    pub cpu_limits: bool,
    /// True if memory limits have an effect.
    pub memory_limits: bool,
}

impl From<&SystemInfo> for ControlGroups {
    /// An engine that does not tell whether it has a function has it.
    fn from(info: &SystemInfo) -> Self {
        Self {
            per_container: info.cgroup_driver != Some(SystemInfoCgroupDriverEnum::NONE),
            cpu_limits: info.cpu_cfs_quota != Some(false),
            memory_limits: info.memory_limit != Some(false),
        }
    }
}

/// A `docker` command for the engine in use. Where that cannot be found, `docker` itself says so.
pub fn docker() -> Command {
    let mut command = Command::new("docker");
    // Stated with each command: a context that is changed during a run would send it to another engine than the API.
    command.envs(EngineAddress::current().ok().and_then(EngineAddress::environment));
    command
}

/// The context in use, as `docker context use` leaves it.
fn in_use(folder: &Path) -> Option<String> {
    // Without this file the command has never been told to use another context.
    let text = fs::read_to_string(folder.join("config.json")).ok()?;
    let settings: serde_json::Value = serde_json::from_str(&text).ok()?;
    Some(settings.get("currentContext")?.as_str()?.to_owned())
}

fn inspect() -> Result<String, String> {
    let mut command = Command::new("docker");
    command.args(["context", "inspect", "--format", "{{json .}}"]);
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = r#"{"Name":"rootless","Metadata":{},"Endpoints":{"docker":{"Host":"unix:///run/user/1000/docker.sock",
        "SkipTLSVerify":false}},"TLSMaterial":{},"Storage":{"MetadataPath":"/m","TLSPath":"FOLDER"}}"#;

    fn find(variables: &[(&str, &str)], said: &Result<String, String>) -> Result<EngineAddress, EngineError> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        };
        EngineAddress::find(variable, || said.clone())
    }

    #[test]
    fn the_engine_is_that_of_the_docker_command() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().to_str().unwrap();
        let absent = || Err("context \"x\" does not exist".to_owned());
        let host = |variables: &[(&str, &str)], said| find(variables, &said).map(|address| address.host);
        assert_eq!(host(&[("HOME", home)], absent()).unwrap(), DEFAULT);
        let other = ("DOCKER_HOST", "tcp://127.0.0.1:2375");
        assert_eq!(
            host(&[("DOCKER_CONTEXT", "x"), other], absent()).unwrap(),
            "tcp://127.0.0.1:2375"
        );
        assert_eq!(host(&[("DOCKER_CONTEXT", "default")], absent()).unwrap(), DEFAULT);
        let error = find(&[("DOCKER_CONTEXT", "x")], &absent()).unwrap_err();
        assert!(error.to_string().ends_with("context \"x\" does not exist"), "{error}");
        fs::write(
            folder.path().join("config.json"),
            r#"{ "auths": {}, "currentContext": "rootless" }"#,
        )
        .unwrap();
        let said = SAID.replace("FOLDER", home);
        let address = find(&[("DOCKER_CONFIG", home)], &Ok(said.clone())).unwrap();
        assert_eq!(address.socket().unwrap(), Path::new("/run/user/1000/docker.sock"));
        assert_eq!(address.environment(), Some(("DOCKER_CONTEXT", "rootless")));
        assert_eq!(address.tls, None);
        fs::create_dir(folder.path().join("docker")).unwrap();
        fs::write(folder.path().join("docker/cert.pem"), "").unwrap();
        let address = find(&[("DOCKER_CONFIG", home)], &Ok(said)).unwrap();
        assert_eq!(address.tls, Some(folder.path().join("docker")));
    }

    #[test]
    fn an_engine_of_another_machine_is_refused_where_ports_are_needed() {
        let at = |host: &str| find(&[("DOCKER_HOST", host)], &Ok(String::new())).unwrap();
        for host in [
            DEFAULT,
            "tcp://127.0.0.1:2375",
            "tcp://localhost:2375",
            "http://[::1]:2375",
        ] {
            at(host).check_here().unwrap();
        }
        for host in [
            "tcp://192.0.2.1:2375",
            "ssh://me@build.example",
            "tcp://build.example:2376",
        ] {
            assert!(
                matches!(at(host).check_here(), Err(EngineError::Elsewhere { .. })),
                "{host}"
            );
        }
        let error = at("ssh://me@build.example").connect().unwrap_err();
        assert!(matches!(error, EngineError::Scheme { .. }) && error.hint().is_some());
        at("tcp://127.0.0.1:2375").connect().unwrap();
    }

    #[test]
    fn an_engine_over_tls_is_connected_to_with_the_certificates_of_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let own = rcgen::generate_simple_self_signed(["engine".to_owned()]).unwrap();
        let certificate = own.cert.pem();
        for (name, text) in [
            ("ca.pem", &certificate),
            ("cert.pem", &certificate),
            ("key.pem", &own.signing_key.serialize_pem()),
        ] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let with = |path: &str| {
            let variables = [
                ("DOCKER_HOST", "tcp://127.0.0.1:2376"),
                ("DOCKER_TLS_VERIFY", "1"),
                ("DOCKER_CERT_PATH", path),
            ];
            find(&variables, &Ok(String::new())).unwrap().connect()
        };
        with(folder.path().to_str().unwrap()).unwrap();
        let error = with("/nonexistent").unwrap_err();
        assert!(error.hint().unwrap().contains("DOCKER_CERT_PATH"), "{error}");
    }
}
