//! One page load, measured by the browser itself.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::driver::{Browser, CommandError};
use super::{BrowserPage, PageLoad};
use crate::probe::Watch;

/// Runs before the page's own scripts: notes when each selector first matches, and the largest paint so far.
const NOTE: &str = "(() => {
    const selectors = SELECTORS, seen = {};
    let largest = null;
    const look = (_, observer) => {
        for (const selector of selectors)
            if (!(selector in seen) && document.querySelector(selector)) seen[selector] = performance.now();
        if (selectors.every((selector) => selector in seen)) observer.disconnect();
    };
    new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
    new PerformanceObserver((list) => { for (const entry of list.getEntries()) largest = entry.startTime; })
        .observe({ type: 'largest-contentful-paint', buffered: true });
    Object.defineProperty(window, '__diapason', { value: { seen, largest: () => largest } });
})();";

/// Waits for the load event, the selector and the first paint, and answers with what was measured.
const MEASURE: &str = "const [selector, patience, answer] = arguments, begun = performance.now();
    const poll = () => {
        const [page] = performance.getEntriesByType('navigation');
        const resources = performance.getEntriesByType('resource');
        const [paint] = performance.getEntriesByName('first-contentful-paint');
        const waited = performance.now() - begun, { seen = {}, largest = () => null } = window.__diapason ?? {};
        const ready = selector === null || selector in seen, painted = paint || waited > 500;
        if ((!page || !page.loadEventEnd || !ready || !painted) && waited < patience) return setTimeout(poll, 20);
        answer({
            origin: performance.timeOrigin,
            status: page?.responseStatus ?? 0,
            response: page?.responseStart ?? 0,
            dom: page?.domContentLoadedEventEnd ?? 0,
            load: page?.loadEventEnd ?? 0,
            ready: seen[selector] ?? null,
            first_paint: paint?.startTime ?? null,
            largest_paint: largest(),
            bytes: resources.reduce((sum, one) => sum + one.transferSize, page?.transferSize ?? 0),
            requests: resources.length + 1,
            elsewhere: resources.reduce((origins, one) => {
                const { origin } = new URL(one.name, location.href);
                if (origin !== location.origin && origin !== 'null') origins[origin] = (origins[origin] ?? 0) + 1;
                return origins;
            }, {}),
        });
    };
    poll();";

/// What [`MEASURE`] answers; milliseconds from the navigation start, which is `origin` milliseconds after the epoch.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Measured {
    origin: f64,
    status: u16,
    response: f64,
    dom: f64,
    load: f64,
    ready: Option<f64>,
    first_paint: Option<f64>,
    largest_paint: Option<f64>,
    bytes: u64,
    requests: u32,
    elsewhere: BTreeMap<String, u32>,
}

/// The script that every page needs for [`load`].
pub(super) fn note_script(selectors: &[&str]) -> String {
    NOTE.replace("SELECTORS", &json!(selectors).to_string())
}

/// Loads the page and does what is done on it. `Err` where the browser was lost on the way.
pub(super) async fn load(
    browser: &Browser,
    watch: &Watch,
    page: &BrowserPage,
    url: &str,
    patience_ms: u64,
) -> Result<PageLoad, PageLoad> {
    let begun = watch.clock.now().as_secs_f64();
    let mut load = failed(page, begun, String::new());
    let measured: Result<(), CommandError> = async {
        browser.load(url).await?;
        let answer = browser
            .ask(MEASURE, vec![json!(page.ready), json!(patience_ms)])
            .await?;
        let measured: Measured =
            serde_json::from_value(answer).map_err(|error| CommandError::Lost(format!("no measurement: {error}")))?;
        load = result(page, watch, &measured, patience_ms);
        if load.failure.is_none() {
            for action in &page.then {
                let acted = browser.act(action).await;
                acted.map_err(|error| prefixed(error, &action.to_string()))?;
            }
        }
        Ok(())
    }
    .await;
    match measured {
        Ok(()) => Ok(load),
        Err(CommandError::Refused(reason)) => Ok(failed(page, load.at, reason)),
        Err(CommandError::Lost(reason)) => Err(failed(page, load.at, reason)),
    }
}

fn prefixed(error: CommandError, words: &str) -> CommandError {
    match error {
        CommandError::Refused(reason) => CommandError::Refused(format!("{words}: {reason}")),
        CommandError::Lost(reason) => CommandError::Lost(format!("{words}: {reason}")),
    }
}

fn result(page: &BrowserPage, watch: &Watch, measured: &Measured, patience_ms: u64) -> PageLoad {
    let at = watch.offset_of_epoch(measured.origin / 1e3);
    if measured.status >= 400 {
        return failed(page, at, format!("status {}", measured.status));
    }
    if measured.load <= 0.0 {
        return failed(page, at, format!("no load event within {patience_ms} ms"));
    }
    if let (Some(selector), None) = (&page.ready, measured.ready) {
        return failed(page, at, format!("did not show `{selector}` within {patience_ms} ms"));
    }
    PageLoad {
        page: page.name.clone(),
        at,
        failure: None,
        ttfb_ms: Some(measured.response),
        dom_ms: Some(measured.dom),
        load_ms: Some(measured.load),
        fcp_ms: measured.first_paint,
        lcp_ms: measured.largest_paint,
        ready_ms: measured.ready,
        bytes: Some(measured.bytes),
        requests: Some(measured.requests),
        elsewhere: measured.elsewhere.clone(),
    }
}

/// A load that failed: no times.
pub(super) fn failed(page: &BrowserPage, at: f64, reason: String) -> PageLoad {
    PageLoad {
        page: page.name.clone(),
        at,
        failure: Some(reason),
        ttfb_ms: None,
        dom_ms: None,
        load_ms: None,
        fcp_ms: None,
        lcp_ms: None,
        ready_ms: None,
        bytes: None,
        requests: None,
        elsewhere: BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{RunClock, Window};
    use std::time::Duration;
    use tokio_util::sync::CancellationToken;

    fn page() -> BrowserPage {
        BrowserPage {
            name: "dashboard".to_owned(),
            path: "/dashboard".to_owned(),
            ready: Some("main".to_owned()),
            then: Vec::new(),
        }
    }

    fn measured() -> Measured {
        serde_json::from_value(json!({
            "origin": 1_769_900_000_000.5, "status": 200, "response": 20.5, "dom": 150.0, "load": 310.25,
            "ready": 420.0, "first_paint": 200.0, "largest_paint": null, "bytes": 123_456, "requests": 9,
            "elsewhere": { "https://cdn.example": 2 }
        }))
        .unwrap()
    }

    fn watch() -> Watch {
        let end = Duration::from_secs(60);
        Watch {
            clock: RunClock::starting_in(Duration::ZERO),
            judged: Window {
                start: Duration::ZERO,
                end,
            },
            end,
            stop: CancellationToken::new(),
        }
    }

    #[test]
    fn what_the_browser_measured_becomes_a_load() {
        let watch = watch();
        let load = result(&page(), &watch, &measured(), 15_000);
        assert_eq!(
            (load.load_ms, load.ready_ms, load.lcp_ms),
            (Some(310.25), Some(420.0), None)
        );
        assert_eq!(
            (load.bytes, load.requests, load.failure),
            (Some(123_456), Some(9), None)
        );
        assert_eq!(load.elsewhere["https://cdn.example"], 2);
        let zero = watch.clock.wall().as_millisecond() as f64;
        assert!(
            (load.at - (1_769_900_000_000.5 - zero) / 1e3).abs() < 0.002,
            "{}",
            load.at
        );
    }

    #[test]
    fn a_page_that_does_not_show_its_data_has_failed() {
        let watch = watch();
        let reason = |measured: Measured| result(&page(), &watch, &measured, 15_000).failure.unwrap();
        assert_eq!(
            reason(Measured {
                status: 502,
                ..measured()
            }),
            "status 502"
        );
        assert_eq!(
            reason(Measured {
                load: 0.0,
                ..measured()
            }),
            "no load event within 15000 ms"
        );
        assert_eq!(
            reason(Measured {
                ready: None,
                ..measured()
            }),
            "did not show `main` within 15000 ms"
        );
    }

    #[test]
    fn selectors_reach_the_page_quoted() {
        let script = note_script(&[r#"main[data-loaded="true"]"#]);
        assert!(
            script.contains(r#"selectors = ["main[data-loaded=\"true\"]"]"#),
            "{script}"
        );
    }
}
