//! Results of a search, in sentences.

use super::bound::bound;
use super::{CapacityDocument, Case, ExpectedAnswer, ExpectedLoad, Language, StopCause};
use crate::sizing::{Demand, End, Estimate, StepVerdict};

/// Least utilisation, then least share of throttled periods, of a resource that gave way.
const FULL: f64 = 0.8;
const THROTTLED: f64 = 0.1;

/// A change advised by the model, with its predicted effect.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Advice {
    /// The resource to double.
    pub(super) name: String,
    /// Journeys per second expected to hold then, with all advice before it followed.
    pub(super) expected: f64,
    /// Resource that saturates next.
    pub(super) next: Option<String>,
}

/// The answer in one sentence.
pub(super) fn headline(case: &Case, language: Language) -> String {
    let rate = |value: Option<f64>| language.number(value.unwrap_or(0.0));
    let (holds, broken) = (rate(case.found.holds), rate(case.found.broken));
    let limited = || {
        let step = case
            .steps
            .iter()
            .rfind(|step| step.tried.answer == StepVerdict::Limited);
        step.map_or_else(String::new, |step| step.reason.words(language))
    };
    if !case.finished && case.found.end == End::Undecided {
        return match (language, case.found.holds, case.found.broken) {
            (Language::English, None, None) => "Not searched to its end.".to_owned(),
            (Language::English, Some(_), None) => {
                format!("Not searched to its end: so far it holds at {holds} journeys/s, and no rate broke it.")
            }
            (Language::English, None, Some(_)) => {
                format!("Not searched to its end: so far it breaks at {broken} journeys/s, and no rate held.")
            }
            (Language::English, Some(_), Some(_)) => {
                format!("Not searched to its end: so far it holds at {holds} and breaks at {broken} journeys/s.")
            }
            (Language::French, None, None) => "Recherche inachevée.".to_owned(),
            (Language::French, Some(_), None) => {
                format!("Recherche inachevée : jusqu’ici tient à {holds} parcours/s, et aucun débit ne l’a fait céder.")
            }
            (Language::French, None, Some(_)) => {
                format!("Recherche inachevée : jusqu’ici cède à {broken} parcours/s, et aucun débit n’a tenu.")
            }
            (Language::French, Some(_), Some(_)) => {
                format!("Recherche inachevée : jusqu’ici tient à {holds} et cède à {broken} parcours/s.")
            }
        };
    }
    match (language, case.found.end) {
        (Language::English, End::Bracketed) if case.found.broken.is_none() => {
            format!("Holds at {holds} journeys/s (95 %); above, nothing could be decided.")
        }
        (Language::English, End::Bracketed) => format!("Holds at {holds} journeys/s (95 %), broken at {broken}."),
        (Language::English, End::TimeUp) => format!(
            "Holds at {holds} journeys/s (95 %), broken at {broken}; closer would have taken more time than allowed \
             (`--resume` with a longer `--at-most-time` goes on)."
        ),
        (Language::English, End::NotBroken) => {
            format!("Holds at {holds} journeys/s, the highest rate allowed; where it breaks is not known.")
        }
        (Language::English, End::NeverHeld) => format!("Does not hold: broken even at {broken} journeys/s."),
        (Language::English, End::Limited) if case.found.holds.is_some() => {
            format!(
                "Holds at {holds} journeys/s or more; no capacity, because {}.",
                limited()
            )
        }
        (Language::English, End::Limited) => format!("No capacity, because {}.", limited()),
        (Language::English, End::Undecided) => "No rate could be decided.".to_owned(),
        (Language::French, End::Bracketed) if case.found.broken.is_none() => {
            format!("Tient à {holds} parcours/s (95 %) ; au-delà, rien n’a pu être tranché.")
        }
        (Language::French, End::Bracketed) => format!("Tient à {holds} parcours/s (95 %), cède à {broken}."),
        (Language::French, End::TimeUp) => format!(
            "Tient à {holds} parcours/s (95 %), cède à {broken} ; resserrer demandait plus de temps que permis \
             (`--resume` avec un `--at-most-time` plus long reprend la recherche)."
        ),
        (Language::French, End::NotBroken) => {
            format!("Tient à {holds} parcours/s, le débit maximal permis ; le point de rupture reste inconnu.")
        }
        (Language::French, End::NeverHeld) => format!("Ne tient pas : cède dès {broken} parcours/s."),
        (Language::French, End::Limited) => {
            let held = if case.found.holds.is_some() {
                format!("Tient à {holds} parcours/s au moins ; ")
            } else {
                String::new()
            };
            format!("{held}pas de capacité mesurée, car {}.", limited())
        }
        (Language::French, End::Undecided) => "Aucun débit n’a pu être tranché.".to_owned(),
    }
}

/// Width of a bracket that is wider than asked for, with its cause and what would narrow it; `None` for a bracket that is not.
pub(super) fn wide(case: &Case, language: Language) -> Option<String> {
    let (holds, broken) = (case.found.holds?, case.found.broken?);
    let gap = (broken - holds) / holds;
    let asked = case.search.precision;
    if !case.finished || holds <= 0.0 || gap <= asked {
        return None;
    }
    let (gap, asked) = (language.percent(gap), language.percent(asked));
    let mut open: Vec<f64> = case
        .steps
        .iter()
        .filter(|step| step.tried.answer == StepVerdict::Undecided && (holds..broken).contains(&step.tried.rate))
        .map(|step| step.tried.rate)
        .collect();
    open.sort_by(f64::total_cmp);
    open.dedup();
    let open: Vec<String> = open.into_iter().map(|rate| language.number(rate)).collect();
    let why = match (case.found.end, open.is_empty(), language) {
        (End::TimeUp, true, Language::English) => "the time for the search was over".to_owned(),
        (End::TimeUp, true, Language::French) => "le temps imparti à la recherche était écoulé".to_owned(),
        (End::Bracketed | End::TimeUp, false, Language::English) => {
            format!("{} journeys/s stayed undecided", language.list(&open))
        }
        (End::Bracketed | End::TimeUp, false, Language::French) => {
            format!("{} parcours/s sont restés indécis", language.list(&open))
        }
        _ => return None,
    };
    Some(match language {
        Language::English => format!(
            "The two rates are {gap} apart, where {asked} was asked for: {why}. Longer steps (`duration`, `capacity.longest`) or a longer \
             `--at-most-time` would narrow it."
        ),
        Language::French => format!(
            "L’écart entre les deux débits est de {gap}, pour {asked} demandés : {why}. Des paliers plus longs (`duration`, \
             `capacity.longest`) ou un `--at-most-time` plus long le réduiraient."
        ),
    })
}

/// Cause of a stop before the end of a search, with the way to resume it.
pub(super) fn stopped(stopped: StopCause, language: Language) -> &'static str {
    match stopped {
        StopCause::ByUser => language.say(
            "Interrupted: `diapason capacity --resume` goes on from here.",
            "Interrompue : `diapason capacity --resume` la reprend.",
        ),
        StopCause::ByTime => language.say(
            "The time allowed was over: `--resume` with a longer `--at-most-time` goes on from here.",
            "Temps imparti écoulé : `--resume` avec un `--at-most-time` plus long la reprend.",
        ),
    }
}

/// The held rate in users and requests.
pub(super) fn users(document: &CapacityDocument, case: &Case, language: Language) -> Option<String> {
    let users = case.users?;
    let number = |value: f64| language.number(value);
    let (requests, cycle, at_once) = (
        number(users.requests),
        number(users.cycle),
        number(f64::from(users.concurrent)),
    );
    let per_day = number((users.per_day / 10.0).floor() * 10.0);
    let (journeys, peak) = (
        number(document.settings.journeys_per_day),
        language.percent(document.settings.peak_hour.get()),
    );
    Some(match language {
        Language::English => format!(
            "That is {requests} requests/s; {at_once} users at once, each beginning a journey every {cycle} s; about {per_day} users a \
             day, where each makes {journeys} journeys a day and {peak} of a day falls into its busiest hour."
        ),
        Language::French => format!(
            "Soit {requests} requêtes/s ; {at_once} utilisateurs simultanés, chacun commençant un parcours toutes les {cycle} s ; \
             environ {per_day} utilisateurs par jour, à raison de {journeys} parcours par jour chacun dont {peak} dans l’heure la plus \
             chargée."
        ),
    })
}

/// Results of the runs of the closed model, one sentence each.
pub(super) fn closed(case: &Case, language: Language) -> Vec<String> {
    let line = |run: &super::ClosedRun| {
        let (users, rate, p95) = (
            language.number(f64::from(run.users)),
            language.number(run.throughput),
            language.millis(run.p95),
        );
        let said = answer(run.answer, language);
        let predicted = run.predicted.map(|predicted| language.number(predicted));
        let beside = predicted.map_or_else(String::new, |predicted| match language {
            Language::English => format!(" ({predicted} by the fitted model)"),
            Language::French => format!(" ({predicted} selon le modèle ajusté)"),
        });
        match language {
            Language::English => {
                format!("Closed model, {users} users (goose): {said}; {rate} journeys/s{beside}, p95 {p95}.")
            }
            Language::French => {
                format!("Modèle fermé, {users} utilisateurs (goose) : {said} ; {rate} parcours/s{beside}, p95 {p95}.")
            }
        }
    };
    case.closed.iter().map(line).collect()
}

/// The word for an answer.
pub(super) fn answer(answer: StepVerdict, language: Language) -> &'static str {
    match answer {
        StepVerdict::Met => language.say("met", "tenu"),
        StepVerdict::Missed => language.say("missed", "manqué"),
        StepVerdict::Undecided => language.say("undecided", "indécis"),
        StepVerdict::Limited => language.say("no answer", "sans réponse"),
    }
}

/// The answer about the expected load; `None` if no load was expected.
pub(super) fn expectation(document: &CapacityDocument, language: Language) -> Option<String> {
    let (expected, held) = (document.expected?, document.expected_answer()?);
    let asked = match expected {
        ExpectedLoad::Rate(rate) => format!("{} {}", language.number(rate), language.say("journeys/s", "parcours/s")),
        ExpectedLoad::Users(users) => format!(
            "{} {}",
            language.number(f64::from(users)),
            language.say("users", "utilisateurs")
        ),
    };
    let answer = match held {
        ExpectedAnswer::Yes => language.say("it holds", "tenu"),
        ExpectedAnswer::No => language.say("it does not hold", "non tenu"),
        ExpectedAnswer::Unknown => language.say("not decided", "indécis"),
    };
    Some(match language {
        Language::English => format!("Expected {asked}: {answer}."),
        Language::French => format!("Attendu {asked} : {answer}."),
    })
}

/// The resource that gave way; `None` if none did.
pub(super) fn bottleneck(case: &Case) -> Option<&Demand> {
    let first = case.demands.first()?;
    let broken = case.found.broken?;
    let used = first.used_when_broken.is_some_and(|used| used >= FULL);
    let throttled = first.throttled_when_broken.is_some_and(|share| share >= THROTTLED);
    (used || throttled || first.limit.low <= broken).then_some(first)
}

fn interval(estimate: &Estimate, language: Language) -> String {
    let high = if estimate.high >= 1e12 {
        "∞".to_owned()
    } else {
        language.number(estimate.high)
    };
    format!(
        "{} [{} – {high}]",
        language.number(estimate.point),
        language.number(estimate.low)
    )
}

/// A resource in one sentence.
pub(super) fn demand(demand: &Demand, language: Language) -> String {
    let share = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), |share| language.percent(share));
    let (held, broken) = (share(demand.used_when_held), share(demand.used_when_broken));
    let throttled = demand
        .throttled_when_broken
        .filter(|share| *share > 0.01)
        .map_or_else(String::new, |share| match language {
            Language::English => format!(", throttled in {} of periods when broken", language.percent(share)),
            Language::French => format!(", bridage dans {} des périodes à la rupture", language.percent(share)),
        });
    let because = bound(demand.because, demand.cores, language);
    let (name, limit) = (&demand.name, interval(&demand.limit, language));
    match language {
        Language::English => format!(
            "{name} ({because}) is full at {limit} journeys/s; used {held} when held, {broken} when broken{throttled}."
        ),
        Language::French => format!(
            "{name} ({because}), saturation à {limit} parcours/s ; occupation de {held} au palier tenu, de {broken} à la rupture{throttled}."
        ),
    }
}

/// The limiting resource, in one sentence.
pub(super) fn limit(case: &Case, language: Language) -> String {
    if case.steps.iter().all(|step| step.reading.usage.is_empty()) {
        let unknown = language.say(
            "What gives way first is not known: the system's containers were not observed.",
            "Ce qui cède en premier reste inconnu : les conteneurs du système n’ont pas été observés.",
        );
        return unknown.to_owned();
    }
    match (bottleneck(case), case.found.broken) {
        (Some(first), _) => format!("{} {}", language.say("First to give way:", "Cède en premier :"), demand(first, language)),
        (None, Some(_)) => language
            .say(
                "No resource was full when it broke: requests waited for something other than CPU (a lock, a pool of connections, \
                 a fixed delay).",
                "Aucune ressource n’était saturée à la rupture : l’attente vient d’autre chose que du processeur (verrou, pool de \
                 connexions, délai fixe).",
            )
            .to_owned(),
        (None, None) => language.say("Nothing gave way.", "Rien n’a cédé.").to_owned(),
    }
}

/// Changes to make, in order: each doubles the resource that saturates first, and names the rate expected to hold then.
pub(super) fn advice(case: &Case) -> Vec<Advice> {
    let Some(held) = case.found.holds else {
        return Vec::new();
    };
    let Some(first) = bottleneck(case) else {
        return Vec::new();
    };
    let headroom = held / first.limit.point;
    let limits: Vec<(&str, f64)> = case
        .demands
        .iter()
        .map(|demand| (demand.name.as_str(), demand.limit.point))
        .collect();
    let mut advice: Vec<Advice> = Vec::new();
    for count in 1..=limits.len().min(3) {
        let doubled = limits.iter().take(count).map(|(name, limit)| (*name, 2.0 * limit));
        let after = doubled
            .chain(limits.iter().skip(count).copied())
            .min_by(|one, other| one.1.total_cmp(&other.1));
        let (Some((next, limit)), Some((name, _))) = (after, limits.get(count - 1)) else {
            break;
        };
        let expected = limit * headroom;
        // A change that gains at most 2 % is not advised.
        if expected <= advice.last().map_or(held, |before| before.expected) * 1.02 {
            break;
        }
        advice.push(Advice {
            name: (*name).to_owned(),
            expected,
            next: Some(next.to_owned()),
        });
    }
    advice
}

/// Advice in sentences, marked as the prediction it is.
pub(super) fn advised(case: &Case, language: Language) -> Vec<String> {
    let line = |(index, advice): (usize, &Advice)| {
        let (name, expected) = (&advice.name, language.number(advice.expected));
        let next = advice.next.as_deref().unwrap_or("–");
        let also = if index > 0 { language.say("then ", "puis ") } else { "" };
        match language {
            Language::English => format!(
                "{also}twice the {name}: about {expected} journeys/s expected to hold, {next} full first (prediction)"
            ),
            Language::French => format!(
                "{also}doubler {name} : environ {expected} parcours/s attendus ; saturation suivante : {next} (prédiction)"
            ),
        }
    };
    advice(case).iter().enumerate().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::capacity::fixture;

    #[test]
    fn a_bracket_wider_than_asked_for_is_explained() {
        let mut case = fixture::case();
        (case.finished, case.found.end) = (true, End::Bracketed);
        (case.found.holds, case.found.broken) = (Some(22.6), Some(24.0));
        assert_eq!(wide(&case, Language::English), None, "6 % apart, 10 % asked for");
        (case.found.broken, case.found.end) = (Some(38.1), End::TimeUp);
        let told = wide(&case, Language::English).unwrap();
        assert!(
            told.starts_with(
                "The two rates are 69 % apart, where 10 % was asked for: the time for the search was over."
            ),
            "{told}"
        );
        let mut step = fixture::step(28.0, StepVerdict::Undecided);
        case.steps.push(step.clone());
        step.tried.rate = 50.0;
        case.steps.push(step);
        let told = wide(&case, Language::French).unwrap();
        assert!(told.contains(": 28 parcours/s sont restés indécis."), "{told}");
        case.finished = false;
        assert_eq!(wide(&case, Language::English), None, "it is not over");
    }

    #[test]
    fn a_search_that_was_cut_tells_what_it_knows() {
        let cut = |holds: Option<f64>, broken: Option<f64>, language| {
            let mut case = fixture::case();
            (case.finished, case.found.end) = (false, End::Undecided);
            (case.found.holds, case.found.broken) = (holds, broken);
            headline(&case, language)
        };
        let english = |holds, broken| cut(holds, broken, Language::English);
        assert_eq!(english(None, None), "Not searched to its end.");
        assert_eq!(
            english(Some(4.0), None),
            "Not searched to its end: so far it holds at 4 journeys/s, and no rate broke it."
        );
        assert_eq!(
            english(None, Some(8.5)),
            "Not searched to its end: so far it breaks at 8.50 journeys/s, and no rate held."
        );
        assert_eq!(
            english(Some(4.0), Some(8.5)),
            "Not searched to its end: so far it holds at 4 and breaks at 8.50 journeys/s."
        );
        assert_eq!(
            cut(Some(4.5), None, Language::French),
            "Recherche inachevée : jusqu’ici tient à 4,50 parcours/s, et aucun débit ne l’a fait céder."
        );
    }
}
