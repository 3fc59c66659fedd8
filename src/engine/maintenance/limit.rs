//! Limits of a container that change while it runs, and its own ones again.

use testcontainers::bollard::Docker;
use testcontainers::bollard::models::{ContainerUpdateBody, HostConfig, RestartPolicy, RestartPolicyNameEnum};

use super::settings::EventSettings;
use super::targets::Targets;
use crate::error::one_line;

/// Microseconds of a period of the kernel's CPU accounting, the engine's default.
const PERIOD: i64 = 100_000;
/// Value by which the engine takes a quota away.
const NONE: i64 = -1;

/// The limits that an event asks for, and the container's own ones, in the form in which the engine takes each.
pub(super) async fn limits(
    targets: &Targets,
    id: &str,
    event: &EventSettings,
) -> Result<(ContainerUpdateBody, ContainerUpdateBody), String> {
    let host = targets.inspect(id).await?.host_config.unwrap_or_default();
    let info = targets.engine.info().await.map_err(|error| one_line(&error))?;
    Ok(both(&host, event, info.mem_total.unwrap_or(i64::MAX)))
}

fn both(own: &HostConfig, event: &EventSettings, all_memory: i64) -> (ContainerUpdateBody, ContainerUpdateBody) {
    let (mut limited, mut restored) = (ContainerUpdateBody::default(), ContainerUpdateBody::default());
    if let Some(cpus) = event.cpus {
        let nanos = own.nano_cpus.filter(|nanos| *nanos > 0);
        // The engine refuses a quota for a container that was limited in cores, and keeps a limit in cores that is set to 0.
        if let Some(nanos) = nanos {
            limited.nano_cpus = Some(whole(cpus * 1e9));
            restored.nano_cpus = Some(nanos);
        } else {
            let period = own.cpu_period.filter(|period| *period > 0).unwrap_or(PERIOD);
            limited.cpu_period = Some(period);
            limited.cpu_quota = Some(whole(cpus * period as f64));
            restored.cpu_period = Some(period);
            restored.cpu_quota = Some(own.cpu_quota.filter(|quota| *quota > 0).unwrap_or(NONE));
        }
    }
    if let Some(memory) = event.memory {
        let bytes = i64::try_from(memory.get()).unwrap_or(i64::MAX);
        limited.memory = Some(bytes);
        // Without swap: a service that swaps is another fault.
        limited.memory_swap = Some(bytes);
        let before = own.memory.filter(|bytes| *bytes > 0);
        // The engine cannot take a limit of memory away: that of the whole machine is none.
        let memory = before.unwrap_or(all_memory);
        restored.memory = Some(memory);
        // The engine raises a limit with swap that is a number before that of memory, which the kernel refuses while it is the higher.
        restored.memory_swap = Some(own.memory_swap.filter(|bytes| *bytes >= memory).unwrap_or(memory));
    }
    (limited, restored)
}

fn whole(value: f64) -> i64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "`as` saturates, and no limit is that high"
    )]
    let whole = value.round() as i64;
    whole
}

/// Changes limits or the restart policy of a container.
pub(super) async fn update(engine: &Docker, id: &str, body: ContainerUpdateBody) -> Result<(), String> {
    let updated = engine.update_container(id, body).await;
    updated.map_err(|error| one_line(&error))
}

/// The change that gives a container the restart policy of a Compose file.
pub(super) fn policy(text: &str) -> ContainerUpdateBody {
    let (name, most) = text.split_once(':').unwrap_or((text, ""));
    let known = match name {
        "always" => RestartPolicyNameEnum::ALWAYS,
        "unless-stopped" => RestartPolicyNameEnum::UNLESS_STOPPED,
        "on-failure" => RestartPolicyNameEnum::ON_FAILURE,
        _ => RestartPolicyNameEnum::NO,
    };
    ContainerUpdateBody {
        restart_policy: Some(RestartPolicy {
            name: Some(known),
            maximum_retry_count: most.parse().ok(),
        }),
        ..ContainerUpdateBody::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(text: &str) -> EventSettings {
        let text = format!("name = \"e\"\nat = \"1s\"\nfor = \"5s\"\nservice = \"api\"\naction = \"limit\"\n{text}");
        toml::from_str(&text).unwrap()
    }

    #[test]
    fn a_limit_is_undone_in_the_form_it_had() {
        let event = event("cpus = 0.25\nmemory = \"64M\"");
        let (limited, restored) = both(&HostConfig::default(), &event, 8 << 30);
        assert_eq!((limited.cpu_quota, limited.nano_cpus), (Some(25_000), None));
        assert_eq!((restored.cpu_quota, restored.cpu_period), (Some(-1), Some(100_000)));
        assert_eq!((limited.memory, limited.memory_swap), (Some(64 << 20), Some(64 << 20)));
        assert_eq!((restored.memory, restored.memory_swap), (Some(8 << 30), Some(8 << 30)));
        let own = HostConfig {
            nano_cpus: Some(2_000_000_000),
            memory: Some(512 << 20),
            memory_swap: Some(512 << 20),
            ..HostConfig::default()
        };
        let (limited, restored) = both(&own, &event, 8 << 30);
        assert_eq!((limited.nano_cpus, limited.cpu_quota), (Some(250_000_000), None));
        assert_eq!(
            (restored.nano_cpus, restored.memory),
            (Some(2_000_000_000), Some(512 << 20))
        );
    }

    #[test]
    fn policies_are_those_of_compose() {
        let name = |text: &str| policy(text).restart_policy.and_then(|policy| policy.name);
        assert_eq!(name("unless-stopped"), Some(RestartPolicyNameEnum::UNLESS_STOPPED));
        assert_eq!(name("no"), Some(RestartPolicyNameEnum::NO));
        let often = policy("on-failure:3").restart_policy.unwrap();
        assert_eq!(
            (often.name, often.maximum_retry_count),
            (Some(RestartPolicyNameEnum::ON_FAILURE), Some(3))
        );
    }
}
