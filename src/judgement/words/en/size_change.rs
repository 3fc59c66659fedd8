//! Sentences on changes to the size of the stack.

use crate::evidence::{SizeChange, lacking};

/// A change to the size of the stack: `cpus limit of api: 2 → 0.5`.
pub fn size_change(resized: &SizeChange) -> String {
    match resized {
        SizeChange::Cpus { service, before, after } => {
            format!("cpus limit of {service}: {} → {after}", or_none(*before))
        }
        SizeChange::Memory { service, before, after } => {
            format!("memory limit of {service}: {} → {after}", or_none(*before))
        }
        SizeChange::Replicas { service, before, after } => {
            format!("replicas of {service}: {before} → {after}; its name stands for all of them")
        }
        SizeChange::Profile { name, cores, memory } => format!("profile {name}: {cores} cores, {memory}"),
        SizeChange::Scaled {
            name,
            cores,
            memory,
            host_cores,
            host_memory,
            share,
        } => format!(
            "{}: every CPU limit is scaled to {:.0} % of the profile's, memory limits stay",
            lacking(name, *cores, *memory, *host_cores, *host_memory),
            share * 100.0
        ),
        SizeChange::Confined { cores } => {
            format!("every service → cores 0-{} of the host", cores.saturating_sub(1))
        }
    }
}

fn or_none(limit: Option<impl std::fmt::Display>) -> String {
    limit.map_or_else(|| "none".to_owned(), |limit| limit.to_string())
}
