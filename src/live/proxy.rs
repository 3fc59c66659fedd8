//! The rate limits of an Nginx, read from the output of `nginx -T`.

use regex::{Regex, RegexBuilder};

use crate::evidence::BucketKey;
use crate::nginx::{Directive, directives};

/// Prefix of the line that begins each file in the output of `nginx -T`.
const FILE: &str = "# configuration file ";
/// Status of refusals if the configuration names none.
const DEFAULT_STATUS: u16 = 503;
/// Depth to which nested includes are followed.
const DEEPEST: usize = 8;

/// `limit_req` of one zone, in every location that names it.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestLimit {
    /// Its zone.
    pub zone: String,
    /// Requests a second.
    pub rate: f64,
    /// Requests beyond the rate that are accepted at once.
    pub burst: u32,
    /// Key by which requests count together.
    pub key: BucketKey,
}

/// `limit_conn` of one zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionLimit {
    /// Its zone.
    pub zone: String,
    /// Concurrent requests allowed.
    pub most: u32,
    /// Key by which requests count together.
    pub key: BucketKey,
}

/// A `location` and the limits in force there.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// `=`, `^~`, `~`, `~*`, or nothing for a prefix.
    pub modifier: String,
    /// The path, or the expression.
    pub path: String,
    /// Limits of requests.
    pub requests: Vec<RequestLimit>,
    /// Limits of connections.
    pub connections: Vec<ConnectionLimit>,
}

/// Status of refusals that these directives set.
fn status_in<'a>(directives: impl IntoIterator<Item = &'a Directive>) -> Option<u16> {
    let mut directives = directives.into_iter();
    let own = directives.find(|one| one.name == "limit_req_status")?;
    own.arguments.first()?.parse().ok()
}

/// Status of refusals in that server: of its first block with a limit and a status of its own, else the server's, else that of
/// all servers.
fn refusal_status(server: Option<&Directive>, http: &[&Directive]) -> Option<u16> {
    let inside = server.map(Directive::all).unwrap_or_default();
    let mut limiting = inside
        .iter()
        .filter(|one| one.block.iter().any(|own| own.name == "limit_req"));
    limiting
        .find_map(|one| status_in(&one.block))
        .or_else(|| status_in(&server?.block))
        .or_else(|| status_in(http.iter().copied()))
}

/// The limits of a proxy's server block.
#[derive(Debug, Clone, PartialEq)]
pub struct ProxyLimits {
    /// Its locations; `/` is added if there is none.
    pub routes: Vec<Route>,
    /// Status of refusals.
    pub status: u16,
}

impl ProxyLimits {
    /// Reads the dump. Of several servers the first with a limit is taken, otherwise the first.
    pub fn read(dump: &str) -> Self {
        let mut all: Vec<Directive> = Vec::new();
        let files = files(dump);
        if let Some((_, main)) = files.first() {
            all = included(main, &files, 0);
        }
        let http: Vec<&Directive> = all
            .iter()
            .filter(|one| one.name == "http")
            .flat_map(|one| &one.block)
            .collect();
        let zones = Zones::from_directives(&http);
        let outer = zones.limits(&http, &Route::unrestricted());
        let blocks: Vec<&Directive> = http.iter().copied().filter(|one| one.name == "server").collect();
        let mut servers: Vec<Vec<Route>> = blocks.iter().map(|server| zones.server(server, &outer)).collect();
        let limited = servers.iter().position(|routes| routes.iter().any(Route::is_limited));
        let chosen = limited.unwrap_or(0);
        let routes = if servers.is_empty() {
            vec![outer]
        } else {
            servers.swap_remove(chosen)
        };
        Self {
            routes,
            status: refusal_status(blocks.get(chosen).copied(), &http).unwrap_or(DEFAULT_STATUS),
        }
    }

    /// The location of a request for that path, in Nginx's order: the exact location, the longest prefix if it is `^~`, the
    /// first expression that matches, the longest prefix.
    /// Source: <https://nginx.org/en/docs/http/ngx_http_core_module.html#location>.
    pub fn route(&self, path: &str) -> Option<&Route> {
        let exact = self
            .routes
            .iter()
            .find(|route| route.modifier == "=" && route.path == path);
        let prefixes = self
            .routes
            .iter()
            .filter(|route| matches!(route.modifier.as_str(), "" | "^~"));
        let fits = prefixes.filter(|route| path.starts_with(&route.path));
        let longest = fits.max_by_key(|route| route.path.len());
        let is_final = longest.is_some_and(|route| route.modifier == "^~");
        let mut expressions = self.routes.iter().filter(|_| !is_final);
        let matching = expressions.find(|route| {
            route
                .expression()
                .is_some_and(|tried| tried.is_ok_and(|it| it.is_match(path)))
        });
        exact.or(matching).or(longest)
    }

    /// Locations whose expression cannot be compiled: Nginx allows look-around and back-references, which are not supported here.
    pub fn untried(&self) -> impl Iterator<Item = &str> {
        let cannot = |route: &&Route| matches!(route.expression(), Some(Err(_)));
        self.routes.iter().filter(cannot).map(|route| route.path.as_str())
    }

    /// True if there is any limit.
    pub fn is_limited(&self) -> bool {
        self.routes.iter().any(Route::is_limited)
    }
}

impl Route {
    fn unrestricted() -> Self {
        Self {
            modifier: String::new(),
            path: "/".to_owned(),
            requests: Vec::new(),
            connections: Vec::new(),
        }
    }

    fn is_limited(&self) -> bool {
        !self.requests.is_empty() || !self.connections.is_empty()
    }

    /// Its compiled expression; `None` if it is not one.
    fn expression(&self) -> Option<Result<Regex, regex::Error>> {
        let ignore_case = match self.modifier.as_str() {
            "~" => false,
            "~*" => true,
            _ => return None,
        };
        Some(RegexBuilder::new(&self.path).case_insensitive(ignore_case).build())
    }
}

/// Declarations of `limit_req_zone` and `limit_conn_zone`.
struct Zones {
    /// Zone, key, requests a second.
    rates: Vec<(String, BucketKey, f64)>,
    connections: Vec<(String, BucketKey)>,
}

impl Zones {
    fn from_directives(http: &[&Directive]) -> Self {
        let named = |one: &Directive| Some(one.value("zone")?.split(':').next()?.to_owned());
        let of = |name: &'static str| http.iter().filter(move |one| one.name == name);
        let rates = of("limit_req_zone").filter_map(|one| Some((named(one)?, key(one)?, rate(one.value("rate")?)?)));
        let connections = of("limit_conn_zone").filter_map(|one| Some((named(one)?, key(one)?)));
        Self {
            rates: rates.collect(),
            connections: connections.collect(),
        }
    }

    /// The limits set in a block; those of the enclosing block if it sets none.
    fn limits<'a>(&self, block: impl IntoIterator<Item = &'a &'a Directive>, around: &Route) -> Route {
        let (mut requests, mut connections) = (Vec::new(), Vec::new());
        for one in block {
            match one.name.as_str() {
                "limit_req" => requests.extend(self.request_limit(one)),
                "limit_conn" => connections.extend(self.connection_limit(one)),
                _ => {}
            }
        }
        Route {
            requests: if requests.is_empty() {
                around.requests.clone()
            } else {
                requests
            },
            connections: if connections.is_empty() {
                around.connections.clone()
            } else {
                connections
            },
            ..around.clone()
        }
    }

    fn request_limit(&self, one: &Directive) -> Option<RequestLimit> {
        let zone = one.value("zone")?;
        let (_, key, rate) = self.rates.iter().find(|(name, ..)| name == zone)?;
        Some(RequestLimit {
            zone: zone.to_owned(),
            rate: *rate,
            // Nginx's default: whatever exceeds the rate is refused.
            burst: one.value("burst").and_then(|burst| burst.parse().ok()).unwrap_or(0),
            key: key.clone(),
        })
    }

    fn connection_limit(&self, one: &Directive) -> Option<ConnectionLimit> {
        let zone = one.arguments.first()?;
        let (_, key) = self.connections.iter().find(|(name, _)| name == zone)?;
        Some(ConnectionLimit {
            zone: zone.clone(),
            most: one.arguments.get(1)?.parse().ok()?,
            key: key.clone(),
        })
    }

    fn server(&self, server: &Directive, outer: &Route) -> Vec<Route> {
        let block: Vec<&Directive> = server.block.iter().collect();
        let around = self.limits(&block, outer);
        let mut routes = Vec::new();
        self.locations(&server.block, &around, &mut routes);
        // What no location matches is answered under the limits of the server itself.
        if !routes.iter().any(|route| route.path == "/") {
            routes.push(around);
        }
        routes
    }

    fn locations(&self, block: &[Directive], around: &Route, routes: &mut Vec<Route>) {
        for location in block.iter().filter(|one| one.name == "location") {
            let (modifier, path) = match location.arguments.as_slice() {
                [path] => (String::new(), path.clone()),
                [modifier, path] => (modifier.clone(), path.clone()),
                _ => continue,
            };
            let inside: Vec<&Directive> = location.block.iter().collect();
            let limits = self.limits(&inside, around);
            // Nested locations come before the one around them, as Nginx tries them first.
            self.locations(&location.block, &limits, routes);
            routes.push(Route {
                modifier,
                path,
                ..limits
            });
        }
    }
}

fn key(zone: &Directive) -> Option<BucketKey> {
    Some(match zone.arguments.first()?.as_str() {
        "$binary_remote_addr" | "$remote_addr" => BucketKey::Client,
        // A front door has one name, so that all of its requests have the same value.
        "$server_name" | "$host" | "$http_host" => BucketKey::Together,
        constant if !constant.contains('$') => BucketKey::Together,
        other => BucketKey::Variable(other.to_owned()),
    })
}

/// `10r/s` or `600r/m` in requests a second.
fn rate(text: &str) -> Option<f64> {
    let (number, unit) = text.split_once("r/")?;
    let number: f64 = number.parse().ok()?;
    match unit {
        "s" => Some(number),
        "m" => Some(number / 60.0),
        _ => None,
    }
}

/// The files of a dump in order, with their paths; a text without such lines is one file.
fn files(dump: &str) -> Vec<(String, Vec<Directive>)> {
    let mut parts: Vec<(String, String)> = Vec::new();
    for line in dump.lines() {
        let path = line.strip_prefix(FILE).and_then(|rest| rest.strip_suffix(':'));
        if let Some(path) = path {
            parts.push((path.to_owned(), String::new()));
            continue;
        }
        if parts.is_empty() {
            parts.push((String::new(), String::new()));
        }
        if let Some((_, text)) = parts.last_mut() {
            text.push_str(line);
            text.push('\n');
        }
    }
    // The text before the first file is output of the configuration test.
    if parts.len() > 1 && parts[0].0.is_empty() {
        parts.remove(0);
    }
    parts
        .into_iter()
        .map(|(path, text)| (path, directives(&text)))
        .collect()
}

/// The directives with each `include` replaced by the content of the files it names.
fn included(block: &[Directive], files: &[(String, Vec<Directive>)], depth: usize) -> Vec<Directive> {
    let mut all = Vec::new();
    for one in block {
        if one.name == "include" && depth < DEEPEST {
            let pattern = one.arguments.first().map_or("", String::as_str);
            let named = files.iter().filter(|(path, _)| matches(pattern, path));
            all.extend(named.flat_map(|(_, inside)| included(inside, files, depth + 1)));
        } else {
            let block = included(&one.block, files, depth);
            all.push(Directive { block, ..one.clone() });
        }
    }
    all
}

/// True if the pattern of an `include` names the path; a relative pattern is compared with the end of the path.
fn matches(pattern: &str, path: &str) -> bool {
    let path = if pattern.starts_with('/') {
        path
    } else {
        let depth = pattern.matches('/').count() + 1;
        let start = path.rmatch_indices('/').nth(depth - 1).map_or(0, |(at, _)| at + 1);
        &path[start..]
    };
    match pattern.split_once('*') {
        None => pattern == path,
        Some((before, after)) => {
            // As `glob(3)`, with which Nginx finds the files: a star does not cross folders.
            let rest = path.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
            rest.is_some_and(|rest| !rest.contains('/'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFERENCE: &str = include_str!("../../stack/nginx/nginx.conf");

    #[test]
    fn the_reference_stacks_limits_are_read() {
        let limits = ProxyLimits::read(REFERENCE);
        let api = limits.route("/api/projects").unwrap();
        assert_eq!((api.path.as_str(), limits.status), ("/api", 503));
        assert_eq!(
            api.requests,
            [RequestLimit {
                zone: "api".to_owned(),
                rate: 10.0,
                burst: 20,
                key: BucketKey::Client
            }]
        );
        assert_eq!(
            api.connections,
            [ConnectionLimit {
                zone: "addresses".to_owned(),
                most: 10,
                key: BucketKey::Client
            }]
        );
        for path in ["/", "/login", "/_next/static/x.js", "/nginx-health"] {
            assert!(!limits.route(path).unwrap().is_limited(), "{path}");
        }
        assert_eq!(limits.route("/nginx-health").unwrap().modifier, "=");
    }

    #[test]
    fn the_status_of_refusals_is_that_of_the_server_with_the_limit() {
        let zone = "limit_req_zone $binary_remote_addr zone=a:1m rate=5r/s;";
        let other = "server { limit_req_status 418; location / { } }";
        for (outer, server, expected) in [
            ("", "limit_req zone=a;", DEFAULT_STATUS),
            ("limit_req_status 429;", "limit_req zone=a;", 429),
            (
                "limit_req_status 429;",
                "limit_req_status 444; location / { limit_req zone=a; }",
                444,
            ),
            (
                "limit_req_status 429;",
                "location / { limit_req zone=a; limit_req_status 420; }",
                420,
            ),
            (
                "limit_req_status 429;",
                "location /b { limit_req_status 420; } location / { limit_req zone=a; }",
                429,
            ),
        ] {
            let dump = format!(
                "# configuration file /etc/nginx/nginx.conf:\nhttp {{ {outer} {zone} {other} server {{ {server} }} }}\n"
            );
            assert_eq!(ProxyLimits::read(&dump).status, expected, "{outer} {server}");
        }
    }

    #[test]
    fn includes_inheritance_and_other_keys_are_followed() {
        let dump = "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\n\
            # configuration file /etc/nginx/nginx.conf:\nhttp {\n include conf.d/*.conf;\n limit_req_status 429;\n}\n\
            # configuration file /etc/nginx/mime.types:\ntypes { text/html html; }\n\
            # configuration file /etc/nginx/conf.d/zones.conf:\n\
            limit_req_zone $server_name zone=all:1m rate=600r/m;\nlimit_req_zone $http_x_token zone=token:1m rate=5r/s;\n\
            # configuration file /etc/nginx/conf.d/site.conf:\n\
            server { listen 80; return 301 https://$host$request_uri; }\n\
            server { limit_req zone=all burst=3; location /a { location /a/b { limit_req zone=token; } } location ~ \\.php$ { } }\n";
        let limits = ProxyLimits::read(dump);
        assert_eq!(limits.status, 429);
        let zone = |path: &str| {
            let limit = &limits.route(path).unwrap().requests[0];
            (limit.zone.clone(), limit.rate, limit.burst, limit.key.clone())
        };
        assert_eq!(zone("/"), ("all".to_owned(), 10.0, 3, BucketKey::Together));
        assert_eq!(zone("/a/c"), ("all".to_owned(), 10.0, 3, BucketKey::Together));
        assert_eq!(
            zone("/a/b/c"),
            (
                "token".to_owned(),
                5.0,
                0,
                BucketKey::Variable("$http_x_token".to_owned())
            )
        );
    }

    #[test]
    fn expressions_are_tried_in_their_turn() {
        let limits = ProxyLimits::read(
            "http { limit_req_zone $remote_addr zone=api:1m rate=1r/s; server {\n\
             location /static { } location ^~ /assets { } location = /API { } location /api { }\n\
             location ~ ^/api/[a-z]+/\\d+$ { limit_req zone=api; } location ~* \\.PHP$ { } location ~ ^/(?!x) { } } }",
        );
        for (path, modifier, location) in [
            ("/api/projects/7", "~", "^/api/[a-z]+/\\d+$"),
            ("/api/projects", "", "/api"),
            ("/API", "=", "/API"),
            ("/static/index.php", "~*", "\\.PHP$"),
            ("/assets/index.php", "^~", "/assets"),
            ("/", "", "/"),
        ] {
            let route = limits.route(path).unwrap();
            assert_eq!(
                (route.modifier.as_str(), route.path.as_str()),
                (modifier, location),
                "{path}"
            );
        }
        assert_eq!(limits.untried().collect::<Vec<_>>(), ["^/(?!x)"]);
    }

    #[test]
    fn what_has_no_limits_has_none() {
        for text in [
            "",
            "events { }",
            "http { server { location / { } } }",
            "http { server { limit_req zone=unknown; } }",
        ] {
            assert!(!ProxyLimits::read(text).is_limited(), "{text}");
        }
    }

    #[test]
    fn an_include_names_files_by_pattern() {
        assert!(matches("/etc/nginx/conf.d/*.conf", "/etc/nginx/conf.d/a.conf"));
        assert!(matches("conf.d/*.conf", "/etc/nginx/conf.d/a.conf"));
        assert!(matches("mime.types", "/etc/nginx/mime.types"));
        assert!(!matches("conf.d/*.conf", "/etc/nginx/conf.d/a.types"));
        assert!(!matches("/etc/nginx/*.conf", "/etc/nginx/conf.d/a.conf"));
    }
}
