//! Steps that end at a server-sent event.

use super::server::{answer, json, write};
use super::*;

const STREAM: &str = r#"
[[step]]
name = "watch"
path = "/events"
events = { count = 2, event = "progress", at-most = "5s" }
check = [{ json = "$.done", equals = 2 }]
extract = { id = "$.id" }
[[step]]
name = "after"
path = "/after/{{id}}"
"#;

fn head() -> Act {
    write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n")
}

fn chunk(text: &str) -> Act {
    write(&format!("{:x}\r\n{text}\r\n", text.len()))
}

fn progress(done: u32) -> Act {
    chunk(&format!(
        "event: progress\ndata: {{\"done\": {done}, \"id\": \"i{done}\"}}\n\n"
    ))
}

#[test]
fn a_step_ends_at_the_event_it_waits_for_and_its_first_byte_is_the_first_event() {
    let script = vec![
        Act::Read,
        Act::Wait(10),
        head(),
        Act::Wait(20),
        chunk(": ping\n\nevent: hello\ndata: {}\n\n"),
        Act::Wait(70),
        progress(1),
        Act::Wait(200),
        progress(2),
        Act::Hang,
    ];
    let after = vec![Act::Read, json("{}")];
    let played = simulate(STREAM, 1, vec![script, after]);
    assert_eq!(played.endings, [IterationEnd::Completed]);
    assert_all(&played, "j.watch", Timing::FirstByte, 100_000);
    assert_all(&played, "j.watch", Timing::Response, 300_000);
    // The connection of the stream is closed: the next request has one of its own.
    assert!(
        played.requests[1].starts_with("GET /after/i2 "),
        "{}",
        played.requests[1]
    );
    let asked = &played.requests[0];
    assert!(
        asked.contains("accept: text/event-stream\r\n") && asked.contains("accept-encoding: identity\r\n"),
        "{asked}"
    );
}

#[test]
fn a_stream_that_ends_early_has_failed_its_check_and_one_that_is_silent_times_out() {
    // Its only event passes the check: what is missing is the second one.
    let ended = vec![
        Act::Read,
        head(),
        progress(2),
        write("0\r\n\r\n"),
        Act::Read,
        head(),
        Act::Hang,
    ];
    let played = simulate(STREAM, 2, vec![ended]);
    assert_eq!(played.endings, [IterationEnd::Failed, IterationEnd::Failed]);
    assert_eq!(played.outcomes("j.watch"), [Outcome::CheckFailed, Outcome::TimedOut]);
    assert_eq!(played.took[1], Duration::from_secs(5));
}

#[test]
fn an_answer_that_is_no_stream_is_judged_as_it_is() {
    let script = vec![
        Act::Read,
        answer(503, "application/json", "{}"),
        Act::Read,
        json(r#"{"done": 2}"#),
    ];
    let played = simulate(STREAM, 2, vec![script]);
    assert_eq!(played.outcomes("j.watch"), [Outcome::ServerError, Outcome::CheckFailed]);
}
