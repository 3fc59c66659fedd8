//! What only a run can show of baselines and the history: limits that come of a baseline, and runs that are held against it,
//! saved as it, and indexed as they end.

use std::path::Path;

use super::bench::{Bench, report};
use crate::workspace::{code, data, words};

const RELATIVE: [&str; 4] = [
    "--set",
    "objective.Response time.target=baseline + 250ms",
    "--set",
    "objective.Response time.acceptable=baseline + 900ms",
];

fn name(folder: &Path) -> String {
    format!("reports/{}", folder.file_name().unwrap().to_str().unwrap())
}

/// Refused before any load: no run folder is made.
fn assert_refused(bench: &Bench, arguments: &[&str], told: &str) {
    let made = || std::fs::read_dir(bench.workspace.path().join("reports")).map_or(0, Iterator::count);
    let before = made();
    let (output, _) = bench.run(10, arguments);
    assert_eq!(code(&output), 2, "{}", words(&output));
    assert!(words(&output).contains(told), "{}", words(&output));
    assert_eq!(made(), before, "{told}");
}

/// The report of a run that was held against a baseline says so, on the page and in the summary.
fn assert_shows_the_baseline(folder: &Path) {
    let read = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap();
    let (page, summary) = (read("index.html"), read("summary.md"));
    let (_, section) = page.split_once("<section id=\"baseline\">").unwrap();
    let section = section.split("</section>").next().unwrap();
    for said in ["regressed", "Response time", "href=\"comparison.html\""] {
        assert!(section.contains(said), "no {said} in {section}");
    }
    assert!(summary.contains("regressed: Response time p95"), "{summary}");
}

#[test]
fn runs_are_held_against_a_baseline_and_shown_beside_those_before() {
    let _alone = crate::alone();
    let bench = Bench::new();
    let relative = |more: &[&'static str]| [&RELATIVE[..], more].concat();
    // Without a baseline nothing could come of a limit that is relative to one.
    let told = "`Response time` is relative to a baseline, and no baseline is named\nhint: run once with `--save-baseline NAME`";
    assert_refused(&bench, &RELATIVE, told);
    assert_refused(&bench, &["--save-baseline", "a/b"], "cannot be the name of a baseline");

    // The run that becomes one is measured and not judged by it; it is the first of the history.
    let (output, first) = bench.judged(10, &relative(&["--save-baseline", "main", "--tag", "branch=main"]));
    let text = words(&output);
    assert_eq!(code(&output), 0, "{text}");
    for said in [
        "advisory: Response time is relative to a baseline, and this run becomes one",
        "baseline: reports/baselines/main/baseline.json",
    ] {
        assert!(text.contains(said), "no {said} in {text}");
    }
    assert!(!text.contains("history:"), "{text}");
    let saved = report(&first);
    let p95 = saved["judgement"]["verdicts"][0]["measurement"]["point"]
        .as_f64()
        .unwrap();
    // The server takes from 10 to 14 ms.
    assert!(p95 > 10.0, "{p95}");
    let (told_baseline, saved) = (format!("(baseline {}", p95.floor()), saved.to_string());
    assert!(saved.contains("target not judged: it is baseline + 250ms"), "{saved}");
    let baseline = bench.workspace.path().join("reports/baselines/main/baseline.json");
    let size = std::fs::metadata(baseline).unwrap().len();
    assert!(size < 100_000, "{size} bytes");

    assert_refused(&bench, &["--baseline", "master"], "hint: the baselines there are: main");
    let told = "has no such objective with the statistic p90";
    assert_refused(
        &bench,
        &relative(&["--set", "objective.Response time.quantile=p90", "--baseline", "main"]),
        told,
    );

    // 340 ms later than 250 ms allow.
    let (output, slow) = bench.judged(350, &relative(&["--baseline", "main"]));
    let text = words(&output);
    assert_eq!(code(&output), 1, "{text}");
    for said in [
        told_baseline.as_str(),
        "+ 250ms)",
        "regressed: Response time p95",
        "history: Response time p95 ",
        " before: ",
    ] {
        assert!(text.contains(said), "no {said} in {text}");
    }
    for file in ["comparison.html", "comparison.json", "comparison.md"] {
        assert!(slow.join(file).is_file(), "{file}");
    }
    assert_shows_the_baseline(&slow);
    // Nothing but the baseline fails this one.
    let (output, _) = bench.judged(350, &["--baseline", "main", "--fail-on-regression"]);
    assert_eq!(code(&output), 1, "{}", words(&output));
    assert!(words(&output).contains(" runs before: "), "{}", words(&output));

    // A run of another load is no neighbour, and its baseline no limit.
    let longer = ["--baseline", "main", "--set", "phase.steady.duration=3s"];
    let (output, _) = bench.run(10, &[&longer[..], &["--fail-on-regression", "--bisect"]].concat());
    let text = words(&output);
    assert_eq!(code(&output), 125, "{text}");
    assert!(text.contains("these runs cannot be compared"), "{text}");
    assert!(!text.contains("history:"), "{text}");
    let anyway = ["--anyway", "--history", "no.sqlite"];
    let broken = "this is no database, and long enough to be seen not to be one";
    std::fs::write(bench.workspace.path().join("no.sqlite"), broken).unwrap();
    let (output, _) = bench.judged(10, &relative(&[&longer[..], &anyway].concat()));
    let text = words(&output);
    // Where it cannot be indexed the run is told so, and is a run all the same.
    assert_eq!(code(&output), 0, "{text}");
    let told = "warning: not in the history: the history no.sqlite failed: file is not a database";
    assert!(text.contains(told), "{text}");

    let listed = data(&bench.workspace.diapason(&["history"]));
    assert!(
        listed.lines().count() >= 4 && listed.contains("branch=main"),
        "{listed}"
    );
    // The limit it came to is saved: judged again it is the same, whatever becomes of the baseline.
    std::fs::remove_dir_all(bench.workspace.path().join("reports/baselines")).unwrap();
    let again = bench.workspace.diapason(&["report", &name(&slow)]);
    assert_eq!(code(&again), 1, "{}", words(&again));
    assert!(words(&again).contains("+ 250ms)"), "{}", words(&again));
    assert_shows_the_baseline(&slow);
}
