//! Samples of the probes in the judged window.

use super::super::{Distribution, Sample};
use super::effective::effective_samples;
use super::source::Source;
use crate::evidence::Evidence;
use crate::units::saturating_u64;

/// A quantile of the page loads; a failed load has no time.
pub(super) fn pages(evidence: &Evidence, quantile: f64) -> Option<Source> {
    let window = evidence.plan.page_window();
    let browser = evidence.observations.browser.as_ref()?;
    let loads = || browser.judged(window);
    let time = |load: &crate::evidence::browser::PageLoad| load.load_ms.filter(|_| load.failure.is_none());
    let mut times: Vec<(u64, f64)> = loads().filter_map(time).map(|millis| (micros(millis), 1.0)).collect();
    times.sort_by_key(|(micros, _)| *micros);
    let failed = loads().filter(|load| time(load).is_none()).count() as f64;
    let distribution = Distribution { times, failed };
    // A comparison has no limit: bursts are read from what lies over the quantile itself.
    let threshold = distribution.quantile(quantile);
    let over = loads().map(|load| {
        let longer = time(load).is_none_or(|millis| millis > threshold);
        (load.at, u64::from(longer), 1)
    });
    ready(distribution, quantile, effective_samples(window, over))
}

/// A quantile of the sampled statement executions. Their times of day are not kept, so their dependence is unknown: the
/// effective size is that of their weights, (Σw)² / Σw² (Kish, "Survey Sampling", 1965).
pub(super) fn statements(evidence: &Evidence, quantile: f64) -> Option<Source> {
    let observed = evidence.observations.postgres.as_ref()?;
    let mut times = observed.sampled.clone();
    times.sort_by_key(|(micros, _)| *micros);
    let sum: f64 = times.iter().map(|(_, weight)| weight).sum();
    let squares: f64 = times.iter().map(|(_, weight)| weight * weight).sum();
    // The effective size of a weighted sample (Kish, "Survey Sampling", 1965).
    let effective = if squares > 0.0 { sum * sum / squares } else { 0.0 };
    ready(Distribution { times, failed: 0.0 }, quantile, effective)
}

/// The share of slices in which the front door answered.
pub(super) fn slices(evidence: &Evidence) -> Option<Source> {
    let window = evidence.plan.judged_window();
    let door = evidence.observations.front_door.as_ref()?;
    let slices = || {
        let slices = door.slices.iter();
        slices.filter(|slice| window.contains_secs(f64::from(slice.second)))
    };
    let up = |up: bool| slices().filter(|slice| slice.up == up).count() as u64;
    let down = slices().map(|slice| (f64::from(slice.second), u64::from(!slice.up), 1));
    let sample = Sample::Share {
        hits: up(true),
        total: up(true) + up(false),
        effective: effective_samples(window, down),
    };
    Some(Source::Ready(sample, None))
}

fn ready(distribution: Distribution, quantile: f64, effective: f64) -> Option<Source> {
    let sample = Sample::Quantile {
        distribution: 0,
        quantile,
        effective,
    };
    (distribution.total() > 0.0).then_some(Source::Ready(sample, Some(distribution)))
}

fn micros(millis: f64) -> u64 {
    saturating_u64((millis * 1e3).round())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn pages_of_a_phase_of_their_own_are_compared() {
        let folder = tempfile::tempdir().unwrap();
        let mut evidence = sample::record(folder.path()).evidence;
        let loads = |evidence: &Evidence| match pages(evidence, 0.75) {
            Some(Source::Ready(Sample::Quantile { effective, .. }, Some(distribution))) => {
                (distribution.total(), effective)
            }
            _ => (0.0, 0.0),
        };
        let (beside, _) = loads(&evidence);
        let warm_up = &mut evidence.plan.phases[0];
        warm_up.pages = true;
        let within = evidence.observations.browser.as_ref().unwrap().judged(warm_up.window);
        let within = within.count() as f64;
        let (total, effective) = loads(&evidence);
        assert!(within > 0.0 && within < beside, "{within} of {beside}");
        assert!((total - within).abs() < 1e-9, "{total}");
        assert!(effective > 0.0 && effective <= within, "{effective}");
    }
}
