//! The first screen: the answer about the release, its reason, what was measured where, and three numbers for each objective.

use maud::{Markup, html};

use super::badge::{badge, class, icon};
use super::earlier;
use super::kit::{head_row, label, prose, wide};
use super::{facts, words};
use crate::evidence::Accept;
use crate::report::Document;
use crate::report::words::{answer, examination, labels, opening, quoted, run, sentence, summary};
use crate::slo::{Verdict, VerdictWord};
use crate::words::Language;

pub(super) fn first_screen(document: &Document, language: Language) -> Markup {
    let word = document.judgement.overall;
    let all = language.wording();
    html! {
        header {
            div class={ "banner " (class(word)) } {
                (icon(word))
                div {
                    p.word { (all.word(word)) " · " span translate="no" { (document.plan.scenario) } }
                    h1 { (prose(&answer::answer(document, language), language)) }
                    p.exit { (prose(&meaning(document, language), language)) }
                }
            }
            p.reason { (prose(&reason(document, language), language)) }
            @for note in &document.notes { p.remark { (prose(&run::note(note, language), language)) } }
            @let notes = notes(document, language);
            @if !notes.is_empty() { ul.summary { @for note in &notes { li { (prose(note, language)) } } } }
            (facts(language, &about(document, language)))
        }
        (at_a_glance(document, language))
        (earlier::section(document, language))
    }
}

/// The word in plain words, and the exit code.
fn meaning(document: &Document, language: Language) -> String {
    let judgement = &document.judgement;
    let exit = answer::exit(judgement, language);
    let (word, explained) = (
        language.wording().word(judgement.overall),
        answer::explained(judgement.overall, language),
    );
    format!(
        "{word} {} {explained}. {} {}{} {exit}.",
        language.label(labels::WORD_MEANS),
        language.label(labels::EXIT_CODE),
        document.exit.code,
        language.say(":", " :"),
    )
}

/// One sentence why, and what to do next where there is a suspect.
fn reason(document: &Document, language: Language) -> String {
    let cause = document.attribution.cause();
    let next = cause.suspects.first().map(|suspect| run::next(suspect, language));
    let mut all = language.wording().cause(&cause);
    if let Some(next) = next {
        all = format!("{all} {next}");
    }
    all
}

/// Remarks to read before the answer is used.
fn notes(document: &Document, language: Language) -> Vec<String> {
    let mut notes = answer::acknowledgements(document, language);
    notes.extend(answer::broken_rules(document, language));
    notes.extend(answer::probes(document, language));
    notes.extend(summary::unverified(document, language));
    let examined = document.examination.as_ref();
    notes.extend(examined.and_then(|examined| examination::failures(examined, language)));
    notes
}

fn about(document: &Document, language: Language) -> Vec<(crate::slo::Label, String)> {
    let release = run::release(document).unwrap_or_else(|| language.label(labels::NO_RELEASE).to_owned());
    let mut about = vec![
        (labels::RELEASE, release),
        (labels::DATE, run::moment(document.started, language)),
        (labels::LENGTH, run::length(document, language)),
        (labels::MACHINE, run::machine(document, language)),
        (labels::CERTAINTY, run::certainty(document, language)),
    ];
    if !document.stack.stack.is_empty() {
        // Beside the machine; an attached system has no stack of that name.
        about.insert(4, (labels::SYSTEM, quoted(&document.stack.stack)));
    }
    about
}

/// Three numbers for each objective: target, measured, error budget.
fn at_a_glance(document: &Document, language: Language) -> Markup {
    let title = language.label(labels::AT_A_GLANCE);
    html! {
        section #glance {
            h2 { (label(labels::AT_A_GLANCE, language)) }
            (wide(language, title, &html! {
                table.glance {
                    (head_row(language, &labels::GLANCE.of(language)))
                    tbody { @for verdict in &document.judgement.verdicts {
                        tr {
                            th scope="row" {
                                span translate="no" { (verdict.objective.name) }
                                @if !verdict.objective.gate { span.advisory { " " (label(labels::ADVISORY, language)) } }
                            }
                            td { (badge(verdict.word, language)) }
                            td.number { (prose(&language.limit(&verdict.objective, verdict.objective.target), language)) }
                            td.number { strong { (measured(verdict, language)) } }
                            td.number { (prose(&run::budget_left(verdict, language).unwrap_or_else(|| "–".to_owned()), language)) }
                        }
                    } }
                }
            }))
        }
    }
}

fn measured(verdict: &Verdict, language: Language) -> Markup {
    match &verdict.measurement {
        Some(measurement) => prose(&language.point(measurement), language),
        None => label(labels::NOT_MEASURED_CELL, language),
    }
}

/// Every objective in full.
pub(super) fn objectives(document: &Document, language: Language) -> Markup {
    let gated = match document.judgement.accept {
        Accept::Target => labels::GATED_ON_TARGET,
        Accept::Acceptable => labels::GATED_ON_ACCEPTABLE,
    };
    let told = [
        VerdictWord::Pass,
        VerdictWord::Warn,
        VerdictWord::Fail,
        VerdictWord::Inconclusive,
        VerdictWord::Invalid,
    ];
    html! {
        section #objectives {
            h2 { (label(labels::OBJECTIVES, language)) }
            p.opening { (prose(&run::objectives_met(document, language), language)) }
            (wide(language, language.label(labels::OBJECTIVES), &html! {
                table.words {
                    (head_row(language, &labels::OBJECTIVE_COLUMNS.of(language)))
                    tbody { @for verdict in &document.judgement.verdicts { (objective(verdict, language)) } }
                }
            }))
            p.note { (label(labels::OBJECTIVES_NOTE, language)) " " (label(gated, language)) }
            dl.key-to-words {
                @for word in told {
                    dt { (badge(word, language)) }
                    dd { (prose(&sentence(answer::explained(word, language)), language)) }
                }
            }
        }
    }
}

fn objective(verdict: &Verdict, language: Language) -> Markup {
    let objective = &verdict.objective;
    let all = language.wording();
    html! {
        tr {
            th scope="row" {
                strong translate="no" { (objective.name) }
                @if !objective.gate { span.advisory { " " (label(labels::ADVISORY, language)) } }
                span.why { (prose(&sentence(&all.reason(verdict)), language)) }
                @if let Some(selector) = &objective.of {
                    span.why {
                        (label(if objective.over_transactions() { labels::OF_TRANSACTIONS } else { labels::OF_REQUESTS }, language))
                        " " span translate="no" { (selector.0) } "."
                    }
                }
                @if let Some((second, value)) = verdict.worst_window && value > 0.0 {
                    span.why { (prose(&worst_window(second, value, language), language)) }
                }
                @for note in verdict.measurement.iter().flat_map(|measurement| &measurement.notes) {
                    span.why { (prose(&sentence(&all.note(note)), language)) }
                }
            }
            td { (badge(verdict.word, language)) }
            @match &verdict.measurement {
                Some(measurement) => {
                    td.tight {
                        strong { (prose(&language.point(measurement), language)) } " "
                        (language.statistic(&measurement.statistic))
                        span.why { (prose(&language.interval(measurement), language)) }
                    }
                    td.number { (language.count(measurement.samples)) }
                },
                None => { td { (label(labels::NOT_MEASURED_CELL, language)) } td.number { "–" } },
            }
            td.tight { (prose(&language.limit(objective, objective.target), language)) }
            td.tight { (prose(&language.limit(objective, objective.acceptable), language)) }
        }
    }
}

fn worst_window(second: u32, share: f64, language: Language) -> String {
    let share = language.share(share);
    match language {
        Language::English => format!("Worst 10 seconds: {share} missed the target, from second {second}."),
        Language::French => format!("Pires 10 secondes : {share} hors cible, à partir de la seconde {second}."),
    }
}

pub(super) fn validity(document: &Document, language: Language) -> Markup {
    let checks = &document.judgement.validity;
    let held = checks.iter().filter(|check| check.valid).count();
    let all = language.wording();
    let yes_or_no = |yes| language.label(if yes { labels::YES } else { labels::NO }).to_owned();
    let rows: Vec<Vec<String>> = checks
        .iter()
        .map(|check| {
            vec![
                all.rule(&check.rule()),
                all.measured(&check.facts),
                all.threshold(&check.facts),
                yes_or_no(check.valid),
            ]
        })
        .collect();
    let missing = summary::not_measured(document, language);
    html! {
        section #trust {
            h2 { (label(labels::TRUST, language)) }
            p.opening { (prose(&opening::trust(document, language), language)) }
            @if document.stack.unverified {
                p { span.badge.fail { (label(labels::UNVERIFIED, language)) } " "
                    (prose(&summary::unverified(document, language).unwrap_or_default(), language)) }
            }
            @for broken in answer::broken_rules(document, language) { p { strong { (prose(&broken, language)) } } }
            @for told in checks.iter().filter_map(|check| all.browser_refused(&check.facts)) {
                p { (prose(&sentence(&told), language)) }
            }
            // A broken rule is read without a click; rules that hold are for those who ask.
            details open[held < checks.len()] {
                summary { (label(labels::ALL_RULES, language)) }
                (words(language, language.label(labels::ALL_RULES), &labels::RULE_COLUMNS.of(language), &rows))
                ul {
                    @for identity in &document.identities {
                        li {
                            @match &identity.sum {
                                Some(sum) => (prose(&run::identity(sum, language), language)),
                                None => (prose(&quoted(&identity.statement), language)),
                            }
                            @if !identity.holds { strong { " " (label(labels::DOES_NOT_ADD_UP, language)) } }
                        }
                    }
                    @for correction in &document.corrections {
                        li { (prose(&sentence(&all.correction(correction)), language)) }
                    }
                }
            }
            @for event in all.request_events(&document.request_events) { p.note { (prose(&event, language)) } }
            @if let Some(expired) = summary::expired_sessions(document, language) { p.note { (prose(&expired, language)) } }
            @if !missing.is_empty() {
                h3 { (label(labels::NOT_MEASURED, language)) }
                ul { @for sentence in &missing { li { (prose(sentence, language)) } } }
            }
        }
    }
}
