//! The stack file: bringing a system up, seeding it, telling that it is ready, and reaching its parts.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::steps::{Readiness, SeedSettings, ServiceState};
use super::{
    IsolationSettings, LimitSettings, LimiterAnswer, Machine, ProductionSettings, ProfileSettings, ProxySettings,
    ReadyRequest, StackError, paths,
};
use crate::units::Span;
use crate::wire::Transport;

/// A stack file (`scenarios/stacks/NAME.toml`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StackFile {
    /// Its name.
    pub name: String,
    /// The description shown by `list`.
    pub description: String,
    /// The system is brought up by Docker Compose; either this or `attach`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compose: Option<ComposeSettings>,
    /// The system runs already; either this or `compose`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attach: Option<AttachSettings>,
    /// The front door of a Compose stack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<EntrySettings>,
    /// Connection to the front door: HTTP version, TLS, addresses.
    #[serde(default, skip_serializing_if = "is_default")]
    pub front_door: Transport,
    /// The `PostgreSQL` database of a Compose stack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<DatabaseSettings>,
    /// The request through the front door by which the system is known to be ready.
    #[serde(default)]
    pub ready: ReadyRequest,
    /// Time limit for each service, each seed and the front door to get ready.
    #[serde(default = "default_deadline")]
    pub deadline: Span,
    /// Settings of single services.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub service: BTreeMap<String, ServiceSettings>,
    /// Hosts other than this machine that may be loaded because they are the user's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_hosts: Vec<String>,
    /// Parts of the host that the isolated stack may use.
    #[serde(default, skip_serializing_if = "is_strict")]
    pub isolation: IsolationSettings,
    /// Proxy settings that decide the client addresses of virtual users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_addresses: Option<ClientAddressSettings>,
    /// The answer of the stack's rate limiter, in addition to 429.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limiter: Option<LimiterAnswer>,
    /// The logs from which the time of a request is broken down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<ProxySettings>,
    /// Requirements of production, for `check --live`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub production: Option<ProductionSettings>,
    /// Machine sizes to try it on, by name (`--profile`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub profile: BTreeMap<String, ProfileSettings>,
    /// Data to put in, in this order, once every service is ready.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seed: Vec<SeedSettings>,
    /// Conditions in addition to the answer to `ready`, checked in this order once the front door answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readiness: Vec<Readiness>,
    /// The folder the file was read from: its paths are relative to it.
    #[serde(skip)]
    pub folder: PathBuf,
}

/// The Compose files of a stack.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ComposeSettings {
    /// Compose files, later ones over earlier ones; relative to the stack file. In this and the other paths of this table
    /// `${NAME:-otherwise}` stands for an environment variable.
    pub files: Vec<PathBuf>,
    /// The folder from which Compose resolves paths; the first file's if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_directory: Option<PathBuf>,
    /// Files with environment for Compose, instead of the project directory's `.env`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub env_files: Vec<PathBuf>,
    /// Environment for Compose, over that of the files and of the shell.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Profiles whose services take part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<String>,
    /// Services that take no part; nothing that stays may depend on them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leave_out: Vec<String>,
}

/// A system that runs already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AttachSettings {
    /// Base URL of its front door: `http://192.0.2.1:8080`, `https://app.example` or `unix:///run/app.sock`.
    pub url: String,
    /// `postgresql://` connection string of its database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database_dsn: Option<String>,
}

/// The entry point of a Compose stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct EntrySettings {
    /// The service.
    pub service: String,
    /// The port it listens on inside its container.
    pub port: u16,
    /// True if it speaks TLS.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tls: bool,
    /// The host name known to users, in requests and in its certificate; 127.0.0.1 if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// PEM file inside its container with certificates to trust in addition to the system's, for a stack that issues its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
}

/// The database of a Compose stack. `${NAME}` in a value is taken from the environment given to Compose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DatabaseSettings {
    /// The service.
    pub service: String,
    /// The port it listens on inside its container.
    #[serde(default = "default_database_port")]
    pub port: u16,
    /// The database; the container's `POSTGRES_DB` if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The user, which must be able to read server statistics; the container's `POSTGRES_USER` if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Its password; the container's `POSTGRES_PASSWORD` if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

/// Settings of one service of the isolated stack.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ServiceSettings {
    /// Time limit for it to get ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Span>,
    /// State to reach before dependent services start. If not given: healthy if it has a health check, ended with exit code 0 if
    /// another service waits for that, running otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<ServiceState>,
    /// Number of times it is started again if it ends before the stack is ready. If not given, as the restart policy in the
    /// Compose file says, but at most 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restarts: Option<u32>,
    /// Image to run instead of the Compose file's; the service is then not built.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Environment of the container, over the Compose file's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
    /// Arguments appended to the container's command.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<String>,
    /// Keys of the service in the Compose file that the isolated copy goes without, with dots: `privileged`,
    /// `cap_add.SYS_ADMIN`, `volumes./var/run/docker.sock`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
    /// Mount points, by their path in the container, that hold a new, empty volume instead of files of the host.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub empty: Vec<String>,
}

/// An Nginx of the isolated stack that takes the client's address from a request header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ClientAddressSettings {
    /// The service.
    pub service: String,
    /// Its configuration file inside the container, mounted from the host.
    pub config: String,
    /// The header that carries the address.
    pub header: String,
    /// Treatment of rate limits per client address.
    #[serde(default, skip_serializing_if = "AddressPolicy::is_default")]
    pub policy: AddressPolicy,
}

/// Treatment of the proxy's limits per client address, which all virtual users would share.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AddressPolicy {
    /// Every user has an address of its own, as in production; the limits stay on.
    #[default]
    PerUserAddresses,
    /// The proxy is unchanged: all users share one address, and the run measures the limiter.
    Keep,
    /// The limits are removed from the isolated copy; reported as an override.
    Lift,
}

impl AddressPolicy {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

fn is_strict(isolation: &IsolationSettings) -> bool {
    *isolation == IsolationSettings::default()
}

fn is_default(transport: &Transport) -> bool {
    *transport == Transport::default()
}

const fn default_deadline() -> Span {
    Span::from_millis(180_000)
}

const fn default_database_port() -> u16 {
    5432
}

impl StackFile {
    /// Reads `NAME.toml` in `folder` (`scenarios/stacks`), or the file at a path ending in `.toml`, relative to `folder`.
    pub fn load(folder: &Path, name_or_path: &str) -> Result<Self, StackError> {
        let is_path = Path::new(name_or_path)
            .extension()
            .is_some_and(|extension| extension == "toml");
        let path = if is_path {
            folder.join(name_or_path)
        } else {
            folder.join(format!("{name_or_path}.toml"))
        };
        let text = fs::read_to_string(&path).map_err(|source| StackError::Unreadable {
            path: path.clone(),
            source,
        })?;
        Self::parse(&text, &path)
    }

    /// A stack that runs already at that URL (`--target`), with default settings.
    pub fn attached(url: &str) -> Self {
        Self {
            name: "attached".to_owned(),
            description: format!("the system that runs at {url}"),
            compose: None,
            attach: Some(AttachSettings {
                url: url.to_owned(),
                database_dsn: None,
            }),
            entry: None,
            front_door: Transport::default(),
            database: None,
            ready: ReadyRequest::default(),
            deadline: default_deadline(),
            service: BTreeMap::new(),
            allowed_hosts: Vec::new(),
            proxy: None,
            production: None,
            isolation: IsolationSettings::default(),
            client_addresses: None,
            limiter: None,
            profile: BTreeMap::new(),
            seed: Vec::new(),
            readiness: Vec::new(),
            folder: PathBuf::new(),
        }
    }

    /// Treatment of rate limits per address: the scenario's setting, else the file's.
    pub fn address_policy(&self, settings: &StackSettings) -> AddressPolicy {
        let own = self.client_addresses.as_ref().map(|addresses| addresses.policy);
        settings.address_policy.or(own).unwrap_or_default()
    }

    /// Takes the images of the scenario's settings over.
    pub fn replace_images(&mut self, settings: &StackSettings) {
        for (service, image) in &settings.image {
            self.service.entry(service.clone()).or_default().image = Some(image.clone());
        }
    }

    /// The header in which users send an address of their own; `None` unless the policy gives them one.
    pub(super) fn client_header(&self, policy: AddressPolicy) -> Option<String> {
        let settings = self.client_addresses.as_ref();
        let settings = settings.filter(|_| policy == AddressPolicy::PerUserAddresses);
        settings.map(|settings| settings.header.clone())
    }

    fn parse(text: &str, path: &Path) -> Result<Self, StackError> {
        let mut file: Self = toml::from_str(text).map_err(|source| {
            given_scenario(text, path).unwrap_or_else(|| StackError::Invalid {
                path: path.to_owned(),
                source: source.into(),
            })
        })?;
        file.folder = path.parent().map(Path::to_owned).unwrap_or_default();
        // Paths are relative to the file, not to where the program was started.
        file.front_door = file.front_door.within(&file.folder);
        match file.expand_paths().err().or_else(|| file.contradiction()) {
            Some(problem) => Err(StackError::Contradiction {
                stack: path.display().to_string(),
                problem,
            }),
            None => Ok(file),
        }
    }

    fn contradiction(&self) -> Option<String> {
        let say = |text: &str| Some(text.to_owned());
        match (&self.compose, &self.attach) {
            (None, None) => return say("it needs [compose] or [attach]"),
            (Some(_), Some(_)) => return say("[compose] and [attach] exclude each other"),
            (Some(compose), None) if compose.files.is_empty() => {
                return say("[compose] files is empty");
            }
            (Some(_), None) if self.entry.is_none() => {
                return say("[compose] needs [entry]: which service and port is the front door?");
            }
            (None, Some(_)) if !self.seed.is_empty() => {
                return say("[[seed]] needs [compose]: an attached system is left as it is");
            }
            (None, Some(_)) if !self.readiness.is_empty() => {
                return say("[[readiness]] needs [compose]: use [ready]");
            }
            _ => {}
        }
        let has_database = self.database.is_some();
        let seeds = self.seed.iter().filter_map(|seed| seed.problem(has_database));
        let readiness = self.readiness.iter().filter_map(|ready| ready.problem(has_database));
        seeds.chain(readiness).next()
    }

    fn expand_paths(&mut self) -> Result<(), String> {
        let backups = self
            .production
            .iter_mut()
            .flat_map(|production| &mut production.backups);
        for backups in backups {
            backups.folder = paths::expanded(&backups.folder, |name| std::env::var(name).ok())?;
        }
        let Some(compose) = &mut self.compose else {
            return Ok(());
        };
        let paths = compose.files.iter_mut().chain(&mut compose.env_files);
        for path in paths.chain(&mut compose.project_directory) {
            *path = paths::expanded(path, |name| std::env::var(name).ok())?;
        }
        Ok(())
    }
}

/// The error of a scenario given for a stack file, with the stack file that it names. A scenario has phases or journeys, which no stack
/// file has; `None` if that text has neither.
fn given_scenario(text: &str, path: &Path) -> Option<StackError> {
    let table: toml::Table = toml::from_str(text).ok()?;
    if !table.contains_key("phase") && !table.contains_key("journeys") {
        return None;
    }
    let name = table.get("stack").and_then(|stack| stack.get("use")?.as_str());
    let stack = name.map(|name| {
        let is_path = Path::new(name).extension().is_some_and(|extension| extension == "toml");
        let file = Path::new("stacks").join(if is_path {
            name.to_owned()
        } else {
            format!("{name}.toml")
        });
        // As a scenario finds it: in the nearest folder `stacks`, beside it or above.
        let places: Vec<PathBuf> = path.ancestors().skip(1).map(|folder| folder.join(&file)).collect();
        let found = places.iter().find(|place| place.is_file()).or(places.first());
        found.cloned().unwrap_or(file)
    });
    Some(StackError::IsScenario {
        path: path.to_owned(),
        stack,
    })
}

/// Stack settings of a scenario.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StackSettings {
    /// Name of the stack file, or a path to one.
    #[serde(rename = "use")]
    pub file: String,
    /// Environment for Compose; overrides the stack file's own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Hosts other than this machine that may be loaded because they are the user's own.
    #[serde(default, rename = "allowed-hosts", skip_serializing_if = "Vec::is_empty")]
    pub allowed_hosts: Vec<String>,
    /// Treatment of rate limits per address; overrides the stack file's `[client-addresses] policy`.
    #[serde(default, rename = "client-addresses", skip_serializing_if = "Option::is_none")]
    pub address_policy: Option<AddressPolicy>,
    /// Limits of single services, over the Compose files': `limits.api.cpus = 0.5`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<String, LimitSettings>,
    /// Images of single services, over the stack file's and the Compose files'; such a service is not built:
    /// `image.api = "shop/api:1.5"`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub image: BTreeMap<String, String>,
    /// Number of containers of single services; overrides the Compose files'.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub replicas: BTreeMap<String, u32>,
    /// `--profile`: the machine whose size the stack is limited to.
    #[serde(skip)]
    pub machine: Option<Machine>,
    /// `--i-own`: hosts that are the user's own, production or not.
    #[serde(skip)]
    pub own_hosts: Vec<String>,
    /// `--keep-failed`: if something fails, what is up is left as it is.
    #[serde(skip)]
    pub keep_failed: bool,
    /// True if published ports are chosen at the start, so that a container which is started again keeps them.
    #[serde(skip)]
    pub fixed_ports: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Hint;
    use crate::wire::HttpVersion;

    const SMALL: &str = r#"
        name = "small"
        description = "one service"
        [compose]
        files = ["compose.yml"]
        [entry]
        service = "web"
        port = 80
    "#;

    fn parse(text: &str) -> Result<StackFile, StackError> {
        StackFile::parse(text, Path::new("stacks/small.toml"))
    }

    #[test]
    fn what_is_not_said_has_its_default() {
        let file = parse(SMALL).unwrap();
        assert_eq!(file.deadline.to_string(), "3m");
        assert_eq!(file.ready.path, "/");
        assert_eq!(file.folder, Path::new("stacks"));
        assert_eq!(file.seed, []);
    }

    #[test]
    fn the_way_to_the_front_door_is_understood() {
        let text = "[front-door]\nhttp = '2'\nsource-addresses = ['127.0.0.2..127.0.0.9']\n\
            tls = { ca-file = 'ca.pem' }\nresolve = { 'app.example' = '127.0.0.1' }";
        let door = parse(&format!("{SMALL}\n{text}")).unwrap().front_door;
        assert_eq!(door.http, HttpVersion::Two);
        assert_eq!(door.tls.ca_file.unwrap(), Path::new("stacks/ca.pem"));
        assert_eq!(door.source_addresses[0].to_string(), "127.0.0.2..127.0.0.9");
        for (key, told) in [
            ("http = '3'", "unknown variant `3`"),
            ("source-addresses = ['127.0.0.9..127.0.0.2']", "ends before it begins"),
            ("resolve = { 'app.example' = 'x' }", "invalid IP address"),
            ("tls = { insecur = true }", "unknown field `insecur`"),
        ] {
            let error = parse(&format!("{SMALL}\n[front-door]\n{key}")).unwrap_err();
            let cause = std::error::Error::source(&error).unwrap().to_string();
            assert!(cause.contains(told), "{cause}");
        }
    }

    #[test]
    fn a_word_that_means_nothing_is_refused() {
        let error = parse(&format!("{SMALL}\nhosts = \"x\"")).unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains("unknown field `hosts`"), "{cause}");
    }

    #[test]
    fn a_file_that_contradicts_itself_is_refused() {
        let both = format!("{SMALL}\n[attach]\nurl = \"http://127.0.0.1:1\"");
        let no_database = format!(
            "{SMALL}\n[[seed]]\nname = \"data\"\nexec = {{ service = \"web\", command = [\"true\"] }}\n\
             verify = [{{ what = \"rows\", sql = \"select 1\", at-least = 1 }}]"
        );
        let neither = "name = \"a\"\ndescription = \"b\"";
        for (text, expected) in [
            (both.as_str(), "exclude each other"),
            (no_database.as_str(), "there is no [database]"),
            (neither, "needs [compose] or [attach]"),
        ] {
            let message = parse(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn a_scenario_is_told_with_its_stack_file() {
        let scenario = |stack: &str| {
            let text = format!("name = 'gate'\ndescription = 'd'\n{stack}\n[journeys]\nlist = 1\n");
            let error = StackFile::parse(&text, Path::new("scenarios/gate.toml")).unwrap_err();
            (error.to_string(), error.hint().unwrap())
        };
        let (told, hint) = scenario("[stack]\nuse = 'shop'");
        assert_eq!(told, "scenarios/gate.toml is a scenario, not a stack file");
        assert!(
            hint.starts_with(
                "its stack file is scenarios/stacks/shop.toml: `diapason stack up scenarios/stacks/shop.toml`"
            ),
            "{hint}"
        );
        let (_, hint) = scenario("[stack]\nuse = '../shop/own.toml'");
        assert!(hint.contains("scenarios/stacks/../shop/own.toml"), "{hint}");
        let (_, hint) = scenario("");
        assert!(hint.contains("--target URL"), "{hint}");
        assert!(matches!(
            parse("name = 'a'\nphases = 1"),
            Err(StackError::Invalid { .. })
        ));
    }

    #[test]
    fn the_reference_stack_is_understood() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/stacks");
        let file = StackFile::load(&folder, "reference").unwrap();
        let compose = file.compose.unwrap();
        assert!(file.folder.join(&compose.files[0]).is_file());
        assert_eq!(file.client_addresses.unwrap().header, "X-Forwarded-For");
    }
}
