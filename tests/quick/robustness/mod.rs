//! Whatever is in a file, reading it gives a value or an error that says what is wrong: no panic, no hang, no memory beyond
//! what a whole file would take. Files are made up, or valid ones damaged.

mod damage;
mod journey;
mod recording;
mod scenario;
mod stack;

use std::fmt::Debug;
use std::path::{Path, PathBuf};

use proptest::test_runner::Config;
use serde::Serialize;
use serde::de::DeserializeOwned;

use diapason::error::Hint;

/// So many files for a property.
fn cases(count: u32) -> Config {
    Config {
        cases: count,
        // What was found once becomes an example below; files beside the tests would be committed by accident.
        failure_persistence: None,
        ..Config::default()
    }
}

/// The text of one of the repository's own scenario files.
fn shipped(name: &str) -> String {
    std::fs::read_to_string(scenarios().join(name)).unwrap()
}

fn scenarios() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// Whether every part of the error says something, down to its first cause, and its hint can be had.
fn is_described(error: &impl Hint) -> bool {
    let mut texts = vec![error.to_string()];
    texts.extend(error.hint());
    let mut source = error.source();
    while let Some(cause) = source {
        texts.push(cause.to_string());
        source = cause.source();
    }
    texts.iter().all(|text| !text.trim().is_empty())
}

/// The value of a file printed and read again; none where the text is no such file.
fn printed_back<T: Serialize + DeserializeOwned + Debug>(text: &str) -> Option<(String, String)> {
    let value: T = toml::from_str(text).ok()?;
    let printed = toml::to_string(&value).unwrap();
    let again: T = toml::from_str(&printed).unwrap();
    // As text, since a weight that is no number is not equal to itself.
    Some((format!("{value:?}"), format!("{again:?}")))
}
