//! Sentences on changes to the size of the stack.

use crate::evidence::{Resized, lacking};

/// A change to the size of the stack: `cpus limit of api: 2 → 0.5`.
pub fn resized(resized: &Resized) -> String {
    match resized {
        Resized::Cpus { service, before, after } => {
            format!("cpus limit of {service}: {} → {after}", or_none(*before))
        }
        Resized::Memory { service, before, after } => {
            format!("memory limit of {service}: {} → {after}", or_none(*before))
        }
        Resized::Replicas { service, before, after } => {
            format!("replicas of {service}: {before} → {after}; its name stands for all of them")
        }
        Resized::Profile { name, cores, memory } => format!("profile {name}: {cores} cores, {memory}"),
        Resized::Scaled {
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
        Resized::Confined { cores } => {
            format!("every service → cores 0-{} of the host", cores.saturating_sub(1))
        }
    }
}

fn or_none(limit: Option<impl std::fmt::Display>) -> String {
    limit.map_or_else(|| "none".to_owned(), |limit| limit.to_string())
}
