//! Short runs against a server whose slowness is known.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::repetition::{Undecided, decided};
use crate::workspace::{Workspace, code};

/// A server that answers after a delay that the test sets, and some milliseconds more that differ from request to request.
struct Server {
    url: String,
    delay: Arc<AtomicU64>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let delay = Arc::new(AtomicU64::new(0));
        let (own, count) = (Arc::clone(&delay), Arc::new(AtomicU64::new(0)));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (delay, count) = (Arc::clone(&own), Arc::clone(&count));
                std::thread::spawn(move || answer(stream.unwrap(), &delay, &count));
            }
        });
        Self { url, delay }
    }
}

fn answer(mut stream: TcpStream, delay: &AtomicU64, count: &AtomicU64) {
    stream.set_nodelay(true).unwrap();
    let mut buffer = [0; 4096];
    while let Ok(1..) = stream.read(&mut buffer) {
        // Microseconds from 0 to 4,000 in an order that repeats itself only after long.
        let more = count.fetch_add(1, Ordering::Relaxed) * 2_654_435_761 % 4_001;
        std::thread::sleep(Duration::from_micros(delay.load(Ordering::Relaxed) + more));
        if stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
            .is_err()
        {
            return;
        }
    }
}

/// A workspace with a scenario, a server, and the runs made of them.
pub(crate) struct Bench {
    pub(crate) workspace: Workspace,
    server: Server,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let workspace = Workspace::new();
        workspace.scenario();
        Self {
            workspace,
            server: Server::start(),
        }
    }

    /// A run against the server that answers so many milliseconds later; its output, and the newest run's folder.
    pub(crate) fn run(&self, millis: u64, more: &[&str]) -> (Output, PathBuf) {
        self.server.delay.store(millis * 1_000, Ordering::Relaxed);
        let arguments = [&["run", "short.toml", "--target", &self.server.url], more].concat();
        let output = self.workspace.diapason(&arguments);
        let folder = self.workspace.path().join("reports/latest").canonicalize();
        (output, folder.unwrap_or_default())
    }

    /// The same, until it is decided: limits near the server's delay leave no room for a machine that stands still.
    pub(crate) fn judged(&self, millis: u64, more: &[&str]) -> (Output, PathBuf) {
        decided(
            |(output, folder)| Undecided::of_run(code(output), || report(folder)),
            || self.run(millis, more),
        )
    }
}

/// What a run's report says.
pub(crate) fn report(folder: &Path) -> Value {
    let text = std::fs::read(folder.join("report.json")).unwrap();
    serde_json::from_slice(&text).unwrap()
}
