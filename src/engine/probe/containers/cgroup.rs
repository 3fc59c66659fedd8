//! Finds the kernel's files of a container's control groups.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::counters::Counters;
use super::files::{self, UNIFIED};

const NEEDED: [&str; 4] = ["cpu", "cpuacct", "memory", "blkio"];

/// The folders of one container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Folders {
    pid: u64,
    /// Folders by controller; the unified hierarchy has the empty name.
    folders: BTreeMap<String, PathBuf>,
}

impl Folders {
    /// Folders of the container with that id whose first process is `pid`; `None` if they cannot be found, as on another machine, or
    /// if the container has no groups of its own: an engine without control groups leaves its containers in those of its user.
    pub(super) fn of_container(id: &str, pid: u64) -> Option<Self> {
        let groups = fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?;
        Self::of_groups(pid, &own(&groups, id))
    }

    /// Folders of that process.
    #[cfg(test)]
    pub(super) fn find(pid: u64) -> Option<Self> {
        let groups = fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?;
        Self::of_groups(pid, &groups)
    }

    fn of_groups(pid: u64, groups: &str) -> Option<Self> {
        let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
        let folders = find(groups, &mounts);
        (!folders.is_empty()).then_some(Self { pid, folders })
    }

    fn is_v1(&self) -> bool {
        self.folders.contains_key("cpuacct")
    }

    /// Each controller with its folder.
    #[cfg(test)]
    pub(super) fn folders(&self) -> impl Iterator<Item = (&str, &Path)> {
        self.folders
            .iter()
            .map(|(controller, folder)| (controller.as_str(), folder.as_path()))
    }

    /// The folder of the unified hierarchy alone.
    #[cfg(test)]
    pub(super) fn unified(mut self) -> Option<Self> {
        self.folders.retain(|controller, _| controller == UNIFIED);
        (!self.folders.is_empty()).then_some(self)
    }

    /// Name of the cgroup version in the report.
    pub(super) fn name(&self) -> &'static str {
        if self.is_v1() { "cgroup v1" } else { "cgroup v2" }
    }

    /// The current counters; `None` if the container no longer runs.
    pub(super) fn read(&self) -> Option<Counters> {
        let read = |controller: &str, name: &str| {
            let folder = self.folders.get(controller)?;
            fs::read_to_string(folder.join(name)).ok()
        };
        let counters = if self.is_v1() {
            files::v1(&read)
        } else {
            files::v2(&read)
        };
        // Control groups do not count the network. A process shows the network namespace that it is in.
        let of_process = |name: &str| fs::read_to_string(format!("/proc/{}/net/{name}", self.pid)).unwrap_or_default();
        let (received, sent) = files::network(&of_process("dev"));
        Some(Counters {
            received,
            sent,
            sockets: files::sockets(&of_process("sockstat"), &of_process("sockstat6")),
            ..counters?
        })
    }
}

/// The lines of `/proc/PID/cgroup` whose group is named after that container, as every engine names it.
fn own(groups: &str, id: &str) -> String {
    let lines = groups.lines().filter(|line| line.contains(id));
    lines.collect::<Vec<_>>().join("\n")
}

/// Folders by controller, from `/proc/PID/cgroup` and `/proc/self/mountinfo`.
fn find(groups: &str, mounts: &str) -> BTreeMap<String, PathBuf> {
    let mut folders = BTreeMap::new();
    for line in groups.lines() {
        // Three parts and no more: a group's path may hold colons.
        let mut parts = line.splitn(3, ':');
        let (Some(_), Some(controllers), Some(path)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        for controller in controllers.split(',') {
            if controller != UNIFIED && !NEEDED.contains(&controller) {
                continue;
            }
            if let Some(folder) = mounts.lines().find_map(|mount| inside(mount, controller, path)) {
                folders.insert(controller.to_owned(), folder);
            }
        }
    }
    folders
}

/// Folder of the control group `path`, if this line of `mountinfo` mounts its controller:
/// `36 35 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct`.
fn inside(mount: &str, controller: &str, path: &str) -> Option<PathBuf> {
    let (before, after) = mount.split_once(" - ")?;
    let before: Vec<&str> = before.split(' ').collect();
    let after: Vec<&str> = after.split(' ').collect();
    let (root, point) = (*before.get(3)?, *before.get(4)?);
    let holds = match *after.first()? {
        "cgroup2" => controller == UNIFIED,
        "cgroup" => after.last()?.split(',').any(|option| option == controller),
        _ => false,
    };
    // If only a part of the hierarchy is mounted, the paths below it begin with that part.
    let below = Path::new(path).strip_prefix(root).ok().filter(|_| holds)?;
    Some(Path::new(point).join(below))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HYBRID: &str = "24 23 0:21 / /sys/fs/cgroup/unified rw,nosuid shared:9 - cgroup2 cgroup2 rw\n\
        25 23 0:22 / /sys/fs/cgroup/cpu,cpuacct rw shared:10 - cgroup cgroup rw,cpu,cpuacct\n\
        26 23 0:23 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
        27 23 0:24 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n\
        28 1 8:1 / / rw - ext4 /dev/sda1 rw\n";

    #[test]
    fn version_1_has_a_folder_for_each_controller() {
        let groups = "9:pids:/docker/abc\n4:memory:/docker/abc\n2:cpu,cpuacct:/docker/abc\n0::/docker/abc\n";
        let found = find(groups, HYBRID);
        let folder = |controller: &str| found.get(controller).map(|path| path.to_str().unwrap());
        assert_eq!(folder("cpu"), Some("/sys/fs/cgroup/cpu,cpuacct/docker/abc"));
        assert_eq!(folder("cpuacct"), folder("cpu"));
        assert_eq!(folder("memory"), Some("/sys/fs/cgroup/memory/docker/abc"));
        assert_eq!(folder(UNIFIED), Some("/sys/fs/cgroup/unified/docker/abc"));
        assert_eq!(folder("pids"), None);
        let folders = Folders { pid: 1, folders: found };
        assert_eq!(folders.name(), "cgroup v1");
    }

    #[test]
    fn groups_of_others_are_not_the_containers() {
        let id = "4f1c2aa0";
        for groups in [
            "2:cpu,cpuacct:/docker/4f1c2aa0\n",
            "0::/system.slice/docker-4f1c2aa0.scope/init.scope\n",
            "0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-4f1c2aa0.scope/container\n",
        ] {
            assert_eq!(own(groups, id), groups.trim_end());
        }
        let of_the_user = "2:cpu,cpuacct:/\n0::/user.slice/user-1000.slice/session-3.scope\n";
        assert_eq!(own(of_the_user, id), "");
    }

    #[test]
    fn version_2_has_one_folder() {
        let mounts = "30 29 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n";
        let found = find("0::/system.slice/docker-abc.scope\n", mounts);
        assert_eq!(
            found[UNIFIED],
            Path::new("/sys/fs/cgroup/system.slice/docker-abc.scope")
        );
        assert_eq!(Folders { pid: 1, folders: found }.name(), "cgroup v2");
    }

    #[test]
    fn what_is_mounted_of_another_place_is_not_guessed() {
        let part = "30 29 0:26 /outer /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
        let found = |path: &str| find(&format!("0::{path}\n"), part);
        assert_eq!(
            found("/outer/docker/abc")[UNIFIED],
            Path::new("/sys/fs/cgroup/docker/abc")
        );
        assert!(found("/docker/abc").is_empty());
        assert!(find("", part).is_empty());
    }

    #[test]
    fn this_process_has_counters() {
        let own = Folders::find(std::process::id().into());
        // On a machine without cgroup files there is nothing to compare.
        if let Some(counters) = own.and_then(|own| own.read()) {
            assert!(counters.cpu_nanos > 0);
        }
    }
}
