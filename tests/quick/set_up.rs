//! Set-up, clean-up and tear-down of a run, by the real program on a server of the test.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

type TrialEvent = Arc<Mutex<Vec<String>>>;

/// A server that notes the first line of each request and answers by path.
fn serve() -> (String, TrialEvent) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen = TrialEvent::default();
    let all = Arc::clone(&seen);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let seen = Arc::clone(&all);
            std::thread::spawn(move || answer(stream.unwrap(), &seen));
        }
    });
    (url, seen)
}

fn answer(mut stream: TcpStream, seen: &TrialEvent) {
    let mut buffer = [0; 4096];
    // Every request of these journeys comes in one piece.
    while let Ok(length @ 1..) = stream.read(&mut buffer) {
        let text = String::from_utf8_lossy(&buffer[..length]);
        let line = text.split(" HTTP").next().unwrap().to_owned();
        let (status, body) = match line.as_str() {
            "POST /teams" => (201, r#"{"id": 7}"#),
            "POST /refused" => (422, r#"{"message": "no such plan", "password": "hunter-22"}"#),
            "DELETE /items/kept" => (409, "{}"),
            _ => (200, "{}"),
        };
        if line != "GET /ready" {
            seen.lock().unwrap().push(line);
        }
        let length = body.len();
        let answer =
            format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}");
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

struct Ran {
    exit: Option<i32>,
    told: String,
    seen: Vec<String>,
    /// The report; empty if there is none.
    report: String,
}

/// Runs a second of a scenario with these lines, and a journey whose step has that `cleanup`.
fn run(top: &str, users: &str, cleanup: &str) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let (url, seen) = serve();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let journey = |name: &str, steps: &str| {
        let text = format!("name = '{name}'\ndescription = 'd'\n{steps}");
        write(&format!("journeys/{name}.toml"), &text);
    };
    let step = |method: &str, path: &str| format!("[[step]]\nname = 's'\nmethod = '{method}'\npath = '{path}'\n");
    journey(
        "seed",
        &format!(
            "{}extract = {{ team = '$.id' }}\ncleanup = {{ path = '/teams/{{{{team}}}}' }}\n",
            step("POST", "/teams")
        ),
    );
    journey("refused", &step("POST", "/refused"));
    journey("profile", &step("PUT", "/profiles/{{team}}"));
    journey("purge", &step("POST", "/purge/{{team}}"));
    journey("leave", &step("POST", "/leave"));
    journey("walk", &format!("{}{cleanup}\n", step("POST", "/items")));
    write(
        "stacks/server.toml",
        &format!("name = 'server'\ndescription = 'd'\n[attach]\nurl = '{url}'\n[ready]\npath = '/ready'\n"),
    );
    write(
        "set-up.toml",
        &format!(
            "name = 'set-up'\ndescription = 'd'\n{top}\n[stack]\nuse = 'server'\n[users]\ncount = 3\nlog-in-every = '50ms'\n{users}\n\
             [journeys]\nwalk = 1\n[[phase]]\nname = 'steady'\nduration = '1s'\n\
             workload = {{ executor = 'constant-arrival-rate', rate = '5/s' }}\n\
             [[objective]]\nname = 'Errors'\nindicator = 'error-rate'\ntarget = '50 %'\nacceptable = '60 %'\n"
        ),
    );
    let output = Command::new(env!("CARGO_BIN_EXE_diapason"))
        .args(["run", "set-up.toml", "--out", "runs"])
        .current_dir(folder.path())
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let report = std::fs::read_to_string(folder.path().join("runs/latest/summary.md"));
    let seen = seen.lock().unwrap().clone();
    Ran {
        exit: output.status.code(),
        told: String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned(),
        seen,
        report: report.unwrap_or_default(),
    }
}

/// Place of the only request of that line.
fn place(seen: &[String], line: &str) -> usize {
    let places: Vec<usize> = (0..seen.len()).filter(|place| seen[*place] == line).collect();
    assert_eq!(places.len(), 1, "{line}: {seen:?}");
    places[0]
}

const AROUND: &str = "setup = 'seed'\nteardown = 'purge'";
const USERS: &str = "setup = 'profile'\nteardown = 'leave'";

#[test]
fn a_run_sets_up_and_leaves_nothing_behind() {
    let ran = run(AROUND, USERS, "cleanup = { path = '/items/gone' }");
    assert!(matches!(ran.exit, Some(0 | 1 | 3)), "{}", ran.told);
    let seen = &ran.seen;
    assert_eq!(place(seen, "POST /teams"), 0, "before everything else");
    let count = |line: &str| seen.iter().filter(|seen| *seen == line).count();
    assert_eq!(count("PUT /profiles/7"), 3, "{seen:?}");
    assert_eq!(count("POST /leave"), 3, "{seen:?}");
    assert_eq!((count("POST /items"), count("DELETE /items/gone")), (5, 5), "{seen:?}");
    let last = seen.len() - 1;
    assert_eq!(place(seen, "POST /purge/7"), last - 1, "{seen:?}");
    assert_eq!(place(seen, "DELETE /teams/7"), last, "what came first goes last");
    assert!(!ran.told.contains("did not succeed"), "{}", ran.told);
}

#[test]
fn what_is_left_behind_is_told_with_its_number() {
    let ran = run("", "", "cleanup = { path = '/items/kept' }");
    assert!(matches!(ran.exit, Some(0 | 1 | 3)), "{}", ran.told);
    assert!(
        ran.told
            .contains("5 of 5 removals, tear-downs and log-outs after the load did not succeed"),
        "{}",
        ran.told
    );
    let told = "5 requests were needed at the end to remove what the run had created, and failed or came too late";
    assert!(ran.report.contains(told), "{}", ran.report);
}

#[test]
fn a_set_up_that_fails_ends_the_run_and_shows_the_answer() {
    for (top, users, told) in [
        (
            "setup = 'refused'",
            "",
            "the set-up failed at `refused.s`: client-error, status 422",
        ),
        (
            AROUND,
            "setup = 'refused'",
            "3 users could not be set up: `refused.s` failed: client-error, status 422",
        ),
    ] {
        let ran = run(top, users, "");
        assert_eq!(ran.exit, Some(2), "{}", ran.told);
        assert!(
            ran.told.contains(told) && ran.told.contains("no such plan"),
            "{}",
            ran.told
        );
        assert!(ran.told.contains("diapason try refused"), "{}", ran.told);
        assert!(!ran.told.contains("hunter-22"), "the answer is masked: {}", ran.told);
        assert!(!ran.seen.contains(&"POST /items".to_owned()), "{:?}", ran.seen);
        if !users.is_empty() {
            place(&ran.seen, "DELETE /teams/7");
        }
    }
}

#[test]
fn a_trial_sets_up_and_cleans_up_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let (url, seen) = serve();
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("journeys")).unwrap();
    let step = "[[step]]\nname = 's'\nmethod = 'POST'\npath = '/teams'\nextract = { id = '$.id' }\nstatus = [201]\n";
    let text = format!("name = 'j'\ndescription = 'd'\n{step}cleanup = {{ path = '/teams/{{{{id}}}}' }}\n");
    std::fs::write(path("journeys/j.toml"), text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_diapason"))
        .args(["try", "j", "--target", &url, "--scenarios"])
        .arg(Path::new(folder.path()))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("j.s.cleanup"), "{told}");
    let seen = seen.lock().unwrap();
    let ours: Vec<&String> = seen.iter().filter(|line| line.contains("/teams")).collect();
    assert_eq!(ours, ["POST /teams", "DELETE /teams/7"]);
}
