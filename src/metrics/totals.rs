//! Counts since the start of the run.

use std::collections::BTreeMap;

use super::MetricsPlan;
use crate::record::{Counters, Figure, Progress, SecondCounts};

/// Counts since the start of the run, by phase and series.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Totals {
    pub(super) plan: MetricsPlan,
    /// The last whole second that was merged; `None` before the first.
    pub(super) second: Option<u32>,
    /// One for each phase and series from the beginning, zero included.
    pub(super) counters: BTreeMap<(String, String), Counters>,
    /// Value of each objective so far that is followed during the run, in seconds or as a share.
    pub(super) objectives: Vec<(String, f64)>,
}

impl Totals {
    pub(super) fn new(plan: MetricsPlan) -> Self {
        let zero = Counters::new(plan.limits.len());
        let mut counters = BTreeMap::new();
        for (phase, _) in &plan.phases {
            for series in &plan.series {
                // At zero from the start: a rate over a counter that appears with its first count would miss that
                // count.
                counters.insert((phase.clone(), series.clone()), zero.clone());
            }
        }
        Self {
            plan,
            second: None,
            counters,
            objectives: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, counts: SecondCounts) {
        self.second = self.second.max(Some(counts.second));
        for (key, _, more) in counts.series {
            self.counters.entry((key.phase, key.series)).or_default().add(&more);
        }
    }

    pub(super) fn show(&mut self, progress: &Progress) {
        let figures = progress.figures.iter().filter_map(|(name, figure)| {
            let value = match figure {
                Figure::Millis(millis) => (*millis)? / 1e3,
                Figure::Share(share) => *share,
            };
            Some((name.clone(), value))
        });
        self.objectives = figures.collect();
    }
}
