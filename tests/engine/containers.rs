//! What the containers probe tells of services whose use is known: one that burns processor time under a limit and counts it
//! itself, one whose processes are killed for want of memory.

use std::process::Command;

use serde_json::Value;

use super::beside;
use super::isolation::shop::Shop;
use super::running::Finished;
use crate::repetition::decided;

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

/// Says four times a second what it has had, as it knows itself and as the kernel tells it within its container: wall clock and
/// processor time in seconds, periods, throttled periods, throttled seconds.
const BURN: &str = r"
const { existsSync, readFileSync, writeSync } = require('fs');
const unified = existsSync('/sys/fs/cgroup/cpu.stat');
const file = unified ? '/sys/fs/cgroup/cpu.stat' : '/sys/fs/cgroup/cpu/cpu.stat';
const [key, unit] = unified ? ['throttled_usec', 1e6] : ['throttled_time', 1e9];
for (let next = 0; ; ) {
  const now = Date.now();
  if (now < next) continue;
  const { user, system } = process.cpuUsage();
  const stat = Object.fromEntries(readFileSync(file, 'utf8').trim().split('\n').map(line => line.split(' ')));
  writeSync(1, [now / 1e3, (user + system) / 1e6, stat.nr_periods, stat.nr_throttled, stat[key] / unit].join(' ') + '\n');
  next = now + 250;
}";

const STACK: &str = "[compose]\nfiles = ['compose.yml']\n[entry]\nservice = 'web'\nport = 8080\n\
    [production.service]\nburner = { cpus = 2, memory = '1G' }\n";

/// The judged window.
const SECONDS: f64 = 12.0;

/// Share of its limit from which on the burner had what it wanted. One that is starved by something else is throttled less.
const SATED: f64 = 0.9;

struct Observed {
    finished: Finished,
    series: Vec<Value>,
    /// What the burner says of the judged window: processor time, periods, throttled periods, throttled seconds.
    had: [f64; 4],
}

/// A line of the burner's log.
#[derive(Debug, Clone, Copy)]
struct Line {
    wall: f64,
    had: [f64; 4],
}

impl Line {
    fn parse(line: &str) -> Self {
        let numbers: Vec<f64> = line.split(' ').map(|number| number.parse().unwrap()).collect();
        let [wall, had @ ..] = <[f64; 5]>::try_from(numbers).unwrap();
        Self { wall, had }
    }
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
    let said: Vec<Line> = log.lines().map(Line::parse).collect();
    let series = report["containers"].as_array().unwrap().iter();
    let series: Vec<Value> = series.map(|container| container["observed"].clone()).collect();
    let end = said.last().unwrap().wall.min(zero + SECONDS);
    assert!(
        end > zero + SECONDS - 1.5,
        "the log ends {} s early",
        zero + SECONDS - end
    );
    let seconds = of(&series, "burner")["totals"]["seconds"].as_f64().unwrap();
    let (first, last) = (at(&said, zero), at(&said, end));
    let had = std::array::from_fn(|index| (last[index] - first[index]) / (end - zero) * seconds);
    Observed { finished, series, had }
}

/// What the burner had had at that moment, between two lines.
fn at(said: &[Line], wall: f64) -> [f64; 4] {
    let after = said.iter().position(|line| line.wall >= wall).unwrap().max(1);
    let (before, next) = (said[after - 1], said[after]);
    let share = (wall - before.wall) / (next.wall - before.wall);
    std::array::from_fn(|index| before.had[index] + (next.had[index] - before.had[index]) * share)
}

fn of<'a>(series: &'a [Value], service: &str) -> &'a Value {
    series.iter().find(|container| container["service"] == service).unwrap()
}

#[track_caller]
fn expect_known_use(observed: &Observed) {
    let burner = of(&observed.series, "burner");
    let totals = &burner["totals"];
    let number = |key: &str| totals[key].as_f64().unwrap();
    let [burnt, periods, throttled, waited] = observed.had;
    // Shares, and what a sample taken a little later or earlier at either end makes of it.
    for (key, own, share, end) in [
        ("cpu_seconds", burnt, 0.05, 0.02),
        ("periods", periods, 0.05, 2.0),
        ("throttled_periods", throttled, 0.05, 2.0),
        ("throttled_seconds", waited, 0.05, 0.2),
    ] {
        let off = (number(key) - own).abs();
        assert!(off <= share * own + end, "{key}: {own} in truth: {totals}");
    }
    assert!(burnt / number("seconds") < 1.06 * LIMIT, "{totals}");
    if burnt > SATED * LIMIT * number("seconds") {
        assert!(throttled > 0.2 * periods && waited > 0.5, "{totals}");
    }
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
    let observed = decided(
        |seen: &Observed| seen.finished.undecided(),
        || observe("known-files", "cgroup"),
    );
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
    let observed = decided(
        |seen: &Observed| seen.finished.undecided(),
        || observe("known-engine", "engine"),
    );
    expect_known_use(&observed);
    let web = of(&observed.series, "web");
    assert_eq!(
        (&web["source"], &web["totals"]["sockets_max"]),
        (&Value::from("engine"), &Value::Null)
    );
}
