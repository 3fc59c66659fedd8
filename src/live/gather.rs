//! Gathers the facts about a running system. The probe of its limits comes last, so that the others do not meet a limit.

use std::fs;
use std::time::{Duration, SystemTime};

use futures_util::future::join_all;

use super::answers::{Caller, directly};
use super::offer::Offer;
use super::proxy::ProxyLimits;
use super::subject::{Disk, Rows, Subject};
use super::{certificate, probe};
use crate::error::one_line;
use crate::evidence::UnseenReason;
use crate::scenario::Plan;
use crate::stack::{
    AddressPolicy, BackupSettings, ContainerEndpoint, ContainerState, Endpoints, EngineHost, Inspector,
    ProductionSettings, RunningStack, StackError, VerifySettings,
};
use crate::wire::Door;
use crate::wire::postgres::{self, OpenError, message};

/// Client addresses of the caller and of its probe: in the range for benchmarks (RFC 2544), apart from those of users.
const OWN_ADDRESS: &str = "198.18.255.253";
const PROBE_ADDRESS: &str = "198.18.255.252";
/// A foreign origin, in a reserved domain.
const FOREIGN: &str = "https://elsewhere.invalid";
const DATABASE_PATIENCE: Duration = Duration::from_secs(5);
/// Command that prints Nginx's configuration.
const DUMP: [&str; 2] = ["nginx", "-T"];

/// Gathers all facts.
pub(super) async fn gather(plan: &Plan, stack: &RunningStack) -> Result<Subject, StackError> {
    let endpoints = stack.endpoints();
    let production = plan.stack_file.production.clone().unwrap_or_default();
    let door = Door::find(&endpoints.front_door, &endpoints.transport).map_err(StackError::FrontDoor)?;
    let header = endpoints
        .client_addresses
        .as_ref()
        .map(|clients| clients.header.clone());
    let address = |own| header.clone().map(|header| (header, own));
    let caller = Caller {
        door: &door,
        address: address(OWN_ADDRESS),
    };
    let path = probe_path(plan, &production);

    let onlooker = Inspector::connect().await;
    let (services, host) = containers(stack, onlooker.as_ref()).await;
    let isolated = !stack.declared().is_empty();
    let proxy = match (&onlooker, isolated) {
        (Ok(onlooker), true) => limits(onlooker, &endpoints.containers).await,
        // Commands are run in containers of this program's own only.
        (_, false) => Err(UnseenReason::Attached),
        (Err(error), _) => Err(error.to_string().into()),
    };
    let declared = match &services {
        _ if isolated => stack.declared().to_vec(),
        Ok(services) => services.iter().map(|service| service.declared.clone()).collect(),
        Err(_) => Vec::new(),
    };
    // One after the other, and before the probe of the limiter: refusals by the limiter would look like closed doors.
    let (mut refused, mut closed) = (Vec::new(), Vec::new());
    for request in &production.refused {
        refused.push((request.what.clone(), caller.post(&request.path, &request.json).await));
    }
    for path in &production.closed {
        closed.push((path.clone(), caller.get(path, &[]).await));
    }
    let compose = plan.stack_file.compose.as_ref();
    let overridden = compose
        .into_iter()
        .flat_map(|compose| compose.env.values())
        .chain(plan.stack.env.values());
    // The limiter sees as many clients as there are addresses.
    let users = if header.is_some() { plan.users.count } else { 1 };
    Ok(Subject {
        isolated,
        entry: plan.stack_file.entry.as_ref().map(|entry| entry.service.clone()),
        overridden: overridden.cloned().collect(),
        disk: host.as_ref().and_then(disk),
        door: caller.get(&path, &[]).await,
        tiers: tiers(&production, services.as_deref().unwrap_or_default()).await,
        database: rows(endpoints, &production.rows, isolated).await,
        foreign: caller.get(&path, &[("origin", FOREIGN)]).await,
        certificate: certificate::fetch(&door, endpoints.transport.tls.insecure).await,
        redirect: redirect(plan, &production, services.as_deref().unwrap_or_default()).await,
        newest_backup: production.backups.as_ref().map(|backups| newest(plan, backups)),
        probed: {
            let caller = Caller {
                door: &door,
                address: address(PROBE_ADDRESS),
            };
            probe::probe(&caller, &path, endpoints.limiter.as_ref()).await
        },
        front_door: endpoints.front_door.clone(),
        production,
        services,
        declared,
        host,
        refused,
        closed,
        proxy,
        offer: Offer::from_plan(plan),
        addresses: users,
        keeps_limits: plan.stack_file.address_policy(&plan.stack) == AddressPolicy::Keep,
    })
}

fn probe_path(plan: &Plan, production: &ProductionSettings) -> String {
    let ready = &plan.stack_file.ready;
    // The probe sends GET, which a path for another method may answer with an error.
    let ready = (ready.method == "GET").then(|| ready.path.clone());
    production
        .probe_path
        .clone()
        .or(ready)
        .unwrap_or_else(|| "/".to_owned())
}

async fn containers(
    stack: &RunningStack,
    onlooker: Result<&Inspector, &StackError>,
) -> (Result<Vec<ContainerState>, UnseenReason>, Option<EngineHost>) {
    let onlooker = match onlooker {
        Ok(onlooker) => onlooker,
        Err(error) => return (Err(error.to_string().into()), None),
    };
    let host = onlooker.host().await.ok();
    let endpoints = stack.endpoints();
    let found = if endpoints.containers.is_empty() {
        onlooker.project_of(&endpoints.front_door).await
    } else {
        Ok(endpoints.containers.clone())
    };
    let containers = match found {
        Ok(containers) if containers.is_empty() => {
            return (Err(UnseenReason::NoPublisher), None);
        }
        Ok(containers) => containers,
        Err(error) => return (Err(error.to_string().into()), host),
    };
    let inspected = join_all(containers.iter().map(|container| onlooker.inspect(container))).await;
    let inspected: Result<Vec<_>, _> = inspected.into_iter().collect();
    let inspected = inspected.map(|mut all| {
        all.sort_by(|one, other| one.service.cmp(&other.service));
        all
    });
    (inspected.map_err(|error| error.to_string().into()), host)
}

/// The limits of the first container whose Nginx prints its configuration.
pub(super) async fn limits(
    onlooker: &Inspector,
    containers: &[ContainerEndpoint],
) -> Result<ProxyLimits, UnseenReason> {
    let mut problem = UnseenReason::NoNginx;
    for container in containers {
        match onlooker.output(container, &DUMP).await {
            Ok(dump) => return Ok(ProxyLimits::read(&dump)),
            // Exit codes 126 and 127: the container has no such program.
            Err((126 | 127, _)) => {}
            Err((_, said)) if said.contains("executable file not found") => {}
            Err((code, said)) => {
                let last = said.lines().last().unwrap_or_default();
                problem = UnseenReason::NginxFailed {
                    service: container.service.clone(),
                    code,
                    said: last.to_owned(),
                };
            }
        }
    }
    Err(problem)
}

async fn tiers(
    production: &ProductionSettings,
    services: &[ContainerState],
) -> Vec<(crate::stack::TierSettings, super::subject::AnswerResult)> {
    let mut answers = Vec::new();
    for tier in &production.tier {
        let container = services.iter().find(|service| service.service == tier.service);
        let address = container.and_then(|container| container.addresses.first());
        let answer = match address {
            Some(address) => directly(*address, tier.port, &tier.path).await,
            None => Err(UnseenReason::NoContainer {
                service: tier.service.clone(),
            }),
        };
        answers.push((tier.clone(), answer));
    }
    answers
}

async fn redirect(
    plan: &Plan,
    production: &ProductionSettings,
    services: &[ContainerState],
) -> Option<super::subject::AnswerResult> {
    let port = production.redirect_port?;
    let entry = &plan.stack_file.entry.as_ref()?.service;
    let container = services.iter().find(|service| service.service == *entry)?;
    Some(directly(*container.addresses.first()?, port, "/").await)
}

async fn rows(endpoints: &Endpoints, wanted: &[VerifySettings], isolated: bool) -> Result<Vec<Rows>, UnseenReason> {
    let unknown = if isolated {
        UnseenReason::NoDatabase
    } else {
        // Its [database] is a service of the isolated copy.
        UnseenReason::NoDatabaseAddress
    };
    let database = endpoints.database.as_ref().ok_or(unknown)?;
    let connecting = postgres::open(&database.dsn, &endpoints.transport.tls);
    let connected = tokio::time::timeout(DATABASE_PATIENCE, connecting).await;
    let connected = connected.map_err(|_| UnseenReason::NoAnswer {
        seconds: DATABASE_PATIENCE.as_secs(),
    })?;
    let client = connected.map_err(|error| match error {
        OpenError::Database(error) => message(&error),
        OpenError::Tls(error) => one_line(&error),
    })?;
    let mut rows = Vec::new();
    for wanted in wanted {
        let count = async {
            let row = client.query_one(&wanted.sql, &[]).await?;
            row.try_get::<_, i64>(0)
        };
        rows.push(Rows {
            what: wanted.what.clone(),
            count: match count.await {
                Ok(count) => Ok(u64::try_from(count).unwrap_or(0)),
                Err(error) => Err(message(&error).into()),
            },
            at_least: wanted.at_least,
        });
    }
    Ok(rows)
}

fn disk(host: &EngineHost) -> Option<Disk> {
    let status = rustix::fs::statvfs(&host.folder).ok()?;
    Some(Disk {
        size: status.f_blocks.saturating_mul(status.f_frsize),
        used: status
            .f_blocks
            .saturating_sub(status.f_bfree)
            .saturating_mul(status.f_frsize),
        free: status.f_bavail.saturating_mul(status.f_frsize),
    })
}

/// Age of the newest backup: the newest file in the folder that is not empty.
fn newest(plan: &Plan, backups: &BackupSettings) -> Result<Duration, UnseenReason> {
    let folder = plan.stack_file.folder.join(&backups.folder);
    let unreadable = |error: std::io::Error| UnseenReason::Error(format!("{}: {error}", folder.display()));
    let mut newest: Option<SystemTime> = None;
    for entry in fs::read_dir(&folder).map_err(unreadable)? {
        let data = entry.and_then(|entry| entry.metadata()).map_err(unreadable)?;
        // An empty file is what a dump that failed leaves behind.
        if data.is_file() && data.len() > 0 {
            newest = newest.max(data.modified().ok());
        }
    }
    let newest = newest.ok_or_else(|| UnseenReason::EmptyFolder {
        folder: folder.display().to_string(),
    })?;
    Ok(newest.elapsed().unwrap_or_default())
}
