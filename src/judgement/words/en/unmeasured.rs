//! Sentences on missing measurements.

use super::hidden_data;
use super::text::{count, duration, limit_value};
use crate::slo::Unmeasured;

/// Cause of a missing measurement: `no judged request belongs to it`.
pub fn unmeasured(why: &Unmeasured) -> String {
    let text = match why {
        Unmeasured::Invalid(error) => error,
        Unmeasured::ProbeFailed { probe, reason } => return format!("the {probe} probe did not deliver: {reason}"),
        Unmeasured::ProbeMissing(probe) => return format!("the {probe} probe was not part of this run"),
        Unmeasured::Unseen(hidden) => {
            let text = hidden_data(hidden);
            return format!("{} could not be seen: {}", text.what, text.why);
        }
        Unmeasured::NoRequest => "no judged request belongs to it",
        Unmeasured::NoTransaction => "no judged transaction belongs to it",
        Unmeasured::NoLogIn(Some(status)) => {
            return format!("all log-ins were refused ({status}), so no other request was sent");
        }
        Unmeasured::NoLogIn(None) => "all log-ins failed, so no other request was sent",
        Unmeasured::AllInterrupted => "every judged request was interrupted",
        Unmeasured::AllRefused => "every judged request was rate-limited or interrupted",
        Unmeasured::NoPageLoad => "no page load began where they are judged",
        Unmeasured::NoPageTime(name) => return format!("no judged page load told its {name}"),
        Unmeasured::NoPageShare => "no judged page load told it",
        Unmeasured::NoStatement => "PostgreSQL executed no statement in the judged window",
        Unmeasured::NoEvent(event) => return format!("the event `{event}` did not begin"),
        Unmeasured::NotCompared(cause) => return format!("the writes were not compared with the database: {cause}"),
        Unmeasured::NoWrite => "no write to compare was acknowledged",
        Unmeasured::NoSlice => "no slice of the judged window was observed",
        Unmeasured::EmptyWindow => "the judged window holds none of it",
        Unmeasured::RequestsNotCounted(limit) => {
            return format!("requests over {} were not counted in this run", limit_value(*limit));
        }
        Unmeasured::ThresholdNotCounted(time) => {
            return format!("requests over {} were not counted in this run", duration(*time));
        }
        Unmeasured::ExecutionsNotCounted(limit) => {
            return format!("executions over {} were not counted in this run", limit_value(*limit));
        }
        Unmeasured::MoreLoggedThanCounted { counted, logged, limit } => {
            return format!(
                "PostgreSQL counted {} executions but logged {} over {}",
                count(*counted),
                count(*logged),
                limit_value(*limit)
            );
        }
        Unmeasured::ResponseTimesNotSummed => "this run did not add its response times up",
        Unmeasured::ExecutionsNotSummed => "the times of the executions were not added up in this run",
        Unmeasured::HistogramBounds => "its histograms do not have the bounds all histograms share",
        Unmeasured::NoQuantile => "the objective names no quantile",
        Unmeasured::Verbatim(sentence) => sentence,
        Unmeasured::NoThreshold => "it names no threshold",
    };
    text.to_owned()
}
