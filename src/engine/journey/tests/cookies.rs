//! Decisions about cookies, held against a table, and cookies on their way through a journey.

use serde::Deserialize;
use url::Url;

use super::jar::{Jar, Site};
use super::*;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    case: Vec<Case>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default = "shop")]
    site: String,
    #[serde(default = "root")]
    at: String,
    set: Vec<String>,
    #[serde(default = "root")]
    ask: String,
    cookie: String,
}

fn shop() -> String {
    "https://shop.example".to_owned()
}

fn root() -> String {
    "/".to_owned()
}

/// Path of a request, without its query.
fn path(text: &str) -> &str {
    text.split('?').next().unwrap_or_default()
}

#[test]
fn headers_are_decided_as_browsers_do() {
    let table: Table = toml::from_str(include_str!("cookies.toml")).unwrap();
    assert!(table.case.iter().map(|case| case.set.len()).sum::<usize>() >= 100);
    for case in &table.case {
        let url = Url::parse(&case.site).unwrap();
        let site = Site::new(url.host_str().unwrap(), url.scheme() == "https");
        let mut jar = Jar::default();
        for header in &case.set {
            let header = header
                .replace("LONG1100", &"x".repeat(1_100))
                .replace("LONG4096", &"x".repeat(4_096));
            jar.store(header.as_bytes(), &site, path(&case.at));
        }
        let sent = jar.header(&site, path(&case.ask));
        let sent = sent.map(|value| String::from_utf8(value.as_bytes().to_vec()).unwrap());
        assert_eq!(sent.unwrap_or_default(), case.cookie, "{}", case.name);
    }
}

#[test]
fn a_cookie_is_over_when_its_time_is_over() {
    simulated::simulate(async {
        let site = Site::new("shop.example", true);
        let mut jar = Jar::default();
        jar.store(b"a=1; Max-Age=60", &site, "/");
        jar.store(b"b=2; Max-Age=99999999999", &site, "/");
        timer::sleep_until(timer::now() + Duration::from_secs(59)).await;
        assert_eq!(jar.header(&site, "/").unwrap(), "a=1; b=2");
        timer::sleep_until(timer::now() + Duration::from_secs(1)).await;
        assert_eq!(jar.header(&site, "/").unwrap(), "b=2");
    });
}

#[test]
fn a_host_gets_its_own_cookies_and_those_of_its_domain() {
    let (app, sso) = (Site::new("app.shop.example", true), Site::new("sso.shop.example", true));
    let mut jar = Jar::default();
    jar.store(b"a=1", &app, "/");
    jar.store(b"b=2; Domain=shop.example", &app, "/");
    jar.store(b"a=3", &sso, "/");
    jar.store(b"b=4; Domain=shop.example", &sso, "/");
    assert_eq!(jar.header(&app, "/").unwrap(), "a=1; b=4");
    assert_eq!(jar.header(&sso, "/").unwrap(), "a=3; b=4");
    assert!(jar.header(&Site::new("noshop.example", true), "/").is_none());
}

#[test]
fn a_secure_cookie_is_not_replaced_from_without() {
    let (https, http) = (Site::new("shop.example", true), Site::new("shop.example", false));
    let mut jar = Jar::default();
    jar.store(b"a=1; Secure", &https, "/");
    jar.store(b"a=2", &http, "/");
    jar.store(b"a=3; Path=/x", &http, "/");
    assert_eq!(jar.header(&http, "/"), None);
    assert_eq!(jar.header(&https, "/").unwrap(), "a=1");
    jar.store(b"a=4", &https, "/");
    assert_eq!(jar.header(&http, "/").unwrap(), "a=4");
    assert!(!format!("{jar:?}").contains("a=4"));
}

#[test]
fn a_jar_has_room_for_as_many_as_a_browser_keeps() {
    let site = Site::new("shop.example", true);
    let mut jar = Jar::default();
    for number in 0..200 {
        jar.store(format!("c{number}=1").as_bytes(), &site, "/");
    }
    let sent = jar.header(&site, "/").unwrap();
    let sent = sent.to_str().unwrap();
    assert_eq!(sent.split("; ").count(), 180);
    assert!(sent.starts_with("c20=1; "), "the oldest made room");
    assert_eq!(jar.get("c199", &site, "/").as_deref(), Some("1"));
    jar.clear();
    assert!(jar.is_empty());
}

const FORM: &str = r#"
[[step]]
name = "form"
path = "/login"
[[step]]
name = "submit"
method = "POST"
path = "/login"
body = "x"
redirects = 2
"#;

/// An answer without a body that sets cookies.
fn setting(status: u16, more: &str) -> Act {
    server::write(&format!("HTTP/1.1 {status} X\r\n{more}content-length: 0\r\n\r\n"))
}

/// The `cookie` header of each request, empty if there is none.
fn cookies(played: &Played) -> Vec<&str> {
    let header = |request: &'_ String| request.lines().position(|line| line.starts_with("cookie: "));
    let headers = played.requests.iter().map(|request| {
        let line = header(request).and_then(|number| request.lines().nth(number));
        line.map_or("", |line| &line[8..])
    });
    headers.collect()
}

#[tokio::test]
async fn cookies_are_kept_over_connections_and_sent_on_the_next_hop() {
    let first = vec![
        Act::Read,
        setting(
            200,
            "set-cookie: csrf=1; Path=/\r\nset-cookie: at=2\r\nconnection: close\r\n",
        ),
    ];
    let second = vec![
        Act::Read,
        setting(
            302,
            "set-cookie: sid=3; HttpOnly; Path=/\r\nset-cookie: csrf=; Max-Age=0; Path=/\r\nlocation: /app\r\n",
        ),
        Act::Read,
        setting(200, ""),
        // The next iteration.
        Act::Read,
        setting(200, ""),
        Act::Read,
        setting(200, ""),
    ];
    let played = play(FORM, 2, vec![first.clone(), second.clone()]).await;
    assert_eq!(cookies(&played), ["", "csrf=1; at=2", "at=2; sid=3", "", ""]);

    let kept = format!("session = 'login'\n{FORM}");
    let login = "[[step]]\nname = 'l'\npath = '/'\n";
    let first_connection = [vec![Act::Read, setting(200, "set-cookie: user=9\r\n")], first].concat();
    let played = play_with(
        &[("j", &kept), ("login", login)],
        "j",
        2,
        vec![first_connection, second],
    )
    .await;
    assert_eq!(
        cookies(&played),
        [
            "",
            "user=9",
            "user=9; csrf=1; at=2",
            "user=9; at=2; sid=3",
            "user=9; at=2; sid=3",
            "user=9; at=2; sid=3"
        ]
    );
}

#[tokio::test]
async fn a_journey_may_do_without_cookies_or_write_its_own() {
    let script = || {
        let answers = [setting(200, "set-cookie: a=1\r\n"), setting(200, ""), setting(200, "")];
        vec![answers.into_iter().flat_map(|answer| [Act::Read, answer]).collect()]
    };
    let step = |name: &str, more: &str| format!("[[step]]\nname = '{name}'\npath = '/'\n{more}");
    let own = [
        step("a", ""),
        step("b", "headers = { Cookie = 'x=y' }\n"),
        step("c", ""),
    ]
    .concat();
    assert_eq!(cookies(&play(&own, 1, script()).await), ["", "x=y", "a=1"]);
    let without = [step("a", "cookies = false\n"), step("b", ""), step("c", "")].concat();
    assert_eq!(cookies(&play(&without, 1, script()).await), ["", "", ""]);
    let without = [
        "cookies = false\n",
        &step("a", ""),
        &step("b", "cookies = true\n"),
        &step("c", ""),
    ]
    .concat();
    assert_eq!(cookies(&play(&without, 1, script()).await), ["", "", ""]);
}

#[tokio::test]
async fn each_role_has_a_session_of_its_own() {
    let login = |name: &str| format!("[[step]]\nname = '{name}'\npath = '/{name}'\nextract = {{ token = '$.t' }}\n");
    let role = |session: &str| format!("session = '{session}'\n[[step]]\nname = 's'\npath = '/{{{{token}}}}'\n");
    let files = [
        ("seller", role("as-seller")),
        ("buyer", role("as-buyer")),
        ("as-seller", login("as-seller")),
        ("as-buyer", login("as-buyer")),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let token = |token: &str| {
        let body = format!("{{\"t\": \"{token}\"}}");
        let length = body.len();
        server::write(&format!(
            "HTTP/1.1 200 OK\r\nset-cookie: is={token}\r\ncontent-length: {length}\r\n\r\n{body}"
        ))
    };
    let answers = [
        token("s"),
        token("b"),
        setting(200, ""),
        setting(200, ""),
        setting(200, ""),
    ];
    let script = answers.into_iter().flat_map(|answer| [Act::Read, answer]).collect();
    let (address, seen) = server::serve(vec![script]).await;
    let journeys = Arc::new(journeys(&files).unwrap());
    assert_eq!(journeys.sessions().len(), 2);
    let (_folder, collector, recorder) = recording(&journeys);
    let recorder = RefCell::new(recorder);
    let phase = PhaseRecorder::new(&recorder, 0);
    let mut user = VirtualUser::new(1, 7, &journeys, &target(address));
    assert!(!user.is_logged_in());
    assert_eq!(user.log_in(timer::now(), &phase).await, IterationEnd::Completed);
    assert!(user.is_logged_in());
    for name in ["seller", "buyer", "seller"] {
        let journey = journeys.get(name).unwrap();
        assert_eq!(
            user.iterate(journey, timer::now(), &phase).await,
            IterationEnd::Completed
        );
    }
    drop(recorder);
    let mut played = Played {
        endings: Vec::new(),
        took: Vec::new(),
        requests: Vec::new(),
        recording: collector.join().unwrap(),
    };
    played.requests.clone_from(&seen.lock().unwrap());
    let paths: Vec<_> = played
        .requests
        .iter()
        .filter_map(|request| request.split(' ').nth(1))
        .collect();
    assert_eq!(paths, ["/as-seller", "/as-buyer", "/s", "/b", "/s"]);
    assert_eq!(cookies(&played), ["", "", "is=s", "is=b", "is=s"]);
}

#[tokio::test]
async fn origin_and_referer_are_sent_as_browsers_do() {
    let html = server::answer(200, "text/html; charset=utf-8", "<p>");
    let moved = setting(302, "location: /app\r\n");
    let answers = [html, moved, setting(200, "")];
    let script: Vec<Act> = answers.into_iter().flat_map(|answer| [Act::Read, answer]).collect();
    let (address, seen) = server::serve(vec![script]).await;
    let played = play_at(
        &FORM.replace("path = \"/login\"", "path = \"/login?a={{origin}}\""),
        1,
        &target(address.clone()),
    )
    .await;
    assert_eq!(played.outcomes("j.submit"), [Outcome::Success]);
    let seen = seen.lock().unwrap();
    let has = |number: usize, header: &str| seen[number].contains(header);
    assert!(!has(0, "origin: ") && !has(0, "referer: "), "{}", seen[0]);
    assert!(has(1, &format!("\r\norigin: {address}\r\n")), "{}", seen[1]);
    let escaped = address.replace(':', "%3A").replace('/', "%2F");
    assert!(
        has(1, &format!("\r\nreferer: {address}/login?a={escaped}\r\n")),
        "{}",
        seen[1]
    );
    assert!(!has(2, "origin: ") && has(2, "referer: "), "{}", seen[2]);
}
