//! Values that were meant to be replaced before a stack is run: `changeme`, `<your key>`, `smtp.example.com`.

/// Beginnings of words that were meant to be replaced, in lower-case letters and without separators.
const WORDS: [&str; 20] = [
    "changeit",
    "changeme",
    "changethis",
    "changepassword",
    "fixme",
    "insertyour",
    "enteryour",
    "mysecretpassword",
    "mysecretpw",
    "placeholder",
    "pleasechange",
    "replaceme",
    "replacethis",
    "replacewith",
    "supersecret",
    "topsecret",
    "verysecret",
    "yoursecret",
    "yoursuper",
    "yourpassword",
];

/// Beginnings that mean something else.
const OTHERS: [&str; 2] = ["changemess", "placeholderimage"];

/// Words that end a value which begins with `your`: `your-256-bit-secret`, `your_domain.com`.
const OF_YOURS: [&str; 17] = [
    "account", "address", "bucket", "domain", "email", "here", "host", "id", "key", "name", "password", "secret",
    "server", "token", "url", "user", "value",
];

/// Whole values of variables that hold a secret.
const WEAK: [&str; 8] = [
    "password", "passwd", "passw0rd", "secret", "123456", "12345678", "qwerty", "letmein",
];

/// Parts of the names of such variables.
const OF_SECRETS: [&str; 6] = ["PASSWORD", "PASSWD", "PASS", "SECRET", "TOKEN", "KEY"];

/// Domains that belong to nobody.
const NOBODYS: [&str; 6] = [
    "example.com",
    "example.net",
    "example.org",
    "yourdomain.com",
    "your-domain.com",
    "mydomain.com",
];

/// Parts of the names of variables that hold the address of a server which is connected to.
const OF_SERVERS: [&str; 14] = [
    "AMQP", "BROKER", "DATABASE", "DB", "ENDPOINT", "IMAP", "ISSUER", "LDAP", "MAIL", "MONGO", "OIDC", "REDIS", "S3",
    "SMTP",
];

/// Parts of the names of variables that hold an address of the application itself, or one that is only shown.
const OF_ITSELF: [&str; 9] = [
    "ADMIN", "ALLOWED", "BASE", "CORS", "FROM", "ORIGIN", "PUBLIC", "REDIRECT", "SENDER",
];

/// True if the value of that variable was meant to be replaced.
pub(super) fn is_placeholder(name: &str, value: &str) -> bool {
    let value = value.trim();
    is_marked(value)
        || is_filler(value)
        || has_words(value)
        || is_yours(value)
        || is_weak(name, value)
        || is_nobodys(name, value)
}

/// `<your key>`, also in the middle: `postgres://<user>:<password>@db`. Tags of HTML are none.
fn is_marked(value: &str) -> bool {
    if value.contains("</") {
        return false;
    }
    if value.starts_with('<') && value.ends_with('>') && value.len() > 2 {
        return true;
    }
    let names = value.split('<').skip(1).filter_map(|rest| rest.split_once('>'));
    let is_name = |name: &str| {
        let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_ ".contains(letter);
        name.len() > 2 && name.starts_with(|first: char| first.is_ascii_alphabetic()) && name.chars().all(fits)
    };
    names.map(|(name, _)| name).any(is_name)
}

/// `xxxxxxxx`, `********`, `....`, `TODO`.
fn is_filler(value: &str) -> bool {
    let letters: Vec<char> = value.chars().filter(|letter| !"-_".contains(*letter)).collect();
    let same = |wanted: &str| letters.iter().all(|letter| wanted.contains(*letter));
    let is_todo = ["TODO", "TBD", "FIXME"].iter().any(|word| {
        value
            .strip_prefix(word)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', ' ']))
    });
    (letters.len() > 3 && same("xX")) || (letters.len() > 2 && (same("*") || same("."))) || is_todo
}

/// A word that asks to be replaced, at the beginning of one of the value's words.
fn has_words(value: &str) -> bool {
    let value = value.to_lowercase();
    let starts = value.char_indices().filter(|(at, letter)| {
        // Within a word it means something else: `exchange-messages`.
        letter.is_ascii_alphabetic() && !value[..*at].ends_with(|before: char| before.is_ascii_alphabetic())
    });
    let separated = |at: usize| {
        value[at..]
            .chars()
            .filter(|letter| !"-_ .".contains(*letter))
            .collect::<String>()
    };
    let mut words = starts.map(|(at, _)| separated(at));
    words.any(|word| {
        let begins = |words: &[&str]| words.iter().any(|known| word.starts_with(known));
        // `change-messages` is a name.
        begins(&WORDS) && !begins(&OTHERS)
    })
}

/// `your-256-bit-secret`, `your_api_key_here`, but not `your-shop`.
fn is_yours(value: &str) -> bool {
    let value = value.to_lowercase();
    let words: Vec<&str> = value.split(|letter: char| !letter.is_ascii_alphanumeric()).collect();
    words.first() == Some(&"your") && words.iter().skip(1).any(|word| OF_YOURS.contains(word))
}

/// A password that is the word for it, where a secret belongs.
fn is_weak(name: &str, value: &str) -> bool {
    has_part(name, &OF_SECRETS) && WEAK.contains(&value.to_lowercase().as_str())
}

/// The address of a server that belongs to nobody, where one is connected to.
fn is_nobodys(name: &str, value: &str) -> bool {
    if !has_part(name, &OF_SERVERS) || has_part(name, &OF_ITSELF) {
        return false;
    }
    let value = value.to_lowercase();
    // An address for mail has no server to connect to.
    let host = match value.split_once("://") {
        Some((_, rest)) => rest.rsplit('@').next().unwrap_or(rest),
        None if value.contains('@') => return false,
        None => value.as_str(),
    };
    let host = host.split(['/', ':', '?', ',']).next().unwrap_or(host);
    NOBODYS
        .iter()
        .any(|domain| host == *domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')))
}

/// True if one of the words of a variable's name is among those: `SMTP_HOST` has `SMTP`.
fn has_part(name: &str, parts: &[&str]) -> bool {
    let name = name.to_uppercase();
    name.split('_').any(|word| parts.contains(&word)) || parts.iter().any(|part| part.len() > 5 && name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_to_be_replaced_is_known() {
        for (name, value) in [
            ("A", "changethis"),
            ("A", "CHANGE_ME_NOW"),
            ("A", "ChangeMe!"),
            ("A", "your-super-secret-and-long-postgres-password"),
            ("A", "REPLACE_WITH_SECURE_POSTGRES_PASSWORD"),
            ("A", "REPLACE_ME"),
            ("A", "please change"),
            ("A", "postgres://app:change-me@db/app"),
            ("A", "<token>"),
            ("A", "postgres://<user>:<your password>@db/app"),
            ("A", "xxxxxxxx"),
            ("A", "XXXX-XXXX-XXXX"),
            ("A", "********"),
            ("A", "..."),
            ("A", "TODO"),
            ("A", "TODO: ask the team"),
            ("A", "your-256-bit-secret"),
            ("A", "your_api_key_here"),
            ("A", "Your.Domain"),
            ("A", "supersecret"),
            ("A", "super-secret-jwt-token-with-at-least-32-characters-long"),
            ("A", "my-secret-pw"),
            ("A", "mysecretpassword"),
            ("A", "__REPLACE_ME__"),
            ("DB_PASSWORD", "password"),
            ("JWT_SECRET", "Secret"),
            ("SMTP_HOST", "smtp.example.com"),
            ("S3_ENDPOINT", "https://s3.example.org:9000/bucket"),
            ("DATABASE_URL", "postgres://app:p@db.example.com/app"),
            ("MAIL_SERVER", "mail.yourdomain.com:587"),
        ] {
            assert!(is_placeholder(name, value), "{name}={value}");
        }
    }

    #[test]
    fn what_only_looks_alike_is_none() {
        for (name, value) in [
            ("A", "exchange-messages"),
            ("A", "change-messages"),
            ("A", "<>"),
            ("A", "production"),
            ("A", "https://shop.example/replace"),
            ("A", "your.shop.example"),
            ("A", "your-shop"),
            ("A", "xxx"),
            ("A", "xxl-sizes"),
            ("A", "todo"),
            ("A", "todos"),
            ("A", "TODOS"),
            ("A", "secret"),
            ("A", "password"),
            ("A", "1.2.3"),
            ("A", "*"),
            ("A", "<b>Welcome</b>"),
            ("A", "Shop <no-reply@example.com>"),
            ("A", ""),
            ("DB_PASSWORD", "isolated-db-password-of-at-least-32-characters"),
            ("DB_PASSWORD", "p4ssw0rd-k7Qz"),
            ("KEYBOARD", "secret"),
            ("PUBLIC_URL", "https://shop.example.com"),
            ("ALLOWED_HOSTS", "shop.example.com"),
            ("ADMIN_EMAIL", "admin@example.com"),
            ("MAIL_FROM", "shop.example.com"),
            ("MAIL_TO", "admin@example.com"),
            ("SMTP_HOST", "mailpit"),
            ("SMTP_HOST", "smtp.shop.example"),
            ("SMTP_HOST", "notexample.com"),
            ("VIRTUAL_HOST", "shop.example.com"),
        ] {
            assert!(!is_placeholder(name, value), "{name}={value}");
        }
    }
}
