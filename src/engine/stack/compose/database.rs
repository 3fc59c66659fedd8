//! Address of the stack's database as seen from the host.

use std::collections::BTreeMap;
use std::fs;

use percent_encoding::utf8_percent_encode;
use serde_json::Value;

use super::containers;
use super::publisher::publisher;
use super::start::StartContext;
use super::value::{items, text};
use crate::stack::file::DatabaseSettings;
use crate::stack::{ContainerEndpoint, DatabaseEndpoint, StackError, StackFile};
use crate::wire::RESERVED;

/// Address and log of the stack's database; `None` if the stack file names none.
pub(super) async fn endpoint(
    starting: &StartContext<'_>,
    containers: &[ContainerEndpoint],
) -> Result<Option<DatabaseEndpoint>, StackError> {
    let Some(settings) = &starting.file.database else {
        return Ok(None);
    };
    let publisher = publisher(starting.configuration, &settings.service);
    let port = containers::host_port(starting.engine, containers, publisher, settings.port).await?;
    let (file, configuration) = (starting.file, starting.configuration);
    Ok(Some(DatabaseEndpoint {
        dsn: dsn(file, settings, configuration, starting.variables, port)?,
        container: containers::find(containers, &settings.service).map(|container| container.id.clone()),
    }))
}

/// The connection string of the database behind that port of 127.0.0.1.
fn dsn(
    file: &StackFile,
    settings: &DatabaseSettings,
    configuration: &Value,
    environment: &BTreeMap<String, String>,
    port: u16,
) -> Result<String, StackError> {
    let of_container = &configuration["services"][&settings.service]["environment"];
    let find = |given: Option<&String>, key: &str| match given {
        Some(given) => resolved(given, environment).map(Some),
        // In the rewritten configuration `$` is doubled.
        None => Ok(Some(text(of_container, key).replace("$$", "$")).filter(|value| !value.is_empty())),
    };
    let values = || -> Result<_, String> {
        let user = find(settings.user.as_ref(), "POSTGRES_USER")?.unwrap_or_else(|| "postgres".to_owned());
        let password = find(settings.password.as_ref(), "POSTGRES_PASSWORD")?;
        let password = match password {
            None => password_file(configuration, &settings.service, environment)?,
            given => given,
        };
        let name = find(settings.name.as_ref(), "POSTGRES_DB")?.unwrap_or_else(|| user.clone());
        Ok((user, password.unwrap_or_default(), name))
    };
    let (user, password, name) = values().map_err(|problem| StackError::Contradiction {
        stack: file.name.clone(),
        problem: format!("[database]: {problem}"),
    })?;
    let [user, password, name] = [user, password, name].map(|part| utf8_percent_encode(&part, RESERVED).to_string());
    Ok(format!("postgresql://{user}:{password}@127.0.0.1:{port}/{name}"))
}

/// The password in the secret that the container reads it from (`POSTGRES_PASSWORD_FILE`).
fn password_file(
    configuration: &Value,
    service: &str,
    environment: &BTreeMap<String, String>,
) -> Result<Option<String>, String> {
    let service = &configuration["services"][service];
    let inside = text(&service["environment"], "POSTGRES_PASSWORD_FILE");
    let is_it = |secret: &&Value| {
        let (source, target) = (text(secret, "source"), text(secret, "target"));
        let target = if target.is_empty() { source } else { target };
        inside == target || inside.strip_prefix("/run/secrets/") == Some(target)
    };
    let Some(secret) = items(service, "secrets").find(is_it) else {
        return Ok(None);
    };
    let secret = &configuration["secrets"][text(secret, "source")];
    let path = text(secret, "file").replace("$$", "$");
    if path.is_empty() {
        let value = super::variables::variable(text(secret, "environment"), environment);
        return Ok(value.map(|value| value.trim_end_matches(['\r', '\n']).to_owned()));
    }
    let password = fs::read_to_string(&path).map_err(|error| format!("failed to read {path}: {error}"))?;
    Ok(Some(password.trim_end_matches(['\r', '\n']).to_owned()))
}

/// The text with each `${NAME}` replaced by its value.
pub(super) fn resolved(given: &str, environment: &BTreeMap<String, String>) -> Result<String, String> {
    let mut result = String::new();
    let mut rest = given;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after
            .split_once('}')
            .ok_or_else(|| format!("`{given}` lacks a closing brace"))?;
        let value = environment
            .get(name)
            .ok_or_else(|| format!("`{name}` is not in the environment given to Compose"))?;
        result.push_str(before);
        result.push_str(value);
        rest = after;
    }
    result.push_str(rest);
    Ok(result)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn dsn_of(settings: &str) -> Result<String, StackError> {
        let configuration = json!({ "services": { "db": { "environment": {
            "POSTGRES_USER": "app", "POSTGRES_PASSWORD": "p@ss/$$1",
        } } } });
        let environment = [("DATABASE_PASSWORD".to_owned(), "other".to_owned())].into();
        let settings: DatabaseSettings = toml::from_str(settings).unwrap();
        let file = StackFile::attached("http://127.0.0.1");
        dsn(&file, &settings, &configuration, &environment, 4321)
    }

    #[test]
    fn what_is_not_said_comes_from_the_container() {
        assert_eq!(
            dsn_of("service = 'db'").unwrap(),
            "postgresql://app:p%40ss%2F%241@127.0.0.1:4321/app"
        );
    }

    #[test]
    fn a_password_may_lie_in_a_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        fs::write(&path, "from a file\n").unwrap();
        let configuration = json!({
            "services": { "db": {
                "environment": { "POSTGRES_PASSWORD_FILE": "/run/secrets/db" },
                "secrets": [{ "source": "other" }, { "source": "db_password", "target": "db" }],
            } },
            "secrets": { "db_password": { "file": path } },
        });
        let environment = BTreeMap::from([("DB_PASSWORD".to_owned(), "from the environment".to_owned())]);
        let password = |configuration: &Value| password_file(configuration, "db", &environment);
        assert_eq!(password(&configuration).unwrap().unwrap(), "from a file");
        fs::remove_file(&path).unwrap();
        assert!(password(&configuration).unwrap_err().contains("failed to read"));
        let mut configuration = configuration;
        configuration["secrets"]["db_password"] = json!({ "environment": "DB_PASSWORD" });
        assert_eq!(password(&configuration).unwrap().unwrap(), "from the environment");
    }

    #[test]
    fn what_is_said_may_refer_to_the_environment_of_compose() {
        let said = "service = 'db'\nname = 'shop'\nuser = 'root'\npassword = 'x-${DATABASE_PASSWORD}'";
        assert_eq!(dsn_of(said).unwrap(), "postgresql://root:x-other@127.0.0.1:4321/shop");
        let error = dsn_of("service = 'db'\nuser = '${NOBODY}'").unwrap_err().to_string();
        assert!(
            error.ends_with("`NOBODY` is not in the environment given to Compose"),
            "{error}"
        );
    }
}
