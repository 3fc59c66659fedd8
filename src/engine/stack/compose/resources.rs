//! Puts the sizes that the scenario gives services into Compose's configuration.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::evidence::{SizeChange, lacking};
use crate::stack::{EngineHost, LimitSettings, Machine, StackError, StackFile, StackSettings};
use crate::units::{Bytes, saturating_u32};

/// Applies limits and replicas and returns the changes. Refuses unknown services and more than the host has.
pub(super) fn apply(
    file: &StackFile,
    settings: &StackSettings,
    host: &EngineHost,
    configuration: &mut Value,
) -> Result<Vec<SizeChange>, StackError> {
    let refuse = |problem: String| StackError::Contradiction {
        stack: file.name.clone(),
        problem,
    };
    let mut changes = Vec::new();
    let mut limits = BTreeMap::new();
    if let Some(machine) = &settings.machine {
        let (share, told) = fit(machine, host).map_err(refuse)?;
        changes.push(told);
        limits = of_machine(machine, share);
        let cpus = f64::from(machine.size.cpus) * share;
        changes.push(confine(configuration, cpus));
    }
    limits.extend(settings.limits.clone());
    let named = limits.keys().chain(settings.replicas.keys());
    if let Some(unknown) = named
        .into_iter()
        .find(|name| configuration["services"].get(name.as_str()).is_none())
    {
        return Err(refuse(format!(
            "the Compose files have no service `{unknown}` to limit or to replicate"
        )));
    }
    for (service, limit) in &limits {
        if let Some(cpus) = limit.cpus.filter(|cpus| !(0.01..=host.cpus).contains(cpus)) {
            return Err(refuse(format!(
                "`{service}` cannot have {cpus} cores: the engine's host has {}",
                host.cpus
            )));
        }
        if let Some(memory) = limit
            .memory
            .filter(|memory| memory.get() as f64 * 0.9 > host.memory as f64)
        {
            return Err(refuse(format!(
                "`{service}` cannot have {memory} of memory: the engine's host has {}",
                Bytes::new(host.memory)
            )));
        }
        changes.extend(limit_service(configuration, service, limit));
    }
    for (service, count) in &settings.replicas {
        if *count == 0 {
            return Err(refuse(format!(
                "`{service}` needs one replica or more; use `leave-out` to do without it"
            )));
        }
        changes.push(replicate(configuration, service, *count));
    }
    Ok(changes)
}

/// The share of the profile's limits that this host can give, and the report of it.
fn fit(machine: &Machine, host: &EngineHost) -> Result<(f64, SizeChange), String> {
    let (name, size) = (machine.profile.clone(), &machine.size);
    let (cores, memory) = (size.cpus, size.memory);
    let of_cores = host.cpus / f64::from(cores.max(1));
    let of_memory = host.memory as f64 / memory.get().max(1) as f64;
    // Fewer cores make up for fewer cores only: memory limits are not shrunk, and less CPU does not save memory.
    let share = of_cores.min(1.0);
    let (host_cores, host_memory) = (host.cpus, Bytes::new(host.memory));
    // The kernel reserves a part of the memory; that is no reason to refuse.
    if of_cores >= 1.0 && of_memory >= 0.9 {
        return Ok((1.0, SizeChange::Profile { name, cores, memory }));
    }
    if machine.scaled {
        let told = SizeChange::Scaled {
            name,
            cores,
            memory,
            host_cores,
            host_memory,
            share,
        };
        Ok((share, told))
    } else {
        Err(format!(
            "{} (`--scale-profile` shrinks its CPU limits in proportion and leaves those of memory, and says so)",
            lacking(&name, cores, memory, host_cores, host_memory)
        ))
    }
}

fn of_machine(machine: &Machine, share: f64) -> BTreeMap<String, LimitSettings> {
    let services = machine.size.service.iter();
    let limit = |limits: &crate::stack::ServiceLimits| LimitSettings {
        cpus: Some((limits.cpus * share * 100.0).round() / 100.0),
        // Memory is not shrunk: a service that exceeds it is killed, not slowed.
        memory: Some(limits.memory),
    };
    services
        .map(|(service, limits)| (service.clone(), limit(limits)))
        .collect()
}

/// Restricts every service to the first cores of the host, as many as the machine has.
fn confine(configuration: &mut Value, cpus: f64) -> SizeChange {
    let cores = saturating_u32(cpus.floor()).max(1);
    // Quotas alone let a service run on all of the host's cores for a part of each period; a profile has fewer cores.
    let set = format!("0-{}", cores - 1);
    let services = configuration["services"].as_object_mut();
    for service in services.into_iter().flat_map(serde_json::Map::values_mut) {
        service["cpuset"] = json!(set);
    }
    SizeChange::Confined { cores }
}

fn limit_service(configuration: &mut Value, service: &str, limit: &LimitSettings) -> Vec<SizeChange> {
    let mut changes = Vec::new();
    let fields = &mut configuration["services"][service];
    // The older form of a limit would stay beside the newer one.
    if let Some(cpus) = limit.cpus {
        let before = replace(fields, "cpus", "cpus", json!(cpus));
        changes.push(SizeChange::Cpus {
            service: service.to_owned(),
            before: before.and_then(|text| text.parse().ok()),
            after: cpus,
        });
    }
    if let Some(memory) = limit.memory {
        let before = replace(fields, "memory", "mem_limit", json!(memory.get().to_string()));
        changes.push(SizeChange::Memory {
            service: service.to_owned(),
            before: before.and_then(|text| text.parse().ok()),
            after: memory,
        });
    }
    // A reservation above the limit is refused by the engine.
    if let Some(resources) = fields["deploy"]["resources"].as_object_mut() {
        resources.remove("reservations");
    }
    changes
}

/// Sets one limit, removes its older form, and returns the text of the previous limit.
fn replace(service: &mut Value, name: &str, older: &str, value: Value) -> Option<String> {
    if let Some(fields) = service.as_object_mut() {
        fields.remove(older);
    }
    let limit = &mut service["deploy"]["resources"]["limits"][name];
    match std::mem::replace(limit, value) {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

fn replicate(configuration: &mut Value, service: &str, count: u32) -> SizeChange {
    let fields = &mut configuration["services"][service];
    if let Some(service) = fields.as_object_mut() {
        service.remove("scale");
    }
    let before = fields["deploy"]["replicas"].as_u64().unwrap_or(1);
    fields["deploy"]["replicas"] = json!(count);
    SizeChange::Replicas {
        service: service.to_owned(),
        before,
        after: count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::{ProfileSettings, ServiceLimits};

    fn host(cpus: f64, memory: &str) -> EngineHost {
        EngineHost {
            cpus,
            memory: memory.parse::<crate::units::Bytes>().unwrap().get(),
            ..EngineHost::default()
        }
    }

    fn configuration() -> Value {
        json!({ "services": {
            "api": { "mem_limit": "1", "deploy": { "resources": {
                "limits": { "cpus": 2, "memory": "1073741824" }, "reservations": { "cpus": "1" } } } },
            "nginx": {},
        } })
    }

    fn settings(text: &str) -> StackSettings {
        toml::from_str(&format!("use = 'x'\n{text}")).unwrap()
    }

    fn applied(settings: &StackSettings, host: &EngineHost) -> Result<(Value, Vec<String>), String> {
        let mut configuration = configuration();
        let changes = apply(&StackFile::attached(""), settings, host, &mut configuration);
        changes
            .map(|changes| {
                (
                    configuration,
                    changes.iter().map(crate::words::en::size_change).collect(),
                )
            })
            .map_err(|error| error.to_string())
    }

    #[test]
    fn limits_and_replicas_are_put_in_and_told() {
        let settings = settings("limits.api = { cpus = 0.5, memory = '512M' }\nreplicas.api = 2");
        let (configuration, notes) = applied(&settings, &host(2.0, "8G")).unwrap();
        let api = &configuration["services"]["api"];
        assert_eq!(
            api["deploy"]["resources"],
            json!({ "limits": { "cpus": 0.5, "memory": "536870912" } })
        );
        assert_eq!(
            (api["deploy"]["replicas"].as_u64(), api.get("mem_limit")),
            (Some(2), None)
        );
        assert_eq!(notes[0], "cpus limit of api: 2 → 0.5");
        assert_eq!(notes[1], "memory limit of api: 1 GB → 512 MB");
        assert_eq!(notes[2], "replicas of api: 1 → 2; its name stands for all of them");
    }

    #[test]
    fn more_than_the_host_has_is_refused_and_so_is_a_service_that_is_not_there() {
        let host = host(2.0, "8G");
        for (text, told) in [
            ("limits.api.cpus = 4.0", "cannot have 4 cores: the engine's host has 2"),
            ("limits.web.cpus = 1.0", "no service `web`"),
            ("replicas.api = 0", "one replica or more"),
        ] {
            let error = applied(&settings(text), &host).unwrap_err();
            assert!(error.contains(told), "{error}");
        }
    }

    #[test]
    fn a_profile_larger_than_the_host_is_refused_or_scaled_and_said() {
        let limits = ServiceLimits {
            cpus: 2.0,
            memory: "1G".parse().unwrap(),
        };
        let size = ProfileSettings {
            cpus: 4,
            memory: "8G".parse().unwrap(),
            service: BTreeMap::from([("api".to_owned(), limits)]),
        };
        let with = |scaled| StackSettings {
            machine: Some(Machine {
                profile: "minimum".to_owned(),
                size: size.clone(),
                scaled,
            }),
            ..settings("")
        };
        let (whole, notes) = applied(&with(false), &host(4.0, "8G")).unwrap();
        assert_eq!(whole["services"]["api"]["deploy"]["resources"]["limits"]["cpus"], 2.0);
        assert_eq!(whole["services"]["nginx"]["cpuset"], "0-3");
        assert_eq!(notes[0], "profile minimum: 4 cores, 8 GB");
        assert_eq!(notes[1], "every service → cores 0-3 of the host");
        assert_eq!(notes[2], "cpus limit of api: 2 → 2");
        let refused = applied(&with(false), &host(2.0, "16G")).unwrap_err();
        assert!(
            refused.contains("machine of 4 cores and 8 GB; the engine's host has 2 and 16 GB"),
            "{refused}"
        );
        let (scaled, notes) = applied(&with(true), &host(2.0, "16G")).unwrap();
        assert_eq!(scaled["services"]["api"]["deploy"]["resources"]["limits"]["cpus"], 1.0);
        assert_eq!(scaled["services"]["nginx"]["cpuset"], "0-1");
        assert!(
            notes[0].ends_with("every CPU limit is scaled to 50 % of the profile's, memory limits stay"),
            "{}",
            notes[0]
        );
        // Less memory than the profile's takes no core away.
        let (short, notes) = applied(&with(true), &host(4.0, "2G")).unwrap();
        let limits = &short["services"]["api"]["deploy"]["resources"]["limits"];
        assert_eq!(
            (&limits["cpus"], &limits["memory"]),
            (&json!(2.0), &json!("1073741824"))
        );
        assert!(notes[0].contains("scaled to 100 %"), "{}", notes[0]);
        // A service whose limit is more than there is would only be killed later.
        let refused = applied(&with(true), &host(4.0, "512M")).unwrap_err();
        assert!(
            refused.contains("`api` cannot have 1 GB of memory: the engine's host has 512 MB"),
            "{refused}"
        );
    }
}
