//! Sentences on what probes could not observe.

use super::text::written;
use crate::evidence::Limitation;
use crate::evidence::postgres::HiddenData;
use crate::evidence::proxy::ProxyLogGap;
use crate::words::wording::HiddenDataText;
use crate::words::{en, quoted};

/// Something that the database server did not show.
pub(super) fn hidden_data(unseen: &HiddenData) -> HiddenDataText {
    const EXECUTIONS: &str = "le nombre d’exécutions de requêtes SQL";
    let text = |what: &str, why: &str, remedy: &str| HiddenDataText {
        what: what.to_owned(),
        why: why.to_owned(),
        remedy: remedy.to_owned(),
    };
    match unseen {
        HiddenData::LogOfAttached => text(
            "les exécutions au-dessus des limites et leur distribution",
            "le journal d’un serveur auquel on s’attache n’est pas lu, et ses réglages restent tels quels",
            "démarrez la pile avec `[compose]` au lieu de vous y attacher",
        ),
        HiddenData::OtherUsers { role } => text(
            "les requêtes SQL, sessions et attentes des autres utilisateurs",
            &format!("le rôle {role} n’est pas membre de pg_read_all_stats"),
            &format!("`GRANT pg_monitor TO {role}`"),
        ),
        HiddenData::ExtensionNotInstalled => text(
            EXECUTIONS,
            "l’extension pg_stat_statements n’est pas installée dans cette base",
            "chargez-la par shared_preload_libraries et CREATE EXTENSION pg_stat_statements",
        ),
        HiddenData::ExtensionNotReadable { error } => text(
            EXECUTIONS,
            &format!("pg_stat_statements n’est pas lisible : {}", quoted(error)),
            "chargez-la par shared_preload_libraries et accordez-la au rôle",
        ),
        HiddenData::NotCounted { error } => text(
            EXECUTIONS,
            &quoted(error),
            "ne touchez pas aux statistiques pendant une campagne",
        ),
        HiddenData::Verbatim { what, why, remedy } => text(&quoted(what), &quoted(why), &quoted(remedy)),
    }
}

/// Reason why parts of the time of requests are missing or less precise.
pub(super) fn proxy_log_gap(coarse: &ProxyLogGap) -> String {
    let text = match coarse {
        ProxyLogGap::NoRequestId => {
            "Le journal du proxy ne montre ni l’identifiant ni le User-Agent des requêtes : les temps sont ceux de toutes \
             les requêtes ensemble, et le temps passé hors du proxy est inconnu."
        }
        ProxyLogGap::NoRequestTime => {
            "Le journal du proxy n’a pas de `$request_time` : son propre temps compte comme passé hors de lui."
        }
        ProxyLogGap::NoUpstreamResponseTime => {
            "Le journal du proxy n’a pas de `$upstream_response_time` : le temps de l’application compte comme le sien."
        }
        ProxyLogGap::NoUpstreamConnectTime => {
            "Le journal du proxy n’a pas de `$upstream_connect_time` : la connexion compte comme temps de l’application."
        }
        ProxyLogGap::NoApplication { service } => {
            return format!("Il n’y a pas de service `{service}` dont lire le journal.");
        }
        ProxyLogGap::UnreadLines { lines } => {
            return format!(
                "Lignes du journal du proxy qui ne suivent pas son format et n’ont pas été lues : {} ; voir `[proxy] log-format` du fichier de pile.",
                written(&en::text::count(*lines))
            );
        }
        ProxyLogGap::NoApplicationId => {
            "Le journal de l’application n’a pas d’identifiant de requête : ses temps sont ceux de toutes les requêtes \
             ensemble."
        }
        ProxyLogGap::Verbatim(sentence) => return quoted(sentence),
    };
    text.to_owned()
}

/// Limitation of page loads in a browser.
pub(super) fn limitation(limitation: &Limitation) -> String {
    let text = match limitation {
        Limitation::UntrustedNotCached => {
            "Chromium ne garde rien de ce qui est venu avec un certificat auquel il ne se fie pas (`tls.insecure`) : même à \
             cache plein, il recharge tout."
        }
        Limitation::AnyCertificateAccepted => {
            "Firefox accepte ici tout certificat : celui de la porte d’entrée n’a été vérifié que par le banc d’essai, s’il \
             l’a été."
        }
        Limitation::NoShiftsTasksAndConsole => {
            "Firefox ne fournit ni les décalages de mise en page, ni les tâches longues, ni les erreurs de la console."
        }
        Limitation::ReadyAfterLoad => {
            "Dans Firefox, les données de la page sont cherchées après la fin du chargement : ce qui était affiché plus tôt \
             compte comme affiché à ce moment."
        }
        Limitation::NoPictures => "Aucune image n’est prise dans Firefox.",
        Limitation::FirstReplicaOnly => {
            "Les pages n’ont été chargées que par la première des instances de la porte d’entrée."
        }
        Limitation::Verbatim(sentence) => return quoted(sentence),
    };
    text.to_owned()
}
