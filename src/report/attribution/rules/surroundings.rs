//! What is not the system's doing.

use super::{ANYTHING, Rule, SLOWNESS, suspect};
use crate::report::attribution::facts::{Facts, Topic};
use crate::report::attribution::suspect::Suspect;
use crate::report::attribution::{Tier, portion};
use crate::report::text;

/// The machine is as good as busy.
const BUSY: f64 = 0.95;
/// More than this taken by the hypervisor is felt.
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
    let lag = text::millis(facts.surroundings.send_lag_ms);
    let only_failures = facts.complain(&[Topic::Failures]) && !facts.complain(SLOWNESS);
    vec![suspect(
        Tier::Generator,
        None,
        if only_failures { 0.5 } else { 1.0 },
        format!(
            "Diapason itself could not keep up (it sent up to {lag} late at p99), so the figures are not the system's"
        ),
        vec![format!("send lag p99 {lag}")],
        "Give the generator a core of its own, lower the rate, or run it on another machine.",
    )]
}

pub(super) const HOST: Rule = Rule {
    name: "host-saturated",
    describe: "all cores of the host are busy for 95 % of the window, or the hypervisor takes 5 % of them; weight 0.6 and 0.62",
    look: host,
};

fn host(facts: &Facts) -> Vec<Suspect> {
    if !facts.complain(SLOWNESS) && !facts.complain(ANYTHING) {
        return Vec::new();
    }
    let surroundings = &facts.surroundings;
    if let Some(steal) = surroundings.steal.filter(|steal| *steal >= STOLEN) {
        return vec![suspect(
            Tier::Host,
            None,
            0.62,
            format!(
                "the hypervisor gave {} of the host's processor time to others",
                portion(steal)
            ),
            vec![format!("steal {}", portion(steal))],
            "Run on a machine whose processors are not shared.",
        )];
    }
    let busy = surroundings.host_busy.filter(|busy| *busy >= BUSY);
    busy.map(|busy| {
        suspect(
            Tier::Host,
            None,
            0.6,
            format!("the host has no processor time left ({} busy)", portion(busy)),
            vec![format!("host {} busy", portion(busy))],
            "Lower the rate, or run on a machine with more cores: the services compete with each other here.",
        )
    })
    .into_iter()
    .collect()
}
