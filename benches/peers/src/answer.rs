//! The one request and the one answer of every part: `GET /` and about 1 kB of JSON.

use std::fmt::Write;

/// The body both servers answer with.
pub fn body() -> String {
    let mut text = String::from(r#"{"data":["#);
    for id in 0..13 {
        if id > 0 {
            text.push(',');
        }
        // Writing to a `String` cannot fail.
        let _ = write!(
            text,
            r#"{{"id":{id},"name":"task {id:02}","status":"TODO","hours":{id}.5,"done":false}}"#
        );
    }
    text.push_str(r#"],"meta":{"total":13,"page":1,"limit":13,"next":null},"note":""#);
    while text.len() < 1022 {
        text.push('.');
    }
    text.push_str("\"}");
    text
}

/// The whole answer of the freeze server.
pub fn answer(keep_alive: bool) -> Vec<u8> {
    let (body, connection) = (body(), if keep_alive { "keep-alive" } else { "close" });
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: {connection}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// The whole request of the floor clients.
pub fn request(host: &str) -> Vec<u8> {
    format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n").into_bytes()
}

/// Where the head that `bytes` begin with ends, the blank line included.
pub fn head_length(bytes: &[u8]) -> Option<usize> {
    bytes
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .map(|at| at + 4)
}

/// The value of a header of that head, its name in lower case.
pub fn header<'head>(head: &'head [u8], name: &str) -> Option<&'head str> {
    std::str::from_utf8(head).ok()?.split("\r\n").find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then_some(value.trim())
    })
}

/// The length of the answer that `bytes` begin with, head and body; none while the head is incomplete.
pub fn answer_length(bytes: &[u8]) -> Option<usize> {
    let head = head_length(bytes)?;
    let body: usize = header(&bytes[..head], "content-length")?.parse().ok()?;
    Some(head + body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_knows_its_length() {
        for keep_alive in [true, false] {
            let bytes = answer(keep_alive);
            assert_eq!(answer_length(&bytes), Some(bytes.len()));
            assert_eq!(answer_length(&bytes[..40]), None);
        }
        assert_eq!(body().len(), 1024);
        assert!(serde_json::from_str::<serde_json::Value>(&body()).is_ok());
    }
}
