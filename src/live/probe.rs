//! A bounded probe of the rate limits in force, those of the application included: sequential requests, few and not for
//! long.

use std::time::{Duration, Instant};

use super::answers::Caller;
use super::subject::{Answer, Probed};
use crate::stack::LimiterAnswer;

/// No more requests than this.
const MOST: u32 = 60;
/// Nor for longer than this.
const LONGEST: Duration = Duration::from_secs(10);
/// Once this many are refused there is nothing more to learn.
const ENOUGH: u32 = 5;

/// Asks for that path again and again.
pub(super) async fn probe(caller: &Caller<'_>, path: &str, limiter: Option<&LimiterAnswer>) -> Result<Probed, String> {
    let begun = Instant::now();
    let mut probed = Probed {
        path: path.to_owned(),
        ..Probed::default()
    };
    while probed.asked < MOST && probed.limited < ENOUGH && begun.elapsed() < LONGEST {
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

/// 429, what the stack file declares, or a 503 that is a page of the proxy's own.
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
