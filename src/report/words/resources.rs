//! The tables of the containers' resource use.

use super::{Columns, Language};
use crate::evidence::containers::ExpectedLimits;
use crate::evidence::usage::Container;

/// Columns of CPU and memory use of each service, with its limits.
pub(in crate::report) const COLUMNS: Columns<8> = Columns {
    english: [
        "Service",
        "CPU mean",
        "CPU max",
        "CPU limit",
        "Throttled",
        "Held back",
        "Memory max",
        "Memory limit",
    ],
    french: [
        "Service",
        "Processeur, moyenne",
        "Processeur, maximum",
        "Limite de processeur",
        "Bridage",
        "Temps perdu",
        "Mémoire, maximum",
        "Limite de mémoire",
    ],
};

/// A row below [`COLUMNS`].
pub(in crate::report) fn row(container: &Container, language: Language) -> Vec<String> {
    let observed = &container.observed;
    let cores = |value: Option<f64>| value.map_or_else(unknown, |cores| language.decimal(cores, 2));
    let totals = observed.totals.as_ref();
    let throttled = totals.map(|totals| totals.throttled_periods as f64 / totals.periods.max(1) as f64);
    let memory = totals.map(|totals| totals.memory_max).or(container.memory_max);
    vec![
        observed.service.clone(),
        cores(
            totals
                .map(|totals| totals.cpu_seconds / totals.seconds)
                .or(container.cpu_mean),
        ),
        cores(container.cpu_max),
        limit(
            observed.cpu_limit,
            observed.expected,
            |limits| limits.cpus,
            |cores| language.written(&cores.to_string()),
            language,
        ),
        throttled
            .or(container.throttled)
            .map_or_else(unknown, |share| language.share(share)),
        totals.map_or_else(unknown, |totals| {
            format!("{} s", language.decimal(totals.throttled_seconds, 2))
        }),
        memory.map_or_else(unknown, |memory| language.memory(memory as f64)),
        limit(
            observed.memory_limit.map(|bytes| bytes as f64),
            observed.expected,
            |limits| limits.memory as f64,
            |bytes| language.memory(bytes),
            language,
        ),
    ]
}

/// The limit in force, and that of production's table if it differs.
fn limit(
    in_force: Option<f64>,
    expected: Option<ExpectedLimits>,
    part: impl Fn(ExpectedLimits) -> f64,
    words: impl Fn(f64) -> String,
    language: Language,
) -> String {
    let own = in_force.map_or_else(|| language.say("none", "aucune").to_owned(), &words);
    let expected = expected.map(part);
    match expected.filter(|expected| in_force.is_none_or(|own| (own - expected).abs() > 1e-9)) {
        Some(other) => format!("{own} ({} {})", language.say("table:", "prévue :"), words(other)),
        None => own,
    }
}

/// Columns of network and disk traffic, sockets, page faults and waiting of each service.
pub(in crate::report) const MOVED_COLUMNS: Columns<8> = Columns {
    english: [
        "Service",
        "Received",
        "Sent",
        "Disk read",
        "Disk written",
        "TCP sockets",
        "Page faults (major)",
        "Waited for CPU, memory, disk",
    ],
    french: [
        "Service",
        "Reçu",
        "Envoyé",
        "Lu sur disque",
        "Écrit sur disque",
        "Connexions TCP",
        "Défauts de page (majeurs)",
        "Attente : processeur, mémoire, disque",
    ],
};

/// A row below [`MOVED_COLUMNS`].
pub(in crate::report) fn changed_usage(container: &Container, language: Language) -> Option<Vec<String>> {
    let totals = container.observed.totals.as_ref()?;
    let rate = |bytes: u64| format!("{}/s", language.memory(bytes as f64 / totals.seconds));
    Some(vec![
        container.observed.service.clone(),
        rate(totals.received),
        rate(totals.sent),
        totals.read.map_or_else(unknown, rate),
        totals.written.map_or_else(unknown, rate),
        totals.sockets_max.map_or_else(unknown, |count| language.count(count)),
        format!(
            "{} ({})",
            language.count(totals.page_faults),
            language.count(totals.major_faults)
        ),
        totals.pressure.map_or_else(unknown, |pressure| {
            let shares = [pressure.cpu, pressure.memory, pressure.io].map(|share| language.share(share));
            shares.join(language.say(", ", " ; "))
        }),
    ])
}

fn unknown() -> String {
    "–".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_is_not_productions_is_shown_beside_it() {
        let expected = |cpus| Some(ExpectedLimits { cpus, memory: 0 });
        let words = |in_force, expected| {
            let cores = |cores: f64| cores.to_string();
            limit(in_force, expected, |limits| limits.cpus, cores, Language::English)
        };
        assert_eq!(words(Some(0.5), expected(0.5)), "0.5");
        assert_eq!(words(Some(0.25), expected(0.5)), "0.25 (table: 0.5)");
        assert_eq!(words(None, expected(2.0)), "none (table: 2)");
        assert_eq!(words(None, None), "none");
    }
}
