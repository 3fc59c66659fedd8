//! The browser of the browser probe, and its driver.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::Finding;
use crate::probe::browser::{Engine, in_path};

const NAME: &str = "browser";

/// Looks for a browser with a driver of the same version. Without one, a scenario with the browser probe cannot run; others can.
pub(super) fn browser() -> Vec<Finding> {
    let finding = match (pair(Engine::Chromium), pair(Engine::Firefox)) {
        // Chromium first: it is the probe's engine where a scenario names none.
        ((Some(browser), Some(driver)), _) => chromium(&version(&browser), &version(&driver)),
        (_, (Some(browser), Some(driver))) => {
            Finding::ok(NAME, format!("{} with {}", version(&browser), version(&driver)))
        }
        ((browser, driver), _) => {
            let lacking = [("Chromium", browser), ("chromedriver", driver)];
            let lacking: Vec<&str> = lacking
                .iter()
                .filter(|(_, found)| found.is_none())
                .map(|(name, _)| *name)
                .collect();
            Finding::warn(
                NAME,
                format!("{} not in PATH", lacking.join(" and ")),
                "page loads cannot be measured: `diapason setup browser` installs both, or leave `[probes.browser]` out",
            )
        }
    };
    vec![finding]
}

fn pair(engine: Engine) -> (Option<PathBuf>, Option<PathBuf>) {
    let browser = engine.browsers().iter().find_map(|name| in_path(name));
    (browser, in_path(engine.driver()))
}

/// Chromium refuses a driver of another major version.
fn chromium(browser: &str, driver: &str) -> Finding {
    let found = format!("{browser} with {driver}");
    match (major(browser), major(driver)) {
        (Some(browser), Some(driver)) if browser != driver => Finding::warn(
            NAME,
            found,
            format!("install the driver of version {browser}: page loads cannot be measured with another"),
        ),
        (Some(_), Some(_)) => Finding::ok(NAME, found),
        _ => Finding::warn(
            NAME,
            found,
            "start both by hand with `--version`, which shows what they lack",
        ),
    }
}

/// Name and version as a program states them: the first two words.
fn version(program: &PathBuf) -> String {
    let output = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        // Chromium warns there of a missing D-Bus and the like, which says nothing about its version.
        .stderr(Stdio::null())
        .output();
    let stated = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    // A program that cannot be started is told by its path alone; its finding then says to start it by hand.
    let stated = stated.unwrap_or_default();
    let words: Vec<&str> = stated.lines().next().unwrap_or("").split_whitespace().take(2).collect();
    if words.is_empty() {
        program.display().to_string()
    } else {
        words.join(" ")
    }
}

/// The first number of a version: 156 of `Chromium 156.0.8078.79`.
fn major(stated: &str) -> Option<u32> {
    let number = stated
        .split_whitespace()
        .find(|word| word.starts_with(|letter: char| letter.is_ascii_digit()))?;
    number.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::CheckStatus;
    use super::*;

    #[test]
    fn a_driver_must_be_of_the_browsers_version() {
        for (browser, driver, word) in [
            ("Chromium 156.0.8078.79", "ChromeDriver 156.0.8078.79", CheckStatus::Ok),
            ("Chromium 156.0.8078.79", "ChromeDriver 155.1.2.3", CheckStatus::Warn),
            ("/usr/bin/chromium", "ChromeDriver 155.1.2.3", CheckStatus::Warn),
        ] {
            let finding = chromium(browser, driver);
            assert_eq!(finding.word, word, "{finding:?}");
            assert_eq!(finding.remedy.is_some(), word != CheckStatus::Ok);
        }
    }
}
