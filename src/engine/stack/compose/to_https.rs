//! A front door that only redirects to https: a run through it would measure redirects.

use serde_json::Value;
use url::Url;

use super::publisher::publisher;
use super::value::items;
use crate::stack::file::EntrySettings;
use crate::stack::{ProgressSender, StackError, StackFile};

/// Ports of containers over TLS.
const TLS_PORTS: [u64; 2] = [443, 8443];

/// Refuses an entry in clear text that answers the ready request by a redirect to the same path over TLS, at `location`, if the
/// service publishes a port for that; otherwise says so, and that the wait goes on.
pub(super) fn check(
    file: &StackFile,
    entry: &EntrySettings,
    original: &Value,
    location: &str,
    talk: &ProgressSender,
) -> Result<(), StackError> {
    if entry.tls || !is_same(location, &file.ready.path) {
        talk.say(format!(
            "the front door redirects {} to {location}, which is not the front door: `[ready]` needs a path that it answers by \
             itself, or `status`",
            file.ready.path
        ));
        return Ok(());
    }
    let service = publisher(original, &entry.service);
    let mut published = items(&original["services"][service], "ports").filter_map(|port| port["target"].as_u64());
    let Some(port) = published.find(|port| TLS_PORTS.contains(port)) else {
        talk.say(format!(
            "the front door redirects {} to {location}: `[entry]` needs a port that answers by itself, or `[ready] status`",
            file.ready.path
        ));
        return Ok(());
    };
    Err(StackError::Contradiction {
        stack: file.name.clone(),
        problem: format!(
            "[entry]: port {} only redirects to {location}: say `port = {port}` and `tls = true`, and where its certificate is \
             (`certificate`, a path in the container), or `[front-door] tls = {{ insecure = true }}`; `[ready] status` keeps this port",
            entry.port
        ),
    })
}

/// True if it is that path over TLS: a redirect to a page of its own, or to another service that signs users in, is none.
fn is_same(location: &str, path: &str) -> bool {
    Url::parse(location).is_ok_and(|url| {
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        url.scheme() == "https" && format!("{}{query}", url.path()) == path
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_path_over_tls_counts() {
        for (location, path, expected) in [
            ("https://shop.example/", "/", true),
            ("https://shop.example", "/", true),
            ("https://127.0.0.1:8443/api/health?deep=1", "/api/health?deep=1", true),
            ("https://sso.example/login", "/", false),
            ("http://shop.example/", "/", false),
            ("/login", "/", false),
        ] {
            assert_eq!(is_same(location, path), expected, "{location}");
        }
    }
}
