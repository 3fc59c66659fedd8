//! Rate limits: their effect on the plan, and their presence.

use crate::live::finding::Finding;
use crate::live::forecast::{TOLERATED, forecast};
use crate::live::proxy::ProxyLimits;
use crate::live::subject::{SequentialProbe, Subject};

/// Effect of the proxy's limits on the plan.
pub(super) fn forecasts(subject: &Subject) -> Vec<Finding> {
    let limits = match &subject.proxy {
        Err(reason) => return vec![Finding::unknown(reason)],
        Ok(limits) => limits,
    };
    let all = forecast(limits, &subject.offer, subject.addresses);
    let untried = limits.untried().filter(|_| limits.is_limited());
    let untried = untried.map(|location| Finding::unknown(format!("`location ~ {location}` cannot be tried here")));
    if all.is_empty() {
        let why = if limits.is_limited() {
            "the plan asks for nothing that Nginx limits"
        } else {
            "Nginx limits nothing"
        };
        return std::iter::once(Finding::pass(why)).chain(untried).collect();
    }
    let findings = all.into_iter().map(|forecast| match forecast.refused {
        None => Finding::unknown(forecast.sentence),
        Some(share) if share <= TOLERATED => Finding::pass(forecast.sentence),
        // Whoever keeps one address for all users wants to see the limiter at work.
        Some(_) if subject.keeps_limits => Finding::warn(format!("{}, as is to be measured", forecast.sentence)),
        Some(_) => Finding::fail(format!("{}: a run would be INVALID", forecast.sentence)),
    });
    findings.chain(untried).collect()
}

/// Result of the probe by sequential requests.
pub(super) fn probed(subject: &Subject) -> Vec<Finding> {
    vec![match &subject.probed {
        Err(reason) => Finding::unknown(reason),
        Ok(probed) => Finding::pass(words(probed)),
    }]
}

/// The request rate of one address is limited.
pub(super) fn on(subject: &Subject) -> Vec<Finding> {
    let configured = subject.proxy.as_ref().is_ok_and(ProxyLimits::is_limited);
    vec![match &subject.probed {
        Ok(probed) if probed.limited > 0 => Finding::pass(words(probed)),
        // A generous limit is met by load only, not by a sequence of requests.
        _ if configured => Finding::pass("Nginx limits requests, although the probe met no limit"),
        Ok(probed) if probed.asked > 0 => Finding::fail(words(probed)),
        Ok(_) => Finding::unknown("nothing was asked"),
        Err(reason) => Finding::unknown(reason),
    }]
}

fn words(probed: &SequentialProbe) -> String {
    let (asked, seconds) = (probed.asked, probed.took.as_secs_f64());
    let sequence = format!(
        "{asked} requests for {} one after the other in {seconds:.1} s",
        probed.path
    );
    if probed.limited > 0 {
        format!("{sequence}: after {} the answer was {}", probed.before, probed.status)
    } else {
        format!("{sequence}: none was refused")
    }
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
        assert!(on(&subject)[0].evidence.ends_with("after 21 the answer was 503"));
        subject.probed = Ok(seen(0, 26));
        assert_eq!(words(&on(&subject)), [Fail]);
        subject.proxy = limited().proxy;
        assert_eq!(words(&on(&subject)), [Pass]);
    }
}
