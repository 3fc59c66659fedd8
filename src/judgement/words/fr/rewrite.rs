//! Sentences on changes to Compose's configuration.

use super::size_change;
use crate::evidence::{PartKind, Rewrite};
use crate::words::quoted;

fn kind(kind: PartKind) -> &'static str {
    match kind {
        PartKind::Network => "réseau",
        PartKind::Volume => "volume",
    }
}

/// A network or volume with another name, before and after.
fn renamed(part: PartKind, before: &str, after: &str, external: bool) -> String {
    let fresh = if external {
        ", neuf à la place de l’externe"
    } else {
        ""
    };
    format!("{} {before} → {after}{fresh}", kind(part))
}

/// Labels that were left out.
fn without_labels(part: Option<PartKind>, name: &str, labels: &[String]) -> String {
    let part = part.map_or_else(String::new, |part| format!("{} ", kind(part)));
    format!("étiquettes de {part}{name} : {} → laissées de côté", labels.join(", "))
}

/// A port that is published on the loopback address.
fn published(service: &str, port: u16, database: bool) -> String {
    let what = if database {
        "la base de données"
    } else {
        "la porte d’entrée"
    };
    format!("port {port} de {service}, {what} → un port libre de `127.0.0.1`")
}

/// A change to Compose's configuration.
pub(super) fn rewrite(change: &Rewrite) -> String {
    match change {
        Rewrite::LeftOut { service } => format!("service {service} → laissé de côté"),
        Rewrite::Image {
            service,
            before,
            built,
            after,
        } => {
            let before = before
                .as_deref()
                .unwrap_or(if *built { "construite" } else { "aucune" });
            format!("image de {service} : {before} → {after}")
        }
        Rewrite::BuiltAs { service, image, own } => format!("image de {service} : {image} → construite comme {own}"),
        Rewrite::Container { before, after } => format!("conteneur {before} → {after}-1"),
        Rewrite::Renamed {
            kind: part,
            before,
            after,
            external,
        } => renamed(*part, before, after, *external),
        Rewrite::Subnet { network } => format!("réseau {network} : son sous-réseau fixe → un que choisit le moteur"),
        Rewrite::Ipv6 { network } => format!("réseau {network} : IPv6 disparaît avec son sous-réseau"),
        Rewrite::DriverOptions { network } => format!("réseau {network} : sans les options de son pilote"),
        Rewrite::Labels {
            kind: part,
            name,
            labels,
        } => without_labels(*part, name, labels),
        Rewrite::RestartPolicy { service } => format!("redémarrage de {service} → aucun"),
        Rewrite::LogDriver { service, driver } => {
            format!("pilote de journal de {service} : {driver} → celui du moteur")
        }
        Rewrite::Unpublished { service, port, host } => format!("port {port} de {service} : {host} → non publié"),
        Rewrite::Published {
            service,
            port,
            database,
        } => published(service, *port, *database),
        Rewrite::Copied {
            service,
            target,
            source,
        } => format!("{target} de {service} : {source} → une copie"),
        Rewrite::ClientAddress { service, target } => {
            format!("{target} de {service} : une copie qui reprend du générateur l’adresse du client")
        }
        Rewrite::Environment { service, key } => {
            format!("environnement de {service} : {key} fixée par le fichier de pile")
        }
        Rewrite::Arguments { service, arguments } => {
            format!("commande de {service} : {} ajouté", arguments.join(" "))
        }
        Rewrite::RateLimit { service, limit } => format!("limite de débit de {service} : {limit} → levée"),
        Rewrite::FrontDoors { service, count } => {
            format!("porte d’entrée : {count} répliques de {service}, que les utilisateurs prennent à tour de rôle")
        }
        Rewrite::Without { service, key } => format!("{key} de {service} → laissé de côté"),
        Rewrite::Emptied {
            service,
            target,
            source,
        } => format!("{target} de {service} : {source} → un volume vide"),
        Rewrite::FreshVolume { volume, before } => format!("volume {volume} : {before} → un volume neuf et vide"),
        Rewrite::MadeUp { secret, name, before } => {
            let kind = if *secret { "secret" } else { "configuration" };
            format!("{kind} {name} : {before} → contenu inventé")
        }
        Rewrite::Opened { service } => {
            format!("réseaux de {service} : tous internes → un de plus, par lequel son port est publié")
        }
        Rewrite::Resized(change) => size_change(change),
        Rewrite::Verbatim(sentence) => quoted(sentence),
    }
}
