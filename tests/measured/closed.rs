//! Closed phases as a user meets them: a run against a small server, its words, its report, and Ctrl-C.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::quick::closed::{CLOSED, STEADY, scenario};
use crate::repetition::{Undecided, decided};

/// A server that answers `/` after 5 ms and `/slow` never, for as long as the test runs.
struct Server {
    url: String,
    /// Who waits for `/slow`.
    waiting: Arc<AtomicUsize>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let waiting = Arc::<AtomicUsize>::default();
        let all = Arc::clone(&waiting);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let waiting = Arc::clone(&all);
                std::thread::spawn(move || answer(stream.unwrap(), &waiting));
            }
        });
        Self { url, waiting }
    }
}

fn answer(mut stream: TcpStream, waiting: &AtomicUsize) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = stream.read(&mut buffer) {
        if buffer[..length].starts_with(b"GET /slow ") {
            waiting.fetch_add(1, Ordering::Relaxed);
            continue;
        }
        std::thread::sleep(Duration::from_millis(5));
        if stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
            .is_err()
        {
            return;
        }
    }
}

fn start(folder: &Path, scenario: &str, server: &Server, more: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_diapason"))
        .args(["run", scenario, "--target", &server.url, "--out"])
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

#[test]
fn a_closed_run_is_judged_and_goose_says_nothing() {
    let _alone = crate::alone();
    let server = Server::start();
    // A machine that stands still makes every response slow.
    let (folder, _, out, error) = decided(
        |(folder, code, ..): &(tempfile::TempDir, i32, String, String)| {
            Undecided::of_run(*code, || report(folder.path()))
        },
        || {
            let folder = tempfile::tempdir().unwrap();
            let path = scenario(folder.path(), STEADY, CLOSED);
            let output = start(folder.path(), &path, &server, &["--quiet"])
                .wait_with_output()
                .unwrap();
            let (out, error) = text(&output);
            (folder, output.status.code().unwrap(), out, error)
        },
    );
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
    let _beside = crate::beside();
    for signals in [1, 3] {
        let folder = tempfile::tempdir().unwrap();
        // Neither the phase nor the requests of the slow journey end by themselves.
        let (_, steady) = STEADY.rsplit_once("[[phase]]").unwrap();
        let steady = format!("[[phase]]{}", steady.replace("1500ms", "3600s"));
        let path = scenario(folder.path(), &steady, CLOSED);
        let server = Server::start();
        let mix = [
            "--set",
            "journeys.slow=1",
            "--set",
            "timeout=3600s",
            "--set",
            "users.graceful-stop=3600s",
        ];
        let mut child = start(folder.path(), &path, &server, &mix);
        // Ten users, and each of them is caught by the slow journey sooner or later.
        wait_for(|| server.waiting.load(Ordering::Relaxed) == 10);
        for _ in 0..signals {
            let pid = child.id().to_string();
            assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
            std::thread::sleep(Duration::from_millis(20));
        }
        wait_for(|| child.try_wait().unwrap().is_some());
        let output = child.wait_with_output().unwrap();
        let (out, error) = text(&output);
        assert_eq!(output.status.code(), Some(130), "{out}\n{error}");
        assert!(error.contains("interrupted: saving what there is"), "{error}");
        let report = report(folder.path());
        assert_eq!(report["judgement"]["interrupted"], true);
        let steady = report["load"].as_array().unwrap().last().unwrap();
        assert_eq!(steady["interrupted"], 10, "{steady}");
        let sum = |key: &str| steady[key].as_u64().unwrap();
        assert_eq!(sum("started"), sum("completed") + sum("failed") + sum("interrupted"));
    }
}

/// Waits for what must come some time; how soon is not the point.
fn wait_for(mut ready: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while !ready() {
        assert!(Instant::now() < deadline, "it did not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}
