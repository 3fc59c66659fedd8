//! Making a value safe for the place a template puts it.

use percent_encoding::utf8_percent_encode;
use url::form_urlencoded;

use crate::wire::RESERVED;

/// Escaping of a value for the place it is put.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Escape {
    /// Unchanged.
    #[default]
    None,
    /// Percent-encoded, for paths and queries.
    Url,
    /// Encoded as a field of an HTML form, `application/x-www-form-urlencoded`.
    Form,
    /// Escaped as the inside of a JSON string.
    Json,
}

/// Appends `value` to `out`, escaped.
pub(super) fn push(value: &str, escape: Escape, out: &mut String) {
    match escape {
        Escape::None => out.push_str(value),
        Escape::Url => out.extend(utf8_percent_encode(value, RESERVED)),
        Escape::Form => out.extend(form_urlencoded::byte_serialize(value.as_bytes())),
        Escape::Json => push_json(value, out),
    }
}

/// The inside of a JSON string.
fn push_json(value: &str, out: &mut String) {
    // Any string can be serialised; the result has a quote at either end.
    let quoted = serde_json::to_string(value).unwrap_or_default();
    let inside = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    out.push_str(inside.unwrap_or_default());
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
