//! Next steps that a finding suggests, in French.

use crate::cause::{Statements, SuspectFinding};

/// Suggested next step.
pub(super) fn advice(finding: &SuspectFinding) -> String {
    let text = match finding {
        SuspectFinding::GeneratorLate { .. } => {
            "Réserver un cœur au générateur, baisser le débit ou lancer la charge depuis une autre machine."
        }
        SuspectFinding::ProcessorStolen { .. } => {
            "Lancer la campagne sur une machine dont les processeurs ne sont pas partagés."
        }
        SuspectFinding::HostBusy { .. } => {
            "Baisser le débit ou prendre une machine à davantage de cœurs : ici, les services se disputent le processeur."
        }
        SuspectFinding::OutOfMemory { .. } => {
            "Relever sa limite de mémoire, ou chercher ce qui la retient : comparer dans ce rapport l’évolution de sa mémoire \
             et celle de la charge."
        }
        SuspectFinding::Stopped { .. } => {
            "Lire les dernières lignes du journal du service : `docker logs` avec `--keep-stack`."
        }
        SuspectFinding::MemoryScarce { .. } => "Relever sa limite de mémoire et vérifier si les temps changent.",
        SuspectFinding::Throttled { .. } => {
            "Relever sa limite de processeur (`stack.limits.NOM.cpus`) et relancer la campagne."
        }
        SuspectFinding::Saturated { .. } => {
            "Relever sa limite de processeur, ou y rendre chaque requête moins coûteuse."
        }
        SuspectFinding::OneLoop { .. } => {
            "En multiplier les processus (plusieurs instances ou une grappe de processus), ou y rendre chaque requête moins \
             coûteuse."
        }
        SuspectFinding::Locks(_) => {
            "Raccourcir la transaction qui tient le verrou : ni appel extérieur ni attente d’un utilisateur en son sein."
        }
        SuspectFinding::PoolExhausted { .. } => {
            "Agrandir le pool de connexions de l’application, ou garder chaque connexion moins longtemps."
        }
        SuspectFinding::SlowStatements { statements, .. } => return for_statements(statements),
        SuspectFinding::SlowApplication { .. } => {
            "Profiler ou tracer l’application : le temps s’y passe, mais ni en SQL ni en calcul."
        }
        SuspectFinding::SlowProxy { .. } => {
            "Examiner les processus, les connexions et les tampons du proxy, ainsi que son temps de processeur."
        }
        SuspectFinding::SlowPages { .. } => {
            "Examiner ce que fait le serveur de pages avant de répondre : rendu, appels à l’API, caches sans effet."
        }
        SuspectFinding::ServerErrors(_) => {
            "Lire le journal de l’application à ces moments : `docker logs` avec `--keep-stack`."
        }
        SuspectFinding::NoLogIn(_) => {
            "Comparer les utilisateurs du fichier de données avec ceux que crée l’amorçage, et le parcours de connexion avec ce \
             que l’application accepte."
        }
        SuspectFinding::Refused(_) => {
            "Comparer le débit du limiteur avec la charge d’une seule adresse (`diapason check --live`) : donner aux utilisateurs \
             des adresses distinctes, prévoir plus d’utilisateurs ou un temps de réflexion plus long."
        }
        SuspectFinding::ProxyErrors(_) => {
            "Lire le journal d’erreurs du proxy et les dernières lignes de l’application à ces moments : l’application n’a pas \
             répondu."
        }
        SuspectFinding::JourneyErrors(_) => {
            "Comparer l’étape avec la réponse donnée dans ce rapport : le parcours envoie ce que l’application refuse, ou les \
             données (utilisateurs, identifiants) n’existent pas."
        }
        SuspectFinding::OtherErrors(_) => {
            "Consulter ce que ce rapport dit de ces requêtes, ainsi que le journal d’erreurs du proxy."
        }
    };
    text.to_owned()
}

fn for_statements(statements: &Statements) -> String {
    let Some(lack) = &statements.lacks else {
        return "Examiner son plan d’exécution dans ce rapport : que lit-elle, qu’attend-elle, que calcule-t-elle ?"
            .to_owned();
    };
    let table = &lack.table;
    match (lack.columns.as_slice(), statements.number) {
        ([], 1) => format!("Créer sur {table} un index utile à cette requête SQL."),
        ([], _) => format!("Créer sur {table} un index utile à ces requêtes SQL."),
        (columns, _) => format!(
            "Essayer un index : `CREATE INDEX ON {table} (\"{}\");`",
            columns.join("\", \"")
        ),
    }
}
