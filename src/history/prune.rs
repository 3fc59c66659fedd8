//! Which old runs may go.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::Entry;
use crate::compare::BASELINES;
use crate::report::RunFolder;

/// A run that goes, and its folder where that goes with it.
#[derive(Debug, Clone)]
pub struct Pruning {
    /// The run.
    pub entry: Entry,
    /// Its folder, where it is still there, lies in the folder of runs and holds a run.
    pub folder: Option<PathBuf>,
}

/// Runs that began before `before`, oldest first; the newest `keep` of each scenario stay whatever their age. A folder goes
/// only if it lies directly in `out`, is no link, and holds a run; baselines never go.
pub fn prunable(entries: Vec<Entry>, before: Timestamp, keep: usize, out: &Path) -> Vec<Pruning> {
    let mut newer: HashMap<String, usize> = HashMap::new();
    let mut going: Vec<Pruning> = entries
        .into_iter()
        .rev()
        .filter(|entry| {
            let count = newer.entry(entry.scenario.clone()).or_default();
            *count += 1;
            *count > keep && entry.started < before
        })
        .map(|entry| Pruning {
            folder: folder(&entry, out),
            entry,
        })
        .collect();
    going.reverse();
    going
}

fn folder(entry: &Entry, out: &Path) -> Option<PathBuf> {
    // By its name alone: the path may be one of another machine, or of another working directory.
    let name = Path::new(entry.name()).file_name()?;
    let path = out.join(name);
    let own = name != BASELINES && !path.is_symlink() && RunFolder::open(&path).is_ok();
    own.then_some(path)
}
