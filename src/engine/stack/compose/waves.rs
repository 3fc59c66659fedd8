//! The order in which services start: each wave needs only services of earlier waves.
//!
//! Compose could wait between them itself. But then it looks only as often as the health checks run (every 30 s in production
//! files), reports nothing meanwhile, and does not detect a service that dies.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::early;
use super::publisher::publisher;
use super::value::{entries, text};
use crate::stack::{StackError, StackFile};

/// Services in the order they start, and the ones among them that run to their end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Waves {
    pub(super) in_order: Vec<Vec<String>>,
    /// Services for whose successful end another one waits.
    pub(super) jobs: BTreeSet<String>,
    /// Services that may be jobs although nobody waits for their end: no policy restarts them after exit code 0, they have no
    /// health check, and nobody needs them running.
    pub(super) may_end: BTreeSet<String>,
}

impl Waves {
    /// Reads `depends_on` of every service; Compose has refused cycles already. A service with an early seed needs the services that
    /// the seed uses as well; an error if one of those cannot start before it.
    pub(super) fn from_configuration(configuration: &Value, file: &StackFile) -> Result<Self, StackError> {
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
        for (service, used, seed) in early::uses(file) {
            let Some(others) = needs.get(service) else { continue };
            if others.contains(&used) || !services.contains_key(used) {
                continue;
            }
            if reaches(&needs, used, service) {
                return Err(early::impossible(file, seed, service, used));
            }
            needs.entry(service).or_default().push(used);
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
        let needed = required_services(configuration, file);
        let may_end = services.iter().filter(|(name, service)| {
            let settled = file.service.get(*name).is_some_and(|settings| settings.state.is_some());
            let restarts = &service["deploy"]["restart_policy"];
            let stays = restarts.is_object() && !["none", "on-failure"].contains(&text(restarts, "condition"));
            let policy = text(service, "restart");
            let ends = !stays && (["", "no"].contains(&policy) || policy.starts_with("on-failure"));
            ends && !settled && service["healthcheck"]["test"].is_null() && !needed.contains(name.as_str())
        });
        Ok(Self {
            may_end: may_end.map(|(name, _)| name.clone()).collect(),
            in_order: waves,
            jobs,
        })
    }
}

/// True if that service needs the other one, directly or through others, or is it.
fn reaches(needs: &BTreeMap<&str, Vec<&str>>, from: &str, to: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(service) = open.pop() {
        if service == to {
            return true;
        }
        if seen.insert(service) {
            open.extend(needs.get(service).into_iter().flatten());
        }
    }
    false
}

/// Services that must run: others depend on them or live in their network, or the stack file uses them.
fn required_services<'a>(configuration: &'a Value, file: &'a StackFile) -> BTreeSet<&'a str> {
    let mut needed = BTreeSet::new();
    for (_, service) in entries(configuration, "services") {
        let started =
            entries(service, "depends_on").filter(|(_, of)| of["condition"] != "service_completed_successfully");
        needed.extend(started.map(|(name, _)| name.as_str()));
        let shared = ["network_mode", "pid", "ipc"].map(|key| text(service, key).strip_prefix("service:"));
        needed.extend(shared.into_iter().flatten());
    }
    needed.extend(file.entry.iter().map(|entry| publisher(configuration, &entry.service)));
    needed.extend(file.entry.iter().map(|entry| entry.service.as_str()));
    needed.extend(file.database.iter().map(|database| database.service.as_str()));
    needed.extend(file.client_addresses.iter().map(|proxy| proxy.service.as_str()));
    let execs = file
        .seed
        .iter()
        .filter_map(|seed| seed.exec.as_ref())
        .map(|exec| exec.service.as_str());
    needed.extend(execs);
    needed.extend(
        file.readiness
            .iter()
            .filter_map(|ready| ready.check.service())
            .map(String::as_str),
    );
    needed
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_chain_becomes_waves() {
        let waves = Waves::from_configuration(
            &json!({ "services": {
            "nginx": { "depends_on": { "web": { "condition": "service_healthy" } } },
            "web": { "depends_on": { "api": { "condition": "service_healthy" } } },
            "api": { "depends_on": {
                "migrate": { "condition": "service_completed_successfully" },
                "redis": { "condition": "service_started" },
                "absent": { "condition": "service_started", "required": false },
            } },
            "migrate": { "depends_on": { "postgres": { "condition": "service_healthy" } } },
            "postgres": {}, "redis": {},
        } }),
            &StackFile::attached(""),
        )
        .unwrap();
        let expected: [&[&str]; 5] = [&["postgres", "redis"], &["migrate"], &["api"], &["web"], &["nginx"]];
        assert_eq!(waves.in_order, expected);
        assert_eq!(waves.jobs, BTreeSet::from(["migrate".to_owned()]));
    }

    #[test]
    fn a_service_that_nobody_needs_running_may_end() {
        let text = "name = 's'\ndescription = 'd'\nentry = { service = 'web', port = 80 }\n\
            [service.said]\nstate = 'running'";
        let file: StackFile = toml::from_str(text).unwrap();
        let waves = Waves::from_configuration(
            &json!({ "services": {
                "web": { "depends_on": { "cache": { "condition": "service_started" } } }, "cache": {}, "said": {},
                "migrator": { "restart": "no" }, "importer": { "restart": "on-failure:3" },
                "worker": { "restart": "always" }, "other": { "deploy": { "restart_policy": { "condition": "any" } } },
                "once": { "deploy": { "restart_policy": { "condition": "none" } } },
                "checked": { "healthcheck": { "test": ["CMD", "true"] } },
            } }),
            &file,
        )
        .unwrap();
        let expected = ["importer", "migrator", "once"].map(str::to_owned);
        assert_eq!(waves.may_end, BTreeSet::from(expected));
    }

    #[test]
    fn what_an_early_seed_uses_starts_before_its_service() {
        let waves = |seed: &str, web: &Value, db: &Value| {
            let text = format!(
                "name = 's'\ndescription = 'd'\nentry = {{ service = 'web', port = 80 }}\ndatabase = {{ service = 'db' }}\n\
                 [[seed]]\nname = 'role'\n{seed}"
            );
            let file: StackFile = toml::from_str(&text).unwrap();
            let configuration = json!({ "services": { "web": web, "db": db, "tool": {} } });
            Waves::from_configuration(&configuration, &file)
                .map(|waves| waves.in_order)
                .map_err(|error| error.to_string())
        };
        let none = json!({});
        let after = |name: &str| json!({ "depends_on": { name: { "condition": "service_started" } } });
        let sql = "before = 'web'\nsql = { text = 'x' }";
        let first: [&[&str]; 2] = [&["db", "tool"], &["web"]];
        for seed in [
            sql,
            "during = 'web'\nsql = { text = 'x' }",
            "before = 'web'\nrun = { service = 'web' }\ndone = { sql = 'select 1' }",
            "before = 'web'\nexec = { service = 'db', command = ['true'] }",
        ] {
            assert_eq!(waves(seed, &none, &none).unwrap(), first, "{seed}");
        }
        assert_eq!(waves(sql, &after("db"), &none).unwrap(), first);
        let all: [&[&str]; 1] = [&["web", "db", "tool"]];
        let during = "during = 'db'\nsql = { text = 'x' }";
        assert_eq!(waves(during, &none, &none).unwrap().concat().len(), all[0].len());
        let alone = "before = 'web'\nrun = { service = 'web' }";
        assert_eq!(waves(alone, &none, &none).unwrap().len(), 1);
        for (seed, db) in [
            (sql, after("web")),
            ("before = 'db'\nsql = { text = 'x' }", none.clone()),
            ("during = 'web'\nsql = { text = 'x' }", after("web")),
        ] {
            let error = waves(seed, &none, &db).unwrap_err();
            assert!(error.contains("seed `role` uses service `db`"), "{error}");
        }
    }
}
