//! Tells from a proxy's configuration that its plain port only redirects to the one over TLS.

use std::fs;
use std::path::Path;

use serde_json::Value;

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

/// Bytes of a file that are read.
const MOST: u64 = 1 << 20;

/// True if the service's command or a configuration file mounted from the host redirects to https.
pub(super) fn redirects(service: &Value) -> bool {
    let mounts = service["volumes"].as_array().into_iter().flatten();
    let sources = mounts
        .filter(|mount| mount["type"] == "bind")
        .filter_map(|mount| mount["source"].as_str());
    let mut files = sources.flat_map(|source| texts(Path::new(&source.replace("$$", "$"))));
    is_redirection(&service["command"].to_string()) || files.any(|text| is_redirection(&text))
}

/// The texts of a file, or of the files in a folder.
fn texts(path: &Path) -> Vec<String> {
    let below = fs::read_dir(path)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    let files = std::iter::once(path.to_owned()).chain(below);
    let small = files.filter(|file| fs::metadata(file).is_ok_and(|data| data.is_file() && data.len() <= MOST));
    small
        .filter_map(|file| fs::read(file).ok())
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .collect()
}

fn is_redirection(text: &str) -> bool {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    let words: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
    let text = words.join(" ").to_lowercase();
    REDIRECTIONS.iter().any(|redirection| text.contains(redirection))
}

#[cfg(test)]
mod tests {
    use super::*;

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
