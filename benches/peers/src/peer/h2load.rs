//! h2load of nghttp2 in its HTTP/1.1 mode; its rate is per connection.

use super::{CONNECTIONS, Load, Peer, none};

pub(super) const PEER: Peer = Peer {
    name: "h2load",
    program: "h2load",
    pick: |_| "h2load",
    can: |load| matches!(load, Load::Closed { .. } | Load::Rate { .. }),
    command: |job| {
        let seconds = job.seconds;
        let rest = match job.load {
            Load::Closed { connections } => format!("-c{connections}"),
            Load::Rate { rate } => format!("-c{CONNECTIONS} --rps={}", f64::from(rate) / f64::from(CONNECTIONS)),
            _ => return Err(job.unable()),
        };
        Ok(job.words(&format!("--h1 -t1 -D{seconds} {rest} {}", job.url())))
    },
    quantiles: none,
};
