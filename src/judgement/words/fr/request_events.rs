//! Sentences about events of requests that their outcomes do not tell.

use super::text::{count, list, percent};
use crate::evidence::{RequestEvent, RequestEventKind};

/// Event of one request and of several, and its effect; events of the generator itself are a rule of validity.
const KINDS: [(RequestEventKind, &str, &str, &str); 10] = [
    (
        RequestEventKind::ResentAfterClose,
        "renvoyée parce que le serveur fermait à cet instant une connexion maintenue, comme le font les navigateurs",
        "renvoyées parce que le serveur fermait à cet instant une connexion maintenue, comme le font les navigateurs",
        "ce n’est pas une erreur",
    ),
    (
        RequestEventKind::ResentUnprocessed,
        "renvoyée parce que le serveur l’avait écartée sans la traiter (GOAWAY ou REFUSED_STREAM de HTTP/2)",
        "renvoyées parce que le serveur les avait écartées sans les traiter (GOAWAY ou REFUSED_STREAM de HTTP/2)",
        "ce n’est pas une erreur",
    ),
    (
        RequestEventKind::ClosedWhenSent,
        "perdue parce que le serveur fermait à cet instant une connexion maintenue, sans renvoi possible",
        "perdues parce que le serveur fermait à cet instant une connexion maintenue, sans renvoi possible",
        "comptées comme connexion coupée ; si aucun conteneur ne s’est alors arrêté, un délai de maintien plus long côté serveur \
         l’évite",
    ),
    (
        RequestEventKind::HeadTooLarge,
        "dont la réponse compte plus de 1 000 en-têtes ou un en-tête de plus de 256 ko",
        "dont la réponse compte plus de 1 000 en-têtes ou un en-tête de plus de 256 ko",
        "comptées comme réponse illisible",
    ),
    (
        RequestEventKind::NotHttp,
        "dont la réponse n’est pas du HTTP, ou annonce des longueurs fausses",
        "dont la réponse n’est pas du HTTP, ou annonce des longueurs fausses",
        "comptées comme réponse illisible",
    ),
    (
        RequestEventKind::Undecodable,
        "dont le corps de la réponse n’est pas codé comme l’annonce `content-encoding`",
        "dont le corps de la réponse n’est pas codé comme l’annonce `content-encoding`",
        "comptées comme réponse illisible",
    ),
    (
        RequestEventKind::FeederExhausted,
        "non envoyée, le fichier de données du parcours étant épuisé",
        "non envoyées, le fichier de données du parcours étant épuisé",
        "la campagne s’est arrêtée là",
    ),
    (
        RequestEventKind::CacheHit,
        "à laquelle le cache de l’utilisateur a répondu, et non envoyée",
        "auxquelles le cache de l’utilisateur a répondu, et non envoyées",
        "comptées nulle part ailleurs",
    ),
    (
        RequestEventKind::NotModified,
        "à laquelle le serveur a répondu 304 : le cache de l’utilisateur reste valable",
        "auxquelles le serveur a répondu 304 : le cache de l’utilisateur reste valable",
        "comptées comme succès",
    ),
    (
        RequestEventKind::NotRemoved,
        "nécessaire à la fin pour supprimer ce que la campagne avait créé, en échec ou trop tardive",
        "nécessaires à la fin pour supprimer ce que la campagne avait créé, en échec ou trop tardives",
        "non jugées",
    ),
];

/// One sentence for each kind of event that came, with the series.
pub(super) fn sentences(events: &[RequestEvent]) -> Vec<String> {
    let sentence = |(kind, one, several, effect): (RequestEventKind, &str, &str, &str)| {
        let of_kind = || events.iter().filter(move |event| event.kind == kind);
        let total: u64 = of_kind().map(|event| event.count).sum();
        let series: Vec<String> = of_kind().map(|event| event.series.clone()).collect();
        let what = if total < 2 {
            format!("1 requête {one}")
        } else {
            format!("{} requêtes {several}", count(total))
        };
        (total > 0).then(|| format!("{what} ({}) : {effect}.", list(&series)))
    };
    KINDS.into_iter().filter_map(sentence).collect()
}

/// Requests that were refused because the session had expired. The caller has at least one.
pub(super) fn expired(expired: u64, requests: u64) -> String {
    let share = percent(expired as f64 / requests as f64);
    let (subject, each) = if expired < 2 {
        (
            "1 requête".to_owned(),
            "a trouvé la session expirée : elle a été refaite après le renouvellement et n’est pas une erreur",
        )
    } else {
        (
            format!("{} requêtes", count(expired)),
            "ont trouvé la session expirée : chacune a été refaite après le renouvellement, et ce ne sont pas des erreurs",
        )
    };
    format!("{subject} sur {} ({share}) {each}.", count(requests))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expired_sessions_have_their_share() {
        assert_eq!(
            super::expired(1, 200),
            "1 requête sur 200 (0,5 %) a trouvé la session expirée : elle a été refaite après le renouvellement et n’est pas une erreur."
        );
        assert!(super::expired(2_000, 10_000).contains("(20 %) ont trouvé"));
    }

    #[test]
    fn each_kind_agrees_with_its_number() {
        let event = |kind, series: &str, count| RequestEvent {
            kind,
            series: series.to_owned(),
            count,
        };
        let told = sentences(&[
            event(RequestEventKind::FeederExhausted, "tasks.create", 1),
            event(RequestEventKind::ResentUnprocessed, "tasks.create", 1),
            event(RequestEventKind::ResentUnprocessed, "tasks.list", 2),
        ]);
        assert_eq!(
            told,
            [
                "3 requêtes renvoyées parce que le serveur les avait écartées sans les traiter (GOAWAY ou REFUSED_STREAM de HTTP/2) \
                 (tasks.create et tasks.list) : ce n’est pas une erreur.",
                "1 requête non envoyée, le fichier de données du parcours étant épuisé (tasks.create) : la campagne s’est arrêtée là.",
            ]
        );
    }
}
