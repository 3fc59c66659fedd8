//! Comparing runs as a user meets it: short runs against a server whose slowness is known.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::repetition::{Undecided, decided};

/// A server that answers after a delay that the test sets, and some milliseconds more that differ from request to request.
struct Server {
    url: String,
    delay: Arc<AtomicU64>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let delay = Arc::new(AtomicU64::new(0));
        let (own, count) = (Arc::clone(&delay), Arc::new(AtomicU64::new(0)));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (delay, count) = (Arc::clone(&own), Arc::clone(&count));
                std::thread::spawn(move || answer(stream.unwrap(), &delay, &count));
            }
        });
        Self { url, delay }
    }
}

fn answer(mut stream: TcpStream, delay: &AtomicU64, count: &AtomicU64) {
    stream.set_nodelay(true).unwrap();
    let mut buffer = [0; 4096];
    while let Ok(1..) = stream.read(&mut buffer) {
        // Microseconds from 0 to 4,000 in an order that repeats itself only after long.
        let more = count.fetch_add(1, Ordering::Relaxed) * 2_654_435_761 % 4_001;
        std::thread::sleep(Duration::from_micros(delay.load(Ordering::Relaxed) + more));
        if stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
            .is_err()
        {
            return;
        }
    }
}

/// A folder with a scenario and the runs made of it.
pub(crate) struct Bench {
    folder: tempfile::TempDir,
    server: Server,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("journeys")).unwrap();
        let journey = "name = \"get\"\ndescription = \"d\"\n[[step]]\nname = \"get\"\npath = \"/\"\n";
        std::fs::write(folder.path().join("journeys/get.toml"), journey).unwrap();
        let scenario = "name = \"short\"\ndescription = \"d\"\nseed = 7\n[stack]\nuse = \"none\"\n[users]\ncount = 100\n\
            [journeys]\nget = 1\n[[phase]]\nname = \"steady\"\nduration = \"2s\"\n\
            workload = { executor = \"constant-arrival-rate\", rate = \"100/s\" }\n\
            [[objective]]\nname = \"Response time\"\nindicator = \"response-time\"\nquantile = \"p95\"\n\
            target = \"5s\"\nacceptable = \"10s\"\n\
            [[objective]]\nname = \"Errors\"\nindicator = \"error-rate\"\ntarget = \"5 %\"\nacceptable = \"10 %\"\n";
        std::fs::write(folder.path().join("short.toml"), scenario).unwrap();
        Self {
            folder,
            server: Server::start(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_diapason"));
        command
            .current_dir(self.path())
            .env("NO_COLOR", "1")
            .env_remove("DIAPASON_HISTORY");
        command
    }

    pub(crate) fn diapason(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).output().unwrap()
    }

    /// A run against the server that answers so many milliseconds later; its output and folder.
    pub(crate) fn run(&self, millis: u64, more: &[&str]) -> (Output, PathBuf) {
        self.server.delay.store(millis * 1_000, Ordering::Relaxed);
        let mut arguments = vec!["run", "short.toml", "--target", &self.server.url];
        arguments.extend(more);
        let output = self.diapason(&arguments);
        let folder = self.path().join("reports/latest").canonicalize();
        (output, folder.unwrap_or_default())
    }

    /// The same, until it is decided: limits near the server's delay leave no room for a machine that stands still.
    pub(crate) fn judged(&self, millis: u64, more: &[&str]) -> (Output, PathBuf) {
        decided(
            |(output, folder)| Undecided::of_run(code(output), || report(folder)),
            || self.run(millis, more),
        )
    }
}

fn name(folder: &Path) -> String {
    format!("reports/{}", folder.file_name().unwrap().to_str().unwrap())
}

pub(crate) fn words(output: &Output) -> String {
    let text = [output.stdout.clone(), output.stderr.clone()].concat();
    String::from_utf8(text).unwrap()
}

pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn report(folder: &Path) -> Value {
    let text = std::fs::read_to_string(folder.join("report.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn json(bench: &Bench, base: &str, new: &str) -> Value {
    let output = bench.diapason(&["compare", base, new, "--export", "json=-"]);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", words(&output)))
}

fn row<'a>(comparison: &'a Value, name: &str, statistic: &str) -> &'a Value {
    let rows = comparison["rows"].as_array().unwrap();
    let found = rows
        .iter()
        .find(|row| row["name"] == name && row["statistic"] == statistic);
    found.unwrap_or_else(|| panic!("no {name} {statistic} in {comparison:#}"))
}

#[test]
fn a_limit_relative_to_a_baseline_judges_a_run_against_it() {
    let _alone = crate::alone();
    let bench = Bench::new();
    let target = "objective.Response time.target=baseline + 250ms";
    let acceptable = "objective.Response time.acceptable=baseline + 900ms";
    let relative = |millis, more: &[&str]| {
        let settings = ["--set", target, "--set", acceptable];
        bench.judged(millis, &[&settings, more].concat())
    };
    // Without a baseline nothing could come of it, so nothing is run.
    let (output, _) = relative(10, &[]);
    assert_eq!(code(&output), 2, "{}", words(&output));
    let text = words(&output);
    assert!(
        text.contains("`Response time` is relative to a baseline, and no baseline is named"),
        "{text}"
    );
    assert!(text.contains("hint: run once with `--save-baseline NAME`"), "{text}");
    // The run that becomes one is measured and not judged by it.
    let (output, folder) = relative(10, &["--save-baseline", "main"]);
    let text = words(&output);
    assert_eq!(code(&output), 0, "{text}");
    assert!(
        text.contains("advisory: Response time is relative to a baseline, and this run becomes one"),
        "{text}"
    );
    let report = std::fs::read_to_string(folder.join("report.json")).unwrap();
    assert!(report.contains("target not judged: it is baseline + 250ms"), "{report}");

    let (output, _) = relative(10, &["--baseline", "main"]);
    assert_eq!(code(&output), 0, "{}", words(&output));
    assert!(words(&output).contains("(baseline 1"), "{}", words(&output));
    let (output, slow) = relative(350, &["--baseline", "main"]);
    assert_eq!(code(&output), 1, "{}", words(&output));
    // The limit it came to is saved: judged again it is the same, whatever becomes of the baseline.
    std::fs::remove_dir_all(bench.path().join("reports/baselines")).unwrap();
    let again = bench.diapason(&["report", &name(&slow)]);
    assert_eq!(code(&again), 1, "{}", words(&again));
    assert!(words(&again).contains("+ 250ms)"), "{}", words(&again));
}

#[test]
fn a_baseline_of_another_load_is_no_limit() {
    let _alone = crate::alone();
    let bench = Bench::new();
    let settings = ["--set", "objective.Response time.target=baseline + 10000 %"];
    let more = |more: &'static [&str]| [&settings[..], more].concat();
    let (output, _) = bench.run(10, &more(&["--save-baseline", "main"]));
    assert_eq!(code(&output), 0, "{}", words(&output));
    let (output, _) = bench.run(10, &more(&["--baseline", "main", "--set", "phase.steady.duration=3s"]));
    let text = words(&output);
    assert_eq!(code(&output), 3, "{text}");
    assert!(text.contains("these runs cannot be compared"), "{text}");
    let (output, _) = bench.run(
        10,
        &more(&["--baseline", "main", "--set", "phase.steady.duration=3s", "--anyway"]),
    );
    assert_eq!(code(&output), 0, "{}", words(&output));
    // It must have measured the very objective.
    let renamed = ["--set", "objective.Response time.quantile=p90", "--baseline", "main"];
    let (output, _) = bench.run(10, &[&settings[..], &renamed].concat());
    assert_eq!(code(&output), 2, "{}", words(&output));
    assert!(
        words(&output).contains("has no such objective with the statistic p90"),
        "{}",
        words(&output)
    );
}

#[test]
fn a_known_slowness_is_found_with_its_size_and_two_alike_runs_differ_in_nothing() {
    let _alone = crate::alone();
    let bench = Bench::new();
    let (_, base) = bench.run(10, &[]);
    let (_, alike) = bench.run(10, &[]);
    let (_, slower) = bench.run(410, &[]);
    let (base, alike, slower) = (name(&base), name(&alike), name(&slower));

    let comparison = json(&bench, &base, &slower);
    for (name, statistic) in [("Response time", "p95"), ("get.get", "p50"), ("get.get", "p95")] {
        let row = row(&comparison, name, statistic);
        let number = |key: &str| row[key].as_f64().unwrap();
        assert_eq!(row["change"], "regressed", "{row:#}");
        assert!(number("low") <= 402.0 && number("high") >= 398.0, "{row:#}");
        assert!(number("low") > 200.0 && number("high") < 800.0, "{row:#}");
    }
    let output = bench.diapason(&["compare", &base, &slower]);
    assert_eq!(code(&output), 1, "{}", words(&output));
    assert!(
        words(&output).contains("REGRESSED  short: regressed: Response time p95"),
        "{}",
        words(&output)
    );
    // The same runs give the same intervals, to the last digit.
    assert_eq!(comparison, json(&bench, &base, &slower));
    // The other way round it is an improvement, which fails nothing.
    let output = bench.diapason(&["compare", &slower, &base]);
    assert_eq!(code(&output), 0, "{}", words(&output));
    assert!(
        words(&output).contains("improved: Response time p95"),
        "{}",
        words(&output)
    );

    let comparison = json(&bench, &base, &alike);
    let same = row(&comparison, "Response time", "p95");
    assert!(
        same["change"] != "regressed" && same["change"] != "improved",
        "{same:#}"
    );
    assert!(
        same["low"].as_f64().unwrap() <= 0.0 || same["shift"].as_f64().unwrap() < 20.0,
        "{same:#}"
    );
    let output = bench.diapason(&["compare", &base, &alike]);
    assert_eq!(code(&output), 0, "{}", words(&output));

    pages_hold_the_rows(&bench, &base, &slower);
    groups_are_compared_by_ranks(&bench, [&base, &alike], &slower);
}

fn pages_hold_the_rows(bench: &Bench, base: &str, new: &str) {
    let output = bench.diapason(&["compare", base, new, "--export", "html", "--export", "markdown=c.md"]);
    assert_eq!(code(&output), 1, "{}", words(&output));
    for file in ["comparison.html", "c.md"] {
        let text = std::fs::read_to_string(bench.path().join(file)).unwrap();
        for expected in ["Response time", "get.get", "regressed", "p95"] {
            assert!(text.contains(expected), "no {expected} in {file}");
        }
    }
}

fn groups_are_compared_by_ranks(bench: &Bench, base: [&str; 2], new: &str) {
    let groups = bench.diapason(&["compare", &base.join(","), new, "--bisect"]);
    let text = words(&groups);
    assert!(text.contains("2 and 1 runs cannot show a difference at 95 %"), "{text}");
    assert!(text.contains("Cliff's δ = +1.00 (large)"), "{text}");
    assert_eq!(code(&groups), 125, "{text}");
    // Eight files of four runs would take longer; the same run twice is as good for the command line.
    let slow = [new; 4].join(",");
    let fast = [base[0], base[1], base[0], base[1]].join(",");
    let output = bench.diapason(&["compare", &fast, &slow]);
    assert_eq!(code(&output), 1, "{}", words(&output));
    let listed = [&["compare", "--base"][..], &[base[0]; 4], &["--new"], &[new; 4]].concat();
    assert_eq!(code(&bench.diapason(&listed)), 1);
}

#[test]
fn what_is_not_comparable_is_refused_with_each_reason() {
    let _alone = crate::alone();
    let bench = Bench::new();
    let (output, _) = bench.run(5, &["--save-baseline", "main"]);
    assert_eq!(code(&output), 0, "{}", words(&output));
    assert!(
        words(&output).contains("baseline: reports/baselines/main/baseline.json"),
        "{}",
        words(&output)
    );
    let other = ["--set", "phase.steady.workload.rate=50/s", "--set", "users.count=40"];
    let (_, other) = bench.run(5, &other);
    let other = name(&other);

    let output = bench.diapason(&["compare", "main", &other]);
    insta::assert_snapshot!(words(&output), @r"
    error: these runs cannot be compared:
      scenario: phase.steady.workload.rate: 100/s → 50/s
      scenario: users.count: 100 → 40
    hint: run both on the same machine with the same scenario, or compare nevertheless with `--anyway`
    ");
    assert_eq!(code(&output), 2);
    assert_eq!(code(&bench.diapason(&["compare", "main", &other, "--bisect"])), 125);
    let output = bench.diapason(&["compare", "main", &other, "--anyway"]);
    assert_eq!(code(&output), 0, "{}", words(&output));
    let text = words(&output);
    assert!(
        text.contains("compared although scenario: users.count: 100 → 40"),
        "{text}"
    );

    let output = bench.diapason(&["compare", "master", &other]);
    insta::assert_snapshot!(words(&output), @r"
    error: neither a run folder nor a saved baseline: master
    hint: the baselines there are: main
    ");
    // Refused before any load: no new run folder.
    let (output, latest) = bench.run(5, &["--baseline", "master"]);
    assert_eq!((code(&output), name(&latest)), (2, other.clone()), "{}", words(&output));
    let (output, latest) = bench.run(5, &["--save-baseline", "a/b"]);
    assert_eq!((code(&output), name(&latest)), (2, other), "{}", words(&output));
}

#[test]
fn a_run_can_fail_on_a_regression_against_a_baseline() {
    let _alone = crate::alone();
    let bench = Bench::new();
    bench.run(10, &["--save-baseline", "main"]);
    let size = std::fs::metadata(bench.path().join("reports/baselines/main/baseline.json"))
        .unwrap()
        .len();
    assert!(size < 100_000, "{size} bytes");
    // Shown and not failed on, unless it is asked for.
    let (output, folder) = bench.run(410, &["--baseline", "main"]);
    assert_eq!(code(&output), 0, "{}", words(&output));
    assert!(
        words(&output).contains("regressed: Response time p95"),
        "{}",
        words(&output)
    );
    for file in ["comparison.html", "comparison.json", "comparison.md"] {
        assert!(folder.join(file).is_file(), "{file}");
    }
    let (output, _) = bench.run(410, &["--baseline", "main", "--fail-on-regression"]);
    assert_eq!(code(&output), 1, "{}", words(&output));
    let (output, _) = bench.run(10, &["--baseline", "main", "--fail-on-regression"]);
    assert_eq!(code(&output), 0, "{}", words(&output));
    // What cannot be compared passes no gate that asks for a comparison.
    let more = ["--baseline", "main", "--set", "phase.steady.duration=3s"];
    let (output, _) = bench.run(10, &more);
    assert_eq!(code(&output), 0, "{}", words(&output));
    let (output, _) = bench.run(10, &[&more[..], &["--fail-on-regression"]].concat());
    assert_eq!(code(&output), 3, "{}", words(&output));
    let (output, _) = bench.run(10, &[&more[..], &["--fail-on-regression", "--bisect"]].concat());
    assert_eq!(code(&output), 125, "{}", words(&output));
    let (output, _) = bench.run(410, &["--baseline", "main", "--fail-on-regression", "--bisect"]);
    assert_eq!(code(&output), 1, "{}", words(&output));
}
