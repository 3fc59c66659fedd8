//! Observations beside the requests, tier by tier.

use maud::{Markup, html};

use super::kit::{figures, label, prose};
use super::{facts, table};
use crate::evidence::proxy::ProxyObservation;
use crate::evidence::usage::{FrontDoor, Generator};
use crate::report::Document;
use crate::report::chart::Chart;
use crate::report::words::{labels, opening, proxy as proxy_words, quoted, resources};
use crate::words::Language;

pub(super) fn sections(document: &Document, charts: &[Chart], language: Language) -> Markup {
    html! {
        @if !document.containers.is_empty() { (containers(document, charts, language)) }
        @if let Some(seen) = &document.pages { (super::pages::section(seen, charts, language)) }
        @if let Some(seen) = &document.database { (super::database::section(seen, charts, language)) }
        @if let Some(seen) = &document.proxy { (proxy(document, seen, language)) }
        @if let Some(seen) = &document.front_door { (front_door(seen, language)) }
        @if let Some(seen) = &document.generator { (generator(document, seen, charts, language)) }
    }
}

fn proxy(document: &Document, seen: &ProxyObservation, language: Language) -> Markup {
    // The mean is told by the split above, where there is one.
    let sentence = proxy_words::sentence(seen, language).filter(|_| document.attribution.budgets.is_empty());
    let rows = proxy_words::rows(seen, language);
    html! {
        section #proxy {
            h2 { (label(labels::PROXY, language)) " " span translate="no" { (seen.service) } }
            @if let Some(sentence) = sentence { p.opening { (prose(&sentence, language)) } }
            @for note in proxy_words::notes(seen, language) { p.note { (prose(&note, language)) } }
            (table(language, language.label(labels::PROXY), &proxy_words::COLUMNS.of(language), &rows))
        }
    }
}

fn containers(document: &Document, charts: &[Chart], language: Language) -> Markup {
    let seen = || document.containers.iter();
    let rows: Vec<Vec<String>> = seen().map(|container| resources::row(container, language)).collect();
    let moved: Vec<Vec<String>> = seen()
        .filter_map(|container| resources::changed_usage(container, language))
        .collect();
    let title = language.label(labels::CONTAINERS);
    html! {
        section #containers {
            h2 { (label(labels::CONTAINERS, language)) }
            @for sentence in opening::containers(document, language) { p.opening { (prose(&sentence, language)) } }
            (figures(charts, &["cpu", "memory"]))
            (table(language, title, &resources::COLUMNS.of(language), &rows))
            p.note { (label(labels::CONTAINERS_NOTE, language)) }
            (table(language, title, &resources::MOVED_COLUMNS.of(language), &moved))
            p.note { (label(labels::MOVED_NOTE, language)) }
            @for (service, lines) in document.last_lines() {
                h3 { (label(labels::LAST_LINES, language)) " " span translate="no" { (service) } }
                pre translate="no" tabindex="0" { (lines.join("\n")) }
            }
        }
    }
}

fn front_door(front_door: &FrontDoor, language: Language) -> Markup {
    let (up, all) = (language.count(front_door.up), language.count(front_door.slices));
    let sentence = match language {
        Language::English => format!("It answered in {up} of {all} judged 1-second slices."),
        Language::French => format!("Elle a répondu dans {up} des {all} tranches jugées d’une seconde."),
    };
    let down = front_door.down.iter().map(|slice| {
        let failure = slice.failure.as_ref();
        let failure = failure.map_or_else(|| language.label(labels::NO_ANSWER).to_owned(), |text| quoted(text));
        format!(
            "{} {}{} {failure}",
            language.label(labels::SECOND),
            slice.second,
            language.say(":", " :")
        )
    });
    html! {
        section #front-door {
            h2 { (label(labels::FRONT_DOOR, language)) }
            p.opening { (prose(&sentence, language)) }
            ul { @for slice in down { li { (prose(&slice, language)) } } }
        }
    }
}

fn generator(document: &Document, generator: &Generator, charts: &[Chart], language: Language) -> Markup {
    let dash = || "–".to_owned();
    let cores = |value: Option<f64>| {
        value.map_or_else(dash, |cores| {
            let noun = language.say("cores", if cores < 2.0 { "cœur" } else { "cœurs" });
            format!("{} {noun}", language.decimal(cores, 2))
        })
    };
    html! {
        section #generator-itself {
            h2 { (label(labels::GENERATOR, language)) }
            p.opening { (prose(&opening::generator(document, language), language)) }
            (figures(charts, &["generator"]))
            (facts(language, &[
                (labels::GENERATOR_CORES, generator.cores.to_string()),
                (labels::GENERATOR_CPU, cores(generator.cpu_mean)),
                (labels::LOAD_THREAD, cores(generator.load_thread_max)),
                (labels::RUN_QUEUE, generator.run_queue_mean.map_or_else(dash, |share| language.share(share))),
                (labels::HOST_CPU, cores(generator.host_mean)),
                (labels::STEAL, cores(generator.steal_mean)),
                (labels::RUNNABLE, generator.runnable_max.map_or_else(dash, |most| most.to_string())),
                (labels::RETRANSMITS, language.count(generator.retransmits)),
                (labels::GENERATOR_MEMORY, generator.memory_max.map_or_else(dash, |memory| language.memory(memory as f64))),
            ]))
        }
    }
}
