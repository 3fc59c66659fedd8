//! Advice for known log messages: causes of failure that many stacks share.

/// Words of a log line, and the advice. The first entry found counts.
const KNOWN: &[(&str, &str)] = &[
    (
        "in 18+, these Docker images are configured to store database data",
        "this PostgreSQL image takes no volume at /var/lib/postgresql/data unless told so: \
         `[service.NAME] environment = { PGDATA = \"/var/lib/postgresql/data\" }` in the stack file keeps the mount as it is",
    ),
    (
        "superuser password is not specified",
        "the database image needs POSTGRES_PASSWORD: set it in `[compose.env]` or `env-files` of the stack file",
    ),
    (
        "database files are incompatible with server",
        "the data was made by another version of the database: use the image of that version, or a volume without data",
    ),
    (
        "no space left on device",
        "a disk is full: free space where the engine keeps its data (`docker system df`) and in the folder for temporary files",
    ),
    (
        "host not found in upstream",
        "the proxy resolves its upstreams when it starts: let it depend on them in an override file listed in `[compose] files`",
    ),
    (
        "is not set, and",
        "a variable that the service needs is not set: `[service.NAME] environment` or `[compose.env]` in the stack file",
    ),
    (
        "required variable",
        "the Compose files need that variable: set it in `[compose.env]` or in a file listed in `env-files` of the stack file",
    ),
    (
        "port is already allocated",
        "another program took the port meanwhile: try again, the front door gets another one",
    ),
    (
        "address already in use",
        "two services of one network namespace listen on the same port: see `network_mode` in the Compose files",
    ),
    (
        "cannot connect to the docker daemon",
        "the engine went away: start it, then `diapason stack down --all` removes what is left",
    ),
    (
        "pull access denied",
        "the image is neither here nor to be had: build it, log in to its registry, or set `[service.NAME] image` in the stack file",
    ),
    (
        "manifest unknown",
        "the registry does not have that image: check its tag, or set `[service.NAME] image` in the stack file",
    ),
    (
        "pulling images",
        "an image is neither here nor to be had from its registry: build it, load it, or set `[service.NAME] image` in the stack file",
    ),
    (
        "docker compose config",
        "Compose does not accept the files: `docker compose config` with the same files and `--env-file` says the same",
    ),
    (
        "exec format error",
        "the image is for another processor: build it for this one, or set `platform` in an override file",
    ),
];

/// The advice for the first known cause in a text.
pub(super) fn advice(text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    KNOWN
        .iter()
        .find(|(words, _)| text.contains(&words.to_lowercase()))
        .map(|(_, advice)| *advice)
}

/// True if a known cause in that log stays however often the service is started again. A proxy that does not find its upstream
/// may find it later.
pub(super) fn is_permanent(log: &str) -> bool {
    advice(log).is_some() && !log.to_lowercase().contains("host not found in upstream")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_line_brings_its_advice() {
        let log = "  | Error: in 18+, these Docker images are configured to store database data in a\n  | format";
        assert!(advice(log).unwrap().contains("PGDATA"));
        assert!(advice("write error: No space left on device").unwrap().contains("full"));
        assert_eq!(advice("all is well"), None);
        assert!(is_permanent(log) && !is_permanent("all is well"));
        assert!(!is_permanent("host not found in upstream \"api\""));
    }
}
