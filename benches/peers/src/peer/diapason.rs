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
    can: |_| true,
    command,
    quantiles,
};

/// The scenario, how many users it has, and the settings that apply the load: users enough for every request that can be
/// under way at once.
fn scenario(job: &Job) -> (&'static str, u32, (&'static str, String)) {
    let rate = |users, rate| {
        let setting = ("phase.steady.workload.rate", format!("{rate}/s"));
        ("scenarios/rate.toml", users, setting)
    };
    match job.load {
        Load::Closed { connections } => {
            let setting = ("phase.steady.workload.users", connections.to_string());
            ("scenarios/closed.toml", connections, setting)
        }
        Load::Rate { rate: per_second } => rate(200, per_second),
        Load::Stall { rate: per_second } => rate(per_second * 3 / 2, per_second),
        // Each user has one turn.
        Load::Connected { users } => rate(users, users / job.seconds),
        Load::Idle { users } => rate(users, 100),
    }
}

fn command(job: &Job) -> Result<Vec<OsString>, Failure> {
    let (scenario, users, load) = scenario(job);
    let stack = job.folder.join("attached.toml");
    let text = format!(
        "name = \"attached\"\ndescription = \"The server of this turn\"\n\n[attach]\nurl = \"http://{}\"\n\n[ready]\npath = \"/ready\"\n",
        job.address
    );
    fs::write(&stack, text)?;
    let mut words = job.words("run --quiet --out runs");
    words.push(job.site.join(scenario).into());
    let settings = [
        ("stack.use", stack.display().to_string()),
        ("users.count", users.to_string()),
        ("phase.steady.duration", format!("{}s", job.seconds)),
        load,
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
