//! A server that does as it is told and writes down when.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server does beside answering.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Behaviour {
    /// Each answer comes this long after its request.
    pub(super) delay: Duration,
    /// It does nothing at all for so long, first after two seconds of requests, then ...
    pub(super) freeze: Duration,
    /// ... in every so long.
    pub(super) period: Duration,
}

/// When a request was read and when its answer was written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Served {
    pub(super) read: Instant,
    pub(super) answered: Instant,
}

/// A server on a thread of its own, for as long as the test process lives.
pub(super) struct Server {
    address: SocketAddr,
    served: Arc<Mutex<Vec<Served>>>,
}

impl Server {
    pub(super) fn start(behaviour: Behaviour) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let served = Arc::<Mutex<Vec<Served>>>::default();
        let all = Arc::clone(&served);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(serve(listener, behaviour, all));
        });
        Self { address, served }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far, in the order in which they were read.
    pub(super) fn served(&self) -> Vec<Served> {
        let mut served = self.served.lock().unwrap().clone();
        served.sort_by_key(|served| served.read);
        served
    }
}

async fn serve(listener: std::net::TcpListener, behaviour: Behaviour, served: Arc<Mutex<Vec<Served>>>) {
    let listener = TcpListener::from_std(listener).unwrap();
    if !behaviour.freeze.is_zero() {
        tokio::spawn(freeze(behaviour, Arc::clone(&served)));
    }
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        tokio::spawn(answer(stream, behaviour.delay, Arc::clone(&served)));
    }
}

/// Blocks the server's only thread.
async fn freeze(behaviour: Behaviour, served: Arc<Mutex<Vec<Served>>>) {
    let first = loop {
        if let Some(first) = served.lock().unwrap().first() {
            break first.read;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    };
    for round in 0.. {
        let begin = first + Duration::from_secs(2) + behaviour.period * round;
        tokio::time::sleep_until(begin.into()).await;
        std::thread::sleep((begin + behaviour.freeze).saturating_duration_since(Instant::now()));
    }
}

async fn answer(mut stream: TcpStream, delay: Duration, served: Arc<Mutex<Vec<Served>>>) {
    stream.set_nodelay(true).unwrap();
    let mut buffer = [0; 4096];
    // A request without a body comes in one piece.
    while let Ok(1..) = stream.read(&mut buffer).await {
        let read = Instant::now();
        let is_ready_check = buffer.starts_with(b"GET /ready");
        if !delay.is_zero() && !is_ready_check {
            tokio::time::sleep(delay).await;
        }
        if stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
            .await
            .is_err()
        {
            return;
        }
        if !is_ready_check {
            let answered = Instant::now();
            served.lock().unwrap().push(Served { read, answered });
        }
    }
}
