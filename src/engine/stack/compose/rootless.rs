//! Parts of the control groups that an engine does without: a rootless one has only the controllers that are delegated to its user.

use serde_json::Value;
use testcontainers::bollard::models::SystemInfo;

use super::value::entries;
use crate::wire::engine::ControlGroups;

/// Warnings of what the engine does without: limits of the configuration that have no effect, and the use of containers, which is
/// not counted; empty if there is nothing.
pub(super) fn warnings(info: &SystemInfo, configuration: &Value) -> Vec<String> {
    let options = info.security_options.iter().flatten();
    let kind = if options.into_iter().any(|option| option.contains("rootless")) {
        "this rootless engine"
    } else {
        "this engine"
    };
    let groups = ControlGroups::from(info);
    let limits = [
        ("CPU", groups.cpu_limits, ["cpus", "cpu_quota"], "cpus"),
        ("memory", groups.memory_limits, ["mem_limit", "memswap_limit"], "memory"),
    ];
    let ignored = limits.iter().filter(|(_, applied, ..)| !applied);
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
    let uncounted = (!groups.per_container).then(|| {
        format!(
            "warning: {kind} gives containers no control groups, so what each uses of CPU and memory is not measured: boot with version 2 \
             of control groups and delegate them to its user, or measure on an engine that runs as root"
        )
    });
    told.chain(uncounted).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use testcontainers::bollard::models::SystemInfoCgroupDriverEnum;

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
        let told = warnings(&info, &configuration);
        assert_eq!(told.len(), 1);
        assert!(
            told[0].starts_with("warning: this rootless engine applies no CPU limits, so those of api, web have"),
            "{told:?}"
        );
        info.cpu_cfs_quota = Some(true);
        assert_eq!(warnings(&info, &configuration), Vec::<String>::new());
        info.memory_limit = Some(false);
        assert!(warnings(&info, &configuration)[0].contains("no memory limits, so those of api have"));
        info.memory_limit = None;
        info.cgroup_driver = Some(SystemInfoCgroupDriverEnum::NONE);
        let told = warnings(&info, &configuration);
        assert!(
            told.len() == 1 && told[0].contains("gives containers no control groups"),
            "{told:?}"
        );
    }
}
