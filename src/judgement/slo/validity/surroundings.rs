//! Validity rules on the probes that objectives need, and on the containers.

use super::super::Objective;
use super::{ContainerIncident, Facts, ValidityCheck};
use crate::evidence::{Evidence, Incident, ProbeKind};

/// One rule for each probe that a gating objective needs: it did not fail.
pub(super) fn probes(evidence: &Evidence, objectives: &[Objective]) -> Vec<ValidityCheck> {
    let mut needed: Vec<ProbeKind> = Vec::new();
    for objective in objectives.iter().filter(|objective| objective.gate) {
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

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;
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
