//! Connections and answers of every kind.

use super::server::{answer, json, write};
use super::*;
use crate::evidence::{RequestEvent, RequestEventKind};

/// The outcome of one GET that the server answers so.
async fn outcome_of(acts: &[Act], is_late: bool) -> Vec<Outcome> {
    let mut script = vec![Act::Read];
    script.extend_from_slice(acts);
    let timeout = if is_late { "timeout = '50ms'\n" } else { "" };
    play(&format!("{GET}{timeout}"), 1, vec![script]).await.outcomes("j.s")
}

#[tokio::test]
async fn failed_requests_leave_their_status_and_the_beginning_of_their_answer() {
    let body = r#"{"message":"property progress should not exist","token":"of-a-user"}"#;
    let step = "[[step]]\nname = 's'\nmethod = 'PATCH'\npath = '/tasks/{{user}}?a=1'\n";
    let script = vec![Act::Read, answer(400, "application/json", body), Act::Read, json("{}")];
    let mut played = play(step, 2, vec![script]).await;
    played.recording.mask(&crate::secrets::Secrets::default());
    let kinds: Vec<_> = played.series("j.s").answers.kinds().collect();
    assert_eq!(
        (kinds[0].status, kinds[0].outcome, kinds[0].count),
        (Some(400), Outcome::ClientError, 1)
    );
    assert_eq!(
        (kinds[1].status, kinds[1].outcome, kinds[1].count),
        (Some(200), Outcome::Success, 1)
    );
    let example = kinds[0].first.as_ref().unwrap();
    assert_eq!(
        (example.method.as_str(), example.path.as_str()),
        ("PATCH", "/tasks/{{user}}")
    );
    assert_eq!(
        example.body,
        r#"{"message":"property progress should not exist","token":"***"}"#
    );
    assert!(kinds[1].first.is_none());

    let refused = play(GET, 1, vec![vec![Act::Read, Act::Reset]]).await;
    let kinds: Vec<_> = refused.series("j.s").answers.kinds().collect();
    assert_eq!((kinds[0].status, kinds[0].outcome), (None, Outcome::Reset));
    assert_eq!(kinds[0].first.as_ref().unwrap().path, "/");
}

#[tokio::test]
async fn every_way_to_answer_badly_lands_in_its_class() {
    let head = "HTTP/1.1 200 OK\r\n";
    for (acts, outcome) in [
        (vec![json("{}")], Outcome::Success),
        (
            vec![write(&format!(
                "{head}transfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
            ))],
            Outcome::Success,
        ),
        (vec![write(&format!("{head}\r\nuntil the end"))], Outcome::Success),
        (vec![answer(429, "application/json", "{}")], Outcome::RateLimited),
        (vec![answer(503, "text/html", "<html>")], Outcome::RateLimited),
        (vec![answer(503, "application/json", "{}")], Outcome::ServerError),
        (vec![answer(404, "application/json", "{}")], Outcome::ClientError),
        (
            vec![write("HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n")],
            Outcome::CheckFailed,
        ),
        (vec![Act::Hang], Outcome::TimedOut),
        (vec![write(head), Act::Hang], Outcome::TimedOut),
        (
            vec![write(&format!("{head}content-length: 9\r\n\r\nhalf")), Act::Hang],
            Outcome::TimedOut,
        ),
        (vec![Act::Reset], Outcome::Reset),
        (vec![], Outcome::Reset),
        (vec![write(head)], Outcome::Truncated),
        (vec![write(head), Act::Wait(20), Act::Reset], Outcome::Reset),
        (
            vec![write(&format!("{head}content-length: 9\r\n\r\nhalf"))],
            Outcome::Truncated,
        ),
        (
            vec![
                write(&format!("{head}content-length: 9\r\n\r\nhalf")),
                Act::Wait(20),
                Act::Reset,
            ],
            Outcome::Reset,
        ),
        (
            vec![write(&format!("{head}transfer-encoding: chunked\r\n\r\n5\r\nhalf"))],
            Outcome::Truncated,
        ),
        (
            vec![write(&format!("{head}content-length: x\r\n\r\n"))],
            Outcome::Malformed,
        ),
        (
            vec![write(&format!("{head}transfer-encoding: chunked\r\n\r\nzz\r\n"))],
            Outcome::Malformed,
        ),
        (vec![write("SSH-2.0-OpenSSH_9.2\r\n\r\n")], Outcome::Malformed),
        (
            vec![write(&format!("{head}x: {}\r\n\r\n", "y".repeat(600_000)))],
            Outcome::Malformed,
        ),
    ] {
        let told: String = format!("{acts:?}").chars().take(200).collect();
        let is_late = outcome == Outcome::TimedOut;
        assert_eq!(outcome_of(&acts, is_late).await, [outcome], "{told}");
    }
}

#[tokio::test]
async fn a_front_door_that_refuses_is_a_failed_connection() {
    // The listener is gone once its only script has been given away.
    let played = play(GET, 3, vec![vec![Act::Read, Act::Reset]]).await;
    assert_eq!(
        played.outcomes("j.s"),
        [Outcome::ConnectFailed, Outcome::ConnectFailed, Outcome::Reset]
    );
}

#[tokio::test]
async fn one_connection_serves_a_user_and_bytes_are_counted() {
    let script = vec![vec![Act::Read, json("[1,2,3]")]; 3].concat();
    let played = play(GET, 3, vec![script]).await;
    assert_eq!(played.outcomes("j.s"), [Outcome::Success; 3]);
    assert_eq!(played.series("j.s").counters.bytes, 21);
    let request = &played.requests[0];
    assert!(request.starts_with("GET / HTTP/1.1\r\nhost: 127.0.0.1:"), "{request}");
    for line in [
        "user-agent: diapason/",
        "x-forwarded-for: 198.18.0.2\r\n",
        "accept: application/json\r\n",
    ] {
        assert!(request.contains(line), "{line} in {request}");
    }
    assert!(!request.contains("content-length"), "{request}");
}

#[test]
fn a_connection_closed_while_idle_is_replaced_unnoticed() {
    let once = || vec![Act::Read, json("{}")];
    let step = "[[step]]\nname = 'a'\npath = '/'\n[[step]]\nname = 'b'\npath = '/'\nmethod = 'POST'\nthink = '30ms'\n";
    let played = simulate(step, 1, vec![once(), once()]);
    assert_eq!(played.outcomes("j.a"), [Outcome::Success]);
    assert_eq!(played.outcomes("j.b"), [Outcome::Success]);
    assert_eq!(played.requests.len(), 2);
}

#[tokio::test]
async fn a_stale_connection_is_retried_once_for_idempotent_methods_only() {
    for (method, expected) in [("GET", Outcome::Success), ("POST", Outcome::Reset)] {
        let step = format!("[[step]]\nname = 's'\npath = '/{{{{uuid}}}}'\nmethod = '{method}'\n");
        let stale = vec![Act::Read, json("{}"), Act::Read];
        let played = play(&step, 2, vec![stale, vec![Act::Read, json("{}")]]).await;
        let mut outcomes = vec![Outcome::Success; 2];
        outcomes[1] = expected;
        assert_eq!(played.outcomes("j.s"), outcomes, "{method}");
        if method == "GET" {
            assert_eq!(
                played.requests[1], played.requests[2],
                "the same request, random parts included"
            );
        }
    }
}

#[tokio::test]
async fn a_half_answer_on_a_kept_connection_is_not_retried() {
    let script = vec![Act::Read, json("{}"), Act::Read, write("HTTP/1.1 200")];
    let played = play(GET, 2, vec![script, vec![Act::Read, json("{}")]]).await;
    assert_eq!(played.outcomes("j.s"), [Outcome::Success, Outcome::Truncated]);
}

#[tokio::test]
async fn a_connection_the_server_wants_closed_is_not_used_again() {
    let closing = write("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok");
    let surplus = write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok and more");
    let scripts = vec![
        vec![Act::Read, closing, Act::Hang],
        vec![Act::Read, surplus, Act::Hang],
        vec![Act::Read, json("{}")],
    ];
    let played = play(GET, 3, scripts).await;
    assert_eq!(played.outcomes("j.s"), [Outcome::Success; 3]);
}

#[tokio::test]
async fn a_value_that_cannot_be_sent_is_a_failed_check() {
    let journey = "[[step]]\nname = 'a'\npath = '/'\nextract = { v = '$.v' }\n\
        [[step]]\nname = 'b'\npath = '/'\nheaders = { x = '{{v}}' }\n";
    let played = play(journey, 1, vec![vec![Act::Read, json(r#"{"v": "a\nb"}"#)]]).await;
    assert_eq!(played.outcomes("j.b"), [Outcome::CheckFailed]);
    assert_eq!(played.endings, [IterationEnd::Completed]);
    assert_eq!(played.requests.len(), 1);
}

#[test]
fn an_aborted_iteration_leaves_an_interrupted_request_and_a_usable_user() {
    let scripts = vec![vec![Act::Read, Act::Hang], vec![Act::Read, json("{}")]];
    let journey = format!("{GET}timeout = '10s'\n");
    let played = simulate_with(&[("j", &journey)], "j", 2, scripts, Duration::from_millis(60));
    assert_eq!(played.outcomes("j.s"), [Outcome::Success, Outcome::Interrupted]);
    assert_eq!(played.took, [60, 0].map(Duration::from_millis));
    assert_eq!(played.endings, [IterationEnd::Completed]);
}

#[test]
fn response_time_counts_from_the_intended_start() {
    let recording = simulated::simulate(async {
        let journeys = Arc::new(journeys(&[("j", GET)]).unwrap());
        let (address, _) = serve_in_memory(vec![vec![Act::Read, Act::Wait(30), json("{}")]]);
        let (_folder, collector, recorder) = recording(&journeys);
        let recorder = RefCell::new(recorder);
        let mut user = VirtualUser::new(0, 7, &journeys, &target(address));
        let intended = timer::now();
        simulated::stall(Duration::from_millis(50));
        let journey = journeys.get("j").unwrap();
        user.iterate(journey, intended, &PhaseRecorder::new(&recorder, 0)).await;
        drop(recorder);
        collector.join().unwrap()
    });
    let times = |timing| recording.series[0].timings.of(timing).max();
    let seen = [Timing::Response, Timing::Service, Timing::SendLag, Timing::FirstByte].map(times);
    assert_eq!(seen.map(|micros| micros / 100), [800, 300, 500, 300]);
}

#[test]
fn a_step_that_has_to_connect_anew_has_the_time_out_of_one() {
    let journey = format!("{GET}timeout = '100ms'\n");
    let scripts = vec![vec![Act::Read, json("{}"), Act::Read, Act::Wait(70)], vec![Act::Hang]];
    let played = simulate(&journey, 2, scripts);
    assert_eq!(played.outcomes("j.s"), [Outcome::Success, Outcome::TimedOut]);
    assert_eq!(played.took, [0, 100].map(Duration::from_millis));
}

#[tokio::test]
async fn what_outcomes_do_not_tell_is_counted() {
    let odd = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(600_000));
    for (method, second, event, outcome) in [
        ("GET", None, RequestEventKind::ResentAfterClose, Outcome::Success),
        ("POST", None, RequestEventKind::ClosedWhenSent, Outcome::Reset),
        ("GET", Some(odd), RequestEventKind::HeadTooLarge, Outcome::Malformed),
        (
            "GET",
            Some("hello, world\r\n\r\n".to_owned()),
            RequestEventKind::NotHttp,
            Outcome::Malformed,
        ),
    ] {
        let step = format!("[[step]]\nname = 's'\npath = '/'\nmethod = '{method}'\ntimeout = '60s'\n");
        let journeys = Arc::new(journeys(&[("j", &step)]).unwrap());
        let first = [Act::Read, json("{}"), Act::Read]
            .into_iter()
            .chain(second.as_deref().map(write));
        let (address, _) = super::server::serve(vec![first.collect(), vec![Act::Read, json("{}")]]).await;
        let target = target(address);
        let played = walk(&journeys, "j", 2, &target, PATIENCE).await;
        assert!(played.outcomes("j.s").contains(&outcome), "{event:?}");
        let counted = RequestEvent {
            kind: event,
            series: "j.s".to_owned(),
            count: 1,
        };
        assert_eq!(target.events.counts(journeys.series()), [counted]);
    }
}
