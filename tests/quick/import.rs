//! `diapason import` as a program: what is tried is recorded, imported and tried again.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

use super::trial::server;

fn diapason(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_diapason"))
        .args(arguments)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A journey that takes a value from an answer.
const JOURNEY: &str = r#"
name = "tasks"
description = "Lists tasks and opens one"

[[step]]
name = "list"
path = "/tasks"
extract = { task = { json = "$[*].id", pick = "last" } }

[[step]]
name = "detail"
path = "/tasks/{{task}}?of=anna"
think = "150ms"
"#;

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().unwrap().to_owned()
}

#[test]
fn what_is_recorded_and_imported_can_be_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let (target, scenarios) = (server(), path(folder.path(), "scenarios"));
    std::fs::write(folder.path().join("tasks.toml"), JOURNEY).unwrap();
    let (own, archive) = (path(folder.path(), "tasks.toml"), path(folder.path(), "walk.har"));
    let tried = diapason(&["try", &own, "--target", &target, "--har", &archive]);
    assert_eq!(tried.status.code(), Some(0), "{}", text(&tried.stdout));

    let import = ["import", "har", &archive, "--out", &scenarios];
    let imported = diapason(&import);
    let told = text(&imported.stderr);
    assert_eq!(imported.status.code(), Some(0), "{told}");
    let journey = path(folder.path(), "scenarios/journeys/walk.toml");
    assert_eq!(text(&imported.stdout), format!("{journey}\n"));
    assert!(told.contains("2 requests read: 2 replayed, 0 left out"), "{told}");
    let written = std::fs::read_to_string(&journey).unwrap();
    for line in [
        "extract = { task_id = { json = \"$[1].id\" } }",
        "path = \"/tasks/{{task_id}}?of=anna\"",
    ] {
        assert!(written.contains(line), "{written}");
    }

    let again = diapason(&["try", &journey, "--target", &target]);
    assert_eq!(again.status.code(), Some(0), "{}", text(&again.stdout));
    assert!(
        text(&again.stdout).contains("/tasks/2?of=anna"),
        "{}",
        text(&again.stdout)
    );

    // Nothing is replaced unless that is wanted.
    let refused = diapason(&import);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        text(&refused.stderr).contains("hint: `--force` replaces it"),
        "{}",
        text(&refused.stderr)
    );
    let forced = diapason(&[&import[..], &["--force"]].concat());
    assert_eq!(forced.status.code(), Some(0));
}

#[test]
fn a_log_becomes_a_scenario_that_loads_as_a_plan() {
    let folder = tempfile::tempdir().unwrap();
    let mut lines = Vec::new();
    for number in 0..40 {
        for (second, request) in [
            (0, "GET /tasks HTTP/1.1"),
            (2, "GET /tasks/2 HTTP/1.1"),
            (3, "POST /tasks HTTP/1.1"),
        ] {
            lines.push(format!(
                "10.0.0.{number} - - [23/Nov/2025:12:{number:02}:{second:02} +0000] \"{request}\" 200 12 \"-\" \"Mozilla/5.0\"\n"
            ));
        }
    }
    std::fs::write(folder.path().join("access.log"), lines.concat()).unwrap();
    let scenarios = path(folder.path(), "scenarios");
    std::fs::create_dir_all(folder.path().join("scenarios/stacks")).unwrap();
    let stack = "name = \"mine\"\ndescription = \"There already\"\n\n[attach]\nurl = \"http://127.0.0.1:9\"\n";
    std::fs::write(folder.path().join("scenarios/stacks/mine.toml"), stack).unwrap();
    let log = path(folder.path(), "access.log");
    let imported = diapason(&[
        "import",
        "access-log",
        &log,
        "--name",
        "real",
        "--stack",
        "mine",
        "--out",
        &scenarios,
    ]);
    let told = text(&imported.stderr);
    assert_eq!(imported.status.code(), Some(0), "{told}");
    for line in [
        "40 sessions of 2 requests become journey real-1",
        "left out: 40 × a write (POST), whose body no log has: a rule maps it",
        "120 lines read: 80 replayed, 40 left out",
    ] {
        assert!(told.contains(line), "no {line:?} in\n{told}");
    }
    // Without that stack the files are written all the same.
    let alone = diapason(&[
        "import",
        "access-log",
        &log,
        "--name",
        "alone",
        "--stack",
        "none",
        "--out",
        &scenarios,
    ]);
    assert_eq!(alone.status.code(), Some(0), "{}", text(&alone.stderr));
    assert!(text(&alone.stderr).contains("names the stack none, which is not there"));
    let check = diapason(&["check", &path(folder.path(), "scenarios/real.toml")]);
    assert_eq!(check.status.code(), Some(0), "{}", text(&check.stderr));
}

#[test]
fn what_cannot_be_imported_is_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.sh"), "wget x\n").unwrap();
    let out = path(folder.path(), "scenarios");
    for (arguments, told) in [
        (["curl", &path(folder.path(), "none.sh")], "error: failed to read"),
        (
            ["curl", &path(folder.path(), "a.sh")],
            "a command other than curl (line 1)",
        ),
        (["har", &path(folder.path(), "a.sh")], "is not an HTTP Archive"),
    ] {
        let output = diapason(&["import", arguments[0], arguments[1], "--out", &out]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(told), "{}", text(&output.stderr));
    }
    assert!(!folder.path().join("scenarios").exists());
}

/// A server of documents by their paths; `/moved` leads to `/api/docs-json`.
fn documents(list: &'static [(&str, &str)]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                if stream.read(&mut byte).unwrap_or(0) == 0 {
                    break;
                }
                head.extend(byte);
            }
            let head = String::from_utf8_lossy(&head).into_owned();
            let path = head.split(' ').nth(1).unwrap_or_default();
            let found = list.iter().find(|(known, _)| *known == path);
            let answer = match found {
                _ if path == "/moved" => {
                    "302 Found\r\nlocation: /api/docs-json\r\ncontent-length: 0\r\n\r\n".to_owned()
                }
                Some((_, text)) => format!("200 OK\r\ncontent-length: {}\r\n\r\n{text}", text.len()),
                None => "404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned(),
            };
            let _ = stream.write_all(format!("HTTP/1.1 {answer}").as_bytes());
        }
    });
    url
}

const DESCRIPTION: &str = r#"{"openapi": "3.0.0", "paths": {"/tasks": {"post": {"tags": ["tasks"], "requestBody": {"content":
    {"application/json": {"schema": {"$ref": "../parts/task.yml#/Task"}}}}, "responses": {"201": {}}}}}}"#;

#[test]
fn a_description_is_fetched_with_what_it_refers_to() {
    let url = documents(&[
        ("/api/docs-json", DESCRIPTION),
        (
            "/parts/task.yml",
            "Task: { required: [title], properties: { title: { type: string, example: Buy milk } } }",
        ),
    ]);
    let folder = tempfile::tempdir().unwrap();
    let scenarios = path(folder.path(), "scenarios");
    let import = |address: &str| {
        diapason(&[
            "import", "openapi", address, "--name", "shop", "--force", "--out", &scenarios,
        ])
    };
    let own = format!("{url}/api/docs-json");
    let imported = import(&own);
    assert_eq!(imported.status.code(), Some(0), "{}", text(&imported.stderr));
    let written = std::fs::read_to_string(path(folder.path(), "scenarios/journeys/shop-tasks.toml")).unwrap();
    assert!(written.contains("json = { title = \"Buy milk\" }"), "{written}");
    // The references count from the address that was asked for.
    let moved = import(&format!("{url}/moved"));
    assert_eq!(moved.status.code(), Some(0), "{}", text(&moved.stderr));
    let none = import(&format!("{url}/none"));
    assert_eq!(none.status.code(), Some(2));
    assert!(
        text(&none.stderr).contains("the answer is 404"),
        "{}",
        text(&none.stderr)
    );
}
