//! The two supported browsers: start options of each, and the figures that each lacks.

use std::path::Path;

use fantoccini::wd::Capabilities;
use serde_json::{Value, json};
use url::Url;

use super::Engine;
use super::route::{Route, Trust};
use crate::evidence::Limitation;

/// Switches of every Chromium: no background activity, nothing but the page. With the pipe, Chromium ends by itself
/// when its driver ends.
const SWITCHES: [&str; 15] = [
    "--headless=new",
    "--remote-debugging-pipe",
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

impl Engine {
    /// File name of the driver.
    pub fn driver(self) -> &'static str {
        match self {
            Self::Chromium => "chromedriver",
            Self::Firefox => "geckodriver",
        }
    }

    /// Display name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Chromium => "Chromium",
            Self::Firefox => "Firefox",
        }
    }

    /// File names of the browser, most preferred first.
    pub fn browsers(self) -> &'static [&'static str] {
        match self {
            Self::Chromium => &[
                "chromium",
                "chromium-browser",
                "google-chrome",
                "google-chrome-stable",
                "chrome",
            ],
            Self::Firefox => &["firefox", "firefox-esr"],
        }
    }

    /// True if the engine has Chromium's commands in addition to WebDriver's: scripts before the page's own, network
    /// and CPU profiles, clearing the cache, the console, small pictures.
    pub(super) fn has_devtools(self) -> bool {
        self == Self::Chromium
    }

    /// Limitations of page loads in this engine when it reaches the front door that way.
    pub(super) fn limitations(self, way: &Route) -> Vec<Limitation> {
        let of_engine: &[Limitation] = match self {
            Self::Chromium => &[],
            Self::Firefox => &[
                Limitation::NoShiftsTasksAndConsole,
                Limitation::ReadyAfterLoad,
                Limitation::NoPictures,
            ],
        };
        let of_way = match (self, &way.trust) {
            (_, Trust::Known | Trust::Pinned(_)) => None,
            (Self::Chromium, Trust::Anyone) => Some(Limitation::UntrustedNotCached),
            (Self::Firefox, Trust::Anyone) => Some(Limitation::AnyCertificateAccepted),
        };
        of_engine.iter().cloned().chain(of_way).collect()
    }

    /// WebDriver capabilities to request from the driver.
    pub(super) fn capabilities(self, browser: &Path, profile: &Path, way: &Route) -> Capabilities {
        let own = match self {
            Self::Chromium => ("goog:chromeOptions", chromium(browser, profile, way)),
            Self::Firefox => ("moz:firefoxOptions", firefox(browser, profile, way)),
        };
        let mut wanted = json!({
            "pageLoadStrategy": "normal",
            "acceptInsecureCerts": way.trust == Trust::Anyone,
            (own.0): own.1,
        });
        if self.has_devtools() {
            // Errors alone: the report counts nothing else of the console.
            wanted["goog:loggingPrefs"] = json!({ "browser": "SEVERE" });
        }
        match wanted {
            Value::Object(wanted) => wanted.into_iter().collect(),
            _ => Capabilities::new(),
        }
    }
}

fn chromium(browser: &Path, profile: &Path, way: &Route) -> Value {
    let mut switches: Vec<String> = SWITCHES.map(str::to_owned).to_vec();
    switches.push(format!("--user-data-dir={}", profile.display()));
    switches.push(format!("--host-resolver-rules={}", way.resolver_rules()));
    // Chromium heeds this list only beside a `--user-data-dir`.
    if let Trust::Pinned(pin) = &way.trust {
        switches.push(format!("--ignore-certificate-errors-spki-list={pin}"));
    }
    // Chromium refuses its sandbox to root.
    if rustix::process::geteuid().is_root() {
        switches.push("--no-sandbox".to_owned());
    }
    json!({ "binary": browser, "args": switches })
}

fn firefox(browser: &Path, profile: &Path, way: &Route) -> Value {
    let mut preferences = json!({
        // A proxy configuration inside the browser: requests to other hosts than the front door and the calibration page fail.
        "network.proxy.type": 2,
        "network.proxy.autoconfig_url": way.proxy_script(),
        "network.proxy.allow_hijacking_localhost": true,
        "network.proxy.failover_direct": false,
        "network.http.http3.enable": false,
        "network.captive-portal-service.enabled": false,
        "network.connectivity-service.enabled": false,
        "network.prefetch-next": false,
        "app.update.enabled": false,
        "browser.shell.checkDefaultBrowser": false,
        "datareporting.policy.dataSubmissionEnabled": false,
        "toolkit.telemetry.server": "",
    });
    if let Some(address) = way.address {
        preferences["network.dns.forceResolve"] = json!(address.to_string());
    }
    json!({
        "binary": browser,
        "args": ["-headless", "-profile", profile, "-width", "1280", "-height", "900"],
        "prefs": preferences,
    })
}

/// `Chromium 156.0`.
pub(super) fn version(capabilities: Option<&Capabilities>) -> String {
    let text = |key: &str| {
        capabilities
            .and_then(|found| found.get(key))
            .and_then(Value::as_str)
            .unwrap_or("")
    };
    // The drivers call Chromium `chrome` and Firefox `firefox`.
    let name = match text("browserName") {
        "" | "chrome" | "chrome-headless-shell" => "Chromium",
        "firefox" => "Firefox",
        other => other,
    };
    let version: Vec<&str> = text("browserVersion").split('.').take(2).collect();
    format!("{name} {}", version.join("."))
}

/// Scheme, host and port of a URL.
pub(super) fn origin(url: &str) -> String {
    Url::parse(url).map_or_else(|_| url.to_owned(), |url| url.origin().ascii_serialization())
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
    fn a_verified_key_is_pinned_and_nothing_else_is_taken() {
        let mut way = Route::example();
        let mut ask = |trust: Trust| {
            way.trust = trust;
            let asked = Engine::Chromium.capabilities(Path::new("/browser"), Path::new("/profile"), &way);
            let switches = asked["goog:chromeOptions"]["args"].to_string();
            let pinned = switches.contains("--ignore-certificate-errors-spki-list=a2V5\"");
            let any = asked["acceptInsecureCerts"] == json!(true);
            (pinned, any, Engine::Chromium.limitations(&way).len())
        };
        assert_eq!(ask(Trust::Known), (false, false, 0));
        assert_eq!(ask(Trust::Pinned("a2V5".to_owned())), (true, false, 0));
        assert_eq!(ask(Trust::Anyone), (false, true, 1));
    }

    #[test]
    fn each_browser_finds_the_front_door_alone() {
        let way = Route::example();
        let ask = |engine: Engine| {
            let asked = engine.capabilities(Path::new("/browser"), Path::new("/profile"), &way);
            serde_json::to_value(asked).unwrap()
        };
        let chromium = ask(Engine::Chromium);
        let switches = chromium["goog:chromeOptions"]["args"].to_string();
        assert!(switches.contains("MAP * ~NOTFOUND") && switches.contains("--user-data-dir=/profile"));
        let firefox = ask(Engine::Firefox);
        let preferences = &firefox["moz:firefoxOptions"]["prefs"];
        assert_eq!(preferences["network.proxy.type"], 2);
        assert!(firefox.get("goog:loggingPrefs").is_none());
    }
}
