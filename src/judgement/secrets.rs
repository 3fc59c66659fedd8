//! Masking of secrets: passwords, tokens, connection strings.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, OnceLock};

use aho_corasick::{AhoCorasick, Input, MatchKind};
use serde_json::Value;

/// Replacement of a secret.
const MASK: &str = "***";

/// Substrings of names that mark a value as secret.
const NAMES: [&str; 18] = [
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "_PWD",
    "SECRET",
    "TOKEN",
    "KEY",
    "CREDENTIAL",
    "AUTHORIZATION",
    "COOKIE",
    "SALT",
    "PRIVATE",
    "DSN",
    "SESSION_ID",
    "BEARER",
    "CSRF",
    "XSRF",
    "REDISCLI_AUTH",
];

/// Length in bytes below which values are masked by their names only: they would match in nearly every line.
const SHORTEST: usize = 4;

/// The values of the secrets of one stack.
#[derive(Clone, Default)]
pub struct Secrets {
    values: BTreeSet<String>,
    /// Finders of the values, made when something is masked for the first time.
    finders: Arc<OnceLock<Finders>>,
}

/// Finders of all values in one pass over a text, however many there are; the longest value counts where one contains another.
struct Finders {
    /// Values that are masked wherever they stand.
    anywhere: Option<AhoCorasick>,
    /// Those of them that are masked in files.
    in_files: Option<AhoCorasick>,
    /// Values that are masked as whole words only.
    words: Option<AhoCorasick>,
}

impl Finders {
    fn new(values: &BTreeSet<String>) -> Self {
        let is_number = |value: &&String| value.bytes().all(|byte| byte.is_ascii_digit());
        let anywhere = || values.iter().filter(|value| !is_word(value));
        Self {
            anywhere: finder(anywhere()),
            in_files: finder(anywhere().filter(|value| !is_number(value))),
            words: finder(values.iter().filter(|value| is_word(value))),
        }
    }
}

/// `None` if there is nothing to find.
fn finder<'a>(values: impl Iterator<Item = &'a String>) -> Option<AhoCorasick> {
    let values: Vec<&String> = values.collect();
    if values.is_empty() {
        return None;
    }
    // It fails only beyond some two billion letters, which is more than a process keeps.
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(values)
        .ok()
}

impl Secrets {
    /// Adds a value if its name marks it as secret, and the password of a URL.
    pub fn learn(&mut self, name: &str, value: &str) {
        // Of an address only the password is secret; masked as a whole, its host would vanish from every text.
        if is_secret(name) && !value.contains("://") {
            self.add(value);
        }
        if let Some((_, password, _)) = credentials(value) {
            self.add(password);
        }
    }

    /// Adds the secret environment values and every secret of a Compose configuration; `variable` looks up variables of Compose.
    pub fn learn_configuration(&mut self, configuration: &Value, variable: impl Fn(&str) -> Option<String>) {
        let services = configuration["services"].as_object();
        for (_, service) in services.into_iter().flatten() {
            let environment = service["environment"].as_object();
            for (name, value) in environment.into_iter().flatten() {
                // Compose doubles `$` in what it prints.
                self.learn(name, &value.as_str().unwrap_or_default().replace("$$", "$"));
            }
        }
        let secrets = configuration["secrets"].as_object();
        for (_, secret) in secrets.into_iter().flatten() {
            let content = secret["content"].as_str().unwrap_or_default();
            self.add(&content.replace("$$", "$"));
            let value = secret["environment"].as_str().and_then(&variable);
            self.add(value.as_deref().unwrap_or_default().trim());
            let file = secret["file"]
                .as_str()
                .and_then(|path| std::fs::read_to_string(path).ok());
            // Longer files are not added: a bundle of certificates is also given as a secret.
            if let Some(text) = file.filter(|text| text.len() < 512) {
                self.add(text.trim());
            }
        }
    }

    fn add(&mut self, value: &str) {
        if value.len() >= SHORTEST && !self.values.contains(value) {
            // New ones and not the old ones emptied: a clone made before shares those, and they still fit its values.
            self.finders = Arc::default();
            self.values.insert(value.to_owned());
            // Texts hold a value as it is, as JSON escapes it, and as URLs encode it.
            let quoted = Value::String(value.to_owned()).to_string();
            self.values.insert(quoted.trim_matches('"').to_owned());
            let encoded = percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
            self.values.insert(encoded.to_string());
        }
    }

    /// Masks the secrets in a text. One that is short or in lower-case letters only is masked only as a whole word.
    pub fn mask(&self, text: &str) -> String {
        let finders = self.finders();
        let masked = replace_all(finders.anywhere.as_ref(), text);
        match &finders.words {
            Some(words) => replace_words(words, &masked),
            None => masked,
        }
    }

    /// The same for the text of an answer, in which values of secret keys, tokens and passwords of URLs are masked as well.
    pub fn mask_answer(&self, text: &str) -> String {
        masked_answer(&self.mask(text))
    }

    /// The same for whole files, in which such words and numbers are not masked, as they mostly mean other things.
    pub fn mask_file(&self, text: &str) -> String {
        replace_all(self.finders().in_files.as_ref(), text)
    }

    fn finders(&self) -> &Finders {
        self.finders.get_or_init(|| Finders::new(&self.values))
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Secrets({})", self.values.len())
    }
}

fn is_word(value: &str) -> bool {
    value.len() < 8 || value.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn replace_all(finder: Option<&AhoCorasick>, text: &str) -> String {
    let Some(finder) = finder else { return text.to_owned() };
    let mut result = String::with_capacity(text.len());
    finder.replace_all_with(text, &mut result, |_, _, result| {
        result.push_str(MASK);
        true
    });
    result
}

/// Masks words where they stand alone, or beside themselves only: `pass` in `pass=passpass`, and not in `password`.
fn replace_words(words: &AhoCorasick, text: &str) -> String {
    let joins = |letter: char| letter.is_alphanumeric();
    let mut result = String::with_capacity(text.len());
    let (mut copied, mut start) = (0, 0);
    while let Some(found) = words.find(Input::new(text).range(start..)) {
        let Some(word) = text.get(found.range()) else { break };
        let mut end = found.end();
        let mut times = 1;
        while text[end..].starts_with(word) {
            end += word.len();
            times += 1;
        }
        if text[..found.start()].ends_with(joins) || text[end..].starts_with(joins) {
            // A shorter one may begin within it.
            let first = word.chars().next().map_or(1, char::len_utf8);
            start = found.start() + first;
            continue;
        }
        result.push_str(&text[copied..found.start()]);
        result.push_str(&MASK.repeat(times));
        (copied, start) = (end, end);
    }
    result.push_str(&text[copied..]);
    result
}

/// True if a value of that name is a secret.
fn is_secret(name: &str) -> bool {
    // Headers, JSON keys and variables spell the same word differently.
    let name = name.to_uppercase().replace('-', "_");
    NAMES.iter().any(|word| name.contains(word))
}

/// Splits a URL with a user and a password: the text before the password, the password, and the rest.
fn credentials(value: &str) -> Option<(&str, &str, &str)> {
    let start = value.find("://")? + 3;
    let authority = value.get(start..)?.split(['/', '?', '#']).next()?;
    // From the right: a password may hold an `@` that was not encoded.
    let (user, _) = authority.rsplit_once('@')?;
    let (name, password) = user.split_once(':')?;
    let begin = start + name.len() + 1;
    let end = begin + password.len();
    (!password.is_empty()).then_some((value.get(..begin)?, password, value.get(end..)?))
}

/// The value, or `***` if its name marks it as secret; the password of a URL is masked alone.
pub fn masked(name: &str, value: &str) -> String {
    if let Some((before, _, after)) = credentials(value) {
        return format!("{before}{MASK}{after}");
    }
    if is_secret(name) {
        MASK.to_owned()
    } else {
        value.to_owned()
    }
}

/// Masks what looks secret in a text of unknown form: quoted values of secret keys, values of forms, elements of a page that hold
/// a token, bearer tokens, JSON Web Tokens, and the password of a URL.
fn masked_answer(text: &str) -> String {
    let text = masked_elements(text);
    let mut result = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find([':', '=']) {
        let (before, from_sign) = rest.split_at(at);
        let (sign, after) = from_sign.split_at(1);
        let quote = |letter: char| letter.is_whitespace() || "\"'\\".contains(letter);
        let name = before.trim_end_matches(quote);
        let start = name.rfind(|letter: char| !letter.is_alphanumeric() && !"_-.".contains(letter));
        let name = name.get(start.map_or(0, |start| start + 1)..).unwrap_or_default();
        let value = after.trim_start_matches(quote);
        let opening = after.get(..after.len() - value.len()).unwrap_or_default();
        let quoted = opening.contains(['"', '\'']);
        let end = if quoted {
            value.find(['"', '\''])
        } else {
            value.find(|letter: char| letter.is_whitespace() || "&,;<".contains(letter))
        };
        let end = end.unwrap_or(value.len());
        result.extend([before, sign, opening]);
        // `token: expired` is a sentence; `"token": "…"` and `token=…` are values.
        if is_secret(name) && end > 0 && (quoted || sign == "=") {
            result.push_str(MASK);
            rest = value.get(end..).unwrap_or_default();
        } else {
            rest = value;
        }
    }
    result.push_str(rest);
    let mut masked = String::with_capacity(result.len());
    let mut bearer = false;
    for word in result.split_inclusive(|letter: char| !(letter.is_alphanumeric() || "_-.".contains(letter))) {
        let bare = word.trim_end_matches(|letter: char| !(letter.is_alphanumeric() || "_-.".contains(letter)));
        // A JSON Web Token begins with `{"` in base 64, which is `eyJ` (RFC 7519).
        let token = bare.starts_with("eyJ") && bare.len() > 20 || bearer && bare.len() >= 8;
        let tail = word.get(bare.len()..).unwrap_or_default();
        masked.extend([if token { MASK } else { bare }, tail]);
        bearer = bare.eq_ignore_ascii_case("bearer");
    }
    credentials(&masked).map_or(masked.clone(), |(before, _, after)| format!("{before}{MASK}{after}"))
}

/// Masks the values of `meta` and `input` elements with a secret name.
fn masked_elements(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, from_tag) = rest.split_at(at);
        let (tag, after) = from_tag.split_at(from_tag.find('>').unwrap_or(from_tag.len()));
        result.push_str(before);
        result.push_str(&masked_element(tag));
        rest = after;
    }
    result + rest
}

fn masked_element(tag: &str) -> String {
    let mut tag = tag.to_owned();
    // Of the same length: only ASCII letters change.
    let lower = tag.to_ascii_lowercase();
    // Frameworks hand out their CSRF tokens in these two elements.
    if !lower.starts_with("<meta") && !lower.starts_with("<input") {
        return tag;
    }
    let names = ["name", "property", "id"]
        .iter()
        .filter_map(|name| attribute(&lower, name));
    if names.filter_map(|place| lower.get(place)).any(is_secret) {
        let mut values: Vec<_> = ["content", "value"]
            .iter()
            .filter_map(|name| attribute(&lower, name))
            .collect();
        // From the back, so that the places in front stay valid.
        values.sort_by_key(|place| std::cmp::Reverse(place.start));
        for place in values.into_iter().filter(|place| !place.is_empty()) {
            tag.replace_range(place, MASK);
        }
    }
    tag
}

/// Place of the value of that attribute in a tag.
fn attribute(tag: &str, name: &str) -> Option<std::ops::Range<usize>> {
    let mut places = tag.match_indices(name);
    places.find_map(|(at, _)| {
        let separate = tag
            .get(..at)?
            .ends_with(|letter: char| letter.is_whitespace() || "\"'".contains(letter));
        let after = tag.get(at + name.len()..)?.trim_start().strip_prefix('=')?.trim_start();
        let start = tag.len() - after.len();
        if !separate {
            return None;
        }
        let (start, ends): (usize, &[char]) = match after.chars().next()? {
            '"' => (start + 1, &['"']),
            '\'' => (start + 1, &['\'']),
            _ => (start, &[' ', '\t', '\n', '\r', '/']),
        };
        let length = tag.get(start..)?.find(ends).unwrap_or(tag.len() - start);
        Some(start..start + length)
    })
}

/// Masks the values of secret keys, and passwords in URLs, in a TOML text.
pub fn masked_toml(text: &str) -> String {
    let mut result: Vec<String> = text.lines().map(masked_line).collect();
    result.push(String::new());
    result.join("\n")
}

/// Masks every `key = "value"` of a line, in inline tables as well.
fn masked_line(line: &str) -> String {
    let mut result = String::new();
    let mut rest = line;
    let mut key = String::new();
    while let Some(at) = rest.find(['"', '\'']) {
        let (before, quoted) = rest.split_at(at);
        let quote = if quoted.starts_with('"') { '"' } else { '\'' };
        // A quote without an end is no TOML string: the rest is left as it is.
        let Some(end) = closing(quoted, quote) else { break };
        let (value, after) = quoted.split_at(end);
        let inside = value.trim_matches(quote);
        result.push_str(before);
        let bare = before.trim_end().trim_end_matches('=').trim_end();
        if before.trim_end().ends_with('=') && !bare.is_empty() {
            let start = bare.rfind(|letter: char| !letter.is_alphanumeric() && !"_-.".contains(letter));
            let name = bare.get(start.map_or(0, |start| start + 1)..).unwrap_or_default();
            name.clone_into(&mut key);
        }
        if after.trim_start().starts_with('=') {
            inside.clone_into(&mut key);
            result.push_str(value);
        } else {
            result.push(quote);
            result.push_str(&masked(&key, inside));
            result.push(quote);
        }
        rest = after;
    }
    result + rest
}

/// Offset just behind the closing quote of a text that starts with that quote.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (position, letter) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        // Literal strings of TOML, in single quotes, have no escapes.
        } else if letter == '\\' && quote == '"' {
            escaped = true;
        } else if letter == quote {
            return Some(position + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_known_by_their_names_and_looks() {
        assert_eq!(masked("FAULT_API_LATENCY_MS", "200"), "200");
        assert_eq!(masked("redis_password", "x"), "***");
        assert_eq!(masked("JWT_SECRET", "x"), "***");
        assert_eq!(masked("set-cookie", "x"), "***");
        assert_eq!(
            masked("DATABASE_URL", "postgresql://u:p@db:5432/d"),
            "postgresql://u:***@db:5432/d"
        );
        assert_eq!(masked("ORIGIN", "https://app.example"), "https://app.example");
    }

    #[test]
    fn what_is_known_is_masked_wherever_it_stands() {
        let mut secrets = Secrets::default();
        secrets.learn_configuration(&json!({
            "services": { "db": { "environment": {
                "POSTGRES_PASSWORD": "postgres", "POSTGRES_USER": "postgres", "API_KEY": "a$$b\"c9XY", "PIN_TOKEN": "12345678",
                "DATABASE_URL": "postgresql://u:hid%2Fden-1@db/d",
            } } },
            "secrets": { "signing": { "environment": "SIGNING" } },
        }), |name| (name == "SIGNING").then(|| "of-the-shell\n".to_owned()));
        let text =
            "user postgres in /var/lib/postgresql; key a$b\"c9XY, token 12345678, u:hid%2Fden-1@db, of-the-shell";
        let expected = "user *** in /var/lib/postgresql; key ***, token ***, u:***@db, ***";
        assert_eq!(secrets.mask(text), expected);
        let kept = r#"{"probe":"postgres","count":12345678,"key":"a$b\"c9XY"}"#;
        assert_eq!(
            secrets.mask_file(kept),
            r#"{"probe":"postgres","count":12345678,"key":"***"}"#
        );
        assert_eq!(format!("{secrets:?}"), "Secrets(9)");
    }

    #[test]
    fn tokens_in_elements_of_a_page_are_masked() {
        let secrets = Secrets::default();
        for (text, expected) in [
            (
                r#"<head><meta name="csrf-token" content="oi6XNIb"><meta name="author" content="me"></head>"#,
                r#"<head><meta name="csrf-token" content="***"><meta name="author" content="me"></head>"#,
            ),
            (
                r"é <INPUT type=hidden VALUE='oi6X' name=_token> <b>token</b>",
                r"é <INPUT type=hidden VALUE='***' name=_token> <b>token</b>",
            ),
            ("<input name='_token' value=oi6X", "<input name='_token' value=***"),
            ("<meta content name=token><input", "<meta content name=token><input"),
        ] {
            assert_eq!(secrets.mask_answer(text), expected);
        }
    }

    #[test]
    fn a_word_is_masked_beside_itself_and_not_within_another() {
        for (text, expected) in [
            ("pass passpass", "*** ******"),
            ("passpass", "******"),
            ("passpassword passwordpass", "passpassword passwordpass"),
            ("compass-pass", "compass-***"),
        ] {
            let finder = finder([&"pass".to_owned()].into_iter()).unwrap();
            assert_eq!(replace_words(&finder, text), expected, "{text}");
        }
    }

    /// One value after another, the longest first: the definition, which takes as many passes as there are values.
    fn one_by_one(values: &BTreeSet<String>, text: &str) -> String {
        let mut values: Vec<&String> = values.iter().collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        values.into_iter().fold(text.to_owned(), |text, value| {
            if is_word(value) {
                replace_words(&finder([value].into_iter()).unwrap(), &text)
            } else {
                text.replace(value.as_str(), MASK)
            }
        })
    }

    #[test]
    fn thousands_of_tokens_are_masked_in_one_pass_as_one_by_one() {
        let mut secrets = Secrets::default();
        let token = |number: u64| format!("{:016X}", number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        for number in 0..3_000 {
            secrets.learn("token", &token(number));
            // Some contain others, and some are words.
            secrets.learn("token", &format!("{}-{}", token(number), token(number + 1)));
            secrets.learn("token", &format!("w{}", number % 700 + 100));
        }
        let pieces = (0..400_u64).map(|number| match number % 5 {
            0 => token(number * 7),
            1 => format!("{}-{}", token(number), token(number + 1)),
            2 => format!("w{} xw{}", number % 700 + 100, number % 700 + 100),
            3 => format!("{}/{}", token(number), token(5_000 + number)),
            _ => format!("n\u{e9}ant {number}"),
        });
        let text = pieces.collect::<Vec<_>>().join(", ");
        let masked = secrets.mask(&text);
        assert_eq!(masked, one_by_one(&secrets.values, &text));
        assert!(masked.contains("***, ***") && masked.contains("n\u{e9}ant 4") && masked.contains("*** xw"));
        // What is learnt later is masked as well, in clones too.
        let mut more = secrets.clone();
        more.learn("token", "learnt-LATER");
        assert_eq!(
            (more.mask("learnt-LATER"), secrets.mask("learnt-LATER")),
            ("***".to_owned(), "learnt-LATER".to_owned())
        );
    }

    #[test]
    fn what_looks_secret_in_an_answer_is_masked() {
        let secrets = Secrets::default();
        for (answer, shown) in [
            (r#"{"accessToken":"a.b","id":7}"#, r#"{"accessToken":"***","id":7}"#),
            (r#"{\"token\": \"abc\"}"#, r#"{\"token\": \"***"}"#),
            ("grant=x&password=p%21&user=a", "grant=x&password=***&user=a"),
            ("token: expired", "token: expired"),
            (r#"{"message":"Invalid password"}"#, r#"{"message":"Invalid password"}"#),
            ("Bearer abcdefgh.ijk was refused", "Bearer *** was refused"),
            ("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "got ***"),
            ("postgresql://u:pass@db/x is down", "postgresql://u:***@db/x is down"),
        ] {
            assert_eq!(secrets.mask_answer(answer), shown);
        }
    }

    #[test]
    fn secrets_in_a_scenario_are_masked() {
        let text = "name = \"x\"\npassword = 'hidden'\nenv = { API_TOKEN = \"a\\\"b\", PORT = \"80\" }\n\
            dsn = \"postgresql://u:p@h/d\" # its\nheaders = { \"Authorization\" = \"Bearer q\" }\n";
        let expected = "name = \"x\"\npassword = '***'\nenv = { API_TOKEN = \"***\", PORT = \"80\" }\n\
            dsn = \"postgresql://u:***@h/d\" # its\nheaders = { \"Authorization\" = \"***\" }\n";
        assert_eq!(masked_toml(text), expected);
    }
}
