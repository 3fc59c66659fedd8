//! Features of a Compose file by which an isolated stack would reach beyond itself, and their wording.

use std::fmt;
use std::path::PathBuf;

/// A refused feature of a Compose file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The part that has the feature.
    pub part: ComposePart,
    /// The feature's key inside that part, with dots: `network_mode`, `cap_add.SYS_ADMIN`, `volumes./data`.
    pub key: String,
    /// The thing outside the stack that it reaches.
    pub reach: OutsideResource,
}

/// A part of a Compose file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ComposePart {
    /// A service.
    Service(String),
    /// A top-level network.
    Network(String),
    /// A top-level volume.
    Volume(String),
    /// A top-level secret.
    Secret(String),
    /// A top-level config.
    Config(String),
}

/// A thing outside the stack that a feature reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutsideResource {
    /// A key that is in no table of known keys.
    UnknownKey,
    /// A known key that is always refused.
    Key {
        /// The reason, as the end of a sentence.
        why: &'static str,
    },
    /// The whole host.
    Privileged,
    /// A namespace of the host, of the engine's shared bridge or of a foreign container.
    Namespace {
        /// The value of the key.
        mode: String,
    },
    /// A container of another stack.
    Link {
        /// The container.
        to: String,
    },
    /// The volumes of a container of another stack.
    ForeignVolumes {
        /// The container.
        of: String,
    },
    /// An address that another copy of the stack has.
    FixedAddress {
        /// The network.
        network: String,
    },
    /// The kernel, by a capability.
    Capability {
        /// Its name without `CAP_`.
        name: String,
    },
    /// The kernel, by the absence of a security profile.
    SecurityOption {
        /// The option.
        option: String,
    },
    /// Devices of the host, by a rule.
    DeviceRule {
        /// The rule.
        rule: String,
    },
    /// A device of the host.
    Device {
        /// Its path on the host.
        path: String,
    },
    /// Devices of the host, by their capability.
    DeviceCapability,
    /// The host's network, by its gateway.
    HostGateway {
        /// The entry of `extra_hosts`.
        entry: String,
    },
    /// Storage that is neither a bind, a volume nor memory.
    MountType {
        /// The type.
        kind: String,
    },
    /// The engine, and by it the whole host.
    EngineSocket {
        /// The socket.
        path: PathBuf,
    },
    /// A server on the host.
    Socket {
        /// The socket.
        path: PathBuf,
    },
    /// The engine, by a folder that holds its socket.
    SocketFolder {
        /// The folder mounted.
        folder: PathBuf,
        /// The engine's socket in it.
        socket: PathBuf,
    },
    /// The host's mounts.
    SharedMount {
        /// The folder mounted.
        folder: PathBuf,
    },
    /// Files of the host that the service may write.
    Writable {
        /// The file or folder.
        path: PathBuf,
        /// Its kind, as far as it decides on the answer.
        holds: PathContents,
    },
    /// Files of a database that runs, of which the stack file asks for a copy.
    RunningDatabase {
        /// The folder.
        folder: PathBuf,
        /// The container or process that has its files open, in words.
        by: String,
    },
    /// Files of the host mounted below a folder that is itself read-only.
    WritableBelow {
        /// The folder mounted below.
        path: PathBuf,
    },
    /// Something that exists outside the stack.
    External {
        /// Its name on the engine.
        name: String,
    },
    /// A place on the host or on another machine.
    StoredIn {
        /// The device or folder.
        device: String,
    },
    /// A driver that may act outside the engine.
    Driver {
        /// The driver.
        name: String,
    },
}

/// Contents of a path of the host, as far as they decide between a copy and an empty volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathContents {
    /// The path does not exist: Compose would create an empty folder.
    Nothing,
    /// Files of a database. A copy made while the database runs is torn.
    Database,
    /// Anything else, with its size in bytes as far as it could be read.
    Files {
        /// Bytes.
        bytes: u64,
    },
}

impl fmt::Display for ComposePart {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, name) = match self {
            Self::Service(name) => ("service", name),
            Self::Network(name) => ("network", name),
            Self::Volume(name) => ("volume", name),
            Self::Secret(name) => ("secret", name),
            Self::Config(name) => ("config", name),
        };
        write!(formatter, "{kind} `{name}`")
    }
}

impl Refusal {
    /// The feature in words, as the end of a sentence about its part.
    pub fn feature(&self) -> String {
        let key = &self.key;
        match &self.reach {
            OutsideResource::UnknownKey => format!("it has `{key}`, and nobody knows what that reaches"),
            OutsideResource::Key { why } => format!("it has `{key}`, {why}"),
            OutsideResource::Privileged if key == "privileged" => "it is privileged".to_owned(),
            OutsideResource::Privileged => format!("it has `{key}`, which is privileged"),
            OutsideResource::Namespace { mode } => format!("it has `{key}: {mode}`"),
            OutsideResource::Link { to } => format!("it links to {to}, outside the stack"),
            OutsideResource::ForeignVolumes { of } => format!("it uses the volumes of {of}, outside the stack"),
            OutsideResource::FixedAddress { network } => {
                format!("it has a fixed address in network `{network}`, which another copy of the stack has too")
            }
            OutsideResource::Capability { name } => format!("it has the capability {name}"),
            OutsideResource::SecurityOption { option } => format!("it has the security option `{option}`"),
            OutsideResource::DeviceRule { rule } => format!("it may use devices by the rule {rule}"),
            OutsideResource::Device { path } => format!("it uses the device {path} of the host"),
            OutsideResource::DeviceCapability => {
                format!("it has `{key}`, which asks for devices of the host by their capability")
            }
            OutsideResource::HostGateway { entry } => format!("it reaches the host as {entry}"),
            OutsideResource::MountType { kind } => format!("it has a mount of type `{kind}`"),
            OutsideResource::EngineSocket { path } => format!("it mounts the engine's socket, {}", path.display()),
            OutsideResource::Socket { path } => format!("it mounts a socket of the host, {}", path.display()),
            OutsideResource::SocketFolder { folder, socket } => format!(
                "it mounts {}, which holds the engine's socket {}",
                folder.display(),
                socket.display()
            ),
            OutsideResource::SharedMount { folder } => {
                format!("what it mounts below {} would appear on the host", folder.display())
            }
            OutsideResource::Writable { path, holds } => {
                let what = match holds {
                    PathContents::Nothing | PathContents::Files { .. } => "",
                    PathContents::Database => ", where a database keeps its files",
                };
                format!("it may write to {} on the host{what}", path.display())
            }
            OutsideResource::RunningDatabase { folder, by } => format!(
                "it would get a copy of {}, where a database runs ({by}), and such a copy is torn",
                folder.display()
            ),
            OutsideResource::WritableBelow { path } => format!("it may write to {} on the host", path.display()),
            OutsideResource::External { name } => format!("it is external, named `{name}`"),
            OutsideResource::StoredIn { device } => format!("it is stored in `{device}`"),
            OutsideResource::Driver { name } => format!("its driver is `{name}`"),
        }
    }

    /// The setting that grants the reach instead of taking it away; `None` if no setting does.
    pub fn grant(&self) -> Option<String> {
        let (setting, value) = match (&self.part, &self.reach) {
            (_, OutsideResource::Capability { name }) => ("capabilities", name.clone()),
            (_, OutsideResource::Device { path }) => ("devices", path.clone()),
            (_, OutsideResource::DeviceCapability) => ("devices", "gpu".to_owned()),
            (ComposePart::Service(name), OutsideResource::HostGateway { .. }) => ("host-gateway", name.clone()),
            (_, OutsideResource::EngineSocket { path } | OutsideResource::Socket { path }) => {
                ("sockets", path.display().to_string())
            }
            (_, OutsideResource::Writable { path, .. }) => ("writable", path.display().to_string()),
            _ => return None,
        };
        Some(format!("[isolation] {setting} = [{}]", toml::Value::String(value)))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.part, self.feature())
    }
}
