//! fortio; a fixed number of workers share the rate.

use std::fs;
use std::path::Path;

use diapason_peers::quantiles::Quantiles;
use serde_json::Value;

use super::{CONNECTIONS, Load, Peer, throttled};

pub(super) const PEER: Peer = Peer {
    name: "fortio",
    program: "fortio",
    pick: |_| "fortio",
    can: throttled,
    command: |job| {
        let (connections, rate) = match job.load {
            Load::Closed { connections } => (connections, 0),
            Load::Rate { rate } | Load::Stall { rate } => (CONNECTIONS, rate),
            Load::Connected { .. } | Load::Idle { .. } => return Err(job.unable()),
        };
        let words = format!(
            "load -quiet -c {connections} -qps {rate} -t {}s -p 50,90,99 -json report.json",
            job.seconds
        );
        Ok(job.words(&format!("{words} {}", job.url())))
    },
    quantiles: |folder: &Path, _| {
        let report: Value = serde_json::from_str(&fs::read_to_string(folder.join("report.json")).ok()?).ok()?;
        let histogram = report.get("DurationHistogram")?;
        let at = |percent: f64| {
            let all = histogram.get("Percentiles")?.as_array()?;
            let one = all
                .iter()
                .find(|one| one.get("Percentile").and_then(Value::as_f64) == Some(percent))?;
            Some(one.get("Value")?.as_f64()? * 1e3)
        };
        Some(Quantiles {
            p50: at(50.0)?,
            p90: at(90.0)?,
            p99: at(99.0)?,
            max: histogram.get("Max")?.as_f64()? * 1e3,
        })
    },
};
