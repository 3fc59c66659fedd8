//! Evidence for tests: a warm-up of 10 s and a judged `steady` phase of 60 s with 3,000 arrivals.

use std::time::Duration;

use super::{Limit, Objective};
use crate::evidence::browser::{BrowserObservation, Calibration, CalibrationLoad, PageLoad};
use crate::evidence::containers::ContainerSeries;
use crate::evidence::front_door::Slice;
use crate::evidence::generator::{GeneratorObservation, GeneratorPoint};
use crate::evidence::postgres::{DatabasePoint, HiddenData, PostgresObservation};
use crate::evidence::{
    Evidence, Incident, LoadModel, LoadPlan, Observations, PhasePlan, PlannedLoad, ProbeFailure, ProbeKind, SeriesPlan,
    StackAction, StackEvent,
};
use crate::record::{Counters, LoadTotals, Outcome, Recording, SecondCell, SeriesKey, SeriesRecord, Timing, Window};

/// Latency limits that the recording of the fixture counts against, in microseconds.
const LIMITS: [u64; 4] = [100_000, 300_000, 400_000, 1_000_000];

pub(crate) fn limit(text: &str) -> Limit {
    Limit::try_from(text.to_owned()).unwrap()
}

pub(crate) fn objective(indicator: &str, target: &str, acceptable: &str) -> Objective {
    Objective {
        name: indicator.to_owned(),
        indicator: indicator.to_owned(),
        of: None,
        model: None,
        quantile: None,
        statistic: None,
        threshold: None,
        during: None,
        in_every: None,
        target: limit(target),
        acceptable: limit(acceptable),
        gate: true,
        acknowledge: None,
    }
}

/// p95 of all requests: target 100 ms, acceptable 300 ms.
pub(crate) fn response_time() -> Objective {
    let mut objective = objective("response-time", "100ms", "300ms");
    objective.quantile = Some("p95".parse().unwrap());
    objective
}

fn phase(name: &str, judged: bool, start: u64, end: u64, arrivals: u64) -> PhasePlan {
    PhasePlan {
        name: name.to_owned(),
        judged,
        pages: false,
        window: Window {
            start: Duration::from_secs(start),
            end: Duration::from_secs(end),
        },
        model: LoadModel::Open,
        users: None,
        arrivals,
        load: PlannedLoad::Verbatim("constant-arrival-rate 50/s".to_owned()),
    }
}

fn series(name: &str, tag: &str, expected: f64) -> SeriesPlan {
    SeriesPlan {
        least: None,
        name: name.to_owned(),
        tags: vec![tag.to_owned()],
        expected,
        models: vec![LoadModel::Open],
    }
}

pub(crate) fn plan() -> LoadPlan {
    LoadPlan {
        replay: None,
        transactions: Vec::new(),
        timeout: crate::units::Span::from_millis(1_000),
        phases: vec![
            phase("warm-up", false, 0, 10, 500),
            phase("steady", true, 10, 70, 3_000),
        ],
        series: vec![
            series("projects.list", "api", 3_000.0),
            series("login.submit", "api", 17.5),
            series("pages.home", "web", 500.0),
        ],
    }
}

fn totals(phase: &str, planned: u64) -> LoadTotals {
    LoadTotals {
        phase: phase.to_owned(),
        planned,
        started: planned,
        dropped: 0,
        completed: planned,
        failed: 0,
        interrupted: 0,
        walked: None,
    }
}

/// A run under construction; valid unless a method breaks it.
pub(crate) struct Run(Evidence);

impl Run {
    pub(crate) fn new() -> Self {
        let mut run = Self(Evidence {
            plan: plan(),
            recording: Recording {
                transactions: Vec::new(),
                limits: LIMITS.to_vec(),
                series: Vec::new(),
                load: vec![totals("warm-up", 500), totals("steady", 3_000)],
                seconds: Vec::new(),
                spread: crate::record::Spread::default(),
                busy: Vec::new(),
            },
            observations: Observations::default(),
            interrupted: false,
            ended: None,
            corrections: Vec::new(),
            left_out: Vec::new(),
        });
        run.generator(2, 0.3, 0.4, 1.5);
        run
    }

    pub(crate) fn evidence(&self) -> Evidence {
        self.0.clone()
    }

    fn record(&mut self, judged: bool, series: &str) -> &mut SeriesRecord {
        let key = SeriesKey {
            phase: if judged { "steady" } else { "warm-up" }.to_owned(),
            series: series.to_owned(),
        };
        let records = &mut self.0.recording.series;
        let index = records.iter().position(|record| record.key == key).unwrap_or_else(|| {
            records.push(SeriesRecord::new(key, judged, LIMITS.len()));
            records.len() - 1
        });
        &mut records[index]
    }

    fn sample(&mut self, judged: bool, second: u32, series: &str, outcome: Outcome, micros: u64, lag: u64) {
        let record = self.record(judged, series);
        record.counters.count(outcome, micros, 0, &LIMITS);
        record.timings.get_mut(Timing::SendLag).record(lag).unwrap();
        if outcome.is_timed() {
            record.timings.get_mut(Timing::Response).record(micros).unwrap();
        }
        let known = record.seconds.iter().position(|cell| cell.second == second);
        let index = known.unwrap_or_else(|| {
            record.seconds.push(SecondCell {
                second,
                counters: Counters::new(LIMITS.len()),
                p50: 0,
                p95: 0,
                p99: 0,
                max: 0,
            });
            record.seconds.len() - 1
        });
        record.seconds[index].counters.count(outcome, micros, 0, &LIMITS);
    }

    /// Judged requests spread evenly over the 60 seconds.
    pub(crate) fn requests(&mut self, series: &str, outcome: Outcome, micros: u64, count: u64) {
        for index in 0..count {
            let second = 10 + u32::try_from(index * 60 / count).unwrap();
            self.sample(true, second, series, outcome, micros, 100);
        }
    }

    /// Judged requests of one second.
    pub(crate) fn requests_at(&mut self, second: u32, series: &str, outcome: Outcome, micros: u64, count: u64) {
        for _ in 0..count {
            self.sample(true, second, series, outcome, micros, 100);
        }
    }

    /// Sets the quantiles of one second of a series.
    pub(crate) fn cell_level(&mut self, second: u32, series: &str, micros: u64) {
        let record = self.record(true, series);
        for cell in record.seconds.iter_mut().filter(|cell| cell.second == second) {
            (cell.p50, cell.p95, cell.p99, cell.max) = (micros, micros, micros, micros);
        }
    }

    /// Judged requests that were sent `lag` microseconds late.
    pub(crate) fn late_requests(&mut self, series: &str, lag: u64, count: u64) {
        for _ in 0..count {
            self.sample(true, 20, series, Outcome::Success, 50_000 + lag, lag);
        }
    }

    pub(crate) fn warm_up(&mut self, series: &str, outcome: Outcome, micros: u64, count: u64) {
        for _ in 0..count {
            self.sample(false, 5, series, outcome, micros, 100);
        }
    }

    /// Drops `count` of the judged arrivals.
    pub(crate) fn dropped(&mut self, count: u64) {
        let steady = &mut self.0.recording.load[1];
        steady.dropped += count;
        steady.started -= count;
        steady.completed -= count;
    }

    /// Makes the judged phase one of 50 users in the closed model.
    pub(crate) fn closed(&mut self) {
        let steady = &mut self.0.plan.phases[1];
        (steady.model, steady.users, steady.arrivals) = (LoadModel::Closed, Some(50), 0);
        for series in &mut self.0.plan.series {
            (series.models, series.expected) = (vec![LoadModel::Closed], 0.0);
        }
    }

    pub(crate) fn interrupt(&mut self) {
        self.0.interrupted = true;
    }

    pub(crate) fn generator(&mut self, cores: u32, thread: f64, process: f64, host: f64) {
        let points = (0..70_u32).map(|second| GeneratorPoint {
            at: f64::from(second) + 0.5,
            cpu_cores: process,
            load_thread_cores: thread,
            memory: 50_000_000,
            host_cores: host,
            run_queue: Some(0.01),
            steal: 0.0,
            runnable: 2,
            retransmits: 0,
            disk: 0,
        });
        self.0.observations.generator = Some(GeneratorObservation {
            cores,
            points: points.collect(),
        });
    }

    pub(crate) fn probe_failure(&mut self, probe: ProbeKind, reason: &str) {
        self.0.observations.failures.push(ProbeFailure {
            probe,
            reason: reason.to_owned(),
        });
    }

    /// A page load; it failed if `millis` is `None`.
    pub(crate) fn page_load(&mut self, at: f64, millis: Option<f64>) {
        self.browser().loads.push(PageLoad {
            page: "dashboard".to_owned(),
            at,
            failure: millis.is_none().then(|| "timed out".to_owned()),
            load_ms: millis,
            ..PageLoad::default()
        });
    }

    /// The observation of the browser so far, for changes.
    pub(crate) fn browser(&mut self) -> &mut BrowserObservation {
        self.0.observations.browser.get_or_insert_default()
    }

    /// Loads of the harness's own page: 50 ms before the load and `millis` during it, one in each judged second.
    pub(crate) fn calibration(&mut self, millis: f64) {
        self.browser().calibration = Some(Calibration {
            limit: 1.5.try_into().unwrap(),
            before: vec![50.0; 5],
            during: (10..70_u32)
                .map(|second| CalibrationLoad {
                    at: f64::from(second),
                    load_ms: Some(millis),
                })
                .collect(),
        });
    }

    /// Statement executions, counted against 50 ms and 150 ms.
    pub(crate) fn postgres(&mut self, executions: u64, over: &[u64], sampled: Vec<(u64, f64)>) {
        self.0.observations.postgres = Some(PostgresObservation {
            version: "18.0".to_owned(),
            limits: vec![50_000, 150_000],
            executions,
            over: over.to_vec(),
            preparations_over: vec![0; over.len()],
            sampled,
            peak_connections: 5,
            ..PostgresObservation::default()
        });
    }

    /// A point of the database observation, with the executions of the second before it.
    pub(crate) fn database_point(&mut self, at: f64, executions: Option<u64>, over: &[u64]) {
        let observation = self.0.observations.postgres.get_or_insert_default();
        observation.points.push(DatabasePoint {
            at,
            executions,
            over: over.to_vec(),
            ..DatabasePoint::default()
        });
    }

    /// Sets the total execution time of the latest of these points.
    pub(crate) fn execution_ms(&mut self, millis: f64) {
        let points = &mut self.0.observations.postgres.get_or_insert_default().points;
        if let Some(latest) = points.last_mut() {
            latest.execution_ms = Some(millis);
        }
    }

    /// Adds something that the database did not expose.
    pub(crate) fn hidden_data(&mut self, what: &str, why: &str) {
        let observation = self.0.observations.postgres.get_or_insert_default();
        observation.unseen.push(HiddenData::Verbatim {
            what: what.to_owned(),
            why: why.to_owned(),
            remedy: String::new(),
        });
    }

    /// A restart of the API that began and ended at those seconds.
    pub(crate) fn event(&mut self, name: &str, begun: f64, ended: f64) {
        self.0.observations.stack_events.push(StackEvent {
            name: name.to_owned(),
            service: "api".to_owned(),
            action: StackAction::Restart,
            planned: begun,
            begun: Some(begun),
            ended: Some(ended),
            failure: None,
            moved: None,
        });
    }

    pub(crate) fn slice(&mut self, second: u32, up: bool) {
        let door = self.0.observations.front_door.get_or_insert_default();
        door.slices.push(Slice {
            second,
            up,
            millis: up.then_some(5.0),
            failure: (!up).then(|| "connection refused".to_owned()),
        });
    }

    /// Ends the run because that many log-ins failed, all alike.
    pub(super) fn no_log_in(&mut self, outcome: Outcome, count: u64) {
        self.0.ended = Some(crate::evidence::EarlyEnd::without_log_in(
            5.0,
            crate::evidence::Accept::Target,
        ));
        let record = self.record(false, "login.submit");
        for _ in 0..count {
            record.answers.count(Some(401), outcome);
        }
    }

    pub(super) fn memory_limit(&mut self, service: &str, limit: Option<u64>) {
        let all = self.0.observations.containers.get_or_insert_default();
        for container in all
            .containers
            .iter_mut()
            .filter(|container| container.service == service)
        {
            container.memory_limit = limit;
        }
    }

    pub(crate) fn container(&mut self, service: &str, incidents: &[Incident], oom_killed: bool) {
        let all = self.0.observations.containers.get_or_insert_default();
        all.containers.push(ContainerSeries {
            service: service.to_owned(),
            incidents: incidents.to_vec(),
            oom_killed,
            ..ContainerSeries::default()
        });
    }
}
