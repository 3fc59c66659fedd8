//! Limits of the services, the machine and its disk, against the requirements of production in the stack file.

use crate::evidence::{FindingFact, FindingVerdict, ResourceFault, SizeFact};
use crate::live::finding::Finding;
use crate::live::subject::Subject;
use crate::units::Bytes;

/// The share of a limit above which a service or a disk counts as nearly full.
const NEARLY: f64 = 0.9;

/// Each service has the limits required, and its memory is not nearly full.
pub(super) fn limits(subject: &Subject) -> Vec<Finding> {
    let services = match &subject.services {
        Err(reason) => return vec![Finding::unseen(reason)],
        Ok(services) => services,
    };
    let running = services.iter().filter(|service| service.running);
    let findings = running.map(|service| {
        let (limit, used) = (service.memory_limit, service.memory);
        let full = used
            .zip(limit)
            .is_some_and(|(used, limit)| used as f64 > NEARLY * limit as f64);
        let wanted = subject.production.service.get(&service.service);
        let less = wanted.filter(|wanted| {
            let cpus = service.cpu_limit.is_some_and(|cpus| cpus < wanted.cpus);
            cpus || limit.is_some_and(|memory| memory < wanted.memory.get())
        });
        let fault = match less {
            Some(wanted) => Some(ResourceFault::Less {
                cpus: wanted.cpus,
                memory: wanted.memory.get(),
            }),
            None if full => Some(ResourceFault::NearlyFull),
            None if service.cpu_limit.is_none() || limit.is_none() => Some(ResourceFault::Unlimited),
            None => None,
        };
        let word = match fault {
            None => FindingVerdict::Pass,
            Some(ResourceFault::Unlimited) => FindingVerdict::Warn,
            Some(_) => FindingVerdict::Fail,
        };
        let fact = SizeFact::Resources {
            service: service.service.clone(),
            cpus: service.cpu_limit,
            used,
            memory: limit,
            fault,
        };
        Finding::new(word, FindingFact::Size(fact))
    });
    findings.collect()
}

fn enough(ok: bool) -> FindingVerdict {
    if ok { FindingVerdict::Pass } else { FindingVerdict::Fail }
}

/// The machine is as large as required.
pub(super) fn hardware(subject: &Subject) -> Vec<Finding> {
    let Some(host) = &subject.host else {
        return vec![Finding::unknown(FindingFact::Size(SizeFact::MachineUnseen))];
    };
    let mut findings = Vec::new();
    if let Some(wanted) = subject.production.cpus {
        let fact = SizeFact::Cpus {
            cpus: host.cpus,
            wanted,
        };
        findings.push(Finding::new(enough(host.cpus >= wanted), FindingFact::Size(fact)));
    }
    if let Some(wanted) = subject.production.memory {
        // The kernel reserves a part of the memory.
        let ok = host.memory as f64 >= NEARLY * wanted.get() as f64;
        let fact = SizeFact::Memory {
            memory: host.memory,
            wanted: wanted.get(),
        };
        findings.push(Finding::new(enough(ok), FindingFact::Size(fact)));
    }
    findings
}

/// The engine's disk is as large as required and has free space.
pub(super) fn disk(subject: &Subject) -> Vec<Finding> {
    let Some(disk) = subject.disk else {
        return vec![Finding::unknown(FindingFact::Size(SizeFact::DiskUnseen))];
    };
    // As `df` computes it: blocks reserved for root are neither used nor free.
    let full = disk.used as f64 / (disk.used + disk.free).max(1) as f64 > NEARLY;
    let wanted = subject
        .production
        .disk
        .map(Bytes::get)
        .filter(|wanted| disk.size < *wanted);
    let ok = wanted.is_none() && !full;
    let fact = SizeFact::Disk {
        free: disk.free,
        size: disk.size,
        wanted,
        full,
    };
    vec![Finding::new(enough(ok), FindingFact::Size(fact))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::FindingVerdict::{Fail, Pass, Warn};
    use crate::live::checks::fixture::{subject, words};
    use crate::live::subject::Disk;
    use crate::stack::{ContainerState, EngineHost, ServiceLimits};

    const GB: u64 = 1 << 30;

    #[test]
    fn a_service_has_its_limits_and_room_below_them() {
        let mut subject = subject();
        let limits_of_api = ServiceLimits {
            cpus: 2.0,
            memory: Bytes::new(GB),
        };
        subject.production.service.insert("api".to_owned(), limits_of_api);
        let container = |cpu_limit, memory_limit, memory| ContainerState {
            service: "api".to_owned(),
            running: true,
            cpu_limit,
            memory_limit,
            memory: Some(memory),
            ..ContainerState::default()
        };
        subject.services = Ok(vec![
            container(Some(2.0), Some(GB), GB / 2),
            container(Some(0.5), Some(GB), GB / 2),
            container(Some(2.0), Some(GB / 2), GB / 4),
            container(Some(2.0), Some(GB), GB / 100 * 95),
            container(None, Some(GB), GB / 2),
        ]);
        assert_eq!(words(&limits(&subject)), [Pass, Fail, Fail, Fail, Warn]);
    }

    #[test]
    fn the_machine_is_held_against_the_table() {
        let mut subject = subject();
        subject.production.cpus = Some(4.0);
        subject.production.memory = Some(Bytes::new(8 * GB));
        subject.production.disk = Some(Bytes::new(50 * GB));
        subject.host = Some(EngineHost {
            cpus: 2.0,
            memory: 8 * GB - GB / 4,
            ..EngineHost::default()
        });
        assert_eq!(words(&hardware(&subject)), [Fail, Pass]);
        for (size, free, word) in [(100, 60, Pass), (40, 30, Fail), (100, 5, Fail)] {
            subject.disk = Some(Disk {
                size: size * GB,
                used: (size - free) * GB,
                free: free * GB,
            });
            assert_eq!(words(&disk(&subject)), [word], "{size} {free}");
        }
    }
}
