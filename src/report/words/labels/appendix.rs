//! Labels of the page: appendix.

use crate::report::words::{Columns, label};
use crate::slo::Label;

pub(in crate::report) const PLAN: Label = label("Plan", "Plan de la campagne");
pub(in crate::report) const SCENARIO: Label = label("Scenario", "Scénario");
pub(in crate::report) const SEED: Label = label("Seed", "Graine");
pub(in crate::report) const OVERRIDES: Label = label("Overrides (`--set`)", "Valeurs imposées (`--set`)");
pub(in crate::report) const TAGS: Label = label("Tags (`--tag`)", "Étiquettes (`--tag`)");
pub(in crate::report) const EXPECTED: Label =
    label("Evidence the plan was to yield", "Mesures que le plan devait fournir");
pub(in crate::report) const EXPECTED_COLUMNS: Columns<4> = Columns {
    english: ["Objective", "Samples planned", "Needed for a pass", "Can be decided"],
    french: [
        "Objectif",
        "Échantillons prévus",
        "Nécessaires pour réussir",
        "Peut être tranché",
    ],
};
pub(in crate::report) const NOT_KNOWN_BEFORE: Label = label("not known before", "inconnu d’avance");
pub(in crate::report) const STACK_AND_MACHINE: Label = label("Stack and machine", "Pile et machine");
pub(in crate::report) const STACK: Label = label("Stack", "Pile");
pub(in crate::report) const NAMESPACE: Label = label("Namespace", "Espace de noms");
pub(in crate::report) const STACK_ENVIRONMENT: Label = label("Environment overrides", "Environnement imposé");
pub(in crate::report) const SEEDED: Label = label("Seeded rows", "Lignes d’amorçage");
pub(in crate::report) const BRINGING_UP: Label = label("Bringing it up", "Mise en route");
pub(in crate::report) const MEMORY: Label = label("Memory", "Mémoire");
pub(in crate::report) const OPERATING_SYSTEM: Label = label("System", "Système d’exploitation");
pub(in crate::report) const DOCKER: Label = label("Docker Engine", "Moteur Docker");
pub(in crate::report) const NO_DOCKER: Label = label("none answered", "aucun n’a répondu");
pub(in crate::report) const LOAD_AVERAGE: Label = label("Load average before", "Charge moyenne avant");
pub(in crate::report) const REWRITTEN: Label = label(
    "Rewritten to run apart from everything else on the host",
    "Modifié pour s’exécuter à l’écart du reste de la machine",
);
pub(in crate::report) const NOT_REWRITTEN: Label = label("Nothing was rewritten.", "Rien n’a été modifié.");
pub(in crate::report) const IMAGES: Label = label("Images", "Images");
pub(in crate::report) const IMAGE_COLUMNS: Columns<3> = Columns {
    english: ["Service", "Image", "Id"],
    french: ["Service", "Image", "Identifiant"],
};
pub(in crate::report) const GLOSSARY: Label = label("Words of this report", "Vocabulaire de ce rapport");
pub(in crate::report) const METHOD: Label = label("Method", "Méthode");
pub(in crate::report) const METHOD_SENTENCES: [Label; 5] = [
    label(
        "Each request has an instant at which it is meant to start, and its response time counts from there: a slow system cannot slow \
         its own measurement down.",
        "Chaque requête a un instant de départ prévu, d’où court son temps de réponse : un système lent ne peut pas ralentir sa propre \
         mesure.",
    ),
    label(
        "Exact counts of samples over each limit decide, and a failed request counts as over every time limit.",
        "Ce sont les nombres exacts d’échantillons au-delà de chaque limite qui décident ; une requête en échec compte comme dépassant \
         toute limite de temps.",
    ),
    label(
        "An objective is met or missed only with 95 % confidence (Clopper–Pearson, on the number of independent samples); otherwise it is \
         not decided.",
        "Un objectif n’est tenu ou manqué qu’avec une confiance de 95 % (Clopper–Pearson, sur le nombre d’échantillons indépendants) ; \
         sinon, il n’est pas tranché.",
    ),
    label(
        "Warm-up and other phases that are not judged are recorded and shown, and decide nothing.",
        "La mise en température et les autres phases non jugées sont enregistrées et montrées, mais ne décident de rien.",
    ),
    label(
        "Validity comes first: where the generator, the machine or a probe did not do its part, the run is INVALID and says nothing about \
         the release.",
        "La validité passe avant tout : si le générateur, la machine ou une sonde n’a pas joué son rôle, la campagne est NON VALIDE et ne \
         dit rien de la version.",
    ),
];
pub(in crate::report) const TERMS: [(Label, Label); 6] = [
    (
        label("judged window", "fenêtre jugée"),
        label(
            "the part of the load whose samples decide; a warm-up is recorded and not judged",
            "partie de la charge dont les échantillons décident ; la mise en température est enregistrée mais non jugée",
        ),
    ),
    (
        label("p95", "p95"),
        label(
            "95th percentile: 95 % of the requests were at least as fast",
            "95e centile : 95 % des requêtes ont été au moins aussi rapides",
        ),
    ),
    (
        label("target, acceptable limit", "cible, limite acceptable"),
        label(
            "what is wanted, and what is still tolerated",
            "ce qui est voulu, et ce qui reste toléré",
        ),
    ),
    (
        label("error budget", "budget d’erreur"),
        label(
            "share of samples that the target lets miss its limit; what this run left of it",
            "part des échantillons que la cible laisse dépasser sa limite, et ce que cette campagne en a laissé",
        ),
    ),
    (
        label("open model, closed model", "modèle ouvert, modèle fermé"),
        label(
            "users come at their own rate; users wait for an answer before they go on",
            "les utilisateurs arrivent à leur propre rythme ; les utilisateurs attendent une réponse avant de continuer",
        ),
    ),
    (
        label("rate-limited", "refus du limiteur"),
        label(
            "turned away by the stack's own limiter: neither success nor error",
            "requête écartée par le limiteur de la pile : ni réussite ni erreur",
        ),
    ),
];
