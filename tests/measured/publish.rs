//! Runs that are told to GitHub: a server on this machine speaks its API, and is the system under test as well.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::workspace::{Workspace, code, words};

/// A call of the API, or a request of the load.
#[derive(Debug, Clone)]
struct Call {
    what: String,
    authorization: String,
    body: Value,
}

/// Answers of the API beside its usual ones.
#[derive(Debug, Clone, Default)]
struct Answers {
    checks: Value,
    comments: Value,
    pulls: Value,
    /// True if the token may only read.
    forbidden: bool,
}

struct Github {
    url: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Github {
    fn start(answers: Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let calls = Arc::<Mutex<Vec<Call>>>::default();
        let all = Arc::clone(&calls);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (answers, all) = (answers.clone(), Arc::clone(&all));
                std::thread::spawn(move || serve(stream.unwrap(), &answers, &all));
            }
        });
        Self { url, calls }
    }

    /// Calls so far, in their order; the load counts as one from its first request on.
    fn calls(&self) -> Vec<Call> {
        let mut calls = self.calls.lock().unwrap().clone();
        calls.dedup_by(|next, last| next.what == "load" && last.what == "load");
        calls
    }

    fn told(&self) -> Vec<String> {
        self.calls().into_iter().map(|call| call.what).collect()
    }

    fn body(&self, what: &str) -> Value {
        let calls = self.calls();
        let found = calls.iter().rfind(|call| call.what == what);
        found
            .unwrap_or_else(|| panic!("no {what} among {:?}", self.told()))
            .body
            .clone()
    }

    /// Runs a scenario of a second in the workspace, as a job of GitHub Actions would.
    fn run(&self, workspace: &Workspace, event: &Value, arguments: &[&str]) -> Command {
        workspace.scenario();
        std::fs::write(workspace.path().join("event.json"), event.to_string()).unwrap();
        let mut command = workspace.command();
        command
            .args(["run", "short.toml", "--set", "phase.steady.duration=1s"])
            .args(arguments);
        self.job(&mut command, workspace.path());
        command
    }

    fn job(&self, command: &mut Command, folder: &Path) {
        for (name, value) in [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_REPOSITORY", "o/r"),
            ("GITHUB_SHA", "merge"),
            ("GITHUB_RUN_ID", "77"),
            ("GITHUB_TOKEN", "hush"),
        ] {
            command.env(name, value);
        }
        command
            .env("GITHUB_API_URL", format!("{}/api/v3", self.url))
            .env("GITHUB_EVENT_PATH", folder.join("event.json"))
            .env("GITHUB_STEP_SUMMARY", folder.join("step-summary.md"))
            .env("GITHUB_WORKSPACE", folder);
    }
}

/// Time that an answer to the load takes.
const LOAD: Duration = Duration::from_millis(20);

/// Answers the requests of a connection.
fn serve(stream: TcpStream, answers: &Answers, calls: &Mutex<Vec<Call>>) {
    let mut writer = stream.try_clone().unwrap();
    let mut reader = BufReader::new(stream);
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first).unwrap_or(0) == 0 {
            return;
        }
        let (mut length, mut authorization) = (0, String::new());
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let Some((name, value)) = line.trim_end().split_once(": ") else {
                break;
            };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().unwrap(),
                "authorization" => value.clone_into(&mut authorization),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let request = first.trim_end().trim_end_matches(" HTTP/1.1");
        let what = request.replacen("/api/v3/repos/o/r/", "", 1);
        let is_load = what == request;
        let what = if is_load { "load".to_owned() } else { what };
        if is_load {
            // So that a target below is missed on every machine.
            std::thread::sleep(LOAD);
        }
        calls.lock().unwrap().push(Call {
            what: what.clone(),
            authorization,
            body: serde_json::from_slice(&body).unwrap_or_default(),
        });
        let (method, path) = what.split_once(' ').unwrap_or(("GET", ""));
        let (status, answer) = match method {
            "GET" if path.contains("/check-runs?") => ("200 OK", json!({ "check_runs": answers.checks })),
            "GET" if path.contains("/comments?") => ("200 OK", answers.comments.clone()),
            "GET" if path.starts_with("pulls?") => ("200 OK", answers.pulls.clone()),
            "GET" => ("200 OK", json!({})),
            _ if answers.forbidden => (
                "403 Forbidden",
                json!({ "message": "Resource not accessible by integration" }),
            ),
            "POST" => ("201 Created", json!({ "id": 4 })),
            _ => ("200 OK", json!({})),
        };
        let answer = answer.to_string();
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", answer.len());
        if writer.write_all((head + &answer).as_bytes()).is_err() {
            return;
        }
    }
}

/// A pull request from a branch of the repository itself.
fn asked() -> Value {
    json!({ "pull_request": { "number": 12, "head": { "sha": "tip" } } })
}

const CHECKS: &str = "GET commits/tip/check-runs?check_name=diapason%20%2F%20short&filter=all";
const COMMENTS: &str = "GET issues/12/comments?per_page=100&page=1";

fn run(github: &Github, workspace: &Workspace, arguments: &[&str]) -> Output {
    let target = ["--target", &github.url];
    github
        .run(workspace, &asked(), &[&target[..], arguments].concat())
        .output()
        .unwrap()
}

#[test]
fn a_check_begins_before_the_load_and_ends_with_the_verdict() {
    let _beside = crate::beside();
    let (github, workspace) = (Github::start(Answers::default()), Workspace::new());
    let output = run(
        &github,
        &workspace,
        &[
            "--set",
            "objective.0.target=5ms",
            "--set",
            "objective.0.acceptable=10ms",
        ],
    );
    // It misses by itself, or on a machine too busy to tell it is INVALID: in both cases the Check run says the same as the exit.
    let conclusion = match code(&output) {
        1 => "failure",
        3 => "action_required",
        other => panic!("{other}: {}", words(&output)),
    };
    let told = github.told();
    let order: Vec<&str> = told.iter().map(String::as_str).collect();
    assert_eq!(
        order,
        [
            CHECKS,
            "POST check-runs",
            "load",
            "PATCH check-runs/4",
            COMMENTS,
            "POST issues/12/comments"
        ]
    );
    for call in github.calls().iter().filter(|call| call.what != "load") {
        assert_eq!(call.authorization, "Bearer hush", "{}", call.what);
    }
    assert!(!words(&output).contains("hush"));
    let begun = github.body("POST check-runs");
    assert_eq!(
        (&begun["status"], &begun["head_sha"]),
        (&json!("in_progress"), &json!("tip"))
    );
    let ended = github.body("PATCH check-runs/4");
    assert_eq!(ended["conclusion"], conclusion);
    let annotations = ended["output"]["annotations"].as_array().unwrap();
    let scenario = std::fs::read_to_string(workspace.path().join("short.toml")).unwrap();
    let line = 1 + scenario
        .lines()
        .position(|line| line == "name = \"Response time\"")
        .unwrap();
    assert_eq!(
        (&annotations[0]["path"], &annotations[0]["start_line"]),
        (&json!("short.toml"), &json!(line))
    );
    let comment = github.body("POST issues/12/comments");
    let comment = comment["body"].as_str().unwrap();
    assert!(
        comment.starts_with("<!-- diapason: short -->") && comment.contains("| Response time |"),
        "{comment}"
    );
    let summary = std::fs::read_to_string(workspace.path().join("step-summary.md")).unwrap();
    assert!(summary.contains("| Response time |"), "{summary}");
    let report: Value =
        serde_json::from_slice(&std::fs::read(workspace.path().join("reports/latest/report.json")).unwrap()).unwrap();
    let tags = report["plan"]["tags"].to_string();
    assert!(
        tags.contains("[\"commit\",\"tip\"]") && tags.contains("[\"ci-run\",\"77\"]"),
        "{tags}"
    );
}

#[test]
fn a_second_attempt_updates_what_the_first_one_left() {
    let _beside = crate::beside();
    let body = format!("<!-- diapason: short -->\n\n{}", "old");
    let github = Github::start(Answers {
        checks: json!([
            { "id": 8, "external_id": "77-short", "status": "completed" },
            { "id": 9, "external_id": "77-short", "status": "in_progress" },
        ]),
        // Anybody can copy the marker.
        comments: json!([
            { "id": 30, "body": body, "user": { "type": "User" }, "author_association": "NONE" },
            { "id": 31, "body": body, "user": { "type": "Bot" }, "author_association": "NONE" },
        ]),
        ..Answers::default()
    });
    let output = run(&github, &Workspace::new(), &[]);
    assert!(matches!(code(&output), 0 | 3), "{}", words(&output));
    let told = github.told();
    let order: Vec<&str> = told.iter().map(String::as_str).collect();
    assert_eq!(
        order,
        [
            CHECKS,
            "load",
            "PATCH check-runs/9",
            COMMENTS,
            "PATCH issues/comments/31"
        ]
    );
}

#[test]
fn a_cancelled_run_completes_its_check_at_once() {
    let _beside = crate::beside();
    let (github, workspace) = (Github::start(Answers::default()), Workspace::new());
    let mut command = github.run(
        &workspace,
        &asked(),
        &["--target", &github.url, "--set", "phase.steady.duration=300s"],
    );
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while !github.told().contains(&"load".to_owned()) && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(20));
    }
    let sent = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let told = github.told();
    assert!(!told.iter().any(|what| what.contains("comments")), "{told:?}");
    assert_eq!(github.body("PATCH check-runs/4")["conclusion"], "cancelled");
}

#[test]
fn what_cannot_be_told_changes_no_verdict() {
    let _beside = crate::beside();
    let github = Github::start(Answers {
        forbidden: true,
        ..Answers::default()
    });
    let output = run(&github, &Workspace::new(), &[]);
    assert!(matches!(code(&output), 0 | 3), "{}", words(&output));
    let said = words(&output);
    assert!(
        said.contains("not published: POST /repos/o/r/check-runs: 403 Forbidden: Resource not"),
        "{said}"
    );
    assert!(said.contains("github-fork.yml"), "{said}");
    let unarmed = Workspace::new();
    let mut command = github.run(&unarmed, &asked(), &["--target", &github.url]);
    let output = command.env_remove("GITHUB_TOKEN").output().unwrap();
    assert!(matches!(code(&output), 0 | 3), "{}", words(&output));
    assert!(
        words(&output).contains("not published: GITHUB_TOKEN is not set"),
        "{}",
        words(&output)
    );
    // The summary of the step needs no token.
    assert!(unarmed.path().join("step-summary.md").exists());
    // None is told, and nothing is tagged, where that is asked for.
    let calls = github.calls().len();
    let quiet = Workspace::new();
    let output = github
        .run(&quiet, &asked(), &["--target", &github.url, "--ci", "none"])
        .output()
        .unwrap();
    assert!(!quiet.path().join("step-summary.md").exists(), "{}", words(&output));
    assert!(github.calls().len() <= calls + 1);
}

#[test]
fn what_could_not_run_is_a_failure_that_says_so() {
    let (github, workspace) = (Github::start(Answers::default()), Workspace::new());
    let arguments = [
        "--target",
        "http://no-such-host.invalid",
        "--i-own",
        "no-such-host.invalid",
    ];
    let output = github.run(&workspace, &asked(), &arguments).output().unwrap();
    assert_eq!(code(&output), 2, "{}", words(&output));
    let ended = github.body("PATCH check-runs/4");
    assert_eq!(
        (&ended["conclusion"], &ended["output"]["title"]),
        (&json!("failure"), &json!("could not run"))
    );
}

#[test]
fn a_run_of_a_fork_is_published_afterwards_and_trusted_in_nothing() {
    let github = Github::start(Answers {
        pulls: json!([{ "number": 3, "head": { "sha": "other" } }, { "number": 5, "head": { "sha": "theirs" } }]),
        ..Answers::default()
    });
    let workspace = Workspace::new();
    let saved = workspace.saved("compare-base", "fork");
    workspace.edit(&format!("{saved}/plan.json"), |plan| {
        plan["objectives"][0]["name"] = "@org/team https://evil.example".into();
    });
    let event = json!({ "workflow_run": { "head_sha": "theirs", "head_branch": "fix", "html_url": "https://h/1",
        "head_repository": { "owner": { "login": "stranger" } } } });
    std::fs::write(workspace.path().join("event.json"), event.to_string()).unwrap();
    let mut command = workspace.command();
    command.args(["publish", &saved]);
    github.job(&mut command, workspace.path());
    let output = command.output().unwrap();
    assert_eq!(code(&output), 0, "{}", words(&output));
    assert_eq!(github.body("POST check-runs")["head_sha"], "theirs");
    let told = github.told();
    assert!(
        told.contains(&"GET pulls?state=open&head=stranger%3Afix".to_owned()),
        "{told:?}"
    );
    let comment = github.body("POST issues/5/comments");
    let comment = comment["body"].as_str().unwrap();
    assert!(
        !comment.contains("@org") && !comment.contains("https://evil"),
        "{comment}"
    );
    assert!(comment.contains("[The run](https://h/1)"), "{comment}");
}
