//! What the generator cannot do, it says.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use super::run::{Run, Scenario};
use super::server::{Behaviour, Server};
use crate::repetition::{Undecided, decided};

/// A group of processes with 5 % of a core, in whichever version of cgroups the machine has; removed when dropped.
struct Starved {
    group: PathBuf,
}

impl Starved {
    /// None where groups cannot be made.
    fn new() -> Option<Self> {
        let name = format!("diapason-test-{}", std::process::id());
        let first = Path::new("/sys/fs/cgroup/cpu");
        let (root, quota) = if first.is_dir() {
            (
                first,
                [("cpu.cfs_period_us", "100000"), ("cpu.cfs_quota_us", "5000")].as_slice(),
            )
        } else {
            (Path::new("/sys/fs/cgroup"), [("cpu.max", "5000 100000")].as_slice())
        };
        let group = root.join(name);
        std::fs::create_dir(&group).ok()?;
        let starved = Self { group };
        for (file, value) in quota {
            std::fs::write(starved.group.join(file), value).ok()?;
        }
        Some(starved)
    }
}

impl Drop for Starved {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir(&self.group);
    }
}

#[test]
fn a_starved_generator_is_invalid_not_wrong() {
    let _beside = crate::beside();
    let Some(starved) = Starved::new() else {
        eprintln!("skipped: no right to make a cgroup");
        return;
    };
    let server = Server::start(Behaviour::default());
    let scenario = Scenario {
        users: 500,
        phase: "duration = \"3s\"\nworkload = { executor = \"constant-arrival-rate\", rate = \"1000/s\" }".to_owned(),
    };
    let processes = starved.group.join("cgroup.procs");
    let run = scenario.run_under(&server, |command| {
        // The shell moves itself before it becomes the program.
        let program = command.get_program().to_owned();
        *command = std::process::Command::new("sh");
        command
            .arg0("sh")
            .arg("-c")
            .arg("echo $$ > \"$0\" && exec \"$@\"")
            .arg(&processes)
            .arg(program);
    });
    assert_eq!(run.exit, 3, "{}", run.output);
    assert!(run.output.starts_with("INVALID"), "{}", run.output);
    assert!(
        run.output.contains("send lag") || run.output.contains("generator CPU"),
        "it does not say why:\n{}",
        run.output
    );
}

#[test]
fn arrivals_that_find_no_user_are_dropped_and_counted_and_a_miss_without_them_stands() {
    let _beside = crate::beside();
    // Two users are busy for 400 ms each: of 60 arrivals in 3 s about 15 find one, and no more than 16.
    let scenario = Scenario {
        users: 2,
        phase: "duration = \"3s\"\nworkload = { executor = \"constant-arrival-rate\", rate = \"20/s\" }".to_owned(),
    };
    // So far from both ends that a busy machine may be late.
    let limits = [
        "--set",
        "objective.0.target=200ms",
        "--set",
        "objective.0.acceptable=300ms",
    ];
    let (server, run) = decided(
        |(_, run): &(Server, Run)| Undecided::of_run(run.exit, || run.report.clone()),
        || {
            let server = Server::start(Behaviour {
                delay: Duration::from_millis(400),
                ..Behaviour::default()
            });
            let wait = |child: Child| child.wait_with_output().unwrap();
            let run = scenario.run_with(&server, |_| (), &limits, wait);
            (server, run)
        },
    );
    // All that were made are over the limit: they are too many of the 60 even if every dropped one had been good.
    assert_eq!(run.exit, 1, "{}", run.output);
    assert_eq!(run.total("planned"), 60);
    assert_eq!(run.total("started") + run.total("dropped"), 60);
    assert_eq!(run.total("started"), server.served().len() as u64);
    assert!((1..=16).contains(&run.total("started")), "{}", run.total("started"));
    assert!(
        run.output.contains("the verdict does not hang on it: dropped"),
        "{}",
        run.output
    );
}

#[test]
fn a_generator_without_descriptors_blames_itself() {
    let _beside = crate::beside();
    let server = Server::start(Behaviour {
        delay: Duration::from_millis(500),
        ..Behaviour::default()
    });
    // 100 requests are under way at a time, each over a connection of its own.
    let scenario = Scenario {
        users: 300,
        phase: "duration = \"3s\"\nworkload = { executor = \"constant-arrival-rate\", rate = \"200/s\" }".to_owned(),
    };
    let run = scenario.run_under(&server, |command| {
        let program = command.get_program().to_owned();
        *command = std::process::Command::new("sh");
        command.args(["-c", "ulimit -n 60 && exec \"$@\"", "sh"]).arg(program);
    });
    assert_eq!(run.exit, 3, "{}", run.output);
    let text = &run.output;
    assert!(text.contains("without a file descriptor"), "{text}");
    assert!(text.contains("warning: the run opens up to 500 descriptors"), "{text}");
    assert_eq!(run.report["groups"][0]["errors"], 0, "{text}");
}
