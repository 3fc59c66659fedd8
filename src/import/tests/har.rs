use proptest::prelude::*;
use serde_json::{Value, json};

use super::written;
use crate::import::{HarOptions, ImportError, ImportResult, har};

const HOST: &str = "http://127.0.0.1:8080";

fn options() -> HarOptions {
    HarOptions {
        path: "walk.har".into(),
        name: "shop".to_owned(),
        hosts: Vec::new(),
    }
}

fn pairs(headers: &[(&str, &str)]) -> Value {
    let pairs = headers
        .iter()
        .map(|(name, value)| json!({ "name": name, "value": value }));
    pairs.collect()
}

/// An entry that begins and ends at those milliseconds.
fn entry(
    at: (u64, u64),
    request: &str,
    headers: &[(&str, &str)],
    posted: &str,
    status: u16,
    answer: (&str, &str),
) -> Value {
    let (method, path) = request.split_once(' ').unwrap();
    let mime = if posted.starts_with('{') {
        "application/json"
    } else {
        "application/x-www-form-urlencoded"
    };
    let url = if path.starts_with('/') {
        format!("{HOST}{path}")
    } else {
        path.to_owned()
    };
    let (answer_mime, body) = answer;
    let mut entry = json!({
        "startedDateTime": format!("2026-03-01T12:00:{:02}.{:03}+01:00", at.0 / 1000, at.0 % 1000),
        "time": at.1 - at.0,
        "request": { "method": method, "url": url, "headers": pairs(headers) },
        "response": {
            "status": status,
            "headers": if status == 303 { pairs(&[("location", body), ("set-cookie", "sid=1; Path=/")]) } else { json!([]) },
            "content": { "mimeType": answer_mime, "text": body },
        },
    });
    if !posted.is_empty() {
        entry["request"]["postData"] = json!({ "mimeType": mime, "text": posted });
    }
    entry
}

/// A walk whose system gives that token, task and key.
#[expect(clippy::too_many_lines, reason = "a recording")]
fn walk(csrf: &str, token: &str, task: u32, title: &str) -> String {
    let html = (
        "text/html",
        &*format!("<form><input name=\"_csrf\" value=\"{csrf}\"></form>"),
    );
    let bearer = format!("Bearer {token}");
    let auth = [
        ("Authorization", bearer.as_str()),
        ("Accept", "application/json"),
        ("User-Agent", "Firefox"),
    ];
    let entries = [
        entry((0, 50), "GET /login", &[("accept", "text/html")], "", 200, html),
        entry((60, 90), "GET /app.css", &[], "", 200, ("text/css", "p{}")),
        entry(
            (70, 90),
            "GET https://cdn.example/x.png",
            &[],
            "",
            200,
            ("image/png", ""),
        ),
        entry(
            (2_000, 2_100),
            "POST /login",
            &[("content-type", "application/x-www-form-urlencoded")],
            &format!("_csrf={csrf}&email=anna%40shop.example&password=Word+1"),
            303,
            ("text/html", "/home"),
        ),
        entry(
            (2_110, 2_200),
            "GET /home",
            &[],
            "",
            200,
            ("text/html", "<h1>Home</h1>"),
        ),
        entry(
            (2_250, 2_300),
            "GET /api/token",
            &[],
            "",
            200,
            ("application/json", &format!("{{\"access_token\":\"{token}\"}}")),
        ),
        // Both at once, the second with a preflight.
        entry(
            (3_500, 3_700),
            "GET /api/me",
            &auth,
            "",
            200,
            ("application/json", "{\"id\":7}"),
        ),
        entry(
            (3_505, 3_510),
            "OPTIONS /api/tasks",
            &[("Access-Control-Request-Method", "GET")],
            "",
            204,
            ("", ""),
        ),
        entry(
            (3_511, 3_650),
            "GET /api/tasks?page=1",
            &auth,
            "",
            200,
            ("application/json", "{\"data\":[]}"),
        ),
        entry(
            (8_700, 8_800),
            "POST /api/tasks",
            &auth,
            &format!("{{\"title\":\"{title}\",\"key\":\"9b2f1c3e-0000-4000-8000-0000000000{task}\",\"done\":false}}"),
            201,
            ("application/json", &format!("{{\"id\":{task},\"title\":\"{title}\"}}")),
        ),
        entry(
            (8_850, 8_900),
            &format!("GET /api/tasks/{task}"),
            &auth,
            "",
            200,
            ("application/json", &format!("{{\"id\":{task}}}")),
        ),
        entry(
            (9_950, 9_990),
            &format!("DELETE /api/tasks/{task}"),
            &auth,
            "",
            204,
            ("", ""),
        ),
    ];
    let archive = json!({ "log": { "version": "1.2", "creator": {}, "entries": entries } });
    format!("\u{feff}{archive}")
}

fn imported(second: Option<&str>) -> (Vec<(String, String)>, ImportResult) {
    let first = walk("Csrf-Token-1", "Bearer-Token-1", 57, "first");
    let second = second.map(|text| (std::path::Path::new("second.har"), text));
    let mut imported = har(&first, second, &options()).unwrap_or_else(|error| panic!("{error}"));
    let folder = tempfile::tempdir().unwrap();
    let texts = written(&mut imported, folder.path());
    (texts, imported)
}

fn holds(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|found| found == *line), "no {line:?} in\n{text}");
    }
}

#[test]
fn a_walk_becomes_a_session_and_a_journey() {
    let (texts, imported) = imported(None);
    let [(login, session), (main, journey)] = &texts[..] else {
        panic!("{texts:#?}")
    };
    assert_eq!((login.as_str(), main.as_str()), ("shop-login", "shop"));
    holds(
        session,
        &[
            "feeder = \"../data/shop-users.csv\"",
            "extract = { csrf = { attribute = \"value\", css = 'input[name=\"_csrf\"]' } }",
            "# Heuristic: csrf is extracted, because later requests hold this value.",
            "form = { _csrf = \"{{csrf}}\", email = \"{{email}}\", password = \"{{password}}\" }",
            "redirects = 1",
            "think = \"2s\"",
        ],
    );
    holds(
        journey,
        &[
            "session = \"shop-login\"",
            "extract = { access_token = { json = \"$.access_token\" } }",
            "[[step.parallel]]",
            "name = \"together\"",
            "think = \"1.2s\"".replace("1.2s", "1200ms").as_str(),
            "json = { done = false, key = \"{{uuid}}\", title = \"first\" }",
            "extract = { task_id = { json = \"$.id\" } }",
            "path = \"/api/tasks/{{task_id}}\"",
            "think = \"5s\"",
        ],
    );
    assert_eq!(journey.matches("Bearer {{access_token}}").count(), 5, "{journey}");
    let all = format!("{session}{journey}");
    for dropped in ["Firefox", "Word 1", "anna", "Csrf-Token", "Bearer-Token", "app.css"] {
        assert!(!all.contains(dropped), "{dropped} in\n{all}");
    }
    let account = &imported.account;
    assert_eq!(
        (account.read, account.replayed, account.mapped, account.omitted()),
        (12, 8, 1, 3)
    );
    let users = imported
        .files
        .iter()
        .find(|file| file.path == "data/shop-users.csv")
        .unwrap();
    assert_eq!(users.content, b"email,password\nanna@shop.example,Word 1\n");
}

#[test]
fn a_second_recording_tells_which_values_change() {
    let second = walk("Csrf-Token-2", "Bearer-Token-2", 61, "second");
    let (texts, imported) = imported(Some(&second));
    let all = format!("{}{}", texts[0].1, texts[1].1);
    assert!(!all.contains("csrf is extracted, because"), "{all}");
    holds(
        &all,
        &[
            "path = \"/api/tasks/{{task_id}}\"",
            "extract = { task_id = { json = \"$.id\" } }",
        ],
    );
    let note = "entry 10: title differs between the recordings, and no earlier answer holds it: it is as in the first";
    assert!(
        imported.account.notes.iter().any(|known| known == note),
        "{:#?}",
        imported.account.notes
    );
}

#[test]
fn a_token_that_a_recorder_masked_is_found_by_its_name() {
    let text = walk("Csrf-Token-1", "***", 57, "first");
    let second = walk("Csrf-Token-2", "***", 61, "first");
    for second in [None, Some((std::path::Path::new("second.har"), second.as_str()))] {
        let mut imported = har(&text, second, &options()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let texts = written(&mut imported, folder.path());
        assert_eq!(
            texts[1].1.matches("Bearer {{access_token}}").count(),
            5,
            "{}",
            texts[1].1
        );
    }
}

#[test]
fn what_a_recording_lacks_is_said_at_its_step() {
    let archive = json!({ "log": { "entries": [
        { "request": { "method": "POST", "url": format!("{HOST}/a"), "bodySize": 9 }, "response": { "status": 500, "content": {} } },
        { "startedDateTime": "2026-03-01T12:00:00", "request": { "method": "POST", "url": format!("{HOST}/files"), "postData": {
            "mimeType": "multipart/form-data; boundary=x",
            "text": "--x\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhi\r\n--x\r\nContent-Disposition: form-data; \
                     name=\"file\"; filename=\"a.PNG\"\r\nContent-Type: image/png\r\n\r\n\r\n--x--\r\n" } },
          "response": { "status": 201, "content": { "mimeType": "application/json" } } },
        { "request": { "method": "GET", "url": format!("{HOST}/old") }, "response": { "status": 302, "redirectURL": "/gone" } },
        { "request": {} }, 7, { "request": { "method": "GET", "url": "data:,x" } },
        { "request": { "method": "PROPFIND", "url": format!("{HOST}/b") }, "response": { "status": 207 } },
        { "request": { "method": "GET", "url": format!("{HOST}/c") }, "response": { "status": 0 } },
    ] } });
    let mut imported = har(&archive.to_string(), None, &options()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let texts = written(&mut imported, folder.path());
    let text = &texts[0].1;
    holds(
        text,
        &[
            "# The recording lacks the body of this request (9 bytes).",
            "# The recording has the status 500.",
            "status = [500]",
            "# The recording lacks the body of the answer: nothing is extracted from it.",
            "# File data/shop-1-a.png is empty: the recording lacks its content. Put the real file there.",
            "multipart = [{ name = \"note\", value = \"hi\" }, { file = \"../data/shop-1-a.png\", file-name = \"a.PNG\", name = \"file\", type = \"image/png\" }]",
            "# The recording lacks the page that this redirect leads to.",
            "status = [302]",
        ],
    );
    let reasons: Vec<&str> = imported
        .account
        .left_out
        .iter()
        .map(|left| left.reason.as_str())
        .collect();
    assert_eq!(
        reasons,
        [
            "an entry without a URL",
            "a `data:` URL, which is no request",
            "a request without an answer: blocked, cancelled or cut off",
            "a method that journeys do not send (PROPFIND)",
        ]
    );
}

#[test]
fn what_is_no_archive_is_an_error() {
    for (text, told) in [
        ("", "EOF while parsing"),
        ("{\"log\":{}}", "it has no list `log.entries`"),
        ("{\"log\":{\"entries\":[", "EOF while parsing"),
    ] {
        let error = har(text, None, &options()).unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
    }
    let error = har("{\"log\":{\"entries\":[]}}", None, &options()).unwrap_err();
    assert!(matches!(error, ImportError::Nothing { .. }));
}

/// A JSON value in which some values of an archive are others.
fn damaged(value: &Value, choices: &mut impl Iterator<Item = u8>) -> Value {
    match choices.next().unwrap_or(255) {
        0 => return Value::Null,
        1 => return json!("{{x}}\u{e000}é\n"),
        2 => return json!(-1e9),
        3 => return json!([1, {}]),
        _ => {}
    }
    match value {
        Value::Array(elements) => elements.iter().map(|element| damaged(element, choices)).collect(),
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| (name.clone(), damaged(value, choices)));
            Value::Object(members.collect())
        }
        other => other.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_archive_is_accounted_for(choices in prop::collection::vec(0_u8..=60, 400), both in any::<bool>()) {
        let text = walk("Csrf-Token-1", "Bearer-Token-1", 57, "first");
        let whole: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
        let mut choices = choices.into_iter();
        let broken = damaged(&whole["log"]["entries"], &mut choices);
        let broken = json!({ "log": { "entries": broken } }).to_string();
        let second = walk("c", "d", 12, "e");
        let second = both.then_some((std::path::Path::new("b"), second.as_str()));
        if let Ok(mut imported) = har(&broken, second, &options()) {
            prop_assert!(imported.account.is_complete(), "{:?}", imported.account);
            let folder = tempfile::tempdir().unwrap();
            written(&mut imported, folder.path());
        }
    }

    #[test]
    fn any_text_is_an_archive_or_an_error(text in "[\\[\\]{}\":,a-z0-9é]{0,60}") {
        let _ = har(&text, None, &options());
    }
}
