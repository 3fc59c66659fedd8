//! The split of the time of requests by the proxy's log.

use super::{Columns, Language, quoted};
use crate::evidence::proxy::{ProxyObservation, ProxySeries, TimePart};

/// Parts of the time; each mean, then 95th percentile.
pub(in crate::report) const COLUMNS: Columns<8> = Columns {
    english: [
        "Step",
        "Joined",
        "Client",
        "Outside the proxy",
        "In the proxy",
        "Connecting",
        "In the application",
        "Its own count",
    ],
    french: [
        "Étape",
        "Rapprochées",
        "Client",
        "Hors du proxy",
        "Dans le proxy",
        "Connexion",
        "Dans l’application",
        "Selon elle-même",
    ],
};

/// Rows below [`COLUMNS`]: all steps together, then each.
pub(in crate::report) fn rows(proxy: &ProxyObservation, language: Language) -> Vec<Vec<String>> {
    let series = std::iter::once(&proxy.all).chain(&proxy.series);
    series.map(|series| row(series, language)).collect()
}

fn row(series: &ProxySeries, language: Language) -> Vec<String> {
    let part = |part: Option<TimePart>| {
        part.map_or_else(
            || "–".to_owned(),
            |part| format!("{} ({})", language.time(part.mean), language.time(part.p95)),
        )
    };
    vec![
        super::series_name(&series.series, language),
        format!(
            "{} {} {}",
            language.count(series.joined),
            language.say("of", "sur"),
            language.count(series.followed)
        ),
        part(series.client),
        part(series.outside),
        part(series.proxy),
        part(series.connecting),
        part(series.application),
        part(series.own),
    ]
}

/// The split of all steps in one sentence; `None` if no request was joined.
pub(in crate::report) fn sentence(proxy: &ProxyObservation, language: Language) -> Option<String> {
    let all = &proxy.all;
    let mean = |part: Option<TimePart>| part.map(|part| language.time(part.mean));
    let client = mean(all.client)?;
    let places = match language {
        Language::English => ["outside", "in", "connecting behind", "in the application behind"],
        Language::French => [
            "hors de",
            "dans",
            "à établir la connexion derrière",
            "dans l’application derrière",
        ],
    };
    let parts = places
        .into_iter()
        .zip([all.outside, all.proxy, all.connecting, all.application]);
    let parts: Vec<String> = parts
        .filter_map(|(place, part)| Some(format!("{} {place} {}", mean(part)?, proxy.service)))
        .collect();
    let list = language.list(&parts);
    Some(match language {
        Language::English => format!("Of a request's {client} on average, {list}."),
        Language::French => format!("Sur les {client} que dure en moyenne une requête : {list}."),
    })
}

/// Notes on the measurement: its method, its limits, and the requests that the limiter refused.
pub(in crate::report) fn notes(proxy: &ProxyObservation, language: Language) -> Vec<String> {
    let how = proxy.carried_by.as_ref().map(|header| match language {
        Language::English => format!(
            "Judged window, milliseconds: mean (95th percentile). Requests carry an id in {header}, which is joined with the log of {}; \
             it tells whole milliseconds.",
            proxy.service
        ),
        Language::French => format!(
            "Fenêtre jugée, en millisecondes : moyenne (95e centile). Les requêtes portent un identifiant dans {}, rapproché du \
             journal de {}, qui compte en millisecondes entières.",
            quoted(header),
            proxy.service
        ),
    });
    let refused: u64 = proxy.refused.iter().map(|(_, count)| count).sum();
    let refused = (refused > 0).then(|| match language {
        Language::English => format!("By its log, its limiter refused {} requests.", language.count(refused)),
        Language::French => format!(
            "D’après son journal, son limiteur a refusé {}.",
            language.plural(refused, "", "requête")
        ),
    });
    how.into_iter()
        .chain(
            proxy
                .coarse
                .iter()
                .map(|coarse| language.wording().proxy_log_gap(coarse)),
        )
        .chain(refused)
        .collect()
}
