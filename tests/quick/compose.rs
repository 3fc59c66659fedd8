//! Compose files of many shapes through `docker compose config`, `init` and `check`: nothing is started. Needs Compose, and
//! nothing else; without it there is nothing to test.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use diapason::stack::{examine_read, read_compose};

pub(super) fn has_compose() -> bool {
    let version = Command::new("docker").args(["compose", "version"]).output();
    version.is_ok_and(|output| output.status.success())
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/compose/{name}.yml"))
}

pub(super) fn diapason(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_diapason"))
        .args(arguments)
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

pub(super) fn talk(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Writes starting files for that Compose file; returns the stack file's path and the output.
fn init(name: &str, folder: &Path) -> (PathBuf, Output) {
    let compose = file(name);
    let arguments = [
        "init",
        "--compose",
        compose.to_str().unwrap(),
        "--out",
        folder.to_str().unwrap(),
    ];
    let output = diapason(&arguments);
    assert_eq!(output.status.code(), Some(0), "{name}: {}", talk(&output));
    (folder.join(format!("stacks/{name}.toml")), output)
}

fn check(name: &str, folder: &Path, fix: bool) -> Output {
    let scenario = folder.join(format!("{name}.toml"));
    let mut arguments = vec!["check", scenario.to_str().unwrap()];
    arguments.extend(fix.then_some("--fix"));
    diapason(&arguments)
}

/// The value at a path with slashes, as TOML writes it; empty if there is none.
fn at(table: &toml::Table, path: &str) -> String {
    let mut value = toml::Value::Table(table.clone());
    for key in path.split('/') {
        match value.get(key) {
            Some(inside) => value = inside.clone(),
            None => return String::new(),
        }
    }
    value.to_string()
}

/// A file's name, its refusals by part and key, and values of the stack file that `init` writes.
type Case = (
    &'static str,
    &'static [&'static str],
    &'static [(&'static str, &'static str)],
);

const CASES: &[Case] = &[
    (
        "plain",
        &[],
        &[
            ("entry/service", "\"web\""),
            ("entry/port", "80"),
            ("database/service", "\"db\""),
            ("isolation", ""),
        ],
    ),
    (
        "privileged",
        &[
            "service `agent` cgroup_parent",
            "service `agent` privileged",
            "service `agent` pid",
            "service `agent` ipc",
            "service `agent` userns_mode",
        ],
        &[(
            "service/agent/without",
            "[\"cgroup_parent\", \"privileged\", \"pid\", \"ipc\", \"userns_mode\"]",
        )],
    ),
    (
        "host-network",
        &["service `web` network_mode"],
        &[("service/web/without", "[\"network_mode\"]"), ("entry/port", "80")],
    ),
    (
        "socket",
        &[
            "service `traefik` volumes./var/run/docker.sock",
            "network `web` external",
        ],
        &[
            ("service/traefik/without", "[\"volumes./var/run/docker.sock\"]"),
            ("isolation/fresh-networks", "[\"web\"]"),
            ("entry/service", "\"traefik\""),
        ],
    ),
    (
        "binds",
        &[
            "service `db` volumes./var/lib/postgresql/data",
            "service `web` volumes./usr/share/nginx/html",
            "service `web` volumes./var/cache/app",
        ],
        &[
            ("service/db/empty", "[\"/var/lib/postgresql/data\"]"),
            ("service/web/empty", "[\"/var/cache/app\"]"),
        ],
    ),
    (
        "external",
        &[
            "volume `data` external",
            "secret `token` external",
            "config `site` external",
        ],
        &[
            ("isolation/fresh-volumes", "[\"data\"]"),
            ("isolation/made-up", "[\"token\", \"site\"]"),
        ],
    ),
    (
        "devices",
        &[
            "service `transcoder` device_cgroup_rules.c 1:3 mr",
            "service `transcoder` devices./dev/dri",
            "service `transcoder` deploy.resources.reservations.devices",
        ],
        &[],
    ),
    (
        "rights",
        &[
            "service `web` cap_add.SYS_ADMIN",
            "service `web` security_opt.apparmor:unconfined",
        ],
        &[(
            "service/web/without",
            "[\"cap_add.SYS_ADMIN\", \"security_opt.apparmor:unconfined\"]",
        )],
    ),
    (
        "addresses",
        &[
            "service `resolver` networks.back.ipv4_address",
            "service `web` networks.back.ipv4_address",
        ],
        &[("service/web/without", "[\"networks.back.ipv4_address\"]")],
    ),
    (
        "gateway",
        &["service `web` extra_hosts.host.docker.internal=host-gateway"],
        &[],
    ),
    (
        "lan",
        &["network `lan` driver"],
        &[("isolation/fresh-networks", "[\"lan\"]")],
    ),
    (
        "nfs",
        &["volume `cloud` driver", "volume `photos` driver_opts.device"],
        &[("isolation/fresh-volumes", "[\"cloud\", \"photos\"]")],
    ),
    ("harmless", &[], &[("service", "")]),
    (
        "oneshot",
        &[],
        &[("service/seed/state", "\"exited-0\""), ("service/migrator", "")],
    ),
    ("vpn", &[], &[("entry/service", "\"web\""), ("entry/port", "80")]),
    ("internal", &[], &[("database/service", "\"db\"")]),
    (
        "profiles",
        &[
            "service `debug` privileged",
            "service `watchtower` volumes./var/run/docker.sock",
        ],
        // Services that take no part need no answer.
        &[
            ("compose/leave-out", "[\"watchtower\"]"),
            ("isolation", ""),
            ("service", ""),
        ],
    ),
    (
        "required",
        &[],
        &[("compose/env/HTTP_PORT", "\"8080\""), ("entry/port", "80")],
    ),
    ("redirect", &[], &[("entry/port", "443"), ("entry/tls", "true")]),
    (
        "old",
        &[],
        &[("database/service", "\"db\""), ("service/db/deadline", "\"13m\"")],
    ),
    (
        "strangers",
        &[
            "service `web` external_links.production-db:db",
            "service `web` volumes_from.container:production",
        ],
        &[],
    ),
    ("replicas", &[], &[("entry/service", "\"web\"")]),
    (
        "included",
        &["service `extra` uts"],
        &[("service/extra/without", "[\"uts\"]"), ("database/service", "\"db\"")],
    ),
    // A secret out of the environment and values of an `env_file` are for Compose to read.
    ("environment", &[], &[("isolation", ""), ("service", "")]),
    (
        "swarm",
        &[],
        &[("entry/port", "8443"), ("entry/tls", "true"), ("isolation", "")],
    ),
    (
        "storage",
        &[
            "service `media` security_opt.seccomp:unconfined",
            "service `media` volumes./photos",
        ],
        &[
            ("service/media/without", "[\"security_opt.seccomp:unconfined\"]"),
            ("service/media/empty", "[\"/photos\"]"),
        ],
    ),
    ("trusted", &[], &[("isolation", ""), ("entry/service", "\"web\"")]),
    (
        "gateway-and-worker",
        &[],
        &[
            ("entry/service", "\"gateway\""),
            ("entry/port", "80"),
            ("database/service", "\"db\""),
            (
                "service/db/arguments",
                "[\"-c\", \"shared_preload_libraries=pg_stat_statements\"]",
            ),
        ],
    ),
];

#[test]
fn every_file_is_accepted_or_has_a_full_list_of_answers() {
    if !has_compose() {
        return;
    }
    assert!(CASES.len() > 20);
    // Mostly the time of starting programs.
    std::thread::scope(|scope| {
        for cases in CASES.chunks(6) {
            scope.spawn(|| cases.iter().for_each(walk_through));
        }
    });
}

/// Reads the file, writes starting files for it and checks them.
fn walk_through((name, refused, values): &Case) {
    let reading = async {
        let read = read_compose(&[file(name)], &[]).await.unwrap();
        examine_read(&read, &[]).await
    };
    let refusals = tokio::runtime::Runtime::new().unwrap().block_on(reading).refusals;
    let refusals: Vec<String> = refusals.iter().map(|one| format!("{} {}", one.part, one.key)).collect();
    assert_eq!(refusals, *refused, "{name}");

    let folder = tempfile::tempdir().unwrap();
    let (stack, _) = init(name, folder.path());
    let table: toml::Table = toml::from_str(&std::fs::read_to_string(&stack).unwrap()).unwrap();
    for (path, value) in *values {
        assert_eq!(at(&table, path), *value, "{name}: {path}");
    }
    let checked = check(name, folder.path(), false);
    assert_eq!(checked.status.code(), Some(0), "{name}: {}", talk(&checked));
}

#[test]
fn check_refuses_all_at_once_and_its_fix_answers_all() {
    if !has_compose() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (stack, _) = init("privileged", folder.path());
    let text = std::fs::read_to_string(&stack).unwrap();
    let (before, _) = text.split_once("\n[service.agent]").unwrap();
    std::fs::write(&stack, before).unwrap();
    let refused = check("privileged", folder.path(), false);
    assert_eq!(refused.status.code(), Some(2));
    let told = talk(&refused);
    assert!(
        told.contains("error: refused to run 5 features of the Compose files:"),
        "{told}"
    );
    assert!(told.contains("hint: `diapason check SCENARIO --fix`"), "{told}");
    let fix = check("privileged", folder.path(), true);
    assert_eq!(fix.status.code(), Some(0), "{}", talk(&fix));
    std::fs::write(&stack, format!("{before}\n{}", String::from_utf8(fix.stdout).unwrap())).unwrap();
    let accepted = check("privileged", folder.path(), false);
    assert_eq!(accepted.status.code(), Some(0), "{}", talk(&accepted));
}

#[test]
fn what_is_known_from_the_files_is_told_at_init() {
    if !has_compose() {
        return;
    }
    for (name, told) in [
        (
            "old",
            "service `db` is PostgreSQL 12: its statistics are read from version 14 on",
        ),
        ("old", "service `db` may take 10m to get healthy"),
        (
            "old",
            "service `db` has a value in `POSTGRES_PASSWORD` that looks as if it was to be replaced",
        ),
        ("addresses", "service `web` has 172.22.1.254 in `dns`"),
        (
            "trusted",
            "service `web` has 172.23.9.1 in `/etc/nginx/conf.d/default.conf`",
        ),
        ("trusted", "service `api` has 172.23.9.10 in `command`"),
        ("binds", "service `db`: it may write to"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (_, output) = init(name, folder.path());
        assert!(talk(&output).contains(told), "{name}: {}", talk(&output));
    }
    let missing = diapason(&["init", "--compose", "missing.yml"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(
        talk(&missing).contains("are relative to the working directory"),
        "{}",
        talk(&missing)
    );
}

#[test]
fn the_access_log_of_an_nginx_at_the_entry_is_read() {
    if !has_compose() {
        return;
    }
    for (name, probe) in [
        ("plain", "{}"),
        // It logs nothing, and no Nginx.
        ("trusted", ""),
        ("gateway-and-worker", ""),
    ] {
        let folder = tempfile::tempdir().unwrap();
        init(name, folder.path());
        let scenario = std::fs::read_to_string(folder.path().join(format!("{name}.toml"))).unwrap();
        let table: toml::Table = toml::from_str(&scenario).unwrap();
        assert_eq!(at(&table, "probes/proxy"), probe, "{name}");
    }
}

/// Environment files with all that Compose understands in them; later ones count.
const ENVIRONMENT: [(&str, &str); 2] = [
    (
        "first.env",
        "BASE=base-of-it\nDB_PASSWORD=${BASE}-x1\nQUOTED=\"say \\\"hi\\\" # not a comment\"\nLITERAL='${BASE}'\n\
         LINES=\"one\ntwo\"\nexport EXPORTED=yes # a comment\nDOLLAR=a$$b\nLATER=first\n",
    ),
    ("second.env", "LATER=${BASE}-second\nDEFAULTED=${ABSENT:-otherwise}\n"),
];

#[test]
fn variables_have_the_values_that_compose_gives_them() {
    if !has_compose() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let names = [
        "BASE",
        "DB_PASSWORD",
        "QUOTED",
        "LITERAL",
        "LINES",
        "EXPORTED",
        "DOLLAR",
        "LATER",
        "DEFAULTED",
    ];
    let lines = names.map(|name| format!("      {name}: \"${{{name}}}\"\n")).concat();
    let compose = folder.path().join("compose.yml");
    std::fs::write(
        &compose,
        format!("services:\n  web:\n    image: nginx\n    secrets: [db]\n    environment:\n{lines}secrets:\n  db: {{ environment: DB_PASSWORD }}\n"),
    )
    .unwrap();
    let files = ENVIRONMENT.map(|(name, text)| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    });
    let reading = async { read_compose(std::slice::from_ref(&compose), &files).await.unwrap() };
    let read = tokio::runtime::Runtime::new().unwrap().block_on(reading);
    let given = &read.configuration["services"]["web"]["environment"];
    for name in names {
        // Compose doubles `$` in its output.
        let of_compose = given[name].as_str().unwrap().replace("$$", "$");
        assert_eq!(read.variables.get(name), Some(&of_compose), "{name}");
    }
    assert_eq!(read.variables["DB_PASSWORD"], "base-of-it-x1");
    assert_eq!(read.variables["QUOTED"], "say \"hi\" # not a comment");
    assert_eq!(read.variables["LATER"], "base-of-it-second");
}

#[test]
fn a_variable_that_compose_passes_on_may_be_set_and_no_other() {
    if !has_compose() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    init("environment", folder.path());
    let scenario = folder.path().join("environment.toml");
    let set = |variable: &str| {
        let setting = format!("stack.env.{variable}=debug");
        diapason(&["check", scenario.to_str().unwrap(), "--set", &setting])
    };
    // Of `environment`, of an `env_file`, a secret, and Compose's own.
    for variable in ["LOG_LEVEL", "PASSED_ALONG", "SHOP_DB_PASSWORD", "COMPOSE_PROFILES"] {
        let output = set(variable);
        assert_eq!(output.status.code(), Some(0), "{variable}: {}", talk(&output));
    }
    let refused = set("LOG_LEVLE");
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        talk(&refused).contains("no Compose file of the stack reads the environment variable `LOG_LEVLE`"),
        "{}",
        talk(&refused)
    );
}

/// A socket that nobody listens on any more.
fn deserted(path: &Path) {
    drop(std::os::unix::net::UnixListener::bind(path).unwrap());
}

#[test]
fn the_socket_of_the_context_in_use_is_the_engines() {
    if !has_compose() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let [config, engine, other] = ["config", "own.socket", "other.socket"].map(|name| folder.path().join(name));
    deserted(&engine);
    deserted(&other);
    let docker = |arguments: &[&str]| {
        let output = Command::new("docker")
            .args(arguments)
            .env("DOCKER_CONFIG", &config)
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", talk(&output));
    };
    docker(&[
        "context",
        "create",
        "own",
        "--docker",
        &format!("host=unix://{}", engine.display()),
    ]);
    docker(&["context", "use", "own"]);
    let compose = folder.path().join("compose.yml");
    let service = |name: &str, socket: &Path| {
        format!(
            "  {name}: {{ image: nginx, ports: ['80'], volumes: ['{}:/run/a.socket'] }}\n",
            socket.display()
        )
    };
    std::fs::write(
        &compose,
        format!(
            "services:\n{}{}",
            service("updater", &engine),
            service("worker", &other)
        ),
    )
    .unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_diapason"))
        .args([
            "init",
            "--compose",
            compose.to_str().unwrap(),
            "--out",
            folder.path().to_str().unwrap(),
        ])
        .env("DOCKER_CONFIG", &config)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", talk(&output));
    for told in [
        "service `updater`: it mounts the engine's socket, ",
        "service `worker`: it mounts a socket of the host, ",
    ] {
        assert!(talk(&output).contains(told), "{told}: {}", talk(&output));
    }
}

#[test]
fn a_scenario_in_place_of_a_stack_file_is_told() {
    let output = diapason(&["stack", "up", "scenarios/gate.toml"]);
    assert_eq!(output.status.code(), Some(2));
    let told = talk(&output);
    assert!(
        told.contains("error: scenarios/gate.toml is a scenario, not a stack file"),
        "{told}"
    );
    assert!(
        told.contains("hint: its stack file is scenarios/stacks/reference.toml: `diapason stack up scenarios/stacks/reference.toml`"),
        "{told}"
    );
}
