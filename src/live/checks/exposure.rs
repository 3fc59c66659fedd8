//! Things that must not be open: log-ins with well-known passwords, documentation, foreign origins, ports of data stores.

use std::net::IpAddr;

use crate::live::finding::Finding;
use crate::live::subject::{AnswerResult, Subject};
use crate::stack::DeclaredService;

/// Ports of data stores, which must not be reachable from outside.
const STORES: [u16; 9] = [1433, 1521, 3306, 5432, 5672, 6379, 9200, 11_211, 27_017];

/// Requests that the stack file lists under `[[production.refused]]` are refused.
pub(super) fn refused(subject: &Subject) -> Vec<Finding> {
    if subject.refused.is_empty() {
        return vec![Finding::unknown("the stack file names none: `[[production.refused]]`")];
    }
    let findings = subject.refused.iter().map(|(what, answer)| match answer {
        Ok(answer) if answer.succeeded() => Finding::fail(format!("{what} is let in: {}", answer.status)),
        // A server error is no refusal: the request may have got through to what failed.
        Ok(answer) if (400..500).contains(&answer.status) => {
            Finding::pass(format!("{what} is refused: {}", answer.status))
        }
        Ok(answer) => Finding::unknown(format!("{what}: {}", answer.status)),
        Err(reason) => Finding::unknown(format!("{what}: {reason}")),
    });
    findings.collect()
}

/// Paths that the stack file lists as closed are closed.
pub(super) fn closed(subject: &Subject) -> Vec<Finding> {
    if subject.closed.is_empty() {
        return vec![Finding::unknown("the stack file names no path: `[production] closed`")];
    }
    let findings = subject
        .closed
        .iter()
        .map(|(path, answer): &(String, AnswerResult)| match answer {
            Ok(answer) if answer.succeeded() => Finding::fail(format!("{path} is open: {}", answer.status)),
            Ok(answer) if answer.status >= 500 => Finding::unknown(format!("{path}: {}", answer.status)),
            Ok(answer) => Finding::pass(format!("{path} is closed: {}", answer.status)),
            Err(reason) => Finding::unknown(format!("{path}: {reason}")),
        });
    findings.collect()
}

/// Pages of other origins may not read answers.
pub(super) fn cross_origin(subject: &Subject) -> Vec<Finding> {
    let answer = match &subject.foreign {
        Ok(answer) => answer,
        Err(reason) => return vec![Finding::unknown(reason)],
    };
    let allowed = answer.header("access-control-allow-origin");
    let credentials = answer.header("access-control-allow-credentials") == "true";
    vec![match allowed {
        "" => Finding::pass("no other origin is allowed"),
        // Browsers send no credentials to an answer that allows every origin, so only public data is exposed.
        "*" if !credentials => Finding::warn("every origin is allowed, without credentials"),
        "*" => Finding::fail("every origin is allowed, with credentials"),
        origin if origin.contains("elsewhere.invalid") => {
            let with = if credentials { ", with credentials" } else { "" };
            Finding::fail(format!("whatever origin asks is allowed{with}"))
        }
        origin => Finding::pass(format!("only {origin} is allowed")),
    }]
}

/// Only the front door is published, and no data store at all.
pub(super) fn ports(subject: &Subject) -> Vec<Finding> {
    if subject.declared.is_empty() {
        return vec![Finding::unknown("the services cannot be seen")];
    }
    let mut findings = Vec::new();
    for declared in &subject.declared {
        findings.extend(open_ports(declared, subject.entry.as_deref()));
    }
    if findings.is_empty() {
        findings.push(Finding::pass("only the front door is published"));
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
        let told = format!(
            "{service}: port {} on {}",
            port.inside,
            if local { "this host alone" } else { "every address" }
        );
        if STORES.contains(&port.inside) {
            findings.push(if local {
                Finding::warn(told)
            } else {
                Finding::fail(format!("{told}, a data store"))
            });
        } else if entry != Some(service.as_str()) && !local && ![80, 443].contains(&port.inside) {
            findings.push(Finding::warn(told));
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
