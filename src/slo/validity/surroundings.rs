//! Did what stands beside the requests hold: the probes that objectives need, and the containers?

use super::super::Objective;
use super::{ValidityCheck, rule};
use crate::evidence::{Evidence, ProbeKind};

/// One rule for each probe that a gating objective needs: it was not broken.
pub(super) fn probes(evidence: &Evidence, objectives: &[Objective]) -> Vec<ValidityCheck> {
    let mut needed: Vec<ProbeKind> = Vec::new();
    for objective in objectives.iter().filter(|objective| objective.gate) {
        let probe = objective.profile().and_then(|profile| profile.probe);
        needed.extend(probe.filter(|probe| !needed.contains(probe)));
    }
    let check = |probe: ProbeKind| {
        let failure = evidence.probe_failure(probe);
        rule(
            &format!("{probe} probe"),
            failure.is_none(),
            failure.map_or_else(|| "no failure".to_owned(), |failure| failure.reason.clone()),
            "delivers, because a gating objective needs it",
            "repair what the probe lacks, or mark its objectives advisory with `gate = false`",
        )
    };
    needed.into_iter().map(check).collect()
}

/// No container restarted, exited or was killed for want of memory during the run.
pub(super) fn containers(evidence: &Evidence) -> ValidityCheck {
    let mut incidents = Vec::new();
    let observation = evidence.observations.containers.as_ref();
    for container in observation.iter().flat_map(|all| &all.containers) {
        let service = &container.service;
        incidents.extend(container.incidents.iter().map(|what| format!("{service} {what}")));
        if container.oom_killed {
            incidents.push(format!("{service} was killed for want of memory"));
        }
    }
    let measured = match observation {
        None => "not observed".to_owned(),
        Some(all) if incidents.is_empty() => format!("{} up throughout", all.containers.len()),
        Some(_) => incidents.join("; "),
    };
    rule(
        "containers",
        incidents.is_empty(),
        measured,
        "no restart, exit or out-of-memory kill",
        "read the service's log of that moment and give it what it lacked",
    )
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;

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
        assert_eq!(broken[0].measured, "chromedriver exited");
        loads.gate = false;
        assert!(checked(&[loads, fixture::response_time()]).is_empty());
        let uptime = fixture::objective("uptime", "99.9 %", "99.5 %");
        assert!(checked(&[uptime])[0].valid);
    }

    #[test]
    fn a_container_that_fell_is_named() {
        let mut run = fixture::Run::new();
        run.container("api", &["exited with code 137 at 31.2 s"], true);
        run.container("postgres", &[], false);
        let check = containers(&run.evidence());
        assert!(!check.valid);
        assert_eq!(
            check.measured,
            "api exited with code 137 at 31.2 s; api was killed for want of memory"
        );
    }
}
