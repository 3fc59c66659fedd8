//! Selection of runs.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{HistoryEntry, HistoryError};
use crate::slo::VerdictWord;

/// A filter of the history's runs; the default selects all.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    /// Only runs of this scenario.
    pub scenario: Option<String>,
    /// Only runs with all of these tags.
    pub tags: Vec<(String, String)>,
    /// Only runs that started at or after this time.
    pub since: Option<Timestamp>,
    /// Only runs with this verdict.
    pub verdict: Option<VerdictWord>,
    /// Only the newest runs, at most this number.
    pub last: Option<usize>,
}

impl RunFilter {
    /// The runs that pass the filter, in their given order, oldest first.
    pub fn apply(&self, entries: Vec<HistoryEntry>) -> Vec<HistoryEntry> {
        let mut fitting: Vec<HistoryEntry> = entries.into_iter().filter(|entry| self.fits(entry)).collect();
        // Last, so that it counts the runs that fit and not those that were asked.
        if let Some(last) = self.last {
            fitting.drain(..fitting.len().saturating_sub(last));
        }
        fitting
    }

    fn fits(&self, entry: &HistoryEntry) -> bool {
        self.scenario
            .as_ref()
            .is_none_or(|scenario| entry.scenario == *scenario)
            && self.tags.iter().all(|tag| entry.tags.contains(tag))
            && self.since.is_none_or(|since| entry.started >= since)
            && self.verdict.is_none_or(|verdict| entry.verdict == verdict)
    }
}

/// Parses `90d`, `12h` as spans before `now`, or a date or time such as `2026-03-01` (UTC).
pub fn moment(text: &str, now: Timestamp) -> Result<Timestamp, HistoryError> {
    let refused = || HistoryError::Since(text.to_owned());
    if let Ok(span) = humantime::parse_duration(text) {
        let span = SignedDuration::try_from(span).map_err(|_| refused())?;
        return now.checked_sub(span).map_err(|_| refused());
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    let date: Date = text.parse().map_err(|_| refused())?;
    // UTC: the same command selects the same runs on every machine.
    let midnight = date.to_zoned(TimeZone::UTC).map_err(|_| refused())?;
    Ok(midnight.timestamp())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::entry;
    use super::*;

    #[test]
    fn each_part_of_a_filter_leaves_out_what_does_not_fit() {
        let runs = || {
            let mut runs: Vec<HistoryEntry> = (1..=4)
                .map(|day| entry(&format!("run-{day}"), &format!("2026-03-0{day}T08:00:00Z")))
                .collect();
            runs[1].scenario = "soak".to_owned();
            runs[2].verdict = VerdictWord::Fail;
            let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
            runs[2].tags = vec![tag("branch", "main"), tag("commit", "4f1c")];
            runs[3].tags = vec![tag("branch", "main")];
            runs
        };
        let kept = |filter: &RunFilter| -> Vec<String> {
            filter
                .apply(runs())
                .iter()
                .map(|entry| entry.name().to_owned())
                .collect()
        };
        let tags = |tags: &[(&str, &str)]| RunFilter {
            tags: tags
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
            ..RunFilter::default()
        };
        let last = |last| RunFilter {
            last: Some(last),
            ..RunFilter::default()
        };
        let since = |moment: &str| RunFilter {
            since: Some(moment.parse().unwrap()),
            ..RunFilter::default()
        };
        for (filter, expected) in [
            (RunFilter::default(), &["run-1", "run-2", "run-3", "run-4"][..]),
            (
                RunFilter {
                    scenario: Some("soak".to_owned()),
                    ..RunFilter::default()
                },
                &["run-2"],
            ),
            (
                RunFilter {
                    verdict: Some(VerdictWord::Fail),
                    ..RunFilter::default()
                },
                &["run-3"],
            ),
            (tags(&[("branch", "main")]), &["run-3", "run-4"]),
            (tags(&[("branch", "main"), ("commit", "4f1c")]), &["run-3"]),
            (tags(&[("branch", "mai")]), &[]),
            (tags(&[("commit", "main")]), &[]),
            (since("2026-03-03T08:00:00Z"), &["run-3", "run-4"]),
            (since("2026-03-03T08:00:00.000001Z"), &["run-4"]),
            (last(2), &["run-3", "run-4"]),
            (last(9), &["run-1", "run-2", "run-3", "run-4"]),
            (last(0), &[]),
            // The newest of those that fit, not those of the newest that fit.
            (
                RunFilter {
                    scenario: Some("gate".to_owned()),
                    ..last(3)
                },
                &["run-1", "run-3", "run-4"],
            ),
        ] {
            assert_eq!(kept(&filter), expected, "{filter:?}");
        }
    }

    #[test]
    fn a_moment_is_a_span_or_a_date() {
        let now: Timestamp = "2026-03-31T12:00:00Z".parse().unwrap();
        for (text, expected) in [
            ("90d", "2025-12-31T12:00:00Z"),
            ("12h", "2026-03-31T00:00:00Z"),
            ("2026-03-01", "2026-03-01T00:00:00Z"),
            ("2026-03-01T08:30:00Z", "2026-03-01T08:30:00Z"),
        ] {
            assert_eq!(moment(text, now).unwrap(), expected.parse().unwrap(), "{text}");
        }
        assert!(moment("yesterday", now).is_err());
    }
}
