//! Feeders, variables, values that are set, and errors that show their place.

use super::server::{answer, json};
use super::*;
use crate::error::Hint;

const VALUES: &str = r#"
variables = { tenant = "a b", size = 5 }
feeder = { file = "users.csv", order = "sequential" }
[[step]]
name = "first"
method = "POST"
path = "/{{tenant}}?of={{login}}"
set = { mark = "{{tenant}}-{{iteration}}", key = "k" }
headers = { x-mark = "{{mark | base64}}" }
json = { size = "{{number size}}", signed = "{{mark | hmac key}}" }
[[step]]
name = "second"
path = "/{{mark}}"
"#;

#[tokio::test]
async fn variables_and_what_is_set_stand_in_requests() {
    let script = vec![
        Act::Read,
        json("{}"),
        Act::Read,
        json("{}"),
        Act::Read,
        json("{}"),
        Act::Read,
        json("{}"),
    ];
    let played = play(VALUES, 2, vec![script]).await;
    assert_eq!(played.endings, [IterationEnd::Completed; 2]);
    let [first, second, third, _] = &played.requests[..] else {
        panic!("{:?}", played.requests)
    };
    assert!(first.starts_with("POST /a%20b?of=anna HTTP/1.1\r\n"), "{first}");
    // `a b-0` in Base64; `printf 'a b-0' | openssl dgst -sha256 -hmac k`.
    assert!(first.contains("x-mark: YSBiLTA=\r\n"), "{first}");
    assert!(
        first.ends_with("{\"signed\":\"921869bff9855d535758ec0c56b3f4ce7a6e9d3ea8344fd7640955d0c9477c4a\",\"size\":5}"),
        "{first}"
    );
    assert!(second.starts_with("GET /a%20b-0 "), "{second}");
    assert!(third.starts_with("POST /a%20b?of=bert "), "the next row: {third}");
}

#[tokio::test]
async fn no_row_serves_twice_and_the_rest_is_said_to_be_exhausted() {
    let journey = "feeder = { file = 'users.csv', order = 'unique' }\n[[step]]\nname = 's'\npath = '/{{login}}'\n";
    let script = vec![Act::Read, json("{}"), Act::Read, json("{}")];
    let played = play(journey, 3, vec![script]).await;
    assert_eq!(
        played.endings,
        [
            IterationEnd::Completed,
            IterationEnd::Completed,
            IterationEnd::Exhausted
        ]
    );
    assert_eq!(played.outcomes("j.s"), [Outcome::Success; 2]);
    assert!(played.requests[0].starts_with("GET /anna ") && played.requests[1].starts_with("GET /bert "));
}

#[tokio::test]
async fn a_user_takes_one_unique_row_for_all_its_log_ins() {
    let login = SESSION.replace("\"users.csv\"", "{ file = \"users.csv\", order = \"unique\" }");
    let files = [("login", login.as_str()), ("tasks", WITH_SESSION)];
    let refused = [Act::Read, answer(500, "text/plain", "no")];
    let played = play_with(
        &files,
        "tasks",
        3,
        vec![[refused.clone(), refused.clone(), refused].concat()],
    )
    .await;
    assert_eq!(
        played.endings,
        [IterationEnd::Failed; 3],
        "the row is not used up by failed log-ins"
    );
    assert!(
        played.requests.iter().all(|request| request.contains("anna")),
        "{:?}",
        played.requests
    );
}

#[test]
fn an_error_shows_its_place_and_what_was_meant() {
    let told = |files: &[(&str, &str)]| {
        let error = journeys(files).unwrap_err();
        let causes: Vec<String> = crate::error::chain(&error).map(ToString::to_string).collect();
        let text = causes.join("\n");
        // The folder is a temporary one.
        let (_, text) = text.rsplit_once("j.toml").unwrap();
        format!("{text}\n{}", error.hint().unwrap_or_default())
    };
    let step = "[[step]]\nname = 's'\npath = '/'\nextract = { task = '$.id' }\n[[step]]\nname = 't'\n";
    let unknown = format!("{step}path = '/tasks/{{{{taks}}}}'\n");
    assert_eq!(
        told(&[("j", &unknown)]),
        ": step `t`: `path`\n  |\n9 | path = '/tasks/{{taks}}'\n  |                  ^^^^\n\
         `{{taks}}` names nothing known here\ndid you mean `task`?"
    );
    let in_array = format!("{step}path = '/'\ncheck = [\n  {{ json = '$.id' }},\n  {{ json = '$.[' }},\n]\n");
    let text = told(&[("j", &in_array)]);
    assert!(
        text.contains("\n12 |   { json = '$.[' },\n   |             ^^^\n`$.[` is not a JSON path\n"),
        "{text}"
    );
    let filter = format!("{step}path = '/{{{{task | bsae64}}}}'\n");
    let text = told(&[("j", &filter)]);
    assert!(
        text.contains("\n  |                   ^^^^^^\n`bsae64` is not a filter\ndid you mean `base64`?"),
        "{text}"
    );
    let session = format!("session = 'lgoin'\n{step}path = '/'\n");
    assert_eq!(
        told(&[("login", SESSION), ("j", &session)]),
        ": `session`\n  |\n3 | session = 'lgoin'\n  |           ^^^^^^^\n\
         there is no journey `lgoin` that could log users in\ndid you mean `login`? known here: j, login"
    );
    let variable = format!("feeder = 'users.csv'\nvariables = {{ login = 'x' }}\n{step}path = '/'\n");
    let text = told(&[("j", &variable)]);
    assert!(
        text.contains("\n4 | variables = { login = 'x' }\n  |                       ^^^\n"),
        "{text}"
    );
}
