//! Languages of reports.

/// A language of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// French.
    French,
}

impl Language {
    /// Selects the text in this language.
    pub fn say<'a>(self, english: &'a str, french: &'a str) -> &'a str {
        match self {
            Self::English => english,
            Self::French => french,
        }
    }

    /// Converts the separators of an English text between digits to those of this language; other punctuation stays.
    pub fn written(self, english: &str) -> String {
        if self == Self::English {
            return english.to_owned();
        }
        let mut written = String::with_capacity(english.len());
        let mut letters = english.chars().peekable();
        let mut before = ' ';
        while let Some(letter) = letters.next() {
            let inside = before.is_ascii_digit() && letters.peek().is_some_and(char::is_ascii_digit);
            written.push(match letter {
                // A narrow no-break space between thousands.
                ',' if inside => '\u{202f}',
                '.' if inside => ',',
                other => other,
            });
            before = letter;
        }
        written
    }
}
