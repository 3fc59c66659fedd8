//! The configuration that Docker Compose makes of the stack's files: `docker compose config`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use serde_json::{Value, json};
use tempfile::NamedTempFile;
use tokio::process::Command;

use super::command::quietly;
use super::value::{entries, text};
use crate::secrets::Secrets;
use crate::stack::file::ComposeSettings;
use crate::stack::{StackError, StackFile, StackSettings};
use crate::wire::engine::docker;

/// The stack's environment for Compose: the stack file's, overridden by the scenario's.
pub(super) fn environment(compose: &ComposeSettings, settings: &StackSettings) -> BTreeMap<String, String> {
    let mut environment = compose.env.clone();
    environment.extend(settings.env.clone());
    environment
}

/// Learns the secrets among Compose's inputs, before any step that may fail and show them.
pub(super) fn learn(
    file: &StackFile,
    compose: &ComposeSettings,
    environment: &BTreeMap<String, String>,
    secrets: &RwLock<Secrets>,
) {
    let mut secrets = secrets.write().unwrap_or_else(PoisonError::into_inner);
    let of_services = file.service.values().flat_map(|service| &service.environment);
    for (name, value) in environment.iter().chain(of_services) {
        secrets.learn(name, value);
    }
    let default = compose.env_files.is_empty().then(|| default_file(file, compose));
    for path in compose.env_files.iter().chain(&default) {
        // Compose reports a file that cannot be read.
        let text = fs::read_to_string(file.folder.join(path)).unwrap_or_default();
        for (name, value) in text.lines().filter_map(|line| line.split_once('=')) {
            secrets.learn(name, value.trim().trim_matches(['"', '\'']));
        }
    }
    let passwords = file.database.iter().filter_map(|database| database.password.as_ref());
    passwords.for_each(|password| secrets.learn("password", password));
}

/// The files of the stack, merged, interpolated and with absolute paths.
pub(super) async fn read(
    file: &StackFile,
    compose: &ComposeSettings,
    environment: &BTreeMap<String, String>,
) -> Result<Value, StackError> {
    read_with(file, compose, environment, None).await
}

/// Those files, and one of our own over them.
async fn read_with(
    file: &StackFile,
    compose: &ComposeSettings,
    environment: &BTreeMap<String, String>,
    questions: Option<&Value>,
) -> Result<Value, StackError> {
    let mut command = Command::from(docker());
    command.arg("compose").envs(environment);
    // Compose takes `..` for the folder above by name; the folder may be behind a link.
    let base = file.folder.canonicalize().unwrap_or_else(|_| file.folder.clone());
    for path in &compose.files {
        command.arg("--file").arg(base.join(path));
    }
    for path in &compose.env_files {
        command.arg("--env-file").arg(base.join(path));
    }
    if let Some(folder) = &compose.project_directory {
        command.arg("--project-directory").arg(base.join(folder));
    }
    for profile in &compose.profiles {
        command.arg("--profile").arg(profile);
    }
    let questions = match questions {
        Some(questions) => Some(written(questions)?),
        None => None,
    };
    if let Some(questions) = &questions {
        command.arg("--file").arg(questions.path());
    }
    command.args(["config", "--format", "json"]);
    let text = quietly(command, "docker compose config").await?;
    serde_json::from_str(&text).map_err(|error| StackError::Command {
        command: "docker compose config".to_owned(),
        output: format!("its output is not JSON: {error}"),
    })
}

/// A temporary file with that content.
fn written(content: &Value) -> Result<NamedTempFile, StackError> {
    let written = NamedTempFile::with_suffix(".json").and_then(|file| {
        fs::write(file.path(), content.to_string())?;
        Ok(file)
    });
    written.map_err(|source| StackError::Scratch {
        path: std::env::temp_dir(),
        source,
    })
}

/// The configuration that Compose makes of the user's files.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadCompose {
    /// The merged files as JSON, services of every profile included.
    pub configuration: Value,
    /// Variables that the files require and that have no value, with values made up for them.
    pub required: BTreeMap<String, String>,
    /// Those, and the variables of the environment files.
    pub variables: BTreeMap<String, String>,
}

/// Reads those files with Compose; paths are relative to the working directory.
pub async fn read_compose(files: &[PathBuf], env_files: &[PathBuf]) -> Result<ReadCompose, StackError> {
    for path in files.iter().chain(env_files) {
        fs::metadata(path).map_err(|source| StackError::ComposeUnreadable {
            path: path.clone(),
            source,
        })?;
    }
    let compose = ComposeSettings {
        files: files.to_vec(),
        env_files: env_files.to_vec(),
        profiles: vec!["*".to_owned()],
        ..ComposeSettings::default()
    };
    let file = StackFile::attached("");
    let mut required = BTreeMap::new();
    loop {
        match read(&file, &compose, &required).await {
            Ok(configuration) => {
                return Ok(ReadCompose {
                    variables: variables(&file, &compose, &required, &configuration).await?,
                    configuration,
                    required,
                });
            }
            Err(StackError::Command { command, output }) => match missing(&output) {
                // A variable required again although it was given has another fault.
                Some(name) if !required.contains_key(&name) => {
                    let value = made_up(&name);
                    required.insert(name, value);
                }
                _ => return Err(StackError::Command { command, output }),
            },
            Err(error) => return Err(error),
        }
    }
}

/// A port if the name ends in `PORT`, otherwise a text that is long enough for a secret.
pub(super) fn made_up(name: &str) -> String {
    if name.ends_with("PORT") {
        "8080".to_owned()
    } else {
        let value = format!("isolated-{}-of-at-least-32-characters", name.to_lowercase());
        value.replace('_', "-")
    }
}

/// The variable that Compose reports as required.
fn missing(output: &str) -> Option<String> {
    let (_, after) = output.split_once("required variable ")?;
    let (name, rest) = after.split_once(' ')?;
    rest.starts_with("is missing a value").then(|| name.to_owned())
}

/// Values of variables as Compose resolves them, which is asked: those given, this process's environment and the environment
/// files (the project directory's `.env` if none is named), with their quotes, escapes and interpolation. Contains the names
/// from the given ones, from the files, and from the secrets and configs that are taken from the environment.
pub(super) async fn variables(
    file: &StackFile,
    compose: &ComposeSettings,
    environment: &BTreeMap<String, String>,
    configuration: &Value,
) -> Result<BTreeMap<String, String>, StackError> {
    let mut names: BTreeSet<String> = environment.keys().cloned().collect();
    names.extend(of_files(file, compose)?);
    for kind in ["secrets", "configs"] {
        let parts = entries(configuration, kind);
        names.extend(parts.map(|(_, part)| text(part, "environment").to_owned()));
    }
    let is_name = |name: &String| {
        let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        !name.is_empty() && !name.starts_with(|first: char| first.is_ascii_digit()) && name.chars().all(fits)
    };
    names.retain(is_name);
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let questions = names
        .iter()
        .map(|name| (name, [format!("${{{name}+set}}"), format!("${{{name}-}}")]));
    let questions = json!({ QUESTIONS: questions.collect::<BTreeMap<_, _>>() });
    let answers = read_with(file, compose, environment, Some(&questions)).await?;
    let answer = |name: &String, index: usize| {
        let answer = answers[QUESTIONS][name][index].as_str().unwrap_or_default();
        // Compose doubles `$` in its output.
        answer.replace("$$", "$")
    };
    let set = names.into_iter().filter(|name| answer(name, 0) == "set");
    Ok(set.map(|name| (name.clone(), answer(&name, 1))).collect())
}

/// Top-level key of a file of our own by which Compose is asked for values of variables.
const QUESTIONS: &str = "x-diapason-variables";

/// Names that the environment files may assign. A line inside a longer value may look like an assignment, too.
fn of_files(file: &StackFile, compose: &ComposeSettings) -> Result<BTreeSet<String>, StackError> {
    let mut names = BTreeSet::new();
    let mut add = |text: &[u8]| {
        let text = String::from_utf8_lossy(text);
        names.extend(text.lines().filter_map(assigned).map(str::to_owned));
    };
    for path in &compose.env_files {
        let path: PathBuf = file.folder.join(path);
        add(&fs::read(&path).map_err(|source| StackError::ComposeUnreadable { path, source })?);
    }
    if compose.env_files.is_empty() {
        add(&fs::read(default_file(file, compose)).unwrap_or_default());
    }
    Ok(names)
}

/// The environment file that Compose reads if none is named.
fn default_file(file: &StackFile, compose: &ComposeSettings) -> PathBuf {
    let first = compose.files.first().and_then(|path| path.parent());
    let folder = compose.project_directory.as_deref().or(first).unwrap_or(Path::new(""));
    file.folder.join(folder).join(".env")
}

/// The value of a variable as Compose resolves it.
pub(super) fn variable(name: &str, variables: &BTreeMap<String, String>) -> Option<String> {
    variables.get(name).cloned().or_else(|| std::env::var(name).ok())
}

/// The name that a line of an environment file assigns.
fn assigned(line: &str) -> Option<&str> {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, _) = line.split_once(['=', ':']).filter(|_| !line.starts_with('#'))?;
    Some(name.trim())
}

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
    let as_given = read(file, compose, &environment).await;
    environment.insert(name.to_owned(), "another-value-of-diapason".to_owned());
    let as_asked = read(file, compose, &environment).await;
    let Ok(configuration) = &as_given else {
        // The error of reading is reported in a moment.
        return true;
    };
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
    fn the_variable_that_is_missing_is_named() {
        let output = "error while interpolating services.a.environment.A: required variable DB_PASSWORD is missing a value: set it";
        assert_eq!(missing(output).unwrap(), "DB_PASSWORD");
        assert_eq!(made_up("DB_PASSWORD"), "isolated-db-password-of-at-least-32-characters");
        assert_eq!(made_up("HTTP_PORT"), "8080");
        assert_eq!(missing("yaml: line 3: did not find expected key"), None);
    }

    #[test]
    fn assignments_are_found_in_environment_files() {
        for (line, expected) in [
            ("NAME=value # comment", Some("NAME")),
            ("export NAME = a#b", Some("NAME")),
            ("NAME: value", Some("NAME")),
            ("# NAME=value", None),
            ("", None),
        ] {
            assert_eq!(assigned(line), expected, "{line}");
        }
    }

    #[test]
    fn a_variable_is_found_however_it_is_written() {
        let text = "a: ${ONE:-1}\nb: $TWO\nc: THREE\nd: ${FOUR_MORE}";
        assert!(reads(text, "ONE"));
        assert!(reads(text, "TWO"));
        assert!(!reads(text, "THREE"));
        assert!(!reads(text, "FOUR"));
    }
}
