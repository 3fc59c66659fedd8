//! Searches for capacity that cannot be made.

use std::path::Path;
use std::process::{Command, Output};

use crate::workspace::words;

/// A scenario whose steps last 2 s; p95 below 600 ms is what must hold.
fn scenario(folder: &Path) -> String {
    std::fs::create_dir_all(folder.join("journeys")).unwrap();
    let journey = "name = \"work\"\ndescription = \"One request\"\n[[step]]\nname = \"get\"\npath = \"/work\"\n";
    std::fs::write(folder.join("journeys/work.toml"), journey).unwrap();
    let text = r#"
name = "search"
description = "Known capacity"
seed = 5
[stack]
use = "none"
[users]
count = 10
graceful-stop = "2s"
[journeys]
work = 1
[[phase]]
name = "warm-up"
duration = "1s"
judged = false
workload = { executor = "constant-arrival-rate", rate = "1/s", spacing = "poisson" }
[[phase]]
name = "steady"
duration = "2s"
workload = { executor = "constant-arrival-rate", rate = "1/s", spacing = "poisson" }
[capacity]
from = "60/s"
max-rate = "2000/s"
growth = 2.4
precision = "25 %"
longest = 2
rest = "300ms"
think = "100ms"
[[objective]]
name = "Response time"
indicator = "response-time"
quantile = "p95"
target = "600ms"
acceptable = "1200ms"
"#;
    let path = folder.join("search.toml");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Runs `diapason capacity` on that scenario, or on with a search.
pub(crate) fn capacity(folder: &Path, target: &str, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_diapason"));
    command.arg("capacity").args(more).arg("--out").arg(folder.join("runs"));
    if !more.contains(&"--resume") {
        command.arg(scenario(folder)).args(["--target", target]);
    }
    command.env("NO_COLOR", "1").output().unwrap()
}

#[test]
fn what_cannot_be_searched_is_told_before_anything_happens() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, told) in [
        (
            &["--expect", "85"][..],
            "`85` is not a load such as `300 users` or `85/s`",
        ),
        (&["--sweep", "cpus"][..], "is not a sweep such as"),
        (&["--set", "capacity.growth=1.0"][..], "would not get anywhere"),
        (&["--sweep", "capacity.grouth=2,3"][..], "unknown field"),
    ] {
        let output = capacity(folder.path(), "http://127.0.0.1:1", arguments);
        assert_eq!(output.status.code(), Some(2));
        assert!(words(&output).contains(told), "{}", words(&output));
    }
    assert!(!folder.path().join("runs").exists());
}
