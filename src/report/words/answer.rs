//! The answer to "may this release go out?", and its reasons.

use std::collections::BTreeSet;

use super::run::day_of;
use super::{Language, label, quoted, sentence};
use crate::evidence::{Accept, Decision};
use crate::report::Document;
use crate::slo::{Gate, Judgement, Label, Verdict, VerdictWord};

/// The answer in one sentence.
pub(in crate::report) fn answer(document: &Document, language: Language) -> String {
    let judgement = &document.judgement;
    let gating = judgement
        .verdicts
        .iter()
        .filter(|verdict| verdict.objective.gate)
        .count() as u64;
    if judgement.interrupted {
        return interrupted(judgement.interrupted_before_judging(), language).to_owned();
    }
    match (judgement.gate(), judgement.accept) {
        (Gate::NothingGates, _) => language.wording().nothing_gates().to_owned(),
        (Gate::Passed, _) if judgement.acknowledged().next().is_some() => acknowledged(judgement, language),
        (Gate::Passed, accept) => passed(gating, accept, language),
        (Gate::Missed, _) if judgement.failed_log_ins().is_some() => language
            .say(
                "The release may not go out: nobody could log in, so nothing else was asked.",
                "La version ne peut pas être mise en production : aucune connexion d’utilisateur n’a abouti, rien d’autre n’a donc été demandé.",
            )
            .to_owned(),
        (Gate::Missed, accept) if !judgement.misses(accept) => died(judgement, language),
        (Gate::Missed, accept) => missed(document, accept, language),
        (Gate::Undecided, _) => {
            let names = language.list(&names(document, Decision::Undecided));
            match language {
                Language::English => format!("This run does not decide: too little evidence for {names}."),
                Language::French => {
                    format!("Cette campagne ne permet pas de trancher : mesures insuffisantes pour {names}.")
                }
            }
        }
        (Gate::Invalid, _) => language
            .say(
                "This run carries no verdict: the measurement itself is not valid.",
                "Cette campagne ne permet aucun verdict : la mesure elle-même n’est pas valide.",
            )
            .to_owned(),
    }
}

fn interrupted(before_judging: bool, language: Language) -> &'static str {
    if before_judging {
        language.say(
            "The run was stopped before anything was judged, so it says nothing about the release.",
            "La campagne a été arrêtée avant que quoi que ce soit ne soit jugé : elle ne dit rien de la version.",
        )
    } else {
        language.say(
            "The run was stopped early, so it says nothing about the release.",
            "La campagne a été arrêtée avant son terme : elle ne dit rien de la version.",
        )
    }
}

fn passed(gating: u64, accept: Accept, language: Language) -> String {
    let (english, french) = match accept {
        Accept::Target => ("target", "sa cible"),
        Accept::Acceptable => ("acceptable limit", "sa limite acceptable"),
    };
    match (language, gating) {
        (Language::English, 1) => format!("The release may go out: the gating objective meets its {english}."),
        (Language::English, _) => {
            format!("The release may go out: all {gating} gating objectives meet their {english}s.")
        }
        (Language::French, 1) => {
            format!("La version peut être mise en production : l’objectif décisif respecte {french}.")
        }
        (Language::French, _) => {
            format!(
                "La version peut être mise en production : chacun des {gating} objectifs décisifs respecte {french}."
            )
        }
    }
}

/// The release may go out since somebody answers for what is not met.
fn acknowledged(judgement: &Judgement, language: Language) -> String {
    let names: Vec<String> = judgement
        .acknowledged()
        .map(|(verdict, _)| quoted(&verdict.objective.name))
        .collect();
    // The first to end.
    let until = judgement
        .acknowledged()
        .map(|(_, acknowledged)| acknowledged.until)
        .min();
    let until = until.map(|until| day_of(until, language)).unwrap_or_default();
    let list = language.list(&names);
    match language {
        Language::English => {
            let be = if names.len() == 1 { "is" } else { "are" };
            format!("Acknowledged until {until}: {list} {be} not met, and the release may go out all the same.")
        }
        Language::French => {
            let be = if names.len() == 1 {
                "n’est pas tenu"
            } else {
                "ne sont pas tenus"
            };
            format!("Reconnu jusqu’au {until} : {list} {be}, et la version peut néanmoins être mise en production.")
        }
    }
}

/// Persons who answer for misses, and acknowledgements that have expired.
pub(in crate::report) fn acknowledgements(document: &Document, language: Language) -> Vec<String> {
    let accept = document.judgement.accept;
    let told = document.judgement.verdicts.iter().filter_map(|verdict| {
        let acknowledged = verdict.objective.acknowledge.as_ref()?;
        let (name, by) = (quoted(&verdict.objective.name), quoted(&acknowledged.by));
        let until = day_of(acknowledged.until, language);
        if verdict.acknowledged(accept).is_some() {
            let reason = quoted(&acknowledged.reason);
            Some(match language {
                Language::English => format!("{name} is acknowledged by {by} until {until}: {reason}"),
                Language::French => format!("{name} est reconnu par {by} jusqu’au {until} : {reason}"),
            })
        } else if acknowledged.expired && verdict.objective.gate && verdict.accepted(accept) != Decision::Met {
            Some(match language {
                Language::English => format!("The acknowledgement of {name} by {by} ended on {until}: it gates again."),
                Language::French => {
                    format!("La reconnaissance de {name} par {by} a pris fin le {until} : l’objectif est de nouveau décisif.")
                }
            })
        } else {
            None
        }
    });
    told.collect()
}

fn died(judgement: &Judgement, language: Language) -> String {
    let fallen = judgement.deaths().iter().map(|death| death.service.clone());
    let fallen: BTreeSet<String> = fallen.collect();
    let fallen: Vec<String> = fallen.into_iter().collect();
    let names = language.list(&fallen);
    match (language, fallen.len()) {
        (Language::English, _) => format!("The release may not go out: {names} did not survive the load."),
        (Language::French, 1) => {
            format!("La version ne peut pas être mise en production : le service {names} n’a pas résisté à la charge.")
        }
        (Language::French, _) => {
            format!(
                "La version ne peut pas être mise en production : les services {names} n’ont pas résisté à la charge."
            )
        }
    }
}

fn missed(document: &Document, accept: Accept, language: Language) -> String {
    let names = names(document, Decision::Missed);
    let list = language.list(&names);
    let warned = document.judgement.overall == VerdictWord::Warn;
    match language {
        Language::English => {
            let miss = if names.len() == 1 { "misses" } else { "miss" };
            let what = match accept {
                _ if warned => "the target, though within the acceptable limit",
                Accept::Target => "the target",
                Accept::Acceptable => "the acceptable limit",
            };
            format!("The release may not go out: {list} {miss} {what}.")
        }
        Language::French => {
            let miss = if names.len() == 1 {
                "ne respecte pas"
            } else {
                "ne respectent pas"
            };
            let (own, their) = match accept {
                _ if warned => (
                    "sa cible, mais reste dans la limite acceptable",
                    "leur cible, mais restent dans la limite acceptable",
                ),
                Accept::Target => ("sa cible", "leur cible"),
                Accept::Acceptable => ("sa limite acceptable", "leur limite acceptable"),
            };
            let what = if names.len() == 1 { own } else { their };
            format!("La version ne peut pas être mise en production : {list} {miss} {what}.")
        }
    }
}

/// Names of the gating objectives with that decision in the column that gates.
fn names(document: &Document, decision: Decision) -> Vec<String> {
    let judgement = &document.judgement;
    let decided = |verdict: &&Verdict| verdict.objective.gate && verdict.accepted(judgement.accept) == decision;
    let verdicts = judgement.verdicts.iter().filter(decided);
    verdicts.map(|verdict| quoted(&verdict.objective.name)).collect()
}

/// Meaning of the exit code.
pub(in crate::report) fn exit(judgement: &Judgement, language: Language) -> &'static str {
    let meaning: Label = match (judgement.gate(), judgement.accept) {
        _ if judgement.interrupted_before_judging() => label(
            "interrupted before anything was judged",
            "interrompue avant tout jugement",
        ),
        _ if judgement.interrupted => label(
            "interrupted: the evidence is partial",
            "interrompue : les mesures sont partielles",
        ),
        (Gate::Passed, _) if judgement.acknowledged().next().is_some() => label(
            "every gating objective met, or its miss acknowledged",
            "tous les objectifs décisifs sont tenus, ou leur manquement est reconnu",
        ),
        (Gate::Passed, Accept::Target) => label("every gating objective met", "tous les objectifs décisifs sont tenus"),
        (Gate::Passed, Accept::Acceptable) => label(
            "every gating objective within its acceptable limit",
            "chaque objectif décisif reste dans sa limite acceptable",
        ),
        (Gate::Missed, _) if judgement.failed_log_ins().is_some() => {
            label("nobody could log in", "aucune connexion d’utilisateur n’a abouti")
        }
        (Gate::Missed, accept) if !judgement.misses(accept) => {
            label("a service died under the load", "un service est tombé sous la charge")
        }
        (Gate::Missed, Accept::Target) => label("a target missed", "une cible est manquée"),
        (Gate::Missed, Accept::Acceptable) => label("an acceptable limit missed", "une limite acceptable est dépassée"),
        (Gate::Undecided, _) => label(
            "too little evidence to carry a verdict",
            "trop peu de mesures pour un verdict",
        ),
        (Gate::NothingGates, _) => label("nothing gates", "rien n’est décisif"),
        (Gate::Invalid, _) => label(
            "the measurement cannot carry a verdict",
            "la mesure ne permet aucun verdict",
        ),
    };
    language.label(meaning)
}

/// Rules of validity that do not hold, one sentence each.
pub(in crate::report) fn broken_rules(document: &Document, language: Language) -> Vec<String> {
    let broken = document.judgement.validity.iter().filter(|check| !check.valid);
    let words = language.wording();
    let outweighed = document.judgement.overall != VerdictWord::Invalid;
    broken
        .map(|check| {
            let (rule, facts) = (words.rule(&check.rule()), &check.facts);
            let (measured, threshold) = (words.measured(facts), words.threshold(facts));
            let hint = sentence(&words.hint(facts));
            match (language, outweighed) {
                (Language::English, true) => format!(
                    "Not valid by itself, but the verdict does not hang on it: {rule} {measured}; threshold: {threshold}. {hint}"
                ),
                (Language::English, false) => {
                    format!("Not valid: {rule} {measured}; threshold: {threshold}. {hint}")
                }
                (Language::French, true) => format!(
                    "Non valide en soi, mais le verdict n’en dépend pas : {rule}, {measured} (seuil : {threshold}). {hint}"
                ),
                (Language::French, false) => format!("Non valide : {rule}, {measured} (seuil : {threshold}). {hint}"),
            }
        })
        .collect()
}

/// Causes for which the answer is not a plain yes: broken rules, objectives that are not met, and probes that failed.
pub(in crate::report) fn causes(document: &Document, language: Language) -> Vec<String> {
    let mut causes = broken_rules(document, language);
    for verdict in &document.judgement.verdicts {
        if verdict.objective.gate && !matches!(verdict.word, VerdictWord::Pass | VerdictWord::Invalid) {
            causes.push(reason(verdict, language));
        }
    }
    causes.extend(probes(document, language));
    causes
}

/// Probes that failed, one sentence each.
pub(in crate::report) fn probes(document: &Document, language: Language) -> Vec<String> {
    let failures = document.failures.iter();
    failures
        .map(|failure| match language {
            Language::English => format!(
                "The {} probe did not deliver: {}",
                failure.probe,
                sentence(&failure.reason)
            ),
            Language::French => format!(
                "La sonde « {} » n’a rien livré : {}",
                failure.probe,
                quoted(&sentence(&failure.reason))
            ),
        })
        .collect()
}

/// Name of an objective with the reason for its verdict.
fn reason(verdict: &Verdict, language: Language) -> String {
    let reason = sentence(&language.wording().reason(verdict));
    let colon = language.say(":", " :");
    format!("{}{colon} {reason}", quoted(&verdict.objective.name))
}

/// Objectives without a measurement, one sentence each.
pub(in crate::report) fn unmeasured(document: &Document, language: Language) -> Vec<String> {
    let verdicts = document.judgement.verdicts.iter();
    let missing = verdicts.filter(|verdict| verdict.measurement.is_none());
    missing.map(|verdict| reason(verdict, language)).collect()
}

/// Explanation of the word of a run or verdict, as a clause.
pub(in crate::report) fn explained(word: VerdictWord, language: Language) -> &'static str {
    match word {
        VerdictWord::Pass => language.say("the target is met", "la cible est tenue"),
        VerdictWord::Warn => language.say(
            "the target is missed, the acceptable limit is met",
            "la cible est manquée, la limite acceptable est tenue",
        ),
        VerdictWord::Inconclusive => language.say(
            "there are too few samples, or they are too close to the limit, to decide",
            "les échantillons sont trop peu nombreux, ou trop proches de la limite, pour trancher",
        ),
        VerdictWord::Fail => language.say(
            "the acceptable limit is missed, or a service did not survive",
            "la limite acceptable est dépassée, ou un service n’a pas résisté",
        ),
        VerdictWord::Invalid => language.say(
            "the measurement is broken, so that it says nothing about the system",
            "la mesure est défaillante et ne dit rien du système",
        ),
    }
}
