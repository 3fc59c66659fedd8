//! Names of steps and values, made from methods, paths and keys.

use std::collections::HashSet;

/// Longest name of a step.
const LONGEST_STEP: usize = 60;
/// Longest name of a value.
const LONGEST_VALUE: usize = 32;
/// Names that mean something else in a template.
const RESERVED: [&str; 11] = [
    "user",
    "iteration",
    "random",
    "pick",
    "uuid",
    "today",
    "origin",
    "date",
    "number",
    "boolean",
    "item",
];

/// Names that were given, each once.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    taken: HashSet<String>,
}

impl Names {
    /// The name, or with a number if it is taken.
    pub(super) fn unique(&mut self, name: &str, separator: char) -> String {
        let mut candidate = name.to_owned();
        let mut number = 2;
        while !self.taken.insert(candidate.clone()) {
            candidate = format!("{name}{separator}{number}");
            number += 1;
        }
        candidate
    }

    /// A new name of a step.
    pub(super) fn step(&mut self, method: &str, path: &str) -> String {
        self.unique(&step_name(method, path), '-')
    }

    /// A new name of a value.
    pub(super) fn value(&mut self, hint: &str) -> String {
        self.unique(&value_name(hint), '_')
    }
}

/// A name such as `get-api-tasks-id`; ids in the path are `id`.
fn step_name(method: &str, path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    let words = segments.map(|segment| {
        if is_id(segment) {
            "id".to_owned()
        } else {
            slug(segment, '-')
        }
    });
    let words: Vec<String> = words.filter(|word| !word.is_empty()).collect();
    let path = if words.is_empty() {
        "root".to_owned()
    } else {
        words.join("-")
    };
    let name = format!("{}-{path}", method.to_ascii_lowercase());
    // Slugs are ASCII.
    name.chars()
        .take(LONGEST_STEP)
        .collect::<String>()
        .trim_end_matches('-')
        .to_owned()
}

/// A name such as `access_token`; never one that a template knows already.
pub(super) fn value_name(hint: &str) -> String {
    let name: String = slug(hint, '_').chars().take(LONGEST_VALUE).collect();
    let name = name.trim_matches('_');
    if name.is_empty() || RESERVED.contains(&name) || name.starts_with(|letter: char| letter.is_ascii_digit()) {
        format!("value_{name}").trim_end_matches('_').to_owned()
    } else {
        name.to_owned()
    }
}

/// The text in lower-case ASCII letters and digits; everything else is the separator. `accessToken` is two words.
pub(super) fn slug(text: &str, separator: char) -> String {
    let mut slug = String::with_capacity(text.len());
    let mut before = ' ';
    for letter in text.chars() {
        if letter.is_ascii_alphanumeric() {
            if letter.is_ascii_uppercase() && before.is_ascii_lowercase() {
                slug.push(separator);
            }
            slug.push(letter.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with(separator) {
            slug.push(separator);
        }
        before = letter;
    }
    slug.trim_end_matches(separator).to_owned()
}

/// True for a segment of a path that names one thing among many: a number, a UUID, a long hexadecimal text.
pub(super) fn is_id(segment: &str) -> bool {
    let digits = segment.bytes().filter(u8::is_ascii_digit).count();
    let is_hex = segment.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    (!segment.is_empty() && digits == segment.len())
        || is_uuid(segment)
        || (is_hex && segment.len() >= 12 && digits > 0)
        || is_opaque(segment)
}

/// A long text of letters of both cases and digits, as random ids are.
fn is_opaque(text: &str) -> bool {
    let has = |test: fn(&u8) -> bool| text.bytes().any(|byte| test(&byte));
    text.len() >= 16
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        && text.bytes().filter(u8::is_ascii_digit).count() >= 3
        && has(u8::is_ascii_alphabetic)
}

/// True for `8-4-4-4-12` hexadecimal digits.
pub(super) fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// The singular of an English plural: `tasks`, `categories`.
pub(super) fn singular(collection: &str) -> String {
    let noun = collection
        .rsplit('/')
        .find(|segment| !segment.is_empty() && !segment.contains('{'))
        .unwrap_or(collection);
    if let Some(stem) = noun.strip_suffix("ies") {
        return format!("{stem}y");
    }
    noun.strip_suffix('s')
        .filter(|stem| !stem.ends_with('s'))
        .unwrap_or(noun)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_is_asked_for() {
        let mut names = Names::default();
        for (method, path, name) in [
            ("GET", "/", "get-root"),
            ("GET", "/api/tasks/17?x=1", "get-api-tasks-id"),
            ("GET", "/api/tasks/18", "get-api-tasks-id-2"),
            ("DELETE", "/a/4b4f1c3e-0000-4000-8000-00000000abcd", "delete-a-id"),
            ("POST", "/caf%C3%A9/x,y z", "post-caf-c3-a9-x-y-z"),
            ("GET", "/élève", "get-l-ve"),
        ] {
            assert_eq!(names.step(method, path), name);
        }
        assert!(names.step("GET", &"/abc".repeat(40)).len() <= LONGEST_STEP);
    }

    #[test]
    fn values_never_hide_what_a_template_knows() {
        for (hint, name) in [
            ("accessToken", "access_token"),
            ("_token", "token"),
            ("user", "value_user"),
            ("", "value"),
            ("é", "value"),
            ("7", "value_7"),
            ("X-CSRF-Token", "x_csrf_token"),
        ] {
            assert_eq!(value_name(hint), name);
        }
    }
}
