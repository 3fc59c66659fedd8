//! Sentences on page loads in the browser.

use super::{Language, quoted};
use crate::evidence::browser::{Cache, Exhibit, ExhibitReason};
use crate::report::{CalibrationRow, PageRow, Pages};

/// The conditions that the pages were loaded under.
pub(in crate::report) fn conditions(pages: &Pages, language: Language) -> String {
    let Some(loaded) = &pages.loaded else {
        return quoted(&pages.conditions);
    };
    let during = loaded.phase.as_ref().map(|phase| match language {
        Language::English => format!("; in the phase {phase} alone"),
        Language::French => format!(" ; pendant la seule phase {}", quoted(phase)),
    });
    language.wording().conditions(&loaded.conditions) + &during.unwrap_or_default()
}

/// State of the browser's cache.
pub(in crate::report) fn cache(cache: Cache, language: Language) -> &'static str {
    match cache {
        Cache::Cold => language.say("cold", "cache vide"),
        Cache::Warm => language.say("warm", "cache plein"),
    }
}

/// The observations in one sentence; `None` without a judged load.
pub(in crate::report) fn sentence(pages: &Pages, language: Language) -> Option<String> {
    let all = pages.rows.first().filter(|row| row.loads > 0)?;
    let loads = match language {
        Language::English => language.plural(all.loads, "page load", ""),
        Language::French => format!("{} de page", language.plural(all.loads, "", "chargement")),
    };
    let mut parts = vec![format!(
        "{}{} {loads}, p75 {}",
        quoted(&pages.browser),
        language.say(":", " :"),
        language.percentile(all.load_p75, all.loads)
    )];
    let rows = pages.rows.iter().skip(1).filter(|row| row.load_p75.is_some());
    let slowest = rows.max_by(|one, other| {
        one.load_p75
            .partial_cmp(&other.load_p75)
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    if let Some(slowest) = slowest {
        let time = language.percentile(slowest.load_p75, slowest.loads);
        let page = quoted(&slowest.page);
        parts.push(match language {
            Language::English => format!("slowest page {page} ({time})"),
            Language::French => format!("page la plus lente : {page} ({time})"),
        });
    }
    if let Some(share) = all.calls_share.filter(|share| *share > 0.0) {
        let share = language.percent(share);
        parts.push(match language {
            Language::English => format!("its scripts waited for the API during {share} of the time"),
            Language::French => format!("ses scripts ont attendu l’API pendant {share} du temps"),
        });
    }
    let counted = [
        (all.failed, "failed load", "chargement échoué"),
        (all.failed_requests.unwrap_or(0), "failed request", "requête échouée"),
        (all.console_errors.unwrap_or(0), "console error", "erreur"),
        (u64::from(pages.restarts), "browser restart", "redémarrage"),
    ];
    for (index, (count, english, french)) in counted.into_iter().enumerate() {
        if count > 0 {
            let after = match (language, index) {
                (Language::French, 2) => " de console",
                (Language::French, 3) => " du navigateur",
                _ => "",
            };
            parts.push(language.plural(count, english, french) + after);
        }
    }
    let failed = pages
        .loads
        .iter()
        .find_map(|load| Some((&load.page, load.failure.as_ref()?)));
    if let Some((page, reason)) = failed.filter(|_| all.failed > 0) {
        let (page, reason) = (quoted(page), quoted(reason));
        parts.push(match language {
            Language::English => format!("first failed load: {page}: {reason}"),
            Language::French => format!("premier échec : {page}, {reason}"),
        });
    }
    if let Some(factor) = pages.calibration.as_ref().and_then(|row| row.slowdown) {
        let factor = language.decimal(factor, 2);
        parts.push(match language {
            Language::English => format!("the browser itself {factor} times as slow as before the load"),
            Language::French => {
                format!("durée de chargement du navigateur seul multipliée par {factor} pendant la charge")
            }
        });
    }
    Some(format!("{}.", parts.join(language.say("; ", " ; "))))
}

/// Speed of the browser itself, before and during the load.
pub(in crate::report) fn calibration(row: &CalibrationRow, language: Language) -> String {
    let before = language.optional(row.before);
    let during = language.optional(row.during);
    let limit = language.digits(row.limit);
    let count = row.count;
    match (language, row.slowdown, row.slowed) {
        (Language::English, Some(slowdown), _) => format!(
            "{before} for the harness's own page before the load, {during} during it (median of {count}): {slowdown:.2} times; at \
             most {limit} times slower is allowed"
        ),
        (Language::French, Some(slowdown), _) => format!(
            "page témoin chargée en {before} avant la charge, en {during} pendant (médiane de {count}) : facteur {}, pour {limit} \
             admis",
            language.decimal(slowdown, 2)
        ),
        (Language::English, None, true) => format!(
            "{before} for the harness's own page before the load, during it most did not end; at most {limit} times slower is allowed"
        ),
        (Language::French, None, true) => format!(
            "page témoin chargée en {before} avant la charge ; pendant, la plupart des chargements n’ont pas abouti (facteur {limit} \
             au plus admis)"
        ),
        (Language::English, None, false) => format!(
            "{before} for the harness's own page before the load; {} during it, too few to tell",
            language.plural(count, "load", "")
        ),
        (Language::French, None, false) => format!(
            "page témoin chargée en {before} avant la charge ; {} pendant, trop peu pour conclure",
            language.plural(count, "", "chargement")
        ),
    }
}

/// Number of times that the browser was started again, with the causes.
pub(in crate::report) fn restarts(pages: &Pages, language: Language) -> String {
    let times = match language {
        Language::English => language.plural(u64::from(pages.restarts), "time", ""),
        Language::French => format!("{} fois", pages.restarts),
    };
    if pages.lost.is_empty() {
        return times;
    }
    let lost: Vec<String> = pages.lost.iter().map(|cause| quoted(cause)).collect();
    format!("{times} ({})", lost.join("; "))
}

/// Loads that were skipped.
pub(in crate::report) fn skipped(pages: &Pages, language: Language) -> String {
    let loads = language.plural(u64::from(pages.skipped), "load", "chargement");
    match language {
        Language::English => format!("{loads}: the one before still ran"),
        Language::French => format!("{loads} (le précédent durait encore)"),
    }
}

/// The loads of a page for people who do not see its strip: their number, least and greatest length.
pub(in crate::report) fn spread(row: &PageRow, language: Language) -> String {
    let (least, most) = (row.times.first().copied(), row.times.last().copied());
    let (least, most) = (language.optional(least), language.optional(most));
    let middle = language.percentile(row.load_p75, row.loads);
    let loads = language.plural(row.times.len() as u64, "load", "chargement");
    match language {
        Language::English => format!("{loads} from {least} to {most}, p75 {middle}"),
        Language::French => format!("{loads} de {least} à {most}, p75 {middle}"),
    }
}

/// Name of a row of a table of pages.
pub(in crate::report) fn row_name(row: &PageRow, language: Language) -> String {
    let page = if row.page == "*" {
        language.say("all judged", "toutes (jugées)").to_owned()
    } else {
        quoted(&row.page)
    };
    row.cache
        .map_or_else(|| page.clone(), |state| format!("{page}, {}", cache(state, language)))
}

/// Caption of a load that is shown.
pub(in crate::report) fn caption(pages: &Pages, exhibit: &Exhibit, language: Language) -> String {
    let why = match exhibit.why {
        ExhibitReason::Typical => language.say("a typical load", "un chargement typique"),
        ExhibitReason::Slowest => language.say("the slowest load", "le chargement le plus lent"),
        ExhibitReason::Failed => language.say("the first load that failed", "le premier chargement échoué"),
    };
    let load = pages.load_of(exhibit);
    let what = load.map(|load| match (&load.failure, language) {
        (Some(failure), Language::English) => format!(": {}", quoted(failure)),
        (Some(failure), Language::French) => format!(" : {}", quoted(failure)),
        (None, Language::English) => format!(
            ": {}, {} cache",
            language.optional(load.load_ms),
            cache(load.cache, language)
        ),
        (None, Language::French) => {
            format!(
                " : {}, {}",
                language.optional(load.load_ms),
                cache(load.cache, language)
            )
        }
    });
    format!(
        "{}, {why}, {} {} s{}",
        quoted(&exhibit.page),
        language.say("at", "à"),
        language.decimal(exhibit.at, 1),
        what.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn one_sentence_says_what_the_browser_saw() {
        let pages = sample::document().pages.unwrap();
        let words = sentence(&pages, Language::English).unwrap();
        for part in [
            "page loads, p75",
            "slowest page",
            "1 failed request",
            "times as slow as before the load",
        ] {
            assert!(words.contains(part), "{part}: {words}");
        }
        let words = sentence(&pages, Language::French).unwrap();
        for part in ["chargements de page, p75", "page la plus lente", "1 requête échouée"] {
            assert!(words.contains(part), "{part}: {words}");
        }
    }
}
