use super::*;
use crate::error::Hint;
use crate::slo::Samples;
use crate::words::en::{amount, judged};

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
    lay_out(&scenario, &journeys, &names, 1, logged_in)
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
