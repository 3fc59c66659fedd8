//! Logging in, extracting and stopping.

use super::server::{answer, json};
use super::*;

#[test]
fn a_user_logs_in_once_and_keeps_its_token() {
    let script = [
        vec![Act::Read, Act::Wait(300), json(r#"{"token": "t1"}"#)],
        vec![Act::Read, json(r#"[{"id": "a\"/b"}]"#), Act::Read, json("{}")],
        vec![Act::Read, json(r#"[{"id": "a\"/b"}]"#), Act::Read, json("{}")],
    ]
    .concat();
    let files = [("login", SESSION), ("tasks", WITH_SESSION)];
    let played = simulate_with(&files, "tasks", 2, vec![script], PATIENCE);
    assert_eq!(played.endings, [Ending::Completed, Ending::Completed]);
    assert_eq!(played.outcomes("login.post"), [Outcome::Success]);
    assert_eq!(played.outcomes("tasks.list"), [Outcome::Success; 2]);
    assert_eq!(played.outcomes("tasks.patch"), [Outcome::Success; 2]);

    let login = &played.requests[0];
    assert!(
        login.ends_with("\r\n\r\n{\"login\":\"bert\",\"password\":\"b\"}"),
        "{login}"
    );
    assert!(login.contains("content-type: application/json\r\n"), "{login}");
    assert!(played.requests[1].starts_with("GET /tasks?of=bert HTTP/1.1\r\n"));
    let patch = &played.requests[2];
    assert!(patch.starts_with("PATCH /tasks/a%22%2Fb HTTP/1.1\r\n"), "{patch}");
    assert!(patch.ends_with("\r\n\r\n{\"title\":\"a\\\"/b\"}"), "{patch}");
    assert!(patch.contains("authorization: Bearer t1\r\n"), "{patch}");

    // Think time is not part of a response time, and a log-in is not part of the first step's.
    assert_all(&played, "login.post", Timing::Response, 300_000);
    assert_all(&played, "tasks.list", Timing::Response, 0);
    assert_all(&played, "tasks.patch", Timing::Response, 0);
}

#[test]
fn a_kept_session_serves_later_runs_until_it_is_forgotten() {
    simulated::simulate(a_kept_session());
}

async fn a_kept_session() {
    let walked = [Act::Read, json(r#"[{"id": "1"}]"#), Act::Read, json("{}")];
    let log_in = |token: &str| [Act::Read, json(&format!(r#"{{"token": "{token}"}}"#))];
    let first = [log_in("t1").to_vec(), walked.to_vec()].concat();
    let third = [log_in("t2").to_vec(), walked.to_vec()].concat();
    let (address, seen) = serve_in_memory(vec![first, walked.to_vec(), third]);
    let journeys = Arc::new(journeys(&[("login", SESSION), ("tasks", WITH_SESSION)]).unwrap());
    let target = target(address);
    let sessions = Sessions::default();
    for known in [0, 1, 0] {
        assert_eq!(
            (sessions.among(1), sessions.among(2)),
            (0, known),
            "user 1 is the second"
        );
        let played = go_on(&journeys, "tasks", 1, (&target, &sessions), PATIENCE).await;
        assert_eq!(played.endings, [Ending::Completed]);
        // Kept for 90 s: the second run, a minute after it began, does not make it any younger.
        timer::sleep_until(timer::now() + Duration::from_secs(60)).await;
        sessions.forget(Duration::from_secs(90));
    }
    let seen = seen.lock().unwrap();
    let log_ins = seen.iter().map(|request| request.starts_with("POST /login"));
    assert_eq!(
        log_ins.collect::<Vec<_>>(),
        [true, false, false, false, false, true, false, false]
    );
    let bearer = |token: &str| seen.iter().filter(|request| request.contains(token)).count();
    assert_eq!((bearer("Bearer t1"), bearer("Bearer t2")), (4, 2));
    assert!(!format!("{sessions:?}").contains("t2"));
}

#[tokio::test]
async fn a_step_others_depend_on_ends_the_iteration_when_it_fails() {
    let files = [("login", SESSION), ("tasks", WITH_SESSION)];
    let script = vec![
        Act::Read,
        json(r#"{"token": "t1"}"#),
        Act::Read,
        json("[]"),
        Act::Read,
        answer(500, "text/plain", "no"),
    ];
    let played = play_with(&files, "tasks", 2, vec![script]).await;
    assert_eq!(played.endings, [Ending::Failed, Ending::Failed]);
    assert_eq!(
        played.outcomes("tasks.list"),
        [Outcome::ServerError, Outcome::CheckFailed]
    );
    assert_eq!(played.requests.len(), 3);
}

#[tokio::test]
async fn a_failed_login_is_tried_again_and_nothing_else_is_sent_without() {
    let files = [("login", SESSION), ("tasks", WITH_SESSION)];
    let script = vec![Act::Read, answer(401, "application/json", "{}"), Act::Read, json("{}")];
    let played = play_with(&files, "tasks", 2, vec![script]).await;
    assert_eq!(played.endings, [Ending::Failed, Ending::Failed]);
    assert_eq!(
        played.outcomes("login.post"),
        [Outcome::ClientError, Outcome::CheckFailed]
    );
    assert_eq!(played.requests.len(), 2);
}
