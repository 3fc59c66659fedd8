//! Variables in the texts of Compose files: `$NAME`, `${NAME}`, `${NAME:-otherwise}`, `${NAME:?message}`, `${NAME:+instead}`.

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Variable {
        name: String,
        form: Form,
        /// True if an empty value counts as none: the colon in `${NAME:-otherwise}`.
        needs_content: bool,
        /// The text after the operator.
        word: Vec<Piece>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `${NAME}`
    Plain,
    /// `${NAME-otherwise}`
    Default,
    /// `${NAME?message}`
    Required,
    /// `${NAME+instead}`
    Alternative,
}

/// A text with variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Vec<Piece>);

/// A variable without a value where one is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unset {
    pub(super) name: String,
    /// Message of the file if it requires the variable; `None` if Compose puts nothing in its place.
    pub(super) required: Option<String>,
    /// The text before the variable: it tells a tag from a whole image.
    pub(super) before: String,
}

/// Most levels of variables inside each other.
const DEEPEST: usize = 20;

impl Template {
    pub(super) fn parse(text: &str) -> Self {
        Self(pieces(text, 0))
    }

    /// Names of all variables, also of those in the words of others.
    pub(super) fn names(&self) -> Vec<&str> {
        fn collect<'a>(pieces: &'a [Piece], found: &mut Vec<&'a str>) {
            for piece in pieces {
                if let Piece::Variable { name, word, .. } = piece {
                    found.push(name);
                    collect(word, found);
                }
            }
        }
        let mut found = Vec::new();
        collect(&self.0, &mut found);
        found
    }

    /// The text with the values in their places.
    pub(super) fn expand<'a>(&self, value: &impl Fn(&str) -> Option<&'a str>) -> String {
        let mut text = String::new();
        walk(&self.0, value, &mut text, &mut Vec::new());
        text
    }

    /// Variables without a value that its expansion asks for. A variable with a default needs none.
    pub(super) fn unset<'a>(&self, value: &impl Fn(&str) -> Option<&'a str>) -> Vec<Unset> {
        let mut unset = Vec::new();
        walk(&self.0, value, &mut String::new(), &mut unset);
        unset
    }
}

/// Appends the values to `text`, and the variables without one to `unset`.
fn walk<'a>(pieces: &[Piece], value: &impl Fn(&str) -> Option<&'a str>, text: &mut String, unset: &mut Vec<Unset>) {
    for piece in pieces {
        let (name, form, needs_content, word) = match piece {
            Piece::Literal(literal) => {
                text.push_str(literal);
                continue;
            }
            Piece::Variable {
                name,
                form,
                needs_content,
                word,
            } => (name, *form, *needs_content, word),
        };
        let given = value(name);
        let counts = given.is_some_and(|given| !needs_content || !given.is_empty());
        match form {
            Form::Alternative if counts => walk(word, value, text, unset),
            Form::Alternative => {}
            Form::Default if !counts => walk(word, value, text, unset),
            Form::Required if !counts => {
                let mut message = String::new();
                walk(word, value, &mut message, &mut Vec::new());
                unset.push(Unset {
                    name: name.clone(),
                    required: Some(message),
                    before: text.clone(),
                });
            }
            Form::Plain if !counts => unset.push(Unset {
                name: name.clone(),
                required: None,
                before: text.clone(),
            }),
            _ => text.push_str(given.unwrap_or_default()),
        }
    }
}

fn pieces(text: &str, depth: usize) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        literal.push_str(before);
        rest = after;
        if let Some(escaped) = after.strip_prefix('$') {
            literal.push('$');
            rest = escaped;
            continue;
        }
        let (variable, after) = match after.strip_prefix('{') {
            Some(inside) => braced(inside, depth),
            None => bare(after),
        };
        let Some(variable) = variable else {
            literal.push('$');
            continue;
        };
        if !literal.is_empty() {
            found.push(Piece::Literal(std::mem::take(&mut literal)));
        }
        found.push(variable);
        rest = after;
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        found.push(Piece::Literal(literal));
    }
    found
}

/// The name at the beginning of a text, and the text after it.
fn name(text: &str) -> Option<(&str, &str)> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let end = text.find(|letter| !is_part(letter)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    (!name.is_empty() && !name.starts_with(|first: char| first.is_ascii_digit())).then_some((name, rest))
}

/// `NAME` after a dollar sign.
fn bare(text: &str) -> (Option<Piece>, &str) {
    let Some((name, rest)) = name(text) else {
        return (None, text);
    };
    let variable = Piece::Variable {
        name: name.to_owned(),
        form: Form::Plain,
        needs_content: false,
        word: Vec::new(),
    };
    (Some(variable), rest)
}

/// `NAME…}` after a dollar sign and a brace.
fn braced(text: &str, depth: usize) -> (Option<Piece>, &str) {
    let Some((name, rest)) = name(text).filter(|_| depth < DEEPEST) else {
        return (None, text);
    };
    let Some((operation, rest)) = closed(rest) else {
        return (None, text);
    };
    let (needs_content, operation) = match operation.strip_prefix(':') {
        Some(operation) => (true, operation),
        None => (false, operation),
    };
    let mut letters = operation.chars();
    let form = match letters.next() {
        None => Form::Plain,
        Some('-') => Form::Default,
        Some('?') => Form::Required,
        Some('+') => Form::Alternative,
        // Compose reports it.
        Some(_) => return (None, text),
    };
    let variable = Piece::Variable {
        name: name.to_owned(),
        form,
        needs_content,
        word: pieces(letters.as_str(), depth + 1),
    };
    (Some(variable), rest)
}

/// The text before the brace that closes, and the text after it. Variables inside have braces of their own.
fn closed(text: &str) -> Option<(&str, &str)> {
    let mut open = 0_usize;
    let mut previous = ' ';
    for (at, letter) in text.char_indices() {
        match letter {
            '{' if previous == '$' => open += 1,
            '}' if open == 0 => return Some((&text[..at], &text[at + 1..])),
            '}' => open -= 1,
            _ => {}
        }
        previous = letter;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(name: &str) -> Option<&'static str> {
        match name {
            "SET" => Some("value"),
            "EMPTY" => Some(""),
            _ => None,
        }
    }

    #[test]
    fn texts_are_expanded_as_compose_expands_them() {
        for (text, expected) in [
            ("$SET-${SET}", "value-value"),
            ("$$SET $${SET} 5$ $1", "$SET ${SET} 5$ $1"),
            ("${GONE}|${GONE-a}|${EMPTY-b}|${EMPTY:-c}|${SET:-d}", "|a||c|value"),
            ("${SET+a}|${EMPTY+b}|${EMPTY:+c}|${GONE+d}", "a|b||"),
            ("${GONE:-${SET}/${OTHER:-x}}", "value/x"),
            ("${SET", "${SET"),
        ] {
            assert_eq!(Template::parse(text).expand(&value), expected, "{text}");
        }
    }

    #[test]
    fn a_variable_is_unset_only_where_it_is_asked_for() {
        let unset = |text: &str| {
            let unset = Template::parse(text).unset(&value);
            unset
                .into_iter()
                .map(|one| (one.name, one.required.unwrap_or_else(|| "-".to_owned()), one.before))
                .collect::<Vec<_>>()
        };
        let one =
            |name: &str, required: &str, before: &str| vec![(name.to_owned(), required.to_owned(), before.to_owned())];
        assert_eq!(unset("app:${TAG}"), one("TAG", "-", "app:"));
        assert_eq!(unset("${SET}:${TAG:?set ${SET}}"), one("TAG", "set value", "value:"));
        assert_eq!(unset("${EMPTY:?fill it}"), one("EMPTY", "fill it", ""));
        assert_eq!(unset("${GONE:-${INNER}}"), one("INNER", "-", ""));
        for text in [
            "${EMPTY?x}",
            "${EMPTY}",
            "${GONE:-}",
            "${SET:-${INNER}}",
            "${GONE:+${INNER}}",
            "$$GONE",
        ] {
            assert_eq!(unset(text), [], "{text}");
        }
        assert_eq!(Template::parse("$A ${B:-${C}} $$D").names(), ["A", "B", "C"]);
    }
}
