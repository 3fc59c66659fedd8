//! Identities between counts. One that does not hold is a bug of the harness, and the run is then INVALID.

use super::{BrokenIdentity, Facts, ValidityCheck};
use crate::evidence::{Evidence, LoadModel, PhasePlan};
use crate::record::{Counters, LoadTotals, SeriesRecord, Timing};

/// Checks the identities of all phases, judged or not.
pub(super) fn hold(evidence: &Evidence) -> ValidityCheck {
    let mut broken = Vec::new();
    for phase in &evidence.plan.phases {
        let totals = evidence.recording.load.iter().find(|totals| totals.phase == phase.name);
        match totals {
            Some(totals) => broken.extend(arrivals(totals, phase)),
            // A phase that a stopped run never reached has no totals.
            None if evidence.interrupted => {}
            None => broken.push(BrokenIdentity::NoTotals {
                phase: phase.name.clone(),
            }),
        }
    }
    for record in &evidence.recording.series {
        broken.extend(requests(record));
    }
    ValidityCheck {
        valid: broken.is_empty(),
        facts: Facts::Identities(broken),
    }
}

fn arrivals(totals: &LoadTotals, plan: &PhasePlan) -> Vec<BrokenIdentity> {
    let (phase, arrivals) = (totals.phase.clone(), plan.arrivals);
    let LoadTotals {
        planned,
        started,
        dropped,
        ..
    } = *totals;
    let ended = totals.completed + totals.failed + totals.interrupted;
    let mut broken = Vec::new();
    // The closed model has no schedule to compare with.
    if plan.model == LoadModel::Open && planned != arrivals {
        broken.push(BrokenIdentity::Planned {
            phase: phase.clone(),
            planned,
            arrivals,
        });
    }
    // The counts come from different places (schedule, pacer, iterations): a request that was lost or counted twice
    // shows here.
    if planned != started + dropped {
        broken.push(BrokenIdentity::Started {
            phase: phase.clone(),
            planned,
            started,
            dropped,
        });
    }
    if started != ended {
        broken.push(BrokenIdentity::Ended { phase, started, ended });
    }
    broken
}

fn requests(record: &SeriesRecord) -> Vec<BrokenIdentity> {
    let series = format!("{}/{}", record.key.phase, record.key.series);
    let mut broken = Vec::new();
    let mut seconds = Counters::new(record.counters.over.len());
    for cell in &record.seconds {
        seconds.add(&cell.counters);
    }
    // All counters and not only the total: two errors may cancel in a sum.
    if seconds != record.counters {
        broken.push(BrokenIdentity::Seconds {
            series: series.clone(),
            sum: seconds.total(),
            total: record.counters.total(),
        });
    }
    // A sample outside the range of the histogram is in the counters only.
    let (held, successes) = (record.timings.of(Timing::Response).len(), record.counters.timed());
    if held > successes || held + record.counters.out_of_range < successes {
        broken.push(BrokenIdentity::Histogram {
            series,
            held,
            successes,
        });
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;
    use crate::record::Outcome;
    use crate::words::en;

    fn sound() -> Evidence {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 50_000, 100);
        run.requests("projects.list", Outcome::TimedOut, 5_000_000, 3);
        run.dropped(2);
        run.evidence()
    }

    fn broken(change: impl FnOnce(&mut Evidence)) -> String {
        let mut evidence = sound();
        change(&mut evidence);
        let check = hold(&evidence);
        assert!(!check.valid, "{check:?}");
        en::validity::check(&check).measured
    }

    #[test]
    fn a_sound_run_keeps_them_all() {
        assert_eq!(en::validity::check(&hold(&sound())).measured, "all hold");
    }

    #[test]
    fn each_identity_is_watched() {
        assert_eq!(
            broken(|evidence| evidence.recording.load[1].started -= 1),
            "steady: 3000 planned ≠ 2997 started + 2 dropped; steady: 2997 started ≠ 2998 ended"
        );
        assert_eq!(
            broken(|evidence| evidence.plan.phases[1].arrivals = 3_001),
            "steady: 3000 planned, the schedule holds 3001"
        );
        assert_eq!(
            broken(|evidence| drop(evidence.recording.load.pop())),
            "steady: no totals"
        );
        assert_eq!(
            broken(|evidence| evidence.recording.series[0].seconds[0].counters.over[0] += 1),
            "steady/projects.list: the seconds add up to 103 requests, not to the 103 counted"
        );
        assert_eq!(
            broken(|evidence| evidence.recording.series[0]
                .timings
                .get_mut(Timing::Response)
                .record(1)
                .unwrap()),
            "steady/projects.list: histogram of 101 for 100 successes"
        );
    }

    #[test]
    fn a_closed_phase_keeps_the_others() {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 50_000, 100);
        run.closed();
        let mut evidence = run.evidence();
        assert_eq!(hold(&evidence).facts, Facts::Identities(Vec::new()));
        evidence.recording.load[1].dropped = 1;
        assert!(!hold(&evidence).valid);
    }

    #[test]
    fn a_phase_a_stopped_run_never_reached_has_no_totals() {
        let mut evidence = sound();
        evidence.recording.load.pop();
        evidence.interrupted = true;
        assert!(hold(&evidence).valid);
    }
}
