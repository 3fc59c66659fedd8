//! Role and version of a service, from the name of its image.

/// Role of a service, as far as its image or its name shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Accepts requests and forwards them to other services.
    Proxy,
    /// A `PostgreSQL` database.
    Postgres,
    /// Another store or broker, which takes no requests of users.
    Store,
    /// Works on the host or on the outside world: it must not run in an isolated copy.
    Outside,
    /// Observes or administers other services; users do not see it.
    Tool,
    /// Anything else.
    Application,
}

/// Words in names of images and their roles; the first match counts.
// The first match wins, so tools and helpers that are named after what they serve (`postgres_exporter`,
// `nginx-prometheus`, `pgadmin`) come before it.
const WORDS: &[(&str, Role)] = &[
    ("exporter", Role::Tool),
    ("pgadmin", Role::Tool),
    ("adminer", Role::Tool),
    ("prometheus", Role::Tool),
    ("grafana", Role::Tool),
    ("mailhog", Role::Tool),
    ("mailpit", Role::Tool),
    ("certbot", Role::Outside),
    ("lego", Role::Outside),
    ("watchtower", Role::Outside),
    ("autoheal", Role::Outside),
    ("cloudflared", Role::Outside),
    ("ngrok", Role::Outside),
    ("ddns", Role::Outside),
    ("backup", Role::Outside),
    ("postgres", Role::Postgres),
    ("postgis", Role::Postgres),
    ("pgvector", Role::Postgres),
    ("timescale", Role::Postgres),
    ("redis", Role::Store),
    ("valkey", Role::Store),
    ("memcached", Role::Store),
    ("mysql", Role::Store),
    ("mariadb", Role::Store),
    ("mongo", Role::Store),
    ("rabbitmq", Role::Store),
    ("kafka", Role::Store),
    ("elasticsearch", Role::Store),
    ("minio", Role::Store),
    ("nginx", Role::Proxy),
    ("traefik", Role::Proxy),
    ("caddy", Role::Proxy),
    ("haproxy", Role::Proxy),
    ("envoy", Role::Proxy),
    ("httpd", Role::Proxy),
];

/// The role of that image; if no word matches its name, that of the service's name.
pub fn role(image: &str, service: &str) -> Role {
    let known = |text: &str| {
        WORDS
            .iter()
            .find(|(word, _)| text.contains(word))
            .map(|(_, role)| *role)
    };
    let by_name = match service {
        // Such names tell the role as a whole only: a service named `proxy-admin` may be anything.
        "proxy" | "gateway" | "ingress" | "reverse-proxy" => Some(Role::Proxy),
        _ => known(service),
    };
    // The image says more than the service's name, which is free: a service called `redis-ui` may run anything.
    known(base(image)).or(by_name).unwrap_or(Role::Application)
}

/// The name without registry and tag: `postgres` of `docker.io/library/postgres:18`.
pub fn base(image: &str) -> &str {
    // A registry may have a port (`host:5000/nginx:1.27`), so the tag is looked for behind the last slash only.
    let last = image.rsplit('/').next().unwrap_or(image);
    last.split([':', '@']).next().unwrap_or(last)
}

/// The major version in the tag; `None` if the tag does not begin with a number or is absent.
pub fn major(image: &str) -> Option<u32> {
    let last = image.rsplit('/').next().unwrap_or(image);
    // A digest may follow the tag (`postgres:16@sha256:…`), and its own `:` is no tag.
    let tag = last.split('@').next()?.split_once(':')?.1;
    // `16-alpine`, `16.4` and `16rc1` are all of version 16.
    let digits = tag.split(|letter: char| !letter.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use crate::evidence::image::*;

    #[test]
    fn an_image_tells_what_the_service_does() {
        for (image, service, expected) in [
            ("postgres:18-alpine", "x", Role::Postgres),
            ("registry.example:5000/mirror/postgis/postgis:16", "x", Role::Postgres),
            ("prometheuscommunity/postgres-exporter", "metrics", Role::Tool),
            ("certbot/certbot:latest", "x", Role::Outside),
            ("nginx:1.27", "edge", Role::Proxy),
            ("registry.example/nginx-team/shop:3", "web", Role::Application),
            ("", "proxy", Role::Proxy),
            ("", "postgres", Role::Postgres),
            ("shop/api", "api", Role::Application),
        ] {
            assert_eq!(role(image, service), expected, "{image} {service}");
        }
    }

    #[test]
    fn a_tag_tells_the_version() {
        assert_eq!(major("postgres:18.1-alpine"), Some(18));
        assert_eq!(major("localhost:5000/postgres"), None);
        assert_eq!(major("postgres:latest"), None);
        assert_eq!(major("postgres:16@sha256:00"), Some(16));
    }
}
