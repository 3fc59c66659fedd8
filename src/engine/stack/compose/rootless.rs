//! Limits that an engine does not apply: a rootless one without delegated cgroup controllers ignores them without a word.

use serde_json::Value;
use testcontainers::bollard::models::SystemInfo;

use super::value::entries;

/// Sentences on the limits of the configuration that have no effect on that engine; empty if it applies all.
pub(super) fn ignored_limits(info: &SystemInfo, configuration: &Value) -> Vec<String> {
    let options = info.security_options.iter().flatten();
    let kind = if options.into_iter().any(|option| option.contains("rootless")) {
        "this rootless engine"
    } else {
        "this engine"
    };
    let limits = [
        ("CPU", info.cpu_cfs_quota, ["cpus", "cpu_quota"], "cpus"),
        ("memory", info.memory_limit, ["mem_limit", "memswap_limit"], "memory"),
    ];
    let ignored = limits.iter().filter(|(_, applied, ..)| *applied == Some(false));
    let told = ignored.filter_map(|(what, _, keys, deployed)| {
        let limited = entries(configuration, "services").filter(|(_, service)| {
            let of_deploy = &service["deploy"]["resources"]["limits"][deployed];
            !of_deploy.is_null() || keys.iter().any(|key| !service[key].is_null())
        });
        let names: Vec<&str> = limited.map(|(name, _)| name.as_str()).collect();
        (!names.is_empty()).then(|| {
            format!(
                "warning: {kind} applies no {what} limits, so those of {} have no effect: delegate the cgroup controllers to its user, \
                 or measure on an engine that runs as root",
                names.join(", ")
            )
        })
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn limits_without_effect_are_named_with_their_services() {
        let configuration = json!({ "services": {
            "api": { "deploy": { "resources": { "limits": { "cpus": 0.5, "memory": "1" } } } },
            "web": { "cpus": 1.0 }, "db": {},
        } });
        let mut info = SystemInfo {
            cpu_cfs_quota: Some(false),
            memory_limit: Some(true),
            security_options: Some(vec!["name=seccomp".to_owned(), "name=rootless".to_owned()]),
            ..SystemInfo::default()
        };
        let told = ignored_limits(&info, &configuration);
        assert_eq!(told.len(), 1);
        assert!(
            told[0].starts_with("warning: this rootless engine applies no CPU limits, so those of api, web have"),
            "{told:?}"
        );
        info.cpu_cfs_quota = Some(true);
        assert_eq!(ignored_limits(&info, &configuration), Vec::<String>::new());
        info.memory_limit = Some(false);
        assert!(ignored_limits(&info, &configuration)[0].contains("no memory limits, so those of api have"));
    }
}
