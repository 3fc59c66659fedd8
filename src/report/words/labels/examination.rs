//! Labels of the page: the examination without load, and the checklists of the deployment guide.

use crate::evidence::{FindingGroup, FindingVerdict};
use crate::report::words::{Columns, label};
use crate::slo::Label;
use crate::words::Language;

pub(in crate::report) const EXAMINATION: Label = label("Examination", "Examen");
pub(in crate::report) const FRONT_DOOR: Label = label("Front door", "Porte d’entrée");
pub(in crate::report) const DATE: Label = label("Date", "Date");
pub(in crate::report) const RELEASE: Label = label("Release", "Version");
const HEALTH: Label = label("Health", "État de santé");
const LIMITS: Label = label("Rate limits and the plan", "Limites de débit et plan de charge");
const PRODUCTION: Label = label("Production readiness", "Aptitude à la production");
pub(in crate::report) const TO_CONFIRM: Label = label(
    "Checklists, and who signs them off",
    "Listes de contrôle, et qui les valide",
);
const OPERATIONS: Label = label("operations", "exploitation");
const SECURITY: Label = label("security", "sécurité");
const OWNER: Label = label("service owner", "responsable du service");

pub(in crate::report) const EXAMINED: Label = label("Examination without load", "Examen sans charge");
pub(in crate::report) const FINDINGS: Label = label("Findings, one by one", "Constats, un par un");
pub(in crate::report) const CHECKLISTS_NOTE: Label = label(
    "The worst finding of the checks that see a point counts. What no check sees is to be confirmed by a person; each point needs \
     the name of the person who signs it off.",
    "Le plus mauvais constat des contrôles qui voient un point l’emporte. Ce qu’aucun contrôle ne voit est à confirmer par une \
     personne ; chaque point demande le nom de la personne qui le valide.",
);
pub(in crate::report) const CONFIRM: Label = label("to be confirmed", "à confirmer");
pub(in crate::report) const NOT_EXAMINED: Label = label(
    "This run was not examined without load: `diapason run --examine` does so, and `diapason report RUN --examination FILE` adds \
     what `check --live` found on another system, production's for example. Until then a person confirms every point.",
    "Le système n’a pas été examiné sans charge lors de cette campagne : `diapason run --examine` le fait, et `diapason report RUN \
     --examination FILE` ajoute les constats de `check --live` sur un autre système, par exemple celui de production. D’ici là, une \
     personne confirme chaque point.",
);

pub(in crate::report) const FINDING_COLUMNS: Columns<3> = Columns {
    english: ["Check", "Finding", "Evidence"],
    french: ["Contrôle", "Constat", "Élément de preuve"],
};
pub(in crate::report) const CHECKLIST_COLUMNS: Columns<5> = Columns {
    english: ["Point", "Finding", "Seen by", "Who signs it off", "Name, date"],
    french: ["Point", "Constat", "Vu par", "Qui le valide", "Nom, date"],
};

/// The heading of a group of findings.
pub(in crate::report) fn group(group: FindingGroup) -> Label {
    match group {
        FindingGroup::Health => HEALTH,
        FindingGroup::Limits => LIMITS,
        FindingGroup::Production => PRODUCTION,
    }
}

/// The word of a finding.
pub(in crate::report) fn finding_word(word: FindingVerdict) -> Label {
    match word {
        FindingVerdict::Pass => label("PASS", "CONFORME"),
        FindingVerdict::Unknown => label("UNKNOWN", "NON OBSERVÉ"),
        FindingVerdict::Warn => label("WARN", "AVERTISSEMENT"),
        FindingVerdict::Fail => label("FAIL", "ÉCHEC"),
    }
}

/// Names of the checks in French.
pub(in crate::report) const CHECK_NAMES: [(&str, &str); 18] = [
    ("services", "services"),
    ("front door", "porte d’entrée"),
    ("tiers", "niveaux"),
    ("database", "base de données"),
    ("limits", "limites"),
    ("hardware", "machine"),
    ("disk", "disque"),
    ("proxy", "proxy"),
    ("probe", "essai"),
    ("default log-in", "identifiants par défaut"),
    ("documentation", "documentation"),
    ("CORS", "CORS"),
    ("TLS", "TLS"),
    ("rate limiting", "limitation de débit"),
    ("secrets", "secrets"),
    ("published ports", "ports publiés"),
    ("backups", "sauvegardes"),
    ("images", "images"),
];

/// Name of a check; that of a check of a newer program as it is.
pub(in crate::report) fn check_name(name: &str, language: Language) -> &str {
    let known = CHECK_NAMES.iter().find(|(english, _)| *english == name);
    known.map_or(name, |(english, french)| language.say(english, french))
}

/// A point of a checklist of the deployment guide.
pub(in crate::report) struct ChecklistPoint {
    /// The point.
    pub text: Label,
    /// Names of the checks that see it; none if no tool can.
    pub checks: &'static [&'static str],
    /// The person who can sign it off.
    pub who: Label,
}

const fn point(text: Label, checks: &'static [&'static str], who: Label) -> ChecklistPoint {
    ChecklistPoint { text, checks, who }
}

/// The checklists of the deployment guide, in its order: after a deployment, and security.
pub(in crate::report) const CHECKLISTS: [(Label, &[ChecklistPoint]); 2] = [
    (
        label("Deployment checklist", "Liste de contrôle du déploiement"),
        &[
            point(
                label("Every container is healthy", "Tous les conteneurs sont en bonne santé"),
                &["services"],
                OPERATIONS,
            ),
            point(
                label("The health check passes", "Le contrôle de santé réussit"),
                &["front door", "tiers", "database", "limits", "hardware", "disk"],
                OPERATIONS,
            ),
            point(
                label("An administrator can log in", "Un administrateur peut se connecter"),
                &[],
                OWNER,
            ),
            point(
                label("The API answers", "L’API répond"),
                &["tiers", "front door"],
                OPERATIONS,
            ),
            point(
                label(
                    "The database holds the expected rows",
                    "La base de données contient les lignes attendues",
                ),
                &["database"],
                OWNER,
            ),
            point(
                label("Backups are made automatically", "Les sauvegardes sont automatiques"),
                &["backups"],
                OPERATIONS,
            ),
            point(
                label("TLS certificates are installed", "Les certificats TLS sont installés"),
                &["TLS"],
                OPERATIONS,
            ),
            point(
                label(
                    "Default passwords are changed",
                    "Les mots de passe par défaut sont changés",
                ),
                &["default log-in"],
                SECURITY,
            ),
            point(
                label(
                    "Monitoring is on, and an alert reaches a person on call",
                    "La supervision est active, et une alerte parvient à une personne d’astreinte",
                ),
                &[],
                OPERATIONS,
            ),
            point(
                label("The documentation is up to date", "La documentation est à jour"),
                &[],
                OWNER,
            ),
            point(
                label(
                    "The way back to the version before was tried",
                    "Le retour à la version précédente a été essayé",
                ),
                &[],
                OPERATIONS,
            ),
            point(
                label(
                    "What is measured is what users do, at the load that is expected",
                    "Ce qui est mesuré est ce que font les utilisateurs, à la charge attendue",
                ),
                &[],
                OWNER,
            ),
        ],
    ),
    (
        label("Security checklist", "Liste de contrôle de la sécurité"),
        &[
            point(
                label(
                    "Passwords and secrets are strong, random and production's own",
                    "Mots de passe et secrets sont forts, aléatoires et propres à la production",
                ),
                &["secrets"],
                SECURITY,
            ),
            point(
                label(
                    "CORS admits the application's own domains only",
                    "CORS n’admet que les domaines de l’application",
                ),
                &["CORS"],
                SECURITY,
            ),
            point(
                label(
                    "The API's documentation is closed",
                    "La documentation de l’API est fermée",
                ),
                &["documentation"],
                SECURITY,
            ),
            point(
                label(
                    "Certificates are valid, and renewed without anybody's help",
                    "Les certificats sont valides, et se renouvellent sans intervention",
                ),
                &["TLS"],
                OPERATIONS,
            ),
            point(
                label("Rate limiting is on", "La limitation de débit est active"),
                &["rate limiting", "proxy", "probe"],
                SECURITY,
            ),
            point(
                label(
                    "A backup was restored on another machine, and the application works on it",
                    "Une sauvegarde a été restaurée sur une autre machine, et l’application y fonctionne",
                ),
                &[],
                OPERATIONS,
            ),
            point(
                label(
                    "Logs are kept elsewhere and read",
                    "Les journaux sont externalisés et analysés",
                ),
                &[],
                OPERATIONS,
            ),
            point(
                label(
                    "The firewall opens ports 80 and 443 only",
                    "Le pare-feu n’ouvre que les ports 80 et 443",
                ),
                &["published ports"],
                SECURITY,
            ),
            point(
                label(
                    "Images and dependencies are updated regularly",
                    "Images et dépendances sont mises à jour régulièrement",
                ),
                &["images"],
                SECURITY,
            ),
        ],
    ),
];
