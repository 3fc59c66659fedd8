//! Rewrites Compose's configuration into a stack that shares no name, port or data with any other.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::free_port::free_port;
use super::images::{image_name, own_names};
use super::mounts::{real, source};
use super::namespace::{ENTRY_PORT, ENTRY_SCHEME};
use super::preload::extended;
use super::publisher::publisher;
use super::refusal::check;
use super::value::{entries, items, text};
use super::wanted::RewriteInputs;
use crate::evidence::{PartKind, Rewrite};
use crate::stack::StackError;
use crate::stack::file::{DatabaseSettings, EntrySettings, ServiceSettings};

/// A configuration that stands alone, and the changes.
#[derive(Debug, PartialEq)]
pub(super) struct RewriteResult {
    pub(super) configuration: Value,
    pub(super) notes: Vec<Rewrite>,
}

/// Rewrites the configuration, or refuses it.
pub(super) fn rewrite(configuration: &Value, wanted: &RewriteInputs<'_>) -> Result<RewriteResult, StackError> {
    check(configuration, wanted.file)?;
    let mut rewriting = Rewriter {
        wanted,
        configuration,
        project: text(configuration, "name"),
        opened: false,
        built: own_names(configuration),
        notes: Vec::new(),
    };
    let mut result = Map::new();
    result.insert("name".to_owned(), json!(wanted.namespace));
    let services = entries(configuration, "services");
    let services: Result<Map<String, Value>, StackError> = services
        .map(|(name, service)| Ok((name.clone(), rewriting.service(name, service)?)))
        .collect();
    result.insert("services".to_owned(), Value::Object(services?));
    for kind in ["networks", "volumes", "secrets", "configs"] {
        let parts: Map<_, _> = entries(configuration, kind)
            .map(|(name, part)| (name.clone(), rewriting.part(kind, name, part)))
            .collect();
        if !parts.is_empty() {
            result.insert(kind.to_owned(), Value::Object(parts));
        }
    }
    if rewriting.opened {
        let name = format!("{}_{OPEN_NETWORK}", wanted.namespace);
        let labels = rewriting.labels(None, "", &Map::new());
        result.entry("networks").or_insert_with(|| json!({}))[OPEN_NETWORK] = json!({ "name": name, "labels": labels });
    }
    let rewritten = RewriteResult {
        configuration: Value::Object(result),
        notes: rewriting.notes,
    };
    // The result is looked through once more by code that knows nothing of the rewriting: an omission here would reach
    // the host.
    super::verify::verify(&rewritten.configuration, wanted)?;
    Ok(rewritten)
}

struct Rewriter<'a> {
    wanted: &'a RewriteInputs<'a>,
    configuration: &'a Value,
    project: &'a str,
    /// Images that are built, by the names in the files, with the run's own names.
    built: BTreeMap<String, String>,
    notes: Vec<Rewrite>,
    /// True if a service that publishes a port had internal networks only.
    opened: bool,
}

/// Number of containers of a service.
fn replicas(service: &Value) -> u64 {
    let counts = [&service["deploy"]["replicas"], &service["scale"]];
    counts.into_iter().find_map(Value::as_u64).unwrap_or(1)
}

/// Network through which the engine publishes a port of a service whose own networks are all internal.
const OPEN_NETWORK: &str = "diapason-open";

impl Rewriter<'_> {
    fn service(&mut self, name: &str, service: &Value) -> Result<Value, StackError> {
        let mut fields = service.as_object().cloned().unwrap_or_default();
        // Compose has merged `env_file` and `label_file` into `environment` and `labels`.
        for key in [
            "depends_on",
            "build",
            "develop",
            "pull_policy",
            "profiles",
            "env_file",
            "label_file",
        ] {
            fields.remove(key);
        }
        let image = image_name(self.project, name, service);
        if let Some(own) = self.built.get(&image).cloned() {
            self.notes.push(Rewrite::BuiltAs {
                service: name.to_owned(),
                image: image.clone(),
                own: own.clone(),
            });
            fields.insert("image".to_owned(), json!(own));
        }
        if fields.remove("container_name").is_some() {
            // Compose names it after the project and numbers each replica.
            let new = format!("{}-{name}", self.wanted.namespace);
            self.notes.push(Rewrite::Container {
                before: text(service, "container_name").to_owned(),
                after: new,
            });
            add_alias(&mut fields, text(service, "container_name"));
        }
        // A crash under load must be seen, and a restart would repair it unseen.
        self.restart(name, &mut fields);
        self.logging(name, &mut fields);
        let ports = self.ports(name, service);
        if !ports.is_empty() {
            self.open(name, &mut fields);
        }
        fields.insert("ports".to_owned(), Value::Array(ports));
        self.mounts(name, &mut fields);
        if let Some(settings) = self.wanted.file.service.get(name) {
            self.environment(name, settings, &mut fields);
            self.arguments(name, settings, &mut fields)?;
        }
        let mut labels = self.labels(None, name, &fields);
        if let Some(entry) = self.entry(name) {
            let scheme = if entry.tls { "https" } else { "http" };
            labels.insert(ENTRY_PORT.to_owned(), json!(entry.port.to_string()));
            labels.insert(ENTRY_SCHEME.to_owned(), json!(scheme));
        }
        fields.insert("labels".to_owned(), Value::Object(labels));
        Ok(Value::Object(fields))
    }

    fn part(&mut self, kind: &str, name: &str, part: &Value) -> Value {
        let mut fields = part.as_object().cloned().unwrap_or_default();
        let new = format!("{}_{name}", self.wanted.namespace);
        let renamed = match kind {
            "networks" => Some(PartKind::Network),
            "volumes" => Some(PartKind::Volume),
            _ => None,
        };
        if let Some(renamed) = renamed {
            let external = fields.remove("external") == Some(json!(true));
            self.notes.push(Rewrite::Renamed {
                kind: renamed,
                before: text(part, "name").to_owned(),
                after: new.clone(),
                external,
            });
            let labels = self.labels(Some(renamed), name, &fields);
            fields.insert("labels".to_owned(), Value::Object(labels));
        }
        if let Some(path) = self
            .wanted
            .made_up
            .get(name)
            .filter(|_| ["secrets", "configs"].contains(&kind))
        {
            self.notes.push(Rewrite::MadeUp {
                secret: kind == "secrets",
                name: name.to_owned(),
                before: text(part, "name").to_owned(),
            });
            fields = Map::from_iter([("file".to_owned(), json!(escaped(&path.display().to_string())))]);
        }
        fields.insert("name".to_owned(), json!(new));
        if kind == "networks" {
            if self
                .wanted
                .file
                .isolation
                .fresh_networks
                .iter()
                .any(|fresh| fresh == name)
            {
                fields.remove("driver");
            }
            if part["ipam"]["config"].is_array() {
                self.notes.push(Rewrite::Subnet {
                    network: name.to_owned(),
                });
            }
            // A fixed subnet collides with the running production's; the engine chooses a free one.
            fields.remove("ipam");
            if fields.remove("enable_ipv6") == Some(json!(true)) {
                self.notes.push(Rewrite::Ipv6 {
                    network: name.to_owned(),
                });
            }
            if fields.remove("driver_opts").is_some() {
                self.notes.push(Rewrite::DriverOptions {
                    network: name.to_owned(),
                });
            }
        }
        Value::Object(fields)
    }

    /// Diapason's labels, in place of the file's: other programs on the host, such as a proxy or an updater, act on labels.
    fn labels(&mut self, kind: Option<PartKind>, name: &str, fields: &Map<String, Value>) -> Map<String, Value> {
        let theirs = fields.get("labels").and_then(Value::as_object);
        // A stack that may use the engine's socket may find its own containers by them.
        let kept = !self.wanted.file.isolation.sockets.is_empty();
        if let Some(names) = theirs.filter(|labels| !kept && !labels.is_empty()) {
            self.notes.push(Rewrite::Labels {
                kind,
                name: name.to_owned(),
                labels: names.keys().cloned().collect(),
            });
        }
        let mut labels = theirs.filter(|_| kept).cloned().unwrap_or_default();
        let own = self.wanted.labels.iter();
        labels.extend(own.map(|(key, value)| (key.clone(), json!(escaped(value)))));
        labels
    }

    /// The entry if that service publishes its port.
    fn entry(&self, service: &str) -> Option<&EntrySettings> {
        let entry = self.wanted.file.entry.as_ref();
        entry.filter(|entry| publisher(self.configuration, &entry.service) == service)
    }

    /// Adds a network that is not internal to a service that has none: the engine publishes no port without.
    fn open(&mut self, name: &str, fields: &mut Map<String, Value>) {
        let all = &self.configuration["networks"];
        let networks = fields.get_mut("networks").and_then(Value::as_object_mut);
        let Some(networks) = networks.filter(|networks| !networks.is_empty()) else {
            return;
        };
        if networks.keys().all(|network| all[network]["internal"] == true) {
            // The engine publishes no port of a container that is only in internal networks.
            networks.insert(OPEN_NETWORK.to_owned(), Value::Null);
            self.opened = true;
            self.notes.push(Rewrite::Opened {
                service: name.to_owned(),
            });
        }
    }

    fn database(&self, service: &str) -> Option<&DatabaseSettings> {
        self.wanted
            .file
            .database
            .as_ref()
            .filter(|database| publisher(self.configuration, &database.service) == service)
    }

    /// Turns restarts off, so that a service that ends is reported.
    fn restart(&mut self, name: &str, fields: &mut Map<String, Value>) {
        let policy = fields.insert("restart".to_owned(), json!("no"));
        let of_deploy = fields
            .get_mut("deploy")
            .and_then(Value::as_object_mut)
            .and_then(|deploy| deploy.remove("restart_policy"));
        if policy.is_some_and(|policy| policy != "no") || of_deploy.is_some() {
            self.notes.push(Rewrite::RestartPolicy {
                service: name.to_owned(),
            });
        }
    }

    /// Keeps logs on this engine, where they can be read.
    fn logging(&mut self, name: &str, fields: &mut Map<String, Value>) {
        let driver = fields.get("logging").map_or("", |logging| text(logging, "driver"));
        if !["", "json-file", "local", "journald"].contains(&driver) {
            self.notes.push(Rewrite::LogDriver {
                service: name.to_owned(),
                driver: driver.to_owned(),
            });
            // Logs sent to a collector elsewhere can neither be read here nor belong there.
            fields.remove("logging");
        }
    }

    fn ports(&mut self, name: &str, service: &Value) -> Vec<Value> {
        let entry = self.entry(name).map(|entry| (entry.port, false));
        let database = self.database(name).map(|database| (database.port, true));
        let published: Vec<_> = entry.into_iter().chain(database).collect();
        for port in items(service, "ports") {
            let host = [text(port, "host_ip"), text(port, "published")];
            let host = host
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(":");
            let target = &port["target"];
            if !published.iter().any(|(kept, _)| target == kept) {
                self.notes.push(Rewrite::Unpublished {
                    service: name.to_owned(),
                    port: target.as_u64().unwrap_or_default(),
                    host,
                });
            }
        }
        let mut ports = Vec::new();
        for (port, database) in published {
            self.notes.push(Rewrite::Published {
                service: name.to_owned(),
                port,
                database,
            });
            // Without `published` the engine picks a free port; on loopback, so that no other machine reaches a copy of
            // production.
            let mut published = json!({ "mode": "ingress", "host_ip": "127.0.0.1", "target": port, "protocol": "tcp" });
            // Several containers cannot share one port.
            let single = replicas(service) == 1;
            if let Some(fixed) = free_port().filter(|_| self.wanted.fixed_ports && single) {
                published["published"] = json!(fixed.to_string());
            }
            ports.push(published);
        }
        ports
    }

    fn mounts(&mut self, name: &str, fields: &mut Map<String, Value>) {
        let mut mounts: Vec<Value> = fields
            .get("volumes")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        for mount in &mut mounts {
            let path = real(&source(mount));
            let copy = self.wanted.copies.iter().find(|(of, _)| *of == path);
            if let Some((_, copy)) = copy.filter(|_| text(mount, "type") == "bind") {
                self.notes.push(Rewrite::Copied {
                    service: name.to_owned(),
                    target: text(mount, "target").to_owned(),
                    source: path.display().to_string(),
                });
                mount["source"] = json!(escaped(&copy.display().to_string()));
            }
            // A missing path is an error of the file; the engine must not create it on the host.
            if text(mount, "type") == "bind" {
                mount["bind"]["create_host_path"] = json!(false);
            }
        }
        if let Some((service, target, source)) = &self.wanted.replaced
            && *service == name
        {
            mounts.retain(|mount| text(mount, "target") != *target);
            mounts.push(json!({
                "type": "bind", "source": escaped(source), "target": target, "read_only": true,
                "bind": { "create_host_path": false },
            }));
            self.notes.push(Rewrite::ClientAddress {
                service: name.to_owned(),
                target: (*target).to_owned(),
            });
        }
        if !mounts.is_empty() {
            fields.insert("volumes".to_owned(), Value::Array(mounts));
        }
    }

    fn environment(&mut self, name: &str, settings: &ServiceSettings, fields: &mut Map<String, Value>) {
        if settings.environment.is_empty() {
            return;
        }
        let mut environment = fields
            .get("environment")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        for (key, value) in &settings.environment {
            self.notes.push(Rewrite::Environment {
                service: name.to_owned(),
                key: key.clone(),
            });
            environment.insert(key.clone(), json!(escaped(value)));
        }
        fields.insert("environment".to_owned(), Value::Object(environment));
    }

    fn arguments(
        &mut self,
        name: &str,
        settings: &ServiceSettings,
        fields: &mut Map<String, Value>,
    ) -> Result<(), StackError> {
        if settings.arguments.is_empty() {
            return Ok(());
        }
        let own = fields.get("command").and_then(Value::as_array).cloned();
        let of_image = || {
            let command = self.wanted.image_commands.get(name)?;
            Some(command.iter().map(|word| json!(escaped(word))).collect())
        };
        let mut command = own.or_else(of_image).ok_or_else(|| StackError::Contradiction {
            stack: self.wanted.file.name.clone(),
            problem: format!("service `{name}` has no command to append arguments to"),
        })?;
        let none = Vec::new();
        let preloaded = self.wanted.preloaded.get(name).unwrap_or(&none);
        let words = settings.arguments.iter();
        let words: Vec<String> = words
            .map(|word| extended(word, preloaded).unwrap_or_else(|| word.clone()))
            .collect();
        command.extend(words.iter().map(|word| json!(escaped(word))));
        self.notes.push(Rewrite::Arguments {
            service: name.to_owned(),
            arguments: words,
        });
        fields.insert("command".to_owned(), Value::Array(command));
        Ok(())
    }
}

/// Keeps a container's old name as a host name inside the stack's own networks, because others may use it.
fn add_alias(fields: &mut Map<String, Value>, alias: &str) {
    let networks = fields.get_mut("networks").and_then(Value::as_object_mut);
    for (_, network) in networks.into_iter().flatten() {
        let mut aliases: Vec<Value> = items(network, "aliases").cloned().collect();
        aliases.push(json!(alias));
        if network.is_null() {
            *network = json!({});
        }
        network["aliases"] = Value::Array(aliases);
    }
}

/// The text as a literal: Compose replaces `$NAME` in its input.
fn escaped(text: &str) -> String {
    // Compose would replace `$NAME` by a variable once more.
    text.replace('$', "$$")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::StackFile;
    use crate::words::en;

    fn file() -> StackFile {
        toml::from_str(
            r#"
            name = "shop"
            description = "a shop"
            [compose]
            files = ["compose.yml"]
            [entry]
            service = "nginx"
            port = 80
            [database]
            service = "postgres"
            [service.postgres]
            environment = { PGDATA = "/data/$x" }
            arguments = ["-c", "max_connections=50"]
            "#,
        )
        .unwrap()
    }

    fn rewritten(configuration: &Value, file: &StackFile) -> Result<RewriteResult, StackError> {
        let labels = [("io.diapason.namespace", "diapason-1"), ("io.diapason.stack", "shop")];
        rewrite(
            configuration,
            &RewriteInputs {
                fixed_ports: false,
                file,
                namespace: "diapason-1",
                labels: &labels.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
                image_commands: &[("postgres".to_owned(), vec!["postgres".to_owned()])].into(),
                preloaded: &BTreeMap::new(),
                replaced: Some((
                    "nginx",
                    "/etc/nginx/nginx.conf",
                    "/tmp/diapason-1/nginx.conf".to_owned(),
                )),
                copies: &[],
                made_up: &BTreeMap::new(),
            },
        )
    }

    fn production() -> Value {
        json!({
            "name": "shop-prod",
            "services": {
                "nginx": {
                    "container_name": "shop-nginx-prod", "image": "nginx", "restart": "always",
                    "depends_on": { "postgres": { "condition": "service_healthy" } },
                    "networks": { "back": null },
                    "ports": [
                        { "mode": "ingress", "target": 80, "published": "80", "protocol": "tcp" },
                        { "mode": "ingress", "host_ip": "0.0.0.0", "target": 443, "published": "443" },
                    ],
                    "volumes": [{ "type": "bind", "source": "/srv/nginx.conf", "target": "/etc/nginx/nginx.conf", "read_only": true }],
                },
                "postgres": {
                    "build": { "context": "." }, "command": null, "environment": { "PGDATA": "/var", "A": "1" },
                    "logging": { "driver": "syslog" },
                    "deploy": { "resources": { "limits": { "cpus": 2 } }, "restart_policy": { "condition": "any" } },
                    "volumes": [{ "type": "volume", "source": "data", "target": "/var" }],
                },
            },
            "networks": { "back": { "name": "shop-net", "ipam": { "config": [{ "subnet": "172.30.0.0/16" }] } } },
            "volumes": { "data": { "name": "shop-data-prod" } },
            "secrets": { "ca": { "name": "shop-prod_ca", "file": "/ca.pem" } },
        })
    }

    #[test]
    fn nothing_of_the_production_stack_keeps_its_name() {
        let labels = json!({ "io.diapason.namespace": "diapason-1", "io.diapason.stack": "shop" });
        let mut entry_labels = labels.clone();
        entry_labels["io.diapason.entry-port"] = json!("80");
        entry_labels["io.diapason.entry-scheme"] = json!("http");
        let result = rewritten(&production(), &file()).unwrap();
        let expected = json!({
            "name": "diapason-1",
            "services": {
                "nginx": {
                    "image": "nginx", "restart": "no",
                    "networks": { "back": { "aliases": ["shop-nginx-prod"] } },
                    "ports": [{ "mode": "ingress", "host_ip": "127.0.0.1", "target": 80, "protocol": "tcp" }],
                    "volumes": [{
                        "type": "bind", "source": "/tmp/diapason-1/nginx.conf", "target": "/etc/nginx/nginx.conf",
                        "read_only": true, "bind": { "create_host_path": false },
                    }],
                    "labels": entry_labels,
                },
                "postgres": {
                    "command": ["postgres", "-c", "max_connections=50"],
                    "environment": { "PGDATA": "/data/$$x", "A": "1" },
                    "deploy": { "resources": { "limits": { "cpus": 2 } } },
                    "volumes": [{ "type": "volume", "source": "data", "target": "/var" }],
                    "image": "diapason-built/shop-prod-postgres", "restart": "no",
                    "ports": [{ "mode": "ingress", "host_ip": "127.0.0.1", "target": 5432, "protocol": "tcp" }],
                    "labels": labels,
                },
            },
            "networks": { "back": { "name": "diapason-1_back", "labels": labels } },
            "volumes": { "data": { "name": "diapason-1_data", "labels": labels } },
            "secrets": { "ca": { "name": "diapason-1_ca", "file": "/ca.pem" } },
        });
        assert_eq!(result.configuration, expected);
    }

    #[test]
    fn every_change_is_told() {
        let notes = rewritten(&production(), &file()).unwrap().notes;
        let expected = [
            "container shop-nginx-prod → diapason-1-nginx-1",
            "restart policy of nginx → none",
            "port 443 of nginx: 0.0.0.0:443 → not published",
            "port 80 of nginx, the front door → a free port of 127.0.0.1",
            "/etc/nginx/nginx.conf of nginx: a copy that takes the client's address from the harness",
            "image of postgres: shop-prod-postgres → built as diapason-built/shop-prod-postgres",
            "restart policy of postgres → none",
            "log driver of postgres: syslog → the engine's own",
            "port 5432 of postgres, the database → a free port of 127.0.0.1",
            "environment of postgres: PGDATA set by the stack file",
            "command of postgres: -c max_connections=50 appended",
            "network shop-net → diapason-1_back",
            "network back: its fixed subnet → one the engine chooses",
            "volume shop-data-prod → diapason-1_data",
        ];
        let notes: Vec<String> = notes.iter().map(en::rewrite).collect();
        assert_eq!(notes, expected);
    }

    #[test]
    fn networks_and_secrets_of_others_are_made_anew() {
        let mut configuration = production();
        configuration["networks"]["lan"] =
            json!({ "name": "shop_lan", "driver": "macvlan", "driver_opts": { "parent": "eth0" } });
        configuration["secrets"]["token"] = json!({ "name": "prod-token", "external": true });
        let mut file = file();
        file.isolation.fresh_networks = vec!["lan".to_owned()];
        file.isolation.made_up = vec!["token".to_owned()];
        let labels = [("io.diapason.namespace".to_owned(), "diapason-1".to_owned())].into();
        let made_up = [("token".to_owned(), "/tmp/diapason-1/made-up-token".into())].into();
        let result = rewrite(
            &configuration,
            &RewriteInputs {
                fixed_ports: false,
                file: &file,
                namespace: "diapason-1",
                labels: &labels,
                image_commands: &[("postgres".to_owned(), vec!["postgres".to_owned()])].into(),
                preloaded: &BTreeMap::new(),
                replaced: None,
                copies: &[],
                made_up: &made_up,
            },
        );
        let result = result.unwrap().configuration;
        assert_eq!(
            result["networks"]["lan"],
            json!({ "name": "diapason-1_lan", "labels": labels })
        );
        let token = json!({ "name": "diapason-1_token", "file": "/tmp/diapason-1/made-up-token" });
        assert_eq!(result["secrets"]["token"], token);
    }

    #[test]
    fn ports_are_published_by_whoever_has_the_network() {
        let mut configuration = production();
        configuration["services"]["nginx"]["network_mode"] = json!("service:vpn");
        configuration["services"]["nginx"]
            .as_object_mut()
            .unwrap()
            .remove("networks");
        configuration["services"]["vpn"] = json!({ "image": "vpn", "networks": { "back": null } });
        configuration["services"]["postgres"]["networks"] = json!({ "back": null });
        configuration["networks"]["back"]["internal"] = json!(true);
        let result = rewritten(&configuration, &file()).unwrap().configuration;
        let services = &result["services"];
        assert_eq!(services["nginx"]["ports"], json!([]));
        assert_eq!(services["vpn"]["ports"][0]["target"], 80);
        assert_eq!(services["vpn"]["labels"]["io.diapason.entry-port"], "80");
        for service in ["vpn", "postgres"] {
            assert_eq!(
                services[service]["networks"],
                json!({ "back": null, "diapason-open": null })
            );
        }
        assert_eq!(result["networks"]["diapason-open"]["name"], "diapason-1_diapason-open");
    }

    #[test]
    fn arguments_need_a_command() {
        let mut file = file();
        let settings = file.service.remove("postgres").unwrap();
        file.service.insert("nginx".to_owned(), settings);
        let error = rewritten(&production(), &file).unwrap_err().to_string();
        assert!(
            error.ends_with("service `nginx` has no command to append arguments to"),
            "{error}"
        );
    }

    #[test]
    fn what_reaches_the_host_is_refused() {
        let mut configuration = production();
        configuration["services"]["nginx"]["privileged"] = json!(true);
        assert!(rewritten(&configuration, &file()).is_err());
    }
}
