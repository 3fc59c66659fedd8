//! CPU and memory of the containers.

use super::Chart;
use super::plot::{Marks, Plot, Shape};
use crate::evidence::usage::Container;
use crate::report::{Document, ReportError};
use crate::words::en::text;

/// CPU of each service as a share of its limit, or of the machine's cores without a limit.
pub(super) fn cpu(document: &Document) -> Result<Chart, ReportError> {
    let cores = f64::from(document.environment.cores.max(1));
    let marks = lines(document, |container| {
        let limit = container.observed.cpu_limit.unwrap_or(cores);
        let points = container.observed.points.iter();
        let label = match container.observed.cpu_limit {
            Some(limit) => format!("{} (limit {limit})", container.observed.service),
            None => format!("{} (no limit)", container.observed.service),
        };
        (
            label,
            points
                .map(|point| (point.at, 100.0 * point.cpu_cores / limit))
                .collect(),
        )
    });
    let mut plot = Plot::over_time("cpu", "% of the CPU limit", document, marks);
    plot.y.end = plot.y.end.max(105.0);
    Ok(Chart {
        name: "cpu",
        title: "Container CPU over time",
        caption: format!(
            "Each service against its own limit in cores, or against the {cores} cores of the host where it has none. Near \
             100 % it is held back, and so is everything behind it."
        ),
        svg: plot.draw()?,
    })
}

/// Memory of each service.
pub(super) fn memory(document: &Document) -> Result<Chart, ReportError> {
    let marks = lines(document, |container| {
        let points = container.observed.points.iter();
        let label = match container.observed.memory_limit {
            Some(limit) => format!("{} (limit {})", container.observed.service, text::bytes(limit as f64)),
            None => format!("{} (no limit)", container.observed.service),
        };
        let mebibytes = |memory: u64| memory as f64 / f64::from(1 << 20);
        (label, points.map(|point| (point.at, mebibytes(point.memory))).collect())
    });
    Ok(Chart {
        name: "memory",
        title: "Container memory over time",
        caption: "Memory in use, page cache left out.".to_owned(),
        svg: Plot::over_time("memory", "MiB", document, marks).draw()?,
    })
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
