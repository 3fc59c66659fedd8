//! A bounded probe of the rate limits in force, including those of the application: a few sequential requests over a short
//! time.

use std::time::{Duration, Instant};

use super::answers::Caller;
use super::subject::{Answer, SequentialProbe};
use crate::evidence::UnseenReason;
use crate::stack::LimiterAnswer;

/// Greatest number of requests.
const MOST: u32 = 60;
/// Greatest duration.
const LONGEST: Duration = Duration::from_secs(10);
/// Number of refusals after which the probe ends.
const ENOUGH: u32 = 5;

/// Requests that path repeatedly, until one of the bounds is reached.
pub(super) async fn probe(
    caller: &Caller<'_>,
    path: &str,
    limiter: Option<&LimiterAnswer>,
) -> Result<SequentialProbe, UnseenReason> {
    let begun = Instant::now();
    let mut probed = SequentialProbe {
        path: path.to_owned(),
        ..SequentialProbe::default()
    };
    while probed.asked < MOST && probed.limited < ENOUGH && begun.elapsed() < LONGEST {
        // One after the other: requests at the same time would be load, and an examination makes none.
        let answer = caller.get(path, &[]).await?;
        probed.asked += 1;
        if is_limited(&answer, limiter) {
            probed.limited += 1;
            probed.status = answer.status;
        } else if probed.limited == 0 {
            probed.before += 1;
        }
    }
    probed.took = begun.elapsed();
    Ok(probed)
}

/// True for 429, for the answer declared in the stack file, or, without one, for 503 with an HTML page.
fn is_limited(answer: &Answer, limiter: Option<&LimiterAnswer>) -> bool {
    let (status, kind) = limiter.map_or((503, "text/html"), |limiter| {
        (limiter.status, limiter.content_type.as_str())
    });
    answer.status == 429 || (answer.status == status && answer.header("content-type").starts_with(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_from_other_answers() {
        let answer = |status, kind: &str| Answer {
            status,
            headers: [("content-type".to_owned(), kind.to_owned())].into(),
        };
        assert!(is_limited(&answer(429, "application/json"), None));
        assert!(is_limited(&answer(503, "text/html"), None));
        assert!(!is_limited(&answer(503, "application/json"), None));
        assert!(!is_limited(&answer(500, "text/html"), None));
        let declared = LimiterAnswer {
            status: 444,
            content_type: "text/plain".to_owned(),
        };
        assert!(is_limited(&answer(444, "text/plain"), Some(&declared)));
        assert!(!is_limited(&answer(503, "text/html"), Some(&declared)));
    }
}
