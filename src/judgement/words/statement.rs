//! SQL statements shortened to one line.
//!
//! An ORM names every column of a table in each statement. The list of columns is folded, so that FROM and WHERE, which tell
//! statements apart, remain.

/// Least length of a list of columns or values that is folded.
const FOLDED_FROM: usize = 30;

/// The statement on one line of at most `most` letters. Long lists of columns and values become `…`, and the schema `public` is
/// left out, so that FROM and WHERE remain; what is still too long is cut at its end.
pub fn folded(statement: &str, most: usize) -> String {
    let line = statement.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= most {
        return line;
    }
    let folded = fold_lists(&fold_columns(&line.replace("\"public\".", "")));
    match folded.char_indices().nth(most.saturating_sub(1)) {
        Some((end, letter)) if end + letter.len_utf8() < folded.len() => {
            format!("{}…", folded.get(..end).unwrap_or_default().trim_end())
        }
        _ => folded,
    }
}

/// The statement in a sentence, on one line of at most `most` letters: as [`folded`], but what is cut, or was cut where it was
/// recorded, ends with a whole clause: `SELECT … FROM tasks t …`.
pub(super) fn clauses(statement: &str, most: usize) -> String {
    let line = folded(statement, most);
    let cut = line.ends_with('…') && !statement.trim_end().ends_with('…');
    if !cut && is_closed(&line) {
        return line;
    }
    let kept = CLAUSES.iter().filter_map(|keyword| {
        let upper = line.to_ascii_uppercase();
        // After the first FROM, INTO or UPDATE, without which the rest says nothing.
        let after = first_of(&upper, &["FROM ", "INTO ", "UPDATE "]).map(|(at, _)| at)?;
        let at = upper.get(after..)?.find(keyword)? + after;
        let before = line.get(..at)?;
        // The kind of a join belongs to it.
        let joined = JOINS
            .iter()
            .find_map(|kind| before.strip_suffix(kind))
            .unwrap_or(before);
        Some(joined).filter(|before| is_closed(before))
    });
    match kept.max_by_key(|before| before.len()) {
        Some(before) => format!("{} …", before.trim_end()),
        None if line.ends_with('…') => line,
        None => line.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// Beginnings of clauses that a statement can be cut before.
const CLAUSES: [&str; 13] = [
    " LEFT JOIN ",
    " RIGHT JOIN ",
    " INNER JOIN ",
    " CROSS JOIN ",
    " JOIN ",
    " WHERE ",
    " GROUP BY ",
    " HAVING ",
    " ORDER BY ",
    " LIMIT ",
    " UNION ",
    " SET ",
    " VALUES ",
];

/// Words before JOIN that tell its kind.
const JOINS: [&str; 5] = [" LEFT", " RIGHT", " INNER", " CROSS", " OUTER"];

/// True if every quote and parenthesis that is opened is closed.
fn is_closed(text: &str) -> bool {
    let (mut depth, mut quote) = (0_i32, None);
    for letter in text.chars() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (None, '"' | '\'') => quote = Some(letter),
            (None, '(') => depth += 1,
            (None, ')') => depth -= 1,
            _ => {}
        }
    }
    depth == 0 && quote.is_none()
}

/// `SELECT a, b, c FROM t` as `SELECT … FROM t`, and likewise `RETURNING a, b, c`.
fn fold_columns(line: &str) -> String {
    let mut result = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((start, keyword)) = first_of(rest, &["SELECT ", "RETURNING "]) {
        let (before, from) = rest.split_at(start + keyword.len());
        result.push_str(before);
        let end = end_of_list(from);
        let list = from.get(..end).unwrap_or_default();
        if list.len() >= FOLDED_FROM && list.contains(',') {
            result.push('…');
        } else {
            result.push_str(list);
        }
        rest = from.get(end..).unwrap_or_default();
    }
    result + rest
}

/// Position of the first of these keywords, and the keyword.
fn first_of<'a>(text: &str, keywords: &[&'a str]) -> Option<(usize, &'a str)> {
    let upper = text.to_ascii_uppercase();
    let found = keywords
        .iter()
        .filter_map(|keyword| Some((upper.find(keyword)?, *keyword)));
    found.min_by_key(|(at, _)| *at)
}

/// Offset of ` FROM ` outside of parentheses and quotes, or of the parenthesis that closes what the list stands in, or the end.
fn end_of_list(text: &str) -> usize {
    let (mut depth, mut quote) = (0_usize, None);
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (None, '"' | '\'') => quote = Some(letter),
            (None, '(') => depth += 1,
            (None, ')') if depth == 0 => return at,
            (None, ')') => depth -= 1,
            (None, ' ') if depth == 0 => {
                let next = text.get(at..at + 6);
                if next.is_some_and(|next| next.eq_ignore_ascii_case(" FROM ")) {
                    return at;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// `(a, b, c)` as `(…)`, innermost lists first, if it is long and holds no statement.
fn fold_lists(line: &str) -> String {
    let mut result = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(open) = rest.find('(') {
        let (before, from) = rest.split_at(open + 1);
        result.push_str(before);
        let end = from.find(['(', ')']).unwrap_or(from.len());
        let list = from.get(..end).unwrap_or_default();
        let closes = from.get(end..).is_some_and(|after| after.starts_with(')'));
        if closes && list.len() >= FOLDED_FROM && list.contains(',') && first_of(list, &["SELECT "]).is_none() {
            result.push('…');
        } else {
            result.push_str(list);
        }
        rest = from.get(end..).unwrap_or_default();
    }
    result + rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_tells_statements_apart_is_kept() {
        let columns =
            r#""public"."Task"."id", "public"."Task"."title", coalesce("public"."Task"."a", $9), "public"."Task"."b""#;
        let find =
            format!(r#"SELECT {columns} FROM "public"."Task" WHERE ("public"."Task"."projectId" = $1) LIMIT $2"#);
        assert_eq!(
            folded(&find, 80),
            r#"SELECT … FROM "Task" WHERE ("Task"."projectId" = $1) LIMIT $2"#
        );
        let insert = format!(
            "INSERT INTO \"Task\" (\"id\", \"title\", \"description\", \"status\") VALUES ($1,$2,$3,$4) RETURNING {columns}"
        );
        assert_eq!(
            folded(&insert, 80),
            "INSERT INTO \"Task\" (…) VALUES ($1,$2,$3,$4) RETURNING …"
        );
        let within =
            format!("SELECT count(*) FROM (SELECT {columns} FROM \"Task\" WHERE a = $1) AS sub WHERE true AND b = $2");
        assert_eq!(
            folded(&within, 90),
            "SELECT count(*) FROM (SELECT … FROM \"Task\" WHERE a = $1) AS sub WHERE true AND b = $2"
        );
        assert_eq!(
            folded("SELECT a,\n  b FROM t", 80),
            "SELECT a, b FROM t",
            "what fits stays"
        );
        assert_eq!(folded(&"x".repeat(100), 10), format!("{}…", "x".repeat(9)));
    }

    #[test]
    fn in_a_sentence_a_statement_ends_with_a_whole_clause() {
        let columns = "t.\"id\", t.\"title\", t.\"description\", t.\"status\"";
        for (statement, told) in [
            // Cut where it was recorded, in the middle of a name.
            (
                format!("SELECT {columns} FROM tasks t LEFT JOIN epics e ON e.id = t.\"epicI"),
                "SELECT … FROM tasks t …",
            ),
            (
                format!(
                    "SELECT {columns} FROM tasks t WHERE a = ANY($1) ORDER BY b DESC, a_column_with_a_very_long_name, another"
                ),
                "SELECT … FROM tasks t WHERE a = ANY($1) …",
            ),
            (
                format!(
                    "SELECT {columns} FROM (SELECT * FROM tasks WHERE status = $1 ORDER BY a, b_long, c_long, d_long, e"
                ),
                "SELECT … FROM (SELECT * FROM tasks WHERE status = $1 ORDER BY a, b_long, c_long, d_long, …",
            ),
            ("SELECT * FROM tasks".to_owned(), "SELECT * FROM tasks"),
            ("SELECT 'it''s' FROM a".to_owned(), "SELECT 'it''s' FROM a"),
        ] {
            assert_eq!(clauses(&statement, 90), told);
        }
    }

    proptest! {
        #[test]
        fn whatever_is_cut_by_clauses_fits(text in ".{0,300}", most in 1_usize..100) {
            prop_assert!(clauses(&text, most).chars().count() <= most.max(2));
        }

        #[test]
        fn whatever_comes_fits(text in ".{0,300}", most in 1_usize..100) {
            prop_assert!(folded(&text, most).chars().count() <= most);
        }

        #[test]
        fn whatever_looks_like_a_statement_fits(
            words in prop::collection::vec(prop::sample::select(vec!["SELECT", "FROM", "(", ")", ",", "'", "\"", "é", "RETURNING", "a", "ſ"]), 0..80),
        ) {
            prop_assert!(folded(&words.join(" "), 40).chars().count() <= 40);
        }
    }
}
