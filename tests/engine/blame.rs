//! Faults of the real reference stack that only attribution tells apart: each is made, and the right tier and cause must be
//! named. Those of the stack's own switches are in `stack.rs`.

use super::stack::{API, DATABASE, Finished, IN_THE_MIDDLE, NOT_MET, SHORT, docker, gate};
use crate::alone;

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
fn harmed(settings: &[&str], when: &str, mut harm: impl FnMut()) -> Finished {
    gate(&[SHORT, settings].concat(), |gate| {
        gate.wait_for(when);
        harm();
    })
}

/// A line of progress from the warm-up.
const AT_ONCE: &str = " 10 s of ";

#[test]
fn a_proxy_without_processor_time_is_blamed() {
    let _alone = alone();
    let finished = harmed(&[], AT_ONCE, || {
        docker(&["update", "--cpus", "0.01", &container("nginx")]);
    });
    assert_ne!(finished.exit, 0, "{}", finished.talk);
    finished.blames("cpu-throttled", "proxy", Some("nginx"));
}

#[test]
fn a_held_row_is_blamed_with_its_holder() {
    let _alone = alone();
    // Whoever inserts a task has to share the lock on its project.
    let hold = "BEGIN; SELECT count(*) FROM (SELECT 1 FROM projects FOR UPDATE) AS held; SELECT pg_sleep(8); COMMIT;";
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
    assert_ne!(finished.exit, 0, "{}", finished.talk);
    finished.blames("lock-waits", "database", None);
}

#[test]
fn a_pool_of_one_connection_is_blamed() {
    let _alone = alone();
    // Statements of 40 ms are within their own objective; queueing for the only connection is not within the API's. At this
    // rate the queue grows slowly for as long as the run lasts, so its end finds users idle and the level still rising.
    let settings = [
        "stack.env.DATABASE_POOL_SIZE=1",
        "stack.env.FAULT_SQL_LATENCY_MS=40",
        "users.count=200",
        "phase.warm-up.workload.rate=4/s",
        "phase.steady.workload.rate=8/s",
    ];
    let finished = harmed(&settings, AT_ONCE, || ());
    finished.expect(1, &[(API, NOT_MET)]);
    finished.blames("connection-pool", "application", None);
}

#[test]
fn a_service_that_is_killed_for_want_of_memory_is_blamed() {
    let _alone = alone();
    let finished = harmed(&[], IN_THE_MIDDLE, || limit_memory_to_what_is_used(&container("api")));
    assert_ne!(finished.exit, 0, "{}", finished.talk);
    finished.blames("memory", "application", Some("api"));
}

/// The kernel refuses a limit below what it cannot free, so the lowest that it takes leaves nothing to grow.
fn limit_memory_to_what_is_used(container: &str) {
    for mebibytes in 40..1_000_u32 {
        let limit = format!("{mebibytes}m");
        let update = std::process::Command::new("docker")
            .args(["update", "--memory", &limit, "--memory-swap", &limit, container])
            .output();
        if update.unwrap().status.success() {
            return;
        }
    }
    panic!("no limit is taken");
}

#[test]
fn a_large_table_without_its_index_is_blamed() {
    let _alone = alone();
    let settings = [
        "stack.env.SEED_INDEXES=0",
        "phase.warm-up.duration=30s",
        // Few enough that the scans do not fill a slow machine, the generator's core with it.
        "phase.warm-up.workload.rate=2/s",
        "phase.steady.workload.rate=2/s",
        // Scans are far over the one on any machine, and what they do to the generator's lateness is far below a tenth of the other.
        "objective.Database query time.target=20ms",
        "objective.API response time.target=1s",
        "objective.API response time.acceptable=5s",
    ];
    let finished = harmed(&settings, AT_ONCE, || {
        let grow = "INSERT INTO tasks SELECT (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid()))).* \
                    FROM tasks t, generate_series(1, 5); ANALYZE tasks;";
        let psql = ["psql", "--username=postgres", "--dbname=reference_prod", "-c", grow];
        docker(&[&["exec", &container("postgres")], &psql[..]].concat());
    });
    finished.expect(1, &[(DATABASE, NOT_MET)]);
    finished.blames("slow-statement", "database", None);
    let report = finished.report();
    let suspect = &report["attribution"]["suspects"][0];
    let clause = suspect["clause"].as_str().unwrap();
    assert!(
        clause.contains("statements") && clause.contains("that read all") && clause.contains("rows of tasks"),
        "{suspect}"
    );
    assert!(
        suspect["advice"].as_str().unwrap().contains("CREATE INDEX ON tasks"),
        "{suspect}"
    );
}
