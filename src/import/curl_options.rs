//! Options of curl: their long names, whether they take a value, and what becomes of them.

/// Effect of an option on an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Url,
    Method,
    Header,
    /// `--data`, which drops line breaks of files.
    Data,
    DataRaw,
    DataBinary,
    DataUrlencode,
    Json,
    Form,
    FormString,
    Get,
    Head,
    Cookie,
    User,
    Bearer,
    Agent,
    Referer,
    Location,
    Time,
    Retry,
    Upload,
    Query,
    Range,
    /// Starts another request on the same line.
    Next,
    /// Concerns the connection, the output or the client: a journey has no use for it.
    Ignored,
    /// Changes the request in a way that is not imported.
    Told,
}

use Effect::{
    Agent, Bearer, Cookie, Data, DataBinary, DataRaw, DataUrlencode, Form, FormString, Get, Head, Header, Ignored,
    Json, Location, Method, Next, Query, Range, Referer, Retry, Time, Told, Upload, Url, User,
};

/// Long name, short name (or a blank), true if it takes a value, effect.
type Row = (&'static str, char, bool, Effect);

const OPTIONS: &[Row] = &[
    ("url", ' ', true, Url),
    ("request", 'X', true, Method),
    ("header", 'H', true, Header),
    ("data", 'd', true, Data),
    ("data-ascii", ' ', true, Data),
    ("data-raw", ' ', true, DataRaw),
    ("data-binary", ' ', true, DataBinary),
    ("data-urlencode", ' ', true, DataUrlencode),
    ("json", ' ', true, Json),
    ("form", 'F', true, Form),
    ("form-string", ' ', true, FormString),
    ("get", 'G', false, Get),
    ("head", 'I', false, Head),
    ("cookie", 'b', true, Cookie),
    ("user", 'u', true, User),
    ("oauth2-bearer", ' ', true, Bearer),
    ("user-agent", 'A', true, Agent),
    ("referer", 'e', true, Referer),
    ("location", 'L', false, Location),
    ("location-trusted", ' ', false, Location),
    ("max-time", 'm', true, Time),
    ("retry", ' ', true, Retry),
    ("upload-file", 'T', true, Upload),
    ("url-query", ' ', true, Query),
    ("range", 'r', true, Range),
    ("next", ':', false, Next),
    ("compressed", ' ', false, Ignored),
    ("insecure", 'k', false, Ignored),
    ("silent", 's', false, Ignored),
    ("show-error", 'S', false, Ignored),
    ("verbose", 'v', false, Ignored),
    ("include", 'i', false, Ignored),
    ("show-headers", ' ', false, Ignored),
    ("fail", 'f', false, Ignored),
    ("fail-with-body", ' ', false, Ignored),
    ("globoff", 'g', false, Ignored),
    ("no-buffer", 'N', false, Ignored),
    ("progress-bar", '#', false, Ignored),
    ("no-progress-meter", ' ', false, Ignored),
    ("no-keepalive", ' ', false, Ignored),
    ("tcp-nodelay", ' ', false, Ignored),
    ("path-as-is", ' ', false, Ignored),
    ("http1.0", '0', false, Ignored),
    ("http1.1", ' ', false, Ignored),
    ("http2", ' ', false, Ignored),
    ("http2-prior-knowledge", ' ', false, Ignored),
    ("http3", ' ', false, Ignored),
    ("http3-only", ' ', false, Ignored),
    ("ipv4", '4', false, Ignored),
    ("ipv6", '6', false, Ignored),
    ("tlsv1", '1', false, Ignored),
    ("tlsv1.2", ' ', false, Ignored),
    ("tlsv1.3", ' ', false, Ignored),
    ("ssl", ' ', false, Ignored),
    ("create-dirs", ' ', false, Ignored),
    ("remote-name", 'O', false, Ignored),
    ("remote-header-name", 'J', false, Ignored),
    ("disable", 'q', false, Ignored),
    ("parallel", 'Z', false, Ignored),
    ("basic", ' ', false, Ignored),
    ("anyauth", ' ', false, Told),
    ("digest", ' ', false, Told),
    ("ntlm", ' ', false, Told),
    ("negotiate", ' ', false, Told),
    ("output", 'o', true, Ignored),
    ("output-dir", ' ', true, Ignored),
    ("write-out", 'w', true, Ignored),
    ("dump-header", 'D', true, Ignored),
    ("cookie-jar", 'c', true, Ignored),
    ("connect-timeout", ' ', true, Ignored),
    ("max-redirs", ' ', true, Ignored),
    ("max-filesize", ' ', true, Ignored),
    ("limit-rate", ' ', true, Ignored),
    ("retry-delay", ' ', true, Ignored),
    ("retry-max-time", ' ', true, Ignored),
    ("retry-all-errors", ' ', false, Ignored),
    ("retry-connrefused", ' ', false, Ignored),
    ("proxy", 'x', true, Ignored),
    ("noproxy", ' ', true, Ignored),
    ("interface", ' ', true, Ignored),
    ("resolve", ' ', true, Ignored),
    ("connect-to", ' ', true, Ignored),
    ("unix-socket", ' ', true, Ignored),
    ("cacert", ' ', true, Ignored),
    ("capath", ' ', true, Ignored),
    ("ciphers", ' ', true, Ignored),
    ("keepalive-time", ' ', true, Ignored),
    ("trace", ' ', true, Ignored),
    ("trace-ascii", ' ', true, Ignored),
    ("stderr", ' ', true, Ignored),
    ("speed-limit", 'Y', true, Ignored),
    ("speed-time", 'y', true, Ignored),
    ("cert", 'E', true, Told),
    ("key", ' ', true, Told),
    ("config", 'K', true, Told),
    ("proxy-user", 'U', true, Ignored),
    ("proto", ' ', true, Ignored),
    ("time-cond", 'z', true, Told),
    ("continue-at", 'C', true, Told),
    ("aws-sigv4", ' ', true, Told),
    ("request-target", ' ', true, Told),
    ("post301", ' ', false, Told),
    ("post302", ' ', false, Told),
    ("post303", ' ', false, Told),
];

/// The option of that long name; a unique beginning suffices, as for curl. `--no-NAME` is off.
pub(super) fn long(name: &str) -> Option<(bool, Effect)> {
    let found = |name: &str| OPTIONS.iter().find(|(known, ..)| *known == name);
    let mut beginning = OPTIONS
        .iter()
        .filter(|(known, ..)| name.len() > 2 && known.starts_with(name));
    let row = found(name).or_else(|| match (beginning.next(), beginning.next()) {
        (Some(row), None) => Some(row),
        _ => None,
    });
    if let Some((_, _, takes_value, effect)) = row {
        return Some((*takes_value, *effect));
    }
    let (.., takes_value, _) = found(name.strip_prefix("no-")?)?;
    (!takes_value).then_some((false, Ignored))
}

/// The option of that letter.
pub(super) fn short(letter: char) -> Option<(bool, Effect)> {
    let row = OPTIONS.iter().find(|(_, known, ..)| *known == letter && letter != ' ');
    row.map(|(_, _, takes_value, effect)| (*takes_value, *effect))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_found_by_name_beginning_and_letter() {
        assert_eq!(long("data-raw"), Some((true, DataRaw)));
        assert_eq!(long("compr"), Some((false, Ignored)));
        assert_eq!(long("no-compressed"), Some((false, Ignored)));
        assert_eq!(long("da"), None);
        assert_eq!(long("frobnicate"), None);
        assert_eq!(short('X'), Some((true, Method)));
        assert_eq!(short(' '), None);
        for (index, row) in OPTIONS.iter().enumerate() {
            let others = &OPTIONS[index + 1..];
            assert!(
                others
                    .iter()
                    .all(|other| other.0 != row.0 && (row.1 == ' ' || other.1 != row.1)),
                "{row:?}"
            );
        }
    }
}
