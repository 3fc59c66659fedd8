//! The journey of the dashboard, held against what Chromium asked the reference stack for.

use std::path::Path;

use serde_json::Value;

/// A call that Chromium made: its path, and its start and end in milliseconds.
struct Call {
    path: String,
    start: f64,
    end: f64,
}

fn recorded() -> Vec<Call> {
    let record: Value = serde_json::from_str(include_str!("../chromium/dashboard.json")).unwrap();
    let calls = record["calls"].as_array().unwrap().iter();
    calls
        .map(|call| Call {
            path: call["path"].as_str().unwrap().to_owned(),
            start: call["start"].as_f64().unwrap(),
            end: call["end"].as_f64().unwrap(),
        })
        .collect()
}

/// The calls that were begun before any had ended, in their order, each with those that waited for its end.
fn chains<'a>(calls: &'a [Call]) -> Vec<Vec<&'a str>> {
    let first_end = calls.iter().map(|call| call.end).fold(f64::INFINITY, f64::min);
    let (roots, later): (Vec<&'a Call>, Vec<&'a Call>) = calls.iter().partition(|call| call.start < first_end);
    let chain = |root: &&'a Call| -> Vec<&'a str> {
        // A call that waited begins right after what it waited for.
        let waited = later.iter().filter(|call| {
            let ended = calls.iter().filter(|other| other.end <= call.start);
            let last = ended.max_by(|one, other| one.end.total_cmp(&other.end));
            last.is_some_and(|last| std::ptr::eq(last, *root))
        });
        let after: Vec<&str> = waited.map(|call| call.path.as_str()).collect();
        [vec![root.path.as_str()], after].concat()
    };
    roots.iter().map(chain).collect()
}

/// Paths of the steps of each branch of the journey.
fn branches() -> Vec<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/examples/journeys/dashboard.toml");
    let journey: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
    let steps = journey["step"].as_array().unwrap();
    let parts = steps.iter().find(|step| step.get("parallel").is_some()).unwrap();
    let branches = parts["parallel"].as_array().unwrap().iter();
    let paths = |branch: &toml::Value| {
        let steps = branch["step"].as_array().unwrap().iter();
        let paths = steps.map(|step| {
            let path = step["path"].as_str().unwrap().replace("{{user_id}}", "ID");
            path.replace("{{date monday}}", "DATE")
                .replace("{{date sunday}}", "DATE")
        });
        paths.collect()
    };
    branches.map(paths).collect()
}

#[test]
fn the_journey_asks_for_what_chromium_asks_for_in_its_order_and_as_parallel() {
    let calls = recorded();
    assert_eq!(calls.len(), 13);
    assert_eq!(branches(), chains(&calls));
}
