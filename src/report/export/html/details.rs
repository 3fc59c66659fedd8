//! Requests by series, the plan, and the stack as it was run.

use maud::{Markup, html};

use super::{facts, table, words};
use crate::record::Outcome;
use crate::report::{Document, Percentiles, RequestRow, Seconds};
use crate::words::en::{self, failed, text};

pub(super) fn requests(document: &Document) -> Markup {
    let rows: Vec<&RequestRow> = document.groups.iter().chain(&document.series).collect();
    html! {
        section {
            h2 { "Requests of the judged window" }
            h3 { "Response time" }
            p.note { "From the intended start, so that waiting behind a slow answer counts. " (text::FAILED)
                ": the percentile falls among failed requests." }
            (times(&rows, |row| &row.response))
            details {
                summary { "Service time: from sending to the end of the answer" }
                (times(&rows, |row| &row.service))
            }
            details {
                summary { "First byte, connecting and TLS" }
                p.note { "From sending to the first byte of the answer; what follows it is the download. Connecting and TLS "
                    "are parts of it, for the requests that had to open a connection." }
                (parts(&rows))
            }
            (transactions(document))
            h3 { "How requests ended" }
            (outcomes(&rows))
            (failures(document))
            (over_limits(document, &rows))
            (beside_pages(document))
            @for (service, lines) in document.last_lines() {
                h3 { "Last log lines of " (service) }
                pre { (lines.join("\n")) }
            }
            h3 { "Load, by phase" }
            (load(document))
            p.note { "Send lag of the generator: p50 " (text::optional(document.send_lag.p50)) ", p99 "
                (text::optional(document.send_lag.p99)) ", longest " (text::optional(document.send_lag.max)) "." }
        }
    }
}

/// Transactions, which are no requests and have no line in the other tables.
fn transactions(document: &Document) -> Markup {
    let cells = document.transactions.iter().map(|row| {
        let time = |value| text::percentile(value, row.requests);
        let succeeded = row.outcomes.iter().find(|(name, _)| name == Outcome::Success.name());
        vec![
            row.label(),
            text::count(row.requests),
            text::count(row.requests - succeeded.map_or(0, |(_, count)| *count)),
            time(row.response.p50),
            time(row.response.p90),
            time(row.response.p95),
            time(row.response.p99),
            text::optional(row.response.max),
        ]
    });
    let header = [
        "Transaction",
        "Made",
        "Not successful",
        "p50",
        "p90",
        "p95",
        "p99",
        "Longest",
    ];
    html! {
        @if !document.transactions.is_empty() {
            h3 { "Transactions" }
            p.note { "Groups of steps, from the intended start of the group to the end of its last step, think times within it "
                "included. They are no requests and count in no other table." }
            (table(&header, &cells.collect::<Vec<_>>()))
        }
    }
}

fn times(rows: &[&RequestRow], of: fn(&RequestRow) -> &Percentiles) -> Markup {
    let cells = rows.iter().map(|row| {
        let times = of(row);
        let time = |value| text::percentile(value, row.requests);
        vec![
            row.label(),
            text::count(row.requests),
            text::digits(row.per_second),
            time(times.p50),
            time(times.p90),
            time(times.p95),
            time(times.p99),
            text::optional(times.max),
        ]
    });
    let header = [
        "Series",
        "Requests",
        "Per second",
        "p50",
        "p90",
        "p95",
        "p99",
        "Longest",
    ];
    table(&header, &cells.collect::<Vec<_>>())
}

fn parts(rows: &[&RequestRow]) -> Markup {
    let cells = rows.iter().map(|row| {
        let mut cells = vec![
            row.label(),
            text::percentile(row.first_byte.p50, row.requests),
            text::percentile(row.first_byte.p95, row.requests),
        ];
        for part in [&row.connect, &row.tls] {
            cells.push(text::count(part.count));
            cells.push(text::optional(part.times.p50));
            cells.push(text::optional(part.times.p95));
        }
        cells
    });
    let header = [
        "Series",
        "First byte p50",
        "p95",
        "Connections",
        "Connect p50",
        "p95",
        "TLS handshakes",
        "TLS p50",
        "p95",
    ];
    table(&header, &cells.collect::<Vec<_>>())
}

fn outcomes(rows: &[&RequestRow]) -> Markup {
    // Only outcomes that occurred in some row have a column.
    let mut names: Vec<&str> = vec!["success"];
    for (outcome, _) in rows.iter().flat_map(|row| &row.outcomes) {
        if !names.contains(&outcome.as_str()) {
            names.push(outcome);
        }
    }
    let mut header = vec!["Series"];
    header.extend(&names);
    header.extend(["Error rate", "Received"]);
    let cells = rows.iter().map(|row| {
        let count = |name: &&str| {
            row.outcomes
                .iter()
                .find(|(own, _)| own == name)
                .map_or(0, |(_, count)| *count)
        };
        let mut cells = vec![row.label()];
        cells.extend(names.iter().map(|name| text::count(count(name))));
        cells.push(if row.requests == 0 {
            "–".to_owned()
        } else {
            text::share(row.errors as f64 / row.requests as f64)
        });
        cells.push(text::bytes(row.bytes as f64));
        cells
    });
    html! {
        (table(&header, &cells.collect::<Vec<_>>()))
        p.note { "Rate-limited requests (429, or the proxy's own answer where the stack declares it) are a class of their "
            "own: neither success nor error." }
    }
}

fn failures(document: &Document) -> Markup {
    let cells = document.failed.iter().map(|row| {
        let example = |example: &Option<_>| example.as_ref().map_or_else(|| "–".to_owned(), failed::example);
        let judged = if row.judged { "" } else { " (not judged)" };
        vec![
            row.series.clone(),
            format!("{}{judged}", row.phase),
            failed::answer(row.status, row.outcome),
            failed::count(row.count, row.requests),
            failed::seconds(row.seconds),
            example(&row.first),
            example(&row.last),
        ]
    });
    let header = [
        "Series",
        "Phase",
        "Answer",
        "Requests",
        "Seconds",
        "First example",
        "Last example",
    ];
    html! {
        @if !document.failed.is_empty() {
            h3 #failed { "What failed requests were answered" }
            (words(&header, &cells.collect::<Vec<_>>()))
            p.note { "Beginning of the answer's body; values that look secret are masked." }
        }
    }
}

fn over_limits(document: &Document, rows: &[&RequestRow]) -> Markup {
    if document.limits.is_empty() {
        return html! {};
    }
    let mut header = vec!["Series".to_owned()];
    header.extend(
        document
            .limits
            .iter()
            .map(|limit| format!("Over {}", text::millis(*limit))),
    );
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let cells = rows.iter().filter(|row| row.requests > 0).map(|row| {
        let mut cells = vec![row.label()];
        cells.extend(row.over.iter().map(|over| over_share(*over, row.requests)));
        cells
    });
    html! {
        details {
            summary { "Exact counts over each latency limit" }
            (table(&header, &cells.collect::<Vec<_>>()))
        }
    }
}

fn over_share(over: u64, requests: u64) -> String {
    if requests == 0 {
        return "–".to_owned();
    }
    format!("{} ({})", text::count(over), text::share(over as f64 / requests as f64))
}

fn beside_pages(document: &Document) -> Markup {
    let Some(beside) = &document.beside_pages else {
        return html! {};
    };
    let mut header = vec!["Judged seconds".to_owned(), "Seconds".to_owned(), "Requests".to_owned()];
    header.push("Typical slowest".to_owned());
    header.push("Slowest".to_owned());
    header.extend(
        document
            .limits
            .iter()
            .map(|limit| format!("Over {}", text::millis(*limit))),
    );
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let row = |name: &str, seconds: &Seconds| {
        let mut cells = vec![
            name.to_owned(),
            text::count(seconds.seconds),
            text::count(seconds.requests),
            text::optional(seconds.typical_slowest),
            text::optional(seconds.slowest),
        ];
        cells.extend(seconds.over.iter().map(|over| over_share(*over, seconds.requests)));
        cells
    };
    html! {
        h3 { "Did the browser disturb the requests?" }
        (table(&header, &[
            row("with a page loading", &beside.with),
            row("with none", &beside.without),
        ]))
        p.note { "A page load is real load for the servers; the browser itself runs at idle priority on the same machine. "
            "Typical slowest: median, over these seconds, of the second's slowest request." }
    }
}

fn load(document: &Document) -> Markup {
    let cells = document.plan.load.phases.iter().map(|phase| {
        let totals = document.load.iter().find(|totals| totals.phase == phase.name);
        let count = |value: fn(&crate::record::LoadTotals) -> u64| {
            totals.map_or_else(|| "–".to_owned(), |totals| text::count(value(totals)))
        };
        let judged = if phase.judged {
            String::new()
        } else {
            format!(" ({})", en::judged(phase))
        };
        vec![
            format!("{}{judged}: {}", phase.name, en::load(&phase.load)),
            match phase.users {
                Some(_) => en::amount(phase),
                None => phase.model.name().to_owned(),
            },
            format!("{:.0} s", phase.window.length().as_secs_f64()),
            count(|totals| totals.planned),
            count(|totals| totals.started),
            count(|totals| totals.dropped),
            count(|totals| totals.completed),
            count(|totals| totals.failed),
            count(|totals| totals.interrupted),
        ]
    });
    let header = [
        "Phase",
        "Model",
        "Length",
        "Planned",
        "Started",
        "Dropped",
        "Completed",
        "Failed",
        "Interrupted",
    ];
    table(&header, &cells.collect::<Vec<_>>())
}

pub(super) fn plan(document: &Document) -> Markup {
    let plan = &document.plan;
    let pairs = |pairs: &[(String, String)]| {
        let pairs: Vec<String> = pairs.iter().map(|(key, value)| format!("{key} = {value}")).collect();
        if pairs.is_empty() {
            "none".to_owned()
        } else {
            pairs.join(", ")
        }
    };
    let expected = plan.expectations.iter().map(|expectation| {
        vec![
            expectation.objective.clone(),
            expectation
                .samples
                .map_or_else(|| "not known before".to_owned(), text::count),
            text::count(expectation.needed),
            if expectation.decidable {
                "yes".to_owned()
            } else {
                "no".to_owned()
            },
        ]
    });
    html! {
        section {
            h2 { "Plan" }
            p { (plan.description) }
            (facts(&[
                ("Scenario", plan.scenario.clone()),
                ("Seed", plan.seed.to_string()),
                ("Overrides (--set)", pairs(&plan.overrides)),
                ("Tags (--tag)", pairs(&plan.tags)),
            ]))
            h3 { "Evidence the plan was to yield" }
            (table(&["Objective", "Samples planned", "Needed for a pass", "Can be decided"], &expected.collect::<Vec<_>>()))
        }
    }
}

pub(super) fn stack(document: &Document) -> Markup {
    let (stack, environment) = (&document.stack, &document.environment);
    let images = stack
        .images
        .iter()
        .map(|(service, image, id)| vec![service.clone(), image.clone(), id.clone()]);
    let timings = stack
        .timings
        .iter()
        .map(|(step, seconds)| format!("{step} {seconds:.1} s"));
    let seeded = stack
        .seeded
        .iter()
        .map(|(table, rows)| format!("{table} {}", text::count(*rows)));
    let overrides = stack.environment.iter().map(|(key, value)| format!("{key}={value}"));
    let or_none = |items: Vec<String>| {
        if items.is_empty() {
            "none".to_owned()
        } else {
            items.join(", ")
        }
    };
    html! {
        section {
            h2 { "Stack and machine" }
            (facts(&[
                ("Stack", stack.stack.clone()),
                ("Namespace", stack.namespace.clone()),
                ("Environment overrides", or_none(overrides.collect())),
                ("Seeded rows", or_none(seeded.collect())),
                ("Bringing it up", or_none(timings.collect())),
                ("Machine", format!("{}, {}", text::plural(u64::from(environment.cores), "core"), environment.processor)),
                ("Memory", text::bytes(environment.memory as f64)),
                ("System", format!("{}, {}", environment.system, environment.kernel)),
                ("Docker Engine", environment.docker.clone().unwrap_or_else(|| "none answered".to_owned())),
                ("Load average before", format!("{:.2}", environment.load_average)),
                ("Diapason", environment.diapason.clone()),
            ]))
            h3 { "Rewritten to run apart from everything else on the host" }
            @if stack.rewritten.is_empty() { p { "Nothing was rewritten." } }
            ul { @for line in &stack.rewritten { li { (en::rewrite(line)) } } }
            @if !stack.images.is_empty() {
                h3 { "Images" }
                (words(&["Service", "Image", "Id"], &images.collect::<Vec<_>>()))
            }
        }
    }
}
