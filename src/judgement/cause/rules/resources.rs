//! Services that lack memory or processor time.

use super::rule::{ANYTHING, Rule, suspect};
use crate::cause::facts::{Facts, Service};
use crate::cause::suspect::{Suspect, SuspectFinding};
use crate::cause::tier::Tier;
use crate::slo::Topic;

/// Least share of throttled scheduling periods that counts as slowing requests.
// One period in ten stalls every request that meets it by up to a period (100 ms), enough to miss a p95.
const THROTTLED_SHARE: f64 = 0.1;
/// Least share of its CPU limit at which a service counts as saturated.
// Queueing grows as 1/(1 − utilisation): at 85 % a request waits about six times as long as it works.
const BUSY: f64 = 0.85;
/// Least share of its memory limit at which memory counts as scarce.
const SCARCE: f64 = 0.95;
/// Cores used by one process with one saturated event loop: up to a little over one, with its garbage collector.
const ONE_LOOP: std::ops::Range<f64> = 0.85..1.3;

pub(super) const MEMORY: Rule = Rule {
    name: "memory",
    describe: "a container was killed for want of memory (weight 0.98), exited or restarted (0.95), or used 95 % of its limit (0.6)",
    look: memory,
};

fn memory(facts: &Facts) -> Vec<Suspect> {
    if !facts.complain(ANYTHING) {
        return Vec::new();
    }
    let waiting = facts.complain_of_waiting() || facts.complain(&[Topic::Statements]);
    let found = facts.services.iter().filter_map(lack_of_memory);
    // Scarce memory slows; it answers no request with an error.
    found
        .filter(|suspect| waiting || !matches!(suspect.finding, SuspectFinding::MemoryScarce { .. }))
        .collect()
}

fn lack_of_memory(service: &Service) -> Option<Suspect> {
    let found = |weight, finding| Some(suspect(service.place(), Some(&service.name), weight, finding));
    let incidents = || service.incidents.clone();
    if service.out_of_memory {
        // The kernel reported the kill. It outranks an exit, whose reason is not known.
        return found(0.98, SuspectFinding::OutOfMemory { incidents: incidents() });
    }
    if !service.incidents.is_empty() {
        return found(0.95, SuspectFinding::Stopped { incidents: incidents() });
    }
    let share = service.memory.filter(|used| *used >= SCARCE)?;
    // A high share alone proves little: nothing was killed, and much of it may be caches that would give way.
    found(0.6, SuspectFinding::MemoryScarce { share })
}

pub(super) const THROTTLED: Rule = Rule {
    name: "cpu-throttled",
    describe: "a container was throttled in 10 % of its scheduling periods or more; weight 0.5 + 0.45 × that share",
    look: throttled,
};

fn throttled(facts: &Facts) -> Vec<Suspect> {
    let services = facts.services.iter();
    let throttled = services.filter(|service| service.throttled >= THROTTLED_SHARE && concerns(facts, service));
    throttled
        .map(|service| {
            let finding = SuspectFinding::Throttled {
                share: service.throttled,
                cores: service.cpu,
                limit: service.cpu_limit,
            };
            let weight = 0.5 + 0.45 * service.throttled;
            suspect(service.place(), Some(&service.name), weight, finding)
        })
        .collect()
}

/// True if a complaint may concern that service: one about statements concerns the database alone.
fn concerns(facts: &Facts, service: &Service) -> bool {
    let database = service.place() == Tier::Database;
    facts.complain_of_waiting() || (database && facts.complain(&[Topic::Statements]))
}

pub(super) const SATURATED: Rule = Rule {
    name: "cpu-saturated",
    describe: "a container that is not throttled uses 85 % of its processor limit, or an application one core and no more, as a single event loop does; weight 0.45 + 0.4 × that share",
    look: saturated,
};

fn saturated(facts: &Facts) -> Vec<Suspect> {
    let services = facts.services.iter();
    // A throttled container is at its limit as well: one suspect is enough.
    let candidates = services.filter(|service| service.throttled < THROTTLED_SHARE && concerns(facts, service));
    candidates.filter_map(no_time_left).collect()
}

/// True if that service is throttled or saturated.
pub(super) fn lacks_processor(service: &Service) -> bool {
    service.throttled >= THROTTLED_SHARE || no_time_left(service).is_some()
}

fn no_time_left(service: &Service) -> Option<Suspect> {
    let cores = service.cpu;
    let found = |tier, used: f64, finding| suspect(tier, Some(&service.name), 0.45 + 0.4 * used.min(1.0), finding);
    if let Some(limit) = service.cpu_limit.filter(|limit| cores / limit >= BUSY) {
        return Some(found(
            service.place(),
            cores / limit,
            SuspectFinding::Saturated { cores, limit },
        ));
    }
    let one_loop = service.place() == Tier::Application && ONE_LOOP.contains(&cores);
    one_loop.then(|| found(Tier::Application, cores, SuspectFinding::OneLoop { cores }))
}
