//! Sentences on incidents of containers.

use crate::evidence::Incident;
use crate::slo::ContainerIncident;

/// Incident of a container: `api exited with code 137 at 31.2 s`.
pub fn container_incident(all: &ContainerIncident) -> String {
    format!("{} {}", all.service, incident(&all.what))
}

/// Incident of a container, without its name.
pub fn incident(incident: &Incident) -> String {
    let at = |what: String, seconds: f64| format!("{what} at {seconds:.1} s");
    match incident {
        Incident::Exited { code, at: seconds } => {
            let code = code.map_or_else(|| "unknown".to_owned(), |code| code.to_string());
            let what = format!("exited with code {code}");
            match seconds {
                Some(seconds) => at(what, *seconds),
                None => what,
            }
        }
        Incident::KilledThroughEngine { at: seconds, signal } => {
            let signal = signal.map_or_else(String::new, |signal| format!(" (signal {signal})"));
            at(format!("was killed through the engine{signal}"), *seconds)
        }
        Incident::OutOfMemory { at: seconds } => at("ran out of memory".to_owned(), *seconds),
        Incident::Started { at: seconds } => at("started again".to_owned(), *seconds),
        Incident::Removed => "was removed".to_owned(),
        Incident::Restarted { times: 1 } => "was restarted once".to_owned(),
        Incident::Restarted { times } => format!("was restarted {times} times"),
        Incident::LostProcesses { count } => format!("lost {count} of its processes for want of memory"),
        Incident::Killed => "was killed for want of memory".to_owned(),
        Incident::Verbatim(sentence) => sentence.clone(),
    }
}
