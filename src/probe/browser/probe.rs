//! Paces the page loads and keeps a browser alive for them.

use std::time::Duration;

use super::driver::Browser;
use super::page;
use super::process::Programs;
use super::way::Way;
use super::{BrowserJourney, BrowserObservation, BrowserSettings};
use crate::probe::{ProbeError, Watch};
use crate::stack::Endpoints;

const NAME: &str = "browser";
/// Starts that may fail in a row before the probe gives up.
const MOST_FAILED_STARTS: u32 = 3;

/// A browser ready to walk its journey.
#[derive(Debug)]
pub(in crate::probe) struct BrowserProbe {
    programs: Programs,
    journey: BrowserJourney,
    front_door: String,
    every: Duration,
    timeout: Duration,
    script: String,
    way: Way,
    browser: Option<Browser>,
    observation: BrowserObservation,
}

impl BrowserProbe {
    pub(in crate::probe) async fn prepare(
        settings: &BrowserSettings,
        journey: Option<&BrowserJourney>,
        endpoints: &Endpoints,
    ) -> Result<Self, ProbeError> {
        let journey = journey
            .filter(|journey| !journey.page.is_empty())
            .ok_or_else(|| ProbeError::Unavailable {
                probe: NAME,
                reason: format!("the journey {} has no pages", settings.journey),
                hint: "name a journey file that holds `[[page]]`".to_owned(),
            })?;
        let programs = Programs::find()?;
        let script = page::note_script(&journey.ready_selectors());
        let timeout = settings.timeout.get();
        let way = Way::to(endpoints);
        let browser = Browser::start(&programs, timeout, &script, &way).await?;
        Ok(Self {
            programs,
            journey: journey.clone(),
            front_door: endpoints.front_door.clone(),
            way,
            every: settings.every.get().max(Duration::from_millis(1)),
            timeout,
            script,
            observation: BrowserObservation {
                browser: browser.version.clone(),
                loads: Vec::new(),
                restarts: 0,
                skipped: 0,
            },
            browser: Some(browser),
        })
    }

    /// A load that began before the end is measured to its own end: to cut slow ones off would flatter.
    pub(in crate::probe) async fn observe(mut self, watch: &Watch) -> Result<BrowserObservation, ProbeError> {
        let walked = tokio::select! {
            walked = self.walk(watch) => walked,
            () = watch.stop.cancelled() => Ok(()),
        };
        if let Some(browser) = self.browser.take() {
            browser.end().await;
        }
        walked.map(|()| self.observation)
    }

    async fn walk(&mut self, watch: &Watch) -> Result<(), ProbeError> {
        let (mut slot, mut page, mut failures) = (0, 0, 0);
        loop {
            let due = self.every.saturating_mul(slot);
            if due >= watch.end {
                return Ok(());
            }
            watch.until(due).await;
            let failed = self.load(watch, page).await?;
            failures = if failed { failures + 1 } else { 0 };
            page = if self.browser.is_none() {
                0
            } else {
                self.journey.next(page, failures)
            };
            if self.browser.is_none() {
                self.restart().await?;
            }
            let next = next_slot(slot, watch.clock.now(), self.every);
            let last = u32::try_from(watch.end.as_nanos().div_ceil(self.every.as_nanos())).unwrap_or(u32::MAX);
            self.observation.skipped += next.min(last).saturating_sub(slot + 1);
            slot = next;
        }
    }

    /// Whether it failed. Leaves no browser where that was lost.
    async fn load(&mut self, watch: &Watch, position: usize) -> Result<bool, ProbeError> {
        if self.browser.is_none() {
            self.restart().await?;
        }
        let (Some(browser), Some(page)) = (&self.browser, self.journey.page.get(position)) else {
            return Ok(true);
        };
        let url = format!("{}{}", self.front_door, page.path);
        let patience = u64::try_from(self.timeout.as_millis()).unwrap_or(u64::MAX);
        let loaded = page::load(browser, watch, page, &url, patience).await;
        let lost = if loaded.is_err() { self.browser.take() } else { None };
        if let Some(lost) = lost {
            lost.end().await;
        }
        let load = loaded.unwrap_or_else(|load| load);
        let failed = load.failure.is_some();
        self.observation.loads.push(load);
        Ok(failed)
    }

    async fn restart(&mut self) -> Result<(), ProbeError> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            self.observation.restarts += 1;
            match Browser::start(&self.programs, self.timeout, &self.script, &self.way).await {
                Ok(browser) => {
                    self.browser = Some(browser);
                    return Ok(());
                }
                Err(error) if attempt == MOST_FAILED_STARTS => return Err(error),
                Err(_) => tokio::time::sleep(Duration::from_millis(500)).await,
            }
        }
    }
}

/// The first slot after `slot` that has not begun yet.
fn next_slot(slot: u32, now: Duration, every: Duration) -> u32 {
    let begun = u32::try_from(now.as_nanos() / every.as_nanos()).unwrap_or(u32::MAX - 1);
    (begun + 1).max(slot + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_that_overruns_takes_the_slots_it_overran() {
        let every = Duration::from_secs(4);
        let next = |slot, millis| next_slot(slot, Duration::from_millis(millis), every);
        assert_eq!(next(0, 900), 1, "in time");
        assert_eq!(next(1, 8_000), 3, "the second slot's turn has come: it is skipped");
        assert_eq!(next(1, 7_999), 2);
        assert_eq!(next(1, 16_500), 5, "slots 2, 3 and 4 are skipped");
        assert_eq!(next(5, 19_999), 6, "woken early");
    }
}
