//! Tests of the probe with a real Chromium, on pages whose figures are known.

mod disturbed;
mod secure;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex as StdMutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use tokio_util::sync::CancellationToken;

use super::probe::BrowserProbe;
use super::process::Programs;
use super::{BrowserJourney, BrowserSettings, Engine};
use crate::evidence::browser::{BrowserObservation, Cache, ExhibitReason};
use crate::probe::Watch;
use crate::record::Window;
use crate::stack::Endpoints;
use crate::timer::RunClock;
use crate::wire::{KeptCookie, Transport};

static BROWSERS: RwLock<()> = RwLock::const_new(());

/// Held by a test that measures time: no other browser runs beside it.
async fn alone() -> RwLockWriteGuard<'static, ()> {
    BROWSERS.write().await
}

/// Held by a test whose answer does not depend on how fast the browser is.
async fn beside() -> RwLockReadGuard<'static, ()> {
    BROWSERS.read().await
}

/// A page whose script comes 600 ms late, and which then fails in countable ways.
const KNOWN: &str = r#"<!doctype html><title>Known</title><link rel="icon" href="data:,">
<script src="/late.js"></script>
<h1 id="head">Known</h1>
<button id="work" onclick="busy(160)">Work</button>
<img src="/missing.png" alt="">
<script>
function busy(millis) { const begun = performance.now(); while (performance.now() - begun < millis); }
console.error('said aloud');
addEventListener('load', () => setTimeout(async () => {
    await (await fetch('/api/items/17?secret=1')).json();
    busy(250);
    const block = document.createElement('div');
    block.style.height = '300px';
    document.body.prepend(block);
    setTimeout(() => { document.body.dataset.shown = 'yes'; throw new Error('caught by nobody'); }, 60);
}, 100));
</script>"#;

const CACHED: &str =
    r#"<!doctype html><title>Cached</title><link rel="icon" href="data:,"><script src="/kept.js"></script>"#;

/// About a second at 800 kbps.
const HEAVY: &str = r#"<!doctype html><title>Heavy</title><link rel="icon" href="data:,"><img src="/100k.svg" alt="">
<script>let state = 1; for (let step = 0; step < 2e7; step++) state = (Math.imul(state, 1664525) + 1013904223) | 0;
document.body.dataset.worked = performance.now() + state * 0;</script>"#;

/// A page whose script is answered at once, the second time never.
const HELD: &str =
    r#"<!doctype html><title>Held</title><link rel="icon" href="data:,"><script src="/held.js"></script>"#;

/// A page for those who have a session, which shows what its scripts see of the cookies.
const MEMBERS: &str = r#"<!doctype html><title>Members</title><link rel="icon" href="data:,">
<script>addEventListener('load', () => document.body.dataset.seen = document.cookie);</script>"#;

type Hits = Arc<StdMutex<BTreeMap<String, u32>>>;

struct Site {
    url: String,
    hits: Hits,
}

impl Site {
    async fn serve() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let hits = Hits::default();
        let counted = Arc::clone(&hits);
        tokio::spawn(async move {
            loop {
                let (connection, _) = listener.accept().await.unwrap();
                tokio::spawn(answer(connection, Arc::clone(&counted)));
            }
        });
        Self { url, hits }
    }

    fn hits(&self, path: &str) -> u32 {
        self.hits.lock().unwrap().get(path).copied().unwrap_or(0)
    }

    fn endpoints(&self) -> Endpoints {
        Endpoints {
            front_door: self.url.clone(),
            transport: Transport::default(),
            ready_path: "/".to_owned(),
            containers: Vec::new(),
            database: None,
            client_addresses: None,
            limiter: None,
        }
    }
}

async fn answer(mut connection: impl AsyncRead + AsyncWrite + Unpin, hits: Hits) -> Option<()> {
    let mut text = String::new();
    while !text.contains("\r\n\r\n") {
        let mut part = [0; 4096];
        let count = connection.read(&mut part).await.ok().filter(|count| *count > 0)?;
        text.push_str(&String::from_utf8_lossy(&part[..count]));
    }
    let path = text.split(' ').nth(1)?.split('?').next()?.to_owned();
    let headers = text.lines().filter_map(|line| line.split_once(": "));
    let mut cookies = headers.filter(|(name, _)| name.eq_ignore_ascii_case("cookie"));
    let cookie = cookies.next().map(|(_, value)| value.to_owned());
    let hit = {
        let mut hits = hits.lock().unwrap();
        let hit = hits.entry(path.clone()).or_default();
        *hit += 1;
        *hit
    };
    let (status, kind, body) = match path.as_str() {
        "/known" => (200, "text/html", KNOWN.to_owned()),
        "/cached" => (200, "text/html", CACHED.to_owned()),
        "/heavy" => (200, "text/html", HEAVY.to_owned()),
        "/held" => (200, "text/html", HELD.to_owned()),
        "/members" if cookie.as_deref() == Some("sid=s1; theme=dark") => (200, "text/html", MEMBERS.to_owned()),
        "/held.js" if hit == 2 => std::future::pending().await,
        "/held.js" => (200, "text/javascript", String::new()),
        "/late.js" => {
            tokio::time::sleep(Duration::from_millis(600)).await;
            (200, "text/javascript", String::new())
        }
        "/kept.js" => (200, "text/javascript", "window.kept = true;".repeat(500)),
        "/100k.svg" => {
            let filler = "<!-- nothing -->".repeat(6_250);
            let image = format!("<svg xmlns=\"http://www.w3.org/2000/svg\">{filler}</svg>");
            (200, "image/svg+xml", image)
        }
        "/api/items/17" => {
            tokio::time::sleep(Duration::from_millis(150)).await;
            (200, "application/json", "{}".to_owned())
        }
        _ => (404, "text/plain", "not here".to_owned()),
    };
    let kept = if path == "/kept.js" { "max-age=600" } else { "no-store" };
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\ncache-control: {kept}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    connection.write_all(head.as_bytes()).await.ok()?;
    connection.write_all(body.as_bytes()).await.ok()?;
    connection.shutdown().await.ok()
}

fn journey(page: &str) -> BrowserJourney {
    let text = format!("name = \"a\"\ndescription = \"b\"\n[[page]]\nname = \"page\"\n{page}");
    BrowserJourney::parse(&text).unwrap()
}

fn settings(more: &str) -> BrowserSettings {
    toml::from_str(&format!("journey = \"a\"\n{more}")).unwrap()
}

fn watch(seconds: f64) -> Watch {
    let end = Duration::from_secs_f64(seconds);
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

async fn prepare(site: &Site, settings: &BrowserSettings, journey: &BrowserJourney) -> BrowserProbe {
    let prepared = BrowserProbe::prepare(settings, Some(journey), &site.endpoints(), &[]).await;
    prepared.unwrap()
}

async fn observe(site: &Site, more: &str, page: &str, seconds: f64) -> BrowserObservation {
    let probe = prepare(site, &settings(more), &journey(page)).await;
    probe.observe(&watch(seconds)).await.unwrap()
}

fn within(value: Option<f64>, least: f64, most: f64) {
    let value = value.unwrap();
    assert!(
        (least..=most).contains(&value),
        "{value} is not within {least} to {most}"
    );
}

#[tokio::test]
async fn a_page_with_known_figures_is_measured_as_what_it_is() {
    let _alone = alone().await;
    let site = Site::serve().await;
    let page = "path = \"/known\"\nready = \"body[data-shown]\"\nthen = [{ click = { selector = \"#work\" } }]";
    let begun = Instant::now();
    let seen = observe(&site, "every = \"1s\"\ncalibration = { every = 0 }", page, 0.5).await;
    // The time beyond what the page asks for depends on the machine.
    let whole = begun.elapsed().as_secs_f64() * 1e3;
    let [load] = &seen.loads[..] else { panic!("{seen:?}") };
    assert_eq!(load.failure, None);
    within(load.load_ms, 600.0, whole);
    // Nothing is painted before the script, which comes 600 ms late.
    within(load.fcp_ms, 600.0, whole);
    within(load.lcp_ms, 600.0, whole);
    // The load event, 100 ms, an answer after 150 ms, 250 ms of work, 60 ms.
    within(
        load.ready_ms.zip(load.load_ms).map(|(ready, load)| ready - load),
        560.0,
        whole,
    );
    within(load.blocking_ms, 200.0, load.ready_ms.unwrap());
    assert!(load.long_tasks >= Some(1), "{load:?}");
    within(load.inp_ms, 160.0, whole);
    within(load.layout_shift, 0.02, 1.0);
    assert_eq!(
        (load.failed_requests, load.console_errors),
        (Some(1), Some(2)),
        "{load:?}"
    );
    let messages = load.messages.join("\n");
    for words in ["/missing.png answered 404", "said aloud", "caught by nobody"] {
        assert!(messages.contains(words), "{messages}");
    }
    let [call] = &load.calls[..] else { panic!("{load:?}") };
    assert_eq!((call.path.as_str(), call.status), ("/api/items/:id", 200));
    within(Some(call.took_ms), 150.0, load.ready_ms.unwrap());
    within(load.calls_share, 150.0 / whole, 1.0);
    let why: Vec<ExhibitReason> = seen.exhibits.iter().map(|exhibit| exhibit.why).collect();
    assert_eq!(why, [ExhibitReason::Typical, ExhibitReason::Slowest]);
    for exhibit in &seen.exhibits {
        let picture = exhibit.picture.as_deref().unwrap();
        assert!(picture.starts_with("data:image/webp;base64,") && picture.len() < 60_000);
        let names: Vec<&str> = exhibit.resources.iter().map(|one| one.name.as_str()).collect();
        assert!(names.contains(&"/late.js") && names[0] == "/known", "{names:?}");
    }
    assert_eq!((seen.restarts, seen.calibration.is_none()), (0, true));
}

#[tokio::test]
async fn a_browser_begins_with_the_cookies_of_a_session() {
    let _beside = beside().await;
    let site = Site::serve().await;
    let cookie = |name: &str, value: &str, path: &str, secure: bool| KeptCookie {
        name: name.to_owned(),
        value: value.to_owned(),
        host: "127.0.0.1".to_owned(),
        domain: None,
        path: path.to_owned(),
        left: (name == "theme").then_some(Duration::from_secs(600)),
        secure,
        http_only: name == "sid",
    };
    // A secure one is sent to this machine, as the front door is on a loopback address.
    let cookies = [
        cookie("sid", "s1", "/", true),
        cookie("theme", "dark", "/", false),
        cookie("other", "o", "/elsewhere", false),
    ];
    // What scripts may not see they do not: the page shows its data only then.
    let page = journey("path = \"/members\"\nready = \"body[data-seen='theme=dark']\"");
    let settings = settings("every = \"1s\"\ncalibration = { every = 0 }\nsession = \"login\"");
    let probe = BrowserProbe::prepare(&settings, Some(&page), &site.endpoints(), &cookies).await;
    let seen = probe.unwrap().observe(&watch(0.5)).await.unwrap();
    let [load] = &seen.loads[..] else { panic!("{seen:?}") };
    assert_eq!(
        (load.failure.as_deref(), load.ready_ms.is_some()),
        (None, true),
        "{load:?}"
    );
}

#[tokio::test]
async fn a_cold_cache_asks_again_for_what_a_warm_one_has() {
    let _beside = beside().await;
    let site = Site::serve().await;
    let more = "every = \"400ms\"\ncache = \"both\"\ncalibration = { every = 0 }";
    let seen = observe(&site, more, "path = \"/cached\"", 4.0).await;
    assert_eq!(seen.untold, []);
    let count = |cache: Cache| seen.loads.iter().filter(|load| load.cache == cache).count();
    let (cold, warm) = (count(Cache::Cold), count(Cache::Warm));
    assert!(cold >= 1 && warm >= 1, "{seen:?}");
    assert_eq!(u32::try_from(cold).unwrap(), site.hits("/kept.js"), "{:?}", site.hits);
    let pattern: Vec<Cache> = seen.loads.iter().map(|load| load.cache).take(2).collect();
    assert_eq!(pattern, [Cache::Cold, Cache::Warm]);
    let bytes = |cache: Cache| {
        seen.loads
            .iter()
            .find(|load| load.cache == cache)
            .unwrap()
            .bytes
            .unwrap()
    };
    assert!(bytes(Cache::Cold) > bytes(Cache::Warm) + 9_000);
    assert!(seen.judged(watch(4.0).judged).all(|load| load.cache == Cache::Warm));
}

#[tokio::test]
async fn pages_are_loaded_in_their_window_alone() {
    let _alone = alone().await;
    let site = Site::serve().await;
    let settings = settings("every = \"500ms\"\ncalibration = { every = 0 }");
    let journey = journey("path = \"/cached\"");
    let during = Window {
        start: Duration::from_secs(2),
        end: Duration::from_secs(5),
    };
    let probe = prepare(&site, &settings, &journey).await;
    let probe = probe.during(during).await.unwrap();
    assert_eq!(
        site.hits("/cached"),
        1,
        "once before, so that none tells of an empty cache"
    );
    let seen = probe.observe(&watch(60.0)).await.unwrap();
    assert!(seen.loads.iter().all(|load| load.cache == Cache::Warm), "{seen:?}");
    assert_eq!(u32::try_from(seen.loads.len()).unwrap() + seen.skipped, 6, "{seen:?}");
    assert!(seen.loads.iter().all(|load| during.contains_secs(load.at)), "{seen:?}");
    assert!(seen.loads[0].at < 2.5, "{seen:?}");
}

#[tokio::test]
async fn profiles_slow_what_they_say() {
    let _alone = alone().await;
    let site = Site::serve().await;
    let page = "path = \"/heavy\"\nready = \"body[data-worked]\"";
    let ready = |seen: &BrowserObservation| seen.loads[0].ready_ms.unwrap();
    let plain = "every = \"1s\"\ncalibration = { every = 0 }";
    let usual = observe(&site, plain, page, 0.5).await;
    let slowed = observe(&site, &format!("{plain}\ncpu-slowdown = 6.0"), page, 0.5).await;
    assert!(
        ready(&slowed) > 2.0 * ready(&usual),
        "{} {}",
        ready(&slowed),
        ready(&usual)
    );
    let narrow = format!("{plain}\nnetwork = {{ download = \"800 kbps\", latency = \"100ms\" }}");
    let narrow = observe(&site, &narrow, page, 0.5).await;
    // 100 kB at 100 kB/s, and twice 100 ms.
    assert!(narrow.loads[0].load_ms.unwrap() >= 1_100.0, "{narrow:?}");
    assert!(usual.loads[0].load_ms < narrow.loads[0].load_ms, "{usual:?}");
}

/// The slowdown that the calibration finds in a browser whose scripts run slower by that factor, and whether it is over the limit.
async fn calibrated(site: &Site, factor: f64) -> (f64, bool) {
    let every = "every = \"400ms\"\ncalibration = { every = 1 }";
    let probe = prepare(site, &settings(every), &journey("path = \"/cached\"")).await;
    let browser = probe.browser.as_ref().unwrap();
    browser.show_own().await.unwrap();
    browser.slow_down(factor).await.unwrap();
    browser.show_pages().await.unwrap();
    let watch = watch(10.0);
    let seen = probe.observe(&watch).await.unwrap();
    let calibration = seen.calibration.unwrap();
    assert_eq!(calibration.before.len(), 5);
    (
        calibration.slowdown(watch.judged).unwrap(),
        calibration.slowed(watch.judged),
    )
}

#[tokio::test]
async fn a_browser_that_is_slowed_is_told_by_its_calibration() {
    let _alone = alone().await;
    let site = Site::serve().await;
    let mut observed = Vec::new();
    for _ in 0..3 {
        observed.clear();
        for factor in [1.0, 6.0] {
            observed.push(calibrated(&site, factor).await);
        }
        // Where even the first browser was slowed, something else did it, and the two are not to be told apart.
        if !observed[0].1 {
            break;
        }
    }
    assert!(observed[1].1 && observed[1].0 > 2.0 * observed[0].0, "{observed:?}");
}

#[tokio::test]
async fn firefox_tells_what_it_can_where_it_is_installed() {
    if Programs::find(Engine::Firefox).is_err() {
        return;
    }
    let _alone = alone().await;
    let site = Site::serve().await;
    let page = "path = \"/known\"\nready = \"body[data-shown]\"\nthen = [{ click = { selector = \"#work\" } }]";
    let more = "every = \"1s\"\nengine = \"firefox\"";
    let begun = Instant::now();
    let seen = observe(&site, more, page, 0.5).await;
    let whole = begun.elapsed().as_secs_f64() * 1e3;
    let [load] = &seen.loads[..] else { panic!("{seen:?}") };
    assert!(seen.browser.starts_with("Firefox "), "{}", seen.browser);
    assert_eq!(load.failure, None);
    within(load.load_ms, 600.0, whole);
    within(load.fcp_ms, 600.0, whole);
    assert!(
        load.ttfb_ms < load.load_ms && load.interactive_ms >= Some(600.0),
        "{load:?}"
    );
    assert!(load.ready_ms > load.load_ms, "{load:?}");
    // Firefox may report the picture twice: its look-ahead parser asks for it too.
    assert!(load.requests >= Some(4) && load.failed_requests >= Some(1), "{load:?}");
    assert!(
        load.messages
            .iter()
            .all(|message| message == "/missing.png answered 404")
    );
    // A figure that Firefox lacks is absent, not zero, and is named.
    let untold = (
        load.console_errors,
        load.layout_shift,
        load.long_tasks,
        load.blocking_ms,
    );
    assert_eq!(untold, (None, None, None, None));
    assert_eq!(seen.untold.len(), 3);
    assert_eq!(seen.calibration.unwrap().before.len(), 5);
    let cold = settings(&format!("{more}\ncache = \"cold\""));
    let refused = BrowserProbe::prepare(&cold, Some(&journey(page)), &site.endpoints(), &[]).await;
    assert!(refused.unwrap_err().to_string().contains("can neither empty its cache"));
}
