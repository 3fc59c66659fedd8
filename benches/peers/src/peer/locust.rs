//! locust with `locustfile.py`, its fast client; its rate is per user.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use diapason_peers::quantiles::Quantiles;
use serde_json::Value;

use super::{CONNECTIONS, Job, Load, Peer, throttled};

pub(super) const PEER: Peer = Peer {
    name: "locust",
    program: "locust",
    pick: |_| "locust",
    can: throttled,
    command,
    quantiles,
};

fn command(job: &Job) -> Result<Vec<OsString>, diapason_peers::Failure> {
    let (users, rate) = match job.load {
        Load::Closed { connections } => (connections, None),
        Load::Rate { rate } | Load::Stall { rate } => (CONNECTIONS, Some(rate)),
        Load::Connected { .. } | Load::Idle { .. } => return Err(job.unable()),
    };
    let (address, seconds) = (job.address, job.seconds);
    let mut words = job.words(&format!(
        "--headless --only-summary --json --users {users} --spawn-rate {users} --run-time {seconds}s --host http://{address}"
    ));
    words.push("--locustfile".into());
    words.push(job.site.join("locustfile.py").into());
    if let Some(rate) = rate {
        words.push("--rate-per-user".into());
        words.push((f64::from(rate) / f64::from(users)).to_string().into());
    }
    Ok(words)
}

/// From the counts of its rounded milliseconds.
fn quantiles(_folder: &Path, output: &str) -> Option<Quantiles> {
    let report: Value = serde_json::from_str(output).ok()?;
    let entry = report.get(0)?;
    let counts: BTreeMap<u64, u64> = (entry.get("response_times")?.as_object()?.iter())
        .filter_map(|(time, count)| Some((time.parse::<f64>().ok()?.to_bits(), count.as_u64()?)))
        .collect();
    let total: u64 = counts.values().sum();
    let at = |quantile: f64| {
        let mut seen = 0;
        // The bits of positive numbers are in the order of the numbers.
        let found = counts.iter().find(|(_, count)| {
            seen += **count;
            seen as f64 >= quantile * total as f64
        });
        found.map(|(bits, _)| f64::from_bits(*bits))
    };
    Some(Quantiles {
        p50: at(0.5)?,
        p90: at(0.9)?,
        p99: at(0.99)?,
        max: entry.get("max_response_time")?.as_f64()?,
    })
}
