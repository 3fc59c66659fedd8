//! The counters of one container at one moment, from either source.

/// Counters since the container started, and gauges of the moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counters {
    pub(super) cpu_nanos: u64,
    pub(super) periods: u64,
    pub(super) throttled_periods: u64,
    pub(super) throttled_nanos: u64,
    /// Working set in bytes, now.
    pub(super) memory: u64,
    pub(super) page_faults: u64,
    pub(super) major_faults: u64,
    pub(super) oom_kills: u64,
    /// Bytes read from disks; `None` if they are not counted.
    pub(super) read: Option<u64>,
    pub(super) written: Option<u64>,
    pub(super) received: u64,
    pub(super) sent: u64,
    /// TCP sockets, now.
    pub(super) sockets: Option<u64>,
    /// Microseconds in which some task waited for a processor, memory, a disk.
    pub(super) stalled: Option<[u64; 3]>,
}

impl Counters {
    /// Growth since the previous counters; `None` if the container was started anew in between. Gauges keep their current value.
    pub(super) fn since(&self, previous: &Self) -> Option<Self> {
        let counted = |now: u64, before: u64| now.saturating_sub(before);
        let moved = |now: Option<u64>, before: Option<u64>| now.map(|now| counted(now, before.unwrap_or(0)));
        Some(Self {
            // Processor time never falls while a container runs: if it did, the container was started again.
            cpu_nanos: self.cpu_nanos.checked_sub(previous.cpu_nanos)?,
            periods: counted(self.periods, previous.periods),
            throttled_periods: counted(self.throttled_periods, previous.throttled_periods),
            throttled_nanos: counted(self.throttled_nanos, previous.throttled_nanos),
            page_faults: counted(self.page_faults, previous.page_faults),
            major_faults: counted(self.major_faults, previous.major_faults),
            oom_kills: counted(self.oom_kills, previous.oom_kills),
            read: moved(self.read, previous.read),
            written: moved(self.written, previous.written),
            received: counted(self.received, previous.received),
            sent: counted(self.sent, previous.sent),
            stalled: match (self.stalled, previous.stalled) {
                (Some(now), Some(before)) => Some([0, 1, 2].map(|which: usize| counted(now[which], before[which]))),
                _ => None,
            },
            ..*self
        })
    }
}
