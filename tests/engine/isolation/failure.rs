//! What goes wrong while a stack comes up: one error, its hint, exit 2, a note in the run folder, and nothing left.

use super::shop::Shop;
use crate::engine::beside;

const WEB: &str = "image: diapason/node:24-forky, init: true";

struct Case {
    name: &'static str,
    service: String,
    /// More of the stack file.
    keys: &'static str,
    told: &'static [&'static str],
    hint: &'static str,
}

fn case(
    name: &'static str,
    service: &str,
    keys: &'static str,
    told: &'static [&'static str],
    hint: &'static str,
) -> Case {
    let service = service.to_owned();
    Case {
        name,
        service,
        keys,
        told,
        hint,
    }
}

fn cases() -> Vec<Case> {
    let refusal = "echo 'Error: in 18+, these Docker images are configured to store database data in a' >&2; exit 1";
    let full = "dd if=/dev/zero of=/small/file bs=1k count=100; exit 1";
    vec![
        case(
            "invalid",
            "image: [",
            "",
            &["docker compose config failed"],
            "Compose does not accept",
        ),
        case(
            "unset",
            "image: '${ABSENT_IMAGE:?set ABSENT_IMAGE}', volumes: ['./gone.conf:/etc/gone.conf:ro'], env_file: gone.env",
            "",
            &[
                "error: the stack lacks 3 parts:",
                "service `web`, `env_file`: ",
                "service `web`, `image`: the variable `ABSENT_IMAGE` is required and has no value: set ABSENT_IMAGE",
                "gone.conf does not exist",
            ],
            "[compose.env]",
        ),
        case(
            "absent",
            "image: '127.0.0.1:1/none:1'",
            "",
            &["pulling images failed"],
            "registry",
        ),
        case(
            "looping",
            &format!("{WEB}, restart: always, command: [sh, -c, \"{refusal}\"]"),
            "",
            &[
                "service `web` died (exit code 1)",
                "| Error: in 18+, these Docker images",
            ],
            "PGDATA = \"/var/lib/postgresql/data\"",
        ),
        case(
            "full",
            &format!("{WEB}, tmpfs: ['/small:size=16k'], command: [sh, -c, '{full}']"),
            "",
            &["No space left on device"],
            "a disk is full",
        ),
        case(
            "mute",
            &format!("{WEB}, command: [sleep, infinity]"),
            "deadline = '2s'\n",
            &["front door (GET /) was not ready within 2s"],
            "`[ready] deadline` in the stack file gives it more time",
        ),
        case(
            "seedless",
            &format!("{WEB}, command: [sleep, infinity]"),
            "[[seed]]\nname = 'rows'\nexec = { service = 'web', command = ['sh', '-c', 'echo lacks a table; exit 4'] }\n",
            &["seed `rows` failed with exit code 4", "| lacks a table"],
            "run by hand there",
        ),
    ]
}

/// Those of services that run for a while first, or that are refused.
fn later_cases() -> Vec<Case> {
    vec![
        // While a seed runs in another service it ends, and with it the port that it published.
        case(
            "gone",
            &format!(
                "{WEB}, command: [sh, -c, 'sleep 1; echo farewell; exit 7'] }}\n  other: {{ {WEB}, command: [sleep, infinity]"
            ),
            "[[seed]]\nname = 'rows'\nduring = 'web'\nexec = { service = 'other', command = ['sleep', '3'] }\n",
            &["service `web` died (exit code 7)", "| farewell"],
            "its log says why",
        ),
        // Beside a service that never gets healthy: its end is not found only when that one's deadline has passed.
        case(
            "beside",
            &format!(
                "{WEB}, command: [sh, -c, 'sleep 2; echo farewell; exit 7'] }}\n  slow: {{ {WEB}, command: [sleep, infinity], healthcheck: {{ test: [CMD, 'false'] }}"
            ),
            "deadline = '60s'\n",
            &["service `web` died (exit code 7)", "| farewell"],
            "its log says why",
        ),
        case(
            "socket",
            &format!("{WEB}, volumes: ['/var/run/docker.sock:/var/run/docker.sock:ro']"),
            "",
            &["refused to run service `web`: it mounts the engine's socket"],
            "`diapason check SCENARIO --fix`",
        ),
        case(
            "telltale",
            &format!(
                "{WEB}, environment: {{ DB_PASSWORD: very-Secret-9 }}, command: [sh, -c, 'echo $$DB_PASSWORD; exit 1']"
            ),
            "",
            &["service `web` died", "| ***"],
            "its log says why",
        ),
    ]
}

#[test]
fn whatever_keeps_a_stack_from_coming_up_is_told_and_leaves_nothing() {
    let _place = beside();
    for Case {
        name,
        service,
        keys,
        told,
        hint,
    } in cases().into_iter().chain(later_cases())
    {
        let (top, sections) = if keys.starts_with('[') { ("", keys) } else { (keys, "") };
        let stack = format!("{top}[compose]\nfiles = ['compose.yml']\n[entry]\nservice = 'web'\nport = 80\n{sections}");
        let shop = Shop::of(name, &stack);
        shop.put("compose.yml", &format!("services:\n  web: {{ {service} }}\n"));
        let finished = shop.run(&[]).finish();
        let talk = &finished.talk;
        assert_eq!(finished.exit, 2, "{name}: {talk}");
        assert_eq!(
            talk.lines().filter(|line| line.starts_with("error: ")).count(),
            1,
            "{name}: {talk}"
        );
        assert!(told.iter().all(|told| talk.contains(told)), "{name}: {talk}");
        let advice = talk.lines().find(|line| line.starts_with("hint: "));
        assert!(advice.is_some_and(|advice| advice.contains(hint)), "{name}: {talk}");
        let noted = std::fs::read_to_string(finished.folder().join("failure.txt")).unwrap();
        assert!(
            noted.contains("hint: ") && told.iter().all(|told| noted.contains(told)),
            "{name}: {noted}"
        );
        assert!(
            !talk.contains("very-Secret-9") && !noted.contains("very-Secret-9"),
            "{name}: {talk}"
        );
    }
}

#[test]
fn a_service_that_is_started_again_is_told_at_once_with_the_end_of_its_log() {
    let _place = beside();
    let shop = Shop::of(
        "again",
        "[compose]\nfiles = ['compose.yml']\n[entry]\nservice = 'web'\nport = 80\n",
    );
    let ending = "restart: 'on-failure:1', command: [sh, -c, 'echo no database yet; exit 3']";
    shop.put("compose.yml", &format!("services:\n  web: {{ {WEB}, {ending} }}\n"));
    let finished = shop.run(&[]).finish();
    assert_eq!(finished.exit, 2, "{}", finished.talk);
    let again = "web ended (exit code 3): starting it again, as production would (1 of 1); the end of its log:\n  | no database yet\n";
    let (before, after) = finished
        .talk
        .split_once(again)
        .unwrap_or_else(|| panic!("{}", finished.talk));
    assert!(before.contains("starting web"), "{}", finished.talk);
    assert!(
        after.contains("error: service `web` died (exit code 3)"),
        "{}",
        finished.talk
    );
}

#[test]
fn an_engine_that_does_not_answer_is_told() {
    let finished = Shop::new("nowhere")
        .run(&[("DOCKER_HOST", "unix:///nonexistent/engine.sock")])
        .finish();
    assert_eq!(finished.exit, 2, "{}", finished.talk);
    assert!(
        finished
            .talk
            .contains("failed to connect to the engine at unix:///nonexistent/engine.sock"),
        "{}",
        finished.talk
    );
    assert!(finished.talk.contains("hint: start the engine"), "{}", finished.talk);
    assert!(finished.folder().join("failure.txt").is_file());
}

#[test]
fn a_front_door_that_only_redirects_is_refused_with_its_port_over_tls() {
    let _place = beside();
    let shop = Shop::pair("redirecting");
    let compose = std::fs::read_to_string(shop.stacks().join("compose.yml")).unwrap();
    shop.put(
        "compose.yml",
        &compose.replace("ports: [\"80\"]", "ports: [\"80\", \"443\"]"),
    );
    let nginx = std::fs::read_to_string(shop.stacks().join("nginx.conf")).unwrap();
    shop.put(
        "nginx.conf",
        &nginx.replace("location / {", "return 301 https://$host$request_uri; location / {"),
    );
    let finished = shop.run(&[]).finish();
    assert_eq!(finished.exit, 2, "{}", finished.talk);
    let told = "[entry]: port 80 only redirects to https://127.0.0.1/: say `port = 443` and `tls = true`";
    assert!(finished.talk.contains(told), "{}", finished.talk);
}
