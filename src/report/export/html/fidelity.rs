//! Section on a replay: how faithful it was to its record.

use maud::{Markup, html};

use super::kit::{label, prose};
use super::table;
use crate::report::Document;
use crate::report::words::fidelity;
use crate::words::Language;

pub(super) fn section(document: &Document, language: Language) -> Markup {
    let Some((replay, found)) = document.plan.load.replay.as_ref().zip(document.fidelity.as_ref()) else {
        return html! {};
    };
    let left_out = fidelity::left_out(replay, language);
    let statuses = fidelity::statuses(found, language);
    let times = fidelity::times(found, language);
    html! {
        section #fidelity {
            h2 { (label(fidelity::TITLE, language)) }
            ul { @for sentence in fidelity::sentences(replay, found, language) { li { (prose(&sentence, language)) } } }
            h3 { (label(fidelity::MIX, language)) }
            (table(language, language.label(fidelity::MIX), &fidelity::MIX_COLUMNS.of(language), &fidelity::mix(found, language)))
            @if !left_out.is_empty() {
                h3 { (label(fidelity::LEFT_OUT, language)) }
                (table(language, language.label(fidelity::LEFT_OUT), &fidelity::LEFT_OUT_COLUMNS.of(language), &left_out))
            }
            h3 { (label(fidelity::STATUSES, language)) }
            (table(language, language.label(fidelity::STATUSES), &fidelity::STATUS_COLUMNS.of(language), &statuses))
            @if !times.is_empty() {
                h3 { (label(fidelity::TIMES, language)) }
                (table(language, language.label(fidelity::TIMES), &fidelity::TIMES_COLUMNS.of(language), &times))
                p.note { (label(fidelity::TIMES_NOTE, language)) }
            }
        }
    }
}
