//! Incidents of containers: exits, restarts and kills.

use serde::{Deserialize, Serialize};

/// An incident of one container. Files of earlier versions held it as a sentence
/// ([`Self::Verbatim`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Incident {
    /// It exited.
    Exited {
        /// Exit code; `None` if the engine does not report it.
        code: Option<i64>,
        /// Seconds since the run's zero; `None` if only the final state shows it.
        at: Option<f64>,
    },
    /// Somebody stopped or killed it through the engine.
    KilledThroughEngine {
        /// Seconds since the run's zero.
        at: f64,
        /// Number of the signal; `None` if the engine does not report it.
        signal: Option<i64>,
    },
    /// Its memory was used up.
    OutOfMemory {
        /// Seconds since the run's zero.
        at: f64,
    },
    /// It was started again.
    Started {
        /// Seconds since the run's zero.
        at: f64,
    },
    /// It was removed.
    Removed,
    /// It was restarted.
    Restarted {
        /// Number of times.
        times: i64,
    },
    /// Processes in it were killed for lack of memory.
    LostProcesses {
        /// Number of processes.
        count: u64,
    },
    /// It, or a process in it, was killed for lack of memory.
    Killed,
    /// A sentence of an earlier version.
    Verbatim(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn incidents_are_read_as_they_are_saved() {
        for incident in [
            Incident::Exited {
                code: Some(137),
                at: Some(31.24),
            },
            Incident::KilledThroughEngine {
                at: 3.0,
                signal: Some(9),
            },
            Incident::OutOfMemory { at: 3.0 },
            Incident::Started { at: 3.5 },
            Incident::Removed,
            Incident::Restarted { times: 2 },
            Incident::LostProcesses { count: 2 },
            Incident::Killed,
            Incident::Verbatim("was removed".to_owned()),
        ] {
            let text = serde_json::to_string(&incident).unwrap();
            assert_eq!(serde_json::from_str::<Incident>(&text).unwrap(), incident, "{text}");
        }
    }
}
