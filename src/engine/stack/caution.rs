//! Facts in Compose files that do not keep a stack from being started, but that a user should know before it is.

use std::fmt;
use std::path::PathBuf;

use super::lack::Place;
use super::paths::key;
use crate::units::{Bytes, Span};

/// A fact that a user should know before the stack is started.
#[derive(Debug, Clone, PartialEq)]
pub enum Caution {
    /// Images that are built at the start.
    Built {
        /// The services.
        services: Vec<String>,
    },
    /// Images that are pulled at the start: the engine does not have them.
    Pulled {
        /// The images.
        images: Vec<String>,
    },
    /// A `PostgreSQL` whose statistics are not read.
    DatabaseTooOld {
        /// The service.
        service: String,
        /// Its major version, from the image's tag.
        major: u32,
        /// The oldest version that is read.
        oldest: u32,
    },
    /// A health check that may take longer than the service is waited for.
    StartPeriod {
        /// The service.
        service: String,
        /// The check's `start_period`.
        start_period: Span,
        /// The time limit in the stack file.
        deadline: Span,
    },
    /// A variable without a value in places that become empty.
    Unset {
        /// The variable.
        variable: String,
        /// The places.
        places: Vec<Place>,
    },
    /// A value that was meant to be replaced.
    Placeholder {
        /// The service.
        service: String,
        /// The variable of its environment.
        variable: String,
    },
    /// An address of a fixed subnet, which the isolated copy does not have.
    LostAddress {
        /// The service.
        service: String,
        /// The key that has the address: `dns`, `extra_hosts`, `command`, `environment.REDIS_HOST`; or a file's path in the container.
        key: String,
        /// The address.
        address: String,
        /// The network with that subnet.
        network: String,
    },
    /// A label with the name of a network, which has another name in the isolated copy.
    NetworkLabel {
        /// The service.
        service: String,
        /// The label.
        label: String,
        /// The network's name.
        network: String,
        /// True if the Compose files declare a network of that name.
        declared: bool,
    },
    /// The name of a container, which has another name in the isolated copy, in a service that asks the engine for it.
    ContainerName {
        /// The service.
        service: String,
        /// The key that has the name: `command`, `labels.ofelia.job-exec.dump.container`.
        key: String,
        /// The container's name.
        container: String,
    },
    /// Files of a database that `[isolation] copied` copies, perhaps while it runs.
    CopiedDatabase {
        /// The folder.
        path: PathBuf,
    },
    /// A large folder that `[isolation] copied` copies at each start.
    LargeCopy {
        /// The folder.
        path: PathBuf,
        /// Its size.
        size: Bytes,
    },
}

/// A time limit for a service whose checks may fail for that start period: the limit counts from there.
pub(super) fn enough(start_period: Span, deadline: Span) -> Span {
    Span::from_micros(start_period.as_micros().saturating_add(deadline.as_micros()))
}

impl fmt::Display for Caution {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Built { services } => write!(formatter, "images are built for {}", services.join(", ")),
            Self::Pulled { images } => write!(formatter, "images are pulled: {}", images.join(", ")),
            Self::DatabaseTooOld { service, major, oldest } => write!(
                formatter,
                "service `{service}` is PostgreSQL {major}: its statistics are read from version {oldest} on"
            ),
            Self::StartPeriod {
                service,
                start_period,
                deadline,
            } => write!(
                formatter,
                "service `{service}` may take {start_period} to get healthy (`start_period`), and is waited for {deadline}: \
                 `[service.{}] deadline = \"{}\"` in the stack file gives it more time",
                key(service),
                enough(*start_period, *deadline)
            ),
            Self::Unset { variable, places } => {
                let places: Vec<String> = places.iter().map(ToString::to_string).collect();
                write!(
                    formatter,
                    "the variable `{variable}` has no value and becomes empty ({}): `[compose.env]` in the stack file gives it one",
                    places.join("; ")
                )
            }
            Self::Placeholder { service, variable } => write!(
                formatter,
                "service `{service}` has a value in `{variable}` that looks as if it was to be replaced"
            ),
            Self::LostAddress {
                service,
                key,
                address,
                network,
            } => write!(
                formatter,
                "service `{service}` has {address} in `{key}`: the isolated copy of network `{network}` has another subnet"
            ),
            Self::NetworkLabel {
                service,
                label,
                network,
                declared,
            } => {
                let why = if *declared {
                    "the isolated copy has another name"
                } else {
                    "the Compose files declare none of that name"
                };
                write!(
                    formatter,
                    "service `{service}` names the network {network} in its label `{label}`: {why}"
                )
            }
            Self::ContainerName {
                service,
                key,
                container,
            } => write!(
                formatter,
                "service `{service}` names the container {container} in `{key}`: the isolated copy has another name"
            ),
            Self::CopiedDatabase { path } => write!(
                formatter,
                "{} holds the files of a database: a copy made while it runs is torn; `[service.NAME] empty` gives it a new volume",
                path.display()
            ),
            Self::LargeCopy { path, size } => {
                write!(formatter, "{} is copied at each start: {size}", path.display())
            }
        }
    }
}
