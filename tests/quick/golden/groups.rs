//! Saved runs held against each other: `diapason compare`, and `diapason history` over all of them.

use serde_json::Value;

use super::{Copies, hold, is_old, names, table};

/// Snapshots that are of no single run.
pub(super) const NAMES: &[&str] = &["compare", "earlier", "history"];

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
    let output = copies.diapason(&["compare", base, slower, "--export", "html=c.html", "--lang", "fr,en"]);
    assert_eq!(output.status.code(), Some(1));
    let french = std::fs::read_to_string(copies.path().join("c.fr.html")).unwrap();
    hold("compare", "page-fr", &super::page::text(&french));
    assert_eq!(super::french::faults(&french), Vec::<String>::new());
    assert!(copies.path().join("c.html").exists());
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
    history(&["page", "--out", "."]);
    for (file, kind) in [("index.html", "page"), ("index.fr.html", "page-fr")] {
        let page = std::fs::read_to_string(copies.path().join(file)).unwrap();
        // The program's own script is no text.
        let (text, _) = page.split_once("<script>").unwrap();
        hold("history", kind, &super::page::text(text));
        if kind == "page-fr" {
            assert_eq!(super::french::faults(text), Vec::<String>::new());
        }
    }
    history(&[
        "trend",
        "API response time",
        "--all",
        "--export",
        "html=t.html",
        "--lang",
        "fr,en",
    ]);
    let french = std::fs::read_to_string(copies.path().join("t.fr.html")).unwrap();
    hold("history", "trend-fr", &super::page::text(&french));
    assert_eq!(super::french::faults(&french), Vec::<String>::new());
}

#[test]
fn a_run_is_placed_among_earlier_ones_and_stays_there() {
    let copies = Copies::new();
    let (base, slower) = ("compare-base", "compare-slower");
    copies.of(base);
    let folder = copies.of(slower);
    copies.shown(&["history", "--history", "h.sqlite", "index", "."]);
    copies.shown(&["report", slower, "--history", "h.sqlite", "--lang", "fr,en"]);
    let section = |file: &str| {
        let page = std::fs::read_to_string(folder.join(file)).unwrap();
        let (_, after) = page.split_once("<section id=\"since-last\">").unwrap();
        let (section, _) = after.split_once("</section>").unwrap();
        (super::page::text(section), super::french::faults(section))
    };
    let (english, _) = section("index.html");
    hold("earlier", "page", &english);
    let (french, faults) = section("index.fr.html");
    hold("earlier", "page-fr", &french);
    assert_eq!(faults, Vec::<String>::new());
    // The base is gone, the history too: rendered again, the page says the same.
    std::fs::remove_dir_all(copies.path().join(base)).unwrap();
    std::fs::remove_file(copies.path().join("h.sqlite")).unwrap();
    copies.shown(&["report", slower]);
    assert_eq!(section("index.html").0, english);
    std::fs::write(folder.join("earlier.json"), "{").unwrap();
    let damaged = copies.shown(&["report", slower]);
    assert!(
        damaged.starts_with("exit 2") && damaged.contains("failed to understand"),
        "{damaged}"
    );
}
