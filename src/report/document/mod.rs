//! The final document: the single source of every rendering, written as `report.json`.

mod attribution;
mod baseline;
mod content;
mod database;
mod earlier;
mod event;
mod exit;
mod failed;
mod fidelity;
mod identity;
mod page_load_comparison;
mod pages;
mod requests;
mod spike;
mod timeline;
mod trends;

pub use attribution::{Attribution, SuspectRow};
pub use baseline::{BaselineComparison, ComparedObjective};
pub use content::Document;
pub use database::Database;
pub use earlier::{ChangeSinceLast, EarlierRun, EarlierRuns, LevelChange, ObjectiveHistory};
pub use event::EventEffect;
pub use exit::ExitMeaning;
pub use failed::FailedRow;
pub use fidelity::{Fidelity, KindRow, ShiftRow, TimesRow};
pub use identity::{Identity, IdentitySum};
pub use page_load_comparison::{PageLoadComparison, Seconds};
pub use pages::{CalibrationRow, CallRow, LoadConditions, PageRow, Pages};
pub use requests::{Percentiles, RequestRow, SpectrumPoint};
pub use spike::Spike;
pub use timeline::{HeatColumn, LatencyPoint, LoadPoint, SeriesLine, Timeline};
pub use trends::{Quantity, Trend};

use content::latency_objective;
pub(in crate::report) use content::page_languages;

use super::words::{answer, browser, run, summary};
use crate::cause::{Cause, JudgedRun};
use crate::evidence::usage::{FrontDoor, Generator, containers};
use crate::runs::{RunRecord, run_name};
use crate::slo::{Judgement, Samples};
use crate::words::{Language, unmarked};

/// Version of `report.json`; it grows when a field changes its meaning.
const FORMAT: u32 = 2;

/// Availability that the first objective on it wants, as a share.
fn uptime(judgement: &Judgement) -> Option<f64> {
    let mut objectives = judgement.verdicts.iter().map(|verdict| &verdict.objective);
    let objective = objectives.find(|objective| objective.samples() == Some(Samples::Slices))?;
    objective.target.value()
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
        let objective = latency_objective(&judgement, Samples::ResponseTimes);
        let spikes = spike::spikes(record, objective);
        let events = event::effects(record, objective, uptime(&judgement));
        let mut document = Self {
            format: FORMAT,
            id: run_name(record.started, &record.plan.scenario),
            started: record.started,
            seconds,
            languages: record.plan.lang.clone(),
            exit: ExitMeaning::new(&judgement, answer::exit(&judgement, Language::English)),
            earlier: None,
            baseline: None,
            examination: None,
            notes: Vec::new(),
            summary: Vec::new(),
            not_measured: Vec::new(),
            judgement,
            attribution: Attribution::new(cause),
            plan: record.plan.clone(),
            judged: window,
            limits: requests::limits(&evidence.recording),
            series: requests::series(&evidence.recording, &evidence.plan),
            transactions: requests::transactions(&evidence.recording, &evidence.plan),
            groups: requests::groups(&evidence.recording, &evidence.plan, &record.plan.objectives),
            failed: failed::rows(&evidence.recording),
            load: evidence.recording.load.clone(),
            fidelity: Fidelity::new(evidence),
            send_lag: requests::send_lag(&evidence.recording, &evidence.plan),
            identities: identity::all(&evidence.recording),
            corrections: evidence.corrections.clone(),
            timeline: Timeline::new(&evidence.recording, requests::whole_seconds(seconds)),
            trends: trends::trends(record),
            spikes,
            events,
            beside_pages: browser.and_then(|seen| PageLoadComparison::new(&evidence.recording, &seen.loads, window)),
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
            request_events: observations.request_events.clone(),
            elsewhere: observations.elsewhere.clone(),
            failures: observations.failures.clone(),
            environment: record.environment.clone(),
            stack: record.stack.clone(),
        };
        // Sentences are made last, from the finished facts: `words` reads the whole document.
        for identity in &mut document.identities {
            let statement = identity.sum.as_ref().map(|sum| run::identity(sum, Language::English));
            identity.statement = statement.unwrap_or_default();
        }
        if let Some(pages) = &mut document.pages {
            pages.conditions = unmarked(&browser::conditions(pages, Language::English));
        }
        let plain_texts = |sentences: Vec<String>| sentences.iter().map(|text| unmarked(text)).collect();
        document.summary = plain_texts(summary::summary(&document, Language::English));
        document.not_measured = plain_texts(summary::not_measured(&document, Language::English));
        document
    }
}
