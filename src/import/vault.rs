//! Secrets of a source, which go into files of their own: a journey is committed, and names them only.

use super::draft::Draft;
use super::import_result::Attachment;
use super::marker;
use super::names::Names;

/// Words in names of fields and headers whose values are secret.
const WORDS: [&str; 15] = [
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "api-key",
    "api_key",
    "authorization",
    "credential",
    "csrf",
    "xsrf",
    "otp",
    "cookie",
];

/// Secrets that were met, each with the name of its variable.
#[derive(Debug, Default)]
pub(super) struct Vault {
    known: Vec<(String, String)>,
}

impl Vault {
    /// A reference to the secret, by a variable whose name follows from `hint`.
    pub(super) fn hide(&mut self, hint: &str, secret: &str, names: &mut Names) -> String {
        if let Some((_, name)) = self.known.iter().find(|(known, _)| known == secret) {
            return marker::reference(name);
        }
        let name = names.value(hint);
        self.known.push((secret.to_owned(), name.clone()));
        marker::reference(&name)
    }

    /// Number of secrets.
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    /// Declares the variables that the draft uses, and returns the files that hold the secrets.
    pub(super) fn declare(&self, drafts: &mut [Draft], prefix: &str) -> Vec<Attachment> {
        let mut files = Vec::new();
        for (secret, name) in &self.known {
            let path = format!("data/{prefix}-{name}.secret");
            for draft in drafts.iter_mut() {
                if draft.mentions(name) {
                    let mut source = toml::Table::new();
                    source.insert("file".to_owned(), format!("../{path}").into());
                    draft.set_in("variables", name, source);
                }
            }
            files.push(Attachment {
                path,
                content: secret.clone().into_bytes(),
                secret: true,
            });
        }
        files
    }
}

/// True if the name is that of a password or another secret that a user has.
pub(super) fn is_password(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["password", "passwd", "pwd", "passphrase", "passcode"]
        .iter()
        .any(|word| name.contains(word))
}

/// True if the name marks its value as secret.
pub(super) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    WORDS.iter().any(|word| name.contains(word))
}
