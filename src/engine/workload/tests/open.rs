//! Arrivals: each begins when it is due, whatever the server does.

use super::*;

const FIFTY: &str = "executor = 'constant-arrival-rate'\nrate = '50/s'";
const HUNDRED: &str = "executor = 'constant-arrival-rate'\nrate = '100/s'";

#[test]
fn every_arrival_begins_exactly_when_it_is_due() {
    let applied = Run::new(50, 250, 2_000, FIFTY).apply();
    let due: Vec<Duration> = (0..100).map(|number| millis(20 * number)).collect();
    assert_eq!(applied.times(), due);
    let totals = &applied.totals[0];
    assert_eq!((totals.planned, totals.completed, totals.dropped), (100, 100, 0));
    let timings = &applied.recording.series[0].timings;
    assert_eq!(timings.of(Timing::SendLag).max(), 0);
    for timing in [Timing::Response, Timing::Service, Timing::FirstByte] {
        let (low, high) = (timings.of(timing).min(), timings.of(timing).max());
        // What a histogram of three digits makes of it.
        assert!(low <= 250_000 && 250_000 <= high && high - low < 250, "{low}..{high}");
    }
}

#[test]
fn arrivals_by_chance_and_along_stages_are_those_of_the_schedule() {
    for text in [
        "executor = 'constant-arrival-rate'\nrate = '80/s'\nspacing = 'poisson'",
        "executor = 'ramping-arrival-rate'\nfrom = '5/s'\nstages = [{ to = '90/s', over = '2s' }, { to = '10/s', over = '1s' }]",
        "executor = 'stepped-arrival-rate'\nfrom = '10/s'\nto = '60/s'\nsteps = 3",
    ] {
        let due: Vec<Duration> = workload(text).arrivals(millis(3_000), 1).collect();
        assert!(due.len() > 50, "{text}");
        assert_eq!(Run::new(100, 30, 3_000, text).apply().times(), due, "{text}");
    }
}

#[test]
fn an_arrival_that_finds_no_user_idle_is_dropped() {
    // One user that is busy for 35 ms of every 40: three of four arrivals, 10 ms apart, find nobody.
    let applied = Run::new(1, 35, 1_000, HUNDRED).apply();
    let served: Vec<Duration> = (0..25).map(|number| millis(40 * number)).collect();
    assert_eq!(applied.times(), served);
    let totals = &applied.totals[0];
    assert_eq!((totals.planned, totals.started, totals.dropped), (100, 25, 75));
}

#[test]
fn arrivals_that_fell_due_in_a_stall_are_sent_at_once_and_their_lag_is_told() {
    let stalled = Run::new(50, 5, 1_000, HUNDRED).then(207, Event::Stall(millis(100)));
    let applied = stalled.apply();
    let due = (0..100).map(|number| millis(10 * number));
    // Those of 210 to 300 ms.
    let sent = due.map(|due| {
        if (millis(207)..millis(307)).contains(&due) {
            millis(307)
        } else {
            due
        }
    });
    assert_eq!(applied.times(), sent.collect::<Vec<_>>());
    assert_eq!(applied.totals[0].completed, 100);
    let timings = &applied.recording.series[0].timings;
    assert_eq!(timings.of(Timing::SendLag).count_between(1, u64::MAX), 10);
    // The first of them waited longest: from 210 to 307 ms, and its answer took 5 ms more.
    for (timing, most) in [(Timing::SendLag, 97_000), (Timing::Response, 102_000)] {
        assert!(
            timings.of(timing).equivalent(timings.of(timing).max(), most),
            "{timing:?}"
        );
    }
    assert!(timings.of(Timing::Service).max() < 5_010);
}

#[test]
fn a_stop_ends_everything_at_its_instant_and_the_rest_of_the_plan_is_dropped() {
    let applied = Run::new(100, NEVER, 1_000, HUNDRED).then(505, Event::Stop).apply();
    assert_eq!(applied.ended, millis(505));
    let totals = &applied.totals[0];
    assert_eq!((totals.planned, totals.started, totals.dropped), (100, 51, 49));
    assert_eq!((totals.completed, totals.interrupted), (0, 51));
    assert_eq!(outcomes(&applied.recording, Outcome::Interrupted), 51);
}

#[test]
fn enough_begins_nothing_more_and_lets_what_is_under_way_finish() {
    let applied = Run::new(100, 200, 60_000, HUNDRED).then(505, Event::Enough).apply();
    assert_eq!(applied.ended, millis(500 + 200));
    let totals = &applied.totals[0];
    assert_eq!((totals.planned, totals.started, totals.dropped), (51, 51, 0));
    assert_eq!((totals.completed, totals.interrupted), (51, 0));
}

#[test]
fn iterations_under_way_at_the_end_may_finish_within_the_grace() {
    let mut run = Run::new(100, 305, 1_000, HUNDRED);
    run.grace = 5_000;
    let applied = run.apply();
    assert_eq!(applied.ended, millis(990 + 305));
    assert_eq!((applied.totals[0].completed, applied.totals[0].interrupted), (100, 0));
}

#[test]
fn what_outlasts_the_grace_is_interrupted_and_counted() {
    let mut run = Run::new(100, 305, 1_000, HUNDRED);
    run.grace = 100;
    let applied = run.apply();
    // 100 ms after the last arrival; those after 785 ms have no answer yet.
    assert_eq!(applied.ended, millis(990 + 100));
    let totals = &applied.totals[0];
    assert_eq!((totals.completed, totals.interrupted), (79, 21));
    assert_eq!(outcomes(&applied.recording, Outcome::Interrupted), 21);
}

#[test]
fn a_stop_ends_the_grace_as_well() {
    let applied = Run::new(100, NEVER, 1_000, HUNDRED).then(1_500, Event::Stop).apply();
    assert_eq!(applied.ended, millis(1_500));
    let totals = &applied.totals[0];
    assert_eq!((totals.started, totals.dropped, totals.interrupted), (100, 0, 100));
}

#[test]
fn the_mix_follows_its_weights_and_its_seed() {
    let paths = |seed| {
        let run = Run::new(10, 5, 20_000, HUNDRED).mixed(3.0, 1.0, seed);
        let paths = run.apply();
        paths.paths().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let first = paths(1);
    assert_eq!(first.len(), 2_000);
    let b = first.iter().filter(|path| *path == "/b").count() as f64;
    // Within five standard deviations of a binomial with p = 1/4.
    assert!((b - 500.0).abs() < 5.0 * (2_000.0_f64 * 3.0 / 16.0).sqrt(), "{b}");
    assert_eq!(first, paths(1));
    assert_ne!(first, paths(2));
}

/// A journey of a step, a pause and another step.
fn thinking(think: &str) -> Vec<(&'static str, String)> {
    let text = format!(
        "{}[[step]]\nname = 't'\npath = '/t'\nthink = '{think}'\n",
        one_step("s")
    );
    vec![("a", text)]
}

/// Think time of the user in each iteration, one every 500 ms; requests take 20 ms.
fn thoughts(think: &str) -> Vec<Duration> {
    let mut run = Run::new(20, 20, 10_000, "executor = 'constant-arrival-rate'\nrate = '2/s'");
    run.journeys = thinking(think);
    let applied = run.apply();
    assert_eq!(applied.totals[0].completed, 20);
    let times = applied.by_connection();
    let series = applied.recording.series.iter();
    for record in series {
        assert_eq!(record.timings.of(Timing::SendLag).max(), 0, "thinking is no lag");
    }
    // Each user's requests come in turn: the first step, the second.
    let pairs = times.values().flat_map(|times| times.chunks(2));
    pairs.map(|pair| pair[1].saturating_sub(pair[0] + millis(20))).collect()
}

#[test]
fn think_times_are_kept_to_the_instant() {
    assert_eq!(thoughts("40ms"), [millis(40); 20]);
    let drawn = thoughts("100ms..150ms");
    assert!(
        drawn
            .iter()
            .all(|thought| (millis(100)..=millis(150)).contains(thought))
    );
    assert!(drawn.iter().min().unwrap() < &millis(115) && drawn.iter().max().unwrap() > &millis(135));
    assert_eq!(drawn, thoughts("100ms..150ms"), "the same users, the same thoughts");
}

#[test]
fn a_step_s_time_out_ends_it_at_its_instant() {
    let mut run = Run::new(20, 80, 1_000, "executor = 'constant-arrival-rate'\nrate = '10/s'");
    let text = one_step("a");
    run.journeys = vec![("a", format!("{text}timeout = '50ms'\n"))];
    let applied = run.apply();
    assert_eq!(applied.ended, millis(950));
    assert_eq!(outcomes(&applied.recording, Outcome::TimedOut), 10);
}

#[test]
fn users_log_in_one_by_one_and_go_on_with_their_sessions() {
    let mut run = Run::new(5, 30, 500, "executor = 'constant-arrival-rate'\nrate = '10/s'");
    run.phases[0].task = Task::LogIn;
    run.phases.push(phase(500, 1_000, HUNDRED));
    run.journeys = vec![
        ("log-in", one_step("log-in")),
        ("a", format!("session = 'log-in'\n{}", one_step("a"))),
    ];
    let applied = run.apply();
    let first: Vec<Duration> = applied.by_connection().values().map(|times| times[0]).collect();
    assert_eq!(first, [0, 100, 200, 300, 400].map(millis));
    let log_ins = applied.paths().iter().filter(|path| **path == "/log-in").count();
    assert_eq!((log_ins, applied.seen.len()), (5, 5 + 100));
}

#[test]
fn the_load_ends_with_the_log_in_phase_if_nobody_could_log_in() {
    let mut run = Run::new(5, 30, 500, "executor = 'constant-arrival-rate'\nrate = '10/s'");
    run.phases[0].task = Task::LogIn;
    run.phases.push(phase(600, 1_000, HUNDRED));
    // The server answers `{}`, in which there is no token.
    let log_in = format!("{}\nextract = {{ token = '$.token' }}\n", one_step("log-in"));
    run.journeys = vec![
        ("log-in", log_in),
        ("a", format!("session = 'log-in'\n{}", one_step("a"))),
    ];
    let applied = run.apply();
    assert_eq!(applied.seen.len(), 5, "nothing but the log-ins: {:?}", applied.paths());
}

#[test]
fn users_in_the_middle_of_an_iteration_are_counted_each_second() {
    // Counted every second from 300 ms before zero: at 700, 1,700, 2,700 and 3,700 ms. Arrivals every 250 ms take 1,100 ms each.
    let applied = Run::new(20, 1_100, 3_000, "executor = 'constant-arrival-rate'\nrate = '4/s'").apply();
    assert_eq!(applied.recording.busy, [(0, 3), (1, 4), (2, 4), (3, 1)]);
}
