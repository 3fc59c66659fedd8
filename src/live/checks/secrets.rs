//! Checks that secrets are hard to guess. They are never shown.

use url::Url;

use crate::evidence::{FindingFact, KeepingFact, ServiceFact};
use crate::live::finding::Finding;
use crate::live::subject::Subject;
use crate::secrets::masked;

/// Length in bytes below which a secret counts as guessable, and below which it counts as short.
const GUESSABLE: usize = 12;
const SHORT: usize = 16;
/// Words that occur in secrets chosen by people and not in random ones.
const WORDS: [&str; 12] = [
    "password",
    "passwd",
    "secret",
    "changeme",
    "change_me",
    "change-me",
    "admin",
    "postgres",
    "example",
    "default",
    "123456",
    "qwerty",
];

/// The secrets in the environment of the services, recognised by their names or contents.
pub(super) fn secrets(subject: &Subject) -> Vec<Finding> {
    if subject.declared.is_empty() {
        return vec![Finding::unknown(FindingFact::Service(ServiceFact::ServicesUnseen))];
    }
    let (mut guessable, mut short) = (Vec::new(), Vec::new());
    let (mut sound, mut replaced) = (0, 0);
    for declared in &subject.declared {
        for (name, value) in &declared.environment {
            let Some(secret) = secret(name, value) else { continue };
            let place = format!("{}.{name}", declared.service);
            match strength(&secret) {
                // First, however strong it is: a replacement says nothing about the secret in production.
                _ if subject.overridden.contains(&secret) => replaced += 1,
                Strength::Guessable => guessable.push(place),
                Strength::Short => short.push(place),
                Strength::Sound => sound += 1,
            }
        }
    }
    let mut findings = Vec::new();
    if !guessable.is_empty() {
        findings.push(Finding::fail(keeping(KeepingFact::GuessableSecrets {
            places: guessable,
        })));
    }
    if !short.is_empty() {
        findings.push(Finding::warn(keeping(KeepingFact::ShortSecrets {
            length: SHORT as u64,
            places: short,
        })));
    }
    if sound > 0 {
        findings.push(Finding::pass(keeping(KeepingFact::SoundSecrets { count: sound })));
    }
    if replaced > 0 {
        findings.push(Finding::unknown(keeping(KeepingFact::ReplacedSecrets {
            count: replaced,
        })));
    }
    if findings.is_empty() {
        findings.push(Finding::unknown(keeping(KeepingFact::NoSecrets)));
    }
    findings
}

fn keeping(fact: KeepingFact) -> FindingFact {
    FindingFact::Keeping(fact)
}

/// The secret in a variable: the password if the value is a URL with one, else the value if the name marks it as secret.
fn secret(name: &str, value: &str) -> Option<String> {
    // Such a variable names the file that holds the secret, as images take it (`POSTGRES_PASSWORD_FILE`).
    if value.is_empty() || name.to_uppercase().ends_with("_FILE") {
        return None;
    }
    if let Some(password) = Url::parse(value).ok().and_then(|url| url.password().map(str::to_owned)) {
        return Some(
            percent_encoding::percent_decode_str(&password)
                .decode_utf8_lossy()
                .into_owned(),
        );
    }
    (masked(name, value) == "***").then(|| value.to_owned())
}

#[derive(Debug, PartialEq, Eq)]
enum Strength {
    Guessable,
    Short,
    Sound,
}

fn strength(secret: &str) -> Strength {
    let lower = secret.to_lowercase();
    let different = lower.chars().collect::<std::collections::BTreeSet<_>>().len();
    if secret.len() < GUESSABLE || different < 5 || WORDS.iter().any(|word| lower.contains(word)) {
        Strength::Guessable
    } else if secret.len() < SHORT {
        Strength::Short
    } else {
        Strength::Sound
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::FindingVerdict::{Fail, Pass, Unknown, Warn};
    use crate::live::checks::fixture::{subject, words};
    use crate::stack::DeclaredService;

    #[test]
    fn secrets_are_judged_and_not_shown() {
        let mut subject = subject();
        let environment = [
            ("JWT_SECRET", "admin123admin123"),
            ("REDIS_PASSWORD", "kW9x-2mQr7Lp"),
            ("API_KEY", "b64N+zq0vK3yTgT1mEwUuS8aXrJ5"),
            ("DATABASE_URL", "postgresql://app:p%40ssword@db/shop"),
            ("TOKEN_FILE", "/run/secrets/token"),
            ("PORT", "80"),
        ];
        subject.declared = vec![DeclaredService {
            service: "api".to_owned(),
            environment: environment
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            ..DeclaredService::default()
        }];
        let findings = secrets(&subject);
        assert_eq!(words(&findings), [Fail, Warn, Pass]);
        let places = ["api.DATABASE_URL", "api.JWT_SECRET"].map(str::to_owned).to_vec();
        assert_eq!(findings[0].fact, keeping(KeepingFact::GuessableSecrets { places }));
        for finding in &findings {
            for (_, value) in &environment[..4] {
                assert!(!format!("{finding:?}").contains(value), "{finding:?}");
            }
        }
        subject.overridden = environment[..3].iter().map(|(_, value)| (*value).to_owned()).collect();
        assert_eq!(words(&secrets(&subject)), [Fail, Unknown]);
    }

    #[test]
    fn a_secret_that_repeats_itself_is_guessed() {
        assert_eq!(strength("abababababababababab"), Strength::Guessable);
        assert_eq!(strength("J7#pQz!m2Vx&9tLw"), Strength::Sound);
    }
}
