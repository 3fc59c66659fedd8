//! Counts of a series' requests by status and outcome, with examples of those that did not succeed.

use serde::{Deserialize, Serialize};

use super::Outcome;
use crate::secrets::Secrets;

/// Most kinds of answers that are counted apart in one series and phase.
const MOST_KINDS: usize = 32;
/// Letters of an answer's body that an example keeps.
pub const EXCERPT: usize = 200;

/// A request that did not succeed, as an example.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// Seconds since the run's zero at which it ended; set by the recorder.
    pub at: f64,
    /// Method: `PATCH`.
    pub method: String,
    /// Path as the journey writes it, without its query: `/api/tasks/{{task}}`.
    pub path: String,
    /// The `location` of a redirect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Beginning of the answer's body, decoded: at most [`EXCERPT`] letters, line breaks as blanks; empty if there is none.
    pub body: String,
    /// True if the body is longer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
}

impl Example {
    /// Sets the body: its first [`EXCERPT`] letters, with runs of white space as one blank.
    pub fn set_body(&mut self, body: &[u8]) {
        // Four bytes a letter at most, and as many again for white space.
        let head = body.get(..body.len().min(8 * EXCERPT)).unwrap_or_default();
        let text = String::from_utf8_lossy(head);
        // Error pages are indented HTML: white space would take most of the room.
        let words: Vec<&str> = text.split_whitespace().collect();
        let text = words.join(" ");
        self.body = text
            .chars()
            // Escape sequences in an answer would act on the terminal that shows them.
            .filter(|letter| !letter.is_control())
            .take(EXCERPT)
            .collect();
        self.cut = head.len() < body.len() || text.chars().count() > EXCERPT;
    }

    /// True if the body is an error page of a common reverse proxy's own.
    pub fn is_proxy_page(&self) -> bool {
        // Texts of the pages that nginx, OpenResty, Tengine, HAProxy, Apache and Envoy make themselves. An
        // application's own error page has none of them, and then it did answer.
        let body = self.body.to_ascii_lowercase();
        let own = [
            "<center>nginx",
            "<center>openresty",
            "<center>tengine",
            "no server is available to handle this request",
            "the proxy server received an invalid response",
            "upstream connect error or disconnect",
        ];
        own.iter().any(|page| body.contains(page)) || ["bad gateway", "gateway timeout"].contains(&body.as_str())
    }
}

/// Requests of one series and phase with one status and outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerKind {
    /// Status of the answer; `None` if none came, or for the kinds beyond the most that are counted apart.
    pub status: Option<u16>,
    /// Outcome.
    pub outcome: Outcome,
    /// Number of requests.
    pub count: u64,
    /// The first of them; `None` for successes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Example>,
    /// The first one of the last second that had any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Example>,
}

/// Requests of one series by status and outcome; their number of kinds is bounded.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answers(Vec<AnswerKind>);

impl Answers {
    /// Counts one request. True if it is the first of its kind, so that an example is wanted.
    pub(crate) fn count(&mut self, status: Option<u16>, outcome: Outcome) -> bool {
        let kind = self.kind(status, outcome);
        kind.count += 1;
        kind.count == 1
    }

    /// Sets the only example of that kind.
    pub(super) fn show(&mut self, status: Option<u16>, outcome: Outcome, example: Example) {
        self.kind(status, outcome).first = Some(example);
    }

    /// Adds the counts of a later stretch of time; its examples become the last ones.
    pub fn add(&mut self, later: &Self) {
        for other in &later.0 {
            let kind = self.kind(other.status, other.outcome);
            // Saturating, because files may be made up.
            kind.count = kind.count.saturating_add(other.count);
            if kind.first.is_none() {
                kind.first.clone_from(&other.first);
            }
            // A second keeps a single example, which is its first; merged, it is the latest one known.
            if let Some(last) = other.last.as_ref().or(other.first.as_ref()) {
                kind.last = Some(last.clone());
            }
        }
    }

    /// Empties it.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Moves that many requests from one outcome to another, with their statuses.
    pub(super) fn recount(&mut self, from: Outcome, to: Outcome, mut count: u64) {
        while let Some(at) = self
            .0
            .iter()
            .position(|kind| count > 0 && kind.outcome == from && kind.count > 0)
        {
            // The log of a limiter names no statuses, so any kind of the outcome will do; the sums are exact in any
            // case.
            let moved = self.0[at].count.min(count);
            self.0[at].count -= moved;
            count -= moved;
            let source = self.0[at].clone();
            let kind = self.kind(source.status, to);
            kind.count += moved;
            kind.first = kind.first.take().or(source.first);
            kind.last = kind.last.take().or(source.last);
        }
        self.0.retain(|kind| kind.count > 0);
    }

    /// Masks secrets in the examples.
    pub fn mask(&mut self, secrets: &Secrets) {
        let examples = self
            .0
            .iter_mut()
            .flat_map(|kind| kind.first.iter_mut().chain(&mut kind.last));
        for example in examples {
            example.body = secrets.mask_answer(&example.body);
            example.path = secrets.mask(&example.path);
            example.location = example.location.take().map(|location| secrets.mask_answer(&location));
        }
    }

    /// Every kind.
    pub fn kinds(&self) -> impl Iterator<Item = &AnswerKind> {
        self.0.iter()
    }

    /// True if nothing was counted, as in recordings made before answers were.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every count in it.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.iter().map(|kind| kind.count)
    }

    fn kind(&mut self, status: Option<u16>, outcome: Outcome) -> &mut AnswerKind {
        let same = |kind: &AnswerKind, status| kind.outcome == outcome && kind.status == status;
        let known = self.0.iter().position(|kind| same(kind, status));
        // A server that answers with ever new statuses must not fill memory: those beyond the bound are counted
        // together, without a status.
        let status = status.filter(|_| known.is_some() || self.0.len() < MOST_KINDS);
        let known = known.or_else(|| self.0.iter().position(|kind| same(kind, status)));
        let at = known.unwrap_or_else(|| {
            self.0.push(AnswerKind {
                status,
                outcome,
                count: 0,
                first: None,
                last: None,
            });
            self.0.len() - 1
        });
        &mut self.0[at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(at: f64) -> Example {
        Example {
            at,
            ..Example::default()
        }
    }

    #[test]
    fn the_first_and_the_last_example_are_kept() {
        let mut all = Answers::default();
        for second in 0..3_u32 {
            let mut interval = Answers::default();
            interval.count(Some(200), Outcome::Success);
            assert!(interval.count(Some(400), Outcome::ClientError));
            interval.show(Some(400), Outcome::ClientError, example(f64::from(second)));
            assert!(!interval.count(Some(400), Outcome::ClientError));
            all.add(&interval);
        }
        let kind = all.kinds().find(|kind| kind.status == Some(400)).unwrap();
        assert_eq!(kind.count, 6);
        assert_eq!(
            (kind.first.clone(), kind.last.clone()),
            (Some(example(0.0)), Some(example(2.0)))
        );
        assert_eq!(all.kinds().next().unwrap().first, None, "successes have none");
    }

    #[test]
    fn statuses_beyond_the_most_are_counted_together() {
        let mut answers = Answers::default();
        for status in 400..500 {
            answers.count(Some(status), Outcome::ClientError);
        }
        assert_eq!(answers.0.len(), MOST_KINDS + 1);
        assert_eq!(answers.numbers().sum::<u64>(), 100);
        assert_eq!(answers.0[MOST_KINDS].count, 100 - MOST_KINDS as u64);
    }

    #[test]
    fn what_the_limiter_refused_keeps_its_status() {
        let mut answers = Answers::default();
        for _ in 0..5 {
            answers.count(Some(503), Outcome::ServerError);
        }
        answers.show(Some(503), Outcome::ServerError, example(1.0));
        answers.recount(Outcome::ServerError, Outcome::RateLimited, 3);
        let counts: Vec<_> = answers
            .kinds()
            .map(|kind| (kind.status, kind.outcome, kind.count))
            .collect();
        let expected = [
            (Some(503), Outcome::ServerError, 2),
            (Some(503), Outcome::RateLimited, 3),
        ];
        assert_eq!(counts, expected);
        answers.recount(Outcome::ServerError, Outcome::RateLimited, 9);
        assert_eq!(answers.kinds().map(|kind| kind.count).collect::<Vec<_>>(), [5]);
    }

    #[test]
    fn an_excerpt_is_short_one_line_and_without_secrets() {
        let mut example = Example::default();
        example.set_body("é\n\n ".repeat(500).as_bytes());
        assert_eq!(example.body.chars().count(), EXCERPT);
        assert!(example.cut && example.body.starts_with("é é é"));
        example.set_body(br#"{"message": "wrong", "accessToken": "abc.def", "n": 1}"#);
        assert!(!example.cut);
        let mut answers = Answers::default();
        answers.count(Some(400), Outcome::ClientError);
        answers.show(Some(400), Outcome::ClientError, example);
        answers.mask(&Secrets::default());
        let shown = answers.kinds().next().unwrap().first.clone().unwrap().body;
        assert_eq!(shown, r#"{"message": "wrong", "accessToken": "***", "n": 1}"#);
    }

    #[test]
    fn a_proxy_s_own_page_is_told_from_an_application_s_answer() {
        let page = |body: &str| Example {
            body: body.to_owned(),
            ..Example::default()
        };
        let nginx = "<html> <head><title>502 Bad Gateway</title></head> <body> <center><h1>502 Bad Gateway</h1></center> <hr><center>nginx/1.28.0</center>";
        assert!(page(nginx).is_proxy_page() && page("Bad Gateway").is_proxy_page());
        assert!(!page(r#"{"statusCode":500,"message":"Bad Gateway of nginx"}"#).is_proxy_page());
    }
}
