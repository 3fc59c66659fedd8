//! The floor of a constant rate: one thread that sleeps on the high-resolution clock until the next request is due or an
//! answer has come. Response times count from the instant a request was due.

use std::collections::VecDeque;
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
#[command(about = "Sends requests at a constant rate; prints a summary as JSON.")]
struct Arguments {
    /// The server, HOST:PORT.
    address: String,
    #[arg(long, default_value_t = 1000.0)]
    rate: f64,
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Connections opened before the first request.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Connections opened at the most; past that, requests wait and keep the instant they were due.
    #[arg(long, default_value_t = 2000)]
    most_connections: usize,
    /// Wake up for requests at multiples of this many microseconds only: fewer wake-ups, each request late by up to it.
    #[arg(long, default_value_t = 0)]
    grain: u64,
}

struct Connection {
    stream: TcpStream,
    received: usize,
    due: Instant,
}

struct Client {
    address: String,
    poller: Poller,
    connections: Vec<Connection>,
    most_connections: usize,
    idle: Vec<usize>,
    waiting: VecDeque<Instant>,
    request: Vec<u8>,
    answer: Option<usize>,
    buffer: Vec<u8>,
    times: Histogram<u64>,
    failed: u64,
}

impl Client {
    fn open(&mut self) -> Result<(), Failure> {
        let stream = connect(&self.address)?;
        let key = self.connections.len();
        self.poller.add_edge(&stream, key as u64)?;
        self.connections.push(Connection {
            stream,
            received: 0,
            due: Instant::now(),
        });
        self.idle.push(key);
        Ok(())
    }

    /// Sends what waits, on idle connections and on new ones up to the limit.
    fn send(&mut self) -> Result<(), Failure> {
        while let Some(&due) = self.waiting.front() {
            if self.idle.is_empty() && self.connections.len() < self.most_connections {
                self.open()?;
            }
            let Some(key) = self.idle.pop() else { break };
            self.waiting.pop_front();
            let connection = &mut self.connections[key];
            connection.due = due;
            connection.stream.write_all(&self.request)?;
        }
        Ok(())
    }

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
        let answer = *self
            .answer
            .get_or_insert_with(|| answer_length(&self.buffer[..length]).unwrap_or(length));
        if connection.received >= answer {
            connection.received = 0;
            let elapsed = Instant::now().saturating_duration_since(connection.due);
            self.times.record(u64::try_from(elapsed.as_nanos())?)?;
            self.idle.push(key);
        }
        Ok(())
    }

    /// Sleeps until then, or until answers come, and takes those.
    fn wait_until(&mut self, next: Instant) -> Result<(), Failure> {
        let keys: Vec<u64> = self
            .poller
            .wait(next.saturating_duration_since(Instant::now()))?
            .collect();
        for key in keys {
            self.receive(usize::try_from(key)?)?;
        }
        Ok(())
    }
}

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    unleash()?;
    let mut client = Client {
        poller: Poller::new()?,
        connections: Vec::new(),
        most_connections: arguments.most_connections,
        idle: Vec::new(),
        waiting: VecDeque::new(),
        request: request(&arguments.address),
        address: arguments.address,
        answer: None,
        buffer: vec![0; 65_536],
        times: histogram()?,
        failed: 0,
    };
    for _ in 0..arguments.connections {
        client.open()?;
    }
    let start = Instant::now() + Duration::from_millis(20);
    let length = Duration::from_secs_f64(arguments.seconds);
    let grain = arguments.grain as f64 / 1e6;
    let give_up = start + length + Duration::from_secs(3);
    let due = |index: u64| start + Duration::from_secs_f64(index as f64 / arguments.rate);
    let release = |index: u64| {
        let offset = index as f64 / arguments.rate;
        let offset = if grain > 0.0 {
            (offset / grain).ceil() * grain
        } else {
            offset
        };
        start + Duration::from_secs_f64(offset)
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a small positive number"
    )]
    let planned = (arguments.seconds * arguments.rate) as u64;
    let mut sent = 0;
    while client.times.len() < planned && Instant::now() < give_up {
        let now = Instant::now();
        while sent < planned && release(sent) <= now {
            client.waiting.push_back(due(sent));
            sent += 1;
        }
        client.send()?;
        client.wait_until(if sent < planned { release(sent) } else { give_up })?;
    }
    let summary = Summary {
        completed: client.times.len(),
        failed: client.failed,
        response_time: Quantiles::of_histogram(&client.times),
    };
    println!("{}", summary.line()?);
    Ok(())
}
