//! Sentences on changes to Compose's configuration.

use super::size_change;
use crate::evidence::{PartKind, Rewrite};

fn kind(kind: PartKind) -> &'static str {
    match kind {
        PartKind::Network => "network",
        PartKind::Volume => "volume",
    }
}

/// A network or volume with another name, before and after.
fn renamed(part: PartKind, before: &str, after: &str, external: bool) -> String {
    let fresh = if external {
        ", a new one in place of the external one"
    } else {
        ""
    };
    format!("{} {before} → {after}{fresh}", kind(part))
}

/// Labels that were left out.
fn without_labels(part: Option<PartKind>, name: &str, labels: &[String]) -> String {
    let part = part.map_or_else(String::new, |part| format!("{} ", kind(part)));
    format!("labels of {part}{name}: {} → left out", labels.join(", "))
}

/// A change to Compose's configuration: `restart policy of api → none`.
pub fn rewrite(change: &Rewrite) -> String {
    match change {
        Rewrite::LeftOut { service } => format!("service {service} → left out"),
        Rewrite::Image {
            service,
            before,
            built,
            after,
        } => {
            let before = before.as_deref().unwrap_or(if *built { "built" } else { "none" });
            format!("image of {service}: {before} → {after}")
        }
        Rewrite::BuiltAs { service, image, own } => format!("image of {service}: {image} → built as {own}"),
        Rewrite::Container { before, after } => format!("container {before} → {after}-1"),
        Rewrite::Renamed {
            kind: part,
            before,
            after,
            external,
        } => renamed(*part, before, after, *external),
        Rewrite::Subnet { network } => format!("network {network}: its fixed subnet → one the engine chooses"),
        Rewrite::Ipv6 { network } => format!("network {network}: IPv6 is left out with its subnet"),
        Rewrite::DriverOptions { network } => format!("network {network}: its driver's options are left out"),
        Rewrite::Labels {
            kind: part,
            name,
            labels,
        } => without_labels(*part, name, labels),
        Rewrite::RestartPolicy { service } => format!("restart policy of {service} → none"),
        Rewrite::LogDriver { service, driver } => format!("log driver of {service}: {driver} → the engine's own"),
        Rewrite::Unpublished { service, port, host } => format!("port {port} of {service}: {host} → not published"),
        Rewrite::Published {
            service,
            port,
            database,
        } => {
            let what = if *database { "the database" } else { "the front door" };
            format!("port {port} of {service}, {what} → a free port of 127.0.0.1")
        }
        Rewrite::Copied {
            service,
            target,
            source,
        } => format!("{target} of {service}: {source} → a copy"),
        Rewrite::ClientAddress { service, target } => {
            format!("{target} of {service}: a copy that takes the client's address from the harness")
        }
        Rewrite::Environment { service, key } => format!("environment of {service}: {key} set by the stack file"),
        Rewrite::Arguments { service, arguments } => {
            format!("command of {service}: {} appended", arguments.join(" "))
        }
        Rewrite::RateLimit { service, limit } => format!("rate limit of {service}: {limit} → lifted"),
        Rewrite::FrontDoors { service, count } => {
            format!("front door: {count} replicas of {service}, which users take in turn")
        }
        Rewrite::Without { service, key } => format!("{key} of {service} → left out"),
        Rewrite::Emptied {
            service,
            target,
            source,
        } => format!("{target} of {service}: {source} → an empty volume"),
        Rewrite::FreshVolume { volume, before } => format!("volume {volume}: {before} → a new, empty one"),
        Rewrite::MadeUp { secret, name, before } => {
            let kind = if *secret { "secret" } else { "config" };
            format!("{kind} {name}: {before} → made up")
        }
        Rewrite::Opened { service } => {
            format!("networks of {service}: all are internal → one more, through which its port is published")
        }
        Rewrite::Resized(change) => size_change(change),
        Rewrite::Verbatim(sentence) => sentence.clone(),
    }
}
