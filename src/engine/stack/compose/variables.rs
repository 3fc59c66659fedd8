//! Values of variables as Compose resolves them, and the environment files that they come from.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::NamedTempFile;
use tokio::process::Command;

use super::command::quietly;
use super::value::{entries, text};
use crate::stack::file::ComposeSettings;
use crate::stack::{StackError, StackFile};
use crate::wire::engine::docker;

/// The folder that the paths of a stack file are relative to.
pub(super) fn base(file: &StackFile) -> PathBuf {
    // Compose takes `..` for the folder above by name; the folder may be behind a link.
    file.folder.canonicalize().unwrap_or_else(|_| file.folder.clone())
}

/// The configuration that such a command makes, with the stack's environment files.
pub(super) async fn configured(
    mut command: Command,
    base: &Path,
    compose: &ComposeSettings,
) -> Result<Value, StackError> {
    for path in &compose.env_files {
        command.arg("--env-file").arg(base.join(path));
    }
    command.args(["config", "--format", "json"]);
    let text = quietly(LONGEST, command, CONFIG).await?;
    serde_json::from_str(&text).map_err(|error| StackError::Command {
        command: CONFIG.to_owned(),
        output: format!("its output is not JSON: {error}"),
    })
}

/// Time for Compose to read its files: many times what hundreds of services take.
const LONGEST: Duration = Duration::from_secs(60);

/// The command that reads Compose files.
pub(super) const CONFIG: &str = "docker compose config";

/// A temporary file with that content.
pub(super) fn written(suffix: &str, content: &str) -> Result<NamedTempFile, StackError> {
    let written = NamedTempFile::with_suffix(suffix).and_then(|file| {
        fs::write(file.path(), content)?;
        Ok(file)
    });
    written.map_err(|source| StackError::Scratch {
        path: std::env::temp_dir(),
        source,
    })
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
    values(file, compose, environment, names).await
}

/// Values of those variables as Compose resolves them; those without one are left out.
pub(super) async fn values(
    file: &StackFile,
    compose: &ComposeSettings,
    environment: &BTreeMap<String, String>,
    mut names: BTreeSet<String>,
) -> Result<BTreeMap<String, String>, StackError> {
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
    let questions = json!({
        "name": "diapason",
        "services": { "asked": { "image": "asked" } },
        QUESTIONS: questions.collect::<BTreeMap<_, _>>(),
    });
    let questions = written(".json", &questions.to_string())?;
    // A file of our own alone: the user's may lack something.
    let mut command = Command::from(docker());
    command
        .arg("compose")
        .envs(environment)
        .arg("--file")
        .arg(questions.path());
    let base = base(file);
    let folder = base.join(project_folder(compose));
    // An empty path would count as none.
    let is_here = folder.as_os_str().is_empty();
    command
        .arg("--project-directory")
        .arg(if is_here { Path::new(".") } else { &folder });
    let answers = configured(command, &base, compose).await?;
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
pub(super) fn of_files(file: &StackFile, compose: &ComposeSettings) -> Result<BTreeSet<String>, StackError> {
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
pub(super) fn default_file(file: &StackFile, compose: &ComposeSettings) -> PathBuf {
    file.folder.join(project_folder(compose)).join(".env")
}

/// The folder from which Compose resolves paths.
pub(super) fn project_folder(compose: &ComposeSettings) -> &Path {
    let first = compose.files.first().and_then(|path| path.parent());
    compose.project_directory.as_deref().or(first).unwrap_or(Path::new(""))
}

/// The value of a variable as Compose resolves it.
pub(super) fn variable(name: &str, variables: &BTreeMap<String, String>) -> Option<String> {
    variables.get(name).cloned().or_else(|| std::env::var(name).ok())
}

/// The name that a line of an environment file assigns.
pub(super) fn assigned(line: &str) -> Option<&str> {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, _) = line.split_once(['=', ':']).filter(|_| !line.starts_with('#'))?;
    Some(name.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
