//! The gate on the real reference stack: what it must say of an untouched stack and of each fault, and what it must leave
//! behind, which is nothing. These tests run one after the other; `ci/setup` has made everything they need.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::alone;
use crate::repetition::{Undecided, decided};

/// A run shortened to what latency objectives need; an error rate of 0.1 % takes the full minute. Health checks, a burst of slow
/// requests every half minute, would be in it once or twice.
pub(crate) const SHORT: &[&str] = &[
    "stack.env.HEALTH_INTERVAL=1h",
    "users.log-in-every=60ms",
    "phase.warm-up.duration=5s",
    "phase.pages.duration=1s",
    "phase.steady.duration=20s",
    "probes.browser.during=steady",
    // Fewer pages are loaded than p75 takes.
    "objective.Frontend load time.quantile=p50",
    "objective.Error rate.gate=false",
];

/// Half the gate's load: what an objective's own fault does to it is to be told from what a slow machine does.
const CALM: &[&str] = &["phase.warm-up.workload.rate=6/s", "phase.steady.workload.rate=6/s"];

/// A line of progress from the judged phase of a shortened run.
pub(crate) const IN_THE_MIDDLE: &str = " 20 s of ";

pub(crate) struct Gate {
    out: tempfile::TempDir,
    child: Child,
}

pub(crate) struct Finished {
    out: tempfile::TempDir,
    pub(crate) exit: i32,
    pub(crate) talk: String,
}

impl Gate {
    pub(crate) fn start(settings: &[&str]) -> Self {
        let out = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_diapason"));
        command
            .arg("run")
            .arg("scenarios/gate.toml")
            .arg("--out")
            .arg(out.path());
        for setting in settings {
            command.arg("--set").arg(setting);
        }
        let child = command
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdin(Stdio::null())
            .stdout(std::fs::File::create(out.path().join("stdout")).unwrap())
            .stderr(std::fs::File::create(out.path().join("stderr")).unwrap())
            .spawn()
            .unwrap();
        Self { out, child }
    }

    pub(crate) fn talk(&self) -> String {
        std::fs::read_to_string(self.out.path().join("stderr")).unwrap()
    }

    /// Waits until a line of talk holds that text.
    pub(crate) fn wait_for(&mut self, text: &str) {
        let deadline = Instant::now() + Duration::from_secs(240);
        while !self.talk().contains(text) {
            assert!(
                self.child.try_wait().unwrap().is_none(),
                "ended before {text:?}:\n{}",
                self.talk()
            );
            assert!(Instant::now() < deadline, "no {text:?} in 240 s:\n{}", self.talk());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    pub(crate) fn finish(mut self) -> Finished {
        let exit = self.child.wait().unwrap().code().unwrap();
        let talk = std::fs::read_to_string(self.out.path().join("stdout")).unwrap() + &self.talk();
        Finished {
            out: self.out,
            exit,
            talk,
        }
    }
}

impl Finished {
    fn folder(&self) -> PathBuf {
        self.out.path().join("latest")
    }

    pub(crate) fn report(&self) -> Value {
        let text = std::fs::read_to_string(self.folder().join("report.json"))
            .unwrap_or_else(|error| panic!("{error}\n{}", self.talk));
        serde_json::from_str(&text).unwrap()
    }

    /// The word of the objective of that name.
    pub(crate) fn word(&self, objective: &str) -> String {
        let report = self.report();
        let verdicts = report["judgement"]["verdicts"].as_array().unwrap();
        let verdict = verdicts
            .iter()
            .find(|verdict| verdict["objective"]["name"] == objective)
            .unwrap();
        verdict["word"].as_str().unwrap().to_owned()
    }

    /// Why it came to nothing.
    fn undecided(&self) -> Option<Undecided> {
        Undecided::of_run(self.exit, || self.report())
    }

    #[track_caller]
    pub(crate) fn expect(&self, exit: i32, words: &[(&str, &[&str])]) {
        assert_eq!(self.exit, exit, "{}", self.talk);
        for (objective, allowed) in words {
            let word = self.word(objective);
            assert!(allowed.contains(&word.as_str()), "{objective}: {word}\n{}", self.talk);
        }
    }

    /// The heaviest suspect is this rule's, in that tier and, where one is given, of that service.
    #[track_caller]
    pub(crate) fn blames(&self, rule: &str, tier: &str, service: Option<&str>) {
        let report = self.report();
        let first = &report["attribution"]["suspects"][0];
        let found = (first["rule"].as_str(), first["tier"].as_str());
        assert_eq!(
            found,
            (Some(rule), Some(tier)),
            "{}\n{}",
            report["attribution"],
            self.talk
        );
        if service.is_some() {
            assert_eq!(first["service"].as_str(), service, "{}", report["attribution"]);
        }
        assert!(
            self.talk.contains("why: ") && self.talk.contains("next: "),
            "{}",
            self.talk
        );
    }

    #[track_caller]
    pub(crate) fn blames_nobody(&self) {
        let report = self.report();
        let suspects = report["attribution"]["suspects"].as_array().unwrap();
        assert!(suspects.is_empty(), "{suspects:?}");
    }
}

pub(crate) fn docker(arguments: &[&str]) -> String {
    let output = Command::new("docker").args(arguments).output().unwrap();
    assert!(
        output.status.success(),
        "docker {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Nothing that any run of ours made is left.
#[track_caller]
pub(crate) fn nothing_left() {
    let label = "label=io.diapason.namespace";
    assert_eq!(docker(&["ps", "-aq", "--filter", label]), "", "containers are left");
    assert_eq!(
        docker(&["network", "ls", "-q", "--filter", label]),
        "",
        "networks are left"
    );
    assert_eq!(
        docker(&["volume", "ls", "-q", "--filter", label]),
        "",
        "volumes are left"
    );
}

/// A run of the gate to its end, and what is done to it; once more where it decides nothing.
pub(crate) fn gate(settings: &[&str], mut harm: impl FnMut(&mut Gate)) -> Finished {
    decided(Finished::undecided, || {
        let mut gate = Gate::start(settings);
        harm(&mut gate);
        let finished = gate.finish();
        nothing_left();
        let named = &finished.report()["attribution"]["suspects"][0]["rule"];
        // For the table in docs/attribution.md, by `--show-output`.
        eprintln!("exit {}, named first: {named}", finished.exit);
        finished
    })
}

fn short(settings: &[&str]) -> Finished {
    gate(&[SHORT, CALM, settings].concat(), |_| ())
}

fn fault(setting: &str) -> Finished {
    short(&["stack.env.ALLOW_FAULTS=1", &format!("stack.env.{setting}")])
}

pub(crate) const API: &str = "API response time";
pub(crate) const FRONTEND: &str = "Frontend load time";
pub(crate) const DATABASE: &str = "Database query time";
pub(crate) const ERRORS: &str = "Error rate";
pub(crate) const MET: &[&str] = &["PASS"];
/// Of a run that exits with 1: its target is missed; on a slow machine the acceptable limit may stay undecided.
pub(crate) const NOT_MET: &[&str] = &["WARN", "FAIL", "INCONCLUSIVE"];

#[test]
fn the_untouched_stack_passes_at_full_length() {
    let _alone = alone();
    let finished = gate(&[], |_| ());
    finished.expect(0, &[(API, MET), (FRONTEND, MET), (DATABASE, MET), (ERRORS, MET)]);
    finished.blames_nobody();
    for file in [
        "index.html",
        "summary.md",
        "junit.xml",
        "scenario.toml",
        "plan.json",
        "evidence/recording.hlog",
    ] {
        assert!(
            finished.folder().join(file).metadata().is_ok_and(|file| file.len() > 0),
            "{file} is missing or empty"
        );
    }
    let report = finished.report();
    for check in report["judgement"]["validity"].as_array().unwrap() {
        assert_eq!(check["valid"], true, "{check}");
    }
    // The API's log is joined with the proxy's, request by request, and the API's count is within the proxy's.
    let all = &report["proxy"]["all"];
    let joined = all["joined"].as_u64().unwrap();
    assert!(all["own"]["count"].as_u64().unwrap() * 20 >= joined * 19, "{all}");
    let mean = |part: &str| all[part]["mean"].as_f64().unwrap();
    assert!(mean("own") > 0.0 && mean("own") <= mean("application") + 1.0, "{all}");
    // Users log in for 15 s and caches fill for 10 s; then pages have 45 s to themselves.
    let loads = report["pages"]["loads"].as_array().unwrap();
    let at = |load: &Value| load["at"].as_f64().unwrap();
    assert!(loads.len() >= 15, "{}", loads.len());
    assert!(loads.iter().all(|load| (25.0..70.0).contains(&at(load))), "{loads:?}");
    assert!(report["beside_pages"].is_null());
    judging_again_gives_the_same(&finished);
}

/// `diapason report` reads the saved evidence only.
fn judging_again_gives_the_same(finished: &Finished) {
    let before = finished.report();
    let again = Command::new(env!("CARGO_BIN_EXE_diapason"))
        .arg("report")
        .arg(finished.folder())
        .output()
        .unwrap();
    assert_eq!(
        again.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&again.stderr)
    );
    assert_eq!(before, finished.report());
}

#[test]
fn a_slower_api_within_the_target_is_no_alarm() {
    let _alone = alone();
    // A slow machine adds its own to the 100 ms, many times over.
    let settings = [
        "stack.env.ALLOW_FAULTS=1",
        "stack.env.FAULT_API_LATENCY_MS=100",
        "objective.API response time.target=1s",
        "objective.API response time.acceptable=2s",
    ];
    let finished = short(&settings);
    finished.expect(0, &[(API, MET), (FRONTEND, MET), (DATABASE, MET)]);
    finished.blames_nobody();
}

#[test]
fn a_slow_api_misses_the_api_objective_and_no_other() {
    let _alone = alone();
    let finished = fault("FAULT_API_LATENCY_MS=200");
    finished.expect(1, &[(API, NOT_MET), (FRONTEND, MET), (DATABASE, MET)]);
    finished.blames("slow-application", "application", None);
}

#[test]
fn slow_statements_miss_the_database_objective() {
    let _alone = alone();
    let finished = fault("FAULT_SQL_LATENCY_MS=100");
    finished.expect(1, &[(DATABASE, NOT_MET), (FRONTEND, MET)]);
    finished.blames("slow-statement", "database", None);
}

#[test]
fn slow_pages_miss_the_frontend_objective_and_no_other() {
    let _alone = alone();
    // A page that takes 3 s needs slots of more than that, and 5 of them to tell that 5 s are not missed as well. What a slow
    // machine does to the API in that time is not the point.
    let settings = [
        "objective.API response time.target=1s",
        "objective.API response time.acceptable=3s",
        "stack.env.ALLOW_FAULTS=1",
        "stack.env.FAULT_WEB_LATENCY_MS=3000",
        "probes.browser.every=4s",
        "phase.steady.duration=30s",
    ];
    let finished = short(&settings);
    finished.expect(1, &[(FRONTEND, NOT_MET), (API, MET), (DATABASE, MET)]);
    finished.blames("slow-pages", "application", None);
}

#[test]
fn failing_requests_miss_the_error_rate_and_no_other() {
    let _alone = alone();
    let settings = [
        "stack.env.ALLOW_FAULTS=1",
        "stack.env.FAULT_API_ERROR_RATIO=0.02",
        // This takes 998 requests.
        "objective.Error rate.gate=true",
        "objective.Error rate.target=0.3 %",
        "objective.Error rate.acceptable=0.5 %",
        "phase.steady.workload.rate=9/s",
        "phase.steady.duration=30s",
    ];
    let finished = short(&settings);
    finished.expect(1, &[(ERRORS, &["FAIL"]), (API, MET), (FRONTEND, MET), (DATABASE, MET)]);
    finished.blames("errors", "application", None);
}

#[test]
fn a_killed_container_is_named_and_nothing_is_left() {
    let _alone = alone();
    let mut gate = Gate::start(SHORT);
    gate.wait_for(IN_THE_MIDDLE);
    let api = docker(&[
        "ps",
        "-q",
        "--filter",
        "label=io.diapason.namespace",
        "--filter",
        "label=com.docker.compose.service=api",
    ]);
    docker(&["kill", &api]);
    let finished = gate.finish();
    nothing_left();
    assert!(
        [1, 3].contains(&finished.exit),
        "exit {}\n{}",
        finished.exit,
        finished.talk
    );
    let report = finished.report();
    let rules = report["judgement"]["validity"].as_array().unwrap();
    let containers = rules.iter().find(|check| check["name"] == "containers").unwrap();
    assert_eq!(containers["valid"], false, "{containers}");
    let measured = containers["measured"].as_str().unwrap();
    assert!(measured.contains("api exited with code 137"), "{measured}");
}

#[test]
fn an_interrupt_saves_what_there_is_and_leaves_nothing() {
    let _alone = alone();
    let mut gate = Gate::start(SHORT);
    gate.wait_for(IN_THE_MIDDLE);
    let pid = gate.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let finished = gate.finish();
    nothing_left();
    assert_eq!(finished.exit, 130, "{}", finished.talk);
    assert_eq!(
        finished.report()["judgement"]["overall"],
        "INCONCLUSIVE",
        "{}",
        finished.talk
    );
    assert!(finished.folder().join("index.html").exists());
}

#[test]
fn an_interrupt_while_the_stack_comes_up_leaves_nothing() {
    let _alone = alone();
    let mut gate = Gate::start(SHORT);
    let deadline = Instant::now() + Duration::from_secs(120);
    while docker(&["ps", "-q", "--filter", "label=io.diapason.namespace"]).is_empty() {
        assert!(
            Instant::now() < deadline && gate.child.try_wait().unwrap().is_none(),
            "{}",
            gate.talk()
        );
        std::thread::sleep(Duration::from_millis(200));
    }
    assert!(
        Command::new("kill")
            .args(["-TERM", &gate.child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    let finished = gate.finish();
    nothing_left();
    assert_eq!(finished.exit, 130, "{}", finished.talk);
}

/// A stack under the production's own fixed names, as on a host that also serves users.
struct Production;

impl Production {
    fn compose(arguments: &[&str]) {
        let stack = Path::new(env!("CARGO_MANIFEST_DIR")).join("stack");
        let status = Command::new("docker")
            .args(["compose", "--env-file", ".env.example", "-f", "compose.yml"])
            .args(arguments)
            .current_dir(stack)
            .env("HTTP_PORT", "127.0.0.1:18480")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert!(status.success(), "docker compose {arguments:?}");
    }

    fn up() -> Self {
        Self::compose(&["up", "-d", "--wait"]);
        Self
    }

    /// Ids, start times and restart counts of its containers, and a checksum of its database's and Redis' rows.
    fn fingerprint() -> String {
        let format = "{{.Id}} {{.State.StartedAt}} {{.RestartCount}} {{.State.Status}}";
        let containers =
            ["postgres", "redis", "api", "web", "nginx"].map(|service| format!("reference-{service}-prod"));
        let mut arguments = vec!["inspect", "--format", format];
        arguments.extend(containers.iter().map(String::as_str));
        let dump = "pg_dump -U postgres reference_prod | grep -v -e '^.restrict' -e '^.unrestrict' | md5sum";
        docker(&arguments) + &docker(&["exec", "reference-postgres-prod", "sh", "-c", dump])
    }
}

impl Drop for Production {
    fn drop(&mut self) {
        Self::compose(&["down", "-v"]);
    }
}

#[test]
fn a_stack_under_the_same_fixed_names_is_left_alone() {
    let _alone = alone();
    let _production = Production::up();
    let before = Production::fingerprint();
    let brief = ["phase.steady.duration=10s", "objective.Frontend load time.gate=false"];
    let gate = Gate::start(&[SHORT, &brief].concat()).finish();
    assert_eq!(Production::fingerprint(), before);
    nothing_left();
    // Two stacks on two cores: what matters here is that the run was carried out and nothing was touched.
    assert!([0, 1, 3].contains(&gate.exit), "{}", gate.talk);
    assert_eq!(
        gate.word(ERRORS),
        "INCONCLUSIVE",
        "no request failed, too few to prove it\n{}",
        gate.talk
    );
}
