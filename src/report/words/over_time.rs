//! Sentences on trends and spikes.

use super::{Language, quoted, sentence};
use crate::evidence::StackAction;
use crate::report::Quantity;
use crate::report::{Document, EventEffect, Spike, Trend};
use crate::sizing::Estimate;

/// Name of the quantity of a trend.
pub(in crate::report) fn quantity(trend: &Trend, language: Language) -> String {
    match (&trend.quantity, language) {
        (Quantity::Other, _) => quoted(&trend.what),
        (_, Language::English) => trend.what.clone(),
        (Quantity::Memory(service), _) => format!("mémoire de {service}"),
        (Quantity::MedianResponseTime, _) => "temps de réponse médian".to_owned(),
        (Quantity::P95ResponseTime, _) => "temps de réponse p95".to_owned(),
        (Quantity::Connections, _) => "connexions à la base de données".to_owned(),
        (Quantity::Disk, _) => "disque du moteur de conteneurs".to_owned(),
    }
}

/// Unit of the quantity of a trend.
pub(in crate::report) fn unit(trend: &Trend, language: Language) -> String {
    match (language, &trend.quantity) {
        (Language::French, Quantity::Memory(_) | Quantity::Disk) => "Mio".to_owned(),
        (Language::French, Quantity::Connections) => "connexions".to_owned(),
        _ => trend.unit.clone(),
    }
}

/// `memory of api grows by 12 MiB an hour [10 – 14], from 210 MiB`.
pub(in crate::report) fn trend(trend: &Trend, language: Language) -> String {
    let Estimate { point, low, high } = trend.hourly;
    let (what, unit) = (quantity(trend, language), unit(trend, language));
    // The fitted line may begin below 0, which no quantity is.
    let start = language.digits(trend.start.max(0.0));
    let text = match (language, trend.grows) {
        (Language::English, true) => {
            format!("{what} grows by {point:.2} {unit} an hour [{low:.2} – {high:.2}], from {start} {unit}")
        }
        (Language::English, false) => {
            format!("{what} is steady, at {start} {unit}: {point:+.2} {unit} an hour [{low:+.2} – {high:+.2}]")
        }
        (Language::French, true) => language.written(&format!(
            "{what} : hausse de {point:.2} {unit} par heure [{low:.2} – {high:.2}], à partir de {start} {unit}"
        )),
        (Language::French, false) => language.written(&format!(
            "{what} : stable à {start} {unit} ({point:+.2} {unit} par heure [{low:+.2} – {high:+.2}])"
        )),
    };
    let left = trend.hours_left.filter(|_| trend.grows).map(|hours| match language {
        // Two days on, hours are harder to grasp than days.
        Language::English if hours >= 48.0 => {
            format!("; at that pace it reaches its limit in {:.0} days", hours / 24.0)
        }
        Language::English => format!("; at that pace it reaches its limit in {hours:.1} hours"),
        Language::French if hours >= 48.0 => format!(" ; à ce rythme, limite atteinte en {:.0} jours", hours / 24.0),
        Language::French => format!(
            " ; à ce rythme, limite atteinte en {} heures",
            language.decimal(hours, 1)
        ),
    });
    text + &left.unwrap_or_default()
}

/// Trends that grow, one sentence each.
pub(in crate::report) fn growing(document: &Document, language: Language) -> Vec<String> {
    let grows = document.trends.iter().filter(|trend| trend.grows);
    grows.map(|found| sentence(&trend(found, language))).collect()
}

/// Spikes, one sentence each.
pub(in crate::report) fn spikes(document: &Document, language: Language) -> Vec<String> {
    let spikes = document.spikes.iter();
    spikes.map(|found| sentence(&spike(found, language))).collect()
}

/// A spike.
pub(in crate::report) fn spike(spike: &Spike, language: Language) -> String {
    let times = spike.during / spike.before;
    match language {
        Language::English => {
            let missed = spike.missed.map_or_else(String::new, |share| {
                format!(", {:.0} % missed the target", share * 100.0)
            });
            let recovery = match spike.recovery {
                Some(seconds) if seconds <= 0.0 => "the objective held throughout what followed".to_owned(),
                Some(seconds) => format!("back within the objective {seconds:.0} s after its end"),
                None => format!(
                    "not back within the objective in the {:.0} s after its end",
                    spike.watched
                ),
            };
            format!(
                "Spike `{}`, {times:.1} × for {:.0} s: p95 up to {:.0} ms, {:.1} % failed{missed}; {recovery}",
                spike.phase,
                spike.seconds,
                spike.peak_p95,
                spike.errors * 100.0
            )
        }
        Language::French => {
            let missed = spike
                .missed
                .map_or_else(String::new, |share| format!(", {:.0} % hors cible", share * 100.0));
            let recovery = match spike.recovery {
                Some(seconds) if seconds <= 0.0 => "l’objectif a tenu pendant toute la suite".to_owned(),
                Some(seconds) => format!("objectif de nouveau tenu {seconds:.0} s après la fin du pic"),
                None => format!(
                    "objectif toujours pas tenu dans les {:.0} s qui ont suivi le pic",
                    spike.watched
                ),
            };
            language.written(&format!(
                "Pic `{}`, {times:.1} × pendant {:.0} s : p95 jusqu’à {:.0} ms, {:.1} % d’échecs{missed} ; {recovery}",
                spike.phase,
                spike.seconds,
                spike.peak_p95,
                spike.errors * 100.0
            ))
        }
    }
}

/// Planned events, one sentence each.
pub(in crate::report) fn events(document: &Document, language: Language) -> Vec<String> {
    let events = document.events.iter();
    events.map(|found| sentence(&event(found, language))).collect()
}

/// Effect of a planned event: downtime, failed and slow requests, recovery, error budget.
pub(in crate::report) fn event(effect: &EventEffect, language: Language) -> String {
    let event = &effect.event;
    // An event that was never carried out is told by its plan.
    let begun = event.begun.unwrap_or(event.planned);
    let lasted = event.ended.map_or(0.0, |ended| ended - begun);
    let (name, service) = (&event.name, &event.service);
    let what = action(event.action, language);
    let failed = language.count(effect.failed);
    let requests = language.count(effect.requests);
    match language {
        Language::English => {
            let down = match effect.downtime {
                None => "the front door was not watched".to_owned(),
                Some(0) => "the front door answered throughout".to_owned(),
                Some(seconds) => format!("{seconds} s unavailable"),
            };
            let slow = if effect.slow > 0 {
                format!(", {} slow", language.count(effect.slow))
            } else {
                String::new()
            };
            let recovery = match effect.recovery {
                Some(seconds) => format!("back within the objective {seconds:.0} s after its end"),
                None => format!(
                    "not back within the objective in the {:.0} s after its end",
                    effect.watched
                ),
            };
            let budget = effect
                .budget
                .filter(|budget| *budget > 0.0)
                .map_or_else(String::new, |budget| {
                    format!("; {} of a month's budget", language.share(budget))
                });
            let stale = stale_address(effect, language);
            format!(
                "Event `{name}` ({what} {service}, {lasted:.1} s from {begun:.0} s on): {down}, {failed} of {requests} requests \
                 failed{slow}; {recovery}{budget}{stale}"
            )
        }
        Language::French => {
            let down = match effect.downtime {
                None => "point d’entrée non observé".to_owned(),
                Some(0) => "le point d’entrée a toujours répondu".to_owned(),
                Some(seconds) => format!("{seconds} s d’indisponibilité"),
            };
            let slow = if effect.slow > 0 {
                format!(", {} trop lentes", language.count(effect.slow))
            } else {
                String::new()
            };
            let recovery = match effect.recovery {
                Some(seconds) => format!("objectif de nouveau tenu {seconds:.0} s après sa fin"),
                None => format!(
                    "objectif toujours pas tenu dans les {:.0} s qui ont suivi sa fin",
                    effect.watched
                ),
            };
            let budget = effect
                .budget
                .filter(|budget| *budget > 0.0)
                .map_or_else(String::new, |budget| {
                    format!(" ; {} du budget d’un mois", language.share(budget))
                });
            let stale = stale_address(effect, language);
            language.written(&format!(
                "Événement `{name}` ({what} de {service}, {lasted:.1} s à partir de {begun:.0} s) : {down}, {failed} requêtes en \
                 échec sur {requests}{slow} ; {recovery}{budget}{stale}"
            ))
        }
    }
}

/// The finding that somebody goes on asking the service's address of before the event; empty if there is none.
fn stale_address(effect: &EventEffect, language: Language) -> String {
    let Some(moved) = effect.event.moved.as_ref().filter(|_| effect.stale_address) else {
        return String::new();
    };
    let (service, before, after) = (&effect.event.service, moved.before.join(", "), moved.after.join(", "));
    match language {
        Language::English => format!(
            "; {service} moved from {before} to {after}, and requests go on failing: what asks it keeps the old address (restart it with \
             {service}, or let it look the name up again; in Nginx `resolver` with a variable in `proxy_pass`)"
        ),
        Language::French => format!(
            " ; {service} est passé de {before} à {after} et les requêtes échouent toujours : son appelant garde l’ancienne adresse (le \
             redémarrer avec {service}, ou lui faire résoudre le nom à nouveau ; dans Nginx, `resolver` et une variable dans `proxy_pass`)"
        ),
    }
}

fn action(action: StackAction, language: Language) -> &'static str {
    let (english, french) = match action {
        StackAction::Restart => ("restart of", "redémarrage"),
        StackAction::Stop => ("stop of", "arrêt"),
        StackAction::Start => ("start of", "démarrage"),
        StackAction::Kill => ("kill of", "arrêt brutal"),
        StackAction::Crash => ("crash of", "plantage"),
        StackAction::Pause => ("pause of", "suspension"),
        StackAction::Limit => ("limit on", "bridage"),
        StackAction::Network => ("network fault of", "panne réseau"),
        StackAction::FillDisk => ("full disk of", "disque plein"),
        StackAction::Recreate => ("replacement of", "remplacement"),
        StackAction::Scale => ("scaling of", "changement du nombre de conteneurs"),
        StackAction::Run => ("one-shot container of", "conteneur ponctuel"),
        StackAction::Sql => ("statement in", "instruction SQL au sein"),
        StackAction::Exec => ("command in", "commande au sein"),
    };
    language.say(english, french)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::StackEvent;

    #[test]
    fn the_effect_of_an_event_is_one_sentence() {
        let mut effect = EventEffect {
            event: StackEvent {
                name: "update".to_owned(),
                service: "api".to_owned(),
                action: StackAction::Restart,
                planned: 30.0,
                begun: Some(30.0),
                ended: Some(33.5),
                failure: None,
                moved: None,
            },
            downtime: Some(4),
            failed: 61,
            requests: 1_480,
            slow: 12,
            recovery: Some(9.2),
            watched: 56.5,
            budget: Some(0.00154),
            stale_address: false,
        };
        assert_eq!(
            event(&effect, Language::English),
            "Event `update` (restart of api, 3.5 s from 30 s on): 4 s unavailable, 61 of 1,480 requests failed, 12 slow; back \
             within the objective 9 s after its end; 0.15 % of a month's budget"
        );
        (effect.downtime, effect.slow, effect.recovery, effect.budget) = (Some(0), 0, None, Some(0.0));
        let french = event(&effect, Language::French).replace(['\u{202f}', '\u{a0}'], " ");
        assert_eq!(
            french,
            "Événement `update` (redémarrage de api, 3,5 s à partir de 30 s) : le point d’entrée a toujours répondu, 61 requêtes \
             en échec sur 1 480 ; objectif toujours pas tenu dans les 56 s qui ont suivi sa fin"
        );
    }

    #[test]
    fn a_spike_is_said_in_a_sentence() {
        let found = Spike {
            phase: "spike".to_owned(),
            before: 4.0,
            during: 40.0,
            seconds: 30.0,
            peak_p95: 2_345.6,
            errors: 0.021,
            missed: Some(0.7),
            recovery: Some(11.0),
            watched: 60.0,
        };
        assert_eq!(
            spike(&found, Language::English),
            "Spike `spike`, 10.0 × for 30 s: p95 up to 2346 ms, 2.1 % failed, 70 % missed the target; back within the objective 11 s \
             after its end"
        );
        assert_eq!(
            spike(&found, Language::French),
            "Pic `spike`, 10,0 × pendant 30 s : p95 jusqu’à 2346 ms, 2,1 % d’échecs, 70 % hors cible ; objectif de nouveau tenu 11 s \
             après la fin du pic"
        );
    }

    #[test]
    fn a_leak_and_a_steady_quantity_are_told_apart() {
        let mut found = Trend {
            what: "memory of api".to_owned(),
            unit: "MiB".to_owned(),
            quantity: Quantity::Memory("api".to_owned()),
            start: 210.0,
            hourly: Estimate {
                point: 120.0,
                low: 115.5,
                high: 125.0,
            },
            hours_left: Some(6.3),
            grows: true,
        };
        assert_eq!(
            trend(&found, Language::English),
            "memory of api grows by 120.00 MiB an hour [115.50 – 125.00], from 210 MiB; at that pace it reaches its limit in 6.3 hours"
        );
        assert_eq!(
            trend(&found, Language::French),
            "mémoire de api : hausse de 120,00 Mio par heure [115,50 – 125,00], à partir de 210 Mio ; à ce rythme, limite atteinte en \
             6,3 heures"
        );
        found.grows = false;
        assert!(trend(&found, Language::English).starts_with("memory of api is steady, at 210 MiB: +120.00"));
    }
}
