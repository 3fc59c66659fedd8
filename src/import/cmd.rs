//! Commands as the Windows command processor and the C runtime split them into words: `^` escapes, `"` quotes.

use super::shell::CommandLine;

/// True if a text is quoted for the Windows command processor: it has `^` before a quote or at the end of a line.
pub fn is_cmd(text: &str) -> bool {
    text.contains("^\"") || text.lines().any(|line| line.trim_end_matches('\r').ends_with('^'))
}

/// Splits a text into commands.
pub(super) fn cmd(text: &str) -> Vec<CommandLine> {
    let mut commands = Vec::new();
    for (line, text) in unescaped(text) {
        let words = words(&text);
        if !words.is_empty() {
            commands.push(CommandLine {
                line,
                words,
                problems: Vec::new(),
            });
        }
    }
    commands
}

/// Applies the first pass of `cmd.exe`: `^` makes the next character plain; a line break after it is dropped, and the character
/// behind the line break is plain.
fn unescaped(text: &str) -> Vec<(usize, String)> {
    let text = text.replace("\r\n", "\n");
    let mut letters = text.chars().peekable();
    let (mut line, mut begun) = (1, 1);
    let (mut commands, mut command, mut quoted) = (Vec::new(), String::new(), false);
    while let Some(letter) = letters.next() {
        match letter {
            '^' if !quoted => {
                if letters.next_if_eq(&'\n').is_some() {
                    line += 1;
                }
                if let Some(plain) = letters.next() {
                    line += usize::from(plain == '\n');
                    command.push(plain);
                }
            }
            '\n' | '&' | '|' if !quoted => {
                commands.push((begun, std::mem::take(&mut command)));
                line += usize::from(letter == '\n');
                begun = line;
            }
            '"' => {
                quoted = !quoted;
                command.push('"');
            }
            letter => {
                line += usize::from(letter == '\n');
                command.push(letter);
            }
        }
    }
    commands.push((begun, command));
    commands
}

/// Words as the C runtime sees them. Browsers double every backslash, whatever follows it.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                let escaped = letters.next_if(|next| matches!(next, '"' | '\\'));
                word.get_or_insert_default().push(escaped.unwrap_or('\\'));
            }
            '"' if quoted && letters.next_if_eq(&'"').is_some() => word.get_or_insert_default().push('"'),
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            letter if letter.is_whitespace() && !quoted => words.extend(word.take()),
            letter => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_quotings_of_browsers_are_read() {
        // Chromium since 2024: every quote is escaped for the command processor as well.
        let new = "curl ^\"https://a.example/x?a=1^&b=^%^20^\" ^\n  -H ^\"content-type: application/json^\" ^\n  \
                   --data-raw ^\"^{^\\^\"t^\\^\":^\\^\"a\\\\nb^\n\nc^\\^\"^}^\"";
        assert!(is_cmd(new));
        let commands = cmd(new);
        assert_eq!(commands.len(), 1, "{commands:?}");
        assert_eq!(
            commands[0].words,
            [
                "curl",
                "https://a.example/x?a=1&b=%20",
                "-H",
                "content-type: application/json",
                "--data-raw",
                "{\"t\":\"a\\nb\nc\"}"
            ]
        );
        // Before that, and Firefox: plain quotes, doubled inside.
        let old =
            "curl \"https://a.example/\" ^\r\n  -H \"x: \"\"q\"\"\" ^\r\n  --data \"{\\\"a\\\":1}\"\r\ncurl \"b\"";
        let commands = cmd(old);
        assert_eq!(
            commands[0].words,
            ["curl", "https://a.example/", "-H", "x: \"q\"", "--data", "{\"a\":1}"]
        );
        assert_eq!((commands[1].line, &commands[1].words[1][..]), (4, "b"));
        assert!(!is_cmd("curl 'a'"));
    }
}
