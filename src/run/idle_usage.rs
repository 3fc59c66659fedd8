//! Waits until the stack is back to rest, so that one step does not begin in the wake of another.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use url::Url;

use crate::probe::containers::ContainersSettings;
use crate::probe::{self, ProbeContext, ProbeSettings, Watch};
use crate::record::Window;
use crate::stack::Endpoints;
use crate::timer;
use crate::timer::RunClock;

/// Length of one look at the containers.
// Two whole seconds of the probe and its start: the last one is used.
const LOOK: Duration = Duration::from_millis(2_500);
/// CPU above that at rest which still counts as rest, in cores: health checks and the database's own housekeeping.
const SLACK: f64 = 0.08;

/// CPU use of the stack before any load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IdleUsage {
    /// Cores used by all containers together; `None` if they are not known.
    cores: Option<f64>,
}

impl IdleUsage {
    /// Measures an idle stack.
    pub async fn measure(endpoints: &Endpoints, stop: &CancellationToken) -> Self {
        Self {
            cores: cores(endpoints, stop).await,
        }
    }

    /// Returns once our connections are closed and the containers use no more than at rest, or after `at_most`. The result is
    /// the time it took, and true if rest was reached.
    pub async fn wait(&self, endpoints: &Endpoints, at_most: Duration, stop: &CancellationToken) -> (Duration, bool) {
        let look = async || {
            // Both are asked for: a server may be idle with connections that it is about to close, and busy with
            // none.
            let drained = open_connections(endpoints) == 0;
            let quiet = match (self.cores, cores(endpoints, stop).await) {
                (Some(before), Some(now)) => now <= before + SLACK,
                // Without figures of the containers the connections decide alone.
                _ => true,
            };
            drained && quiet
        };
        settle(look, at_most, stop).await
    }
}

/// Looks until the stack is at rest, `at_most` has passed or `stop` is cancelled.
async fn settle(mut look: impl AsyncFnMut() -> bool, at_most: Duration, stop: &CancellationToken) -> (Duration, bool) {
    let begin = timer::now();
    loop {
        let rested = look().await;
        let took = timer::now() - begin;
        if stop.is_cancelled() || rested || took >= at_most {
            return (took, rested);
        }
    }
}

/// Cores that all containers together use now.
async fn cores(endpoints: &Endpoints, stop: &CancellationToken) -> Option<f64> {
    if endpoints.containers.is_empty() {
        tokio::select! {
            // Without containers nothing else slows the loop, which would read the kernel's tables without a pause.
            () = tokio::time::sleep(Duration::from_millis(300)) => {}
            () = stop.cancelled() => {}
        }
        return None;
    }
    let settings = ProbeSettings {
        containers: Some(ContainersSettings::default()),
        ..ProbeSettings::default()
    };
    let context = ProbeContext::new(settings, endpoints.clone());
    let probes = probe::prepare(&context).await.ok()?;
    let whole = Window {
        start: Duration::ZERO,
        end: LOOK,
    };
    let observed = Box::pin(probes.observe(Watch {
        clock: RunClock::starting_in(Duration::ZERO),
        judged: whole,
        end: LOOK,
        stop: stop.clone(),
    }));
    let containers = observed.await.containers?.containers;
    // Only the last second of each container counts, so that load that has just ended does not.
    let last = containers.iter().filter_map(|container| container.points.last());
    Some(last.map(|point| point.cpu_cores).sum())
}

/// Connections of this machine to the front door that are still established, as the kernel lists them (proc(5)).
fn open_connections(endpoints: &Endpoints) -> usize {
    let port = Url::parse(&endpoints.front_door)
        .ok()
        .and_then(|url| url.port_or_known_default());
    let Some(port) = port else { return 0 };
    // The generator's own network namespace: its connections are those that have to drain.
    let tables = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];
    tables
        .iter()
        .map(|path| established(&std::fs::read_to_string(path).unwrap_or_default(), port))
        .sum()
}

/// Lines of the table whose remote port is that one and whose state is 01, established.
fn established(table: &str, port: u16) -> usize {
    let remote = format!(":{port:04X}");
    let is_open = |line: &&str| {
        let mut fields = line.split_ascii_whitespace().skip(2);
        fields.next().is_some_and(|address| address.ends_with(&remote)) && fields.next() == Some("01")
    };
    table.lines().skip(1).filter(is_open).count()
}

// The simulated clock is compiled with debug assertions only.
#[cfg(debug_assertions)]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::timer::simulated::simulate;

    const fn millis(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    /// Waits at most 10 s, by looks of 2.5 s, for a stack that comes to rest after `rests`; the wait is stopped after `stopped`.
    fn waited(rests: Duration, stopped: Duration) -> (Duration, bool) {
        simulate(async {
            let begin = timer::now();
            let stop = CancellationToken::new();
            let stopping = stop.clone();
            tokio::task::spawn_local(async move {
                timer::sleep_until(begin + stopped).await;
                stopping.cancel();
            });
            let look = async || {
                let end = timer::now() + LOOK;
                timer::timeout_at(end, stop.cancelled()).await;
                timer::now() >= begin + rests
            };
            settle(look, millis(10_000), &stop).await
        })
    }

    #[test]
    fn rest_is_waited_for_but_not_for_ever() {
        let never = millis(60_000);
        // One look is taken even if the stack is already at rest.
        assert_eq!(waited(millis(0), never), (millis(2_500), true));
        assert_eq!(waited(millis(2_501), never), (millis(5_000), true));
        assert_eq!(waited(never, never), (millis(10_000), false));
        assert_eq!(waited(never, millis(3_100)), (millis(3_100), false));
    }

    #[test]
    fn only_established_connections_to_the_port_count() {
        let table = "  sl  local_address rem_address   st tx_queue\n\
            \u{20}0: 0100007F:1F90 00000000:0000 0A 00000000\n\
            \u{20}1: 0100007F:C350 0100007F:1F90 01 00000000\n\
            \u{20}2: 0100007F:C351 0100007F:1F90 06 00000000\n\
            \u{20}3: 0100007F:1F90 0100007F:C350 01 00000000\n";
        assert_eq!(established(table, 8080), 1);
        assert_eq!(established(table, 50_000), 1);
        assert_eq!(established(table, 1), 0);
    }
}
