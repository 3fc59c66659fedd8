//! Sentences on where requests spend their time, and on the suspected cause of a complaint.

use super::text::{bare, count, limit, plural, statistic, written};
use super::{failed, incident, validity};
use crate::cause::{
    About, Answerer, BudgetPart, Cause, Complaint, Failures, LockWaits, Statements, Suspect, SuspectFinding, Tier,
};
use crate::evidence::Incident;
use crate::slo::FailedLogIns;
use crate::words::en::{self, cause::short};
use crate::words::quoted;

/// Most kinds of failures that the evidence of a finding lists.
const MOST_KINDS: usize = 3;

/// Name of a tier that requests pass.
pub(super) fn tier(tier: Tier) -> &'static str {
    match tier {
        Tier::Generator => "générateur de charge",
        Tier::Host => "machine hôte",
        Tier::Proxy => "proxy",
        Tier::Application => "application",
        Tier::Database => "base de données",
        Tier::Store => "service de stockage",
        Tier::Journey => "parcours ou ses données",
    }
}

/// Name of a part of the time of a request.
pub(super) fn part(part: BudgetPart) -> &'static str {
    match part {
        BudgetPart::Generator => "générateur",
        BudgetPart::Network => "réseau et file du proxy",
        BudgetPart::Proxy => "proxy",
        BudgetPart::Connect => "connexion à l’application",
        BudgetPart::Application => "application",
        BudgetPart::Database => "base de données",
        BudgetPart::Behind => "système, proxy et application confondus",
    }
}

/// The place of a part, as it follows a verb.
fn place(part: BudgetPart) -> &'static str {
    match part {
        BudgetPart::Generator => "dans le générateur",
        BudgetPart::Network => "sur le réseau et dans la file du proxy",
        BudgetPart::Proxy => "dans le proxy",
        BudgetPart::Connect => "à établir la connexion avec l’application",
        BudgetPart::Application => "dans l’application",
        BudgetPart::Database => "dans la base de données",
        BudgetPart::Behind => "dans le système, proxy et application confondus",
    }
}

/// Milliseconds with about three digits.
fn millis(value: f64) -> String {
    written(&en::text::millis(value))
}

/// A share in prose.
fn portion(share: f64) -> String {
    written(&en::text::portion(share))
}

/// Summary of the run in one sentence.
pub(super) fn sentence(cause: &Cause) -> String {
    let Some(complaint) = &cause.complaint else {
        return no_complaint(cause);
    };
    match cause.suspects.first() {
        Some(suspect) => format!("{} : {}.", complains(complaint), clause(suspect)),
        None => format!(
            "{}, et rien de ce qui a été mesuré ne l’explique.",
            complains(complaint)
        ),
    }
}

fn no_complaint(cause: &Cause) -> String {
    let open = cause.open;
    if open.before_judging {
        return "La campagne a été interrompue avant que quoi que ce soit ne soit jugé.".to_owned();
    }
    let stopped = if open.interrupted {
        " à l’interruption de la campagne"
    } else {
        ""
    };
    let answer = match (open.gating, open.advisory) {
        (0, 0) => "Tous les objectifs sont tenus".to_owned(),
        (0, _) => "Tous les objectifs décisifs sont tenus".to_owned(),
        (1, _) => format!("Aucun objectif n’est manqué, mais un objectif décisif reste indécis{stopped}"),
        (gating, _) => {
            format!("Aucun objectif n’est manqué, mais {gating} objectifs décisifs restent indécis{stopped}")
        }
    };
    let budget = cause.budgets.first();
    let Some((budget, busiest)) = budget.and_then(|budget| Some((budget, budget.busiest()?))) else {
        return format!("{answer}.");
    };
    format!(
        "{answer} ; sur les {} que dure en moyenne une requête, {} se passent {}.",
        millis(budget.mean_ms),
        portion(budget.share(busiest)),
        place(busiest)
    )
}

/// The complaint, as the beginning of a sentence.
fn complains(complaint: &Complaint) -> String {
    match &complaint.about {
        About::Objective {
            name,
            missed,
            target,
            measurement,
        } => {
            let how = if *missed {
                "ne respecte pas"
            } else {
                "pourrait ne pas respecter"
            };
            let value = match measurement.point {
                None if measurement.is_unsampled() => "aucun échantillon".to_owned(),
                None => "∞ (échec)".to_owned(),
                point => written(&en::text::value(point, measurement.unit)),
            };
            let measured = format!("{} {value}", statistic(&measurement.statistic));
            format!("{} {how} sa cible de {} ({measured})", quoted(name), limit(*target))
        }
        About::LogIns(_) => "Aucune connexion d’utilisateur n’a abouti".to_owned(),
        About::Death(incident) => format!("Le service {} n’a pas résisté à la charge", incident.service),
        About::Rule(check) => format!(
            "La mesure n’est pas valide ({} : {})",
            validity::rule(&check.rule()),
            validity::measured(&check.facts)
        ),
    }
}

/// The suspect as the subject of a clause.
fn subject(suspect: &Suspect) -> String {
    match (&suspect.service, suspect.tier) {
        (Some(service), _) => format!("le service {service}"),
        (None, Tier::Generator) => "le générateur de charge".to_owned(),
        (None, Tier::Host) => "la machine hôte".to_owned(),
        (None, Tier::Proxy) => "le proxy".to_owned(),
        (None, Tier::Application) => "l’application".to_owned(),
        (None, Tier::Database) => "la base de données".to_owned(),
        (None, Tier::Store) => "le service de stockage".to_owned(),
        (None, Tier::Journey) => "le parcours".to_owned(),
    }
}

/// The finding as a clause.
#[expect(clippy::too_many_lines, reason = "one arm for each finding")]
pub(super) fn clause(suspect: &Suspect) -> String {
    let name = subject(suspect);
    match &suspect.finding {
        SuspectFinding::GeneratorLate { send_lag_ms } => format!(
            "Diapason n’a pas tenu le rythme prévu (jusqu’à {} de retard à l’envoi au p99) : les chiffres ne sont pas ceux du \
             système",
            millis(*send_lag_ms)
        ),
        SuspectFinding::ProcessorStolen { share } => format!(
            "l’hyperviseur a donné à d’autres {} du temps de processeur de la machine hôte",
            portion(*share)
        ),
        SuspectFinding::HostBusy { share } => format!(
            "la machine hôte n’a plus de temps de processeur disponible (occupée à {})",
            portion(*share)
        ),
        SuspectFinding::OutOfMemory { .. } => {
            format!("{name} a épuisé sa mémoire, et le noyau a mis fin à ses processus")
        }
        SuspectFinding::Stopped { incidents } => {
            format!(
                "{name} s’est arrêté ou a redémarré ({})",
                all_incidents(incidents).join(", ")
            )
        }
        SuspectFinding::MemoryScarce { share } => format!("{name} occupe {} de la mémoire allouée", portion(*share)),
        SuspectFinding::Throttled { share, limit, .. } => format!(
            "{name} bute sur sa limite de processeur{} : bridage dans {} des périodes d’ordonnancement",
            of_cores(*limit),
            portion(*share)
        ),
        SuspectFinding::Saturated { cores, limit } => format!(
            "{name} consomme {} du temps de processeur alloué",
            portion((cores / limit).min(1.0))
        ),
        SuspectFinding::OneLoop { .. } => format!(
            "{name} occupe un cœur entier, soit tout ce que peut utiliser un processus unique à une seule boucle d’événements"
        ),
        SuspectFinding::Locks(waits) => locks(waits),
        SuspectFinding::PoolExhausted { connections, busy, .. } => format!(
            "les requêtes attendent une connexion à la base de données : l’application dispose de {}, occupation {} du temps",
            plural(u64::from(*connections), "connexion"),
            portion(*busy)
        ),
        SuspectFinding::SlowStatements { statements, .. } => slow_statements(statements),
        SuspectFinding::SlowApplication {
            part,
            share,
            mean_ms,
            idle_cores,
        } => format!(
            "sur les {} que dure en moyenne une requête, {} se passent {}{}",
            millis(*mean_ms),
            millis(share * mean_ms),
            place(*part),
            waits_for(*idle_cores)
        ),
        SuspectFinding::SlowProxy { share } => format!(
            "{} du temps d’une requête s’écoule avant que l’application ne la reçoive ou après sa réponse",
            portion(*share)
        ),
        SuspectFinding::SlowPages { first_byte_ms, load_ms } => format!(
            "le serveur qui produit les pages est lent : {} sur {} s’écoulent avant le premier octet du document",
            millis(*first_byte_ms),
            millis(*load_ms)
        ),
        SuspectFinding::NoLogIn(log_ins) => no_log_in(log_ins),
        SuspectFinding::Refused(failures) => format!(
            "le limiteur de débit a refusé {} des requêtes{}",
            portion(failures.refused as f64 / failures.requests.max(1) as f64),
            most_of(failures, Answerer::Limiter)
        ),
        SuspectFinding::ServerErrors(failures) => format!(
            "l’application répond à {} des requêtes par une erreur (500 à 599){}{}",
            share_of_failed(failures),
            worst(failures),
            none_from(failures)
        ),
        SuspectFinding::ProxyErrors(failures) => format!(
            "le proxy répond à {} des requêtes par sa propre page d’erreur, à la place de l’application{}{}",
            share_of_failed(failures),
            most_of(failures, Answerer::Proxy),
            none_from(failures)
        ),
        SuspectFinding::JourneyErrors(failures) => format!(
            "{} des requêtes reçoivent une réponse que le parcours n’attend pas{}{}",
            share_of_failed(failures),
            most_of(failures, Answerer::Journey),
            none_from(failures)
        ),
        SuspectFinding::OtherErrors(failures) => format!(
            "{} des requêtes échouent{}{}{}",
            share_of_failed(failures),
            failures
                .kind
                .map_or_else(String::new, |kind| format!(" ({})", failed::outcome(kind))),
            worst(failures),
            none_from(failures)
        ),
    }
}

fn no_log_in(log_ins: &FailedLogIns) -> String {
    let answer = failed::answer(log_ins.status, log_ins.outcome);
    let example = log_ins.example.as_ref();
    let example = example.map_or_else(String::new, |example| format!(" ; {}", failed::example(example)));
    format!(
        "toutes les requêtes de connexion ont échoué ({} : {answer}{example}), aucune autre n’a donc été envoyée",
        count(log_ins.count)
    )
}

fn all_incidents(incidents: &[Incident]) -> Vec<String> {
    incidents.iter().map(incident).collect()
}

fn of_cores(limit: Option<f64>) -> String {
    limit.map_or_else(String::new, |limit| {
        // French takes the plural from two on: 1,5 has the singular.
        let noun = if limit < 2.0 { "cœur" } else { "cœurs" };
        format!(" de {} {noun}", bare(limit))
    })
}

/// `0,49 cœur utilisé`, `2,10 cœurs utilisés`.
fn used_cores(value: f64) -> String {
    let words = if value < 2.0 {
        "cœur utilisé"
    } else {
        "cœurs utilisés"
    };
    format!("{} {words}", written(&format!("{value:.2}")))
}

fn locks(waits: &LockWaits) -> String {
    let table = waits.table.as_ref();
    let table = table.map_or_else(String::new, |table| format!(" sur {table}"));
    format!(
        "des requêtes SQL attendent un verrou{table} : `{}` a attendu jusqu’à {} qu’une session (état `{}`) le libère après `{}`",
        short(&waits.waiting),
        written(&format!("{:.1} s", waits.longest)),
        waits.blocker_state,
        short(&waits.blocking)
    )
}

fn slow_statements(statements: &Statements) -> String {
    let of_time = portion(statements.share);
    let heaviest = short(&statements.heaviest);
    let mean = millis(statements.mean_ms);
    let alone = format!("{of_time} du temps passé dans PostgreSQL va à `{heaviest}` ({mean} par appel)");
    let Some(lack) = &statements.lacks else {
        return alone;
    };
    let (table, rows) = (&lack.table, count(lack.rows));
    match statements.number {
        1 => format!("{alone}, qui lit les {rows} lignes de {table}"),
        number => format!(
            "{of_time} du temps passé dans PostgreSQL va à {number} requêtes SQL ({mean} par appel) qui lisent les {rows} lignes de \
             {table}, dont `{heaviest}`"
        ),
    }
}

/// Possible waits of the application; they are unknown if its processor time or its database was not measured.
fn waits_for(idle_cores: Option<f64>) -> String {
    match idle_cores {
        Some(used) => format!(
            ", avec {} et sans attente de la base de données ni du processeur : attente d’un temporisateur, d’un autre \
             service ou d’un verrou interne",
            used_cores(used)
        ),
        None => {
            " ; faute de mesure du processeur ou de la base de données, la cause de l’attente reste inconnue".to_owned()
        }
    }
}

/// The most frequent answer of that party, and the series.
fn most_of(failures: &Failures, answerer: Answerer) -> String {
    failures.first_of(answerer).map_or_else(String::new, |kind| {
        let answer = failed::answer(kind.status, kind.outcome);
        format!(", surtout {answer} pour {}", kind.series)
    })
}

fn none_from(failures: &Failures) -> String {
    let from = failures.none_from;
    from.map_or_else(String::new, |second| {
        format!(" ; plus aucune ne réussit à partir de la seconde {second}")
    })
}

fn share_of_failed(failures: &Failures) -> String {
    portion(failures.errors as f64 / failures.requests.max(1) as f64)
}

fn worst(failures: &Failures) -> String {
    failures.worst.as_ref().map_or_else(String::new, |(series, share)| {
        format!(", surtout pour {series} ({} d’échecs)", portion(*share))
    })
}

/// Numbers that support the finding.
pub(super) fn evidence(finding: &SuspectFinding) -> Vec<String> {
    match finding {
        SuspectFinding::GeneratorLate { send_lag_ms } => vec![format!("retard d’envoi p99 {}", millis(*send_lag_ms))],
        SuspectFinding::ProcessorStolen { share } => {
            vec![format!("temps pris par l’hyperviseur : {}", portion(*share))]
        }
        SuspectFinding::HostBusy { share } => vec![format!("machine hôte occupée à {}", portion(*share))],
        SuspectFinding::OutOfMemory { incidents } | SuspectFinding::Stopped { incidents } => all_incidents(incidents),
        SuspectFinding::MemoryScarce { share } => vec![format!("mémoire : jusqu’à {} de la limite", portion(*share))],
        SuspectFinding::Throttled {
            share,
            cores: used,
            limit,
        } => vec![
            format!("bridage dans {} des périodes", portion(*share)),
            match limit {
                Some(limit) => format!("{} sur {}", used_cores(*used), bare(*limit)),
                None => used_cores(*used),
            },
        ],
        SuspectFinding::Saturated { cores: used, limit } => {
            vec![format!("{} sur {}", used_cores(*used), written(&format!("{limit:.2}")))]
        }
        SuspectFinding::OneLoop { cores: used } => vec![used_cores(*used)],
        SuspectFinding::Locks(waits) => vec![written(&format!(
            "{:.1} s d’attente de verrous, dont {:.1} s pour la plus longue",
            waits.seconds, waits.longest
        ))],
        SuspectFinding::PoolExhausted {
            connections,
            busy,
            queueing,
            under_way,
        } => vec![
            format!(
                "{}, occupation de {} : {} des demandes doivent attendre (Erlang C)",
                plural(u64::from(*connections), "connexion"),
                portion(*busy),
                portion(*queueing)
            ),
            written(&format!("{under_way:.2} requêtes SQL en cours en moyenne")),
        ],
        SuspectFinding::SlowStatements { statements, of_request } => of_statements(statements, *of_request),
        SuspectFinding::SlowApplication { part, share, .. } => {
            vec![format!("{} d’une requête {}", portion(*share), place(*part))]
        }
        SuspectFinding::SlowProxy { share } => vec![format!(
            "{} sur le réseau, dans la file du proxy et dans le proxy",
            portion(*share)
        )],
        SuspectFinding::SlowPages { first_byte_ms, load_ms } => vec![format!(
            "premier octet à {} sur un chargement de {}",
            millis(*first_byte_ms),
            millis(*load_ms)
        )],
        SuspectFinding::NoLogIn(log_ins) => vec![format!(
            "{} : {}",
            failed::answer(log_ins.status, log_ins.outcome),
            count(log_ins.count)
        )],
        SuspectFinding::Refused(failures) => {
            let refused = format!(
                "{} requêtes refusées sur {}",
                count(failures.refused),
                count(failures.requests)
            );
            std::iter::once(refused).chain(answers(failures)).collect()
        }
        SuspectFinding::ServerErrors(failures)
        | SuspectFinding::ProxyErrors(failures)
        | SuspectFinding::JourneyErrors(failures)
        | SuspectFinding::OtherErrors(failures) => {
            let failed = format!(
                "{} requêtes en échec sur {}, dont {} avec un statut de 500 à 599",
                count(failures.errors),
                count(failures.requests),
                count(failures.server_errors)
            );
            std::iter::once(failed).chain(answers(failures)).collect()
        }
    }
}

/// The most frequent kinds of failures, each with an example.
fn answers(failures: &Failures) -> impl Iterator<Item = String> {
    failures.kinds.iter().take(MOST_KINDS).map(|kind| {
        let answer = failed::answer(kind.status, kind.outcome);
        let answer = format!("{answer} : {}, surtout pour {}", count(kind.count), kind.series);
        match &kind.example {
            Some(example) => format!("{answer}, par exemple {}", failed::example(example)),
            None => answer,
        }
    })
}

fn of_statements(statements: &Statements, of_request: f64) -> Vec<String> {
    let mut evidence = vec![format!(
        "{}, moyenne {}, {} du temps de toutes les requêtes SQL",
        plural(statements.calls, "appel"),
        millis(statements.mean_ms),
        portion(statements.share)
    )];
    if of_request > 0.0 {
        evidence.push(format!(
            "le SQL représente {} d’une requête (estimation)",
            portion(of_request)
        ));
    }
    if let Some(lack) = &statements.lacks {
        evidence.push(format!(
            "parcours séquentiels de {}, {}",
            lack.table,
            plural(lack.rows, "ligne")
        ));
    }
    evidence
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cause::FullTableRead;

    #[test]
    fn statements_and_pools_are_told_in_french() {
        let clause = |finding| {
            clause(&Suspect {
                rule: "slow-statement".to_owned(),
                tier: Tier::Database,
                service: None,
                weight: 0.9,
                finding,
            })
        };
        let statements = Statements {
            heaviest: "SELECT * FROM tasks".to_owned(),
            number: 4,
            share: 0.37,
            mean_ms: 52.0,
            calls: 2_000,
            lacks: Some(FullTableRead {
                table: "tasks".to_owned(),
                rows: 300_171,
                columns: vec!["projectId".to_owned()],
            }),
        };
        assert_eq!(
            clause(SuspectFinding::SlowStatements {
                statements,
                of_request: 0.4
            }),
            "37 % du temps passé dans PostgreSQL va à 4 requêtes SQL (52,0 ms par appel) qui lisent les 300\u{202f}171 lignes de \
             tasks, dont `SELECT * FROM tasks`"
        );
        let throttled = SuspectFinding::Throttled {
            share: 0.82,
            cores: 0.49,
            limit: Some(0.5),
        };
        assert_eq!(
            clause(throttled.clone()),
            "la base de données bute sur sa limite de processeur de 0,5 cœur : bridage dans 82 % des périodes d’ordonnancement"
        );
        assert_eq!(
            evidence(&throttled),
            ["bridage dans 82 % des périodes", "0,49 cœur utilisé sur 0,5"]
        );
    }
}
