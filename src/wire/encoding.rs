//! Parts of URLs.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

/// Everything that is percent-encoded in a part of a URL: all but the unreserved characters of RFC 3986, section 2.3.
pub const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
