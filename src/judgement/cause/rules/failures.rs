//! Failed and refused requests.

use super::rule::{Rule, suspect};
use crate::cause::facts::{About, Answerer, Facts};
use crate::cause::suspect::{Suspect, SuspectFinding};
use crate::cause::tier::Tier;
use crate::record::Outcome;
use crate::slo::{FailedLogIns, Topic};

pub(super) const LIMITER: Rule = Rule {
    name: "rate-limiter",
    describe: "the rule about rate-limited requests does not hold (weight 0.99), or requests fail and the limiter refused more than failed otherwise (0.9)",
    look: limiter,
};

fn limiter(facts: &Facts) -> Vec<Suspect> {
    let failures = &facts.failures;
    let weight = match failures.refused {
        0 => return Vec::new(),
        // The rule of validity counted the refusals exactly; only failed log-ins, which leave nothing else to
        // explain, weigh more.
        _ if facts.complain_of_limiter() => 0.99,
        // Refusals are no errors. Only where they outnumber these do they say something about the failures.
        refused if facts.complain(&[Topic::Failures]) && refused > failures.errors => 0.9,
        _ => return Vec::new(),
    };
    vec![suspect(
        Tier::Proxy,
        None,
        weight,
        SuspectFinding::Refused(failures.clone()),
    )]
}

pub(super) const LOG_INS: Rule = Rule {
    name: "log-ins",
    describe: "every log-in failed, so nothing else was sent; weight 1",
    look: log_ins,
};

fn log_ins(facts: &Facts) -> Vec<Suspect> {
    let failed = facts.complaints.iter().find_map(|complaint| match &complaint.about {
        About::LogIns(failed) => Some(failed),
        _ => None,
    });
    // A refused log-in is the journey's fault (wrong users), a broken one the system's.
    let tier = |failed: &FailedLogIns| match failed.outcome {
        Outcome::ClientError | Outcome::CheckFailed => Tier::Journey,
        _ => Tier::Application,
    };
    let found = failed.map(|failed| suspect(tier(failed), None, 1.0, SuspectFinding::NoLogIn(failed.clone())));
    found.into_iter().collect()
}

pub(super) const ERRORS: Rule = Rule {
    name: "errors",
    describe: "requests fail; most of them with the application's own answers of 500 to 599 or with answers that the journey does not want (weight 0.75), with the proxy's own error pages (0.6), or without a complete answer (0.45)",
    look: errors,
};

fn errors(facts: &Facts) -> Vec<Suspect> {
    let failures = &facts.failures;
    if failures.errors == 0 || !facts.complain(&[Topic::Failures]) {
        return Vec::new();
    }
    let parties = [
        Answerer::Nobody,
        Answerer::Journey,
        Answerer::Proxy,
        Answerer::Application,
    ];
    // `max_by_key` takes the last of equals: the party whose answers tell most stands last.
    let most = parties.into_iter().max_by_key(|party| failures.of(*party));
    let finding = failures.clone();
    vec![match most {
        // The application's own status is first-hand. A proxy's 502 is about a service behind it, and a broken
        // connection may come from anywhere: less weight.
        Some(Answerer::Application) => suspect(Tier::Application, None, 0.75, SuspectFinding::ServerErrors(finding)),
        Some(Answerer::Journey) => suspect(Tier::Journey, None, 0.75, SuspectFinding::JourneyErrors(finding)),
        Some(Answerer::Proxy) => suspect(Tier::Proxy, None, 0.6, SuspectFinding::ProxyErrors(finding)),
        _ => suspect(Tier::Proxy, None, 0.45, SuspectFinding::OtherErrors(finding)),
    }]
}
