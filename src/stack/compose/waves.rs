//! The order in which services start: each wave needs only services of earlier waves.
//!
//! Compose could wait between them itself. But then it looks only as often as the health checks run (every 30 s in production
//! files), reports nothing meanwhile, and does not detect a service that dies.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Services in the order they start, and the ones among them that run to their end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Waves {
    pub(super) waves: Vec<Vec<String>>,
    /// Services for whose successful end another one waits.
    pub(super) jobs: BTreeSet<String>,
}

impl Waves {
    /// Reads `depends_on` of every service; Compose has refused cycles already.
    pub(super) fn of(configuration: &Value) -> Self {
        let empty = serde_json::Map::new();
        let services = configuration["services"].as_object().unwrap_or(&empty);
        let mut needs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut jobs = BTreeSet::new();
        for (name, service) in services {
            let dependencies = service["depends_on"].as_object().unwrap_or(&empty);
            let present = dependencies.iter().filter(|(other, _)| services.contains_key(*other));
            for (other, dependency) in present.clone() {
                if dependency["condition"] == "service_completed_successfully" {
                    jobs.insert(other.clone());
                }
            }
            needs.insert(name, present.map(|(other, _)| other.as_str()).collect());
        }
        let mut waves = Vec::new();
        let mut started = BTreeSet::new();
        while started.len() < needs.len() {
            let wave: Vec<&str> = needs
                .iter()
                .filter(|(name, others)| !started.contains(*name) && others.iter().all(|other| started.contains(other)))
                .map(|(name, _)| *name)
                .collect();
            if wave.is_empty() {
                break;
            }
            started.extend(wave.iter().copied());
            waves.push(wave.into_iter().map(str::to_owned).collect());
        }
        Self { waves, jobs }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_chain_becomes_waves() {
        let waves = Waves::of(&json!({ "services": {
            "nginx": { "depends_on": { "web": { "condition": "service_healthy" } } },
            "web": { "depends_on": { "api": { "condition": "service_healthy" } } },
            "api": { "depends_on": {
                "migrate": { "condition": "service_completed_successfully" },
                "redis": { "condition": "service_started" },
                "absent": { "condition": "service_started", "required": false },
            } },
            "migrate": { "depends_on": { "postgres": { "condition": "service_healthy" } } },
            "postgres": {}, "redis": {},
        } }));
        let expected: [&[&str]; 5] = [&["postgres", "redis"], &["migrate"], &["api"], &["web"], &["nginx"]];
        assert_eq!(waves.waves, expected);
        assert_eq!(waves.jobs, BTreeSet::from(["migrate".to_owned()]));
    }
}
