//! k6 with `k6.js`; users enough are made beforehand.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use diapason_peers::quantiles::Quantiles;
use serde_json::Value;

use super::{Load, Peer, throttled};

pub(super) const PEER: Peer = Peer {
    name: "k6",
    program: "k6",
    pick: |_| "k6",
    can: throttled,
    command: |job| {
        let (seconds, url) = (job.seconds, job.url());
        let load = match job.load {
            Load::Closed { connections } => format!("-e USERS={connections}"),
            Load::Rate { rate } | Load::Stall { rate } => format!("-e RATE={rate} -e USERS=1500"),
            Load::Connected { .. } | Load::Idle { .. } => return Err(job.unable()),
        };
        let mut words = job.words(&format!(
            "run --quiet --summary-export report.json -e URL={url} -e SECONDS={seconds} {load}"
        ));
        words.push(OsString::from(job.site.join("k6.js")));
        Ok(words)
    },
    quantiles: |folder: &Path, _| {
        let report: Value = serde_json::from_str(&fs::read_to_string(folder.join("report.json")).ok()?).ok()?;
        let at = |key| report.get("metrics")?.get("http_req_duration")?.get(key)?.as_f64();
        Some(Quantiles {
            p50: at("p(50)")?,
            p90: at("p(90)")?,
            p99: at("p(99)")?,
            max: at("max")?,
        })
    },
};
