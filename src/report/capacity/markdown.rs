//! `summary.md` and `steps.csv` of a search.

use std::fmt::Write;

use super::little::little;
use super::{CapacityDocument, Case, Language, UslFit, words};
use crate::sizing::Misfit;

/// The fitted model, in sentences.
pub(super) fn model(case: &Case, language: Language) -> Vec<String> {
    let usl = match &case.model {
        None => return Vec::new(),
        Some(UslFit::Refused(misfit)) => return vec![refused(misfit, language)],
        Some(UslFit::Fit(usl)) => usl,
    };
    let with = |estimate: &crate::sizing::Estimate| {
        let written = |value: f64| language.written(&format!("{value:.4}"));
        format!(
            "{} [{} – {}]",
            written(estimate.point),
            written(estimate.low),
            written(estimate.high)
        )
    };
    let rough = |estimate: &crate::sizing::Estimate| {
        let high = if estimate.high.is_finite() {
            language.number(estimate.high)
        } else {
            "∞".to_owned()
        };
        format!(
            "{} [{} – {high}]",
            language.number(estimate.point),
            language.number(estimate.low)
        )
    };
    let (sigma, kappa, rms) = (
        with(&usl.sigma),
        with(&usl.kappa),
        language.written(&format!("{:.1} %", usl.rms * 100.0)),
    );
    let levels = usl.levels.len();
    let mut lines = vec![match language {
        Language::English => {
            format!("Contention σ {sigma}, coherency κ {kappa}, fitted to {levels} levels; residuals {rms} on average.")
        }
        Language::French => {
            format!(
                "Contention σ {sigma}, cohérence κ {kappa}, ajustées sur {levels} paliers ; résidus {rms} en moyenne."
            )
        }
    }];
    lines.push(match (&usl.knee, &usl.peak) {
        (Some(knee), Some(peak)) => {
            let (knee, peak) = (rough(knee), rough(peak));
            let beyond = if usl.knee_within_reach {
                ""
            } else {
                language.say(
                    " (beyond what was measured: a guess)",
                    " (au-delà de la mesure : une conjecture)",
                )
            };
            match language {
                Language::English => {
                    format!("Knee N* at {knee} requests at once{beyond}; there {peak} journeys/s at the most.")
                }
                Language::French => {
                    format!("Coude N* à {knee} requêtes simultanées{beyond} ; au plus {peak} parcours/s.")
                }
            }
        }
        _ => language
            .say(
                "No knee: what was measured does not show that more at once would bring less.",
                "Pas de coude : rien dans la mesure ne montre que davantage de simultanéité nuirait.",
            )
            .to_owned(),
    });
    lines
}

fn refused(misfit: &Misfit, language: Language) -> String {
    match language {
        Language::English => format!("No model: {misfit}."),
        Language::French => {
            let why = match misfit {
                Misfit::TooFew(levels) => format!("{levels} paliers ne suffisent pas à trois paramètres"),
                Misfit::NoSpread { .. } => "les paliers se ressemblent trop".to_owned(),
                Misfit::Poor { rms, worst } => format!(
                    "la loi ne décrit pas les mesures (écart {} en moyenne, {} au pire)",
                    language.percent(*rms),
                    language.percent(*worst)
                ),
            };
            format!("Pas de modèle : {why}.")
        }
    }
}

/// `summary.md`.
pub(super) fn summary(document: &CapacityDocument) -> String {
    let language = Language::English;
    let mut out = format!("## Capacity: {}\n\n", document.scenario);
    // Writing into a string cannot fail.
    for sentence in words::expectation(document, language)
        .into_iter()
        .chain(document.stopped.map(|why| words::stopped(why, language).to_owned()))
    {
        let _ = writeln!(out, "- {sentence}");
    }
    if document.cases.len() > 1 {
        let _ = writeln!(
            out,
            "\n| case | holds | broken | users | cost per user | first to give way |\n|---|---:|---:|---:|---:|---|"
        );
        for case in &document.cases {
            let _ = writeln!(out, "| {} |", row(case, language).join(" | "));
        }
    }
    for case in &document.cases {
        if !case.name().is_empty() {
            let _ = writeln!(out, "\n### {}", case.name());
        }
        let _ = writeln!(out);
        for sentence in sentences(document, case, language) {
            let _ = writeln!(out, "- {sentence}");
        }
        let _ = writeln!(out, "\n<details><summary>Steps</summary>\n");
        let _ = writeln!(
            out,
            "| rate | length | why | answer | throughput | p95 | errors |\n|---:|---:|---|---|---:|---:|---:|"
        );
        for step in &case.steps {
            let reading = &step.reading;
            let _ = writeln!(
                out,
                "| {}/s | {:.0} s | {} | {} | {} | {} | {} |",
                step.tried.rate,
                reading.seconds,
                purpose(step.tried.purpose, language),
                words::answer(step.tried.answer, language),
                language.number(reading.throughput),
                language.millis(reading.p95),
                crate::words::en::text::share(reading.errors)
            );
        }
        let _ = writeln!(out, "\n</details>");
    }
    let environment = &document.environment;
    let _ = writeln!(
        out,
        "\n<sub>{} · {} · {} cores · seed {} · diapason {}</sub>",
        document.started.strftime("%Y-%m-%d %H:%M UTC"),
        environment.processor,
        environment.cores,
        document.seed,
        environment.diapason
    );
    out
}

/// All sentences on a case, the most important first.
pub(super) fn sentences(document: &CapacityDocument, case: &Case, language: Language) -> Vec<String> {
    let mut all = vec![words::headline(case, language)];
    all.extend(words::wide(case, language));
    all.extend(words::users(document, case, language));
    all.extend(words::closed(case, language));
    if !case.steps.is_empty() {
        all.push(words::limit(case, language));
    }
    all.extend(
        words::advised(case, language)
            .iter()
            .map(|line| crate::words::en::text::sentence(line)),
    );
    all.extend(model(case, language));
    all.extend(little(case, language));
    all
}

/// Name of the purpose of a step.
pub(super) fn purpose(purpose: crate::sizing::Purpose, language: Language) -> &'static str {
    use crate::sizing::Purpose;
    match purpose {
        Purpose::Growth => language.say("growth", "croissance"),
        Purpose::Bisection => language.say("bisection", "dichotomie"),
        Purpose::Expectation => language.say("asked for", "demandé"),
        Purpose::Confirmation => language.say("confirmation", "confirmation"),
    }
}

/// A case in a line: name, holds, broken, users, cost per user, first to give way.
pub(super) fn row(case: &Case, language: Language) -> Vec<String> {
    let rate = |rate: Option<f64>| rate.map_or_else(|| "–".to_owned(), |rate| format!("{}/s", language.number(rate)));
    let users = case.users.map(|users| users.concurrent).filter(|users| *users > 0);
    // Cores that the services used at the held rate.
    let cores: Option<f64> = case
        .held_step()
        .map(|step| step.reading.usage.iter().map(|usage| usage.cores).sum());
    let cost = cores
        .zip(users)
        .filter(|(cores, _)| *cores > 0.0)
        .map(|(cores, users)| 1e3 * cores / f64::from(users));
    vec![
        case.name(),
        rate(case.found.holds),
        rate(case.found.broken),
        users.map_or_else(|| "–".to_owned(), |users| language.number(f64::from(users))),
        cost.map_or_else(
            || "–".to_owned(),
            |cost| {
                format!(
                    "{} {}",
                    language.number(cost),
                    language.say("thousandths of a core", "millièmes de cœur")
                )
            },
        ),
        words::bottleneck(case).map_or_else(|| "–".to_owned(), |first| first.name.clone()),
    ]
}

/// `steps.csv`: one line a step, units in the names.
pub(super) fn csv(document: &CapacityDocument) -> String {
    let mut out = String::from(
        "case,rate_per_second,length_seconds,purpose,answer,throughput_per_second,requests_per_second,error_share,p50_ms,p95_ms,p99_ms,\
         service_mean_ms,concurrency,generator_cores,host_cores,run\n",
    );
    let time = |value: Option<f64>| value.map_or_else(|| "inf".to_owned(), |value| value.to_string());
    for case in &document.cases {
        for step in &case.steps {
            let reading = &step.reading;
            let _ = writeln!(
                out,
                "\"{}\",{},{},{},{},{},{},{},{},{},{},{},{},{},{},\"{}\"",
                case.name().replace('"', "\"\""),
                step.tried.rate,
                reading.seconds,
                purpose(step.tried.purpose, Language::English),
                words::answer(step.tried.answer, Language::English),
                reading.throughput,
                reading.requests,
                reading.errors,
                time(reading.p50),
                time(reading.p95),
                time(reading.p99),
                reading.service,
                reading.concurrency,
                reading.generator,
                reading.host,
                step.run
            );
        }
    }
    out
}
