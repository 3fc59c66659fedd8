//! Examines the system of a plan, and warns of limits before a run.

use jiff::Timestamp;

use super::checks::CHECKS;
use super::forecast::forecast;
use super::gather::{gather, limits};
use super::offer::Offer;
use crate::evidence::{CheckFinding, Examination, FindingVerdict, LimiterForecast};
use crate::scenario::Plan;
use crate::stack::{self, Inspector, LimiterAnswer, ProgressSender, RunningStack, StackError};
use crate::units::Span;
use crate::words::en::finding::limiter_forecast;

/// Content type of the page with which Nginx refuses a request.
const NGINX_PAGE: &str = "text/html";
/// Time limit for the answer of an attached system, which is not waited for while it starts.
const ATTACHED_DEADLINE: Span = Span::from_millis(10_000);

/// Brings the plan's stack up or attaches to it, examines it, and takes down the stack that it brought up.
pub async fn examine(plan: &Plan, talk: &ProgressSender) -> Result<Examination, StackError> {
    let mut file = plan.stack_file.clone();
    if file.attach.is_some() {
        // A system that is attached to runs already, or it does not; the deadline of the stack file is for one that
        // comes up.
        file.deadline = file.deadline.min(ATTACHED_DEADLINE);
    }
    let stack = stack::up(&file, &plan.stack, talk).await?;
    let examined = examine_running(plan, &stack, talk).await;
    stack.down().await?;
    examined
}

/// Examines a stack that is up, without load, and leaves it as it is.
pub async fn examine_running(
    plan: &Plan,
    stack: &RunningStack,
    talk: &ProgressSender,
) -> Result<Examination, StackError> {
    talk.say("examining");
    let subject = gather(plan, stack).await?;
    let findings = CHECKS.iter().flat_map(|check| {
        let findings = (check.examine)(&subject).into_iter();
        findings.map(|finding| CheckFinding {
            group: check.group,
            check: check.name.to_owned(),
            word: finding.word,
            fact: finding.fact,
        })
    });
    let findings: Vec<CheckFinding> = findings.collect();
    let words = [
        FindingVerdict::Pass,
        FindingVerdict::Warn,
        FindingVerdict::Fail,
        FindingVerdict::Unknown,
    ];
    let count = |word| findings.iter().filter(|finding| finding.word == word).count();
    let counts = words.map(|word| (word.name().to_owned(), count(word)));
    Ok(Examination {
        format: Examination::FORMAT,
        diapason: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: plan.summary.scenario.clone(),
        tags: plan.summary.tags.clone(),
        at: Timestamp::now(),
        front_door: subject.front_door,
        counts: counts.into_iter().collect(),
        findings,
    })
}

/// Warnings about the proxy's limits before any load.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LimiterWarnings {
    /// One sentence for each limit that would refuse more than the tolerated share.
    pub sentences: Vec<String>,
    /// The same for the judged phases alone, of which the run could not carry a verdict.
    pub refused: Vec<String>,
    /// The limiter's answer according to its configuration; `None` if there is no limit.
    pub limiter: Option<LimiterAnswer>,
}

/// Reads the limits of a stack that was brought up for a run. If they cannot be read, nothing is reported.
pub async fn warn(plan: &Plan, stack: &RunningStack) -> LimiterWarnings {
    let endpoints = stack.endpoints();
    let Ok(onlooker) = Inspector::connect().await else {
        return LimiterWarnings::default();
    };
    if endpoints.containers.is_empty() {
        return LimiterWarnings::default();
    }
    let Ok(limits) = limits(&onlooker, &endpoints.containers).await else {
        return LimiterWarnings::default();
    };
    // Without a header of their own, all users share the generator's address and with it one bucket of the limiter.
    let addresses = if endpoints.client_addresses.is_some() {
        plan.users.count
    } else {
        1
    };
    let refusing = |offer: &Offer| {
        let forecasts = forecast(&limits, offer, addresses).into_iter();
        let refusing = forecasts.filter(LimiterForecast::refuses);
        refusing.map(|forecast| limiter_forecast(&forecast)).collect::<Vec<_>>()
    };
    let mut offer = Offer::from_plan(plan);
    let sentences = refusing(&offer);
    let phases = &plan.summary.load.phases;
    offer
        .phases
        // Only refusals in judged phases would break the rule on rate-limited requests.
        .retain(|offered| phases.iter().any(|phase| phase.judged && phase.name == offered.name));
    LimiterWarnings {
        refused: refusing(&offer),
        sentences,
        limiter: limits.is_limited().then(|| LimiterAnswer {
            status: limits.status,
            content_type: NGINX_PAGE.to_owned(),
        }),
    }
}
