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
    assert_eq!(played.endings, [IterationEnd::Completed, IterationEnd::Completed]);
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
        assert_eq!(played.endings, [IterationEnd::Completed]);
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
    assert_eq!(played.endings, [IterationEnd::Failed, IterationEnd::Failed]);
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
    assert_eq!(played.endings, [IterationEnd::Failed, IterationEnd::Failed]);
    assert_eq!(
        played.outcomes("login.post"),
        [Outcome::ClientError, Outcome::CheckFailed]
    );
    assert_eq!(played.requests.len(), 2);
}

const REFRESH: &str = r#"
[[step]]
name = "post"
method = "POST"
path = "/refresh"
json = { old = "{{token}}" }
extract = { token = "$.token" }
"#;

fn renewing() -> [(&'static str, String); 3] {
    [
        ("login", SESSION.to_owned()),
        ("refresh", REFRESH.to_owned()),
        ("tasks", format!("on-status = {{ 401 = 'refresh' }}\n{WITH_SESSION}")),
    ]
}

fn borrowed<'a>(files: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    files.iter().map(|(name, text)| (*name, text.as_str())).collect()
}

fn expired() -> Act {
    answer(401, "application/json", "{}")
}

#[test]
fn an_expired_session_is_renewed_and_the_request_made_once_more() {
    let script = vec![
        Act::Read,
        json(r#"{"token": "t1"}"#),
        Act::Read,
        Act::Wait(100),
        expired(),
        Act::Read,
        Act::Wait(200),
        json(r#"{"token": "t2"}"#),
        Act::Read,
        Act::Wait(50),
        json(r#"[{"id": "7"}]"#),
        Act::Read,
        json("{}"),
    ];
    let files = renewing();
    let played = simulate_with(&borrowed(&files), "tasks", 1, vec![script], PATIENCE);
    assert_eq!(played.endings, [IterationEnd::Completed]);
    assert_eq!(
        played.outcomes("tasks.list"),
        [Outcome::Success, Outcome::SessionExpired],
        "in the order of the outcomes"
    );
    assert_eq!(played.outcomes("refresh.post"), [Outcome::Success]);
    assert_eq!(played.outcomes("login.post"), [Outcome::Success]);
    assert!(
        played.requests[2].ends_with("{\"old\":\"t1\"}"),
        "{}",
        played.requests[2]
    );
    assert!(
        played.requests[3].contains("authorization: Bearer t2\r\n"),
        "{}",
        played.requests[3]
    );
    assert!(played.requests[3].starts_with("GET /tasks?of=bert "));
    // The repeat is intended at the end of the renewal, so that its time is its own.
    let times = played.series("tasks.list").timings.of(Timing::Response);
    assert!(times.equivalent(times.min(), 50_000) && times.equivalent(times.max(), 100_000));
    assert_all(&played, "refresh.post", Timing::Response, 200_000);
}

#[tokio::test]
async fn a_second_refusal_is_an_error_and_a_failed_renewal_ends_the_session() {
    let files = renewing();
    let token = json(r#"{"token": "t"}"#);
    // The repeat is refused as well; its failure ends the iteration.
    let script = vec![
        Act::Read,
        token.clone(),
        Act::Read,
        expired(),
        Act::Read,
        token.clone(),
        Act::Read,
        expired(),
    ];
    let played = play_with(&borrowed(&files), "tasks", 1, vec![script]).await;
    assert_eq!(played.endings, [IterationEnd::Failed]);
    assert_eq!(
        played.outcomes("tasks.list"),
        [Outcome::ClientError, Outcome::SessionExpired]
    );
    // The renewal is refused: the next iteration logs in anew.
    let list = [Act::Read, json(r#"[{"id": "7"}]"#), Act::Read, json("{}")];
    let script = [
        vec![Act::Read, token.clone(), Act::Read, expired(), Act::Read, expired()],
        vec![Act::Read, token],
        list.to_vec(),
    ];
    let played = play_with(&borrowed(&files), "tasks", 2, vec![script.concat()]).await;
    assert_eq!(played.endings, [IterationEnd::Failed, IterationEnd::Completed]);
    assert_eq!(played.outcomes("login.post"), [Outcome::Success; 2]);
    assert_eq!(played.outcomes("refresh.post"), [Outcome::ClientError]);
}

#[test]
fn a_session_of_known_lifetime_is_renewed_before_its_end() {
    simulated::simulate(async {
        let list = [Act::Read, json(r#"[{"id": "7"}]"#), Act::Read, json("{}")];
        let token = |token: &str| [Act::Read, json(&format!(r#"{{"token": "{token}"}}"#))];
        let script = [
            token("t1").to_vec(),
            list.to_vec(),
            list.to_vec(),
            token("t2").to_vec(),
            list.to_vec(),
        ];
        let (address, seen) = serve_in_memory(vec![script.concat()]);
        let mut files = renewing();
        files[0].1 = format!("lifetime = '100s'\n{SESSION}");
        let journeys = Arc::new(journeys(&borrowed(&files)).unwrap());
        let target = target(address);
        let (_folder, collector, recorder) = recording(&journeys);
        let recorder = RefCell::new(recorder);
        let mut user = VirtualUser::new(1, 7, &journeys, &target);
        for wait in [80, 15, 0] {
            let phase = PhaseRecorder::new(&recorder, 0);
            let ending = user.iterate(journeys.get("tasks").unwrap(), timer::now(), &phase).await;
            assert_eq!(ending, IterationEnd::Completed);
            timer::sleep_until(timer::now() + Duration::from_secs(wait)).await;
        }
        drop(recorder);
        collector.join().unwrap();
        let seen = seen.lock().unwrap();
        let paths: Vec<&str> = seen.iter().map(|request| request.split(' ').nth(1).unwrap()).collect();
        // After 80 s nothing is due, after 95 s it is.
        assert_eq!(
            paths,
            [
                "/login",
                "/tasks?of=bert",
                "/tasks/7",
                "/tasks?of=bert",
                "/tasks/7",
                "/refresh",
                "/tasks?of=bert",
                "/tasks/7"
            ]
        );
        assert!(seen[6].contains("Bearer t2"));
    });
}

#[test]
fn what_cannot_renew_a_session_is_told() {
    let told = |on_status: &str, session: &str| {
        let tasks = format!("on-status = {on_status}\n{session}[[step]]\nname = 's'\npath = '/'\n");
        let mut files = vec![("login", SESSION), ("tasks", tasks.as_str())];
        if on_status.contains("refresh") {
            files.push(("refresh", REFRESH));
        }
        journeys(&files).err().map(|error| {
            let causes = crate::error::chain(&error).map(ToString::to_string);
            causes.collect::<Vec<_>>().join("; ")
        })
    };
    let session = "session = 'login'\n";
    assert_eq!(told("{ 401 = 'refresh', 419 = 'login' }", session), None);
    let text = told("{ 401 = 'refersh' }", session).unwrap();
    assert!(
        text.contains("`on-status`") && text.contains("no journey `refersh`"),
        "{text}"
    );
    let text = told("{ 200 = 'refresh' }", session).unwrap();
    assert!(text.contains("`200` is not a status from 400 to 599"), "{text}");
    let text = told("{ 401 = 'login' }", "").unwrap();
    assert!(text.contains("only a journey with a `session`"), "{text}");
}

#[test]
fn requests_refused_at_the_same_time_renew_once() {
    // Tokens rotate: a second renewal with the old token would be refused.
    let journey = "session = 'login'\non-status = { 401 = 'refresh' }\n\
                   headers = { authorization = 'Bearer {{token}}' }\n\
                   [[step]]\nname = 'board'\n\
                   [[step.parallel]]\n[[step.parallel.step]]\nname = 'a'\npath = '/a'\n\
                   [[step.parallel]]\n[[step.parallel.step]]\nname = 'b'\npath = '/b'\n";
    let files = [("login", SESSION), ("refresh", REFRESH), ("tasks", journey)];
    let first = vec![
        Act::Read,
        json(r#"{"token": "t1"}"#),
        Act::Read,
        Act::Wait(100),
        expired(),
        Act::Read,
        Act::Wait(200),
        json(r#"{"token": "t2"}"#),
        Act::Read,
        json("{}"),
    ];
    let second = vec![Act::Read, Act::Wait(120), expired(), Act::Read, json("{}")];
    let played = simulate_with(&files, "tasks", 1, vec![first, second], PATIENCE);
    assert_eq!(played.endings, [IterationEnd::Completed]);
    assert_eq!(played.outcomes("refresh.post"), [Outcome::Success]);
    for step in ["tasks.a", "tasks.b"] {
        assert_eq!(
            played.outcomes(step),
            [Outcome::Success, Outcome::SessionExpired],
            "{step}"
        );
    }
}

const LOG_IN: &str = "[[step]]\nname = 'in'\npath = '/in'\nextract = { csrf = '$.csrf', me = '$.me' }\n";

/// A journey that has a token of its own beside the session's, and compares answers with what it knows.
const COMPARING: &str = r#"
session = "in"
[[step]]
name = "old"
path = "/old/{{csrf}}"
extract = { csrf = "$.csrf", id = "$.id" }
check = [{ json = "$.owner", equals = "{{me}}" }]
[[step]]
name = "new"
path = "/new/{{csrf}}"
check = [{ url = "/new/{{csrf}}" }, { contains = "<{{id}}>" }, { lacks = "{{me}}{{id}}" }, { json = "$.id", equals = "{{id}}" }]
[[step]]
name = "other"
if = [{ value = "{{id}}", equals = "{{me}}" }]
expected = 0
path = "/never"
[[step]]
name = "wrong"
path = "/wrong"
check = [{ json = "$.id", equals = "{{me}}" }]
"#;

#[test]
fn checks_compare_with_values_and_a_journey_hides_what_the_session_knows() {
    simulated::simulate(async {
        let journeys = Arc::new(journeys(&[("in", LOG_IN), ("j", COMPARING)]).unwrap());
        let bodies = [
            r#"{"csrf": "s", "me": "anna"}"#,
            r#"{"csrf": "a", "id": 12.0, "owner": "anna"}"#,
            r#"{"id": 12.0, "text": "<12.0>"}"#,
            r#"{"id": 12}"#,
        ];
        // The session's token is what a second iteration begins with.
        let bodies = bodies.iter().chain(&bodies[1..]);
        let script: Vec<Act> = bodies.flat_map(|body| [Act::Read, json(body)]).collect();
        let (front_door, seen) = serve_in_memory(vec![script]);
        let played = walk(&journeys, "j", 2, &target(front_door), PATIENCE).await;
        for (series, outcome) in [
            ("j.old", Outcome::Success),
            ("j.new", Outcome::Success),
            ("j.wrong", Outcome::CheckFailed),
        ] {
            assert_eq!(played.outcomes(series), [outcome; 2], "{series}");
        }
        let seen = seen.lock().unwrap();
        let paths: Vec<&str> = seen.iter().filter_map(|request| request.split(' ').nth(1)).collect();
        assert_eq!(
            paths,
            ["/in", "/old/s", "/new/a", "/wrong", "/old/s", "/new/a", "/wrong"]
        );
    });
}

#[test]
fn a_log_in_whose_last_step_fails_has_failed_although_it_extracts_nothing() {
    let log_in = |more: &str| format!("[[step]]\nname = 'in'\npath = '/in'\ncheck = [{{ cookie = 'sid' }}]\n{more}");
    let journey = "session = 'in'\n[[step]]\nname = 's'\npath = '/s'\n";
    let script = || vec![vec![Act::Read, json("{}"), Act::Read, json("{}")]];
    let stops = log_in("");
    let played = simulate_with(&[("in", &stops), ("j", journey)], "j", 1, script(), PATIENCE);
    assert_eq!(played.outcomes("in.in"), [Outcome::CheckFailed]);
    assert_eq!(played.requests.len(), 1, "nothing is asked for without a session");
    let goes_on = log_in("on-failure = 'continue'\n");
    let played = simulate_with(&[("in", &goes_on), ("j", journey)], "j", 1, script(), PATIENCE);
    assert_eq!(played.outcomes("j.s"), [Outcome::Success]);
}
