//! Parts of URLs.

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_encode, utf8_percent_encode};

/// Everything that is percent-encoded in a part of a URL: all but the unreserved characters of RFC 3986, section 2.3.
pub const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Characters that browsers percent-encode in a query, and so in a path as well (WHATWG URL, section 1.3).
const UNSENDABLE: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>');

/// The path and query as browsers send it: without blanks, quotes or bytes beyond ASCII. Control characters are left: no URL
/// is meant to have them.
pub fn sendable(path: &str) -> String {
    // Encoding would hide a line break, which is an error of the journey.
    if path.chars().any(char::is_control) {
        return path.to_owned();
    }
    utf8_percent_encode(path, UNSENDABLE).to_string()
}

/// The value of a `location` header as text: bytes beyond ASCII are percent-encoded, whatever they mean, as browsers do.
pub fn location(value: &[u8]) -> String {
    // Bytes beyond ASCII are encoded whatever the set says.
    percent_encode(value, CONTROLS).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cannot_be_sent_is_encoded() {
        assert_eq!(
            sendable("/caf\u{e9} 1?q=\"<a>\"&r=%20+|{}"),
            "/caf%C3%A9%201?q=%22%3Ca%3E%22&r=%20+|{}"
        );
        assert_eq!(sendable("/a\nb"), "/a\nb");
        assert_eq!(location(b"/caf\xc3\xa9"), "/caf%C3%A9");
        assert_eq!(location(b"/caf\xe9?a b"), "/caf%E9?a b");
    }
}
