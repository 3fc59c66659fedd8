//! Processors, memory, disk, descriptors, control groups and clock.

use std::fs;
use std::path::Path;

use rustix::fs::statvfs;

use super::Finding;
use crate::runs::Environment;
use crate::units::Bytes;
use crate::workload::descriptors_allowed;

const GIB: u64 = 1 << 30;
/// Memory below which a stack of a few services swaps or is killed.
const LITTLE_MEMORY: u64 = 2 * GIB;
/// Memory below which not even the harness has room.
const NO_MEMORY: u64 = GIB / 4;
/// Disk space below which images cannot be built.
const LITTLE_DISK: u64 = 5 * GIB;
/// Disk space below which no run can be saved.
const NO_DISK: u64 = GIB / 10;
/// Descriptors below which a scenario of some hundred users does not work.
const FEW_DESCRIPTORS: u64 = 4_096;
/// Descriptors below which nothing works.
const NO_DESCRIPTORS: u64 = 256;
/// Share of the cores that others may use before they disturb a measurement.
const BUSY: f64 = 0.5;

/// Looks at what the machine has.
pub(super) fn machine() -> Vec<Finding> {
    let here = Environment::detect();
    // Not `MemFree`: the kernel gives back what it caches as soon as a container asks for it.
    let available = kibibytes(&text("/proc/meminfo"), "MemAvailable:");
    vec![
        // Those that this process may use: a container or `taskset` may leave it fewer than the machine has.
        cores(here.cores),
        load(here.load_average, here.cores),
        memory(available.unwrap_or(here.memory)),
        disk(Path::new(".")),
        // The hard limit, because a run raises its soft one by itself.
        descriptors(descriptors_allowed()),
        control_groups(Path::new("/sys/fs/cgroup")),
        clock(text("/sys/devices/system/clocksource/clocksource0/current_clocksource").trim()),
    ]
}

fn text(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn kibibytes(text: &str, key: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    let number: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(number << 10)
}

fn cores(cores: u32) -> Finding {
    match cores {
        0 | 1 => Finding::warn(
            "cores",
            format!("{cores}"),
            "the generator and the system share one core: give the machine two or more",
        ),
        _ => Finding::ok("cores", cores.to_string()),
    }
}

fn load(average: f64, cores: u32) -> Finding {
    let found = format!("{average:.2} over the last minute, on {cores} cores");
    if average > BUSY * f64::from(cores) {
        Finding::warn(
            "other load",
            found,
            "other programs disturb the measurement: wait until they have ended, or stop them",
        )
    } else {
        Finding::ok("other load", found)
    }
}

fn memory(available: u64) -> Finding {
    let found = format!("{} available", Bytes::new(available));
    match available {
        0..NO_MEMORY => Finding::missing("memory", found, "free some memory: the harness itself needs more"),
        NO_MEMORY..LITTLE_MEMORY => Finding::warn(
            "memory",
            found,
            "a stack of several services may be killed: free some, or lower the services' limits",
        ),
        _ => Finding::ok("memory", found),
    }
}

fn disk(folder: &Path) -> Finding {
    let Ok(stat) = statvfs(folder) else {
        return Finding::warn(
            "disk",
            "its free space is not known",
            "see that the working folder exists",
        );
    };
    // `f_bavail`, not `f_bfree`: the rest is reserved for root.
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    let found = format!("{} free in the working folder", Bytes::new(free));
    match free {
        0..NO_DISK => Finding::missing("disk", found, "free some space: a run cannot be saved"),
        NO_DISK..LITTLE_DISK => Finding::warn(
            "disk",
            found,
            "images may not fit: `diapason stack prune` and `docker system prune` free space",
        ),
        _ => Finding::ok("disk", found),
    }
}

fn descriptors(allowed: Option<u64>) -> Finding {
    let Some(allowed) = allowed else {
        return Finding::ok("descriptors", "not limited");
    };
    let found = format!("up to {allowed}");
    let remedy = "raise the hard limit: `ulimit -Hn 65536`, `LimitNOFILE=` or `/etc/security/limits.conf`; \
                  `diapason check` says how many a scenario needs";
    match allowed {
        0..NO_DESCRIPTORS => Finding::missing("descriptors", found, remedy),
        NO_DESCRIPTORS..FEW_DESCRIPTORS => Finding::warn("descriptors", found, remedy),
        _ => Finding::ok("descriptors", found),
    }
}

/// The files that tell what containers use.
fn control_groups(root: &Path) -> Finding {
    // Read, not looked up: in containers and under hardened units the files exist and cannot be opened.
    let readable = |file: &str| fs::read(root.join(file)).is_ok();
    if readable("cgroup.controllers") && readable("cpu.stat") {
        Finding::ok("cgroup files", "version 2, readable")
    } else if readable("cpu/cpu.stat") || readable("cpuacct/cpuacct.usage") || readable("cpu,cpuacct/cpuacct.usage") {
        Finding::ok("cgroup files", "version 1, readable")
    } else {
        Finding::warn(
            "cgroup files",
            format!("none readable in {}", root.display()),
            "the use of containers is taken from the engine, once a second: run as a user that may read them",
        )
    }
}

fn clock(source: &str) -> Finding {
    match source {
        "" => Finding::warn(
            "clock",
            "its source is not known",
            "see `/sys/devices/system/clocksource`; a slow clock costs each request microseconds",
        ),
        // Their step is one tick of the kernel, 1 to 10 ms.
        "jiffies" | "refined-jiffies" => Finding::warn(
            "clock",
            format!("{source}, whose steps of some milliseconds are coarser than a response time"),
            "let the kernel use `tsc` or the hypervisor's clock",
        ),
        // They are read over a bus, which needs a system call each time.
        "hpet" | "acpi_pm" => Finding::warn(
            "clock",
            format!("{source}, which is slow to read"),
            "let the kernel use `tsc` or the hypervisor's clock: each request reads the clock several times",
        ),
        source => Finding::ok("clock", source),
    }
}

#[cfg(test)]
mod tests {
    use super::super::CheckStatus;
    use super::*;

    #[test]
    fn each_figure_has_its_word() {
        for (finding, word) in [
            (cores(1), CheckStatus::Warn),
            (cores(2), CheckStatus::Ok),
            (load(0.9, 2), CheckStatus::Ok),
            (load(1.1, 2), CheckStatus::Warn),
            (memory(100 << 20), CheckStatus::Missing),
            (memory(GIB), CheckStatus::Warn),
            (memory(8 * GIB), CheckStatus::Ok),
            (descriptors(Some(60)), CheckStatus::Missing),
            (descriptors(Some(1_024)), CheckStatus::Warn),
            (descriptors(Some(1 << 20)), CheckStatus::Ok),
            (descriptors(None), CheckStatus::Ok),
            (clock("tsc"), CheckStatus::Ok),
            (clock("kvm-clock"), CheckStatus::Ok),
            (clock("hpet"), CheckStatus::Warn),
            (clock(""), CheckStatus::Warn),
        ] {
            assert_eq!(finding.word, word, "{finding:?}");
            assert_eq!(finding.remedy.is_none(), word == CheckStatus::Ok, "{finding:?}");
        }
    }

    #[test]
    fn control_groups_of_both_versions_are_known() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(control_groups(root.path()).word, CheckStatus::Warn);
        fs::create_dir(root.path().join("cpu")).unwrap();
        fs::write(root.path().join("cpu/cpu.stat"), "").unwrap();
        assert!(control_groups(root.path()).found.starts_with("version 1"));
        for file in ["cgroup.controllers", "cpu.stat"] {
            fs::write(root.path().join(file), "").unwrap();
        }
        assert!(control_groups(root.path()).found.starts_with("version 2"));
    }

    #[test]
    fn available_memory_is_read_in_bytes() {
        let text = "MemTotal:       24689308 kB\nMemAvailable:   2048 kB\n";
        assert_eq!(kibibytes(text, "MemAvailable:"), Some(2 << 20));
        assert_eq!(kibibytes("", "MemAvailable:"), None);
    }
}
