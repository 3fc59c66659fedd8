//! Sentences on replayed records.

use super::text::count;
use crate::evidence::{FoundSpacing, LeftOutReason};

/// Reason for which lines of a log are left out, each line in the singular.
pub fn left_out(reason: &LeftOutReason) -> String {
    match reason {
        LeftOutReason::Unfit => "a line that does not fit the format".to_owned(),
        LeftOutReason::NoRequest => "a request line that is none".to_owned(),
        LeftOutReason::Rule(reason) => format!("{reason} (by a rule)"),
        LeftOutReason::Monitor => "a health check or monitor".to_owned(),
        LeftOutReason::Bot => "a bot".to_owned(),
        LeftOutReason::StaticFile => "a static file, which the browser probe loads".to_owned(),
        LeftOutReason::Preflight => "a preflight of CORS, which a browser makes by itself".to_owned(),
        LeftOutReason::WebSocket => "a conversation over a WebSocket".to_owned(),
        LeftOutReason::NotSampled => "a session that is not in the sample".to_owned(),
        LeftOutReason::TooMany(most) => format!(
            "a request after the first {}: `--sample` takes whole sessions of all",
            count(*most)
        ),
        LeftOutReason::Write(method) => format!("a write ({method}), whose body no log has: a rule maps it"),
        LeftOutReason::Address => "an e-mail address in the path: a rule maps it".to_owned(),
        LeftOutReason::TooManyKinds(most) => format!(
            "one of more than {} kinds of requests: rules map them to fewer",
            count(*most)
        ),
        LeftOutReason::NoValue(name) => {
            format!("a request that needs `{name}`, which no earlier request of its session gives")
        }
    }
}

/// Spacing of arrivals, as tested.
pub fn spacing(found: FoundSpacing) -> &'static str {
    match found {
        FoundSpacing::Even => "more even than independent users are",
        FoundSpacing::Independent => "as of independent users",
        FoundSpacing::Uneven => "more uneven than independent users are",
    }
}
