//! Requests by series, the plan, and the stack as it was run.

use maud::{Markup, html};

use super::kit::{label, prose, sortable};
use super::{facts, table, words};
use crate::evidence::LoadModel;
use crate::record::Outcome;
use crate::report::words::requests::{outcome, row_label};
use crate::report::words::{labels, opening, quoted, requests};
use crate::report::{Document, FailedRow, Percentiles, RequestRow, Seconds};
use crate::slo::Label;
use crate::words::Language;
use crate::words::en::failed::seconds;

/// All groups and series, as tables list them.
fn rows(document: &Document) -> Vec<&RequestRow> {
    document.groups.iter().chain(&document.series).collect()
}

pub(super) fn steps(document: &Document, language: Language) -> Markup {
    let rows = rows(document);
    html! {
        section #steps {
            h2 { (label(labels::STEPS, language)) }
            @if let Some(sentence) = opening::steps(document, language) { p.opening { (prose(&sentence, language)) } }
            h3 { (label(labels::RESPONSE_TIME, language)) }
            p.note {
                (label(labels::RESPONSE_NOTE, language)) " " (language.failed()) (prose(language.say(": ", " : "), language))
                (label(labels::FAILED_MARK_NOTE, language))
            }
            (times(&rows, labels::RESPONSE_TIME, |row| &row.response, language))
            details {
                summary { (label(labels::SERVICE_TIME, language)) }
                (times(&rows, labels::SERVICE_TIME, |row| &row.service, language))
            }
            details {
                summary { (label(labels::PARTS, language)) }
                p.note { (label(labels::PARTS_NOTE, language)) }
                (parts(&rows, language))
            }
            (over_limits(document, &rows, language))
            (transactions(document, language))
            (beside_pages(document, language))
            h3 { (label(labels::LOAD, language)) }
            (load(document, language))
        }
    }
}

/// Outcomes of requests, and the answers of failed ones.
pub(super) fn endings(document: &Document, language: Language) -> Markup {
    html! {
        h3 { (label(labels::OUTCOMES, language)) }
        (outcomes(&rows(document), language))
        (failures(document, language))
    }
}

/// Transactions, which are no requests and have no line in the other tables.
fn transactions(document: &Document, language: Language) -> Markup {
    let cells = document.transactions.iter().map(|row| {
        let time = |value| language.percentile(value, row.requests);
        let succeeded = row.outcomes.iter().find(|(name, _)| name == Outcome::Success.name());
        vec![
            row_label(row, language),
            language.count(row.requests),
            language.count(row.requests - succeeded.map_or(0, |(_, count)| *count)),
            time(row.response.p50),
            time(row.response.p90),
            time(row.response.p95),
            time(row.response.p99),
            language.optional(row.response.max),
        ]
    });
    let cells: Vec<Vec<String>> = cells.collect();
    html! {
        @if !cells.is_empty() {
            h3 { (label(labels::TRANSACTIONS, language)) }
            p.note { (label(labels::TRANSACTIONS_NOTE, language)) }
            (table(language, language.label(labels::TRANSACTIONS), &labels::TRANSACTION_COLUMNS.of(language), &cells))
        }
    }
}

fn times(rows: &[&RequestRow], title: Label, of: fn(&RequestRow) -> &Percentiles, language: Language) -> Markup {
    let cells = rows.iter().map(|row| {
        let times = of(row);
        let time = |value| language.percentile(value, row.requests);
        vec![
            row_label(row, language),
            language.count(row.requests),
            language.digits(row.per_second),
            time(times.p50),
            time(times.p90),
            time(times.p95),
            time(times.p99),
            language.optional(times.max),
        ]
    });
    let cells: Vec<Vec<String>> = cells.collect();
    sortable(
        language,
        language.label(title),
        &labels::TIME_COLUMNS.of(language),
        &cells,
    )
}

fn parts(rows: &[&RequestRow], language: Language) -> Markup {
    let cells = rows.iter().map(|row| {
        let mut cells = vec![
            row_label(row, language),
            language.percentile(row.first_byte.p50, row.requests),
            language.percentile(row.first_byte.p95, row.requests),
        ];
        for part in [&row.connect, &row.tls] {
            cells.push(language.count(part.count));
            cells.push(language.optional(part.times.p50));
            cells.push(language.optional(part.times.p95));
        }
        cells
    });
    let cells: Vec<Vec<String>> = cells.collect();
    let title = language.label(labels::PARTS);
    sortable(language, title, &labels::PART_COLUMNS.of(language), &cells)
}

fn outcomes(rows: &[&RequestRow], language: Language) -> Markup {
    // Only outcomes that occurred in some row have a column.
    let mut names: Vec<&str> = vec![Outcome::Success.name()];
    for (outcome, _) in rows.iter().flat_map(|row| &row.outcomes) {
        if !names.contains(&outcome.as_str()) {
            names.push(outcome);
        }
    }
    let mut header = vec![language.label(labels::SERIES).to_owned()];
    header.extend(names.iter().map(|name| outcome(name, language)));
    header.extend([labels::ERROR_RATE, labels::RECEIVED].map(|label| language.label(label).to_owned()));
    let cells = rows.iter().map(|row| {
        let count = |name: &&str| {
            row.outcomes
                .iter()
                .find(|(own, _)| own == name)
                .map_or(0, |(_, count)| *count)
        };
        let mut cells = vec![row_label(row, language)];
        cells.extend(names.iter().map(|name| language.count(count(name))));
        cells.push(if row.requests == 0 {
            "–".to_owned()
        } else {
            language.share(row.errors as f64 / row.requests as f64)
        });
        cells.push(language.memory(row.bytes as f64));
        cells
    });
    let cells: Vec<Vec<String>> = cells.collect();
    html! {
        (sortable(language, language.label(labels::OUTCOMES), &header, &cells))
        p.note { (label(labels::OUTCOMES_NOTE, language)) }
    }
}

fn failures(document: &Document, language: Language) -> Markup {
    let all = language.wording();
    let cells = |row: &FailedRow| {
        let example = |example: &Option<_>| {
            let example = example.as_ref();
            // The whole example is quoted: what the system said is in its own language.
            example.map_or_else(|| "–".to_owned(), |example| all.example(example))
        };
        let judged = if row.judged {
            String::new()
        } else {
            format!(" {}", language.label(labels::NOT_JUDGED))
        };
        vec![
            quoted(&row.series),
            format!("{}{judged}", quoted(&row.phase)),
            all.answer(row.status, row.outcome),
            all.count_of(row.count, row.requests),
            seconds(row.seconds),
            example(&row.first),
            example(&row.last),
        ]
    };
    let rows: Vec<Vec<String>> = document.failed.iter().map(cells).collect();
    html! {
        @if !rows.is_empty() {
            h3 #failed { (label(labels::FAILED_ANSWERS, language)) }
            (words(language, language.label(labels::FAILED_ANSWERS), &labels::FAILED_COLUMNS.of(language), &rows))
            p.note { (label(labels::FAILED_NOTE, language)) }
        }
    }
}

/// Heads of the columns that count requests over each limit of the run.
fn over_heads(document: &Document, language: Language) -> impl Iterator<Item = String> {
    let limits = document.limits.iter();
    limits.map(move |limit| format!("{} {}", language.label(labels::OVER), language.time(*limit)))
}

fn over_limits(document: &Document, rows: &[&RequestRow], language: Language) -> Markup {
    if document.limits.is_empty() {
        return html! {};
    }
    let mut header = vec![language.label(labels::SERIES).to_owned()];
    header.extend(over_heads(document, language));
    let cells = rows.iter().filter(|row| row.requests > 0).map(|row| {
        let mut cells = vec![row_label(row, language)];
        cells.extend(row.over.iter().map(|over| over_share(*over, row.requests, language)));
        cells
    });
    let cells: Vec<Vec<String>> = cells.collect();
    html! {
        details {
            summary { (label(labels::OVER_LIMITS, language)) }
            (sortable(language, language.label(labels::OVER_LIMITS), &header, &cells))
        }
    }
}

fn over_share(over: u64, requests: u64, language: Language) -> String {
    if requests == 0 {
        return "–".to_owned();
    }
    format!(
        "{} ({})",
        language.count(over),
        language.share(over as f64 / requests as f64)
    )
}

fn beside_pages(document: &Document, language: Language) -> Markup {
    let Some(beside) = &document.beside_pages else {
        return html! {};
    };
    let mut header: Vec<String> = labels::BESIDE_COLUMNS.of(language).map(str::to_owned).to_vec();
    header.extend(over_heads(document, language));
    let row = |name: Label, seconds: &Seconds| {
        let mut cells = vec![
            language.label(name).to_owned(),
            language.count(seconds.seconds),
            language.count(seconds.requests),
            language.optional(seconds.typical_slowest),
            language.optional(seconds.slowest),
        ];
        let over = seconds.over.iter();
        cells.extend(over.map(|over| over_share(*over, seconds.requests, language)));
        cells
    };
    let rows = [
        row(labels::WITH_PAGE, &beside.with),
        row(labels::WITHOUT_PAGE, &beside.without),
    ];
    html! {
        h3 { (label(labels::BESIDE, language)) }
        (table(language, language.label(labels::BESIDE), &header, &rows))
        p.note { (label(labels::BESIDE_NOTE, language)) }
    }
}

fn load(document: &Document, language: Language) -> Markup {
    let all = language.wording();
    let cells = document.plan.load.phases.iter().map(|phase| {
        let totals = document.load.iter().find(|totals| totals.phase == phase.name);
        let count = |value: fn(&crate::record::LoadTotals) -> u64| {
            totals.map_or_else(|| "–".to_owned(), |totals| language.count(value(totals)))
        };
        let judged = if phase.judged {
            String::new()
        } else {
            format!(" ({})", all.judged(phase))
        };
        vec![
            format!(
                "{}{judged}{} {}",
                quoted(&phase.name),
                language.say(":", " :"),
                all.load(&phase.load)
            ),
            match (phase.users, phase.model) {
                (Some(_), _) => all.amount(phase),
                (None, LoadModel::Open) => language.label(labels::OPEN).to_owned(),
                (None, LoadModel::Closed) => language.label(labels::CLOSED).to_owned(),
            },
            format!("{} s", language.decimal(phase.window.length().as_secs_f64(), 0)),
            count(|totals| totals.planned),
            count(|totals| totals.started),
            count(|totals| totals.dropped),
            count(|totals| totals.completed),
            count(|totals| totals.failed),
            count(|totals| totals.interrupted),
        ]
    });
    let cells: Vec<Vec<String>> = cells.collect();
    let title = language.label(labels::LOAD);
    html! {
        (table(language, title, &labels::LOAD_COLUMNS.of(language), &cells))
        p.note { (prose(&requests::send_lag(document, language), language)) }
    }
}

pub(super) fn plan(document: &Document, language: Language) -> Markup {
    let plan = &document.plan;
    let none = || language.label(labels::NONE).to_owned();
    let pairs = |pairs: &[(String, String)]| {
        let pairs: Vec<String> = pairs
            .iter()
            .map(|(key, value)| quoted(&format!("{key} = {value}")))
            .collect();
        if pairs.is_empty() { none() } else { pairs.join(", ") }
    };
    let yes_or_no = |yes| language.label(if yes { labels::YES } else { labels::NO }).to_owned();
    let expected = plan.expectations.iter().map(|expectation| {
        let samples = expectation.samples.map(|samples| language.count(samples));
        vec![
            quoted(&expectation.objective),
            samples.unwrap_or_else(|| language.label(labels::NOT_KNOWN_BEFORE).to_owned()),
            language.count(expectation.needed),
            yes_or_no(expectation.decidable),
        ]
    });
    let expected: Vec<Vec<String>> = expected.collect();
    html! {
        section #plan {
            h2 { (label(labels::PLAN, language)) }
            p.opening { (prose(&quoted(&plan.description), language)) }
            (facts(language, &[
                (labels::SCENARIO, quoted(&plan.scenario)),
                (labels::SEED, plan.seed.to_string()),
                (labels::OVERRIDES, pairs(&plan.overrides)),
                (labels::TAGS, pairs(&plan.tags)),
            ]))
            h3 { (label(labels::EXPECTED, language)) }
            (table(language, language.label(labels::EXPECTED), &labels::EXPECTED_COLUMNS.of(language), &expected))
        }
    }
}

pub(super) fn stack(document: &Document, language: Language) -> Markup {
    let (stack, environment) = (&document.stack, &document.environment);
    let images = stack
        .images
        .iter()
        .map(|(service, image, id)| vec![quoted(service), quoted(image), quoted(id)]);
    let images: Vec<Vec<String>> = images.collect();
    let timings = stack
        .timings
        .iter()
        .map(|(step, seconds)| format!("{} {} s", quoted(step), language.decimal(*seconds, 1)));
    let seeded = stack
        .seeded
        .iter()
        .map(|(table, rows)| format!("{} {}", quoted(table), language.count(*rows)));
    let overrides = stack
        .environment
        .iter()
        .map(|(key, value)| quoted(&format!("{key}={value}")));
    let none = || language.label(labels::NONE).to_owned();
    let or_none = |items: Vec<String>| if items.is_empty() { none() } else { items.join(", ") };
    let docker = environment.docker.as_ref();
    let docker = docker.map_or_else(
        || language.label(labels::NO_DOCKER).to_owned(),
        |version| quoted(version),
    );
    html! {
        section #stack {
            h2 { (label(labels::STACK_AND_MACHINE, language)) }
            (facts(language, &[
                (labels::STACK, quoted(&stack.stack)),
                (labels::NAMESPACE, quoted(&stack.namespace)),
                (labels::STACK_ENVIRONMENT, or_none(overrides.collect())),
                (labels::SEEDED, or_none(seeded.collect())),
                (labels::BRINGING_UP, or_none(timings.collect())),
                (labels::MACHINE, format!(
                    "{}, {}",
                    language.plural(u64::from(environment.cores), "core", "cœur"),
                    quoted(&environment.processor)
                )),
                (labels::MEMORY, language.memory(environment.memory as f64)),
                (labels::OPERATING_SYSTEM, quoted(&format!("{}, {}", environment.system, environment.kernel))),
                (labels::DOCKER, docker),
                (labels::LOAD_AVERAGE, language.decimal(environment.load_average, 2)),
                (crate::report::words::label("Diapason", "Diapason"), quoted(&environment.diapason)),
            ]))
            h3 { (label(labels::REWRITTEN, language)) }
            @if stack.rewritten.is_empty() { p { (label(labels::NOT_REWRITTEN, language)) } }
            ul { @for line in &stack.rewritten { li { (prose(&language.wording().rewrite(line), language)) } } }
            @if !images.is_empty() {
                h3 { (label(labels::IMAGES, language)) }
                (words(language, language.label(labels::IMAGES), &labels::IMAGE_COLUMNS.of(language), &images))
            }
        }
    }
}

/// The method in five sentences.
pub(super) fn method(language: Language) -> Markup {
    html! {
        section #method {
            h2 { (label(labels::METHOD, language)) }
            ol { @for sentence in labels::METHOD_SENTENCES { li { (label(sentence, language)) } } }
        }
    }
}

/// Words that a reader from outside the trade does not know.
pub(super) fn glossary(language: Language) -> Markup {
    let terms = labels::TERMS.map(|(term, meaning)| (term, language.label(meaning).to_owned()));
    html! {
        section #glossary {
            h2 { (label(labels::GLOSSARY, language)) }
            (facts(language, &terms))
        }
    }
}
