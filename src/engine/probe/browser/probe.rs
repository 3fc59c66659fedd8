//! Paces the page loads and keeps a browser running for them.

use std::collections::HashSet;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::calibration::{Calibrator, OwnPage};
use super::driver::{Browser, CommandError, Setup};
use super::engine::origin;
use super::gallery::Gallery;
use super::page::{self, LoadDetails, Visit};
use super::process::Programs;
use super::route::Route;
use super::{BrowserJourney, BrowserPage, BrowserSettings};
use crate::evidence::browser::{BrowserObservation, Cache, CacheUse, Exhibit};
use crate::evidence::{Limitation, ProbeKind};
use crate::probe::{ProbeError, Watch};
use crate::record::Window;
use crate::stack::Endpoints;
use crate::timer::RunClock;
use crate::wire::KeptCookie;

const NAME: ProbeKind = ProbeKind::Browser;
/// Failed starts in a row after which the probe gives up.
const MOST_FAILED_STARTS: u32 = 3;
/// Most losses of a browser that are reported in words.
const MOST_LOST: usize = 5;

/// A browser ready to walk its journey.
#[derive(Debug)]
pub(in crate::probe) struct BrowserProbe {
    journey: BrowserJourney,
    front_door: String,
    every: Duration,
    /// Window in which pages are loaded; `None` for the whole run.
    during: Option<Window>,
    /// Page of the first load of the window.
    begin: usize,
    cache: CacheUse,
    pub(super) setup: Setup,
    pub(super) browser: Option<Browser>,
    calibrator: Option<Calibrator>,
    gallery: Gallery,
    /// Status with which the proxy's limiter answers.
    limiter: Option<u16>,
    /// Pages that the browser has loaded since its cache was last empty.
    known: HashSet<String>,
    observation: BrowserObservation,
}

impl BrowserProbe {
    pub(in crate::probe) async fn prepare(
        settings: &BrowserSettings,
        journey: Option<&BrowserJourney>,
        endpoints: &Endpoints,
        cookies: &[KeptCookie],
    ) -> Result<Self, ProbeError> {
        Self::with(Programs::find(settings.engine)?, settings, journey, endpoints, cookies).await
    }

    pub(super) async fn with(
        programs: Programs,
        settings: &BrowserSettings,
        journey: Option<&BrowserJourney>,
        endpoints: &Endpoints,
        cookies: &[KeptCookie],
    ) -> Result<Self, ProbeError> {
        let unavailable = |reason: String, hint: &str| ProbeError::Unavailable {
            probe: NAME,
            reason,
            hint: hint.to_owned(),
        };
        let journey = journey.filter(|journey| !journey.page.is_empty()).ok_or_else(|| {
            let reason = format!("the journey {} has no pages", settings.journey);
            unavailable(reason, "name a journey file that holds `[[page]]`")
        })?;
        let conditions = settings.conditions();
        let plain =
            settings.cache == CacheUse::Warm && conditions.network.is_none() && conditions.cpu_slowdown.is_none();
        if !plain && !settings.engine.has_devtools() {
            let reason = format!(
                "{} can neither empty its cache nor be slowed down",
                settings.engine.name()
            );
            return Err(unavailable(
                reason,
                "leave `cache`, `network` and `cpu-slowdown` out, or use Chromium",
            ));
        }
        if settings.session.is_some() && !settings.engine.has_devtools() {
            let reason = format!("{} takes no cookies before its first page", settings.engine.name());
            return Err(unavailable(
                reason,
                "leave `session` out and log in by a page, or use Chromium",
            ));
        }
        let page = OwnPage::serve().await?;
        let mut way = Route::to(endpoints, settings.engine).await?;
        way.calibration_port = Some(page.port);
        let mut untold = settings.engine.limitations(&way);
        if endpoints.transport.replicas.len() > 1 {
            untold.push(Limitation::FirstReplicaOnly);
        }
        let setup = Setup {
            programs,
            timeout: settings.timeout.get(),
            script: page::note_script(&journey.ready_selectors()),
            cookies: cookies.to_vec(),
            way,
            network: conditions.network.clone(),
            cpu_slowdown: conditions.cpu_slowdown.map(crate::evidence::browser::Factor::get),
        };
        let browser = Browser::start(&setup).await?;
        let mut calibrator = Calibrator::new(page, &settings.calibration);
        let calibrating = settings.calibration.every > 0;
        if calibrating {
            calibrator.before(&browser).await?;
        }
        Ok(Self {
            journey: journey.clone(),
            front_door: endpoints.front_door.clone(),
            limiter: endpoints.limiter.as_ref().map(|limiter| limiter.status),
            // Slots are counted by dividing by this interval.
            every: settings.every.get().max(Duration::from_millis(1)),
            during: None,
            begin: 0,
            cache: settings.cache,
            setup,
            calibrator: calibrating.then_some(calibrator),
            gallery: Gallery::default(),
            known: HashSet::new(),
            observation: BrowserObservation {
                browser: browser.version.clone(),
                conditions,
                untold,
                ..BrowserObservation::default()
            },
            browser: Some(browser),
        })
    }

    /// Restricts the page loads to that window. With a warm cache each page is loaded once beforehand: the first loads
    /// of the window would otherwise measure an empty cache and a server that has never rendered them.
    pub(in crate::probe) async fn during(mut self, during: Window) -> Result<Self, ProbeError> {
        let unjudged = Watch {
            clock: RunClock::starting_in(Duration::ZERO),
            judged: Window {
                start: Duration::ZERO,
                end: Duration::ZERO,
            },
            end: Duration::ZERO,
            stop: CancellationToken::new(),
        };
        if self.cache == CacheUse::Warm {
            let mut primed = true;
            for page in 0..self.journey.page.len() {
                let walked = self.step(&unjudged, page).await?;
                primed &= self.browser.is_some() && !(walked.failed && page < self.journey.again());
            }
            // What comes before the rounds, such as a log-in, is done: an application may refuse it to those who are in.
            self.begin = if primed { self.journey.again() } else { 0 };
            self.observation.loads.clear();
            if let Some(calibrator) = &mut self.calibrator {
                calibrator.seen.during.clear();
            }
        }
        self.during = Some(during);
        Ok(self)
    }

    /// A load that began before the end is measured to its own end: cutting slow loads off would bias the times downwards.
    pub(in crate::probe) async fn observe(mut self, watch: &Watch) -> Result<BrowserObservation, ProbeError> {
        let own = self.during.map(|during| Watch {
            judged: during,
            end: during.end,
            ..watch.clone()
        });
        let watch = own.as_ref().unwrap_or(watch);
        let walked = tokio::select! {
            walked = self.walk(watch) => walked,
            () = watch.stop.cancelled() => Ok(()),
        };
        if let Some(browser) = self.browser.take() {
            browser.end().await;
        }
        self.observation.calibration = self.calibrator.map(|calibrator| calibrator.seen);
        self.observation.exhibits = self.gallery.exhibits;
        walked.map(|()| self.observation)
    }

    async fn walk(&mut self, watch: &Watch) -> Result<(), ProbeError> {
        let start = self.during.map_or(Duration::ZERO, |during| during.start);
        let slots = watch.end.saturating_sub(start).as_nanos();
        // In a window of its own the last load is to end before the window does.
        let slots = match self.during {
            Some(_) => slots / self.every.as_nanos(),
            None => slots.div_ceil(self.every.as_nanos()),
        };
        let slots = u32::try_from(slots).unwrap_or(u32::MAX);
        let (mut slot, mut page, mut failures) = (0, self.begin, 0);
        while slot < slots {
            let due = start + self.every.saturating_mul(slot);
            watch.until(due).await;
            let walked = self.step(watch, page).await?;
            failures = if walked.failed { failures + 1 } else { 0 };
            if self.browser.is_none() {
                self.restart().await?;
                page = 0;
            } else if !walked.again {
                page = self.journey.next(page, failures);
            }
            // A load that overran its slot takes the next ones with it. Catching up would load pages back to back,
            // which costs the system more than planned.
            let next = next_slot(slot, watch.clock.now().saturating_sub(start), self.every);
            self.observation.skipped += next.min(slots).saturating_sub(slot + 1);
            slot = next;
        }
        Ok(())
    }

    /// One slot: a page load, the journey's actions on the page, and the calibration page if it is due. If the browser
    /// was lost, `self.browser` is `None` afterwards.
    async fn step(&mut self, watch: &Watch, position: usize) -> Result<SlotOutcome, ProbeError> {
        if self.browser.is_none() {
            self.restart().await?;
        }
        let page = self.journey.page.get(position).cloned();
        let (Some(page), Some(browser)) = (page, self.browser.take()) else {
            return Ok(SlotOutcome::default());
        };
        // Loads in pairs: first with an empty cache, then with the cache that this filled. Pages before the rounds are
        // not repeated.
        let first = !self.known.contains(&page.name);
        let mut loaded = self.load(&browser, watch, &page).await;
        let mut lost = loaded.lost.then(|| loaded.load.failure.clone().unwrap_or_default());
        // Before the actions: the picture shows the page as it was loaded.
        if lost.is_none() {
            lost = self.show(&browser, watch, &loaded).await.err();
        }
        if lost.is_none() && loaded.load.failure.is_none() {
            match page::interact(&browser, &page, &mut loaded).await {
                Ok(()) => {}
                Err(CommandError::Refused(reason)) => loaded.load.fail(reason),
                Err(CommandError::Lost(reason)) => {
                    loaded.load.fail(reason.clone());
                    lost = Some(reason);
                }
            }
        }
        let failed = loaded.load.failure.is_some();
        self.observation.loads.push(loaded.load);
        if lost.is_none()
            && let Some(calibrator) = &mut self.calibrator
        {
            lost = calibrator
                .during(&browser, watch)
                .await
                .err()
                .map(|error| error.to_string());
        }
        match lost {
            Some(reason) => {
                if self.observation.lost.len() < MOST_LOST {
                    let at = watch.clock.now().as_secs_f64();
                    self.observation.lost.push(format!("{at:.1} s: {reason}"));
                }
                browser.end().await;
            }
            None => self.browser = Some(browser),
        }
        let again = !failed && first && self.cache == CacheUse::Both && position >= self.journey.again();
        Ok(SlotOutcome { failed, again })
    }

    async fn load(&mut self, browser: &Browser, watch: &Watch, page: &BrowserPage) -> LoadDetails {
        let known = self.known.contains(&page.name);
        let empty = match self.cache {
            CacheUse::Warm => false,
            CacheUse::Cold => true,
            CacheUse::Both => !known,
        };
        if empty {
            // If this fails, the load that follows fails too.
            browser.empty_cache(&origin(&self.front_door)).await.ok();
            self.known.clear();
        }
        let url = format!("{}{}", self.front_door, page.path);
        let visit = Visit {
            page,
            url: &url,
            cache: if self.known.contains(&page.name) {
                Cache::Warm
            } else {
                Cache::Cold
            },
            patience_ms: u64::try_from(self.setup.timeout.as_millis()).unwrap_or(u64::MAX),
            script: &self.setup.script,
            limiter: self.limiter,
        };
        let loaded = page::load(browser, watch, &visit).await;
        if loaded.load.failure.is_none() {
            self.known.insert(page.name.clone());
        }
        loaded
    }

    /// Keeps a picture and the requests if the load is to be shown. `Err` if the browser was lost over it.
    async fn show(&mut self, browser: &Browser, watch: &Watch, loaded: &LoadDetails) -> Result<(), String> {
        let load = &loaded.load;
        let judged = self.observation.conditions.judged.holds(load.cache) && watch.judged.contains_secs(load.at);
        let wanted = if judged {
            self.gallery.exhibit_reasons(load)
        } else {
            Vec::new()
        };
        if wanted.is_empty() {
            return Ok(());
        }
        let picture = match browser.picture().await {
            Ok(picture) => picture,
            Err(CommandError::Refused(_)) => None,
            Err(CommandError::Lost(reason)) => return Err(reason),
        };
        for why in wanted {
            self.gallery.hang(Exhibit {
                why,
                page: load.page.clone(),
                at: load.at,
                picture: picture.clone(),
                resources: loaded.resources.clone(),
            });
        }
        Ok(())
    }

    async fn restart(&mut self) -> Result<(), ProbeError> {
        // A new browser has an empty profile.
        self.known.clear();
        let mut attempt = 0;
        loop {
            attempt += 1;
            self.observation.restarts += 1;
            match Browser::start(&self.setup).await {
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

/// Outcome of a slot.
#[derive(Debug, Default)]
struct SlotOutcome {
    failed: bool,
    /// True if the same page is to be loaded again.
    again: bool,
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
