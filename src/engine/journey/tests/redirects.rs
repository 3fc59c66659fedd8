//! Redirects followed, counted and refused.

use super::server::{json, redirect, write};
use super::*;

fn following(redirects: u8) -> String {
    format!("{GET}redirects = {redirects}\ntimeout = '60s'\n")
}

fn first_lines(played: &Played) -> Vec<&str> {
    played
        .requests
        .iter()
        .filter_map(|request| request.lines().next())
        .collect()
}

#[test]
fn all_hops_are_one_sample() {
    let script = vec![
        Act::Read,
        Act::Wait(20),
        redirect(302, "/a?b=c"),
        Act::Read,
        redirect(301, "d"),
        Act::Read,
        Act::Wait(30),
        json("{}"),
    ];
    let played = simulate(&following(2), 1, vec![script]);
    assert_eq!(played.outcomes("j.s"), [Outcome::Success]);
    assert_eq!(
        first_lines(&played),
        ["GET / HTTP/1.1", "GET /a?b=c HTTP/1.1", "GET /d HTTP/1.1"]
    );
    assert_eq!(played.series("j.s").counters.bytes, 12);
    let of = |timing| played.series("j.s").timings.of(timing);
    assert_eq!((of(Timing::Response).len(), of(Timing::Connect).len()), (1, 1));
    assert_all(&played, "j.s", Timing::FirstByte, 20_000 + 30_000);
}

#[tokio::test]
async fn a_loop_ends_at_the_limit() {
    let script: Vec<Act> = std::iter::repeat_n([Act::Read, redirect(302, "/")], 10)
        .flatten()
        .collect();
    let played = play(&following(3), 2, vec![script]).await;
    assert_eq!(played.outcomes("j.s"), [Outcome::RedirectLimit; 2]);
    assert_eq!(played.requests.len(), 8, "the first request and three more, twice");
    assert_eq!(played.endings, [IterationEnd::Completed; 2]);
}

#[tokio::test]
async fn a_post_is_answered_elsewhere() {
    let step = |redirects| {
        format!(
            "[[step]]\nname = 's'\nmethod = 'POST'\npath = '/form'\njson = {{ a = 1 }}\nredirects = {redirects}\ntimeout = '60s'\n"
        )
    };
    let script = vec![Act::Read, redirect(303, "/done"), Act::Read, json("{}")];
    let played = play(&step(1), 1, vec![script]).await;
    assert_eq!(played.outcomes("j.s"), [Outcome::Success]);
    let get = &played.requests[1];
    assert!(
        get.starts_with("GET /done HTTP/1.1\r\n") && get.ends_with("\r\n\r\n"),
        "{get}"
    );
    assert!(!get.contains("content-"), "{get}");

    let script = vec![Act::Read, redirect(307, "/again"), Act::Read, json("{}")];
    let played = play(&step(1), 1, vec![script]).await;
    let post = &played.requests[1];
    assert!(
        post.starts_with("POST /again HTTP/1.1\r\n") && post.ends_with("{\"a\":1}"),
        "{post}"
    );
}

#[tokio::test]
async fn a_redirect_away_or_without_the_key_is_judged_as_it_is() {
    let away = || vec![Act::Read, redirect(302, "http://other.example/")];
    assert_eq!(
        play(&following(3), 1, vec![away()]).await.outcomes("j.s"),
        [Outcome::CheckFailed]
    );
    let expected = format!("{}status = [302]\n", following(3));
    assert_eq!(
        play(&expected, 1, vec![away()]).await.outcomes("j.s"),
        [Outcome::Success]
    );
    let here = vec![Act::Read, redirect(302, "/")];
    assert_eq!(play(GET, 1, vec![here]).await.outcomes("j.s"), [Outcome::CheckFailed]);
}

#[tokio::test]
async fn a_hop_may_need_another_connection_and_fails_in_its_own_class() {
    let closing = write("HTTP/1.1 302 X\r\nlocation: /a\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    let scripts = vec![vec![Act::Read, closing.clone()], vec![Act::Read, json("{}")]];
    let played = play(&following(1), 1, scripts).await;
    assert_eq!(played.outcomes("j.s"), [Outcome::Success]);

    let scripts = vec![vec![Act::Read, closing], vec![Act::Read, write("HTTP/1.1 200")]];
    let played = play(&following(1), 1, scripts).await;
    assert_eq!(played.outcomes("j.s"), [Outcome::Truncated]);
}

#[tokio::test]
async fn the_address_in_production_leads_to_the_front_door() {
    let hops = ["https://app.example/a", "http://app.example/b", "/caf\u{e9}"];
    let mut script = vec![Act::Read];
    script.extend(hops.iter().flat_map(|hop| [redirect(302, hop), Act::Read]));
    script.push(json("{}"));
    let (address, seen) = serve(vec![script]).await;
    let transport = Transport {
        public_url: Some("https://app.example".to_owned()),
        ..Transport::default()
    };
    let played = play_at(&following(3), 1, &target_by(address, transport)).await;
    assert_eq!(played.outcomes("j.s"), [Outcome::Success]);
    let seen = seen.lock().unwrap();
    let lines: Vec<&str> = seen.iter().filter_map(|request| request.lines().next()).collect();
    let paths = ["/", "/a", "/b", "/caf%C3%A9"].map(|path| format!("GET {path} HTTP/1.1"));
    assert_eq!(lines, paths);
    assert!(
        seen.iter().all(|request| request.contains("\r\nhost: app.example\r\n")),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_redirect_may_leave_out_the_port() {
    for location in ["http://127.0.0.1/landing", "http://localhost/landing"] {
        let script = vec![Act::Read, redirect(301, location), Act::Read, json("{}")];
        let played = play(&following(1), 1, vec![script]).await;
        assert_eq!(played.outcomes("j.s"), [Outcome::Success], "{location}");
        assert_eq!(first_lines(&played)[1], "GET /landing HTTP/1.1");
        let host = |request: &String| {
            request
                .lines()
                .find(|line| line.starts_with("host: "))
                .map(str::to_owned)
        };
        assert_eq!(host(&played.requests[0]), host(&played.requests[1]));
    }
}
