//! Reads of a source file what the search for circles needs: imports, child modules, paths and names. Code under
//! `#[cfg(test)]` is left out.

use std::collections::BTreeSet;

/// Conditions of what release builds do not have.
const ONLY_FOR_TESTS: &[&str] = &["#[cfg(test)", "#[cfg(any(test,debug_assertions))"];

/// One `use` of one name.
#[derive(Debug)]
pub(super) struct Import {
    /// The name it has in this file.
    pub(super) name: String,
    /// The path as written, `self` at its end removed.
    pub(super) path: Vec<String>,
    /// `pub` of any reach.
    pub(super) public: bool,
}

/// The facts of one file.
#[derive(Debug, Default)]
pub(super) struct Source {
    /// Imports, wherever in the file.
    pub(super) imports: Vec<Import>,
    /// Modules declared with `mod name;`.
    pub(super) children: BTreeSet<String>,
    /// Modules declared under `#[cfg(test)]`.
    pub(super) test_children: BTreeSet<String>,
    /// Paths of two segments or more outside imports.
    pub(super) paths: Vec<Vec<String>>,
    /// Every identifier outside imports that begins a path or stands alone.
    pub(super) names: BTreeSet<String>,
}

impl Source {
    /// Reads the text of a file.
    pub(super) fn parse(text: &str) -> Self {
        let tokens = tokens(text);
        let mut source = Self::default();
        let mut at = 0;
        while at < tokens.len() {
            at = source.step(&tokens, at);
        }
        source
    }

    /// Reads what begins at that token; returns where the next thing begins.
    fn step(&mut self, tokens: &[&str], at: usize) -> usize {
        match tokens[at] {
            // Elsewhere it is the id of an element of a page.
            "#" if matches!(tokens.get(at + 1), Some(&("[" | "!"))) => self.attribute(tokens, at),
            "use" => {
                let end = until(tokens, at, ";");
                self.import(&tokens[at + 1..end], &[], public(&tokens[..at]));
                end + 1
            }
            "mod" if tokens.get(at + 2) == Some(&";") => {
                self.children.insert(tokens[at + 1].to_owned());
                at + 3
            }
            token if is_identifier(token) => {
                let mut path = vec![token.to_owned()];
                let mut end = at + 1;
                while tokens.get(end) == Some(&"::") && tokens.get(end + 1).is_some_and(|next| is_identifier(next)) {
                    path.push(tokens[end + 1].to_owned());
                    end += 2;
                }
                if at == 0 || tokens[at - 1] != "::" {
                    self.names.insert(token.to_owned());
                    if path.len() > 1 {
                        self.paths.push(path);
                    }
                }
                end
            }
            _ => at + 1,
        }
    }

    /// Skips an attribute, and the item below it where that is compiled for tests only.
    fn attribute(&mut self, tokens: &[&str], at: usize) -> usize {
        let end = closing(tokens, until(tokens, at, "["));
        if !ONLY_FOR_TESTS
            .iter()
            .any(|condition| condition == &tokens[at..end].concat())
        {
            return end + 1;
        }
        let mut item = end + 1;
        while tokens.get(item) == Some(&"#") {
            item = closing(tokens, item + 1) + 1;
        }
        let mut last = item;
        if tokens.get(last) == Some(&"pub") {
            last += 1;
            if tokens.get(last) == Some(&"(") {
                last = closing(tokens, last) + 1;
            }
        }
        let first = tokens.get(last).copied().unwrap_or_default();
        if first == "mod" {
            self.test_children.insert(tokens[last + 1].to_owned());
        }
        // A field, a variant or an arm ends at a comma; items have commas inside generics.
        let is_item = [
            "fn", "async", "const", "enum", "impl", "let", "mod", "static", "struct", "trait", "type",
        ];
        let comma = !is_item.contains(&first) && first != "use";
        while last < tokens.len() {
            match tokens[last] {
                "{" if first != "use" => return closing(tokens, last) + 1,
                "(" | "[" | "{" => last = closing(tokens, last),
                ";" => return last + 1,
                "," if comma => return last + 1,
                "}" => return last,
                _ => {}
            }
            last += 1;
        }
        last
    }

    /// Takes a tree of imports apart, which stands below the path `above`.
    fn import(&mut self, tree: &[&str], above: &[String], public: bool) {
        if let Some(open) = tree.iter().position(|token| *token == "{") {
            let mut path = above.to_vec();
            path.extend(segments(&tree[..open]));
            let mut begin = open + 1;
            let mut at = begin;
            let end = closing(tree, open);
            while at <= end {
                match tree[at] {
                    "{" => at = closing(tree, at),
                    "," | "}" => {
                        if at > begin {
                            self.import(&tree[begin..at], &path, public);
                        }
                        begin = at + 1;
                    }
                    _ => {}
                }
                at += 1;
            }
            return;
        }
        let alias = tree.iter().position(|token| *token == "as");
        let mut path = above.to_vec();
        path.extend(segments(&tree[..alias.unwrap_or(tree.len())]));
        if path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let name = alias.map_or_else(
            || path.last().cloned().unwrap_or_default(),
            |alias| tree[alias + 1].to_owned(),
        );
        self.imports.push(Import { name, path, public });
    }
}

fn segments<'a>(tokens: &'a [&str]) -> impl Iterator<Item = String> + 'a {
    let segments = tokens.iter().filter(|token| is_identifier(token) || **token == "*");
    segments.map(|token| (*token).to_owned())
}

fn is_identifier(token: &str) -> bool {
    token.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
}

/// True if `pub` or `pub(…)` ends here.
fn public(before: &[&str]) -> bool {
    matches!(
        before,
        [.., "pub"] | [.., "pub", "(", _, ")"] | [.., "pub", "(", "in", _, ")"]
    )
}

fn until(tokens: &[&str], from: usize, token: &str) -> usize {
    let found = tokens[from..].iter().position(|found| *found == token);
    found.map_or(tokens.len() - 1, |found| from + found)
}

/// Position at which the bracket that opens at `open` closes.
fn closing(tokens: &[&str], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match *token {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    tokens.len() - 1
}

/// Identifiers, `::` and single other characters; comments, strings and characters are left out.
fn tokens(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(length) = literal(rest) {
            length
        } else if first.is_alphanumeric() || first == '_' {
            let length = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
            let length = length.unwrap_or(rest.len());
            found.push(&rest[..length]);
            length
        } else if rest.starts_with("::") {
            found.push(&rest[..2]);
            2
        } else {
            if !first.is_whitespace() {
                found.push(&rest[..first.len_utf8()]);
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    found
}

/// The length of the string, the character or the quote of a lifetime that begins here.
fn literal(text: &str) -> Option<usize> {
    let prefix = ["br", "r", "b"].into_iter().find(|prefix| {
        let after = text.strip_prefix(prefix);
        after.is_some_and(|after| after.trim_start_matches('#').starts_with(['"', '\'']))
    });
    let prefix = prefix.unwrap_or_default();
    let body = &text[prefix.len()..];
    let hashes = body.len() - body.trim_start_matches('#').len();
    if prefix.ends_with('r') {
        let close = format!("\"{}", "#".repeat(hashes));
        let end = body[hashes + 1..].find(&close).unwrap_or(0);
        return Some(prefix.len() + hashes + 1 + end + close.len());
    }
    let quote = body.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    if quote == '\'' {
        let mut letters = body[1..].chars();
        let (one, two) = (letters.next(), letters.next());
        if one != Some('\\') && two != Some('\'') {
            return Some(1);
        }
    }
    let mut escaped = false;
    for (at, letter) in body.char_indices().skip(1) {
        if !escaped && letter == quote {
            return Some(prefix.len() + at + 1);
        }
        escaped = !escaped && letter == '\\';
    }
    Some(text.len())
}
