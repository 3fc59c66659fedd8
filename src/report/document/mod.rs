//! The final document: the single source of every rendering, written as `report.json`.

mod attribution;
mod beside;
mod database;
mod exit;
mod failed;
mod identity;
mod pages;
mod requests;
mod sentences;
mod spike;
mod timeline;
mod trends;

pub use attribution::{Attribution, SuspectRow};
pub use beside::{BesidePages, Seconds};
pub use database::Database;
pub use exit::Exit;
pub use failed::FailedRow;
pub use identity::Identity;
pub use pages::{CalibrationRow, CallRow, PageRow, Pages};
pub use requests::{Percentiles, RequestRow, SpectrumPoint};
pub use spike::Spike;
pub use timeline::{LatencyPoint, LoadPoint, SeriesLine, Timeline};
pub use trends::Trend;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::cause::{Cause, JudgedRun};
use crate::evidence::proxy::ProxyObservation;
use crate::evidence::usage::{Container, FrontDoor, Generator, containers};
use crate::evidence::{ProbeFailure, SeriesPlan, StackRecord};
use crate::record::{LoadTotals, Window};
use crate::runs::{Environment, RunRecord, run_name};
use crate::scenario::PlanSummary;
use crate::slo::{Judgement, Objective, Samples};
use crate::words::en::request_events;

/// Version of `report.json`; it grows when a field changes its meaning.
const FORMAT: u32 = 2;

/// A judged run with everything a rendering needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Version of this format.
    pub format: u32,
    /// Start time and scenario: `20260301-081500-gate`.
    pub id: String,
    /// Wall-clock time of the run's zero.
    pub started: Timestamp,
    /// Planned seconds of load, warm-up included.
    pub seconds: f64,
    /// Exit code of the process, with its meaning.
    pub exit: Exit,
    /// The run in plain sentences, the most important first.
    pub summary: Vec<String>,
    /// Things that this run did not measure, in plain sentences.
    pub not_measured: Vec<String>,
    /// Every verdict and every validity rule.
    pub judgement: Judgement,
    /// Split of the time, and the suspected causes.
    #[serde(default)]
    pub attribution: Attribution,
    /// Summary of the plan.
    pub plan: PlanSummary,
    /// From the first judged phase's start to the last one's end.
    pub judged: Window,
    /// The latency limits, in milliseconds, that every `over` counts against.
    pub limits: Vec<f64>,
    /// One row per series, busiest first, over the judged window.
    pub series: Vec<RequestRow>,
    /// Transactions of the judged window: groups of steps, timed as a whole. They are no requests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transactions: Vec<RequestRow>,
    /// One row for all series, one for the selection of each objective and one per tag, over the judged window.
    pub groups: Vec<RequestRow>,
    /// Requests that did not succeed, by series, phase, status and outcome, judged ones first and the most frequent first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<FailedRow>,
    /// Arrivals of each phase by their outcome.
    pub load: Vec<LoadTotals>,
    /// Send lag of the generator itself, over the judged window.
    pub send_lag: Percentiles,
    /// Sums that must agree.
    pub identities: Vec<Identity>,
    /// The requests second by second.
    pub timeline: Timeline,
    /// Trends of quantities over the judged window; empty if it is shorter than five minutes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trends: Vec<Trend>,
    /// Effects of sudden multiples of the load.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spikes: Vec<Spike>,
    /// Requests with and without concurrent page loads; `None` without a page load in the judged window.
    pub beside_pages: Option<BesidePages>,
    /// Page loads in the browser.
    pub pages: Option<Pages>,
    /// Statement times.
    pub database: Option<Database>,
    /// Resource use of each container.
    pub containers: Vec<Container>,
    /// Split of the time of requests, from the proxy's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<ProxyObservation>,
    /// Availability of the front door.
    pub front_door: Option<FrontDoor>,
    /// Resource use of the harness itself.
    pub generator: Option<Generator>,
    /// Probes that were asked for and failed.
    pub failures: Vec<ProbeFailure>,
    /// The machine.
    pub environment: Environment,
    /// Record of how the stack was run.
    pub stack: StackRecord,
}

impl Document {
    /// Makes the document of a judged run.
    pub fn new(record: &RunRecord, judgement: Judgement) -> Self {
        let evidence = &record.evidence;
        let observations = &evidence.observations;
        let window = evidence.plan.judged_window();
        let seconds = evidence.plan.end().as_secs_f64();
        let browser = observations.browser.as_ref();
        let cause = Cause::find(JudgedRun {
            evidence,
            judgement: &judgement,
            images: &record.stack.images,
            cores: record.environment.cores,
        });
        let spikes = spike::spikes(record, latency_objective(&judgement, Samples::ResponseTimes));
        let mut document = Self {
            format: FORMAT,
            id: run_name(record.started, &record.plan.scenario),
            started: record.started,
            seconds,
            exit: Exit::new(&judgement),
            summary: Vec::new(),
            not_measured: Vec::new(),
            judgement,
            attribution: Attribution::new(cause),
            plan: record.plan.clone(),
            judged: window,
            limits: evidence
                .recording
                .limits
                .iter()
                .map(|limit| requests::millis(*limit))
                .collect(),
            series: requests::series(&evidence.recording, &evidence.plan),
            transactions: requests::transactions(&evidence.recording, &evidence.plan),
            groups: requests::groups(&evidence.recording, &evidence.plan, &record.plan.objectives),
            failed: failed::rows(&evidence.recording),
            load: evidence.recording.load.clone(),
            send_lag: requests::send_lag(&evidence.recording, &evidence.plan),
            identities: identity::all(&evidence.recording),
            timeline: Timeline::new(&evidence.recording, requests::whole_seconds(seconds)),
            trends: trends::trends(record),
            spikes,
            beside_pages: browser.and_then(|seen| BesidePages::new(&evidence.recording, &seen.loads, window)),
            pages: browser.map(|seen| Pages::new(seen, &evidence.plan)),
            database: observations
                .postgres
                .as_ref()
                .map(|seen| Database::new(seen, window.length().as_secs_f64())),
            proxy: observations.proxy.clone(),
            containers: observations
                .containers
                .as_ref()
                .map(|seen| containers(seen, window))
                .unwrap_or_default(),
            front_door: observations
                .front_door
                .as_ref()
                .map(|seen| FrontDoor::new(seen, window)),
            generator: observations.generator.as_ref().map(|seen| Generator::new(seen, window)),
            failures: observations.failures.clone(),
            environment: record.environment.clone(),
            stack: record.stack.clone(),
        };
        document.summary = sentences::summary(&document);
        document
            .summary
            .extend(request_events::sentences(&observations.request_events));
        document.not_measured = sentences::not_measured(&document);
        document
            .not_measured
            .extend(sentences::elsewhere(&observations.elsewhere));
        document
    }

    /// Last log lines of each container that fell, as (service, lines).
    pub fn last_lines(&self) -> impl Iterator<Item = (&str, &[String])> {
        let containers = self.containers.iter().map(|container| &container.observed);
        let fell = containers.filter(|observed| !observed.last_lines.is_empty());
        fell.map(|observed| (observed.service.as_str(), observed.last_lines.as_slice()))
    }

    /// The row of all series together; that of the open model if both models are judged.
    pub fn all(&self) -> Option<&RequestRow> {
        self.groups.first()
    }

    /// The first latency objective over requests, gating ones first: its limits are drawn into the charts.
    pub fn request_objective(&self) -> Option<&Objective> {
        latency_objective(&self.judgement, Samples::ResponseTimes)
    }

    /// The first objective over page loads, gating ones first.
    pub fn page_objective(&self) -> Option<&Objective> {
        latency_objective(&self.judgement, Samples::PageLoads)
    }

    /// The group of series that the request objective selects; all series without such an objective.
    pub fn request_group(&self) -> Option<&RequestRow> {
        let selector = self.request_objective().and_then(|objective| objective.of.as_ref());
        let all = self.all()?;
        let name = selector.map_or(&all.name, |selector| &selector.0);
        let reads = |row: &&RequestRow| {
            self.request_objective()
                .is_none_or(|objective| objective.reads(row.model))
        };
        let mut named = self.groups.iter().filter(|group| group.name == *name).filter(reads);
        named.next().or(Some(all))
    }

    /// Names of the series that the request objective selects; all series without such an objective.
    pub fn request_series(&self) -> Vec<&str> {
        let objective = self.request_objective();
        let selected = |series: &&SeriesPlan| objective.is_none_or(|objective| objective.selects(series));
        let series = self.plan.load.series.iter().filter(selected);
        series.map(|series| series.name.as_str()).collect()
    }
}

/// The first latency objective over those samples, gating ones first.
fn latency_objective(judgement: &Judgement, samples: Samples) -> Option<&Objective> {
    let objectives = judgement.verdicts.iter().map(|verdict| &verdict.objective);
    let mut objectives: Vec<&Objective> = objectives
        .filter(|objective| objective.samples() == Some(samples) && objective.quantile.is_some())
        .collect();
    objectives.sort_by_key(|objective| !objective.gate);
    objectives.into_iter().next()
}
