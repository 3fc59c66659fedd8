//! The generators: one file each says how it is told what to do and how its report is read.

mod ab;
mod diapason;
mod floor;
mod fortio;
mod goose;
mod h2load;
mod hey;
mod k6;
mod locust;
mod oha;
mod vegeta;
mod wrk;

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use diapason_peers::Failure;
use diapason_peers::quantiles::Quantiles;

/// The name of our own minimal client, which ratios are to.
pub(crate) const FLOOR: &str = "floor";

/// Everybody, in the order of the tables.
pub(crate) const PEERS: &[Peer] = &[
    floor::PEER,
    diapason::PEER,
    wrk::WRK,
    wrk::WRK2,
    ab::PEER,
    h2load::PEER,
    fortio::PEER,
    oha::PEER,
    hey::PEER,
    goose::PEER,
    vegeta::PEER,
    k6::PEER,
    locust::PEER,
];

/// What a generator is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Load {
    /// As fast as it goes on so many connections.
    Closed { connections: u32 },
    /// Requests a second.
    Rate { rate: u32 },
    /// The same while the server freezes now and then.
    Stall { rate: u32 },
    /// So many users, each of which makes a request now and then on a connection it keeps.
    Connected { users: u32 },
    /// So many users, hardly any of which makes a request.
    Idle { users: u32 },
}

impl fmt::Display for Load {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed { connections } => write!(formatter, "closed loop on {connections} connections"),
            Self::Rate { rate } => write!(formatter, "at {rate}/s"),
            Self::Stall { rate } => write!(formatter, "at {rate}/s against a freezing server"),
            Self::Connected { users } => write!(formatter, "with {users} connected users"),
            Self::Idle { users } => write!(formatter, "with {users} idle users"),
        }
    }
}

/// One turn as a generator is told of it.
pub(crate) struct Job<'a> {
    pub(crate) load: Load,
    pub(crate) seconds: u32,
    /// `127.0.0.1:PORT`.
    pub(crate) address: &'a str,
    /// A folder of this turn's own; the working directory.
    pub(crate) folder: &'a Path,
    /// The benchmark's folder.
    pub(crate) site: &'a Path,
    pub(crate) program: PathBuf,
}

/// One generator.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    /// The program whose presence says that it is installed.
    pub(crate) program: &'static str,
    /// The program that applies such a load.
    pub(crate) pick: fn(Load) -> &'static str,
    /// Whether it can apply such a load.
    pub(crate) can: fn(Load) -> bool,
    pub(crate) command: fn(&Job) -> Result<Vec<OsString>, Failure>,
    /// What it reported, from its working directory and its standard output.
    pub(crate) quantiles: fn(&Path, &str) -> Option<Quantiles>,
}

impl Job<'_> {
    fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// A command line of words without spaces, the program in front.
    fn words(&self, words: &str) -> Vec<OsString> {
        let program = std::iter::once(self.program.clone().into_os_string());
        program.chain(words.split_whitespace().map(OsString::from)).collect()
    }

    fn unable(&self) -> Failure {
        format!("cannot run {}", self.load).into()
    }
}

/// Loads of generators that keep a fixed number of workers busy, at full speed or throttled.
fn throttled(load: Load) -> bool {
    matches!(load, Load::Closed { .. } | Load::Rate { .. } | Load::Stall { .. })
}

/// Connections for a throttled load, where the generator wants their number.
const CONNECTIONS: u32 = 64;

/// Reads `Summary` as our own programs print it.
fn summary(_folder: &Path, output: &str) -> Option<Quantiles> {
    let line = output.lines().rev().find(|line| line.starts_with("{\"completed\""))?;
    let summary: diapason_peers::quantiles::Summary = serde_json::from_str(line).ok()?;
    Some(summary.response_time)
}

/// A generator that reports no quantiles we use.
fn none(_folder: &Path, _output: &str) -> Option<Quantiles> {
    None
}
