//! Plain goose, as `goose_client` uses it.

use super::{CONNECTIONS, Load, Peer, summary, throttled};

pub(super) const PEER: Peer = Peer {
    name: "goose",
    program: "goose_client",
    pick: |_| "goose_client",
    can: throttled,
    command: |job| {
        let (users, throttle) = match job.load {
            Load::Closed { connections } => (connections, String::new()),
            Load::Rate { rate } | Load::Stall { rate } => (CONNECTIONS, format!("--throttle-requests {rate}")),
            Load::Connected { .. } | Load::Idle { .. } => return Err(job.unable()),
        };
        // All users start at once; its own console, controllers and graphs stay out of it.
        let quiet = "--quiet --no-telnet --no-print-metrics";
        let (address, seconds) = (job.address, job.seconds);
        let start = format!("--users {users} --increase-rate {} --run-time {seconds}s", users * 100);
        Ok(job.words(&format!("--host http://{address} {start} {throttle} {quiet}")))
    },
    quantiles: summary,
};
