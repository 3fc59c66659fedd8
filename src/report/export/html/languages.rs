//! Names of the pages of a language, and links between them.

use maud::{Markup, html};

use super::kit::label;
use crate::report::words::labels;
use crate::words::Language;

/// Name of the page in that language: the first of all is `index.html`.
pub(in crate::report) fn file_name(language: Language, all: &[Language]) -> String {
    file_name_of("index", language, all)
}

/// Name of a page in that language: the first of all is `STEM.html`, another `STEM.fr.html`.
fn file_name_of(stem: &str, language: Language, all: &[Language]) -> String {
    if all.first() == Some(&language) {
        format!("{stem}.html")
    } else {
        format!("{stem}.{}.html", language.tag())
    }
}

/// Path of a page in that language, where `path` is that of the first of all: `out/page.html`, `out/page.fr.html`.
pub(crate) fn localized(path: &str, language: Language, all: &[Language]) -> String {
    let stem = path.strip_suffix(".html").unwrap_or(path);
    if all.first() == Some(&language) {
        path.to_owned()
    } else {
        format!("{stem}.{}.html", language.tag())
    }
}

/// Links to the same page in the other languages, each in its own words.
pub(crate) fn other_languages(language: Language, all: &[Language]) -> Markup {
    other_languages_of("index", language, all)
}

/// Links to the page of that stem in the other languages.
pub(crate) fn other_languages_of(stem: &str, language: Language, all: &[Language]) -> Markup {
    let others: Vec<Language> = all.iter().copied().filter(|other| *other != language).collect();
    html! {
        @if !others.is_empty() {
            nav.language aria-label=(language.label(labels::LANGUAGE)) {
                @for other in others {
                    a href=(file_name_of(stem, other, all)) hreflang=(other.tag()) lang=(other.tag()) {
                        (label(labels::OTHER_LANGUAGE, other))
                    }
                }
            }
        }
    }
}
