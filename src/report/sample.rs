//! A small run made by hand for the tests of this room: a minute of load with a slow spell and a few failures.

mod database;

use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use tokio::sync::watch;

use super::{Document, Environment, RunRecord};
use crate::probe::Observations;
use crate::probe::browser::{
    ApiCall, BrowserObservation, Cache, Calibration, CalibrationLoad, Exhibit, PageLoad, Resource, Why,
};
use crate::probe::containers::{
    ContainerPoint, ContainerSeries, ContainerTotals, ContainersObservation, ExpectedLimits, Pressure,
};
use crate::probe::front_door::{FrontDoorObservation, Slice};
use crate::probe::generator::{GeneratorObservation, GeneratorPoint};
use crate::probe::proxy::{ProxyObservation, ProxySeries, TimePart};
use crate::record::{
    Collector, CollectorSettings, LoadTotals, Outcome, Parts, Recording, RunClock, Sample, SeriesId, Window,
};
use crate::scenario::{Expectation, PlanSummary};
use crate::slo::{
    Accept, Count, Decision, Evidence, Judgement, LoadModel, LoadPlan, Measurement, Objective, PhasePlan, Selector,
    SeriesPlan, Unit, ValidityCheck, Verdict, Word,
};
use crate::stack::StackRecord;

const SERIES: [(&str, &[&str]); 7] = [
    ("projects.list", &["api"]),
    ("projects.detail", &["api"]),
    ("tasks.list", &["api"]),
    ("tasks.update", &["api"]),
    ("login.submit", &["login"]),
    ("users.list", &["api"]),
    ("tasks.delete", &["api"]),
];

/// The document of [`record`], judged as [`judgement`] says.
pub(super) fn document() -> Document {
    static DOCUMENT: LazyLock<Document> = LazyLock::new(|| {
        let folder = tempfile::tempdir().unwrap();
        Document::new(&record(folder.path()), judgement())
    });
    DOCUMENT.clone()
}

/// The document of a run in which nothing was seen.
pub(super) fn empty_document() -> Document {
    let record = described(Recording::default(), Observations::default());
    Document::new(&record, judgement())
}

/// A run whose interval log is in that folder.
pub(super) fn record(folder: &Path) -> RunRecord {
    described(recording(folder), observations())
}

fn described(recording: Recording, observations: Observations) -> RunRecord {
    let load = plan();
    let plan = PlanSummary {
        scenario: "gate".to_owned(),
        description: "Steady load before a release".to_owned(),
        seed: 7,
        overrides: vec![("stack.env.LOG_LEVEL".to_owned(), "warn".to_owned())],
        tags: vec![("commit".to_owned(), "4f1c2aa".to_owned())],
        load: load.clone(),
        objectives: judgement()
            .verdicts
            .into_iter()
            .map(|verdict| verdict.objective)
            .collect(),
        expectations: vec![Expectation {
            objective: "API response time".to_owned(),
            samples: Some(2_500),
            needed: 59,
            gate: true,
            decidable: true,
        }],
    };
    RunRecord {
        scenario: "name = \"gate\"\n".to_owned(),
        plan,
        environment: Environment {
            diapason: "0.1.0".to_owned(),
            system: "Debian GNU/Linux 12".to_owned(),
            kernel: "Linux 6.1".to_owned(),
            processor: "Example CPU 2.50GHz".to_owned(),
            cores: 2,
            memory: 24 << 30,
            load_average: 0.42,
            docker: Some("20.10.24".to_owned()),
        },
        stack: StackRecord {
            stack: "reference".to_owned(),
            namespace: "diapason-3f9a1c".to_owned(),
            unverified: false,
            rewritten: vec!["container reference-api-prod → diapason-3f9a1c-api".to_owned()],
            environment: vec![("ALLOW_FAULTS".to_owned(), "0".to_owned())],
            images: vec![("api".to_owned(), "reference-api".to_owned(), "sha256:0c1d".to_owned())],
            seeded: vec![("tasks".to_owned(), 50_000)],
            timings: vec![("build".to_owned(), 41.2), ("ready".to_owned(), 12.5)],
        },
        started: "2026-03-01T08:15:00Z".parse().unwrap(),
        evidence: Evidence {
            plan: load,
            recording,
            observations,
            interrupted: false,
            ended: None,
        },
    }
}

fn plan() -> LoadPlan {
    let phase = |name: &str, judged, start, end, arrivals| PhasePlan {
        name: name.to_owned(),
        judged,
        window: Window {
            start: Duration::from_secs(start),
            end: Duration::from_secs(end),
        },
        model: LoadModel::Open,
        users: None,
        arrivals,
        load: "constant-arrival-rate 16/s, at most 150 users".to_owned(),
    };
    LoadPlan {
        phases: vec![phase("warm-up", false, 0, 10, 160), phase("steady", true, 10, 70, 960)],
        series: SERIES
            .iter()
            .map(|(name, tags)| SeriesPlan {
                name: (*name).to_owned(),
                tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
                expected: 0.0,
                models: vec![LoadModel::Open],
            })
            .collect(),
    }
}

/// 48 requests a second; second 40 to 43 three times as slow; 1 in 500 fails; the last series sees none.
fn recording(folder: &Path) -> Recording {
    let clock = RunClock::starting_in(Duration::ZERO);
    let settings = CollectorSettings {
        clock,
        limits: vec![100_000, 300_000],
        phases: vec![("warm-up".to_owned(), false), ("steady".to_owned(), true)],
        series: SERIES.iter().map(|(name, _)| (*name).to_owned()).collect(),
        folder: folder.to_owned(),
    };
    let (collector, mut recorder) = Collector::start(settings, watch::Sender::default()).unwrap();
    for index in 0..70 * 48_u64 {
        let begun = Duration::from_micros(index * 1_000_000 / 48);
        let series = [0, 1, 2, 2, 3, 0, 1, 5, 0, 2, 4, 2][usize::try_from(index % 12).unwrap()];
        // A multiplicative hash scatters the times: mostly short, with a long tail.
        let spread = (index * 2_654_435_761 % 1_000_003) as f64 / 1_000_003.0;
        let base = [12.0, 22.0, 17.0, 24.0, 95.0, 9.0, 0.0][series] * 1e3;
        let slow = if (40..44).contains(&begun.as_secs()) { 3.0 } else { 1.0 };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a short time")]
        let micros = (slow * base * (0.6 - (1.0 - spread).ln() * 0.5)) as u64;
        let intended = clock.at(begun);
        let sent = intended + Duration::from_micros(60 + index % 90);
        recorder.record(
            usize::from(begun.as_secs() >= 10),
            &Sample {
                series: SeriesId(u16::try_from(series).unwrap()),
                intended,
                sent,
                finished: sent + Duration::from_micros(micros),
                outcome: if index % 500 == 499 {
                    Outcome::ServerError
                } else {
                    Outcome::Success
                },
                bytes: 2_000 + index % 700,
                parts: Parts {
                    connect: (index % 300 == 0).then_some(Duration::from_micros(70 + index % 31)),
                    tls: None,
                    first_byte: Some(Duration::from_micros(micros * 9 / 10)),
                },
            },
        );
    }
    drop(recorder);
    let mut recording = collector.join().unwrap();
    let totals = |phase: &str, count: u64| LoadTotals {
        phase: phase.to_owned(),
        planned: count,
        started: count,
        completed: count - 2,
        failed: 2,
        ..LoadTotals::default()
    };
    recording.load = vec![totals("warm-up", 160), totals("steady", 960)];
    recording
}

pub(super) fn observations() -> Observations {
    Observations {
        elsewhere: Vec::new(),
        postgres: Some(database::observation()),
        browser: Some(BrowserObservation {
            browser: "Chromium 141.0".to_owned(),
            loads: (0..23).map(page_load).collect(),
            restarts: 1,
            lost: vec!["31.2 s: the browser or its driver is gone".to_owned()],
            skipped: 1,
            calibration: Some(calibration()),
            exhibits: exhibits(),
            ..BrowserObservation::default()
        }),
        proxy: Some(proxy()),
        containers: Some(ContainersObservation {
            containers: vec![
                container("api", Some(2.0), 0.8, 150),
                container("nginx", Some(0.5), 0.09, 9),
                container("postgres", Some(2.0), 0.4, 210),
                container("redis", None, 0.02, 12),
                container("web", Some(1.0), 0.15, 120),
            ],
        }),
        front_door: Some(FrontDoorObservation {
            url: "http://127.0.0.1:32768/api/projects".to_owned(),
            slices: (0..70)
                .map(|second| Slice {
                    second,
                    up: second != 41,
                    millis: (second != 41).then_some(14.0),
                    failure: (second == 41).then(|| "no answer within 1 s".to_owned()),
                })
                .collect(),
        }),
        generator: Some(GeneratorObservation {
            cores: 2,
            points: (0..71)
                .map(|second| GeneratorPoint {
                    at: f64::from(second),
                    cpu_cores: 0.12 + f64::from(second % 5) * 0.01,
                    load_thread_cores: 0.06,
                    memory: 38 << 20,
                    host_cores: 1.4 + f64::from(second % 7) * 0.05,
                    run_queue: Some(0.01),
                    steal: 0.0,
                    runnable: 2,
                    retransmits: 0,
                    disk: 0,
                })
                .collect(),
        }),
        failures: Vec::new(),
    }
}

fn page_load(index: u32) -> PageLoad {
    let page = ["login", "dashboard", "projects", "tasks"][(index % 4) as usize];
    let load = 380.0 + f64::from(index * 137 % 400);
    let failed = index == 13;
    let time = |value: f64| (!failed).then_some(value);
    PageLoad {
        page: page.to_owned(),
        at: 1.0 + f64::from(index) * 3.0,
        failure: failed.then(|| "the page was not ready within 15 s".to_owned()),
        ttfb_ms: time(24.0),
        dom_ms: time(load * 0.7),
        load_ms: time(load),
        fcp_ms: time(load * 0.8),
        lcp_ms: time(load * 1.1),
        ready_ms: time(load * 1.3),
        bytes: (!failed).then_some(412_000),
        requests: (!failed).then_some(31),
        ..more_of(index, time)
    }
}

fn proxy() -> ProxyObservation {
    let part = |mean: f64| {
        Some(TimePart {
            count: 1_180,
            mean,
            p50: mean,
            p95: mean * 1.6,
            p99: mean * 2.0,
            max: mean * 4.0,
        })
    };
    let series = |name: &str, scale: f64| ProxySeries {
        series: name.to_owned(),
        followed: 1_200,
        joined: 1_180,
        client: part(30.0 * scale),
        outside: part(1.5 * scale),
        proxy: part(2.5 * scale),
        connecting: part(0.5 * scale),
        application: part(25.5 * scale),
        own: part(24.9 * scale),
    };
    ProxyObservation {
        service: "nginx".to_owned(),
        format: "$request_time".to_owned(),
        carried_by: Some("X-Request-Id".to_owned()),
        all: series("*", 1.0),
        series: vec![series("projects.list", 1.1)],
        ..ProxyObservation::default()
    }
}

/// What a load tells beside its main times.
fn more_of(index: u32, time: impl Fn(f64) -> Option<f64>) -> PageLoad {
    let call = |path: &str, start_ms: f64| ApiCall {
        path: path.to_owned(),
        start_ms,
        took_ms: 31.0 + f64::from(index % 3) * 5.0,
        status: 200,
    };
    PageLoad {
        cache: if index < 4 { Cache::Cold } else { Cache::Warm },
        dns_ms: time(0.0),
        connect_ms: time(0.2),
        tls_ms: time(0.0),
        interactive_ms: time(240.0),
        layout_shift: time(0.012),
        inp_ms: time(48.0).filter(|_| index.is_multiple_of(4)),
        long_tasks: time(0.0).map(|_| 2),
        blocking_ms: time(64.0),
        failed_requests: Some(u32::from(index == 9)),
        console_errors: Some(u32::from(index == 9)),
        messages: match index {
            9 => vec!["/favicon.ico answered 404".to_owned()],
            _ => Vec::new(),
        },
        calls: vec![call("/api/projects", 250.0), call("/api/projects/:id", 290.0)],
        calls_share: time(0.18),
        ..PageLoad::default()
    }
}

fn calibration() -> Calibration {
    Calibration {
        limit: 1.5.try_into().unwrap(),
        before: vec![92.0, 90.0, 95.0, 91.0, 99.0],
        during: (0..12_u32)
            .map(|index| CalibrationLoad {
                at: 3.0 + f64::from(index) * 6.0,
                load_ms: Some(100.0 + f64::from(index % 5)),
            })
            .collect(),
    }
}

fn exhibits() -> Vec<Exhibit> {
    let resource = |name: &str, kind: &str, start: f64, end: f64| Resource {
        name: name.to_owned(),
        kind: kind.to_owned(),
        start,
        request: start + 4.0,
        response: end - 6.0,
        end,
        bytes: 14_000,
        status: 200,
    };
    let exhibit = |why, index: u32| Exhibit {
        why,
        page: page_load(index).page,
        at: page_load(index).at,
        picture: Some("data:image/gif;base64,R0lGODlhAQABAIAAAAUEBAAAACwAAAAAAQABAAACAkQBADs=".to_owned()),
        resources: vec![
            resource("/dashboard", "navigation", 0.0, 30.0),
            resource("/_next/static/main.js", "script", 41.0, 180.0),
            resource("/api/projects", "fetch", 250.0, 290.0),
        ],
    };
    vec![exhibit(Why::Typical, 17), exhibit(Why::Slowest, 21)]
}

fn container(service: &str, cpu_limit: Option<f64>, cpu: f64, mebibytes: u64) -> ContainerSeries {
    let point = |second: u32| ContainerPoint {
        at: f64::from(second),
        cpu_cores: cpu
            * if (40..44).contains(&second) {
                1.9
            } else {
                1.0 + f64::from(second % 4) * 0.05
            },
        throttled: if service == "nginx" { 0.07 } else { 0.0 },
        throttled_seconds: if service == "nginx" { 0.02 } else { 0.0 },
        memory: (mebibytes << 20) + u64::from(second) * 40_000,
        received: u64::from(second) * 90_000,
        sent: u64::from(second) * 240_000,
        sockets: Some(24),
        ..ContainerPoint::default()
    };
    ContainerSeries {
        service: service.to_owned(),
        cpu_limit,
        source: "cgroup v2".to_owned(),
        memory_limit: cpu_limit.map(|_| 1 << 30),
        expected: cpu_limit.map(|cpus| ExpectedLimits { cpus, memory: 1 << 30 }),
        totals: Some(ContainerTotals {
            seconds: 60.0,
            cpu_seconds: cpu * 62.0,
            periods: 600,
            throttled_periods: if service == "nginx" { 42 } else { 0 },
            throttled_seconds: if service == "nginx" { 1.2 } else { 0.0 },
            memory_max: (mebibytes << 20) + 2_800_000,
            page_faults: 12_000,
            major_faults: 3,
            written: 180_000,
            received: 5_400_000,
            sent: 14_400_000,
            sockets_max: Some(24),
            pressure: Some(Pressure {
                cpu: 0.04,
                memory: 0.0,
                io: 0.002,
            }),
            ..ContainerTotals::default()
        }),
        points: (0..71).map(point).collect(),
        ..ContainerSeries::default()
    }
}

/// A judgement made by hand: four objectives met, the fifth (advisory) not decided.
pub(super) fn judgement() -> Judgement {
    let time = |point, low, high, samples, bad| measurement(Unit::Milliseconds, [point, low, high], samples, bad);
    let mut uptime = verdict("Uptime", "uptime", "99.9 %", "99.5 %");
    uptime.objective.gate = false;
    uptime.word = Word::Inconclusive;
    uptime.target = Decision::Undecided;
    uptime.acceptable = Decision::Undecided;
    uptime.reason = "59 of 60 slices answered: too few slices to tell (2,995 would do)".to_owned();
    uptime.measurement = Some(measurement(Unit::Share, [0.983_3, 0.911, 0.999_6], 60, 1));
    let mut api = verdict("API response time", "response-time", "100ms", "300ms");
    api.objective.of = Some(Selector("#api".to_owned()));
    api.measurement = Some(time(54.2, 51.0, 58.1, 2_640, 31));
    api.worst_window = Some((40, 0.021));
    let mut page = verdict("Frontend load time", "page-load", "2s", "5s");
    page.measurement = Some(time(702.0, 611.0, 741.0, 20, 1));
    let mut query = verdict("Database query time", "query-time", "50ms", "150ms");
    query.measurement = Some(time(15.2, 15.1, 15.4, 8_640, 3));
    let mut errors = verdict("Error rate", "error-rate", "0.1 %", "1 %");
    errors.measurement = Some(measurement(Unit::Share, [0.002_1, 0.000_7, 0.004_8], 2_880, 6));
    Judgement {
        overall: Word::Pass,
        accept: Accept::Target,
        interrupted: false,
        verdicts: vec![api, page, query, uptime, errors],
        validity: vec![
            check("send lag", "p99 0.15 ms", "at most 10 ms"),
            check("dropped arrivals", "0 of 1,120", "at most 0.1 %"),
            check("rate-limited requests", "0 of 3,360", "at most 0.1 %"),
        ],
    }
}

fn check(name: &str, measured: &str, threshold: &str) -> ValidityCheck {
    ValidityCheck {
        name: name.to_owned(),
        valid: true,
        measured: measured.to_owned(),
        threshold: threshold.to_owned(),
        hint: "give the generator a core of its own".to_owned(),
    }
}

fn verdict(name: &str, indicator: &str, target: &str, acceptable: &str) -> Verdict {
    Verdict {
        objective: Objective {
            name: name.to_owned(),
            indicator: indicator.to_owned(),
            of: None,
            model: None,
            quantile: None,
            in_every: None,
            target: target.to_owned().try_into().unwrap(),
            acceptable: acceptable.to_owned().try_into().unwrap(),
            gate: true,
        },
        measurement: None,
        word: Word::Pass,
        target: Decision::Met,
        acceptable: Decision::Met,
        reason: "fewer samples over the target than it allows, with 95 % confidence".to_owned(),
        worst_window: None,
        drift: None,
    }
}

fn measurement(unit: Unit, [point, low, high]: [f64; 3], samples: u64, bad: u64) -> Measurement {
    let count = Count {
        effective: None,
        bad,
        total: samples,
        allowed: 0.05,
    };
    Measurement {
        point: Some(point),
        low: Some(low),
        high: Some(high),
        unit,
        statistic: if unit == Unit::Share { "share" } else { "p95" }.to_owned(),
        samples,
        target: count,
        acceptable: count,
        notes: Vec::new(),
    }
}

/// Holds that every tag of the XML is closed in order and every attribute quoted.
pub(super) fn assert_well_formed(xml: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = xml;
    while let Some(start) = rest.find('<') {
        assert!(!rest[..start].contains('>'), "a bare > in {}", &rest[..start]);
        let end = start + rest[start..].find('>').expect("a tag that ends");
        let tag = &rest[start + 1..end];
        assert!(tag.matches('"').count().is_multiple_of(2), "quotes in {tag}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "closing order");
        } else if !tag.starts_with(['?', '!']) && !tag.ends_with('/') {
            open.push(tag.split_whitespace().next().unwrap());
        }
        rest = &rest[end + 1..];
    }
    assert!(open.is_empty(), "never closed: {open:?}");
}
