//! Libraries that a `PostgreSQL` server preloads already: an appended `shared_preload_libraries` adds to them. On a command
//! line it would displace them, and the application that needs them would not start.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use tokio::process::Command;

use super::command::quietly;
use super::images::{image_name, own_names};
use super::mounts::source;
use super::value::{entries, items, text};
use crate::stack::StackFile;
use crate::wire::engine::docker;

pub(super) const SETTING: &str = "shared_preload_libraries";

/// Time for a container that only prints a file.
const LONGEST: Duration = Duration::from_secs(60);
/// Prints the configuration file that the command names (`$1`), if the image has it; else the samples from which images make a
/// new server's configuration.
const SAMPLES: &str = "[ -n \"$1\" ] && cat \"$1\" 2>/dev/null && exit; cat \"$(pg_config --sharedir 2>/dev/null)/postgresql.conf.sample\" /usr/share/postgresql/postgresql.conf.sample \
    /usr/local/share/postgresql/postgresql.conf.sample /usr/share/postgresql/*/postgresql.conf.sample 2>/dev/null; true";

/// Libraries that the configuration preloads, by service, for services whose appended arguments name some, too.
pub(super) async fn find(
    configuration: &Value,
    file: &StackFile,
    image_commands: &BTreeMap<String, Vec<String>>,
) -> BTreeMap<String, Vec<String>> {
    let own = own_names(configuration);
    let mut found = BTreeMap::new();
    for (name, service) in entries(configuration, "services") {
        let appended = file.service.get(name).map(|settings| &settings.arguments);
        if !appended.into_iter().flatten().any(|word| value(word).is_some()) {
            continue;
        }
        let own_command: Vec<&str> = items(service, "command").filter_map(Value::as_str).collect();
        let of_image = image_commands.get(name).into_iter().flatten().map(String::as_str);
        let command: Vec<&str> = own_command.into_iter().chain(of_image).collect();
        let libraries = match command.iter().rev().find_map(|word| value(word)) {
            Some(libraries) => Some(libraries.to_owned()),
            None => {
                if let Some(libraries) = mounted(service) {
                    Some(libraries)
                } else {
                    let image = image_name(text(configuration, "name"), name, service);
                    let given = command.iter().rev().find_map(|word| setting(word, "config_file"));
                    in_image(own.get(&image).unwrap_or(&image), given).await
                }
            }
        };
        found.insert(name.clone(), libraries.as_deref().map(list).unwrap_or_default());
    }
    found
}

/// The appended word with the libraries that are there before its own; `None` if it is about something else, or adds nothing.
pub(super) fn extended(word: &str, before: &[String]) -> Option<String> {
    let added = list(value(word)?);
    let start = &word[..word.len() - value(word)?.len()];
    let new = added.into_iter().filter(|library| !before.contains(library));
    let all: Vec<String> = before.iter().cloned().chain(new).collect();
    Some(format!("{start}{}", all.join(",")))
}

/// The value of the setting in a word of a command line: `shared_preload_libraries=a,b`, with or without dashes.
pub(super) fn value(word: &str) -> Option<&str> {
    setting(word, SETTING)
}

/// The value of that setting in a word of a command line.
fn setting<'a>(word: &'a str, wanted: &str) -> Option<&'a str> {
    // `-cNAME=VALUE` is one word; `--config_file=…` begins with a dash, too.
    let word = word.trim_start_matches('-');
    let (name, value) = word.split_once('=')?;
    let name = name.trim().replace('-', "_");
    (name == wanted || name.strip_prefix('c') == Some(wanted)).then_some(value)
}

/// The libraries of a value.
pub(super) fn list(libraries: &str) -> Vec<String> {
    let names = libraries.split(',').map(|name| name.trim().trim_matches(['\'', '"']));
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The setting in a configuration file that is mounted from the host.
fn mounted(service: &Value) -> Option<String> {
    let files = items(service, "volumes")
        .filter(|mount| text(mount, "type") == "bind")
        .map(source);
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "conf"));
    files
        .filter_map(|path| std::fs::read(path).ok())
        .find_map(|bytes| in_file(&String::from_utf8_lossy(&bytes)))
}

/// The setting in that configuration file of an image or in its samples; `None` if it has none, or no shell.
async fn in_image(image: &str, file: Option<&str>) -> Option<String> {
    let mut command = Command::from(docker());
    command.args([
        "run",
        "--rm",
        "--network",
        "none",
        "--entrypoint",
        "sh",
        image,
        "-c",
        SAMPLES,
        "sh",
        file.unwrap_or_default(),
    ]);
    in_file(&quietly(LONGEST, command, "docker run").await.ok()?)
}

/// The last value of the setting in a configuration file.
fn in_file(text: &str) -> Option<String> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    let mut values = lines.filter_map(|line| {
        let rest = line.trim().strip_prefix(SETTING)?;
        Some(rest.trim().trim_start_matches('=').trim().trim_matches('\'').to_owned())
    });
    values.next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_added_to_those_that_are_there() {
        let before = list("'timescaledb', pg_cron");
        assert_eq!(before, ["timescaledb", "pg_cron"]);
        for (word, expected) in [
            (
                "shared_preload_libraries=pg_stat_statements",
                Some("shared_preload_libraries=timescaledb,pg_cron,pg_stat_statements"),
            ),
            (
                "--shared-preload-libraries=pg_cron",
                Some("--shared-preload-libraries=timescaledb,pg_cron"),
            ),
            ("max_connections=50", None),
            ("-c", None),
        ] {
            assert_eq!(extended(word, &before).as_deref(), expected, "{word}");
        }
        let alone = extended("shared_preload_libraries=pg_stat_statements", &[]);
        assert_eq!(alone.unwrap(), "shared_preload_libraries=pg_stat_statements");
    }

    #[test]
    fn a_setting_is_found_in_every_form() {
        for word in [
            "config_file=/x",
            "-cconfig_file=/x",
            "--config-file=/x",
            "-c config_file=/x",
        ] {
            let word = word.strip_prefix("-c ").unwrap_or(word);
            assert_eq!(setting(word, "config_file"), Some("/x"), "{word}");
        }
        assert_eq!(setting("hba_file=/x", "config_file"), None);
    }

    #[test]
    fn the_setting_is_read_from_a_configuration_file() {
        let text = "#shared_preload_libraries = ''\t# (change requires restart)\nmax_connections = 5\n\
            shared_preload_libraries = 'timescaledb'\nshared_preload_libraries='timescaledb,vector' # both\n";
        assert_eq!(in_file(text).unwrap(), "timescaledb,vector");
        assert_eq!(in_file("#shared_preload_libraries = 'a'"), None);
    }
}
