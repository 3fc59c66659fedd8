//! Reads the counters of each container, and follows the engine's events.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::join_all;
use testcontainers::bollard::Docker;
use testcontainers::bollard::errors::Error as EngineError;
use testcontainers::bollard::models::{ContainerInspectResponse, HostConfig};
use testcontainers::bollard::query_parameters::{EventsOptionsBuilder, LogsOptionsBuilder, StatsOptionsBuilder};

use super::cgroup::Folders;
use super::incidents::{ACTIONS, ContainerEvent, without_survived_signals};
use super::meter::Meter;
use super::{ContainersSettings, CounterSource, engine};
use crate::evidence::containers::{ContainerSeries, ContainersObservation, ExpectedLimits};
use crate::evidence::{Incident, ProbeKind};
use crate::probe::{ProbeError, Watch};
use crate::stack::{ContainerEndpoint, ServiceLimits};
use crate::wire::engine::{ControlGroups, EngineAddress};

const NAME: ProbeKind = ProbeKind::Containers;
const EVERY: Duration = Duration::from_secs(1);
/// Log lines that are kept of a container that fell.
const LAST_LINES: &str = "12";
/// Letters that are kept of each.
const LONGEST_LINE: usize = 300;

#[derive(Debug)]
struct Container {
    id: String,
    service: String,
    cpu_limit: Option<f64>,
    memory_limit: Option<u64>,
    expected: Option<ExpectedLimits>,
    restarts: i64,
    /// The cgroup files; `None` if the engine is asked.
    folders: Option<Folders>,
}

/// Watches all containers of the stack.
#[derive(Debug)]
pub(in crate::probe) struct ContainersProbe {
    engine: Docker,
    groups: ControlGroups,
    containers: Vec<Container>,
}

impl ContainersProbe {
    pub(in crate::probe) async fn prepare(
        settings: &ContainersSettings,
        endpoints: &[ContainerEndpoint],
        expected: &BTreeMap<String, ServiceLimits>,
    ) -> Result<Self, ProbeError> {
        if endpoints.is_empty() {
            return Err(ProbeError::Unavailable {
                probe: NAME,
                reason: "the system was attached to, and its containers are not known".to_owned(),
                hint: "leave the containers probe out of the scenario".to_owned(),
            });
        }
        let engine = EngineAddress::current().and_then(EngineAddress::connect);
        let engine = engine.map_err(|error| ProbeError::failed(NAME, "find the container engine", error))?;
        let info = engine.info().await;
        let info = info.map_err(|error| ProbeError::failed(NAME, "ask the engine what it is", error))?;
        let groups = ControlGroups::from(&info);
        let mut containers = Vec::new();
        for (endpoint, service) in endpoints.iter().zip(names(endpoints)) {
            let inspected = engine.inspect_container(&endpoint.id, None).await;
            let inspected =
                inspected.map_err(|error| ProbeError::failed(NAME, format!("inspect container {service}"), error))?;
            let (cpu_limit, memory_limit) = limits(inspected.host_config.as_ref(), groups);
            // The kernel's files have what the engine's statistics lack: pressure and open sockets.
            let folders = match settings.source {
                CounterSource::Engine => None,
                CounterSource::Auto | CounterSource::Cgroup => folders(&inspected),
            };
            if folders.is_none() && settings.source == CounterSource::Cgroup {
                return Err(ProbeError::Unavailable {
                    probe: NAME,
                    reason: format!("the cgroup files of {service} cannot be read"),
                    hint: "the engine runs on another machine, or as another user: leave `source` out".to_owned(),
                });
            }
            containers.push(Container {
                // The engine's events carry the full id.
                id: inspected.id.unwrap_or_else(|| endpoint.id.clone()),
                service,
                cpu_limit,
                memory_limit,
                expected: expected.get(&endpoint.service).map(|limits| ExpectedLimits {
                    cpus: limits.cpus,
                    memory: limits.memory.get(),
                }),
                restarts: inspected.restart_count.unwrap_or(0),
                folders,
            });
        }
        Ok(Self {
            engine,
            groups,
            containers,
        })
    }

    pub(in crate::probe) async fn observe(self, watch: &Watch) -> Result<ContainersObservation, ProbeError> {
        let meters = join_all(self.containers.iter().map(|container| self.meter(container, watch)));
        let (meters, mut incidents) = tokio::join!(meters, self.incidents(watch));
        let mut observation = ContainersObservation::default();
        for (container, meter) in self.containers.iter().zip(meters) {
            let seen = without_survived_signals(incidents.remove(&container.id).unwrap_or_default());
            let (points, totals) = meter.finish();
            let mut series = ContainerSeries {
                service: container.service.clone(),
                source: self.source(container).to_owned(),
                cpu_limit: container.cpu_limit,
                memory_limit: container.memory_limit,
                expected: container.expected,
                totals,
                points,
                oom_killed: seen.iter().any(|incident| incident.oom),
                incidents: seen.into_iter().map(|reported| reported.incident).collect(),
                last_lines: Vec::new(),
            };
            let now = self.engine.inspect_container(&container.id, None).await;
            compare(&mut series, container.restarts, now, self.groups)?;
            if !series.incidents.is_empty() || series.oom_killed {
                // Only of containers that something happened to: the lines are shown as the reason, and may hold user
                // data.
                series.last_lines = self.last_lines(&container.id).await;
            }
            observation.containers.push(series);
        }
        Ok(observation)
    }

    /// Name of the source of the counters in the report.
    fn source(&self, container: &Container) -> &'static str {
        match &container.folders {
            _ if !self.groups.per_container => "none",
            Some(folders) => folders.name(),
            None => "engine",
        }
    }

    /// Last lines of a container's log; empty if the engine does not give them.
    async fn last_lines(&self, id: &str) -> Vec<String> {
        let options = LogsOptionsBuilder::default()
            .stdout(true)
            .stderr(true)
            .tail(LAST_LINES)
            .build();
        let chunks: Vec<_> = self.engine.logs(id, Some(options)).collect().await;
        let text: String = chunks.into_iter().flatten().map(|chunk| chunk.to_string()).collect();
        let lines = text.lines().map(|line| line.chars().take(LONGEST_LINE).collect());
        lines.collect()
    }

    async fn meter(&self, container: &Container, watch: &Watch) -> Meter {
        let mut meter = Meter::new(watch.judged);
        if !self.groups.per_container {
            // The engine's own statistics are those of its user's group as well.
            return meter;
        }
        if let Some(folders) = container.folders.clone() {
            self.follow_files(container, folders, watch, &mut meter).await;
        } else {
            tokio::select! {
                () = self.follow_engine(container, watch, &mut meter) => {}
                () = watch.until_end() => {}
            }
        }
        meter
    }

    /// Reads once a second, on the full second, because the phases end on full seconds too.
    async fn follow_files(&self, container: &Container, mut folders: Folders, watch: &Watch, meter: &mut Meter) {
        let mut due = Duration::ZERO;
        while watch.until(due).await {
            let counters = folders.read();
            meter.take(watch.clock.now().as_secs_f64(), counters);
            if counters.is_none() {
                // After a restart the container has another first process.
                let inspected = self.engine.inspect_container(&container.id, None).await;
                folders = inspected.ok().and_then(|now| self::folders(&now)).unwrap_or(folders);
            }
            if due >= watch.end {
                return;
            }
            // Readings that were missed are not made up for: the next one covers a longer interval.
            let late = watch.clock.now().saturating_sub(due);
            let seconds = u32::try_from(late.as_secs()).unwrap_or(u32::MAX).saturating_add(1);
            due = due.saturating_add(EVERY.saturating_mul(seconds)).min(watch.end);
        }
    }

    /// Reads at the engine's pace, which is about once a second.
    async fn follow_engine(&self, container: &Container, watch: &Watch, meter: &mut Meter) {
        loop {
            let options = StatsOptionsBuilder::new().stream(true).build();
            let mut stream = std::pin::pin!(self.engine.stats(&container.id, Some(options)));
            while let Some(Ok(stats)) = stream.next().await {
                match engine::counters(&stats) {
                    Some((wall, counters)) => meter.take(watch.offset_of_epoch(wall), Some(counters)),
                    None => meter.take(watch.clock.now().as_secs_f64(), None),
                }
            }
            // The stream ends with the container; it may be started again.
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Incidents by container id, in order.
    async fn incidents(&self, watch: &Watch) -> HashMap<String, Vec<ContainerEvent>> {
        let mut incidents: HashMap<String, Vec<ContainerEvent>> = HashMap::new();
        let filters = HashMap::from([
            ("type", vec!["container".to_owned()]),
            ("event", ACTIONS.map(str::to_owned).to_vec()),
            (
                "container",
                self.containers.iter().map(|container| container.id.clone()).collect(),
            ),
        ]);
        let follow = async {
            loop {
                let options = EventsOptionsBuilder::new().filters(&filters).build();
                let mut stream = std::pin::pin!(self.engine.events(Some(options)));
                while let Some(Ok(event)) = stream.next().await {
                    let at = event.time_nano.map_or(watch.clock.now().as_secs_f64(), |nanos| {
                        watch.offset_of_epoch(nanos as f64 / 1e9)
                    });
                    if let Some(incident) = ContainerEvent::from_event(&event, at) {
                        incidents.entry(incident.container.clone()).or_default().push(incident);
                    }
                }
                // An engine that restarts breaks the stream off.
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        };
        tokio::select! {
            () = follow => {}
            () = watch.until_end() => {}
        }
        incidents
    }
}

/// The cgroup files of a running container, if they can be read.
fn folders(inspected: &ContainerInspectResponse) -> Option<Folders> {
    let pid = inspected.state.as_ref()?.pid?;
    let pid = u64::try_from(pid).ok().filter(|pid| *pid > 0)?;
    let folders = Folders::of_container(inspected.id.as_deref()?, pid)?;
    folders.read().map(|_| folders)
}

/// Adds incidents that only the final state shows: events are lost while the engine restarts, for example.
fn compare(
    series: &mut ContainerSeries,
    restarts_before: i64,
    now: Result<ContainerInspectResponse, EngineError>,
    groups: ControlGroups,
) -> Result<(), ProbeError> {
    let now = match now {
        Ok(now) => now,
        // The run removes its stack only after the probes have ended, so somebody else removed the container.
        Err(EngineError::DockerResponseServerError { status_code: 404, .. }) => {
            series.incidents.push(Incident::Removed);
            return Ok(());
        }
        Err(error) => {
            return Err(ProbeError::failed(
                NAME,
                format!("inspect container {}", series.service),
                error,
            ));
        }
    };
    // A limit may be changed while the container runs (`docker update`).
    if now.host_config.is_some() {
        (series.cpu_limit, series.memory_limit) = limits(now.host_config.as_ref(), groups);
    }
    let state = now.state.unwrap_or_default();
    let restarts = now.restart_count.unwrap_or(0) - restarts_before;
    let kills = series.totals.as_ref().map_or(0, |totals| totals.oom_kills);
    // The kernel counts killed processes that the engine reported no event for: the container lives on without them.
    if kills > 0 && !series.oom_killed {
        series.incidents.push(Incident::LostProcesses { count: kills });
    }
    series.oom_killed |= state.oom_killed.unwrap_or(false) || kills > 0;
    // The events normally told of it already. An engine whose stream broke off has lost them, and the counts remain.
    if series.incidents.is_empty() && restarts > 0 {
        series.incidents.push(Incident::Restarted { times: restarts });
    }
    if series.incidents.is_empty() && state.running == Some(false) {
        let code = Some(state.exit_code.unwrap_or(0));
        series.incidents.push(Incident::Exited { code, at: None });
    }
    Ok(())
}

/// Names of the services, numbered if several containers share one.
fn names(endpoints: &[ContainerEndpoint]) -> Vec<String> {
    let shared = |service: &str| endpoints.iter().filter(|other| other.service == service).count() > 1;
    let mut counts: HashMap<String, u32> = HashMap::new();
    let name = |endpoint: &ContainerEndpoint| {
        let ContainerEndpoint { service, .. } = endpoint;
        let number = counts.entry(service.clone()).or_default();
        *number += 1;
        if shared(service) {
            format!("{service}-{number}")
        } else {
            service.clone()
        }
    };
    endpoints.iter().map(name).collect()
}

/// Limits in cores and bytes, as far as the engine applies them; it writes 0 for no limit.
fn limits(config: Option<&HostConfig>, groups: ControlGroups) -> (Option<f64>, Option<u64>) {
    let positive = |value: Option<i64>| value.filter(|value| *value > 0);
    let Some(config) = config else {
        return (None, None);
    };
    let cpu = positive(config.nano_cpus).map(|nanos| nanos as f64 / 1e9).or_else(|| {
        // Compose writes `cpus` as nanoseconds of a second, older files as quota and period; the kernel's default
        // period is 100 ms.
        let (quota, period) = (
            positive(config.cpu_quota)?,
            positive(config.cpu_period).unwrap_or(100_000),
        );
        Some(quota as f64 / period as f64)
    });
    let memory = positive(config.memory).and_then(|bytes| u64::try_from(bytes).ok());
    (
        cpu.filter(|_| groups.cpu_limits),
        memory.filter(|_| groups.memory_limits),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::containers::ContainerTotals;

    const ALL: ControlGroups = ControlGroups {
        per_container: true,
        cpu_limits: true,
        memory_limits: true,
    };

    #[test]
    fn replicas_are_numbered() {
        let endpoint = |service: &str| ContainerEndpoint {
            service: service.to_owned(),
            id: String::new(),
            image: String::new(),
        };
        assert_eq!(
            names(&[endpoint("api"), endpoint("web"), endpoint("api")]),
            ["api-1", "web", "api-2"]
        );
    }

    #[test]
    fn limits_come_from_nano_cpus_or_quota() {
        let config = |json: &str| -> HostConfig { serde_json::from_str(json).unwrap() };
        let nano = config(r#"{ "NanoCpus": 500000000, "Memory": 268435456 }"#);
        assert_eq!(limits(Some(&nano), ALL), (Some(0.5), Some(268_435_456)));
        let rootless = ControlGroups {
            cpu_limits: false,
            ..ALL
        };
        assert_eq!(limits(Some(&nano), rootless), (None, Some(268_435_456)));
        let quota = config(r#"{ "NanoCpus": 0, "CpuQuota": 150000, "CpuPeriod": 100000, "Memory": 0 }"#);
        assert_eq!(limits(Some(&quota), ALL), (Some(1.5), None));
        assert_eq!(limits(None, ALL), (None, None));
    }

    fn series() -> ContainerSeries {
        ContainerSeries {
            service: "api".to_owned(),
            ..ContainerSeries::default()
        }
    }

    #[test]
    fn the_final_state_tells_what_the_events_did_not() {
        let state = |json: &str| Ok(serde_json::from_str::<ContainerInspectResponse>(json).unwrap());
        let mut fine = series();
        compare(
            &mut fine,
            1,
            state(r#"{ "RestartCount": 1, "State": { "Running": true } }"#),
            ALL,
        )
        .unwrap();
        assert_eq!(fine, series());
        let mut restarted = series();
        compare(
            &mut restarted,
            0,
            state(r#"{ "RestartCount": 2, "State": { "Running": true } }"#),
            ALL,
        )
        .unwrap();
        assert_eq!(restarted.incidents, [Incident::Restarted { times: 2 }]);
        let mut dead = series();
        let killed = r#"{ "State": { "Running": false, "ExitCode": 137, "OOMKilled": true } }"#;
        compare(&mut dead, 0, state(killed), ALL).unwrap();
        assert_eq!(
            (dead.incidents, dead.oom_killed),
            (
                vec![Incident::Exited {
                    code: Some(137),
                    at: None
                }],
                true
            )
        );
        let mut bled = series();
        bled.totals = Some(ContainerTotals {
            oom_kills: 2,
            ..ContainerTotals::default()
        });
        let updated = r#"{ "State": { "Running": true }, "HostConfig": { "NanoCpus": 250000000 } }"#;
        compare(&mut bled, 0, state(updated), ALL).unwrap();
        assert_eq!(bled.incidents, [Incident::LostProcesses { count: 2 }]);
        assert!(bled.oom_killed);
        assert_eq!(bled.cpu_limit, Some(0.25));
        let mut gone = series();
        let missing = EngineError::DockerResponseServerError {
            status_code: 404,
            message: "No such container".to_owned(),
        };
        compare(&mut gone, 0, Err(missing), ALL).unwrap();
        assert_eq!(gone.incidents, [Incident::Removed]);
    }
}
