//! Values made up for variables and secrets that the files ask for and that nobody gives.

/// A port if the name ends in `PORT`, otherwise a text that is long enough for a secret.
pub(super) fn made_up(name: &str) -> String {
    if name.ends_with("PORT") {
        "8080".to_owned()
    } else {
        let value = format!("isolated-{}-of-at-least-32-characters", name.to_lowercase());
        value.replace('_', "-")
    }
}

/// Values by the key that asks for them, which Compose would refuse to be a text: the first ending that fits counts.
const BY_KEY: [(&str, &str); 21] = [
    ("ports", "8080"),
    ("ports.target", "8080"),
    ("ports.published", "8080"),
    ("expose", "8080"),
    ("replicas", "1"),
    ("scale", "1"),
    ("cpus", "1"),
    ("cpu_shares", "1024"),
    ("pids", "1000"),
    ("pids_limit", "1000"),
    ("memory", "512m"),
    ("mem_limit", "512m"),
    ("mem_reservation", "512m"),
    ("shm_size", "64m"),
    ("interval", "10s"),
    ("timeout", "10s"),
    ("start_period", "10s"),
    ("stop_grace_period", "10s"),
    ("retries", "3"),
    ("user", "1000"),
    ("restart", "no"),
];

/// The value for a variable that this key of a Compose file asks for, after that text.
pub(super) fn made_up_for(name: &str, key: &str, before: &str) -> String {
    let is_key = |known: &str| key == known || key.strip_suffix(known).is_some_and(|rest| rest.ends_with('.'));
    if key.starts_with("environment.") || key.starts_with("labels.") {
        return made_up(name);
    }
    match key {
        // Any tag is a guess; this one exists most often.
        "image" if before.ends_with(':') => "latest".to_owned(),
        // A path, so that it does not count as the name of a volume.
        "volumes" | "volumes.source" if before.is_empty() => format!("./{}", made_up(name)),
        "build.context" if before.is_empty() => ".".to_owned(),
        _ => {
            let known = BY_KEY.iter().find(|(known, _)| is_key(known));
            known.map_or_else(|| made_up(name), |(_, value)| (*value).to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_fits_the_key_that_asks_for_it() {
        let text = "isolated-db-password-of-at-least-32-characters";
        for (name, key, before, expected) in [
            ("DB_PASSWORD", "environment.PGPASSWORD", "", text),
            ("DB_PASSWORD", "environment.memory", "", text),
            ("HTTP_PORT", "environment.PORT", "", "8080"),
            ("TAG", "image", "registry.example/app:", "latest"),
            ("DB_PASSWORD", "image", "", text),
            ("LISTEN", "ports", "127.0.0.1:", "8080"),
            (
                "DB_PASSWORD",
                "volumes",
                "",
                "./isolated-db-password-of-at-least-32-characters",
            ),
            ("N", "deploy.replicas", "", "1"),
            ("M", "deploy.resources.limits.memory", "", "512m"),
            ("T", "healthcheck.timeout", "", "10s"),
            ("U", "user", "", "1000"),
        ] {
            assert_eq!(made_up_for(name, key, before), expected, "{key}");
        }
    }
}
