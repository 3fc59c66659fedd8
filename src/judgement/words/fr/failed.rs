//! Requests that did not succeed.

use super::text::{count, written};
use crate::record::{Example, Outcome};
use crate::words::{en, quoted};

/// An outcome in a word or two.
pub(super) fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Success => "réussite",
        Outcome::RateLimited => "refus du limiteur",
        Outcome::ClientError => "erreur du client",
        Outcome::ServerError => "erreur du serveur",
        Outcome::CheckFailed => "contrôle non satisfait",
        Outcome::TimedOut => "délai dépassé",
        Outcome::ConnectFailed => "connexion impossible",
        Outcome::TlsFailed => "échec TLS",
        Outcome::Reset => "connexion coupée",
        Outcome::Truncated => "réponse tronquée",
        Outcome::Malformed => "réponse illisible",
        Outcome::RedirectLimit => "trop de redirections",
        Outcome::Interrupted => "interruption",
        Outcome::SessionExpired => "session expirée",
    }
}

/// An answer in a few words: `400 (erreur du client)`, `délai dépassé`.
pub(super) fn answer(status: Option<u16>, what: Outcome) -> String {
    let by_answer = matches!(
        what,
        Outcome::ClientError | Outcome::ServerError | Outcome::CheckFailed | Outcome::RateLimited
    );
    match status {
        Some(status) => format!("{status} ({})", outcome(what)),
        None if by_answer => format!("{} (statut non enregistré)", outcome(what)),
        None => outcome(what).to_owned(),
    }
}

/// An example: `PATCH /api/tasks/{{id}} à 12,3 s : {"message":"…"}`.
pub(super) fn example(example: &Example) -> String {
    let request = if example.method.is_empty() {
        "une requête".to_owned()
    } else {
        quoted(&format!("{} {}", example.method, example.path))
    };
    let mut out = format!("{request} à {}", written(&format!("{:.1} s", example.at)));
    if let Some(location) = &example.location {
        out.extend([", vers ", &quoted(location)]);
    }
    if !example.body.is_empty() {
        let more = if example.cut { "…" } else { "" };
        out.extend([" : ", &quoted(&format!("{}{more}", example.body))]);
    }
    out
}

/// A count of requests with its share of the series: `512 sur 5 120 (10 %)`.
pub(super) fn count_of(number: u64, requests: u64) -> String {
    let share = if requests == 0 {
        0.0
    } else {
        number as f64 / requests as f64
    };
    format!(
        "{} sur {} ({})",
        count(number),
        count(requests),
        written(&en::text::portion(share))
    )
}
