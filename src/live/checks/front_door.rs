//! Checks that the front door and the tiers behind it answer, and that the connection is encrypted.

use crate::evidence::{EncryptionFact, FindingFact};
use crate::live::finding::{Finding, unanswered};
use crate::live::subject::Subject;

/// Days of validity below which a certificate should be renewed.
const DAYS_LEFT: i64 = 14;

/// The front door answers without a server error.
pub(super) fn answers(subject: &Subject) -> Vec<Finding> {
    let what = &subject.front_door;
    vec![match &subject.door {
        // Below 500 somebody answers, be it with a redirect or with a log-in page: the same rule as that of `uptime`.
        Ok(answer) if answer.status < 500 => Finding::pass(answered(what, answer.status)),
        Ok(answer) => Finding::fail(answered(what, answer.status)),
        Err(reason) => Finding::fail(unanswered(what, reason)),
    }]
}

fn answered(what: &str, status: u16) -> FindingFact {
    FindingFact::Answers {
        what: what.to_owned(),
        status,
    }
}

/// Each tier answers a request that bypasses the front door.
pub(super) fn tiers(subject: &Subject) -> Vec<Finding> {
    let tiers = subject.tiers.iter().map(|(tier, answer)| {
        let place = format!("{} {}", tier.service, tier.path);
        match answer {
            Ok(answer) if answer.status < 400 => Finding::pass(answered(&place, answer.status)),
            Ok(answer) => Finding::fail(answered(&place, answer.status)),
            // If the engine runs in a virtual machine, its networks cannot be reached from here.
            Err(reason) => Finding::unanswered(&place, reason),
        }
    });
    tiers.collect()
}

fn encryption(fact: EncryptionFact) -> FindingFact {
    FindingFact::Encryption(fact)
}

/// The connection is encrypted, with a certificate that is trusted and does not expire soon.
pub(super) fn tls(subject: &Subject) -> Vec<Finding> {
    let mut findings = Vec::new();
    match &subject.certificate {
        None => findings.push(Finding::fail(encryption(EncryptionFact::ClearText))),
        Some(Err(reason)) => findings.push(Finding::fail(FindingFact::Unseen(reason.clone()))),
        Some(Ok(certificate)) => {
            let days = certificate.days_left;
            let soon = days < DAYS_LEFT;
            let validity = encryption(EncryptionFact::Certificate { days, soon });
            findings.push(if days < 0 {
                Finding::fail(validity)
            } else if soon {
                Finding::warn(validity)
            } else {
                Finding::pass(validity)
            });
            if certificate.unverified {
                findings.push(Finding::warn(encryption(EncryptionFact::Unverified)));
            } else if certificate.self_signed {
                findings.push(Finding::warn(encryption(EncryptionFact::SelfSigned)));
            }
            if !certificate.http2 {
                findings.push(Finding::warn(encryption(EncryptionFact::NoHttp2)));
            }
        }
    }
    findings.extend(subject.redirect.as_ref().map(|answer| match answer {
        Ok(answer) => {
            let status = answer.status;
            let redirected = (300..400).contains(&status) && answer.header("location").starts_with("https://");
            let fact = encryption(EncryptionFact::ClearTextAnswer { status, redirected });
            if redirected {
                Finding::pass(fact)
            } else {
                Finding::fail(fact)
            }
        }
        Err(reason) => Finding::unseen(reason),
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
            (Err("refused".to_owned().into()), Fail, Unknown),
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
