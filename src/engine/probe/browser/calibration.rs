//! The calibration page: a fixed page of the harness's own. Its load time shows the speed of the browser itself.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::driver::{Browser, CommandError};
use super::route::CALIBRATION_HOST;
use super::{CalibrationSettings, Engine};
use crate::evidence::ProbeKind;
use crate::evidence::browser::{Calibration, CalibrationLoad};
use crate::probe::{ProbeError, Watch};

const NAME: ProbeKind = ProbeKind::Browser;
const PAGE: &str = include_str!("calibration.html");
/// Loads counted before there is any load. The first load of a new browser comes before them and is not counted.
const BEFORE: usize = 5;
// WebDriver returns once the document is complete, which it is before its load event: `loadEventEnd` may still be 0.
const LOAD_TIME: &str = "const answer = arguments[0], poll = () => {
    const [page] = performance.getEntriesByType('navigation');
    if (page?.loadEventEnd) answer([performance.timeOrigin, page.loadEventEnd]); else setTimeout(poll, 5);
};
poll();";

/// Serves the page on loopback until dropped.
#[derive(Debug)]
pub(super) struct OwnPage {
    pub(super) port: u16,
    serving: JoinHandle<()>,
}

impl OwnPage {
    pub(super) async fn serve() -> Result<Self, ProbeError> {
        let failed = |error: std::io::Error| ProbeError::failed(NAME, "serve the calibration page", error);
        // Any free port: several runs may calibrate on one machine at the same time.
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let serving = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                // A client that disconnects early needs no answer.
                tokio::spawn(async move { answer(connection).await.ok() });
            }
        });
        Ok(Self { port, serving })
    }

    fn url(&self, engine: Engine) -> String {
        match engine {
            Engine::Chromium => format!("http://{CALIBRATION_HOST}/"),
            // Firefox has no rules that map a name to a port.
            Engine::Firefox => format!("http://127.0.0.1:{}/", self.port),
        }
    }
}

impl Drop for OwnPage {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Answers any request with the page.
async fn answer(mut connection: TcpStream) -> std::io::Result<()> {
    let mut asked: Vec<u8> = Vec::new();
    let mut part = [0; 1024];
    while !asked.windows(4).any(|end| end == b"\r\n\r\n") {
        match connection.read(&mut part).await? {
            0 => return Ok(()),
            count => asked.extend(part.iter().take(count)),
        }
        // A browser's request is a few hundred bytes; whatever else connects to the port must not fill memory.
        if asked.len() > 16 * 1024 {
            return Ok(());
        }
    }
    // `no-store`: every load does the same work, with a warm cache and with a cold one.
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\ncache-control: no-store\r\n\
         connection: close\r\n\r\n",
        PAGE.len()
    );
    connection.write_all(head.as_bytes()).await?;
    connection.write_all(PAGE.as_bytes()).await?;
    connection.shutdown().await
}

/// Loads the page: seconds after the epoch at its navigation start, and milliseconds to the end of its load event.
async fn load(browser: &Browser, url: &str) -> Result<(f64, f64), CommandError> {
    // In a window of its own, so that the pages' window keeps its history, cache and focus.
    browser.show_own().await?;
    let timed = async {
        browser.load(url).await?;
        let answer = browser.ask(LOAD_TIME, vec![]).await?;
        serde_json::from_value::<(f64, f64)>(answer)
            .map_err(|error| CommandError::Lost(format!("no calibration: {error}")))
    };
    let timed = timed.await;
    browser.show_pages().await?;
    let (origin, millis) = timed?;
    Ok((origin / 1e3, millis))
}

/// The calibration page with the load times measured so far.
#[derive(Debug)]
pub(super) struct Calibrator {
    page: OwnPage,
    every: u32,
    /// Page loads since the calibration page was last loaded.
    since: u32,
    pub(super) seen: Calibration,
}

impl Calibrator {
    pub(super) fn new(page: OwnPage, settings: &CalibrationSettings) -> Self {
        Self {
            page,
            every: settings.every,
            since: 0,
            seen: Calibration {
                limit: settings.limit,
                before: Vec::new(),
                during: Vec::new(),
            },
        }
    }

    /// Measures the browser's speed while nothing else happens.
    pub(super) async fn before(&mut self, browser: &Browser) -> Result<(), ProbeError> {
        let url = self.page.url(browser.engine());
        let failed = |error| ProbeError::failed(NAME, "load the calibration page", error);
        browser.show_own().await.map_err(failed)?;
        // The first load pays for the browser's own start and is not counted.
        browser.load_first(&url).await.map_err(failed)?;
        browser.show_pages().await.map_err(failed)?;
        for _ in 0..BEFORE {
            let (_, millis) = load(browser, &url).await.map_err(failed)?;
            self.seen.before.push(millis);
        }
        Ok(())
    }

    /// Call after each page load: loads the calibration page if it is due. `Err` if the browser was lost over it.
    pub(super) async fn during(&mut self, browser: &Browser, watch: &Watch) -> Result<(), CommandError> {
        self.since += 1;
        if self.since < self.every {
            return Ok(());
        }
        self.since = 0;
        let begun = watch.clock.now().as_secs_f64();
        let (at, load_ms) = match load(browser, &self.page.url(browser.engine())).await {
            Ok((epoch, millis)) => (watch.offset_of_epoch(epoch), Some(millis)),
            // The navigation start is not known, so the load stands at the time at which it was asked for.
            Err(CommandError::Refused(_)) => (begun, None),
            Err(lost @ CommandError::Lost(_)) => {
                let nothing = CalibrationLoad {
                    at: begun,
                    load_ms: None,
                };
                // A load during which the browser died counts as one that never ended.
                self.seen.during.push(nothing);
                return Err(lost);
            }
        };
        self.seen.during.push(CalibrationLoad { at, load_ms });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_page_is_served_whole_and_never_kept() {
        let page = OwnPage::serve().await.unwrap();
        let mut connection = TcpStream::connect(("127.0.0.1", page.port)).await.unwrap();
        connection
            .write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
            .await
            .unwrap();
        let mut text = String::new();
        connection.read_to_string(&mut text).await.unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert_eq!(body, PAGE);
        assert!(head.contains("no-store"), "{head}");
        assert_eq!(page.url(Engine::Chromium), "http://calibration.invalid/");
    }
}
