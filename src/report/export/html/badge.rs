//! Verdicts and conclusions as badges: a word on a colour.

use maud::{Markup, PreEscaped, html};

use crate::slo::{Change, VerdictWord};
use crate::words::Language;

/// The word of a verdict with its sign: neither depends on colour alone.
pub(crate) fn badge(word: VerdictWord, language: Language) -> Markup {
    html! { span class={ "badge " (class(word)) } { (icon(word)) (language.wording().word(word)) } }
}

/// The conclusion on a difference; the colours of verdicts are used for differences as well.
pub(crate) fn change_badge(change: Change, language: Language) -> Markup {
    html! { span class={ "badge " (change_class(change)) } { (language.wording().change(change)) } }
}

/// Style of a conclusion.
pub(crate) fn change_class(change: Change) -> &'static str {
    match change {
        Change::Regressed => "fail",
        Change::Undecided => "warn",
        Change::Similar => "inconclusive",
        Change::Unchanged => "pass",
        Change::Improved => "improved",
    }
}

/// Style of a word.
pub(crate) fn class(word: VerdictWord) -> &'static str {
    match word {
        VerdictWord::Pass => "pass",
        VerdictWord::Warn => "warn",
        VerdictWord::Inconclusive => "inconclusive",
        VerdictWord::Fail => "fail",
        VerdictWord::Invalid => "invalid",
    }
}

/// Sign of a word: tick, triangle, question mark, cross, barred circle.
pub(super) fn icon(word: VerdictWord) -> Markup {
    let path = match word {
        VerdictWord::Pass => "M4 12.5l5 5L20 6.5",
        VerdictWord::Warn => "M12 3.5L22 20.5H2zM12 10v5M12 17.5v.6",
        VerdictWord::Inconclusive => "M8 9a4 4 0 1 1 5.5 3.7c-1 .5-1.5 1.2-1.5 2.3M12 18.5v.6",
        VerdictWord::Fail => "M6 6l12 12M18 6L6 18",
        VerdictWord::Invalid => "M12 3a9 9 0 1 0 .1 0zM5.8 5.8l12.4 12.4",
    };
    html! {
        (PreEscaped(format!(
            "<svg class=\"icon\" viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"{path}\"/></svg>"
        )))
    }
}
