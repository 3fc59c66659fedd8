//! Faults of the real reference stack that only attribution tells apart: each is made, and the right tier and cause must be
//! named. Those of the stack's own switches are in `stack.rs`.

use crate::alone;
use crate::stack::{API, Gate, IN_THE_MIDDLE, NOT_MET, SHORT, docker, nothing_left};

/// The container of that service of the run under way.
fn container(service: &str) -> String {
    let service = format!("label=com.docker.compose.service={service}");
    docker(&[
        "ps",
        "-q",
        "--filter",
        "label=io.diapason.namespace",
        "--filter",
        &service,
    ])
}

/// Runs the shortened gate and does that to the stack as soon as there is load.
fn harmed(settings: &[&str], when: &str, harm: impl FnOnce()) -> crate::stack::Finished {
    let mut gate = Gate::start(&[SHORT, settings].concat());
    gate.wait_for(when);
    harm();
    let finished = gate.finish();
    nothing_left();
    finished
}

/// A line of progress from the warm-up.
const AT_ONCE: &str = " 2 s of ";

#[test]
fn a_proxy_without_processor_time_is_blamed() {
    let _alone = alone();
    let finished = harmed(&[], AT_ONCE, || {
        docker(&["update", "--cpus", "0.03", &container("nginx")]);
    });
    finished.expect(1, &[(API, NOT_MET)]);
    finished.blames("cpu-throttled", "proxy", Some("nginx"));
}

#[test]
fn a_held_row_is_blamed_with_its_holder() {
    let _alone = alone();
    let hold = "BEGIN; SELECT count(*) FROM (SELECT 1 FROM tasks FOR UPDATE) AS held; SELECT pg_sleep(8); COMMIT;";
    let mut session = None;
    let finished = harmed(&[], IN_THE_MIDDLE, || {
        let child = std::process::Command::new("docker")
            .args([
                "exec",
                &container("postgres"),
                "psql",
                "--username=postgres",
                "--dbname=reference_prod",
                "-c",
                hold,
            ])
            .stdout(std::process::Stdio::null())
            .spawn();
        session = Some(child.unwrap());
    });
    assert!(session.unwrap().wait().unwrap().success());
    assert_eq!(finished.exit, 1, "{}", finished.talk);
    finished.blames("lock-waits", "database", None);
}

#[test]
fn a_pool_of_one_connection_is_blamed() {
    let _alone = alone();
    // Statements of 20 ms are within their own objective; queueing for the only connection is not within the API's.
    let settings = [
        "stack.env.DATABASE_POOL_SIZE=1",
        "stack.env.FAULT_SQL_LATENCY_MS=40",
        "phase.steady.workload.rate=26/s",
    ];
    let finished = harmed(&settings, AT_ONCE, || ());
    finished.expect(1, &[(API, NOT_MET)]);
    finished.blames("connection-pool", "application", None);
}

#[test]
fn a_service_that_is_killed_for_want_of_memory_is_blamed() {
    let _alone = alone();
    let finished = harmed(&[], IN_THE_MIDDLE, || {
        let api = container("api");
        let used = docker(&["exec", &api, "cat", "/sys/fs/cgroup/memory/memory.usage_in_bytes"]);
        let limit = (used.parse::<u64>().unwrap() + (1 << 20)).to_string();
        docker(&["update", "--memory", &limit, "--memory-swap", &limit, &api]);
    });
    assert_ne!(finished.exit, 0, "{}", finished.talk);
    finished.blames("memory", "application", Some("api"));
}

#[test]
fn tables_without_their_indexes_are_blamed() {
    let _alone = alone();
    let finished = harmed(&["phase.steady.workload.rate=60/s"], AT_ONCE, || ());
    assert_eq!(finished.exit, 1, "{}", finished.talk);
    finished.blames("slow-statement", "database", None);
    let report = finished.report();
    let clause = report["attribution"]["suspects"][0]["clause"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(clause.contains("rows of tasks"), "{clause}");
}
