//! A small run made by hand for the tests of this module: a minute of load with a slow spell and a few failures.

mod database;
mod judged;
mod observed;

pub(crate) use judged::judgement;
pub(super) use observed::observations;

use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use tokio::sync::watch;

use super::Document;
use crate::evidence::{
    Evidence, LoadModel, LoadPlan, Observations, PhasePlan, PlannedLoad, Rewrite, SeriesPlan, StackRecord,
};
use crate::record::{
    Collector, CollectorSettings, Example, LoadTotals, Outcome, Parts, Recording, Sample, SeriesId, Window,
};
use crate::runs::{Environment, RunRecord};
use crate::scenario::{EvidenceExpectation, PlanSummary};
use crate::timer::RunClock;

const SERIES: [(&str, &[&str]); 7] = [
    ("projects.list", &["api"]),
    ("projects.detail", &["api"]),
    ("tasks.list", &["api"]),
    ("tasks.update", &["api"]),
    ("login.submit", &["login"]),
    ("users.list", &["api"]),
    ("tasks.delete", &["api"]),
];

/// The document of [`record`], with the [`judgement`].
pub(crate) fn document() -> Document {
    static DOCUMENT: LazyLock<Document> = LazyLock::new(|| {
        let folder = tempfile::tempdir().unwrap();
        Document::new(&record(folder.path()), judgement())
    });
    DOCUMENT.clone()
}

/// The document of a run without any observation.
pub(crate) fn empty_document() -> Document {
    let record = described(Recording::default(), Observations::default());
    Document::new(&record, judgement())
}

/// A run whose interval log is in that folder.
pub(crate) fn record(folder: &Path) -> RunRecord {
    described(recording(folder), observations())
}

fn described(recording: Recording, observations: Observations) -> RunRecord {
    let load = plan();
    let plan = PlanSummary {
        scenario: "gate".to_owned(),
        description: "Steady load before a release".to_owned(),
        seed: 7,
        overrides: vec![("stack.env.LOG_LEVEL".to_owned(), "warn".to_owned())],
        lang: Vec::new(),
        tags: vec![("commit".to_owned(), "4f1c2aa".to_owned())],
        load: load.clone(),
        objectives: judgement()
            .verdicts
            .into_iter()
            .map(|verdict| verdict.objective)
            .collect(),
        expectations: vec![EvidenceExpectation {
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
            rewritten: vec![Rewrite::Verbatim(
                "container reference-api-prod → diapason-3f9a1c-api".to_owned(),
            )],
            sizes: Vec::new(),
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
            corrections: Vec::new(),
            left_out: Vec::new(),
        },
        baseline_withdrawn: false,
    }
}

fn plan() -> LoadPlan {
    let phase = |name: &str, judged, start, end, arrivals| PhasePlan {
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
        load: PlannedLoad::Verbatim("constant-arrival-rate 16/s, at most 150 users".to_owned()),
    };
    LoadPlan {
        replay: None,
        transactions: Vec::new(),
        timeout: crate::units::Span::from_millis(10_000),
        phases: vec![phase("warm-up", false, 0, 10, 160), phase("steady", true, 10, 70, 960)],
        series: SERIES
            .iter()
            .map(|(name, tags)| SeriesPlan {
                least: None,
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
        transactions: Vec::new(),
        followed: Vec::new(),
        origin: clock.origin(),
        wall: clock.wall(),
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
        recorder.record_with(
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
                status: Some(if index % 500 == 499 { 500 } else { 200 }),
                bytes: 2_000 + index % 700,
                parts: Parts {
                    connect: (index % 300 == 0).then_some(Duration::from_micros(70 + index % 31)),
                    tls: None,
                    first_byte: Some(Duration::from_micros(micros * 9 / 10)),
                },
            },
            || Example {
                method: "GET".to_owned(),
                path: format!("/api/{}", SERIES[series].0.split('.').next().unwrap_or_default()),
                body: "{\"statusCode\":500}".to_owned(),
                ..Example::default()
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

/// Asserts that every tag of the XML is closed in order and every attribute quoted.
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
