//! Digests for tests.

use super::{Digest, Fingerprint, Measure, MeasureKind, Sample};
use crate::slo::{Unit, VerdictWord};

/// A passing run that is comparable with any other.
pub(super) fn digest(id: &str, measures: Vec<Measure>) -> Digest {
    Digest {
        format: super::digest::FORMAT,
        id: id.to_owned(),
        started: "2026-03-01T08:15:00Z".parse().unwrap(),
        scenario: "gate".to_owned(),
        word: VerdictWord::Pass,
        unfit: Vec::new(),
        tags: Vec::new(),
        fingerprint: Fingerprint::default(),
        distributions: Vec::new(),
        measures,
    }
}

/// A gating p95 in milliseconds whose interval is the single value.
pub(super) fn millis(name: &str, point: f64) -> Measure {
    Measure {
        kind: MeasureKind::Objective,
        name: name.to_owned(),
        indicator: "response-time".to_owned(),
        statistic: "p95".to_owned(),
        model: None,
        unit: Unit::Milliseconds,
        floor: false,
        gate: true,
        sample: known(point, point, point),
    }
}

/// A number with its own bounds.
pub(super) fn known(point: f64, low: f64, high: f64) -> Sample {
    Sample::Value {
        point: Some(point),
        low: Some(low),
        high: Some(high),
    }
}

/// A fingerprint of these facts: `(area, name, value, must agree)`.
pub(super) fn fingerprint(facts: &[(&str, &str, &str, bool)]) -> Fingerprint {
    let facts = facts.iter().map(|(area, name, value, must)| {
        let must = must.then_some(value);
        serde_json::json!({ "area": area, "name": name, "value": value, "must": must })
    });
    serde_json::from_value(facts.collect()).unwrap()
}
