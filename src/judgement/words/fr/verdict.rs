//! Sentences on verdicts.

use super::text::{count, duration, figure, limit, percent, plural, written};
use super::unmeasured;
use crate::evidence::Decision;
use crate::record::Outcome;
use crate::slo::{
    Count, Drift, EarlyDecision, Limit, Measurement, MissedWindows, Note, Objective, Profile, Reason, SlowedBrowser,
    Statistic, Unit, Verdict, VerdictWord,
};
use crate::units::Span;
use crate::words::quoted;

/// Word of a verdict.
pub(super) fn word(word: VerdictWord) -> &'static str {
    match word {
        VerdictWord::Pass => "RÉUSSI",
        VerdictWord::Warn => "AVERTISSEMENT",
        VerdictWord::Inconclusive => "NON CONCLUANT",
        VerdictWord::Fail => "ÉCHEC",
        VerdictWord::Invalid => "NON VALIDE",
    }
}

/// Answer of a run in which no objective gates.
pub(super) const NOTHING_GATES: &str =
    "Cette mesure ne décide rien pour la mise en production : aucun objectif n’est décisif.";

/// Reason for the word of a verdict.
pub(super) fn reason(verdict: &Verdict) -> String {
    let circumstances = match &verdict.reason {
        Reason::Verbatim(sentence) => return quoted(sentence),
        Reason::Facts(circumstances) => circumstances,
    };
    let mut parts: Vec<String> = circumstances.slowed_browser.as_ref().map(slowed).into_iter().collect();
    match (&verdict.measurement, &verdict.unmeasured) {
        (Some(measurement), _) => parts.extend(measured(&verdict.objective, measurement)),
        (None, Some(cause)) => parts.push(format!("pas de mesure : {}", unmeasured(cause))),
        (None, None) => parts.push("pas de mesure".to_owned()),
    }
    parts.extend(circumstances.windows.iter().map(windows));
    parts.extend(circumstances.early.as_ref().map(early));
    parts.extend(verdict.drift.as_ref().map(drift));
    parts.extend(
        circumstances.corrected_over.map(|count| {
            format!("manquée prise seule, mais pas avec certitude parmi {count} objectifs décisifs (Holm)")
        }),
    );
    parts.join(" ; ")
}

fn slowed(browser: &SlowedBrowser) -> String {
    match browser.factor {
        Some(factor) => written(&format!(
            "le navigateur lui-même était {factor:.1} fois plus lent qu’avant la charge"
        )),
        None => {
            "le navigateur lui-même était si lent que la plupart des chargements de la page témoin n’ont pas abouti"
                .to_owned()
        }
    }
}

fn decided(decision: Decision) -> &'static str {
    match decision {
        Decision::Met => "tenue",
        Decision::Missed => "manquée",
        Decision::Undecided => "indécise",
    }
}

/// The counts against both limits, and the effective sample size.
fn measured(objective: &Objective, measurement: &Measurement) -> Vec<String> {
    let Some(profile) = objective.profile() else {
        return Vec::new();
    };
    let tier = |name, count, limit| tier(name, objective, profile, measurement, count, limit);
    let mut parts = vec![tier("cible", &measurement.target, objective.target)];
    if measurement.target.decide() != Decision::Met {
        parts.push(tier("limite acceptable", &measurement.acceptable, objective.acceptable));
    }
    let samples = measurement.samples;
    let effective = measurement.target.effective;
    if let Some(effective) = effective.filter(|own| 2 * own.cautious < samples) {
        parts.push(format!(
            "ils viennent par rafales : les {} en valent {}",
            count(samples),
            plural(effective.cautious, "indépendant")
        ));
    }
    if let Some(needed) = objective.needed_samples().filter(|needed| samples < *needed) {
        parts.push(format!("la cible demande au moins {} échantillons", count(needed)));
    }
    parts
}

fn tier(
    name: &str,
    objective: &Objective,
    profile: &Profile,
    measurement: &Measurement,
    counts: &Count,
    bound: Limit,
) -> String {
    if bound.fixed().is_none() {
        return format!(
            "{name} non jugée : c’est {}, et aucune référence n’est comparable à cette campagne",
            limit(bound)
        );
    }
    let decision = decided(counts.decide());
    let bad = || {
        format!(
            "{name} {decision} : {} sur {} {}",
            count(counts.bad),
            count(counts.total),
            fault(profile, bound)
        )
    };
    if profile.decides_by_share(objective) {
        let share = percent(counts.share().unwrap_or(0.0));
        return format!("{} ({share}, {} admis)", bad(), percent(counts.allowed));
    }
    if objective.statistic == Some(Statistic::Max) {
        return bad();
    }
    let value = |value: Option<f64>| value.map_or("?".to_owned(), |value| figure(value, measurement.unit));
    if profile.is_observed() {
        let wanted = limit(bound);
        return match (measurement.point, measurement.low) {
            (None, Some(low)) => {
                format!(
                    "{name} {decision} : plus de {}, au plus {wanted}",
                    figure(low, measurement.unit)
                )
            }
            (point, _) => format!("{name} {decision} : {}, au plus {wanted}", value(point)),
        };
    }
    let edge = |edge: Option<f64>| value(edge).trim_end_matches([' ', 'm', 's', '/', '%']).to_owned();
    let wanted = match (bound.fixed(), measurement.unit) {
        (Some(Limit::Share(score)), Unit::Score) => written(&score.get().to_string()),
        _ => limit(bound),
    };
    let direction = if profile.floor { "au moins" } else { "moins de" };
    format!(
        "{name} {decision} : {} [{} – {}], {direction} {wanted}",
        value(measurement.point),
        edge(measurement.low),
        edge(measurement.high),
    )
}

/// Description of a bad sample that follows a count.
fn fault(profile: &Profile, over: Limit) -> String {
    match profile.fault {
        Some(fault) => fault.french.to_owned(),
        None => format!("au-dessus de {}", limit(over)),
    }
}

fn windows(windows: &MissedWindows) -> String {
    format!(
        "par tranche de {} : {} fenêtres sur {} {} de {}, la pire à partir de {} s ({})",
        duration(windows.length),
        windows.over,
        windows.all,
        if windows.floor { "au-dessous" } else { "au-dessus" },
        limit(windows.limit),
        windows.worst_start,
        figure(windows.worst, windows.unit),
    )
}

fn early(early: &EarlyDecision) -> String {
    format!(
        "{} pendant la campagne, e-valeur {:.0}",
        decided(early.decision),
        early.e_value
    )
}

fn drift(drift: &Drift) -> String {
    let show = |value: f64| match drift.unit {
        Unit::Milliseconds => format!("{value:.0} ms"),
        unit => figure(value, unit),
    };
    let values: Vec<String> = drift.trend.values.iter().map(|value| show(*value)).collect();
    let direction = if drift.trend.change > 0.0 { "monte" } else { "baisse" };
    format!(
        "instable : son niveau {direction} de {} sur la fenêtre jugée ({})",
        show(drift.trend.change.abs()),
        values.join(" ; ")
    )
}

fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Success => "réussies",
        Outcome::SessionExpired => "de session expirée",
        Outcome::RateLimited => "refusées par le limiteur",
        Outcome::Interrupted => "interrompues",
        other => super::failed::outcome(other),
    }
}

fn not_recovered(seconds: f64) -> String {
    format!("pas de retour à la normale dans les {seconds:.0} s observées après l’événement")
}

fn failed_loads(loads: u64, as_time_out: bool) -> String {
    let length = if as_time_out {
        "le délai maximal, ou comme le plus long s’il a duré davantage"
    } else {
        "plus long que tous les autres"
    };
    format!(
        "{} de page en échec, compté comme {length}",
        plural(loads, "chargement")
    )
}

/// Seconds of planned events that are left out, with the value that includes them.
fn events_left_out(seconds: u64, point: Option<f64>, unit: Unit) -> String {
    let with = point.map_or_else(
        || "plus long que tout temps, comme les échecs".to_owned(),
        |point| figure(point, unit),
    );
    format!("{seconds} s d’événements planifiés et de retour à la normale hors compte ; avec eux : {with}")
}

/// Remark on a measurement.
pub(super) fn note(note: &Note) -> String {
    match note {
        Note::ErrorBudget {
            target,
            seconds,
            down,
            observed,
        } => budget(*target, *seconds, *down, *observed),
        Note::UnobservedSlices { count } => {
            format!("{} de la fenêtre jugée sans observation", plural(*count, "tranche"))
        }
        Note::NotRecovered { seconds } => not_recovered(*seconds),
        Note::EventsLeftOut { seconds, point, unit } => events_left_out(*seconds, *point, *unit),
        Note::EventsIncluded => "événements planifiés compris".to_owned(),
        Note::BudgetBurnt { event, failed, allowed } => format!(
            "l’événement « {event} » a épuisé le budget d’erreurs du tir et l’a arrêté : {} pour {} que permet la limite acceptable",
            plural(*failed, "échec"),
            count(*allowed)
        ),
        Note::EventObserved => "tous les échantillons de cet événement comptés, sans inférence".to_owned(),
        Note::LongestSeen => "le plus long observé : rien ne borne le plus long possible".to_owned(),
        Note::ClosedModel => {
            "du modèle fermé : ce qu’un système lent a empêché ses utilisateurs de demander n’y figure pas".to_owned()
        }
        Note::ClosedModelLeftOut { requests } => {
            format!("{} du modèle fermé hors compte", plural(*requests, "requête"))
        }
        Note::TransactionsLeftOut { transactions } => {
            format!("{} du modèle fermé hors compte", plural(*transactions, "transaction"))
        }
        Note::Unsuccessful {
            requests,
            counted_as_ms,
        } => format!(
            "{} sans succès, comptées comme {}",
            plural(*requests, "requête"),
            counted_as(*counted_as_ms)
        ),
        Note::FailedTransactions {
            transactions,
            counted_as_ms,
        } => format!(
            "{} dont une étape a échoué, comptées comme {}",
            plural(*transactions, "transaction"),
            counted_as(*counted_as_ms)
        ),
        Note::LeftOut {
            requests,
            outcome: what,
        } => format!("{} hors compte : {}", plural(*requests, "requête"), outcome(*what)),
        Note::FailedLoads { loads, as_time_out } => failed_loads(*loads, *as_time_out),
        Note::SkippedLoads { loads } => {
            format!(
                "{} de page hors compte : le précédent durait encore",
                plural(*loads, "chargement")
            )
        }
        Note::Sampled { executions: 0 } => {
            "aucune exécution échantillonnée : décidé sur des comptes exacts, sans estimation".to_owned()
        }
        Note::Sampled { executions } => {
            format!(
                "estimé sur {} exécutions échantillonnées, décidé sur des comptes exacts",
                count(*executions)
            )
        }
        Note::Apdex {
            satisfied,
            tolerating,
            frustrated,
        } => format!(
            "{} satisfaits, {} tolérants, {} frustrés",
            count(*satisfied),
            count(*tolerating),
            count(*frustrated)
        ),
        Note::Verbatim(sentence) => quoted(sentence),
    }
}

/// Length with which samples that did not succeed count.
fn counted_as(millis: Option<f64>) -> String {
    millis.map_or_else(
        || "plus longues que toutes les autres".to_owned(),
        |millis| format!("{millis:.0} ms"),
    )
}

/// The error budget of 30 days, the part of it that this run used, and the time the rest lasts at the same rate.
fn budget(target: Limit, seconds: f64, down: u64, observed: u64) -> String {
    let month = format!(
        "budget d’erreur de {} : {} en 30 jours",
        limit(target),
        duration(Span::from_whole_seconds(seconds))
    );
    if down == 0 {
        return format!("{month}, intact");
    }
    let used = down as f64;
    let left = seconds - used;
    if left <= 0.0 {
        return format!(
            "{month}, épuisé par cette campagne ({} d’arrêt)",
            plural(down, "seconde")
        );
    }
    format!(
        "{month}, {} consommé, {} pour le reste du mois ; à ce rythme il dure {}",
        duration(Span::from_whole_seconds(used)),
        duration(Span::from_whole_seconds(left)),
        duration(Span::from_whole_seconds(left * observed as f64 / used))
    )
}
