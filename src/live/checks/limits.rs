//! Rate limits: their effect on the plan, and their presence.

use crate::evidence::{FindingFact, FirstRefusal, LimitFact};
use crate::live::finding::Finding;
use crate::live::forecast::forecast;
use crate::live::proxy::ProxyLimits;
use crate::live::subject::{SequentialProbe, Subject};

fn limit(fact: LimitFact) -> FindingFact {
    FindingFact::Limit(fact)
}

/// Effect of the proxy's limits on the plan.
pub(super) fn forecasts(subject: &Subject) -> Vec<Finding> {
    let limits = match &subject.proxy {
        Err(reason) => return vec![Finding::unseen(reason)],
        Ok(limits) => limits,
    };
    let all = forecast(limits, &subject.offer, subject.addresses);
    let untried = limits.untried().filter(|_| limits.is_limited());
    let untried = untried.map(|location| {
        Finding::unknown(limit(LimitFact::UntriedLocation {
            pattern: location.to_owned(),
        }))
    });
    if all.is_empty() {
        let unlimited = limit(LimitFact::Unlimited {
            elsewhere: limits.is_limited(),
        });
        return std::iter::once(Finding::pass(unlimited)).chain(untried).collect();
    }
    let findings = all.into_iter().map(|forecast| {
        let (known, refuses) = (forecast.refused.is_some(), forecast.refuses());
        // Whoever keeps one address for all users wants to see the limiter at work.
        let wanted = subject.keeps_limits;
        let fact = limit(LimitFact::Forecast { forecast, wanted });
        match (known, refuses) {
            (false, _) => Finding::unknown(fact),
            (true, false) => Finding::pass(fact),
            (true, true) if wanted => Finding::warn(fact),
            (true, true) => Finding::fail(fact),
        }
    });
    findings.chain(untried).collect()
}

/// Result of the probe by sequential requests.
pub(super) fn probed(subject: &Subject) -> Vec<Finding> {
    vec![match &subject.probed {
        Err(reason) => Finding::unseen(reason),
        Ok(probe) => Finding::pass(sequence(probe)),
    }]
}

/// The request rate of one address is limited.
pub(super) fn on(subject: &Subject) -> Vec<Finding> {
    let configured = subject.proxy.as_ref().is_ok_and(ProxyLimits::is_limited);
    vec![match &subject.probed {
        Ok(probe) if probe.limited > 0 => Finding::pass(sequence(probe)),
        // A generous limit is met by load only, not by a sequence of requests.
        _ if configured => Finding::pass(limit(LimitFact::LimitNotMet)),
        Ok(probe) if probe.asked > 0 => Finding::fail(sequence(probe)),
        Ok(_) => Finding::unknown(limit(LimitFact::NothingAsked)),
        Err(reason) => Finding::unseen(reason),
    }]
}

fn sequence(probe: &SequentialProbe) -> FindingFact {
    limit(LimitFact::Probed {
        path: probe.path.clone(),
        requests: probe.asked.into(),
        seconds: probe.took.as_secs_f64(),
        refused: (probe.limited > 0).then(|| FirstRefusal {
            after: probe.before.into(),
            status: probe.status,
        }),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::evidence::FindingVerdict::{Fail, Pass, Unknown, Warn};
    use crate::live::checks::fixture::{subject, words};
    use crate::live::{Offer, PhaseOffer};

    fn limited() -> Subject {
        let mut subject = subject();
        subject.proxy = Ok(ProxyLimits::read(include_str!("../../../stack/nginx/nginx.conf")));
        subject.offer = Offer {
            users: 100,
            phases: vec![PhaseOffer {
                name: "steady".to_owned(),
                seconds: 60.0,
                closed: false,
                requests: [("/api/projects".to_owned(), 96.0)].into(),
                ..PhaseOffer::default()
            }],
        };
        subject
    }

    #[test]
    fn a_plan_that_would_meet_the_limiter_is_told_before() {
        let mut subject = limited();
        assert_eq!(words(&forecasts(&subject)), [Fail]);
        subject.keeps_limits = true;
        assert_eq!(words(&forecasts(&subject)), [Warn]);
        subject.addresses = 100;
        assert_eq!(words(&forecasts(&subject)), [Pass]);
        subject.offer.phases[0].closed = true;
        assert_eq!(words(&forecasts(&subject)), [Unknown]);
        subject.proxy = Ok(ProxyLimits::read("http { }"));
        assert_eq!(words(&forecasts(&subject)), [Pass]);
        subject.proxy = Ok(ProxyLimits::read(
            "http { limit_req_zone $remote_addr zone=a:1m rate=1r/s; server { location ~ ^/(?!x) { limit_req zone=a; } } }",
        ));
        assert_eq!(words(&forecasts(&subject)), [Pass, Unknown]);
    }

    #[test]
    fn somebody_has_to_limit() {
        let mut subject = subject();
        let seen = |limited, before| SequentialProbe {
            path: "/api".to_owned(),
            asked: 26,
            limited,
            before,
            status: 503,
            took: Duration::from_millis(100),
        };
        subject.probed = Ok(seen(5, 21));
        assert_eq!(words(&on(&subject)), [Pass]);
        let first = FirstRefusal { after: 21, status: 503 };
        assert!(
            matches!(&on(&subject)[0].fact, FindingFact::Limit(LimitFact::Probed { refused: Some(refused), .. }) if *refused == first)
        );
        subject.probed = Ok(seen(0, 26));
        assert_eq!(words(&on(&subject)), [Fail]);
        subject.proxy = limited().proxy;
        assert_eq!(words(&on(&subject)), [Pass]);
    }
}
