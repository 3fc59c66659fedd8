//! The floor of a closed loop: one thread, blocking epoll, a prebuilt request, an answer known by its length alone.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use clap::Parser;
use diapason_peers::Failure;
use diapason_peers::answer::{answer_length, request};
use diapason_peers::poller::{Poller, connect, unleash};
use diapason_peers::quantiles::{Quantiles, Summary, histogram};
use hdrhistogram::Histogram;

#[derive(Parser)]
#[command(about = "Keeps one request under way on each connection; prints a summary as JSON.")]
struct Arguments {
    /// The server, HOST:PORT.
    address: String,
    #[arg(long, default_value_t = 64)]
    connections: usize,
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
}

struct Connection {
    stream: TcpStream,
    received: usize,
    sent: Instant,
}

struct Client {
    connections: Vec<Connection>,
    request: Vec<u8>,
    answer: usize,
    buffer: Vec<u8>,
    times: Histogram<u64>,
    failed: u64,
}

impl Client {
    fn send(&mut self, key: usize) -> std::io::Result<()> {
        let connection = &mut self.connections[key];
        connection.sent = Instant::now();
        connection.stream.write_all(&self.request)
    }

    /// Takes what has come; sends the next request once the answer is whole.
    fn receive(&mut self, key: usize) -> Result<(), Failure> {
        let connection = &mut self.connections[key];
        let length = match connection.stream.read(&mut self.buffer) {
            Ok(0) => return Err("the server closed a connection".into()),
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        if connection.received == 0 && self.buffer.get(9..12) != Some(b"200") {
            self.failed += 1;
        }
        connection.received += length;
        if connection.received < self.answer {
            return Ok(());
        }
        connection.received = 0;
        let elapsed = connection.sent.elapsed().as_nanos();
        self.times.record(u64::try_from(elapsed)?)?;
        Ok(self.send(key)?)
    }
}

/// Asks once to learn how long an answer is.
fn learn(address: &str, request: &[u8]) -> Result<usize, Failure> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(request)?;
    let mut bytes = Vec::new();
    loop {
        if let Some(length) = answer_length(&bytes) {
            return Ok(length);
        }
        let mut part = [0; 4096];
        let length = stream.read(&mut part)?;
        if length == 0 {
            return Err("the server closed the connection before it answered".into());
        }
        bytes.extend_from_slice(&part[..length]);
    }
}

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    unleash()?;
    let request = request(&arguments.address);
    let answer = learn(&arguments.address, &request)?;
    let mut poller = Poller::new()?;
    let mut connections = Vec::with_capacity(arguments.connections);
    for key in 0..arguments.connections {
        let stream = connect(&arguments.address)?;
        poller.add_edge(&stream, key as u64)?;
        connections.push(Connection {
            stream,
            received: 0,
            sent: Instant::now(),
        });
    }
    let mut client = Client {
        connections,
        request,
        answer,
        buffer: vec![0; 65_536],
        times: histogram()?,
        failed: 0,
    };
    let end = Instant::now() + Duration::from_secs_f64(arguments.seconds);
    for key in 0..arguments.connections {
        client.send(key)?;
    }
    while Instant::now() < end {
        for key in poller.wait(Duration::from_millis(100))? {
            client.receive(usize::try_from(key)?)?;
        }
    }
    let summary = Summary {
        completed: client.times.len(),
        failed: client.failed,
        response_time: Quantiles::of_histogram(&client.times),
    };
    println!("{}", summary.line()?);
    Ok(())
}
