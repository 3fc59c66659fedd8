//! Digest authentication (RFC 7616): the server's challenge, and the answer to it.

use std::fmt::Write as _;

use hyper::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use md5::{Digest as _, Md5};
use sha2::{Sha256, Sha512_256};

use super::auth::Credentials;
use super::template::MissingValue;

/// Hash of a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hash {
    Md5,
    Sha256,
    Sha512,
}

impl Hash {
    /// The hash of that name, and true if it is of the `-sess` kind.
    fn find(name: &str) -> Option<(Self, bool)> {
        let name = name.to_ascii_uppercase();
        let (bare, session) = name
            .strip_suffix("-SESS")
            .map_or((name.as_str(), false), |bare| (bare, true));
        let hash = match bare {
            "MD5" => Self::Md5,
            "SHA-256" => Self::Sha256,
            "SHA-512-256" => Self::Sha512,
            _ => return None,
        };
        Some((hash, session))
    }

    /// The hash of that text, in hexadecimal digits.
    fn hex(self, text: &str) -> String {
        let digits = |bytes: &[u8]| {
            bytes.iter().fold(String::with_capacity(64), |mut digits, byte| {
                // Writing to a String cannot fail.
                let _ = write!(digits, "{byte:02x}");
                digits
            })
        };
        match self {
            Self::Md5 => digits(&Md5::digest(text)),
            Self::Sha256 => digits(&Sha256::digest(text)),
            Self::Sha512 => digits(&Sha512_256::digest(text)),
        }
    }
}

/// The challenge of a server, which a user answers with each request until the server sends another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Challenge {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    /// Name of the algorithm as it came; `None` if the server named none.
    algorithm: Option<String>,
    hash: Hash,
    session: bool,
    /// True if the server takes `qop=auth`; old servers name none (RFC 2069).
    auth: bool,
    hashes_user: bool,
    /// Requests made with this nonce.
    count: u32,
}

impl Challenge {
    /// The first challenge of an answer that can be answered; `None` if it has none.
    pub(super) fn find(headers: &HeaderMap) -> Option<Self> {
        let values = headers.get_all(WWW_AUTHENTICATE).iter();
        let mut challenges = values.flat_map(|value| {
            let text = String::from_utf8_lossy(value.as_bytes());
            parse(&text)
        });
        challenges.find_map(|(scheme, parameters)| {
            let digest = scheme.eq_ignore_ascii_case("digest");
            digest.then(|| Self::new(&parameters)).flatten()
        })
    }

    fn new(parameters: &[(String, String)]) -> Option<Self> {
        let find = |name: &str| {
            let mut found = parameters.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
            found.next().map(|(_, value)| value.clone())
        };
        // RFC 7616, 3.3: without `algorithm` a challenge is for MD5.
        let algorithm = find("algorithm");
        let (hash, session) = Hash::find(algorithm.as_deref().unwrap_or("MD5"))?;
        let qop = find("qop");
        let auth = qop.as_deref().is_some_and(|qop| {
            let mut offered = qop.split(',');
            offered.any(|offered| offered.trim().eq_ignore_ascii_case("auth"))
        });
        // `auth-int` alone is not supported.
        if qop.is_some() && !auth {
            return None;
        }
        Some(Self {
            realm: find("realm")?,
            nonce: find("nonce")?,
            opaque: find("opaque"),
            algorithm,
            hash,
            session,
            auth,
            hashes_user: find("userhash").is_some_and(|value| value.eq_ignore_ascii_case("true")),
            count: 0,
        })
    }

    /// Value of `authorization` for a request; `cnonce` is the client's nonce.
    pub(super) fn answer(
        &mut self,
        credentials: &Credentials,
        method: &str,
        uri: &str,
        cnonce: &str,
    ) -> Result<HeaderValue, MissingValue> {
        self.count += 1;
        let Self { realm, nonce, hash, .. } = &*self;
        let Credentials { user, password } = credentials;
        let mut secret = hash.hex(&format!("{user}:{realm}:{password}"));
        if self.session {
            // The `-sess` variants of RFC 7616, 3.4.2.
            secret = hash.hex(&format!("{secret}:{nonce}:{cnonce}"));
        }
        let request = hash.hex(&format!("{method}:{uri}"));
        let count = format!("{:08x}", self.count);
        let response = if self.auth {
            hash.hex(&format!("{secret}:{nonce}:{count}:{cnonce}:auth:{request}"))
        } else {
            // Without `qop` the answer is that of RFC 2069, which old servers still send.
            hash.hex(&format!("{secret}:{nonce}:{request}"))
        };
        let shown = if self.hashes_user {
            hash.hex(&format!("{user}:{realm}"))
        } else {
            user.clone()
        };
        let mut text = format!(
            "Digest username=\"{}\", realm=\"{}\", uri=\"{uri}\", nonce=\"{}\", response=\"{response}\"",
            escaped(&shown),
            escaped(realm),
            escaped(nonce),
        );
        // Writing to a String cannot fail.
        if let Some(algorithm) = &self.algorithm {
            let _ = write!(text, ", algorithm={algorithm}");
        }
        if self.auth {
            let _ = write!(text, ", qop=auth, nc={count}, cnonce=\"{cnonce}\"");
        } else if self.session {
            let _ = write!(text, ", cnonce=\"{cnonce}\"");
        }
        if let Some(opaque) = &self.opaque {
            let _ = write!(text, ", opaque=\"{}\"", escaped(opaque));
        }
        if self.hashes_user {
            text.push_str(", userhash=true");
        }
        let mut value = HeaderValue::from_bytes(text.as_bytes()).map_err(|_| MissingValue)?;
        // Kept out of HTTP/2's table of headers and of debug output.
        value.set_sensitive(true);
        Ok(value)
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// Schemes with their parameters, of one header: `Digest realm="a", nonce="b", Basic realm="c"`.
fn parse(text: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut found: Vec<(String, Vec<(String, String)>)> = Vec::new();
    let mut rest = text.trim_start_matches([' ', '\t', ',']);
    while !rest.is_empty() {
        let end = rest.find([' ', '\t', ',', '=']).unwrap_or(rest.len());
        let (token, after) = rest.split_at(end);
        if token.is_empty() {
            break;
        }
        let value = after.trim_start();
        match value.strip_prefix('=') {
            Some(value) if !found.is_empty() => {
                let (value, after) = value_of(value.trim_start());
                if let Some((_, parameters)) = found.last_mut() {
                    parameters.push((token.to_owned(), value));
                }
                rest = after;
            }
            _ => {
                found.push((token.to_owned(), Vec::new()));
                rest = after;
            }
        }
        rest = rest.trim_start_matches([' ', '\t', ',']);
    }
    found
}

/// The value at the start of a text, quoted or not, and what follows it.
fn value_of(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
        let (value, rest) = text.split_at(end);
        return (value.to_owned(), rest);
    };
    let (mut value, mut is_escaped) = (String::new(), false);
    for (at, letter) in quoted.char_indices() {
        match letter {
            '"' if !is_escaped => return (value, quoted.get(at + 1..).unwrap_or_default()),
            '\\' if !is_escaped => is_escaped = true,
            letter => {
                is_escaped = false;
                value.push(letter);
            }
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenge(values: &[&str]) -> Option<Challenge> {
        let values = values
            .iter()
            .map(|value| (WWW_AUTHENTICATE, HeaderValue::from_str(value).unwrap()));
        let mut headers = HeaderMap::new();
        for (name, value) in values {
            headers.append(name, value);
        }
        Challenge::find(&headers)
    }

    fn answered(challenge: &mut Challenge, user: &str, password: &str, uri: &str, cnonce: &str) -> String {
        let credentials = Credentials {
            user: user.to_owned(),
            password: password.to_owned(),
        };
        let value = challenge.answer(&credentials, "GET", uri, cnonce).unwrap();
        String::from_utf8(value.as_bytes().to_vec()).unwrap()
    }

    const NONCE: &str = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
    const CNONCE: &str = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

    #[test]
    fn the_answers_are_those_of_the_rfc() {
        // RFC 7616, section 3.9.1.
        let told = |algorithm: &str| {
            format!(
                "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, nonce=\"{NONCE}\", \
                 opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
            )
        };
        for (algorithm, response) in [
            ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
            (
                "SHA-256",
                "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
            ),
        ] {
            let mut challenge = challenge(&[&told(algorithm)]).unwrap();
            let answer = answered(&mut challenge, "Mufasa", "Circle of Life", "/dir/index.html", CNONCE);
            assert!(answer.contains(&format!("response=\"{response}\"")), "{answer}");
            assert!(
                answer.contains(&format!("algorithm={algorithm}, qop=auth, nc=00000001, ")),
                "{answer}"
            );
            assert!(
                answer.starts_with("Digest username=\"Mufasa\", realm=\"http-auth@example.org\", "),
                "{answer}"
            );
            let next = answered(&mut challenge, "Mufasa", "Circle of Life", "/", CNONCE);
            assert!(next.contains("nc=00000002"), "{next}");
        }
    }

    #[test]
    fn a_hashed_user_and_old_servers_are_answered() {
        // RFC 7616, section 3.9.2.
        let mut hashed = challenge(&[
            "Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", \
             opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", charset=UTF-8, userhash=true",
        ])
        .unwrap();
        let answer = answered(
            &mut hashed,
            "J\u{e4}s\u{f8}n Doe",
            "Secret, or not?",
            "/doe.json",
            "NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm",
        );
        assert!(answer.contains("userhash=true") && !answer.contains("Doe"), "{answer}");
        // RFC 2617, section 3.5, without `qop` and `cnonce` as in RFC 2069: H(H(A1):nonce:H(A2)).
        let mut old =
            challenge(&["Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\""]).unwrap();
        let answer = answered(&mut old, "Mufasa", "Circle Of Life", "/dir/index.html", "c");
        assert!(
            answer.contains("response=\"670fd8c2df070c60b045671b8b24ff02\""),
            "{answer}"
        );
        assert!(!answer.contains("nc=") && !answer.contains("algorithm"), "{answer}");
    }

    #[test]
    fn the_first_challenge_that_can_be_answered_is() {
        let found = challenge(&[
            "Basic realm=\"a\", Digest realm=\"b, \\\"c\\\"\" , nonce=n1, algorithm=SHA-1",
            "Negotiate, Digest nonce=\"n2\",realm=\"d\",qop=auth",
        ])
        .unwrap();
        assert_eq!(
            (found.realm.as_str(), found.nonce.as_str(), found.auth),
            ("d", "n2", true)
        );
        let quoted = challenge(&["digest realm=\"b, \\\"c\\\"\" , nonce=n1"]).unwrap();
        assert_eq!((quoted.realm.as_str(), quoted.nonce.as_str()), ("b, \"c\"", "n1"));
        for other in [
            "Basic realm=\"a\"",
            "Digest realm=\"a\"",
            "Digest realm=a, nonce=b, qop=auth-int",
            "",
            ",,",
            "= =",
            "Digest =\"",
        ] {
            assert_eq!(challenge(&[other]), None, "{other}");
        }
    }
}
