//! Sessions of a log, drawn at random, that start by a process fitted to it.

use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::recorded::ReplaySessions;
use crate::evidence::ArrivalFit;
use crate::schedule::{Arrivals, Profile, Segment, Spacing};
use crate::stats::spread;

/// Seconds of a minute of the log.
const MINUTE: f64 = 60.0;

/// The rate of each minute of the log, at the speed of the replay. The rest after the last whole minute has the rate of its own
/// starts.
pub(super) fn profile(fit: &ArrivalFit, speed: f64) -> Profile {
    let segment = |starts: u64, seconds: f64| {
        let length = Duration::from_secs_f64(seconds / speed);
        let rate = starts as f64 / length.as_secs_f64();
        Segment {
            length,
            from: rate,
            to: rate,
        }
    };
    let mut segments: Vec<Segment> = fit.counts.iter().map(|starts| segment(*starts, MINUTE)).collect();
    let counted: u64 = fit.counts.iter().sum();
    let rest = fit.minutes * MINUTE - segments.len() as f64 * MINUTE;
    let left = fit.sessions.saturating_sub(counted);
    if rest >= 1.0 {
        segments.push(segment(left, rest));
    } else if let Some(last) = segments.last_mut() {
        // The last start alone is beyond the last whole minute.
        let more = left as f64 / last.length.as_secs_f64();
        last.from += more;
        last.to += more;
    }
    Profile::new(segments)
}

/// Sessions that start by a Poisson process of that profile, each drawn from those of the log with equal chances.
pub(super) fn drawn(sessions: &ReplaySessions, profile: Profile, seed: u64) -> ReplaySessions {
    // Another stream than that of the starts, or the drawn sessions would depend on their times.
    let mut random = SmallRng::seed_from_u64(spread(seed));
    let starts = Arrivals::new(profile, Spacing::Poisson, seed);
    let list = starts.filter_map(|start| {
        // With replacement: sessions are a sample of those that users make, as in a bootstrap.
        let number = random.random_range(0..sessions.list.len().max(1));
        let mut session = *sessions.list.get(number)?;
        session.start = start;
        Some(session)
    });
    ReplaySessions {
        list: list.collect(),
        requests: sessions.requests.clone(),
    }
}
