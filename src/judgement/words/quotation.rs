//! Marks of foreign text inside a sentence: what is quoted is shown as it is, in its own language.

/// Begins quoted text: the character FIRST STRONG ISOLATE, which is not visible.
const BEGIN: char = '\u{2068}';
/// Ends quoted text: the character POP DIRECTIONAL ISOLATE.
const END: char = '\u{2069}';

/// Marks a name or a message of a foreign program, which is neither translated nor set in the typography of a language.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 6);
    quoted.push(BEGIN);
    quoted.extend(text.chars().filter(|letter| !matches!(*letter, BEGIN | END)));
    quoted.push(END);
    quoted
}

/// The text without marks, for readers that do not show them.
pub fn unmarked(text: &str) -> String {
    text.chars().filter(|letter| !matches!(*letter, BEGIN | END)).collect()
}

/// A piece of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Words of the language.
    Words(&'a str),
    /// Text that was marked by [`quoted`].
    Quoted(&'a str),
    /// Code, which sentences set between backticks.
    Code(&'a str),
}

/// The pieces of a sentence, in order. A mark without its end belongs to the words.
pub fn pieces(sentence: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = sentence;
    let mut from = 0;
    while let Some((at, mark)) = rest[from..]
        .char_indices()
        .find(|(_, letter)| matches!(*letter, BEGIN | '`'))
    {
        let at = from + at;
        let inside = at + mark.len_utf8();
        let end = if mark == BEGIN { END } else { '`' };
        let Some(length) = rest[inside..].find(end) else {
            from = inside;
            continue;
        };
        if at > 0 {
            pieces.push(Piece::Words(&rest[..at]));
        }
        let text = &rest[inside..inside + length];
        pieces.push(if mark == BEGIN {
            Piece::Quoted(text)
        } else {
            Piece::Code(text)
        });
        rest = &rest[inside + length + end.len_utf8()..];
        from = 0;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Words(rest));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_quotations_are_told_apart_from_words() {
        let text = format!("a `SELECT 1` after {}.", quoted("no `route`"));
        assert_eq!(
            pieces(&text),
            [
                Piece::Words("a "),
                Piece::Code("SELECT 1"),
                Piece::Words(" after "),
                Piece::Quoted("no `route`"),
                Piece::Words(".")
            ]
        );
    }

    #[test]
    fn a_mark_without_an_end_is_a_letter() {
        for text in ["a ` b", "\u{2068}open", "end\u{2069}", "", "``"] {
            let put_together: String = pieces(text)
                .into_iter()
                .map(|piece| match piece {
                    Piece::Words(text) | Piece::Quoted(text) => text.to_owned(),
                    Piece::Code(text) => format!("`{text}`"),
                })
                .collect();
            assert_eq!(put_together, text);
        }
        assert_eq!(quoted("a\u{2069}b"), "\u{2068}ab\u{2069}");
    }
}
