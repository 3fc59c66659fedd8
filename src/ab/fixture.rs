//! A document for tests.

use super::{AbDocument, AbEnd, ComparedMeasure, Outcome, Pair, Reading, SideName, SideVersion, TurnRun};
use crate::runs::Environment;
use crate::slo::Unit;

/// A regression by 8.4 ms that seven pairs showed.
pub(crate) fn document() -> AbDocument {
    let time = ComparedMeasure {
        name: "API response time".to_owned(),
        indicator: "response-time".to_owned(),
        statistic: "p95".to_owned(),
        unit: Unit::Milliseconds,
        floor: false,
        gate: true,
        a: Some(33.0),
        b: Some(41.4),
        shift: Some(8.4),
        low: Some(5.9),
        high: Some(10.9),
        matters: 5.0,
        pairs: 7,
        outcome: Outcome::Regressed,
    };
    let errors = ComparedMeasure {
        name: "Errors".to_owned(),
        indicator: "error-rate".to_owned(),
        statistic: "share".to_owned(),
        unit: Unit::Share,
        gate: false,
        a: Some(0.0),
        b: Some(0.0),
        shift: Some(0.0),
        low: Some(-0.0003),
        high: Some(0.0003),
        matters: 0.001,
        outcome: Outcome::Unchanged,
        ..time.clone()
    };
    let run = |side: SideName, pair: usize, value: f64| TurnRun {
        run: format!("runs/20260301-0815{pair:02}-gate-{side}"),
        readings: vec![Reading::Value(value), Reading::Share { hits: 0, total: 900 }],
    };
    let pairs = [8.0, 9.5, 7.1, 8.9, 8.2, 9.1, 8.0].into_iter().enumerate();
    AbDocument {
        format: AbDocument::FORMAT,
        id: "20260301-081500-gate-ab".to_owned(),
        started: "2026-03-01T08:15:00Z".parse().unwrap(),
        scenario: "gate".to_owned(),
        description: "Steady load".to_owned(),
        path: "scenarios/gate.toml".into(),
        text: String::new(),
        overrides: Vec::new(),
        tags: Vec::new(),
        sides: [
            SideVersion::default(),
            SideVersion {
                settings: vec![("stack.env.DELAY".to_owned(), "10".to_owned())],
                ..SideVersion::default()
            },
        ],
        seed: 7,
        run_seconds: 15.0,
        at_most_time: "10m".parse().unwrap(),
        alpha: 0.05,
        deciding: vec!["API response time".to_owned()],
        measures: vec![time, errors],
        pairs: pairs
            .map(|(pair, shift)| Pair {
                first: SideName::order(pair)[0],
                runs: [run(SideName::A, pair, 33.0), run(SideName::B, pair, 33.0 + shift)],
            })
            .collect(),
        discarded: Vec::new(),
        seconds: 250.0,
        end: Some(AbEnd::Decided),
        languages: Vec::new(),
        environment: Environment::default(),
    }
}
