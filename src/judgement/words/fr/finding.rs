//! Sentences on the findings of an examination without load.

use super::text::{bare, count, duration, list, plural, typeset, written};
use crate::evidence::{
    AllowedOrigins, BucketKey, EncryptionFact, ExposureFact, FindingFact, FirstRefusal, HealthFact, KeepingFact,
    LimitFact, LimiterForecast, ResourceFault, ServiceFact, SizeFact, UnseenReason,
};
use crate::units::Bytes;
use crate::words::en::finding::rate;
use crate::words::quoted;

/// The observation behind a finding: `api : fonctionne, en bonne santé`.
pub(super) fn finding(fact: &FindingFact) -> String {
    typeset(&match fact {
        FindingFact::Verbatim { said } => quoted(said),
        FindingFact::Unanswered { what, reason } => format!("{} : {}", quoted(what), unseen(reason)),
        FindingFact::Unseen(reason) => unseen(reason),
        FindingFact::Answers { what, status } => format!("{} répond {status}", quoted(what)),
        FindingFact::Service(fact) => service(fact),
        FindingFact::Size(fact) => size(fact),
        FindingFact::Limit(fact) => limit(fact),
        FindingFact::Exposure(fact) => exposure(fact),
        FindingFact::Encryption(fact) => encryption(fact),
        FindingFact::Keeping(fact) => keeping(fact),
    })
}

fn names(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    list(&quoted)
}

fn unseen(reason: &UnseenReason) -> String {
    match reason {
        UnseenReason::Error(error) => quoted(error),
        UnseenReason::NoAnswer { seconds } => format!("aucune réponse en {seconds} s"),
        UnseenReason::Attached => {
            "le système est extérieur à la campagne : aucune commande n’y est exécutée".to_owned()
        }
        UnseenReason::NoPublisher => "aucun conteneur de ce moteur ne publie la porte d’entrée".to_owned(),
        UnseenReason::NoContainer { service } => format!("aucun conteneur de {} n’est visible", quoted(service)),
        UnseenReason::NoNginx => "aucun service n’est un Nginx".to_owned(),
        UnseenReason::NginxFailed { service, code, said } => format!(
            "{} dans {} s’est terminé avec le code {code} : {}",
            quoted("nginx -T"),
            quoted(service),
            quoted(said)
        ),
        UnseenReason::NoDatabase => format!("le fichier de la pile n’a pas de table {}", quoted("[database]")),
        UnseenReason::NoDatabaseAddress => format!(
            "un système extérieur demande un fichier de pile avec {} et {}",
            quoted("[attach] url"),
            quoted("database-dsn = \"postgresql://…\"")
        ),
        UnseenReason::NoCertificate => "elle n’envoie pas de certificat".to_owned(),
        UnseenReason::EmptyFolder { folder } => format!("{} : il n’y en a aucune", quoted(folder)),
    }
}

fn service(fact: &ServiceFact) -> String {
    match fact {
        ServiceFact::ServicesUnseen => "les services ne sont pas visibles".to_owned(),
        ServiceFact::Ended { service, code } => format!("{} : terminé avec le code {code}", quoted(service)),
        ServiceFact::Restarted { service, times } => {
            format!("{} : fonctionne, a été redémarré {times} fois", quoted(service))
        }
        ServiceFact::Runs { service, health } => format!("{} : fonctionne, {}", quoted(service), state(health)),
        ServiceFact::Connected => "une connexion est établie".to_owned(),
        ServiceFact::Rows {
            what,
            count: found,
            at_least,
        } if found >= at_least => format!("{} : {}", quoted(what), count(*found)),
        ServiceFact::Rows {
            what,
            count: found,
            at_least,
        } => format!(
            "{} : {}, au moins {} attendus",
            quoted(what),
            count(*found),
            count(*at_least)
        ),
    }
}

fn state(health: &HealthFact) -> String {
    match health {
        HealthFact::Healthy => "en bonne santé".to_owned(),
        HealthFact::Passed => "son contrôle de santé a réussi".to_owned(),
        HealthFact::Pending => "son contrôle de santé n’a pas encore réussi".to_owned(),
        HealthFact::Other(state) => quoted(state),
        HealthFact::Missing => "sans contrôle de santé".to_owned(),
    }
}

fn bytes(bytes: u64) -> String {
    written(&Bytes::new(bytes).to_string()).replace('B', "o")
}

fn size(fact: &SizeFact) -> String {
    match fact {
        SizeFact::Resources {
            service,
            cpus,
            used,
            memory,
            fault,
        } => {
            let cpu = cpus.map_or("processeur non limité".to_owned(), |cpus| {
                format!("{} processeurs", bare(cpus))
            });
            let used = used.map_or("?".to_owned(), bytes);
            let limit = memory.map_or("non limitée".to_owned(), |memory| format!("sur {}", bytes(memory)));
            let told = format!("{} : {cpu}, mémoire {used} {limit}", quoted(service));
            match fault {
                None => told,
                Some(ResourceFault::Less { cpus, memory }) => {
                    format!("{told} ; {} processeurs et {} sont exigés", bare(*cpus), bytes(*memory))
                }
                Some(ResourceFault::NearlyFull) => format!("{told} : presque épuisée"),
                Some(ResourceFault::Unlimited) => format!("{told} : il peut prendre toute la machine"),
            }
        }
        SizeFact::Cpus { cpus, wanted } => {
            format!("{} processeurs, au moins {} exigés", bare(*cpus), bare(*wanted))
        }
        SizeFact::Memory { memory, wanted } => {
            format!("{} de mémoire, au moins {} exigés", bytes(*memory), bytes(*wanted))
        }
        SizeFact::Disk {
            free,
            size,
            wanted,
            full,
        } => {
            let told = format!("{} libres sur {}", bytes(*free), bytes(*size));
            match wanted {
                Some(wanted) => format!("{told} ; {} sont exigés", bytes(*wanted)),
                None if *full => format!("{told} : presque plein"),
                None => told,
            }
        }
        SizeFact::DiskUnseen => "le disque du moteur n’est pas visible".to_owned(),
        SizeFact::MachineUnseen => "la machine du moteur n’est pas visible".to_owned(),
    }
}

fn limit(fact: &LimitFact) -> String {
    match fact {
        LimitFact::Forecast { forecast, wanted } => {
            let told = limiter_forecast(forecast);
            match (forecast.refuses(), wanted) {
                (false, _) => told,
                (true, true) => format!("{told}, ce qui est à mesurer"),
                (true, false) => format!("{told} : une campagne serait INVALIDE"),
            }
        }
        LimitFact::Unlimited { elsewhere: true } => "le plan ne demande rien que Nginx limite".to_owned(),
        LimitFact::Unlimited { elsewhere: false } => "Nginx ne limite rien".to_owned(),
        LimitFact::UntriedLocation { pattern } => {
            format!(
                "{} n’a pas pu être essayé ici",
                quoted(&format!("location ~ {pattern}"))
            )
        }
        LimitFact::Probed {
            path,
            requests,
            seconds,
            refused,
        } => {
            let sequence = format!(
                "{} à {} l’une après l’autre en {} s",
                plural(*requests, "requête"),
                quoted(path),
                written(&format!("{seconds:.1}"))
            );
            match refused {
                Some(FirstRefusal { after, status }) => {
                    format!("{sequence} : après {} la réponse a été {status}", count(*after))
                }
                None => format!("{sequence} : aucune n’a été refusée"),
            }
        }
        LimitFact::LimitNotMet => "Nginx limite les requêtes, bien que l’essai n’ait atteint aucune limite".to_owned(),
        LimitFact::NothingAsked => "rien n’a été demandé".to_owned(),
    }
}

fn limiter_forecast(forecast: &LimiterForecast) -> String {
    let number = |value| written(&rate(value));
    let per = match &forecast.key {
        BucketKey::Client => " par adresse de client".to_owned(),
        BucketKey::Together => " pour tous les clients ensemble".to_owned(),
        BucketKey::Variable(variable) => format!(" par {}", quoted(variable)),
    };
    let limit = format!(
        "Nginx limite {} à {} requêtes/s{per}, rafale de {}",
        names(&forecast.paths),
        number(forecast.rate),
        forecast.burst
    );
    let Some(offered) = forecast.offered else {
        return format!("{limit} ; les phases fermées du plan demandent aussi vite qu’il leur est répondu");
    };
    let offered = format!("ce plan offre {} requêtes/s", number(offered));
    let Some(share) = forecast.refused else {
        return format!("{limit} ; {offered}, de combien d’entre eux ne peut être su d’avance");
    };
    let from = match (&forecast.key, forecast.addresses) {
        (BucketKey::Client, 0 | 1) => " depuis 1 adresse".to_owned(),
        (BucketKey::Client, many) => format!(" depuis {many} adresses"),
        _ => String::new(),
    };
    let told = if forecast.in_bursts {
        format!(
            "en deçà en moyenne, mais en rafales, dont {} % sont refusées",
            written(&format!("{:.1}", share * 100.0))
        )
    } else if share > 0.0 {
        format!("{:.0} % seraient refusées", share * 100.0)
    } else {
        "aucune ne serait refusée".to_owned()
    };
    format!("{limit} ; {offered}{from} : {told}")
}

fn exposure(fact: &ExposureFact) -> String {
    match fact {
        ExposureFact::NoRefusedNamed => {
            format!(
                "le fichier de la pile n’en nomme aucune : {}",
                quoted("[[production.refused]]")
            )
        }
        ExposureFact::LetIn { what, status } => format!("{} est accepté : {status}", quoted(what)),
        ExposureFact::Refused { what, status } => format!("{} est refusé : {status}", quoted(what)),
        ExposureFact::NoClosedNamed => {
            format!(
                "le fichier de la pile ne nomme aucun chemin : {}",
                quoted("[production] closed")
            )
        }
        ExposureFact::Open { path, status } => format!("{} est ouvert : {status}", quoted(path)),
        ExposureFact::Closed { path, status } => format!("{} est fermé : {status}", quoted(path)),
        ExposureFact::Origins { allowed, credentials } => origins(allowed, *credentials),
        ExposureFact::OnlyFrontDoorPublished => "seule la porte d’entrée est publiée".to_owned(),
        ExposureFact::Published {
            service,
            port,
            local,
            store,
        } => {
            let reach = if *local {
                "sur cette machine seulement"
            } else {
                "sur toutes les adresses"
            };
            let store = if *store { ", un stockage de données" } else { "" };
            format!("{} : port {port} {reach}{store}", quoted(service))
        }
    }
}

fn origins(allowed: &AllowedOrigins, credentials: bool) -> String {
    let with = if credentials {
        "avec authentification"
    } else {
        "sans authentification"
    };
    match allowed {
        AllowedOrigins::None => "aucune autre origine n’est autorisée".to_owned(),
        AllowedOrigins::Every => format!("toute origine est autorisée, {with}"),
        AllowedOrigins::Reflected => format!("toute origine qui le demande est autorisée, {with}"),
        AllowedOrigins::Only(origin) => format!("seule {} est autorisée", quoted(origin)),
    }
}

fn encryption(fact: &EncryptionFact) -> String {
    match fact {
        EncryptionFact::ClearText => "la porte d’entrée communique en clair".to_owned(),
        EncryptionFact::Certificate { days, .. } if *days < 0 => {
            format!("le certificat a expiré il y a {}", plural(days.unsigned_abs(), "jour"))
        }
        EncryptionFact::Certificate { days, soon: true } => {
            format!("le certificat expire dans {}", plural(days.unsigned_abs(), "jour"))
        }
        EncryptionFact::Certificate { days, soon: false } => {
            format!("le certificat est valable {}", plural(days.unsigned_abs(), "jour"))
        }
        EncryptionFact::Unverified => {
            format!("{} : personne n’a vérifié le certificat", quoted("tls.insecure"))
        }
        EncryptionFact::SelfSigned => "le certificat est autosigné : les navigateurs le refusent".to_owned(),
        EncryptionFact::NoHttp2 => "HTTP/2 n’a pas été négocié".to_owned(),
        EncryptionFact::ClearTextAnswer {
            status,
            redirected: true,
        } => format!("une requête en clair est renvoyée vers HTTPS par {status}"),
        EncryptionFact::ClearTextAnswer {
            status,
            redirected: false,
        } => format!("une requête en clair reçoit {status}, sans renvoi vers HTTPS"),
    }
}

fn keeping(fact: &KeepingFact) -> String {
    match fact {
        KeepingFact::GuessableSecrets { places } => format!("peuvent être devinés : {}", names(places)),
        KeepingFact::ShortSecrets { length, places } => {
            format!("plus courts que {length} caractères : {}", names(places))
        }
        KeepingFact::SoundSecrets { count } => format!("{count} sans signe de faiblesse"),
        KeepingFact::ReplacedSecrets { count } => {
            format!("{count} donnés par le fichier de la pile à la place de ceux de la production, non visibles")
        }
        KeepingFact::NoSecrets => "aucun service n’a de secret dans son environnement".to_owned(),
        KeepingFact::Backup { hours, wanted } => format!(
            "la plus récente a {} h, au plus {} exigé",
            written(&format!("{hours:.1}")),
            duration(*wanted)
        ),
        KeepingFact::NoBackupFolder => format!(
            "le fichier de la pile ne dit pas où elles sont déposées : {}",
            quoted("[production] backups")
        ),
        KeepingFact::MovingImages { images } => format!("toujours la plus récente : {}", names(images)),
        KeepingFact::TaggedImages { images } => format!(
            "par étiquette, qui peut changer de cible, contrairement à une empreinte : {}",
            names(images)
        ),
        KeepingFact::FixedImages { count } => {
            format!("{count} construites ici ou désignées par leur empreinte")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Span;
    use crate::words::{Language, unmarked};

    fn both(fact: &FindingFact) -> [String; 2] {
        Language::ALL.map(|language| unmarked(&language.wording().finding(fact)).replace('\u{202f}', " "))
    }

    #[test]
    fn a_finding_is_worded_in_both_languages() {
        let health = |health| {
            FindingFact::Service(ServiceFact::Runs {
                service: "api".to_owned(),
                health,
            })
        };
        let rows = |count| {
            FindingFact::Service(ServiceFact::Rows {
                what: "users".to_owned(),
                count,
                at_least: 17,
            })
        };
        let resources = FindingFact::Size(SizeFact::Resources {
            service: "api".to_owned(),
            cpus: Some(0.5),
            used: Some(48 << 20),
            memory: None,
            fault: Some(ResourceFault::Unlimited),
        });
        let disk = FindingFact::Size(SizeFact::Disk {
            free: 1 << 30,
            size: 3 << 29,
            wanted: Some(50 << 30),
            full: false,
        });
        let certificate = |days, soon| FindingFact::Encryption(EncryptionFact::Certificate { days, soon });
        let origins = FindingFact::Exposure(ExposureFact::Origins {
            allowed: AllowedOrigins::Only("https://app.example".to_owned()),
            credentials: true,
        });
        let backup = FindingFact::Keeping(KeepingFact::Backup {
            hours: 27.04,
            wanted: Span::from_millis(26 * 3_600_000),
        });
        for (fact, english, french) in [
            (
                health(HealthFact::Pending),
                "api: runs, its health check has not passed yet",
                "api : fonctionne, son contrôle de santé n’a pas encore réussi",
            ),
            (rows(1_700), "1700 users", "users : 1 700"),
            (
                rows(3),
                "3 users, at least 17 are expected",
                "users : 3, au moins 17 attendus",
            ),
            (
                resources,
                "api: 0.5 CPUs, memory 48 MB of no limit: it may take the whole machine",
                "api : 0,5 processeurs, mémoire 48 Mo non limitée : il peut prendre toute la machine",
            ),
            (
                disk,
                "1 GB free of 1.5 GB; 50 GB are wanted",
                "1 Go libres sur 1,5 Go ; 50 Go sont exigés",
            ),
            (
                certificate(-1, true),
                "the certificate ended 1 day ago",
                "le certificat a expiré il y a 1 jour",
            ),
            (
                certificate(80, false),
                "the certificate is valid for 80 days",
                "le certificat est valable 80 jours",
            ),
            (
                origins,
                "only https://app.example is allowed",
                "seule https://app.example est autorisée",
            ),
            (
                backup,
                "the newest is 27.0 hours old, at most 1day 2h is wanted",
                "la plus récente a 27,0 h, au plus 1 jour 2 h exigé",
            ),
        ] {
            assert_eq!(both(&fact), [english, french]);
        }
    }

    #[test]
    fn a_forecast_says_how_much_is_refused_or_why_that_is_not_known() {
        let forecast = LimiterForecast {
            paths: vec!["/api".to_owned(), "/login".to_owned()],
            rate: 0.5,
            burst: 20,
            key: BucketKey::Client,
            addresses: 50,
            offered: Some(96.0),
            refused: Some(0.323),
            in_bursts: true,
        };
        let known = FindingFact::Limit(LimitFact::Forecast {
            forecast: forecast.clone(),
            wanted: false,
        });
        assert_eq!(
            both(&known),
            [
                "Nginx limits /api, /login to 0.5 r/s per client address, burst 20; this plan offers 96 r/s from 50 addresses: on average within it, but in bursts, which refuse 32.3 %: a run would be INVALID",
                "Nginx limite /api et /login à 0,5 requêtes/s par adresse de client, rafale de 20 ; ce plan offre 96 requêtes/s depuis 50 adresses : en deçà en moyenne, mais en rafales, dont 32,3 % sont refusées : une campagne serait INVALIDE",
            ]
        );
        let closed = LimiterForecast {
            offered: None,
            refused: None,
            in_bursts: false,
            ..forecast
        };
        let unknown = FindingFact::Limit(LimitFact::Forecast {
            forecast: closed,
            wanted: true,
        });
        let [english, french] = both(&unknown);
        assert!(english.ends_with("ask as fast as they are answered"), "{english}");
        assert!(french.ends_with("aussi vite qu’il leur est répondu"), "{french}");
    }
}
