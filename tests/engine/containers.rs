//! What the containers probe tells of services whose use is known: one that burns processor time under a limit and counts it
//! itself, one whose processes are killed for want of memory.

use std::process::Command;

use serde_json::Value;

use super::beside;
use super::isolation::shop::Shop;
use super::running::Finished;
use crate::repetition::{Undecided, decided};

const COMPOSE: &str = r#"
services:
  web:
    image: diapason/node:24-forky
    init: true
    command: [node, -e, "require('http').createServer((_, answer) => answer.end('ok')).listen(8080)"]
    ports: ["8080"]
  burner:
    image: diapason/node:24-forky
    cpus: 0.2
    command: [node, /burn.cjs]
    volumes: ["./burn.cjs:/burn.cjs:ro"]
  eater:
    image: diapason/node:24-forky
    mem_limit: 96m
    memswap_limit: 96m
    command: [sh, -c, "while sleep 2; do node -e 'Buffer.alloc(4e8, 1)'; done"]
"#;

/// Processor limit of the burner. It is so low that a busy machine still gives that much.
const LIMIT: f64 = 0.2;

/// Says four times a second how much processor time it has had: (wall, used), in seconds.
const BURN: &str = r"
const { writeSync } = require('fs');
for (let next = 0; ; ) {
  const now = Date.now();
  if (now < next) continue;
  const { user, system } = process.cpuUsage();
  writeSync(1, `${now / 1e3} ${(user + system) / 1e6}\n`);
  next = now + 250;
}";

const STACK: &str = "[compose]\nfiles = ['compose.yml']\n[entry]\nservice = 'web'\nport = 8080\n\
    [production.service]\nburner = { cpus = 2, memory = '1G' }\n";

/// The judged window.
const SECONDS: f64 = 12.0;

/// Share of its limit below which the machine gave the burner too little: a process that is starved is not throttled.
const STARVED: f64 = 0.9;

struct Observed {
    finished: Finished,
    series: Vec<Value>,
    /// What the burner had in the judged window, as it says itself.
    burnt: f64,
}

fn observe(name: &str, source: &str) -> Observed {
    let shop = Shop::of(name, STACK);
    shop.put("compose.yml", COMPOSE);
    shop.put("burn.cjs", BURN);
    shop.last("12s");
    shop.change(
        "[probes.containers]",
        &format!("[probes.containers]\nsource = '{source}'"),
    );
    let mut run = shop.run(&[]);
    run.wait_for_load();
    let burner = run.label().service("burner").remove(0);
    // The log goes with the container, so it is followed from now on.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let mut following = Command::new("docker")
        .args(["logs", "--follow", &burner])
        .stdout(std::fs::File::create(&path).unwrap())
        .spawn()
        .unwrap();
    let finished = run.finish();
    following.wait().unwrap();
    let log = std::fs::read_to_string(&path).unwrap();
    let report = finished.json("report.json");
    let zero: jiff::Timestamp = report["started"].as_str().unwrap().parse().unwrap();
    let zero = zero.as_nanosecond() as f64 / 1e9;
    let lines = log.lines().map(|line| line.split_once(' ').unwrap());
    let said: Vec<(f64, f64)> = lines
        .map(|(wall, used)| (wall.parse().unwrap(), used.parse().unwrap()))
        .collect();
    let series = report["containers"].as_array().unwrap().iter();
    let series: Vec<Value> = series.map(|container| container["observed"].clone()).collect();
    let end = said.last().unwrap().0.min(zero + SECONDS);
    assert!(
        end > zero + SECONDS - 1.5,
        "the log ends {} s early",
        zero + SECONDS - end
    );
    let seconds = of(&series, "burner")["totals"]["seconds"].as_f64().unwrap();
    Observed {
        finished,
        series,
        burnt: (at(&said, end) - at(&said, zero)) / (end - zero) * seconds,
    }
}

impl Observed {
    /// Why nothing can be said of it.
    fn undecided(&self) -> Option<Undecided> {
        let seconds = of(&self.series, "burner")["totals"]["seconds"].as_f64().unwrap();
        let starved = self.burnt < STARVED * LIMIT * seconds;
        starved.then_some(Undecided::Generator).or(self.finished.undecided())
    }
}

/// The processor time at that moment, between two lines.
fn at(said: &[(f64, f64)], wall: f64) -> f64 {
    let after = said.iter().position(|line| line.0 >= wall).unwrap().max(1);
    let ((before, low), (next, high)) = (said[after - 1], said[after]);
    low + (high - low) * (wall - before) / (next - before)
}

fn of<'a>(series: &'a [Value], service: &str) -> &'a Value {
    series.iter().find(|container| container["service"] == service).unwrap()
}

#[track_caller]
fn expect_known_use(observed: &Observed) {
    let burner = of(&observed.series, "burner");
    let totals = &burner["totals"];
    let number = |key: &str| totals[key].as_f64().unwrap();
    let used = number("cpu_seconds");
    assert!(
        (used - observed.burnt).abs() <= 0.05 * observed.burnt,
        "{used} s told, {} s had: {totals}",
        observed.burnt
    );
    assert!(used / number("seconds") < 1.06 * LIMIT, "{totals}");
    assert!(number("throttled_periods") / number("periods") > 0.2, "{totals}");
    assert!(number("throttled_seconds") > 0.5, "{totals}");
    assert_eq!(burner["cpu_limit"], LIMIT);
    assert_eq!(burner["expected"]["cpus"], 2.0);
    let web = of(&observed.series, "web");
    for key in ["received", "sent"] {
        assert!(web["totals"][key].as_u64().unwrap() > 5_000, "{key}: {web}");
    }
    // Processes of it were killed at its own limit: the run fails, whatever it measured, and is valid.
    let eater = of(&observed.series, "eater");
    assert_eq!(eater["oom_killed"], true, "{eater}");
    let rule = observed.finished.rule(&diapason::slo::Rule::Containers);
    assert_eq!(rule["valid"], true, "{rule}");
    assert_eq!(observed.finished.exit, 1, "{}", observed.finished.talk);
}

#[test]
fn known_use_is_told_from_the_kernels_files() {
    let _place = beside();
    let observed = decided(Observed::undecided, || observe("known-files", "cgroup"));
    expect_known_use(&observed);
    let web = of(&observed.series, "web");
    assert!(web["source"].as_str().unwrap().starts_with("cgroup v"), "{web}");
    assert!(web["totals"]["sockets_max"].as_u64().unwrap() >= 1, "{web}");
    assert!(of(&observed.series, "eater")["totals"]["oom_kills"].as_u64().unwrap() >= 1);
    let summary = std::fs::read_to_string(observed.finished.folder().join("summary.md")).unwrap();
    assert!(
        summary.contains("| burner |") && summary.contains("0.2 (table: 2)"),
        "{summary}"
    );
}

#[test]
fn known_use_is_told_by_the_engine() {
    let _place = beside();
    let observed = decided(Observed::undecided, || observe("known-engine", "engine"));
    expect_known_use(&observed);
    let web = of(&observed.series, "web");
    assert_eq!(
        (&web["source"], &web["totals"]["sockets_max"]),
        (&Value::from("engine"), &Value::Null)
    );
}
