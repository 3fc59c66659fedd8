//! A browser under WebDriver: every command has an end.

use std::time::Duration;

use fantoccini::error::{CmdError, NewSessionError};
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper::http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use url::{ParseError, Url};

use super::BrowserAction;
use super::process::{DriverProcess, Programs};
use super::way::Way;
use crate::probe::ProbeError;

const NAME: &str = "browser";
/// A new browser on a busy machine at idle priority.
const START_PATIENCE: Duration = Duration::from_secs(60);
/// What the driver may take beyond the time-out that it was told.
const GRACE: Duration = Duration::from_secs(5);

/// Switches of every browser: nothing in the background, nothing that is not the page.
const SWITCHES: [&str; 14] = [
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--metrics-recording-only",
    "--mute-audio",
    "--no-default-browser-check",
    "--no-first-run",
    "--window-size=1280,900",
];

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum CommandError {
    /// The page's fault, or the server's: the browser lives.
    #[error("{0}")]
    Refused(String),
    /// The browser or its driver is gone or hangs.
    #[error("{0}")]
    Lost(String),
}

/// A running browser.
#[derive(Debug)]
pub(super) struct Browser {
    client: Client,
    // Only held: dropping it ends the browser.
    _process: DriverProcess,
    patience: Duration,
    /// Name and version: `Chromium 156.0`.
    pub(super) version: String,
}

impl Browser {
    /// Starts one with a fresh profile. `script` runs in every page before the page's own.
    pub(super) async fn start(
        programs: &Programs,
        timeout: Duration,
        script: &str,
        way: &Way,
    ) -> Result<Self, ProbeError> {
        let process = DriverProcess::start(programs).await?;
        let failed = |error: NewSessionError| ProbeError::failed(NAME, "start the browser", error);
        let capabilities = capabilities(programs, &process, timeout, way);
        let mut connector = ClientBuilder::new(HttpConnector::new());
        let connect = connector.capabilities(capabilities).connect(&process.url);
        let client = tokio::time::timeout(START_PATIENCE, connect).await;
        let client = client.map_err(|error| ProbeError::failed(NAME, "start the browser in time", error))?;
        let client = client.map_err(failed)?;
        process.yield_group();
        let browser = Self {
            version: version(client.capabilities()),
            client,
            _process: process,
            patience: timeout,
        };
        let install = AddScript {
            source: script.to_owned(),
        };
        let installed = browser.limited(browser.client.issue_cmd(install)).await;
        installed.map_err(|error| ProbeError::failed(NAME, "prepare the browser", error))?;
        Ok(browser)
    }

    /// Ends it with everything it started. Dropping does the same, but blocks the thread until all are gone.
    pub(super) async fn end(self) {
        tokio::task::spawn_blocking(move || drop(self)).await.ok();
    }

    /// Loads a page until its load event.
    pub(super) async fn load(&self, url: &str) -> Result<(), CommandError> {
        self.limited(self.client.goto(url)).await
    }

    /// Runs a script that calls its last argument with its result.
    pub(super) async fn ask(&self, script: &str, arguments: Vec<Value>) -> Result<Value, CommandError> {
        self.limited(self.client.execute_async(script, arguments)).await
    }

    /// Does one thing on the page, waiting for its element to appear.
    pub(super) async fn act(&self, action: &BrowserAction) -> Result<(), CommandError> {
        let (BrowserAction::Fill { selector, .. }
        | BrowserAction::Click { selector }
        | BrowserAction::WaitFor { selector }) = action;
        let waiting = self
            .client
            .wait()
            .at_most(self.patience)
            .every(Duration::from_millis(100));
        self.limited(async {
            let element = waiting.for_element(Locator::Css(selector)).await?;
            match action {
                BrowserAction::Fill { text, .. } => element.send_keys(text).await,
                BrowserAction::Click { .. } => element.click().await,
                BrowserAction::WaitFor { .. } => Ok(()),
            }
        })
        .await
    }

    async fn limited<T>(&self, command: impl Future<Output = Result<T, CmdError>>) -> Result<T, CommandError> {
        match tokio::time::timeout(self.patience + GRACE, command).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(explain(&error)),
            Err(_) => Err(CommandError::Lost("the browser's driver does not answer".to_owned())),
        }
    }
}

fn explain(error: &CmdError) -> CommandError {
    let CmdError::Standard(standard) = error else {
        return match error {
            CmdError::WaitTimeout => CommandError::Refused("the element did not appear".to_owned()),
            _ => CommandError::Lost(error.to_string()),
        };
    };
    // The driver appends its own version and a stack trace on further lines.
    let words = standard.message.lines().next().unwrap_or_default().to_owned();
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

fn capabilities(programs: &Programs, process: &DriverProcess, timeout: Duration, way: &Way) -> Capabilities {
    let mut switches: Vec<String> = SWITCHES.map(str::to_owned).to_vec();
    switches.push(format!("--user-data-dir={}", process.profile().display()));
    switches.push(format!("--host-resolver-rules={}", way.rules));
    // Chromium refuses its sandbox to root.
    if rustix::process::geteuid().is_root() {
        switches.push("--no-sandbox".to_owned());
    }
    let millis = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
    let wanted = json!({
        "pageLoadStrategy": "normal",
        "acceptInsecureCerts": way.any_certificate,
        "timeouts": { "pageLoad": millis, "script": millis + 2_000, "implicit": 0 },
        "goog:chromeOptions": { "binary": programs.browser, "args": switches },
    });
    match wanted {
        Value::Object(wanted) => wanted.into_iter().collect(),
        _ => Capabilities::new(),
    }
}

fn version(capabilities: Option<&Capabilities>) -> String {
    let text = |key: &str| {
        capabilities
            .and_then(|found| found.get(key))
            .and_then(Value::as_str)
            .unwrap_or("")
    };
    // The driver calls Chromium `chrome`.
    let name = match text("browserName") {
        "" | "chrome" | "chrome-headless-shell" => "Chromium",
        other => other,
    };
    let version: Vec<&str> = text("browserVersion").split('.').take(2).collect();
    format!("{name} {}", version.join("."))
}

/// The driver's own command to run a script in every page before the page's own (Chrome DevTools protocol).
#[derive(Debug)]
struct AddScript {
    source: String,
}

impl WebDriverCompatibleCommand for AddScript {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let body = json!({ "cmd": "Page.addScriptToEvaluateOnNewDocument", "params": { "source": self.source } });
        (Method::POST, Some(body.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_short() {
        let found = json!({ "browserName": "chrome", "browserVersion": "156.0.8078.79" });
        let found: Capabilities = found.as_object().unwrap().clone().into_iter().collect();
        assert_eq!(version(Some(&found)), "Chromium 156.0");
    }

    #[test]
    fn a_lost_driver_is_told_from_a_page_that_fails() {
        let lost = CmdError::Lost(std::io::ErrorKind::BrokenPipe.into());
        assert!(matches!(explain(&lost), CommandError::Lost(_)));
        assert!(matches!(explain(&CmdError::WaitTimeout), CommandError::Refused(_)));
    }
}
