//! The figures of a run while it goes on, as Prometheus scrapes them and as a Pushgateway gets them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use crate::workspace::{Workspace, code, words};

/// A server that is loaded and pushed to: what was pushed, with method and path.
#[derive(Clone, Default)]
struct Pushed(Arc<Mutex<Vec<Push>>>);

/// Method with path, and body.
type Push = (String, Vec<u8>);

impl Pushed {
    fn serve(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let pushed = self.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let pushed = pushed.clone();
                std::thread::spawn(move || pushed.answer(stream.unwrap()));
            }
        });
        url
    }

    fn answer(&self, stream: TcpStream) {
        let mut writer = stream.try_clone().unwrap();
        let mut reader = BufReader::new(stream);
        let mut first = String::new();
        while reader.read_line(&mut first).unwrap_or(0) > 0 {
            let mut length = 0;
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if line.trim().is_empty() {
                    break;
                }
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                    length = value.trim().parse().unwrap();
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            // What is not pushed is the load.
            if !first.starts_with("GET ") {
                let call = first.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
                self.0.lock().unwrap().push((call, body));
            }
            if writer
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
                .is_err()
            {
                return;
            }
            first.clear();
        }
    }

    /// Bodies pushed by that method to that path, the first one first.
    fn to(&self, call: &str) -> Vec<Vec<u8>> {
        let all = self.0.lock().unwrap();
        let to = all.iter().filter(|(own, _)| own == call);
        to.map(|(_, body)| body.clone()).collect()
    }
}

/// An address that was free a moment ago.
fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// The metrics at that address; `None` if nobody listens.
fn scraped(address: SocketAddr) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream
        .write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    assert!(
        head.starts_with("HTTP/1.1 200") && head.contains("text/plain; version=0.0.4"),
        "{head}"
    );
    Some(body.to_owned())
}

/// Sum of the lines that begin and contain so.
fn sum(text: &str, name: &str, holds: &str) -> f64 {
    let lines = text
        .lines()
        .filter(|line| line.starts_with(name) && line.contains(holds));
    lines
        .map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap())
        .sum()
}

#[test]
fn a_run_is_followed_second_by_second_until_its_last_request() {
    let _beside = crate::beside();
    let (workspace, pushed, address) = (Workspace::new(), Pushed::default(), free());
    workspace.scenario();
    let url = pushed.serve();
    let mut command = workspace.command();
    command
        .args([
            "run",
            "short.toml",
            "--target",
            &url,
            "--ci",
            "none",
            "--set",
            "phase.steady.duration=4s",
        ])
        .args([
            "--metrics",
            &format!("listen={address}"),
            "--metrics",
            &format!("pushgateway={url}/base"),
        ])
        .args(["--metrics", &format!("prometheus-remote-write={url}/api/v1/write")])
        .args(["--metrics", &format!("otlp={url}")]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (mut zero, mut grew) = (false, false);
    while child.try_wait().unwrap().is_none() {
        if let Some(text) = scraped(address) {
            let requests = sum(&text, "diapason_requests_total", "");
            zero |= requests == 0.0 && text.contains("series=\"get.get\"");
            grew |= requests > 0.0;
            // The buckets are at the limits of the objective, 5 s and 10 s.
            let within = sum(&text, "diapason_response_time_seconds_bucket", "le=\"5\"");
            let all = sum(&text, "diapason_response_time_seconds_bucket", "le=\"+Inf\"");
            assert!(within <= all && (all - requests).abs() < 0.5, "{text}");
            assert!(text.contains("le=\"10\"") && !text.contains("le=\"1\""), "{text}");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let output = child.wait_with_output().unwrap();
    assert!(matches!(code(&output), 0 | 3), "{}", words(&output));
    assert!(zero && grew, "{}", words(&output));
    let report = std::fs::read(workspace.path().join("reports/latest/report.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    let all = pushed.to("PUT /base/metrics/job/diapason/scenario/short");
    let all: Vec<String> = all.into_iter().map(|text| String::from_utf8(text).unwrap()).collect();
    assert!(all.len() >= 4, "{} pushes", all.len());
    let last = all.last().unwrap();
    let counted = report["load"][0]["started"].as_f64().unwrap();
    assert!(
        (sum(last, "diapason_requests_total", "") - counted).abs() < 0.5,
        "{counted} in\n{last}"
    );
    // The names are in the protocol buffers as they are.
    let holds = |bytes: &[u8], name: &str| bytes.windows(name.len()).any(|window| window == name.as_bytes());
    let written = pushed.to("POST /api/v1/write");
    assert!(written.len() >= 4, "{} writes", written.len());
    for message in &written {
        let message = snap::raw::Decoder::new().decompress_vec(message).unwrap();
        assert!(holds(&message, "diapason_response_time_seconds_bucket") && holds(&message, "get.get"));
    }
    let exported = pushed.to("POST /v1/metrics");
    assert!(exported.len() >= 4, "{} exports", exported.len());
    assert!(exported.iter().all(|message| holds(message, "diapason.response_time")));
    let totals: Vec<f64> = all
        .iter()
        .map(|text| sum(text, "diapason_requests_total", ""))
        .collect();
    assert!(totals.is_sorted(), "{totals:?}");
}

#[test]
fn metrics_that_nobody_can_have_are_told_before_any_load() {
    let workspace = Workspace::new();
    workspace.scenario();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("listen={}", taken.local_addr().unwrap());
    let run = |metrics: &str| {
        let arguments = [
            "run",
            "short.toml",
            "--target",
            "http://127.0.0.1:1",
            "--ci",
            "none",
            "--metrics",
            metrics,
        ];
        workspace.diapason(&arguments)
    };
    let refused = run(&target);
    assert_eq!(code(&refused), 2, "{}", words(&refused));
    assert!(
        words(&refused).contains("error: failed to listen on 127.0.0.1:"),
        "{}",
        words(&refused)
    );
    assert!(!workspace.path().join("reports").exists());
    assert_eq!(code(&run("statsd=h")), 2);
}

#[test]
fn a_gateway_that_is_gone_changes_no_verdict() {
    let _beside = crate::beside();
    let workspace = Workspace::new();
    workspace.scenario();
    let url = Pushed::default().serve();
    let gone = format!("pushgateway=http://{}", free());
    let output = workspace.diapason(&[
        "run",
        "short.toml",
        "--target",
        &url,
        "--ci",
        "none",
        "--metrics",
        &gone,
    ]);
    assert!(matches!(code(&output), 0 | 3), "{}", words(&output));
    assert_eq!(words(&output).matches("takes none").count(), 1, "{}", words(&output));
}
