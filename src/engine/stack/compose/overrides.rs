//! Overrides of the environment that Compose is given, which must have an effect.

use std::fs;
use std::path::PathBuf;

use super::configuration::{environment, read, read_past};
use super::value::{entries, text};
use super::variables::of_files;
use crate::stack::file::ComposeSettings;
use crate::stack::{StackError, StackFile, StackSettings};

/// Refuses an override that Compose does not read: a misspelt variable would otherwise have no effect unnoticed. Compose is
/// asked with another value where no file names the variable as such.
pub(super) async fn check_overrides(
    file: &StackFile,
    compose: &ComposeSettings,
    settings: &StackSettings,
) -> Result<(), StackError> {
    let mut texts = Vec::new();
    for path in &compose.files {
        let path: PathBuf = file.folder.join(path);
        texts.push(fs::read(&path).map_err(|source| StackError::ComposeUnreadable { path, source })?);
    }
    let texts: Vec<_> = texts.iter().map(|text| String::from_utf8_lossy(text)).collect();
    let assigned = of_files(file, compose)?;
    for name in settings.env.keys() {
        let is_named =
            name.starts_with("COMPOSE_") || assigned.contains(name) || texts.iter().any(|text| reads(text, name));
        if !is_named && !is_passed(file, compose, settings, name).await {
            return Err(StackError::UnknownVariable { name: name.clone() });
        }
    }
    Ok(())
}

/// True if Compose makes another configuration of another value of that variable, or a secret or config of its value.
async fn is_passed(file: &StackFile, compose: &ComposeSettings, settings: &StackSettings, name: &str) -> bool {
    let mut environment = environment(compose, settings);
    let Ok((configuration, gaps)) = &read(file, compose, &environment).await else {
        // The error of reading is reported in a moment.
        return true;
    };
    environment.insert(name.to_owned(), "another-value-of-diapason".to_owned());
    let as_asked = read_past(gaps, file, compose, &environment).await;
    let is_content = |kind: &str| entries(configuration, kind).any(|(_, part)| text(part, "environment") == name);
    as_asked.map_or(true, |asked| asked != *configuration) || is_content("secrets") || is_content("configs")
}

/// True if a Compose file contains that variable, as `$NAME` or `${NAME…}`.
fn reads(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(start, _)| {
        let before = &text[..start];
        let after = text[start + name.len()..].chars().next();
        let ends = after.is_none_or(|letter| !letter.is_ascii_alphanumeric() && letter != '_');
        ends && (before.ends_with('$') || before.ends_with("${"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_found_however_it_is_written() {
        let text = "a: ${ONE:-1}\nb: $TWO\nc: THREE\nd: ${FOUR_MORE}";
        assert!(reads(text, "ONE"));
        assert!(reads(text, "TWO"));
        assert!(!reads(text, "THREE"));
        assert!(!reads(text, "FOUR"));
    }
}
