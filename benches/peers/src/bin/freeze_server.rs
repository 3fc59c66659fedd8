//! A server whose truth is known: it answers after a scripted delay, freezes as a whole now and then, and remembers when
//! each request reached its kernel and when it was answered. Requests to `/ready` are answered and forgotten.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{ErrorKind, IoSliceMut, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::Parser;
use diapason_peers::Failure;
use diapason_peers::answer::{answer, head_length, header};
use diapason_peers::arrivals::{self, Arrival};
use diapason_peers::poller::{Poller, unleash};
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt, sockopt::ReceiveTimestampns};
use nix::sys::time::TimeSpec;

const LISTENER: u64 = u64::MAX;
const LONGEST_WAIT: Duration = Duration::from_millis(200);

#[derive(Parser)]
#[command(about = "Answers every GET with about 1 kB of JSON until SIGTERM, then writes down when requests arrived.")]
struct Arguments {
    /// Where to listen, HOST:PORT.
    address: String,
    /// Answer after this many microseconds.
    #[arg(long, default_value_t = 0)]
    delay: u64,
    /// A file with one delay in microseconds a line instead: the i-th request gets the i-th, from the start again after
    /// the last.
    #[arg(long)]
    script: Option<PathBuf>,
    /// Do nothing at all for this many milliseconds ...
    #[arg(long, default_value_t = 0)]
    freeze: u64,
    /// ... in every so many ...
    #[arg(long, default_value_t = 5000)]
    period: u64,
    /// ... the first time this many after the first request.
    #[arg(long, default_value_t = 2000)]
    phase: u64,
    /// Write lines `RECEIVED ANSWERED` (ns since 1970) to this file.
    #[arg(long)]
    dump: Option<PathBuf>,
}

struct Connection {
    stream: TcpStream,
    number: u64,
    pending: Vec<u8>,
}

/// An answer that is due, soonest first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    at: Instant,
    connection: (usize, u64),
    arrival: Option<usize>,
    keep_alive: bool,
}

struct Freeze {
    length: Duration,
    period: Duration,
    phase: Duration,
    next: Option<Instant>,
}

impl Freeze {
    /// Sleeps through a freeze that has begun.
    fn observe(&mut self, stop: &AtomicBool) {
        let Some(begin) = self.next.filter(|begin| *begin <= Instant::now()) else {
            return;
        };
        let end = begin + self.length;
        while !stop.load(Ordering::Relaxed) && Instant::now() < end {
            std::thread::sleep(end.saturating_duration_since(Instant::now()));
        }
        self.next = Some(begin + self.period);
    }

    fn first_request(&mut self, now: Instant) {
        if self.next.is_none() && !self.length.is_zero() {
            self.next = Some(now + self.phase);
        }
    }
}

struct Server {
    listener: TcpListener,
    poller: Poller,
    /// By file descriptor.
    connections: Vec<Option<Connection>>,
    accepted: u64,
    due: BinaryHeap<Reverse<Due>>,
    delays: Vec<Duration>,
    freeze: Freeze,
    arrivals: Vec<Arrival>,
    buffer: Vec<u8>,
    answers: [Vec<u8>; 2],
}

fn nanoseconds_since_1970() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX)
}

impl Server {
    fn new(arguments: &Arguments) -> Result<Self, Failure> {
        let listener = TcpListener::bind(&arguments.address)?;
        rustix::net::listen(&listener, 65_535)?;
        listener.set_nonblocking(true)?;
        // Inherited by accepted sockets, so that the first request of a connection has its time as well.
        setsockopt(&listener, ReceiveTimestampns, &true)?;
        let poller = Poller::new()?;
        poller.add(&listener, LISTENER)?;
        let delays = match &arguments.script {
            None => vec![Duration::from_micros(arguments.delay)],
            Some(path) => (std::fs::read_to_string(path)?.split_whitespace())
                .map(|delay| Ok(Duration::from_micros(delay.parse()?)))
                .collect::<Result<_, Failure>>()?,
        };
        if delays.is_empty() {
            return Err("the script names no delay".into());
        }
        Ok(Self {
            listener,
            poller,
            connections: Vec::new(),
            accepted: 0,
            due: BinaryHeap::new(),
            delays,
            freeze: Freeze {
                length: Duration::from_millis(arguments.freeze),
                period: Duration::from_millis(arguments.period),
                phase: Duration::from_millis(arguments.phase),
                next: None,
            },
            arrivals: Vec::with_capacity(1_000_000),
            buffer: vec![0; 65_536],
            answers: [answer(false), answer(true)],
        })
    }

    fn accept(&mut self) -> Result<(), Failure> {
        loop {
            let stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                // The client gave up before it was served.
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => continue,
                Err(error) => return Err(error.into()),
            };
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            let key = usize::try_from(stream.as_raw_fd())?;
            self.poller.add(&stream, key as u64)?;
            if self.connections.len() <= key {
                self.connections.resize_with(key + 1, || None);
            }
            self.accepted += 1;
            self.connections[key] = Some(Connection {
                stream,
                number: self.accepted,
                pending: Vec::new(),
            });
        }
    }

    /// Reads once; returns the length and when the kernel had it, none where nothing came.
    fn read(&mut self, key: usize) -> Result<Option<(usize, u64)>, Failure> {
        let Some(Some(connection)) = self.connections.get_mut(key) else {
            return Ok(None);
        };
        let mut space = nix::cmsg_space!(TimeSpec);
        let mut slices = [IoSliceMut::new(&mut self.buffer)];
        let descriptor = connection.stream.as_raw_fd();
        let message = match recvmsg::<()>(descriptor, &mut slices, Some(&mut space), MsgFlags::empty()) {
            Ok(message) => message,
            Err(nix::errno::Errno::EAGAIN | nix::errno::Errno::EINTR) => return Ok(None),
            Err(_) => return Ok(Some((0, 0))),
        };
        let stamped = message.cmsgs()?.find_map(|control| match control {
            ControlMessageOwned::ScmTimestampns(time) => {
                u64::try_from(i128::from(time.tv_sec()) * 1_000_000_000 + i128::from(time.tv_nsec())).ok()
            }
            _ => None,
        });
        Ok(Some((message.bytes, stamped.unwrap_or_else(nanoseconds_since_1970))))
    }

    fn receive(&mut self, key: usize) -> Result<(), Failure> {
        let Some((length, received)) = self.read(key)? else {
            return Ok(());
        };
        if length == 0 {
            self.connections[key] = None;
            return Ok(());
        }
        let now = Instant::now();
        let Some(connection) = self.connections[key].as_mut() else {
            return Ok(());
        };
        connection.pending.extend_from_slice(&self.buffer[..length]);
        while let Some(end) = head_length(&connection.pending) {
            let head: Vec<u8> = connection.pending.drain(..end).collect();
            let keep_alive = match header(&head, "connection") {
                Some(value) => !value.eq_ignore_ascii_case("close"),
                None => true,
            };
            let counted = !head.starts_with(b"GET /ready ");
            let delay = self.delays[self.arrivals.len() % self.delays.len()];
            let arrival = counted.then_some(self.arrivals.len());
            if counted {
                self.arrivals.push(Arrival { received, answered: 0 });
                self.freeze.first_request(now);
            }
            self.due.push(Reverse(Due {
                at: if counted { now + delay } else { now },
                connection: (key, connection.number),
                arrival,
                keep_alive,
            }));
        }
        Ok(())
    }

    /// Answers what is due; returns how long until something else is.
    fn answer(&mut self) -> Duration {
        let now = Instant::now();
        while let Some(Reverse(due)) = self.due.peek() {
            if due.at > now {
                return due.at - now;
            }
            let (key, number) = due.connection;
            let (arrival, keep_alive) = (due.arrival, due.keep_alive);
            self.due.pop();
            let Some(connection) = self.connections[key]
                .as_mut()
                .filter(|connection| connection.number == number)
            else {
                continue;
            };
            let sent = connection.stream.write_all(&self.answers[usize::from(keep_alive)]);
            if let (Ok(()), Some(index)) = (&sent, arrival) {
                self.arrivals[index].answered = nanoseconds_since_1970();
            }
            if sent.is_err() || !keep_alive {
                self.connections[key] = None;
            }
        }
        LONGEST_WAIT
    }

    fn serve(&mut self, stop: &AtomicBool) -> Result<(), Failure> {
        while !stop.load(Ordering::Relaxed) {
            self.freeze.observe(stop);
            let mut wait = self.answer().min(LONGEST_WAIT);
            if let Some(next) = self.freeze.next {
                wait = wait.min(next.saturating_duration_since(Instant::now()));
            }
            let keys: Vec<u64> = self.poller.wait(wait)?.collect();
            for key in keys {
                if key == LISTENER {
                    self.accept()?;
                } else {
                    self.receive(usize::try_from(key)?)?;
                }
            }
        }
        Ok(())
    }
}

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    unleash()?;
    let stop = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGTERM, Arc::clone(&stop))?;
    let mut server = Server::new(&arguments)?;
    server.serve(&stop)?;
    if let Some(path) = &arguments.dump {
        arrivals::write(path, &server.arrivals)?;
    }
    eprintln!("{} requests on {} connections", server.arrivals.len(), server.accepted);
    Ok(())
}
