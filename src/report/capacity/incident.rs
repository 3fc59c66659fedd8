//! What befell a container that did not simply run.

use serde::{Deserialize, Serialize};

use super::Language;
use crate::report::Document;

/// English of the container probe, and the French of it; the longer of two that begin alike comes first.
const PHRASES: [(&str, &str); 11] = [
    ("exited with code unknown", "sortie avec un code inconnu"),
    ("exited with code", "sortie avec le code"),
    ("ran out of memory", "mémoire épuisée"),
    ("started again", "redémarrage"),
    ("was removed", "conteneur supprimé"),
    ("was killed for want of memory", "tué faute de mémoire"),
    (
        "of its processes for want of memory",
        "de ses processus perdus faute de mémoire",
    ),
    ("lost ", ""),
    ("was restarted", "redémarré"),
    (" times", " fois"),
    (" at ", " à "),
];

/// Something that befell a container during a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// Name of the container's service.
    pub service: String,
    /// What befell it, in the probe's English: `exited with code 137 at 31.2 s`.
    pub what: String,
}

impl Incident {
    /// All that a finished run saw.
    pub fn all(document: &Document) -> Vec<Self> {
        let containers = document.containers.iter().map(|container| &container.observed);
        containers
            .flat_map(|observed| {
                let killed = observed.oom_killed.then_some("was killed for want of memory");
                let what = observed.incidents.iter().map(String::as_str).chain(killed);
                what.map(|what| Self {
                    service: observed.service.clone(),
                    what: what.to_owned(),
                })
            })
            .collect()
    }

    /// In words: `api exited with code 137 at 31.2 s`.
    pub(super) fn words(&self, language: Language) -> String {
        match language {
            Language::English => format!("{} {}", self.service, self.what),
            Language::French => {
                let french = |text: String, (english, french): &(&str, &str)| text.replace(english, french);
                let what = PHRASES.iter().fold(self.what.clone(), french);
                format!("{} ({})", self.service, language.written(&what))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_probe_says_is_told_in_french() {
        for (what, french) in [
            (
                "exited with code 137 at 31.2 s",
                "api (sortie avec le code 137 à 31,2 s)",
            ),
            ("exited with code unknown", "api (sortie avec un code inconnu)"),
            ("ran out of memory at 31.2 s", "api (mémoire épuisée à 31,2 s)"),
            ("started again at 31.2 s", "api (redémarrage à 31,2 s)"),
            ("was removed", "api (conteneur supprimé)"),
            ("was restarted 2 times", "api (redémarré 2 fois)"),
            (
                "lost 2 of its processes for want of memory",
                "api (2 de ses processus perdus faute de mémoire)",
            ),
            ("was killed for want of memory", "api (tué faute de mémoire)"),
        ] {
            let incident = Incident {
                service: "api".to_owned(),
                what: what.to_owned(),
            };
            assert_eq!(incident.words(Language::French), french);
            assert_eq!(incident.words(Language::English), format!("api {what}"));
        }
    }

    #[test]
    fn incidents_are_read_from_every_container() {
        let mut document = crate::report::sample::document();
        assert_eq!(Incident::all(&document), []);
        let observed = &mut document.containers[0].observed;
        observed.incidents.push("was removed".to_owned());
        observed.oom_killed = true;
        let service = observed.service.clone();
        let all = Incident::all(&document);
        assert_eq!(all.len(), 2);
        assert!(all.iter().all(|incident| incident.service == service));
        assert_eq!(all[1].what, "was killed for want of memory");
    }
}
