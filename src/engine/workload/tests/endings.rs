//! Ends of users after the load.

use super::*;

/// A run of 100 arrivals within a second, each of which creates something.
fn creating(answers_after: u64) -> Run {
    let mut run = Run::new(
        20,
        answers_after,
        1_000,
        "executor = 'constant-arrival-rate'\nrate = '100/s'",
    );
    let step = one_step("a");
    run.journeys = vec![(
        "a",
        format!("{step}cleanup = {{ path = '/gone/{{{{user}}}}-{{{{iteration}}}}' }}\n"),
    )];
    run
}

/// Paths of removals, each once, and the number of all of them.
fn removed(applied: &Applied) -> (usize, usize) {
    let mut gone: Vec<&str> = applied
        .paths()
        .into_iter()
        .filter(|path| path.starts_with("/gone/"))
        .collect();
    let all = gone.len();
    gone.sort_unstable();
    gone.dedup();
    (gone.len(), all)
}

#[test]
fn what_a_run_creates_is_removed_after_the_load_and_counts_apart() {
    let applied = creating(10).apply();
    assert_eq!(removed(&applied), (100, 100));
    let first = applied
        .seen
        .iter()
        .find(|seen| seen.path.starts_with("/gone/"))
        .unwrap();
    assert_eq!(first.at, millis(1_000), "not before the last answer");
    // Eight users at a time: no more than eight answers in 10 ms.
    assert!(applied.ended >= millis(1_000 + 100 / 8 * 10), "{:?}", applied.ended);
    let totals = applied.totals.last().unwrap();
    assert_eq!(
        (totals.phase.as_str(), totals.planned, totals.completed),
        ("tear-down", 100, 100)
    );
    let apart = applied
        .recording
        .series
        .iter()
        .filter(|record| record.key.phase == "tear-down");
    for record in apart {
        assert!(!record.judged && record.key.series == "a.s.cleanup");
    }
}

#[test]
fn an_interrupted_run_removes_what_it_has_created() {
    // Stopped while three requests are under way, whose users are not lost.
    let applied = creating(25).then(505, Event::Stop).apply();
    let completed = usize::try_from(applied.totals[0].completed).unwrap();
    assert!(
        completed > 40 && applied.totals[0].interrupted > 0,
        "{:?}",
        applied.totals
    );
    assert_eq!(removed(&applied), (completed, completed));
}

#[test]
fn an_end_that_takes_too_long_is_cut_off_and_what_is_left_is_counted() {
    // 20 users have 5 things each on average, eight users at a time, a second for each: 5 s are not enough for 100.
    let mut run = creating(1_000);
    run.users = 100;
    let applied = run.apply();
    let totals = applied.totals.last().unwrap();
    assert_eq!((totals.phase.as_str(), totals.planned), ("tear-down", 100));
    // Eight a second; those under way at the end count as left.
    assert_eq!((totals.started, totals.completed, totals.dropped), (32, 32, 68));
    assert_eq!(outcomes(&applied.recording, Outcome::Interrupted), 8);
}

#[test]
fn a_run_that_leaves_nothing_has_no_tear_down() {
    let applied = Run::new(20, 10, 1_000, "executor = 'constant-arrival-rate'\nrate = '100/s'").apply();
    assert_eq!(applied.totals.len(), 1);
}
