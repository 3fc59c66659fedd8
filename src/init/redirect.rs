//! Tells from a proxy's configuration that its plain port only redirects to the one over TLS.

use serde_json::Value;

use crate::nginx::{Directive, access_log, directives};
use crate::stack::mounted_texts;

/// Words by which Nginx, Apache, HAProxy and Traefik are told to redirect to https, in lower-case letters and with single
/// blanks.
const REDIRECTIONS: [&str; 9] = [
    "return 301 https://",
    "return 302 https://",
    "return 307 https://",
    "return 308 https://",
    "redirect permanent / https://",
    "redirect scheme https",
    "redirections.entrypoint.scheme=https",
    "redirections.entrypoint.to=websecure",
    "redirectscheme.scheme=https",
];

/// True if the command of one of those services, which share a network, or a configuration file that it is given redirects to
/// https whatever is asked of that plain port.
pub(super) fn redirects(configuration: &Value, services: &[&Value], plain: u64) -> bool {
    let texts = services.iter().flat_map(|service| mounted(configuration, service));
    let (nginx, others): (Vec<_>, Vec<_>) = texts.partition(|text| !servers(&directives(text)).is_empty());
    // Names may share the port: one server that answers by itself is enough.
    of_nginx(&nginx.join("\n"), plain).unwrap_or_else(|| {
        let commands = services.iter().map(|service| service["command"].to_string());
        commands.chain(others).any(|text| is_redirection(&text))
    })
}

/// Texts of the service's configuration files.
fn mounted(configuration: &Value, service: &Value) -> impl Iterator<Item = String> {
    mounted_texts(configuration, service).into_iter().map(|(_, text)| text)
}

/// Name and certificate, as a path in the container, of the first server of a mounted Nginx configuration that listens on that
/// port over TLS; `None` if it has no plain name or no certificate.
pub(super) fn tls_server(configuration: &Value, service: &Value, port: u64) -> Option<(String, String)> {
    let all = mounted(configuration, service).collect::<Vec<_>>().join("\n");
    let tree = directives(&all);
    let of_port = |listen: &Directive| {
        let mut words = listen.arguments.iter();
        let address = words
            .next()
            .and_then(|address| address.rsplit(':').next()?.parse::<u64>().ok());
        address == Some(port) && words.any(|word| word == "ssl" || word == "quic")
    };
    let servers = servers(&tree).into_iter();
    let mut secure = servers.filter(|server| server.block.iter().any(|one| one.name == "listen" && of_port(one)));
    secure.find_map(|server| {
        let arguments = |name: &'static str| {
            let named = server.block.iter().filter(move |one| one.name == name);
            named.flat_map(|one| &one.arguments)
        };
        let is_plain = |name: &&String| name.contains('.') && !name.contains(['*', '~', '$']) && !name.starts_with('.');
        let host = arguments("server_name").find(is_plain)?;
        let certificate = arguments("ssl_certificate").find(|path| path.starts_with('/') && !path.contains('$'))?;
        Some((host.clone(), certificate.clone()))
    })
}

/// True if that Nginx writes an access log whose format is known, as far as its mounted configuration tells: what an image brings
/// along has one.
pub(super) fn logs_requests(configuration: &Value, service: &Value) -> bool {
    let files = mounted_texts(configuration, service);
    let is_whole = files.iter().any(|(path, _)| path.ends_with("/nginx.conf"));
    let all = files.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join("\n");
    let tree = directives(&all);
    let mut logs = tree
        .iter()
        .flat_map(Directive::all)
        .filter(|one| one.name == "access_log");
    let is_on = logs.any(|log| log.arguments.first().is_some_and(|path| path != "off"));
    // Its format may be declared in the image's own `nginx.conf`.
    access_log(&all).is_some() || (is_on && !is_whole)
}

/// True if every server of an Nginx configuration that listens on that port redirects to https; `None` if none listens there.
fn of_nginx(text: &str, port: u64) -> Option<bool> {
    let tree = directives(text);
    let all = servers(&tree);
    let mut plain = all.iter().filter(|server| listens(server, port)).peekable();
    plain.peek()?;
    Some(plain.all(|server| server.block.iter().any(sends_away)))
}

/// The `server` blocks, wherever they are.
fn servers(tree: &[Directive]) -> Vec<&Directive> {
    let all = tree.iter().flat_map(Directive::all);
    // Those of an upstream have no block.
    all.filter(|one| one.name == "server" && !one.block.is_empty())
        .collect()
}

fn listens(server: &Directive, port: u64) -> bool {
    let mut listens = server.block.iter().filter(|one| one.name == "listen").peekable();
    if listens.peek().is_none() {
        return port == 80;
    }
    let of = |listen: &Directive| {
        let address = listen.arguments.first()?;
        address.rsplit(':').next()?.parse::<u64>().ok()
    };
    // An address without a port is one on port 80.
    listens.any(|listen| of(listen).unwrap_or(80) == port && !listen.arguments.iter().any(|word| word == "ssl"))
}

/// True if a directive of a server redirects every request, or every one in plain HTTP, to https.
fn sends_away(one: &Directive) -> bool {
    let is_away = |one: &Directive| {
        let mut words = one.arguments.iter();
        matches!(one.name.as_str(), "return" | "rewrite") && words.any(|word| word.starts_with("https://"))
    };
    let is_for_all = match one.name.as_str() {
        "location" => one.arguments.last().is_some_and(|path| path == "/"),
        "if" => one
            .arguments
            .iter()
            .any(|word| word.contains("scheme") || word.contains("https")),
        _ => false,
    };
    is_away(one) || is_for_all && one.block.iter().any(is_away)
}

fn is_redirection(text: &str) -> bool {
    // Examples in comments redirect as well.
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    let words: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
    let text = words.join(" ").to_lowercase();
    REDIRECTIONS.iter().any(|redirection| text.contains(redirection))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn name_and_certificate_are_those_of_the_server_over_tls() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("nginx.conf");
        let service = serde_json::json!({ "volumes": [{ "type": "bind", "source": path.display().to_string() }] });
        let found = |server: &str| {
            fs::write(
                &path,
                format!("http {{ server {{ listen 80; server_name plain.example; }} {server} }}"),
            )
            .unwrap();
            tls_server(&serde_json::Value::Null, &service, 443)
        };
        let certificate = "ssl_certificate /tls/c.pem; ssl_certificate_key /tls/k.pem;";
        let both = Some(("shop.example".to_owned(), "/tls/c.pem".to_owned()));
        assert_eq!(
            found(&format!(
                "server {{ listen [::]:443 ssl; server_name _ shop.example www.shop.example; {certificate} }}"
            )),
            both
        );
        for other in [
            format!("server {{ listen 443 ssl; server_name _ *.example ~^a$ $host; {certificate} }}"),
            format!("server {{ listen 8443 ssl; server_name shop.example; {certificate} }}"),
            "server { listen 443 ssl; server_name shop.example; ssl_certificate $name.pem; }".to_owned(),
        ] {
            assert_eq!(found(&other), None, "{other}");
        }
    }

    #[test]
    fn requests_are_logged_unless_every_log_is_off_or_of_an_unknown_format() {
        let config = |target: &str, content: &str| {
            let service = serde_json::json!({ "configs": [{ "source": "nginx", "target": target }] });
            let configuration = serde_json::json!({ "configs": { "nginx": { "content": content } } });
            logs_requests(&configuration, &service)
        };
        let (whole, part) = ("/etc/nginx/nginx.conf", "/etc/nginx/conf.d/default.conf");
        for (target, content, expected) in [
            (part, "server { listen 80; }", true),
            (part, "server { access_log /dev/stdout main; }", true),
            (part, "server { access_log off; }", false),
            (whole, "http { server { listen 80; } }", true),
            (whole, "http { access_log off; }", false),
            (
                whole,
                "http { access_log off; server { access_log /dev/stdout; } }",
                true,
            ),
            (whole, "http { access_log /dev/stdout main; }", false),
            (
                whole,
                "http { log_format main '$status'; access_log /dev/stdout main; }",
                true,
            ),
        ] {
            assert_eq!(config(target, content), expected, "{content}");
        }
        assert!(logs_requests(&Value::Null, &Value::Null));
    }

    #[test]
    fn a_server_of_nginx_redirects_all_or_it_does_not() {
        let away = "return 301 https://$host$request_uri;";
        let tls = "server { listen 443 ssl; location / { proxy_pass http://api; } }";
        for (text, port, expected) in [
            (format!("server {{ listen 80; {away} }} {tls}"), 80, Some(true)),
            (
                format!("server {{ listen [::]:8080 default_server; location / {{ {away} }} }}"),
                8080,
                Some(true),
            ),
            (format!("server {{ {away} }}"), 80, Some(true)),
            (
                format!("server {{ listen 80; listen 443 ssl; if ($scheme = http) {{ {away} }} }}"),
                80,
                Some(true),
            ),
            // One name is sent away, the application answers under another.
            (
                format!("server {{ listen 80; server_name www.x; {away} }} server {{ listen 80; root /srv; }}"),
                80,
                Some(false),
            ),
            (
                format!("server {{ listen 80; location /old {{ {away} }} location / {{ proxy_pass http://api; }} }}"),
                80,
                Some(false),
            ),
            (format!("http {{ upstream a {{ server api:80; }} {tls} }}"), 80, None),
            ("frontend x\n  bind :80".to_owned(), 80, None),
        ] {
            assert_eq!(of_nginx(&text, port), expected, "{text}");
        }
    }

    #[test]
    fn a_redirection_is_told_by_its_words() {
        for (text, expected) in [
            ("server { listen 80;\n  return   301 https://$host$request_uri; }", true),
            ("# return 301 https://$host;", false),
            ("Redirect permanent / https://shop.example/", true),
            ("http-request redirect scheme https unless { ssl_fc }", true),
            (
                "[\"--entrypoints.web.http.redirections.entryPoint.scheme=https\"]",
                true,
            ),
            ("server { listen 80; proxy_pass http://api; }", false),
        ] {
            assert_eq!(is_redirection(text), expected, "{text}");
        }
    }
}
