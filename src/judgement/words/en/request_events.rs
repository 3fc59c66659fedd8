//! Sentences about events of requests that their outcomes do not tell.

use super::text;
use crate::evidence::{RequestEvent, RequestEventKind};

/// Sentences, one for each kind of event; events of the generator itself are a rule of validity.
const KINDS: [(RequestEventKind, &str, &str); 10] = [
    (
        RequestEventKind::ResentAfterClose,
        "sent again because the server closed a kept connection at that moment, as browsers do",
        "no error",
    ),
    (
        RequestEventKind::ResentUnprocessed,
        "sent again because the server turned them away unprocessed (GOAWAY or REFUSED_STREAM of HTTP/2)",
        "no error",
    ),
    (
        RequestEventKind::ClosedWhenSent,
        "lost because the server closed a kept connection at that moment, and may not be sent again",
        "outcome `reset`; where no container ended then, a longer keep-alive time-out of the server avoids it",
    ),
    (
        RequestEventKind::HeadTooLarge,
        "answered with more than 1,000 headers or a head over 256 kB",
        "outcome `malformed`",
    ),
    (
        RequestEventKind::NotHttp,
        "answered by what is not HTTP, or has wrong lengths",
        "outcome `malformed`",
    ),
    (
        RequestEventKind::Undecodable,
        "answered with a body that is not encoded as its `content-encoding` says",
        "outcome `malformed`",
    ),
    (
        RequestEventKind::FeederExhausted,
        "not sent because the journey's feeder was exhausted",
        "the run ended there",
    ),
    (
        RequestEventKind::CacheHit,
        "answered by the user's cache, and not sent",
        "they count nowhere else",
    ),
    (
        RequestEventKind::NotModified,
        "answered with status 304, so that the user's cache is still valid",
        "successes",
    ),
    (
        RequestEventKind::NotRemoved,
        "needed at the end to remove what the run had created, and failed or came too late",
        "not judged",
    ),
];

/// One sentence for each kind of event that came, with the series.
pub fn sentences(events: &[RequestEvent]) -> Vec<String> {
    let sentence = |(kind, what, effect): (RequestEventKind, &str, &str)| {
        let of_kind = || events.iter().filter(move |event| event.kind == kind);
        let count: u64 = of_kind().map(|event| event.count).sum();
        let series: Vec<String> = of_kind().map(|event| event.series.clone()).collect();
        let noun = if count == 1 {
            "1 request was"
        } else {
            &format!("{count} requests were")
        };
        (count > 0).then(|| format!("{noun} {what} ({}): {effect}.", text::list(&series)))
    };
    KINDS.into_iter().filter_map(sentence).collect()
}

/// Requests that were refused because the session had expired. The caller has at least one.
pub fn expired(expired: u64, requests: u64) -> String {
    let share = text::percent(expired as f64 / requests as f64);
    let (count, all) = (text::count(expired), text::count(requests));
    format!(
        "{count} of {all} requests ({share}) found the session expired: each was made again after its renewal, and they are no errors."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expired_sessions_have_their_share() {
        assert_eq!(
            super::expired(12, 4_800),
            "12 of 4,800 requests (0.25 %) found the session expired: each was made again after its renewal, and they are no errors."
        );
    }

    #[test]
    fn each_kind_is_told_once() {
        let event = |kind, series: &str, count| RequestEvent {
            kind,
            series: series.to_owned(),
            count,
        };
        let told = sentences(&[
            event(RequestEventKind::ClosedWhenSent, "tasks.create", 1),
            event(RequestEventKind::ResentUnprocessed, "tasks.create", 1),
            event(RequestEventKind::ResentUnprocessed, "tasks.list", 2),
            event(RequestEventKind::NoDescriptor, "tasks.list", 2),
        ]);
        assert_eq!(
            told,
            [
                "3 requests were sent again because the server turned them away unprocessed (GOAWAY or REFUSED_STREAM of HTTP/2) \
                 (tasks.create and tasks.list): no error.",
                "1 request was lost because the server closed a kept connection at that moment, and may not be sent again \
                 (tasks.create): outcome `reset`; where no container ended then, a longer keep-alive time-out of the server avoids it.",
            ]
        );
    }
}
