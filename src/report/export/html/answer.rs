//! The first screen: the answer about the release, its evidence, and the place of the measurement.

use maud::{Markup, html};

use super::words;
use crate::report::Document;
use crate::slo::{Verdict, Word};
use crate::words::en::{self, text};

pub(super) fn first_screen(document: &Document) -> Markup {
    let word = document.judgement.overall;
    let (answer, evidence) = match document.summary.split_first() {
        Some((answer, evidence)) => (answer.as_str(), evidence),
        None => ("", &[][..]),
    };
    html! {
        header {
            div class={ "banner " (class(word)) } {
                p.word { (word.name()) " · " (document.plan.scenario) }
                h1 { (answer) }
                p.exit { "Exit code " (document.exit.code) ": " (document.exit.meaning) "." }
            }
            p.where { (place(document)) }
            @if !evidence.is_empty() {
                ul.summary { @for sentence in evidence { li { (sentence) } } }
            }
        }
        (objectives(document))
        (validity(document))
        (limits_of_this_run(document))
    }
}

/// Time and place of the measurement.
fn place(document: &Document) -> String {
    let environment = &document.environment;
    let mut place = format!(
        "{} · {:.0} s of load, {:.0} s judged · {}",
        document.started.strftime("%Y-%m-%d %H:%M:%S UTC"),
        document.seconds,
        document.judged.length().as_secs_f64(),
        environment.processor
    );
    let cores = format!(
        ", {}, {}",
        text::plural(u64::from(environment.cores), "core"),
        text::bytes(environment.memory as f64)
    );
    place.push_str(&cores);
    if !document.stack.stack.is_empty() {
        place = format!("{place} · stack {}", document.stack.stack);
    }
    place
}

fn objectives(document: &Document) -> Markup {
    html! {
        section #objectives {
            h2 { "Objectives" }
            div.wide {
                table.words {
                    thead {
                        tr {
                            th { "Objective" } th { "Verdict" } th { "Measured, 95 % bounds" }
                            th.number { "Samples" } th { "Target" } th { "Acceptable" }
                        }
                    }
                    tbody { @for verdict in &document.judgement.verdicts { (objective(verdict)) } }
                }
            }
            p.note {
                "Decided by exact counts of samples over each limit; a failed request counts as over every time limit. "
                "PASS: target met. WARN: target missed, acceptable met. FAIL: acceptable missed. INCONCLUSIVE: the samples "
                "do not decide. INVALID: the measurement is broken. Gated on the "
                @match document.judgement.accept {
                    crate::evidence::Accept::Target => "target",
                    crate::evidence::Accept::Acceptable => "acceptable limit",
                }
                "; advisory objectives are shown and do not decide."
            }
        }
    }
}

fn objective(verdict: &Verdict) -> Markup {
    let objective = &verdict.objective;
    html! {
        tr {
            td {
                strong { (objective.name) }
                @if !objective.gate { span.advisory { " advisory" } }
                span.why { (text::sentence(&en::reason(verdict))) }
                @if let Some(selector) = &objective.of {
                    span.why { "Of the " (if objective.over_transactions() { "transactions" } else { "requests" }) " " (selector.0) "." }
                }
                @if let Some((second, value)) = verdict.worst_window && value > 0.0 {
                    span.why { "Worst 10 seconds: " (text::share(value)) " missed the target, from second " (second) "." }
                }
                @for note in verdict.measurement.iter().flat_map(|measurement| &measurement.notes) {
                    span.why { (text::sentence(&en::note(note))) }
                }
            }
            td { span class={ "badge " (class(verdict.word)) } { (verdict.word.name()) } }
            @match &verdict.measurement {
                Some(measurement) => {
                    td.tight {
                        strong { (text::value(measurement.point, measurement.unit)) } " " (measurement.statistic)
                        span.why { (text::interval(measurement)) }
                    }
                    td.number { (text::count(measurement.samples)) }
                },
                None => { td { "not measured" } td.number { "–" } },
            }
            td.tight { (text::limit(objective, objective.target)) }
            td.tight { (text::limit(objective, objective.acceptable)) }
        }
    }
}

fn validity(document: &Document) -> Markup {
    let checks = &document.judgement.validity;
    let held = checks.iter().filter(|check| check.valid).count();
    html! {
        section {
            h2 { "Can the measurement be trusted?" }
            p { (held) " of " (checks.len()) " validity rules held." }
            @if document.stack.unverified {
                p { span.badge.fail { "UNVERIFIED" } " The front door's certificate was not verified." }
            }
            @for check in checks.iter().filter(|check| !check.valid).map(en::validity::check) {
                p { span.badge.invalid { "NOT VALID" } " " strong { (check.rule) } ": " (check.measured)
                    "; threshold: " (check.threshold) ". " (text::sentence(&check.hint)) }
            }
            details open[held < checks.len()] {
                summary { "All rules and sums" }
                (words(&["Rule", "Measured", "Threshold", "Holds"], &checks.iter().map(|check| (check.valid, en::validity::check(check))).map(|(valid, check)| vec![
                    check.rule,
                    check.measured,
                    check.threshold,
                    if valid { "yes".to_owned() } else { "no".to_owned() },
                ]).collect::<Vec<_>>()))
                ul {
                    @for identity in &document.identities {
                        li { (identity.statement) @if !identity.holds { strong { " does not add up" } } }
                    }
                    @for correction in &document.corrections { li { (text::sentence(&en::correction(correction))) } }
                }
            }
        }
    }
}

fn limits_of_this_run(document: &Document) -> Markup {
    html! {
        @if !document.not_measured.is_empty() {
            section {
                h2 { "Not measured" }
                ul { @for sentence in &document.not_measured { li { (sentence) } } }
            }
        }
    }
}

/// Style of a word.
fn class(word: Word) -> &'static str {
    match word {
        Word::Pass => "pass",
        Word::Warn => "warn",
        Word::Inconclusive => "inconclusive",
        Word::Fail => "fail",
        Word::Invalid => "invalid",
    }
}
