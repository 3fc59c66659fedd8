//! Causes outside the system under test.

use super::rule::{Rule, SLOWNESS, suspect};
use crate::cause::facts::Facts;
use crate::cause::suspect::{Suspect, SuspectFinding};
use crate::cause::tier::Tier;
use crate::slo::Topic;

/// Least share of the host's cores in use at which the host counts as saturated.
const BUSY: f64 = 0.95;
/// Least share of steal time that counts.
// Stolen time is not visible to anything inside the machine, so a small share explains what nothing else does.
const STOLEN: f64 = 0.05;

pub(super) const GENERATOR: Rule = Rule {
    name: "generator-limited",
    describe: "a validity rule about the generator (send lag, its processor time) does not hold; weight 1, or 0.5 where requests fail and none is too slow: however late it is sent, a failure is the system's",
    look: generator,
};

fn generator(facts: &Facts) -> Vec<Suspect> {
    if facts.surroundings.generator_valid || !facts.complain(&[Topic::Validity]) {
        return Vec::new();
    }
    let only_failures = facts.complain(&[Topic::Failures]) && !facts.complain(SLOWNESS);
    vec![suspect(
        Tier::Generator,
        None,
        // A late generator measures wrong times, so no cause of slowness can be told. Failures are real whenever they
        // are sent.
        if only_failures { 0.5 } else { 1.0 },
        SuspectFinding::GeneratorLate {
            send_lag_ms: facts.surroundings.send_lag_ms,
        },
    )]
}

pub(super) const HOST: Rule = Rule {
    name: "host-saturated",
    describe: "all cores of the host are busy for 95 % of the window, or the hypervisor takes 5 % of them; weight 0.6 and 0.62",
    look: host,
};

fn host(facts: &Facts) -> Vec<Suspect> {
    let surroundings = &facts.surroundings;
    if !facts.complain(SLOWNESS) && !facts.complain_of_waiting() && surroundings.generator_valid {
        return Vec::new();
    }
    if let Some(share) = surroundings.steal.filter(|steal| *steal >= STOLEN) {
        // Just above a busy host: if the hypervisor takes time away, the host looks busy because of that.
        return vec![suspect(
            Tier::Host,
            None,
            0.62,
            SuspectFinding::ProcessorStolen { share },
        )];
    }
    let busy = surroundings.host_busy.filter(|busy| *busy >= BUSY);
    let found = busy.map(|share| suspect(Tier::Host, None, 0.6, SuspectFinding::HostBusy { share }));
    found.into_iter().collect()
}
