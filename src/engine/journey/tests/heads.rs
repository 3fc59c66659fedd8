//! Heads of answers as servers send them: what browsers take is no failure.

use super::server::{Act, json, write};
use super::*;

const BODY: &str = "{\"a\": [1, 2, 3]}";

fn reading() -> String {
    format!("{GET}check = [{{ json = '$.a[*]', min = 3 }}]\ntimeout = '60s'\n")
}

/// A head with those lines, and the body.
fn head(lines: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{lines}content-length: {}\r\n\r\n{BODY}", BODY.len())
}

fn headers(count: usize) -> String {
    let lines = (0..count).map(|number| format!("x-{number}: {number}\r\n"));
    head(&lines.collect::<String>())
}

#[test]
fn what_browsers_take_is_read_and_the_connection_kept() {
    let length = BODY.len();
    let chunk = format!("{length:x}");
    for answer in [
        headers(98),
        headers(100),
        headers(900),
        head(&format!("x: {}\r\n", "y".repeat(200_000))),
        head("x: a\r\n b\r\n\tc\r\n"),
        head("x : a\r\n"),
        head("no colon\r\n"),
        head("x: caf\u{e9}\r\n"),
        head("x: \u{1}\r\n"),
        head(&format!("content-length: {length}\r\n")),
        head("").replace("\r\n", "\n"),
        head("").replace(" OK", ""),
        head("").replace("OK", "D\u{e9}j\u{e0} vu"),
        head("")
            .replace("1.1", "1.0")
            .replace("content", "connection: keep-alive\r\ncontent"),
        head("").replace(&format!(": {length}"), &format!(": {length}, {length}")),
        format!("\r\n{}", head("")),
        format!("HTTP/1.1 100 Continue\r\n\r\n{}", head("")),
        format!("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n{}", headers(100)),
        format!(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n{chunk}  ;x=\"a\"\r\n{BODY}\r\n0\r\nx: 1\r\n\r\n"
        ),
    ] {
        let told: String = answer.chars().take(120).collect();
        let script = vec![vec![Act::Read, write(&answer)]; 3].concat();
        let played = simulate(&reading(), 3, vec![script]);
        assert_eq!(played.outcomes("j.s"), [Outcome::Success; 3], "{told}");
        assert_eq!(played.requests.len(), 3, "asked once each: {told}");
        assert_eq!(played.series("j.s").timings.of(Timing::Connect).len(), 1, "{told}");
        assert_eq!(played.series("j.s").counters.bytes, 3 * length as u64, "{told}");
    }
}

#[test]
fn an_answer_that_ends_with_its_connection_is_whole() {
    for head in [
        "HTTP/1.0 200 OK\r\n",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\nconnection: close\r\n",
        "HTTP/1.1 200 OK\r\nx: a\r\n b\r\n",
    ] {
        let once = || vec![Act::Read, write(&format!("{head}\r\n{BODY}"))];
        let played = simulate(&reading(), 2, vec![once(), once()]);
        assert_eq!(played.outcomes("j.s"), [Outcome::Success; 2], "{head}");
    }
}

#[test]
fn an_odd_head_may_come_in_pieces_and_answer_any_method() {
    let pieces = |text: String| {
        let (first, second) = text.split_at(text.len() / 2);
        vec![Act::Read, write(first), Act::Wait(20), write(second)]
    };
    let script = [pieces(headers(300)), pieces(head("x: a\r\n b\r\n"))].concat();
    let played = simulate(&reading(), 2, vec![script]);
    assert_eq!(played.outcomes("j.s"), [Outcome::Success; 2]);
    assert_eq!(played.took, [20; 2].map(Duration::from_millis));
    assert_all(&played, "j.s", Timing::FirstByte, 0);

    let only_head = headers(300).replace(BODY, "");
    for (method, answer) in [("HEAD", only_head), ("POST", headers(300))] {
        let step = format!("[[step]]\nname = 's'\npath = '/'\nmethod = '{method}'\nbody = 'b'\ntimeout = '60s'\n");
        let script = vec![vec![Act::Read, write(&answer)]; 2].concat();
        let played = simulate(&step, 2, vec![script]);
        assert_eq!(played.outcomes("j.s"), [Outcome::Success; 2], "{method}");
        assert_eq!(played.requests.len(), 2, "{method}");
    }
}

#[test]
fn one_odd_head_is_enough_for_all_connections() {
    let played = simulate(
        &reading(),
        3,
        vec![
            vec![Act::Read, write(&headers(300))],
            vec![Act::Read, write(&headers(300)), Act::Read, json(BODY)],
        ],
    );
    assert_eq!(played.outcomes("j.s"), [Outcome::Success; 3]);
}

#[test]
fn what_no_browser_takes_is_malformed() {
    let length = BODY.len();
    for answer in [
        headers(1_001),
        head(&format!("x: {}\r\n", "y".repeat(600_000))),
        head(&format!("content-length: {}\r\n", length - 1)),
        head("").replace(&format!(": {length}"), ": many"),
        head("").replace("HTTP/1.1", "SMTP/1.1"),
        head("").replace("200", "2xx"),
        BODY.to_owned(),
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n".to_owned(),
    ] {
        let told: String = answer.chars().take(120).collect();
        let played = simulate(&reading(), 1, vec![vec![Act::Read, write(&answer), Act::Hang]]);
        assert_eq!(played.outcomes("j.s"), [Outcome::Malformed], "{told}");
    }
}
