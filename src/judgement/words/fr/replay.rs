//! Sentences on replayed records.

use super::text::{count, written};
use crate::evidence::{FoundSpacing, LeftOutReason};
use crate::words::quoted;

/// Reason for which lines of a log are left out.
pub(super) fn left_out(reason: &LeftOutReason) -> String {
    let text = match reason {
        LeftOutReason::Unfit => "ligne qui ne suit pas le format".to_owned(),
        LeftOutReason::NoRequest => "ligne de requête qui n’en est pas une".to_owned(),
        LeftOutReason::Rule(reason) => return format!("{} (par une règle)", quoted(reason)),
        LeftOutReason::Monitor => "contrôle de santé ou surveillance".to_owned(),
        LeftOutReason::Bot => "robot".to_owned(),
        LeftOutReason::StaticFile => "fichier statique, que la sonde du navigateur charge".to_owned(),
        LeftOutReason::Preflight => "requête préalable CORS, que le navigateur envoie de lui-même".to_owned(),
        LeftOutReason::WebSocket => "conversation par WebSocket".to_owned(),
        LeftOutReason::NotSampled => "session hors de l’échantillon".to_owned(),
        LeftOutReason::TooMany(most) => format!(
            "requête au-delà des {} premières : `--sample` prend des sessions entières de tout le journal",
            count(*most)
        ),
        LeftOutReason::Write(method) => {
            format!("écriture ({method}), dont aucun journal n’a le corps : une règle la traduit")
        }
        LeftOutReason::Address => "adresse électronique dans le chemin : une règle la traduit".to_owned(),
        LeftOutReason::TooManyKinds(most) => format!(
            "au-delà de {} sortes de requêtes : des règles les regroupent",
            count(*most)
        ),
        LeftOutReason::NoValue(name) => {
            format!("requête qui a besoin de `{name}`, qu’aucune requête antérieure de sa session ne donne")
        }
    };
    written(&text)
}

/// Spacing of arrivals, as tested.
pub(super) fn spacing(found: FoundSpacing) -> &'static str {
    match found {
        FoundSpacing::Even => "plus réguliers que ceux d’utilisateurs indépendants",
        FoundSpacing::Independent => "comme ceux d’utilisateurs indépendants",
        FoundSpacing::Uneven => "plus irréguliers que ceux d’utilisateurs indépendants",
    }
}
