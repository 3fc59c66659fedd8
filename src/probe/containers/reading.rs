//! From the engine's counters, which differ between cgroup versions, to a point.

use testcontainers::bollard::models::{ContainerMemoryStats, ContainerStatsResponse};

use super::ContainerPoint;

/// The counters of one container at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Reading {
    /// Seconds on the wall clock.
    pub(super) wall: f64,
    cpu_nanos: u64,
    periods: u64,
    throttled_periods: u64,
    memory: u64,
    received: u64,
    sent: u64,
}

impl Reading {
    /// `None` where the container does not run: the engine then sends zeros.
    pub(super) fn of(stats: &ContainerStatsResponse) -> Option<Self> {
        let cpu = stats.cpu_stats.as_ref()?;
        let cpu_nanos = cpu.cpu_usage.as_ref()?.total_usage.filter(|nanos| *nanos > 0)?;
        let throttling = cpu.throttling_data.as_ref();
        let networks = || stats.networks.iter().flat_map(|networks| networks.values());
        Some(Self {
            wall: stats.read?.unix_timestamp_nanos() as f64 / 1e9,
            cpu_nanos,
            periods: throttling.and_then(|data| data.periods).unwrap_or(0),
            throttled_periods: throttling.and_then(|data| data.throttled_periods).unwrap_or(0),
            memory: stats.memory_stats.as_ref().map_or(0, resident),
            received: networks().filter_map(|network| network.rx_bytes).sum(),
            sent: networks().filter_map(|network| network.tx_bytes).sum(),
        })
    }

    /// The point that ends at this reading; `None` where the container was started anew since the previous one.
    pub(super) fn since(&self, previous: &Self, at: f64) -> Option<ContainerPoint> {
        let seconds = self.wall - previous.wall;
        let cpu_nanos = self.cpu_nanos.checked_sub(previous.cpu_nanos)?;
        if seconds <= 0.0 {
            return None;
        }
        let periods = self.periods.saturating_sub(previous.periods);
        let throttled = self.throttled_periods.saturating_sub(previous.throttled_periods);
        Some(ContainerPoint {
            at,
            cpu_cores: cpu_nanos as f64 / 1e9 / seconds,
            throttled: throttled as f64 / periods.max(1) as f64,
            memory: self.memory,
            received: self.received,
            sent: self.sent,
        })
    }
}

/// Memory without the page cache that the kernel would give up first, as `docker stats` counts it: the hierarchy's
/// inactive file pages are `total_inactive_file` in cgroup v1 and `inactive_file` in v2.
fn resident(memory: &ContainerMemoryStats) -> u64 {
    let usage = memory.usage.unwrap_or(0);
    let cache = memory.stats.as_ref().and_then(|stats| {
        let inactive = stats.get("total_inactive_file").or_else(|| stats.get("inactive_file"));
        inactive.copied()
    });
    usage.saturating_sub(cache.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stats(second: u64, cpu_nanos: u64, periods: u64, throttled: u64, memory: &str) -> ContainerStatsResponse {
        serde_json::from_str(&format!(
            r#"{{
                "read": "2025-01-01T00:00:{second:02}.500000000Z",
                "cpu_stats": {{
                    "cpu_usage": {{ "total_usage": {cpu_nanos} }},
                    "throttling_data": {{ "periods": {periods}, "throttled_periods": {throttled}, "throttled_time": 9 }}
                }},
                "memory_stats": {memory},
                "networks": {{
                    "eth0": {{ "rx_bytes": 1000, "tx_bytes": 2000 }},
                    "eth1": {{ "rx_bytes": 30, "tx_bytes": 40 }}
                }}
            }}"#
        ))
        .unwrap()
    }

    const V1: &str =
        r#"{ "usage": 5000, "stats": { "inactive_file": 1, "total_inactive_file": 1200, "cache": 3000 } }"#;
    const V2: &str = r#"{ "usage": 5000, "stats": { "inactive_file": 700, "file": 3000 } }"#;

    #[test]
    fn differences_become_cores_and_shares() {
        let before = Reading::of(&stats(10, 4_000_000_000, 100, 10, V1)).unwrap();
        let after = Reading::of(&stats(12, 5_500_000_000, 120, 15, V1)).unwrap();
        let point = after.since(&before, 7.5).unwrap();
        // 1.5 s of CPU in 2 s; 5 of 20 periods throttled.
        assert_eq!((point.at, point.cpu_cores, point.throttled), (7.5, 0.75, 0.25));
        assert_eq!((point.received, point.sent), (1030, 2040));
    }

    #[test]
    fn inactive_file_pages_are_no_memory_in_use() {
        assert_eq!(Reading::of(&stats(1, 1, 0, 0, V1)).unwrap().memory, 3800);
        assert_eq!(Reading::of(&stats(1, 1, 0, 0, V2)).unwrap().memory, 4300);
        assert_eq!(
            Reading::of(&stats(1, 1, 0, 0, r#"{ "usage": 50 }"#)).unwrap().memory,
            50
        );
    }

    #[test]
    fn a_stopped_or_restarted_container_makes_no_point() {
        assert_eq!(Reading::of(&stats(1, 0, 0, 0, "{}")), None);
        let stopped = r#"{ "read": "0001-01-01T00:00:00Z", "cpu_stats": { "cpu_usage": { "total_usage": 0 } } }"#;
        assert_eq!(Reading::of(&serde_json::from_str(stopped).unwrap()), None);
        let before = Reading::of(&stats(10, 4_000_000_000, 100, 10, V2)).unwrap();
        let restarted = Reading::of(&stats(12, 80_000_000, 3, 0, V2)).unwrap();
        assert_eq!(restarted.since(&before, 1.0), None);
        assert_eq!(before.since(&before, 1.0), None, "the same reading twice");
    }

    #[test]
    fn without_a_limit_there_are_no_periods_and_no_throttling() {
        let before = Reading::of(&stats(10, 1_000, 0, 0, V2)).unwrap();
        let after = Reading::of(&stats(11, 2_000, 0, 0, V2)).unwrap();
        assert!(after.since(&before, 1.0).unwrap().throttled.abs() < 1e-9);
    }
}
