//! Numbers in sentences.

use super::{Limit, Profile, Unit};
use crate::evidence::PhasePlan;

/// A share from 0 to 1 as a percentage with at least two significant digits: `0.1 %`, `99.95 %`, `0.028 %`.
pub fn percent(share: f64) -> String {
    let value = share * 100.0;
    let magnitude = if value == 0.0 { 0.0 } else { value.abs().log10().floor() };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 2 … 8 before"
    )]
    let decimals = (1.0 - magnitude).clamp(2.0, 8.0) as usize;
    let text = format!("{value:.decimals$}");
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A value in its unit with about three digits: `41.2 ms`, `0.3 %`, `48.7/s`, `0.94`.
pub(super) fn number(value: f64, unit: Unit) -> String {
    let digits = |value: f64| {
        if value.abs() < 100.0 {
            format!("{value:.1}")
        } else {
            format!("{value:.0}")
        }
    };
    match unit {
        Unit::Milliseconds => format!("{} ms", digits(value)),
        Unit::Share => percent(value.max(0.0)),
        Unit::PerSecond => format!("{}/s", digits(value)),
        Unit::Score => format!("{value:.3}"),
    }
}

/// A sample over that limit, in words that follow a count: `over 100ms`, `failed`.
pub(super) fn fault(profile: &Profile, limit: Limit) -> String {
    match profile.fault {
        Some(fault) => fault.english.to_owned(),
        None => format!("over {limit}"),
    }
}

/// A count and its noun, in the plural where there is not exactly one.
pub(super) fn counted(count: u64, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

/// What decides how much load a phase makes: `780 arrivals`, or `closed model: 50 users`.
pub fn amount(phase: &PhasePlan) -> String {
    match phase.users {
        Some(users) => format!("{} model: {}", phase.model.name(), counted(users.into(), "user")),
        None => counted(phase.arrivals, "arrival"),
    }
}

/// What of a phase is judged.
pub fn judged_words(phase: &PhasePlan) -> &'static str {
    match (phase.judged, phase.pages) {
        (true, _) => "judged",
        (false, true) => "pages judged",
        (false, false) => "not judged",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_short_and_exact_enough() {
        for (share, text) in [
            (0.0, "0 %"),
            (0.05, "5 %"),
            (0.001, "0.1 %"),
            (0.9995, "99.95 %"),
            (1.0, "100 %"),
            (1.0 / 3_600.0, "0.028 %"),
            (0.000_000_3, "0.00003 %"),
        ] {
            assert_eq!(percent(share), text);
        }
    }

    #[test]
    fn one_is_singular() {
        assert_eq!(counted(1, "slice"), "1 slice");
        assert_eq!(counted(0, "slice"), "0 slices");
    }
}
