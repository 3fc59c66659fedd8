//! Masks the constants of a statement that the server has not normalised: constants may be secrets.

/// Most characters that are kept: as many as the server keeps of a running statement by default (`track_activity_query_size`).
const LONGEST: usize = 1_024;

/// The statement with `?` in place of numbers and quoted constants, without comments, cut to 1,024 characters. White
/// space becomes one blank.
pub(super) fn masked(statement: &str) -> String {
    cut(&whole(statement), LONGEST)
}

/// The text, ending in `…` if it is cut to `most` characters.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().nth(most).is_none() {
        return text.to_owned();
    }
    let kept = text.chars().take(most.saturating_sub(1));
    kept.chain(['…']).collect()
}

/// True if the text holds more than one statement.
pub(super) fn is_several(text: &str) -> bool {
    let text = whole(text);
    text.trim_end_matches([';', ' ']).contains(';')
}

fn whole(statement: &str) -> String {
    let mut out = String::new();
    let mut rest = statement;
    while let Some(letter) = rest.chars().next() {
        let begins_word = !out.ends_with(|c: char| c.is_alphanumeric() || "_$".contains(c));
        let (length, instead) = match letter {
            '\'' => (quoted(rest), "?"),
            '$' if begins_word => (
                dollar_quoted(rest).unwrap_or(1),
                dollar_quoted(rest).map_or("$", |_| "?"),
            ),
            '-' if rest.starts_with("--") => (rest.find('\n').unwrap_or(rest.len()), " "),
            '/' if rest.starts_with("/*") => (rest.find("*/").map_or(rest.len(), |end| end + 2), " "),
            '"' => {
                let end = rest[1..].find('"').map_or(rest.len(), |end| end + 2);
                (end, &rest[..end])
            }
            // Digits inside names (`table_2`, `$1`) are no values.
            _ if letter.is_ascii_digit() && begins_word => {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.');
                (end.unwrap_or(rest.len()), "?")
            }
            _ if letter.is_whitespace() => (letter.len_utf8(), " "),
            _ => (letter.len_utf8(), &rest[..letter.len_utf8()]),
        };
        if instead != " " || !out.ends_with(' ') {
            out.push_str(instead);
        }
        rest = &rest[length..];
    }
    out.trim().to_owned()
}

/// Length in bytes of the quoted constant at the start of `text`; the whole text if it is not closed.
fn quoted(text: &str) -> usize {
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            // Escapes of E'…' strings. A plain string that ends in a backslash is masked too far, never too short.
            '\\' => drop(letters.next()),
            '\'' if letters.peek().is_some_and(|(_, next)| *next == '\'') => drop(letters.next()),
            '\'' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Length in bytes of the `$tag$…$tag$` constant at the start of `text`; `None` for a parameter such as `$1`.
fn dollar_quoted(text: &str) -> Option<usize> {
    let end = text[1..].find('$')? + 2;
    let tag = &text[..end];
    let named = tag[1..end - 1].chars().all(|c| c.is_alphanumeric() || c == '_');
    let digit = tag[1..].starts_with(|c: char| c.is_ascii_digit());
    if !named || digit {
        return None;
    }
    let close = text[end..].find(tag);
    // A string without an end is masked to the end of the text.
    Some(close.map_or(text.len(), |close| end + close + tag.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_masked_and_names_are_not() {
        for (statement, expected) in [
            (
                "select * from t1 where a = 'x''y' and b = 12.5e3",
                "select * from t1 where a = ? and b = ?",
            ),
            (
                "lock  table\n \"T 2\" in share mode",
                "lock table \"T 2\" in share mode",
            ),
            ("select $1, $2::int, '$3'", "select $1, $2::int, ?"),
            ("do $$begin raise log 'x'; end$$", "do ?"),
            ("do $a$x$b$y$a$ language plpgsql", "do ? language plpgsql"),
            ("select E'it\\'s' || 'open", "select E? || ?"),
            ("select 'é' as \"été\"", "select ? as \"été\""),
            ("select /* it's */ 1 -- b; 'c\n, 2", "select ? , ?"),
            ("", ""),
        ] {
            assert_eq!(masked(statement), expected);
        }
        assert!(is_several("select \"a'b\"; drop table x") && is_several("a; b;"));
        assert!(!is_several("select ';' /* ; */ ;") && !is_several("select 1"));
        assert_eq!(masked(&"é ".repeat(900)).chars().count(), LONGEST);
    }
}
