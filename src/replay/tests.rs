//! From the text of a log to the plan of its replay.

mod steps;

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::*;
use crate::error::Hint;
use crate::evidence::{LeftOutReason, ReplayStarts};
use crate::import::LogOptions;
use crate::scenario::{Plan, PlanOptions, ScenarioError};
use crate::workload::SessionRequest;

const FORMAT: &str = "$remote_addr [$msec] \"$request\" $status $request_time \"$http_user_agent\"";

const SCENARIO: &str = "name = 'shop'\ndescription = 'd'\n[stack]\nuse = 'none'\n[users]\ncount = 2\n[journeys]\nown = 1\n\
    [[phase]]\nname = 'steady'\nduration = '60s'\nworkload = { executor = 'constant-arrival-rate', rate = '1/s' }\n\
    [[objective]]\nname = 'Errors'\nindicator = 'error-rate'\ntarget = '50 %'\nacceptable = '60 %'\ngate = false\n";

/// A line that client `client` caused: it ended at that second and took so long.
fn line(client: u32, ended: f64, took: f64, request: &str, status: u16) -> String {
    format!(
        "10.0.0.{client} [{:.3}] \"{request} HTTP/1.1\" {status} {took:.3} \"Mozilla/5.0\"\n",
        1.7e9 + ended
    )
}

fn options(folder: &Path, log: &str) -> ReplayOptions {
    let file = folder.join("access.log");
    std::fs::write(&file, log).unwrap();
    ReplayOptions {
        log: LogOptions {
            files: vec![file],
            name: String::new(),
            format: FORMAT.to_owned(),
            fields: Vec::new(),
            nginx_conf: None,
            rules: None,
            journeys: PathBuf::new(),
            sample: 1.0,
            session: None,
            client: None,
        },
        starts: ReplayStarts::Sessions,
        speed: 1.0,
        max_rate: None,
        seed: 1,
    }
}

fn scenario(folder: &Path) -> PathBuf {
    std::fs::create_dir_all(folder.join("journeys")).unwrap();
    for (name, step) in [
        ("own", "path = '/own'"),
        ("tasks", "method = 'POST'\npath = '/tasks'\nbody = 'x'"),
    ] {
        let text = format!("name = '{name}'\ndescription = 'd'\n[[step]]\nname = 's'\n{step}\n");
        std::fs::write(folder.join("journeys").join(format!("{name}.toml")), text).unwrap();
    }
    let path = folder.join("shop.toml");
    std::fs::write(&path, SCENARIO).unwrap();
    path
}

/// Two sessions of two requests, one of which is a write, and a bot.
fn log() -> String {
    [
        line(1, 0.25, 0.25, "GET /tasks/1", 200),
        line(2, 0.6, 0.1, "GET /own?page=2", 200),
        line(1, 2.25, 1.0, "GET /tasks/2", 404),
        line(2, 3.0, 0.4, "POST /tasks", 201),
        line(3, 3.5, 0.1, "GET /tasks/3", 200).replace("Mozilla", "Googlebot"),
    ]
    .concat()
}

fn rules(folder: &Path, options: &mut ReplayOptions) {
    let path = folder.join("rules.toml");
    let text = "[[rule]]\npath = '/tasks'\nmethod = 'POST'\njourney = 'tasks'\n";
    std::fs::write(&path, text).unwrap();
    options.log.rules = Some(path);
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn request(journey: u32, at: u64, pause: u64) -> SessionRequest {
    SessionRequest {
        journey,
        at: at * 1_000,
        pause: pause * 1_000,
        beside: false,
    }
}

/// Times of a log in doubles are known to a microsecond.
fn near(one: &SessionRequest, other: &SessionRequest) -> bool {
    one.journey == other.journey && one.at.abs_diff(other.at) <= 1 && one.pause.abs_diff(other.pause) <= 1
}

#[test]
fn sessions_start_as_in_the_log_and_pauses_count_from_the_end_of_a_request() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(folder.path(), &log());
    rules(folder.path(), &mut options);
    for (speed, starts, requests, length) in [
        (
            1.0,
            [0, 500],
            [
                request(0, 0, 0),
                request(0, 1_250, 1_000),
                request(1, 0, 0),
                request(2, 2_100, 2_000),
            ],
            4_000,
        ),
        (
            4.0,
            [0, 125],
            // A quarter of the pauses, after requests that take as long as in the log.
            [
                request(0, 0, 0),
                request(0, 500, 250),
                request(1, 0, 0),
                request(2, 600, 500),
            ],
            2_500,
        ),
    ] {
        options.speed = speed;
        let load = prepare(&scenario(folder.path()), &options).unwrap().load;
        assert!(
            load.starts
                .iter()
                .zip(starts)
                .all(|(start, due)| start.abs_diff(millis(due)) <= millis(1))
        );
        assert_eq!(load.recorded.sessions, [(0, 2), (2, 2)]);
        let pairs = load.recorded.requests.iter().zip(&requests);
        assert!(
            pairs.into_iter().all(|(one, other)| near(one, other)),
            "{:?}",
            load.recorded.requests
        );
        assert!(
            load.recorded.length.abs_diff(millis(length)) <= millis(2),
            "{:?}",
            load.recorded.length
        );
        assert_eq!(load.recorded.journeys, ["tasks-id", "own-2", "tasks"]);
        assert_eq!(load.users_needed, 2);
    }
}

#[test]
fn every_line_is_replayed_mapped_or_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(folder.path(), &log());
    let plan = prepare(&scenario(folder.path()), &options).unwrap().load.plan;
    assert!(plan.is_complete());
    assert_eq!((plan.read, plan.replayed, plan.mapped, plan.omitted()), (5, 3, 0, 2));
    let reasons: Vec<&LeftOutReason> = plan.left_out.iter().map(|left| &left.reason).collect();
    assert_eq!(reasons, [&LeftOutReason::Write("POST".to_owned()), &LeftOutReason::Bot]);
    rules(folder.path(), &mut options);
    let plan = prepare(&scenario(folder.path()), &options).unwrap().load.plan;
    assert!(plan.is_complete());
    assert_eq!(
        (plan.replayed, plan.mapped, plan.omitted(), plan.requests, plan.sessions),
        (3, 1, 1, 4, 2)
    );
    let tasks = &plan.kinds[0];
    assert_eq!(
        (tasks.journey.as_str(), tasks.requests, tasks.planned),
        ("tasks-id", 2, 2)
    );
    assert_eq!(tasks.statuses, [(200, 1), (404, 1)]);
    assert_eq!(tasks.durations, [(250_000, 1), (1_000_000, 1)]);
    assert!((plan.recorded_seconds - 2.6).abs() < 1e-3, "{}", plan.recorded_seconds);
}

#[test]
fn in_the_open_each_line_keeps_its_own_time() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(folder.path(), &log());
    rules(folder.path(), &mut options);
    options.starts = ReplayStarts::Lines;
    options.speed = 2.0;
    let load = prepare(&scenario(folder.path()), &options).unwrap().load;
    assert_eq!(load.recorded.sessions.len(), 4);
    let starts = [0, 250, 625, 1_300].map(millis);
    assert!(
        load.starts
            .iter()
            .zip(starts)
            .all(|(start, due)| start.abs_diff(due) < millis(1)),
        "{:?}",
        load.starts
    );
    let kinds: Vec<u32> = (0..4).map(|number| load.recorded.session(number)[0].journey).collect();
    assert_eq!(kinds, [0, 1, 0, 2]);
}

#[test]
fn a_fitted_process_has_the_rate_of_each_minute_and_draws_whole_sessions() {
    let folder = tempfile::tempdir().unwrap();
    // 600 sessions in the first minute, 60 in each of the next five; each asks for two things.
    let starts = (0..600)
        .map(|number| f64::from(number) / 10.0)
        .chain((0..300).map(|number| 60.0 + f64::from(number)));
    let mut text = String::new();
    for (number, start) in starts.enumerate() {
        let client = format!("10.{}.{}.9", number / 200, number % 200);
        for (path, after) in [("/a", 0.1), ("/b", 0.5)] {
            text.push_str(&line(0, start + after, 0.1, &format!("GET {path}"), 200).replace("10.0.0.0", &client));
        }
    }
    let mut options = options(folder.path(), &text);
    options.starts = ReplayStarts::Fitted;
    options.speed = 2.0;
    let scenario = scenario(folder.path());
    let load = prepare(&scenario, &options).unwrap().load;
    let first = load.starts.iter().filter(|start| **start < millis(30_000)).count() as f64;
    let others = load.starts.len() as f64 - first;
    // Within four deviations of Poisson counts.
    assert!((first - 600.0).abs() < 4.0 * 600_f64.sqrt(), "{first}");
    assert!((others - 300.0).abs() < 4.0 * 300_f64.sqrt(), "{others}");
    assert!(
        load.recorded
            .sessions
            .iter()
            .all(|(first, count)| first % 2 == 0 && *count == 2)
    );
    assert_eq!(load.plan.requests, 2 * load.starts.len() as u64);
    assert_eq!(load.plan.arrivals.as_ref().unwrap().counts, [600, 60, 60, 60, 60]);
    let again = prepare(&scenario, &options).unwrap().load;
    assert_eq!(again.starts, load.starts);
    options.seed = 2;
    assert_ne!(prepare(&scenario, &options).unwrap().load.starts, load.starts);
}

#[test]
fn a_log_that_is_too_fast_is_refused_with_a_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let text: String = (0..100)
        .map(|number| line(1, f64::from(number) / 20.0, 0.001, "GET /a", 200))
        .collect();
    let mut options = options(folder.path(), &text);
    options.max_rate = Some("25/s".parse().unwrap());
    let scenario = scenario(folder.path());
    assert!(prepare(&scenario, &options).is_ok());
    options.speed = 2.0;
    let error = prepare(&scenario, &options).unwrap_err();
    assert_eq!(
        error.to_string(),
        "at speed 2 the log has up to 40 requests per second, and at most 25/s are allowed"
    );
    assert_eq!(
        error.hint().unwrap(),
        "replay it at `--speed 1.25` or so, a part of its sessions with `--sample \"62 %\"`, or raise `--max-rate`"
    );
    for speed in [0.0, -1.0, f64::NAN, 1e9] {
        options.speed = speed;
        assert!(matches!(prepare(&scenario, &options), Err(ReplayError::Speed(_))));
    }
}

#[test]
fn a_plan_has_the_log_in_place_of_its_phases() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(folder.path(), &log());
    rules(folder.path(), &mut options);
    let scenario = scenario(folder.path());
    let plan = |options: &ReplayOptions, users: u32| {
        let replay = prepare(&scenario, options).unwrap().load;
        Plan::load(
            &scenario,
            PlanOptions {
                replay: Some(replay.into()),
                target: Some("http://127.0.0.1:1".to_owned()),
                overrides: vec![("users.count".to_owned(), users.to_string())],
                ..PlanOptions::default()
            },
        )
    };
    let planned = plan(&options, 2).unwrap();
    let load = &planned.summary.load;
    assert_eq!(planned.summary.scenario, "shop-replay");
    let phases: Vec<(&str, u64, bool)> = load
        .phases
        .iter()
        .map(|phase| (phase.name.as_str(), phase.arrivals, phase.judged))
        .collect();
    assert_eq!(phases, [("replay", 2, true)]);
    let series: Vec<(&str, f64)> = load
        .series
        .iter()
        .map(|series| (series.name.as_str(), series.expected))
        .collect();
    assert_eq!(series, [("own-2.get", 1.0), ("tasks.s", 1.0), ("tasks-id.get", 2.0)]);
    let kinds: Vec<&str> = load
        .replay
        .as_ref()
        .unwrap()
        .kinds
        .iter()
        .map(|kind| kind.series.as_str())
        .collect();
    assert_eq!(kinds, ["tasks-id.get", "own-2.get", "tasks.s"]);
    assert_eq!(planned.phases[0].arrivals.clone().count(), 2);
    let error = plan(&options, 1).unwrap_err();
    assert!(matches!(error, ScenarioError::Invalid { .. }), "{error}");
    assert!(
        error.hint().unwrap().contains("--set users.count=3"),
        "{:?}",
        error.hint()
    );
}

#[test]
fn requests_that_overlap_start_beside_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let log = [
        line(1, 0.5, 0.5, "GET /a", 200),
        line(1, 0.4, 0.3, "GET /b", 200),
        line(1, 0.45, 0.1, "GET /a", 200),
        line(1, 1.2, 0.2, "GET /b", 200),
    ];
    let load = prepare(&scenario(folder.path()), &options(folder.path(), &log.concat()))
        .unwrap()
        .load;
    let requests = &load.recorded.requests;
    let beside: Vec<bool> = requests.iter().map(|leg| leg.beside).collect();
    assert_eq!(beside, [false, true, true, false]);
    // The pause counts from the end of all of them.
    assert!(requests[3].pause.abs_diff(500_000) <= 1, "{requests:?}");
    assert_eq!(load.plan.overlapping, 2);
    assert!(load.recorded.overlap());
}

#[test]
fn the_digest_names_lines_and_selection() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = scenario(folder.path());
    let digest = |log: &str, sample: f64| {
        let mut options = options(folder.path(), log);
        options.log.sample = sample;
        prepare(&scenario, &options).unwrap().load.plan.digest
    };
    let own = digest(&log(), 1.0);
    assert_eq!(own.len(), 32);
    assert_eq!(own, digest(&log(), 1.0));
    assert_ne!(own, digest(&log(), 0.999));
    assert_ne!(own, digest(&log().replace("/tasks/2", "/tasks/3"), 1.0));
}

/// The log, the rules and the scenario that the repository has for the reference stack.
#[test]
fn the_log_of_the_reference_stack_replaces_the_load_of_its_scenario() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(folder.path(), "");
    options.log.files = vec![root.join("scenarios/replay/access.log.gz")];
    options.log.format = "auto".to_owned();
    options.log.nginx_conf = Some(root.join("stack/nginx/nginx.conf"));
    options.log.rules = Some(root.join("scenarios/replay/reference.toml"));
    let scenario = root.join("scenarios/replay/sample.toml");
    let replay = prepare(&scenario, &options).unwrap().load;
    let facts = &replay.plan;
    assert!(facts.is_complete() && facts.mapped > 9 * facts.read / 10, "{facts:?}");
    let planned = Plan::load(
        &scenario,
        PlanOptions {
            replay: Some(replay.into()),
            ..PlanOptions::default()
        },
    );
    let load = planned.unwrap_or_else(|error| panic!("{error}")).summary.load;
    let tagged = |name: &str| {
        let series = load.series.iter().find(|series| series.name == name);
        series.is_some_and(|series| series.tags.contains(&"api".to_owned()) && series.expected > 100.0)
    };
    assert!(tagged("tasks.list") && tagged("tasks.create"), "{:?}", load.series);
}
