//! Sentences on incidents of containers.

use super::text::written;
use crate::evidence::Incident;
use crate::slo::ContainerIncident;
use crate::words::quoted;

/// Incident of a container: `api (sortie avec le code 137 à 31,2 s)`.
pub(super) fn container_incident(all: &ContainerIncident) -> String {
    format!("{} ({})", all.service, incident(&all.what))
}

/// Incident of a container, without its name.
pub(super) fn incident(incident: &Incident) -> String {
    let at = |what: &str, seconds: f64| written(&format!("{what} à {seconds:.1} s"));
    match incident {
        Incident::Exited { code, at: seconds } => {
            let what = code.map_or_else(
                || "sortie avec un code inconnu".to_owned(),
                |code| format!("sortie avec le code {code}"),
            );
            match seconds {
                Some(seconds) => at(&what, *seconds),
                None => what,
            }
        }
        Incident::KilledThroughEngine { at: seconds, signal } => {
            let signal = signal.map_or_else(String::new, |signal| format!(" (signal {signal})"));
            at(&format!("tué par le moteur{signal}"), *seconds)
        }
        Incident::OutOfMemory { at: seconds } => at("mémoire épuisée", *seconds),
        Incident::Started { at: seconds } => at("redémarrage", *seconds),
        Incident::Removed => "conteneur supprimé".to_owned(),
        Incident::Restarted { times } => format!("redémarré {times} fois"),
        Incident::LostProcesses { count } => format!("{count} de ses processus perdus faute de mémoire"),
        Incident::Killed => "tué faute de mémoire".to_owned(),
        Incident::Verbatim(sentence) => quoted(sentence),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn incidents_are_told_in_both_languages() {
        let exited = |code, at| Incident::Exited { code, at };
        for (what, english, french) in [
            (
                exited(Some(137), Some(31.24)),
                "api exited with code 137 at 31.2 s",
                "api (sortie avec le code 137 à 31,2 s)",
            ),
            (
                exited(None, None),
                "api exited with code unknown",
                "api (sortie avec un code inconnu)",
            ),
            (
                Incident::OutOfMemory { at: 31.2 },
                "api ran out of memory at 31.2 s",
                "api (mémoire épuisée à 31,2 s)",
            ),
            (
                Incident::Started { at: 31.2 },
                "api started again at 31.2 s",
                "api (redémarrage à 31,2 s)",
            ),
            (Incident::Removed, "api was removed", "api (conteneur supprimé)"),
            (
                Incident::Restarted { times: 1 },
                "api was restarted once",
                "api (redémarré 1 fois)",
            ),
            (
                Incident::Restarted { times: 2 },
                "api was restarted 2 times",
                "api (redémarré 2 fois)",
            ),
            (
                Incident::LostProcesses { count: 2 },
                "api lost 2 of its processes for want of memory",
                "api (2 de ses processus perdus faute de mémoire)",
            ),
            (
                Incident::Killed,
                "api was killed for want of memory",
                "api (tué faute de mémoire)",
            ),
        ] {
            let service = "api".to_owned();
            let all = ContainerIncident { service, what };
            assert_eq!(Language::English.wording().container_incident(&all), english);
            assert_eq!(Language::French.wording().container_incident(&all), french);
        }
    }
}
