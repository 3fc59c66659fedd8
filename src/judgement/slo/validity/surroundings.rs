//! Validity rules on the probes that objectives need, and on the containers.

use super::super::Objective;
use super::{ContainerIncident, Facts, ValidityCheck};
use crate::evidence::{Evidence, Incident, ProbeKind};

/// One rule for each probe that a gating objective needs: it did not fail.
pub(super) fn probes(evidence: &Evidence, objectives: &[Objective]) -> Vec<ValidityCheck> {
    let mut needed: Vec<ProbeKind> = Vec::new();
    for objective in objectives.iter().filter(|objective| objective.gate) {
        // Probes that only advisory objectives need may fail: their verdicts say so.
        let probe = objective.profile().and_then(|profile| profile.probe);
        needed.extend(probe.filter(|probe| !needed.contains(probe)));
    }
    let check = |probe: ProbeKind| {
        let failure = evidence.probe_failure(probe);
        ValidityCheck {
            valid: failure.is_none(),
            facts: Facts::Probe {
                probe,
                failure: failure.map(|failure| failure.reason.clone()),
            },
        }
    };
    needed.into_iter().map(check).collect()
}

/// Rule: no container was stopped, killed or removed from outside during the run. One that crashed or exceeded its own memory
/// limit under the load is a miss of the system, and kept apart.
pub(super) fn containers(evidence: &Evidence) -> ValidityCheck {
    let (mut incidents, mut own) = (Vec::new(), Vec::new());
    let observation = evidence.observations.containers.as_ref();
    for container in observation.iter().flat_map(|all| &all.containers) {
        let killed = container.oom_killed.then_some(Incident::Killed);
        let all = container.incidents.iter().cloned().chain(killed);
        // A crash under load is a finding about the system; a kill from outside spoils the measurement.
        let list = if container.fell_by_itself() {
            &mut own
        } else {
            &mut incidents
        };
        list.extend(all.map(|what| ContainerIncident {
            service: container.service.clone(),
            what,
        }));
    }
    ValidityCheck {
        valid: incidents.is_empty(),
        facts: Facts::Containers {
            observed: observation.map(|all| all.containers.len()),
            incidents,
            own,
        },
    }
}

/// Rule: every planned event that began was carried out. `None` for a run without events.
pub(super) fn stack_events(evidence: &Evidence) -> Option<ValidityCheck> {
    let events = &evidence.observations.stack_events;
    let failed: Vec<(String, String)> = events
        .iter()
        .filter_map(|event| Some((event.name.clone(), event.failure.clone()?)))
        .collect();
    let begun = events.iter().filter(|event| event.begun.is_some()).count();
    (!events.is_empty()).then(|| ValidityCheck {
        valid: failed.is_empty(),
        facts: Facts::StackEvents {
            done: begun.saturating_sub(failed.len()),
            failed,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;
    use crate::evidence::{Correction, StackAction, StackEvent};
    use crate::words::en;

    #[test]
    fn a_broken_probe_matters_where_a_gating_objective_needs_it() {
        let mut run = fixture::Run::new();
        run.probe_failure(ProbeKind::Browser, "chromedriver exited");
        let mut loads = fixture::objective("page-load", "2s", "5s");
        loads.quantile = "p75".parse().ok();
        let checked = |objectives: &[Objective]| probes(&run.evidence(), objectives);
        let broken = checked(&[loads.clone(), loads.clone()]);
        assert_eq!(broken.len(), 1);
        assert!(!broken[0].valid);
        assert_eq!(en::validity::check(&broken[0]).measured, "chromedriver exited");
        loads.gate = false;
        assert!(checked(&[loads, fixture::response_time()]).is_empty());
        let uptime = fixture::objective("uptime", "99.9 %", "99.5 %");
        assert!(checked(&[uptime])[0].valid);
    }

    fn event(failure: Option<&str>) -> StackEvent {
        StackEvent {
            name: "restart".to_owned(),
            service: "api".to_owned(),
            action: StackAction::Restart,
            planned: 30.0,
            begun: Some(30.0),
            ended: Some(33.0),
            failure: failure.map(str::to_owned),
            moved: None,
        }
    }

    #[test]
    fn incidents_of_a_planned_event_are_no_fall() {
        let mut run = fixture::Run::new();
        let exited = |at| Incident::Exited {
            code: Some(143),
            at: Some(at),
        };
        run.container("api", &[exited(31.2)], false);
        let mut evidence = run.evidence();
        assert!(!containers(&evidence).valid);
        evidence.observations.stack_events = vec![event(None)];
        let corrected = evidence.clone().corrected();
        assert!(containers(&corrected).valid && stack_events(&corrected).unwrap().valid);
        assert_eq!(corrected.corrections, [Correction::PlannedIncidents { incidents: 1 }]);
        // One that no event caused still counts.
        let all = evidence.observations.containers.as_mut().unwrap();
        all.containers[0].incidents.push(exited(50.0));
        assert!(!containers(&evidence.corrected()).valid);
    }

    #[test]
    fn an_event_whose_action_failed_leaves_no_verdict() {
        let mut evidence = fixture::Run::new().evidence();
        assert_eq!(stack_events(&evidence), None);
        evidence.observations.stack_events = vec![event(None), event(Some("exit code 1: no space left"))];
        let check = stack_events(&evidence).unwrap();
        assert!(!check.valid);
        assert_eq!(
            en::validity::breach(&check.facts),
            "events 1 carried out; `restart` failed: exit code 1: no space left (each that begins is carried out)"
        );
    }

    #[test]
    fn a_container_that_fell_is_named() {
        let mut run = fixture::Run::new();
        let exited = Incident::Exited {
            code: Some(137),
            at: Some(31.2),
        };
        run.container("api", &[exited], true);
        run.container("postgres", &[], false);
        let check = containers(&run.evidence());
        assert!(!check.valid);
        assert_eq!(
            en::validity::check(&check).measured,
            "api exited with code 137 at 31.2 s; api was killed for want of memory"
        );
    }
}
