//! Files of earlier versions: their JSON is lifted to today's shape before it is read, so that the types of the data know one
//! shape only.
//!
//! Earlier versions wrote facts as English sentences: `"was removed"`, where today's files hold `"removed"`. A sentence becomes
//! `{"verbatim": "was removed"}`. Fields that earlier versions did not have need no lifting: their defaults say what their
//! absence means.

use serde_json::{Value, json};

/// Places of sentences in `plan.json`.
const PLAN: &[&[&str]] = &[&["load", "phases", "*", "load"]];
/// Places of sentences in `stack.json`.
const STACK: &[&[&str]] = &[&["rewritten", "*"]];
/// Places of sentences in `evidence/observations.json`.
const OBSERVATIONS: &[&[&str]] = &[
    &["browser", "untold", "*"],
    &["containers", "containers", "*", "incidents", "*"],
    &["proxy", "coarse", "*"],
];
/// Keys of sentences anywhere in `capacity.json`: causes of missing measurements, and incidents of containers.
const CAPACITY: &[&str] = &["why", "what"];

/// Lifts `plan.json`.
pub(super) fn plan(file: &mut Value) {
    for path in PLAN {
        visit(file, path, sentence);
    }
}

/// Lifts `stack.json`.
pub(super) fn stack(file: &mut Value) {
    for path in STACK {
        visit(file, path, sentence);
    }
}

/// Lifts `evidence/observations.json`.
pub(super) fn observations(file: &mut Value) {
    for path in OBSERVATIONS {
        visit(file, path, sentence);
    }
    visit(file, &["postgres", "unseen", "*"], hidden_data);
}

/// Lifts `capacity.json`.
pub fn capacity(file: &mut Value) {
    match file {
        Value::Object(fields) => {
            for key in CAPACITY {
                if let Some(value) = fields.get_mut(*key) {
                    sentence(value);
                }
            }
            let told = ["rule", "measured", "threshold"].map(|key| fields.get(key).cloned());
            if let ([Some(rule), Some(measured), Some(threshold)], false) = (told, fields.contains_key("facts")) {
                let verbatim = json!({ "rule": rule, "measured": measured, "threshold": threshold, "hint": "" });
                fields.insert("facts".to_owned(), json!({ "verbatim": verbatim }));
            }
            // Facts are of this version's shape, those just made as well.
            let lifted = fields.iter_mut().filter(|(key, _)| *key != "facts");
            lifted.for_each(|(_, value)| capacity(value));
        }
        Value::Array(elements) => elements.iter_mut().for_each(capacity),
        _ => {}
    }
}

/// Lifts `baseline.json`: each run in it has a number of its own.
pub fn baseline(file: &mut Value) {
    let format = file.get("format").cloned().unwrap_or_default();
    let runs = file.get_mut("runs").and_then(Value::as_array_mut);
    for run in runs.into_iter().flatten().filter_map(Value::as_object_mut) {
        run.insert("format".to_owned(), format.clone());
    }
}

/// Applies `lift` to all values at that path of keys; `*` stands for every element of an array.
fn visit(value: &mut Value, path: &[&str], lift: fn(&mut Value)) {
    match path {
        [] => lift(value),
        ["*", rest @ ..] => {
            let elements = value.as_array_mut().into_iter().flatten();
            elements.for_each(|element| visit(element, rest, lift));
        }
        [key, rest @ ..] => {
            if let Some(found) = value.get_mut(*key) {
                visit(found, rest, lift);
            }
        }
    }
}

/// Marks a sentence as such. The names of facts hold no blank, and every sentence holds one.
fn sentence(value: &mut Value) {
    // Facts without fields are saved as a single word (`interrupted`), so a blank tells a sentence.
    if value.as_str().is_some_and(|text| text.contains(' ')) {
        *value = json!({ "verbatim": value.take() });
    }
}

/// Marks data that the database server hid and that is saved as sentences: `what`, `why` and `remedy`.
fn hidden_data(value: &mut Value) {
    if value.get("what").is_some() {
        if value.get("remedy").is_none() {
            value["remedy"] = json!("");
        }
        *value = json!({ "verbatim": value.take() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lifted(lift: fn(&mut Value), mut file: Value) -> Value {
        lift(&mut file);
        file
    }

    #[test]
    fn sentences_become_verbatim_and_facts_stay() {
        let old = json!({ "containers": { "containers": [
            { "service": "was here", "incidents": ["was removed", "removed", { "restarted": { "times": 2 } }] },
        ] } });
        assert_eq!(
            lifted(observations, old),
            json!({ "containers": { "containers": [
                {
                    "service": "was here",
                    "incidents": [{ "verbatim": "was removed" }, "removed", { "restarted": { "times": 2 } }],
                },
            ] } })
        );
        let old = json!({ "load": { "phases": [{ "name": "a b", "load": "2 users log in" }, { "load": { "log-in": {} } }] } });
        assert_eq!(
            lifted(plan, old),
            json!({ "load": { "phases": [
                { "name": "a b", "load": { "verbatim": "2 users log in" } },
                { "load": { "log-in": {} } },
            ] } })
        );
        let old = json!({ "rewritten": ["restart policy of api → none"] });
        assert_eq!(
            lifted(stack, old),
            json!({ "rewritten": [{ "verbatim": "restart policy of api → none" }] })
        );
    }

    #[test]
    fn what_a_server_hid_keeps_its_sentences() {
        let old = json!({ "browser": null, "postgres": { "unseen": [{ "what": "a", "why": "b" }, "extension-not-installed"] } });
        assert_eq!(
            lifted(observations, old),
            json!({ "browser": null, "postgres": { "unseen": [
                { "verbatim": { "what": "a", "why": "b", "remedy": "" } },
                "extension-not-installed",
            ] } })
        );
    }

    #[test]
    fn a_search_keeps_the_sentences_of_its_broken_rules_and_missing_measurements() {
        let old = json!({ "cases": [{ "steps": [
            { "reason": { "generator-full": { "rule": "send lag", "measured": "p99 12 ms", "threshold": "at most 10 ms" } } },
            { "reason": { "undecided": [{ "seen": { "nothing": { "why": "no page was loaded" } } }] } },
            { "reason": { "undecided": [{ "seen": { "nothing": { "why": "no-page-load" } } }] } },
        ] }] });
        let new = lifted(capacity, old);
        let reason = |step: usize| new["cases"][0]["steps"][step]["reason"].clone();
        assert_eq!(
            reason(0)["generator-full"]["facts"],
            json!({ "verbatim": { "rule": "send lag", "measured": "p99 12 ms", "threshold": "at most 10 ms", "hint": "" } })
        );
        let why = |step: usize| reason(step)["undecided"][0]["seen"]["nothing"]["why"].clone();
        assert_eq!(why(1), json!({ "verbatim": "no page was loaded" }));
        assert_eq!(why(2), json!("no-page-load"));
    }
}
