//! Sentences of reports, made from facts: one module for each language. No other module makes the same sentences.
//!
//! [`Wording`] names every sentence that exists in all languages; a language without one of them does not compile. Names that
//! users chose and messages of foreign programs are quoted as they are ([`quoted`]).

pub mod en;
mod fr;
mod language;
mod quotation;
mod saved;
mod statement;
mod wording;

pub use language::{Language, UnknownLanguage};
pub use quotation::{Piece, pieces, quoted, unmarked};
pub use statement::folded;
pub use wording::{HiddenDataText, Wording};
