//! Faults of the real reference stack: each is made on one that runs, must miss what it harms and nothing else, and the right tier
//! and cause must be named.
//!
//! One of them is made whenever the tests run. All are by `ci/faults`: same code, same table.

mod stack;

use self::stack::Stack;
use super::stack::{API, DATABASE, ERRORS, FRONTEND};
use crate::engine::alone;
use crate::engine::docker::docker;
use crate::engine::examples;
use crate::engine::running::{Finished, NOT_MET};

/// A fault, and what must be said of it.
struct Case {
    name: &'static str,
    /// Of the gate, beside what makes it short.
    settings: &'static [&'static str],
    /// The second of the run in which the fault is made: before its start, where there is none.
    at: Option<u32>,
    /// Objectives that hold all the same. A run that leaves one of them undecided is made again.
    met: &'static [&'static str],
    make: fn(&Stack),
    undo: fn(&Stack),
    expect: fn(&Finished),
}

/// Half the gate's load: what an objective's own fault does to it is to be told from what a slow machine does.
const WARM_UP: &str = "phase.warm-up.workload.rate=6/s";
const STEADY: &str = "phase.steady.workload.rate=6/s";
const CALM: &[&str] = &[WARM_UP, STEADY];

/// In the warm-up, which lasts 5 s and is followed by another one for pages.
const WARMING: Option<u32> = Some(2);
/// In the judged phase.
const IN_THE_MIDDLE: Option<u32> = Some(13);

const SLOWER_API: Case = Case {
    name: "API 100 ms later, within its target",
    // A slow machine adds its own to the 100 ms, many times over.
    settings: &[
        WARM_UP,
        STEADY,
        "objective.API response time.target=1s",
        "objective.API response time.acceptable=2s",
    ],
    at: None,
    met: &[API, FRONTEND, DATABASE],
    make: |stack| stack.api("FAULT_API_LATENCY_MS=100"),
    undo: |stack| stack.api(""),
    expect: |finished| {
        finished.expect(0, &[]);
        finished.blames_nobody();
    },
};

const SLOW_API: Case = Case {
    name: "API 200 ms later",
    settings: CALM,
    at: None,
    met: &[FRONTEND, DATABASE],
    make: |stack| stack.api("FAULT_API_LATENCY_MS=200"),
    undo: |stack| stack.api(""),
    expect: |finished| {
        finished.expect(1, &[(API, NOT_MET)]);
        finished.blames("slow-application", "application", None);
    },
};

const SLOW_STATEMENTS: Case = Case {
    name: "one read in six 100 ms later",
    settings: CALM,
    at: None,
    met: &[FRONTEND],
    make: |stack| stack.api("FAULT_SQL_LATENCY_MS=100"),
    undo: |stack| stack.api(""),
    expect: |finished| {
        finished.expect(1, &[(DATABASE, NOT_MET)]);
        finished.blames("slow-statement", "database", None);
    },
};

const SLOW_PAGES: Case = Case {
    name: "pages 3 s later",
    // A page that takes 3 s needs slots of more than that, and more than 5 of them to tell for certain, among three objectives,
    // that 2 s are missed and 5 s are not. What a slow machine does to the API in that time is not the point.
    settings: &[
        WARM_UP,
        STEADY,
        "objective.API response time.target=1s",
        "objective.API response time.acceptable=3s",
        "probes.browser.every=4s",
        "phase.steady.duration=50s",
    ],
    at: None,
    met: &[API, DATABASE],
    make: |stack| stack.web("FAULT_WEB_LATENCY_MS=3000"),
    undo: |stack| stack.web(""),
    expect: |finished| {
        finished.expect(1, &[(FRONTEND, NOT_MET)]);
        finished.blames("slow-pages", "application", None);
    },
};

const FAILING_REQUESTS: Case = Case {
    name: "2 % of the API's answers are a 500",
    settings: &[
        WARM_UP,
        // This takes 998 requests.
        "objective.Error rate.gate=true",
        "objective.Error rate.target=0.3 %",
        "objective.Error rate.acceptable=0.5 %",
        "phase.steady.workload.rate=9/s",
        "phase.steady.duration=30s",
    ],
    at: None,
    met: &[API, FRONTEND, DATABASE],
    make: |stack| stack.api("FAULT_API_ERROR_RATIO=0.02"),
    undo: |stack| stack.api(""),
    expect: |finished| {
        finished.expect(1, &[(ERRORS, &["FAIL"])]);
        finished.blames("errors", "application", None);
    },
};

const THROTTLED_PROXY: Case = Case {
    name: "Nginx with 0.01 cores",
    settings: &[],
    at: WARMING,
    met: &[],
    make: |stack| {
        docker(&["update", "--cpus", "0.01", &stack.container("nginx")]);
    },
    undo: |stack| {
        docker(&["update", "--cpus", "0.5", &stack.container("nginx")]);
    },
    expect: |finished| {
        assert_ne!(finished.exit, 0, "{}", finished.talk);
        finished.blames("cpu-throttled", "proxy", Some("nginx"));
    },
};

const HELD_ROWS: Case = Case {
    name: "all rows of projects locked for 8 s",
    settings: &[],
    at: IN_THE_MIDDLE,
    met: &[],
    // Whoever inserts a task has to share the lock on its project.
    make: |stack| {
        stack.psql_meanwhile(
            "BEGIN; SELECT count(*) FROM (SELECT 1 FROM projects FOR UPDATE) AS held; SELECT pg_sleep(8); COMMIT;",
        );
    },
    undo: |_| (),
    expect: |finished| {
        assert_ne!(finished.exit, 0, "{}", finished.talk);
        finished.blames("lock-waits", "database", None);
    },
};

const NO_INDEX: Case = Case {
    name: "tasks grown to 300,000 rows without indexes",
    settings: &[
        // Few enough that the scans do not fill a slow machine, the generator's core with it.
        "phase.warm-up.workload.rate=2/s",
        "phase.steady.workload.rate=2/s",
        // Scans are far over the one on any machine, and what they do to the generator's lateness is far below a tenth of the other.
        "objective.Database query time.target=20ms",
        "objective.API response time.target=1s",
        "objective.API response time.acceptable=5s",
    ],
    at: None,
    met: &[],
    make: |stack| {
        let drop = "DO $$ DECLARE made text; BEGIN FOR made IN SELECT conname || '_index' FROM pg_constraint WHERE contype = 'f' \
                    LOOP EXECUTE format('DROP INDEX %I', made); END LOOP; END $$";
        let grow = "CREATE TABLE grown AS SELECT (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid()))).* \
                    FROM tasks t, generate_series(1, 5)";
        let ended = [
            "-c",
            drop,
            "-c",
            grow,
            "-c",
            "INSERT INTO tasks SELECT * FROM grown",
            "-c",
            "ANALYZE tasks",
        ];
        stack.psql(&ended);
    },
    undo: |stack| {
        let shrink = "DELETE FROM tasks USING grown WHERE tasks.id = grown.id";
        let files = ["--file=/seed/indexes.sql", "-c", "VACUUM (FULL, ANALYZE) tasks"];
        stack.psql(&[&["-c", shrink, "-c", "DROP TABLE grown"], &files[..]].concat());
    },
    expect: |finished| {
        finished.expect(1, &[(DATABASE, NOT_MET)]);
        finished.blames("slow-statement", "database", None);
        let suspect = &finished.report()["attribution"]["suspects"][0];
        let clause = suspect["clause"].as_str().unwrap();
        assert!(
            clause.contains("statements") && clause.contains("that read all") && clause.contains("rows of tasks"),
            "{suspect}"
        );
        assert!(
            suspect["advice"].as_str().unwrap().contains("CREATE INDEX ON tasks"),
            "{suspect}"
        );
    },
};

const NO_MEMORY: Case = Case {
    name: "the API's memory limit is what it uses",
    settings: &[],
    at: IN_THE_MIDDLE,
    met: &[],
    make: |stack| limit_memory_to_what_is_used(&stack.container("api")),
    undo: |stack| {
        let api = stack.container("api");
        docker(&["update", "--memory", "1g", "--memory-swap", "1g", &api]);
        docker(&["start", &api]);
        let answers = "until wget -q --spider http://127.0.0.1:4000/api/health; do sleep 0.2; done";
        docker(&["exec", &api, "timeout", "60", "sh", "-c", answers]);
        // It may have another address now.
        docker(&["exec", &stack.container("nginx"), "nginx", "-s", "reload"]);
    },
    expect: |finished| {
        assert_ne!(finished.exit, 0, "{}", finished.talk);
        finished.blames("memory", "application", Some("api"));
    },
};

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

/// All that one stack can stand in turn.
const TABLE: &[&Case] = &[
    &SLOWER_API,
    &SLOW_API,
    &SLOW_STATEMENTS,
    &SLOW_PAGES,
    &FAILING_REQUESTS,
    &THROTTLED_PROXY,
    &HELD_ROWS,
    &NO_INDEX,
    &NO_MEMORY,
];

/// Makes each on one stack of its own.
fn hold(settings: &[&str], cases: &[&Case]) {
    let _alone = alone();
    let stack = Stack::up(settings);
    hold_on(&stack, cases);
    stack.down();
}

/// Makes each on that stack.
fn hold_on(stack: &Stack, cases: &[&Case]) {
    for case in cases {
        let finished = stack.judge(case);
        for objective in case.met {
            assert_eq!(finished.word(objective), "PASS", "{objective}: {}", finished.talk);
        }
        (case.expect)(&finished);
    }
}

/// Both on one stack, since the reference stack is the slowest to come up.
#[test]
fn a_real_fault_is_missed_and_its_cause_named_and_every_example_does_what_it_says() {
    let _alone = alone();
    let stack = Stack::up(&[]);
    hold_on(&stack, &[&SLOW_STATEMENTS]);
    examples::walk_all(stack.front_door());
    stack.down();
}

#[test]
#[ignore = "every fault in turn takes minutes: ci/faults"]
fn every_fault_is_missed_and_its_cause_named() {
    hold(&[], TABLE);
}

#[test]
#[ignore = "a stack for one more fault: ci/faults"]
fn a_pool_of_one_connection_is_blamed() {
    // Statements of 40 ms are within their own objective; queueing for the only connection is not within the API's. At this
    // rate the queue grows slowly for as long as the run lasts, so its end finds users idle and the level still rising.
    let case = Case {
        name: "a pool of one connection, reads of 40 ms",
        settings: &[
            "users.count=200",
            "phase.warm-up.workload.rate=4/s",
            "phase.steady.workload.rate=8/s",
        ],
        at: None,
        met: &[],
        make: |stack| stack.api("FAULT_SQL_LATENCY_MS=40"),
        undo: |stack| stack.api(""),
        expect: |finished| {
            finished.expect(1, &[(API, NOT_MET)]);
            finished.blames("connection-pool", "application", None);
        },
    };
    hold(&["stack.env.DATABASE_POOL_SIZE=1"], &[&case]);
}
