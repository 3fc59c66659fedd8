//! Sentences on validity rules.

use super::container_incident;
use super::text::{percent, plural};
use crate::slo::{BrokenIdentity, Facts, Fraction, GeneratorCpu, Lag, ValidityCheck};
use crate::words::quoted;

const NO_SCHEDULE: &str = "no schedule: the judged phases are of the closed model";

/// A validity check in English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckText {
    /// Name of the rule: `send lag`.
    pub rule: String,
    /// Measured value: `p99 0.42 ms`.
    pub measured: String,
    /// Threshold: `at most 10 ms`.
    pub threshold: String,
    /// Remedy if the rule does not hold.
    pub hint: String,
}

/// A validity check in English.
pub fn check(check: &ValidityCheck) -> CheckText {
    CheckText {
        rule: check.rule().to_string(),
        measured: measured(&check.facts),
        threshold: threshold(&check.facts),
        hint: hint(&check.facts),
    }
}

/// Measured value of a rule.
pub fn measured(facts: &Facts) -> String {
    match facts {
        Facts::JudgedRequests { count, .. } | Facts::OutOfRangeSamples { count } => count.to_string(),
        Facts::SendLag { lag, .. } => match lag {
            Lag::P99(millis) => format!("p99 {millis:.2} ms"),
            Lag::NoSchedule => NO_SCHEDULE.to_owned(),
            Lag::Unknown => "no request was sent".to_owned(),
        },
        Facts::DroppedArrivals { share, interrupted } => {
            let share = share.map_or_else(|| NO_SCHEDULE.to_owned(), part);
            share
                + if *interrupted {
                    ", the run was stopped early"
                } else {
                    ""
                }
        }
        Facts::GeneratorCpu(None) | Facts::Containers { observed: None, .. } => "not observed".to_owned(),
        Facts::GeneratorCpu(Some(used)) => generator_cpu(used),
        Facts::GeneratorSockets { descriptors, ports } => sockets(*descriptors, *ports),
        Facts::RateLimitedRequests { share, .. } => part(*share),
        Facts::Containers {
            observed: Some(count),
            incidents,
            own,
        } => {
            let mut all = incidents.iter().chain(own).peekable();
            if all.peek().is_none() {
                return format!("{count} up throughout");
            }
            let incidents: Vec<String> = all.map(container_incident).collect();
            incidents.join("; ")
        }
        Facts::StackEvents { done, failed } => {
            let failed = failed.iter().map(|(name, cause)| format!("; `{name}` failed: {cause}"));
            format!("{done} carried out{}", failed.collect::<String>())
        }
        Facts::Identities(broken) => {
            if broken.is_empty() {
                return "all hold".to_owned();
            }
            let broken: Vec<String> = broken.iter().map(broken_identity).collect();
            broken.join("; ")
        }
        Facts::Probe { failure, .. } => failure.clone().unwrap_or_else(|| "no failure".to_owned()),
        Facts::BrowserCalibration {
            before_ms,
            during,
            spared,
            ..
        } => calibration(*before_ms, *during) + if *spared { ": no verdict hangs on it" } else { "" },
        Facts::Verbatim { measured, .. } => measured.clone(),
    }
}

/// Threshold that the measured value of a rule is compared with.
pub fn threshold(facts: &Facts) -> String {
    let text = match facts {
        Facts::JudgedRequests { .. } => "at least 1",
        Facts::SendLag { limit_ms: None, .. } => "no response-time objective",
        Facts::SendLag {
            limit_ms: Some(limit), ..
        } => return format!("at most {limit} ms, 10 % of the tightest response-time target"),
        Facts::DroppedArrivals { .. } | Facts::RateLimitedRequests { judged_by: None, .. } => {
            return format!("at most {}", percent(Fraction::TOLERATED));
        }
        Facts::RateLimitedRequests {
            judged_by: Some(name), ..
        } => return format!("judged by `{name}`"),
        Facts::GeneratorCpu(_) => "at most 90 % of what it was given, on average",
        Facts::GeneratorSockets { .. } => "none unsent",
        Facts::OutOfRangeSamples { .. } => "none above 10 minutes",
        Facts::Containers { .. } => "none stopped, killed or removed from outside; one that dies by itself is a miss",
        Facts::StackEvents { .. } => "each that begins is carried out",
        Facts::Identities(_) => {
            "planned = started + dropped; started = completed + failed + interrupted; seconds and histograms = totals"
        }
        Facts::Probe { .. } => "delivers, because a gating objective needs it",
        Facts::BrowserCalibration { limit, .. } => {
            return format!("the harness's own page loads at most {limit} times slower, or no verdict hangs on it");
        }
        Facts::Verbatim { threshold, .. } => threshold,
    };
    text.to_owned()
}

/// Remedy if a rule does not hold.
pub fn hint(facts: &Facts) -> String {
    let text = match facts {
        Facts::JudgedRequests { .. } => {
            "nothing was judged: the run ended before its judged phases, or none has `judged = true` and a rate above 0"
        }
        Facts::SendLag { .. } => {
            "requests left later than the schedule said: lower the rate or give the generator a core of its own"
        }
        Facts::DroppedArrivals { .. } => {
            "arrivals found no idle user: allow more users, or lower the rate to what the system can answer"
        }
        Facts::GeneratorCpu(None) => "processor use was not seen: the run was too short, or `/proc` cannot be read",
        Facts::GeneratorCpu(Some(_)) => {
            "the generator is saturated and its latencies are its own: lower the rate, have fewer users or give it more CPU"
        }
        Facts::GeneratorSockets { descriptors: 0, .. } => {
            "the generator's local ports are used up: keep connections open, or give it more `source-addresses` in `[front-door]`"
        }
        Facts::GeneratorSockets { .. } => {
            "the generator may open too few files: raise its limit (`ulimit -n 65536`), or have fewer users"
        }
        Facts::RateLimitedRequests { .. } => {
            "users come too fast for the limiter: give them addresses of their own, more users or more think time"
        }
        Facts::OutOfRangeSamples { .. } => "a request took longer than a histogram holds: give the steps a time-out",
        Facts::Containers { .. } => "read the service's log of that moment and give it what it lacked",
        Facts::StackEvents { .. } => "see that the event's action works on the idle stack first: `diapason stack up`",
        Facts::Identities(_) => "this is a bug of diapason: please report it with the run folder",
        Facts::Probe { .. } => "repair what the probe lacks, or mark its objectives advisory with `gate = false`",
        Facts::BrowserCalibration { .. } => {
            "give the browser a core that the system under test does not use, or mark the objectives on pages advisory"
        }
        Facts::Verbatim { hint, .. } => hint,
    };
    text.to_owned()
}

/// Most paths that are listed.
const MOST_PATHS: usize = 5;

/// Requests of the browser's pages that the limiter refused, by path; `None` for none.
pub fn browser_refused(facts: &Facts) -> Option<String> {
    let refused = RefusedPages::new(facts)?;
    let more = match refused.more {
        0 => String::new(),
        more => format!(" and {}", plural(more, "other path")),
    };
    let unless = if refused.users_too {
        ", unless it shares its address with the virtual users here"
    } else {
        ""
    };
    Some(format!(
        "the limiter refused {} of the browser's own requests: {}{more}; a user's browser that loads these pages as fast meets the \
         limiter as well{unless}",
        refused.total,
        refused.paths.join(", ")
    ))
}

/// Requests of the browser's pages that the limiter refused.
pub(in crate::words) struct RefusedPages {
    /// Their number.
    pub(in crate::words) total: u64,
    /// The paths with the most, each with its number.
    pub(in crate::words) paths: Vec<String>,
    /// Number of paths that are left out.
    pub(in crate::words) more: u64,
    /// True if virtual users were refused as well.
    pub(in crate::words) users_too: bool,
}

impl RefusedPages {
    /// `None` for none.
    pub(in crate::words) fn new(facts: &Facts) -> Option<Self> {
        let Facts::RateLimitedRequests { browser, share, .. } = facts else {
            return None;
        };
        let listed = browser.iter().take(MOST_PATHS);
        (!browser.is_empty()).then(|| Self {
            total: browser.iter().map(|(_, count)| count).sum(),
            paths: listed
                .map(|(path, count)| format!("{} ({count})", quoted(path)))
                .collect(),
            more: browser.len().saturating_sub(MOST_PATHS) as u64,
            users_too: share.count > 0,
        })
    }
}

/// A broken rule: `send lag p99 12.00 ms (at most 10 ms)`.
pub fn breach(facts: &Facts) -> String {
    format!("{} {} ({})", facts.rule(), measured(facts), threshold(facts))
}

/// Share and counts: `0.13 % (4 of 3000)`.
fn part(part: Fraction) -> String {
    format!("{} ({} of {})", percent(part.share()), part.count, part.total)
}

/// Requests that were not sent for want of a connection: `3 requests without a file descriptor`.
fn sockets(descriptors: u64, ports: u64) -> String {
    let lacking = [(descriptors, "a file descriptor"), (ports, "a local port")];
    let unsent = lacking.into_iter().filter(|(count, _)| *count > 0);
    let told: Vec<String> = unsent
        .map(|(count, what)| format!("{} without {what}", plural(count, "request")))
        .collect();
    told.join(", ")
}

fn generator_cpu(used: &GeneratorCpu) -> String {
    let GeneratorCpu {
        thread,
        process,
        cores,
        host,
    } = used;
    format!("load thread {thread:.2} cores, process {process:.2} of {cores} cores (host {host:.2})")
}

/// Load times of the harness's own page: the median before the load, and the median during it with the number of loads.
fn calibration(before_ms: f64, during: Option<(Option<f64>, usize)>) -> String {
    match during {
        Some((during, count)) => {
            // Infinite if most loads did not end.
            let during = during.unwrap_or(f64::INFINITY);
            format!("{before_ms:.0} ms before the load, {during:.0} ms during it (median of {count})")
        }
        None => format!("{before_ms:.0} ms before the load, too few loads during it to tell"),
    }
}

fn broken_identity(broken: &BrokenIdentity) -> String {
    match broken {
        BrokenIdentity::NoTotals { phase } => format!("{phase}: no totals"),
        BrokenIdentity::Planned {
            phase,
            planned,
            arrivals,
        } => format!("{phase}: {planned} planned, the schedule holds {arrivals}"),
        BrokenIdentity::Started {
            phase,
            planned,
            started,
            dropped,
        } => format!("{phase}: {planned} planned ≠ {started} started + {dropped} dropped"),
        BrokenIdentity::Ended { phase, started, ended } => format!("{phase}: {started} started ≠ {ended} ended"),
        BrokenIdentity::Seconds { series, sum, total } => {
            format!("{series}: the seconds add up to {sum} requests, not to the {total} counted")
        }
        BrokenIdentity::Histogram {
            series,
            held,
            successes,
        } => format!("{series}: histogram of {held} for {successes} successes"),
    }
}
