//! References to values within literal text. A journey's text is a template; a source's text is not, and may hold `{{` itself.

/// Opens a reference; a private-use character, which no source needs.
const OPEN: char = '\u{e000}';
/// Closes a reference.
const CLOSE: char = '\u{e001}';
/// Name of the variable that stands for two opening braces.
pub(super) const BRACES: &str = "two_braces";

/// A reference to that value; may hold filters: `number id`.
pub(super) fn reference(expression: &str) -> String {
    format!("{OPEN}{expression}{CLOSE}")
}

/// The name that a text refers to, if it is a reference and nothing else.
pub(super) fn is_marked(text: &str) -> bool {
    text.contains(OPEN)
}

/// Text of a source without the characters that mark references.
pub(super) fn literal(text: &str) -> String {
    text.replace([OPEN, CLOSE], "\u{fffd}")
}

/// The text as a template of a journey file; the flag is set if it needs the variable [`BRACES`].
pub(super) fn template(text: &str, braces: &mut bool) -> String {
    let escaped = if text.contains("{{") {
        *braces = true;
        text.replace("{{", &format!("{OPEN}{BRACES}{CLOSE}"))
    } else {
        text.to_owned()
    };
    escaped.replace(OPEN, "{{").replace(CLOSE, "}}")
}

/// The same for a path, in which braces are percent-encoded.
pub(super) fn path_template(text: &str) -> String {
    let encoded = text.replace('{', "%7B").replace('}', "%7D");
    encoded.replace(OPEN, "{{").replace(CLOSE, "}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_of_a_source_are_no_reference() {
        let mut braces = false;
        let text = format!("a{}b", reference("id"));
        assert_eq!(template(&text, &mut braces), "a{{id}}b");
        assert!(!braces);
        assert_eq!(template("{{x}}{{{", &mut braces), "{{two_braces}}x}}{{two_braces}}{");
        assert!(braces);
        assert_eq!(
            path_template(&format!("/{{{{x}}}}/{}", reference("id"))),
            "/%7B%7Bx%7D%7D/{{id}}"
        );
        assert_eq!(literal("a\u{e000}b"), "a\u{fffd}b");
    }
}
