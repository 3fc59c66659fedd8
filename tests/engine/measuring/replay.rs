//! A log that the reference stack's Nginx wrote under a known workload, replayed against the same stack.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::engine::alone;
use crate::engine::docker::Label;
use crate::engine::examples::Reference;
use crate::repetition::repeated;

const WORKLOAD: &str = "tests/replay/workload.toml";
const RULES: &str = "tests/replay/rules.toml";
const CONFIGURATION: &str = "stack/nginx/nginx.conf";
/// Largest difference of a kind's share of all requests, in percentage points.
const MIX: f64 = 1.0;

/// The program with these arguments, and the report of its run.
fn report(arguments: &[&str], out: &Path) -> (i32, Value) {
    let output = Command::new(env!("CARGO_BIN_EXE_diapason"))
        .args(arguments)
        .arg("--out")
        .arg(out)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    let report = std::fs::read_to_string(out.join("latest/report.json")).unwrap_or_else(|_| panic!("{told}"));
    (output.status.code().unwrap(), serde_json::from_str(&report).unwrap())
}

/// Requests of each series, those of log-ins included.
fn requests(report: &Value) -> Vec<(String, u64)> {
    let all = report["series"].as_array().unwrap().iter();
    let mut all: Vec<(String, u64)> = all
        .map(|series| {
            let name = series["series"].as_str().unwrap_or_default().to_owned();
            (name, series["requests"].as_u64().unwrap_or(0))
        })
        .collect();
    all.sort();
    all
}

/// The lines that Nginx has written so far.
fn log(stack: &Reference) -> String {
    let nginx = &Label::of_namespace(&stack.namespace).service("nginx")[0];
    let output = Command::new("docker").args(["logs", nginx]).output().unwrap();
    // Nginx tells its start on the same stream.
    let text = String::from_utf8_lossy(&output.stdout);
    let lines = text.lines().filter(|line| line.contains("msec="));
    lines.fold(String::new(), |mut log, line| {
        let _ = writeln!(log, "{line}");
        log
    })
}

/// Replays the log; an error if the machine was too slow for it.
fn replayed(stack: &Reference, log: &Path, speed: u32) -> Result<(), String> {
    let out = tempfile::tempdir().unwrap();
    let (log, speed) = (log.to_str().unwrap(), speed.to_string());
    let arguments = [
        "replay",
        log,
        WORKLOAD,
        "--target",
        &stack.front_door,
        "--quiet",
        "--speed",
        &speed,
        "--rules",
        RULES,
        "--nginx-conf",
        CONFIGURATION,
    ];
    let (code, report) = report(&arguments, out.path());
    let (plan, found) = (&report["plan"]["load"]["replay"], &report["fidelity"]);
    let count = |value: &Value| value.as_u64().unwrap();
    let left: u64 = plan["left_out"]
        .as_array()
        .unwrap()
        .iter()
        .map(|left| count(&left["lines"]))
        .sum();
    assert_eq!(
        count(&plan["read"]),
        count(&plan["replayed"]) + count(&plan["mapped"]) + left,
        "{plan}"
    );
    // All but what the stack was asked before its first user.
    assert!(left <= 2, "{}", plan["left_out"]);
    assert!(count(&plan["overlapping"]) > 10, "{plan}");
    // On a machine that is much slower than when the log was written, the end of the phase cuts sessions off.
    let walked = &found["walked"];
    if walked["kept"] != plan["sessions"] || walked["begun"] != plan["requests"] {
        return Err(format!("speed {speed}: {walked} of {} sessions", plan["sessions"]));
    }
    let largest = found["largest_difference"].as_f64().unwrap();
    assert!(largest <= MIX, "{found}");
    // Whatever was refused in the log is refused again, and nothing else is.
    for status in found["statuses"].as_array().unwrap() {
        assert_eq!(status[1], status[2], "{}", found["statuses"]);
    }
    // The lag depends on the machine: the stack has the same cores. Its figures are in docs/measurements/replay.md.
    let lag = found["lag"]["p99"].as_f64().unwrap();
    if code == 0 {
        Ok(())
    } else {
        Err(format!("speed {speed}: exit {code}, lag p99 {lag} ms"))
    }
}

#[test]
fn a_log_of_the_reference_stack_is_replayed_to_its_end() {
    let _alone = alone();
    let stack = Reference::up_as(&[]);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("runs");
    let (_, known) = report(&["run", WORKLOAD, "--target", &stack.front_door, "--quiet"], &out);
    let path = folder.path().join("access.log");
    let text = log(&stack);
    std::fs::write(&path, &text).unwrap();
    // The log has what the workload made, and little beside it.
    let made: u64 = requests(&known).iter().map(|(_, requests)| requests).sum();
    let lines = text.lines().count() as u64;
    assert!(
        (made..made + 60).contains(&lines),
        "{lines} lines of {:?}",
        requests(&known)
    );
    repeated(|| replayed(&stack, &path, 4));
}
