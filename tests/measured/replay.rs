//! A log that is replayed against a server on this machine, which knows by itself when each request came.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::repetition::repeated;

/// Sessions of the log, and the milliseconds between their starts.
const SESSIONS: u64 = 240;
const EVERY: u64 = 25;
/// Milliseconds that the server takes, in the log and in the replay.
const TAKES: u64 = 2;
/// The requests of a session: milliseconds from its start to each, and its path.
const REQUESTS: [(u64, &str); 3] = [(0, "/list"), (140, "/items/7"), (460, "/gone")];

/// Arrivals: when, on which connection, and the path.
type TrialEvent = Arc<Mutex<Vec<(Instant, usize, String)>>>;

fn serve() -> (String, TrialEvent) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen = TrialEvent::default();
    let all = Arc::clone(&seen);
    std::thread::spawn(move || {
        for (connection, stream) in listener.incoming().enumerate() {
            let seen = Arc::clone(&all);
            std::thread::spawn(move || answer(stream.unwrap(), connection, &seen));
        }
    });
    (url, seen)
}

fn answer(mut stream: TcpStream, connection: usize, seen: &TrialEvent) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = stream.read(&mut buffer) {
        let now = Instant::now();
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
        let status = if path == "/gone" { "404 Not Found" } else { "200 OK" };
        seen.lock().unwrap().push((now, connection, path));
        std::thread::sleep(Duration::from_millis(TAKES));
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 9\r\n\r\n{{\"id\":42}}");
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// The log: each session is a user of its own. A bot and a write are in it as well.
fn log() -> String {
    let mut lines: Vec<(u64, String)> = Vec::new();
    for session in 0..SESSIONS {
        for (after, path) in REQUESTS {
            let ended = session * EVERY + after + TAKES;
            let status = if path == "/gone" { 404 } else { 200 };
            lines.push((
                ended,
                format!("user{session} \"GET {path} HTTP/1.1\" {status} 0.002 \"Mozilla/5.0\""),
            ));
        }
    }
    lines.push((100, "bot \"GET /list HTTP/1.1\" 200 0.002 \"Googlebot/2.1\"".to_owned()));
    lines.push((
        200,
        "user0 \"POST /items HTTP/1.1\" 201 0.002 \"Mozilla/5.0\"".to_owned(),
    ));
    lines.sort();
    let line = |(ended, rest): &(u64, String)| {
        let millis = 1_700_000_000_000 + ended;
        format!("{}.{:03} {rest}\n", millis / 1_000, millis % 1_000)
    };
    lines.iter().map(line).collect()
}

fn scenario(folder: &Path) -> String {
    std::fs::create_dir_all(folder.join("journeys")).unwrap();
    let journey = "name = \"own\"\ndescription = \"d\"\n[[step]]\nname = \"get\"\npath = \"/\"\n";
    std::fs::write(folder.join("journeys/own.toml"), journey).unwrap();
    let text = "name = \"shop\"\ndescription = \"d\"\n[stack]\nuse = \"none\"\n[users]\ncount = 60\n[journeys]\nown = 1\n\
        [[phase]]\nname = \"steady\"\nduration = \"60s\"\n\
        workload = { executor = \"constant-arrival-rate\", rate = \"1/s\" }\n\
        [[objective]]\nname = \"Errors\"\nindicator = \"error-rate\"\ntarget = \"2 %\"\nacceptable = \"5 %\"\n";
    let path = folder.join("shop.toml");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The replay at that speed and the requests that the server saw.
fn replay(speed: u64, more: &[&str]) -> (Value, Vec<(Instant, usize, String)>, i32) {
    let folder = tempfile::tempdir().unwrap();
    let (url, seen) = serve();
    let scenario = scenario(folder.path());
    let log_file = folder.path().join("access.log");
    std::fs::write(&log_file, log()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_diapason"))
        .arg("replay")
        .arg(&log_file)
        .args([
            scenario.as_str(),
            "--target",
            &url,
            "--quiet",
            "--speed",
            &speed.to_string(),
        ])
        .args([
            "--format",
            "$msec $remote_user \"$request\" $status $request_time \"$http_user_agent\"",
        ])
        .args(["--session-field", "remote_user", "--out"])
        .arg(folder.path().join("runs"))
        .args(more)
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let code = output.status.code().unwrap();
    let report = std::fs::read_to_string(folder.path().join("runs/latest/report.json"));
    let report = report.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let mut requests = seen.lock().unwrap().clone();
    requests.retain(|(_, _, path)| REQUESTS.iter().any(|(_, known)| known == path));
    (serde_json::from_str(&report).unwrap(), requests, code)
}

/// The 99th percentile of how late the server saw the first requests of sessions, in seconds.
fn lateness(requests: &[(Instant, usize, String)], speed: u64) -> f64 {
    let first: Vec<Instant> = requests
        .iter()
        .filter(|(_, _, path)| path == REQUESTS[0].1)
        .map(|(at, ..)| *at)
        .collect();
    let due = |number: usize| number as f64 * EVERY as f64 / 1e3 / speed as f64;
    let offsets = first
        .iter()
        .enumerate()
        .map(|(number, at)| (*at - first[0]).as_secs_f64() - due(number));
    let mut offsets: Vec<f64> = offsets.collect();
    offsets.sort_by(f64::total_cmp);
    offsets[offsets.len() * 99 / 100] - offsets[0]
}

/// Holds a replay against the log; an error if its arrivals are later than that, in milliseconds.
fn faithful(speed: u64, within: f64) -> Result<(), String> {
    let (report, requests, code) = replay(speed, &[]);
    let found = &report["fidelity"];
    let plan = &report["plan"]["load"]["replay"];
    // Whatever the machine does: every line is accounted for, every session kept, nothing is sent that the log has not.
    assert_eq!(plan["read"], SESSIONS * 3 + 2);
    assert_eq!(plan["replayed"], SESSIONS * 3);
    assert_eq!(plan["mapped"], 0);
    let left: u64 = plan["left_out"]
        .as_array()
        .unwrap()
        .iter()
        .map(|left| left["lines"].as_u64().unwrap())
        .sum();
    assert_eq!(left, 2);
    assert_eq!(requests.len() as u64, SESSIONS * 3);
    let walked = &found["walked"];
    assert_eq!(walked["kept"], SESSIONS);
    assert_eq!(walked["begun"], SESSIONS * 3);
    assert_eq!(
        found["statuses"],
        serde_json::json!([[200, SESSIONS * 2, SESSIONS * 2], [404, SESSIONS, SESSIONS]])
    );
    assert!(found["largest_difference"].as_f64().unwrap() < 1e-9, "{found}");
    assert_eq!(
        found["times"][0]["counts"],
        serde_json::json!([SESSIONS * 3, SESSIONS * 3])
    );
    let in_order = |connection: usize| {
        let own: Vec<&str> = requests
            .iter()
            .filter(|(_, on, _)| *on == connection)
            .map(|(_, _, path)| path.as_str())
            .collect();
        own.chunks(3)
            .all(|session| session.iter().zip(REQUESTS).all(|(path, (_, known))| *path == known))
    };
    assert!(requests.iter().all(|(_, connection, _)| in_order(*connection)));
    let (lag, late) = (found["lag"]["p99"].as_f64().unwrap(), lateness(&requests, speed) * 1e3);
    if code != 0 || lag > within || late > within + 2.0 {
        return Err(format!(
            "speed {speed}: exit {code}, lag p99 {lag} ms, at the server {late} ms"
        ));
    }
    Ok(())
}

#[test]
fn a_replay_keeps_arrivals_mix_and_sessions_of_its_log() {
    let _alone = crate::alone();
    repeated(|| faithful(1, 5.0));
    repeated(|| faithful(4, 1.25));
}

#[test]
fn in_the_open_each_request_has_its_own_time() {
    let _alone = crate::alone();
    repeated(|| {
        let (report, requests, code) = replay(2, &["--open"]);
        assert_eq!(requests.len() as u64, SESSIONS * 3);
        let phase = &report["plan"]["load"]["phases"][0];
        assert_eq!(phase["arrivals"], SESSIONS * 3);
        let last = |path: &str| {
            requests
                .iter()
                .filter(|(_, _, own)| own == path)
                .map(|(at, ..)| *at)
                .max()
                .unwrap()
        };
        let between = (last("/gone") - last("/list")).as_secs_f64() * 1e3;
        if code == 0 && (between - 230.0).abs() < 5.0 {
            Ok(())
        } else {
            Err(format!("exit {code}, {between} ms"))
        }
    });
}
