//! Observations beside the requests, tier by tier.

use maud::{Markup, html};

use super::{facts, table};
use crate::evidence::proxy::ProxyObservation;
use crate::evidence::usage::{Container, FrontDoor, Generator};
use crate::report::{Document, resources, way};
use crate::words::en::{self, text};

pub(super) fn sections(document: &Document) -> Markup {
    html! {
        @if let Some(seen) = &document.pages { (super::pages::section(seen)) }
        @if let Some(seen) = &document.database { (super::database::section(seen)) }
        @if let Some(seen) = &document.proxy { (proxy(seen)) }
        @if !document.containers.is_empty() { (containers(&document.containers)) }
        @if let Some(seen) = &document.front_door { (front_door(seen)) }
        @if let Some(seen) = &document.generator { (generator(seen)) }
    }
}

fn proxy(proxy: &ProxyObservation) -> Markup {
    html! {
        section {
            h2 { "Where the time went: " (proxy.service) }
            (table(&way::HEADER, &way::rows(proxy)))
            @for note in way::notes(proxy) { p.note { (note) } }
        }
    }
}

fn containers(containers: &[Container]) -> Markup {
    let incidents = containers.iter().flat_map(|container| {
        let observed = &container.observed;
        observed
            .incidents
            .iter()
            .map(move |incident| format!("{} {}", observed.service, en::incident(incident)))
    });
    html! {
        section {
            h2 { "Containers" }
            (table(&resources::HEADER, &containers.iter().map(resources::row).collect::<Vec<_>>()))
            p.note { "Judged window, CPU in cores. Throttled: share of the scheduling periods in which the CPU limit held the "
                "service back, which does not show in its CPU use, and the time its tasks lost by it, summed over processors. "
                "Memory without the page cache that the kernel would give up first. Behind a limit: what production's table says." }
            (table(&resources::MOVED_HEADER, &containers.iter().filter_map(resources::moved).collect::<Vec<_>>()))
            p.note { "Waited: share of the time in which some task of the service waited for a processor, for memory, for a disk "
                "(pressure stall information). Page faults: those that had to wait for a disk are major. –: nobody counts it here, as "
                "recent kernels do not count disks in cgroup v1." }
            ul { @for incident in incidents { li { strong { (incident) } } } }
        }
    }
}

fn front_door(front_door: &FrontDoor) -> Markup {
    html! {
        section {
            h2 { "Availability of the front door" }
            p { "It answered in " (text::count(front_door.up)) " of " (text::count(front_door.slices))
                " judged 1-second slices." }
            ul { @for slice in &front_door.down {
                li { "second " (slice.second) ": " (slice.failure.as_deref().unwrap_or("no answer")) }
            } }
        }
    }
}

fn generator(generator: &Generator) -> Markup {
    let cores = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |cores| format!("{cores:.2} cores"));
    html! {
        section {
            h2 { "The generator itself" }
            (facts(&[
                ("Cores it may use", generator.cores.to_string()),
                ("CPU of the harness, mean", cores(generator.cpu_mean)),
                ("Load thread, busiest second", cores(generator.load_thread_max)),
                ("Load thread waiting for a processor, mean", generator.run_queue_mean.map_or_else(|| "–".to_owned(), text::share)),
                ("CPU of the whole host, mean", cores(generator.host_mean)),
                ("Taken by the hypervisor, mean", cores(generator.steal_mean)),
                ("Processes running or ready on the host, most", generator.runnable_max.map_or_else(|| "–".to_owned(), |most| most.to_string())),
                ("TCP segments sent again", text::count(generator.retransmits)),
                ("Memory, highest", generator.memory_max.map_or_else(|| "–".to_owned(), |memory| text::bytes(memory as f64))),
            ]))
        }
    }
}
