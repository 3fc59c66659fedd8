//! The table that splits the time of requests into parts, for every rendering that has tables.

use crate::evidence::proxy::{ProxyObservation, ProxySeries, TimePart};
use crate::words::en::{self, text};

/// Parts of the time; each mean, then 95th percentile.
pub(super) const HEADER: [&str; 8] = [
    "Step",
    "Joined",
    "Client",
    "Outside the proxy",
    "In the proxy",
    "Connecting",
    "In the application",
    "Its own count",
];

/// Rows below [`HEADER`]: all steps together, then each.
pub(super) fn rows(proxy: &ProxyObservation) -> Vec<Vec<String>> {
    std::iter::once(&proxy.all).chain(&proxy.series).map(row).collect()
}

fn row(series: &ProxySeries) -> Vec<String> {
    let part = |part: Option<TimePart>| {
        part.map_or_else(
            || "–".to_owned(),
            |part| format!("{} ({})", text::millis(part.mean), text::millis(part.p95)),
        )
    };
    let name = if series.series == "*" { "all" } else { &series.series };
    vec![
        name.to_owned(),
        format!("{} of {}", text::count(series.joined), text::count(series.followed)),
        part(series.client),
        part(series.outside),
        part(series.proxy),
        part(series.connecting),
        part(series.application),
        part(series.own),
    ]
}

/// The split of all steps in one sentence; `None` if no request was joined.
pub(super) fn sentence(proxy: &ProxyObservation) -> Option<String> {
    let all = &proxy.all;
    let mean = |part: Option<TimePart>| part.map(|part| text::millis(part.mean));
    let client = mean(all.client)?;
    let parts = [
        ("outside", all.outside),
        ("in", all.proxy),
        ("connecting behind", all.connecting),
        ("in the application behind", all.application),
    ];
    let parts = parts.into_iter().filter_map(|(place, part)| {
        let millis = mean(part)?;
        Some(format!("{millis} {place} {}", proxy.service))
    });
    Some(format!(
        "Of a request's {client} on average, {}.",
        text::list(&parts.collect::<Vec<_>>())
    ))
}

/// Notes on the measurement: its method, its limits, and the requests that the limiter refused.
pub(super) fn notes(proxy: &ProxyObservation) -> Vec<String> {
    let how = proxy.carried_by.as_ref().map(|header| {
        format!(
            "Judged window, milliseconds: mean (95th percentile). Requests carry an id in {header}, which is joined with the log of {}; \
             it tells whole milliseconds.",
            proxy.service
        )
    });
    let refused: u64 = proxy.refused.iter().map(|(_, count)| count).sum();
    let refused = (refused > 0).then(|| format!("By its log, its limiter refused {} requests.", text::count(refused)));
    how.into_iter()
        .chain(proxy.coarse.iter().map(en::coarse))
        .chain(refused)
        .collect()
}
