//! Checks that the front door and the tiers behind it answer, and that the connection is encrypted.

use crate::live::finding::Finding;
use crate::live::subject::Subject;

/// Days of validity below which a certificate should be renewed.
const DAYS_LEFT: i64 = 14;

/// The front door answers without a server error.
pub(super) fn answers(subject: &Subject) -> Vec<Finding> {
    vec![match &subject.door {
        Ok(answer) if answer.status < 500 => Finding::pass(format!("{} answers {}", subject.front_door, answer.status)),
        Ok(answer) => Finding::fail(format!("{} answers {}", subject.front_door, answer.status)),
        Err(reason) => Finding::fail(format!("{}: {reason}", subject.front_door)),
    }]
}

/// Each tier answers a request that bypasses the front door.
pub(super) fn tiers(subject: &Subject) -> Vec<Finding> {
    let tiers = subject.tiers.iter().map(|(tier, answer)| {
        let place = format!("{} {}", tier.service, tier.path);
        match answer {
            Ok(answer) if answer.status < 400 => Finding::pass(format!("{place} answers {}", answer.status)),
            Ok(answer) => Finding::fail(format!("{place} answers {}", answer.status)),
            // If the engine runs in a virtual machine, its networks cannot be reached from here.
            Err(reason) => Finding::unknown(format!("{place}: {reason}")),
        }
    });
    tiers.collect()
}

/// The connection is encrypted, with a certificate that is trusted and does not expire soon.
pub(super) fn tls(subject: &Subject) -> Vec<Finding> {
    let mut findings = Vec::new();
    match &subject.certificate {
        None => findings.push(Finding::fail("the front door speaks clear text")),
        Some(Err(reason)) => findings.push(Finding::fail(reason)),
        Some(Ok(certificate)) => {
            let days = certificate.days_left;
            findings.push(if days < 0 {
                Finding::fail(format!("the certificate ended {} days ago", -days))
            } else if days < DAYS_LEFT {
                Finding::warn(format!("the certificate ends in {days} days"))
            } else {
                Finding::pass(format!("the certificate is valid for {days} days"))
            });
            if certificate.unverified {
                findings.push(Finding::warn("`tls.insecure`: nobody verified whose certificate it is"));
            } else if certificate.self_signed {
                findings.push(Finding::warn("the certificate vouches for itself: browsers refuse it"));
            }
            if !certificate.http2 {
                findings.push(Finding::warn("HTTP/2 was not agreed upon"));
            }
        }
    }
    findings.extend(subject.redirect.as_ref().map(|answer| match answer {
        Ok(answer) if (300..400).contains(&answer.status) && answer.header("location").starts_with("https://") => {
            Finding::pass(format!("clear text is sent to HTTPS with {}", answer.status))
        }
        Ok(answer) => Finding::fail(format!(
            "clear text is answered with {}, not sent to HTTPS",
            answer.status
        )),
        Err(reason) => Finding::unknown(reason),
    }));
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::FindingVerdict::{Fail, Pass, Unknown, Warn};
    use crate::live::checks::fixture::{answer, subject, words};
    use crate::live::subject::Certificate;
    use crate::stack::TierSettings;

    #[test]
    fn errors_of_the_front_door_and_the_tiers_are_told() {
        let mut subject = subject();
        let tier = TierSettings {
            service: "api".to_owned(),
            port: 4000,
            path: "/api/health".to_owned(),
        };
        for (given, door, behind) in [
            (answer(200, &[]), Pass, Pass),
            (answer(404, &[]), Pass, Fail),
            (answer(502, &[]), Fail, Fail),
            (Err("refused".to_owned()), Fail, Unknown),
        ] {
            subject.door.clone_from(&given);
            subject.tiers = vec![(tier.clone(), given)];
            assert_eq!(
                (words(&answers(&subject)), words(&tiers(&subject))),
                (vec![door], vec![behind])
            );
        }
    }

    #[test]
    fn a_certificate_is_judged_by_its_end_and_its_issuer() {
        let mut subject = subject();
        assert_eq!(words(&tls(&subject)), [Fail]);
        let good = Certificate {
            days_left: 80,
            self_signed: false,
            unverified: false,
            http2: true,
        };
        for (certificate, expected) in [
            (good.clone(), vec![Pass]),
            (
                Certificate {
                    days_left: 5,
                    ..good.clone()
                },
                vec![Warn],
            ),
            (
                Certificate {
                    days_left: -1,
                    ..good.clone()
                },
                vec![Fail],
            ),
            (
                Certificate {
                    self_signed: true,
                    ..good.clone()
                },
                vec![Pass, Warn],
            ),
            (
                Certificate {
                    unverified: true,
                    http2: false,
                    ..good
                },
                vec![Pass, Warn, Warn],
            ),
        ] {
            subject.certificate = Some(Ok(certificate));
            assert_eq!(words(&tls(&subject)), expected);
        }
        subject.redirect = Some(answer(301, &[("location", "https://app.example/")]));
        assert_eq!(words(&tls(&subject)).last(), Some(&Pass));
        subject.redirect = Some(answer(200, &[]));
        assert_eq!(words(&tls(&subject)).last(), Some(&Fail));
    }
}
