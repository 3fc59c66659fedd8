//! Sentences on validity rules.

use super::container_incident;
use super::text::{percent, plural, written};
use crate::slo::{BrokenIdentity, Facts, Fraction, GeneratorCpu, Lag, Rule};
use crate::words::{en, quoted};

const NO_SCHEDULE: &str = "pas de calendrier : les phases jugées suivent le modèle fermé";

/// Name of a rule.
pub(super) fn rule(rule: &Rule) -> String {
    let text = match rule {
        Rule::Other(name) => name,
        Rule::Probe(probe) => return format!("sonde « {probe} »"),
        Rule::JudgedRequests => "requêtes jugées",
        Rule::SendLag => "retard d’envoi",
        Rule::DroppedArrivals => "arrivées abandonnées",
        Rule::GeneratorCpu => "processeur du générateur",
        Rule::GeneratorSockets => "connexions du générateur",
        Rule::RateLimitedRequests => "requêtes refusées par le limiteur",
        Rule::OutOfRangeSamples => "échantillons hors échelle",
        Rule::Containers => "conteneurs",
        Rule::StackEvents => "événements",
        Rule::Identities => "sommes",
        Rule::BrowserCalibration => "étalonnage du navigateur",
    };
    text.to_owned()
}

/// Measured value of a rule.
pub(super) fn measured(facts: &Facts) -> String {
    match facts {
        Facts::JudgedRequests { count, .. } | Facts::OutOfRangeSamples { count } => count.to_string(),
        Facts::SendLag { lag, .. } => match lag {
            Lag::P99(millis) => written(&format!("p99 {millis:.2} ms")),
            Lag::NoSchedule => NO_SCHEDULE.to_owned(),
            Lag::Unknown => "aucune requête envoyée".to_owned(),
        },
        Facts::DroppedArrivals { share, interrupted } => {
            let share = share.map_or_else(|| NO_SCHEDULE.to_owned(), part);
            share
                + if *interrupted {
                    ", la campagne a été interrompue"
                } else {
                    ""
                }
        }
        Facts::GeneratorCpu(None) | Facts::Containers { observed: None, .. } => "non observé".to_owned(),
        Facts::GeneratorCpu(Some(used)) => generator_cpu(used),
        Facts::GeneratorSockets { descriptors, ports } => sockets(*descriptors, *ports),
        Facts::RateLimitedRequests { share, .. } => part(*share),
        Facts::Containers {
            observed: Some(count),
            incidents,
            own,
        } => {
            let mut all = incidents.iter().chain(own).peekable();
            if all.peek().is_none() {
                return format!("{count} sans incident");
            }
            let incidents: Vec<String> = all.map(container_incident).collect();
            incidents.join(" ; ")
        }
        Facts::StackEvents { done, failed } => {
            let failed = failed
                .iter()
                .map(|(name, cause)| format!(" ; échec de `{name}` : {}", quoted(cause)));
            format!("réalisés : {done}{}", failed.collect::<String>())
        }
        Facts::Identities(broken) => {
            if broken.is_empty() {
                return "toutes concordent".to_owned();
            }
            let broken: Vec<String> = broken.iter().map(broken_identity).collect();
            broken.join(" ; ")
        }
        Facts::Probe { failure, .. } => failure
            .as_ref()
            .map_or_else(|| "aucun défaut".to_owned(), |failure| quoted(failure)),
        Facts::BrowserCalibration {
            before_ms,
            during,
            spared,
            ..
        } => {
            let spared = if *spared { " : aucun verdict n’en dépend" } else { "" };
            calibration(*before_ms, *during) + spared
        }
        Facts::Verbatim { measured, .. } => quoted(measured),
    }
}

/// Threshold that the measured value of a rule is compared with.
pub(super) fn threshold(facts: &Facts) -> String {
    let text = match facts {
        Facts::JudgedRequests { .. } => "au moins 1",
        Facts::SendLag { limit_ms: None, .. } => "aucun objectif de temps de réponse",
        Facts::SendLag {
            limit_ms: Some(limit), ..
        } => {
            let limit = written(&limit.to_string());
            return format!("au plus {limit} ms, 10 % de la cible de temps de réponse la plus stricte");
        }
        Facts::DroppedArrivals { .. } | Facts::RateLimitedRequests { judged_by: None, .. } => {
            return format!("au plus {}", percent(Fraction::TOLERATED));
        }
        Facts::RateLimitedRequests {
            judged_by: Some(name), ..
        } => return format!("jugé par `{name}`"),
        Facts::GeneratorCpu(_) => "au plus 90 % de ce qui lui est donné, en moyenne",
        Facts::GeneratorSockets { .. } => "aucune requête non envoyée",
        Facts::OutOfRangeSamples { .. } => "aucun au-delà de 10 minutes",
        Facts::Containers { .. } => {
            "aucun arrêté ni supprimé de l’extérieur ; celui qui tombe de lui-même est un échec"
        }
        Facts::StackEvents { .. } => "tout événement commencé est mené à son terme",
        Facts::Identities(_) => {
            "prévues = commencées + abandonnées ; commencées = achevées + échouées + interrompues ; secondes et histogrammes = totaux"
        }
        Facts::Probe { .. } => "fonctionne, car un objectif décisif en dépend",
        Facts::BrowserCalibration { limit, .. } => {
            let limit = written(&limit.to_string());
            return format!("la page témoin charge au plus {limit} fois plus lentement, ou aucun verdict n’en dépend");
        }
        Facts::Verbatim { threshold, .. } => return quoted(threshold),
    };
    text.to_owned()
}

/// Remedy if a rule does not hold.
pub(super) fn hint(facts: &Facts) -> String {
    let text = match facts {
        Facts::JudgedRequests { .. } => {
            "rien n’a été jugé : la campagne s’est arrêtée avant ses phases jugées, ou aucune n’a `judged = true` et un débit supérieur à 0"
        }
        Facts::SendLag { .. } => {
            "des requêtes sont parties après l’heure prévue : baissez le débit ou réservez un cœur au générateur"
        }
        Facts::DroppedArrivals { .. } => {
            "des arrivées n’ont trouvé aucun utilisateur libre : permettez plus d’utilisateurs, ou baissez le débit à ce \
             que le système peut servir"
        }
        Facts::GeneratorCpu(None) => "usage du processeur non observé : campagne trop courte, ou `/proc` illisible",
        Facts::GeneratorCpu(Some(_)) => {
            "le générateur est saturé et ses latences sont les siennes : baissez le débit, réduisez le nombre \
             d’utilisateurs ou donnez-lui plus de processeur"
        }
        Facts::GeneratorSockets { descriptors: 0, .. } => {
            "les ports locaux du générateur sont épuisés : gardez les connexions ouvertes, ou donnez-lui plus de \
             `source-addresses` dans `[front-door]`"
        }
        Facts::GeneratorSockets { .. } => {
            "le générateur peut ouvrir trop peu de fichiers : relevez sa limite (`ulimit -n 65536`), ou réduisez le nombre \
             d’utilisateurs"
        }
        Facts::RateLimitedRequests { .. } => {
            "les utilisateurs vont trop vite pour le limiteur : donnez-leur des adresses propres, plus d’utilisateurs ou \
             plus de temps de réflexion"
        }
        Facts::OutOfRangeSamples { .. } => {
            "une requête a duré plus longtemps qu’un histogramme ne le permet : donnez un délai maximal aux étapes"
        }
        Facts::Containers { .. } => "lisez le journal du service à ce moment et donnez-lui ce qui lui manquait",
        Facts::StackEvents { .. } => {
            "vérifiez d’abord l’action de l’événement sur la pile au repos : `diapason stack up`"
        }
        Facts::Identities(_) => "c’est un défaut de Diapason : signalez-le avec le dossier de la campagne",
        Facts::Probe { .. } => {
            "réparez ce qui manque à la sonde, ou rendez ses objectifs indicatifs avec `gate = false`"
        }
        Facts::BrowserCalibration { .. } => {
            "donnez au navigateur un cœur que le système testé n’utilise pas, ou rendez les objectifs de pages indicatifs"
        }
        Facts::Verbatim { hint, .. } => return quoted(hint),
    };
    text.to_owned()
}

/// Requests of the browser's pages that the limiter refused, by path; `None` for none.
pub(super) fn browser_refused(facts: &Facts) -> Option<String> {
    let refused = en::validity::RefusedPages::new(facts)?;
    let more = match refused.more {
        0 => String::new(),
        more => format!(" et {}", plural(more, "autre chemin")),
    };
    let unless = if refused.users_too {
        ", sauf s’il partage ici son adresse avec les utilisateurs virtuels"
    } else {
        ""
    };
    Some(format!(
        "le limiteur a refusé {} des requêtes du navigateur lui-même : {}{more} ; le navigateur d’un utilisateur qui charge ces pages \
         aussi vite rencontre aussi le limiteur{unless}",
        refused.total,
        refused.paths.join(", ")
    ))
}

/// A broken rule.
pub(super) fn breach(facts: &Facts) -> String {
    match facts {
        // A sentence of another version cannot be translated.
        Facts::Verbatim { .. } => quoted(&en::validity::breach(facts)),
        // The failure of a probe is the text of an error, which exists in English only.
        Facts::Probe { .. } => format!("{} en défaut (le rapport du palier dit pourquoi)", rule(&facts.rule())),
        Facts::Identities(_) => {
            "des sommes ne concordent pas, un défaut de Diapason (le rapport du palier dit lesquelles)".to_owned()
        }
        _ => format!("{}, {} ({})", rule(&facts.rule()), measured(facts), threshold(facts)),
    }
}

/// Share and counts: `0,13 % (4 sur 3000)`.
fn part(part: Fraction) -> String {
    format!("{} ({} sur {})", percent(part.share()), part.count, part.total)
}

/// Requests that were not sent for want of a connection: `3 requêtes sans port local`.
fn sockets(descriptors: u64, ports: u64) -> String {
    let lacking = [(descriptors, "descripteur de fichier"), (ports, "port local")];
    let unsent = lacking.into_iter().filter(|(count, _)| *count > 0);
    let told: Vec<String> = unsent
        .map(|(count, what)| format!("{count} requête{} sans {what}", if count > 1 { "s" } else { "" }))
        .collect();
    told.join(", ")
}

fn generator_cpu(used: &GeneratorCpu) -> String {
    let number = |cores: f64| written(&format!("{cores:.2}"));
    format!(
        "fil de charge {} cœur, processus {} sur {} cœurs (hôte {})",
        number(used.thread),
        number(used.process),
        written(&used.cores.to_string()),
        number(used.host)
    )
}

/// Load times of the harness's own page: the median before the load, and the median during it with the number of loads.
fn calibration(before_ms: f64, during: Option<(Option<f64>, usize)>) -> String {
    match during {
        Some((during, count)) => {
            // Infinite if most loads did not end.
            let during = during.unwrap_or(f64::INFINITY);
            format!("{before_ms:.0} ms avant la charge, {during:.0} ms pendant elle (médiane de {count})")
        }
        None => format!("{before_ms:.0} ms avant la charge, trop peu de chargements pendant elle pour conclure"),
    }
}

fn broken_identity(broken: &BrokenIdentity) -> String {
    match broken {
        BrokenIdentity::NoTotals { phase } => format!("{phase} : pas de totaux"),
        BrokenIdentity::Planned {
            phase,
            planned,
            arrivals,
        } => format!("{phase} : {planned} prévues, {arrivals} au calendrier"),
        BrokenIdentity::Started {
            phase,
            planned,
            started,
            dropped,
        } => format!("{phase} : {planned} prévues ≠ {started} commencées + {dropped} abandonnées"),
        BrokenIdentity::Ended { phase, started, ended } => {
            format!("{phase} : {started} commencées ≠ {ended} terminées")
        }
        BrokenIdentity::Seconds { series, sum, total } => {
            format!("{series} : les secondes font {sum} requêtes et non les {total} comptées")
        }
        BrokenIdentity::Histogram {
            series,
            held,
            successes,
        } => format!("{series} : histogramme de {held} pour {successes} succès"),
    }
}
