//! Errors of a front door that cannot be used, or that did not let a connection in.

use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use rustls::pki_types::pem;

use crate::error::Hint;

/// A front door, or a setting of the connection to it, that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// A front door whose URL is of no kind that this client speaks.
    #[error("front door `{url}`: {problem}")]
    Url {
        /// The URL as given.
        url: String,
        /// Description of the problem.
        problem: &'static str,
    },
    /// A URL in production that is none.
    #[error("public URL `{url}`: {problem}")]
    Public {
        /// The URL as given.
        url: String,
        /// Description of the problem.
        problem: &'static str,
    },
    /// A front door whose name has no address.
    #[error("failed to resolve front door `{url}`")]
    Resolve {
        /// The URL as given.
        url: String,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// A file of certificates that cannot be read.
    #[error("failed to read certificates: {}", path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: pem::Error,
    },
    /// A file of certificates without one that can be trusted.
    #[error("no usable certificate in {}", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
        /// The cause; `None` if the file holds no certificate at all.
        #[source]
        source: Option<rustls::Error>,
    },
    /// A client certificate, or its key, that cannot be used.
    #[error("failed to use the client certificate {}: {problem}", path.display())]
    ClientCertificate {
        /// The file of the certificate or of its key.
        path: PathBuf,
        /// Description of the problem.
        problem: String,
    },
    /// A machine without a trusted root certificate.
    #[error("this machine has no certificates to trust: {problem}")]
    NoRoots {
        /// Description of the problem.
        problem: String,
    },
    /// TLS that cannot be set up.
    #[error("failed to set TLS up")]
    Tls {
        /// The cause.
        #[source]
        source: rustls::Error,
    },
    /// A certificate that is not trusted, or not for this host: waiting does not help.
    #[error("front door: the server's certificate is refused: {problem}")]
    Untrusted {
        /// Description of the problem.
        problem: String,
    },
    /// A source address that is not one of this machine.
    #[error("source address `{address}` is not one of this machine")]
    NotLocal {
        /// The address.
        address: IpAddr,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// Source addresses that cannot reach the front door's.
    #[error("source address `{address}` cannot reach front door `{url}`")]
    Family {
        /// The first source address that cannot reach it.
        address: IpAddr,
        /// The URL as given.
        url: String,
    },
}

impl Hint for WireError {
    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Url { .. } => {
                "a front door looks like `http://127.0.0.1:8080`, `https://app.example` or `unix:///run/app.sock`"
            }
            Self::Public { .. } => {
                "`public-url` of `[front-door]` is the address that users know, such as `https://app.example`"
            }
            Self::Resolve { .. } => {
                "check the name, or give its address: `[front-door] resolve = { \"app.example\" = \"127.0.0.1\" }`"
            }
            Self::CaFile { .. } | Self::NoCertificate { .. } => {
                "`tls.ca-file` is a PEM file (`-----BEGIN CERTIFICATE-----`), relative to the stack file"
            }
            Self::ClientCertificate { .. } => {
                "`tls.client-certificate` and `tls.client-key` are PEM files, relative to the stack file, and belong together"
            }
            Self::NoRoots { .. } => {
                "install `ca-certificates`, or name a `tls.ca-file` in the stack file's `[front-door]`"
            }
            Self::Tls { .. } => return None,
            Self::Untrusted { .. } => {
                "in the stack file's `[front-door]`, `tls.ca-file` names whom to trust; `tls.insecure = true` takes anyone"
            }
            Self::NotLocal { .. } => {
                "all of 127.0.0.0/8 is local on Linux; another address is added by `ip address add`"
            }
            Self::Family { .. } => {
                "source addresses are of the front door's own kind, IPv4 or IPv6, and mean nothing to a Unix socket"
            }
        };
        Some(text.to_owned())
    }
}

impl DialError {
    /// Error for a refused server certificate, if that is the cause.
    pub fn distrust(&self) -> Option<WireError> {
        let Self::Tls { error, .. } = self else { return None };
        match error.get_ref()?.downcast_ref()? {
            refused @ rustls::Error::InvalidCertificate(_) => Some(WireError::Untrusted {
                problem: refused.to_string(),
            }),
            _ => None,
        }
    }
}

/// A connection that could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// Nothing listens there, or the network failed.
    #[error("failed to connect: {0}")]
    Connect(io::Error),
    /// No agreement on TLS: a certificate that is not trusted, or a server that speaks something else.
    #[error("TLS failed: {error}")]
    Tls {
        /// Time to connect, before the TLS handshake.
        connect: Duration,
        /// The cause.
        error: io::Error,
    },
}
