//! What journeys take of the allocator, and what cookies cost. **Budget: no more allocations for a plain step than [`STEP`]; 15 MB for five
//! cookies of each of 5,000 users; 0.5 µs to find the five cookies of a request.**
//!
//! Allocations are counted and not timed, so that these figures hold on a busy machine; a figure beyond its budget ends the bench with an
//! error. The time of a look-up is the least of many blocks, and holds where a core is free for some milliseconds.
#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]
#![expect(clippy::print_stdout, reason = "the figures are what this is for")]

use std::alloc::System;
use std::cell::RefCell;
use std::hint::black_box;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use diapason::journey::{IterationEnd, Jar, Journeys, Site, Target, VirtualUser};
use diapason::record::{Collector, CollectorSettings, PhaseRecorder, Progress};
use diapason::stack::Endpoints;
use diapason::units::Span;
use diapason::wire::Transport;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Allocations of one plain step, reallocations included, as they were when this was written.
const STEP: usize = 8;
const USERS: usize = 5_000;
const COOKIES: usize = 5;
/// Most bytes of all those cookies.
const MEMORY: usize = 15_000_000;
/// Longest time in which the cookies of a request are found.
const LOOK_UP: Duration = Duration::from_nanos(500);

/// A path, a header with a token, a status: what most steps of a load are.
const JOURNEY: &str = r#"
name = "bench"
description = "One plain request"
headers = { authorization = "Bearer 0123456789abcdef0123456789abcdef" }

[[step]]
name = "list"
path = "/api/tasks?page={{random 1 20}}&limit=20"
"#;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";

/// A server that allocates nothing once its connections are open.
fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || converse(stream.unwrap()));
        }
    });
    address
}

fn converse(mut stream: TcpStream) {
    stream.set_nodelay(true).unwrap();
    let mut buffer = [0; 4096];
    let mut length = 0;
    while let Ok(count @ 1..) = stream.read(&mut buffer[length..]) {
        length += count;
        if buffer[..length].ends_with(b"\r\n\r\n") {
            stream.write_all(ANSWER).unwrap();
            length = 0;
        }
    }
}

/// Least number of allocations of a step among several blocks: other threads, which hand seconds over, allocate now and then.
fn allocations_of_a_step() -> f64 {
    const BLOCKS: usize = 20;
    const STEPS: u32 = 200;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bench.toml"), JOURNEY).unwrap();
    let journeys = Arc::new(Journeys::load(folder.path(), &["bench".to_owned()]).unwrap());
    let endpoints = Endpoints {
        front_door: format!("http://{}", serve()),
        transport: Transport::default(),
        ready_path: "/".to_owned(),
        containers: Vec::new(),
        database: None,
        client_addresses: None,
        limiter: None,
    };
    let target = Rc::new(Target::new(&endpoints, Span::from_millis(10_000)).unwrap());
    let settings = CollectorSettings {
        transactions: Vec::new(),
        followed: Vec::new(),
        origin: Instant::now(),
        wall: jiff::Timestamp::now(),
        limits: vec![100_000, 300_000],
        phases: vec![("steady".to_owned(), true)],
        series: journeys.series().iter().map(|series| series.name.clone()).collect(),
        folder: folder.path().to_owned(),
    };
    let (collector, recorder) =
        Collector::start(settings, tokio::sync::watch::Sender::new(Progress::default())).unwrap();
    let recorder = RefCell::new(recorder);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut least = f64::INFINITY;
    runtime.block_on(async {
        let mut user = VirtualUser::new(0, 1, &journeys, &target);
        let journey = journeys.get("bench").unwrap();
        for _ in 0..BLOCKS {
            let region = Region::new(ALLOCATOR);
            for _ in 0..STEPS {
                let phase = PhaseRecorder::new(&recorder, 0);
                let ending = user.iterate(journey, Instant::now(), &phase).await;
                assert_eq!(ending, IterationEnd::Completed);
            }
            let change = region.change();
            least = least.min((change.allocations + change.reallocations) as f64 / f64::from(STEPS));
        }
    });
    drop(recorder);
    collector.join().unwrap();
    least
}

fn jar(site: &Site) -> Jar {
    let mut jar = Jar::default();
    for number in 0..COOKIES {
        let cookie = format!("cookie{number}=0123456789abcdef0123456789abcdef; Path=/; Secure; HttpOnly; Max-Age=3600");
        jar.store(cookie.as_bytes(), site, "/");
    }
    jar
}

/// Bytes that the cookies of all users hold.
fn memory_of_cookies(site: &Site) -> usize {
    let mut jars: Vec<Jar> = Vec::with_capacity(USERS);
    let region = Region::new(ALLOCATOR);
    jars.extend((0..USERS).map(|_| jar(site)));
    let change = region.change();
    black_box(&jars);
    change.bytes_allocated.saturating_sub(change.bytes_deallocated)
}

/// Least mean time of a look-up among many blocks.
fn look_up(site: &Site) -> Duration {
    const BLOCK: u32 = 1_000;
    let jar = jar(site);
    let block = |_| {
        let begun = Instant::now();
        for _ in 0..BLOCK {
            black_box(jar.header(site, black_box("/api/tasks")));
        }
        begun.elapsed() / BLOCK
    };
    (0..500).map(block).min().unwrap()
}

fn main() {
    // `cargo test --benches` only asks if it runs.
    let measures = std::env::args().any(|argument| argument == "--bench");
    if !measures {
        return;
    }
    let step = allocations_of_a_step();
    println!("plain step: {step:.2} allocations, budget {STEP}");
    let site = Site::new("shop.example", true);
    let memory = memory_of_cookies(&site);
    println!(
        "{COOKIES} cookies of each of {USERS} users: {:.1} MB, budget {} MB",
        memory as f64 / 1e6,
        MEMORY / 1_000_000
    );
    let found = look_up(&site);
    println!(
        "finding the {COOKIES} cookies of a request: {} ns, budget {} ns",
        found.as_nanos(),
        LOOK_UP.as_nanos()
    );
    assert!(step <= STEP as f64, "a plain step allocates more than it did");
    assert!(memory <= MEMORY, "cookies take more memory than they may");
    assert!(found <= LOOK_UP, "cookies are found slower than they may be");
}
