//! Sentences on the plan.

use super::text::{plural, written};
use crate::evidence::browser::{CacheUse, Conditions, JudgedCache};
use crate::evidence::{Executor, LoadModel, PhasePlan, PlannedLoad, ReplayStarts};
use crate::units::Span;
use crate::words::quoted;

/// Size of the load of a phase.
pub(super) fn amount(phase: &PhasePlan) -> String {
    let model = match phase.model {
        LoadModel::Open => "modèle ouvert",
        LoadModel::Closed => "modèle fermé",
    };
    match phase.users {
        Some(users) => format!("{model} : {}", plural(users.into(), "utilisateur")),
        None => plural(phase.arrivals, "arrivée"),
    }
}

/// The judged part of a phase.
pub(super) fn judged(phase: &PhasePlan) -> &'static str {
    match (phase.judged, phase.pages) {
        (true, _) => "jugée",
        (false, true) => "pages jugées",
        (false, false) => "non jugée",
    }
}

/// The load of a phase.
pub(super) fn load(load: &PlannedLoad) -> String {
    match load {
        PlannedLoad::Whole(load) => executor(load),
        PlannedLoad::UntilDecided {
            executor: load,
            at_most,
        } => format!(
            "{}, jusqu’à ce que chaque objectif décisif soit tranché, au plus {at_most}",
            executor(load)
        ),
        PlannedLoad::LogIn { users, every } => format!("connexion de {users} utilisateurs, un toutes les {every}"),
        PlannedLoad::Verbatim(sentence) => quoted(sentence),
    }
}

fn executor(load: &Executor) -> String {
    let name = load.name();
    let text = match load {
        Executor::ConstantArrivalRate { rate, poisson } => format!("{name} {rate}, {}", spacing(*poisson)),
        Executor::RampingArrivalRate { from, stages, poisson } => {
            let stages: Vec<String> = stages.iter().map(|(to, over)| format!("à {to} en {over}")).collect();
            format!("{name} de {from}, {}, {}", stages.join(", "), spacing(*poisson))
        }
        Executor::SteppedArrivalRate {
            from,
            to,
            steps,
            poisson,
        } => format!("{name} de {from} à {to} en {steps} paliers, {}", spacing(*poisson)),
        Executor::ConstantUsers {
            users,
            hatch_every,
            think,
        } => {
            let hatching = hatch_every.map_or_else(String::new, |every| format!(", un toutes les {every}"));
            format!("{name} {users}{hatching}{}", thinking(*think))
        }
        Executor::RampingUsers { stages, think } => {
            let stages: Vec<String> = stages.iter().map(|(to, over)| format!("à {to} en {over}")).collect();
            format!("{name} {}{}", stages.join(", "), thinking(*think))
        }
        Executor::Replay {
            sessions,
            requests,
            starts,
            speed,
        } => {
            let requests = plural(*requests, "requête");
            let of = match starts {
                ReplayStarts::Sessions => format!("{requests} en {}", plural(*sessions, "session")),
                ReplayStarts::Lines => format!("{requests}, chacune à son heure"),
                ReplayStarts::Fitted => {
                    format!(
                        "{requests} en {} tirées du journal, Poisson",
                        plural(*sessions, "session")
                    )
                }
            };
            format!("{name} de {of}, à la vitesse {speed}")
        }
    };
    written(&text)
}

fn spacing(poisson: bool) -> &'static str {
    if poisson {
        "Poisson"
    } else {
        "à intervalles réguliers"
    }
}

fn thinking(think: Option<(Span, Span)>) -> String {
    match think {
        None => String::new(),
        Some((low, high)) if low == high => format!(", réflexion {low}"),
        Some((low, high)) => format!(", réflexion {low}..{high}"),
    }
}

/// The conditions under which pages are loaded.
pub(super) fn conditions(conditions: &Conditions) -> String {
    let cache = match conditions.cache {
        CacheUse::Warm => "cache conservé entre les chargements",
        CacheUse::Cold => "cache vidé avant chaque chargement",
        CacheUse::Both => "chaque page avec un cache vide, puis avec ce qu’il en reste",
    };
    let judged = match conditions.judged {
        JudgedCache::All => "tous les chargements jugés",
        JudgedCache::Warm => "chargements à cache plein jugés",
        JudgedCache::Cold => "chargements à cache vide jugés",
    };
    let network = conditions.network.as_ref().map_or_else(
        || "réseau de cette machine".to_owned(),
        |network| {
            let latency = if network.latency.get().is_zero() {
                String::new()
            } else {
                format!(", latence {}", network.latency)
            };
            let upload = network.upload.unwrap_or(network.download);
            format!(
                "réseau {} en réception, {upload} en émission{latency}",
                network.download
            )
        },
    );
    let scripts = conditions.cpu_slowdown.map_or_else(
        || "processeur de cette machine".to_owned(),
        |factor| format!("scripts {factor} fois plus lents que sur cette machine"),
    );
    written(&format!("{cache}, {judged} ; {network} ; {scripts}"))
}
