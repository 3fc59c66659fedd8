//! One page load, measured by the browser itself.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::driver::{Browser, CommandError, ConsoleEntry};
use super::{BrowserAction, BrowserPage};
use crate::evidence::browser::{ApiCall, Cache, PageLoad, Resource};
use crate::probe::Watch;

/// Script to run before the page's own scripts: a function of the selectors to look for.
const NOTE: &str = include_str!("note.js");
const MEASURE: &str = include_str!("measure.js");
const INTERACTIONS: &str = include_str!("interactions.js");
/// Most messages, calls and requests that are kept of a load, and the length of the longest message.
const MOST_MESSAGES: usize = 5;
const MOST_CALLS: usize = 40;
const MOST_RESOURCES: usize = 120;
const LONGEST_MESSAGE: usize = 200;

/// Answer of `measure.js`. Times are milliseconds from the navigation start, which is `origin` milliseconds after the epoch.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PageMeasurement {
    origin: f64,
    refusal: Option<String>,
    status: u16,
    dns: f64,
    connect: f64,
    tls: f64,
    response: f64,
    interactive: f64,
    dom: f64,
    load: f64,
    ready: Option<f64>,
    first_paint: Option<f64>,
    largest_paint: Option<f64>,
    shift: Option<f64>,
    long_tasks: Option<u32>,
    blocking: Option<f64>,
    bytes: u64,
    requests: u32,
    elsewhere: BTreeMap<String, u32>,
    lines: Vec<Line>,
}

/// One request: name, initiator, true if of the page's own origin, times of its start, of sending, of the first and of the
/// last byte, bytes, status if known.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
struct Line(String, String, bool, f64, f64, f64, f64, u64, Option<u16>);

impl Line {
    /// True if a request to the page's own origin got no answer or an error status. A request of unknown status has not failed.
    fn failed(&self) -> bool {
        self.2 && self.8.is_some_and(|status| status == 0 || status >= 400)
    }

    fn is_call(&self) -> bool {
        matches!(self.1.as_str(), "fetch" | "xmlhttprequest")
    }
}

/// Answer of `interactions.js`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Interactions {
    origin: f64,
    count: u32,
    longest: Option<f64>,
}

/// A load, with details that are kept only for the loads that are shown.
#[derive(Debug)]
pub(super) struct LoadDetails {
    pub(super) load: PageLoad,
    pub(super) resources: Vec<Resource>,
    /// Milliseconds after the epoch at its navigation start.
    origin: f64,
    /// True if the browser was lost during the load.
    pub(super) lost: bool,
}

/// The script that [`load`] needs in every page.
pub(super) fn note_script(selectors: &[&str]) -> String {
    format!("{}({});", NOTE.trim_end(), json!(selectors))
}

/// A page to load.
#[derive(Debug)]
pub(super) struct Visit<'a> {
    pub(super) page: &'a BrowserPage,
    pub(super) url: &'a str,
    pub(super) cache: Cache,
    pub(super) patience_ms: u64,
    /// From [`note_script`].
    pub(super) script: &'a str,
    /// Status with which the proxy's limiter answers; `None` if it is not known.
    pub(super) limiter: Option<u16>,
}

/// Loads the page. The journey's actions on it follow in [`interact`].
pub(super) async fn load(browser: &Browser, watch: &Watch, visit: &Visit<'_>) -> LoadDetails {
    let begun = watch.clock.now().as_secs_f64();
    let mut loaded = LoadDetails {
        load: PageLoad::failed(&visit.page.name, begun, String::new()),
        resources: Vec::new(),
        origin: 0.0,
        lost: false,
    };
    let measured = measure(browser, visit).await;
    match measured {
        Ok(measured) => {
            loaded.load = result(visit.page, watch, &measured, visit.patience_ms);
            loaded.resources = resources(&measured);
            loaded.origin = measured.origin;
            loaded.load.refused = refused(&measured, visit.limiter);
            account(&mut loaded.load, browser, &measured).await;
        }
        Err(CommandError::Refused(reason)) => loaded.load.failure = Some(reason),
        Err(CommandError::Lost(reason)) => {
            loaded.load.failure = Some(reason);
            loaded.lost = true;
        }
    }
    loaded.load.cache = visit.cache;
    loaded
}

async fn measure(browser: &Browser, visit: &Visit<'_>) -> Result<PageMeasurement, CommandError> {
    browser.load(visit.url).await?;
    let mut script = MEASURE.to_owned();
    if !browser.engine().has_devtools() {
        // Without DevTools the script could not run before the page's own scripts.
        script = format!("{}\n{script}", visit.script);
    }
    let arguments = vec![json!(visit.page.ready), json!(visit.patience_ms)];
    let answer = browser.ask(&script, arguments).await?;
    serde_json::from_value(answer).map_err(|error| CommandError::Lost(format!("no measurement: {error}")))
}

/// Adds the failures during the load: requests, and errors on the console.
async fn account(load: &mut PageLoad, browser: &Browser, measured: &PageMeasurement) {
    let failed = || measured.lines.iter().filter(|line| line.failed());
    // A browser that tells no status at all leaves the number unknown, not 0.
    if measured.lines.iter().any(|line| line.8.is_some()) {
        load.failed_requests = Some(u32::try_from(failed().count()).unwrap_or(u32::MAX));
    }
    let failures = failed().map(|line| match line.8 {
        Some(status) if status > 0 => format!("{} answered {status}", line.0),
        _ => format!("{} got no answer", line.0),
    });
    load.messages = failures.take(MOST_MESSAGES).collect();
    // A console that cannot be read leaves the count unknown. A lost browser shows at the next command.
    if let Ok(Some(entries)) = browser.console().await {
        // Failed requests are counted from the page's own entries already. Entries before the navigation start are of
        // the page before; the driver's times are whole milliseconds.
        let errors: Vec<&ConsoleEntry> = entries
            .iter()
            .filter(|entry| entry.source != "network" && entry.timestamp >= measured.origin.floor())
            .collect();
        load.console_errors = Some(u32::try_from(errors.len()).unwrap_or(u32::MAX));
        let texts = errors.iter().map(|entry| shortened(&entry.message));
        load.messages.extend(texts.take(MOST_MESSAGES));
    }
}

/// Requests that were answered with the limiter's status, by path.
fn refused(measured: &PageMeasurement, limiter: Option<u16>) -> BTreeMap<String, u32> {
    let mut refused = BTreeMap::new();
    let lines = measured.lines.iter().filter(|line| line.failed());
    for line in lines.filter(|line| limiter.is_some() && line.8 == limiter) {
        *refused.entry(general(&line.0)).or_default() += 1;
    }
    refused
}

fn shortened(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    line.chars().take(LONGEST_MESSAGE).collect()
}

/// Performs the journey's actions on the loaded page; notes the longest interaction.
pub(super) async fn interact(
    browser: &Browser,
    page: &BrowserPage,
    loaded: &mut LoadDetails,
) -> Result<(), CommandError> {
    let mut count = 0;
    for action in &page.then {
        let acted = browser.act(action).await;
        acted.map_err(|error| prefixed(error, &action.to_string()))?;
        if matches!(action, BrowserAction::WaitFor { .. }) {
            continue;
        }
        let answer = browser.ask(INTERACTIONS, vec![json!(count)]).await;
        let Some(interacted) = answer.ok().and_then(|answer| serde_json::from_value(answer).ok()) else {
            // The page was left meanwhile: the interaction led to another page.
            continue;
        };
        let interacted: Interactions = interacted;
        // On another page than the loaded one, interactions do not count for this load.
        if (interacted.origin - loaded.origin).abs() < 0.5 {
            count = interacted.count;
            loaded.load.inp_ms = [loaded.load.inp_ms, interacted.longest]
                .into_iter()
                .flatten()
                .reduce(f64::max);
        }
    }
    Ok(())
}

fn prefixed(error: CommandError, words: &str) -> CommandError {
    match error {
        CommandError::Refused(reason) => CommandError::Refused(format!("{words}: {reason}")),
        CommandError::Lost(reason) => CommandError::Lost(format!("{words}: {reason}")),
    }
}

fn result(page: &BrowserPage, watch: &Watch, measured: &PageMeasurement, patience_ms: u64) -> PageLoad {
    let at = watch.offset_of_epoch(measured.origin / 1e3);
    let failed = |reason| PageLoad::failed(&page.name, at, reason);
    // First, because the browser's own error page has a load event and paints like any other.
    if let Some(reason) = &measured.refusal {
        return failed(format!("the browser shows an error page of its own: {reason}"));
    }
    // An error page of the system loads as well, and usually faster than the page it stands for.
    if measured.status >= 400 {
        return failed(format!("status {}", measured.status));
    }
    if measured.load <= 0.0 {
        return failed(format!("no load event within {patience_ms} ms"));
    }
    if let (Some(selector), None) = (&page.ready, measured.ready) {
        return failed(format!("did not show `{selector}` within {patience_ms} ms"));
    }
    let mut load = PageLoad {
        dns_ms: Some(measured.dns),
        connect_ms: Some(measured.connect),
        tls_ms: Some(measured.tls),
        ttfb_ms: Some(measured.response),
        interactive_ms: Some(measured.interactive),
        dom_ms: Some(measured.dom),
        load_ms: Some(measured.load),
        fcp_ms: measured.first_paint,
        lcp_ms: measured.largest_paint,
        ready_ms: measured.ready,
        layout_shift: measured.shift,
        long_tasks: measured.long_tasks,
        blocking_ms: measured.blocking,
        bytes: Some(measured.bytes),
        requests: Some(measured.requests),
        elsewhere: measured.elsewhere.clone(),
        failure: None,
        ..failed(String::new())
    };
    let shown = load.shown_ms().unwrap_or(measured.load);
    load.calls = calls(measured, shown);
    load.calls_share = Some(covered(&load.calls, shown) / shown);
    load
}

/// Requests of scripts that were answered before the page was shown: those that it may have waited for.
fn calls(measured: &PageMeasurement, shown: f64) -> Vec<ApiCall> {
    let calls = measured.lines.iter().filter(|line| line.is_call() && line.6 <= shown);
    let calls = calls.map(|line| ApiCall {
        path: general(&line.0),
        start_ms: line.3,
        took_ms: line.6 - line.3,
        status: line.8.unwrap_or(0),
    });
    calls.take(MOST_CALLS).collect()
}

/// The path with `:id` in place of parts that identify one of many: numbers, UUIDs, long hexadecimal.
fn general(path: &str) -> String {
    let one_of_many = |part: &str| {
        let digits = part.chars().filter(char::is_ascii_digit).count();
        let hexadecimal = part.chars().all(|letter| letter.is_ascii_hexdigit() || letter == '-');
        digits > 0 && (digits == part.len() || (hexadecimal && part.len() >= 16))
    };
    let parts = path.split('/');
    let parts: Vec<&str> = parts.map(|part| if one_of_many(part) { ":id" } else { part }).collect();
    parts.join("/")
}

/// Milliseconds of the time from 0 to `end` during which at least one of the calls was under way.
fn covered(calls: &[ApiCall], end: f64) -> f64 {
    let mut spans: Vec<(f64, f64)> = calls
        .iter()
        .map(|call| (call.start_ms, (call.start_ms + call.took_ms).min(end)))
        .collect();
    spans.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (mut covered, mut until) = (0.0, 0.0_f64);
    for (start, stop) in spans {
        covered += (stop - start.max(until)).max(0.0);
        until = until.max(stop);
    }
    covered
}

fn resources(measured: &PageMeasurement) -> Vec<Resource> {
    let lines = measured.lines.iter().take(MOST_RESOURCES);
    let mut resources: Vec<Resource> = lines
        .map(|line| Resource {
            name: line.0.clone(),
            kind: line.1.clone(),
            start: line.3,
            request: line.4,
            response: line.5,
            end: line.6,
            bytes: line.7,
            status: line.8.unwrap_or(0),
        })
        .collect();
    resources.sort_by(|one, other| one.start.total_cmp(&other.start));
    resources
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Window;
    use crate::timer::RunClock;
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

    fn measured() -> PageMeasurement {
        serde_json::from_value(json!({
            "origin": 1_769_900_000_000.5, "refusal": null, "status": 200, "dns": 1.0, "connect": 2.0, "tls": 0.0, "response": 20.5,
            "interactive": 120.0, "dom": 150.0, "load": 310.25,
            "ready": 420.0, "first_paint": 200.0, "largest_paint": null, "shift": 0.02, "long_tasks": 1, "blocking": 30.0,
            "bytes": 123_456, "requests": 9, "elsewhere": { "https://cdn.example": 2 },
            "lines": [
                ["/dashboard", "navigation", true, 0.0, 3.0, 20.5, 25.0, 4_000, 200],
                ["/api/tasks/17", "fetch", true, 100.0, 101.0, 190.0, 200.0, 900, 200],
                ["/app.js", "script", true, 30.0, 31.0, 40.0, 60.0, 9_000, 200],
                ["/api/users/0198c7de-7e4b-7c3a-9b1e-000000000001", "fetch", true, 150.0, 151.0, 240.0, 252.0, 900, 404],
                ["https://cdn.example", "script", false, 30.0, 30.0, 31.0, 31.0, 0, 0],
                ["/in-flight", "fetch", true, 300.0, 301.0, 440.0, 450.0, 900, 200],
                ["/settings", "prefetch", true, 110.0, 111.0, 240.0, 250.0, 900, 200],
                ["/late", "fetch", true, 430.0, 431.0, 440.0, 450.0, 900, 200]
            ]
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
            (load.bytes, load.requests, load.failure.as_deref()),
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
    fn calls_are_told_with_their_share_of_the_time_until_the_page_was_there() {
        let load = result(&page(), &watch(), &measured(), 15_000);
        let paths: Vec<&str> = load.calls.iter().map(|call| call.path.as_str()).collect();
        assert_eq!(paths, ["/api/tasks/:id", "/api/users/:id"]);
        // 100 to 200 and 150 to 252 cover 152 of the 420 ms until the data was shown.
        assert!((load.calls_share.unwrap() - 152.0 / 420.0).abs() < 1e-9);
    }

    #[test]
    fn requests_that_the_limiter_refused_are_counted_by_path() {
        let mut measured = measured();
        for (index, status) in [(1, 503), (3, 503), (4, 503), (7, 500)] {
            measured.lines[index].8 = Some(status);
        }
        let counts = |limiter| refused(&measured, limiter).into_iter().collect::<Vec<_>>();
        // What another origin answered is not the limiter's.
        assert_eq!(
            counts(Some(503)),
            [("/api/tasks/:id".to_owned(), 1), ("/api/users/:id".to_owned(), 1)]
        );
        assert_eq!(counts(Some(429)), []);
        assert_eq!(counts(None), []);
    }

    #[test]
    fn paths_that_differ_in_an_identifier_are_one() {
        for (path, expected) in [
            ("/api/tasks", "/api/tasks"),
            ("/api/tasks/17/notes", "/api/tasks/:id/notes"),
            ("/v2/beef", "/v2/beef"),
            ("/o/507f1f77bcf86cd799439011", "/o/:id"),
        ] {
            assert_eq!(general(path), expected);
        }
    }

    #[test]
    fn a_request_without_an_answer_has_failed_unless_it_was_not_to_be_fetched() {
        let line = |own, status| Line("/a".to_owned(), "img".to_owned(), own, 0.0, 0.0, 0.0, 1.0, 0, status);
        for (own, status, failed) in [
            (true, Some(200), false),
            (true, Some(404), true),
            (true, Some(0), true),
            (true, None, false),
            (false, Some(0), false),
        ] {
            assert_eq!(line(own, status).failed(), failed, "{own} {status:?}");
        }
    }

    #[test]
    fn the_waterfall_begins_with_the_document() {
        let resources = resources(&measured());
        let names: Vec<&str> = resources.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names[..3], ["/dashboard", "/app.js", "https://cdn.example"]);
    }

    #[test]
    fn a_page_that_does_not_show_its_data_has_failed() {
        let watch = watch();
        let reason = |measured: PageMeasurement| result(&page(), &watch, &measured, 15_000).failure.unwrap();
        assert_eq!(
            reason(PageMeasurement {
                status: 502,
                ..measured()
            }),
            "status 502"
        );
        assert_eq!(
            reason(PageMeasurement {
                load: 0.0,
                ..measured()
            }),
            "no load event within 15000 ms"
        );
        assert_eq!(
            reason(PageMeasurement {
                ready: None,
                ..measured()
            }),
            "did not show `main` within 15000 ms"
        );
    }

    #[test]
    fn selectors_reach_the_page_quoted() {
        let script = note_script(&[r#"main[data-loaded="true"]"#]);
        assert!(script.ends_with(r#"})(["main[data-loaded=\"true\"]"]);"#), "{script}");
    }
}
