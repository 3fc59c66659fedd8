//! Follows the engine's statistics of each container and its events.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::join_all;
use testcontainers::bollard::Docker;
use testcontainers::bollard::errors::Error as EngineError;
use testcontainers::bollard::models::{ContainerInspectResponse, HostConfig};
use testcontainers::bollard::query_parameters::{EventsOptionsBuilder, StatsOptionsBuilder};

use super::incidents::{ACTIONS, Incident};
use super::reading::Reading;
use super::{ContainerPoint, ContainerSeries, ContainersObservation};
use crate::probe::{ProbeError, Watch};
use crate::stack::ContainerEndpoint;

const NAME: &str = "containers";

#[derive(Debug)]
struct Container {
    id: String,
    service: String,
    cpu_limit: Option<f64>,
    memory_limit: Option<u64>,
    restarts: i64,
}

/// Watches all containers of the stack.
#[derive(Debug)]
pub(in crate::probe) struct ContainersProbe {
    engine: Docker,
    containers: Vec<Container>,
}

impl ContainersProbe {
    pub(in crate::probe) async fn prepare(endpoints: &[ContainerEndpoint]) -> Result<Self, ProbeError> {
        if endpoints.is_empty() {
            return Err(ProbeError::Unavailable {
                probe: NAME,
                reason: "the system was attached to, and its containers are not known".to_owned(),
                hint: "leave the containers probe out of the scenario".to_owned(),
            });
        }
        let engine = Docker::connect_with_defaults();
        let engine = engine.map_err(|error| ProbeError::failed(NAME, "find the container engine", error))?;
        let mut containers = Vec::new();
        for (endpoint, service) in endpoints.iter().zip(names(endpoints)) {
            let inspected = engine.inspect_container(&endpoint.id, None).await;
            let inspected =
                inspected.map_err(|error| ProbeError::failed(NAME, format!("inspect container {service}"), error))?;
            let (cpu_limit, memory_limit) = limits(inspected.host_config.as_ref());
            containers.push(Container {
                // The engine's events carry the full id.
                id: inspected.id.unwrap_or_else(|| endpoint.id.clone()),
                service,
                cpu_limit,
                memory_limit,
                restarts: inspected.restart_count.unwrap_or(0),
            });
        }
        Ok(Self { engine, containers })
    }

    pub(in crate::probe) async fn observe(self, watch: &Watch) -> Result<ContainersObservation, ProbeError> {
        let points = join_all(self.containers.iter().map(|container| self.points(container, watch)));
        let (points, mut incidents) = tokio::join!(points, self.incidents(watch));
        let mut observation = ContainersObservation::default();
        for (container, points) in self.containers.iter().zip(points) {
            let seen = incidents.remove(&container.id).unwrap_or_default();
            let mut series = ContainerSeries {
                service: container.service.clone(),
                cpu_limit: container.cpu_limit,
                memory_limit: container.memory_limit,
                points,
                oom_killed: seen.iter().any(|incident| incident.oom),
                incidents: seen.into_iter().map(|incident| incident.words).collect(),
            };
            let now = self.engine.inspect_container(&container.id, None).await;
            compare(&mut series, container.restarts, now)?;
            observation.containers.push(series);
        }
        Ok(observation)
    }

    /// Second by second until the end; a container that is away for a while leaves a gap.
    async fn points(&self, container: &Container, watch: &Watch) -> Vec<ContainerPoint> {
        let mut points = Vec::new();
        let follow = async {
            let mut previous: Option<Reading> = None;
            loop {
                let options = StatsOptionsBuilder::new().stream(true).build();
                let mut stream = std::pin::pin!(self.engine.stats(&container.id, Some(options)));
                while let Some(Ok(stats)) = stream.next().await {
                    let current = Reading::of(&stats);
                    if let (Some(previous), Some(current)) = (&previous, &current) {
                        let at = watch.offset_of_epoch(current.wall);
                        points.extend(current.since(previous, at).filter(|point| point.at >= 0.0));
                    }
                    previous = current;
                }
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        };
        tokio::select! {
            () = follow => {}
            () = watch.until_end() => {}
        }
        points
    }

    /// Incidents by container id, in order.
    async fn incidents(&self, watch: &Watch) -> HashMap<String, Vec<Incident>> {
        let mut incidents: HashMap<String, Vec<Incident>> = HashMap::new();
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
                    if let Some(incident) = Incident::of(&event, at) {
                        incidents.entry(incident.container.clone()).or_default().push(incident);
                    }
                }
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

/// What only the final state tells, where the events did not: they are lost while the engine restarts, say.
fn compare(
    series: &mut ContainerSeries,
    restarts_before: i64,
    now: Result<ContainerInspectResponse, EngineError>,
) -> Result<(), ProbeError> {
    let now = match now {
        Ok(now) => now,
        Err(EngineError::DockerResponseServerError { status_code: 404, .. }) => {
            series.incidents.push("was removed".to_owned());
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
    let state = now.state.unwrap_or_default();
    let restarts = now.restart_count.unwrap_or(0) - restarts_before;
    series.oom_killed |= state.oom_killed.unwrap_or(false);
    if series.incidents.is_empty() && restarts > 0 {
        series.incidents.push(format!("was restarted {restarts} times"));
    }
    if series.incidents.is_empty() && state.running == Some(false) {
        let code = state.exit_code.unwrap_or(0);
        series.incidents.push(format!("exited with code {code}"));
    }
    Ok(())
}

/// The service's name, numbered where several containers share it.
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

/// Cores and bytes; the engine writes 0 for no limit.
fn limits(config: Option<&HostConfig>) -> (Option<f64>, Option<u64>) {
    let positive = |value: Option<i64>| value.filter(|value| *value > 0);
    let Some(config) = config else {
        return (None, None);
    };
    let cpu = positive(config.nano_cpus).map(|nanos| nanos as f64 / 1e9).or_else(|| {
        let (quota, period) = (
            positive(config.cpu_quota)?,
            positive(config.cpu_period).unwrap_or(100_000),
        );
        Some(quota as f64 / period as f64)
    });
    (cpu, positive(config.memory).and_then(|bytes| u64::try_from(bytes).ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(limits(Some(&nano)), (Some(0.5), Some(268_435_456)));
        let quota = config(r#"{ "NanoCpus": 0, "CpuQuota": 150000, "CpuPeriod": 100000, "Memory": 0 }"#);
        assert_eq!(limits(Some(&quota)), (Some(1.5), None));
        assert_eq!(limits(None), (None, None));
    }

    fn series() -> ContainerSeries {
        ContainerSeries {
            service: "api".to_owned(),
            cpu_limit: None,
            memory_limit: None,
            points: Vec::new(),
            incidents: Vec::new(),
            oom_killed: false,
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
        )
        .unwrap();
        assert_eq!(fine, series());
        let mut restarted = series();
        compare(
            &mut restarted,
            0,
            state(r#"{ "RestartCount": 2, "State": { "Running": true } }"#),
        )
        .unwrap();
        assert_eq!(restarted.incidents, ["was restarted 2 times"]);
        let mut dead = series();
        let killed = r#"{ "State": { "Running": false, "ExitCode": 137, "OOMKilled": true } }"#;
        compare(&mut dead, 0, state(killed)).unwrap();
        assert_eq!(
            (dead.incidents, dead.oom_killed),
            (vec!["exited with code 137".to_owned()], true)
        );
        let mut gone = series();
        let missing = EngineError::DockerResponseServerError {
            status_code: 404,
            message: "No such container".to_owned(),
        };
        compare(&mut gone, 0, Err(missing)).unwrap();
        assert_eq!(gone.incidents, ["was removed"]);
    }
}
