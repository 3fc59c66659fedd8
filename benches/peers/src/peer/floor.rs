//! Our own minimal clients.

use super::{FLOOR, Load, Peer, summary, throttled};

pub(super) const PEER: Peer = Peer {
    name: FLOOR,
    program: "floor_epoll",
    pick: |load| match load {
        Load::Closed { .. } => "floor_epoll",
        _ => "floor_rate",
    },
    can: throttled,
    command: |job| {
        let (address, seconds) = (job.address, job.seconds);
        Ok(job.words(&match job.load {
            Load::Closed { connections } => format!("{address} --connections {connections} --seconds {seconds}"),
            Load::Rate { rate } | Load::Stall { rate } => format!("{address} --rate {rate} --seconds {seconds}"),
            Load::Connected { .. } | Load::Idle { .. } => return Err(job.unable()),
        }))
    },
    quantiles: summary,
};
