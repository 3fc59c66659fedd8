//! Where the time is, though nothing that was measured says why.

use super::database::queueing;
use super::resources::lacks_processor;
use super::{Rule, suspect};
use crate::report::attribution::budget::Part;
use crate::report::attribution::facts::{Facts, Service, Topic};
use crate::report::attribution::suspect::Suspect;
use crate::report::attribution::{Tier, portion};
use crate::report::text;

/// From here on a part is where the time goes.
const MOST: f64 = 0.5;

pub(super) const SLOW: Rule = Rule {
    name: "slow-application",
    describe: "half of a request's time or more is in the application, outside its statements; weight 0.3 + 0.4 × that share",
    look: slow,
};

fn slow(facts: &Facts) -> Vec<Suspect> {
    let (part, share) = match facts.share(Part::Application) {
        // Without the proxy's log, the time behind it is the application's as far as anyone can tell.
        share if share > 0.0 => (Part::Application, share),
        _ => (Part::Behind, facts.share(Part::Behind)),
    };
    if share < MOST || !facts.complain(&[Topic::Requests]) || is_explained(facts, part) {
        return Vec::new();
    }
    let mean = facts.budget.as_ref().map_or(0.0, |budget| budget.mean_ms);
    vec![suspect(
        Tier::Application,
        None,
        0.3 + 0.4 * share,
        format!(
            "{} of {} that a request takes on average passes in the {}{}",
            text::millis(share * mean),
            text::millis(mean),
            part.name(),
            waiting(facts)
        ),
        vec![format!("{} of a request in the {}", portion(share), part.name())],
        "Profile or trace the application: the time is inside it, and neither in SQL nor in computing.",
    )]
}

/// What it waits for, as far as its processors and its database were watched.
fn waiting(facts: &Facts) -> String {
    let cores: Vec<f64> = applications(facts).map(|service| service.cpu).collect();
    if cores.is_empty() || facts.database.is_none() {
        return "; its processor time or its database was not measured, so what it waits for is not known".to_owned();
    }
    format!(
        ", which uses {:.2} cores and waits for neither the database nor its processors: for a timer, another service or a lock \
         of its own",
        cores.iter().sum::<f64>()
    )
}

/// Whether those behind that part wait for processor time or for a connection to the database: other rules tell.
fn is_explained(facts: &Facts, part: Part) -> bool {
    let concerned = |service: &&Service| part == Part::Behind || service.place() == Tier::Application;
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
    let share = facts.share(Part::Network) + facts.share(Part::Proxy) + facts.share(Part::Connect);
    if share < MOST || !facts.complain(&[Topic::Requests, Topic::Pages]) {
        return Vec::new();
    }
    vec![suspect(
        Tier::Proxy,
        None,
        0.3 + 0.4 * share,
        format!(
            "{} of a request's time passes before the application has it or after it has answered",
            portion(share)
        ),
        vec![format!(
            "{} on the network, in the proxy's queue and in the proxy",
            portion(share)
        )],
        "Look at the proxy's workers, connections and buffers, and at its processor time.",
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
        format!(
            "the server that renders the pages is slow: {} of {} pass before the first byte of the document comes",
            text::millis(pages.first_byte_ms),
            text::millis(pages.load_ms)
        ),
        vec![format!(
            "first byte {} of a load of {}",
            text::millis(pages.first_byte_ms),
            text::millis(pages.load_ms)
        )],
        "Look at what the frontend's server does before it answers: rendering, calls to the API, caches that miss.",
    )]
}
