//! Database roles that services log in as and that do not exist in a copy that starts empty.

use std::collections::BTreeMap;

use serde_json::Value;
use url::Url;

/// A role that a service's connection string names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DatabaseRole {
    /// The first service that logs in as it.
    pub(super) service: String,
    pub(super) name: String,
    /// The variable that holds its password; `None` if there is none.
    pub(super) password: Option<String>,
}

/// Roles in the connection strings of services, except the one that the database's container makes. `variables` are those
/// given to Compose, with their values.
pub(super) fn roles(services: &Value, database: &str, variables: &BTreeMap<String, String>) -> Vec<DatabaseRole> {
    let owner = services[database]["environment"]["POSTGRES_USER"].as_str();
    let mut found: Vec<DatabaseRole> = Vec::new();
    for (service, fields) in services.as_object().into_iter().flatten() {
        let values = fields["environment"].as_object().into_iter().flatten();
        for value in values.filter_map(|(_, value)| value.as_str()) {
            // Compose doubles `$` in its output.
            let Ok(url) = Url::parse(&value.replace("$$", "$")) else {
                continue;
            };
            let is_ours = matches!(url.scheme(), "postgres" | "postgresql") && url.host_str() == Some(database);
            let name = decoded(url.username());
            let is_new = !name.is_empty() && owner.unwrap_or("postgres") != name;
            // Several services may share a role, which is created once.
            if !is_ours || !is_new || found.iter().any(|role| role.name == name) {
                continue;
            }
            let given = decoded(url.password().unwrap_or_default());
            let variable = variables
                .iter()
                .find(|(_, value)| **value == given && !given.is_empty());
            found.push(DatabaseRole {
                service: service.clone(),
                name,
                password: variable.map(|(name, _)| name.clone()),
            });
        }
    }
    found
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

/// The seed that creates it before the service that needs it starts; commented out if its password is not known.
pub(super) fn seed(role: &DatabaseRole) -> String {
    let (name, service) = (&role.name, &role.service);
    let password = role.password.as_deref().unwrap_or("PASSWORD_OF_THE_ROLE");
    let identifier = format!("\"{}\"", name.replace('"', "\"\""));
    // SQL doubles a quote within a literal and a double quote within an identifier.
    let literal = name.replace('\'', "''");
    let text = format!(
        "[[seed]]\nname = {title}\nbefore = {service}\n\
         done = {{ sql = {done} }}\n[seed.sql]\ntext = \"\"\"\n\
         create role {identifier} login password '${{{password}}}';\n\
         grant usage on schema public to {identifier};\n\
         grant select, insert, update, delete on all tables in schema public to {identifier};\n\
         grant usage, select on all sequences in schema public to {identifier};\n\
         alter default privileges in schema public grant select, insert, update, delete on tables to {identifier};\n\
         alter default privileges in schema public grant usage, select on sequences to {identifier};\n\"\"\"\n",
        title = quoted(&format!("role {name}")),
        service = quoted(service),
        done = quoted(&format!("select count(*) from pg_roles where rolname = '{literal}'")),
        identifier = identifier.replace('\\', "\\\\").replace('"', "\\\""),
    );
    let explained = format!(
        "\n# {service} logs in as {name}, whom nobody has created in a database that starts empty: guessed from its connection string.\n"
    );
    if role.password.is_some() {
        explained + &text
    } else {
        let commented = text.lines().map(|line| format!("# {line}\n"));
        explained + &commented.collect::<String>()
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_role_other_than_the_owner_is_found_with_its_password() {
        let services = json!({
            "db": { "environment": { "POSTGRES_USER": "owner" } },
            "api": { "environment": {
                "DATABASE_URL": "postgresql://app%5Fuser:p%40ss$$1@db:5432/shop",
                "MIGRATION_URL": "postgres://owner:x@db/shop",
                "OTHER_URL": "postgres://reader:x@elsewhere/shop",
                "REDIS_URL": "redis://:x@db:6379",
            } },
            "worker": { "environment": { "DATABASE_URL": "postgresql://app_user:p%40ss$$1@db/shop" } },
        });
        let variables = BTreeMap::from([("APP_PASSWORD".to_owned(), "p@ss$1".to_owned())]);
        let found = roles(&services, "db", &variables);
        let expected = DatabaseRole {
            service: "api".to_owned(),
            name: "app_user".to_owned(),
            password: Some("APP_PASSWORD".to_owned()),
        };
        assert_eq!(found, [expected]);
        assert_eq!(roles(&services, "db", &BTreeMap::new())[0].password, None);
        assert_eq!(roles(&json!({ "db": {} }), "db", &variables), []);
    }

    #[test]
    fn the_seed_is_a_seed() {
        let mut role = DatabaseRole {
            service: "api".to_owned(),
            name: "app\"user".to_owned(),
            password: Some("APP_PASSWORD".to_owned()),
        };
        let read: toml::Table = toml::from_str(&seed(&role)).unwrap();
        let read = &read["seed"][0];
        assert_eq!(read["before"].as_str(), Some("api"));
        let text = read["sql"]["text"].as_str().unwrap();
        assert!(
            text.starts_with("create role \"app\"\"user\" login password '${APP_PASSWORD}';\ngrant"),
            "{text}"
        );
        role.password = None;
        assert!(toml::from_str::<toml::Table>(&seed(&role)).unwrap().is_empty());
    }
}
