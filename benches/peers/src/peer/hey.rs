//! hey; its rate is per worker.

use std::path::Path;

use diapason_peers::quantiles::Quantiles;

use super::{Load, Peer, throttled};

/// Divides the rates of the tables, as the rate per worker goes by.
const WORKERS: u32 = 50;

pub(super) const PEER: Peer = Peer {
    name: "hey",
    program: "hey",
    pick: |_| "hey",
    can: throttled,
    command: |job| {
        let rest = match job.load {
            Load::Closed { connections } => format!("-c {connections}"),
            Load::Rate { rate } | Load::Stall { rate } => {
                format!("-c {WORKERS} -q {}", f64::from(rate) / f64::from(WORKERS))
            }
            Load::Connected { .. } | Load::Idle { .. } => return Err(job.unable()),
        };
        Ok(job.words(&format!("-z {}s {rest} {}", job.seconds, job.url())))
    },
    quantiles: |_: &Path, output| {
        let line = |begin: &str| output.lines().map(str::trim).find(|line| line.starts_with(begin));
        let at = |percent| Some(1e3 * line(percent)?.split_whitespace().nth(2)?.parse::<f64>().ok()?);
        Some(Quantiles {
            p50: at("50% in")?,
            p90: at("90% in")?,
            p99: at("99% in")?,
            max: 1e3 * line("Slowest:")?.split_whitespace().nth(1)?.parse::<f64>().ok()?,
        })
    },
};
