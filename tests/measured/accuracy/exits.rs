//! Every exit code of a run, from the real program: 0, 1, 2 and 130 (3 is in `limits`), and runs that end by themselves.

use std::process::{Child, Command};
use std::time::Duration;

use super::run::{Run, Scenario};
use super::server::{Behaviour, Server};
use crate::repetition::{Undecided, decided};

fn scenario(phase: &str) -> Scenario {
    Scenario {
        users: 50,
        phase: format!("{phase}\nworkload = {{ executor = \"constant-arrival-rate\", rate = \"40/s\" }}"),
    }
}

fn server(millis: u64) -> Server {
    Server::start(Behaviour {
        delay: Duration::from_millis(millis),
        ..Behaviour::default()
    })
}

fn run(phase: &str, server: &Server, arguments: &[&str]) -> Run {
    let wait = |child: Child| child.wait_with_output().unwrap();
    decided(
        |run: &Run| Undecided::of_run(run.exit, || run.report.clone()),
        || scenario(phase).run_with(server, |_| (), arguments, wait),
    )
}

/// Limits so wide that a busy machine keeps them.
const WIDE: [&str; 4] = [
    "--set",
    "objective.0.target=400ms",
    "--set",
    "objective.0.acceptable=800ms",
];

#[test]
fn met_and_missed() {
    let _alone = crate::alone();
    let met = run("duration = \"2s\"", &server(0), &WIDE);
    assert_eq!(met.exit, 0, "{}", met.output);
    assert!(met.output.starts_with("PASS"), "{}", met.output);
    let missed = run("duration = \"2s\"", &server(500), &WIDE);
    assert_eq!(missed.exit, 1, "{}", missed.output);
}

#[test]
fn what_could_not_be_done_exits_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let exit = |target: &str, out: &std::path::Path| {
        let output = Command::new(env!("CARGO_BIN_EXE_diapason"))
            .args(["run", "scenarios/gate.toml", "--target", target, "--out"])
            .arg(out)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    // No run folder can be made below a file.
    let (code, text) = exit(&server(0).url(), &file.join("runs"));
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("error: "), "{text}");
    let (code, text) = exit("http://no-such-host.invalid", folder.path());
    assert_eq!(code, Some(2), "{text}");
}

#[test]
fn interrupted_keeps_what_there_is() {
    let _beside = crate::beside();
    let server = server(0);
    let found = scenario("duration = \"600s\"").run_with(
        &server,
        |_| (),
        &WIDE,
        |mut child| {
            while server.served().len() < 10 && child.try_wait().unwrap().is_none() {
                std::thread::sleep(Duration::from_millis(20));
            }
            let interrupt = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
            assert!(interrupt.unwrap().success());
            child.wait_with_output().unwrap()
        },
    );
    assert_eq!(found.exit, 130, "{}", found.output);
    assert!(found.total("started") >= 10 && found.total("dropped") > 0);
}

#[test]
fn a_run_without_a_length_ends_once_it_is_clear() {
    let _beside = crate::beside();
    // 240 s at most; every request misses, which is clear after the first 10 s.
    let missed = run("duration = \"auto\"\nat-most = \"240s\"", &server(500), &WIDE);
    assert_eq!(missed.exit, 1, "{}", missed.output);
    assert!(missed.output.contains("while it ran, e-value"), "{}", missed.output);
    let judged = missed.number("/judged/end/secs");
    assert!((10.0..240.0).contains(&judged), "{judged}");
    assert_eq!(
        missed.total("planned"),
        missed.total("started") + missed.total("dropped")
    );
}

#[test]
fn a_certain_miss_can_end_a_run() {
    let _beside = crate::beside();
    let missed = run(
        "duration = \"120s\"",
        &server(500),
        &[&WIDE[..], &["--abort-on-miss"]].concat(),
    );
    assert_eq!(missed.exit, 1, "{}", missed.output);
    assert!(missed.number("/judged/end/secs") < 120.0);
}

/// Runs for minutes with nobody who reads what it says, and is sent that signal once ten requests were served.
fn ended_by(signal: &str) -> Run {
    let server = server(0);
    scenario("duration = \"600s\"").run_with(
        &server,
        |command| {
            // Whoever started the tests may ignore a signal, and the program then ignores it as well.
            let program = command.get_program().to_owned();
            *command = Command::new("env");
            command.arg("--default-signal=HUP,QUIT,TERM").arg(program);
        },
        &WIDE,
        |mut child| {
            drop((child.stdout.take(), child.stderr.take()));
            while server.served().len() < 10 && child.try_wait().unwrap().is_none() {
                std::thread::sleep(Duration::from_millis(20));
            }
            let sent = Command::new("kill").args([signal, &child.id().to_string()]).status();
            assert!(sent.unwrap().success());
            child.wait_with_output().unwrap()
        },
    )
}

#[test]
fn each_signal_ends_a_run_even_if_nobody_reads_its_messages() {
    let _beside = crate::beside();
    for signal in ["-HUP", "-QUIT", "-TERM"] {
        let found = ended_by(signal);
        assert_eq!(found.exit, 130, "{signal}");
        assert!(found.total("started") >= 10 && found.total("dropped") > 0, "{signal}");
    }
}

#[test]
fn a_verdict_does_not_depend_on_readers() {
    let _alone = crate::alone();
    let unread = |mut child: Child| {
        drop((child.stdout.take(), child.stderr.take()));
        child.wait_with_output().unwrap()
    };
    let server = server(0);
    let met = decided(
        |run: &Run| Undecided::of_run(run.exit, || run.report.clone()),
        || scenario("duration = \"2s\"").run_with(&server, |_| (), &WIDE, unread),
    );
    assert_eq!(met.exit, 0, "{}", met.report["judgement"]);
}

#[test]
fn a_run_in_which_nothing_gates_has_no_verdict() {
    let _beside = crate::beside();
    let advisory = [&WIDE[..], &["--set", "objective.0.gate=false"]].concat();
    let wait = |child: Child| child.wait_with_output().unwrap();
    let found = scenario("duration = \"2s\"").run_with(&server(0), |_| (), &advisory, wait);
    assert_eq!(found.exit, 3, "{}", found.output);
    assert_eq!(found.report["exit"]["meaning"], "nothing gates");
    assert!(found.output.contains("warning: nothing gates"), "{}", found.output);
}

#[test]
fn programs_get_a_second_in_a_line() {
    let _beside = crate::beside();
    let arguments = [&WIDE[..], &["--progress", "json", "--tag", "a=b"]].concat();
    let wait = |child: Child| child.wait_with_output().unwrap();
    let found = scenario("duration = \"3s\"").run_with(&server(0), |_| (), &arguments, wait);
    let lines: Vec<serde_json::Value> = found
        .output
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let seconds: Vec<u64> = lines.iter().filter_map(|line| line["second"].as_u64()).collect();
    // On a busy machine two seconds may come as one.
    let rises = seconds.is_sorted_by(|one, next| one < next);
    assert!(
        rises && (2..=4).contains(&seconds.len()) && seconds[0] <= 1,
        "{seconds:?} {}",
        found.output
    );
    let sum: u64 = lines.iter().filter_map(|line| line["requests"].as_u64()).sum();
    assert!(sum > 0 && sum <= found.total("started"), "{sum} {}", found.output);
    assert_eq!(
        (&lines[0]["scenario"], &lines[0]["phase"]),
        (&"accuracy".into(), &"steady".into())
    );
}
