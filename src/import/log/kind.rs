//! Requests that no user makes.

use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};

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

static MONITOR: LazyLock<Option<Regex>> = LazyLock::new(|| any_of(&MONITORS));
static BOT: LazyLock<Option<Regex>> = LazyLock::new(|| any_of(&BOTS));

/// One search for all the words, which costs a long log far less than one for each.
fn any_of(words: &[&str]) -> Option<Regex> {
    let words: Vec<String> = words.iter().map(|word| regex::escape(word)).collect();
    RegexBuilder::new(&words.join("|")).case_insensitive(true).build().ok()
}

/// The reason for which a request is no user's; `None` if it may be.
pub(super) fn no_user(line: &Line, path: &str) -> Option<LeftOutReason> {
    let is_by = |words: &Option<Regex>| words.as_ref().is_some_and(|words| words.is_match(&line.agent));
    if HEALTH_PATHS.contains(&path.trim_end_matches('/')) || is_by(&MONITOR) {
        return Some(LeftOutReason::Monitor);
    }
    if is_by(&BOT) || path == "/robots.txt" {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_user_asks_for_is_recognised() {
        let reason = |method: &str, path: &str, agent: &str, status: u16| {
            let line = Line {
                method: method.to_owned(),
                target: path.to_owned(),
                agent: agent.to_owned(),
                status,
                ..Line::default()
            };
            no_user(&line, path)
        };
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0";
        for (path, agent, expected) in [
            ("/api/tasks", firefox, None),
            ("/api/healthy", firefox, None),
            ("/api/health/", firefox, Some(LeftOutReason::Monitor)),
            ("/metrics", firefox, Some(LeftOutReason::Monitor)),
            ("/", "kube-probe/1.29", Some(LeftOutReason::Monitor)),
            ("/", "ELB-HealthChecker/2.0", Some(LeftOutReason::Monitor)),
            ("/", "Blackbox Exporter/0.24.0", Some(LeftOutReason::Monitor)),
            ("/", "Mozilla/5.0 (compatible; Googlebot/2.1)", Some(LeftOutReason::Bot)),
            ("/", "python-requests/2.31.0", Some(LeftOutReason::Bot)),
            ("/robots.txt", firefox, Some(LeftOutReason::Bot)),
            ("/logo.SVG", firefox, Some(LeftOutReason::StaticFile)),
            ("/_next/static/chunks/a", firefox, Some(LeftOutReason::StaticFile)),
        ] {
            assert_eq!(reason("GET", path, agent, 200), expected, "{path} by {agent}");
        }
        assert_eq!(reason("OPTIONS", "/", firefox, 204), Some(LeftOutReason::Preflight));
        assert_eq!(reason("GET", "/ws", firefox, 101), Some(LeftOutReason::WebSocket));
    }
}
