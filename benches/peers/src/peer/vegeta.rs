//! vegeta; open, with as many workers as it takes.

use std::fs;
use std::path::Path;
use std::process::Command;

use diapason_peers::quantiles::Quantiles;
use serde_json::Value;

use super::{Load, Peer, throttled};

pub(super) const PEER: Peer = Peer {
    name: "vegeta",
    program: "vegeta",
    pick: |_| "vegeta",
    can: throttled,
    command: |job| {
        fs::write(job.folder.join("targets"), format!("GET {}\n", job.url()))?;
        let rest = match job.load {
            Load::Closed { connections } => format!("-rate=0 -workers={connections} -max-workers={connections}"),
            Load::Rate { rate } | Load::Stall { rate } => format!("-rate={rate}"),
            Load::Connected { .. } | Load::Idle { .. } => return Err(job.unable()),
        };
        Ok(job.words(&format!(
            "attack -targets=targets -output=results -duration={}s {rest}",
            job.seconds
        )))
    },
    quantiles: |folder: &Path, _| {
        let report = Command::new("vegeta")
            .args(["report", "-type=json", "results"])
            .current_dir(folder)
            .output()
            .ok()?;
        let report: Value = serde_json::from_slice(&report.stdout).ok()?;
        let at = |key| Some(report.get("latencies")?.get(key)?.as_f64()? / 1e6);
        Some(Quantiles {
            p50: at("50th")?,
            p90: at("90th")?,
            p99: at("99th")?,
            max: at("max")?,
        })
    },
};
