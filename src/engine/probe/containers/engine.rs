//! Counters from the engine's statistics, which differ between cgroup versions.

use testcontainers::bollard::models::{ContainerBlkioStatEntry, ContainerMemoryStats, ContainerStatsResponse};

use super::counters::Counters;

/// Wall-clock time in seconds, and the counters; `None` if the container does not run: the engine then sends zeros.
pub(super) fn counters(stats: &ContainerStatsResponse) -> Option<(f64, Counters)> {
    let cpu = stats.cpu_stats.as_ref()?;
    // A stopped container is reported with zeros.
    let cpu_nanos = cpu.cpu_usage.as_ref()?.total_usage.filter(|nanos| *nanos > 0)?;
    let throttling = cpu.throttling_data.as_ref();
    let throttled = |of: fn(&_) -> Option<u64>| throttling.and_then(of).unwrap_or(0);
    let networks = || stats.networks.iter().flat_map(|networks| networks.values());
    let memory = stats.memory_stats.as_ref();
    let faults = |v1: &str, v2: &str| {
        let stats = memory.and_then(|memory| memory.stats.as_ref());
        stats
            .and_then(|stats| stats.get(v1).or_else(|| stats.get(v2)).copied())
            .unwrap_or(0)
    };
    let disk = stats
        .blkio_stats
        .as_ref()
        .and_then(|disk| disk.io_service_bytes_recursive.as_deref());
    let moved = |direction: &str| {
        let entries = disk.unwrap_or_default().iter();
        let of =
            // The engine writes `Read` on control groups of version 1 and `read` on those of version 2.
            |entry: &&ContainerBlkioStatEntry| entry.op.as_deref().is_some_and(|op| op.eq_ignore_ascii_case(direction));
        entries
            .filter(of)
            .filter_map(|entry| entry.value)
            .reduce(|sum, size| sum + size)
    };
    let counters = Counters {
        cpu_nanos,
        periods: throttled(|data| data.periods),
        throttled_periods: throttled(|data| data.throttled_periods),
        throttled_nanos: throttled(|data| data.throttled_time),
        memory: memory.map_or(0, resident),
        page_faults: faults("total_pgfault", "pgfault"),
        major_faults: faults("total_pgmajfault", "pgmajfault"),
        read: moved("read"),
        written: moved("write"),
        received: networks().filter_map(|network| network.rx_bytes).sum(),
        sent: networks().filter_map(|network| network.tx_bytes).sum(),
        ..Counters::default()
    };
    Some((stats.read?.unix_timestamp_nanos() as f64 / 1e9, counters))
}

/// Memory without the page cache that the kernel would give up first, as `docker stats` counts it: the hierarchy's
/// inactive file pages are `total_inactive_file` in cgroup v1 and `inactive_file` in v2.
fn resident(memory: &ContainerMemoryStats) -> u64 {
    let usage = memory.usage.unwrap_or(0);
    let cache = memory.stats.as_ref().and_then(|stats| {
        let inactive = stats.get("total_inactive_file").or_else(|| stats.get("inactive_file"));
        inactive.copied()
    });
    // As `docker stats` does: file pages that nobody has used lately are given back at once and are no use of memory.
    usage.saturating_sub(cache.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stats(memory: &str) -> (f64, Counters) {
        let stats: ContainerStatsResponse = serde_json::from_str(&format!(
            r#"{{
                "read": "1970-01-01T00:00:10.500000000Z",
                "cpu_stats": {{
                    "cpu_usage": {{ "total_usage": 4000000000 }},
                    "throttling_data": {{ "periods": 100, "throttled_periods": 10, "throttled_time": 9 }}
                }},
                "memory_stats": {memory},
                "blkio_stats": {{ "io_service_bytes_recursive": [
                    {{ "major": 8, "minor": 0, "op": "Read", "value": 100 }},
                    {{ "major": 8, "minor": 16, "op": "read", "value": 1 }},
                    {{ "major": 8, "minor": 0, "op": "Write", "value": 20 }},
                    {{ "major": 8, "minor": 0, "op": "Total", "value": 120 }}
                ] }},
                "networks": {{
                    "eth0": {{ "rx_bytes": 1000, "tx_bytes": 2000 }},
                    "eth1": {{ "rx_bytes": 30, "tx_bytes": 40 }}
                }}
            }}"#
        ))
        .unwrap();
        counters(&stats).unwrap()
    }

    const V1: &str = r#"{ "usage": 5000, "stats": { "inactive_file": 1, "total_inactive_file": 1200, "pgfault": 1, "total_pgfault": 9 } }"#;
    const V2: &str = r#"{ "usage": 5000, "stats": { "inactive_file": 700, "pgfault": 8, "pgmajfault": 2 } }"#;

    #[test]
    fn both_versions_are_told_alike() {
        let (at, counters) = stats(V1);
        assert!((at - 10.5).abs() < 1e-9);
        let expected = Counters {
            cpu_nanos: 4_000_000_000,
            periods: 100,
            throttled_periods: 10,
            throttled_nanos: 9,
            memory: 3800,
            page_faults: 9,
            read: Some(101),
            written: Some(20),
            received: 1030,
            sent: 2040,
            ..Counters::default()
        };
        assert_eq!(counters, expected);
        let second = stats(V2).1;
        assert_eq!((second.memory, second.page_faults, second.major_faults), (4300, 8, 2));
        assert_eq!(stats(r#"{ "usage": 50 }"#).1.memory, 50);
    }

    #[test]
    fn a_stopped_container_has_no_counters() {
        let stopped = r#"{ "read": "0001-01-01T00:00:00Z", "cpu_stats": { "cpu_usage": { "total_usage": 0 } } }"#;
        assert_eq!(counters(&serde_json::from_str(stopped).unwrap()), None);
    }
}
