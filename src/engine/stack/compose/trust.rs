//! A copy of an Nginx configuration that takes the client's address from a header, so that rate limits act per virtual user
//! as they would per real user; or one without these limits. Nothing else in it changes.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::namespace::Namespace;
use super::value::{items, text};
use crate::nginx;
use crate::stack::file::ClientAddressSettings;
use crate::stack::{AddressPolicy, StackError, StackFile};

/// Trusted origins of the harness's requests: the network's gateway or another container, in private or loopback ranges.
const TRUST: &str = "
    set_real_ip_from 10.0.0.0/8;
    set_real_ip_from 172.16.0.0/12;
    set_real_ip_from 192.168.0.0/16;
    set_real_ip_from 127.0.0.0/8;
    real_ip_recursive off;
";

/// Directives by which Nginx refuses or delays requests.
const LIMITS: [&str; 2] = ["limit_req", "limit_conn"];

/// The proxy's configuration as mounted in the isolated copy.
#[derive(Debug)]
pub(super) struct ConfigurationCopy {
    pub(super) path: PathBuf,
    /// The limits that were removed, in words.
    pub(super) lifted: Vec<String>,
}

/// A copy of the proxy's configuration that follows the policy; `None` if the policy keeps it unchanged.
pub(super) fn copy(
    file: &StackFile,
    settings: &ClientAddressSettings,
    policy: AddressPolicy,
    original: &Value,
    namespace: &Namespace,
) -> Result<Option<ConfigurationCopy>, StackError> {
    if policy == AddressPolicy::Keep {
        return Ok(None);
    }
    let contradiction = |problem: &str| StackError::Contradiction {
        stack: file.name.clone(),
        problem: format!("[client-addresses] {}: {problem}", settings.config),
    };
    let source = items(&original["services"][&settings.service], "volumes")
        .filter(|mount| text(mount, "type") == "bind")
        .find_map(|mount| {
            let inside = settings.config.strip_prefix(text(mount, "target"))?;
            let source = PathBuf::from(text(mount, "source").replace("$$", "$"));
            match inside.strip_prefix('/') {
                Some(inside) => Some(source.join(inside)),
                None => inside.is_empty().then_some(source),
            }
        })
        .ok_or_else(|| {
            contradiction(&format!(
                "service `{}` does not mount it from the host",
                settings.service
            ))
        })?;
    let configuration = fs::read_to_string(&source).map_err(|error| StackError::Unreadable {
        path: source,
        source: error,
    })?;
    let (text, lifted) = if policy == AddressPolicy::Lift {
        nginx::without(&configuration, &LIMITS)
    } else {
        let trusting = trusting(&configuration, &settings.header);
        (
            trusting.ok_or_else(|| contradiction("it has no `http` block"))?,
            Vec::new(),
        )
    };
    if policy == AddressPolicy::Lift && lifted.is_empty() {
        return Err(contradiction(
            "it has no `limit_req` or `limit_conn` that could be lifted",
        ));
    }
    Ok(Some(ConfigurationCopy {
        path: namespace.write_for_container("nginx.conf", &text)?,
        lifted,
    }))
}

/// The configuration with the trust at the start of its `http` block; `None` if there is no such block.
fn trusting(configuration: &str, header: &str) -> Option<String> {
    let (before, after) = configuration.split_at(http_block(configuration)?);
    Some(format!("{before}{TRUST}    real_ip_header {header};\n{after}"))
}

/// Offset just inside the top level's `http {`; `None` if there is no such block.
fn http_block(configuration: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut comment = false;
    let mut word_start = 0;
    let mut escaped = false;
    for (position, letter) in configuration.char_indices() {
        if escaped {
            escaped = false;
            continue;
        }
        match (letter, quote) {
            ('\n', None) if comment => {
                comment = false;
                word_start = position + 1;
            }
            _ if comment => {}
            ('\\', _) => escaped = true,
            (_, Some(open)) if letter == open => quote = None,
            ('"' | '\'', None) => quote = Some(letter),
            ('#', None) => comment = true,
            ('{', None) => {
                if depth == 0 && configuration[word_start..position].trim() == "http" {
                    return Some(position + 1);
                }
                depth += 1;
                word_start = position + 1;
            }
            ('}', None) => {
                depth = depth.saturating_sub(1);
                word_start = position + 1;
            }
            (';', None) => word_start = position + 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_proxys_configuration_is_found_by_where_it_is_mounted() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("nginx.conf"), "http {\n}\n").unwrap();
        let namespace = Namespace::new("shop").unwrap();
        let settings = ClientAddressSettings {
            service: "nginx".to_owned(),
            config: "/etc/nginx/nginx.conf".to_owned(),
            header: "X-Forwarded-For".to_owned(),
            policy: AddressPolicy::default(),
        };
        let file = StackFile::attached("http://127.0.0.1");
        let copy_of = |source: PathBuf, target: &str| {
            let mount = json!({ "type": "bind", "source": source, "target": target });
            let original = json!({ "services": { "nginx": { "volumes": [mount] } } });
            copy(&file, &settings, AddressPolicy::PerUserAddresses, &original, &namespace)
        };
        for (source, target) in [
            (folder.path().join("nginx.conf"), "/etc/nginx/nginx.conf"),
            (folder.path().to_owned(), "/etc/nginx"),
        ] {
            let copy = copy_of(source, target).unwrap().unwrap().path;
            assert!(
                fs::read_to_string(copy)
                    .unwrap()
                    .contains("real_ip_header X-Forwarded-For;")
            );
        }
        let error = copy_of(folder.path().to_owned(), "/etc/ng").unwrap_err().to_string();
        assert!(error.contains("does not mount it from the host"), "{error}");
    }

    #[test]
    fn limits_are_kept_or_lifted_as_the_policy_says() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("nginx.conf");
        let namespace = Namespace::new("shop").unwrap();
        let settings = ClientAddressSettings {
            service: "nginx".to_owned(),
            config: "/etc/nginx/nginx.conf".to_owned(),
            header: "X-Forwarded-For".to_owned(),
            policy: AddressPolicy::default(),
        };
        let file = StackFile::attached("http://127.0.0.1");
        let mount = json!({ "type": "bind", "source": path, "target": "/etc/nginx/nginx.conf" });
        let original = json!({ "services": { "nginx": { "volumes": [mount] } } });
        let copy = |policy| copy(&file, &settings, policy, &original, &namespace);
        assert!(copy(AddressPolicy::Keep).unwrap().is_none());
        fs::write(&path, "http { location / { limit_req zone=a burst=5; return 200; } }").unwrap();
        let copied = copy(AddressPolicy::Lift).unwrap().unwrap();
        assert_eq!(copied.lifted, ["limit_req zone=a burst=5"]);
        let text = fs::read_to_string(copied.path).unwrap();
        assert_eq!(text, "http { location / {  return 200; } }");
        fs::write(&path, text).unwrap();
        let error = copy(AddressPolicy::Lift).unwrap_err().to_string();
        assert!(error.ends_with("that could be lifted"), "{error}");
    }

    #[test]
    fn the_trust_goes_inside_http() {
        let before = "# http { is a comment\nevents { worker_connections 9; }\nlog '{';\n# again http {\nhttp\n{\n    limit_req_zone x;\n}\n";
        let after = trusting(before, "X-Forwarded-For").unwrap();
        let expected = format!(
            "# http {{ is a comment\nevents {{ worker_connections 9; }}\nlog '{{';\n# again http {{\nhttp\n{{{TRUST}\
             \x20   real_ip_header X-Forwarded-For;\n\n    limit_req_zone x;\n}}\n"
        );
        assert_eq!(after, expected);
    }

    #[test]
    fn a_configuration_without_http_is_left_alone() {
        for text in ["", "stream { http { } }", "# http {", "include http;"] {
            assert_eq!(trusting(text, "X-Real-IP"), None, "{text}");
        }
    }
}
