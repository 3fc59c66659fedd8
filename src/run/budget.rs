//! Ends a run once a planned event has used up its error budget.

use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::sync::CancellationToken;

use crate::evidence::{Accept, BurntBudget, EarlyEnd, SeriesPlan};
use crate::record::SecondCounts;
use crate::scenario::Plan;
use crate::slo::Objective;

/// Counts the failures since the first event that may end the run.
pub(super) struct BudgetGuard {
    /// Name of each such event, and the second in which it begins.
    events: Vec<(String, u32)>,
    objective: Objective,
    series: Vec<SeriesPlan>,
    allowed: u64,
    accept: Accept,
    enough: CancellationToken,
}

impl BudgetGuard {
    /// The guard of that plan; `None` if no event may end it.
    pub(super) fn new(plan: &Plan, accept: Accept, enough: CancellationToken) -> Option<Self> {
        let events = plan.events.iter().filter(|event| event.settings.abort_when_burnt);
        let mut events: Vec<(String, u32)> = events
            .map(|event| {
                let second = u32::try_from(event.at.as_secs()).unwrap_or(u32::MAX);
                (event.settings.name.clone(), second)
            })
            .collect();
        events.sort_by_key(|(_, second)| *second);
        let (objective, allowed) = plan.summary.error_budget().filter(|_| !events.is_empty())?;
        Some(Self {
            events,
            objective: objective.clone(),
            series: plan.summary.load.series.clone(),
            allowed,
            accept,
            enough,
        })
    }

    /// Watches the seconds of the run, and ends its load when the budget is used up.
    pub(super) async fn run(self, mut seconds: UnboundedReceiver<SecondCounts>) -> Option<EarlyEnd> {
        let (mut failed, mut ended) = (0, None);
        while let Some(counts) = seconds.recv().await {
            // Received and dropped: the collector goes on sending until the load has ended.
            if ended.is_some() || self.enough.is_cancelled() {
                continue;
            }
            let mut begun = self.events.iter().rev();
            let Some((event, _)) = begun.find(|(_, second)| *second <= counts.second) else {
                continue;
            };
            failed += self.failures(&counts);
            if failed > self.allowed {
                self.enough.cancel();
                let budget = BurntBudget {
                    event: event.clone(),
                    objective: self.objective.name.clone(),
                    failed,
                    allowed: self.allowed,
                };
                ended = Some(EarlyEnd::burnt(f64::from(counts.second) + 1.0, self.accept, budget));
            }
        }
        ended
    }

    /// Failed requests of the objective's series, in phases that are judged and in others.
    fn failures(&self, counts: &SecondCounts) -> u64 {
        let selected = counts.series.iter().filter(|(key, _, _)| {
            let mut plans = self.series.iter();
            plans.any(|plan| plan.name == key.series && self.objective.selects(plan))
        });
        selected.map(|(_, _, counters)| counters.errors()).sum()
    }
}
