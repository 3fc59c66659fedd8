//! Sentences on containers and the host.

use super::Language;
use crate::report::Document;

/// Containers that stopped, were throttled or came near their memory limit, and a host with its CPU fully used.
pub(in crate::report) fn disturbances(document: &Document, language: Language) -> Vec<String> {
    let mut sentences = Vec::new();
    if let Some(generator) = &document.generator
        && let Some(busy) = generator.host_mean
        && busy >= 0.9 * f64::from(generator.cores)
    {
        sentences.push(match language {
            Language::English => format!(
                "The host was fully used ({busy:.2} of {} cores on average), so everything on it had to wait.",
                generator.cores
            ),
            Language::French => format!(
                "La machine hôte était saturée ({} cœurs sur {} en moyenne) : tout ce qu’elle porte a dû attendre.",
                language.decimal(busy, 2),
                generator.cores
            ),
        });
    }
    for container in &document.containers {
        let observed = &container.observed;
        let service = &observed.service;
        if observed.oom_killed {
            sentences.push(match language {
                Language::English => format!("{service} was killed for want of memory."),
                Language::French => format!("Le noyau a mis fin au service {service}, faute de mémoire."),
            });
        }
        for incident in &observed.incidents {
            let incident = language.wording().incident(incident);
            sentences.push(match language {
                Language::English => format!("{service} {}.", incident.trim_end_matches('.')),
                Language::French => format!("{service} : {}.", incident.trim_end_matches('.')),
            });
        }
        let totals = observed.totals.as_ref();
        let exact = totals.map(|totals| totals.throttled_periods as f64 / totals.periods.max(1) as f64);
        if let Some(throttled) = exact.or(container.throttled)
            && throttled >= 0.05
        {
            let share = language.share(throttled);
            sentences.push(match language {
                Language::English => {
                    format!("{service} was held back by its CPU limit in {share} of its scheduling periods.")
                }
                Language::French => format!(
                    "La limite de processeur du service {service} l’a bridé dans {share} de ses périodes d’ordonnancement."
                ),
            });
        }
        if let (Some(limit), Some(memory)) = (observed.memory_limit, container.memory_max)
            && memory as f64 >= 0.9 * limit as f64
        {
            let (used, limit) = (language.memory(memory as f64), language.memory(limit as f64));
            sentences.push(match language {
                Language::English => format!("{service} used {used} of its {limit} of memory."),
                Language::French => format!("Le service {service} a occupé {used} de ses {limit} de mémoire."),
            });
        }
    }
    sentences
}
