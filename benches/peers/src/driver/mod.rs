//! Who is measured, where, and the turns they take.

pub(crate) mod closed;
pub(crate) mod measure;
pub(crate) mod memory;
pub(crate) mod oracle;
pub(crate) mod rate;
mod server;
pub(crate) mod stall;
mod table;

use std::cell::Cell;
use std::env;
use std::path::{Path, PathBuf};

use diapason_peers::Failure;
use tempfile::TempDir;

use crate::arguments::Arguments;
use crate::peer::{FLOOR, Job, Load, PEERS, Peer};
use measure::Used;

/// The core of the servers and of this driver, and that of the generators.
pub(crate) const SERVER_CORE: &str = "0";
const GENERATOR_CORE: &str = "1";
/// That of Diapason's own load thread, so that nobody is preferred to it.
const PRIORITY: i32 = -10;

/// Everything the parts share.
pub(crate) struct Site {
    /// The benchmark's own folder.
    pub(crate) folder: PathBuf,
    pub(crate) rounds: usize,
    pub(crate) seconds: Option<u32>,
    pub(crate) rates: Vec<u32>,
    only: Vec<String>,
    diapason: Option<PathBuf>,
    scratch: PathBuf,
    turns: Cell<usize>,
    _temporary: Option<TempDir>,
}

/// What one turn yielded.
pub(crate) struct Turn {
    pub(crate) used: Used,
    pub(crate) folder: PathBuf,
    pub(crate) output: String,
}

impl Site {
    pub(crate) fn new(arguments: &Arguments) -> Result<Self, Failure> {
        let temporary = arguments.keep.is_none().then(tempfile::tempdir).transpose()?;
        let kept = arguments.keep.as_deref();
        let scratch = kept
            .or(temporary.as_ref().map(TempDir::path))
            .map(Path::to_owned)
            .unwrap_or_default();
        std::fs::create_dir_all(&scratch)?;
        // Servers and generators inherit it: whatever else the machine does disturbs all of them less. Without the right
        // to be preferred they all run as they are.
        let _ = rustix::process::setpriority_process(None, PRIORITY);
        let site = Self {
            folder: arguments.folder.canonicalize()?,
            rounds: arguments.rounds.max(1),
            seconds: arguments.seconds,
            rates: arguments.rates.clone(),
            only: arguments.only.clone(),
            diapason: arguments.diapason.clone(),
            scratch: scratch.canonicalize()?,
            turns: Cell::new(0),
            _temporary: temporary,
        };
        if let Some(name) = site
            .only
            .iter()
            .find(|name| PEERS.iter().all(|peer| peer.name != **name))
        {
            let known: Vec<_> = PEERS.iter().map(|peer| peer.name).collect();
            return Err(format!("there is no generator `{name}`; there are {}", known.join(", ")).into());
        }
        Ok(site)
    }

    /// Says who takes part.
    pub(crate) fn introduce(&self) {
        let (here, missing): (Vec<&Peer>, Vec<&Peer>) =
            self.wanted().partition(|peer| self.program(peer.program).is_some());
        let names = |peers: &[&Peer]| peers.iter().map(|peer| peer.name).collect::<Vec<_>>().join(", ");
        println!("Generators: {}.", names(&here));
        if !missing.is_empty() {
            println!("Not installed: {}.", names(&missing));
        }
        println!(
            "Rounds: {}, in turns; servers on core {SERVER_CORE}, generators on core {GENERATOR_CORE}.\n",
            self.rounds
        );
    }

    fn wanted(&self) -> impl Iterator<Item = &'static Peer> + '_ {
        // The floor always runs: ratios need it.
        (PEERS.iter())
            .filter(|peer| self.only.is_empty() || peer.name == FLOOR || self.only.iter().any(|name| name == peer.name))
    }

    /// Those installed that can apply such a load.
    pub(crate) fn able(&self, load: Load) -> Vec<&'static Peer> {
        let able = self
            .wanted()
            .filter(|peer| (peer.can)(load) && self.program(peer.program).is_some());
        able.collect()
    }

    /// Where a program is: beside this one, where the user said, or on the path.
    fn program(&self, name: &str) -> Option<PathBuf> {
        if let (Some(path), "diapason") = (&self.diapason, name) {
            return path.is_file().then(|| path.clone());
        }
        let beside = env::current_exe().ok()?.parent()?.join(name);
        let path = env::var_os("PATH")?;
        let mut places = std::iter::once(beside).chain(env::split_paths(&path).map(|folder| folder.join(name)));
        places.find(|place| place.is_file())
    }

    pub(crate) fn required(&self, name: &str) -> Result<PathBuf, Failure> {
        let found = self
            .program(name)
            .or_else(|| Some(Path::new("/usr/sbin").join(name)).filter(|path| path.is_file()));
        found.ok_or_else(|| format!("`{name}` is not installed").into())
    }

    /// A fresh folder for one turn of anybody.
    pub(crate) fn turn_folder(&self, name: &str) -> Result<PathBuf, Failure> {
        self.turns.set(self.turns.get() + 1);
        let folder = self.scratch.join(format!("{:03}-{name}", self.turns.get()));
        std::fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// Gives one generator one turn.
    pub(crate) fn turn(&self, peer: &Peer, load: Load, seconds: u32, address: &str) -> Result<Turn, Failure> {
        eprintln!("{} {load}, {seconds} s", peer.name);
        let folder = self.turn_folder(peer.name)?;
        let job = Job {
            load,
            seconds,
            address,
            folder: &folder,
            site: &self.folder,
            program: self.required((peer.pick)(load))?,
        };
        let command = (peer.command)(&job)?;
        let (used, output) = measure::run(&command, &folder, GENERATOR_CORE, seconds)?;
        Ok(Turn { used, folder, output })
    }
}

/// The order of one round: each round begins with somebody else, so that no one always follows the same.
pub(crate) fn in_turn<T>(peers: &[T], round: usize) -> impl Iterator<Item = (usize, &T)> {
    let count = peers.len().max(1);
    (0..peers.len()).map(move |index| {
        let index = (index + round) % count;
        (index, &peers[index])
    })
}
