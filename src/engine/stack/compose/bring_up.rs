//! Brings an isolated copy of a Compose stack up.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{PoisonError, RwLock};
use std::time::Instant;

use serde_json::Value;

use super::condition::ConditionContext;
use super::containers::host_port;
use super::engine::Engine;
use super::health::Restarts;
use super::made_up::made_up as made_up_value;
use super::namespace::Namespace;
use super::publisher::{publisher, sharing};
use super::rewrite::{RewriteResult, rewrite};
use super::start::StartContext;
use super::teardown::Guard;
use super::wanted::RewriteInputs;
use super::waves::Waves;
use super::{
    absent_files, adapt, certificate, configuration, database, health, images, in_use, mounts, overrides, pare,
    preload, refusal, resources, rootless, seed, to_https, trust, variables,
};
use crate::evidence::{Rewrite, SizeChange, StackRecord};
use crate::secrets::{Secrets, masked};
use crate::stack::file::{ComposeSettings, EntrySettings};
use crate::stack::listing::{self, ListedStack};
use crate::stack::{
    AddressPolicy, Awaited, ClientAddresses, ContainerEndpoint, Endpoints, KeptStack, ProgressSender, SeedSettings,
    StackError, StackFile, StackSettings,
};
use crate::wire::engine::EngineAddress;
use crate::wire::{Door, Transport};

/// A running Compose stack.
#[derive(Debug)]
pub(in crate::stack) struct ComposeStack {
    pub(in crate::stack) endpoints: Endpoints,
    pub(in crate::stack) record: StackRecord,
    /// Compose's configuration before it was rewritten.
    pub(in crate::stack) original: Value,
    pub(in crate::stack) secrets: Secrets,
    pub(in crate::stack) guard: Guard,
}

/// Brings it up. Everything made is torn down if this fails or is cancelled. Neither messages nor errors contain secrets.
pub(in crate::stack) async fn up(
    file: &StackFile,
    compose: &ComposeSettings,
    entry: &EntrySettings,
    settings: &StackSettings,
    talk: &ProgressSender,
) -> Result<ComposeStack, StackError> {
    let secrets = RwLock::new(Secrets::default());
    let masked = |text: &str| secrets.read().unwrap_or_else(PoisonError::into_inner).mask(text);
    let (inner, mut lines) = ProgressSender::channel();
    let bringing_up = async {
        let inner = inner;
        Box::pin(bring_up(file, compose, entry, settings, &inner, &secrets)).await
    };
    let forwarding = async {
        while let Some(line) = lines.recv().await {
            // Messages pass through here, and not through a mask that each place would have to remember.
            talk.say(masked(&line));
        }
    };
    let (outcome, ()) = tokio::join!(bringing_up, forwarding);
    let secrets = secrets.into_inner().unwrap_or_else(PoisonError::into_inner);
    match outcome {
        Ok(mut up) => {
            let changes = std::mem::take(&mut up.record.rewritten).into_iter();
            up.record.rewritten = changes
                .map(|change| change.masked(|text| secrets.mask_file(text)))
                .collect();
            up.secrets = secrets;
            Ok(up)
        }
        // Errors quote what the stack printed, which may hold a password.
        Err(error) => Err(error.masked(&secrets)),
    }
}

async fn bring_up(
    file: &StackFile,
    compose: &ComposeSettings,
    entry: &EntrySettings,
    settings: &StackSettings,
    talk: &ProgressSender,
    secrets: &RwLock<Secrets>,
) -> Result<ComposeStack, StackError> {
    // First of all, before any file is read: on another host neither ports nor mounts would be ours.
    EngineAddress::current()?.check_here()?;
    let engine = Engine::connect().await?;
    neighbours(talk).await;
    let environment = configuration::environment(compose, settings);
    // Secrets are learnt before the first command whose output may hold them.
    configuration::learn(file, compose, &environment, secrets);
    configuration::check_files(file, compose)?;
    overrides::check_overrides(file, compose, settings).await?;
    let (mut original, gaps) = configuration::read(file, compose, &environment).await?;
    // Services that are left out may require variables, too; nothing that starts has their made-up values.
    let variables = variables::variables(file, compose, &gaps.fill(&environment), &original).await?;
    secrets
        .write()
        .unwrap_or_else(PoisonError::into_inner)
        .learn_configuration(&original, |name| variables::variable(name, &variables));
    let mut adapted = adapt::adapt(file, compose, &mut original)?;
    let info = engine.info().await?;
    let sizes = resources::apply(file, settings, &info.clone().into(), &mut original)?;
    for line in rootless::warnings(&info, &original) {
        talk.say(line);
    }
    adapted.extend(sizes.iter().cloned().map(Rewrite::Resized));
    // All refusals come before the namespace exists: a refused stack leaves nothing behind.
    check_services(file, &original)?;
    adapted.extend(pare::pare(file, &mut original)?);
    // After paring: what the stack file leaves out cannot be refused.
    let mut refusals = refusal::all(&original, file);
    refusals.extend(in_use::all(&original, file, Some(&engine)).await?);
    let mut lacks = gaps.lacks(&original);
    lacks.extend(absent_files::find(&original, file));
    if let Some(error) = StackError::of_obstacles(refusals, lacks) {
        return Err(error);
    }
    refusal::check_names(&original, file)?;
    let waves = Waves::from_configuration(&original, file)?;
    // From here on, dropping the guard removes everything that is made.
    let guard = Guard::new(Namespace::new(&file.name)?);
    let mut record = record(file, settings, guard.namespace(), sizes);
    record.rewritten = adapted;
    let prepared = StartPlan {
        file,
        entry,
        settings,
        engine: &engine,
        namespace: guard.namespace(),
        original: &original,
        variables: &variables,
        waves: &waves,
        talk,
    };
    match Box::pin(prepared.start(&mut record)).await {
        Ok(endpoints) => Ok(ComposeStack {
            endpoints,
            record,
            original,
            secrets: Secrets::default(),
            guard,
        }),
        Err(source) if settings.keep_failed => Err(keep_after_failure(guard, &engine, source).await),
        Err(error) => Err(error),
    }
}

/// Leaves what is up, if anything is; the error then names it.
async fn keep_after_failure(guard: Guard, engine: &Engine, source: StackError) -> StackError {
    let namespace = guard.namespace().name.clone();
    let containers = engine.named(&namespace).await.unwrap_or_default();
    if containers.is_empty() {
        return source;
    }
    // A user who asked to keep a failed stack wants to look into it.
    guard.keep();
    StackError::Kept {
        kept: KeptStack { namespace, containers },
        source: Box::new(source),
    }
}

/// A configuration that may run, and the namespace that it is to run in.
struct StartPlan<'a> {
    file: &'a StackFile,
    entry: &'a EntrySettings,
    settings: &'a StackSettings,
    engine: &'a Engine,
    namespace: &'a Namespace,
    /// Compose's configuration before it is rewritten.
    original: &'a Value,
    variables: &'a BTreeMap<String, String>,
    waves: &'a Waves,
    talk: &'a ProgressSender,
}

impl StartPlan<'_> {
    /// Starts everything, and waits until it is ready.
    async fn start(&self, record: &mut StackRecord) -> Result<Endpoints, StackError> {
        let Self {
            file,
            entry,
            settings,
            engine,
            namespace,
            original,
            waves,
            talk,
            ..
        } = *self;
        let clock = Instant::now();
        // Images before the rewriting: some commands that it appends to are known only from an image.
        images::prepare(original, namespace, engine, talk).await?;
        record
            .timings
            .push(("images".to_owned(), clock.elapsed().as_secs_f64()));

        let policy = file.address_policy(settings);
        let (rewritten, lifted) = isolated(file, policy, settings.fixed_ports, original, engine, namespace).await?;
        record.rewritten.extend(rewritten.notes);
        record.rewritten.extend(lifted);
        let starting = StartContext {
            engine,
            namespace,
            file,
            configuration: &rewritten.configuration,
            variables: self.variables,
            restarts: Restarts::from_files(original, file),
            talk,
        };
        let containers = starting.all(waves, record).await?;
        record.images = engine.images(&namespace.name).await?;

        let door = publisher(original, &entry.service);
        let port = host_port(engine, &containers, door, entry.port).await?;
        let (front_door, mut transport) = front_door(file, entry, original, port);
        transport.replicas = replicas(engine, &containers, door, entry.port, record).await?;
        if let Some(inside) = &entry.certificate {
            let sharing = sharing(original, &entry.service);
            transport.tls.ca_file =
                Some(certificate::copy(file, &sharing, inside, engine, &containers, namespace).await?);
        }
        let mut endpoints = Endpoints {
            front_door,
            transport,
            ready_path: file.ready.path.clone(),
            containers,
            database: None,
            client_addresses: file.client_header(policy).map(|header| ClientAddresses { header }),
            limiter: file.limiter.clone(),
        };
        endpoints.database = database::endpoint(&starting, &endpoints.containers).await?;
        // Seeds and conditions may take minutes. A service that dies meanwhile ends the wait at once.
        let patience = starting.patience(waves);
        tokio::select! {
            finished = finish(&starting, entry, original, &endpoints, record) => finished?,
            died = health::watch(engine, || endpoints.containers.clone(), &patience, talk) => match died? {},
        }
        // Jobs that are done are no containers to observe: their end would count as an incident.
        starting.forget_ended(&mut endpoints.containers, waves).await?;
        Ok(endpoints)
    }
}

/// The record of a stack that is about to come up.
fn record(file: &StackFile, settings: &StackSettings, namespace: &Namespace, sizes: Vec<SizeChange>) -> StackRecord {
    StackRecord {
        stack: file.name.clone(),
        namespace: namespace.name.clone(),
        sizes,
        unverified: file.front_door.tls.insecure,
        environment: settings
            .env
            .iter()
            .map(|(name, value)| (name.clone(), masked(name, value)))
            .collect(),
        ..StackRecord::default()
    }
}

/// Reports other stacks of Diapason on the engine: leftovers of killed runs, and stacks of other running processes.
async fn neighbours(talk: &ProgressSender) {
    for stack in listing::list_running().await.unwrap_or_default() {
        let ListedStack { namespace, .. } = &stack;
        let line = match stack.owner {
            Some(owner) if owner != std::process::id() => {
                format!("{namespace} runs beside this (process {owner}): each disturbs what the other measures")
            }
            None if !stack.kept => {
                format!("{namespace} was left by a run that was killed: `diapason stack down --all` removes it")
            }
            _ => continue,
        };
        talk.say(line);
    }
}

/// URL of the published port, and the connection settings. The entry's name is that of production: requests name it with the
/// port of the Compose file, or with none.
pub(super) fn front_door(file: &StackFile, entry: &EntrySettings, original: &Value, port: u16) -> (String, Transport) {
    let scheme = if entry.tls { "https" } else { "http" };
    let mut transport = file.front_door.clone();
    let host = entry.host.as_deref().unwrap_or("127.0.0.1");
    if let Some(name) = &entry.host {
        transport.resolve.insert(name.clone(), Ipv4Addr::LOCALHOST.into());
    }
    transport.published = published(original, entry);
    if let (None, Some(name)) = (&transport.public_url, &entry.host) {
        let own = if entry.tls { 443 } else { 80 };
        transport.public_url = Some(match transport.published.first() {
            Some(port) if *port != own => format!("{scheme}://{name}:{port}"),
            _ => format!("{scheme}://{name}"),
        });
    }
    (format!("{scheme}://{host}:{port}"), transport)
}

/// Ports of the host at which the Compose file publishes the entry.
fn published(original: &Value, entry: &EntrySettings) -> Vec<u16> {
    let ports = original["services"][publisher(original, &entry.service)]["ports"].as_array();
    let ports = ports.into_iter().flatten().filter(|port| port["target"] == entry.port);
    let published = ports.filter_map(|port| match &port["published"] {
        Value::String(text) => text.parse().ok(),
        number => number.as_u64().and_then(|number| number.try_into().ok()),
    });
    published.collect()
}

/// Ports of the entry's replicas, which are recorded; empty if there are fewer than two.
async fn replicas(
    engine: &Engine,
    containers: &[ContainerEndpoint],
    service: &str,
    port: u16,
    record: &mut StackRecord,
) -> Result<Vec<u16>, StackError> {
    let mut ports = Vec::new();
    for container in containers.iter().filter(|container| container.service == service) {
        ports.extend(engine.host_port(&container.id, port).await?);
    }
    // One door needs no list; several are addressed in turn.
    if ports.len() < 2 {
        return Ok(Vec::new());
    }
    record.rewritten.push(Rewrite::FrontDoors {
        service: service.to_owned(),
        count: ports.len(),
    });
    Ok(ports)
}

fn door_of(endpoints: &Endpoints) -> Result<Door, StackError> {
    Door::find(&endpoints.front_door, &endpoints.transport).map_err(StackError::FrontDoor)
}

/// Runs the seeds, and waits for the front door and for the readiness conditions. The front door is that entry of the original
/// configuration.
async fn finish(
    starting: &StartContext<'_>,
    entry: &EntrySettings,
    original: &Value,
    endpoints: &Endpoints,
    record: &mut StackRecord,
) -> Result<(), StackError> {
    let file = starting.file;
    let door = door_of(endpoints)?;
    let site = ConditionContext {
        starting,
        containers: &endpoints.containers,
        door: Some(&door),
    };
    let is_late = |seed: &&SeedSettings| seed.before.is_none() && seed.during.is_none();
    let seeded = seed::all(site, file.seed.iter().filter(is_late)).await?;
    for seeded in seeded {
        seeded.put_on(record);
    }
    let clock = Instant::now();
    let leads_away = |location: &str| to_https::check(file, entry, original, location, starting.talk);
    file.ready.wait(&door, file.deadline, starting.talk, leads_away).await?;
    for readiness in &file.readiness {
        let what = Awaited::Readiness(readiness.name.clone());
        let deadline = readiness.deadline.unwrap_or(file.deadline);
        site.wait(&what, &readiness.check, deadline).await?;
    }
    record
        .timings
        .push(("front door".to_owned(), clock.elapsed().as_secs_f64()));
    Ok(())
}

/// The configuration rewritten into the namespace.
async fn isolated(
    file: &StackFile,
    policy: AddressPolicy,
    fixed_ports: bool,
    original: &Value,
    engine: &Engine,
    namespace: &Namespace,
) -> Result<(RewriteResult, Vec<Rewrite>), StackError> {
    let mut lifted = Vec::new();
    let mut replaced = None;
    if let Some(settings) = &file.client_addresses
        && let Some(copied) = trust::copy(file, settings, policy, original, namespace)?
    {
        let (service, path) = (settings.service.as_str(), copied.path.display().to_string());
        replaced = Some((service, settings.config.as_str(), path));
        let told = copied.lifted.into_iter();
        lifted.extend(told.map(|limit| Rewrite::RateLimit {
            service: service.to_owned(),
            limit,
        }));
    }
    let copies = mounts::copy(file, original, namespace)?;
    let mut made_up = BTreeMap::new();
    for name in &file.isolation.made_up {
        let text = made_up_value(name);
        made_up.insert(
            name.clone(),
            namespace.write_for_container(&format!("made-up-{name}"), &text)?,
        );
    }
    let image_commands = images::commands(original, file, engine).await?;
    let preloaded = preload::find(original, file, &image_commands).await;
    let rewritten = rewrite(
        original,
        &RewriteInputs {
            fixed_ports,
            file,
            namespace: &namespace.name,
            labels: &namespace.labels,
            image_commands: &image_commands,
            preloaded: &preloaded,
            replaced,
            copies: &copies,
            made_up: &made_up,
        },
    )?;
    Ok((rewritten, lifted))
}

/// Refuses a service that the stack file names and that the Compose files do not have.
pub(super) fn check_services(file: &StackFile, configuration: &Value) -> Result<(), StackError> {
    let named = file.entry.iter().map(|entry| ("entry", &entry.service));
    let named = named.chain(file.database.iter().map(|database| ("database", &database.service)));
    let named = named.chain(
        file.client_addresses
            .iter()
            .map(|proxy| ("client-addresses", &proxy.service)),
    );
    let seeds = file.seed.iter().flat_map(SeedSettings::services);
    let named = named.chain(seeds.map(|service| ("seed", service)));
    let checks = file.readiness.iter().filter_map(|readiness| readiness.check.service());
    let named = named.chain(checks.map(|service| ("readiness", service)));
    let mut named = named.chain(file.service.keys().map(|service| ("service", service)));
    match named.find(|(_, service)| configuration["services"].get(service.as_str()).is_none()) {
        Some((section, service)) => Err(StackError::Contradiction {
            stack: file.name.clone(),
            problem: format!("[{section}]: the Compose files have no service `{service}`"),
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_front_door_with_a_name_is_found_without_asking_for_it() {
        let file = StackFile::attached("http://127.0.0.1");
        let mut entry = EntrySettings {
            service: "nginx".to_owned(),
            port: 443,
            tls: true,
            host: Some("app.example".to_owned()),
            certificate: None,
        };
        let compose = |published: &str| {
            json!({ "services": { "nginx": { "ports": [
                { "target": 9000, "published": "9000" },
                { "target": 443, "published": published },
            ] } } })
        };
        let (url, transport) = front_door(&file, &entry, &compose("8443"), 32_768);
        assert_eq!(url, "https://app.example:32768");
        assert_eq!(transport.resolve["app.example"], Ipv4Addr::LOCALHOST);
        assert_eq!(transport.published, [8443]);
        assert_eq!(transport.public_url.as_deref(), Some("https://app.example:8443"));
        for own in ["443", "", "8000-8010"] {
            let transport = front_door(&file, &entry, &compose(own), 32_768).1;
            assert_eq!(transport.public_url.as_deref(), Some("https://app.example"), "{own}");
        }
        let shared = json!({ "services": {
            "nginx": { "network_mode": "service:vpn" }, "vpn": { "ports": [{ "target": 443, "published": "9443" }] },
        } });
        assert_eq!(front_door(&file, &entry, &shared, 32_768).1.published, [9443]);
        (entry.tls, entry.host) = (false, None);
        let (url, transport) = front_door(&file, &entry, &json!({}), 80);
        assert_eq!((url.as_str(), transport.public_url), ("http://127.0.0.1:80", None));
    }

    #[test]
    fn a_service_that_is_not_there_is_named() {
        let mut file = StackFile::attached("http://127.0.0.1");
        file.entry = Some(EntrySettings {
            service: "nginx".to_owned(),
            port: 80,
            tls: false,
            host: None,
            certificate: None,
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
