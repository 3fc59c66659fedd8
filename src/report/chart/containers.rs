//! CPU and memory of the containers.

use super::Chart;
use super::plot::{Marks, Plot, Shape};
use crate::evidence::usage::Container;
use crate::report::words::chart as words;
use crate::report::{Document, ReportError};
use crate::words::Language;

/// CPU of each service as a share of its limit, or of the machine's cores without a limit.
pub(super) fn cpu(document: &Document, language: Language) -> Result<Chart, ReportError> {
    let cores = f64::from(document.environment.cores.max(1));
    let marks = lines(document, |container| {
        let limit = container.observed.cpu_limit.unwrap_or(cores);
        let points = container.observed.points.iter();
        let own = container.observed.cpu_limit;
        let own = own.map(|limit| language.written(&limit.to_string()));
        let label = words::limited(&container.observed.service, own, language);
        (
            label,
            points
                .map(|point| (point.at, 100.0 * point.cpu_cores / limit))
                .collect(),
        )
    });
    let mut plot = Plot::over_time("cpu", words::CPU_SHARE, document, marks, language);
    // The whole limit is shown, so that half of it does not look like all of it.
    plot.y.end = plot.y.end.max(105.0);
    Chart::new("cpu", &plot, language.label(words::CPU), words::cpu(cores, language))
}

/// Memory of each service.
pub(super) fn memory(document: &Document, language: Language) -> Result<Chart, ReportError> {
    let marks = lines(document, |container| {
        let points = container.observed.points.iter();
        let limit = container.observed.memory_limit;
        let limit = limit.map(|limit| language.memory(limit as f64));
        let label = words::limited(&container.observed.service, limit, language);
        let mebibytes = |memory: u64| memory as f64 / f64::from(1 << 20);
        (label, points.map(|point| (point.at, mebibytes(point.memory))).collect())
    });
    let plot = Plot::over_time("memory", words::MEBIBYTES, document, marks, language);
    let caption = language.label(words::MEMORY_CAPTION).to_owned();
    Chart::new("memory", &plot, language.label(words::MEMORY), caption)
}

fn lines(document: &Document, line: impl Fn(&Container) -> (String, Vec<(f64, f64)>)) -> Vec<Marks> {
    let containers = document.containers.iter().enumerate();
    containers
        .map(|(index, container)| {
            let (label, points) = line(container);
            // Probes observe before the load and after it; the axis shows the load.
            let shown = points
                .into_iter()
                .filter(|(at, _)| (0.0..=document.seconds).contains(at));
            Marks::new(label, index, Shape::Line, shown.collect())
        })
        .collect()
}
