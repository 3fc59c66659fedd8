//! Activity of containers, front door and generator in a window of time.

use serde::{Deserialize, Serialize};

use crate::evidence::containers::{ContainerPoint, ContainerSeries, ContainersObservation};
use crate::evidence::front_door::{FrontDoorObservation, Slice};
use crate::evidence::generator::{GeneratorObservation, GeneratorPoint};
use crate::record::Window;

/// One container: its use in the judged window, and the whole run for the charts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Container {
    /// Mean CPU use in cores.
    pub cpu_mean: Option<f64>,
    /// Highest CPU use of a second, in cores.
    pub cpu_max: Option<f64>,
    /// Mean share of scheduling periods in which it was throttled.
    pub throttled: Option<f64>,
    /// Highest memory in bytes.
    pub memory_max: Option<u64>,
    /// Bytes received per second.
    pub received: Option<f64>,
    /// Bytes sent per second.
    pub sent: Option<f64>,
    /// The observation; its points are thinned.
    pub observed: ContainerSeries,
}

/// Each container's use in that window.
pub fn containers(observation: &ContainersObservation, window: Window) -> Vec<Container> {
    observation
        .containers
        .iter()
        .map(|series| container(series, window))
        .collect()
}

fn container(series: &ContainerSeries, window: Window) -> Container {
    let judged: Vec<&ContainerPoint> = series
        .points
        .iter()
        .filter(|point| window.contains_secs(point.at))
        .collect();
    let network = |counter: fn(&ContainerPoint) -> u64| {
        // Counters since the start of the container: the rate over the window needs the first and the last reading
        // only.
        let (first, last) = (judged.first()?, judged.last()?);
        // A container that was started anew counts from 0 again.
        let bytes = counter(last).saturating_sub(counter(first)) as f64;
        (last.at > first.at).then(|| bytes / (last.at - first.at))
    };
    Container {
        cpu_mean: mean(judged.iter().map(|point| point.cpu_cores)),
        cpu_max: judged.iter().map(|point| point.cpu_cores).max_by(f64::total_cmp),
        throttled: mean(judged.iter().map(|point| point.throttled)),
        memory_max: judged.iter().map(|point| point.memory).max(),
        received: network(|point| point.received),
        sent: network(|point| point.sent),
        observed: ContainerSeries {
            // The document holds what is drawn; the whole series stays in the evidence of the run.
            points: thinned(&series.points, |point| point.cpu_cores),
            ..series.clone()
        },
    }
}

/// Resource use of the harness itself in the judged window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Generator {
    /// Cores it may use.
    pub cores: u32,
    /// Mean CPU use of the process in cores.
    pub cpu_mean: Option<f64>,
    /// Highest CPU use of the load thread in a second, in cores; saturated near 1.
    pub load_thread_max: Option<f64>,
    /// Mean CPU use of the whole host in cores.
    pub host_mean: Option<f64>,
    /// Mean share of the time in which the load thread waited for a processor.
    #[serde(default)]
    pub run_queue_mean: Option<f64>,
    /// Mean steal time: processor time of the host that the hypervisor gave to others, in cores.
    #[serde(default)]
    pub steal_mean: Option<f64>,
    /// The most processes that ran or were ready to.
    #[serde(default)]
    pub runnable_max: Option<u32>,
    /// TCP segments sent again.
    #[serde(default)]
    pub retransmits: u64,
    /// Highest resident memory in bytes.
    pub memory_max: Option<u64>,
    /// Second by second over the whole run.
    pub points: Vec<GeneratorPoint>,
}

impl Generator {
    /// Its use in that window.
    pub fn new(observation: &GeneratorObservation, window: Window) -> Self {
        let judged: Vec<&GeneratorPoint> = observation
            .points
            .iter()
            .filter(|point| window.contains_secs(point.at))
            .collect();
        Self {
            cores: observation.cores,
            cpu_mean: mean(judged.iter().map(|point| point.cpu_cores)),
            load_thread_max: judged
                .iter()
                .map(|point| point.load_thread_cores)
                .max_by(f64::total_cmp),
            host_mean: mean(judged.iter().map(|point| point.host_cores)),
            run_queue_mean: mean(
                judged
                    .iter()
                    .filter_map(|point| point.run_queue)
                    .collect::<Vec<_>>()
                    .into_iter(),
            ),
            steal_mean: mean(judged.iter().map(|point| point.steal)),
            runnable_max: judged.iter().map(|point| point.runnable).max(),
            // Counted per interval by the probe, unlike the counters of containers: their sum is the number in the
            // window.
            retransmits: judged.iter().map(|point| point.retransmits).sum(),
            memory_max: judged.iter().map(|point| point.memory).max(),
            points: thinned(&observation.points, |point| point.cpu_cores),
        }
    }
}

/// Uptime of the front door, in slices of one second.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrontDoor {
    /// The URL asked.
    pub url: String,
    /// Slices of the judged window.
    pub slices: u64,
    /// Those in which it answered.
    pub up: u64,
    /// The slices of the whole run in which it did not, at most 50.
    pub down: Vec<Slice>,
}

impl FrontDoor {
    /// Its answers in that window.
    pub fn new(observation: &FrontDoorObservation, window: Window) -> Self {
        let judged = || {
            let inside = |slice: &&Slice| window.contains_secs(f64::from(slice.second));
            observation.slices.iter().filter(inside)
        };
        Self {
            url: observation.url.clone(),
            slices: judged().count() as u64,
            up: judged().filter(|slice| slice.up).count() as u64,
            down: observation
                .slices
                .iter()
                .filter(|slice| !slice.up)
                .take(50)
                .cloned()
                .collect(),
        }
    }
}

/// Thins to at most 600 points: of each stretch the one with the highest value, so that a peak is never lost.
pub fn thinned<T: Clone>(points: &[T], value: fn(&T) -> f64) -> Vec<T> {
    points
        .chunks(points.len().div_ceil(600).max(1))
        .filter_map(|stretch| stretch.iter().max_by(|a, b| value(a).total_cmp(&value(b))))
        .cloned()
        .collect()
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> Option<f64> {
    let count = values.len();
    (count > 0).then(|| values.sum::<f64>() / count as f64)
}
