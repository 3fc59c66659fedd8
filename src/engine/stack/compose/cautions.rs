//! Finds what a user should know about Compose files before anything is started.

use std::fs;
use std::net::IpAddr;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use serde_json::Value;

use super::mounted::mounted_texts;
use super::mounts::{Host, real, source};
use super::placeholder::is_placeholder;
use super::value::{entries, items, text};
use crate::evidence::image::{self, Role};
use crate::stack::StackFile;
use crate::stack::caution::Caution;
use crate::stack::reach::PathContents;
use crate::units::{Bytes, Span};

/// Oldest `PostgreSQL` whose statistics are read.
const OLDEST: u32 = 14;

/// Bytes of a copy from which on its size is a caution.
const LARGE: u64 = 100 << 20;

/// All such facts, in the order of the file.
pub(super) fn find(configuration: &Value, file: &StackFile) -> Vec<Caution> {
    let built = entries(configuration, "services").filter(|(_, service)| service["build"].is_object());
    let services: Vec<String> = built.map(|(name, _)| name.clone()).collect();
    let mut cautions = Vec::new();
    if !services.is_empty() {
        cautions.push(Caution::Built { services });
    }
    let subnets = subnets(configuration);
    for (name, service) in entries(configuration, "services") {
        cautions.extend(old_database(name, service));
        cautions.extend(start_period(name, service, file));
        cautions.extend(placeholders(name, service));
        cautions.extend(lost_addresses(name, service, &subnets, configuration));
        if !file.isolation.sockets.is_empty() {
            cautions.extend(network_labels(name, service, configuration));
            cautions.extend(container_names(name, service, configuration));
        }
    }
    cautions.extend(copies(configuration, file));
    cautions
}

fn old_database(name: &str, service: &Value) -> Option<Caution> {
    let image = text(service, "image");
    let major = postgres_major(image).filter(|major| *major < OLDEST && *major > 8)?;
    (image::role(image, name) == Role::Postgres).then(|| Caution::DatabaseTooOld {
        service: name.to_owned(),
        major,
        oldest: OLDEST,
    })
}

/// The server's major version in an image's tag: `16` of `pgvector:pg16` and of `timescaledb:2.17-pg16`.
pub fn postgres_major(image: &str) -> Option<u32> {
    let last = image.rsplit('/').next().unwrap_or(image);
    let tag = last.split_once(':').map_or("", |(_, tag)| tag);
    let digits = |text: &str| text.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok();
    let after = tag
        .match_indices("pg")
        .find_map(|(at, word)| digits(&tag[at + word.len()..]));
    after.or_else(|| image::major(image))
}

fn start_period(name: &str, service: &Value, file: &StackFile) -> Option<Caution> {
    let start_period: Span = text(&service["healthcheck"], "start_period").parse().ok()?;
    let settings = file.service.get(name);
    let deadline = settings.and_then(|settings| settings.deadline).unwrap_or(file.deadline);
    (start_period > deadline).then(|| Caution::StartPeriod {
        service: name.to_owned(),
        start_period,
        deadline,
    })
}

fn placeholders(name: &str, service: &Value) -> Vec<Caution> {
    let arguments = entries(&service["build"], "args").map(|(name, value)| (format!("build.args.{name}"), name, value));
    let variables = entries(service, "environment").map(|(name, value)| (name.clone(), name, value));
    let left = variables.chain(arguments).filter(|(_, name, value)| {
        // In the configuration `$` is doubled.
        let value = value.as_str().map(|value| value.replace("$$", "$"));
        value.is_some_and(|value| is_placeholder(name, &value))
    });
    let cautions = left.map(|(variable, _, _)| Caution::Placeholder {
        service: name.to_owned(),
        variable,
    });
    cautions.collect()
}

/// A fixed subnet: first address, length of its prefix, and the network.
type Subnet = (IpAddr, u8, String);

fn subnets(configuration: &Value) -> Vec<Subnet> {
    let networks = entries(configuration, "networks");
    let all = networks.flat_map(|(name, network)| {
        let subnets = items(&network["ipam"], "config").filter_map(|part| text(part, "subnet").split_once('/'));
        subnets.filter_map(move |(address, bits)| Some((address.parse().ok()?, bits.parse().ok()?, name.clone())))
    });
    all.collect()
}

/// True if an address lies in that subnet.
fn lies_in(address: IpAddr, (first, bits, _): &Subnet) -> bool {
    match (address, first) {
        (IpAddr::V4(address), IpAddr::V4(first)) => {
            let mask = u32::MAX
                .checked_shl(32_u32.saturating_sub(u32::from(*bits)))
                .unwrap_or(0);
            address.to_bits() & mask == first.to_bits() & mask
        }
        (IpAddr::V6(address), IpAddr::V6(first)) => {
            let mask = u128::MAX
                .checked_shl(128_u32.saturating_sub(u32::from(*bits)))
                .unwrap_or(0);
            address.to_bits() & mask == first.to_bits() & mask
        }
        _ => false,
    }
}

fn lost_addresses(name: &str, service: &Value, subnets: &[Subnet], configuration: &Value) -> Vec<Caution> {
    if subnets.is_empty() {
        return Vec::new();
    }
    let mut texts = texts(service, &["dns", "extra_hosts", "command"]);
    // Comments give examples.
    let code = |text: &str| {
        text.lines()
            .map(|line| line.split('#').next().unwrap_or_default())
            .collect::<Vec<_>>()
            .join("\n")
    };
    let files = mounted_texts(configuration, service).into_iter();
    texts.extend(files.map(|(path, text)| (path, code(&text))));
    let mut cautions = Vec::new();
    for (key, text) in texts {
        let words = text.split(|letter: char| !letter.is_ascii_hexdigit() && letter != '.' && letter != ':');
        // A port may follow an IPv4 address.
        let words = words.flat_map(|word| [word, word.split(':').next().unwrap_or(word)]);
        let mut addresses = words.filter_map(|word| word.parse::<IpAddr>().ok());
        let found =
            addresses.find_map(|address| Some((address, subnets.iter().find(|subnet| lies_in(address, subnet))?)));
        if let Some((address, (_, _, network))) = found {
            cautions.push(Caution::LostAddress {
                service: name.to_owned(),
                key,
                address: address.to_string(),
                network: network.clone(),
            });
        }
    }
    cautions
}

/// Texts of those keys of a service, and of its environment as `environment.NAME`.
fn texts(service: &Value, keys: &[&str]) -> Vec<(String, String)> {
    let of_keys = keys.iter().flat_map(|key| {
        let texts = items(service, key).filter_map(Value::as_str);
        texts.map(|text| ((*key).to_owned(), text.to_owned()))
    });
    let environment = entries(service, "environment").filter_map(|(name, value)| {
        let value = value.as_str()?.to_owned();
        Some((format!("environment.{name}"), value))
    });
    of_keys.chain(environment).collect()
}

/// Names of containers in the settings of a service that asks the engine for them. In a network the old name still resolves.
fn container_names(name: &str, service: &Value, configuration: &Value) -> Vec<Caution> {
    let mut mounts = items(service, "volumes").filter(|mount| text(mount, "type") == "bind");
    if !mounts.any(|mount| is_socket(&source(mount))) {
        return Vec::new();
    }
    let containers: Vec<&str> = entries(configuration, "services")
        .map(|(_, service)| text(service, "container_name"))
        .filter(|name| !name.is_empty())
        .collect();
    let mut found = texts(service, &["command"]);
    let labels = entries(service, "labels").filter_map(|(label, value)| Some((label, value.as_str()?)));
    found.extend(labels.map(|(label, value)| (format!("labels.{label}"), value.to_owned())));
    let cautions = found.into_iter().filter_map(|(key, text)| {
        let mut words = text.split([' ', ',', ';', '=']);
        let container = words.find(|word| containers.contains(word))?.to_owned();
        Some(Caution::ContainerName {
            service: name.to_owned(),
            key,
            container,
        })
    });
    cautions.collect()
}

/// True if that is a socket, or would be one if its server ran.
fn is_socket(path: &Path) -> bool {
    let is_there = fs::metadata(path).is_ok_and(|file| file.file_type().is_socket());
    is_there || path.extension().is_some_and(|extension| extension == "sock")
}

/// Labels with the name of a network, where labels are kept.
fn network_labels(name: &str, service: &Value, configuration: &Value) -> Vec<Caution> {
    let networks: Vec<&str> = entries(configuration, "networks")
        .map(|(_, network)| text(network, "name"))
        .collect();
    let labels = entries(service, "labels").filter_map(|(label, value)| Some((label, value.as_str()?)));
    let cautions = labels.filter_map(|(label, value)| {
        let is_declared = networks.contains(&value);
        let names_one = NETWORK_LABELS.iter().any(|end| label.ends_with(end)) && !value.is_empty();
        (is_declared || names_one).then(|| Caution::NetworkLabel {
            service: name.to_owned(),
            label: label.clone(),
            network: value.to_owned(),
            declared: is_declared,
        })
    });
    cautions.collect()
}

/// Ends of the labels by which a proxy is told the network of a container.
const NETWORK_LABELS: [&str; 3] = ["docker.network", "swarm.network", "ingress.network"];

fn copies(configuration: &Value, file: &StackFile) -> Vec<Caution> {
    let host = Host::from_file(file);
    let mut cautions = Vec::new();
    let mounts = entries(configuration, "services").flat_map(|(_, service)| items(service, "volumes"));
    for mount in mounts.filter(|mount| text(mount, "type") == "bind") {
        let path = real(&source(mount));
        if !host.copies(&path) {
            continue;
        }
        let caution = match super::mounts::holds(&path, text(mount, "target")) {
            PathContents::Database => Caution::CopiedDatabase { path },
            PathContents::Files { bytes } if bytes >= LARGE => {
                let size = Bytes::new(bytes);
                Caution::LargeCopy { path, size }
            }
            _ => continue,
        };
        if !cautions.contains(&caution) {
            cautions.push(caution);
        }
    }
    cautions
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(configuration: &Value) -> Vec<String> {
        let cautions = find(configuration, &StackFile::attached(""));
        cautions.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_known_from_the_files_is_told() {
        let told = found(&json!({
            "services": {
                "api": {
                    "build": { "context": ".", "args": { "TOKEN": "xxxxxxxx" } }, "dns": ["172.30.0.53"],
                    "environment": { "REDIS": "redis://172.30.0.7:6379/0", "OTHER": "10.0.0.1", "KEY": "ChangeMe!", "URL": "<your url>" },
                    "command": ["serve", "--trust=172.30.0.1"], "configs": [{ "source": "proxy", "target": "/etc/nginx/nginx.conf" }],
                    "healthcheck": { "start_period": "10m0s" },
                },
                "db": { "image": "postgres:13.4" },
            },
            "configs": { "proxy": { "content": "# 172.30.0.9\nset_real_ip_from 172.16.0.0/12;\nset_real_ip_from 172.30.0.0/16;" } },
            "networks": { "back": { "ipam": { "config": [{ "subnet": "172.30.0.0/16" }] } } },
        }));
        let told: Vec<&str> = told
            .iter()
            .map(|text| text.split(": the isolated").next().unwrap())
            .collect();
        let expected = [
            "images are built for api",
            "service `api` may take 10m to get healthy (`start_period`), and is waited for 3m: `[service.api] deadline = \"13m\"` in the stack file gives it more time",
            "service `api` has a value in `KEY` that looks as if it was to be replaced",
            "service `api` has a value in `URL` that looks as if it was to be replaced",
            "service `api` has a value in `build.args.TOKEN` that looks as if it was to be replaced",
            "service `api` has 172.30.0.53 in `dns`",
            "service `api` has 172.30.0.1 in `command`",
            "service `api` has 172.30.0.7 in `environment.REDIS`",
            "service `api` has 172.30.0.0 in `/etc/nginx/nginx.conf`",
            "service `db` is PostgreSQL 13: its statistics are read from version 14 on",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn labels_count_where_they_are_kept() {
        let configuration = json!({
            "services": { "web": { "labels": { "traefik.docker.network": "proxy", "a": "b" } }, "api": { "labels": { "traefik.docker.network": "gone" } } },
            "networks": { "front": { "name": "proxy" } },
        });
        assert_eq!(found(&configuration), Vec::<String>::new());
        let mut file = StackFile::attached("");
        file.isolation.sockets = vec!["/run/docker.sock".into()];
        let cautions = find(&configuration, &file);
        assert!(
            matches!(
                &cautions[..],
                [Caution::NetworkLabel { network, declared: true, .. }, Caution::NetworkLabel { declared: false, .. }]
                if network == "proxy"
            ),
            "{cautions:?}"
        );
        assert_eq!(
            cautions[1].to_string(),
            "service `api` names the network gone in its label `traefik.docker.network`: the Compose files declare none of that name"
        );
    }

    #[test]
    fn a_container_is_named_where_the_engine_is_asked_for_it() {
        let socket = json!({ "type": "bind", "source": "/nowhere/docker.sock", "target": "/var/run/docker.sock" });
        let configuration = json!({ "services": {
            "watchtower": { "command": ["--interval", "30", "shop-web,shop-api"], "volumes": [socket] },
            "jobs": { "labels": { "ofelia.job-exec.dump.container": "shop-db" }, "volumes": [socket] },
            "web": { "container_name": "shop-web", "environment": { "SELF": "shop-web" } },
            "db": { "container_name": "shop-db" },
        } });
        assert_eq!(found(&configuration), Vec::<String>::new());
        let mut file = StackFile::attached("");
        file.isolation.sockets = vec!["/nowhere/docker.sock".into()];
        let told: Vec<String> = find(&configuration, &file).iter().map(ToString::to_string).collect();
        let expected = [
            "service `watchtower` names the container shop-web in `command`: the isolated copy has another name",
            "service `jobs` names the container shop-db in `labels.ofelia.job-exec.dump.container`: the isolated copy has another name",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn copies_are_told_if_they_are_of_a_database() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("PG_VERSION"), "17").unwrap();
        let mut file = StackFile::attached("");
        file.isolation.copied = vec![folder.path().to_owned()];
        let mount = json!({ "type": "bind", "source": folder.path(), "target": "/data" });
        let cautions = find(&json!({ "services": { "db": { "volumes": [mount] } } }), &file);
        assert!(
            matches!(&cautions[..], [Caution::CopiedDatabase { .. }]),
            "{cautions:?}"
        );
    }

    #[test]
    fn the_server_version_is_in_the_tag() {
        for (image, major) in [
            ("postgres:12", Some(12)),
            ("pgvector/pgvector:pg16", Some(16)),
            ("timescale/timescaledb:2.17.2-pg13", Some(13)),
            ("tensorchord/pgvecto-rs:pg14-v0.2.0", Some(14)),
            ("postgres", None),
            ("postgres:latest", None),
        ] {
            assert_eq!(postgres_major(image), major, "{image}");
        }
    }
}
