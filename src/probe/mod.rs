//! What is observed beside the requests, on the same clock.
//!
//! A probe is prepared against the running system before the load starts, then observes until the plan's end. Each keeps
//! its own settings, its own observation type and its own file or folder.

pub mod browser;
pub mod containers;
pub mod front_door;
pub mod generator;
pub mod postgres;
pub mod proxy;

mod container_log;
mod error;

mod set;
mod watch;

pub use error::ProbeError;

pub use set::{PreparedProbes, ProbeContext, ProbeSettings, prepare};
pub use watch::Watch;

/// Name and one sentence of every probe.
pub const PROBES: &[(&str, &str)] = &[
    (
        "postgres",
        "statement executions and their times, from PostgreSQL itself",
    ),
    ("browser", "page loads in headless Chromium, paced and at idle priority"),
    (
        "proxy",
        "where the time of requests went, from the log of an Nginx joined with what the client saw",
    ),
    (
        "containers",
        "CPU, throttling, memory, disk, network and pressure of each service, and whether it stayed up",
    ),
    (
        "front-door",
        "one request a second to the front door, each deciding a slice of uptime",
    ),
    ("generator", "what the harness itself used; always observed"),
];
