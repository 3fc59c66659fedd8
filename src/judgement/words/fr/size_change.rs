//! Sentences on changes to the size of the stack.

use super::text::written;
use crate::evidence::SizeChange;
use crate::units::Bytes;

/// A change to the size of the stack.
pub(super) fn size_change(resized: &SizeChange) -> String {
    let number = |value: f64| written(&value.to_string());
    // French writes `o` (octet) for `B`.
    let bytes = |bytes: &Bytes| written(&bytes.to_string()).replace('B', "o");
    let none = || "aucune".to_owned();
    match resized {
        SizeChange::Cpus { service, before, after } => {
            let before = before.map_or_else(none, number);
            format!("limite CPU de {service} : {before} → {}", number(*after))
        }
        SizeChange::Memory { service, before, after } => {
            let before = before.as_ref().map_or_else(none, bytes);
            format!("limite de mémoire de {service} : {before} → {}", bytes(after))
        }
        SizeChange::Replicas { service, before, after } => {
            format!("réplicas de {service} : {before} → {after} ; son nom les désigne tous")
        }
        SizeChange::Profile { name, cores, memory } => format!("profil {name} : {cores} cœurs, {}", bytes(memory)),
        SizeChange::Scaled {
            name,
            cores,
            memory,
            host_cores,
            host_memory,
            share,
        } => format!(
            "le profil {name} est une machine de {cores} cœurs et {} ; l’hôte en a {} et {} : toutes les limites de processeur sont ramenées à {} de \
             celles du profil, celles de mémoire restent",
            bytes(memory),
            number(*host_cores),
            bytes(host_memory),
            written(&format!("{:.0} %", share * 100.0))
        ),
        SizeChange::Confined { cores } => {
            format!("tous les services → cœurs 0-{} de l’hôte", cores.saturating_sub(1))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn every_change_is_told_in_both_languages_and_survives_being_saved() {
        let api = || "api".to_owned();
        let bytes = |text: &str| text.parse().unwrap();
        for (change, english, french) in [
            (
                SizeChange::Cpus {
                    service: api(),
                    before: Some(2.0),
                    after: 0.25,
                },
                "cpus limit of api: 2 → 0.25",
                "limite CPU de api : 2 → 0,25",
            ),
            (
                SizeChange::Memory {
                    service: api(),
                    before: None,
                    after: bytes("1536M"),
                },
                "memory limit of api: none → 1.5 GB",
                "limite de mémoire de api : aucune → 1,5 Go",
            ),
            (
                SizeChange::Replicas {
                    service: api(),
                    before: 1,
                    after: 2,
                },
                "replicas of api: 1 → 2; its name stands for all of them",
                "réplicas de api : 1 → 2 ; son nom les désigne tous",
            ),
            (
                SizeChange::Profile {
                    name: "minimum".to_owned(),
                    cores: 4,
                    memory: bytes("8G"),
                },
                "profile minimum: 4 cores, 8 GB",
                "profil minimum : 4 cœurs, 8 Go",
            ),
            (
                SizeChange::Scaled {
                    name: "minimum".to_owned(),
                    cores: 4,
                    memory: bytes("8G"),
                    host_cores: 1.5,
                    host_memory: bytes("16G"),
                    share: 0.375,
                },
                "profile `minimum` is a machine of 4 cores and 8 GB; the engine's host has 1.5 and 16 GB: every CPU limit is scaled to 38 % \
                 of the profile's, memory limits stay",
                "le profil minimum est une machine de 4 cœurs et 8 Go ; l’hôte en a 1,5 et 16 Go : toutes les limites de processeur sont ramenées à \
                 38 % de celles du profil, celles de mémoire restent",
            ),
            (
                SizeChange::Confined { cores: 2 },
                "every service → cores 0-1 of the host",
                "tous les services → cœurs 0-1 de l’hôte",
            ),
        ] {
            assert_eq!(Language::English.wording().size_change(&change), english);
            assert_eq!(Language::French.wording().size_change(&change), french);
            let text = serde_json::to_string(&change).unwrap();
            assert_eq!(serde_json::from_str::<SizeChange>(&text).unwrap(), change, "{text}");
        }
    }
}
