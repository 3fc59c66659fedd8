//! What a stack file may ask for: copies of writable folders, networks of its own in place of external ones, seeds of every
//! kind, states to reach, several front doors. And two runs at once.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::shop::Shop;
use crate::engine::beside;
use crate::engine::docker::docker;
use crate::engine::running::{Finished, rewritten};

const COMPOSE: &str = r#"
name: options-prod
x-node: &node
  image: diapason/node:24-forky
  init: true
  networks: [edge]
services:
  data:
    <<: *node
    command: [sleep, infinity]
    volumes: ["state:/state", "./uploads:/uploads"]
  setup:
    <<: *node
    command: [sh, -c, "echo setup >>/state/order"]
    volumes: ["state:/state"]
  web:
    <<: *node
    command: [node, /app/web.mjs]
    depends_on: [data, setup]
    volumes: ["state:/state", "./web.mjs:/app/web.mjs:ro", "./uploads:/uploads"]
    healthcheck: { test: [CMD, "false"], interval: 1s, retries: 1 }
    deploy: { replicas: 2 }
    ports: ["80:8080"]
networks:
  edge: { external: true, name: diapason-test-edge-of-others }
volumes:
  state: {}
"#;

const WEB: &str = r#"
import { appendFileSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
if (!readFileSync("/state/order", "utf8").includes("before")) process.exit(1);
createServer((request, response) => {
  if (request.method === "POST") {
    appendFileSync("/state/order", `posted ${request.url}\n`);
    response.writeHead(201).end();
  } else if (request.url === "/order") {
    response.end(readFileSync("/state/order") + readFileSync("/uploads/of-the-run", "utf8"));
  } else {
    console.log("served");
    response.end("ok");
  }
}).listen(8080);
"#;

const STACK: &str = r#"
[compose]
files = ["compose.yml"]
[entry]
service = "web"
port = 8080
[isolation]
copied = ["uploads"]
fresh-networks = ["edge"]
[service.setup]
state = "exited-0"
# Its health check never passes.
[service.web]
state = "running"
[[seed]]
name = "posts"
http = [{ method = "POST", path = "/one", json = { a = 1 }, status = 201 }, { method = "POST", path = "/two", json = {}, status = 201 }]
done = { http = { path = "/order", contains = "posted" } }
[[seed]]
name = "posts again"
http = [{ method = "POST", path = "/three", json = {}, status = 201 }]
done = { http = { path = "/order", contains = "posted /two" } }
[[seed]]
name = "early"
before = "web"
once = { exec = { service = "data", command = ["grep", "-q", "setup", "/state/order"] } }
[seed.run]
service = "data"
command = ["sh", "-c", "echo before >>/state/order; echo $WORD >>/uploads/of-the-run; cat /uploads/original >>/uploads/of-the-run"]
environment = { WORD = "written" }
[[readiness]]
name = "in this order"
check = { http = { path = "/order", status = 200, contains = "setup\nbefore\nposted /one\nposted /two\nwritten\noriginal" } }
"#;

/// A network of somebody else, which must not be touched.
struct Edge;

impl Edge {
    fn create() -> Self {
        docker(&["network", "create", "--internal", "diapason-test-edge-of-others"]);
        Self
    }

    fn fingerprint() -> String {
        let format = "{{.Id}} {{.Created}} {{.Labels}} {{len .Containers}}";
        docker(&["network", "inspect", "--format", format, "diapason-test-edge-of-others"])
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        docker(&["network", "rm", "diapason-test-edge-of-others"]);
    }
}

#[test]
fn copies_fresh_networks_seeds_of_every_kind_and_states_do_what_they_say() {
    let _place = beside();
    let _edge = Edge::create();
    let edge = Edge::fingerprint();
    let shop = Shop::of("options", STACK);
    shop.put("compose.yml", COMPOSE);
    shop.put("web.mjs", WEB);
    shop.put("uploads/original", "original\n");
    let mut run = shop.run(&[]);
    run.wait_for_load();
    let web = run.label().service("web");
    let served = |replica: &String| docker(&["logs", replica]).contains("served");
    assert_eq!(web.len(), 2, "{}", run.talk());
    let deadline = Instant::now() + Duration::from_secs(5);
    while !web.iter().all(served) && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(web.iter().all(served), "users take the replicas in turn");
    let finished = run.finish();
    assert!([0, 1, 3].contains(&finished.exit), "{}", finished.talk);
    assert_eq!(Edge::fingerprint(), edge);
    let uploads = fs::read_dir(shop.stacks().join("uploads")).unwrap();
    let uploads: Vec<_> = uploads.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(uploads, ["original"], "what was written went to the copy");
    let notes = rewritten(&finished.json("stack.json"));
    for note in [
        "front door: 2 replicas of web, which users take in turn",
        "network diapason-test-edge-of-others → diapason-",
    ] {
        assert!(notes.contains(note), "{note}: {notes}");
    }
}

/// Two runs, of which the second comes up while the first goes on for that many seconds; `None` if the first had ended by then.
fn two_at_once(seconds: u32) -> Option<[Finished; 2]> {
    let [left, right] = ["left", "right"].map(Shop::pair);
    left.last(&format!("{seconds}s"));
    right.last(&format!("{}s", seconds + 4));
    let mut first = left.run(&[]);
    first.wait_for_load();
    let mut second = right.run(&[]);
    second.wait_for_load();
    if !first.goes_on() {
        second.signal("-INT");
        second.finish();
        return None;
    }
    assert!(
        second.talk().contains("runs beside this (process "),
        "{}",
        second.talk()
    );
    let label = second.label();
    let state = || {
        let mut arguments = vec!["inspect", "--format", "{{.Id}} {{.State.StartedAt}} {{.State.Status}}"];
        let ids = label.containers();
        arguments.extend(ids.iter().map(String::as_str));
        docker(&arguments)
    };
    let before = state();
    assert!(before.lines().count() == 2, "{before}");
    let first = first.finish();
    assert_eq!(state(), before, "the end of the one changes nothing of the other");
    Some([first, second.finish()])
}

#[test]
fn two_runs_at_once_both_end_well_and_neither_touches_the_other() {
    let _place = beside();
    // On a busy machine a stack takes longer to come up.
    let both = [8, 24, 72].into_iter().find_map(two_at_once);
    let both = both.expect("a second stack within 72 s");
    a_full_disk_is_told(&both[1].folder());
    for finished in both {
        assert!([0, 1, 3].contains(&finished.exit), "{}", finished.talk);
        assert!(finished.folder().join("report.json").is_file(), "{}", finished.talk);
    }
}

/// Where nothing can be written any more.
#[track_caller]
fn a_full_disk_is_told(run: &Path) {
    let output = Command::new(env!("CARGO_BIN_EXE_diapason"))
        .arg("report")
        .arg(run)
        .args(["--export", "json=/dev/full"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("/dev/full") && said.contains("hint: the disk is full"),
        "{said}"
    );
}
