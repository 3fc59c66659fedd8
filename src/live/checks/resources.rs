//! Limits of the services, the machine and its disk, against the requirements of production in the stack file.

use crate::evidence::FindingVerdict;
use crate::live::finding::Finding;
use crate::live::subject::Subject;
use crate::units::Bytes;

/// The share of a limit above which a service or a disk counts as nearly full.
const NEARLY: f64 = 0.9;

/// Each service has the limits required, and its memory is not nearly full.
pub(super) fn limits(subject: &Subject) -> Vec<Finding> {
    let services = match &subject.services {
        Err(reason) => return vec![Finding::unknown(reason)],
        Ok(services) => services,
    };
    let running = services.iter().filter(|service| service.running);
    let findings = running.map(|service| {
        let name = &service.service;
        let cpu = service
            .cpu_limit
            .map_or("no CPU limit".to_owned(), |cpus| format!("{cpus} CPUs"));
        let used = service
            .memory
            .map_or("?".to_owned(), |bytes| Bytes::new(bytes).to_string());
        let memory = service
            .memory_limit
            .map_or("no limit".to_owned(), |bytes| Bytes::new(bytes).to_string());
        let told = format!("{name}: {cpu}, memory {used} of {memory}");
        let full = match (service.memory, service.memory_limit) {
            (Some(used), Some(limit)) => used as f64 > NEARLY * limit as f64,
            _ => false,
        };
        let wanted = subject.production.service.get(name);
        let less = wanted.is_some_and(|wanted| {
            let cpus = service.cpu_limit.is_some_and(|cpus| cpus < wanted.cpus);
            cpus || service.memory_limit.is_some_and(|memory| memory < wanted.memory.get())
        });
        let unlimited = service.cpu_limit.is_none() || service.memory_limit.is_none();
        match wanted {
            Some(wanted) if less => {
                Finding::fail(format!("{told}; {} CPUs and {} are wanted", wanted.cpus, wanted.memory))
            }
            _ if full => Finding::fail(format!("{told}: nearly all of it")),
            _ if unlimited => Finding::warn(format!("{told}: it may take the whole machine")),
            _ => Finding::pass(told),
        }
    });
    findings.collect()
}

/// The machine is as large as required.
pub(super) fn hardware(subject: &Subject) -> Vec<Finding> {
    let Some(host) = &subject.host else {
        return vec![Finding::unknown("the engine's machine cannot be seen")];
    };
    let enough = |ok| if ok { FindingVerdict::Pass } else { FindingVerdict::Fail };
    let mut findings = Vec::new();
    if let Some(wanted) = subject.production.cpus {
        let told = format!("{} CPUs, at least {wanted} are wanted", host.cpus);
        findings.push(Finding::new(enough(host.cpus >= wanted), told));
    }
    if let Some(wanted) = subject.production.memory {
        // The kernel reserves a part of the memory.
        let ok = host.memory as f64 >= NEARLY * wanted.get() as f64;
        let told = format!("{} of memory, at least {wanted} are wanted", Bytes::new(host.memory));
        findings.push(Finding::new(enough(ok), told));
    }
    findings
}

/// The engine's disk is as large as required and has free space.
pub(super) fn disk(subject: &Subject) -> Vec<Finding> {
    let Some(disk) = subject.disk else {
        return vec![Finding::unknown("the engine's disk cannot be seen")];
    };
    let told = format!("{} free of {}", Bytes::new(disk.free), Bytes::new(disk.size));
    // As `df` computes it: blocks reserved for root are neither used nor free.
    let used = disk.used as f64 / (disk.used + disk.free).max(1) as f64;
    vec![match subject.production.disk {
        Some(wanted) if disk.size < wanted.get() => Finding::fail(format!("{told}; {wanted} are wanted")),
        _ if used > NEARLY => Finding::fail(format!("{told}: nearly full")),
        _ => Finding::pass(told),
    }]
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
