//! Filters of templates: `{{secret | totp}}`, `{{body | hmac key | base64}}`.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use data_encoding::BASE32_NOPAD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use ring::{digest, hmac};

use super::moment::Moment;

/// Names of the filters, each with its usage.
pub(super) const FILTERS: [(&str, &str); 7] = [
    ("base64", "base64"),
    ("base64url", "base64url"),
    ("sha256", "sha256"),
    ("hmac", "hmac KEY [sha1|sha256|sha512]"),
    ("totp", "totp [DIGITS]"),
    ("urlencode", "urlencode"),
    (
        "date",
        "date [SPAN] [FORMAT] [ZONE], such as `date +2d %d.%m.%Y Europe/Paris`",
    ),
];

/// Seconds for which a one-time password is valid (RFC 6238, section 5.2).
const STEP: u64 = 30;

/// A filter, compiled; the key of an HMAC is given when it is applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Filter {
    Base64,
    /// For URLs, without padding.
    Base64Url,
    Sha256,
    Hmac(Hash),
    /// Time-based one-time password of that many digits, from a secret in Base32.
    Totp(u32),
    UrlEncode,
    /// A date or time in another form.
    Date(Box<Moment>),
}

/// Hash of an HMAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
    Sha512,
}

/// A value on its way through filters.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum FilterValue {
    Text(String),
    /// A digest: written in hexadecimal digits unless a filter encodes it otherwise.
    Bytes(Vec<u8>),
}

impl FilterValue {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }

    /// The value as text.
    pub(super) fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Bytes(bytes) => data_encoding::HEXLOWER.encode(&bytes),
        }
    }
}

impl Filter {
    /// The filter of that name with its arguments, the key left out; the usage if they do not fit; `None` if there is no such filter.
    pub(super) fn compile(name: &str, arguments: &[&str]) -> Option<Result<Self, &'static str>> {
        let (_, usage) = FILTERS.iter().find(|(known, _)| *known == name)?;
        let filter = match (name, arguments) {
            ("base64", []) => Some(Self::Base64),
            ("base64url", []) => Some(Self::Base64Url),
            ("sha256", []) => Some(Self::Sha256),
            ("urlencode", []) => Some(Self::UrlEncode),
            ("hmac", [] | ["sha256"]) => Some(Self::Hmac(Hash::Sha256)),
            ("hmac", ["sha1"]) => Some(Self::Hmac(Hash::Sha1)),
            ("hmac", ["sha512"]) => Some(Self::Hmac(Hash::Sha512)),
            ("date", words) => Moment::compile(words).map(|moment| Self::Date(Box::new(moment))),
            ("totp", []) => Some(Self::Totp(6)),
            ("totp", [digits]) => digits
                .parse()
                .ok()
                .filter(|digits| (6..=8).contains(digits))
                .map(Self::Totp),
            _ => None,
        };
        Some(filter.ok_or(usage))
    }

    /// The filtered value at that Unix time; `None` if it cannot be filtered.
    pub(super) fn apply(&self, value: &FilterValue, key: &str, unix: u64) -> Option<FilterValue> {
        Some(match self {
            Self::Base64 => FilterValue::Text(STANDARD.encode(value.bytes())),
            Self::Base64Url => FilterValue::Text(URL_SAFE_NO_PAD.encode(value.bytes())),
            Self::Sha256 => FilterValue::Bytes(digest::digest(&digest::SHA256, value.bytes()).as_ref().to_vec()),
            Self::Hmac(hash) => {
                let key = hmac::Key::new(hash.algorithm(), key.as_bytes());
                FilterValue::Bytes(hmac::sign(&key, value.bytes()).as_ref().to_vec())
            }
            Self::Date(moment) => {
                let text = std::str::from_utf8(value.bytes()).ok()?;
                FilterValue::Text(moment.text_of(text)?)
            }
            Self::Totp(digits) => FilterValue::Text(one_time_password(value.bytes(), *digits, unix)?),
            Self::UrlEncode => match value {
                FilterValue::Text(text) => FilterValue::Text(utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()),
                FilterValue::Bytes(bytes) => {
                    FilterValue::Text(percent_encoding::percent_encode(bytes, NON_ALPHANUMERIC).to_string())
                }
            },
        })
    }
}

impl Hash {
    fn algorithm(self) -> hmac::Algorithm {
        match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => hmac::HMAC_SHA256,
            Self::Sha512 => hmac::HMAC_SHA512,
        }
    }
}

/// Time-based one-time password (RFC 6238) from a secret in Base32, in which blanks, padding and case do not count.
fn one_time_password(secret: &[u8], digits: u32, unix: u64) -> Option<String> {
    let letters = secret
        .iter()
        .filter(|letter| !letter.is_ascii_whitespace() && !b"=-".contains(letter));
    let letters: Vec<u8> = letters.map(u8::to_ascii_uppercase).collect();
    let secret = BASE32_NOPAD.decode(&letters).ok()?;
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &secret);
    let tag = hmac::sign(&key, &(unix / STEP).to_be_bytes());
    let tag = tag.as_ref();
    // Dynamic truncation (RFC 4226, section 5.3).
    let offset = usize::from(tag.last()? & 0xf);
    let bytes: [u8; 4] = tag.get(offset..offset + 4)?.try_into().ok()?;
    let number = (u32::from_be_bytes(bytes) & 0x7fff_ffff) % 10_u32.pow(digits);
    Some(format!("{number:0width$}", width = digits as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filtered(text: &str, filters: &[(&str, &str)]) -> String {
        let mut value = FilterValue::Text(text.to_owned());
        for (written, key) in filters {
            let words: Vec<&str> = written.split(' ').collect();
            let filter = Filter::compile(words[0], &words[1..]).unwrap().unwrap();
            value = filter.apply(&value, key, 59).unwrap();
        }
        value.into_text()
    }

    #[test]
    fn values_are_filtered_as_the_standards_say() {
        assert_eq!(filtered("a b/é?", &[("base64", "")]), "YSBiL8OpPw==");
        assert_eq!(filtered("a b/é?", &[("base64url", "")]), "YSBiL8OpPw");
        assert_eq!(filtered("a b/é?", &[("urlencode", "")]), "a%20b%2F%C3%A9%3F");
        // FIPS 180-4, example of one block.
        let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(filtered("abc", &[("sha256", "")]), digest);
        let encoded = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
        assert_eq!(filtered("abc", &[("sha256", ""), ("base64", "")]), encoded);
        // RFC 4231, test case 2; RFC 2202, test case 2.
        let text = "what do ya want for nothing?";
        assert_eq!(
            filtered(text, &[("hmac", "Jefe")]),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            filtered(text, &[("hmac sha1", "Jefe")]),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
        );
        assert!(filtered(text, &[("hmac sha512", "Jefe")]).starts_with("164b7a7bfcf819e2e395fbe73b56e0a3"));
        // RFC 6238, appendix B, at 59 s.
        let secret = "gezd gnbv gy3t qojq GEZDGNBVGY3TQOJQ";
        assert_eq!(filtered(secret, &[("totp 8", "")]), "94287082");
        assert_eq!(filtered(secret, &[("totp", "")]), "287082");
    }

    #[test]
    fn dates_that_answers_give_are_shifted_and_written_anew() {
        for (text, filter, expected) in [
            ("2026-03-28T23:30:00.000Z", "date", "2026-03-28"),
            ("2026-03-28T23:30:00.000Z", "date Europe/Paris", "2026-03-29"),
            (
                "2026-03-28T23:30:00+02:00",
                "date +1d %d.%m.%Y %H:%M",
                "29.03.2026 21:30",
            ),
            // A day or a time without a zone is that of the filter's zone.
            ("2026-01-31", "date +1mo", "2026-02-28"),
            ("2026-01-31", "date %s Europe/Paris", "1769814000"),
            ("2026-01-31T08:15:00", "date %H:%M %:z Europe/Paris", "08:15 +01:00"),
            ("2026-03-28", "date monday", "2026-03-23"),
            // Seconds and milliseconds since the epoch.
            ("1774740600", "date %Y-%m-%dT%H:%M:%SZ", "2026-03-28T23:30:00Z"),
            ("1774740600000", "date %H:%M", "23:30"),
        ] {
            assert_eq!(filtered(text, &[(filter, "")]), expected, "{text} | {filter}");
        }
        let none = Filter::compile("date", &[]).unwrap().unwrap();
        for text in ["", "soon", "2026-13-01", "12"] {
            assert_eq!(none.apply(&FilterValue::Text(text.to_owned()), "", 0), None, "{text}");
        }
        assert!(
            matches!(Filter::compile("date", &["Europe/Nowhere"]), Some(Err(usage)) if usage.starts_with("date [SPAN]"))
        );
    }

    #[test]
    fn what_is_no_filter_is_told() {
        assert_eq!(Filter::compile("md5", &[]), None);
        assert_eq!(Filter::compile("totp", &["12"]), Some(Err("totp [DIGITS]")));
        assert_eq!(Filter::compile("base64", &["x"]), Some(Err("base64")));
        assert_eq!(
            Filter::Totp(6).apply(&FilterValue::Text("no base 32!".to_owned()), "", 0),
            None
        );
    }
}
