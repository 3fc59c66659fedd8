//! HTTP authentication of a step, compiled.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::HeaderValue;

use super::KeyError;
use super::auth_file::{AuthFile, CredentialsFile};
use super::escape::Escape;
use super::scope::Scope;
use super::template::{MissingValue, Template, Values};

/// Scheme of an authentication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    Basic,
    Digest,
}

/// Authentication of a step: the scheme, and templates of name and password.
#[derive(Debug)]
pub(super) struct Auth {
    pub(super) scheme: Scheme,
    user: Template,
    password: Template,
}

/// Name and password of one user.
pub(super) struct Credentials {
    pub(super) user: String,
    pub(super) password: String,
}

impl Auth {
    pub(super) fn compile(file: &AuthFile, scope: &Scope) -> Result<Self, KeyError> {
        let (scheme, CredentialsFile { user, password }) = match (&file.basic, &file.digest) {
            (Some(credentials), None) => (Scheme::Basic, credentials),
            (None, Some(credentials)) => (Scheme::Digest, credentials),
            _ => {
                let text = "`auth` has one of `basic` and `digest`, each with `user` and `password`";
                return Err(KeyError::Conflict(text.to_owned()));
            }
        };
        let auth = Self {
            scheme,
            user: Template::compile(user, Escape::None, scope)?,
            password: Template::compile(password, Escape::None, scope)?,
        };
        match auth.user.constant() {
            Some(name) if scheme == Scheme::Basic && name.contains(':') => Err(KeyError::Value {
                given: name.to_owned(),
                expected: "a user's name for basic authentication: it has no colon",
            }),
            _ => Ok(auth),
        }
    }

    /// The password if it is the same for every user.
    pub(super) fn constant_password(&self) -> Option<&str> {
        self.password.constant()
    }

    /// Indices of the variables that fill it.
    pub(super) fn slots(&self) -> impl Iterator<Item = usize> {
        self.user.slots().chain(self.password.slots())
    }

    /// Name and password with one user's values.
    pub(super) fn credentials(&self, values: &mut Values<'_>) -> Result<Credentials, MissingValue> {
        let (mut user, mut password) = (String::new(), String::new());
        self.user.render(values, &mut user)?;
        self.password.render(values, &mut password)?;
        Ok(Credentials { user, password })
    }
}

impl Credentials {
    /// Value of `authorization` for basic authentication.
    pub(super) fn basic(&self) -> Result<HeaderValue, MissingValue> {
        let encoded = STANDARD.encode([self.user.as_str(), ":", self.password.as_str()].concat());
        let mut value = HeaderValue::try_from(["Basic ", &encoded].concat()).map_err(|_| MissingValue)?;
        value.set_sensitive(true);
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_those_of_the_rfc() {
        let credentials = |user: &str, password: &str| {
            let (user, password) = (user.to_owned(), password.to_owned());
            Credentials { user, password }
                .basic()
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        };
        // RFC 7617, sections 2 and 2.1.
        assert_eq!(
            credentials("Aladdin", "open sesame"),
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
        );
        assert_eq!(credentials("test", "123\u{a3}"), "Basic dGVzdDoxMjPCow==");
    }

    #[test]
    fn one_scheme_is_chosen() {
        let compiled = |text: &str| {
            let file: AuthFile = toml::from_str(text).unwrap();
            Auth::compile(&file, &Scope::default())
                .map(|auth| auth.scheme)
                .map_err(|error| error.to_string())
        };
        assert_eq!(compiled("basic = { user = 'a', password = 'b' }"), Ok(Scheme::Basic));
        assert_eq!(
            compiled("digest = { user = 'a:b', password = 'b' }"),
            Ok(Scheme::Digest)
        );
        assert!(compiled("").unwrap_err().contains("one of `basic` and `digest`"));
        let both = "basic = { user = 'a', password = 'b' }\ndigest = { user = 'a', password = 'b' }";
        assert!(compiled(both).unwrap_err().contains("one of `basic` and `digest`"));
        assert!(
            compiled("basic = { user = 'a:b', password = 'c' }")
                .unwrap_err()
                .contains("it has no colon")
        );
        assert!(
            compiled("basic = { user = '{{x}}', password = 'c' }")
                .unwrap_err()
                .contains("names nothing known")
        );
    }
}
