//! Steps that are repeated, chosen and grouped.

use super::server::{answer, json};
use super::*;
use crate::error::Hint;

/// One connection on which the server answers so many requests.
fn answers(bodies: &[&str]) -> Vec<Vec<Act>> {
    vec![bodies.iter().flat_map(|body| [Act::Read, json(body)]).collect()]
}

/// Paths that were asked for.
fn paths(played: &Played) -> Vec<&str> {
    let words = played.requests.iter().map(|request| request.split(' ').nth(1).unwrap());
    words.collect()
}

/// The transactions of that name, as often as they came.
fn transactions(played: &Played, name: &str) -> Vec<Outcome> {
    let mut records = played.recording.transactions.iter();
    let record = records.find(|record| record.key.series == name);
    let of = |outcome: Outcome| record.map_or(0, |record| record.counters.of(outcome));
    let repeated = Outcome::ALL.map(|outcome| vec![outcome; usize::try_from(of(outcome)).unwrap()]);
    repeated.concat()
}

#[tokio::test]
async fn steps_go_round_as_the_conditions_say() {
    let journey = r#"
[[step]]
name = "first"
path = "/first"
extract = { ids = { json = "$.ids[*]", pick = "all" } }

[[step]]
name = "twice"
repeat = 2
path = "/twice"

[[step]]
name = "more"
while = [{ json = "$.more", equals = true }]
at-most = 3
expected = 2
[[step.step]]
name = "page"
path = "/page"

[[step]]
name = "never"
if = [{ json = "$.more", equals = true }, { status = 200 }]
expected = 0.5
[[step.step]]
name = "no"
path = "/no"

[[step]]
name = "each"
for-each = "ids"
as = "id"
at-most = 2
expected = 2
[[step.step]]
name = "open"
path = "/open/{{id}}"
[[step.step]]
name = "odd"
if = [{ value = "{{id}}", equals = 1 }]
expected = 0.5
path = "/odd/{{id}}"
"#;
    let played = play(
        journey,
        1,
        answers(&[
            r#"{"ids": [1, "b c", 3]}"#,
            r#"{"more": false}"#,
            r#"{"more": true}"#,
            r#"{"more": true}"#,
            r#"{"more": false}"#,
            "{}",
            "{}",
            "{}",
        ]),
    )
    .await;
    let asked = [
        "/first",
        "/twice",
        "/twice",
        "/page",
        "/page",
        "/open/1",
        "/odd/1",
        "/open/b%20c",
    ];
    assert_eq!(paths(&played), asked);
    assert_eq!(played.endings, [IterationEnd::Completed]);
    assert_eq!(played.outcomes("j.page"), [Outcome::Success; 2]);
}

#[tokio::test]
async fn a_loop_ends_at_its_most_and_without_an_answer() {
    let journey = r#"
[[step]]
name = "first"
path = "/"
[[step]]
name = "again"
while = [{ lacks = "done" }]
at-most = 3
expected = 1
path = "/again"
"#;
    let played = play(journey, 1, answers(&["{}"; 4])).await;
    assert_eq!(played.outcomes("j.again"), [Outcome::Success; 3]);
    // The connection is refused after the first answer: no condition holds without one.
    let played = play(journey, 1, vec![vec![Act::Read, json("{}"), Act::Read, Act::Reset]]).await;
    assert_eq!(played.outcomes("j.again").len(), 1);
}

/// A group of two steps, of which the first takes 20 ms, within a loop.
const DASHBOARD: &str = r#"
[[step]]
name = "before"
path = "/before"
[[step]]
name = "twice"
repeat = 2
[[step.step]]
name = "dashboard"
think = "50ms"
tags = ["pages"]
[[step.step.step]]
name = "mine"
path = "/mine"
status = [200]
on-failure = "stop"
[[step.step.step]]
name = "users"
think = "10ms"
path = "/users"
"#;

#[test]
fn a_group_is_timed_from_its_start_to_the_end_of_its_last_step() {
    let slow = |millis, body| vec![Act::Read, Act::Wait(millis), json(body)];
    let script = [
        slow(5, "{}"),
        slow(20, "{}"),
        slow(30, "{}"),
        slow(20, "{}"),
        slow(30, "{}"),
    ];
    let played = simulate(DASHBOARD, 1, vec![script.concat()]);
    assert_eq!(transactions(&played, "j.dashboard"), [Outcome::Success; 2]);
    let times = played.recording.transactions[0].timings.of(Timing::Response);
    // 20 ms, 10 ms of thinking and 30 ms; the thinking before it is not part of it.
    assert!(times.equivalent(times.min(), 60_000) && times.equivalent(times.max(), 60_000));
    assert_eq!(played.took, [Duration::from_millis(5 + 2 * (50 + 60))]);
    assert_eq!(played.recording.series.len(), 3, "a transaction is no request");
    let all: u64 = played.recording.seconds.iter().map(|cell| cell.counters.total()).sum();
    assert_eq!(all, 5);
}

#[tokio::test]
async fn a_transaction_fails_with_its_steps_and_ends_where_they_stop() {
    let script = vec![
        Act::Read,
        json("{}"),
        Act::Read,
        json("{}"),
        Act::Read,
        answer(500, "text/plain", "no"),
        Act::Read,
        answer(404, "text/plain", "no"),
    ];
    let played = play(DASHBOARD, 1, vec![script.clone()]).await;
    assert_eq!(
        transactions(&played, "j.dashboard"),
        [Outcome::ClientError, Outcome::ServerError]
    );
    assert_eq!(played.endings, [IterationEnd::Failed]);
    assert_eq!(played.outcomes("j.users"), [Outcome::ServerError]);

    // A group that contains failures is left, and the iteration goes on with the next pass.
    let contained = DASHBOARD.replace("think = \"50ms\"", "on-failure = \"continue\"");
    let script = vec![
        Act::Read,
        json("{}"),
        Act::Read,
        answer(404, "text/plain", "no"),
        Act::Read,
        json("{}"),
        Act::Read,
        json("{}"),
    ];
    let played = play(&contained, 1, vec![script]).await;
    assert_eq!(
        transactions(&played, "j.dashboard"),
        [Outcome::Success, Outcome::ClientError]
    );
    assert_eq!(paths(&played), ["/before", "/mine", "/mine", "/users"]);
    assert_eq!(played.endings, [IterationEnd::Completed]);
}

#[test]
fn a_transaction_that_is_cut_off_is_recorded_as_interrupted() {
    let script = vec![vec![Act::Read, json("{}"), Act::Read, Act::Hang]];
    let patience = Duration::from_millis(100);
    let played = simulate_with(&[("j", DASHBOARD)], "j", 1, script, patience);
    assert_eq!(transactions(&played, "j.dashboard"), [Outcome::Interrupted]);
    assert_eq!(played.outcomes("j.mine"), [Outcome::Interrupted]);
}

#[test]
fn how_often_each_is_made_is_known_before_a_run() {
    let journey = r#"
[[step]]
name = "list"
path = "/list"
extract = { ids = { json = "$[*]", pick = "all" } }
[[step]]
name = "each"
for-each = "ids"
at-most = 10
expected = 4
think = "1s"
[[step.step]]
name = "work"
[[step.step.step]]
name = "open"
path = "/open"
[[step.step.step]]
name = "maybe"
if = [{ status = 200 }]
expected = 0.25
[[step.step.step.step]]
name = "comment"
repeat = 2
think = "2s"
path = "/comment"
"#;
    let loaded = journeys(&[("j", journey)]).unwrap();
    let journey = loaded.get("j").unwrap();
    let names: Vec<&str> = loaded.series().iter().map(|series| series.name.as_str()).collect();
    assert_eq!(names, ["j.list", "j.open", "j.comment"]);
    assert_eq!(loaded.transactions()[0].name, "j.work");
    let times = |(_, times): &(_, Times)| (times.least, times.expected, times.most);
    let requests: Vec<_> = journey.requests().iter().map(times).collect();
    assert_eq!(requests, [(1.0, 1.0, 1.0), (1.0, 4.0, 10.0), (0.5, 2.0, 20.0)]);
    let transactions: Vec<_> = journey
        .transactions()
        .iter()
        .map(|(_, times)| (times.least, times.expected, times.most))
        .collect();
    assert_eq!(transactions, [(1.0, 4.0, 10.0)]);
    // 1 s once before the loop, and 2 s before each of two comments.
    assert!((journey.thinking() - 5.0).abs() < 1e-9, "{}", journey.thinking());
    assert_eq!(journey.paths()[2], ("/comment".to_owned(), 20.0));
}

/// Place, cause and hint of the error in a journey; the lines of its excerpt.
fn refused(journey: &str) -> (String, String, Vec<String>) {
    let error = journeys(&[("j", journey)]).unwrap_err();
    let cause = std::error::Error::source(&error).map(ToString::to_string);
    let shown = error.to_string();
    let mut lines = shown.lines().map(str::to_owned);
    let place = lines.next().unwrap_or_default();
    let place = place.rsplit('/').next().unwrap_or_default().to_owned();
    let cause = [cause, error.hint()]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("; ");
    (place, cause, lines.collect())
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of mistakes")]
fn what_is_wrong_with_a_loop_is_told_with_its_place() {
    let request = "name = 's'\npath = '/'\n";
    for (step, place, cause) in [
        ("name = 's'", "`path`", "a step has a `path`, or is a group"),
        (
            "name = 's'\npath = '/'\nstep = [{ name = 't', path = '/' }]",
            "`step`",
            "a `path` or `step`, not both",
        ),
        (
            "name = 's'\npath = '/'\nrepeat = 2\nif = [{ status = 200 }]",
            "`if`",
            "a step has `repeat` or `if`",
        ),
        (
            "name = 's'\npath = '/'\nrepeat = 0",
            "`repeat`",
            "`0` is not a number of passes",
        ),
        ("name = 's'\npath = '/'\nat-most = 2", "`at-most`", "belongs to `while`"),
        (
            "name = 's'\npath = '/'\nexpected = 2",
            "`expected`",
            "belongs to `while`",
        ),
        (
            "name = 's'\npath = '/'\nas = 'x'",
            "`as`",
            "names the element of a `for-each`",
        ),
        (
            "name = 's'\nmethod = 'POST'\nstep = [{ name = 't', path = '/' }]",
            "`method`",
            "belongs to a request, and this step is a group",
        ),
        (
            "name = 's'\nrepeat = 2\ntags = ['x']\nstep = [{ name = 't', path = '/' }]",
            "`tags`",
            "a loop has no series of its own",
        ),
        (
            "name = 's'\npath = '/'\nwhile = [{ status = 200 }]\nat-most = 3\nexpected = 1",
            "`while`",
            "there is no answer before it",
        ),
        (
            "name = 's'\npath = '/'\nif = [{ value = '{{usr}}', equals = 'x' }]",
            "`if`",
            "did you mean `user`?",
        ),
        (
            "name = 's'\npath = '/'\nif = []\nexpected = 1",
            "`if`",
            "there is no condition in it",
        ),
        (
            "name = 's'\npath = '/'\nif = [{ value = '{{user}}', equals = '1' }]",
            "`if`",
            "an `if` says how often it holds",
        ),
        (
            "name = 's'\npath = '/'\nif = [{ value = '{{user}}', equals = '1' }]\nexpected = 2",
            "`expected`",
            "`2` is not a share from 0 to 1",
        ),
        (
            "name = 's'\npath = '/'\nif = [{ value = '{{user}}', json = '$.x' }]\nexpected = 1",
            "`if`",
            "a `value` is compared by",
        ),
        (
            "name = 's'\npath = '/'\nwhile = [{ value = '{{user}}', equals = '1' }]\nat-most = 3",
            "`while`",
            "(`expected` is missing)",
        ),
        (
            "name = 's'\npath = '/'\nwhile = [{ value = '{{user}}', equals = '1' }]\nat-most = 3\nexpected = 4",
            "`expected`",
            "0 to `at-most`",
        ),
        (
            "name = 's'\npath = '/'\nfor-each = 'usr'\nat-most = 3\nexpected = 2",
            "`for-each`",
            "did you mean `user`?",
        ),
        (
            "name = 's'\npath = '/'\ncheck = [{ value = '{{user}}', equals = '1' }]",
            "`check`",
            "a check reads an answer",
        ),
    ] {
        let (told, why, lines) = refused(&format!("[[step]]\n{step}"));
        assert_eq!(told, format!("j.toml: step `s`: {place}"), "{step}");
        assert!(why.contains(cause), "{step}: {why}");
        assert!(lines.len() == 3 && lines[2].contains('^'), "{step}: {lines:?}");
    }
    // Within a group, at the line of the step itself.
    let nested =
        format!("[[step]]\nname = 'g'\n[[step.step]]\n{request}[[step.step]]\nname = 't'\npath = '/{{{{x}}}}'");
    let (told, _, lines) = refused(&nested);
    assert_eq!(told, "j.toml: step `t`: `path`");
    assert_eq!(lines[1], "10 | path = '/{{x}}'");
    let twice = format!("[[step]]\n{request}[[step]]\nname = 'g'\n[[step.step]]\n{request}");
    assert!(refused(&twice).1.contains("two steps of this journey have this name"));
    let inner = "[[step]]\nname = 'g'\nfor-each = 'user'\nat-most = 2\nexpected = 1\n[[step.step]]\n\
                 name = 's'\npath = '/'\nfor-each = 'item'\nat-most = 2\nexpected = 1";
    assert!(refused(inner).1.contains("name this one by `as`"));
}

#[tokio::test]
async fn a_journey_calls_another() {
    let open = "[[step]]\nname = 'one'\npath = '/one'\nextract = { id = '$.id' }\n[[step]]\nname = 'two'\npath = '/two/{{id}}'\n";
    let caller = "[[step]]\nname = 'first'\npath = '/first'\n[[step]]\nname = 'twice'\nrepeat = 2\ncall = 'open'\n\
                  [[step]]\nname = 'after'\npath = '/after/{{id}}'\n";
    let files = [("j", caller), ("open", open)];
    let script = answers(&["{}", r#"{"id": 1}"#, "{}", r#"{"id": 2}"#, "{}", "{}"]);
    let played = play_with(&files, "j", 1, script).await;
    assert_eq!(
        paths(&played),
        ["/first", "/one", "/two/1", "/one", "/two/2", "/after/2"]
    );
    assert_eq!(played.outcomes("open.two"), [Outcome::Success; 2]);
    // What is missing in the second call is not taken from the first.
    let lenient = open.replace("path = '/one'", "path = '/one'\non-failure = 'continue'");
    let script = answers(&["{}", r#"{"id": 1}"#, "{}", "{}"]);
    let played = play_with(&[("j", caller), ("open", &lenient)], "j", 1, script).await;
    assert_eq!(paths(&played), ["/first", "/one", "/two/1", "/one"]);
    assert_eq!(played.outcomes("open.two"), [Outcome::Success, Outcome::CheckFailed]);

    let loaded = journeys(&files).unwrap();
    let caller = loaded.get("j").unwrap();
    let times: Vec<f64> = caller.requests().iter().map(|(_, times)| times.expected).collect();
    assert_eq!(times, [1.0, 2.0, 2.0, 1.0]);
}

#[test]
fn a_call_that_cannot_be_made_is_told_with_its_place() {
    let call = |name: &str, more: &str| format!("{more}[[step]]\nname = 'c'\ncall = '{name}'\n");
    let told = |files: &[(&str, &str)]| {
        let error = journeys(files).unwrap_err();
        assert!(
            error.to_string().contains("`call`") && error.to_string().contains('^'),
            "{error}"
        );
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        [cause, error.hint()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("; ")
    };
    assert!(told(&[("j", &call("opne", "")), ("open", GET)]).contains("did you mean `open`?"));
    assert!(told(&[("j", &call("j", ""))]).contains("calls end nowhere"));
    assert!(told(&[("j", &call("k", "")), ("k", &call("j", ""))]).contains("calls end nowhere"));
    let files = [
        ("j", call("k", "session = 'login'\n")),
        ("k", call("login", "")),
        ("login", SESSION.to_owned()),
    ];
    let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
    assert!(told(&files).contains("logs users in"));
    let other = [
        ("j", call("tasks", "")),
        ("tasks", WITH_SESSION.to_owned()),
        ("login", SESSION.to_owned()),
    ];
    let other = other.each_ref().map(|(name, text)| (*name, text.as_str()));
    assert!(told(&other).contains("has another session"));
}
