//! Nginx configuration as a tree of directives: enough to find its limits, tolerant of everything else in it.

mod log_format;

pub use log_format::{AccessLog, COMBINED, LogFormat, access_log};

use std::iter::Peekable;
use std::ops::Range;
use std::str::CharIndices;

/// One directive with its arguments and, if it has braces, the directives inside them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// Its name: `limit_req`.
    pub name: String,
    /// Its arguments, without quotes.
    pub arguments: Vec<String>,
    /// Directives inside its braces.
    pub block: Vec<Directive>,
    /// Byte range in the text, from its name to its semicolon or closing brace.
    pub place: Range<usize>,
}

impl Directive {
    /// The value of an argument `KEY=VALUE`.
    pub fn value(&self, key: &str) -> Option<&str> {
        let mut arguments = self.arguments.iter();
        arguments.find_map(|argument| argument.strip_prefix(key)?.strip_prefix('='))
    }

    /// Itself and everything inside it, outermost first.
    pub fn all(&self) -> Vec<&Self> {
        let inside = self.block.iter().flat_map(Self::all);
        std::iter::once(self).chain(inside).collect()
    }
}

/// Parses the directives. An incomplete directive at the end, or a surplus brace, is ignored.
pub fn directives(text: &str) -> Vec<Directive> {
    let mut reader = DirectiveReader {
        text,
        letters: text.char_indices().peekable(),
    };
    let mut all = Vec::new();
    while reader.letters.peek().is_some() {
        // A stray `}` ends the block that was read; what follows is still of interest.
        all.extend(reader.block(0).0);
    }
    all
}

/// Deepest nesting that is parsed. Nginx reads none that is deeper, and it would exhaust the stack.
const DEEPEST: usize = 32;

struct DirectiveReader<'a> {
    text: &'a str,
    letters: Peekable<CharIndices<'a>>,
}

/// A word or a delimiter; the numbers are byte offsets in the text.
enum Token {
    Word(String, usize),
    Semicolon(usize),
    Open,
    Close(usize),
    End,
}

impl DirectiveReader<'_> {
    /// Parses directives up to the closing brace, and returns them with the byte offset of that brace.
    fn block(&mut self, depth: usize) -> (Vec<Directive>, usize) {
        let mut found = Vec::new();
        let mut words: Vec<String> = Vec::new();
        let mut start = 0;
        loop {
            let (inside, end) = match self.token() {
                Token::Word(word, at) => {
                    if words.is_empty() {
                        start = at;
                    }
                    words.push(word);
                    continue;
                }
                Token::Semicolon(at) => (Vec::new(), at),
                Token::Open if depth < DEEPEST => self.block(depth + 1),
                Token::Open => continue,
                Token::Close(at) => return (found, at),
                Token::End => return (found, self.text.len()),
            };
            let mut all = std::mem::take(&mut words).into_iter();
            if let Some(name) = all.next() {
                found.push(Directive {
                    name,
                    arguments: all.collect(),
                    block: inside,
                    place: start..(end + 1).min(self.text.len()),
                });
            }
        }
    }

    fn token(&mut self) -> Token {
        while let Some((at, letter)) = self.letters.next() {
            match letter {
                '#' => while self.letters.next_if(|(_, letter)| *letter != '\n').is_some() {},
                ';' => return Token::Semicolon(at),
                '{' => return Token::Open,
                '}' => return Token::Close(at),
                '"' | '\'' => return Token::Word(self.quoted(letter), at),
                letter if letter.is_whitespace() => {}
                letter => return Token::Word(self.unquoted_word(letter), at),
            }
        }
        Token::End
    }

    fn quoted(&mut self, quote: char) -> String {
        let mut word = String::new();
        while let Some((_, letter)) = self.letters.next() {
            match letter {
                // The letter behind it is taken as it is, or an escaped quote would end the word.
                '\\' => word.extend(self.letters.next().map(|(_, letter)| letter)),
                letter if letter == quote => break,
                letter => word.push(letter),
            }
        }
        word
    }

    /// Reads an unquoted word. A `${variable}` belongs to its word; any other brace ends it.
    fn unquoted_word(&mut self, first: char) -> String {
        let mut word = String::from(first);
        while let Some((_, letter)) = self.letters.peek().copied() {
            // `${name}` is a variable within a word, and its brace opens no block.
            let variable = letter == '{' && word.ends_with('$');
            if letter.is_whitespace() || letter == ';' || (letter == '{' && !variable) {
                break;
            }
            if letter == '}' && !word.contains("${") {
                break;
            }
            self.letters.next();
            word.push(letter);
            if letter == '\\' {
                word.extend(self.letters.next().map(|(_, letter)| letter));
            }
        }
        word
    }
}

/// The text without the directives of these names, and those that were taken out, in words.
pub fn without(text: &str, names: &[&str]) -> (String, Vec<String>) {
    let all = directives(text);
    let all = all.iter().flat_map(Directive::all);
    let removed: Vec<_> = all
        .filter(|directive| names.contains(&directive.name.as_str()))
        .collect();
    let (mut left, mut from, mut told) = (String::new(), 0, Vec::new());
    for directive in removed {
        left.push_str(&text[from..directive.place.start]);
        from = directive.place.end;
        told.push(format!("{} {}", directive.name, directive.arguments.join(" ")));
    }
    left.push_str(&text[from..]);
    (left, told)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::nginx::*;

    #[test]
    fn directives_have_arguments_and_blocks() {
        let text = "user nginx; # limit_req zone=no;\nhttp {\n  log_format a '$a; { \\' ' \"b\";\n  map $x ${y} { ~^/a\\{2\\}$ 1; }\n  \
                    location ~ \"^/api/{1}\" { limit_req zone=api burst=20 nodelay; }\n}\n";
        let all = directives(text);
        assert_eq!(all.len(), 2);
        let http = &all[1];
        let names: Vec<&str> = http.all().iter().map(|one| one.name.as_str()).collect();
        assert_eq!(
            names,
            ["http", "log_format", "map", "~^/a\\{2\\}$", "location", "limit_req"]
        );
        assert_eq!(http.block[0].arguments, ["a", "$a; { ' ", "b"]);
        assert_eq!(http.block[1].arguments, ["$x", "${y}"]);
        let limit = &http.block[2].block[0];
        assert_eq!(
            (limit.value("zone"), limit.value("burst"), limit.value("nodelay")),
            (Some("api"), Some("20"), None)
        );
        assert_eq!(&text[limit.place.clone()], "limit_req zone=api burst=20 nodelay;");
    }

    #[test]
    fn directives_are_taken_out_and_told() {
        let text = "http { limit_req_zone $a zone=api:1m rate=1r/s; server { limit_req zone=api; location / { limit_conn a 10; return 200; } } }";
        let (left, told) = without(text, &["limit_req", "limit_conn"]);
        assert_eq!(
            left,
            "http { limit_req_zone $a zone=api:1m rate=1r/s; server {  location / {  return 200; } } }"
        );
        assert_eq!(told, ["limit_req zone=api", "limit_conn a 10"]);
        assert_eq!(without("http { }", &["limit_req"]), ("http { }".to_owned(), Vec::new()));
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_to_its_end(text in "([a-z ;{}#\"'\\\\\n$é]|limit_req zone=a;){0,80}") {
            let (left, told) = without(&text, &["limit_req"]);
            prop_assert!(left.len() <= text.len());
            prop_assert_eq!(told.is_empty(), left == text);
        }
    }
}
