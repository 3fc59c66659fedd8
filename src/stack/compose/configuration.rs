//! The configuration that Docker Compose makes of the stack's files: `docker compose config`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use serde_json::Value;
use tokio::process::Command;

use super::command::quietly;
use crate::secrets::Secrets;
use crate::stack::file::ComposeSettings;
use crate::stack::{StackError, StackFile, StackSettings};

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
    for path in &compose.env_files {
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
    let mut command = Command::new("docker");
    command.arg("compose").envs(environment);
    for path in &compose.files {
        command.arg("--file").arg(file.folder.join(path));
    }
    for path in &compose.env_files {
        command.arg("--env-file").arg(file.folder.join(path));
    }
    if let Some(folder) = &compose.project_directory {
        command.arg("--project-directory").arg(file.folder.join(folder));
    }
    for profile in &compose.profiles {
        command.arg("--profile").arg(profile);
    }
    command.args(["config", "--format", "json"]);
    let text = quietly(command, "docker compose config").await?;
    serde_json::from_str(&text).map_err(|error| StackError::Command {
        command: "docker compose config".to_owned(),
        output: format!("its output is not JSON: {error}"),
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
        fs::metadata(path).map_err(|source| StackError::Unreadable {
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
                    configuration,
                    variables: variables(&file, &compose, &required)?,
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

/// Values of variables as Compose resolves them: those given, else this process's environment, else the environment files
/// (the project directory's `.env` if none is named). Contains the names from the given ones and from the files only.
pub(super) fn variables(
    file: &StackFile,
    compose: &ComposeSettings,
    environment: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, StackError> {
    let mut variables = BTreeMap::new();
    for path in &compose.env_files {
        let path: PathBuf = file.folder.join(path);
        let text = fs::read_to_string(&path).map_err(|source| StackError::Unreadable { path, source })?;
        variables.extend(text.lines().filter_map(assignment));
    }
    if compose.env_files.is_empty() {
        let text = fs::read_to_string(default_file(file, compose)).unwrap_or_default();
        variables.extend(text.lines().filter_map(assignment));
    }
    for (name, value) in &mut variables {
        if let Ok(own) = std::env::var(name) {
            *value = own;
        }
    }
    variables.extend(environment.clone());
    Ok(variables)
}

/// The environment file that Compose reads if none is named.
fn default_file(file: &StackFile, compose: &ComposeSettings) -> PathBuf {
    let first = compose.files.first().and_then(|path| path.parent());
    let folder = compose.project_directory.as_deref().or(first).unwrap_or(Path::new(""));
    file.folder.join(folder).join(".env")
}

/// The value of a variable as Compose resolves it.
pub(super) fn known(name: &str, variables: &BTreeMap<String, String>) -> Option<String> {
    variables.get(name).cloned().or_else(|| std::env::var(name).ok())
}

/// A line of an environment file: `NAME=value`, with quotes removed.
fn assignment(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=').filter(|_| !line.starts_with('#'))?;
    let value = value.trim();
    let quoted = ['"', '\'']
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote)?.split_once(quote));
    let value = match quoted {
        Some((inside, _)) => inside,
        None => value.split_once(" #").map_or(value, |(before, _)| before.trim_end()),
    };
    Some((name.trim().to_owned(), value.to_owned()))
}

/// Refuses an override that no file reads: a misspelt variable would otherwise have no effect unnoticed.
pub(super) fn check_overrides(
    file: &StackFile,
    compose: &ComposeSettings,
    settings: &StackSettings,
) -> Result<(), StackError> {
    let mut texts = Vec::new();
    for path in &compose.files {
        let path: PathBuf = file.folder.join(path);
        texts.push(fs::read_to_string(&path).map_err(|source| StackError::Unreadable { path, source })?);
    }
    let reads_other_files = |text: &String| text.contains("include:") || text.contains("extends:");
    if texts.iter().any(reads_other_files) {
        return Ok(());
    }
    let unread = settings
        .env
        .keys()
        .find(|name| !texts.iter().any(|text| reads(text, name)));
    match unread {
        Some(name) => Err(StackError::UnknownVariable { name: name.clone() }),
        None => Ok(()),
    }
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
    fn environment_files_are_read_as_compose_reads_them() {
        let read = |line: &str| assignment(line).map(|(name, value)| format!("{name} {value}"));
        for (line, expected) in [
            ("NAME=value # comment", Some("NAME value")),
            ("export NAME = a#b", Some("NAME a#b")),
            ("NAME=\"a # b\" # c", Some("NAME a # b")),
            ("NAME='a=b'", Some("NAME a=b")),
            ("# NAME=value", None),
            ("", None),
        ] {
            assert_eq!(read(line).as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn a_variable_has_the_value_that_compose_gives_it() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".env"), "A=file\nPATH=file\nB=file\n").unwrap();
        let file = StackFile::attached("");
        let compose = ComposeSettings {
            files: vec![folder.path().join("compose.yml")],
            ..ComposeSettings::default()
        };
        let given = BTreeMap::from([("B".to_owned(), "given".to_owned())]);
        let found = variables(&file, &compose, &given).unwrap();
        assert_eq!((found["A"].as_str(), found["B"].as_str()), ("file", "given"));
        let path = std::env::var("PATH").unwrap();
        assert_eq!(found["PATH"], path, "the shell's own goes before a file");
        assert_eq!(known("PATH", &BTreeMap::new()), Some(path));
        assert_eq!(known("NOBODY_SETS_THIS", &found), None);
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
