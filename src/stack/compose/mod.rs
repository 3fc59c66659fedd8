//! The Compose backend: an isolated copy of a stack, brought up, seeded and known to be ready.

mod command;
mod configuration;
mod database;
mod engine;
mod health;
mod images;
mod namespace;
mod refusal;
mod rewrite;
mod seed;
mod start;
mod teardown;
mod trust;
mod verify;
mod waves;

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use serde_json::Value;

pub(super) use engine::{Engine, SERVICE};
pub(super) use namespace::{ENTRY_PORT, NAMESPACE, OWNER, OWNER_START, STACK, process_start};
pub(super) use teardown::{Guard, remove, scratch_of};

use self::namespace::Namespace;
use self::refusal::{items, text};
use self::rewrite::{Rewritten, Wanted, rewrite};
use self::start::Starting;
use self::waves::Waves;
use super::file::{ClientAddressSettings, ComposeSettings, EntrySettings};
use super::{ClientAddresses, ContainerEndpoint, DatabaseEndpoint, Endpoints, StackError, StackFile};
use super::{StackRecord, StackSettings, Talk};

/// A Compose stack that runs.
#[derive(Debug)]
pub(super) struct Up {
    pub(super) endpoints: Endpoints,
    pub(super) record: StackRecord,
    pub(super) guard: Guard,
}

/// Brings it up; whatever was made is torn down again when this fails or is cancelled.
pub(super) async fn up(
    file: &StackFile,
    compose: &ComposeSettings,
    entry: &EntrySettings,
    settings: &StackSettings,
    talk: &Talk,
) -> Result<Up, StackError> {
    let engine = Engine::connect().await?;
    configuration::check_overrides(file, compose, settings)?;
    let environment = configuration::environment(compose, settings);
    let original = configuration::read(file, compose, &environment).await?;
    check_services(file, &original)?;
    refusal::check(&original)?;
    let guard = Guard::new(Namespace::new(&file.name)?);
    let namespace = guard.namespace();
    let mut record = StackRecord {
        stack: file.name.clone(),
        namespace: namespace.name.clone(),
        environment: settings
            .env
            .iter()
            .map(|(name, value)| (name.clone(), masked(name, value)))
            .collect(),
        ..StackRecord::default()
    };

    let clock = Instant::now();
    images::prepare(&original, namespace, &engine, talk).await?;
    record
        .timings
        .push(("images".to_owned(), clock.elapsed().as_secs_f64()));

    let rewritten = isolated(file, &original, &engine, namespace).await?;
    record.rewritten = rewritten.notes;
    let starting = Starting {
        engine: &engine,
        namespace,
        file,
        configuration: &rewritten.configuration,
        environment: &environment,
        talk,
    };
    let containers = starting.all(&Waves::of(&original), &mut record.timings).await?;
    record.images = engine.images(&namespace.name).await?;

    let front_door = host_port(&engine, &containers, &entry.service, entry.port).await?;
    let mut endpoints = Endpoints {
        front_door: format!("http://127.0.0.1:{front_door}"),
        ready_path: file.ready.path.clone(),
        containers,
        database: None,
        client_addresses: file.client_addresses.as_ref().map(|settings| ClientAddresses {
            header: settings.header.clone(),
        }),
        limiter: file.limiter.clone(),
    };
    if let Some(settings) = &file.database {
        let port = host_port(&engine, &endpoints.containers, &settings.service, settings.port).await?;
        endpoints.database = Some(DatabaseEndpoint {
            dsn: database::dsn(file, settings, &rewritten.configuration, &environment, port)?,
            container: find(&endpoints.containers, &settings.service).map(|container| container.id.clone()),
        });
    }
    tokio::select! {
        finished = finish(file, &engine, &endpoints, &mut record, talk) => finished?,
        died = health::watch(&engine, &endpoints.containers) => match died? {},
    }
    Ok(Up {
        endpoints,
        record,
        guard,
    })
}

/// Seeds, and waits for the front door.
async fn finish(
    file: &StackFile,
    engine: &Engine,
    endpoints: &Endpoints,
    record: &mut StackRecord,
    talk: &Talk,
) -> Result<(), StackError> {
    seed::all(file, engine, endpoints, record, talk).await?;
    let clock = Instant::now();
    file.ready.wait(&endpoints.front_door, file.deadline, talk).await?;
    record
        .timings
        .push(("front door".to_owned(), clock.elapsed().as_secs_f64()));
    Ok(())
}

/// The configuration rewritten into the namespace.
async fn isolated(
    file: &StackFile,
    original: &Value,
    engine: &Engine,
    namespace: &Namespace,
) -> Result<Rewritten, StackError> {
    let replaced = match &file.client_addresses {
        Some(settings) => {
            let copy = trusting_copy(file, settings, original, namespace)?;
            Some((
                settings.service.as_str(),
                settings.config.as_str(),
                copy.display().to_string(),
            ))
        }
        None => None,
    };
    rewrite(
        original,
        &Wanted {
            file,
            namespace: &namespace.name,
            labels: &namespace.labels,
            image_commands: &images::commands(original, file, engine).await?,
            replaced,
        },
    )
}

/// A copy of the proxy's configuration that believes the harness about the client's address.
fn trusting_copy(
    file: &StackFile,
    settings: &ClientAddressSettings,
    original: &Value,
    namespace: &Namespace,
) -> Result<PathBuf, StackError> {
    let contradiction = |problem: &str| StackError::Contradiction {
        stack: file.name.clone(),
        problem: format!("[client-addresses] {}: {problem}", settings.config),
    };
    let source = items(&original["services"][&settings.service], "volumes")
        .filter(|mount| text(mount, "type") == "bind")
        .find_map(|mount| {
            let inside = settings.config.strip_prefix(text(mount, "target"))?;
            let source = PathBuf::from(text(mount, "source").replace("$$", "$"));
            match inside.strip_prefix('/') {
                Some(inside) => Some(source.join(inside)),
                None => inside.is_empty().then_some(source),
            }
        })
        .ok_or_else(|| {
            contradiction(&format!(
                "service `{}` does not mount it from the host",
                settings.service
            ))
        })?;
    let configuration = fs::read_to_string(&source).map_err(|error| StackError::Unreadable {
        path: source,
        source: error,
    })?;
    let trusting =
        trust::trusting(&configuration, &settings.header).ok_or_else(|| contradiction("it has no `http` block"))?;
    namespace.write("nginx.conf", &trusting)
}

/// Every service that the stack file names is one of the Compose files.
fn check_services(file: &StackFile, configuration: &Value) -> Result<(), StackError> {
    let named = file.entry.iter().map(|entry| ("entry", &entry.service));
    let named = named.chain(file.database.iter().map(|database| ("database", &database.service)));
    let named = named.chain(
        file.client_addresses
            .iter()
            .map(|proxy| ("client-addresses", &proxy.service)),
    );
    let named = named.chain(file.seed.iter().map(|seed| ("seed", &seed.exec.service)));
    let mut named = named.chain(file.service.keys().map(|service| ("service", service)));
    match named.find(|(_, service)| configuration["services"].get(service.as_str()).is_none()) {
        Some((section, service)) => Err(StackError::Contradiction {
            stack: file.name.clone(),
            problem: format!("[{section}]: the Compose files have no service `{service}`"),
        }),
        None => Ok(()),
    }
}

/// The container of a service.
fn find<'a>(containers: &'a [ContainerEndpoint], service: &str) -> Option<&'a ContainerEndpoint> {
    containers.iter().find(|container| container.service == service)
}

async fn host_port(
    engine: &Engine,
    containers: &[ContainerEndpoint],
    service: &str,
    port: u16,
) -> Result<u16, StackError> {
    let published = match find(containers, service) {
        Some(container) => engine.host_port(&container.id, port).await?,
        None => None,
    };
    published.ok_or_else(|| StackError::Contradiction {
        stack: service.to_owned(),
        problem: format!("the engine did not publish port {port}: is its network internal?"),
    })
}

/// The value, unless its name says that it is a secret.
fn masked(name: &str, value: &str) -> String {
    let secret = ["PASSWORD", "SECRET", "TOKEN", "KEY"];
    let name = name.to_uppercase();
    if secret.iter().any(|word| name.contains(word)) {
        "***".to_owned()
    } else {
        value.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_not_kept() {
        assert_eq!(masked("FAULT_API_LATENCY_MS", "200"), "200");
        assert_eq!(masked("redis_password", "x"), "***");
        assert_eq!(masked("JWT_SECRET", "x"), "***");
    }

    #[test]
    fn the_proxys_configuration_is_found_by_where_it_is_mounted() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("nginx.conf"), "http {\n}\n").unwrap();
        let namespace = Namespace::new("shop").unwrap();
        let settings = ClientAddressSettings {
            service: "nginx".to_owned(),
            config: "/etc/nginx/nginx.conf".to_owned(),
            header: "X-Forwarded-For".to_owned(),
        };
        let file = StackFile::attached("http://127.0.0.1");
        let copy = |source: PathBuf, target: &str| {
            let mount = json!({ "type": "bind", "source": source, "target": target });
            let original = json!({ "services": { "nginx": { "volumes": [mount] } } });
            trusting_copy(&file, &settings, &original, &namespace)
        };
        for (source, target) in [
            (folder.path().join("nginx.conf"), "/etc/nginx/nginx.conf"),
            (folder.path().to_owned(), "/etc/nginx"),
        ] {
            let copy = copy(source, target).unwrap();
            assert!(
                fs::read_to_string(copy)
                    .unwrap()
                    .contains("real_ip_header X-Forwarded-For;")
            );
        }
        let error = copy(folder.path().to_owned(), "/etc/ng").unwrap_err().to_string();
        assert!(error.contains("does not mount it from the host"), "{error}");
    }

    #[test]
    fn a_service_that_is_not_there_is_named() {
        let mut file = StackFile::attached("http://127.0.0.1");
        file.entry = Some(EntrySettings {
            service: "nginx".to_owned(),
            port: 80,
        });
        check_services(&file, &json!({ "services": { "nginx": {} } })).unwrap();
        let error = check_services(&file, &json!({ "services": { "web": {} } })).unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("[entry]: the Compose files have no service `nginx`")
        );
    }
}
