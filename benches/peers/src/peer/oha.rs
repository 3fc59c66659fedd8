//! oha; at a rate with its correction for coordinated omission.

use std::path::Path;

use diapason_peers::quantiles::Quantiles;
use serde_json::Value;

use super::{CONNECTIONS, Load, Peer, throttled};

pub(super) const PEER: Peer = Peer {
    name: "oha",
    program: "oha",
    pick: |_| "oha",
    can: throttled,
    command: |job| {
        let rest = match job.load {
            Load::Closed { connections } => format!("-c {connections}"),
            Load::Rate { rate } | Load::Stall { rate } => format!("-c {CONNECTIONS} -q {rate} --latency-correction"),
            Load::Connected { .. } | Load::Idle { .. } => return Err(job.unable()),
        };
        let seconds = job.seconds;
        Ok(job.words(&format!(
            "--no-tui --output-format json -z {seconds}s -w {rest} {}",
            job.url()
        )))
    },
    quantiles: |_: &Path, output| {
        let report: Value = serde_json::from_str(output).ok()?;
        let seconds = |pointer| report.pointer(pointer).and_then(Value::as_f64);
        Some(Quantiles {
            p50: seconds("/latencyPercentiles/p50")? * 1e3,
            p90: seconds("/latencyPercentiles/p90")? * 1e3,
            p99: seconds("/latencyPercentiles/p99")? * 1e3,
            max: seconds("/summary/slowest")? * 1e3,
        })
    },
};
