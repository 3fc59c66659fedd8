//! Parts that take most of the time without a measured reason.

use super::database::queueing;
use super::resources::lacks_processor;
use super::rule::{Rule, suspect};
use crate::cause::budget::BudgetPart;
use crate::cause::facts::{Facts, Service};
use crate::cause::suspect::{Suspect, SuspectFinding};
use crate::cause::tier::Tier;
use crate::slo::Topic;

/// Least share of the time at which a part counts as the cause.
// A part with less than half of the time cannot bring an objective back by itself.
const MOST: f64 = 0.5;

pub(super) const SLOW: Rule = Rule {
    name: "slow-application",
    describe: "half of a request's time or more is in the application, outside its statements; weight 0.3 + 0.4 × that share",
    look: slow,
};

fn slow(facts: &Facts) -> Vec<Suspect> {
    let (part, share) = match facts.share(BudgetPart::Application) {
        // Without the proxy's log, the time behind the front door cannot be divided and is attributed to the application.
        share if share > 0.0 => (BudgetPart::Application, share),
        _ => (BudgetPart::Behind, facts.share(BudgetPart::Behind)),
    };
    if share < MOST || !facts.complain(&[Topic::Requests]) || is_explained(facts, part) {
        return Vec::new();
    }
    vec![suspect(
        Tier::Application,
        None,
        // At most 0.7: "time is spent there" names a place and not a cause, so a measured cause comes before it.
        0.3 + 0.4 * share,
        SuspectFinding::SlowApplication {
            part,
            share,
            mean_ms: facts.budget.as_ref().map_or(0.0, |budget| budget.mean_ms),
            idle_cores: cores(facts),
        },
    )]
}

/// Mean cores that the applications use; `None` if there are none or the database was not observed.
fn cores(facts: &Facts) -> Option<f64> {
    let cores: Vec<f64> = applications(facts).map(|service| service.cpu).collect();
    (!cores.is_empty() && facts.database.is_some()).then(|| cores.iter().sum())
}

/// True if services behind that part wait for processor time or for a connection to the database: other rules report these.
fn is_explained(facts: &Facts, part: BudgetPart) -> bool {
    let concerned = |service: &&Service| part == BudgetPart::Behind || service.place() == Tier::Application;
    facts.services.iter().filter(concerned).any(lacks_processor) || facts.database.as_ref().and_then(queueing).is_some()
}

fn applications(facts: &Facts) -> impl Iterator<Item = &Service> {
    facts
        .services
        .iter()
        .filter(|service| service.place() == Tier::Application)
}

pub(super) const PROXY: Rule = Rule {
    name: "slow-proxy",
    describe: "half of a request's time or more is on the network, in the proxy's queue or in the proxy; weight 0.3 + 0.4 × that share",
    look: proxy,
};

fn proxy(facts: &Facts) -> Vec<Suspect> {
    let share = facts.share(BudgetPart::Network) + facts.share(BudgetPart::Proxy) + facts.share(BudgetPart::Connect);
    if share < MOST || !facts.complain(&[Topic::Requests, Topic::Pages]) {
        return Vec::new();
    }
    vec![suspect(
        Tier::Proxy,
        None,
        0.3 + 0.4 * share,
        SuspectFinding::SlowProxy { share },
    )]
}

pub(super) const PAGES: Rule = Rule {
    name: "slow-pages",
    describe: "pages miss their objective and half of a load or more is waiting for the document's first byte; weight 0.72, or 0.4 where requests are slow as well",
    look: pages,
};

fn pages(facts: &Facts) -> Vec<Suspect> {
    let Some(pages) = facts.pages.as_ref().filter(|_| facts.complain(&[Topic::Pages])) else {
        return Vec::new();
    };
    if pages.load_ms <= 0.0 || pages.first_byte_ms < MOST * pages.load_ms {
        return Vec::new();
    }
    vec![suspect(
        Tier::Application,
        None,
        if facts.complain(&[Topic::Requests]) { 0.4 } else { 0.72 },
        SuspectFinding::SlowPages {
            first_byte_ms: pages.first_byte_ms,
            load_ms: pages.load_ms,
        },
    )]
}
