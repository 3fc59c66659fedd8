//! Closed phases as a user meets them: a run against a small server, its words, its report, and Ctrl-C.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A server that answers each request after `delay`, for as long as the test runs.
fn serve(delay: Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || answer(stream.unwrap(), delay));
        }
    });
    address
}

fn answer(mut stream: TcpStream, delay: Duration) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = stream.read(&mut buffer) {
        let slow = buffer[..length].starts_with(b"GET /slow ");
        std::thread::sleep(if slow { Duration::from_secs(30) } else { delay });
        if stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
            .is_err()
        {
            return;
        }
    }
}

/// A scenario of 20 users on `/` and, as the mix says, `/slow`.
fn scenario(folder: &Path, phases: &str, objectives: &str) -> String {
    std::fs::create_dir_all(folder.join("journeys")).unwrap();
    for (name, path) in [("fast", "/"), ("slow", "/slow")] {
        let text = format!("name = \"{name}\"\ndescription = \"d\"\n[[step]]\nname = \"get\"\npath = \"{path}\"\n");
        std::fs::write(folder.join(format!("journeys/{name}.toml")), text).unwrap();
    }
    let text = format!(
        "name = \"closed\"\ndescription = \"Users who wait\"\n[stack]\nuse = \"none\"\n[users]\ncount = 20\n\
         [journeys]\nfast = 1\nslow = 0\n{phases}\n{objectives}"
    );
    let path = folder.join("closed.toml");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

const STEADY: &str = r#"
[[phase]]
name = "ramp"
judged = false
workload = { executor = "ramping-users", stages = [{ to = 10, over = "500ms" }] }
[[phase]]
name = "steady"
duration = "1500ms"
workload = { executor = "constant-users", users = 10, hatch-every = "10ms", think = "10ms..20ms" }
"#;

const CLOSED: &str = r#"
[[objective]]
name = "Response time"
indicator = "response-time"
model = "closed"
quantile = "p95"
target = "900ms"
acceptable = "1s"
"#;

fn start(folder: &Path, scenario: &str, delay: Duration, more: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_diapason"))
        .args(["run", scenario, "--target", &serve(delay), "--out"])
        .arg(folder.join("runs"))
        .args(more)
        .env("NO_COLOR", "1")
        // Goose's client, which nothing uses, must not need what a bare machine lacks.
        .env("SSL_CERT_FILE", "/nowhere")
        .env("SSL_CERT_DIR", "/nowhere")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn text(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_owned()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

fn report(folder: &Path) -> Value {
    let text = std::fs::read_to_string(folder.join("runs/latest/report.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn check(phases: &str, objectives: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = scenario(folder.path(), phases, objectives);
    let output = Command::new(env!("CARGO_BIN_EXE_diapason"))
        .args(["check", &path, "--target", "http://127.0.0.1:1"])
        .output()
        .unwrap();
    let (out, error) = text(&output);
    let code = output.status.code().unwrap();
    format!("exit {code}\n--- stdout\n{out}--- stderr\n{error}").replace(folder.path().to_str().unwrap(), "DIR")
}

#[test]
fn a_closed_run_is_judged_and_goose_says_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = scenario(folder.path(), STEADY, CLOSED);
    let child = start(folder.path(), &path, Duration::from_millis(5), &["--quiet"]);
    let (out, error) = text(&child.wait_with_output().unwrap());
    assert_eq!(error, "");
    let words = out.to_lowercase();
    for noise in ["goose", "launch", "user 1", "killswitch", "warn", "entering"] {
        assert!(!words.contains(noise), "{noise:?} in\n{out}");
    }
    assert!(out.contains("phase ramp: closed model: 10 users, not judged"), "{out}");
    assert!(out.contains("phase steady: closed model: 10 users\n"), "{out}");
    let report = report(folder.path());
    assert_eq!(report["judgement"]["verdicts"][0]["word"], "PASS", "{out}");
    let identities = report["identities"].as_array().unwrap();
    assert!(identities.iter().all(|identity| identity["holds"] == true), "{out}");
    let row = &report["groups"][0];
    assert_eq!(row["model"], "closed");
    assert!(row["requests"].as_u64().unwrap() > 50, "{row}");
    let steady = &report["load"][1];
    assert_eq!(steady["planned"], steady["started"]);
    assert_eq!(steady["dropped"], 0);
    for file in ["index.html", "summary.md"] {
        let text = std::fs::read_to_string(folder.path().join("runs/latest").join(file)).unwrap();
        assert!(text.contains("closed model"), "{file}");
    }
    // Goose writes no files of its own.
    let beside = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let mut beside: Vec<_> = beside.collect();
    beside.sort();
    assert_eq!(beside, ["closed.toml", "journeys", "runs"]);
}

#[test]
fn ctrl_c_ends_a_closed_phase_at_once_with_its_report() {
    for signals in [1, 3] {
        let folder = tempfile::tempdir().unwrap();
        let path = scenario(folder.path(), &STEADY.replace("1500ms", "60s"), CLOSED);
        let mix = ["--set", "journeys.slow=1"];
        let child = start(folder.path(), &path, Duration::from_millis(5), &mix);
        let folder_of_run = folder.path().join("runs");
        wait_for(|| std::fs::read_dir(&folder_of_run).is_ok_and(|mut entries| entries.next().is_some()));
        std::thread::sleep(Duration::from_secs(2));
        let sent = Instant::now();
        for _ in 0..signals {
            let pid = child.id().to_string();
            assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
            std::thread::sleep(Duration::from_millis(20));
        }
        let output = child.wait_with_output().unwrap();
        let (out, error) = text(&output);
        assert_eq!(output.status.code(), Some(130), "{out}\n{error}");
        assert!(sent.elapsed() < Duration::from_secs(10), "{:?}", sent.elapsed());
        assert!(error.contains("interrupted: saving what there is"), "{error}");
        let report = report(folder.path());
        assert_eq!(report["judgement"]["interrupted"], true);
        let steady = report["load"].as_array().unwrap().last().unwrap();
        // Ten users, and each of them is caught by the slow journey sooner or later.
        assert_eq!(steady["interrupted"], 10, "{steady}");
        let sum = |key: &str| steady[key].as_u64().unwrap();
        assert_eq!(sum("started"), sum("completed") + sum("failed") + sum("interrupted"));
    }
}

fn wait_for(mut ready: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !ready() {
        assert!(Instant::now() < deadline, "it took too long");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn check_shows_the_model_and_does_not_invent_evidence() {
    insta::assert_snapshot!(check(STEADY, CLOSED), @r#"
    exit 0
    --- stdout
    closed: Users who wait

    phases
      ramp            0.5 s  closed model: 10 users  not judged    ramping-users to 10 in 500ms
      steady          1.5 s  closed model: 10 users  judged        constant-users 10, one every 10ms, thinking 10ms..20ms

    series (about so many requests judged)
      fast.get                      closed  
      slow.get                           0  

    evidence for each objective
      Response time          gating    known after the run  a pass needs    59  can be decided
    --- stderr
    "#);
}

#[test]
fn response_times_of_the_closed_model_are_judged_on_request_only() {
    insta::assert_snapshot!(check(STEADY, &CLOSED.replace("model = \"closed\"\n", "")), @r#"
    exit 2
    --- stdout
    --- stderr
    error: DIR/closed.toml: objective `Response time`: its requests are made in phases of the closed model only, and it is about those of the open model
    hint: a closed phase sends less while the system is slow, so its response times flatter it: use an open executor, or say `model = "closed"` to judge them all the same
    "#);
    let open = STEADY.replace(
        "executor = \"constant-users\", users = 10, hatch-every = \"10ms\", think = \"10ms..20ms\"",
        "executor = \"constant-arrival-rate\", rate = \"100/s\"",
    );
    insta::assert_snapshot!(check(&open, CLOSED), @r#"
    exit 2
    --- stdout
    --- stderr
    error: DIR/closed.toml: objective `Response time`: its requests are made in phases of the open model only, and it is about those of the closed model
    hint: remove `model`, or judge a phase of the closed model
    "#);
}

#[test]
fn closed_phases_need_their_users() {
    insta::assert_snapshot!(check(&STEADY.replace("users = 10, hatch", "users = 50, hatch"), CLOSED), @r#"
    exit 2
    --- stdout
    --- stderr
    error: DIR/closed.toml: phase `steady`: there are 20 users, and closed phases want 50 at once
    hint: set `users.count` to 50 or more
    "#);
    let beside = STEADY.replace("duration = \"1500ms\"", "start = \"0s\"\nduration = \"1500ms\"");
    let beside = beside.replace("users = 10, hatch", "users = 11, hatch");
    insta::assert_snapshot!(check(&beside, CLOSED), @r#"
    exit 2
    --- stdout
    --- stderr
    error: DIR/closed.toml: phase `ramp`: there are 20 users, and closed phases want 21 at once
    hint: set `users.count` to 21 or more
    "#);
    insta::assert_snapshot!(check(&STEADY.replace("10ms\", think", "200ms\", think"), CLOSED), @r#"
    exit 2
    --- stdout
    --- stderr
    error: DIR/closed.toml: phase `steady`: ends before the last of its 10 users has begun
    hint: shorten `hatch-every` or lengthen `duration`
    "#);
    insta::assert_snapshot!(check(&STEADY.replace("to = 10, over", "to = 0, over"), CLOSED), @r#"
    exit 2
    --- stdout
    --- stderr
    error: DIR/closed.toml: phase `ramp`: has no users
    hint: give some stage a `to` above 0
    "#);
}
