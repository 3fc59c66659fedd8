//! Sentences on a comparison in turns, in both languages.

use super::{AbDocument, AbEnd, ComparedMeasure, Discarded, Outcome, Pair, SideName, SideVersion};
use crate::slo::{Change, Label, Unit};
use crate::words::{Language, quoted, unmarked};

/// A text in both languages.
const fn text_of(english: &'static str, french: &'static str) -> Label {
    Label { english, french }
}

pub(super) const OBJECTIVES: Label = text_of("Objectives", "Objectifs");
pub(super) const PAIRS: Label = text_of("Pairs", "Paires");
pub(super) const DISCARDED: Label = text_of("Runs that did not count", "Campagnes qui n’ont pas compté");
pub(super) const ADVISORY: Label = text_of("advisory", "indicatif");
pub(super) const FOR_BOTH: Label = text_of("Set for both", "Réglé des deux côtés");
pub(super) const EACH_RUN: Label = text_of("Each run", "Chaque campagne");
pub(super) const DATE: Label = text_of("Date", "Date");
pub(super) const DRAWN: Label = text_of(
    "Drawn: the mean difference with its interval, and each pair’s difference as a dot above it; the middle line is no change, the \
     shaded band what would be too little to matter (5 % of A’s value, at least 5 ms or 0.1 percentage points).",
    "Dessin : l’écart moyen et son intervalle, surmontés de l’écart de chaque paire ; le trait du milieu marque l’absence d’écart, \
     la bande grisée ce qui serait trop peu pour compter (5 % de la valeur de A, au moins 5 ms ou 0,1 point).",
);

/// Label of a side.
pub(super) fn side_label(side: SideName) -> Label {
    match side {
        SideName::A => text_of("A", "A"),
        SideName::B => text_of("B", "B"),
    }
}

/// Heads of the columns of the table of objectives.
pub(super) fn columns(language: Language, level: &str) -> [String; 7] {
    match language {
        Language::English => [
            "What".to_owned(),
            "Statistic".to_owned(),
            "A".to_owned(),
            "B".to_owned(),
            format!("B − A, {level}"),
            "Drawn".to_owned(),
            "Conclusion".to_owned(),
        ],
        Language::French => [
            "Grandeur".to_owned(),
            "Statistique".to_owned(),
            "A".to_owned(),
            "B".to_owned(),
            format!("B − A, à {level}"),
            "Dessin".to_owned(),
            "Conclusion".to_owned(),
        ],
    }
}

/// Heads of the table of discarded runs.
pub(super) fn discarded_columns(language: Language) -> [&'static str; 3] {
    match language {
        Language::English => ["Side", "Run", "Reason"],
        Language::French => ["Côté", "Campagne", "Raison"],
    }
}

/// Confidence of every interval: `95 %`.
pub(super) fn level(document: &AbDocument, language: Language) -> String {
    language.percent(1.0 - document.alpha)
}

/// The conclusion on a measure in one or two words.
pub(super) fn outcome(outcome: Outcome, language: Language) -> &'static str {
    let change = |change| language.wording().change(change);
    match outcome {
        Outcome::Regressed => change(Change::Regressed),
        Outcome::Undecided => change(Change::Undecided),
        Outcome::NotWorse => language.say("not worse", "pas dégradé"),
        Outcome::Unchanged => change(Change::Unchanged),
        Outcome::Improved => change(Change::Improved),
    }
}

/// A length of time: `4 min 10 s`, `50 s`.
pub(super) fn duration(seconds: f64) -> String {
    let whole = crate::units::saturating_u64(seconds.round());
    match (whole / 60, whole % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

fn direction(measure: &ComparedMeasure, language: Language) -> &'static str {
    let up = measure.shift.is_none_or(|shift| shift >= 0.0);
    match (measure.unit, up) {
        (Unit::Milliseconds, true) => language.say("slower", "plus lent"),
        (Unit::Milliseconds, false) => language.say("faster", "plus rapide"),
        (_, true) => language.say("higher", "plus haut"),
        (_, false) => language.say("lower", "plus bas"),
    }
}

/// Name and statistic of a measure: `API response time p95`.
fn name(measure: &ComparedMeasure, language: Language) -> String {
    format!("{} {}", quoted(&measure.name), language.statistic(&measure.statistic))
}

/// Conclusion on a measure: `API response time p95: B is +8.4 ms [+5.9, +10.8] slower: regressed`.
pub(super) fn measure(measure: &ComparedMeasure, language: Language) -> String {
    let (name, outcome) = (name(measure, language), outcome(measure.outcome, language));
    let shift = language.shift(measure.shift, measure.low, measure.high, measure.unit);
    let direction = direction(measure, language);
    match (language, measure.shift) {
        (Language::English, Some(_)) => format!("{name}: B is {shift} {direction}: {outcome}"),
        (Language::English, None) if measure.pairs == 0 => format!("{name}: no pair with a value on both sides"),
        (Language::English, None) => format!("{name}: among failed requests in some runs: {outcome}"),
        (Language::French, Some(_)) => format!("{name} : B est à {shift}, {direction} : {outcome}"),
        (Language::French, None) if measure.pairs == 0 => {
            format!("{name} : aucune paire avec une valeur des deux côtés")
        }
        (Language::French, None) => {
            format!("{name} : parmi les requêtes en échec dans certaines campagnes : {outcome}")
        }
    }
}

/// Pairs and time that the conclusion took: `7 pairs, 4 min 10 s`.
pub(super) fn effort(document: &AbDocument, language: Language) -> String {
    let pairs = language.plural(document.pairs.len() as u64, "pair", "paire");
    format!("{pairs}, {}", duration(document.seconds))
}

/// The answer in one sentence: `B is worse: API response time p95`.
pub(super) fn answer(document: &AbDocument, language: Language) -> String {
    let of = |wanted: Outcome| -> Vec<String> {
        let measures = document.measures.iter().filter(|measure| measure.gate);
        let measures = measures.filter(|measure| measure.outcome == wanted);
        measures.map(|measure| name(measure, language)).collect()
    };
    let list = |names: &[String]| language.list(names);
    let mut undecided = of(Outcome::Undecided);
    undecided.extend(document.unmeasured().into_iter().map(quoted));
    let (regressed, improved) = (of(Outcome::Regressed), of(Outcome::Improved));
    match language {
        Language::English if !regressed.is_empty() => format!("B is worse: {}", list(&regressed)),
        Language::English if !undecided.is_empty() => format!("undecided: {}", list(&undecided)),
        Language::English if !improved.is_empty() => format!("B is not worse; improved: {}", list(&improved)),
        Language::English => "B is not worse".to_owned(),
        Language::French if !regressed.is_empty() => format!("B est moins bon : {}", list(&regressed)),
        Language::French if !undecided.is_empty() => format!("indécis : {}", list(&undecided)),
        Language::French if !improved.is_empty() => format!("B n’est pas moins bon ; amélioré : {}", list(&improved)),
        Language::French => "B n’est pas moins bon".to_owned(),
    }
}

/// The cause of an end without a decision; `None` after a decision.
pub(super) fn ended(document: &AbDocument, language: Language) -> Option<String> {
    let sentence = match document.end.as_ref()? {
        AbEnd::Decided => return None,
        AbEnd::TimeUp => match language {
            Language::English => format!(
                "The time of {} is over: allow more with `--at-most-time`, or have longer runs with `--run-length`.",
                document.at_most_time
            ),
            Language::French => format!(
                "Le temps de {} est écoulé : accordez-en plus avec `--at-most-time`, ou allongez les campagnes avec \
                 `--run-length`.",
                document.at_most_time
            ),
        },
        AbEnd::Interrupted => language
            .say(
                "Interrupted: what was measured until then is kept.",
                "Interrompu : ce qui avait été mesuré est conservé.",
            )
            .to_owned(),
        AbEnd::Invalid(side) => {
            let reason = document.discarded.last().map(|run| reasons(run, language));
            let reason = reason.unwrap_or_default();
            match language {
                Language::English => format!("Side {side}: no run could be made valid, in three attempts: {reason}."),
                Language::French => {
                    format!("Côté {side} : aucune campagne valide en trois tentatives : {reason}.")
                }
            }
        }
    };
    Some(sentence)
}

/// The reasons why a run did not count.
pub(super) fn reasons(run: &Discarded, language: Language) -> String {
    let reasons = run.reasons.iter();
    let reasons: Vec<String> = reasons
        .map(|reason| language.wording().exclusion_reason(reason))
        .collect();
    reasons.join(language.say("; ", " ; "))
}

/// A side's version: its settings, revision and commit.
pub(super) fn version(version: &SideVersion, language: Language) -> String {
    let revision = version.revision.as_ref().map(|revision| {
        let commit = version.commit.as_deref().unwrap_or_default();
        let short: String = commit.chars().take(12).collect();
        format!("`{revision}` (`{short}`)")
    });
    let settings = version.settings.iter().map(|(key, value)| format!("`{key}={value}`"));
    let parts: Vec<String> = revision.into_iter().chain(settings).collect();
    if parts.is_empty() {
        language.say("the scenario as it is", "le scénario tel quel").to_owned()
    } else {
        parts.join(", ")
    }
}

/// Settings of both sides; `None` without any.
pub(super) fn for_both(document: &AbDocument) -> Option<String> {
    let settings = document.overrides.iter().map(|(key, value)| format!("`{key}={value}`"));
    let settings: Vec<String> = settings.collect();
    (!settings.is_empty()).then(|| settings.join(", "))
}

/// Length and order of the runs.
pub(super) fn each_run(document: &AbDocument, language: Language) -> String {
    let seconds = language.digits(document.run_seconds);
    match language {
        Language::English => format!("{seconds} s judged; {}", effort(document, language)),
        Language::French => format!("{seconds} s jugées ; {}", effort(document, language)),
    }
}

/// Order of a pair: `A, B`.
pub(super) fn order(pair: &Pair) -> &'static str {
    match pair.first {
        SideName::A => "A, B",
        SideName::B => "B, A",
    }
}

/// The method.
pub(super) fn method(document: &AbDocument, language: Language) -> String {
    let level = level(document, language);
    match language {
        Language::English => format!(
            "Two neighbouring runs, one on each side, are one pair; both see the same arrivals, and the order changes from pair to \
             pair. The {level} interval of the mean difference holds at every number of pairs at once (Wang and Ramdas, 2025), so \
             that stopping as soon as it is decided is no error. It takes the pairs’ differences to be normal."
        ),
        Language::French => format!(
            "Deux campagnes voisines, une de chaque côté, forment une paire ; toutes deux voient les mêmes arrivées, et l’ordre \
             change d’une paire à l’autre. L’intervalle à {level} de l’écart moyen vaut pour tous les nombres de paires à la fois \
             (Wang et Ramdas, 2025) : s’arrêter dès que c’est décidé n’est pas une erreur. Il suppose normaux les écarts des paires."
        ),
    }
}

/// Progress after a pair, in English.
pub(super) fn so_far(document: &AbDocument) -> Vec<String> {
    let number = document.pairs.len();
    let order = document.pairs.last().map(order).unwrap_or_default();
    let deciding = document.measures.iter().filter(|measure| measure.gate);
    let sentences = deciding.map(|deciding| unmarked(&measure(deciding, Language::English)));
    std::iter::once(format!("pair {number} ({order}), {}", duration(document.seconds)))
        .chain(sentences.map(|sentence| format!("  {sentence}")))
        .collect()
}

/// Text for the terminal; ends with a line break.
pub fn terminal(document: &AbDocument) -> String {
    let language = Language::English;
    let plain = |text: &str| unmarked(text);
    let mut lines = vec![
        format!(
            "{}  {}: {}",
            outcome(document.outcome(), language).to_uppercase(),
            document.scenario,
            plain(&answer(document, language))
        ),
        format!("A  {}", plain(&version(&document.sides[0], language))),
        format!("B  {}", plain(&version(&document.sides[1], language))),
        String::new(),
    ];
    lines.extend(document.measures.iter().map(|row| {
        let advisory = if row.gate { "" } else { ", advisory" };
        let sentence = plain(&measure(row, language));
        format!("{sentence} ({}{advisory})", effort(document, language))
    }));
    lines.extend(ended(document, language).map(|sentence| plain(&sentence)));
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn the_terminal_says_shift_interval_conclusion_pairs_and_time() {
        let text = terminal(&fixture::document());
        let sentence = "API response time p95: B is +8.40 ms [+5.90, +10.9] slower: regressed (7 pairs, 4 min 10 s)";
        assert!(text.contains(sentence), "{text}");
        assert!(
            text.starts_with("REGRESSED  gate: B is worse: API response time p95\nA  the scenario as it is\n"),
            "{text}"
        );
        assert!(text.contains("\nB  `stack.env.DELAY=10`\n"), "{text}");
        assert!(
            text.contains("Errors share: B is 0 pp [−0.03, +0.03] higher: unchanged"),
            "{text}"
        );
        assert!(text.contains("(7 pairs, 4 min 10 s, advisory)"), "{text}");
    }

    #[test]
    fn both_languages_say_every_conclusion_and_every_end() {
        let mut document = fixture::document();
        let french = |document: &AbDocument| unmarked(&measure(&document.measures[0], Language::French));
        assert_eq!(
            french(&document),
            "API response time p95 : B est à +8,40 ms [+5,90 ; +10,9], plus lent : dégradé"
        );
        document.measures[0].shift = Some(-8.4);
        assert!(french(&document).contains("plus rapide"));
        document.measures[0].shift = None;
        assert!(french(&document).contains("en échec"));
        document.measures[0].pairs = 0;
        assert!(french(&document).contains("aucune paire"));
        for (outcome, english, french) in [
            (Outcome::Regressed, "B is worse: API", "B est moins bon : API"),
            (Outcome::Undecided, "undecided: API", "indécis : API"),
            (Outcome::NotWorse, "B is not worse", "B n’est pas moins bon"),
            (Outcome::Unchanged, "B is not worse", "B n’est pas moins bon"),
            (
                Outcome::Improved,
                "B is not worse; improved: API",
                "B n’est pas moins bon ; amélioré : API",
            ),
        ] {
            document.measures[0].outcome = outcome;
            let said = |language| unmarked(&answer(&document, language));
            assert!(said(Language::English).starts_with(english), "{outcome:?}");
            assert!(said(Language::French).starts_with(french), "{outcome:?}");
        }
        for (end, english, french) in [
            (AbEnd::TimeUp, "The time of 10m is over", "Le temps de 10m est écoulé"),
            (AbEnd::Interrupted, "Interrupted", "Interrompu"),
            (
                AbEnd::Invalid(SideName::B),
                "Side B: no run",
                "Côté B : aucune campagne",
            ),
        ] {
            document.end = Some(end);
            assert!(ended(&document, Language::English).unwrap().starts_with(english));
            assert!(ended(&document, Language::French).unwrap().starts_with(french));
        }
    }

    #[test]
    fn an_objective_without_a_value_is_named_as_undecided() {
        let mut document = fixture::document();
        document.measures.remove(0);
        assert_eq!(
            unmarked(&answer(&document, Language::English)),
            "undecided: API response time"
        );
        assert_eq!(document.outcome(), Outcome::Undecided);
    }
}
