//! Sentences of reports, made from facts: one module for each language. No other module makes the same sentences.
//!
//! [`Wording`] names every sentence that exists in all languages; a language without one of them does not compile. Sentences on
//! causes exist in English only ([`en::cause`]).

pub mod en;
mod fr;
mod language;
mod saved;
mod statement;
mod wording;

pub use language::Language;
pub use statement::folded;
pub use wording::{UnseenText, Wording};
