//! Guesses from a Compose file: the entry point, the database, the services that end, the services to leave out.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::roles::{self, DatabaseRole};
use super::{InitError, redirect};
use crate::evidence::image::{self, Role};
use crate::stack::{Caution, Lack, ReadCompose, Refusal, RequiredVariable, postgres_major, publisher, sharing};

/// Common ports of HTTP servers, the likeliest first.
const HTTP_PORTS: &[u64] = &[80, 8080, 3000, 8000, 5000, 4000, 443, 8443];
/// Ports over TLS.
const TLS_PORTS: &[u64] = &[443, 8443];
/// Former mount point of `PostgreSQL`'s data, which newer images no longer use.
const OLD_DATA: &str = "/var/lib/postgresql/data";

/// All guesses.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Guess {
    pub(super) name: String,
    pub(super) entry: EntryPoint,
    pub(super) database: Option<Database>,
    /// Roles of the database other than its owner.
    pub(super) roles: Vec<DatabaseRole>,
    /// Data stores that no probe reads.
    pub(super) stores: Vec<String>,
    /// Services that end, because another one waits for their end.
    pub(super) jobs: Vec<String>,
    /// Services without a health check.
    pub(super) unchecked: Vec<String>,
    pub(super) left_out: Vec<String>,
    /// Services that are started only under a profile, with the profile.
    pub(super) inactive: Vec<(String, String)>,
    /// The service and file of an Nginx configuration that is mounted whole.
    pub(super) nginx: Option<(String, String)>,
    /// Variables that the files require and that have no value.
    pub(super) required: BTreeMap<String, RequiredVariable>,
    /// Parts that the files name and that are not there.
    pub(super) lacks: Vec<Lack>,
    /// Features by which the services that stay would reach beyond an isolated stack.
    pub(super) refusals: Vec<Refusal>,
    /// Facts that a user should know before the stack is started.
    pub(super) cautions: Vec<Caution>,
}

/// The entry point for users.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct EntryPoint {
    pub(super) service: String,
    pub(super) port: u64,
    pub(super) tls: bool,
    /// Its name and the path of its certificate in the container, if the proxy's configuration says both.
    pub(super) named: Option<(String, String)>,
    /// True if it is an Nginx whose access log can be read.
    pub(super) logs: bool,
    /// The reason for this guess.
    pub(super) reason: String,
}

/// A `PostgreSQL` database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Database {
    pub(super) service: String,
    /// Value of `PGDATA` for the image to accept the volume; `None` if it needs none.
    pub(super) pgdata: Option<String>,
    /// True if appended arguments can turn on the server's statistics.
    pub(super) takes_arguments: bool,
}

impl Guess {
    /// Derives all guesses from the services.
    pub(super) fn from_compose(read: &ReadCompose, name: Option<&str>) -> Result<Self, InitError> {
        let none = Map::new();
        let all = read.configuration["services"].as_object().unwrap_or(&none);
        let (inactive, services): (Vec<_>, Vec<_>) = all
            .iter()
            .map(|(name, service)| Service { name, service })
            .partition(|service| !service.texts("profiles").is_empty());
        let left_out = |service: &&Service<'_>| service.role() == Role::Outside && !is_needed(service.name, &services);
        let left: Vec<String> = services.iter().filter(left_out).map(Service::owned_name).collect();
        let jobs: Vec<String> = services
            .iter()
            .filter(|service| is_waited_for_to_end(service.name, &services))
            .map(Service::owned_name)
            .collect();
        let staying: Vec<_> = services
            .into_iter()
            .filter(|service| !left.contains(service.name))
            .collect();
        let lasting = staying.iter().filter(|service| !jobs.contains(service.name));
        let named = |wanted: Role| staying.iter().filter(move |service| service.role() == wanted);
        let database = named(Role::Postgres).next().map(Service::database);
        let services = &read.configuration["services"];
        let roles = database
            .iter()
            .flat_map(|database| roles::roles(services, &database.service, &read.variables));
        Ok(Self {
            roles: roles.filter(|role| !left.contains(&role.service)).collect(),
            name: name_of(
                name.unwrap_or(read.configuration["name"].as_str().unwrap_or_default()),
                name.is_some(),
            )?,
            entry: entry(&staying, &jobs, &read.configuration).ok_or(InitError::NoFrontDoor)?,
            database,
            stores: named(Role::Store).map(Service::owned_name).collect(),
            unchecked: lasting
                .filter(|service| service.service["healthcheck"]["test"].is_null())
                .map(Service::owned_name)
                .collect(),
            inactive: inactive
                .iter()
                .map(|service| (service.owned_name(), service.texts("profiles").join(", ")))
                .collect(),
            nginx: named(Role::Proxy).find_map(Service::nginx),
            required: read.gaps.required.clone(),
            lacks: Vec::new(),
            refusals: Vec::new(),
            cautions: Vec::new(),
            left_out: left,
            jobs,
        })
    }
}

#[derive(Debug, Clone, Copy)]
struct Service<'a> {
    name: &'a String,
    service: &'a Value,
}

impl Service<'_> {
    fn owned_name(&self) -> String {
        self.name.clone()
    }

    fn image(&self) -> &str {
        self.service["image"].as_str().unwrap_or_default()
    }

    fn role(&self) -> Role {
        image::role(self.image(), self.name)
    }

    fn texts(&self, key: &str) -> Vec<&str> {
        let items = self.service[key].as_array().into_iter().flatten();
        items.filter_map(Value::as_str).collect()
    }

    /// Container ports that are published over TCP.
    fn ports(&self) -> Vec<u64> {
        let ports = self.service["ports"].as_array().into_iter().flatten();
        // HTTP/3 is published over UDP beside the same port over TCP.
        let tcp = ports.filter(|port| port["protocol"].as_str().is_none_or(|protocol| protocol == "tcp"));
        tcp.filter_map(|port| port["target"].as_u64()).collect()
    }

    fn exposed(&self) -> Vec<u64> {
        let ports = self.texts("expose").into_iter();
        ports.filter_map(|port| port.split('/').next()?.parse().ok()).collect()
    }

    fn mounts(&self) -> impl Iterator<Item = (&str, &str)> {
        let mounts = self.service["volumes"].as_array().into_iter().flatten();
        mounts.filter_map(|mount| Some((mount["type"].as_str()?, mount["target"].as_str()?)))
    }

    fn database(&self) -> Database {
        let mounted = self
            .mounts()
            .find(|(_, target)| target.trim_end_matches('/') == OLD_DATA);
        let given = self.service["environment"]["PGDATA"].as_str();
        let is_inside = given.is_some_and(|given| given.starts_with(OLD_DATA));
        // From 18 on the official image keeps its data elsewhere and refuses a volume at the old place.
        let is_new = postgres_major(self.image()).is_none_or(|major| major >= 18);
        let needs = mounted.is_some() && !is_inside && (is_new || given.is_some());
        let command = self.texts("command");
        let starts_server = self.service["command"].is_null() || command.first() == Some(&"postgres");
        // Statistics of older servers are not read.
        let is_read = postgres_major(self.image()).is_none_or(|major| major >= 14);
        Database {
            service: self.owned_name(),
            pgdata: needs.then(|| OLD_DATA.to_owned()),
            takes_arguments: starts_server && is_read,
        }
    }

    /// True if its image is an Nginx, is built for a service of that name, or gets a configuration of Nginx. A manager of proxies is
    /// none.
    fn is_nginx(&self) -> bool {
        let is_built = !self.service["build"].is_null();
        if is_built && self.mounts().any(|(_, target)| target.starts_with("/etc/nginx/")) {
            return true;
        }
        let name = match image::base(self.image()) {
            "" => self.name.as_str(),
            base => base.trim_end_matches("-unprivileged"),
        };
        name.ends_with("nginx")
    }

    fn nginx(&self) -> Option<(String, String)> {
        let is_whole = |(kind, target): &(&str, &str)| *kind == "bind" && target.ends_with("/nginx.conf");
        let (_, target) = self.mounts().find(is_whole)?;
        Some((self.owned_name(), target.to_owned()))
    }
}

fn dependencies<'a>(services: &'a [Service<'a>]) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let all = services
        .iter()
        .filter_map(|service| service.service["depends_on"].as_object());
    all.flat_map(Map::iter)
}

fn is_needed(name: &str, services: &[Service<'_>]) -> bool {
    dependencies(services).any(|(on, of)| on == name && of["required"] != false)
}

fn is_waited_for_to_end(name: &str, services: &[Service<'_>]) -> bool {
    dependencies(services).any(|(on, of)| on == name && of["condition"] == "service_completed_successfully")
}

/// The likeliest front door: a service that publishes a port before others, then a proxy before an application, then one
/// whose name suggests pages, then one that no other requires.
fn entry(services: &[Service<'_>], jobs: &[String], configuration: &Value) -> Option<EntryPoint> {
    let candidates = services
        .iter()
        .filter(|service| matches!(service.role(), Role::Proxy | Role::Application) && !jobs.contains(service.name));
    let all = &configuration["services"];
    let scored = candidates.map(|service| {
        // A service in the network of another one is published there.
        let published = Service {
            name: service.name,
            service: &all[publisher(configuration, service.name)],
        }
        .ports();
        let is_proxy = service.role() == Role::Proxy;
        let is_last = !is_needed(service.name, services);
        let sounds_like_pages = ["web", "front", "app", "ui", "site"]
            .iter()
            .any(|word| service.name.contains(word));
        let score = (!published.is_empty(), is_proxy, sounds_like_pages, is_last);
        (score, service, published)
    });
    // The first of equal scores: `max_by_key` would take the last.
    let (_, service, published) = scored.reduce(|best, next| if next.0 > best.0 { next } else { best })?;
    let (ports, reason) = if !published.is_empty() {
        (published, "it publishes a port")
    } else if !service.exposed().is_empty() {
        (service.exposed(), "no service publishes a port, this one exposes one")
    } else {
        (vec![80], "no service publishes a port: LOOK AT THIS")
    };
    let rank = |port: &u64| {
        HTTP_PORTS
            .iter()
            .position(|known| known == port)
            .unwrap_or(HTTP_PORTS.len())
    };
    let mut port = ports.iter().copied().min_by_key(rank)?;
    let mut reason = reason.to_owned();
    let over_tls = ports
        .iter()
        .copied()
        .filter(|port| TLS_PORTS.contains(port))
        .min_by_key(rank);
    // Whoever listens in the same network may be the one that answers.
    let sharing: Vec<&Value> = sharing(configuration, service.name)
        .into_iter()
        .map(|name| &all[name])
        .collect();
    if let Some(over_tls) = over_tls.filter(|over_tls| *over_tls != port) {
        if redirect::redirects(configuration, &sharing, port) {
            let plain = std::mem::replace(&mut port, over_tls);
            reason = format!("port {plain} only redirects to it");
        } else {
            reason = format!("{reason}; if it only redirects to {over_tls}: port = {over_tls}, tls = true");
        }
    }
    Some(EntryPoint {
        service: service.owned_name(),
        port,
        tls: TLS_PORTS.contains(&port),
        named: sharing
            .iter()
            .find_map(|service| redirect::tls_server(configuration, service, port)),
        logs: service.is_nginx() && redirect::logs_requests(configuration, service.service),
        reason,
    })
}

/// The project's name, adapted to a scenario; a name that the user gave is kept, or refused.
fn name_of(name: &str, is_chosen: bool) -> Result<String, InitError> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    let fit: String = name
        .chars()
        .map(|letter| if fits(letter) { letter } else { '-' })
        .collect();
    let fit = fit.trim_matches(['-', '_']).to_owned();
    if fit.is_empty() || (is_chosen && fit != name) {
        return Err(InitError::Name { name: name.to_owned() });
    }
    Ok(fit)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn guess(services: Value) -> Result<Guess, InitError> {
        let mut configuration = json!({ "name": "shop" });
        configuration["services"] = services;
        let read = ReadCompose {
            configuration,
            ..ReadCompose::default()
        };
        Guess::from_compose(&read, None)
    }

    fn port(target: u64) -> Value {
        json!({ "mode": "ingress", "target": target, "published": "1", "protocol": "tcp" })
    }

    #[test]
    fn a_proxy_that_publishes_is_the_front_door() {
        let guess = guess(json!({
            "postgres": { "image": "postgres:17", "ports": [port(5432)] },
            "api": { "ports": [port(4000)] },
            "web": { "ports": [port(3000)] },
            "edge": { "image": "nginx:1.27", "ports": [port(443), port(80)],
                "volumes": [{ "type": "bind", "target": "/etc/nginx/nginx.conf" }] },
        }))
        .unwrap();
        assert_eq!(
            (guess.entry.service.as_str(), guess.entry.port, guess.entry.tls),
            ("edge", 80, false)
        );
        assert!(guess.entry.logs);
        assert_eq!(guess.nginx.unwrap().1, "/etc/nginx/nginx.conf");
        let database = guess.database.unwrap();
        assert_eq!((database.service.as_str(), database.pgdata), ("postgres", None));
        assert_eq!(guess.unchecked, ["postgres", "api", "web", "edge"]);
    }

    #[test]
    fn an_nginx_is_known_by_its_image_its_name_or_its_configuration() {
        let config = json!([{ "type": "bind", "source": "/nowhere", "target": "/etc/nginx/conf.d/default.conf" }]);
        for (name, service, expected) in [
            (
                "web",
                json!({ "image": "nginxinc/nginx-unprivileged:1.27", "ports": [port(80)] }),
                true,
            ),
            (
                "nginx",
                json!({ "build": { "context": "." }, "ports": [port(80)] }),
                true,
            ),
            (
                "web",
                json!({ "build": { "context": "." }, "ports": [port(80)], "volumes": config }),
                true,
            ),
            (
                "web",
                json!({ "build": { "context": "." }, "ports": [port(80)] }),
                false,
            ),
            (
                "proxy",
                json!({ "image": "jc21/nginx-proxy-manager", "ports": [port(80)] }),
                false,
            ),
            ("proxy", json!({ "image": "traefik:v3", "ports": [port(80)] }), false),
        ] {
            let guessed = guess(json!({ name: service.clone() })).unwrap();
            assert_eq!(guessed.entry.logs, expected, "{service}");
        }
    }

    #[test]
    fn without_published_ports_something_is_said() {
        let exposed = guess(json!({ "api": { "expose": ["4000"] }, "redis": { "image": "redis" } })).unwrap();
        assert_eq!((exposed.entry.port, exposed.stores), (4000, vec!["redis".to_owned()]));
        let silent = guess(json!({ "app": {} })).unwrap();
        assert!(silent.entry.reason.contains("LOOK AT THIS"));
        assert!(matches!(
            guess(json!({ "db": { "image": "postgres" } })),
            Err(InitError::NoFrontDoor)
        ));
    }

    #[test]
    fn the_likeliest_of_several_front_doors_is_taken() {
        let udp = json!({ "target": 80, "protocol": "udp" });
        let on = |service: &str| json!({ service: { "condition": "service_started", "required": true } });
        let table = [
            // A service that publishes a port comes before a proxy that does not.
            (
                json!({ "edge": { "image": "nginx" }, "api": { "ports": [port(4000)] } }),
                ("api", 4000, "it publishes a port"),
            ),
            // Of those that publish one, a proxy; then one whose name suggests pages; then one that no other requires.
            (
                json!({ "web": { "ports": [port(3000)] }, "gateway": { "ports": [port(8080)] } }),
                ("gateway", 8080, "it publishes a port"),
            ),
            (
                json!({ "api": { "ports": [port(80)] }, "frontend": { "ports": [port(3000)] } }),
                ("frontend", 3000, "it publishes a port"),
            ),
            (
                json!({ "core": { "ports": [port(80)] }, "shop": { "ports": [port(3000)], "depends_on": on("core") } }),
                ("shop", 3000, "it publishes a port"),
            ),
            // Of equals the first.
            (
                json!({ "one": { "ports": [port(81)] }, "two": { "ports": [port(80)] } }),
                ("one", 81, "it publishes a port"),
            ),
            // Plain HTTP before TLS, a known port before others, and only TCP.
            (
                json!({ "web": { "ports": [port(9229), port(8443), port(3000)] } }),
                (
                    "web",
                    3000,
                    "it publishes a port; if it only redirects to 8443: port = 8443, tls = true",
                ),
            ),
            (
                json!({ "web": { "ports": [udp, port(9000)], "expose": ["80"] } }),
                ("web", 9000, "it publishes a port"),
            ),
            (
                json!({ "web": { "expose": ["9229/tcp", "5000/tcp"] } }),
                ("web", 5000, "no service publishes a port, this one exposes one"),
            ),
            // Stores, tools and databases are no candidates, even if they publish a port.
            (
                json!({
                    "redis": { "ports": [port(80)] },
                    "pgadmin": { "ports": [port(80)] },
                    "postgres": { "ports": [port(80)] },
                    "api": { "ports": [port(4000)] },
                }),
                ("api", 4000, "it publishes a port"),
            ),
        ];
        for (services, expected) in table {
            let entry = guess(services.clone()).unwrap().entry;
            assert_eq!(
                (entry.service.as_str(), entry.port, entry.reason.as_str()),
                expected,
                "{services}"
            );
            assert!(!entry.tls, "{services}");
        }
        for secure in [443, 8443] {
            assert!(
                guess(json!({ "web": { "ports": [port(secure)] } })).unwrap().entry.tls,
                "{secure}"
            );
        }
    }

    #[test]
    fn what_another_service_needs_is_not_left_out_and_not_waited_for_twice() {
        let on = |condition: &str, required: bool| json!({ "condition": condition, "required": required });
        let with = |dependency: Value| {
            let web = json!({ "image": "shop", "ports": [port(80)], "depends_on": { "backup": dependency } });
            guess(json!({ "web": web, "backup": { "image": "acme/backup" } })).unwrap()
        };
        let needed = with(on("service_started", true));
        assert_eq!((needed.left_out, needed.jobs), (vec![], vec![]));
        assert_eq!(needed.unchecked, ["web", "backup"]);
        let optional = with(on("service_started", false));
        assert_eq!(
            (optional.left_out, optional.unchecked),
            (vec!["backup".to_owned()], vec!["web".to_owned()])
        );
        // A job that must end with exit code 0 is not reported as a service without a health check.
        let job = with(on("service_completed_successfully", true));
        assert_eq!((job.left_out, job.jobs), (vec![], vec!["backup".to_owned()]));
        assert_eq!(job.unchecked, ["web"]);
    }

    #[test]
    fn statistics_are_switched_on_only_where_arguments_reach_the_server() {
        let takes = |image: &str, command: Value| {
            let services = json!({ "web": {}, "db": { "image": image, "command": command } });
            guess(services).unwrap().database.unwrap().takes_arguments
        };
        assert!(takes("postgres:18", Value::Null));
        assert!(takes("postgres:18", json!(["postgres", "-c", "max_connections=20"])));
        assert!(!takes("postgres:18", json!(["sh", "-c", "exec postgres"])));
        // These add to what is preloaded already.
        assert!(takes(
            "postgres:18",
            json!(["postgres", "-c", "shared_preload_libraries=auto_explain"])
        ));
        assert!(!takes("postgres:13", Value::Null));
        assert!(takes("pgvector/pgvector:pg16", Value::Null));
        assert!(takes("timescale/timescaledb:latest-pg17", Value::Null));
        assert_eq!(guess(json!({ "web": {}, "mysql": {} })).unwrap().database, None);
    }

    #[test]
    fn jobs_profiles_and_what_belongs_outside_are_told_apart() {
        let needs = |condition: &str| json!({ "condition": condition, "required": true });
        let guess = guess(json!({
            "web": { "image": "shop", "ports": [port(8080)], "healthcheck": { "test": ["CMD", "true"] },
                "depends_on": { "migrate": needs("service_completed_successfully") } },
            "migrate": { "image": "shop" },
            "certbot": { "image": "certbot/certbot" },
            "debug": { "image": "shop", "ports": [port(80)], "profiles": ["debug"] },
        }))
        .unwrap();
        assert_eq!(guess.entry.service, "web");
        assert_eq!(guess.jobs, ["migrate"]);
        assert_eq!(guess.left_out, ["certbot"]);
        assert_eq!(guess.inactive, [("debug".to_owned(), "debug".to_owned())]);
        assert!(guess.unchecked.is_empty(), "{:?}", guess.unchecked);
    }

    #[test]
    fn a_database_that_would_refuse_its_volume_is_told_where_its_data_is() {
        let of = |image: &str, environment: Value| {
            let volumes = json!([{ "type": "volume", "target": "/var/lib/postgresql/data" }]);
            let service = json!({ "image": image, "volumes": volumes, "environment": environment });
            let guess = guess(json!({ "web": {}, "db": service })).unwrap();
            guess.database.unwrap().pgdata
        };
        assert_eq!(of("postgres:17", json!({})), None);
        assert_eq!(of("postgres:18", json!({})).unwrap(), OLD_DATA);
        assert_eq!(of("postgres", json!({})).unwrap(), OLD_DATA);
        assert_eq!(
            of("postgres:18", json!({ "PGDATA": "/var/lib/postgresql/data/18" })),
            None
        );
        assert_eq!(of("postgres:17", json!({ "PGDATA": "/elsewhere" })).unwrap(), OLD_DATA);
    }

    #[test]
    fn a_name_is_made_fit_or_refused() {
        assert_eq!(name_of("my shop.prod", false).unwrap(), "my-shop-prod");
        assert!(name_of("my shop", true).is_err());
        assert!(name_of("", false).is_err());
    }
}
