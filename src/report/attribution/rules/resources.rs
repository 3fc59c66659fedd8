//! Services that lack memory or processor time.

use super::{ANYTHING, Rule, suspect};
use crate::report::attribution::facts::{Facts, Service, Topic};
use crate::report::attribution::suspect::Suspect;
use crate::report::attribution::{Tier, portion};

/// From here on a limit on processor time is felt by requests.
const THROTTLED_SHARE: f64 = 0.1;
/// From here on a service waits for its processors.
const BUSY: f64 = 0.85;
/// From here on memory is scarce.
const SCARCE: f64 = 0.95;
/// What one process with one event loop can use: a little over one core, with its garbage collector.
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
    facts.services.iter().filter_map(lack_of_memory).collect()
}

fn lack_of_memory(service: &Service) -> Option<Suspect> {
    let name = &service.name;
    if service.out_of_memory {
        return Some(suspect(
            service.place(),
            Some(name),
            0.98,
            format!("{name} ran out of memory and was killed"),
            service.incidents.clone(),
            "Raise its memory limit, or find what it keeps: compare its memory over time with the load in the report.",
        ));
    }
    if !service.incidents.is_empty() {
        return Some(suspect(
            service.place(),
            Some(name),
            0.95,
            format!("{name} {}", service.incidents.join(", ")),
            service.incidents.clone(),
            "Read the service's last log lines: `docker logs` with --keep-stack.",
        ));
    }
    let used = service.memory.filter(|used| *used >= SCARCE)?;
    Some(suspect(
        service.place(),
        Some(name),
        0.6,
        format!("{name} uses {} of the memory it may use", portion(used)),
        vec![format!("memory at most {} of the limit", portion(used))],
        "Raise its memory limit and see whether the times change.",
    ))
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
            let limit = service
                .cpu_limit
                .map_or_else(String::new, |limit| format!(" of {limit} cores"));
            suspect(
                service.place(),
                Some(&service.name),
                0.5 + 0.45 * service.throttled,
                format!(
                    "{} is held back by its processor limit{limit}: it was throttled in {} of the scheduling periods",
                    service.name,
                    portion(service.throttled)
                ),
                vec![
                    format!("throttled in {} of the periods", portion(service.throttled)),
                    format!("{:.2} cores used{limit}", service.cpu),
                ],
                "Raise its processor limit (`stack.limits.NAME.cpus`) and run again.",
            )
        })
        .collect()
}

/// Statements are the database's alone.
fn concerns(facts: &Facts, service: &Service) -> bool {
    let database = service.place() == Tier::Database;
    facts.complain(&[Topic::Requests, Topic::Pages, Topic::Failures])
        || (database && facts.complain(&[Topic::Statements]))
}

pub(super) const SATURATED: Rule = Rule {
    name: "cpu-saturated",
    describe: "a container that is not throttled uses 85 % of its processor limit, or an application one core and no more, as a single event loop does; weight 0.45 + 0.4 × that share",
    look: saturated,
};

fn saturated(facts: &Facts) -> Vec<Suspect> {
    let services = facts.services.iter();
    let candidates = services.filter(|service| service.throttled < THROTTLED_SHARE && concerns(facts, service));
    candidates.filter_map(no_time_left).collect()
}

/// Whether that service waits for processor time.
pub(super) fn lacks_processor(service: &Service) -> bool {
    service.throttled >= THROTTLED_SHARE || no_time_left(service).is_some()
}

fn no_time_left(service: &Service) -> Option<Suspect> {
    let name = &service.name;
    let used = service.cpu_limit.map(|limit| service.cpu / limit);
    if let Some(used) = used.filter(|used| *used >= BUSY) {
        return Some(suspect(
            service.place(),
            Some(name),
            0.45 + 0.4 * used.min(1.0),
            format!(
                "{name} uses {} of the processor time it may use",
                portion(used.min(1.0))
            ),
            vec![format!(
                "{:.2} cores used of {:.2}",
                service.cpu,
                service.cpu_limit.unwrap_or_default()
            )],
            "Raise its processor limit, or make each request cheaper there.",
        ));
    }
    let one_loop = service.place() == Tier::Application && ONE_LOOP.contains(&service.cpu);
    one_loop.then(|| {
        suspect(
            Tier::Application,
            Some(name),
            0.45 + 0.4 * service.cpu.min(1.0),
            format!("{name} keeps one core busy, which is all that a single process with one event loop can use"),
            vec![format!("{:.2} cores used", service.cpu)],
            "Run more processes of it (replicas, or a cluster of workers), or make each request cheaper there.",
        )
    })
}
