//! Sentences of the judgement, made from its facts.

mod unmeasured;

pub use unmeasured::{not_measured, unmeasured};

use crate::evidence::{Incident, PhasePlan};
pub use crate::slo::Language;
use crate::slo::validity::{BrokenIdentity, ContainerIncident, Facts, GeneratorCpu, Lag, Part, Rule, ValidityCheck};
use crate::slo::{Limit, Profile, Unit};

/// A share from 0 to 1 as a percentage with at least two significant digits: `0.1 %`, `99.95 %`, `0.028 %`.
pub fn percent(share: f64) -> String {
    let value = share * 100.0;
    let magnitude = if value == 0.0 { 0.0 } else { value.abs().log10().floor() };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 2 … 8 before"
    )]
    let decimals = (1.0 - magnitude).clamp(2.0, 8.0) as usize;
    let text = format!("{value:.decimals$}");
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A value in its unit with about three digits: `41.2 ms`, `0.3 %`, `48.7/s`, `0.94`.
pub(in crate::slo) fn number(value: f64, unit: Unit) -> String {
    let digits = |value: f64| {
        if value.abs() < 100.0 {
            format!("{value:.1}")
        } else {
            format!("{value:.0}")
        }
    };
    match unit {
        Unit::Milliseconds => format!("{} ms", digits(value)),
        Unit::Share => percent(value.max(0.0)),
        Unit::PerSecond => format!("{}/s", digits(value)),
        Unit::Score => format!("{value:.3}"),
    }
}

/// Description of a bad sample that follows a count: `over 100ms`, `failed`.
pub(in crate::slo) fn fault(profile: &Profile, limit: Limit) -> String {
    match profile.fault {
        Some(fault) => fault.english.to_owned(),
        None => format!("over {limit}"),
    }
}

/// A count and its noun, in the plural unless the count is 1.
pub(in crate::slo) fn counted(count: u64, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

/// Size of the load of a phase: `780 arrivals`, or `closed model: 50 users`.
pub fn amount(phase: &PhasePlan) -> String {
    match phase.users {
        Some(users) => format!("{} model: {}", phase.model.name(), counted(users.into(), "user")),
        None => counted(phase.arrivals, "arrival"),
    }
}

/// Description of the judged part of a phase: its samples, only its page loads, or nothing.
pub fn judged_words(phase: &PhasePlan) -> &'static str {
    match (phase.judged, phase.pages) {
        (true, _) => "judged",
        (false, true) => "pages judged",
        (false, false) => "not judged",
    }
}

const NO_SCHEDULE: (&str, &str) = (
    "no schedule: the judged phases are of the closed model",
    "pas de calendrier : les phases jugées suivent le modèle fermé",
);

/// A check of validity in English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckText {
    /// Name of the rule: `send lag`.
    pub rule: String,
    /// Measured value: `p99 0.42 ms`.
    pub measured: String,
    /// Threshold: `at most 10 ms`.
    pub threshold: String,
    /// Remedy if the rule does not hold.
    pub hint: String,
}

/// A check of validity in English.
pub fn check(check: &ValidityCheck) -> CheckText {
    CheckText {
        rule: rule(&check.rule(), Language::English),
        measured: measured(&check.facts, Language::English),
        threshold: threshold(&check.facts, Language::English),
        hint: hint(&check.facts),
    }
}

/// Name of a rule.
pub fn rule(rule: &Rule, language: Language) -> String {
    let french = match (language, rule) {
        (Language::English, _) | (_, Rule::Other(_)) => return rule.to_string(),
        (Language::French, Rule::Probe(probe)) => return format!("sonde « {probe} »"),
        (Language::French, Rule::JudgedRequests) => "requêtes jugées",
        (Language::French, Rule::SendLag) => "retard d’envoi",
        (Language::French, Rule::DroppedArrivals) => "arrivées abandonnées",
        (Language::French, Rule::GeneratorCpu) => "processeur du générateur",
        (Language::French, Rule::RateLimitedRequests) => "requêtes refusées par le limiteur",
        (Language::French, Rule::OutOfRangeSamples) => "échantillons hors échelle",
        (Language::French, Rule::Containers) => "conteneurs",
        (Language::French, Rule::Identities) => "sommes",
        (Language::French, Rule::BrowserCalibration) => "étalonnage du navigateur",
    };
    french.to_owned()
}

/// Measured value of a rule.
pub fn measured(facts: &Facts, language: Language) -> String {
    let say = |english: &'static str, french: &'static str| language.say(english, french).to_owned();
    match facts {
        Facts::JudgedRequests { count, .. } | Facts::OutOfRangeSamples { count } => count.to_string(),
        Facts::SendLag { lag, .. } => match lag {
            Lag::P99(millis) => format!("p99 {} ms", language.written(&format!("{millis:.2}"))),
            Lag::NoSchedule => say(NO_SCHEDULE.0, NO_SCHEDULE.1),
            Lag::Unknown => say("no request was sent", "aucune requête envoyée"),
        },
        Facts::DroppedArrivals { share, interrupted } => {
            let share = share.map_or_else(|| say(NO_SCHEDULE.0, NO_SCHEDULE.1), |share| part(share, language));
            let stopped = language.say(", the run was stopped early", ", la campagne a été interrompue");
            share + if *interrupted { stopped } else { "" }
        }
        Facts::GeneratorCpu(None) | Facts::Containers { observed: None, .. } => say("not observed", "non observé"),
        Facts::GeneratorCpu(Some(used)) => generator_cpu(used, language),
        Facts::RateLimitedRequests { share, .. } => part(*share, language),
        Facts::Containers {
            observed: Some(count),
            incidents,
            own,
        } => {
            let all = incidents.iter().chain(own);
            if all.clone().next().is_none() {
                return format!("{count} {}", language.say("up throughout", "sans incident"));
            }
            let incidents: Vec<String> = all.map(|incident| container_incident(incident, language)).collect();
            incidents.join(language.say("; ", " ; "))
        }
        Facts::Identities(broken) => {
            let broken: Vec<String> = broken.iter().map(|broken| broken_identity(broken, language)).collect();
            if broken.is_empty() {
                return say("all hold", "toutes concordent");
            }
            broken.join(language.say("; ", " ; "))
        }
        Facts::Probe { failure, .. } => failure.clone().unwrap_or_else(|| say("no failure", "aucun défaut")),
        Facts::BrowserCalibration {
            before_ms,
            during,
            spared,
            ..
        } => calibration(*before_ms, *during, *spared, language),
        Facts::Verbatim { measured, .. } => measured.clone(),
    }
}

/// Threshold that the measured value of a rule is compared with.
pub fn threshold(facts: &Facts, language: Language) -> String {
    let tolerated = || {
        let share = language.written(&percent(Part::TOLERATED));
        format!("{} {share}", language.say("at most", "au plus"))
    };
    let text = match facts {
        Facts::JudgedRequests { .. } => language.say("at least 1", "au moins 1"),
        Facts::SendLag { limit_ms: None, .. } => {
            language.say("no response-time objective", "aucun objectif de temps de réponse")
        }
        Facts::SendLag {
            limit_ms: Some(limit), ..
        } => {
            let limit = language.written(&limit.to_string());
            return match language {
                Language::English => format!("at most {limit} ms, 10 % of the tightest response-time target"),
                Language::French => {
                    format!("au plus {limit} ms, 10 % de la cible de temps de réponse la plus stricte")
                }
            };
        }
        Facts::DroppedArrivals { .. } | Facts::RateLimitedRequests { judged_by: None, .. } => return tolerated(),
        Facts::RateLimitedRequests {
            judged_by: Some(name), ..
        } => return format!("{} `{name}`", language.say("judged by", "jugé par")),
        Facts::GeneratorCpu(_) => language.say(
            "at most 90 % of what it was given, on average",
            "au plus 90 % de ce qui lui est donné, en moyenne",
        ),
        Facts::OutOfRangeSamples { .. } => language.say("none above 10 minutes", "aucun au-delà de 10 minutes"),
        Facts::Containers { .. } => language.say(
            "none stopped, killed or removed from outside; one that dies by itself is a miss",
            "aucun arrêté ni supprimé de l’extérieur ; celui qui tombe de lui-même est un échec",
        ),
        Facts::Identities(_) => language.say(
            "planned = started + dropped; started = completed + failed + interrupted; seconds and histograms = totals",
            "prévues = commencées + abandonnées ; commencées = achevées + échouées + interrompues ; secondes et histogrammes = totaux",
        ),
        Facts::Probe { .. } => language.say(
            "delivers, because a gating objective needs it",
            "fonctionne, car un objectif décisif en dépend",
        ),
        Facts::BrowserCalibration { limit, .. } => {
            let limit = language.written(&limit.to_string());
            return match language {
                Language::English => {
                    format!("the harness's own page loads at most {limit} times slower, or no verdict hangs on it")
                }
                Language::French => {
                    format!("la page témoin charge au plus {limit} fois plus lentement, ou aucun verdict n’en dépend")
                }
            };
        }
        Facts::Verbatim { threshold, .. } => threshold,
    };
    text.to_owned()
}

/// Remedy if a rule does not hold.
pub fn hint(facts: &Facts) -> String {
    let text = match facts {
        Facts::JudgedRequests { .. } => "nothing was judged: give some phase `judged = true` and a rate above 0",
        Facts::SendLag { .. } => {
            "requests left later than the schedule said: lower the rate or give the generator a core of its own"
        }
        Facts::DroppedArrivals { .. } => {
            "arrivals found no idle user: allow more users, or lower the rate to what the system can answer"
        }
        Facts::GeneratorCpu(_) => {
            "the generator is saturated and its latencies are its own: lower the rate, have fewer users or give it more CPU"
        }
        Facts::RateLimitedRequests { .. } => {
            "users come too fast for the limiter: give them addresses of their own, more users or more think time"
        }
        Facts::OutOfRangeSamples { .. } => "a request took longer than a histogram holds: give the steps a time-out",
        Facts::Containers { .. } => "read the service's log of that moment and give it what it lacked",
        Facts::Identities(_) => "this is a bug of diapason: please report it with the run folder",
        Facts::Probe { .. } => "repair what the probe lacks, or mark its objectives advisory with `gate = false`",
        Facts::BrowserCalibration { .. } => {
            "give the browser a core that the system under test does not use, or mark the objectives on pages advisory"
        }
        Facts::Verbatim { hint, .. } => hint,
    };
    text.to_owned()
}

/// A broken rule: `send lag p99 12.00 ms (at most 10 ms)`.
pub fn breach(facts: &Facts, language: Language) -> String {
    // A verbatim sentence of another version cannot be translated.
    let language = match facts {
        Facts::Verbatim { .. } => Language::English,
        _ => language,
    };
    let (rule, measured, threshold) = (
        rule(&facts.rule(), language),
        measured(facts, language),
        threshold(facts, language),
    );
    match (language, facts) {
        (Language::English, _) => format!("{rule} {measured} ({threshold})"),
        // The failure of a probe is the text of an error, which exists in English only.
        (Language::French, Facts::Probe { .. }) => format!("{rule} en défaut (le rapport du palier dit pourquoi)"),
        (Language::French, Facts::Identities(_)) => {
            "des sommes ne concordent pas, un défaut de Diapason (le rapport du palier dit lesquelles)".to_owned()
        }
        (Language::French, _) => format!("{rule}, {measured} ({threshold})"),
    }
}

/// Incident of a container: `api exited with code 137 at 31.2 s`.
pub fn container_incident(all: &ContainerIncident, language: Language) -> String {
    let what = incident(&all.what, language);
    match language {
        Language::English => format!("{} {what}", all.service),
        Language::French => format!("{} ({what})", all.service),
    }
}

/// Incident of a container, without its name.
pub fn incident(incident: &Incident, language: Language) -> String {
    let say = |english: &str, french: &str| language.say(english, french).to_owned();
    let at = |what: String, seconds: f64| {
        let seconds = language.written(&format!("{seconds:.1}"));
        format!("{what} {} {seconds} s", language.say("at", "à"))
    };
    match incident {
        Incident::Exited { code, at: seconds } => {
            let what = match code {
                Some(code) => format!("{} {code}", language.say("exited with code", "sortie avec le code")),
                None => say("exited with code unknown", "sortie avec un code inconnu"),
            };
            match seconds {
                Some(seconds) => at(what, *seconds),
                None => what,
            }
        }
        Incident::KilledThroughEngine { at: seconds, signal } => {
            let what = say("was killed through the engine", "tué par le moteur");
            let what = match signal {
                Some(signal) => format!("{what} (signal {signal})"),
                None => what,
            };
            at(what, *seconds)
        }
        Incident::OutOfMemory { at: seconds } => at(say("ran out of memory", "mémoire épuisée"), *seconds),
        Incident::Started { at: seconds } => at(say("started again", "redémarrage"), *seconds),
        Incident::Removed => say("was removed", "conteneur supprimé"),
        Incident::Restarted { times } => match language {
            Language::English if *times == 1 => "was restarted once".to_owned(),
            Language::English => format!("was restarted {times} times"),
            Language::French => format!("redémarré {times} fois"),
        },
        Incident::LostProcesses { count } => match language {
            Language::English => format!("lost {count} of its processes for want of memory"),
            Language::French => format!("{count} de ses processus perdus faute de mémoire"),
        },
        Incident::Killed => say("was killed for want of memory", "tué faute de mémoire"),
        Incident::Verbatim(sentence) => sentence.clone(),
    }
}

/// Share and counts: `0.13 % (4 of 3000)`.
fn part(part: Part, language: Language) -> String {
    let share = language.written(&percent(part.share()));
    format!("{share} ({} {} {})", part.count, language.say("of", "sur"), part.total)
}

fn generator_cpu(used: &GeneratorCpu, language: Language) -> String {
    let number = |cores: f64| language.written(&format!("{cores:.2}"));
    let (thread, process, host) = (number(used.thread), number(used.process), number(used.host));
    let cores = language.written(&used.cores.to_string());
    match language {
        Language::English => {
            format!("load thread {thread} cores, process {process} of {cores} cores (host {host})")
        }
        Language::French => {
            format!("fil de charge {thread} cœur, processus {process} sur {cores} cœurs (hôte {host})")
        }
    }
}

fn calibration(before_ms: f64, during: Option<(Option<f64>, usize)>, spared: bool, language: Language) -> String {
    // Infinite if most loads did not end.
    let during = during.map(|(millis, count)| (millis.unwrap_or(f64::INFINITY), count));
    let before = format!("{before_ms:.0} ms");
    let measured = match (language, during) {
        (Language::English, Some((during, count))) => {
            format!("{before} before the load, {during:.0} ms during it (median of {count})")
        }
        (Language::French, Some((during, count))) => {
            format!("{before} avant la charge, {during:.0} ms pendant elle (médiane de {count})")
        }
        (Language::English, None) => format!("{before} before the load, too few loads during it to tell"),
        (Language::French, None) => {
            format!("{before} avant la charge, trop peu de chargements pendant elle pour conclure")
        }
    };
    let unaffected = language.say(": no verdict hangs on it", " : aucun verdict n’en dépend");
    measured + if spared { unaffected } else { "" }
}

fn broken_identity(broken: &BrokenIdentity, language: Language) -> String {
    let english = language == Language::English;
    match broken {
        BrokenIdentity::NoTotals { phase } if english => format!("{phase}: no totals"),
        BrokenIdentity::NoTotals { phase } => format!("{phase} : pas de totaux"),
        BrokenIdentity::Planned {
            phase,
            planned,
            arrivals,
        } if english => format!("{phase}: {planned} planned, the schedule holds {arrivals}"),
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
        } if english => format!("{phase}: {planned} planned ≠ {started} started + {dropped} dropped"),
        BrokenIdentity::Started {
            phase,
            planned,
            started,
            dropped,
        } => format!("{phase} : {planned} prévues ≠ {started} commencées + {dropped} abandonnées"),
        BrokenIdentity::Ended { phase, started, ended } if english => {
            format!("{phase}: {started} started ≠ {ended} ended")
        }
        BrokenIdentity::Ended { phase, started, ended } => {
            format!("{phase} : {started} commencées ≠ {ended} terminées")
        }
        BrokenIdentity::Seconds { series, sum, total } if english => {
            format!("{series}: the seconds add up to {sum} requests, not to the {total} counted")
        }
        BrokenIdentity::Seconds { series, sum, total } => {
            format!("{series} : les secondes font {sum} requêtes et non les {total} comptées")
        }
        BrokenIdentity::Histogram {
            series,
            held,
            successes,
        } if english => format!("{series}: histogram of {held} for {successes} successes"),
        BrokenIdentity::Histogram {
            series,
            held,
            successes,
        } => format!("{series} : histogramme de {held} pour {successes} succès"),
    }
}

/// Slowdown of the browser itself, as the beginning of the reason of a verdict.
pub(in crate::slo) fn browser_slowed(factor: f64) -> String {
    if factor.is_finite() {
        format!("the browser itself was {factor:.1} times slower than before the load")
    } else {
        "the browser itself was so slow that most loads of the harness's own page did not end".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_short_and_exact_enough() {
        for (share, text) in [
            (0.0, "0 %"),
            (0.05, "5 %"),
            (0.001, "0.1 %"),
            (0.9995, "99.95 %"),
            (1.0, "100 %"),
            (1.0 / 3_600.0, "0.028 %"),
            (0.000_000_3, "0.00003 %"),
        ] {
            assert_eq!(percent(share), text);
        }
    }

    #[test]
    fn one_is_singular() {
        assert_eq!(counted(1, "slice"), "1 slice");
        assert_eq!(counted(0, "slice"), "0 slices");
    }

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
            assert_eq!(container_incident(&all, Language::English), english);
            assert_eq!(container_incident(&all, Language::French), french);
        }
    }
}
