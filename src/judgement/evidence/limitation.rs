//! Limitations of page loads in a browser.

use serde::{Deserialize, Serialize};

/// A limitation of the page loads, or of what the browser reports of them. Files of earlier versions held it as a sentence
/// ([`Self::Verbatim`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Limitation {
    /// Chromium does not cache answers of a front door whose certificate it does not trust (`tls.insecure`).
    UntrustedNotCached,
    /// Firefox accepts any certificate (`tls.insecure`).
    AnyCertificateAccepted,
    /// Firefox does not report layout shifts, long tasks and errors on the console.
    NoShiftsTasksAndConsole,
    /// In Firefox the page's data is looked for only after the load event.
    ReadyAfterLoad,
    /// No pictures are taken in Firefox.
    NoPictures,
    /// Pages were loaded through only the first of the front door's replicas.
    FirstReplicaOnly,
    /// A sentence of an earlier version.
    Verbatim(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limitations_are_read_as_they_are_saved() {
        let all = [
            Limitation::UntrustedNotCached,
            Limitation::AnyCertificateAccepted,
            Limitation::NoShiftsTasksAndConsole,
            Limitation::ReadyAfterLoad,
            Limitation::NoPictures,
            Limitation::FirstReplicaOnly,
            Limitation::Verbatim("No pictures are taken in Firefox.".to_owned()),
        ];
        for limitation in all {
            let text = serde_json::to_string(&limitation).unwrap();
            assert_eq!(serde_json::from_str::<Limitation>(&text).unwrap(), limitation, "{text}");
        }
    }
}
