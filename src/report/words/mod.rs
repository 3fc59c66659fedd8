//! Texts of the report in every language: sentences made from the facts of a document, and the labels of the page.
//!
//! Each text names all languages side by side, so that one without a translation does not compile. Names that users chose and
//! messages of foreign programs are [`quoted`]: the page shows them as they are.

pub(super) mod answer;
pub(super) mod attribution;
pub(crate) mod baseline;
pub(super) mod browser;
pub(super) mod chart;
pub(super) mod database;
pub(super) mod earlier;
pub(super) mod examination;
pub(super) mod fidelity;
pub(super) mod host;
pub(super) mod labels;
pub(super) mod opening;
pub(super) mod over_time;
pub(super) mod proxy;
pub(super) mod requests;
pub(super) mod resources;
pub(crate) mod run;
pub(super) mod summary;

use crate::slo::Label;
pub(super) use crate::words::{Language, quoted};

/// A text in every language.
pub(super) const fn label(english: &'static str, french: &'static str) -> Label {
    Label { english, french }
}

/// Heads of the columns of a table.
pub(super) struct Columns<const N: usize> {
    pub english: [&'static str; N],
    pub french: [&'static str; N],
}

impl<const N: usize> Columns<N> {
    /// The heads in that language.
    pub(super) fn of(&self, language: Language) -> [&'static str; N] {
        match language {
            Language::English => self.english,
            Language::French => self.french,
        }
    }
}

/// Makes a sentence of the words: with a capital first and a full stop last.
pub(super) fn sentence(words: &str) -> String {
    crate::words::en::text::sentence(words)
}

/// The name of a series or selector; `*` stands for all.
pub(super) fn series_name(name: &str, language: Language) -> String {
    if name == "*" {
        language.say("all", "toutes").to_owned()
    } else {
        quoted(name)
    }
}
