//! Making a value safe for the place a template puts it.

use std::fmt::Write;

/// How a value is made safe for where it is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    /// As it is.
    None,
    /// Percent-encoded, for paths and queries.
    Url,
    /// Escaped as the inside of a JSON string.
    Json,
}

/// Appends `value` to `out` as that place needs it.
pub(super) fn push(value: &str, escape: Escape, out: &mut String) {
    match escape {
        Escape::None => out.push_str(value),
        Escape::Url => push_url(value, out),
        Escape::Json => push_json(value, out),
    }
}

/// Everything but the unreserved characters of RFC 3986, section 2.3.
fn push_url(value: &str, out: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

/// RFC 8259, section 7.
fn push_json(value: &str, out: &mut String) {
    for character in value.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            control if control < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_json_parser_reads_back_what_was_escaped(value: String) {
            let mut text = String::from("\"");
            push(&value, Escape::Json, &mut text);
            text.push('"');
            prop_assert_eq!(serde_json::from_str::<String>(&text).unwrap(), value);
        }

        #[test]
        fn a_url_holds_nothing_that_ends_a_path_segment(value: String) {
            let mut text = String::new();
            push(&value, Escape::Url, &mut text);
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)));
            let path = format!("/{text}");
            prop_assert!(path.parse::<hyper::Uri>().is_ok());
        }
    }
}
