//! Nginx's log formats: `'$remote_addr "$request" rt=$request_time'` is compiled once, and lines are parsed with it.
//! Source: <https://nginx.org/en/docs/http/ngx_http_log_module.html#log_format>.

use super::{Directive, directives};

/// Nginx's `combined` format, for logs that name no other.
pub const COMBINED: &str = "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" \"$http_user_agent\"";

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Variable(String),
}

/// A log format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFormat {
    pieces: Vec<Piece>,
}

impl LogFormat {
    /// Compiles a format; everything but its variables is literal text.
    pub fn compile(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            literal.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            let braced = after.strip_prefix('{').and_then(|inside| inside.split_once('}'));
            let (name, left) = braced.unwrap_or_else(|| {
                let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
                after.split_at(after.find(|letter| !is_part(letter)).unwrap_or(after.len()))
            });
            if name.is_empty() {
                literal.push('$');
            } else {
                if !literal.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut literal)));
                }
                pieces.push(Piece::Variable(name.to_owned()));
            }
            rest = left;
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            pieces.push(Piece::Text(literal));
        }
        Self { pieces }
    }

    /// True if the format holds that variable.
    pub fn has(&self, variable: &str) -> bool {
        self.pieces
            .iter()
            .any(|piece| matches!(piece, Piece::Variable(name) if name == variable))
    }

    /// The values of those variables in a line; `None` if the line does not match the format.
    pub fn read<'a, const N: usize>(&self, line: &'a str, wanted: [&str; N]) -> Option<[Option<&'a str>; N]> {
        let mut values = [None; N];
        let mut rest = line;
        let mut pieces = self.pieces.iter().peekable();
        while let Some(piece) = pieces.next() {
            match piece {
                Piece::Text(text) => rest = rest.strip_prefix(text.as_str())?,
                Piece::Variable(name) => {
                    let end = match pieces.peek() {
                        None => rest.len(),
                        Some(Piece::Text(text)) if name.starts_with("upstream_") => find_after_list(rest, text)?,
                        Some(Piece::Text(text)) => find(rest, text)?,
                        // Without text between two variables, the end of the first is unknown.
                        Some(Piece::Variable(_)) => 0,
                    };
                    let (value, left) = rest.split_at(end);
                    if let Some(at) = wanted.iter().position(|wanted| wanted == name) {
                        values[at] = Some(value);
                    }
                    rest = left;
                }
            }
        }
        Some(values)
    }
}

/// Position of the first occurrence of `text`. An escaped quotation mark is part of the value before it.
fn find(line: &str, text: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + line.get(from..)?.find(text)?;
        let escapes = line[..at].bytes().rev().take_while(|byte| *byte == b'\\').count();
        if !text.starts_with('"') || escapes % 2 == 0 {
            return Some(at);
        }
        from = at + 1;
    }
}

/// The same after a list of upstreams, which Nginx separates by `, `, or by ` : ` after an internal redirect: a separator is
/// part of the value.
fn find_after_list(line: &str, text: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + find(line.get(from..)?, text)?;
        let (before, after) = line.split_at(at);
        let is_separator = before.ends_with(',') && after.starts_with(' ')
            || before.ends_with(" :")
            || after.starts_with(" : ")
            || (after.starts_with(", ") && !text.starts_with(", "));
        if !is_separator {
            return Some(at);
        }
        from = at + 1;
    }
}

/// Path and format of an Nginx access log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessLog {
    /// Path of the log.
    pub path: String,
    /// Text of the format.
    pub format: String,
}

/// The access log of the outermost block that has one, from the output of `nginx -T`; Nginx's default path if there is
/// no directive; `None` if all are off, or the format is not declared.
pub fn access_log(dump: &str) -> Option<AccessLog> {
    let tree = directives(dump);
    let all: Vec<&Directive> = tree.iter().flat_map(Directive::all).collect();
    let logs = all.iter().filter(|one| one.name == "access_log");
    let log = logs
        .filter(|one| one.arguments.first().is_some_and(|path| path != "off"))
        .min_by_key(|one| depth(&tree, one));
    let is_off = all.iter().any(|one| one.name == "access_log");
    let (path, name) = match log {
        Some(log) => (
            log.arguments.first()?.clone(),
            // Parameters such as `buffer=32k` may follow the path without a format's name.
            log.arguments.get(1).filter(|name| !name.contains('=')),
        ),
        None if is_off => return None,
        // The path that packages and the official image are built with (`--http-log-path`).
        None => ("/var/log/nginx/access.log".to_owned(), None),
    };
    let name = name.map_or("combined", String::as_str);
    let declared = all
        .iter()
        .find(|one| one.name == "log_format" && one.arguments.first().is_some_and(|own| own == name));
    let format = match declared {
        Some(one) => one
            .arguments
            .iter()
            .skip(1)
            // A parameter before the format, which Nginx joins from all strings behind it.
            .filter(|part| !part.starts_with("escape="))
            .cloned()
            .collect(),
        None if name == "combined" => COMBINED.to_owned(),
        None => return None,
    };
    Some(AccessLog { path, format })
}

fn depth(tree: &[Directive], wanted: &Directive) -> usize {
    let inside = |one: &&Directive| one.all().iter().any(|other| std::ptr::eq(*other, wanted));
    match tree.iter().find(inside) {
        Some(one) if !std::ptr::eq(one, wanted) => 1 + depth(&one.block, wanted),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_by_its_format() {
        let format = LogFormat::compile(
            "$remote_addr [$time_local] \"$request\" \"$http_user_agent\" rt=$request_time uct=\"$upstream_connect_time\" ${status}ms $",
        );
        let line = "198.18.0.1 [23/Nov/2025:12:00:00 +0000] \"GET /a?b=\\x22c HTTP/1.1\" \"x y\" rt=0.012 uct=\"0.001, 0.002\" 200ms $";
        let found = format
            .read(
                line,
                [
                    "request_time",
                    "upstream_connect_time",
                    "status",
                    "http_user_agent",
                    "nothing",
                ],
            )
            .unwrap();
        assert_eq!(
            found,
            [Some("0.012"), Some("0.001, 0.002"), Some("200"), Some("x y"), None]
        );
        assert!(format.has("request_time") && !format.has("request"[1..].trim()));
        assert_eq!(
            format.read("2025/11/23 12:00:00 [error] 29#29: limiting requests", ["request_time"]),
            None
        );
    }

    #[test]
    fn a_quote_within_json_ends_nothing() {
        let format = LogFormat::compile("{\"agent\":\"$http_user_agent\",\"rt\":$request_time}");
        let line = "{\"agent\":\"a \\\"b\\\",\\\\\",\"rt\":0.100}";
        let found = format.read(line, ["http_user_agent", "request_time"]).unwrap();
        assert_eq!(found, [Some("a \\\"b\\\",\\\\"), Some("0.100")]);
    }

    #[test]
    fn the_access_log_is_found_in_the_configuration() {
        let reference = access_log(include_str!("../../../stack/nginx/nginx.conf")).unwrap();
        assert_eq!(reference.path, "/dev/stdout");
        let format = LogFormat::compile(&reference.format);
        for variable in [
            "http_x_request_id",
            "request_time",
            "upstream_connect_time",
            "upstream_header_time",
            "upstream_response_time",
        ] {
            assert!(format.has(variable), "{variable}");
        }
        let own = "http { log_format a escape=json '{\"t\":' '$request_time}'; server { access_log /x a buffer=8k; location / { access_log off; } } }";
        let expected = AccessLog {
            path: "/x".to_owned(),
            format: "{\"t\":$request_time}".to_owned(),
        };
        assert_eq!(access_log(own), Some(expected));
        assert_eq!(access_log("http { access_log off; }"), None);
        assert_eq!(access_log("http { access_log /x unknown; }"), None);
        let usual = access_log("http { server { } }").unwrap();
        assert_eq!(
            (usual.path.as_str(), usual.format.as_str()),
            ("/var/log/nginx/access.log", COMBINED)
        );
    }
}
