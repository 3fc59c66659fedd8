//! Journey files with their templates, JSON paths and feeders.

use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::SmallRng;

use diapason::journey::{Escape, Feeder, JourneyError, JourneyFile, Journeys, Scope, Template, Values, names_in};

use super::damage::{damaged, damaged_text};
use super::{cases, is_described, printed_back, shipped};

/// Loads a journey that logs in by the shipped one.
fn load(text: &str, users: &[u8]) -> Result<Journeys, JourneyError> {
    let folder = tempfile::tempdir().unwrap();
    let journeys = folder.path().join("journeys");
    std::fs::create_dir_all(&journeys).unwrap();
    std::fs::create_dir_all(folder.path().join("data")).unwrap();
    std::fs::write(folder.path().join("data/users.csv"), users).unwrap();
    std::fs::write(folder.path().join("data/managers.csv"), shipped("data/managers.csv")).unwrap();
    for name in ["login", "manager-login"] {
        let file = format!("{name}.toml");
        std::fs::write(journeys.join(&file), shipped(&format!("journeys/{file}"))).unwrap();
    }
    std::fs::write(journeys.join("tasks.toml"), text).unwrap();
    if let Err(error) = names_in(&journeys) {
        assert!(is_described(&error));
    }
    Journeys::load(&journeys, &["tasks".to_owned()])
}

fn survives(text: &str, users: &[u8]) -> bool {
    load(text, users).map_or_else(|error| is_described(&error), |_| true)
}

const USERS: &[u8] = b"login,password\nanna,a\nbert,\"b,\"\"\"\n";

/// What the shipped journeys do not use.
const CONVERSATION: &str = r#"
name = "tasks"
description = "a WebSocket, redirects, a body as text, every kind of check"
feeder = "../data/users.csv"
headers = { x-user = "{{user}}-{{login}}" }

[[step]]
name = "page"
path = "/?q={{random -5 5}}&r={{pick a b}}"
redirects = 3
timeout = "2s"
status = [200, 404]
check = [{ contains = "html" }]
on_failure = "stop"

[[step]]
name = "form"
method = "POST"
path = "/form"
headers = { content-type = "text/plain" }
body = "{{password}} {{today}} {{uuid}}"
think = "10ms..20ms"
check = [{ json = "$.a[?@.b[?@ > 1]].c[1:9:2]", min = 2 }, { json = "$..d", equals = 1.5 }]
extract = { e = "$['e f'][-1]" }

[[step]]
name = "live"
path = "/live?e={{e}}"
websocket = [{ send = "a {{e}}" }, { send-json = { b = ["{{e}}"] } }, { expect = { json = "$.ok", equals = true }, extract = { f = "$.f" } }, { send = "{{f | date +1d}}" }]
"#;

#[test]
fn the_files_this_starts_from_are_whole() {
    for text in [&shipped("journeys/tasks.toml"), CONVERSATION] {
        load(text, USERS).unwrap();
        let (value, again) = printed_back::<JourneyFile>(text).unwrap();
        assert_eq!(value, again);
    }
}

/// A step with this JSON path, asked for and refused.
fn refused_path(path: &str) -> String {
    let text = format!(
        "name = 'tasks'\ndescription = 'd'\n[[step]]\nname = 's'\npath = '/'\ncheck = [{{ json = \"{path}\" }}]"
    );
    let error = load(&text, USERS).unwrap_err();
    std::error::Error::source(&error).unwrap().to_string()
}

#[test]
fn json_paths_that_could_not_be_read_in_a_lifetime_or_on_any_stack_are_refused() {
    for path in [
        format!("${}{}", "[?@".repeat(40), "]".repeat(40)),
        format!("$[?{}@.a{}]", "(".repeat(40), ")".repeat(40)),
        format!("$[?{}@.a{}]", "(".repeat(100_000), ")".repeat(100_000)),
        format!("${}", ".a".repeat(100_000)),
        format!("${}", "[0]".repeat(100_000)),
    ] {
        assert!(refused_path(&path).contains("is not short enough"), "{}", &path[..20]);
    }
    assert_eq!(refused_path("$.a["), "`$.a[` is not a JSON path");
}

#[test]
fn toml_of_any_depth_is_refused() {
    for (open, close) in [("[", "]"), ("{ a = ", "}")] {
        let deep = format!("{}1{}", open.repeat(5_000), close.repeat(5_000));
        let text = format!("name = 'tasks'\ndescription = 'd'\n[[step]]\nname = 's'\npath = '/'\njson = {deep}");
        assert!(is_described(&load(&text, USERS).unwrap_err()));
    }
    let dotted = format!("json{} = 1", ".a".repeat(5_000));
    assert!(is_described(&load(&dotted, USERS).unwrap_err()));
}

/// A JSON path from parts that make sense and parts that do not.
fn json_path() -> impl Strategy<Value = String> {
    let part = prop::sample::select(
        &[
            ".a",
            "['b']",
            "[0]",
            "[-1]",
            "[*]",
            ".*",
            "..a",
            "[1:2]",
            "[::0]",
            "[?@.a]",
            "[?@.a == 1]",
            "[?(@.a)]",
            "[?!@.a]",
            "[?length(@) > 1]",
            "[?match(@.a, '(')]",
            "[?count(@..*) > 1]",
            "[",
            "]",
            "(",
            ")",
            "?",
            "@",
            "$",
            "'",
            "..",
            "&&",
            "[99999999999999999999]",
            "[1e9]",
            "[9007199254740992]",
            "\u{e9}",
            " ",
        ][..],
    );
    prop::collection::vec(part, 0..8).prop_map(|parts| format!("${}", parts.concat()))
}

/// Text with a template or half of one in it.
fn template() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        3 => prop::sample::select(
            &[
                "{{", "}}", "{", "}", "login", "user", " ", "{{login}}", "{{random 1 2}}", "{{random 2 1}}", "{{pick}}",
                "{{pick a}}", "{{random -9223372036854775808 9223372036854775807}}", "{{uuid}}", "{{today}}", "{{ }}",
                "{{random 99999999999999999999 1}}", "{{password}}",
            ][..]
        )
        .prop_map(str::to_owned),
        1 => "\\PC{0,5}",
    ];
    prop::collection::vec(part, 0..10).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        prop_assert!(survives(&text, USERS));
    }

    #[test]
    fn a_damaged_journey_is_read_or_refused(
        text in prop_oneof![damaged_text(shipped("journeys/tasks.toml")), damaged_text(CONVERSATION.to_owned())],
        users in prop_oneof![4 => Just(USERS.to_vec()), 1 => damaged(USERS)],
    ) {
        prop_assert!(survives(&text, &users));
        if let Some((value, again)) = printed_back::<JourneyFile>(&text) {
            prop_assert_eq!(value, again);
        }
    }

    #[test]
    fn any_json_path_is_compiled_or_refused(path in prop_oneof![json_path(), "\\PC{0,60}"]) {
        let path = toml::Value::from(path);
        let text = format!("name = 'tasks'\ndescription = 'd'\n[[step]]\nname = 's'\npath = '/'\ncheck = [{{ json = {path} }}]");
        prop_assert!(survives(&text, USERS));
    }

    #[test]
    fn any_template_is_filled_or_refused(text in template(), users in prop_oneof![Just(USERS.to_vec()), damaged(USERS)]) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        std::io::Write::write_all(&mut file, &users).unwrap();
        let mut scope = Scope::default();
        let feeder = Feeder::read(file.path());
        match &feeder {
            Ok(feeder) => scope.add_feeder(0, feeder.columns()),
            Err(error) => prop_assert!(is_described(error)),
        }
        for escape in [Escape::None, Escape::Url, Escape::Json] {
            let template = match Template::compile(&text, escape, &scope) {
                Ok(template) => template,
                Err(error) => {
                    prop_assert!(is_described(&error));
                    continue;
                }
            };
            prop_assert!(text.contains("{{") || template.constant() == Some(&text));
            let mut filled = String::new();
            let mut values = Values {
                feeders: feeder.as_ref().map_or(&[][..], std::slice::from_ref),
                rows: &[0],
                variables: &[],
                user: u32::MAX,
                iteration: u64::MAX,
                random: &mut SmallRng::seed_from_u64(1),
                origin: "https://shop.example",
            };
            // Every name is a column, and every row has a cell in it.
            prop_assert_eq!(template.render(&mut values, &mut filled), Ok(()));
            prop_assert!(filled.len() <= text.len() * 40 + users.len() * 60);
        }
    }
}
