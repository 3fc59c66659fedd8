//! Diapason with full recording and one JSON check; the stack file of a turn attaches it to that turn's server.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use diapason_peers::Failure;
use diapason_peers::quantiles::Quantiles;
use serde_json::Value;

use super::{Job, Load, Peer};

pub(super) const PEER: Peer = Peer {
    name: "diapason",
    program: "diapason",
    pick: |_| "diapason",
    can: |load| !matches!(load, Load::Closed { .. }),
    command,
    quantiles,
};

/// Users enough for every request that can be under way at once.
fn users_and_rate(job: &Job) -> Result<(u32, u32), Failure> {
    Ok(match job.load {
        Load::Closed { .. } => return Err(job.unable()),
        Load::Rate { rate } => (200, rate),
        Load::Stall { rate } => (rate * 3 / 2, rate),
        // Each user has one turn.
        Load::Connected { users } => (users, users / job.seconds),
        Load::Idle { users } => (users, 100),
    })
}

fn command(job: &Job) -> Result<Vec<OsString>, Failure> {
    let (users, rate) = users_and_rate(job)?;
    let stack = job.folder.join("attached.toml");
    let text = format!(
        "name = \"attached\"\ndescription = \"The server of this turn\"\n\n[attach]\nurl = \"http://{}\"\n\n[ready]\npath = \"/ready\"\n",
        job.address
    );
    fs::write(&stack, text)?;
    let mut words = job.words("run --quiet --out runs");
    words.push(job.site.join("scenarios/rate.toml").into());
    let settings = [
        ("stack.use", stack.display().to_string()),
        ("users.count", users.to_string()),
        ("phase.steady.duration", format!("{}s", job.seconds)),
        ("phase.steady.workload.rate", format!("{rate}/s")),
    ];
    for (key, value) in settings {
        words.push("--set".into());
        words.push(format!("{key}={value}").into());
    }
    Ok(words)
}

/// Of all requests, from the report.
fn quantiles(folder: &Path, _output: &str) -> Option<Quantiles> {
    let report = fs::read_to_string(folder.join("runs/latest/report.json")).ok()?;
    let report: Value = serde_json::from_str(&report).ok()?;
    let response = report.pointer("/groups/0/response")?;
    let at = |key| response.get(key)?.as_f64();
    Some(Quantiles {
        p50: at("p50")?,
        p90: at("p90")?,
        p99: at("p99")?,
        max: at("max")?,
    })
}
