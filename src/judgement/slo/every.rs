//! Objectives that must hold in every window of the run and not only over all of it: `in-every = "10s"`.

use super::indicator::means;
use super::{Indicator, Limit, MissedWindows, Objective, Unit, windows};
use crate::evidence::{Decision, Evidence};
use crate::stats::{ALPHA, EffectiveSampleSize, Mean, Proportion, holm};
use crate::units::Span;

/// One window: its start second, and the counts of its seconds.
struct TimeWindow<T> {
    start: u64,
    seconds: Vec<T>,
}

impl TimeWindow<(u64, u64)> {
    fn seen(&self) -> Proportion {
        let sum = |part: fn(&(u64, u64)) -> u64| self.seconds.iter().map(part).sum();
        Proportion::new(sum(|(bad, _)| *bad), sum(|(_, all)| *all))
    }

    fn missed_p(&self, allowed: f64) -> f64 {
        let seen = self.seen();
        let worth = EffectiveSampleSize::estimate(&self.seconds).map_or(seen, |effective| effective.for_lower(seen));
        worth.missed_p(allowed)
    }
}

/// Decision on an objective that must hold in every window, from the decision over the whole judged window; with
/// the windows over the limit, if there are any.
///
/// Missed if the whole is missed or a window is (Holm over the windows). Met if the whole is met and no window's own share is
/// over the allowed one: a window alone is too short to show it met. Otherwise undecided.
pub(super) fn decide(
    indicator: &dyn Indicator,
    evidence: &Evidence,
    objective: &Objective,
    limit: Limit,
    whole: Decision,
) -> (Decision, Option<MissedWindows>) {
    // A limit relative to a baseline has no fixed value to hold a window against.
    // No `in-every`, or nothing to compare with:
    let Some(length) = objective.in_every.filter(|_| limit.fixed().is_some()) else {
        return (whole, None);
    };
    let (start, seconds) = (
        indicator.window(&evidence.plan).start.as_secs(),
        length.get().as_secs().max(1),
    );
    if !indicator.profile().decides_by_share(objective) {
        let sums = windows::sums_by_second(&indicator.sums(evidence, objective));
        return by_means(indicator, length, limit, &cut(start, seconds, sums), whole);
    }
    let counts = windows::by_second(&indicator.seconds(evidence, objective, limit));
    let parts = cut(start, seconds, counts);
    let allowed = indicator.profile().allowed(objective, limit);
    let over = |part: &&TimeWindow<(u64, u64)>| part.seen().share().is_some_and(|share| share > allowed);
    let worst = parts.iter().filter(over).max_by(|one, other| {
        one.seen()
            .share()
            .partial_cmp(&other.seen().share())
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    // Each window is a chance to be missed by accident: with 30 windows at 5 % most runs would be.
    let certain = holm(
        &parts.iter().map(|part| part.missed_p(allowed)).collect::<Vec<_>>(),
        ALPHA,
    );
    let decision = combined_decision(whole, certain.contains(&true), worst.is_none());
    let over = worst.map(|worst| MissedWindows {
        length,
        limit,
        floor: indicator.profile().floor,
        over: parts.iter().filter(over).count(),
        all: parts.len(),
        worst_start: worst.start,
        worst: worst.seen().share().unwrap_or(0.0),
        unit: Unit::Share,
    });
    (decision, over)
}

/// The same for an objective decided on a mean: each window has its own mean, with its bounds from the seconds of the window.
fn by_means(
    indicator: &dyn Indicator,
    length: Span,
    limit: Limit,
    parts: &[TimeWindow<(f64, f64)>],
    whole: Decision,
) -> (Decision, Option<MissedWindows>) {
    let (floor, wanted) = (indicator.profile().floor, limit.value().unwrap_or(0.0));
    let means: Vec<(u64, Mean)> = parts
        .iter()
        .filter_map(|part| Some((part.start, Mean::estimate(&part.seconds, floor)?)))
        .collect();
    let missed = means.iter().map(|(_, mean)| means::ruling(mean, limit, floor).missed_p);
    let certain = holm(&missed.collect::<Vec<_>>(), ALPHA);
    let bad = |(_, mean): &&(u64, Mean)| {
        if floor {
            mean.point < wanted
        } else {
            // A mean is met strictly below its limit, a rate at or above it: the same as over the whole window.
            mean.point >= wanted
        }
    };
    let worst = means.iter().filter(bad).max_by(|(_, one), (_, other)| {
        let order = one.point.total_cmp(&other.point);
        if floor { order.reverse() } else { order }
    });
    let over = worst.map(|(start, mean)| MissedWindows {
        length,
        limit,
        floor,
        over: means.iter().filter(bad).count(),
        all: means.len(),
        worst_start: *start,
        worst: mean.point,
        unit: indicator.profile().unit,
    });
    (combined_decision(whole, certain.contains(&true), worst.is_none()), over)
}

/// Combines the decision over the whole with those over the windows: `certain` if some window is missed (after Holm), `kept`
/// if the point estimate of every window keeps the limit.
fn combined_decision(whole: Decision, certain: bool, kept: bool) -> Decision {
    if whole == Decision::Missed || certain {
        Decision::Missed
    // Point estimates suffice here: the whole window has shown the limit met, and a single one never could.
    } else if whole == Decision::Met && kept {
        Decision::Met
    } else {
        Decision::Undecided
    }
}

/// Cuts windows from `start` on. A last one with counts in less than half its seconds is joined to the one before.
fn cut<T>(start: u64, length: u64, seconds: Vec<(u32, T)>) -> Vec<TimeWindow<T>> {
    let mut parts: Vec<TimeWindow<T>> = Vec::new();
    for (second, counts) in seconds {
        let index = u64::from(second).saturating_sub(start) / length;
        let begin = start + index * length;
        match parts.last_mut() {
            Some(last) if last.start == begin => last.seconds.push(counts),
            _ => parts.push(TimeWindow {
                start: begin,
                seconds: vec![counts],
            }),
        }
    }
    // A short rest has too few samples to be judged like the others, and too many to be dropped.
    let short = parts
        .last()
        .is_some_and(|last| 2 * (last.seconds.len() as u64) < length);
    if parts.len() > 1 && short {
        let rest = parts.pop();
        if let (Some(last), Some(rest)) = (parts.last_mut(), rest) {
            last.seconds.extend(rest.seconds);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::super::{Judgement, Reason, VerdictWord, fixture, judge};
    use crate::evidence::Accept;
    use crate::record::Outcome;

    /// 50 requests a second; in the ten seconds from 40 s on, `slow` of each second take 200 ms.
    fn judged(slow: u64, every: Option<&str>) -> Judgement {
        let mut run = fixture::Run::new();
        for second in 10..70 {
            let slow = if (40..50).contains(&second) { slow } else { 0 };
            run.requests_at(second, "projects.list", Outcome::Success, 50_000, 50 - slow);
            run.requests_at(second, "projects.list", Outcome::Success, 200_000, slow);
        }
        let mut objective = fixture::response_time();
        objective.in_every = every.map(|text| text.parse().unwrap());
        judge(&run.evidence(), &[objective], Accept::Target)
    }

    #[test]
    fn ten_bad_seconds_are_missed_in_every_window_though_not_over_the_whole() {
        let word = |judgement: &Judgement| judgement.verdicts[0].word;
        // 60 of 3,000 are 2 %, but 12 % of their ten seconds.
        assert_ne!(word(&judged(6, None)), VerdictWord::Warn);
        let found = judged(6, Some("10s"));
        assert_eq!(word(&found), VerdictWord::Warn, "{:?}", found.verdicts[0].reason);
        let Reason::Facts(circumstances) = &found.verdicts[0].reason else {
            panic!("{:?}", found.verdicts[0].reason);
        };
        let over = &circumstances.windows[0];
        assert_eq!((over.over, over.all, over.worst_start), (1, 6, 40));
        assert!((over.worst - 0.12).abs() < 1e-12 && !over.floor, "{over:?}");
        assert_eq!(word(&judged(0, Some("10s"))), VerdictWord::Pass);
    }

    #[test]
    fn a_window_that_is_only_just_over_decides_nothing() {
        let found = judged(3, Some("10s"));
        assert_eq!(
            found.verdicts[0].word,
            VerdictWord::Inconclusive,
            "{:?}",
            found.verdicts[0].reason
        );
    }
}
