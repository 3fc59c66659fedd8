//! Recorded sessions: each begins at its instant, and goes on when its pauses after the answers are over.

use super::*;

/// Sessions of (start, requests), each request of (journey, start in the record after that of the session, pause), in milliseconds.
type Sessions<'a> = &'a [(u64, &'a [(u32, u64, u64)])];

fn walked(users: u32, answers_after: u64, length: u64, sessions: Sessions<'_>) -> Run {
    let mut recorded = RecordedSessions {
        journeys: vec!["a".to_owned(), "b".to_owned()],
        length: millis(length),
        ..RecordedSessions::default()
    };
    for (_, requests) in sessions {
        let first = u32::try_from(recorded.requests.len()).unwrap();
        recorded.sessions.push((first, u32::try_from(requests.len()).unwrap()));
        recorded
            .requests
            .extend(requests.iter().map(|(journey, at, pause)| SessionRequest {
                journey: *journey,
                at: at * 1_000,
                pause: pause * 1_000,
                beside: *at > 0 && *pause == 0,
            }));
    }
    let mut run = Run::new(
        users,
        answers_after,
        length,
        "executor = 'constant-arrival-rate'\nrate = '1/s'",
    );
    run.phases[0].arrivals = Arrivals::at(sessions.iter().map(|(start, _)| millis(*start)).collect());
    run.phases[0].task = Task::Walk(Arc::new(recorded));
    run
}

fn requests(applied: &Applied) -> Vec<(u64, &str)> {
    let at = |seen: &Seen| u64::try_from(seen.at.as_millis()).unwrap();
    applied.seen.iter().map(|seen| (at(seen), seen.path.as_str())).collect()
}

#[test]
fn sessions_begin_at_their_instants_and_later_requests_follow_answers_by_their_pauses() {
    // In the record answers took 50 ms, here they take 250.
    let applied = walked(
        5,
        250,
        2_000,
        &[
            (0, &[(0, 0, 0), (1, 150, 100), (0, 300, 100)]),
            (40, &[(1, 0, 0), (1, 60, 10)]),
            (40, &[(0, 0, 0)]),
        ],
    )
    .apply();
    assert_eq!(
        requests(&applied),
        [(0, "/a"), (40, "/b"), (40, "/a"), (300, "/b"), (350, "/b"), (700, "/a")]
    );
    // A user keeps its connection.
    let by_connection = applied.by_connection();
    assert_eq!(by_connection[&0], [0, 350, 700].map(millis));
    let totals = &applied.totals[0];
    assert_eq!((totals.planned, totals.started, totals.completed), (3, 3, 3));
    let told = totals.walked.clone().unwrap();
    assert_eq!((told.requests, told.begun, told.kept, told.later), (6, 6, 3, 3));
    // Shifts of 200, 200 and 400 ms.
    assert_eq!((told.shift_p50 / 1_000, told.shift_max), (200, 400_000));
    for record in &applied.recording.series {
        assert_eq!(record.timings.of(Timing::SendLag).max(), 0);
    }
}

#[test]
fn a_stall_of_the_generator_is_lag_and_no_shift() {
    let applied = walked(5, 50, 1_000, &[(0, &[(0, 0, 0)]), (110, &[(0, 0, 0), (0, 150, 100)])])
        .then(100, Event::Stall(millis(60)))
        .apply();
    assert_eq!(requests(&applied), [(0, "/a"), (160, "/a"), (310, "/a")]);
    let timings = &applied.recording.series[0].timings;
    assert!(
        timings
            .of(Timing::SendLag)
            .equivalent(timings.of(Timing::SendLag).max(), 50_000)
    );
    assert_eq!(timings.of(Timing::SendLag).count_between(1, u64::MAX), 1);
}

#[test]
fn a_faster_system_shifts_requests_to_the_front() {
    let applied = walked(1, 10, 1_000, &[(0, &[(0, 0, 0), (0, 300, 100)])]).apply();
    assert_eq!(requests(&applied), [(0, "/a"), (110, "/a")]);
    let told = applied.totals[0].walked.clone().unwrap();
    assert_eq!((told.shift_p50 / 1_000, told.shift_max), (-190, -190_000));
}

#[test]
fn a_session_without_an_idle_user_is_dropped_whole() {
    let applied = walked(
        1,
        100,
        1_000,
        &[(0, &[(0, 0, 0), (0, 150, 50)]), (20, &[(1, 0, 0), (1, 150, 50)])],
    )
    .apply();
    assert_eq!(requests(&applied), [(0, "/a"), (150, "/a")]);
    let totals = &applied.totals[0];
    assert_eq!((totals.planned, totals.started, totals.dropped), (2, 1, 1));
    let told = totals.walked.clone().unwrap();
    assert_eq!((told.requests, told.begun, told.kept), (4, 2, 1));
}

#[test]
fn sessions_go_on_after_the_last_start_until_the_grace_after_the_phase_is_over() {
    // The second request is due after the last start, the third after the grace period of 100 ms.
    let mut run = walked(1, 100, 1_000, &[(0, &[(0, 0, 0), (0, 900, 800), (0, 2_000, 1_000)])]);
    run.grace = 100;
    let applied = run.apply();
    assert_eq!(requests(&applied), [(0, "/a"), (900, "/a")]);
    assert_eq!(applied.ended, millis(1_100));
    let totals = &applied.totals[0];
    assert_eq!((totals.started, totals.interrupted), (1, 1));
    let told = totals.walked.clone().unwrap();
    assert_eq!((told.requests, told.begun, told.kept), (3, 2, 0));
}

#[test]
fn enough_ends_pauses_and_lets_answers_come() {
    let applied = walked(
        2,
        100,
        5_000,
        &[
            (0, &[(0, 0, 0), (0, 600, 500)]),
            (350, &[(1, 0, 0), (1, 600, 500)]),
            (800, &[(0, 0, 0)]),
        ],
    )
    .then(400, Event::Enough)
    .apply();
    assert_eq!(requests(&applied), [(0, "/a"), (350, "/b")]);
    assert_eq!(applied.ended, millis(450));
    let totals = &applied.totals[0];
    assert_eq!((totals.planned, totals.started, totals.interrupted), (2, 2, 2));
    assert_eq!(outcomes(&applied.recording, Outcome::Success), 2);
}

#[test]
fn requests_that_overlapped_overlap_again_at_their_distances() {
    // In the record a page asks for three things at 0, 30 and 60 ms, and for another one 100 ms after the last answer.
    let applied = walked(
        1,
        200,
        3_000,
        &[
            (0, &[(0, 0, 0), (1, 30, 0), (0, 60, 0), (1, 500, 100)]),
            (900, &[(1, 0, 0)]),
        ],
    )
    .apply();
    assert_eq!(
        requests(&applied),
        [(0, "/a"), (30, "/b"), (60, "/a"), (360, "/b"), (900, "/b")]
    );
    // One connection each while they overlap, one of which the user keeps.
    assert_eq!(applied.by_connection().len(), 3);
    let totals = &applied.totals[0];
    assert_eq!((totals.started, totals.completed), (2, 2));
    let told = totals.walked.clone().unwrap();
    assert_eq!((told.requests, told.begun, told.kept, told.later), (5, 5, 2, 1));
    for record in &applied.recording.series {
        assert_eq!(record.timings.of(Timing::SendLag).max(), 0);
    }
}
