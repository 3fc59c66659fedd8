//! Requests that failed without a container dying of it.

use super::{Rule, suspect};
use crate::report::attribution::facts::{Facts, Topic};
use crate::report::attribution::suspect::Suspect;
use crate::report::attribution::{Tier, portion};
use crate::report::text;

pub(super) const ERRORS: Rule = Rule {
    name: "errors",
    describe: "the error objective is missed; answers of 500 to 599 point at the application (weight 0.75), other failures at the proxy or the network (0.45)",
    look: errors,
};

fn errors(facts: &Facts) -> Vec<Suspect> {
    let failures = &facts.failures;
    if failures.errors == 0 || !facts.complain(&[Topic::Failures]) {
        return Vec::new();
    }
    let worst = failures.worst.as_ref().map_or_else(String::new, |(series, share)| {
        format!(", most of them in {series} ({} fail)", portion(*share))
    });
    let share = portion(failures.errors as f64 / failures.requests.max(1) as f64);
    let evidence = vec![format!(
        "{} of {} requests failed, {} of them with a status of 500 to 599",
        text::count(failures.errors),
        text::count(failures.requests),
        text::count(failures.server_errors)
    )];
    if failures.server_errors * 2 >= failures.errors {
        return vec![suspect(
            Tier::Application,
            None,
            0.75,
            format!("the application answers {share} of the requests with an error of its own (500 to 599){worst}"),
            evidence,
            "Read the application's log at those moments: `docker logs` with --keep-stack.",
        )];
    }
    vec![suspect(
        Tier::Proxy,
        None,
        0.45,
        format!("{share} of the requests fail as {}{worst}", failures.kind),
        evidence,
        "Look at what the report says of these requests, and at the proxy's error log.",
    )]
}
