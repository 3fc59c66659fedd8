//! Closed phases before any run: their plan as `check` shows it, and what is refused.

use std::path::Path;
use std::process::Command;

/// A scenario of 20 users on `/` and, as the mix says, `/slow`.
pub(crate) fn scenario(folder: &Path, phases: &str, objectives: &str) -> String {
    std::fs::create_dir_all(folder.join("journeys")).unwrap();
    for (name, path) in [("fast", "/"), ("slow", "/slow")] {
        let text = format!("name = \"{name}\"\ndescription = \"d\"\n[[step]]\nname = \"get\"\npath = \"{path}\"\n");
        std::fs::write(folder.join(format!("journeys/{name}.toml")), text).unwrap();
    }
    let text = format!(
        "name = \"closed\"\ndescription = \"Users who wait\"\n[stack]\nuse = \"none\"\n[users]\ncount = 20\n\
         [journeys]\nfast = 1\nslow = 0\n{phases}\n{objectives}"
    );
    let path = folder.join("closed.toml");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

pub(crate) const STEADY: &str = r#"
[[phase]]
name = "ramp"
judged = false
workload = { executor = "ramping-users", stages = [{ to = 10, over = "500ms" }] }
[[phase]]
name = "steady"
duration = "1500ms"
workload = { executor = "constant-users", users = 10, hatch-every = "10ms", think = "10ms..20ms" }
"#;

pub(crate) const CLOSED: &str = r#"
[[objective]]
name = "Response time"
indicator = "response-time"
model = "closed"
quantile = "p95"
target = "900ms"
acceptable = "1s"
"#;

fn check(phases: &str, objectives: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = scenario(folder.path(), phases, objectives);
    let output = Command::new(env!("CARGO_BIN_EXE_diapason"))
        .args(["check", &path, "--target", "http://127.0.0.1:1"])
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let code = output.status.code().unwrap();
    let (out, error) = (text(output.stdout), text(output.stderr));
    format!("exit {code}\n--- stdout\n{out}--- stderr\n{error}").replace(folder.path().to_str().unwrap(), "DIR")
}

#[test]
fn check_shows_the_model_and_does_not_invent_evidence() {
    insta::assert_snapshot!(check(STEADY, CLOSED), @r#"
    exit 0
    --- stdout
    closed: Users who wait

    phases
      ramp            0.5 s  closed model: 10 users  not judged    ramping-users to 10 in 500ms
      steady          1.5 s  closed model: 10 users  judged        constant-users 10, one every 10ms, thinking 10ms..20ms

    series (about so many requests judged)
      fast.get                      closed  
      slow.get                           0  

    evidence for each objective
      Response time          gating    known after the run  a pass needs    59  can be decided

    journeys
      fast
        get              GET /; status 200 to 299
      slow
        get              GET /slow; status 200 to 299

    descriptors
      up to 220: 20 users, each with a connection, and the program's own
    --- stderr
    "#);
}

#[test]
fn response_times_of_the_closed_model_are_judged_on_request_only() {
    insta::assert_snapshot!(check(STEADY, &CLOSED.replace("model = \"closed\"\n", "")), @r#"
    exit 2
    --- stdout
    --- stderr
    error: DIR/closed.toml: objective `Response time`: its requests are made in phases of the closed model only, and it is about those of the open model
    hint: a closed phase sends less while the system is slow, so its response times flatter it: use an open executor, or say `model = "closed"` to judge them all the same
    "#);
    let open = STEADY.replace(
        "executor = \"constant-users\", users = 10, hatch-every = \"10ms\", think = \"10ms..20ms\"",
        "executor = \"constant-arrival-rate\", rate = \"100/s\"",
    );
    insta::assert_snapshot!(check(&open, CLOSED), @r#"
    exit 2
    --- stdout
    --- stderr
    error: DIR/closed.toml: objective `Response time`: its requests are made in phases of the open model only, and it is about those of the closed model
    hint: remove `model`, or judge a phase of the closed model
    "#);
}

#[test]
fn closed_phases_need_their_users() {
    insta::assert_snapshot!(check(&STEADY.replace("users = 10, hatch", "users = 50, hatch"), CLOSED), @r#"
    exit 2
    --- stdout
    --- stderr
    error: DIR/closed.toml: phase `steady`: there are 20 users, and closed phases want 50 at once
    hint: set `users.count` to 50 or more
    "#);
    let beside = STEADY.replace("duration = \"1500ms\"", "start = \"0s\"\nduration = \"1500ms\"");
    let beside = beside.replace("users = 10, hatch", "users = 11, hatch");
    insta::assert_snapshot!(check(&beside, CLOSED), @r#"
    exit 2
    --- stdout
    --- stderr
    error: DIR/closed.toml: phase `ramp`: there are 20 users, and closed phases want 21 at once
    hint: set `users.count` to 21 or more
    "#);
    insta::assert_snapshot!(check(&STEADY.replace("10ms\", think", "200ms\", think"), CLOSED), @r#"
    exit 2
    --- stdout
    --- stderr
    error: DIR/closed.toml: phase `steady`: ends before the last of its 10 users has begun
    hint: shorten `hatch-every` or lengthen `duration`
    "#);
    insta::assert_snapshot!(check(&STEADY.replace("to = 10, over", "to = 0, over"), CLOSED), @r#"
    exit 2
    --- stdout
    --- stderr
    error: DIR/closed.toml: phase `ramp`: has no users
    hint: give some stage a `to` above 0
    "#);
}
