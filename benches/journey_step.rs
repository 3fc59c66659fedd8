//! What one step of a journey costs: its request filled in, sent and answered over loopback, with full recording and one JSON
//! check. **Budget: at most 1.5 times the processor time of a plain hyper request** with the same answer, by the median of
//! pairs.
//!
//! The plain request is hyper's low-level client as its documentation shows it: one kept connection driven by a task of its
//! own, a request made and its body collected, nothing recorded. Both run on one thread against the same server, which is
//! threads of this process; only the client's thread is counted.
//!
//! criterion's two figures are wall-clock times, mostly two switches of context: they say little on a machine whose cores are
//! taken. The ratio printed at the end is of processor time, in blocks that take turns, so that whatever slows one slows the
//! other; it holds on a busy machine as long as the quarter values beside the median are close to it.
#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]
#![expect(clippy::print_stdout, reason = "the ratio is told beside criterion's figures")]

mod settings;

use std::cell::RefCell;
use std::hint::black_box;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use diapason::journey::{IterationEnd, Journeys, Target, VirtualUser};
use diapason::record::{Collector, CollectorSettings, Outcome, PhaseRecorder, Progress, Recorder};
use diapason::stack::Endpoints;
use diapason::units::Span;
use diapason::wire::Transport;
use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::runtime::{Builder, Runtime};

/// The most that a step may cost, in plain requests.
const BUDGET: f64 = 1.5;
const PAIRS: usize = 80;
const BLOCK: u64 = 250;

const JOURNEY: &str = r#"
name = "bench"
description = "One request with a template, a token and a JSON check"
headers = { authorization = "Bearer 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" }

[[step]]
name = "list"
path = "/api/tasks?page={{random 1 20}}&limit=20"
check = [{ json = "$.meta.total" }]
"#;

/// A page of tasks, about a kilobyte; what is checked comes last.
fn answer() -> Vec<u8> {
    let task = |id: u32| {
        format!(r#"{{"id":{id},"title":"Task number {id}","status":"IN_PROGRESS","tags":["a","b"],"progress":0.5}}"#)
    };
    let tasks: Vec<String> = (0..12).map(task).collect();
    let body = format!(r#"{{"data":[{}],"meta":{{"total":50000}}}}"#, tasks.join(","));
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

/// A server that answers every request without a body alike, one thread for each connection.
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
    let answer = answer();
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        request.extend_from_slice(&buffer[..count]);
        if request.ends_with(b"\r\n\r\n") {
            stream.write_all(&answer).unwrap();
            request.clear();
        }
    }
}

/// hyper alone.
struct Plain {
    sender: SendRequest<Empty<Bytes>>,
    host: String,
}

impl Plain {
    async fn connect(address: SocketAddr) -> Self {
        let stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Self {
            sender,
            host: address.to_string(),
        }
    }

    async fn request(&mut self) {
        let request = Request::get("/api/tasks?page=7&limit=20").header("host", &self.host);
        self.sender.ready().await.unwrap();
        let answer = self
            .sender
            .send_request(request.body(Empty::new()).unwrap())
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        black_box(answer.into_body().collect().await.unwrap().to_bytes());
    }
}

/// A virtual user with everything that a run gives it.
struct Step {
    journeys: Arc<Journeys>,
    user: VirtualUser,
    recorder: RefCell<Recorder>,
}

impl Step {
    fn new(address: SocketAddr, folder: &std::path::Path) -> (Self, Collector) {
        std::fs::write(folder.join("bench.toml"), JOURNEY).unwrap();
        let journeys = Arc::new(Journeys::load(folder, &["bench".to_owned()]).unwrap());
        let endpoints = Endpoints {
            front_door: format!("http://{address}"),
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
            origin: std::time::Instant::now(),
            wall: jiff::Timestamp::now(),
            limits: vec![100_000, 300_000],
            phases: vec![("steady".to_owned(), true)],
            series: journeys.series().iter().map(|series| series.name.clone()).collect(),
            folder: folder.to_owned(),
        };
        let (collector, recorder) =
            Collector::start(settings, tokio::sync::watch::Sender::new(Progress::default())).unwrap();
        let step = Self {
            user: VirtualUser::new(0, 1, &journeys, &target),
            journeys,
            recorder: RefCell::new(recorder),
        };
        (step, collector)
    }

    async fn iterate(&mut self) {
        let journey = self.journeys.get("bench").unwrap();
        let phase = PhaseRecorder::new(&self.recorder, 0);
        assert_eq!(
            self.user.iterate(journey, Instant::now(), &phase).await,
            IterationEnd::Completed
        );
    }
}

/// Processor time of this thread.
fn processor_time() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(now).unwrap()
}

/// Processor time that a block of either takes.
fn block(runtime: &Runtime, plain: &mut Plain, step: &mut Step, of_step: bool) -> f64 {
    let before = processor_time();
    runtime.block_on(async {
        for _ in 0..BLOCK {
            if of_step {
                step.iterate().await;
            } else {
                plain.request().await;
            }
        }
    });
    processor_time().saturating_sub(before).as_secs_f64() * 1e6 / BLOCK as f64
}

/// The quarter values of an unordered list: a quarter, half and three quarters are below.
fn quarters(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values[values.len() * quarter / 4])
}

fn compare(runtime: &Runtime, plain: &mut Plain, step: &mut Step) {
    let (mut ratios, mut plains, mut steps) = (Vec::new(), Vec::new(), Vec::new());
    for pair in 0..PAIRS {
        // Which of the two comes first alternates, so that a drift favours neither.
        let first = block(runtime, plain, step, pair % 2 == 0);
        let second = block(runtime, plain, step, pair % 2 == 1);
        let (of_step, of_plain) = if pair % 2 == 0 {
            (first, second)
        } else {
            (second, first)
        };
        ratios.push(of_step / of_plain);
        plains.push(of_plain);
        steps.push(of_step);
    }
    let ([_, plain, _], [_, step, _]) = (quarters(plains), quarters(steps));
    let [low, ratio, high] = quarters(ratios);
    let verdict = if ratio <= BUDGET { "held" } else { "MISSED" };
    println!("journey step/processor time: {step:.1} µs, plain hyper {plain:.1} µs");
    println!("journey step/ratio of pairs: {ratio:.2} [{low:.2} – {high:.2}], budget {BUDGET}: {verdict}\n");
}

fn main() {
    let address = serve();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (mut step, collector) = Step::new(address, folder.path());
    let mut plain = runtime.block_on(Plain::connect(address));
    let mut criterion = settings::criterion();
    criterion.bench_function("journey step/plain hyper request", |bencher| {
        bencher.iter_custom(|count| {
            let start = Instant::now();
            runtime.block_on(async {
                for _ in 0..count {
                    plain.request().await;
                }
            });
            start.elapsed()
        });
    });
    criterion.bench_function("journey step/step", |bencher| {
        bencher.iter_custom(|count| {
            let start = Instant::now();
            runtime.block_on(async {
                for _ in 0..count {
                    step.iterate().await;
                }
            });
            start.elapsed()
        });
    });
    compare(&runtime, &mut plain, &mut step);
    criterion.final_summary();
    drop(step);
    let recording = collector.join().unwrap();
    let counters = &recording.series[0].counters;
    assert_eq!(
        counters.of(Outcome::Success),
        counters.total(),
        "a step failed, so that these figures are of something else"
    );
}
