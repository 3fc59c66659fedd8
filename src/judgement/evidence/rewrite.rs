//! Changes to Compose's configuration that make the stack run apart from everything else on the host.

use serde::{Deserialize, Serialize};

use super::SizeChange;

/// One change to Compose's configuration. Files of earlier versions held it as a sentence
/// ([`Self::Verbatim`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Rewrite {
    /// A service was left out.
    LeftOut {
        /// The service.
        service: String,
    },
    /// The image of a service was replaced by that of the stack file.
    Image {
        /// The service.
        service: String,
        /// Image before; `None` if the files named none.
        before: Option<String>,
        /// True if the image would have been built.
        built: bool,
        /// Image now.
        after: String,
    },
    /// The image of a service is built under a name of the run's own.
    BuiltAs {
        /// The service.
        service: String,
        /// Name in the files.
        image: String,
        /// The run's own name.
        own: String,
    },
    /// A container has another name.
    Container {
        /// Name in the files.
        before: String,
        /// Name now, without the number of the replica.
        after: String,
    },
    /// A network or volume has another name.
    Renamed {
        /// Its kind.
        kind: PartKind,
        /// Name in the files.
        before: String,
        /// Name now.
        after: String,
        /// True if the files use one that exists already; the run has a new one.
        external: bool,
    },
    /// A network has a subnet that the engine chooses, not its fixed one.
    Subnet {
        /// The network.
        network: String,
    },
    /// A network has no IPv6.
    Ipv6 {
        /// The network.
        network: String,
    },
    /// The options of a network's driver were left out.
    DriverOptions {
        /// The network.
        network: String,
    },
    /// Labels were left out: other programs on the host act on labels.
    Labels {
        /// Kind of what had them; `None` for a service.
        kind: Option<PartKind>,
        /// Its name in the files.
        name: String,
        /// Names of the labels.
        labels: Vec<String>,
    },
    /// A service is not restarted, so that its end is seen.
    RestartPolicy {
        /// The service.
        service: String,
    },
    /// A service logs by the engine's own driver.
    LogDriver {
        /// The service.
        service: String,
        /// Driver in the files.
        driver: String,
    },
    /// A port is not published.
    Unpublished {
        /// The service.
        service: String,
        /// The port, inside the container.
        port: u64,
        /// Address and port of the host in the files.
        host: String,
    },
    /// A port is published on a free port of 127.0.0.1.
    Published {
        /// The service.
        service: String,
        /// The port, inside the container.
        port: u16,
        /// True for the database, false for the front door.
        database: bool,
    },
    /// A mounted path is a copy.
    Copied {
        /// The service.
        service: String,
        /// Path inside the container.
        target: String,
        /// Path on the host.
        source: String,
    },
    /// A configuration file was replaced by a copy that takes the client's address from the harness.
    ClientAddress {
        /// The service.
        service: String,
        /// Path inside the container.
        target: String,
    },
    /// A variable is set by the stack file.
    Environment {
        /// The service.
        service: String,
        /// Name of the variable.
        key: String,
    },
    /// Arguments of the stack file were appended to a command.
    Arguments {
        /// The service.
        service: String,
        /// The arguments.
        arguments: Vec<String>,
    },
    /// A rate limit of the proxy was lifted.
    RateLimit {
        /// The service.
        service: String,
        /// The limit, as its configuration has it.
        limit: String,
    },
    /// The front door is several replicas, which users take in turn.
    FrontDoors {
        /// The service.
        service: String,
        /// Number of replicas.
        count: usize,
    },
    /// A feature of a service was left out.
    Without {
        /// The service.
        service: String,
        /// The key, with dots.
        key: String,
    },
    /// A mounted path of the host is an empty volume.
    Emptied {
        /// The service.
        service: String,
        /// Path inside the container.
        target: String,
        /// Path on the host.
        source: String,
    },
    /// A volume is a new, empty one.
    FreshVolume {
        /// Name in the files.
        volume: String,
        /// Name of the volume on the host.
        before: String,
    },
    /// A secret or configuration that exists elsewhere is made up.
    MadeUp {
        /// True for a secret.
        secret: bool,
        /// Name in the files.
        name: String,
        /// Name on the host.
        before: String,
    },
    /// A service whose networks are all internal has one more, through which its port is published.
    Opened {
        /// The service.
        service: String,
    },
    /// The stack has another size.
    Resized(SizeChange),
    /// A sentence of an earlier version.
    Verbatim(String),
}

/// Kind of a part of the configuration that is renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartKind {
    /// A network.
    Network,
    /// A volume.
    Volume,
}

impl Rewrite {
    /// The same change with every text that comes from the configuration passed through `mask`.
    #[must_use]
    pub fn masked(mut self, mask: impl Fn(&str) -> String) -> Self {
        let texts: Vec<&mut String> = match &mut self {
            Self::LeftOut { service }
            | Self::RestartPolicy { service }
            | Self::Published { service, .. }
            | Self::Opened { service }
            | Self::FrontDoors { service, .. } => vec![service],
            Self::Without { service, key } | Self::Environment { service, key } => vec![service, key],
            Self::FreshVolume { volume, before } => vec![volume, before],
            Self::MadeUp { name, before, .. } => vec![name, before],
            Self::Image {
                service, before, after, ..
            } => [service, after].into_iter().chain(before).collect(),
            Self::BuiltAs { service, image, own } => vec![service, image, own],
            Self::Container { before, after } | Self::Renamed { before, after, .. } => vec![before, after],
            Self::Subnet { network } | Self::Ipv6 { network } | Self::DriverOptions { network } => vec![network],
            Self::Labels { name, labels, .. } => std::iter::once(name).chain(labels).collect(),
            Self::LogDriver { service, driver } => vec![service, driver],
            Self::Unpublished { service, host, .. } => vec![service, host],
            Self::Copied {
                service,
                target,
                source,
            }
            | Self::Emptied {
                service,
                target,
                source,
            } => vec![service, target, source],
            Self::ClientAddress { service, target } => vec![service, target],
            Self::Arguments { service, arguments } => std::iter::once(service).chain(arguments).collect(),
            Self::RateLimit { service, limit } => vec![service, limit],
            // It holds names of services and profiles only.
            Self::Resized(_) => Vec::new(),
            Self::Verbatim(sentence) => vec![sentence],
        };
        // Every text comes from the configuration, where a password may stand anywhere, even in a name.
        for text in texts {
            *text = mask(text);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_read_as_they_are_saved_and_sentences_stay_what_they_are() {
        let service = || "api".to_owned();
        for change in [
            Rewrite::LeftOut { service: service() },
            Rewrite::Arguments {
                service: service(),
                arguments: vec!["--fast".to_owned()],
            },
            Rewrite::Verbatim("service certbot → left out".to_owned()),
        ] {
            let text = serde_json::to_string(&change).unwrap();
            assert_eq!(serde_json::from_str::<Rewrite>(&text).unwrap(), change, "{text}");
        }
    }

    #[test]
    fn every_text_is_masked() {
        let change = Rewrite::Arguments {
            service: "api".to_owned(),
            arguments: vec!["--password=geheim".to_owned(), "--fast".to_owned()],
        };
        let Rewrite::Arguments { arguments, .. } = change.masked(|text| text.replace("geheim", "***")) else {
            unreachable!()
        };
        assert_eq!(arguments, ["--password=***", "--fast"]);
    }
}
