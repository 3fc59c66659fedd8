//! Requests that did not succeed.

use super::text;
use crate::record::{Example, Outcome};

/// An answer in a few words: `400 (client-error)`, `timed-out`, `client-error (status not recorded)`.
pub fn answer(status: Option<u16>, outcome: Outcome) -> String {
    let by_answer = matches!(
        outcome,
        Outcome::ClientError | Outcome::ServerError | Outcome::CheckFailed | Outcome::RateLimited
    );
    match status {
        Some(status) => format!("{status} ({})", outcome.name()),
        None if by_answer => format!("{} (status not recorded)", outcome.name()),
        None => outcome.name().to_owned(),
    }
}

/// An example: `PATCH /api/tasks/{{id}} at 12.3 s: {"message":"…"}`.
pub fn example(example: &Example) -> String {
    let request = if example.method.is_empty() {
        "a request".to_owned()
    } else {
        format!("{} {}", example.method, example.path)
    };
    let mut out = format!("{request} at {:.1} s", example.at);
    if let Some(location) = &example.location {
        out.extend([", to ", location]);
    }
    if !example.body.is_empty() {
        let more = if example.cut { "…" } else { "" };
        out.extend([": ", &example.body, more]);
    }
    out
}

/// A count of requests with its share of the series: `512 of 5,120 (10 %)`.
pub fn count(count: u64, requests: u64) -> String {
    let share = if requests == 0 {
        0.0
    } else {
        count as f64 / requests as f64
    };
    format!(
        "{} of {} ({})",
        text::count(count),
        text::count(requests),
        text::portion(share)
    )
}

/// Seconds in which they occurred: `2 s`, `2–58 s`.
pub fn seconds(seconds: Option<(u32, u32)>) -> String {
    match seconds {
        None => "–".to_owned(),
        Some((first, last)) if first == last => format!("{first} s"),
        Some((first, last)) => format!("{first}–{last} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_names_request_and_answer() {
        let shown = Example {
            at: 12.34,
            method: "PATCH".to_owned(),
            path: "/api/tasks/{{id}}".to_owned(),
            location: None,
            body: "{\"message\":\"no\"}".to_owned(),
            cut: true,
        };
        assert_eq!(
            example(&shown),
            "PATCH /api/tasks/{{id}} at 12.3 s: {\"message\":\"no\"}…"
        );
        assert_eq!(answer(Some(400), Outcome::ClientError), "400 (client-error)");
        assert_eq!(answer(None, Outcome::TimedOut), "timed-out");
        assert_eq!(answer(None, Outcome::ClientError), "client-error (status not recorded)");
        assert_eq!(count(512, 5120), "512 of 5,120 (10 %)");
        assert_eq!(
            (seconds(Some((2, 2))), seconds(Some((2, 58)))),
            ("2 s".to_owned(), "2–58 s".to_owned())
        );
    }
}
