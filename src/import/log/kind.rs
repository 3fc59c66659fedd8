//! Requests that no user makes.

use super::line::Line;
use crate::evidence::LeftOutReason;
use crate::import::har_entry::has_static_extension;

/// Paths that health checks ask for.
const HEALTH_PATHS: [&str; 14] = [
    "/health",
    "/healthz",
    "/healthcheck",
    "/api/health",
    "/ready",
    "/readyz",
    "/readiness",
    "/live",
    "/livez",
    "/liveness",
    "/ping",
    "/metrics",
    "/nginx_status",
    "/server-status",
];
/// Words in the agents of health checks and monitors.
const MONITORS: [&str; 12] = [
    "kube-probe",
    "elb-healthchecker",
    "googlehc",
    "health",
    "pingdom",
    "uptimerobot",
    "statuscake",
    "prometheus",
    "blackbox",
    "datadog",
    "zabbix",
    "nagios",
];
/// Words in the agents of bots.
const BOTS: [&str; 14] = [
    "bot",
    "crawl",
    "spider",
    "slurp",
    "facebookexternalhit",
    "python-requests",
    "go-http-client",
    "wget",
    "scrapy",
    "headlesschrome",
    "lighthouse",
    "masscan",
    "zgrab",
    "nmap",
];

/// The reason for which a request is no user's; `None` if it may be.
pub(super) fn no_user(line: &Line, path: &str) -> Option<LeftOutReason> {
    let agent = line.agent.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| agent.contains(word));
    if HEALTH_PATHS.contains(&path.trim_end_matches('/')) || has(&MONITORS) {
        return Some(LeftOutReason::Monitor);
    }
    if has(&BOTS) || path == "/robots.txt" {
        return Some(LeftOutReason::Bot);
    }
    if has_static_extension(path) || path.starts_with("/_next/static/") || path.starts_with("/_next/image") {
        return Some(LeftOutReason::StaticFile);
    }
    if line.method == "OPTIONS" {
        return Some(LeftOutReason::Preflight);
    }
    (line.status == 101).then_some(LeftOutReason::WebSocket)
}
