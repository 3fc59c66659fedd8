//! Resource use of the harness itself: the figures of a saturated load generator are refused.

use std::time::{Duration, Instant};
use std::{fs, io};

use super::{ProbeError, Watch};
use crate::evidence::ProbeKind;
use crate::evidence::generator::{GeneratorObservation, GeneratorPoint};

/// Name of the thread that applies the load, as `/proc/self/task/*/comm` shows it.
const LOAD_THREAD: &str = "load";

/// Readings of the kernel's counters; CPU times in clock ticks.
#[derive(Debug, Clone, Copy)]
struct KernelReading {
    at: Instant,
    process: u64,
    load_thread: u64,
    host: u64,
    steal: u64,
    /// Nanoseconds.
    waited: Option<u64>,
    retransmits: u64,
    runnable: u32,
    memory: u64,
    disk: u64,
}

/// Counters of the load thread from `/proc`.
#[derive(Debug, Clone, Copy, Default)]
struct LoadThread {
    ticks: u64,
    /// Nanoseconds in which the thread was ready to run and had no processor.
    waited: Option<u64>,
}

pub(super) async fn observe(watch: &Watch) -> Result<GeneratorObservation, ProbeError> {
    let failed = |source| ProbeError::failed(ProbeKind::Generator, "read /proc", source);
    let mut observation = GeneratorObservation {
        cores: std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(u32::MAX)),
        points: Vec::new(),
    };
    watch.until(Duration::ZERO).await;
    let mut previous = read().map_err(failed)?;
    for second in 1.. {
        // By whole seconds of the run's clock, so that its points stand beside those of requests.
        let due = Duration::from_secs(second);
        if due > watch.end || !watch.until(due).await {
            break;
        }
        let current = read().map_err(failed)?;
        let at = watch.clock.offset(current.at).as_secs_f64();
        observation
            .points
            .push(point(at, &previous, &current, rustix::param::clock_ticks_per_second()));
        previous = current;
    }
    Ok(observation)
}

fn point(at: f64, previous: &KernelReading, current: &KernelReading, ticks_per_second: u64) -> GeneratorPoint {
    let ticks = (current.at - previous.at).as_secs_f64() * ticks_per_second as f64;
    // The ticks of a thread that ended are no longer counted.
    let cores = |before: u64, now: u64| now.saturating_sub(before) as f64 / ticks;
    GeneratorPoint {
        at,
        cpu_cores: cores(previous.process, current.process),
        load_thread_cores: cores(previous.load_thread, current.load_thread),
        memory: current.memory,
        host_cores: cores(previous.host, current.host),
        run_queue: previous.waited.zip(current.waited).map(|(before, now)| {
            let waited = Duration::from_nanos(now.saturating_sub(before));
            waited.as_secs_f64() / (current.at - previous.at).as_secs_f64()
        }),
        steal: cores(previous.steal, current.steal),
        runnable: current.runnable,
        retransmits: current.retransmits.saturating_sub(previous.retransmits),
        disk: current.disk,
    }
}

fn read() -> io::Result<KernelReading> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let memory = fs::read_to_string("/proc/self/statm")?;
    let host = fs::read_to_string("/proc/stat")?;
    let thread = load_thread()?;
    let (busy, steal) = host_ticks(&host).ok_or(io::ErrorKind::InvalidData)?;
    // A figure that a restricted `/proc` hides counts as 0.
    let network = fs::read_to_string("/proc/self/net/snmp").unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    Ok(KernelReading {
        at: Instant::now(),
        process: busy_ticks(&stat).ok_or(io::ErrorKind::InvalidData)?,
        load_thread: thread.ticks,
        host: busy,
        steal,
        waited: thread.waited,
        retransmits: retransmits(&network).unwrap_or(0),
        runnable: runnable(&load).unwrap_or(0),
        memory: resident_pages(&memory).ok_or(io::ErrorKind::InvalidData)? * rustix::param::page_size() as u64,
        disk: disk_in_use(),
    })
}

/// Used bytes of the file system of the engine's folder, or of the root if there is no such folder.
fn disk_in_use() -> u64 {
    // The engine's folder may be a disk of its own, and is where images, volumes and logs grow.
    let found = ["/var/lib/docker", "/"]
        .iter()
        .find_map(|path| rustix::fs::statvfs(*path).ok());
    // `f_bfree`, as `df` counts what is used: blocks reserved for root are not in use.
    found.map_or(0, |disk| (disk.f_blocks - disk.f_bfree) * disk.f_frsize)
}

fn load_thread() -> io::Result<LoadThread> {
    let mut sum = LoadThread::default();
    for task in fs::read_dir("/proc/self/task")? {
        let task = task?.path();
        // A thread may end between the listing and the reading.
        let Ok(name) = fs::read_to_string(task.join("comm")) else {
            continue;
        };
        if name.trim_end() == LOAD_THREAD {
            let stat = fs::read_to_string(task.join("stat")).unwrap_or_default();
            let schedule = fs::read_to_string(task.join("schedstat")).unwrap_or_default();
            sum.ticks += busy_ticks(&stat).unwrap_or(0);
            sum.waited = waited(&schedule).map(|waited| waited + sum.waited.unwrap_or(0));
        }
    }
    Ok(sum)
}

/// The second field of a `schedstat` file: nanoseconds on a run queue (the kernel's scheduler statistics).
fn waited(schedstat: &str) -> Option<u64> {
    schedstat.split_ascii_whitespace().nth(1)?.parse().ok()
}

/// `RetransSegs` of `/proc/net/snmp`, whose columns are named by the line before.
fn retransmits(snmp: &str) -> Option<u64> {
    let mut lines = snmp.lines().filter_map(|line| line.strip_prefix("Tcp: "));
    let column = lines.next()?.split(' ').position(|name| name == "RetransSegs")?;
    lines.next()?.split(' ').nth(column)?.parse().ok()
}

/// Number of processes that run or are ready to run: before the slash in the fourth field of `/proc/loadavg`.
fn runnable(loadavg: &str) -> Option<u32> {
    loadavg.split(' ').nth(3)?.split_once('/')?.0.parse().ok()
}

/// User and system time of a `stat` file (fields 14 and 15, proc(5)); the name in field 2 may hold anything.
fn busy_ticks(stat: &str) -> Option<u64> {
    // The name in parentheses may hold blanks and parentheses itself, so the fields are counted from the last one.
    let (_, fields) = stat.rsplit_once(')')?;
    // Fields 14 and 15 of proc_pid_stat(5): user and system time, the name being field 2.
    let mut fields = fields.split_ascii_whitespace().skip(11);
    Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
}

/// From the first line of `/proc/stat`: ticks of all but idle, I/O wait and stolen time; ticks of stolen time.
fn host_ticks(stat: &str) -> Option<(u64, u64)> {
    let fields = stat.lines().next()?.strip_prefix("cpu ")?;
    let fields: Vec<u64> = fields
        .split_ascii_whitespace()
        .map_while(|field| field.parse().ok())
        .collect();
    match fields[..] {
        [user, nice, system, _idle, _iowait, irq, softirq, ref more @ ..] => {
            Some((user + nice + system + irq + softirq, more.first().copied().unwrap_or(0)))
        }
        _ => None,
    }
}

fn resident_pages(statm: &str) -> Option<u64> {
    statm.split_ascii_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_proc_files() {
        // The name of a process may hold spaces and brackets.
        let stat = "4242 (a ) b) S 1 4242 4242 0 -1 4194304 100 0 0 0 250 50 7000 9000 20 0 3 0 100 1 1 1";
        assert_eq!(busy_ticks(stat), Some(300), "reaped children (7000, 9000) are not ours");
        let host = "cpu  100 20 30 4000 500 6 7 800 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n";
        assert_eq!(host_ticks(host), Some((100 + 20 + 30 + 6 + 7, 800)));
        assert_eq!(waited("812 745154 1\n"), Some(745_154));
        let snmp = "Ip: A B\nIp: 1 2\nTcp: RtoMin RetransSegs InErrs\nTcp: 200 4499 0\n";
        assert_eq!(retransmits(snmp), Some(4_499));
        assert_eq!(runnable("3.79 3.30 2.56 5/271 19676"), Some(5));
        assert_eq!(resident_pages("900 321 100 1 0 200 0"), Some(321));
        for nonsense in ["", "cpu", "1 (x"] {
            assert_eq!(busy_ticks(nonsense), None);
            assert_eq!(host_ticks(nonsense), None);
            assert_eq!(
                (waited(nonsense), retransmits(nonsense), runnable(nonsense)),
                (None, None, None)
            );
        }
    }

    #[test]
    fn reads_this_very_process_and_its_load_thread() {
        let worker = std::thread::Builder::new()
            .name(LOAD_THREAD.to_owned())
            .spawn(|| {
                // Measured by the thread's own clock, because other processes may have the processor for any length of time.
                let used = || rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
                while used().tv_sec == 0 && used().tv_nsec < 100_000_000 {
                    std::hint::spin_loop();
                }
                read().unwrap()
            })
            .unwrap();
        let reading = worker.join().unwrap();
        assert!(reading.load_thread >= 5, "{reading:?}");
        assert!(reading.process >= reading.load_thread, "{reading:?}");
        assert!(reading.host >= reading.process, "{reading:?}");
        assert!(reading.memory > 1 << 20, "{reading:?}");
    }

    #[test]
    fn cores_are_ticks_over_the_time_between_two_readings() {
        let start = Instant::now();
        let previous = KernelReading {
            at: start,
            process: 1000,
            load_thread: 500,
            host: 9000,
            steal: 10,
            waited: Some(1_000_000_000),
            retransmits: 4,
            runnable: 1,
            memory: 1,
            disk: 1,
        };
        let current = KernelReading {
            at: start + Duration::from_secs(2),
            process: 1150,
            load_thread: 0,
            host: 9400,
            steal: 30,
            waited: Some(1_500_000_000),
            retransmits: 7,
            runnable: 3,
            memory: 2,
            disk: 2,
        };
        let point = point(7.0, &previous, &current, 100);
        // 150 ticks of 10 ms in 2 s; the load thread has ended.
        assert_eq!(
            (point.cpu_cores, point.load_thread_cores, point.host_cores),
            (0.75, 0.0, 2.0)
        );
        assert_eq!((point.at, point.memory), (7.0, 2));
        assert_eq!((point.run_queue, point.steal), (Some(0.25), 0.1));
        assert_eq!((point.retransmits, point.runnable), (3, 3));
    }
}
