//! Things that must not be open: log-ins with well-known passwords, documentation, foreign origins, ports of data stores.

use std::net::IpAddr;

use crate::evidence::{AllowedOrigins, ExposureFact, FindingFact, ServiceFact};
use crate::live::finding::Finding;
use crate::live::subject::{AnswerResult, Subject};
use crate::stack::DeclaredService;

/// Ports of data stores, which must not be reachable from outside.
// SQL Server, Oracle, MySQL, PostgreSQL, RabbitMQ, Redis, Elasticsearch, Memcached, MongoDB.
const STORES: [u16; 9] = [1433, 1521, 3306, 5432, 5672, 6379, 9200, 11_211, 27_017];

fn exposure(fact: ExposureFact) -> FindingFact {
    FindingFact::Exposure(fact)
}

/// Requests that the stack file lists under `[[production.refused]]` are refused.
pub(super) fn refused(subject: &Subject) -> Vec<Finding> {
    if subject.refused.is_empty() {
        return vec![Finding::unknown(exposure(ExposureFact::NoRefusedNamed))];
    }
    let findings = subject.refused.iter().map(|(what, answer)| match answer {
        Ok(answer) if answer.succeeded() => Finding::fail(exposure(ExposureFact::LetIn {
            what: what.clone(),
            status: answer.status,
        })),
        // A server error is no refusal: the request may have got through to what failed.
        Ok(answer) if (400..500).contains(&answer.status) => Finding::pass(exposure(ExposureFact::Refused {
            what: what.clone(),
            status: answer.status,
        })),
        Ok(answer) => Finding::unknown(FindingFact::Answers {
            what: what.clone(),
            status: answer.status,
        }),
        Err(reason) => Finding::unanswered(what, reason),
    });
    findings.collect()
}

/// Paths that the stack file lists as closed are closed.
pub(super) fn closed(subject: &Subject) -> Vec<Finding> {
    if subject.closed.is_empty() {
        return vec![Finding::unknown(exposure(ExposureFact::NoClosedNamed))];
    }
    let findings = subject
        .closed
        .iter()
        .map(|(path, answer): &(String, AnswerResult)| match answer {
            Ok(answer) if answer.succeeded() => Finding::fail(exposure(ExposureFact::Open {
                path: path.clone(),
                status: answer.status,
            })),
            // A server that fails has not decided about the path.
            Ok(answer) if answer.status >= 500 => Finding::unknown(FindingFact::Answers {
                what: path.clone(),
                status: answer.status,
            }),
            Ok(answer) => Finding::pass(exposure(ExposureFact::Closed {
                path: path.clone(),
                status: answer.status,
            })),
            Err(reason) => Finding::unanswered(path, reason),
        });
    findings.collect()
}

/// Pages of other origins may not read answers.
pub(super) fn cross_origin(subject: &Subject) -> Vec<Finding> {
    let answer = match &subject.foreign {
        Ok(answer) => answer,
        Err(reason) => return vec![Finding::unseen(reason)],
    };
    let allowed = answer.header("access-control-allow-origin");
    let credentials = answer.header("access-control-allow-credentials") == "true";
    let origins = |allowed| exposure(ExposureFact::Origins { allowed, credentials });
    vec![match allowed {
        "" => Finding::pass(origins(AllowedOrigins::None)),
        // Browsers send no credentials to an answer that allows every origin, so only public data is exposed.
        "*" if !credentials => Finding::warn(origins(AllowedOrigins::Every)),
        "*" => Finding::fail(origins(AllowedOrigins::Every)),
        origin if origin.contains("elsewhere.invalid") => Finding::fail(origins(AllowedOrigins::Reflected)),
        origin => Finding::pass(origins(AllowedOrigins::Only(origin.to_owned()))),
    }]
}

/// Only the front door is published, and no data store at all.
pub(super) fn ports(subject: &Subject) -> Vec<Finding> {
    if subject.declared.is_empty() {
        return vec![Finding::unknown(FindingFact::Service(ServiceFact::ServicesUnseen))];
    }
    let mut findings = Vec::new();
    for declared in &subject.declared {
        findings.extend(open_ports(declared, subject.entry.as_deref()));
    }
    if findings.is_empty() {
        findings.push(Finding::pass(exposure(ExposureFact::OnlyFrontDoorPublished)));
    }
    findings
}

fn open_ports(declared: &DeclaredService, entry: Option<&str>) -> Vec<Finding> {
    let service = &declared.service;
    let mut findings = Vec::new();
    for port in &declared.published {
        let local = port
            .address
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback());
        let store = STORES.contains(&port.inside);
        let fact = exposure(ExposureFact::Published {
            service: service.clone(),
            port: port.inside,
            local,
            store: store && !local,
        });
        if store && !local {
            findings.push(Finding::fail(fact));
        } else if store || entry != Some(service.as_str()) && !local && ![80, 443].contains(&port.inside) {
            findings.push(Finding::warn(fact));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::FindingVerdict::{Fail, Pass, Unknown, Warn};
    use crate::live::checks::fixture::{answer, subject, words};
    use crate::stack::PublishedPort;

    #[test]
    fn what_is_let_in_or_open_is_told() {
        let mut subject = subject();
        assert_eq!(
            (words(&refused(&subject)), words(&closed(&subject))),
            (vec![Unknown], vec![Unknown])
        );
        for (status, let_in, open) in [
            (200, Fail, Fail),
            (401, Pass, Pass),
            (404, Pass, Pass),
            (503, Unknown, Unknown),
        ] {
            subject.refused = vec![("admin".to_owned(), answer(status, &[]))];
            subject.closed = vec![("/docs".to_owned(), answer(status, &[]))];
            assert_eq!(
                (words(&refused(&subject)), words(&closed(&subject))),
                (vec![let_in], vec![open]),
                "{status}"
            );
        }
    }

    #[test]
    fn an_origin_that_is_echoed_is_no_restriction() {
        let mut subject = subject();
        for (origin, credentials, word) in [
            ("", "", Pass),
            ("https://app.example", "true", Pass),
            ("*", "", Warn),
            ("*", "true", Fail),
            ("https://elsewhere.invalid", "", Fail),
        ] {
            let headers = [
                ("access-control-allow-origin", origin),
                ("access-control-allow-credentials", credentials),
            ];
            subject.foreign = answer(200, &headers);
            assert_eq!(words(&cross_origin(&subject)), [word], "{origin}");
        }
    }

    #[test]
    fn a_published_database_is_told() {
        let mut subject = subject();
        let service = |service: &str, address: &str, inside| DeclaredService {
            service: service.to_owned(),
            published: vec![PublishedPort {
                address: address.to_owned(),
                port: "1".to_owned(),
                inside,
            }],
            ..DeclaredService::default()
        };
        for (declared, word) in [
            (service("nginx", "", 8080), Pass),
            (service("db", "", 5432), Fail),
            (service("db", "0.0.0.0", 5432), Fail),
            (service("db", "127.0.0.1", 5432), Warn),
            (service("api", "", 4000), Warn),
            (service("api", "127.0.0.1", 4000), Pass),
        ] {
            subject.declared = vec![declared.clone()];
            assert_eq!(words(&ports(&subject)), [word], "{declared:?}");
        }
    }
}
