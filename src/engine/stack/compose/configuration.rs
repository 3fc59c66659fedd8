//! The configuration that Docker Compose makes of the stack's files: `docker compose config`.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{PoisonError, RwLock};

use serde_json::Value;
use tokio::process::Command;

use super::gaps::{Gaps, RequiredVariable};
use super::made_up::made_up;
use super::variables::{base, configured, default_file, variables, written};
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

/// The files of the stack, merged, interpolated and with absolute paths, in spite of those gaps.
pub(super) async fn read_past(
    gaps: &Gaps,
    file: &StackFile,
    compose: &ComposeSettings,
    environment: &BTreeMap<String, String>,
) -> Result<Value, StackError> {
    let over = match gaps.over() {
        Some(text) => Some(written(".yml", &text)?),
        None => None,
    };
    let mut command = Command::from(docker());
    command.arg("compose").envs(gaps.fill(environment));
    let base = base(file);
    for path in &compose.files {
        command.arg("--file").arg(base.join(path));
    }
    if let Some(over) = &over {
        command.arg("--file").arg(over.path());
    }
    if let Some(folder) = &compose.project_directory {
        command.arg("--project-directory").arg(base.join(folder));
    }
    for profile in &compose.profiles {
        command.arg("--profile").arg(profile);
    }
    configured(command, &base, compose).await
}

/// The configuration that Compose makes of the user's files.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReadCompose {
    /// The merged files as JSON, services of every profile included.
    pub configuration: Value,
    /// Variables and files that are missing.
    pub gaps: Gaps,
    /// Variables that the files require, and those of the environment files, with their values.
    pub variables: BTreeMap<String, String>,
}

/// Reads those files with Compose; paths are relative to the working directory.
pub async fn read_compose(files: &[PathBuf], env_files: &[PathBuf]) -> Result<ReadCompose, StackError> {
    let compose = ComposeSettings {
        files: files.to_vec(),
        env_files: env_files.to_vec(),
        profiles: vec!["*".to_owned()],
        ..ComposeSettings::default()
    };
    let file = StackFile::attached("");
    check_files(&file, &compose)?;
    let none = BTreeMap::new();
    let (configuration, gaps) = read(&file, &compose, &none).await?;
    Ok(ReadCompose {
        variables: variables(&file, &compose, &gaps.fill(&none), &configuration).await?,
        configuration,
        gaps,
    })
}

/// Tells every Compose file and environment file of the stack that cannot be read: Compose would name the first.
pub(super) fn check_files(file: &StackFile, compose: &ComposeSettings) -> Result<(), StackError> {
    let paths = compose.files.iter().chain(&compose.env_files);
    let paths = paths.map(|path| file.folder.join(path));
    let mut failures: Vec<(PathBuf, std::io::Error)> = paths
        .filter_map(|path| fs::File::open(&path).err().map(|source| (path, source)))
        .collect();
    match failures.len() {
        0 => Ok(()),
        1 => {
            let (path, source) = failures.remove(0);
            Err(StackError::ComposeUnreadable { path, source })
        }
        _ => Err(StackError::ComposeFilesUnreadable { failures }),
    }
}

/// The stack's configuration, and the gaps that it was read past. A variable that only Compose knows to be required is one, too.
pub(super) async fn read(
    file: &StackFile,
    compose: &ComposeSettings,
    environment: &BTreeMap<String, String>,
) -> Result<(Value, Gaps), StackError> {
    let mut gaps = Gaps::find(file, compose, environment).await?;
    loop {
        match read_past(&gaps, file, compose, environment).await {
            Ok(configuration) => return Ok((configuration, gaps)),
            Err(StackError::Command { command, output }) => match missing(&output) {
                // A variable required again although it was given has another fault.
                Some((name, message)) if !gaps.required.contains_key(&name) => {
                    let value = made_up(&name);
                    let variable = RequiredVariable {
                        value,
                        message,
                        places: Vec::new(),
                    };
                    gaps.required.insert(name, variable);
                }
                _ => return Err(unreadable(command, output, &gaps)),
            },
            Err(error) => return Err(error),
        }
    }
}

/// The error of Compose, with the gaps that were found before.
fn unreadable(command: String, output: String, gaps: &Gaps) -> StackError {
    let mut lacks = gaps.all();
    lacks.extend(gaps.behind(&output));
    // Compose names one of them once more.
    let is_told = lacks.iter().any(|lack| lack.is_named_in(&output));
    let error = StackError::Command { command, output };
    if lacks.is_empty() {
        return error;
    }
    StackError::InTheWay {
        refusals: Vec::new(),
        lacks,
        also: (!is_told).then(|| Box::new(error)),
        cut_short: true,
    }
}

/// The variable that Compose reports as required, and the message of the file.
fn missing(output: &str) -> Option<(String, String)> {
    let (_, after) = output.split_once("required variable ")?;
    let (name, rest) = after.split_once(' ')?;
    let message = rest.strip_prefix("is missing a value")?.trim_start_matches(':').trim();
    Some((name.to_owned(), message.lines().next().unwrap_or_default().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_that_is_missing_is_named() {
        let output = "error while interpolating services.a.environment.A: required variable DB_PASSWORD is missing a value: set it";
        let expected = ("DB_PASSWORD".to_owned(), "set it".to_owned());
        assert_eq!(missing(output), Some(expected));
        assert_eq!(missing("yaml: line 3: did not find expected key"), None);
    }
}
