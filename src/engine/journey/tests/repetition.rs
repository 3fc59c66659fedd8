//! Requests that are repeated until something is done, for further pages, or because they failed; and branches.

use super::server::{answer, json};
use super::*;

/// Answers on one connection, each after so many milliseconds.
fn answers(bodies: &[(u64, &str)]) -> Vec<Vec<Act>> {
    let acts = bodies
        .iter()
        .flat_map(|(millis, body)| [Act::Read, Act::Wait(*millis), json(body)]);
    vec![acts.collect()]
}

fn paths(played: &Played) -> Vec<&str> {
    let words = played.requests.iter().map(|request| request.split(' ').nth(1).unwrap());
    words.collect()
}

const POLL: &str = r#"
[[step]]
name = "export"
path = "/jobs/7"
poll = { until = [{ json = "$.state", equals = "done" }], every = "500ms", at-most = "1200ms", expected = 2 }
extract = { file = "$.file" }
[[step]]
name = "file"
path = "/files/{{file}}"
"#;

#[test]
fn each_try_of_a_poll_is_a_request_intended_after_the_last() {
    let script = answers(&[
        (20, r#"{"state": "new"}"#),
        (40, r#"{"state": "new"}"#),
        (60, r#"{"state": "done", "file": "x"}"#),
        (10, "{}"),
    ]);
    let played = simulate(POLL, 1, script);
    assert_eq!(played.outcomes("j.export"), [Outcome::Success; 3]);
    assert_eq!(paths(&played), ["/jobs/7", "/jobs/7", "/jobs/7", "/files/x"]);
    assert_eq!(played.took, [Duration::from_millis(20 + 500 + 40 + 500 + 60 + 10)]);
    let times = played.series("j.export").timings.of(Timing::Response);
    assert!(times.equivalent(times.max(), 60_000), "waiting is not part of a try");
    assert_all(&played, "j.export", Timing::SendLag, 0);
}

#[test]
fn a_poll_whose_time_is_over_has_failed() {
    let script = answers(&[(20, r#"{"state": "new"}"#); 4]);
    let played = simulate(POLL, 1, script);
    // A fourth would begin after 1.56 s.
    assert_eq!(
        played.outcomes("j.export"),
        [Outcome::Success, Outcome::Success, Outcome::CheckFailed]
    );
    assert_eq!(played.endings, [IterationEnd::Failed], "what it extracts is missing");
}

#[test]
fn a_try_that_fails_ends_the_poll() {
    let script = vec![vec![
        Act::Read,
        json(r#"{"state": "new"}"#),
        Act::Read,
        answer(500, "text/plain", "no"),
    ]];
    let played = simulate(POLL, 1, script);
    assert_eq!(played.outcomes("j.export"), [Outcome::Success, Outcome::ServerError]);
}

#[tokio::test]
async fn pages_are_followed_to_the_last_or_the_most() {
    let journey = r#"
[[step]]
name = "list"
path = "/tasks?page=1"
pages = { next = "$.next", at-most = 3, expected = 2 }
"#;
    let next = |to: &str| format!(r#"{{"next": "{to}"}}"#);
    for (bodies, asked) in [
        (
            vec![next("/tasks?page=2"), next("?page=3"), next("/tasks?page=4")],
            vec!["/tasks?page=1", "/tasks?page=2", "/tasks?page=3"],
        ),
        (vec![r#"{"next": null}"#.to_owned()], vec!["/tasks?page=1"]),
        (vec![next("https://elsewhere.example/")], vec!["/tasks?page=1"]),
        (vec!["{}".to_owned()], vec!["/tasks?page=1"]),
    ] {
        let bodies: Vec<(u64, &str)> = bodies.iter().map(|body| (0, body.as_str())).collect();
        let played = play(journey, 1, answers(&bodies)).await;
        assert_eq!(paths(&played), asked);
        assert_eq!(played.outcomes("j.list"), vec![Outcome::Success; asked.len()]);
    }
}

#[tokio::test]
async fn a_retry_is_a_sample_and_does_not_undo_the_failure() {
    let journey = r#"
[[step]]
name = "work"
[[step.step]]
name = "s"
path = "/{{random 1 1000000}}"
retries = 2
on-failure = "stop"
"#;
    let fails = [Act::Read, answer(503, "text/plain", "no")];
    let script = [fails.clone().to_vec(), vec![Act::Read, json("{}")]].concat();
    let played = play(journey, 1, vec![script]).await;
    assert_eq!(played.outcomes("j.s"), [Outcome::Success, Outcome::ServerError]);
    assert_eq!(played.endings, [IterationEnd::Completed]);
    let transaction = &played.recording.transactions[0];
    assert_eq!(transaction.counters.of(Outcome::Success), 1, "the user has an answer");
    let script = [fails.clone(), fails.clone(), fails].concat();
    let played = play(journey, 1, vec![script]).await;
    assert_eq!(played.outcomes("j.s"), [Outcome::ServerError; 3]);
    assert_eq!(played.endings, [IterationEnd::Failed]);
}

#[tokio::test]
async fn one_branch_of_a_choice_is_made_by_its_weight() {
    let journey = r#"
[[step]]
name = "either"
[[step.choice]]
weight = 3
[[step.choice.step]]
name = "often"
path = "/often"
[[step.choice]]
weight = 1
[[step.choice.step]]
name = "seldom"
path = "/seldom"
[[step.choice]]
weight = 0
[[step.choice.step]]
name = "never"
path = "/never"
"#;
    let loaded = journeys(&[("j", journey)]).unwrap();
    let times: Vec<f64> = loaded
        .get("j")
        .unwrap()
        .requests()
        .iter()
        .map(|(_, times)| times.least)
        .collect();
    assert_eq!(times, [0.75, 0.25, 0.0]);
    let played = play(journey, 400, answers(&[(0, "{}"); 400])).await;
    let often = played.outcomes("j.often").len();
    // 300 on average, with a standard deviation of 8.7.
    assert!((265..=335).contains(&often), "{often}");
    assert_eq!(played.outcomes("j.seldom").len(), 400 - often);
}

#[test]
fn repetitions_are_planned_by_their_least_and_most() {
    let journey = format!(
        "{POLL}retries = 2\n[[step]]\nname = 'list'\npath = '/'\npages = {{ next = '$.next', at-most = 9, expected = 3 }}\n"
    );
    let loaded = journeys(&[("j", &journey)]).unwrap();
    let journey = loaded.get("j").unwrap();
    let times: Vec<_> = journey
        .requests()
        .iter()
        .map(|(_, times)| (times.least, times.expected, times.most))
        .collect();
    assert_eq!(times, [(1.0, 2.0, 3.0), (1.0, 1.0, 3.0), (1.0, 3.0, 9.0)]);
    // One wait of 500 ms is expected between two tries.
    assert!((journey.thinking() - 0.5).abs() < 1e-9);
}

#[test]
fn what_is_wrong_with_a_repetition_is_told_with_its_key() {
    for (keys, key, cause) in [
        (
            "poll = { until = [], every = '1s', at-most = '9s', expected = 2 }",
            "poll.until",
            "no condition",
        ),
        (
            "poll = { until = [{ status = 200 }], every = '9s', at-most = '1s', expected = 2 }",
            "poll.every",
            "a poll tries again",
        ),
        (
            "poll = { until = [{ status = 200 }], every = '1s', at-most = '9s', expected = 11 }",
            "poll.expected",
            "between 1 and the most there can be, 10",
        ),
        (
            "pages = { next = '$[', at-most = 9, expected = 2 }",
            "pages.next",
            "is not a JSON path",
        ),
        (
            "pages = { next = '$.x', at-most = 0, expected = 2 }",
            "pages.at-most",
            "a number of passes",
        ),
        (
            "pages = { next = '$.x', at-most = 3, expected = 4 }",
            "pages.expected",
            "between 1 and",
        ),
        (
            "pages = { next = '$.x', at-most = 3, expected = 2 }\nretries = 1",
            "pages",
            "`pages` or `retries`, not both",
        ),
    ] {
        let error = journeys(&[("j", &format!("{GET}{keys}"))]).unwrap_err();
        let cause_told = std::error::Error::source(&error).unwrap().to_string();
        let shown = error.to_string();
        let place = shown.lines().next().unwrap_or_default();
        assert!(place.ends_with(&format!("step `s`: `{key}`")), "{shown}");
        assert!(cause_told.contains(cause), "{cause_told}");
        assert!(shown.contains('^'), "{shown}");
    }
}
