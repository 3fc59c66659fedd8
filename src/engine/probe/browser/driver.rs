//! A browser under WebDriver. Every command has a time-out.

use std::time::Duration;

use fantoccini::error::{CmdError, NewSessionError};
use fantoccini::wd::{TimeoutConfiguration, WebDriverCompatibleCommand, WindowHandle};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper::http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde::Deserialize;
use serde_json::{Value, json};
use url::{ParseError, Url};

use super::process::{DriverProcess, Programs};
use super::route::Route;
use super::{BrowserAction, Engine, engine};
use crate::evidence::ProbeKind;
use crate::evidence::browser::NetworkProfile;
use crate::probe::ProbeError;
use crate::wire::KeptCookie;

const NAME: ProbeKind = ProbeKind::Browser;
/// Time-out of a start: a new browser on a busy machine starts at idle priority.
const START_PATIENCE: Duration = Duration::from_secs(60);
/// Time that the driver may take beyond the time-out given to it.
const GRACE: Duration = Duration::from_secs(5);

/// Cause of a failed command.
#[derive(Debug, thiserror::Error)]
pub(super) enum CommandError {
    /// The page or the server failed; the browser still runs.
    #[error("{0}")]
    Refused(String),
    /// The browser or its driver is gone or hangs.
    #[error("{0}")]
    Lost(String),
}

/// Start options of every browser of a run.
#[derive(Debug, Clone)]
pub(super) struct Setup {
    pub(super) programs: Programs,
    /// Longest time that a page, and so a command, may take.
    pub(super) timeout: Duration,
    /// Script that runs in every page before the page's own scripts.
    pub(super) script: String,
    /// Cookies that the browser begins with.
    pub(super) cookies: Vec<KeptCookie>,
    pub(super) way: Route,
    pub(super) network: Option<NetworkProfile>,
    pub(super) cpu_slowdown: Option<f64>,
}

/// A running browser with two windows: one for the measured pages, one for the calibration page.
#[derive(Debug)]
pub(super) struct Browser {
    client: Client,
    process: DriverProcess,
    patience: Duration,
    engine: Engine,
    pages: WindowHandle,
    own: WindowHandle,
    /// Name and version: `Chromium 156.0`.
    pub(super) version: String,
}

/// One error on the console.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct ConsoleEntry {
    /// Source of the entry: `console-api`, `javascript`, `network`.
    pub(super) source: String,
    pub(super) message: String,
    /// Milliseconds after the epoch.
    pub(super) timestamp: f64,
}

/// Limits of a page load and of the script that waits for it, which answers by itself after `page`.
fn timeouts(page: Duration) -> TimeoutConfiguration {
    // No implicit wait: `act` waits for its element itself.
    TimeoutConfiguration::new(Some(page + Duration::from_secs(2)), Some(page), Some(Duration::ZERO))
}

impl Browser {
    /// Starts a browser with a fresh profile.
    pub(super) async fn start(setup: &Setup) -> Result<Self, ProbeError> {
        let process = DriverProcess::start(&setup.programs).await?;
        let failed = |error: NewSessionError| ProbeError::failed(NAME, "start the browser", error);
        let engine = setup.programs.engine;
        let capabilities = engine.capabilities(&setup.programs.browser, process.profile(), &setup.way);
        // The driver listens on loopback alone and speaks no TLS.
        let mut connector = ClientBuilder::new(HttpConnector::new());
        let connect = connector.capabilities(capabilities).connect(&process.url);
        let client = tokio::time::timeout(START_PATIENCE, connect).await;
        let client = client.map_err(|error| ProbeError::failed(NAME, "start the browser in time", error))?;
        let client = client.map_err(failed)?;
        // The browser's processes exist only now.
        process.yield_group();
        let windows = tokio::time::timeout(START_PATIENCE, async {
            let pages = client.window().await?;
            let own = client.new_window(false).await?.handle;
            // Only now: the time-out of pages may be shorter than a busy machine takes to open a window.
            client.update_timeouts(timeouts(setup.timeout)).await?;
            Ok::<_, CmdError>((pages, own))
        });
        let windows = windows
            .await
            .map_err(|error| ProbeError::failed(NAME, "open the browser's windows in time", error))?;
        let (pages, own) = windows.map_err(|error| ProbeError::failed(NAME, "open the browser's windows", error))?;
        let browser = Self {
            version: engine::version(client.capabilities()),
            client,
            process,
            patience: setup.timeout,
            engine,
            pages,
            own,
        };
        let prepared = browser.prepare(setup).await;
        prepared.map_err(|error| ProbeError::failed(NAME, "prepare the browser", error))?;
        Ok(browser)
    }

    async fn prepare(&self, setup: &Setup) -> Result<(), CommandError> {
        self.show_pages().await?;
        if !self.engine.has_devtools() {
            return Ok(());
        }
        let script = json!({ "source": setup.script });
        self.devtools("Page.addScriptToEvaluateOnNewDocument", script).await?;
        for cookie in &setup.cookies {
            self.set_cookie(cookie).await?;
        }
        if let Some(network) = &setup.network {
            // The network conditions hold only while requests are watched.
            self.devtools("Network.enable", json!({})).await?;
            let upload = network.upload.unwrap_or(network.download);
            let conditions = json!({
                "offline": false,
                "latency": network.latency.as_millis_f64(),
                "downloadThroughput": network.download.bytes_per_second(),
                "uploadThroughput": upload.bytes_per_second(),
            });
            self.devtools("Network.emulateNetworkConditions", conditions).await?;
        }
        if let Some(rate) = setup.cpu_slowdown {
            self.slow_down(rate).await?;
        }
        Ok(())
    }

    async fn set_cookie(&self, cookie: &KeptCookie) -> Result<(), CommandError> {
        let answer = self.devtools("Network.setCookie", cookie_parameters(cookie)).await?;
        if answer.get("success").and_then(Value::as_bool) == Some(false) {
            return Err(CommandError::Refused(format!(
                "the browser takes no cookie `{}`",
                cookie.name
            )));
        }
        Ok(())
    }

    /// Makes the scripts of the current window run slower by the factor `rate`.
    pub(super) async fn slow_down(&self, rate: f64) -> Result<(), CommandError> {
        let rate = json!({ "rate": rate });
        self.devtools("Emulation.setCPUThrottlingRate", rate).await.map(drop)
    }

    /// Ends the browser with every process it started. Dropping does the same, but blocks the thread until all are gone.
    pub(super) async fn end(self) {
        let process = self.process;
        // Ending the processes waits for them; the load shares this machine and must not.
        tokio::task::spawn_blocking(move || drop(process)).await.ok();
    }

    /// The browser's engine.
    pub(super) fn engine(&self) -> Engine {
        self.engine
    }

    /// Process of the driver.
    #[cfg(test)]
    pub(super) fn process(&self) -> &DriverProcess {
        &self.process
    }

    /// Switches to the window of the measured pages.
    pub(super) async fn show_pages(&self) -> Result<(), CommandError> {
        let switched = self.client.switch_to_window(self.pages.clone());
        self.limited("switch windows", switched).await
    }

    /// Switches to the window of the calibration page.
    pub(super) async fn show_own(&self) -> Result<(), CommandError> {
        let switched = self.client.switch_to_window(self.own.clone());
        self.limited("switch windows", switched).await
    }

    /// Loads the first page of a new browser. It starts a renderer, which on a busy machine outlasts the time-out of pages.
    pub(super) async fn load_first(&self, url: &str) -> Result<(), CommandError> {
        self.within(START_PATIENCE, "load its first page", async {
            self.client.update_timeouts(timeouts(START_PATIENCE)).await?;
            self.client.goto(url).await?;
            self.client.update_timeouts(timeouts(self.patience)).await.map(drop)
        })
        .await
    }

    /// Loads a page until its load event.
    pub(super) async fn load(&self, url: &str) -> Result<(), CommandError> {
        self.limited("load the page", self.client.goto(url)).await
    }

    /// Runs a script that calls its last argument with its result.
    pub(super) async fn ask(&self, script: &str, arguments: Vec<Value>) -> Result<Value, CommandError> {
        let asked = self.client.execute_async(script, arguments);
        self.limited("run a script", asked).await
    }

    /// Performs one action on the page, waiting for its element to appear.
    pub(super) async fn act(&self, action: &BrowserAction) -> Result<(), CommandError> {
        let (BrowserAction::Fill { selector, .. }
        | BrowserAction::Click { selector }
        | BrowserAction::WaitFor { selector }) = action;
        // Actions are not part of the load time, so the coarse interval costs no precision.
        let waiting = self
            .client
            .wait()
            .at_most(self.patience)
            .every(Duration::from_millis(100));
        self.limited(&action.to_string(), async {
            let element = waiting.for_element(Locator::Css(selector)).await?;
            match action {
                BrowserAction::Fill { text, .. } => element.send_keys(text).await,
                BrowserAction::Click { .. } => element.click().await,
                BrowserAction::WaitFor { .. } => Ok(()),
            }
        })
        .await
    }

    /// Clears the HTTP cache, and the cache storage and service workers of that origin. A login survives.
    pub(super) async fn empty_cache(&self, origin: &str) -> Result<(), CommandError> {
        self.devtools("Network.clearBrowserCache", json!({})).await?;
        // Cookies and local storage stay: a user with an empty cache is still logged in.
        let kept = json!({ "origin": origin, "storageTypes": "cache_storage,service_workers" });
        self.devtools("Storage.clearDataForOrigin", kept).await.map(drop)
    }

    /// Errors written to the console since the last call; `None` if the browser does not report them.
    pub(super) async fn console(&self) -> Result<Option<Vec<ConsoleEntry>>, CommandError> {
        if !self.engine.has_devtools() {
            return Ok(None);
        }
        let log = Post::new("se/log", json!({ "type": "browser" }));
        let entries = self.limited("read the console", self.client.issue_cmd(log)).await?;
        let entries = serde_json::from_value(entries);
        entries
            .map(Some)
            .map_err(|error| CommandError::Refused(format!("the console is not understood: {error}")))
    }

    /// Screenshot of the page at half its size, as a `data:` URI; `None` if the browser takes none that small.
    pub(super) async fn picture(&self) -> Result<Option<String>, CommandError> {
        if !self.engine.has_devtools() {
            return Ok(None);
        }
        // Half size and WebP, since pictures are embedded in the report.
        let clip = json!({ "x": 0, "y": 0, "width": 1280, "height": 900, "scale": 0.5 });
        let wanted = json!({ "format": "webp", "quality": 45, "clip": clip });
        let taken = self.devtools("Page.captureScreenshot", wanted).await?;
        let data = taken.get("data").and_then(Value::as_str);
        Ok(data.map(|data| format!("data:image/webp;base64,{data}")))
    }

    /// Sends a command of the Chrome DevTools protocol to the current window.
    async fn devtools(&self, command: &str, parameters: Value) -> Result<Value, CommandError> {
        let post = Post::new("goog/cdp/execute", json!({ "cmd": command, "params": parameters }));
        self.limited(command, self.client.issue_cmd(post)).await
    }

    async fn limited<T>(
        &self,
        what: &str,
        command: impl Future<Output = Result<T, CmdError>>,
    ) -> Result<T, CommandError> {
        self.within(self.patience + GRACE, what, command).await
    }

    async fn within<T>(
        &self,
        patience: Duration,
        what: &str,
        command: impl Future<Output = Result<T, CmdError>>,
    ) -> Result<T, CommandError> {
        match tokio::time::timeout(patience, command).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(explain(&error)),
            Err(_) => Err(CommandError::Lost(format!(
                "{} did not {what} within {} s",
                self.engine.driver(),
                patience.as_secs_f64()
            ))),
        }
    }
}

/// Parameters of the DevTools command that sets the cookie.
fn cookie_parameters(cookie: &KeptCookie) -> Value {
    // A secure cookie is set as its server did, or may on this machine itself. Ports do not count for cookies.
    let scheme = if cookie.secure { "https" } else { "http" };
    let mut parameters = json!({
        "name": cookie.name,
        "value": cookie.value,
        "url": format!("{scheme}://{}{}", cookie.host, cookie.path),
        "path": cookie.path,
        "secure": cookie.secure,
        "httpOnly": cookie.http_only,
    });
    if let Some(domain) = &cookie.domain {
        parameters["domain"] = json!(domain);
    }
    if let Some(left) = cookie.left {
        let end = jiff::Timestamp::now().as_second() as f64 + left.as_secs_f64();
        parameters["expires"] = json!(end);
    }
    parameters
}

fn explain(error: &CmdError) -> CommandError {
    let CmdError::Standard(standard) = error else {
        return match error {
            CmdError::WaitTimeout => CommandError::Refused("the element did not appear".to_owned()),
            _ => CommandError::Lost(format!("the browser or its driver is gone: {error}")),
        };
    };
    // The driver appends its own version and a stack trace on further lines.
    let words = standard.message.lines().next().unwrap_or_default().to_owned();
    // WebDriver has no error code for a browser that died, so the driver's words are the only sign.
    let dead = [
        "disconnected",
        "not reachable",
        "crashed",
        "no such window",
        "invalid session id",
        "closed",
    ];
    if error.is_invalid_session_id() || error.is_no_such_window() || dead.iter().any(|sign| words.contains(sign)) {
        CommandError::Lost(words)
    } else {
        CommandError::Refused(words)
    }
}

/// A command specific to the driver, in addition to those of WebDriver.
#[derive(Debug)]
struct Post {
    path: &'static str,
    body: Value,
}

impl Post {
    fn new(path: &'static str, body: Value) -> Self {
        Self { path, body }
    }
}

impl WebDriverCompatibleCommand for Post {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_driver_is_told_from_a_page_that_fails() {
        let lost = CmdError::Lost(std::io::ErrorKind::BrokenPipe.into());
        assert!(matches!(explain(&lost), CommandError::Lost(_)));
        assert!(matches!(explain(&CmdError::WaitTimeout), CommandError::Refused(_)));
    }
}
