//! The history as a user meets it: real short runs, copies of them with other dates, and a real PostgreSQL.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::compare::{Bench, code, words};

/// A copy of a run that began at another time, in the folder `name`.
fn copied(run: &Path, runs: &Path, name: &str, started: &str) -> PathBuf {
    let copy = runs.join(name);
    std::fs::create_dir_all(&copy).unwrap();
    let status = Command::new("cp")
        .arg("-r")
        .arg(format!("{}/.", run.display()))
        .arg(&copy)
        .status();
    assert!(status.unwrap().success());
    let path = copy.join("run.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut value: Value = serde_json::from_str(&text).unwrap();
    value["started"] = started.into();
    std::fs::write(&path, value.to_string()).unwrap();
    copy
}

fn text(output: &Output) -> String {
    assert_eq!(code(output), 0, "{}", words(output));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The flat rows of the history.
fn rows(bench: &Bench, more: &[&str]) -> Vec<Value> {
    let arguments = [&["history", "export", "--format", "json"], more].concat();
    serde_json::from_str(&text(&bench.diapason(&arguments))).unwrap()
}

fn runs(rows: &[Value]) -> BTreeSet<String> {
    rows.iter().map(|row| row["run"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn runs_are_indexed_listed_and_shown_beside_those_before() {
    let _alone = crate::alone();
    let bench = Bench::new();
    let (output, first) = bench.run(5, &["--tag", "branch=main", "--tag", "api-token=hush"]);
    assert!(!words(&output).contains("history:"), "{}", words(&output));
    let (output, _) = bench.run(5, &["--tag", "branch=fast"]);
    assert!(
        words(&output).contains("history: Response time p95 "),
        "{}",
        words(&output)
    );
    assert!(words(&output).contains("; the run before: "), "{}", words(&output));
    let (output, _) = bench.run(5, &["--set", "users.count=40"]);
    assert!(
        !words(&output).contains("history:"),
        "other users are no neighbours: {}",
        words(&output)
    );

    let all = text(&bench.diapason(&["history"]));
    assert_eq!(all.lines().count(), 3, "{all}");
    assert!(
        all.contains("PASS") && all.contains("Response time p95 ") && all.contains("branch=fast"),
        "{all}"
    );
    assert!(!all.contains("hush") && all.contains("api-token=***"), "{all}");
    let name = first.file_name().unwrap().to_str().unwrap();
    let main = text(&bench.diapason(&["history", "--tag", "branch=main", "--verdict", "pass", "--since", "1h"]));
    assert_eq!((main.lines().count(), main.contains(name)), (1, true), "{main}");
    for (filter, count) in [
        (["--last", "2"], 2),
        (["--scenario", "other"], 0),
        (["--verdict", "fail"], 0),
    ] {
        let listed = text(&bench.diapason(&[&["history"], &filter[..]].concat()));
        assert_eq!(listed.lines().count(), count, "{filter:?}: {listed}");
    }
    let refused = bench.diapason(&["history", "--since", "yesterday"]);
    assert_eq!(code(&refused), 2, "{}", words(&refused));

    exported(&bench, &first);
    // Taken in once more, nothing is there twice.
    let before = rows(&bench, &[]);
    let output = bench.diapason(&["history", "index", "reports"]);
    assert!(
        words(&output).contains("3 runs in reports/history.sqlite"),
        "{}",
        words(&output)
    );
    assert_eq!(runs(&before), runs(&rows(&bench, &[])));
    // Nor is the file's content any more telling than the list.
    let bytes = std::fs::read(bench.path().join("reports/history.sqlite")).unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains("hush"));
}

/// The numbers of the table are those of the report.
fn exported(bench: &Bench, run: &Path) {
    let report: Value = serde_json::from_slice(&std::fs::read(run.join("report.json")).unwrap()).unwrap();
    let rows = rows(bench, &["--tag", "branch=main"]);
    let row = rows.iter().find(|row| row["name"] == "Response time").unwrap();
    let measured = &report["judgement"]["verdicts"][0]["measurement"];
    assert_eq!(row["value_milliseconds"], measured["point"]);
    assert_eq!(row["samples"], measured["samples"]);
    assert_eq!((&row["value_share"], &row["kind"]), (&Value::Null, &"objective".into()));
    let series = rows
        .iter()
        .find(|row| row["name"] == "get.get" && row["statistic"] == "p99")
        .unwrap();
    assert_eq!(series["value_milliseconds"], report["series"][0]["response"]["p99"]);
    let csv = text(&bench.diapason(&["history", "export", "--tag", "branch=main"]));
    assert_eq!(csv.lines().count(), rows.len() + 1, "{csv}");
    assert!(csv.starts_with("run,folder,scenario,started,load_seconds,"), "{csv}");
}

#[test]
fn a_change_of_level_is_found_and_old_runs_go_but_no_baseline() {
    let _alone = crate::alone();
    let bench = Bench::new();
    let (_, fast) = bench.run(5, &["--save-baseline", "main"]);
    let (_, fast_too) = bench.run(5, &[]);
    let (_, slow) = bench.run(405, &[]);
    let (_, slow_too) = bench.run(405, &[]);
    let old = bench.path().join("reports");
    for day in 1..=7 {
        copied(
            if day % 2 == 0 { &fast } else { &fast_too },
            &old,
            &format!("fast-{day}"),
            &format!("2026-01-0{day}T08:00:00Z"),
        );
        copied(
            if day % 2 == 0 { &slow } else { &slow_too },
            &old,
            &format!("slow-{day}"),
            &format!("2026-02-0{day}T08:00:00Z"),
        );
    }
    bench.diapason(&["history", "index", "reports"]);
    let past = ["--since", "2026-01-01", "--last", "18"];
    let trend = text(&bench.diapason(&[&["history", "trend", "Response time"], &past[..]].concat()));
    assert!(trend.contains("changed since slow-1 (2026-02-01)"), "{trend}");
    let page = bench.diapason(&[
        "history",
        "trend",
        "get.get",
        "--statistic",
        "p95",
        "--export",
        "html=trend.html",
    ]);
    assert_eq!(code(&page), 0, "{}", words(&page));
    let page = std::fs::read_to_string(bench.path().join("trend.html")).unwrap();
    assert!(page.contains("<svg") && page.contains("slow-1"), "{page}");
    let unknown = bench.diapason(&["history", "trend", "speed"]);
    assert_eq!(code(&unknown), 2);
    assert!(
        words(&unknown).contains("hint: there is Errors, Response time, get.get"),
        "{}",
        words(&unknown)
    );

    // An old baseline, of a folder that could be taken for a run's.
    copied(&fast, &old.join("baselines"), "main", "2025-01-01T00:00:00Z");
    bench.diapason(&["history", "index", "reports/baselines"]);
    let asked = bench.diapason(&["history", "prune", "--older-than", "2026-02-04"]);
    assert_eq!(code(&asked), 2, "{}", words(&asked));
    assert!(words(&asked).contains("there is nobody to ask"), "{}", words(&asked));
    let shown = bench.diapason(&["history", "prune", "--older-than", "2026-02-04", "--dry-run"]);
    // 7 fast, 3 slow, and the index's line on the baseline.
    assert!(
        words(&shown).contains("11 runs and 10 folders would be removed"),
        "{}",
        words(&shown)
    );
    assert!(old.join("fast-1").is_dir());
    let kept = bench.diapason(&[
        "history",
        "prune",
        "--older-than",
        "2026-02-04",
        "--keep",
        "12",
        "--dry-run",
    ]);
    assert!(
        words(&kept).contains("7 runs and 6 folders would be removed"),
        "{}",
        words(&kept)
    );
    let removed = bench.diapason(&["history", "prune", "--older-than", "2026-02-04", "--yes"]);
    assert_eq!(code(&removed), 0, "{}", words(&removed));
    assert!(!old.join("fast-1").exists() && !old.join("slow-3").exists() && old.join("slow-4").is_dir());
    assert!(old.join("baselines/main/baseline.json").is_file() && old.join("baselines/main/plan.json").is_file());
    assert_eq!(code(&bench.diapason(&["compare", "main", "reports/slow-4"])), 1);
    assert_eq!(runs(&rows(&bench, &[])).len(), 8);
}

/// Many processes add runs at the same time, into a history that none of them has made yet.
fn added_at_once(bench: &Bench, runs_of: &[PathBuf], history: &[&str]) {
    let children: Vec<_> = runs_of
        .iter()
        .map(|run| {
            let mut command = bench.command();
            command.args(["history", "index"]).arg(run).args(history);
            command
                .stdout(std::process::Stdio::piped())
                .stderr(std::process::Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert_eq!(code(&output), 0, "{}", words(&output));
        assert!(words(&output).contains("1 run in "), "{}", words(&output));
    }
    let rows = rows(bench, history);
    assert_eq!(runs(&rows).len(), runs_of.len());
    let of_each = rows.len() / runs_of.len();
    assert!(of_each >= 6, "{of_each} numbers of each run");
    assert_eq!(rows.len(), of_each * runs_of.len(), "each run has all its numbers");
}

fn copies(bench: &Bench, run: &Path) -> Vec<PathBuf> {
    let folder = bench.path().join("copies");
    (1..=8)
        .map(|day| {
            copied(
                run,
                &folder,
                &format!("run-{day}"),
                &format!("2026-01-0{day}T08:00:00Z"),
            )
        })
        .collect()
}

#[test]
fn concurrent_runs_do_not_spoil_the_history() {
    let _alone = crate::alone();
    let bench = Bench::new();
    let (_, run) = bench.run(5, &[]);
    let copies = copies(&bench, &run);
    added_at_once(&bench, &copies, &["--history", "together.sqlite"]);
    // Where it cannot be written the run is told so, and is a run all the same.
    std::fs::write(
        bench.path().join("no.sqlite"),
        "this is no database, and long enough to be seen not to be one",
    )
    .unwrap();
    let (output, _) = bench.run(5, &["--history", "no.sqlite"]);
    assert_eq!(code(&output), 0, "{}", words(&output));
    assert!(
        words(&output).contains("warning: not in the history: the history no.sqlite failed: file is not a database"),
        "{}",
        words(&output)
    );
}

/// A PostgreSQL in a container of its own, removed when dropped.
struct Database {
    name: String,
    url: String,
}

const PASSWORD: &str = "hush-hush";

impl Database {
    fn start() -> Self {
        let name = format!("diapason-history-test-{}", std::process::id());
        let docker = |arguments: &[&str]| {
            let output = Command::new("docker").args(arguments).output().unwrap();
            assert!(output.status.success(), "{}", words(&output));
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        };
        let password = format!("POSTGRES_PASSWORD={PASSWORD}");
        let image = "diapason-reference/postgres";
        docker(&[
            "run",
            "--detach",
            "--rm",
            "--name",
            &name,
            "--env",
            &password,
            "--publish",
            "127.0.0.1::5432",
            image,
        ]);
        let database = Self {
            url: format!(
                "postgres://postgres:{PASSWORD}@{}/postgres",
                docker(&["port", &name, "5432"])
            ),
            name,
        };
        let deadline = Instant::now() + Duration::from_secs(60);
        // While it is being made the server listens on its socket alone.
        let ready = [
            "exec",
            &database.name,
            "pg_isready",
            "-q",
            "-h",
            "127.0.0.1",
            "-U",
            "postgres",
        ];
        while !Command::new("docker").args(ready).status().unwrap().success() {
            assert!(Instant::now() < deadline, "PostgreSQL did not start");
            std::thread::sleep(Duration::from_millis(200));
        }
        database
    }
}

impl Database {
    /// Lets it speak TLS, with a certificate of an authority whose own is in the file it returns.
    fn certify(&self, folder: &Path) -> String {
        let authority_key = rcgen::KeyPair::generate().unwrap();
        let mut authority = rcgen::CertificateParams::default();
        authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let authority = rcgen::CertifiedIssuer::self_signed(authority, authority_key).unwrap();
        let key = rcgen::KeyPair::generate().unwrap();
        let server = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let server = server.signed_by(&key, &authority).unwrap();
        for (file, content) in [
            ("server.crt", server.pem()),
            ("server.key", key.serialize_pem()),
            ("ca.crt", authority.pem()),
        ] {
            std::fs::write(folder.join(file), content).unwrap();
        }
        let run = |arguments: &[&str]| {
            let output = Command::new("docker").args(arguments).output().unwrap();
            assert!(output.status.success(), "{}", words(&output));
        };
        for file in ["server.crt", "server.key"] {
            let from = folder.join(file).to_str().unwrap().to_owned();
            run(&["cp", &from, &format!("{}:/tmp/{file}", self.name)]);
            let install =
                format!("install -o postgres -m 600 /tmp/{file} $(psql -U postgres -Atc 'show data_directory')/{file}");
            run(&["exec", "--user", "root", &self.name, "sh", "-c", &install]);
        }
        for statement in ["alter system set ssl = on", "select pg_reload_conf()"] {
            run(&["exec", &self.name, "psql", "-U", "postgres", "-c", statement]);
        }
        // The reload is a signal.
        std::thread::sleep(Duration::from_secs(1));
        folder.join("ca.crt").to_str().unwrap().to_owned()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let _ = Command::new("docker")
            .args(["rm", "--force", "--volumes", &self.name])
            .output();
    }
}

#[test]
fn a_team_shares_one_history_in_postgresql() {
    let _alone = crate::alone();
    let bench = Bench::new();
    let (_, run) = bench.run(5, &["--tag", "branch=main"]);
    let copies = copies(&bench, &run);
    let database = Database::start();
    let shared = ["--history", database.url.as_str()];
    added_at_once(&bench, &copies, &shared);
    // The same rows as a file holds.
    added_at_once(&bench, &copies, &["--history", "own.sqlite"]);
    assert_eq!(rows(&bench, &shared), rows(&bench, &["--history", "own.sqlite"]));
    let (output, _) = bench.run(5, &shared);
    assert!(words(&output).contains("; the 8 runs before: "), "{}", words(&output));
    assert!(!words(&output).contains(PASSWORD), "{}", words(&output));
    let listed = text(
        &bench.diapason(
            &[
                &["history", "--tag", "branch=main", "--since", "2026-01-03"],
                &shared[..],
            ]
            .concat(),
        ),
    );
    assert_eq!(listed.lines().count(), 6, "{listed}");
    let certificate = database.certify(bench.path());
    let secure = format!("{}?sslmode=require", database.url);
    let asked = |file: &str| {
        let mut command = bench.command();
        command
            .args(["history", "--last", "3", "--history", &secure])
            .env("SSL_CERT_FILE", file);
        command.output().unwrap()
    };
    assert_eq!(text(&asked(&certificate)).lines().count(), 3);
    let distrusted = asked("/etc/ssl/certs/ca-certificates.crt");
    assert_eq!(code(&distrusted), 2, "{}", words(&distrusted));
    assert!(words(&distrusted).contains("UnknownIssuer"), "{}", words(&distrusted));
    let prune = ["history", "prune", "--older-than", "2026-01-05", "--yes"];
    let pruned = bench.diapason(&[&prune[..], &shared[..]].concat());
    assert!(
        words(&pruned).contains("4 runs and 0 folders removed"),
        "{}",
        words(&pruned)
    );
    assert_eq!(runs(&rows(&bench, &shared)).len(), 5);
    let url = database.url.clone();
    drop(database);
    let gone = bench.diapason(&["history", "--history", &url]);
    assert_eq!(code(&gone), 2);
    assert!(!words(&gone).contains(PASSWORD), "{}", words(&gone));
    // From the environment as well; a run goes on without it.
    let mut command = bench.command();
    let listed = command
        .args(["history"])
        .env("DIAPASON_HISTORY", &url)
        .output()
        .unwrap();
    assert_eq!(code(&listed), 2, "{}", words(&listed));
}
