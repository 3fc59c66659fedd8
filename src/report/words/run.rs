//! Sentences on the run as a whole: its date, place and release, and how sure its figures are.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Language, quoted};
use crate::cause::Suspect;
use crate::evidence::Decision;
use crate::report::Document;
use crate::report::IdentitySum;
use crate::runs::RunNote;
use crate::slo::Verdict;

const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// A moment: `2026-11-30 12:14:39 UTC`, `30 novembre 2026 à 12 h 14 (UTC)`.
pub(crate) fn moment(at: Timestamp, language: Language) -> String {
    match language {
        Language::English => at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        Language::French => {
            // UTC in all languages: reports are read in other time zones than they were made in.
            let at = at.to_zoned(jiff::tz::TimeZone::UTC);
            let month = usize::try_from(at.month())
                .ok()
                .and_then(|month| MONTHS.get(month.checked_sub(1)?));
            let day = match at.day() {
                // French counts the first of a month as an ordinal, and all others as cardinals.
                1 => "1er".to_owned(),
                day => day.to_string(),
            };
            format!(
                "{day} {} {} à {} h {:02} (UTC)",
                month.copied().unwrap_or_default(),
                at.year(),
                at.hour(),
                at.minute()
            )
        }
    }
}

/// A day: `2026-11-30`, `30 novembre 2026`.
pub(crate) fn day(at: Timestamp, language: Language) -> String {
    match language {
        Language::English => at.strftime("%Y-%m-%d").to_string(),
        Language::French => moment(at, language).split(" à ").next().unwrap_or_default().to_owned(),
    }
}

/// A day of the calendar.
pub(in crate::report) fn day_of(date: Date, language: Language) -> String {
    let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).map(|zoned| zoned.timestamp());
    midnight.map_or_else(|_| date.to_string(), |at| day(at, language))
}

/// A remark on the run: `C. Martin, 2026-11-30: accepted until the index is there`.
pub(in crate::report) fn note(note: &RunNote, language: Language) -> String {
    let separator = language.say(":", " :");
    format!(
        "{}, {}{separator} {}",
        quoted(&note.by),
        day(note.at, language),
        quoted(&note.text)
    )
}

/// Advice on a suspect.
pub(in crate::report) fn next(suspect: &Suspect, language: Language) -> String {
    let advice = language.wording().advice(&suspect.finding);
    match language {
        Language::English => format!("Next: {advice}"),
        Language::French => format!("À faire : {advice}"),
    }
}

/// Length of the load and of its judged part.
pub(in crate::report) fn length(document: &Document, language: Language) -> String {
    let (all, judged) = (document.seconds, document.judged.length().as_secs_f64());
    match language {
        Language::English => format!("{all:.0} s of load, {judged:.0} s judged"),
        Language::French => format!(
            "{} s de charge, dont {} s jugées",
            language.decimal(all, 0),
            language.decimal(judged, 0)
        ),
    }
}

/// The machine: cores, processor, memory.
pub(in crate::report) fn machine(document: &Document, language: Language) -> String {
    let environment = &document.environment;
    format!(
        "{}, {}, {}",
        quoted(&environment.processor),
        language.plural(u64::from(environment.cores), "core", "cœur"),
        language.memory(environment.memory as f64)
    )
}

/// The release by the labels of the run; `None` without one.
pub(in crate::report) fn release(document: &Document) -> Option<String> {
    let tags = &document.plan.tags;
    let told: Vec<String> = tags
        .iter()
        .map(|(key, value)| quoted(&format!("{key} {value}")))
        .collect();
    (!told.is_empty()).then(|| told.join(" · "))
}

/// Certainty of the figures: rules of validity that held, and the level of all intervals.
pub(in crate::report) fn certainty(document: &Document, language: Language) -> String {
    let checks = &document.judgement.validity;
    let (held, all) = (checks.iter().filter(|check| check.valid).count(), checks.len());
    match language {
        Language::English => format!("{held} of {all} validity rules held; every bound is a 95 % bound"),
        Language::French => {
            format!("{held} règles de validité sur {all} respectées ; tous les intervalles sont à 95 %")
        }
    }
}

/// Share of the error budget of an objective's target that this run left: `77 % left`, `exhausted, 2.0 times over`. `None` if the
/// objective is not decided by a share of its samples.
pub(in crate::report) fn budget_left(verdict: &Verdict, language: Language) -> Option<String> {
    let objective = &verdict.objective;
    let counts = &verdict.measurement.as_ref()?.target;
    if !objective.profile()?.decides_by_share(objective) || counts.allowed <= 0.0 || objective.target.fixed().is_none()
    {
        return None;
    }
    let used = counts.share()? / counts.allowed;
    let left = language.portion(1.0 - used);
    let times = language.decimal(used, 1);
    Some(match language {
        // Below, the factor would be rounded to "1.0 times".
        Language::English if used >= 1.05 => format!("exhausted, {times} times over"),
        Language::English if used > 1.0 => "exhausted".to_owned(),
        Language::English => format!("{left} left"),
        Language::French if used >= 1.05 => format!("épuisé, {times} fois dépassé"),
        Language::French if used > 1.0 => "épuisé".to_owned(),
        Language::French => format!("{left} restants"),
    })
}

/// A sum that must agree, with its numbers.
pub(in crate::report) fn identity(sum: &IdentitySum, language: Language) -> String {
    let count = |value: u64| language.count(value);
    match (sum, language) {
        (
            IdentitySum::Planned {
                planned,
                started,
                dropped,
            },
            Language::English,
        ) => format!(
            "planned {} = started {} + dropped {}",
            count(*planned),
            count(*started),
            count(*dropped)
        ),
        (
            IdentitySum::Planned {
                planned,
                started,
                dropped,
            },
            Language::French,
        ) => format!(
            "arrivées prévues {} = commencées {} + abandonnées {}",
            count(*planned),
            count(*started),
            count(*dropped)
        ),
        (
            IdentitySum::Started {
                started,
                completed,
                failed,
                interrupted,
            },
            Language::English,
        ) => format!(
            "started {} = completed {} + failed {} + interrupted {}",
            count(*started),
            count(*completed),
            count(*failed),
            count(*interrupted)
        ),
        (
            IdentitySum::Started {
                started,
                completed,
                failed,
                interrupted,
            },
            Language::French,
        ) => format!(
            "arrivées commencées {} = achevées {} + échouées {} + interrompues {}",
            count(*started),
            count(*completed),
            count(*failed),
            count(*interrupted)
        ),
        (IdentitySum::Requests { requests, seconds }, Language::English) => {
            format!("requests {} = sum of all seconds {}", count(*requests), count(*seconds))
        }
        (IdentitySum::Requests { requests, seconds }, Language::French) => format!(
            "requêtes {} = somme de toutes les secondes {}",
            count(*requests),
            count(*seconds)
        ),
    }
}

/// Number of gating objectives that are met.
pub(in crate::report) fn objectives_met(document: &Document, language: Language) -> String {
    let judgement = &document.judgement;
    let gating = || judgement.verdicts.iter().filter(|verdict| verdict.objective.gate);
    let met = gating()
        .filter(|verdict| verdict.accepted(judgement.accept) == Decision::Met)
        .count();
    let all = gating().count();
    match (language, all) {
        (Language::English, 0) => "No objective gates this run.".to_owned(),
        (Language::English, 1) if met == 1 => "The gating objective is met.".to_owned(),
        (Language::English, _) => format!("{met} of {all} gating objectives are met."),
        (Language::French, 0) => "Aucun objectif n’est décisif pour cette campagne.".to_owned(),
        (Language::French, 1) if met == 1 => "L’objectif décisif est tenu.".to_owned(),
        (Language::French, _) => format!(
            "{met} {} sur {all} {}.",
            if met < 2 {
                "objectif décisif"
            } else {
                "objectifs décisifs"
            },
            if met < 2 { "est tenu" } else { "sont tenus" }
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_people_write_them() {
        let at: Timestamp = "2026-08-01T09:05:07Z".parse().unwrap();
        assert_eq!(moment(at, Language::English), "2026-08-01 09:05:07 UTC");
        assert_eq!(moment(at, Language::French), "1er août 2026 à 9 h 05 (UTC)");
    }
}
