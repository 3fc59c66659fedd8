use std::time::Duration;

use super::*;
use crate::error::Hint;
use crate::evidence::{LoadModel, LoadPlan};
use crate::record::Window;
use crate::slo::Samples;
use crate::words::en::{amount, judged};
use crate::workload::Crowd;

fn gate(overrides: &[(&str, &str)]) -> Plan {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/gate.toml");
    let overrides = overrides
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let options = PlanOptions {
        overrides: overrides.collect(),
        ..PlanOptions::default()
    };
    Plan::load(&path, options).unwrap()
}

fn windows(plan: &Plan) -> Vec<(&str, u64, u64, u64)> {
    let phases = plan.summary.load.phases.iter();
    phases
        .map(|phase| {
            let window = phase.window;
            (
                phase.name.as_str(),
                window.start.as_secs(),
                window.end.as_secs(),
                phase.arrivals,
            )
        })
        .collect()
}

#[test]
fn phases_follow_one_another_after_the_users_have_logged_in() {
    // 100 users, one every 150 ms: 15 s; then 10 s, 45 s and 60 s at 13 arrivals/s.
    assert_eq!(
        windows(&gate(&[])),
        [
            ("log-in", 0, 15, 100),
            ("warm-up", 15, 25, 130),
            ("pages", 25, 70, 585),
            ("steady", 70, 130, 780)
        ]
    );
}

/// The gate scenario with `steady` as the workload of its steady phase, laid out with `logged_in` users already logged in.
fn laid_out(steady: &str, logged_in: u32) -> (Vec<PhaseJob>, LoadPlan) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/gate.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let (head, tail) = text.rsplit_once(STEADY).unwrap();
    let text = format!("{head}{steady}{tail}");
    let scenario: Scenario = toml::from_str(&text).unwrap();
    let names = scenario.journey_names();
    let journeys = Journeys::load(&path.with_file_name("journeys"), &names).unwrap();
    let options = PlanOptions {
        logged_in,
        ..PlanOptions::default()
    };
    lay_out(&scenario, &journeys, &names, 1, &options)
}

const STEADY: &str = "workload = { executor = \"constant-arrival-rate\", rate = \"13/s\" }";

#[test]
fn only_those_who_have_no_session_log_in() {
    let (_, after) = laid_out(STEADY, 70);
    assert_eq!(
        (after.phases[0].arrivals, after.phases[1].window.start.as_millis()),
        (30, 4_500)
    );
    let (_, known) = laid_out(STEADY, 100);
    assert_eq!(known.phases[0].name, "warm-up", "nobody has to log in");
}

#[test]
fn a_closed_phase_has_users_and_no_arrivals() {
    let (jobs, load) = laid_out("workload = { executor = \"constant-users\", users = 40 }", 0);
    let (phase, job) = (&load.phases[3], &jobs[3]);
    assert_eq!(
        (phase.model, phase.users, phase.arrivals),
        (LoadModel::Closed, Some(40), 0)
    );
    assert_eq!(amount(phase), "closed model: 40 users");
    assert_eq!(job.crowd.as_ref().map(Crowd::users), Some(40));
    let listed = load
        .series
        .iter()
        .find(|series| series.name == "projects.list")
        .unwrap();
    assert_eq!(
        (listed.models.as_slice(), listed.expected),
        (&[LoadModel::Closed][..], 0.0)
    );
}

#[test]
fn the_seed_decides_what_is_drawn() {
    let seeds = |seed| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/gate.toml");
        let options = PlanOptions {
            seed: Some(seed),
            ..PlanOptions::default()
        };
        let plan = Plan::load(&path, options).unwrap();
        plan.phases.iter().map(|job| job.seed).collect::<Vec<_>>()
    };
    assert_eq!(seeds(1), seeds(1));
    assert!(seeds(1).iter().zip(seeds(2)).all(|(one, other)| *one != other));
}

#[test]
fn a_phase_that_says_when_it_starts_runs_beside_the_others() {
    let plan = gate(&[("phase.steady.start", "5s")]);
    assert_eq!(windows(&plan)[3], ("steady", 20, 80, 780));
}

#[test]
fn pages_may_have_a_phase_of_their_own() {
    let plan = gate(&[]);
    let seconds = |window: Window| (window.start.as_secs(), window.end.as_secs());
    let load = &plan.summary.load;
    assert_eq!(seconds(load.page_window()), (25, 70));
    assert_eq!(seconds(load.judged_window()), (70, 130));
    let samples = |name: &str| {
        let mut expectations = plan.summary.expectations.iter();
        expectations
            .find(|expected| expected.objective == name)
            .unwrap()
            .samples
    };
    // 45 s / 2.5 s, and a second each of the judged minute.
    assert_eq!((samples("Frontend load time"), samples("Uptime")), (Some(18), Some(60)));
    let words: Vec<&str> = load.phases.iter().map(judged).collect();
    assert_eq!(words, ["not judged", "not judged", "pages judged", "judged"]);
}

#[test]
fn a_phase_for_pages_must_be_there() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/gate.toml");
    let options = PlanOptions {
        overrides: vec![("probes.browser.during".to_owned(), "tea".to_owned())],
        ..PlanOptions::default()
    };
    let error = Plan::load(&path, options).unwrap_err();
    assert!(error.to_string().contains("there is no phase `tea`"), "{error}");
    assert_eq!(error.hint().unwrap(), "use one of warm-up, pages, steady");
}

#[test]
fn the_environment_takes_numbers_as_text() {
    let plan = gate(&[("stack.env.FAULT_API_LATENCY_MS", "40"), ("users.count", "20")]);
    assert_eq!(plan.stack.env["FAULT_API_LATENCY_MS"], "40");
    assert_eq!(plan.users.count, 20);
}

#[test]
fn secrets_among_the_overrides_are_not_kept() {
    let plan = gate(&[("stack.env.JWT_SECRET", "hush"), ("users.count", "20")]);
    let kept: Vec<&str> = plan.summary.overrides.iter().map(|(_, value)| value.as_str()).collect();
    assert_eq!(kept, ["***", "20"]);
    assert_eq!(plan.stack.env["JWT_SECRET"], "hush");
}

#[test]
fn expected_requests_follow_the_mix() {
    // 780 arrivals, of which 5 of 10.5 walk each of the long journeys and 0.5 of 10.5 log in.
    let plan = gate(&[]);
    let expected = |name: &str| {
        let series = plan.summary.load.series.iter().find(|series| series.name == name);
        series.unwrap().expected
    };
    assert!((expected("projects.list") - 780.0 * 5.0 / 10.5).abs() < 1e-9);
    assert!((expected("tasks.comment") - 780.0 * 5.0 / 10.5).abs() < 1e-9);
    assert!((expected("login.login") - 780.0 * 0.5 / 10.5).abs() < 1e-9);
}

#[test]
fn the_limits_of_an_indicator_are_its_objectives_own() {
    let millis = |limits: Vec<Span>| -> Vec<u64> { limits.iter().map(|span| span.as_micros() / 1_000).collect() };
    assert_eq!(millis(gate(&[]).request_limits()), [100, 300]);
    assert_eq!(millis(gate(&[]).limits_of(Samples::Statements)), [50, 150]);
}

/// A scenario with one journey, which has that feeder, and 10 arrivals a second for 10 s.
fn fed(feeder: &str, more: &str, overrides: &[(&str, &str)]) -> Result<Plan, ScenarioError> {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    for name in ["journeys", "stacks"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    let rows: Vec<String> = (0..50).map(|row| format!("name{row}")).collect();
    write("journeys/names.csv", &format!("login\n{}\n", rows.join("\n")));
    write(
        "journeys/j.toml",
        &format!(
            "name = 'j'\ndescription = 'd'\nfeeder = {feeder}\nvariables = {{ tenant = 'a' }}\n[[step]]\nname = 's'\npath = '/{{{{login}}}}/{{{{tenant}}}}'\n"
        ),
    );
    write(
        "stacks/s.toml",
        "name = 's'\ndescription = 'd'\n[attach]\nurl = 'http://127.0.0.1:1'\n",
    );
    let scenario = format!(
        "name = 'n'\ndescription = 'd'\n[stack]\nuse = 's'\n[users]\ncount = 60\n[journeys]\nj = 1\n{more}\n[[phase]]\nname = 'p'\n\
         duration = '10s'\nworkload = {{ executor = 'constant-arrival-rate', rate = '10/s' }}\n"
    );
    write("n.toml", &scenario);
    let overrides = overrides
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let options = PlanOptions {
        overrides: overrides.collect(),
        ..PlanOptions::default()
    };
    Plan::load(&folder.path().join("n.toml"), options)
}

#[test]
fn rows_are_held_against_the_iterations_that_take_them() {
    let plan = fed("'names.csv'", "", &[]).unwrap();
    let uses = &plan.feeders[0];
    assert_eq!((uses.rows, uses.users, uses.taken), (50, 60, Some(100.0)));
    assert!(uses.is_shared() && !uses.is_exhausted());
    let error = fed("{ file = 'names.csv', order = 'unique' }", "", &[]).unwrap_err();
    let told = error.to_string();
    assert!(
        told.ends_with(
            "is exhausted before the end: 50 rows, each of which serves once, for about 100 iterations of j"
        ),
        "{told}"
    );
    let shorter = [("phase.p.duration", "5s")];
    let plan = fed("{ file = 'names.csv', order = 'unique' }", "", &shorter).unwrap();
    assert!(!plan.feeders[0].is_shared());
    let closed = [("phase.p.workload", "{ executor = 'constant-users', users = 5 }")];
    let plan = fed("{ file = 'names.csv', order = 'unique' }", "", &closed).unwrap();
    assert_eq!(plan.feeders[0].taken, None);
}

#[test]
fn a_variable_is_set_in_the_scenario_and_by_the_command_line() {
    let path = |more: &str, overrides: &[(&str, &str)]| -> Result<String, String> {
        let plan = fed("'names.csv'", more, overrides).map_err(|error| format!("{error}; {:?}", error.hint()))?;
        Ok(plan.journeys.get("j").unwrap().paths()[0].0.clone())
    };
    let tenant = "[variables]\ntenant = 'b'";
    assert_eq!(path("", &[]).unwrap(), "/1/a");
    assert_eq!(path(tenant, &[]).unwrap(), "/1/b");
    assert_eq!(path(tenant, &[("variables.tenant", "0042")]).unwrap(), "/1/0042");
    assert_eq!(path("", &[("variables.tenant", "1.50")]).unwrap(), "/1/1.50");
    assert_eq!(
        path("[variables]\ntennant = 'b'", &[]).unwrap_err(),
        "no journey has a variable `tennant`; Some(\"did you mean `tenant`? known here: tenant\")"
    );
    let missing = path("[variables]\ntenant = { env = 'DIAPASON_NOT_SET' }", &[]).unwrap_err();
    assert!(missing.contains("n.toml: variables.tenant"), "{missing}");
}

#[test]
fn shipped_maintenance_is_planned_with_its_events_in_their_phases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/maintenance");
    let mut found = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let plan =
            Plan::load(&path, PlanOptions::default()).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let phase = plan
            .summary
            .load
            .phases
            .iter()
            .find(|phase| phase.name == "event")
            .unwrap();
        assert!(!plan.events.is_empty());
        for event in &plan.events {
            assert!((phase.window.start..phase.window.end).contains(&event.at), "{event:?}");
        }
        found += 1;
    }
    assert!(found >= 8, "{found}");
}

#[test]
fn events_that_cannot_happen_are_refused() {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/maintenance/api-dies.toml"))
            .unwrap();
    for (from, to, problem) in [
        ("phase = \"event\"", "phase = \"lunch\"", "there is no such phase"),
        ("at = \"5s\"", "at = \"40s\"", "which lasts 40s"),
        ("action = \"kill\"", "action = \"restart\"", "`for` has no meaning"),
        (
            "during = \"death of the API\"",
            "during = \"lunch\"",
            "there is no event `lunch`",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("api-dies.toml");
        std::fs::write(&path, text.replace(from, to)).unwrap();
        let error = Plan::load(&path, PlanOptions::default()).unwrap_err();
        assert!(error.to_string().contains(problem), "{error}");
    }
}

#[test]
fn an_event_without_a_place_in_the_plan_is_refused() {
    let path = Path::new("scenarios/restart.toml");
    let event = "name = 'restart'\nphase = 'event'\nat = '5s'\nservice = 'api'\naction = 'restart'\n";
    let event: crate::maintenance::EventSettings = toml::from_str(event).unwrap();
    let place = PlannedEvent {
        settings: event.clone(),
        at: Duration::from_secs(5),
    };
    assert!(
        Checker::new(path)
            .planned(std::slice::from_ref(&event), &[place])
            .is_ok()
    );
    let error = Checker::new(path).planned(&[event], &[]).unwrap_err();
    assert!(
        error.to_string().contains("its phase is no part of this plan"),
        "{error}"
    );
    assert!(error.hint().unwrap().contains("leave `phase` out"));
}
