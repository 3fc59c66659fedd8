use std::io::Write;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::written;
use crate::import::{ImportError, ImportResult, LogOptions, access_log};

fn options(files: &[PathBuf]) -> LogOptions {
    LogOptions {
        files: files.to_vec(),
        name: "shop".to_owned(),
        format: "auto".to_owned(),
        fields: Vec::new(),
        nginx_conf: None,
        rules: None,
        journeys: PathBuf::new(),
        sample: 1.0,
        session: None,
        client: None,
    }
}

fn file(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn imported(options: &LogOptions, folder: &Path) -> (Vec<(String, String)>, ImportResult) {
    let mut imported = access_log(options).unwrap_or_else(|error| panic!("{error}"));
    assert!(imported.account.is_complete(), "{:?}", imported.account);
    let texts = written(&mut imported, folder);
    (texts, imported)
}

/// A line of the combined format at that second.
fn combined(address: &str, second: u64, request: &str, status: u16) -> String {
    let (minute, second) = (second / 60, second % 60);
    format!(
        "{address} - - [23/Nov/2025:12:{minute:02}:{second:02} +0000] \"{request}\" {status} 12 \"-\" \"Mozilla/5.0\"\n"
    )
}

/// Sessions of three reads each, one a minute, and what is no user's.
fn log() -> String {
    let mut log = String::new();
    for number in 0..10 {
        let (address, at) = (format!("198.18.0.{number}"), number * 60);
        log.push_str(&combined(&address, at, "GET /tasks?page=2&token=s HTTP/1.1", 200));
        log.push_str(&combined(
            &address,
            at + 4,
            &format!("GET /tasks/{} HTTP/1.1", 10 + number % 2),
            200,
        ));
        log.push_str(&combined(&address, at + 10, "GET /gone HTTP/1.1", 404));
    }
    log.push_str(&combined("198.18.1.1", 601, "POST /tasks HTTP/1.1", 201));
    log.push_str(&combined("198.18.1.1", 602, "GET /app.js HTTP/1.1", 200));
    log.push_str(&combined("198.18.1.1", 603, "GET /healthz HTTP/1.1", 200));
    log.push_str(&combined("198.18.1.1", 604, "\\x16\\x03\\x01", 400));
    log.push_str(&combined(
        "198.18.1.1",
        605,
        "GET /users/anna@shop.example HTTP/1.1",
        200,
    ));
    log.push_str(&combined("198.18.1.1", 300, "GET /late HTTP/1.1", 200));
    log.push_str("2025/11/23 12:00:00 [error] 29#29: limiting requests\n");
    log
}

fn holds(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|found| found == *line), "no {line:?} in\n{text}");
    }
}

#[test]
fn sessions_of_one_course_are_a_journey() {
    let folder = tempfile::tempdir().unwrap();
    let (texts, imported) = imported(&options(&[file(folder.path(), "access.log", &log())]), folder.path());
    holds(
        &texts[0].1,
        &[
            "description = \"10 sessions of the log went this way\"",
            "path = \"/tasks\"",
            "path = \"/tasks/{{pick 10 11}}\"",
            "think = \"4s\"",
            "think = \"6s\"",
            "status = [404]",
        ],
    );
    holds(&texts[1].1, &["repeat = 1", "[[step.step.choice]]", "path = \"/late\""]);
    assert_eq!(
        imported.mix,
        [("shop-1".to_owned(), 10.0), ("shop-others".to_owned(), 1.0)]
    );
    let account = &imported.account;
    assert_eq!(
        (account.read, account.replayed, account.mapped, account.omitted()),
        (37, 31, 0, 6)
    );
    let reasons: Vec<&str> = account.left_out.iter().map(|left| left.reason.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "a write (POST), whose body no log has: a rule maps it",
            "a static file, which the browser probe loads",
            "a health check or monitor",
            "a request line that is none",
            "an e-mail address in the path: a rule maps it",
            "a line that does not fit the format",
        ]
    );
    assert_eq!(account.left_out[3].places, ["access.log:34"]);
    for note in [
        "83.8 % of the lines are replayed as they are",
        "the clock steps back 1 time(s), first by 305 s at access.log:36",
        "query values of 10 lines are dropped: a rule with `keep` keeps them",
        "35 lines have times of whole seconds: starts are known to ±1 s",
        "1 lines hold bytes escaped as \\xNN, which is no JSON: they were decoded",
    ] {
        let found = account.notes.iter().any(|known| known.starts_with(note));
        assert!(found, "no {note:?} in {:#?}", account.notes);
    }
    let load = imported.load.unwrap();
    assert!((load.per_second - 10.0 / 540.0).abs() < 0.002, "{load:?}");
    let all = format!("{}{}", texts[0].1, texts[1].1);
    for personal in ["198.18", "Mozilla", "anna", "token"] {
        assert!(!all.contains(personal), "{personal} in\n{all}");
    }
}

#[test]
fn rules_map_paths_queries_and_writes() {
    let folder = tempfile::tempdir().unwrap();
    let rules = r#"
[journey]
headers = { x-role = "reader" }
variables = { task = 7 }

[[rule]]
path = "/tasks"
method = "GET"
keep = ["page"]

[[rule]]
path = "/tasks"
method = "POST"
step = { json = { title = "a {{uuid}}" }, status = [201] }

[[rule]]
path = "/tasks/{id}"
step = { path = "/tasks/{{task}}" }

[[rule]]
path = "/gone"
session = true

[[rule]]
path = "/late"
leave-out = "an old page"
"#;
    let mut options = options(&[file(folder.path(), "access.log", &log())]);
    options.rules = Some(file(folder.path(), "rules.toml", rules));
    let (texts, imported) = imported(&options, folder.path());
    holds(
        &texts[0].1,
        &[
            "headers = { x-role = \"reader\" }",
            "path = \"/tasks?page={{pick 2}}\"",
            "path = \"/tasks/{{task}}\"",
        ],
    );
    holds(&texts[1].1, &["json = { title = \"a {{uuid}}\" }", "method = \"POST\""]);
    let account = &imported.account;
    // Ten lists are replayed; ten details and one write have steps of rules, ten pages stand for the log-in.
    assert_eq!(
        (account.read, account.replayed, account.mapped, account.omitted()),
        (37, 10, 21, 6)
    );
    assert!(
        account
            .left_out
            .iter()
            .any(|left| left.reason == "an old page (by a rule)")
    );
    // A name that nothing gives concerns every step: the compiler's reason is told, and nothing is written.
    std::fs::write(
        folder.path().join("rules.toml"),
        "[journey]\nheaders = { x = '{{none}}' }",
    )
    .unwrap();
    let mut broken = access_log(&options).unwrap();
    let to = crate::import::Destination {
        name: "shop".to_owned(),
        out: folder.path().join("none"),
        ..crate::import::Destination::default()
    };
    let error = crate::import::write(&mut broken, &to).unwrap_err();
    assert!(
        crate::error::one_line(&error).contains("`{{none}}` names nothing known here"),
        "{error}"
    );
    assert!(!to.out.exists());
    std::fs::write(folder.path().join("rules.toml"), "[[rule]]\npaht = 1").unwrap();
    assert!(matches!(access_log(&options), Err(ImportError::Rules { .. })));
}

#[test]
fn a_rule_takes_the_step_of_a_journey_that_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let journeys = folder.path().join("journeys");
    std::fs::create_dir_all(&journeys).unwrap();
    let enter =
        "name = 'enter'\ndescription = 'd'\n[[step]]\nname = 's'\npath = '/enter'\nextract = { token = '$.t' }\n";
    std::fs::write(journeys.join("enter.toml"), enter).unwrap();
    let own = "name = 'own'\ndescription = 'd'\nsession = 'enter'\ntags = ['api']\nheaders = { x-token = '{{token}}' }\n\
        [[step]]\nname = 'add'\nmethod = 'POST'\npath = '/tasks'\nthink = '9s'\njson = { title = 'a' }\nstatus = [201]\n";
    std::fs::write(journeys.join("own.toml"), own).unwrap();
    let rules = "[tags]\nwrite = ['POST /{rest}']\n[[rule]]\npath = '/tasks'\nmethod = 'POST'\nas = 'own.add'\n";
    let mut options = options(&[file(folder.path(), "access.log", &log())]);
    options.rules = Some(file(folder.path(), "rules.toml", rules));
    options.journeys = journeys;
    let (texts, imported) = imported(&options, folder.path());
    assert_eq!(imported.account.mapped, 1);
    let (_, others) = texts.iter().find(|(name, _)| name == "shop-others").unwrap();
    holds(
        others,
        &[
            "session = \"enter\"",
            "method = \"POST\"",
            "json = { title = \"a\" }",
            "headers = { x-token = \"{{token}}\" }",
            "tags = [\"api\", \"write\"]",
        ],
    );
    assert!(!others.contains("think = \"9s\""), "{others}");
    std::fs::write(options.rules.as_ref().unwrap(), rules.replace("own.add", "own.none")).unwrap();
    let error = access_log(&options).unwrap_err();
    assert!(matches!(error, ImportError::Step { .. }), "{error}");
    assert_eq!(crate::error::Hint::hint(&error).unwrap(), "use one of own.add");
}

#[test]
fn every_format_tells_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let line = "{\"msec\": 1700000000.500, \"request_time\": 0.5, \"remote_addr\": \"10.0.0.1\", \"request\": \"GET /a?b=\\x22 HTTP/1.1\", \"status\": 200}";
    for (format, lines) in [
        (
            "common",
            "10.0.0.1 - - [14/Nov/2023:22:13:20 +0000] \"GET /a HTTP/1.1\" 200 1",
        ),
        (
            "vhost-combined",
            "a.example:80 10.0.0.1 - - [14/Nov/2023:22:13:20 +0000] \"GET /a HTTP/1.1\" 200 1 \"-\" \"x\"",
        ),
        (
            "$remote_addr $msec $request_time \"$upstream_response_time\" $request_method $request_uri $status",
            "10.0.0.1 1700000000.500 0.500 \"0.1, 0.2 : 0.3\" GET /a 200",
        ),
        ("json", line),
        (
            "caddy",
            "{\"ts\":1700000000.5,\"request\":{\"remote_ip\":\"10.0.0.1\",\"method\":\"GET\",\"uri\":\"/a\",\"headers\":{\"User-Agent\":[\"x\"]}},\"duration\":0.5,\"status\":200}",
        ),
        (
            "traefik-json",
            "{\"ClientHost\":\"10.0.0.1\",\"StartUTC\":\"2023-11-14T22:13:20.0Z\",\"Duration\":500000000,\"RequestMethod\":\"GET\",\"RequestPath\":\"/a\",\"DownstreamStatus\":200}",
        ),
        (
            "traefik",
            "10.0.0.1 - - [14/Nov/2023:22:13:20 +0000] \"GET /a HTTP/1.1\" 200 1 \"-\" \"x\" 7 \"r@docker\" \"http://10.0.0.9:80\" 500ms",
        ),
        (
            "haproxy",
            "Nov 14 22:13:20 lb haproxy[12]: 10.0.0.1:33317 [14/Nov/2023:22:13:20.000] in back/s1 10/0/30/69/500 200 27 - - ---- 1/1/1/1/0 0/0 {} \"GET /a HTTP/1.1\"",
        ),
    ] {
        for given in [format, "auto"] {
            if given == "auto" && format.contains('$') {
                continue;
            }
            let mut options = options(&[file(folder.path(), "access.log", &format!("{lines}\n{lines}\n"))]);
            options.format = given.to_owned();
            let (texts, imported) = imported(&options, folder.path());
            assert_eq!(
                (imported.account.read, imported.account.replayed),
                (2, 2),
                "{format} as {given}"
            );
            assert!(
                texts[0].1.contains("path = \"/a\""),
                "{format} as {given}: {}",
                texts[0].1
            );
        }
    }
    let mut options = options(&[file(
        folder.path(),
        "access.log",
        "{\"at\":1700000000,\"m\":\"GET\",\"u\":{\"p\":\"/a\"},\"ms\":12}\n",
    )]);
    options.format = "json".to_owned();
    for (field, path) in [("time", "at"), ("method", "m"), ("target", "u.p"), ("took/1000", "ms")] {
        options.fields.push((field.to_owned(), path.to_owned()));
    }
    assert_eq!(access_log(&options).unwrap().account.replayed, 1);
    options.fields.push(("colour".to_owned(), "x".to_owned()));
    assert!(access_log(&options).unwrap_err().to_string().contains("colour=x"));
}

#[test]
fn files_are_read_in_order_of_time_and_compressed_ones_too() {
    let folder = tempfile::tempdir().unwrap();
    let new = file(
        folder.path(),
        "access.log",
        &combined("10.0.0.1", 100, "GET /b HTTP/1.1", 200),
    );
    let old = folder.path().join("access.log.1.gz");
    let mut packed = flate2::write::GzEncoder::new(std::fs::File::create(&old).unwrap(), flate2::Compression::fast());
    packed
        .write_all(combined("10.0.0.1", 90, "GET /a HTTP/1.1", 200).as_bytes())
        .unwrap();
    packed.finish().unwrap();
    let (texts, imported) = imported(&options(&[new.clone(), old.clone()]), folder.path());
    assert!(
        !imported.account.notes.iter().any(|note| note.contains("clock")),
        "{:?}",
        imported.account.notes
    );
    assert!(
        texts[0].1.contains("path = \"/a\"") && texts[0].1.contains("path = \"/b\""),
        "{}",
        texts[0].1
    );
    // Cut short: told, and what was read counts.
    let bytes = std::fs::read(&old).unwrap();
    std::fs::write(&old, &bytes[..bytes.len() - 9]).unwrap();
    let notes = access_log(&options(&[new, old])).unwrap().account.notes;
    assert!(
        notes
            .iter()
            .any(|note| note.starts_with("access.log.1.gz cannot be read after line")),
        "{notes:?}"
    );
}

#[test]
fn a_sample_takes_whole_sessions() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = String::new();
    for number in 0..400 {
        for at in [0, 3] {
            log.push_str(&combined(
                &format!("10.1.{}.{}", number / 250, number % 250),
                number + at,
                "GET /a HTTP/1.1",
                200,
            ));
        }
    }
    let mut options = options(&[file(folder.path(), "access.log", &log)]);
    options.sample = 0.25;
    let imported = access_log(&options).unwrap();
    let account = &imported.account;
    assert!(
        account.is_complete() && account.replayed.is_multiple_of(2),
        "{account:?}"
    );
    assert!((120..280).contains(&account.replayed), "{account:?}");
    assert_eq!(account.left_out[0].reason, "a session that is not in the sample");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_lines_are_accounted_for(
        lines in prop::collection::vec((0_u8..4, 0_u64..3_000, "(GET|POST|get) /[a-z0-9{}%|@é/]{0,9}(\\?[a-z=&%]{0,6})? HTTP/1.1|.{0,12}"), 1..40),
        cut in 0_usize..40,
        format in prop::sample::select(vec!["auto", "combined", "json", "haproxy", "$remote_addr$status [$time_local] \"$request\""]),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let text: String = lines
            .iter()
            .map(|(client, at, request)| combined(&format!("10.0.0.{client}"), *at, request, 200))
            .collect();
        let whole = text.char_indices().map(|(at, _)| at).nth_back(cut).unwrap_or(0);
        let mut options = options(&[file(folder.path(), "access.log", &text[..whole])]);
        options.format = format.to_owned();
        if let Ok(mut imported) = access_log(&options) {
            prop_assert!(imported.account.is_complete(), "{:?}", imported.account);
            written(&mut imported, folder.path());
        }
    }
}
