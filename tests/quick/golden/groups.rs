//! Saved runs held against each other: `diapason compare`, and `diapason history` over all of them.

use serde_json::Value;

use super::{Copies, hold, is_old, names, table};

/// Snapshots that are of no single run.
pub(super) const NAMES: &[&str] = &["compare", "history"];

#[test]
fn two_saved_runs_are_compared_as_they_were() {
    let copies = Copies::new();
    let (base, slower) = ("compare-base", "compare-slower");
    copies.of(base);
    copies.of(slower);
    hold("compare", "told", &copies.shown(&["compare", base, slower]));
    // The other way round, and with itself: what got worse is not a matter of order alone.
    hold("compare", "told-back", &copies.shown(&["compare", slower, base]));
    hold("compare", "told-same", &copies.shown(&["compare", base, base]));
    let written = |format: &str| {
        let output = copies.diapason(&["compare", base, slower, "--export", &format!("{format}=-")]);
        String::from_utf8(output.stdout).unwrap()
    };
    hold("compare", "summary", &written("markdown"));
    hold("compare", "page", &super::page::text(&written("html")));
    let data: Value = serde_json::from_str(&written("json")).unwrap();
    hold("compare", "data", &table::text(&data));
}

#[test]
fn the_history_of_all_saved_runs_is_what_it_was() {
    let copies = Copies::new();
    for name in names().into_iter().filter(|name| !is_old(name)) {
        copies.of(&name);
    }
    let history = |arguments: &[&str]| copies.shown(&[&["history", "--history", "h.sqlite"], arguments].concat());
    hold("history", "index", &history(&["index", "."]));
    hold("history", "list", &history(&[]));
    for objective in ["API response time", "Error rate"] {
        let name = objective.to_lowercase().replace(' ', "-");
        hold(
            "history",
            &format!("trend-{name}"),
            &history(&["trend", objective, "--all"]),
        );
    }
    hold("history", "export", &history(&["export"]));
}
