//! Sentences on the plan.

use super::text::plural;
use crate::evidence::browser::{CacheUse, Conditions, JudgedCache};
use crate::evidence::{Executor, PhasePlan, PlannedLoad, ReplayStarts};
use crate::units::{Rate, Span};

/// Size of the load of a phase: `780 arrivals`, or `closed model: 50 users`.
pub fn amount(phase: &PhasePlan) -> String {
    match phase.users {
        Some(users) => format!("{} model: {}", phase.model.name(), plural(users.into(), "user")),
        None => plural(phase.arrivals, "arrival"),
    }
}

/// The judged part of a phase: its samples, only its page loads, or nothing.
pub fn judged(phase: &PhasePlan) -> &'static str {
    match (phase.judged, phase.pages) {
        (true, _) => "judged",
        (false, true) => "pages judged",
        (false, false) => "not judged",
    }
}

/// The load of a phase: `constant-arrival-rate 20/s, evenly spaced`.
pub fn load(load: &PlannedLoad) -> String {
    match load {
        PlannedLoad::Whole(load) => executor(load),
        PlannedLoad::UntilDecided {
            executor: load,
            at_most,
        } => format!(
            "{}, until every gating objective is decided, at most {at_most}",
            executor(load)
        ),
        PlannedLoad::LogIn { users, every } => format!("{users} users log in, one every {every}"),
        PlannedLoad::Verbatim(sentence) => sentence.clone(),
    }
}

fn executor(load: &Executor) -> String {
    let name = load.name();
    match load {
        Executor::ConstantArrivalRate { rate, poisson } => format!("{name} {rate}, {}", spacing(*poisson)),
        Executor::RampingArrivalRate { from, stages, poisson } => {
            let stages: Vec<String> = stages.iter().map(|(to, over)| to_rate(*to, *over)).collect();
            format!("{name} from {from}, {}, {}", stages.join(", "), spacing(*poisson))
        }
        Executor::SteppedArrivalRate {
            from,
            to,
            steps,
            poisson,
        } => format!("{name} from {from} to {to} in {steps} steps, {}", spacing(*poisson)),
        Executor::ConstantUsers {
            users,
            hatch_every,
            think,
        } => {
            let hatching = hatch_every.map_or_else(String::new, |every| format!(", one every {every}"));
            format!("{name} {users}{hatching}{}", thinking(*think))
        }
        Executor::RampingUsers { stages, think } => {
            let stages: Vec<String> = stages.iter().map(|(to, over)| format!("to {to} in {over}")).collect();
            format!("{name} {}{}", stages.join(", "), thinking(*think))
        }
        Executor::Replay {
            sessions,
            requests,
            starts,
            speed,
        } => {
            let requests = plural(*requests, "request");
            let of = match starts {
                ReplayStarts::Sessions => format!("{requests} in {}", plural(*sessions, "session")),
                ReplayStarts::Lines => format!("{requests}, each at its own time"),
                ReplayStarts::Fitted => {
                    format!(
                        "{requests} in {} drawn from the log, Poisson",
                        plural(*sessions, "session")
                    )
                }
            };
            format!("{name} of {of}, at speed {speed}")
        }
    }
}

fn to_rate(to: Rate, over: Span) -> String {
    format!("to {to} in {over}")
}

fn spacing(poisson: bool) -> &'static str {
    if poisson { "Poisson" } else { "evenly spaced" }
}

fn thinking(think: Option<(Span, Span)>) -> String {
    match think {
        None => String::new(),
        Some((low, high)) if low == high => format!(", thinking {low}"),
        Some((low, high)) => format!(", thinking {low}..{high}"),
    }
}

/// The conditions under which pages are loaded.
pub fn conditions(conditions: &Conditions) -> String {
    let cache = match conditions.cache {
        CacheUse::Warm => "cache kept between loads",
        CacheUse::Cold => "cache emptied before each load",
        CacheUse::Both => "each page with an empty cache, then again with what that left",
    };
    let judged = match conditions.judged {
        JudgedCache::All => "all loads judged",
        JudgedCache::Warm => "warm loads judged",
        JudgedCache::Cold => "cold loads judged",
    };
    let network = conditions.network.as_ref().map_or_else(
        || "network of this machine".to_owned(),
        |network| {
            let latency = if network.latency.get().is_zero() {
                String::new()
            } else {
                format!(", {} latency", network.latency)
            };
            let upload = network.upload.unwrap_or(network.download);
            format!("network {} down, {upload} up{latency}", network.download)
        },
    );
    let scripts = conditions.cpu_slowdown.map_or_else(
        || "processor of this machine".to_owned(),
        |factor| format!("scripts {factor} times slower than on this machine"),
    );
    format!("{cache}, {judged}; {network}; {scripts}")
}
