//! Sentences on verdicts.

use super::text::{self, duration, figure, limit_value, percent, plural};
use super::unmeasured;
use crate::evidence::Decision;
use crate::slo::{
    Count, Drift, EarlyDecision, Limit, Measurement, MissedWindows, Note, Objective, Profile, Reason, SlowedBrowser,
    Statistic, Unit, Verdict,
};
use crate::units::Span;

/// Answer of a run in which no objective gates.
pub(super) const NOTHING_GATES: &str = "This run decides nothing about the release: no objective gates.";

/// Reason for the word of a verdict.
pub fn reason(verdict: &Verdict) -> String {
    let circumstances = match &verdict.reason {
        Reason::Verbatim(sentence) => return sentence.clone(),
        Reason::Facts(circumstances) => circumstances,
    };
    let mut parts: Vec<String> = circumstances.slowed_browser.as_ref().map(slowed).into_iter().collect();
    match (&verdict.measurement, &verdict.unmeasured) {
        (Some(measurement), _) => parts.extend(measured(&verdict.objective, measurement)),
        (None, Some(cause)) => parts.push(format!("not measured: {}", unmeasured(cause))),
        (None, None) => parts.push("not measured".to_owned()),
    }
    parts.extend(circumstances.windows.iter().map(windows));
    parts.extend(circumstances.early.as_ref().map(early));
    parts.extend(verdict.drift.as_ref().map(drift));
    parts.extend(
        circumstances
            .corrected_over
            .map(|count| format!("missed by itself, but not certainly as one of {count} gating objectives (Holm)")),
    );
    parts.join("; ")
}

fn slowed(browser: &SlowedBrowser) -> String {
    match browser.factor {
        Some(factor) => format!("the browser itself was {factor:.1} times slower than before the load"),
        None => "the browser itself was so slow that most loads of the harness's own page did not end".to_owned(),
    }
}

/// The counts against both limits, and the effective sample size.
fn measured(objective: &Objective, measurement: &Measurement) -> Vec<String> {
    let Some(profile) = objective.profile() else {
        return Vec::new();
    };
    let tier = |name, count, limit| tier(name, objective, profile, measurement, count, limit);
    let mut parts = vec![tier("target", &measurement.target, objective.target)];
    if measurement.target.decide() != Decision::Met {
        parts.push(tier("acceptable", &measurement.acceptable, objective.acceptable));
    }
    let samples = measurement.samples;
    let effective = measurement.target.effective;
    if let Some(effective) = effective.filter(|own| 2 * own.cautious < samples) {
        parts.push(format!(
            "they come in bursts: the {} are worth {} independent ones",
            text::count(samples),
            text::count(effective.cautious)
        ));
    }
    if let Some(needed) = objective.needed_samples().filter(|needed| samples < *needed) {
        parts.push(format!("the target needs at least {} samples", text::count(needed)));
    }
    parts
}

fn tier(
    name: &str,
    objective: &Objective,
    profile: &Profile,
    measurement: &Measurement,
    count: &Count,
    limit: Limit,
) -> String {
    if limit.fixed().is_none() {
        return format!(
            "{name} not judged: it is {}, and there is no baseline that this run can be held against",
            limit_value(limit)
        );
    }
    let decision = count.decide().name();
    if profile.decides_by_share(objective) {
        return format!(
            "{name} {decision}: {} of {} {} ({}, {} allowed)",
            text::count(count.bad),
            text::count(count.total),
            fault(profile, limit),
            percent(count.share().unwrap_or(0.0)),
            percent(count.allowed),
        );
    }
    if objective.statistic == Some(Statistic::Max) {
        return format!(
            "{name} {decision}: {} of {} {}",
            text::count(count.bad),
            text::count(count.total),
            fault(profile, limit)
        );
    }
    let value = |value: Option<f64>| value.map_or("?".to_owned(), |value| figure(value, measurement.unit));
    if profile.is_observed() {
        let limit = limit_value(limit);
        return match (measurement.point, measurement.low) {
            (None, Some(low)) => format!(
                "{name} {decision}: more than {}, at most {limit}",
                figure(low, measurement.unit)
            ),
            (point, _) => format!("{name} {decision}: {}, at most {limit}", value(point)),
        };
    }
    let bound = |bound: Option<f64>| value(bound).trim_end_matches([' ', 'm', 's', '/', '%']).to_owned();
    let limit = match (limit.fixed(), measurement.unit) {
        (Some(Limit::Share(score)), Unit::Score) => score.get().to_string(),
        _ => limit_value(limit),
    };
    let direction = if profile.floor { "at least" } else { "less than" };
    format!(
        "{name} {decision}: {} [{} – {}], {direction} {limit}",
        value(measurement.point),
        bound(measurement.low),
        bound(measurement.high),
    )
}

/// Description of a bad sample that follows a count: `over 100 ms`, `failed`.
fn fault(profile: &Profile, limit: Limit) -> String {
    match profile.fault {
        Some(fault) => fault.english.to_owned(),
        None => format!("over {}", limit_value(limit)),
    }
}

fn windows(windows: &MissedWindows) -> String {
    let MissedWindows {
        length,
        limit,
        floor,
        over,
        all,
        worst_start,
        worst,
        unit,
    } = windows;
    format!(
        "in every {}: {over} of {all} windows {} {}, the worst from {worst_start} s ({})",
        duration(*length),
        if *floor { "below" } else { "over" },
        limit_value(*limit),
        figure(*worst, *unit),
    )
}

fn early(early: &EarlyDecision) -> String {
    format!("{} while it ran, e-value {:.0}", early.decision.name(), early.e_value)
}

/// `not steady: its level rises by 33 ms over the judged window (62 ms, 66 ms, … 95 ms)`.
fn drift(drift: &Drift) -> String {
    let show = |value: f64| match drift.unit {
        Unit::Milliseconds => format!("{value:.0} ms"),
        unit => figure(value, unit),
    };
    let values: Vec<String> = drift.trend.values.iter().map(|value| show(*value)).collect();
    let direction = if drift.trend.change > 0.0 { "rises" } else { "falls" };
    format!(
        "not steady: its level {direction} by {} over the judged window ({})",
        show(drift.trend.change.abs()),
        values.join(", ")
    )
}

/// Remark on a measurement.
pub fn note(note: &Note) -> String {
    match note {
        Note::ErrorBudget {
            target,
            seconds,
            down,
            observed,
        } => budget(*target, *seconds, *down, *observed),
        Note::UnobservedSlices { count } => format!("{} of the judged window not observed", plural(*count, "slice")),
        Note::NotRecovered { seconds } => format!("not recovered in the {seconds:.0} s watched after the event"),
        Note::EventsLeftOut { seconds, point, unit } => {
            let with = point.map_or_else(
                || "longer than any time, as failures are".to_owned(),
                |point| figure(point, *unit),
            );
            format!("{seconds} s of the planned events and the recovery from them left out; with them: {with}")
        }
        Note::EventsIncluded => "the planned events are included".to_owned(),
        Note::BudgetBurnt { event, failed, allowed } => format!(
            "the event `{event}` used up the error budget of the run and ended it: {} of the {allowed} that the acceptable limit allows",
            plural(*failed, "failure")
        ),
        Note::EventObserved => "every sample of this event counted, none inferred".to_owned(),
        Note::LongestSeen => "the longest of those seen: nothing bounds the longest there could be".to_owned(),
        Note::ClosedModel => {
            "of the closed model: what a slow system kept its users from asking is not in it".to_owned()
        }
        Note::ClosedModelLeftOut { requests } => {
            format!("{} of the closed model left out", plural(*requests, "request"))
        }
        Note::TransactionsLeftOut { transactions } => {
            format!("{} of the closed model left out", plural(*transactions, "transaction"))
        }
        Note::Unsuccessful {
            requests,
            counted_as_ms,
        } => format!(
            "{} that did not succeed count as {}",
            plural(*requests, "request"),
            counted_as(*counted_as_ms)
        ),
        Note::FailedTransactions {
            transactions,
            counted_as_ms,
        } => format!(
            "{} with a failed step count as {}",
            plural(*transactions, "transaction"),
            counted_as(*counted_as_ms)
        ),
        Note::LeftOut { requests, outcome } => {
            format!("{} left out: {}", plural(*requests, "request"), outcome.name())
        }
        Note::FailedLoads { loads, as_time_out } => {
            let length = if *as_time_out {
                "the time-out, or as the longest where that took longer"
            } else {
                "longer than any other"
            };
            format!("{} that failed counts as {length}", plural(*loads, "page load"))
        }
        Note::SkippedLoads { loads } => {
            format!("{} left out: the one before still ran", plural(*loads, "page load"))
        }
        Note::Sampled { executions: 0 } => {
            "no execution was sampled: decided on exact counts, without an estimate".to_owned()
        }
        Note::Sampled { executions } => {
            format!(
                "estimated from {} sampled executions, decided on exact counts",
                text::count(*executions)
            )
        }
        Note::Apdex {
            satisfied,
            tolerating,
            frustrated,
        } => apdex([satisfied, tolerating, frustrated]),
        Note::Verbatim(sentence) => sentence.clone(),
    }
}

fn apdex(counts: [&u64; 3]) -> String {
    let [satisfied, tolerating, frustrated] = counts.map(|requests| text::count(*requests));
    format!("{satisfied} satisfied, {tolerating} tolerating, {frustrated} frustrated")
}

/// Length with which samples that did not succeed count.
fn counted_as(millis: Option<f64>) -> String {
    millis.map_or_else(
        || "longer than any other".to_owned(),
        |millis| format!("{millis:.0} ms"),
    )
}

/// The error budget of 30 days, the part of it that this run used, and the time the rest lasts at the same rate.
fn budget(target: Limit, seconds: f64, down: u64, observed: u64) -> String {
    let month = format!(
        "error budget of {}: {} in 30 days",
        limit_value(target),
        duration(Span::from_whole_seconds(seconds))
    );
    if down == 0 {
        return format!("{month}, none of it used");
    }
    let used = down as f64;
    let left = seconds - used;
    if left <= 0.0 {
        return format!("{month}, all of it used by this run ({} down)", plural(down, "second"));
    }
    format!(
        "{month}, {} used, {} left for the rest of the month; at this rate it lasts {}",
        duration(Span::from_whole_seconds(used)),
        duration(Span::from_whole_seconds(left)),
        duration(Span::from_whole_seconds(left * observed as f64 / used))
    )
}
