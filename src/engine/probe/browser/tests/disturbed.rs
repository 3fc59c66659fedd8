//! Tests with a browser or driver that dies or hangs during a load.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio_util::sync::CancellationToken;

use super::{Site, beside, journey, prepare, settings, watch};
use crate::evidence::browser::{BrowserObservation, PageLoad};
use crate::probe::Watch;
use crate::probe::browser::family::family;
use crate::probe::browser::probe::BrowserProbe;

/// Process of the driver and folder of the profile.
fn process(probe: &BrowserProbe) -> (Pid, std::path::PathBuf) {
    let process = probe.browser.as_ref().unwrap().process();
    (process.pid(), process.profile().to_owned())
}

/// Runs a probe whose browser is disturbed while its second load is certainly in progress: the site holds a part of the page back.
async fn disturbed(timeout: &str, disturb: impl FnOnce(Pid, &std::path::Path)) -> BrowserObservation {
    let site = Site::serve().await;
    let more = format!("every = \"500ms\"\ntimeout = \"{timeout}\"\ncalibration = {{ every = 0 }}");
    let probe = prepare(&site, &settings(&more), &journey("path = \"/held\"")).await;
    let (driver, profile) = process(&probe);
    let (watch, stop) = (watch(60.0), CancellationToken::new());
    let watch = Watch {
        stop: stop.clone(),
        ..watch
    };
    let observing = tokio::spawn(async move { probe.observe(&watch).await });
    let deadline = tokio::time::Instant::now() + Duration::from_secs(50);
    let loading = async |loads| {
        while site.hits("/held.js") < loads && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    loading(2).await;
    disturb(driver, &profile);
    loading(4).await;
    stop.cancel();
    let seen = observing.await.unwrap().unwrap();
    assert!(site.hits("/held.js") >= 4, "it goes on: {seen:?}");
    assert_eq!(family(driver, Some(&profile)), [], "nothing is left");
    assert!(!profile.exists());
    seen
}

fn failures(seen: &BrowserObservation) -> Vec<&PageLoad> {
    seen.loads.iter().filter(|load| load.failure.is_some()).collect()
}

#[tokio::test]
async fn a_browser_that_dies_is_started_again_and_counted() {
    let _beside = beside().await;
    let seen = disturbed("5s", |driver, profile| {
        for pid in family(driver, Some(profile)) {
            kill_process(pid, Signal::KILL).ok();
        }
    })
    .await;
    assert_eq!(
        (seen.restarts, failures(&seen).len(), seen.lost.len()),
        (1, 1, 1),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_driver_that_dies_takes_its_browser_with_it_and_is_started_again() {
    let _beside = beside().await;
    let seen = disturbed("5s", |driver, _| kill_process(driver, Signal::KILL).unwrap()).await;
    assert_eq!(
        (seen.restarts, failures(&seen).len(), seen.lost.len()),
        (1, 1, 1),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_driver_that_hangs_is_given_up_and_named() {
    let _beside = beside().await;
    let seen = disturbed("1s", |driver, _| kill_process(driver, Signal::STOP).unwrap()).await;
    assert_eq!((seen.restarts, seen.lost.len()), (1, 1), "{seen:?}");
    let words = &seen.lost[0];
    assert!(
        words.contains("chromedriver did not ") && words.ends_with(" within 6 s"),
        "{words}"
    );
}
