//! Observations of the sample's run by the probes.

use super::database;
use crate::evidence::browser::{
    ApiCall, BrowserObservation, Cache, Calibration, CalibrationLoad, Exhibit, ExhibitReason, PageLoad, Resource,
};
use crate::evidence::containers::{
    ContainerPoint, ContainerSeries, ContainerTotals, ContainersObservation, ExpectedLimits, Pressure,
};
use crate::evidence::front_door::{FrontDoorObservation, Slice};
use crate::evidence::generator::{GeneratorObservation, GeneratorPoint};
use crate::evidence::proxy::{ProxyObservation, ProxySeries, SlowRequests, TimePart};
use crate::evidence::{Observations, StackAction, StackEvent};

pub(in crate::report) fn observations() -> Observations {
    Observations {
        elsewhere: Vec::new(),
        request_events: Vec::new(),
        stack_events: vec![StackEvent {
            name: "restart of the web tier".to_owned(),
            service: "web".to_owned(),
            action: StackAction::Restart,
            planned: 40.0,
            begun: Some(40.0),
            ended: Some(42.5),
            failure: None,
            moved: None,
        }],
        consistency: Vec::new(),
        postgres: Some(database::observation()),
        browser: Some(BrowserObservation {
            browser: "Chromium 141.0".to_owned(),
            loads: (0..23).map(page_load).collect(),
            restarts: 1,
            lost: vec!["31.2 s: the browser or its driver is gone".to_owned()],
            skipped: 1,
            calibration: Some(calibration()),
            exhibits: exhibits(),
            ..BrowserObservation::default()
        }),
        proxy: Some(proxy()),
        containers: Some(ContainersObservation {
            containers: vec![
                container("api", Some(2.0), 0.8, 150),
                container("nginx", Some(0.5), 0.09, 9),
                container("postgres", Some(2.0), 0.4, 210),
                container("redis", None, 0.02, 12),
                container("web", Some(1.0), 0.15, 120),
            ],
        }),
        front_door: Some(FrontDoorObservation {
            url: "http://127.0.0.1:32768/api/projects".to_owned(),
            slices: (0..70)
                .map(|second| Slice {
                    second,
                    up: second != 41,
                    millis: (second != 41).then_some(14.0),
                    failure: (second == 41).then(|| "no answer within 1 s".to_owned()),
                })
                .collect(),
        }),
        generator: Some(GeneratorObservation {
            cores: 2,
            points: (0..71)
                .map(|second| GeneratorPoint {
                    at: f64::from(second),
                    cpu_cores: 0.12 + f64::from(second % 5) * 0.01,
                    load_thread_cores: 0.06,
                    memory: 38 << 20,
                    host_cores: 1.4 + f64::from(second % 7) * 0.05,
                    run_queue: Some(0.01),
                    steal: 0.0,
                    runnable: 2,
                    retransmits: 0,
                    disk: 0,
                })
                .collect(),
        }),
        failures: Vec::new(),
    }
}

fn page_load(index: u32) -> PageLoad {
    let page = ["login", "dashboard", "projects", "tasks"][(index % 4) as usize];
    let load = 380.0 + f64::from(index * 137 % 400);
    let failed = index == 13;
    let time = |value: f64| (!failed).then_some(value);
    PageLoad {
        page: page.to_owned(),
        at: 1.0 + f64::from(index) * 3.0,
        failure: failed.then(|| "the page was not ready within 15 s".to_owned()),
        ttfb_ms: time(24.0),
        dom_ms: time(load * 0.7),
        load_ms: time(load),
        fcp_ms: time(load * 0.8),
        lcp_ms: time(load * 1.1),
        ready_ms: time(load * 1.3),
        bytes: (!failed).then_some(412_000),
        requests: (!failed).then_some(31),
        ..more_of(index, time)
    }
}

fn proxy() -> ProxyObservation {
    let part = |mean: f64| {
        Some(TimePart {
            count: 1_180,
            mean,
            p50: mean,
            p95: mean * 1.6,
            p99: mean * 2.0,
            max: mean * 4.0,
        })
    };
    let series = |name: &str, scale: f64| ProxySeries {
        series: name.to_owned(),
        followed: 1_200,
        joined: 1_180,
        client: part(30.0 * scale),
        outside: part(1.5 * scale),
        proxy: part(2.5 * scale),
        connecting: part(0.5 * scale),
        application: part(25.5 * scale),
        own: part(24.9 * scale),
        slow: Some(SlowRequests {
            count: 47,
            client: 48.0 * scale,
            outside: 2.0 * scale,
            proxy: 3.0 * scale,
            connecting: 0.5 * scale,
            application: 42.5 * scale,
        }),
    };
    ProxyObservation {
        service: "nginx".to_owned(),
        format: "$request_time".to_owned(),
        carried_by: Some("X-Request-Id".to_owned()),
        all: series("*", 1.0),
        series: vec![series("projects.list", 1.1)],
        ..ProxyObservation::default()
    }
}

/// Fields of a page load beside its main times.
fn more_of(index: u32, time: impl Fn(f64) -> Option<f64>) -> PageLoad {
    let call = |path: &str, start_ms: f64| ApiCall {
        path: path.to_owned(),
        start_ms,
        took_ms: 31.0 + f64::from(index % 3) * 5.0,
        status: 200,
    };
    PageLoad {
        cache: if index < 4 { Cache::Cold } else { Cache::Warm },
        dns_ms: time(0.0),
        connect_ms: time(0.2),
        tls_ms: time(0.0),
        interactive_ms: time(240.0),
        layout_shift: time(0.012),
        inp_ms: time(48.0).filter(|_| index.is_multiple_of(4)),
        long_tasks: time(0.0).map(|_| 2),
        blocking_ms: time(64.0),
        failed_requests: Some(u32::from(index == 9)),
        console_errors: Some(u32::from(index == 9)),
        messages: match index {
            9 => vec!["/favicon.ico answered 404".to_owned()],
            _ => Vec::new(),
        },
        calls: vec![call("/api/projects", 250.0), call("/api/projects/:id", 290.0)],
        calls_share: time(0.18),
        ..PageLoad::default()
    }
}

fn calibration() -> Calibration {
    Calibration {
        limit: 1.5.try_into().unwrap(),
        before: vec![92.0, 90.0, 95.0, 91.0, 99.0],
        during: (0..12_u32)
            .map(|index| CalibrationLoad {
                at: 3.0 + f64::from(index) * 6.0,
                load_ms: Some(100.0 + f64::from(index % 5)),
            })
            .collect(),
    }
}

fn exhibits() -> Vec<Exhibit> {
    let resource = |name: &str, kind: &str, start: f64, end: f64| Resource {
        name: name.to_owned(),
        kind: kind.to_owned(),
        start,
        request: start + 4.0,
        response: end - 6.0,
        end,
        bytes: 14_000,
        status: 200,
    };
    let exhibit = |why, index: u32| Exhibit {
        why,
        page: page_load(index).page,
        at: page_load(index).at,
        picture: Some("data:image/gif;base64,R0lGODlhAQABAIAAAAUEBAAAACwAAAAAAQABAAACAkQBADs=".to_owned()),
        resources: vec![
            resource("/dashboard", "navigation", 0.0, 30.0),
            resource("/_next/static/main.js", "script", 41.0, 180.0),
            resource("/api/projects", "fetch", 250.0, 290.0),
        ],
    };
    vec![exhibit(ExhibitReason::Typical, 17), exhibit(ExhibitReason::Slowest, 21)]
}

fn container(service: &str, cpu_limit: Option<f64>, cpu: f64, mebibytes: u64) -> ContainerSeries {
    let point = |second: u32| ContainerPoint {
        at: f64::from(second),
        cpu_cores: cpu
            * if (40..44).contains(&second) {
                1.9
            } else {
                1.0 + f64::from(second % 4) * 0.05
            },
        throttled: if service == "nginx" { 0.07 } else { 0.0 },
        throttled_seconds: if service == "nginx" { 0.02 } else { 0.0 },
        memory: (mebibytes << 20) + u64::from(second) * 40_000,
        received: u64::from(second) * 90_000,
        sent: u64::from(second) * 240_000,
        sockets: Some(24),
        ..ContainerPoint::default()
    };
    ContainerSeries {
        service: service.to_owned(),
        cpu_limit,
        source: "cgroup v2".to_owned(),
        memory_limit: cpu_limit.map(|_| 1 << 30),
        expected: cpu_limit.map(|cpus| ExpectedLimits { cpus, memory: 1 << 30 }),
        totals: Some(ContainerTotals {
            seconds: 60.0,
            cpu_seconds: cpu * 62.0,
            periods: 600,
            throttled_periods: if service == "nginx" { 42 } else { 0 },
            throttled_seconds: if service == "nginx" { 1.2 } else { 0.0 },
            memory_max: (mebibytes << 20) + 2_800_000,
            page_faults: 12_000,
            major_faults: 3,
            read: Some(0),
            written: Some(180_000),
            received: 5_400_000,
            sent: 14_400_000,
            sockets_max: Some(24),
            pressure: Some(Pressure {
                cpu: 0.04,
                memory: 0.0,
                io: 0.002,
            }),
            ..ContainerTotals::default()
        }),
        points: (0..71).map(point).collect(),
        ..ContainerSeries::default()
    }
}
