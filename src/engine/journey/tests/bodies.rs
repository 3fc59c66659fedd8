//! Bodies that are encoded, huge or slow.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::server::{encoded, json, write};
use super::*;

const TEXT: &[u8] = br#"{"a": [1, 2, 3]}"#;
/// The same in brotli.
const BROTLI: &[u8] = &[
    139, 7, 128, 123, 34, 97, 34, 58, 32, 91, 49, 44, 32, 50, 44, 32, 51, 93, 125, 3,
];

fn reading() -> String {
    format!("{GET}check = [{{ json = '$.a[*]', min = 3 }}]\n")
}

#[tokio::test]
async fn an_encoded_body_is_read_and_counted_as_it_came() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(TEXT).unwrap();
    let gzip = gzip.finish().unwrap();
    let zstd = compress_to_vec(TEXT, CompressionLevel::Fastest);
    let bytes = gzip.len() + BROTLI.len() + zstd.len();
    let script = [encoded("gzip", &gzip), encoded("br", BROTLI), encoded("zstd", &zstd)];
    let script: Vec<Act> = script.into_iter().flat_map(|act| [Act::Read, act]).collect();
    let played = play(&reading(), 3, vec![script]).await;
    assert_eq!(played.outcomes("j.s"), [Outcome::Success; 3]);
    assert_eq!(played.series("j.s").counters.bytes, bytes as u64);
    assert!(played.requests[0].contains("accept-encoding: gzip, br, zstd\r\n"));
}

#[tokio::test]
async fn a_body_that_is_not_encoded_as_it_says_matters_where_it_is_read() {
    let script = vec![Act::Read, encoded("gzip", TEXT), Act::Read, json("{\"a\": [1, 2, 3]}")];
    let played = play(&reading(), 2, vec![script.clone()]).await;
    assert_eq!(played.outcomes("j.s"), [Outcome::Success, Outcome::Malformed]);
    assert_eq!(played.series("j.s").counters.bytes, 32, "counted all the same");
    let unread = play(GET, 2, vec![script]).await;
    assert_eq!(unread.outcomes("j.s"), [Outcome::Success; 2]);
}

#[tokio::test]
async fn a_header_of_the_step_says_what_is_accepted() {
    let plain = format!("{GET}headers = {{ accept-encoding = 'identity' }}\n");
    let played = play(&plain, 1, vec![vec![Act::Read, json("{}")]]).await;
    assert!(
        played.requests[0].contains("accept-encoding: identity\r\n"),
        "{}",
        played.requests[0]
    );
    assert!(!played.requests[0].contains("gzip"));
}

#[tokio::test]
async fn a_hundred_megabytes_are_counted_and_stop_nothing() {
    let head = || write("HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n");
    for (journey, outcome) in [(GET.to_owned(), Outcome::Success), (reading(), Outcome::CheckFailed)] {
        let script = vec![
            Act::Read,
            head(),
            Act::Megabytes(100),
            Act::Read,
            json("{\"a\": [1, 2, 3]}"),
        ];
        let played = play(&format!("{journey}timeout = '600s'\n"), 2, vec![script]).await;
        let mut outcomes = vec![Outcome::Success, outcome];
        outcomes.sort();
        assert_eq!(played.outcomes("j.s"), outcomes);
        assert_eq!(played.series("j.s").counters.bytes, 100_000_016);
    }
}

#[test]
fn a_byte_now_and_then_is_a_time_out() {
    let head = write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n");
    let drops = std::iter::repeat_n([Act::Wait(20), write("x")], 150).flatten();
    let slow_body: Vec<Act> = [Act::Read, head].into_iter().chain(drops).collect();
    let letters = "HTTP/1.1 200 OK\r\nx-"
        .chars()
        .flat_map(|letter| [Act::Wait(20), write(&letter.to_string())]);
    let slow_head: Vec<Act> = std::iter::once(Act::Read).chain(letters).collect();
    let journey = format!("{GET}timeout = '110ms'\n");
    let played = simulate(
        &journey,
        3,
        vec![slow_body, slow_head, vec![Act::Read, Act::Wait(111), json("{}")]],
    );
    assert_eq!(played.outcomes("j.s"), [Outcome::TimedOut; 3]);
    assert_eq!(played.took, [Duration::from_millis(110); 3]);
}
