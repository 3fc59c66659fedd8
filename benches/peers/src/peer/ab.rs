//! `ApacheBench`, a closed loop.

use super::{Load, Peer, none};

pub(super) const PEER: Peer = Peer {
    name: "ab",
    program: "ab",
    pick: |_| "ab",
    can: |load| matches!(load, Load::Closed { .. }),
    command: |job| {
        let Load::Closed { connections } = job.load else {
            return Err(job.unable());
        };
        // A time limit sets 50,000 requests; the number after it raises that.
        let seconds = job.seconds;
        Ok(job.words(&format!(
            "-q -k -c {connections} -t {seconds} -n 10000000 {}",
            job.url()
        )))
    },
    quantiles: none,
};
