//! Judgement of the sample's run.

use crate::evidence::{Accept, Decision};
use crate::slo::{
    Count, Facts, Judgement, Measurement, Objective, Reason, Rule, Selector, Unit, ValidityCheck, Verdict, VerdictWord,
};

/// A judgement made by hand: the four gating objectives are met, the advisory one is not decided.
pub(crate) fn judgement() -> Judgement {
    let time = |point, low, high, samples, bad| measurement(Unit::Milliseconds, [point, low, high], samples, bad);
    let mut uptime = verdict("Uptime", "uptime", "99.9 %", "99.5 %");
    uptime.objective.gate = false;
    uptime.word = VerdictWord::Inconclusive;
    uptime.target = Decision::Undecided;
    uptime.acceptable = Decision::Undecided;
    uptime.reason = Reason::Verbatim("59 of 60 slices answered: too few slices to tell (2,995 would do)".to_owned());
    uptime.measurement = Some(measurement(Unit::Share, [0.983_3, 0.911, 0.999_6], 60, 1));
    let mut api = verdict("API response time", "response-time", "100ms", "300ms");
    api.objective.of = Some(Selector("#api".to_owned()));
    api.measurement = Some(time(54.2, 51.0, 58.1, 2_640, 31));
    api.worst_window = Some((40, 0.021));
    let mut page = verdict("Frontend load time", "page-load", "2s", "5s");
    page.measurement = Some(time(702.0, 611.0, 741.0, 20, 1));
    let mut query = verdict("Database query time", "query-time", "50ms", "150ms");
    query.measurement = Some(time(15.2, 15.1, 15.4, 8_640, 3));
    let mut errors = verdict("Error rate", "error-rate", "0.1 %", "1 %");
    errors.measurement = Some(measurement(Unit::Share, [0.002_1, 0.000_7, 0.004_8], 2_880, 6));
    Judgement {
        overall: VerdictWord::Pass,
        accept: Accept::Target,
        interrupted: false,
        verdicts: vec![api, page, query, uptime, errors],
        validity: vec![
            check(Rule::SendLag, "p99 0.15 ms", "at most 10 ms"),
            check(Rule::DroppedArrivals, "0 of 1,120", "at most 0.1 %"),
            check(Rule::RateLimitedRequests, "0 of 3,360", "at most 0.1 %"),
        ],
    }
}

fn check(rule: Rule, measured: &str, threshold: &str) -> ValidityCheck {
    ValidityCheck {
        valid: true,
        facts: Facts::Verbatim {
            rule,
            measured: measured.to_owned(),
            threshold: threshold.to_owned(),
            hint: "give the generator a core of its own".to_owned(),
        },
    }
}

fn verdict(name: &str, indicator: &str, target: &str, acceptable: &str) -> Verdict {
    Verdict {
        objective: Objective {
            name: name.to_owned(),
            indicator: indicator.to_owned(),
            of: None,
            model: None,
            quantile: None,
            statistic: None,
            threshold: None,
            in_every: None,
            target: target.to_owned().try_into().unwrap(),
            acceptable: acceptable.to_owned().try_into().unwrap(),
            gate: true,
            acknowledge: None,
        },
        measurement: None,
        word: VerdictWord::Pass,
        target: Decision::Met,
        acceptable: Decision::Met,
        reason: Reason::Verbatim("fewer samples over the target than it allows, with 95 % confidence".to_owned()),
        worst_window: None,
        unmeasured: None,
        drift: None,
    }
}

fn measurement(unit: Unit, [point, low, high]: [f64; 3], samples: u64, bad: u64) -> Measurement {
    let count = Count {
        effective: None,
        ruling: None,
        bad,
        total: samples,
        allowed: 0.05,
    };
    Measurement {
        point: Some(point),
        low: Some(low),
        high: Some(high),
        unit,
        statistic: if unit == Unit::Share { "share" } else { "p95" }.to_owned(),
        samples,
        target: count,
        acceptable: count,
        notes: Vec::new(),
    }
}
