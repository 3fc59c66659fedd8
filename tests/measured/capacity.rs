//! Searches for capacity against a server whose capacity is known: c servers before one queue, exponential service times.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::quick::capacity::capacity;
use crate::repetition::repeated;
use crate::workspace::words;

const SERVERS: usize = 4;
/// Requests per second that one server completes.
const SERVICE: f64 = 75.0;
/// What all of them complete.
const CAPACITY: f64 = SERVERS as f64 * SERVICE;

/// The queue in virtual time: answers leave when they would, so that the host's lateness does not add up.
struct Queue {
    free: [Instant; SERVERS],
    random: SmallRng,
}

impl Queue {
    /// When a request that comes now is done.
    fn done(&mut self) -> Instant {
        let service = -(1.0 - self.random.random::<f64>()).ln() / SERVICE;
        let next = self.free.iter_mut().min().unwrap();
        *next = (*next).max(Instant::now()) + Duration::from_secs_f64(service);
        *next
    }
}

/// A front door to that queue on a thread of its own, for as long as the test runs.
fn serve() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let listener = TcpListener::from_std(listener).unwrap();
            let queue = Arc::new(Mutex::new(Queue {
                free: [Instant::now(); SERVERS],
                random: SmallRng::seed_from_u64(11),
            }));
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(answer(stream, Arc::clone(&queue)));
            }
        });
    });
    address
}

async fn answer(mut stream: TcpStream, queue: Arc<Mutex<Queue>>) {
    stream.set_nodelay(true).unwrap();
    let mut buffer = [0; 4096];
    while let Ok(1..) = stream.read(&mut buffer).await {
        if buffer.starts_with(b"GET /work ") {
            let done = queue.lock().unwrap().done();
            tokio::time::sleep_until(done.into()).await;
        }
        let written = stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
            .await;
        if written.is_err() {
            return;
        }
    }
}

/// The only search in that folder and its document.
fn found(folder: &Path) -> (PathBuf, Value) {
    let mut entries = std::fs::read_dir(folder.join("runs")).unwrap();
    let path = entries.next().unwrap().unwrap().path();
    assert!(entries.next().is_none());
    let text = std::fs::read_to_string(path.join("capacity.json")).unwrap();
    (path, serde_json::from_str(&text).unwrap())
}

/// Renders the search in that folder again, which prints what the search printed and exits as it did.
fn report_tells_the_same(path: &Path, search: &Output) {
    let before = std::fs::read_to_string(path.join("index.html")).unwrap();
    for file in ["index.html", "index.fr.html", "summary.md", "steps.csv"] {
        std::fs::remove_file(path.join(file)).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_diapason"));
    let output = command.arg("report").arg(path).env("NO_COLOR", "1").output().unwrap();
    assert_eq!(output.status, search.status, "{}", words(&output));
    assert_eq!(output.stdout, search.stdout);
    assert_eq!(std::fs::read_to_string(path.join("index.html")).unwrap(), before);
    assert!(path.join("index.fr.html").is_file() && path.join("steps.csv").is_file());
}

/// What the program told, the search's folder and its document.
type Search = (Output, PathBuf, Value);

/// A search that ends with a bracket about the known capacity.
fn bracketed(folder: &Path) -> Result<Search, String> {
    let output = capacity(folder, &serve(), &["--lang", "fr,en"]);
    let said = words(&output);
    let (path, document) = found(folder);
    let case = &document["cases"][0];
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    let (low, high) = (number(&case["found"]["holds"]), number(&case["found"]["broken"]));
    if output.status.code() != Some(0) || case["found"]["end"] != "bracketed" {
        return Err(said);
    }
    // p95 reaches 600 ms a few requests per second before the queue no longer ends.
    if !(low < CAPACITY && high > 0.9 * CAPACITY && high < 2.5 * low) {
        return Err(format!("{low} … {high}\n{said}"));
    }
    // Answers come as fast as requests do, below the capacity.
    let mut steps = case["steps"].as_array().unwrap().iter();
    let held = steps
        .find(|step| step["tried"]["rate"] == case["found"]["holds"])
        .unwrap();
    if (number(&held["reading"]["throughput"]) / low - 1.0).abs() > 0.15 {
        return Err(format!("{held}\n{said}"));
    }
    Ok((output, path, document))
}

#[test]
fn a_known_capacity_is_bracketed() {
    let _alone = crate::alone();
    let (_folder, (output, path, document)) = repeated(|| {
        let folder = tempfile::tempdir().unwrap();
        let search = bracketed(folder.path())?;
        Ok((folder, search))
    });
    let said = words(&output);
    let case = &document["cases"][0];
    let [low, high] = ["holds", "broken"].map(|end| case["found"][end].as_f64().unwrap());
    assert!(
        said.contains(&format!("Holds at {low:.0} journeys/s (95 %), broken at {high:.0}.")),
        "{said}"
    );
    for file in [
        "index.html",
        "index.fr.html",
        "summary.md",
        "steps.csv",
        "throughput.svg",
    ] {
        assert!(path.join(file).is_file(), "{file}");
    }
    let steps = case["steps"].as_array().unwrap();
    for step in steps {
        assert!(
            path.join(step["run"].as_str().unwrap()).join("report.json").is_file(),
            "{step}"
        );
    }
    let french = std::fs::read_to_string(path.join("index.fr.html")).unwrap();
    assert!(
        french.contains("lang=\"fr\"") && french.contains("Tient à"),
        "French page"
    );
    assert!(said.contains("the system's containers were not observed"), "{said}");
    assert_eq!(case["closed"].as_array().unwrap().len(), 1, "{said}");
    report_tells_the_same(&path, &output);
}

#[test]
fn what_is_expected_decides_the_exit_and_a_search_out_of_time_goes_on() {
    let _beside = crate::beside();
    let folder = tempfile::tempdir().unwrap();
    let server = serve();
    let output = capacity(
        folder.path(),
        &server,
        &[
            "--lang",
            "fr,en",
            "--at-most-time",
            "3s",
            "--expect",
            "2000/s",
            "--set",
            "capacity.precision=60 %",
        ],
    );
    let said = words(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    let (path, document) = found(folder.path());
    assert_eq!(document["stopped"], "by-time", "{said}");
    report_tells_the_same(&path, &output);
    let before = document["cases"][0]["steps"].as_array().unwrap().len();
    assert!(before >= 1, "{said}");
    let resumed = capacity(
        folder.path(),
        &server,
        &["--resume", path.to_str().unwrap(), "--at-most-time", "5m"],
    );
    let said = words(&resumed);
    assert_eq!(resumed.status.code(), Some(1), "{said}");
    assert!(said.contains("Expected 2,000 journeys/s: it does not hold."), "{said}");
    let (_, document) = found(folder.path());
    assert!(
        document["cases"][0]["steps"].as_array().unwrap().len() > before,
        "{said}"
    );
    assert_eq!(document["stopped"], Value::Null);
    report_tells_the_same(&path, &resumed);
}

#[test]
fn the_values_of_a_sweep_share_the_time() {
    let _beside = crate::beside();
    let folder = tempfile::tempdir().unwrap();
    let sweep = ["--sweep", "users.graceful-stop=1s,2s", "--at-most-time", "8s"];
    let output = capacity(folder.path(), &serve(), &sweep);
    let said = words(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    let (_, document) = found(folder.path());
    assert_eq!(document["stopped"], "by-time", "{said}");
    let steps = |case: usize| document["cases"][case]["steps"].as_array().unwrap().len();
    assert!(steps(0) >= 1 && steps(1) >= 1, "{said}");
}
