//! `diapason try` on a small server: what is printed, what is masked, the archive, and the exit codes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const LOGIN: &str = r#"
name = "login"
description = "Logs in by a form"
feeder = "users.csv"

[[step]]
name = "form"
path = "/login"
extract = { csrf = { css = "input[name=_token]", attribute = "value" } }

[[step]]
name = "submit"
method = "POST"
path = "/login"
form = { _token = "{{csrf}}", user = "{{login}}", password = "{{password}}" }
redirects = 2
check = [{ cookie = "sid" }, { url = "/home" }]
on-failure = "stop"
"#;

const TASKS: &str = r#"
name = "tasks"
description = "Lists tasks and opens one"
session = "login"

[[step]]
name = "list"
path = "/tasks"
extract = { task = { json = "$[*].id", pick = "last" } }
check = [{ json = "$[*].id", min = 2 }]

[[step]]
name = "detail"
path = "/tasks/{{task}}?of={{login}}"
check = [{ json = "$.state", equals = "STATE" }, { json = "$.id", type = "integer" }]
"#;

/// Answer of the server to a request: status and headers, body.
fn answer(line: &str, cookie: &str) -> (String, String) {
    let json = |body: &str| ("200 OK\r\ncontent-type: application/json".to_owned(), body.to_owned());
    match line {
        "GET / HTTP/1.1" => json("{}"),
        "GET /login HTTP/1.1" => (
            "200 OK\r\ncontent-type: text/html\r\nset-cookie: pre=Before-The-Login; Path=/".to_owned(),
            "<form><input name=_token value=Against-Forgery></form>".to_owned(),
        ),
        "POST /login HTTP/1.1" => (
            "303 See Other\r\nlocation: /home\r\nset-cookie: sid=Session-Of-Anna; Path=/; HttpOnly".to_owned(),
            String::new(),
        ),
        "GET /home HTTP/1.1" => (
            "200 OK\r\ncontent-type: text/html".to_owned(),
            format!("<p>{cookie}</p>"),
        ),
        "GET /tasks HTTP/1.1" => json(r#"[{"id":1},{"id":2}]"#),
        "GET /tasks/2?of=anna HTTP/1.1" => json(r#"{"id":2,"state":"DONE","access_token":"Key-Of-Anna"}"#),
        _ => ("404 Not Found".to_owned(), "no such page".to_owned()),
    }
}

fn converse(stream: TcpStream) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    let mut stream = stream;
    loop {
        let (mut first, mut cookie, mut length) = (String::new(), String::new(), 0);
        if lines.read_line(&mut first)? == 0 {
            return Ok(());
        }
        loop {
            let mut line = String::new();
            lines.read_line(&mut line)?;
            match line.trim_end().split_once(": ") {
                None => break,
                Some(("content-length", value)) => length = value.parse().unwrap(),
                Some(("cookie", value)) => value.clone_into(&mut cookie),
                Some(_) => {}
            }
        }
        let mut body = vec![0; length];
        lines.read_exact(&mut body)?;
        let (head, body) = answer(first.trim_end(), &cookie);
        write!(
            stream,
            "HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )?;
    }
}

/// URL of a server that lives as long as the tests do.
pub(super) fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || converse(stream.unwrap()));
        }
    });
    format!("http://{address}")
}

/// Tries `tasks`, which expects the task to be in that state.
fn tried(folder: &Path, state: &str, more: &[&str]) -> Output {
    let journeys = folder.join("journeys");
    std::fs::create_dir_all(&journeys).unwrap();
    std::fs::write(journeys.join("users.csv"), "login,password\nanna,Word-Of-Anna\n").unwrap();
    std::fs::write(journeys.join("login.toml"), LOGIN).unwrap();
    std::fs::write(journeys.join("tasks.toml"), TASKS.replace("STATE", state)).unwrap();
    Command::new(env!("CARGO_BIN_EXE_diapason"))
        .args(["try", "tasks", "--scenarios", folder.to_str().unwrap()])
        .args(more)
        .output()
        .unwrap()
}

const SECRETS: [&str; 5] = [
    "Before-The-Login",
    "Session-Of-Anna",
    "Against-Forgery",
    "Word-Of-Anna",
    "Key-Of-Anna",
];

#[test]
fn everything_is_shown_and_nothing_secret() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("try.har");
    let output = tried(
        folder.path(),
        "DONE",
        &["--target", &server(), "--har", archive.to_str().unwrap()],
    );
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    for line in [
        "login.submit  success in",
        "> POST http://127.0.0.1:",
        "> _token=***&password=***&user=anna",
        "< set-cookie: sid=***; Path=/; HttpOnly",
        "> cookie: pre=***; sid=***",
        "holds     { cookie = \"sid\" }: ***",
        "holds     { json = \"$[*].id\", min = 2 }: 1, 2",
        "extract   task = 2",
        "/tasks/2?of=anna",
        "\"access_token\":\"***\"",
        "holds     { json = \"$.state\", equals = \"DONE\" }: \"DONE\"",
    ] {
        assert!(text.contains(line), "no {line:?} in\n{text}");
    }
    let archived = std::fs::read_to_string(&archive).unwrap();
    for secret in SECRETS {
        let secret = secret.to_lowercase();
        assert!(!text.to_lowercase().contains(&secret), "{secret} in\n{text}");
        assert!(!archived.to_lowercase().contains(&secret), "{secret} in\n{archived}");
    }
    assert_har(&serde_json::from_str(&archived).unwrap());
}

/// Holds an archive against the specification of HAR 1.2: the keys of every object and their types.
fn assert_har(archive: &Value) {
    let log = &archive["log"];
    assert_eq!(log["version"], "1.2");
    assert!(log["creator"]["name"].is_string() && log["creator"]["version"].is_string());
    let entries = log["entries"].as_array().unwrap();
    // The form, its submission, the redirect, the list, the detail.
    assert_eq!(entries.len(), 5);
    for entry in entries {
        assert!(entry["startedDateTime"].as_str().unwrap().ends_with('Z'));
        assert!(
            log["pages"]
                .as_array()
                .unwrap()
                .iter()
                .any(|page| page["id"] == entry["pageref"])
        );
        for (object, texts, numbers, lists) in [
            (
                &entry["request"],
                &["method", "url", "httpVersion"][..],
                &["headersSize", "bodySize"][..],
                &["cookies", "headers", "queryString"][..],
            ),
            (
                &entry["response"],
                &["statusText", "httpVersion", "redirectURL"],
                &["status", "headersSize", "bodySize"],
                &["cookies", "headers"],
            ),
            (&entry["response"]["content"], &["mimeType"], &["size"], &[]),
            (
                &entry["timings"],
                &[],
                &["blocked", "dns", "connect", "ssl", "send", "wait", "receive"],
                &[],
            ),
        ] {
            assert!(texts.iter().all(|key| object[key].is_string()), "{object}");
            assert!(numbers.iter().all(|key| object[key].is_number()), "{object}");
            assert!(lists.iter().all(|key| object[key].is_array()), "{object}");
        }
        // The total is that of the parts, of which TLS is one of connecting (specification, `timings`).
        let part = |name: &str| entry["timings"][name].as_f64().unwrap().max(0.0);
        let sum: f64 = ["blocked", "dns", "connect", "send", "wait", "receive"]
            .map(part)
            .iter()
            .sum();
        assert!((entry["time"].as_f64().unwrap() - sum).abs() < 0.002, "{entry}");
        assert!(entry["cache"].is_object());
    }
    let posted = &entries[1]["request"]["postData"];
    assert_eq!(posted["params"][2]["value"], "anna", "{posted}");
    assert_eq!(entries[1]["response"]["redirectURL"], "/home");
}

#[test]
fn a_failed_check_is_shown_with_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let output = tried(
        folder.path(),
        "TODO",
        &["--target", &server(), "--users", "2", "--iterations", "2"],
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    let failed = "FAILED    { json = \"$.state\", equals = \"TODO\" }: \"DONE\"";
    assert_eq!(text.matches(failed).count(), 4, "{text}");
    // The checks after it are shown as well.
    assert!(
        text.contains("holds     { json = \"$.id\", type = \"integer\" }: 2"),
        "{text}"
    );
    assert!(text.contains("── user 1, iteration 1"), "{text}");
    // Each of the two users logs in once.
    assert_eq!(text.matches("login.submit  success").count(), 2, "{text}");
    assert!(
        told.contains("8 of 12 steps succeeded; 4 of 4 iterations completed"),
        "{told}"
    );
}

#[test]
fn what_cannot_be_tried_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let output = tried(folder.path(), "DONE", &["--target", "http://shop.example"]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("hint:"), "{told}");
    let output = tried(folder.path(), "DONE", &[]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(
        told.contains("--target <URL>") && told.contains("--scenario <FILE>"),
        "{told}"
    );
    // An archive that cannot be written is told before anything is waited for or sent: nothing listens there.
    let nobody = ["--target", "http://127.0.0.1:9", "--har", "/nowhere/a.har"];
    let output = tried(folder.path(), "DONE", &nobody);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("failed to write the archive: /nowhere/a.har"), "{told}");
    assert!(!told.contains("waiting for the front door"), "{told}");
}

#[test]
fn the_examples_compile() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/examples/journeys");
    let journeys = diapason::journey::Journeys::load(&folder, &crate::engine::examples());
    let journeys = journeys.unwrap_or_else(|error| panic!("{error}"));
    assert!(journeys.series().len() >= 8);
}
