//! Static files in a user's cache.

use super::server::{json, write};
use super::*;
use crate::evidence::RequestEventKind;

const CACHED: &str = r#"
[[step]]
name = "file"
path = "/app.js?v=1"
cache = true
[[step]]
name = "same"
path = "/app.js?v=1"
cache = true
[[step]]
name = "other"
path = "/data"
think = "2s"
"#;

fn unchanged() -> Act {
    write("HTTP/1.1 304 X\r\netag: \"v7\"\r\ncache-control: max-age=1\r\n\r\n")
}

#[test]
fn a_fresh_answer_is_no_request_and_a_stale_one_is_asked_about() {
    simulated::simulate(async {
        let journeys = Arc::new(journeys(&[("j", CACHED)]).unwrap());
        let whole = write("HTTP/1.1 200 X\r\netag: \"v7\"\r\ncache-control: max-age=1\r\ncontent-length: 2\r\n\r\nok");
        let script = [
            vec![Act::Read, whole.clone(), Act::Read, json("{}")],
            vec![Act::Read, unchanged(), Act::Read, json("{}")],
            vec![Act::Read, whole, Act::Read, json("{}")],
        ];
        let (address, seen) = serve_in_memory(vec![script.concat()]);
        let target = target(address);
        let played = walk(&journeys, "j", 3, &target, PATIENCE).await;
        assert_eq!(played.endings, [IterationEnd::Completed; 3]);
        assert_eq!(played.outcomes("j.file"), [Outcome::Success; 3]);
        assert!(
            played
                .recording
                .series
                .iter()
                .all(|record| record.key.series != "j.same"),
            "hits are no requests"
        );
        let seen = seen.lock().unwrap();
        assert_eq!(seen.len(), 6);
        let asked = |index: usize| seen[index].contains("if-none-match: \"v7\"\r\n");
        assert_eq!([0, 2, 4].map(asked), [false, true, true]);
        let mut events = target.events.counts(journeys.series());
        events.sort_by(|one, other| one.series.cmp(&other.series));
        let events: Vec<_> = events
            .iter()
            .map(|event| (event.kind, event.series.as_str(), event.count))
            .collect();
        assert_eq!(
            events,
            [
                (RequestEventKind::NotModified, "j.file", 1),
                (RequestEventKind::CacheHit, "j.same", 3)
            ]
        );
        let times = journeys.get("j").unwrap().requests();
        assert_eq!(
            (times[0].1.least, times[0].1.expected, times[2].1.least),
            (0.0, 1.0, 1.0)
        );
    });
}
