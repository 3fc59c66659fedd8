//! Commands as a POSIX shell splits them into words, with `$'…'` of bash.

use std::iter::Peekable;
use std::str::Chars;

/// One command: its words, and the line on which it begins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CommandLine {
    /// Line of its first word, from 1.
    pub(super) line: usize,
    /// Its words, without quotes.
    pub(super) words: Vec<String>,
    /// Parts that the shell would have replaced, and parts that are not complete.
    pub(super) problems: Vec<String>,
}

/// Splits a text into commands.
pub(super) fn posix(text: &str) -> Vec<CommandLine> {
    let mut reader = Reader {
        letters: text.chars().peekable(),
        line: 1,
        command: CommandLine::default(),
        word: None,
        done: Vec::new(),
    };
    reader.read();
    reader.done
}

struct Reader<'a> {
    letters: Peekable<Chars<'a>>,
    line: usize,
    command: CommandLine,
    word: Option<String>,
    done: Vec<CommandLine>,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let letter = self.letters.next();
        self.line += usize::from(letter == Some('\n'));
        letter
    }

    fn push(&mut self, letter: char) {
        if self.word.is_none() && self.command.words.is_empty() {
            self.command.line = self.line;
        }
        self.word.get_or_insert_default().push(letter);
    }

    /// Begins a word, which may be empty: `''`.
    fn begin(&mut self) {
        if self.word.is_none() && self.command.words.is_empty() {
            self.command.line = self.line;
        }
        self.word.get_or_insert_default();
    }

    fn end_word(&mut self) {
        self.command.words.extend(self.word.take());
    }

    fn end_command(&mut self) {
        self.end_word();
        let command = std::mem::take(&mut self.command);
        if !command.words.is_empty() {
            self.done.push(command);
        }
    }

    fn problem(&mut self, text: String) {
        if !self.command.problems.contains(&text) {
            self.command.problems.push(text);
        }
    }

    fn read(&mut self) {
        while let Some(letter) = self.next() {
            match letter {
                '\\' => match self.next() {
                    Some('\n') | None => {}
                    Some('\r') => {
                        self.letters.next_if_eq(&'\n');
                        self.line += 1;
                    }
                    Some(letter) => self.push(letter),
                },
                '\'' => self.single(),
                '"' => self.double(),
                '$' if self.letters.next_if_eq(&'\'').is_some() => self.ansi(),
                '$' => self.dollar(),
                // Within a word it is a letter, such as the fragment of an address.
                '#' if self.word.is_none() => while self.letters.next_if(|letter| *letter != '\n').is_some() {},
                // An unquoted `&` in an address ends the command for the shell as well.
                '\n' | ';' | '&' | '|' => self.end_command(),
                '>' | '<' => {
                    self.end_word();
                    self.problem("a redirection of the shell is not followed".to_owned());
                    self.skip_word();
                }
                letter if letter.is_whitespace() => self.end_word(),
                letter => self.push(letter),
            }
        }
        self.end_command();
    }

    /// Skips the name of a file that a redirection names.
    fn skip_word(&mut self) {
        while self
            .letters
            .next_if(|letter| matches!(letter, ' ' | '>' | '&'))
            .is_some()
        {}
        let ends = |letter: &char| letter.is_whitespace() || ";|&".contains(*letter);
        while self.letters.next_if(|letter| !ends(letter)).is_some() {}
    }

    fn single(&mut self) {
        self.begin();
        loop {
            match self.next() {
                Some('\'') => return,
                Some(letter) => self.push(letter),
                None => return self.problem("a quote `'` is never closed".to_owned()),
            }
        }
    }

    fn double(&mut self) {
        self.begin();
        loop {
            match self.next() {
                Some('"') => return,
                Some('\\') => match self.next() {
                    Some('\n') | None => {}
                    // Within double quotes a backslash escapes these alone (POSIX, Shell Command Language, 2.2.3).
                    Some(letter @ ('"' | '\\' | '$' | '`')) => self.push(letter),
                    Some(letter) => {
                        self.push('\\');
                        self.push(letter);
                    }
                },
                Some('$') => self.dollar(),
                Some(letter) => self.push(letter),
                None => return self.problem("a quote `\"` is never closed".to_owned()),
            }
        }
    }

    /// A variable or a command, which only the shell that ran it knows.
    fn dollar(&mut self) {
        self.push('$');
        let next = self.letters.peek().copied();
        if next.is_some_and(|letter| letter.is_ascii_alphabetic() || "_{(".contains(letter)) {
            let mut rest = self.letters.clone();
            let name: String = rest
                .by_ref()
                .take_while(|letter| letter.is_ascii_alphanumeric() || "_{(".contains(*letter))
                .take(32)
                .collect();
            self.problem(format!("`${name}` is known to the shell only and is left as it is"));
        }
    }

    /// `$'…'` with its escapes.
    fn ansi(&mut self) {
        self.begin();
        loop {
            match self.next() {
                Some('\'') => return,
                Some('\\') => self.escape(),
                Some(letter) => self.push(letter),
                None => return self.problem("a quote `$'` is never closed".to_owned()),
            }
        }
    }

    fn escape(&mut self) {
        let Some(letter) = self.next() else { return };
        match letter {
            'n' => self.push('\n'),
            't' => self.push('\t'),
            'r' => self.push('\r'),
            'a' => self.push('\u{7}'),
            'b' => self.push('\u{8}'),
            'f' => self.push('\u{c}'),
            'v' => self.push('\u{b}'),
            'e' | 'E' => self.push('\u{1b}'),
            'x' => self.bytes(),
            'u' => self.unit(),
            'U' => {
                let code = self.digits(16, 8);
                self.push(code.and_then(char::from_u32).unwrap_or('\u{fffd}'));
            }
            '0'..='7' => {
                let mut code = letter.to_digit(8).unwrap_or(0);
                for _ in 0..2 {
                    let Some(digit) = self.letters.next_if(|next| next.is_digit(8)) else {
                        break;
                    };
                    code = code * 8 + digit.to_digit(8).unwrap_or(0);
                }
                self.push(char::from_u32(code & 0xff).unwrap_or('\u{fffd}'));
            }
            letter => self.push(letter),
        }
    }

    /// Bytes written `\xHH`, several of which may be one character of UTF-8.
    fn bytes(&mut self) {
        let mut bytes = Vec::new();
        loop {
            let Some(byte) = self.digits(16, 2) else {
                self.push('x');
                break;
            };
            bytes.push(u8::try_from(byte).unwrap_or(b'?'));
            let mut ahead = self.letters.clone();
            if ahead.next() != Some('\\') || ahead.next() != Some('x') {
                break;
            }
            self.letters.next();
            self.letters.next();
        }
        for letter in String::from_utf8_lossy(&bytes).chars() {
            self.push(letter);
        }
    }

    /// `\uHHHH`, two of which may be one character of UTF-16, as Chromium writes them.
    fn unit(&mut self) {
        let Some(first) = self.digits(16, 4) else {
            return self.push('u');
        };
        let mut units = vec![u16::try_from(first).unwrap_or(0xfffd)];
        if (0xd800..0xdc00).contains(&first) {
            let mut ahead = self.letters.clone();
            if ahead.next() == Some('\\') && ahead.next() == Some('u') {
                self.letters.next();
                self.letters.next();
                let second = self.digits(16, 4).unwrap_or(0xfffd);
                units.push(u16::try_from(second).unwrap_or(0xfffd));
            }
        }
        for letter in String::from_utf16_lossy(&units).chars() {
            self.push(letter);
        }
    }

    fn digits(&mut self, base: u32, most: usize) -> Option<u32> {
        let mut number = None;
        for _ in 0..most {
            let Some(digit) = self.letters.next_if(|letter| letter.is_digit(base)) else {
                break;
            };
            number = Some(number.unwrap_or(0) * base + digit.to_digit(base).unwrap_or(0));
        }
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut commands = posix(text);
        assert_eq!(commands.len(), 1, "{commands:?}");
        commands.remove(0).words
    }

    #[test]
    fn words_are_split_as_a_shell_does() {
        assert_eq!(
            words(r#"curl 'a b' "c \" \$d \e" f\ g '' # not this"#),
            ["curl", "a b", "c \" $d \\e", "f g", ""]
        );
        assert_eq!(words("curl \\\n  -H 'a: b' \\\r\n  x"), ["curl", "-H", "a: b", "x"]);
        assert_eq!(
            words(r"curl $'a\'b\n\u00e9\xc3\xa9\ud83d\ude00\041\U0001f600\q'"),
            ["curl", "a'b\néé😀!😀q"]
        );
        assert_eq!(words("'it'\\''s'"), ["it's"]);
    }

    #[test]
    fn commands_have_their_lines_and_problems() {
        let commands = posix("curl a ;\ncurl \\\n b &&\n\n curl \"$HOST/x\" > out.json\ncurl 'open");
        let lines: Vec<usize> = commands.iter().map(|command| command.line).collect();
        assert_eq!(lines, [1, 2, 5, 6]);
        assert_eq!(commands[2].words, ["curl", "$HOST/x"]);
        assert_eq!(
            commands[2].problems,
            [
                "`$HOST` is known to the shell only and is left as it is",
                "a redirection of the shell is not followed"
            ]
        );
        assert_eq!(commands[3].problems, ["a quote `'` is never closed"]);
    }
}
