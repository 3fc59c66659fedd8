//! The journeys of pages, held against what Chromium asked the reference stack for.

use std::path::Path;

use serde_json::Value;

/// A call that Chromium made: its path, and its start and end in milliseconds.
struct Call {
    path: String,
    start: f64,
    end: f64,
}

/// The calls of the page of that name.
fn recorded(page: &str) -> Vec<Call> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/chromium/{page}.json"));
    let record: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let calls = record["calls"].as_array().unwrap().iter();
    calls
        .map(|call| Call {
            path: call["path"].as_str().unwrap().to_owned(),
            start: call["start"].as_f64().unwrap(),
            end: call["end"].as_f64().unwrap(),
        })
        .collect()
}

/// The call that waited for the end of that one; such a call begins right after what it waited for.
fn next<'a>(last: &Call, calls: &'a [Call], first_end: f64) -> Option<&'a Call> {
    let waited_for = |call: &Call| {
        let ended = calls.iter().filter(|other| other.end <= call.start);
        ended.max_by(|one, other| one.end.total_cmp(&other.end))
    };
    let mut later = calls.iter().filter(|call| call.start >= first_end);
    later.find(|call| waited_for(call).is_some_and(|before| std::ptr::eq(before, last)))
}

/// The calls that were begun before any had ended, in their order, each with those that waited for its end.
fn chains(calls: &[Call]) -> Vec<Vec<String>> {
    let first_end = calls.iter().map(|call| call.end).fold(f64::INFINITY, f64::min);
    let roots = calls.iter().filter(|call| call.start < first_end);
    let chain = |root| {
        let chain = std::iter::successors(Some(root), |last: &&Call| next(last, calls, first_end));
        chain.map(|call: &Call| call.path.clone()).collect()
    };
    roots.map(chain).collect()
}

fn steps(table: &toml::Value) -> &[toml::Value] {
    table["step"].as_array().unwrap()
}

/// Paths of the steps, with what Chromium's record leaves out of them.
fn paths(steps: &[toml::Value]) -> Vec<String> {
    let path = |step: &toml::Value| {
        let path = step["path"].as_str().unwrap();
        let path = path.replace("{{user_id}}", "ID").replace("{{project}}", "ID");
        path.replace("{{date monday}}", "DATE")
            .replace("{{date sunday}}", "DATE")
    };
    steps.iter().map(path).collect()
}

/// Paths of the calls that follow one another, for each of the branches that are made at the same time. `named` are steps that follow
/// one another, or one group.
fn branches(journey: &str, named: &[&str]) -> Vec<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scenarios/{journey}.toml"));
    let journey: toml::Value = std::fs::read_to_string(path)
        .unwrap()
        .parse::<toml::Table>()
        .unwrap()
        .into();
    let of_name = |name: &&str| {
        let mut steps = steps(&journey).iter();
        steps.find(|step| step["name"].as_str() == Some(*name)).unwrap().clone()
    };
    let found: Vec<toml::Value> = named.iter().map(of_name).collect();
    let group = &found[0];
    if let Some(branches) = group.get("parallel") {
        return branches
            .as_array()
            .unwrap()
            .iter()
            .map(|branch| paths(steps(branch)))
            .collect();
    }
    if group.get("step").is_some() {
        return vec![paths(steps(group))];
    }
    vec![paths(&found)]
}

#[test]
fn journeys_ask_for_what_chromium_asks_for_in_its_order_and_as_parallel() {
    for (page, count, journey, named) in [
        ("dashboard", 13, "examples/journeys/dashboard", &["parts"][..]),
        ("dashboard", 13, "journeys/workday-dashboard", &["parts"]),
        ("planning", 10, "journeys/workday-planning", &["parts"]),
        ("project", 4, "journeys/workday-projects", &["parts"]),
        ("projects", 1, "journeys/workday-projects", &["list"]),
        ("tasks", 2, "journeys/workday-tasks", &["projects", "mine"]),
    ] {
        let calls = recorded(page);
        assert_eq!(calls.len(), count, "{page}");
        assert_eq!(branches(journey, named), chains(&calls), "{journey}");
    }
}
