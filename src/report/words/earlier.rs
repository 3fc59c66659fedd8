//! Sentences on a run among earlier ones.

use super::run::{day, moment};
use super::{Language, quoted};
use crate::report::{EarlierRun, EarlierRuns, LevelChange, ObjectiveHistory};
use crate::slo::Change;

/// The change since the last comparable run, in one sentence.
pub(in crate::report) fn opening(earlier: &EarlierRuns, language: Language) -> String {
    let Some(last) = &earlier.last else {
        return first(earlier.not_comparable as u64, language);
    };
    let run = run(last, language);
    let of = |change: Change| -> Vec<String> {
        let changed = earlier.objectives.iter();
        let changed = changed.filter(|objective| objective.since_last.is_some_and(|since| since.change == change));
        changed.map(|objective| quoted(&objective.name)).collect()
    };
    let named = |change| {
        Some(of(change))
            .filter(|names| !names.is_empty())
            .map(|names| language.list(&names))
    };
    let any = earlier
        .objectives
        .iter()
        .any(|objective| objective.since_last.is_some());
    let all_same = earlier
        .objectives
        .iter()
        .filter_map(|objective| objective.since_last)
        .all(|since| since.change == Change::Unchanged);
    let french = language == Language::French;
    if !any {
        if french {
            format!("La dernière campagne comparable est {run} ; ces deux campagnes ne permettent aucune conclusion.")
        } else {
            format!("The last comparable run is {run}; nothing can be concluded from these two.")
        }
    } else if let Some(worse) = named(Change::Regressed) {
        if french {
            format!("Moins bon que lors de {run} : {worse}.")
        } else {
            format!("Worse than in {run}: {worse}.")
        }
    } else if let Some(open) = named(Change::Undecided) {
        if french {
            format!("Peut-être moins bon que lors de {run} : {open} ; les échantillons ne tranchent pas.")
        } else {
            format!("Perhaps worse than in {run}: {open}; the samples do not decide.")
        }
    } else if let Some(better) = named(Change::Improved) {
        if french {
            format!("Meilleur que lors de {run} : {better}. Rien n’est moins bon.")
        } else {
            format!("Better than in {run}: {better}. Nothing is worse.")
        }
    } else if all_same {
        if french {
            format!("Identique à {run}.")
        } else {
            format!("The same as in {run}.")
        }
    } else if french {
        format!("Semblable à {run} : rien n’est moins bon, à ce qu’on en voit.")
    } else {
        format!("Much as in {run}: nothing is seen to be worse.")
    }
}

/// `20260301-081500-gate (2026-03-01 08:15:00 UTC, PASS)`.
fn run(last: &EarlierRun, language: Language) -> String {
    format!(
        "{} ({}, {})",
        quoted(&last.id),
        moment(last.started, language),
        language.wording().word(last.word)
    )
}

fn first(not_comparable: u64, language: Language) -> String {
    match (language, not_comparable) {
        (Language::English, 0) => "This is the first run of this scenario in the history.".to_owned(),
        (Language::French, 0) => "C’est la première campagne de ce scénario dans l’historique.".to_owned(),
        (Language::English, others) => format!(
            "No earlier run is comparable: {} of this scenario had another load, stack or machine.",
            language.plural(others, "run", "campagne")
        ),
        (Language::French, others) => format!(
            "Aucune campagne antérieure n’est comparable : {} de ce scénario {} une autre charge, un autre système ou une autre \
             machine.",
            language.plural(others, "run", "campagne"),
            if others < 2 { "avait" } else { "avaient" }
        ),
    }
}

/// A change of level: `API response time p95: 31.0 ms → 45.0 ms since run 20260312-081500-gate (2026-03-12), p = 0.005`.
pub(in crate::report) fn level(objective: &ObjectiveHistory, change: &LevelChange, language: Language) -> String {
    let value = |value: f64| language.value(Some(value), objective.unit);
    let named = format!(
        "{} {}",
        quoted(&objective.name),
        language.statistic(&objective.statistic)
    );
    let (before, after, run) = (value(change.before), value(change.after), quoted(&change.run));
    let (date, p) = (day(change.started, language), language.decimal(change.p, 3));
    match language {
        Language::English => format!("{named}: {before} → {after} since {run} ({date}), p = {p}."),
        Language::French => format!("{named} : {before} → {after} depuis {run} ({date}), p = {p}."),
    }
}

/// A sparkline in words: `12 runs, 31.0 ms to 45.0 ms; the last 44.2 ms`.
pub(in crate::report) fn sparkline(objective: &ObjectiveHistory, language: Language) -> String {
    let value = |value: Option<f64>| language.value(value, objective.unit);
    let finite = || objective.values.iter().flatten().copied();
    let low = finite().min_by(f64::total_cmp);
    let high = finite().max_by(f64::total_cmp);
    let runs = language.plural(objective.values.len() as u64, "run", "campagne");
    let last = value(objective.values.last().copied().flatten());
    match (low, high, language) {
        (Some(low), Some(high), Language::English) => {
            format!("{runs}, {} to {}; the last {last}", value(Some(low)), value(Some(high)))
        }
        (Some(low), Some(high), Language::French) => {
            format!(
                "{runs}, de {} à {} ; la dernière {last}",
                value(Some(low)),
                value(Some(high))
            )
        }
        (_, _, Language::English) => format!("{runs}, all among failures"),
        (_, _, Language::French) => format!("{runs}, toutes parmi les échecs"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::ChangeSinceLast;
    use crate::slo::{Unit, VerdictWord};

    fn earlier(changes: &[Change]) -> EarlierRuns {
        let objective = |(index, change): (usize, &Change)| ObjectiveHistory {
            name: format!("O{index}"),
            indicator: "response-time".to_owned(),
            statistic: "p95".to_owned(),
            unit: Unit::Milliseconds,
            since_last: Some(ChangeSinceLast {
                base: Some(40.0),
                new: Some(40.0),
                shift: Some(0.0),
                low: None,
                high: None,
                change: *change,
            }),
            values: vec![Some(31.0), None, Some(44.25)],
            changes: Vec::new(),
        };
        EarlierRuns {
            not_comparable: 0,
            last: Some(EarlierRun {
                id: "run-1".to_owned(),
                started: "2026-03-01T08:15:00Z".parse().unwrap(),
                word: VerdictWord::Warn,
                tags: Vec::new(),
            }),
            objectives: changes.iter().enumerate().map(objective).collect(),
        }
    }

    #[test]
    fn the_worst_change_is_told() {
        use Change::{Improved, Regressed, Similar, Unchanged, Undecided};
        let told = |changes: &[Change], language| crate::words::unmarked(&opening(&earlier(changes), language));
        let run = "run-1 (2026-03-01 08:15:00 UTC, WARN)";
        for (changes, expected) in [
            (
                &[Improved, Regressed, Undecided, Regressed][..],
                format!("Worse than in {run}: O1 and O3."),
            ),
            (
                &[Improved, Undecided],
                format!("Perhaps worse than in {run}: O1; the samples do not decide."),
            ),
            (
                &[Similar, Improved],
                format!("Better than in {run}: O1. Nothing is worse."),
            ),
            (&[Unchanged, Unchanged], format!("The same as in {run}.")),
            (
                &[Unchanged, Similar],
                format!("Much as in {run}: nothing is seen to be worse."),
            ),
            (
                &[],
                format!("The last comparable run is {run}; nothing can be concluded from these two."),
            ),
        ] {
            assert_eq!(told(changes, Language::English), expected);
        }
        assert_eq!(
            told(&[Regressed, Regressed], Language::French),
            "Moins bon que lors de run-1 (1er mars 2026 à 8 h 15 (UTC), AVERTISSEMENT) : O0 et O1."
        );
    }

    #[test]
    fn a_first_run_says_whether_there_are_others() {
        let with = |not_comparable, language| {
            let earlier = EarlierRuns {
                not_comparable,
                ..EarlierRuns::default()
            };
            opening(&earlier, language)
        };
        assert_eq!(
            with(0, Language::English),
            "This is the first run of this scenario in the history."
        );
        assert!(with(2, Language::English).contains("2 runs of this scenario had another load"));
        assert!(with(2, Language::French).contains("2 campagnes de ce scénario avaient"));
        assert!(with(1, Language::French).contains("1 campagne de ce scénario avait une"));
    }

    #[test]
    fn a_sparkline_is_told_by_its_extent() {
        let objective = earlier(&[Change::Similar]).objectives.remove(0);
        assert_eq!(
            sparkline(&objective, Language::English),
            "3 runs, 31.0 ms to 44.2 ms; the last 44.2 ms"
        );
        assert_eq!(
            sparkline(&objective, Language::French),
            "3 campagnes, de 31,0 ms à 44,2 ms ; la dernière 44,2 ms"
        );
    }
}
