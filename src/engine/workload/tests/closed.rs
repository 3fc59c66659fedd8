//! Closed phases: presence of users, their next iterations, and their hand-over from phase to phase.

use super::*;

/// From `start` on, one request each time the last is answered, as long as that is before `end`.
fn walked(start: u64, end: u64, answers_after: u64) -> Vec<Duration> {
    let times = (0..).map(|number| start + number * answers_after);
    times.take_while(|time| *time < end).map(millis).collect()
}

#[test]
fn users_begin_at_their_time_and_go_on_until_the_end() {
    let text = "executor = 'constant-users'\nusers = 5\nhatch-every = '100ms'";
    let applied = Run::new(5, 33, 1_000, text).apply();
    let expected = (0..5).map(|number| (number, walked(100 * number as u64, 1_000, 33)));
    assert_eq!(applied.by_connection(), expected.collect());
    let totals = &applied.totals[0];
    // 31 + 28 + 25 + 22 + 19.
    assert_eq!((totals.started, totals.completed, totals.interrupted), (125, 125, 0));
}

#[test]
fn all_begin_at_once_where_nothing_else_is_said() {
    let applied = Run::new(8, 23, 400, "executor = 'constant-users'\nusers = 8").apply();
    let expected = (0..8).map(|number| (number, walked(0, 400, 23)));
    assert_eq!(applied.by_connection(), expected.collect());
}

#[test]
fn users_come_and_go_from_stage_to_stage() {
    let text = "executor = 'ramping-users'\nstages = [{ to = 6, over = '600ms' }, { to = 6, over = '400ms' }, \
                { to = 2, over = '0s' }, { to = 2, over = '500ms' }, { to = 0, over = '100ms' }]";
    let applied = Run::new(6, 1, 1_600, text).apply();
    // Each user that is there has a request of 1 ms under way at every instant.
    for half in 0..3_300 {
        let at = Duration::from_micros(500 * half + 250);
        let expected = match at.as_millis() {
            ramp @ 0..600 => usize::try_from(ramp).unwrap() / 100 + 1,
            600..1_000 => 6,
            // On the way down, from 1,500 on, the last to come is the first to leave, half-way to one user less.
            1_000..1_550 => 2,
            1_550..1_600 => 1,
            _ => 0,
        };
        assert_eq!(applied.busy(at, millis(1)), expected, "{at:?}");
    }
}

#[test]
fn the_mix_follows_its_weights_and_users_do_not_walk_in_step() {
    let run = || Run::new(10, 10, 2_000, "executor = 'constant-users'\nusers = 10").mixed(3.0, 1.0, 1);
    let applied = run().apply();
    let paths = applied.paths();
    assert_eq!(paths.len(), 2_000);
    let b = paths.iter().filter(|path| **path == "/b").count() as f64;
    // Within five standard deviations of a binomial with p = 1/4.
    assert!((b - 500.0).abs() < 5.0 * (2_000.0_f64 * 3.0 / 16.0).sqrt(), "{b}");
    assert!(paths[..10].contains(&"/a") && paths[..10].contains(&"/b"));
    assert_eq!(applied.seen, run().apply().seen);
}

#[test]
fn users_think_between_iterations() {
    let text = "executor = 'constant-users'\nusers = 2\nthink = '100ms..150ms'";
    let applied = Run::new(2, 20, 1_000, text).apply();
    let expected = (0..2).map(|number| (number, walked(0, 1_000, 120)));
    assert_eq!(applied.by_connection(), expected.collect());
}

#[test]
fn paced_iterations_begin_no_sooner_than_their_pacing() {
    let mut run = Run::new(2, 20, 1_000, "executor = 'constant-users'\nusers = 2");
    run.journeys[0].1.insert_str(0, "pacing = '150ms'\n");
    let applied = run.apply();
    let expected = (0..2).map(|number| (number, walked(0, 1_000, 150)));
    assert_eq!(applied.by_connection(), expected.collect());

    let mut slow = Run::new(1, 200, 1_000, "executor = 'constant-users'\nusers = 1");
    slow.journeys[0].1.insert_str(0, "pacing = '150ms'\n");
    assert_eq!(slow.apply().by_connection()[&0], walked(0, 1_000, 200));
}

#[test]
fn iterations_under_way_may_finish_within_the_grace() {
    let applied = Run::new(3, 300, 400, "executor = 'constant-users'\nusers = 3").apply();
    // Each begins one at 0 and one at 300 ms.
    assert_eq!(applied.ended, millis(600));
    let totals = &applied.totals[0];
    assert_eq!((totals.started, totals.completed, totals.interrupted), (6, 6, 0));
}

#[test]
fn what_outlasts_the_grace_is_interrupted_and_counted() {
    let mut run = Run::new(3, NEVER, 300, "executor = 'constant-users'\nusers = 3");
    run.grace = 100;
    let applied = run.apply();
    assert_eq!(applied.ended, millis(300 + 100));
    let totals = &applied.totals[0];
    assert_eq!((totals.started, totals.completed, totals.interrupted), (3, 0, 3));
    assert_eq!(outcomes(&applied.recording, Outcome::Interrupted), 3);
}

#[test]
fn a_run_that_is_stopped_ends_at_once() {
    let run = Run::new(4, NEVER, 60_000, "executor = 'constant-users'\nusers = 4");
    let applied = run.then(300, Event::Stop).apply();
    assert_eq!(applied.ended, millis(300));
    let totals = &applied.totals[0];
    assert_eq!((totals.started, totals.completed, totals.interrupted), (4, 0, 4));
    assert_eq!(outcomes(&applied.recording, Outcome::Interrupted), 4);
}

#[test]
fn enough_lets_what_is_under_way_finish() {
    let run = Run::new(4, 200, 60_000, "executor = 'constant-users'\nusers = 4");
    let applied = run.then(500, Event::Enough).apply();
    assert_eq!(applied.ended, millis(600));
    let totals = &applied.totals[0];
    assert_eq!((totals.started, totals.completed, totals.interrupted), (12, 12, 0));
}

#[test]
fn a_phase_hands_its_users_to_the_next() {
    // All users of the first think for longer than it has left when it ends; a fifth is there for the arrival at the very
    // instant at which the second phase's users are still in the middle of an iteration.
    let mut run = Run::new(5, 7, 300, "executor = 'constant-users'\nusers = 4\nthink = '10s'");
    run.phases
        .push(phase(300, 300, "executor = 'constant-users'\nusers = 4"));
    let open = "executor = 'constant-arrival-rate'\nrate = '50/s'";
    run.phases.push(phase(600, 300, open));
    let applied = run.apply();
    let started: Vec<u64> = applied.totals.iter().map(|totals| totals.started).collect();
    // ⌈300 / 7⌉ = 43 for each of four.
    assert_eq!(started, [4, 4 * 43, 15]);
    assert_eq!(applied.totals[2].dropped, 0);
    // The users keep their connections.
    assert_eq!(applied.by_connection().len(), 5);
}

#[test]
fn phases_beside_one_another_have_users_of_their_own() {
    let mut run = Run::new(5, 7, 600, "executor = 'constant-users'\nusers = 3");
    run.phases.push(PhaseJob {
        name: "other".to_owned(),
        ..phase(0, 600, "executor = 'constant-users'\nusers = 2")
    });
    let applied = run.apply();
    let expected = (0..5).map(|number| (number, walked(0, 600, 7)));
    assert_eq!(applied.by_connection(), expected.collect());
    let completed: Vec<u64> = applied.totals.iter().map(|totals| totals.completed).collect();
    assert_eq!(completed, [3 * 86, 2 * 86]);
}

#[test]
fn places_without_a_user_look_again_until_another_phase_has_one_to_spare() {
    let mut run = Run::new(2, 7, 120, "executor = 'constant-users'\nusers = 2");
    run.phases.push(phase(0, 300, "executor = 'constant-users'\nusers = 2"));
    let applied = run.apply();
    // The first phase's last iterations end at 126 ms; the others look every 10 ms.
    let expected = [walked(0, 120, 7), walked(130, 300, 7)].concat();
    assert_eq!(applied.by_connection(), [(0, expected.clone()), (1, expected)].into());
}

#[test]
fn the_load_ends_where_a_feeder_is_exhausted() {
    let mut rows = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut rows, b"row\n1\n2\n3\n").unwrap();
    for text in [
        "executor = 'constant-users'\nusers = 2",
        "executor = 'constant-arrival-rate'\nrate = '10/s'",
    ] {
        let mut run = Run::new(2, 10, 5_000, text);
        let second = "[[step]]\nname = 't'\npath = '/{{row}}'\n";
        let feeder = format!("feeder = {{ file = '{}', order = 'unique' }}\n", rows.path().display());
        run.journeys[0].1 = [feeder, one_step("a"), second.to_owned()].concat();
        let applied = run.apply();
        let totals = &applied.totals[0];
        assert_eq!(totals.completed, 3, "{text}");
        assert!((1..=2).contains(&totals.failed), "{text}: {totals:?}");
        assert!(applied.ended < millis(1_000), "{text}: {:?}", applied.ended);
        assert_eq!(applied.paths().len(), 6, "{text}");
    }
}
