//! The facts of a judged run.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Attribution, BaselineComparison, Database, EarlierRuns, EventEffect, ExitMeaning, FailedRow, Fidelity, Identity,
    PageLoadComparison, Pages, Percentiles, RequestRow, Spike, Timeline, Trend,
};
use crate::evidence::proxy::ProxyObservation;
use crate::evidence::usage::{Container, FrontDoor, Generator};
use crate::evidence::{Correction, Examination, OtherHost, ProbeFailure, RequestEvent, SeriesPlan, StackRecord};
use crate::record::{LoadTotals, Window};
use crate::runs::{Environment, RunNote};
use crate::scenario::PlanSummary;
use crate::slo::{Judgement, Objective, Samples, first_latency_objective};
use crate::words::Language;

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
    /// Languages of the page; English if there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<Language>,
    /// Exit code of the process, with its meaning.
    pub exit: ExitMeaning,
    /// The run among earlier ones; `None` if it was judged without a history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier: Option<EarlierRuns>,
    /// The run held against its baseline; `None` if it was compared with none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineComparison>,
    /// The examination of the system without load; `None` if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub examination: Option<Examination>,
    /// Remarks that people made on the run, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<RunNote>,
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
    /// A replay beside its record; `None` if the load is the scenario's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fidelity: Option<Fidelity>,
    /// Send lag of the generator itself, over the judged window.
    pub send_lag: Percentiles,
    /// Sums that must agree.
    pub identities: Vec<Identity>,
    /// Corrections that were made of what was recorded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<Correction>,
    /// The requests second by second.
    pub timeline: Timeline,
    /// Trends of quantities over the judged window; empty if it is shorter than five minutes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trends: Vec<Trend>,
    /// Effects of sudden multiples of the load.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spikes: Vec<Spike>,
    /// Effects of planned events.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<EventEffect>,
    /// Requests with and without concurrent page loads; `None` without a page load in the judged window.
    pub beside_pages: Option<PageLoadComparison>,
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
    /// Events of requests that their outcomes do not tell, over the whole run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request_events: Vec<RequestEvent>,
    /// Other hosts that the system under test pointed at; they were not measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<OtherHost>,
    /// Probes that were asked for and failed.
    pub failures: Vec<ProbeFailure>,
    /// The machine.
    pub environment: Environment,
    /// Record of how the stack was run.
    pub stack: StackRecord,
}

impl Document {
    /// Languages of the pages, that of `index.html` first: English where it is asked for.
    pub fn page_languages(&self) -> Vec<Language> {
        page_languages(&self.languages)
    }

    /// Language of the main page.
    pub fn language(&self) -> Language {
        self.page_languages().first().copied().unwrap_or(Language::English)
    }

    /// Last log lines of each container that fell, as (service, lines).
    pub fn last_lines(&self) -> impl Iterator<Item = (&str, &[String])> {
        let containers = self.containers.iter().map(|container| &container.observed);
        let fell = containers.filter(|observed| !observed.last_lines.is_empty());
        fell.map(|observed| (observed.service.as_str(), observed.last_lines.as_slice()))
    }

    /// True if judged phases make requests of that series; clean-ups and log-ins come outside of them. Runs recorded before plans
    /// said so count as if all were made there.
    pub fn is_judged(&self, series: &str) -> bool {
        let planned = &self.plan.load.series;
        let known = planned.iter().find(|plan| plan.name == series);
        known.is_none_or(|plan| !plan.models.is_empty()) || planned.iter().all(|plan| plan.models.is_empty())
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

/// Languages of the pages that are asked for, that of `index.html` first: English where it is among them, or none is.
pub(in crate::report) fn page_languages(asked: &[Language]) -> Vec<Language> {
    let mut languages = asked.to_vec();
    // In a fixed order, so that the language of `index.html` does not depend on how the languages were written.
    languages.sort_unstable();
    languages.dedup();
    if languages.is_empty() {
        languages.push(Language::English);
    }
    languages
}

/// The first latency objective over those samples, gating ones first.
pub(super) fn latency_objective(judgement: &Judgement, samples: Samples) -> Option<&Objective> {
    let objectives = judgement.verdicts.iter().map(|verdict| &verdict.objective);
    first_latency_objective(objectives, samples)
}
