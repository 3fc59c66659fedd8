//! Reads the kernel's files about a container: <https://docs.kernel.org/admin-guide/cgroup-v1/>,
//! <https://docs.kernel.org/admin-guide/cgroup-v2.html>, <https://docs.kernel.org/accounting/psi.html>.

use super::counters::Counters;

/// Reads a file of a controller; `None` if there is no such file.
pub(super) type Reader<'a> = dyn Fn(&str, &str) -> Option<String> + 'a;

/// Name of the unified hierarchy. It may exist beside the controllers of v1, and then holds the pressure figures.
pub(super) const UNIFIED: &str = "";

/// Counters from the controllers of cgroup v1; `None` if the CPU use cannot be read.
pub(super) fn v1(read: &Reader<'_>) -> Option<Counters> {
    let cpu = read("cpu", "cpu.stat").unwrap_or_default();
    let memory = read("memory", "memory.stat").unwrap_or_default();
    let usage = number(&read("memory", "memory.usage_in_bytes").unwrap_or_default()).unwrap_or(0);
    let disk = read("blkio", "blkio.throttle.io_service_bytes_recursive").unwrap_or_default();
    let oom = read("memory", "memory.oom_control").unwrap_or_default();
    // Recent kernels (seen with 6.18) count nothing there if no group has such a limit: the figures are then `None`.
    let moved = |direction: &str| -> Option<u64> {
        let lines = disk.lines().map(|line| line.split(' ').collect::<Vec<_>>());
        let sizes = lines.filter_map(|words| match words.as_slice() {
            [_, word, size] if *word == direction => size.parse::<u64>().ok(),
            _ => None,
        });
        sizes.reduce(|sum, size| sum + size)
    };
    Some(Counters {
        cpu_nanos: number(&read("cpuacct", "cpuacct.usage")?)?,
        periods: field(&cpu, "nr_periods"),
        throttled_periods: field(&cpu, "nr_throttled"),
        throttled_nanos: field(&cpu, "throttled_time"),
        memory: usage.saturating_sub(field(&memory, "total_inactive_file")),
        page_faults: field(&memory, "total_pgfault"),
        major_faults: field(&memory, "total_pgmajfault"),
        oom_kills: field(&oom, "oom_kill"),
        read: moved("Read"),
        written: moved("Write"),
        stalled: stalled(read),
        ..Counters::default()
    })
}

/// Counters from the unified hierarchy of cgroup v2; `None` if the CPU use cannot be read.
pub(super) fn v2(read: &Reader<'_>) -> Option<Counters> {
    let text = |name: &str| read(UNIFIED, name).unwrap_or_default();
    let (cpu, memory) = (read(UNIFIED, "cpu.stat")?, text("memory.stat"));
    let disk = read(UNIFIED, "io.stat");
    let moved = |key: &str| -> Option<u64> {
        let sizes = disk
            .as_ref()?
            .split_ascii_whitespace()
            .filter_map(|word| word.strip_prefix(key)?.strip_prefix('=')?.parse::<u64>().ok());
        Some(sizes.sum())
    };
    cpu.contains("usage_usec").then(|| Counters {
        cpu_nanos: field(&cpu, "usage_usec").saturating_mul(1_000),
        periods: field(&cpu, "nr_periods"),
        throttled_periods: field(&cpu, "nr_throttled"),
        throttled_nanos: field(&cpu, "throttled_usec").saturating_mul(1_000),
        memory: number(&text("memory.current"))
            .unwrap_or(0)
            .saturating_sub(field(&memory, "inactive_file")),
        page_faults: field(&memory, "pgfault"),
        major_faults: field(&memory, "pgmajfault"),
        // `oom_kill` counts killed processes; `oom` counts allocations that failed at the limit.
        oom_kills: field(&text("memory.events"), "oom_kill"),
        read: moved("rbytes"),
        written: moved("wbytes"),
        stalled: stalled(read),
        ..Counters::default()
    })
}

/// Microseconds in which some task waited for a processor, memory, a disk.
fn stalled(read: &Reader<'_>) -> Option<[u64; 3]> {
    let of = |name: &str| {
        let text = read(UNIFIED, name)?;
        // `some`: at least one task waited. `full` would count only the time in which nothing of the container ran.
        let some = text.lines().find(|line| line.starts_with("some "))?;
        some.rsplit_once("total=")?.1.trim().parse().ok()
    };
    Some([of("cpu.pressure")?, of("memory.pressure")?, of("io.pressure")?])
}

/// Bytes received and sent over all interfaces except the loopback, from `/proc/PID/net/dev`.
pub(super) fn network(text: &str) -> (u64, u64) {
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    // Traffic of a container with itself is not its network.
    let others = lines.filter(|(name, _)| name.trim() != "lo");
    others.fold((0, 0), |(received, sent), (_, counts)| {
        let counts: Vec<u64> = counts
            .split_ascii_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect();
        // Eight columns about what was received stand before the bytes that were sent.
        let at = |position: usize| counts.get(position).copied().unwrap_or(0);
        (received + at(0), sent + at(8))
    })
}

/// TCP sockets in use, from `/proc/PID/net/sockstat` and `sockstat6`.
pub(super) fn sockets(four: &str, six: &str) -> Option<u64> {
    let used = |text: &str, name: &str| -> Option<u64> {
        let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
        rest.trim_start()
            .strip_prefix("inuse ")?
            .split(' ')
            .next()?
            .trim()
            .parse()
            .ok()
    };
    Some(used(four, "TCP:")? + used(six, "TCP6:").unwrap_or(0))
}

fn number(text: &str) -> Option<u64> {
    text.trim().parse().ok()
}

/// The number in a line `NAME NUMBER`; 0 if there is no such line.
fn field(text: &str, name: &str) -> u64 {
    let mut lines = text.lines();
    let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok());
    value.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader<'a>(files: &'a [(&str, &str, &str)]) -> impl Fn(&str, &str) -> Option<String> + 'a {
        move |controller, name| {
            let found = files.iter().find(|(of, file, _)| *of == controller && *file == name);
            found.map(|(.., text)| (*text).to_owned())
        }
    }

    const PRESSURE: [(&str, &str, &str); 3] = [
        (
            "",
            "cpu.pressure",
            "some avg10=7.97 avg60=1.43 avg300=0.30 total=1033219\nfull avg10=7.97 avg60=1.43 avg300=0.30 total=9\n",
        ),
        (
            "",
            "memory.pressure",
            "some avg10=0.00 avg60=0.00 avg300=0.00 total=5\n",
        ),
        (
            "",
            "io.pressure",
            "some avg10=0.00 avg60=0.00 avg300=0.00 total=1391\nfull total=1391\n",
        ),
    ];

    #[test]
    fn version_1_is_read_from_its_controllers() {
        let files = [
            (
                "cpu",
                "cpu.stat",
                "nr_periods 24\nnr_throttled 22\nthrottled_time 1020236905\nnr_bursts 0\nburst_time 0\n",
            ),
            ("cpuacct", "cpuacct.usage", "1126401563\n"),
            ("memory", "memory.usage_in_bytes", "790528\n"),
            (
                "memory",
                "memory.stat",
                "cache 45056\ninactive_file 1\npgfault 2\ntotal_pgfault 1183\ntotal_pgmajfault 7\ntotal_inactive_file 528\n",
            ),
            (
                "memory",
                "memory.oom_control",
                "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n",
            ),
            (
                "blkio",
                "blkio.throttle.io_service_bytes_recursive",
                "8:0 Read 100\n8:0 Write 20\n8:16 Read 1\n8:16 Total 999\nTotal 121\n",
            ),
        ];
        let all = [files.as_slice(), &PRESSURE].concat();
        let expected = Counters {
            cpu_nanos: 1_126_401_563,
            periods: 24,
            throttled_periods: 22,
            throttled_nanos: 1_020_236_905,
            memory: 790_000,
            page_faults: 1183,
            major_faults: 7,
            oom_kills: 3,
            read: Some(101),
            written: Some(20),
            stalled: Some([1_033_219, 5, 1391]),
            ..Counters::default()
        };
        assert_eq!(v1(&reader(&all)), Some(expected));
        let without = v1(&reader(&files)).unwrap();
        assert_eq!(
            without,
            Counters {
                stalled: None,
                ..expected
            }
        );
        assert_eq!(v1(&reader(&[("cpu", "cpu.stat", "nr_periods 1\n")])), None);
        let uncounted = [
            ("cpuacct", "cpuacct.usage", "7\n"),
            ("blkio", "blkio.throttle.io_service_bytes_recursive", "Total 0\n"),
        ];
        let uncounted = v1(&reader(&uncounted)).unwrap();
        assert_eq!((uncounted.read, uncounted.written), (None, None));
    }

    #[test]
    fn version_2_is_read_from_the_unified_hierarchy() {
        let files = [
            (
                "",
                "cpu.stat",
                "usage_usec 1076417\nuser_usec 1068443\nnr_periods 24\nnr_throttled 22\nthrottled_usec 1020236\n",
            ),
            ("", "memory.current", "790528\n"),
            (
                "",
                "memory.stat",
                "anon 1\ninactive_file 528\npgfault 1183\npgmajfault 7\n",
            ),
            (
                "",
                "memory.events",
                "low 0\nhigh 0\nmax 5\noom 4\noom_kill 3\noom_group_kill 0\n",
            ),
            (
                "",
                "io.stat",
                "8:0 rbytes=100 wbytes=20 rios=3 wios=1 dbytes=0 dios=0\n8:16 rbytes=1 wbytes=0 rios=1 wios=0\n",
            ),
        ];
        let all = [files.as_slice(), &PRESSURE].concat();
        let expected = Counters {
            cpu_nanos: 1_076_417_000,
            periods: 24,
            throttled_periods: 22,
            throttled_nanos: 1_020_236_000,
            memory: 790_000,
            page_faults: 1183,
            major_faults: 7,
            oom_kills: 3,
            read: Some(101),
            written: Some(20),
            stalled: Some([1_033_219, 5, 1391]),
            ..Counters::default()
        };
        assert_eq!(v2(&reader(&all)), Some(expected));
        let idle = v2(&reader(&[("", "cpu.stat", "usage_usec 7\n"), ("", "io.stat", "")])).unwrap();
        assert_eq!(
            (idle.read, idle.written),
            (Some(0), Some(0)),
            "counted, and nothing moved"
        );
        let uncounted = v2(&reader(&files[..1])).unwrap();
        assert_eq!((uncounted.read, uncounted.written), (None, None), "no such controller");
        // A root group without the controllers has no figures of this container.
        assert_eq!(v2(&reader(&[("", "cpu.stat", "")])), None);
    }

    #[test]
    fn the_network_of_a_container_is_what_leaves_it() {
        let dev = "Inter-|   Receive                            |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes packets\n\
                   \x20   lo:     900       9    0    0    0     0          0         0      900       9    0    0    0     0       0          0\n\
                   \x20 eth0:    1000       3    0    0    0     0          0         0     2000       4    0    0    0     0       0          0\n\
                   \x20 eth1:30 1 0 0 0 0 0 0 40 1 0 0 0 0 0 0\n";
        assert_eq!(network(dev), (1030, 2040));
        assert_eq!(network(""), (0, 0));
        let four = "sockets: used 9\nTCP: inuse 4 orphan 0 tw 0 alloc 1 mem 0\nUDP: inuse 2 mem 0\n";
        assert_eq!(sockets(four, "TCP6: inuse 3\nUDP6: inuse 0\n"), Some(7));
        assert_eq!(sockets(four, ""), Some(4));
        assert_eq!(sockets("", ""), None);
    }
}
