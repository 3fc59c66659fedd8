//! A history in a real PostgreSQL, which several share.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::history::{added_at_once, copies, rows, runs};
use crate::measured::bench::Bench;
use crate::workspace::{code, data, words};

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
    let _place = super::beside();
    let bench = Bench::new();
    let workspace = &bench.workspace;
    let (_, run) = bench.run(5, &["--tag", "branch=main"]);
    let copies = copies(workspace, &run);
    let database = Database::start();
    let shared = ["--history", database.url.as_str()];
    added_at_once(workspace, &copies, &shared);
    // The same rows as a file holds.
    added_at_once(workspace, &copies, &["--history", "own.sqlite"]);
    assert_eq!(rows(workspace, &shared), rows(workspace, &["--history", "own.sqlite"]));
    let (output, _) = bench.run(5, &shared);
    assert!(words(&output).contains("; the 8 runs before: "), "{}", words(&output));
    assert!(!words(&output).contains(PASSWORD), "{}", words(&output));
    let listed = data(
        &workspace.diapason(
            &[
                &["history", "--tag", "branch=main", "--since", "2026-01-03"],
                &shared[..],
            ]
            .concat(),
        ),
    );
    assert_eq!(listed.lines().count(), 6, "{listed}");
    let certificate = database.certify(workspace.path());
    let secure = format!("{}?sslmode=require", database.url);
    let asked = |file: &str| {
        let mut command = workspace.command();
        command
            .args(["history", "--last", "3", "--history", &secure])
            .env("SSL_CERT_FILE", file);
        command.output().unwrap()
    };
    assert_eq!(data(&asked(&certificate)).lines().count(), 3);
    let distrusted = asked("/etc/ssl/certs/ca-certificates.crt");
    assert_eq!(code(&distrusted), 2, "{}", words(&distrusted));
    assert!(words(&distrusted).contains("UnknownIssuer"), "{}", words(&distrusted));
    let prune = ["history", "prune", "--older-than", "2026-01-05", "--yes"];
    let pruned = workspace.diapason(&[&prune[..], &shared[..]].concat());
    assert!(
        words(&pruned).contains("4 runs and 0 folders removed"),
        "{}",
        words(&pruned)
    );
    assert_eq!(runs(&rows(workspace, &shared)).len(), 5);
    let url = database.url.clone();
    drop(database);
    let gone = workspace.diapason(&["history", "--history", &url]);
    assert_eq!(code(&gone), 2);
    assert!(!words(&gone).contains(PASSWORD), "{}", words(&gone));
    // From the environment as well; a run goes on without it.
    let mut command = workspace.command();
    let listed = command
        .args(["history"])
        .env("DIAPASON_HISTORY", &url)
        .output()
        .unwrap();
    assert_eq!(code(&listed), 2, "{}", words(&listed));
}
