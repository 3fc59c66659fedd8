//! HTTP authentication of users.

use super::server::{answer, json, write};
use super::*;

const DIGEST: &str = r#"
feeder = "users.csv"
auth = { digest = { user = "{{login}}", password = "{{password}}" } }
[[step]]
name = "post"
method = "POST"
path = "/tasks?page=1"
json = { a = 1 }
[[step]]
name = "open"
path = "/open"
auth = { basic = { user = "x", password = "a constant" } }
"#;

fn challenge(nonce: &str) -> Act {
    write(&format!(
        "HTTP/1.1 401 X\r\nwww-authenticate: Digest realm=\"r\", nonce=\"{nonce}\", qop=\"auth\", algorithm=SHA-256\r\n\
         content-length: 2\r\n\r\nno"
    ))
}

#[test]
fn a_challenge_is_answered_in_the_same_sample_and_its_nonce_used_again() {
    let slow = Act::Wait(100);
    let script = [
        vec![
            Act::Read,
            slow.clone(),
            challenge("n1"),
            Act::Read,
            slow.clone(),
            json("{}"),
        ],
        vec![Act::Read, json("{}")],
        vec![Act::Read, slow, json("{}"), Act::Read, json("{}")],
        // A nonce that is too old, and then a password that is wrong.
        vec![Act::Read, challenge("n2"), Act::Read, json("{}"), Act::Read, json("{}")],
        vec![
            Act::Read,
            challenge("n3"),
            Act::Read,
            challenge("n4"),
            Act::Read,
            json("{}"),
        ],
    ];
    let played = simulate(DIGEST, 4, vec![script.concat()]);
    let outcomes = played.outcomes("j.post");
    assert_eq!(
        outcomes,
        [
            Outcome::Success,
            Outcome::Success,
            Outcome::Success,
            Outcome::ClientError
        ]
    );
    assert_eq!(played.outcomes("j.open"), [Outcome::Success; 4]);
    let posts: Vec<&String> = played
        .requests
        .iter()
        .filter(|request| request.starts_with("POST"))
        .collect();
    assert_eq!(posts.len(), 7);
    assert!(
        !posts[0].contains("authorization"),
        "nothing is known of a challenge yet: {}",
        posts[0]
    );
    for (request, nonce, count) in [
        (1, "n1", 1),
        (2, "n1", 2),
        (3, "n1", 3),
        (4, "n2", 1),
        (5, "n2", 2),
        (6, "n3", 1),
    ] {
        let expected = format!("nonce=\"{nonce}\"");
        let count = format!("nc={count:08x}");
        assert!(
            posts[request].contains(&expected) && posts[request].contains(&count),
            "{}",
            posts[request]
        );
        assert!(posts[request].contains("authorization: Digest username=\"bert\", realm=\"r\", uri=\"/tasks?page=1\""));
        assert!(posts[request].ends_with("{\"a\":1}"));
    }
    let basic = played
        .requests
        .iter()
        .find(|request| request.starts_with("GET /open"))
        .unwrap();
    assert!(basic.contains("authorization: Basic eDphIGNvbnN0YW50\r\n"), "{basic}");
    // The user waits for both answers.
    let times = played.series("j.post").timings.of(Timing::Response);
    assert!(times.equivalent(times.max(), 200_000), "{}", times.max());
}

#[test]
fn an_answer_without_a_challenge_that_can_be_answered_is_an_error() {
    let script = vec![Act::Read, answer(401, "text/plain", "no"), Act::Read, json("{}")];
    let played = simulate(DIGEST, 1, vec![script]);
    assert_eq!(played.outcomes("j.post"), [Outcome::ClientError]);
}

#[test]
fn a_constant_password_is_a_secret() {
    let journeys = journeys(&[("j", DIGEST)]).unwrap();
    let mut secrets = crate::secrets::Secrets::default();
    journeys.learn_secrets(&mut secrets);
    assert_eq!(secrets.mask("with a constant"), "with ***");
}
