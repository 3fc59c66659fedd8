//! Check of a search's steps by Little's law.

use super::{Case, Language, Step, StepFigures};
use crate::sizing::Little;

/// The law, N = X · R, applies to systems in a steady state. Steps in which the system did not keep up are only named. Of the
/// other steps, those in which the law fails are listed with both sides.
pub(super) fn little(case: &Case, language: Language) -> Vec<String> {
    let checked = case
        .steps
        .iter()
        .filter_map(|step| Some((step, step.reading.little.as_ref()?)));
    let (steady, overloaded): (Vec<_>, Vec<_>) = checked.partition(|(step, _)| steady(&step.reading));
    let overloaded = overloaded.into_iter().map(|(step, _)| step);
    little_holds(&steady, language)
        .into_iter()
        .chain(piling_up(overloaded, language))
        .collect()
}

/// True if as many journeys were answered as were begun, apart from noise; less than half of them is too few in any case.
fn steady(reading: &StepFigures) -> bool {
    // The law is about a steady state. Where half of the journeys fail, their stay is not that of a journey.
    !reading.falls_behind() && 2.0 * reading.throughput >= reading.offered
}

fn little_holds(steps: &[(&Step, &Little)], language: Language) -> Option<String> {
    let all = steps.len();
    if all == 0 {
        return None;
    }
    let failed = steps.iter().filter(|(_, check)| !check.holds).map(|(step, check)| {
        format!(
            "{}{}{} ≠ {}",
            rate(step.tried.rate, language),
            language.say(": ", " : "),
            language.number(check.counted),
            language.number(check.product)
        )
    });
    let failed: Vec<String> = failed.collect();
    let held = all - failed.len();
    let rest = if failed.is_empty() {
        String::new()
    } else {
        format!(" ({})", failed.join(language.say("; ", " ; ")))
    };
    Some(match language {
        Language::English => {
            format!("Where the system kept up, Little's law, N = X · R, holds in {held} of {all} steps{rest}.")
        }
        Language::French => {
            let steps = if held < 2 { "palier" } else { "paliers" };
            format!("Là où le système suivait, la loi de Little, N = X · R, vaut pour {held} {steps} sur {all}{rest}.")
        }
    })
}

fn piling_up<'a>(steps: impl Iterator<Item = &'a Step>, language: Language) -> Option<String> {
    let mut rates: Vec<f64> = steps.map(|step| step.tried.rate).collect();
    rates.sort_by(f64::total_cmp);
    rates.dedup();
    if rates.is_empty() {
        return None;
    }
    let rates: Vec<String> = rates.into_iter().map(|each| rate(each, language)).collect();
    let rates = language.list(&rates);
    Some(match language {
        Language::English => format!(
            "At {rates} the system was not in a steady state: it answered fewer journeys than were begun, so users piled up or failed, and \
             Little's law does not apply."
        ),
        Language::French => format!(
            "À {rates}, le système n’était pas en régime établi : il n’a pas mené à bien tous les parcours commencés, les utilisateurs se \
             sont accumulés ou ont échoué, et la loi de Little ne s’applique pas."
        ),
    })
}

fn rate(rate: f64, language: Language) -> String {
    format!("{}/s", language.number(rate))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::capacity::fixture;
    use crate::sizing::StepVerdict;

    /// A step of 60 s that answered `answered` of `rate` journeys a second, with N and X·R as given.
    fn step(rate: f64, answered: f64, counted: f64, product: f64, holds: bool) -> Step {
        let mut step = fixture::step(rate, StepVerdict::Met);
        step.reading.throughput = answered;
        step.reading.little = Some(Little {
            counted,
            product,
            holds,
        });
        step
    }

    fn said(steps: Vec<Step>, language: Language) -> Vec<String> {
        let case = Case {
            steps,
            ..fixture::case()
        };
        little(&case, language)
    }

    #[test]
    fn a_step_that_kept_up_is_told_with_its_numbers_and_an_overloaded_one_by_its_rate() {
        let steps = || {
            vec![
                step(32.0, 32.0, 64.1, 63.9, true),
                step(40.0, 39.8, 95.5, 80.25, false),
                step(90.5, 0.02, 700.0, 0.0, false),
                step(64.0, 50.0, 502.0, 0.0, false),
                step(64.0, 50.0, 502.0, 400.0, true),
            ]
        };
        assert_eq!(
            said(steps(), Language::English),
            [
                "Where the system kept up, Little's law, N = X · R, holds in 1 of 2 steps (40/s: 95.5 ≠ 80.2).",
                "At 64/s and 90.5/s the system was not in a steady state: it answered fewer journeys than were begun, so users piled up or \
                 failed, and Little's law does not apply.",
            ]
        );
        assert_eq!(
            said(steps(), Language::French),
            [
                "Là où le système suivait, la loi de Little, N = X · R, vaut pour 1 palier sur 2 (40/s : 95,5 ≠ 80,2).",
                "À 64/s et 90,5/s, le système n’était pas en régime établi : il n’a pas mené à bien tous les parcours commencés, les \
                 utilisateurs se sont accumulés ou ont échoué, et la loi de Little ne s’applique pas.",
            ]
        );
    }

    #[test]
    fn a_step_too_short_for_its_counts_to_tell_is_overloaded_where_next_to_nothing_was_answered() {
        // 12 s at 0.8/s are ten journeys: noise alone could explain any number of answers.
        let mut short = step(0.8, 0.1, 40.0, 0.1, false);
        short.reading.seconds = 12.0;
        assert!(!short.reading.falls_behind());
        let lines = said(vec![short], Language::English);
        assert_eq!(lines.len(), 1);
        assert!(lines[0].starts_with("At 0.80/s the system"), "{lines:?}");
        assert!(!lines[0].contains('≠'));
    }

    #[test]
    fn nothing_is_said_where_users_were_not_counted() {
        let mut uncounted = step(32.0, 32.0, 0.0, 0.0, true);
        uncounted.reading.little = None;
        assert!(said(vec![uncounted], Language::French).is_empty());
        let all = said(vec![step(8.0, 8.0, 16.0, 16.1, true)], Language::French);
        let held = "Là où le système suivait, la loi de Little, N = X · R, vaut pour 1 palier sur 1.";
        assert_eq!(all, [held]);
    }
}
