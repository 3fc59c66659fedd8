//! Several hosts behind one front door.

use super::server::{json, write};
use super::*;

/// An application that sends its users to another host to log in, and gets them back.
const SSO: &str = r#"
[[step]]
name = "open"
path = "/app"
redirects = 5
headers = { authorization = "Bearer of-the-app" }
check = [{ url = "/app" }, { cookie = "sid" }, { contains = "welcome" }]
[[step]]
name = "account"
host = "SSO.example"
method = "POST"
path = "/account"
json = {}
check = [{ cookie = "sso" }]
[[step]]
name = "again"
path = "/app/again"
"#;

fn redirect(location: &str, cookie: &str) -> Act {
    write(&format!(
        "HTTP/1.1 302 X\r\nlocation: {location}\r\nset-cookie: {cookie}\r\ncontent-length: 0\r\n\r\n"
    ))
}

#[test]
fn redirects_between_hosts_behind_the_door_are_followed_with_cookies_of_each() {
    simulated::simulate(async {
        let journeys = Arc::new(journeys(&[("j", SSO)]).unwrap());
        let app = vec![
            Act::Read,
            redirect("https://sso.example/auth?back=app", "state=1; Path=/"),
            Act::Read,
            redirect("/app", "sid=s1; Path=/"),
            Act::Read,
            write("HTTP/1.1 200 X\r\ncontent-type: text/html\r\ncontent-length: 7\r\n\r\nwelcome"),
            Act::Read,
            json("{}"),
        ];
        let sso = vec![
            Act::Read,
            redirect("https://app.example/callback?code=7", "sso=k; Path=/; Secure"),
            Act::Read,
            json("{}"),
        ];
        let (front_door, seen) = serve_in_memory(vec![app, sso]);
        let transport = Transport {
            public_url: Some("https://app.example".to_owned()),
            ..Transport::default()
        };
        let endpoints = endpoints(front_door, transport);
        let target = Target::new(&endpoints, Span::from_millis(60_000)).unwrap();
        let target = Rc::new(target.hosting(&endpoints, journeys.hosts()).unwrap());
        let played = walk(&journeys, "j", 1, &target, PATIENCE).await;
        assert_eq!(played.endings, [IterationEnd::Completed]);
        for name in ["j.open", "j.account", "j.again"] {
            assert_eq!(played.outcomes(name), [Outcome::Success], "{name}");
        }
        let seen = seen.lock().unwrap();
        let lines: Vec<&str> = seen
            .iter()
            .filter_map(|request| request.split(" HTTP").next())
            .collect();
        let paths = [
            "GET /app",
            "GET /auth?back=app",
            "GET /callback?code=7",
            "GET /app",
            "POST /account",
            "GET /app/again",
        ];
        assert_eq!(lines, paths);
        let header = |index: usize, name: &str| {
            let mut lines = seen[index].lines();
            let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            value.map(str::to_owned)
        };
        for (index, host, cookie) in [
            (0, "app.example", None),
            (1, "sso.example", None),
            (2, "app.example", Some("state=1")),
            (3, "app.example", Some("state=1; sid=s1")),
            (4, "sso.example", Some("sso=k")),
            (5, "app.example", Some("state=1; sid=s1")),
        ] {
            assert_eq!(header(index, "host").as_deref(), Some(host), "{index}");
            assert_eq!(header(index, "cookie").as_deref(), cookie, "{index}");
        }
        assert_eq!(header(0, "authorization").as_deref(), Some("Bearer of-the-app"));
        assert_eq!(header(1, "authorization"), None, "not for the other host");
        assert_eq!(header(4, "origin").as_deref(), Some("https://sso.example"));
        assert!(target.elsewhere.counts(journeys.series()).is_empty());
    });
}

#[test]
fn hosts_of_the_stack_file_are_followed_and_others_are_not() {
    simulated::simulate(async {
        let open = "[[step]]\nname = 's'\npath = '/'\nredirects = 2\nstatus = [200, 302]\n";
        let journeys = Arc::new(journeys(&[("j", open)]).unwrap());
        let door = vec![Act::Read, redirect("http://id.example/a", "a=1")];
        let id = vec![Act::Read, redirect("http://foreign.example/b", "b=1")];
        let (front_door, seen) = serve_in_memory(vec![door, id]);
        let transport = Transport {
            hosts: vec!["id.example".to_owned()],
            ..Transport::default()
        };
        let endpoints = endpoints(front_door, transport);
        let target = Target::new(&endpoints, Span::from_millis(60_000)).unwrap();
        let target = Rc::new(target.hosting(&endpoints, journeys.hosts()).unwrap());
        let played = walk(&journeys, "j", 1, &target, PATIENCE).await;
        assert_eq!(played.outcomes("j.s"), [Outcome::Success]);
        assert_eq!(seen.lock().unwrap().len(), 2);
        let elsewhere = target.elsewhere.counts(journeys.series());
        assert_eq!(elsewhere, [("http://foreign.example".to_owned(), "j.s".to_owned(), 1)]);
    });
}

/// A list, its second page on another host, and what the page links to.
const LINKED: &str = r#"
[[step]]
name = "list"
host = "shop.example"
path = "/a/list"
pages = { next = { css = "a[rel=next]", attribute = "href" }, at-most = 3, expected = 2 }
extract = { first = { css = "a.item", attribute = "href", default = "" } }
[[step]]
name = "open"
path = "{{first}}"
check = [{ url = "/a/item?of=1&b=%20" }]
[[step]]
name = "foreign"
set = { first = "https://foreign.example/x" }
path = "{{first}}"
"#;

#[test]
fn links_are_followed_from_the_page_they_stand_on_to_any_host_behind_the_door() {
    simulated::simulate(async {
        let journeys = Arc::new(journeys(&[("j", LINKED)]).unwrap());
        let html = |text: &str| {
            let length = text.len();
            write(&format!(
                "HTTP/1.1 200 X\r\ncontent-type: text/html\r\ncontent-length: {length}\r\n\r\n{text}"
            ))
        };
        let shop = vec![
            Act::Read,
            html("<a rel=next href='?page=2'>"),
            Act::Read,
            html("<a class=item href='http://shop.example/a/item?of=1&amp;b= #part'>"),
            Act::Read,
            html("<p>"),
        ];
        let (front_door, seen) = serve_in_memory(vec![shop]);
        let endpoints = endpoints(front_door, Transport::default());
        let target = Target::new(&endpoints, Span::from_millis(60_000)).unwrap();
        let target = Rc::new(target.hosting(&endpoints, journeys.hosts()).unwrap());
        let played = walk(&journeys, "j", 1, &target, PATIENCE).await;
        assert_eq!(played.outcomes("j.list"), [Outcome::Success; 2]);
        assert_eq!(played.outcomes("j.open"), [Outcome::Success]);
        assert_eq!(
            played.outcomes("j.foreign"),
            [Outcome::CheckFailed],
            "no load goes to machines of others"
        );
        let seen = seen.lock().unwrap();
        let lines: Vec<&str> = seen
            .iter()
            .filter_map(|request| request.split(" HTTP").next())
            .collect();
        assert_eq!(lines, ["GET /a/list", "GET /a/list?page=2", "GET /a/item?of=1&b=%20"]);
        assert!(
            seen.iter().all(|request| request.contains("host: shop.example")),
            "{seen:?}"
        );
    });
}
