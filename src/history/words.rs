//! Labels and sentences of the pages of the history, in both languages.

use super::trend::Trend;
use crate::report::{day, moment};
use crate::slo::{Label, Unit};
use crate::words::{Language, quoted};

/// A text in both languages.
const fn label(english: &'static str, french: &'static str) -> Label {
    Label { english, french }
}

pub(super) const ALL_RUNS: Label = label("All runs", "Toutes les campagnes");
pub(super) const STANDING: Label = label("How each scenario stands", "Où en est chaque scénario");
pub(super) const TRENDS: Label = label("Trends", "Tendances");
pub(super) const RUNS: Label = label("Runs, newest first", "Campagnes, de la plus récente à la plus ancienne");
pub(super) const FILTER: Label = label("Filter", "Filtrer");
pub(super) const ANY: Label = label("all", "tous");
pub(super) const RESET: Label = label("Show all", "Tout afficher");
pub(super) const SHOWN: Label = label("{0} of {1} runs are shown.", "Campagnes affichées : {0} sur {1}.");
pub(super) const SCENARIO: Label = label("Scenario", "Scénario");
pub(super) const BRANCH: Label = label("Branch", "Branche");
pub(super) const VERDICT: Label = label("Verdict", "Verdict");
pub(super) const NO_RUN: Label = label(
    "No run is in the history yet; `diapason history index DIR` takes old ones in.",
    "L’historique ne contient encore aucune campagne ; `diapason history index DIR` y ajoute les anciennes.",
);
pub(super) const COMPARABLE: Label = label(
    "Of each scenario the runs that are comparable with its newest are drawn, at most 50: the same load, stack and machine. A \
     vertical line marks a run from which on the level is another (E-Divisive, p < 0.05); a cross, a figure among failures.",
    "De chaque scénario sont tracées les campagnes comparables à la plus récente, 50 au plus : même charge, même système, même \
     machine. Un trait vertical marque la campagne à partir de laquelle le niveau est autre (E-Divisive, p < 0,05) ; une croix, \
     une valeur parmi les échecs.",
);
pub(super) const TREND: Label = label("Trend", "Tendance");
pub(super) const RUNS_BEHIND: Label = label("The runs", "Les campagnes");
pub(super) const NO_DATA: Label = label("no data", "aucune donnée");
pub(super) const RUN_AXIS: Label = label("run, oldest first", "campagne, de la plus ancienne à la plus récente");
pub(super) const PERCENT: Label = label("percent", "pour cent");
pub(super) const MILLISECONDS: Label = label("milliseconds", "millisecondes");
pub(super) const ERRORS: Label = label("errors", "erreurs");
pub(super) const METHOD: Label = label(
    "Changes are found by E-Divisive (Matteson and James 2014): no distribution is assumed, at least 4 runs between two of them, \
     p < 0.05 by permutation. Only comparable runs are shown.",
    "Les changements sont trouvés par E-Divisive (Matteson et James 2014) : aucune loi n’est supposée, au moins 4 campagnes \
     séparent deux changements, p < 0,05 par permutation. Seules les campagnes comparables sont montrées.",
);

/// Heads of the columns of the standing of each scenario.
pub(super) fn standing_columns(language: Language) -> [&'static str; 6] {
    match language {
        Language::English => ["Scenario", "Newest run", "Verdict", "Branch", "Release", "Runs"],
        Language::French => [
            "Scénario",
            "Dernière campagne",
            "Verdict",
            "Branche",
            "Version",
            "Campagnes",
        ],
    }
}

/// Heads of the columns of the trends.
pub(super) fn trend_columns(language: Language) -> [&'static str; 5] {
    match language {
        Language::English => ["Objective", "Newest", "Run by run", "Lowest to highest", "Last change"],
        Language::French => [
            "Objectif",
            "Dernière valeur",
            "De campagne en campagne",
            "Étendue",
            "Dernier changement",
        ],
    }
}

/// Heads of the columns of all runs. The filter reads scenario, branch and verdict from the second, third and fifth.
pub(super) fn run_columns(language: Language) -> [&'static str; 6] {
    match language {
        Language::English => ["Run", "Scenario", "Branch", "Release", "Verdict", "Objectives"],
        Language::French => ["Campagne", "Scénario", "Branche", "Version", "Verdict", "Objectifs"],
    }
}

/// Heads of the columns of a trend's runs.
pub(super) fn point_columns(language: Language) -> [&'static str; 3] {
    match language {
        Language::English => ["Run", "Started", "Value"],
        Language::French => ["Campagne", "Début", "Valeur"],
    }
}

/// The page in one sentence.
pub(super) fn opening(runs: u64, scenarios: u64, newest: jiff::Timestamp, language: Language) -> String {
    let (runs, scenarios, newest) = (
        language.plural(runs, "run", "campagne"),
        language.plural(scenarios, "scenario", "scénario"),
        moment(newest, language),
    );
    match language {
        Language::English => format!("{runs} of {scenarios}; the newest began on {newest}."),
        Language::French => format!("{runs} de {scenarios} ; la dernière a commencé le {newest}."),
    }
}

/// From one value to another: `31.0 ms – 45.0 ms`.
pub(super) fn extent(low: f64, high: f64, unit: Unit, language: Language) -> String {
    let value = |value: f64| language.value(Some(value), unit);
    let (low, high) = (value(low), value(high));
    if low == high { low } else { format!("{low} – {high}") }
}

/// A change of level: `31.0 ms → 45.0 ms (+45 %) since run-12 (2026-03-01), p = 0.005`.
pub(super) fn change(trend: &Trend, at: usize, language: Language) -> Option<String> {
    let after = trend.levels.get(at)?;
    let before = trend.levels.get(at.checked_sub(1)?)?;
    let (run, started, _) = trend.points.get(after.first)?;
    let value = |value: f64| language.value(Some(value), trend.unit);
    let percent = (after.median / before.median - 1.0) * 100.0;
    let percent = if before.median > 0.0 {
        format!(" ({})", language.written(&format!("{percent:+.0} %").replace('-', "−")))
    } else {
        String::new()
    };
    let (from, to) = (value(before.median), value(after.median));
    let (run, date, p) = (
        quoted(run),
        day(*started, language),
        language.decimal(after.p.unwrap_or(1.0), 3),
    );
    Some(match language {
        Language::English => format!("Changed since {run} ({date}): {from} → {to}{percent}, p = {p}."),
        Language::French => format!("Changement depuis {run} ({date}) : {from} → {to}{percent}, p = {p}."),
    })
}

/// No change was found.
pub(super) fn no_change(runs: u64, language: Language) -> String {
    let runs = language.plural(runs, "run", "campagne");
    match language {
        Language::English => format!("No change found in {runs}."),
        Language::French => format!("Aucun changement trouvé sur {runs}."),
    }
}

/// Runs left out since their value falls among failures.
pub(super) fn left_out(runs: u64, language: Language) -> String {
    let count = language.plural(runs, "run", "campagne");
    match language {
        Language::English => format!("{count} left out: the figure falls among failures."),
        Language::French if runs < 2 => format!("{count} laissée de côté : la valeur se situe parmi les échecs."),
        Language::French => format!("{count} laissées de côté : la valeur se situe parmi les échecs."),
    }
}
