//! What Compose files lack or cannot be: all of it is told at once, by `init` and by `check`, before anything is started.

use std::fs;
use std::path::Path;

use super::compose::{diapason, has_compose, talk};

/// A project with those files.
fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

/// Writes starting files for its `compose.yml`; returns what was said and the stack file.
fn init(folder: &Path) -> (String, toml::Table) {
    let (compose, out) = (path(folder, "compose.yml"), path(folder, "scenarios"));
    let output = diapason(&["init", "--compose", &compose, "--out", &out, "--name", "shop"]);
    assert_eq!(output.status.code(), Some(0), "{}", talk(&output));
    let stack = fs::read_to_string(folder.join("scenarios/stacks/shop.toml")).unwrap();
    (talk(&output), toml::from_str(&stack).unwrap())
}

fn check(folder: &Path, more: &[&str]) -> (Option<i32>, String, String) {
    let scenario = path(folder, "scenarios/shop.toml");
    let arguments = [&["check", scenario.as_str()], more].concat();
    let output = diapason(&arguments);
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code(), talk(&output), printed)
}

const LACKING: &str = r#"
services:
  web:
    image: "nginx:${TAG:?which version}"
    ports: ["${HTTP_PORT:?}:80"]
    privileged: true
    env_file: [gone.env, there.env, { path: optional.env, required: false }]
    environment: { GREETING: "${GREETING}", LEVEL: "${LEVEL:-info}", KEY: "${KEY:?}" }
    secrets: [token]
    configs: [site]
    volumes: ["./init:/docker-entrypoint-init.d:ro", "./site.conf:/etc/site.conf:ro", "./written:/var/cache/app"]
  api: { build: ./api, env_file: "${API_ENV:-api.env}" }
  worker: { build: { context: ./worker } }
  cache: { image: "x:${CACHE_TAG}" }
secrets: { token: { file: ./token.txt }, unused: { file: ./unused.txt } }
configs: { site: { file: ./site.json } }
"#;

#[test]
fn whatever_is_missing_is_told_at_once_with_its_service_and_key() {
    if !has_compose() {
        return;
    }
    let folder = project(&[("compose.yml", LACKING), ("there.env", "A=1\n"), ("worker/main.c", "")]);
    let (told, stack) = init(folder.path());
    let missing = [
        "service `web`, `env_file`: FOLDER/gone.env does not exist",
        "service `api`, `env_file`: FOLDER/api.env does not exist",
        "service `web`, `secrets.token`: FOLDER/token.txt does not exist",
        "service `web`, `configs.site`: FOLDER/site.json does not exist",
        "service `web`, `volumes./etc/site.conf`: FOLDER/site.conf does not exist",
        "service `api`, `build.context`: FOLDER/api does not exist",
        "service `worker`, `build.dockerfile`: FOLDER/worker/Dockerfile does not exist",
        "service `cache`, `image`: `x:` is not the name of an image",
    ]
    .map(|line| line.replace("FOLDER", &folder.path().display().to_string()));
    for line in &missing {
        assert!(told.contains(line.as_str()), "{line}: {told}");
    }
    for line in [
        "service `web`, `volumes./docker-entrypoint-init.d`: ",
        "an empty volume takes its place",
        "the files require the variable `TAG` (service `web`, `image`; \"which version\"), which has no value: the stack file gives it the \
         made-up value \"latest\"",
        "the files require the variable `HTTP_PORT` (service `web`, `ports`), ",
        "the variable `GREETING` has no value and becomes empty (service `web`, `environment.GREETING`)",
        "the variable `CACHE_TAG` has no value and becomes empty (service `cache`, `image`)",
        "service `web`: it is privileged: answered",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
    for quiet in ["optional.env", "there.env", "unused.txt", "LEVEL"] {
        assert!(!told.contains(quiet), "{quiet}: {told}");
    }
    assert_eq!(stack["compose"]["env"]["TAG"].as_str(), Some("latest"));
    assert_eq!(stack["compose"]["env"]["HTTP_PORT"].as_str(), Some("8080"));
    let empty = stack["service"]["web"]["empty"].to_string();
    assert_eq!(empty, "[\"/var/cache/app\", \"/docker-entrypoint-init.d\"]");

    let (exit, told, _) = check(folder.path(), &[]);
    assert_eq!(exit, Some(2), "{told}");
    assert!(told.contains("error: the stack lacks 8 parts:\n"), "{told}");
    for line in &missing {
        assert!(told.contains(&format!("\n  {line}\n")), "{line}: {told}");
    }
    for advice in [
        "hint: ",
        "write the environment file",
        "[service.NAME] image",
        "[compose.env]",
        "[service.NAME] empty",
    ] {
        assert!(told.contains(advice), "{advice}: {told}");
    }
}

#[test]
fn what_is_missing_and_what_is_refused_are_told_together() {
    if !has_compose() {
        return;
    }
    let folder = project(&[("compose.yml", LACKING), ("there.env", "A=1\n")]);
    init(folder.path());
    let stack = "name = 'shop'\ndescription = 'd'\n[compose]\nfiles = ['../../compose.yml']\nleave-out = ['api', 'worker', 'cache']\n\
        [entry]\nservice = 'web'\nport = 80\n";
    fs::write(folder.path().join("scenarios/stacks/shop.toml"), stack).unwrap();
    let (exit, told, _) = check(folder.path(), &[]);
    assert_eq!(exit, Some(2), "{told}");
    for line in [
        "error: the stack lacks 8 parts:\n",
        "\n  service `web`, `image`: the variable `TAG` is required and has no value: which version\n",
        "\n  service `web`, `environment.KEY`: the variable `KEY` is required and has no value\n",
        "\nand it is refused to run 2 features of the Compose files:\n",
        "`diapason check SCENARIO --fix`",
        "gone.env does not exist",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
    // Services that take no part lack nothing.
    assert!(!told.contains("`api`") && !told.contains("CACHE_TAG"), "{told}");
    // What settings can answer, the fix answers; the rest stays an error.
    let (exit, told, printed) = check(folder.path(), &["--fix"]);
    assert_eq!(exit, Some(2), "{told}");
    assert!(
        printed.contains("empty = [\"/var/cache/app\", \"/docker-entrypoint-init.d\"]"),
        "{printed}"
    );
    assert!(told.contains("error: the stack lacks 7 parts:\n"), "{told}");
}

#[test]
fn compose_s_own_error_is_told_beside_what_is_missing_and_is_not_the_last() {
    if !has_compose() {
        return;
    }
    let wrong = "services:\n  web: { image: 'nginx:${TAG:?}', volumes: ['data:/data'] }\n";
    let folder = project(&[("compose.yml", wrong)]);
    let compose = path(folder.path(), "compose.yml");
    let output = diapason(&[
        "init",
        "--compose",
        &compose,
        "--out",
        &path(folder.path(), "scenarios"),
    ]);
    let told = talk(&output);
    assert_eq!(output.status.code(), Some(2), "{told}");
    for line in [
        "service `web`, `image`: the variable `TAG` is required and has no value",
        "and docker compose config failed:",
        "undefined volume",
        "Compose ends at its first error, so more may follow",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
    let empty = "services:\n  web: { image: 'nginx:1', mem_limit: '${MEMORY}', environment: { A: '${A}' } }\n";
    fs::write(folder.path().join("compose.yml"), empty).unwrap();
    let output = diapason(&[
        "init",
        "--compose",
        &compose,
        "--out",
        &path(folder.path(), "scenarios"),
    ]);
    let told = talk(&output);
    let expected = "error: the stack lacks a part: service `web`, `mem_limit`: the variable `MEMORY` has no value\nand docker compose config failed";
    assert!(told.contains(expected), "{told}");
    fs::write(folder.path().join("compose.yml"), wrong.replace("${TAG:?}", "1")).unwrap();
    let output = diapason(&[
        "init",
        "--compose",
        &compose,
        "--out",
        &path(folder.path(), "scenarios"),
    ]);
    assert!(
        talk(&output).contains("Compose ends at its first error, so more may follow"),
        "{}",
        talk(&output)
    );
}

#[test]
fn every_file_that_cannot_be_read_is_named() {
    let output = diapason(&[
        "init",
        "--compose",
        "one.yml",
        "--compose",
        "two.yml",
        "--env-file",
        "three.env",
    ]);
    let told = talk(&output);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("error: failed to read 3 files:\n  one.yml: "), "{told}");
    assert!(
        told.contains("\n  two.yml: ") && told.contains("\n  three.env: "),
        "{told}"
    );
}

#[test]
fn the_proxy_in_the_network_of_another_service_is_the_one_that_answers() {
    if !has_compose() {
        return;
    }
    let compose = "services:\n  tunnel: { image: acme/tunnel, ports: ['80:80', '443:443'], cap_add: [NET_ADMIN] }\n\
        \x20 edge: { image: 'nginx:1.27', network_mode: 'service:tunnel', volumes: ['./conf:/etc/nginx/conf.d:ro'] }\n\
        \x20 app: { image: acme/app, network_mode: 'service:tunnel' }\n";
    let nginx = "server { listen 80; return 301 https://$host$request_uri; }\nserver { listen 443 ssl; server_name shop.example; \
        ssl_certificate /tls/shop.pem; ssl_certificate_key /tls/shop.key; location / { proxy_pass http://127.0.0.1:8080; } }\n";
    let folder = project(&[("compose.yml", compose), ("conf/default.conf", nginx)]);
    let (told, stack) = init(folder.path());
    let entry = toml::to_string(&stack["entry"]).unwrap();
    let expected =
        "certificate = \"/tls/shop.pem\"\nhost = \"shop.example\"\nport = 443\nservice = \"edge\"\ntls = true\n";
    assert_eq!(entry, expected, "{told}");
    assert!(told.contains("port 80 only redirects to it"), "{told}");
    assert_eq!(check(folder.path(), &[]).0, Some(0));
    // A proxy that nothing gives away: another service is taken for the entry, and the proxy's configuration counts all the same.
    let unknown = compose.replace("edge: { image: 'nginx:1.27'", "gate: { image: acme/gate");
    let folder = project(&[("compose.yml", &unknown), ("conf/default.conf", nginx)]);
    let (told, stack) = init(folder.path());
    let entry = toml::to_string(&stack["entry"]).unwrap();
    assert_eq!(entry, expected.replace("edge", "app"), "{told}");
}

#[test]
fn a_service_that_needs_longer_than_it_is_waited_for_gets_the_time() {
    if !has_compose() {
        return;
    }
    let compose = "services:\n  web: { image: 'nginx:1.27', ports: ['80'], healthcheck: { test: [CMD, 'true'], start_period: 10m } }\n";
    let folder = project(&[("compose.yml", compose)]);
    let (told, stack) = init(folder.path());
    assert!(
        told.contains("`[service.web] deadline = \"13m\"` in the stack file gives it more time"),
        "{told}"
    );
    assert_eq!(stack["service"]["web"]["deadline"].as_str(), Some("13m"));
    let (exit, told, _) = check(folder.path(), &[]);
    assert_eq!((exit, told.contains("start_period")), (Some(0), false), "{told}");
    let file = folder.path().join("scenarios/stacks/shop.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("deadline = \"13m\"\n", "")).unwrap();
    let (exit, told, printed) = check(folder.path(), &["--fix"]);
    assert_eq!(exit, Some(0), "{told}");
    assert!(printed.contains("[service.web]\ndeadline = \"13m\"\n"), "{printed}");
}

#[test]
fn a_seed_that_cannot_run_when_it_is_to_is_told_before_anything_starts() {
    if !has_compose() {
        return;
    }
    let compose = "services:\n  web: { image: 'nginx:1.27', ports: ['80'] }\n\
        \x20 db: { image: 'postgres:17', depends_on: [web], environment: { POSTGRES_PASSWORD: of-this-test } }\n";
    let folder = project(&[("compose.yml", compose)]);
    init(folder.path());
    let file = folder.path().join("scenarios/stacks/shop.toml");
    let text = fs::read_to_string(&file).unwrap();
    let seed =
        |before: &str| format!("{text}\n[[seed]]\nname = 'role'\nbefore = '{before}'\nsql = {{ text = 'select 1' }}\n");
    for (before, told) in [
        (
            "web",
            "before = \"web\": seed `role` uses service `db`, which starts only after `web`",
        ),
        (
            "db",
            "before = \"db\": seed `role` uses service `db`, which does not run yet",
        ),
    ] {
        fs::write(&file, seed(before)).unwrap();
        let (exit, said, _) = check(folder.path(), &[]);
        assert_eq!(exit, Some(2), "{said}");
        assert!(said.contains(told), "{said}");
    }
    // A service that does not depend on the database starts after it.
    fs::write(
        folder.path().join("compose.yml"),
        compose.replace("depends_on: [web], ", ""),
    )
    .unwrap();
    fs::write(&file, seed("web")).unwrap();
    let (exit, said, _) = check(folder.path(), &[]);
    assert_eq!(exit, Some(0), "{said}");
}

const STACK: &str = "name = 'shop'\ndescription = 'd'\nattach = { url = 'http://127.0.0.1:1' }\n";
const JOURNEY: &str = "name = 'get'\ndescription = 'd'\n[[step]]\nname = 'get'\npath = '/'\n";
const SCENARIO: &str = "name = 'shop'\ndescription = 'd'\nstack = { use = 'shop' }\nusers = { count = 1 }\njourneys = { get = 1 }\n\
    [[phase]]\nname = 'steady'\nduration = '5s'\nworkload = { executor = 'constant-arrival-rate', rate = '1/s' }\n";

#[test]
fn a_fault_in_a_file_is_told_in_words_of_the_file() {
    let files = [
        ("scenarios/stacks/shop.toml", STACK),
        ("scenarios/journeys/get.toml", JOURNEY),
        ("scenarios/shop.toml", SCENARIO),
    ];
    let folder = project(&files);
    let [(stack, _), (journey, _), (scenario, _)] = files;
    for (file, from, to, expected) in [
        (
            stack,
            "{ url = 'http://127.0.0.1:1' }",
            "'x'",
            "invalid type: string \"x\", expected a table",
        ),
        (
            stack,
            "attach =",
            "entry = { service = 'web', port = 70000 }\nattach =",
            "expected a whole number from 0 to 65,535",
        ),
        (
            stack,
            "attach =",
            "seed = 5\nattach =",
            "invalid type: integer `5`, expected an array",
        ),
        (
            stack,
            "attach =",
            "seed = [{ name = 's', sql = 'x' }]\nattach =",
            "invalid type: string \"x\", expected a table",
        ),
        (
            journey,
            "[[step]]\nname = 'get'\npath = '/'",
            "step = 'x'",
            "expected an array",
        ),
        (
            journey,
            "path = '/'",
            "path = '/'\nredirects = -1",
            "expected a whole number from 0 to ",
        ),
        (
            scenario,
            "count = 1",
            "count = 'x'",
            "expected a whole number from 0 to 4,294,967,295",
        ),
        (scenario, "users = { count = 1 }", "users = 5", "expected a table"),
        (
            scenario,
            "{ executor = 'constant-arrival-rate', rate = '1/s' }",
            "'x'",
            "expected a table",
        ),
    ] {
        let path = folder.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from}");
        fs::write(&path, text.replace(from, to)).unwrap();
        let (exit, told, _) = check(folder.path(), &[]);
        fs::write(&path, text).unwrap();
        assert_eq!(exit, Some(2), "{to}: {told}");
        assert!(
            told.contains(expected) && told.contains("TOML parse error at line "),
            "{to}: {told}"
        );
        for leak in ["struct ", "enum ", "u8", "u16", "u32", "usize", "sequence"] {
            assert!(!told.contains(leak), "{leak}: {told}");
        }
        assert!(told.contains("hint: `diapason schema "), "{told}");
    }
}
